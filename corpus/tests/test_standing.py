"""Old and new versions, repeals and decisions: what a store says of each, whatever came first."""

from itertools import permutations

import pytest

from corpus.testing import make_store
from corpus.versions.standing import Register, changes, stem

LAW = {"kind": "法规", "region": "云河市"}
#: Two amendments of one law: both keep the day on which its first version took effect.
OLD = {
    **LAW,
    "title": "云河市灯会条例",
    "published_on": "2014-08-31",
    "effective_on": "2002-11-01",
    "text": "旧",
}
NEW = {
    **LAW,
    "title": "云河市灯会条例",
    "published_on": "2021-06-10",
    "effective_on": "2002-11-01",
    "text": "新",
}
RULES = {**LAW, "title": "云河市实施《灯会法》办法", "effective_on": "1995-03-08", "text": "办法"}
REPEALING = {
    **LAW,
    "title": "云河市河灯条例",
    "published_on": "2024-09-27",
    "effective_on": "2023-01-01",
    "supersedes": ("云河市实施〈灯会法〉办法",),
    "text": "河灯",
}
DECISION = {
    **LAW,
    "title": "云河市关于修改《云河市灯船条例》等三件地方性法规的决定",
    "kind": "通知",
    "published_on": "2020-12-23",
    "effective_on": "2021-01-01",
    "text": "决定如下：\n一、修改《云河市灯船条例》\n1.删去第二条。\n二、对《云河市灯塔条例》作出修改\n三、废止《云河市灯市条例》",
}
BOATS = {**LAW, "title": "云河市灯船条例", "published_on": "2020-12-29", "text": "灯船"}  # holds the decision
TOWERS = {**LAW, "title": "云河市灯塔条例", "published_on": "2010-01-01", "text": "灯塔"}
MARKET = {**LAW, "title": "云河市灯市条例", "published_on": "2010-01-01", "text": "灯市"}
NEIGHBOUR = {**OLD, "region": "临河县", "text": "邻县"}
ALONE = {**LAW, "title": "云河市灯谜条例", "published_on": "2010-01-01", "text": "灯谜"}
REPRINT = {**NEW, "text": "新 "}

STANDINGS = [
    ((OLD, NEW), ("已修改", "现行")),
    ((OLD, NEW, REPRINT), ("已修改", "现行", "现行")),
    ((RULES, REPEALING), ("已废止", "现行")),
    ((DECISION, BOATS), ("未知", "现行")),
    ((DECISION, TOWERS, MARKET), ("现行", "已修改", "已废止")),
    ((OLD, ALONE, NEIGHBOUR), ("未知", "未知", "未知")),
    (({**NEW, "kind": "新闻"}, {**OLD, "kind": "新闻"}), ("未知", "未知")),
]


@pytest.mark.parametrize(("documents", "statuses"), STANDINGS)
def test_versions_repeals_and_decisions_are_told_whatever_came_first(tmp_path, documents, statuses):
    for turn, order in enumerate(permutations(range(len(documents)))):
        with make_store(tmp_path / str(turn), [documents[i] for i in order]) as store:
            register = Register(store)
            told = [register.listed(a, "2026-01-01").status for a in store.articles()]
        assert told == [statuses[i] for i in order]


def test_before_the_new_version_the_old_one_holds(tmp_path):
    with make_store(tmp_path, [OLD, NEW]) as store:
        register = Register(store)
        old = store.articles()[0]
        assert register.of(old, "2021-06-09").holds
        assert register.listed(old, "2021-06-09").status == "现行"
        assert not register.of(old, "2021-06-10").holds
        assert (
            register.note(old, "2022-01-01")
            == "《云河市灯会条例》的这个版本已被修改，请以修改后的《云河市灯会条例》（2021-06-10）为准。"
        )


@pytest.mark.parametrize(
    ("title", "text", "named"),
    [
        ("关于修改《灯会条例》的决定", "一、修改《灯船条例》", [("修改", "灯会条例")]),
        ("关于废止《灯会条例》的决定", "", [("废止", "灯会条例")]),
        ("关于修改部分法规的决定", "（一）将《灯会条例》第三条修改为：", [("修改", "灯会条例")]),
        ("关于修改和废止部分法规的决定", "1. 对《灯会条例》予以废止", [("废止", "灯会条例")]),
        ("关于修改部分法规的决定", "根据《立法条例》，决定如下：", []),
        ("关于举办部分灯会的决定", "一、修改《灯会条例》", []),
        ("部分法规修改的体会", "一、修改《灯会条例》", []),
    ],
)
def test_a_decision_names_what_it_changes_and_nothing_else_does(title, text, named):
    assert changes(title, text) == named


def test_versions_share_a_stem():
    assert stem("中华人民共和国灯会法（2021修正）") == stem("灯会法")
