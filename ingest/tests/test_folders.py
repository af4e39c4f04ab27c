"""A folder as offices keep them goes through ``python -m ingest`` as users call it."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from corpus.store import Store
from ingest.tests.samples import all_kinds
from ingest.tests.test_readers import BROKEN

ROOT = Path(__file__).parents[2]
TEA = """云河市总工会开展“凉茶进工地”活动
云河市总工会昨天在滨江广场启动“凉茶进工地”活动，为户外劳动者送去清凉。
活动将走进全市四十二处工地，每周二、周四上午为一线职工煮茶、量血压，并请医生讲解怎样预防中暑。
负责人介绍，去年夏天同样的活动走进三十处工地，很受工友欢迎，今年又增加了快递驿站和公交场站。
"""
#: Printed again by another paper: another source line, without the last paragraph.
AGAIN = "来源：云河晚报\n" + TEA.rpartition("负责人")[0]
HEALTH = """关于做好{year}年职工体检工作的通知
各基层工会：
为保障职工健康，现将{year}年职工体检工作的有关事项通知如下。
一、体检安排在五月至九月，由各单位分批组织，职工凭工会会员卡到定点医院参加。
二、所需经费由单位行政承担，工会给予补助，体检期间工资照发。
三、体检结果由医院直接告知职工本人，单位不得公开。
云河市总工会
{year}年4月8日
"""
#: What recognition left of a page: no words, and a loop.
GARBLED = "滨尾骈鲅峁\n" + "罴蝥薏鹁赜钚莶觥氍贶鳙" * 12 + "\n" + "的" * 120 + "\n"


#: File → articles and passages of all that can be read.
READ = {
    "各种格式/办法.docx": (1, 2),
    "各种格式/办法.html": (1, 2),
    "各种格式/办法.md": (1, 2),
    "各种格式/办法.pdf": (1, 4),
    "各种格式/办法.txt": (1, 2),
    "各种格式/安排.pptx": (1, 3),
    "各种格式/标准.csv": (1, 1),
    "各种格式/标准.xlsx": (1, 2),
    "各种格式/资料.zip/内.zip/夹/办法.docx": (1, 2),
    "各种格式/资料.zip/内.zip/通知.txt": (1, 2),
    "各种格式/资料.zip/夹/办法.docx": (1, 2),
    "各种格式/资料.zip/通知.txt": (1, 2),
    "各种格式/通知.eml": (1, 3),
    "各种格式/通知.eml/办法.docx": (1, 2),
    "差的.txt": (1, 1),
    "报道/工会网.txt": (1, 1),
    "报道/打包.zip/网站.html": (1, 1),
    "报道/晚报.md": (1, 1),
    "通知/体检2023.txt": (1, 1),
    "通知/体检2024.txt": (1, 1),
}


def ingest(folder, store):
    done = subprocess.run(
        [sys.executable, "-m", "ingest", str(folder), "--store", str(store), "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Good files of each format, damaged ones, an archive, reprints, a version, and a poor text."""
    made = tmp_path_factory.mktemp("单位") / "资料"
    for name, data in all_kinds().items():
        write(made / "各种格式" / name, data)
    for name, data, _ in BROKEN:
        write(made / "坏的" / f"{name}.bin", data)
    write(made / "报道" / "工会网.txt", TEA.encode())
    write(made / "报道" / "晚报.md", AGAIN.encode("utf-16"))
    for year in (2023, 2024):
        write(made / "通知" / f"体检{year}.txt", HEALTH.format(year=year).encode("gb18030"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("网站.html", "".join(f"<p>{line}</p>" for line in TEA.splitlines()))
        archive.writestr("../外面.txt", TEA)
    write(made / "报道" / "打包.zip", packed.getvalue())
    write(made / "差的.txt", GARBLED.encode())
    return made


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    """The exit status, the report and the store of one run over all of it."""
    store = tmp_path_factory.mktemp("库") / "S"
    code, report = ingest(folder, store)
    return code, report, store


def test_every_file_of_a_mixed_folder_has_its_outcome(run):
    code, report, _ = run
    outcomes = {f["file"]: (f["state"], f["articles"], f["passages"]) for f in report["files"]}
    bad = {f"坏的/{name}.bin": ("failed", 0, 0) for name, _, _ in BROKEN}
    good = {name: ("new", *held) for name, held in READ.items()}
    assert outcomes == {**good, **bad, "报道/打包.zip/../外面.txt": ("failed", 0, 0)}
    counts = {key: report[key] for key in ("new", "changed", "unchanged", "failed", "articles", "passages")}
    assert (code, counts) == (
        1,
        {
            "new": len(good),
            "changed": 0,
            "unchanged": 0,
            "failed": len(bad) + 1,
            "articles": sum(articles for _, articles, _ in good.values()),
            "passages": sum(passages for _, _, passages in good.values()),
        },
    )


def test_each_failure_says_why_in_a_sentence_and_is_kept(run):
    _, report, store = run
    told = {f["file"]: f["message"] for f in report["files"] if f["state"] == "failed"}
    for name, _, message in BROKEN:
        assert told[f"坏的/{name}.bin"].startswith(message)
    assert told["报道/打包.zip/../外面.txt"].startswith(
        "文件名指向压缩包之外的位置（可能是攻击），没有读取。"
    )
    with Store.open(store) as opened:
        assert {f.name for f in opened.failures()} == {f"坏的/{name}.bin" for name, _, _ in BROKEN}
        assert opened.verify() == []


def test_reprints_across_formats_are_linked_and_the_year_tells_two_notices_apart(run):
    _, _, store = run
    with Store.open(store) as opened:
        names = {s.id: s.name for s in opened.sources()}
        place = {names[a.source_id]: a.id for a in opened.articles()}
        linked = opened.reprints(list(place.values()))
        of = {names[one.split("/")[0]]: {names[a.source_id] for a in all_} for one, all_ in linked.items()}
    printed = {"报道/工会网.txt", "报道/晚报.md", "报道/打包.zip/网站.html"}
    assert {name: of[name] for name in printed} == dict.fromkeys(printed, printed)
    assert not {"通知/体检2023.txt", "通知/体检2024.txt"} & set(of)


def test_a_poor_text_is_flagged_with_its_reason_and_the_good_ones_are_not(run):
    _, _, store = run
    with Store.open(store) as opened:
        names = {s.id: s.name for s in opened.sources()}
        trust = {names[a.source_id]: (a.trust, a.quality_reason) for a in opened.articles()}
    word, reason = trust["差的.txt"]
    assert (word, reason) == ("差", "有连续重复的字；有整段重复的话")
    for name in ("报道/工会网.txt", "通知/体检2023.txt", "通知/体检2024.txt"):
        assert trust[name] == ("可信", "")


def test_the_same_folder_again_changes_nothing_and_tries_nothing_twice(folder, run):
    _, first, store = run
    code, report = ingest(folder, store)
    attached = 1  # a mail that is unchanged is not opened: what it holds is as it was
    assert (code, report["new"], report["changed"], report["unchanged"]) == (1, 0, 0, first["new"] - attached)
    tried = [
        f["message"].endswith("（这个文件先前已试过，没有再读。）")
        for f in report["files"]
        if "坏的" in f["file"]
    ]
    assert tried == [True] * len(BROKEN)


def test_a_folder_of_good_files_alone_ends_with_0(tmp_path):
    write(tmp_path / "好的" / "通知.txt", HEALTH.format(year=2023).encode())
    write(tmp_path / "好的" / "报道.txt", TEA.encode())
    code, report = ingest(tmp_path / "好的", tmp_path / "S")
    assert (code, report["new"], report["failed"]) == (0, 2, 0)
