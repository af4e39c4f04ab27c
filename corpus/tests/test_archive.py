"""Withdrawn and replaced sources: out of every search at once, kept, put back, deleted for good."""

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.__main__ import main
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document, make_store
from corpus.versions.history import history

ROOT = Path(__file__).parents[2]
FEES = {"title": "会费收缴办法", "text": "会费每季度收缴一次。\n逾期不缴的由小组长上门提醒。"}
TRIPS = {"title": "疗休养办法", "text": "疗休养每年安排两批。\n每批不超过四十人。"}


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, [FEES, TRIPS]) as opened:
        yield opened


def found(store: Store, text: str) -> list[str]:
    return sorted({id_ for id_, _ in [*store.search_lexical(text), *store.search_vector(text)]})


def audited(store: Store) -> list[tuple[str, ...]]:
    return [(line.who, line.action, line.detail) for line in reversed(store.trail.entries())]


def content(store: Store, source_id: str):
    articles = store.articles(source_id)
    return store.source(source_id), articles, [store.passages(a.id) for a in articles]


def test_what_is_withdrawn_answers_nothing_and_comes_back_as_it_was(store):
    before = content(store, "1")
    with store.writing(who="张三") as writer:
        assert writer.withdraw("1", note="数字有误") is True
        # Even before the indexes follow:
        assert found(store, "会费收缴") == ["2/1/1", "2/1/2"]
        assert store.hits([("1/1/1", 1.0, {})]) == []
        assert writer.withdraw("1") is False
    assert (store.source("1"), store.articles("1"), store.counts()) == (None, [], (1, 1, 2))
    (version,) = store.archive.withdrawn()
    assert (version.id, version.source, version.state) == ("v1", before[0], "撤下")
    assert (version.who, version.note, version.titles) == ("张三", "数字有误", ("会费收缴办法",))
    articles, passages = store.archive.content("1")
    assert (articles, [passages]) == before[1:]
    assert store.original("v1") == FEES["text"].encode()
    assert store.verify() == []

    with store.writing(who="李四") as writer:
        assert writer.restore("1") is True
        assert writer.restore("1") is False
    assert content(store, "1") == before
    assert found(store, "会费收缴") == ["1/1/1", "1/1/2", "2/1/1", "2/1/2"]
    assert store.archive.history("1") == []
    assert store.verify() == []
    assert audited(store)[2:] == [("张三", "撤下", "1 文件1.txt"), ("李四", "恢复", "1 文件1.txt")]


def test_nothing_of_what_is_deleted_for_good_is_left_whether_it_was_live_or_withdrawn(store, tmp_path):
    with store.writing(who="张三") as writer:
        writer.put(*make_document("1", articles=[{**FEES, "text": "会费改为每月收缴。"}]))
        writer.withdraw("2")
        originals = [store.original(id_) for id_ in ("1", "v1", "v2")]
        assert len(set(originals)) == 3
        assert writer.remove("1") is True
        assert writer.remove("2") is True
        assert writer.remove("2") is False
    assert store.counts() == (0, 0, 0)
    assert store.archive.withdrawn() == store.archive.history("1") == []
    assert store.verify() == []
    words = [word.encode() for word in ("每季度收缴", "每月收缴", "安排两批")]
    for file in (tmp_path / "store").rglob("*"):
        if file.is_file() and file.name != "words.txt":
            assert not any(w in file.read_bytes() for w in words), file
    assert audited(store)[-3:] == [
        ("张三", "撤下", "2 文件2.txt"),
        ("张三", "删除", "1 文件1.txt"),
        ("张三", "删除", "2 文件2.txt"),
    ]


def test_what_is_put_over_a_source_leaves_an_old_version_unless_the_articles_are_the_same(store):
    before = content(store, "1")
    source, articles, passages, original = make_document("1", articles=[FEES])
    with store.writing() as writer:
        writer.put(replace(source, received_at="2025-01-01T08:00:00+08:00"), articles, passages, original)
        assert store.archive.history("1") == []
        new = make_document("1", articles=[{**FEES, "text": "会费改为每月收缴。"}])
        writer.put(*new)
    (version,) = store.archive.history("1")
    assert (version.id, version.state, version.titles) == ("v1", "旧版", ("会费收缴办法",))
    assert [store.archive.content("v1")[0]] == [before[1]]
    assert store.original("v1") == original
    assert store.original("1") == new[3]
    assert store.archive.withdrawn() == []
    assert store.verify() == []


def test_an_old_version_takes_the_place_of_what_is_live_and_that_becomes_a_version(store):
    with store.writing() as writer:
        writer.put(*make_document("1", articles=[{**FEES, "text": "会费改为每月收缴。"}]))
        assert writer.restore("v1") is True
    assert store.articles("1")[0].text == FEES["text"]
    (version,) = store.archive.history("1")
    assert (version.id, store.archive.content("v2")[0][0].text) == ("v2", "会费改为每月收缴。")
    with store.writing(who="张三") as writer:
        assert writer.remove("v2") is True
        assert writer.remove("v2") is False
    assert store.archive.history("1") == []
    assert store.articles("1")[0].text == FEES["text"]
    assert audited(store)[-1] == ("张三", "删除旧版", "v2 文件1.txt")
    assert store.verify() == []


def test_a_withdrawn_file_is_known_and_comes_back_only_when_it_is_put(store):
    held = store.source("1")
    with store.writing() as writer:
        writer.withdraw("1")
        known = writer.known
        assert known(origin=held.origin, name=held.name, sha256=held.sha256) == ("1", "withdrawn")
        assert known(origin=held.origin, name=held.name, sha256="0" * 64) == ("1", "withdrawn")
        assert known(origin="/搬走了", name=held.name, sha256=held.sha256) == ("1", "withdrawn")
        assert known(origin="/别处", name="别的名字", sha256=held.sha256) == ("3", "new")
        writer.put(*make_document("1", articles=[{**FEES, "text": "会费改为每月收缴。"}]))
        assert known(origin=held.origin, name=held.name, sha256="0" * 64) == ("1", "changed")
    assert [(v.id, v.state) for v in store.archive.history("1")] == [("v1", "旧版")]
    assert store.archive.withdrawn() == []
    assert store.verify() == []


def test_what_is_done_together_is_done_wholly_or_not_at_all(store):
    with store.writing() as writer:
        with pytest.raises(RuntimeError), writer.together():
            assert writer.withdraw("1")
            assert writer.remove("2")
            raise RuntimeError
        assert [s.id for s in store.sources()] == ["1", "2"]
        assert store.original("2") == TRIPS["text"].encode()
        with writer.together():
            assert [id_ for id_ in ("1", "2", "9") if writer.withdraw(id_)] == ["1", "2"]
    assert store.sources() == []
    assert [v.source.id for v in store.archive.withdrawn()] == ["2", "1"]
    assert store.verify() == []


def test_a_source_that_cannot_be_put_leaves_no_version_of_what_it_should_have_replaced(store):
    source, articles, passages, original = make_document("1", articles=["一句话。", "另一句。"])
    with store.writing() as writer, writer.together():
        with pytest.raises(Exception, match="UNIQUE"):
            writer.put(source, articles, [*passages, passages[-1]], original)
        writer.withdraw("2")
    assert store.archive.history("1") == []
    assert [s.id for s in store.sources()] == ["1"]
    assert store.verify() == []


def test_versions_go_into_a_backup_and_come_back(store, tmp_path):
    with store.writing() as writer:
        writer.withdraw("1")
    store.backup(tmp_path / "备份.zip")
    Store.restore(tmp_path / "备份.zip", tmp_path / "anderswo")
    with Store.open(tmp_path / "anderswo", encoder=HashingEncoder()) as other:
        assert other.archive.withdrawn() == store.archive.withdrawn()
        with other.writing() as writer:
            assert writer.restore("1")
        assert found(other, "会费收缴")[:2] == ["1/1/1", "1/1/2"]
        assert other.verify() == []


def test_verify_tells_a_version_that_does_not_fit(store):
    with store.writing() as writer:
        writer.withdraw("1")
    with store._catalogue.transaction() as connection:
        connection.execute("UPDATE archive SET content = replace(content, ?, ?)", ('"逾期', '"预期'))
    assert store.verify() == ["存档 v1（来源 1）的段落与文章原文不符。"]


def test_another_process_finds_nothing_of_it_at_its_next_question(store):
    script = (
        "import sys; from pathlib import Path\n"
        "from corpus.store import Store; from corpus.testing import HashingEncoder\n"
        "with Store.open(Path(sys.argv[1]), encoder=HashingEncoder()) as s, s.writing() as w:\n"
        "    assert w.withdraw('1')\n"
        "    import os; os.kill(os.getpid(), 9)\n"
    )
    assert "1/1/1" in found(store, "会费收缴")
    subprocess.run([sys.executable, "-c", script, store.directory], check=False, cwd=ROOT)
    assert found(store, "会费收缴") == ["2/1/1", "2/1/2"]
    assert [v.source.id for v in store.archive.withdrawn()] == ["1"]
    assert store.verify() == []


def test_the_history_tells_what_was_when_by_whom_and_what_changed(store):
    with store.writing(who="张三") as writer:
        writer.put(
            *make_document(
                "1", articles=[{**FEES, "text": "会费每月收缴一次。\n逾期不缴的由小组长上门提醒。"}]
            )
        )
        writer.put(
            *make_document(
                "1", articles=[{**FEES, "text": "会费每月收缴一次。", "number": "云工〔2031〕2号"}]
            )
        )
    with store.writing(who="李四") as writer:
        writer.withdraw("1", note="有误")
    told = [(s.id, s.state, s.titles, s.who, s.note, s.changes) for s in history(store, "1")]
    assert told == [
        ("v3", "撤下", ("会费收缴办法",), "李四", "有误", "更正文号；删除 1 处"),
        ("v2", "旧版", ("会费收缴办法",), "张三", "", "修改 1 处"),
        ("v1", "旧版", ("会费收缴办法",), "张三", "", ""),
    ]
    assert [(s.id, s.state, s.changes) for s in history(store, "2")] == [("2", "现用", "")]
    assert history(store, "9") == []


def test_the_command_line_withdraws_restores_and_compares(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("corpus.vectors.load_encoder", lambda name: HashingEncoder())
    make_store(tmp_path, [FEES, {**FEES, "text": "会费每月收缴一次。\n逾期不缴的由小组长上门提醒。"}]).close()

    def run(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, "--store", str(tmp_path / "store")])
        return code, capsys.readouterr().out

    assert run("diff", "1", "2/1") == (
        0,
        "《会费收缴办法》 修改 1 处\n  【修改】\n    会费每〔-季度-〕〔+月+〕收缴一次。\n",
    )
    assert run("withdraw", "1", "9", "--note", "有误") == (1, "1：已撤下\n9：没有可以这样做的来源\n")
    code, told = run("history")
    assert (code, told.count("\n")) == (0, 1)
    assert told.startswith("v1（来源 1） 撤下 文件1.txt，2024-05-01T08:00 收到；")
    assert told.endswith("由命令行撤下；原因：有误\n")
    assert run("restore-source", "1", "--json") == (0, '{"restored": ["1"], "missing": []}\n')
    assert run("history") == (0, "没有已撤下的来源。\n")
    assert run("diff", "1", "9")[0] == 1


#: Withdraws, puts back, replaces and deletes until it is killed; each source keeps its own word.
CHILD = """
import sys
from pathlib import Path
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document

with Store.open(Path(sys.argv[1]), encoder=HashingEncoder()) as store:
    for turn in range(10_000):
        if turn == 3:
            print("begin", flush=True)
        with store.writing() as writer:
            for n in range(1, 9):
                text = f"第{turn}轮，来源第{n}号。\\n第二段。"
                step = (turn + n) % 4
                if step == 0:
                    writer.put(*make_document(str(n), articles=[text, text]))
                elif step == 1:
                    writer.withdraw(str(n))
                elif step == 2:
                    writer.restore(str(n))
                elif turn % 3 == 0:
                    writer.remove(str(n))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_killed_at_any_moment_a_source_is_live_or_withdrawn_or_gone_and_always_whole(tmp_path):
    moments = random.Random(20_311_121)
    directory = tmp_path / "store"
    seen = set()
    for kill in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, directory], stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        assert child.stdout.readline() == "begin\n"
        time.sleep(moments.uniform(0.3, 1.0))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        with Store.open(directory, encoder=HashingEncoder()) as store:
            assert store.verify() == [], f"kill {kill}"
            live = {s.id for s in store.sources()}
            withdrawn = {v.source.id for v in store.archive.withdrawn()}
            assert not live & withdrawn
            seen |= {*(("live", id_) for id_ in live), *(("withdrawn", id_) for id_ in withdrawn)}
            answered = found(store, "来源第") + found(store, "第二段")
            assert {id_.split("/")[0] for id_ in answered} == live
            for id_ in live:
                assert [len(store.passages(a.id)) for a in store.articles(id_)] == [2, 2]
            for version in store.archive.withdrawn():
                articles, passages = store.archive.content(version.id)
                assert (len(articles), len(passages)) == (2, 4)
                assert store.original(version.id)
    assert {kind for kind, _ in seen} == {"live", "withdrawn"}
