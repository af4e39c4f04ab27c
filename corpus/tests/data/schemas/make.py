"""Writes down the catalogue that the program of some day made, as SQL: data for ``test_migrations``.

Run with the folder of a checkout of that day as the current one (``git worktree add``):

    PYTHONPATH=. python …/corpus/tests/data/schemas/make.py …/corpus/tests/data/schemas

Everything the program of that day could keep is kept; a schema that lands gets its file once and
keeps it for good.
"""

import sqlite3
import sys
import tempfile
from importlib import import_module
from pathlib import Path

NEWS = (
    "四月五日，云河市总工会在河滨公园举办职工风筝比赛，四十二家单位的一百三十名职工参加。比赛分为软翅、"
    "硬翅和自制三个组别，裁判由市风筝协会选派。环卫集团的秦晚晴用旧雨衣布缝成的燕子风筝飞得最高，"
    "拿了自制组第一名。她说，风筝骨架是父亲削的竹条，线轴是工友拿废电缆盘改的。市总工会宣教部介绍，"
    "明年的比赛将增加家庭组，报名从三月一日开始，各单位工会可以组队参加，午餐和饮水由主办方准备。"
)
#: What today's program is asked for. Sentences of our own; the place is invented.
DOCUMENTS = (
    {
        "title": "云河市职工浴室管理办法",
        "issuer": "云河市总工会",
        "number": "云工发〔2024〕18号",
        "kind": "办法",
        "published_on": "2024-03-11",
        "effective_on": "2024-04-01",
        "authors": ("许雁秋",),
        "text": "第一条 职工浴室每周开放五天，周一和周四检修。\n第二条 浴室的用水费由所在单位的工会经费列支。\n"
        "第三条 职工凭会员卡免费使用浴室，家属每次收费四元。",
        "labels": ["第一条", "第二条", "第三条"],
    },
    {
        "title": "云河市职工浴室管理办法（修订）",
        "issuer": "云河市总工会",
        "number": "云工发〔2025〕6号",
        "kind": "办法",
        "published_on": "2025-02-20",
        "supersedes": ("云河市职工浴室管理办法",),
        "text": "第一条 职工浴室每周开放六天，周一检修。\n第二条 浴室的用水费由所在单位的工会经费列支。",
        "labels": ["第一条", "第二条"],
    },
    {
        "title": "云河市总工会举办职工风筝比赛",
        "kind": "新闻",
        "published_on": "2025-04-06",
        "text": NEWS,
    },
    {
        "title": "河滨公园里风筝飞",
        "kind": "新闻",
        "label": "转载",
        "published_on": "2025-04-08",
        "text": NEWS,
    },
)
#: A source that was deleted for good before the catalogue was written down.
DELETED = {"title": "作废的通知", "text": "这一份在记下来以前已经彻底删除。"}
FAILURE = {"origin": "/文件夹/坏.pdf", "name": "坏.pdf", "sha256": "ab" * 32, "program": "p1"}


def main(folder: Path) -> None:
    testing, store_module = import_module("corpus.testing"), import_module("corpus.store")
    with tempfile.TemporaryDirectory() as directory:
        encoder = testing.HashingEncoder(16)
        with store_module.Store.open(Path(directory) / "store", encoder=encoder) as store:
            _fill(store, testing.make_document)
        with sqlite3.connect(Path(directory) / "store" / "catalogue.sqlite") as catalogue:
            version = catalogue.execute("PRAGMA user_version").fetchone()[0]
            dump = [*catalogue.iterdump(), f"PRAGMA user_version={version};"]
    (folder / f"schema-{version:02}.sql").write_text("\n".join(dump) + "\n", encoding="utf-8")


def _fill(store, make_document) -> None:
    with store.writing() as writer:
        for number, fields in enumerate((*DOCUMENTS, DELETED), 1):
            writer.put(*make_document(str(number), articles=[dict(fields)]))
        writer.remove(str(len(DOCUMENTS) + 1))
        if hasattr(writer, "failed"):
            writer.failed(**FAILURE, message="文件打不开。请检查它是否完整。")
    for rating in ("up", "down"):
        store.add_feedback(
            question="浴室几天开放？", answer="五天。", rating=rating, comment="已经改了", evidence=["1/1/1"]
        )
    store.log(who="命令行", action="测试", detail="记下这一天的资料库")
    if hasattr(store, "add_review"):
        _review(store)
    if hasattr(store, "asked"):
        _people_and_what_they_did(store, make_document)


def _review(store) -> None:
    types = import_module("corpus.types")
    number = store.add_review(
        reason="拒答", question="浴室有没有桑拿？", answer="没有依据。", outcome="依据不足"
    )
    fields = {
        "trainer": "培小训",
        "at": "2025-05-01T09:00:00+08:00",
        "verdict": "库里没有",
        "note": "确实没有",
    }
    store.label_review(number, types.ReviewLabel(**fields, article=""))


def _people_and_what_they_did(store, make_document) -> None:
    store.asked.add(question="浴室几天开放？", outcome="已回答", category="数量", seconds=0.03, sources=["1"])
    if hasattr(store, "people"):
        store.people.add("管小理", ["admin"], "huaishu shidengzi 7", who="命令行")
        with store.writing(who="管小理") as writer:
            writer.put(*make_document("5", articles=["第一版的通知，只有一句话。"]))
            writer.put(*make_document("5", articles=["第二版的通知，改了一句话。"]))
            writer.put(*make_document("6", articles=["后来撤下的通知，还留在档案里。"]))
            writer.withdraw("6", note="过期")
        store.links.confirm("替代", newer="2/1", older="1/1", who="管小理")
    if hasattr(store, "keys"):
        store.keys.add("云河市机关小程序", ["cadre"], who="管小理")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
