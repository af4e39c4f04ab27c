"""Every repair with what it mends and, beside it, what it must leave alone (``data/repairs.json``)."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Box
from ingest.lines import Line
from ingest.repair import repair
from ingest.repairs.characters import clean_characters, narrow_numbers, whole_characters
from ingest.repairs.running_heads import lift_running_heads
from ingest.tests.pages import MANNERS, lines_of

CASES = json.loads((Path(__file__).parent / "data" / "repairs.json").read_text("utf-8"))


@pytest.mark.parametrize(("told", "before", "after"), CASES, ids=[case[0] for case in CASES])
def test_a_line_is_mended_or_left_alone(told, before, after):
    assert [line.text for line in repair(lines_of("\n".join(before))).lines] == after


def test_a_loop_is_reported_to_whoever_added_the_file():
    said = "图书角的书从哪里来？工会出一点，企业出一点，职工捐一点，三家凑成一个大书架。"
    repaired = repair(lines_of(f"{said}\n\n{said}"))
    assert repaired.warnings == (
        "文件中有1处文字重复出现（疑为识别错误），只保留了一处：“图书角的书从哪里来？工会…”，请对照原件核实。",
    )
    assert next(c for c in repaired.changes if c.repair == "重复段落").before == said


def test_a_joined_paragraph_remembers_its_lines_and_pages():
    lines = [
        Line(text="云河市总工会把图书角建到车", page=1),
        Line(text="间门口，工人换班时随手就能", page=1),
        Line(text="借走一本书，看完了再放回任", page=1),
        Line(text="意一个图书角就行。", page=2, blank_before=True),
    ]
    (paragraph,) = repair(lines).lines
    assert paragraph.pages == (1, 2)
    assert [part.text for part in paragraph.parts] == [line.text for line in lines]


def test_whole_lines_of_a_format_are_never_joined():
    rows = [
        "提供图书借阅、设备维修、心理疏导、法律咨询和技能培训等五类服务",
        "开放时间由各站点自行确定并在门口公示",
    ]
    lines = [Line(text=row, whole=True) for row in rows]
    assert [line.text for line in repair(lines).lines] == rows


_HEAD = [
    "街道要把灯会办好，让居民都能",
    "灯会工作手册",
    "看到花灯，不出一点差错。",
    "社区要安排人手，每天晚上去",
    "灯会工作手册",
    "巡查一遍，发现问题就报。",
]


@pytest.mark.parametrize(("pages", "heads"), [((1, 2, 2, 2, 3, 3), 2), ((1, 1, 1, 1, 1, 1), 0)])
def test_a_running_head_stands_only_where_a_page_is_turned(pages, heads):
    lines = [
        Line(text=text, page=page, box=Box(page, 50, 20.0 * at, 200, 20.0 * at + 10))
        for at, (text, page) in enumerate(zip(_HEAD, pages, strict=True))
    ]
    mended, changes = lift_running_heads(lines)
    whole = [_HEAD[0] + _HEAD[2], _HEAD[3] + _HEAD[5]]
    assert [line.text for line in mended] == (whole if heads else _HEAD)
    assert [change.before for change in changes] == ["灯会工作手册"] * heads


def test_a_text_that_is_printed_twice_has_no_running_heads():
    lines = [Line(text=text) for text in _HEAD[:3] * 2]
    assert lift_running_heads(lines) == (lines, [])


@pytest.mark.parametrize("placed", [True, False])
def test_what_has_a_place_of_its_own_on_a_page_is_no_loop(placed):
    cell = "灯会的费用由街道承担，不得以任何名义向社区居民收取。"
    lines = [
        Line(text=cell, blank_before=True, box=Box(1, 50, y, 300, y + 10) if placed else None)
        for y in (100, 200)
    ]
    assert [line.text for line in repair(lines).lines] == [cell] * (2 if placed else 1)


@pytest.mark.parametrize("manner", MANNERS)
def test_no_character_is_lost_that_no_change_accounts_for(manner):
    def chinese(text: str) -> Counter[str]:
        return Counter(re.findall(r"[\u3400-\u9fff]", text))

    for seed in range(12):
        lines = lines_of(MANNERS[manner](seed)[0])
        repaired = repair(lines)
        gone = sum((chinese(c.before) - chinese(c.after) for c in repaired.changes), Counter())
        before = chinese("".join(line.text for line in lines))
        assert before == chinese("".join(line.text for line in repaired.lines)) + gone


BROKEN = [
    "今年的灯会在云河两岸的广场上同时举行，来看灯的",
    "居民从早到晚都没有断过，街道为此加开了两条公交线。",
]


@pytest.mark.parametrize(
    ("sizes", "count"),
    [((20.0, 10.0), 2), ((10.0, 13.5), 2), ((10.0, 11.5), 1), ((0.0, 10.0), 1), ((10.0, 10.0), 1)],
)
def test_lines_of_clearly_different_size_are_never_one_paragraph(sizes, count):
    lines = [Line(text=text, size=size) for text, size in zip(BROKEN, sizes, strict=True)]
    assert len(repair(lines).lines) == count


@pytest.mark.parametrize(("sizes", "titles"), [((20.0, 20.0), 1), ((20.0, 10.0), 2), ((0.0, 0.0), 1)])
def test_a_headline_takes_in_a_line_of_its_own_size_only(sizes, titles):
    texts = ("办好一场热闹灯会", "温暖两岸千家万户")
    lines = [Line(text=text, size=size) for text, size in zip(texts, sizes, strict=True)]
    body = Line(
        text="街道今年重新订立了灯会的收费办法，居民都说好，明年还要继续办下去。",
        blank_before=True,
        size=10.0,
    )
    assert len(repair([*lines, body]).lines) == titles + 1


_WILD = st.text(
    alphabet="工会⼯⺠天人往第一条0１９，。、“”《》（） 　\t\n—…页期2ﬁ\ufeff", min_size=0, max_size=120
)


@given(_WILD)
def test_wild_text_is_mended_and_said_what_was_changed(text):
    lines = [Line(text=line) for line in text.split("\n")]
    repaired = repair(lines)
    kept = Counter(whole_characters("".join(line.text for line in repaired.lines)))
    before = Counter(whole_characters(text))
    accounted = sum((Counter(whole_characters(c.before)) for c in repaired.changes), Counter())
    lost = {c: n for c, n in (before - kept - accounted).items() if re.match(r"[\u3400-\u9fff]", c)}
    assert lost == {}


@given(_WILD)
def test_mending_within_a_line_twice_changes_nothing_more(text):
    for mend in (whole_characters, narrow_numbers, clean_characters):
        once = mend(text)
        assert mend(once) == once
