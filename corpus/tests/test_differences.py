"""Differences between two versions: each clause with what became of it, whatever number it bears now."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.types import Article
from corpus.versions.differences import apply, compare, pieces, revisions, summary, units

OLD = """云河市灯会管理办法

第一章　总则
第一条　为了办好云河市的灯会，制定本办法。
第二条　市文化馆负责灯会的筹备，每年十月前提出方案。
第三条　灯会期间每日开放到晚上九点。
第四条　摊位按先来后到安排，每户不超过两个。
第二章　安全
第五条　灯船须配救生衣五件。
第六条　志愿者在码头值守，每班四人。
（一）早班从八点开始；
（二）晚班从十六点开始。
第七条　违反第五条的，由市文化馆责令改正。
"""
NEW = """云河市灯会管理办法

第一章　总则
第一条　为了办好云河市的灯会，制定本办法。
第二条　市文化馆负责灯会的筹备，每年九月前提出方案，并向社会公布。
第三条　灯会设总指挥一名，由馆长担任。
第四条　灯会期间每日开放到晚上九点。
第二章　安全
第五条　灯船须配救生衣八件。
第六条　违反第五条的，由市文化馆责令改正。
第七条　志愿者在码头值守，每班四人。
（一）早班从八点开始；
（二）晚班从十六点开始。
"""


def told(old: str, new: str) -> list[tuple[str, str, str]]:
    """What happened to each unit that did not stay as it was: words, old label, new label."""
    return [
        (d.words, d.old.label if d.old else "", d.new.label if d.new else "")
        for d in compare(old, new)
        if d.kind != "未变" or d.renumbered or d.moved
    ]


def test_a_clause_is_followed_through_renumbering():
    assert told(OLD, NEW) == [
        ("修改", "第二条", "第二条"),
        ("新增", "", "第三条"),
        ("条号由第三条改为第四条", "第三条", "第四条"),
        ("删除", "第四条", ""),
        ("修改", "第五条", "第五条"),
        ("条号由第七条改为第六条", "第七条", "第六条"),
        ("位置移动，条号由第六条改为第七条", "第六条", "第七条"),
    ]
    assert summary(compare(OLD, NEW)) == "修改 2 处，新增 1 处，删除 1 处，条号调整 3 处，位置移动 1 处"


def test_the_characters_that_changed_are_marked_and_numbers_change_as_a_whole():
    second = next(d for d in compare(OLD, NEW) if d.old and d.old.label == "第二条")
    assert [(p.kind, p.text) for p in second.pieces] == [
        ("同", "第二条"),
        ("同", "　市文化馆负责灯会的筹备，每年"),
        ("删", "十"),
        ("增", "九"),
        ("同", "月前提出方案"),
        ("增", "，并向社会公布"),
        ("同", "。\n"),
    ]
    assert [tuple(p) for p in pieces("补助1200元。", "补助1500元。")] == [
        ("同", "补助"),
        ("删", "1200"),
        ("增", "1500"),
        ("同", "元。"),
    ]
    seventh = next(d for d in compare(OLD, NEW) if d.old and d.old.label == "第六条")
    assert [tuple(p) for p in seventh.pieces[:2]] == [("删", "第六条"), ("增", "第七条")]


def test_the_same_text_has_no_differences_however_it_is_set():
    assert told(OLD, OLD) == []
    assert told(OLD, OLD.replace("　", " ").replace("\n\n", "\n")) == []
    assert summary(compare(OLD, OLD)) == "内容没有变化"


def test_a_clause_written_anew_under_its_number_is_changed_and_another_one_is_not():
    old = "第一条　灯会每年举办一次，为期三天。\n第二条　门票二十元。\n"
    anew = "第一条　灯会每年秋天举办，为期不少于一周，可视天气延长。\n第二条　门票二十元。\n"
    other = "第一条　停车场由物业看管。\n第二条　门票二十元。\n"
    assert told(old, anew) == [("修改", "第一条", "第一条")]
    assert told(old, other) == [("删除", "第一条", ""), ("新增", "", "第一条")]


def test_paragraphs_without_numbers_are_aligned_as_well():
    old = "关于办好灯会的通知\n各镇总工会：\n灯会定于十月一日开幕。\n请组织职工参加。\n"
    new = "关于办好灯会的通知\n各镇总工会：\n灯会定于十月三日开幕。\n门票由市总工会统一发放。\n请组织职工参加。\n"
    assert told(old, new) == [("修改", "", ""), ("新增", "", "")]


def test_a_reference_at_the_start_of_a_line_begins_no_clause():
    text = "第一条　灯会由市里举办。\n第三条规定的经费由镇里承担。\n第二条　门票二十元。\n"
    assert [u.label for u in units(text)] == ["第一条", "第二条"]
    assert [u.label for u in units("第一条灯会由市里举办。\n第二条门票二十元。\n")] == ["第一条", "第二条"]
    assert [u.label for u in units("第一章 总则\n第一条 灯会由市里举办。\n第二章 附则\n")] == [
        "第一章",
        "第一条",
        "第二章",
    ]


def test_differences_of_another_text_are_refused():
    with pytest.raises(ValueError, match="something else"):
        apply("别的文字。", compare(OLD, NEW))


def test_a_long_text_is_compared_in_reasonable_time():
    old = "".join(f"第{n}条　第{n}组负责第{n * 7}号灯，每{n % 9 + 1}天检查一次。\n" for n in range(1, 301))
    new = old.replace("检查一次", "检查两次").replace(
        "第200条", "第200条　新加的一条，与别条都不同。\n第200条之一"
    )
    assert summary(compare(old, new)) == "修改 300 处，新增 1 处"


CLAUSES = st.lists(
    st.sampled_from(
        [
            "灯会每年举办一次。",
            "摊位每户两个。",
            "灯船须配救生衣五件，缺一不可。",
            "志愿者四人一班。",
            "",
            "门票二十元",
        ]
    ),
    max_size=8,
)


def numbered(clauses: list[str]) -> str:
    return "".join(f"第{n}条　{text}\n" for n, text in enumerate(clauses, 1))


@settings(max_examples=60, deadline=None)
@given(old=CLAUSES, new=CLAUSES, loose=st.text("第一二条章　 \n。灯会1", max_size=40))
def test_applied_to_the_old_text_the_differences_make_the_new_one(old, new, loose):
    for one, other in [(numbered(old), numbered(new)), (numbered(old), loose), (loose, numbered(new))]:
        found = compare(one, other)
        assert apply(one, found) == other
        # Each unit of both texts stands in one difference.
        assert sorted(d.old.start for d in found if d.old) == [u.start for u in units(one)]
        assert [d.new for d in found if d.new] == units(other)


@settings(max_examples=60, deadline=None)
@given(old=st.text(max_size=60), new=st.text(max_size=60))
def test_pieces_make_both_texts(old, new):
    found = pieces(old, new)
    assert "".join(p.text for p in found if p.kind != "增") == old
    assert "".join(p.text for p in found if p.kind != "删") == new


def test_articles_are_paired_by_title_or_place_and_their_data_compared():
    def article(ordinal: int, title: str, text: str, **known: str) -> Article:
        return Article(id=f"1/{ordinal}", source_id="1", ordinal=ordinal, title=title, text=text, **known)

    old = [article(1, "灯会办法", "甲。", number="云文〔2030〕1号"), article(2, "灯船办法", "乙。")]
    new = [
        article(1, "前言", "丙。"),
        article(2, "灯会办法", "甲。", number="云文〔2031〕4号"),
        article(3, "灯船须知", "乙。"),
    ]
    found = revisions(old, new)
    assert [(r.old.id if r.old else "", r.new.id if r.new else "", r.title) for r in found] == [
        ("", "1/1", "前言"),
        ("1/1", "1/2", "灯会办法"),
        ("", "1/3", "灯船须知"),
        ("1/2", "", "灯船办法"),
    ]
    assert found[1].fields == (("文号", "云文〔2030〕1号", "云文〔2031〕4号"),)
    renamed = revisions(old[1:], new[2:])
    assert [(r.old.id, r.new.id, r.fields) for r in renamed] == [
        ("1/2", "1/3", (("标题", "灯船办法", "灯船须知"),))
    ]
