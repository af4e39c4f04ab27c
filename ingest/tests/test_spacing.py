"""Paragraphs by how a document is set: white between them, indents, and documents that show neither."""

from dataclasses import replace

from corpus.types import Box
from ingest.lines import Line
from ingest.repair import repair
from ingest.repairs.spacing import goes_on

FULL, SHORT = 400.0, 200.0


def lines_of(paragraphs, *, gap=0.0, indent=False, page_length=2000.0):
    """Lines of 10-point type, 16 points apart; ``gap`` more between paragraphs. A paragraph: its lines' right edges."""
    lines, y, page = [], 40.0, 1
    for number, edges in enumerate(paragraphs):
        for at, x1 in enumerate(edges):
            if y > page_length:
                y, page = 40.0, page + 1
            opening = "\u3000\u3000" if indent and at == 0 else ""
            text = f"{opening}灯会第{number}段第{at}行由街道主办，各社区的工会协助办理一切事务。"
            lines.append(Line(text=text, page=page, box=Box(page, 50, y, x1, y + 10), size=10))
            y += 16
        y += gap
    return lines


PARAGRAPHS = [
    (FULL, FULL, SHORT),
    (FULL, SHORT),
    (SHORT,),
    (FULL, FULL),
    (FULL, SHORT),
    (SHORT,),
    (FULL, SHORT),
    (SHORT,),
]
INSIDE = [True, True, None, True, None, None, True, False, True, None, None, True, None, None]


def test_white_between_paragraphs_tells_where_a_full_line_goes_on():
    assert goes_on(lines_of(PARAGRAPHS, gap=10)) == INSIDE


def test_indents_tell_it_as_well():
    assert goes_on(lines_of(PARAGRAPHS, indent=True)) == INSIDE


def test_a_document_that_shows_no_custom_is_left_to_its_words():
    assert set(goes_on(lines_of(PARAGRAPHS))) == {None}
    assert set(goes_on([Line(text="没有位置的一行。")] * 20)) == {None}
    assert goes_on([]) == []


def test_two_columns_tell_nothing():
    left = lines_of(PARAGRAPHS, gap=10)
    right = [
        Line(text=line.text, box=line.box._replace(x0=450, x1=line.box.x1 + 400), size=10) for line in left
    ]
    rows = [line for pair in zip(left, right, strict=True) for line in pair]
    assert set(goes_on(rows)) == {None}


def test_over_a_page_s_end_only_indents_tell():
    def told_over_the_page(**manner):
        lines = lines_of(PARAGRAPHS * 2, page_length=250.0, **manner)
        told = goes_on(lines)
        return {
            told[at]
            for at in range(len(lines) - 1)
            if lines[at].page != lines[at + 1].page and lines[at].box.x1 == FULL
        }

    assert None not in told_over_the_page(indent=True)
    assert told_over_the_page(gap=10) <= {None}


def test_a_sentence_that_ends_at_the_margin_does_not_end_its_paragraph():
    texts = [line.text for line in repair(lines_of(PARAGRAPHS, gap=10)).lines]
    assert [text.count("行由") for text in texts] == [len(edges) for edges in PARAGRAPHS]


def over_the_page(above, below):
    """What is told of a full line that ends a page, and the paragraphs that come of it."""
    lines = lines_of(PARAGRAPHS * 2, page_length=250.0, gap=10)
    at = next(
        at for at, line in enumerate(lines[:-1]) if line.page != lines[at + 1].page and line.box.x1 == FULL
    )
    lines[at], lines[at + 1] = replace(lines[at], text=above), replace(lines[at + 1], text=below)
    joined = [line.text for line in repair(lines).lines]
    return goes_on(lines)[at], any(above in text and below in text for text in joined)


AMID = "运输迟延的，应当及时告知旅客，并根据旅客的要求安排改乘其他班次或者退票；"


def test_a_semicolon_at_the_margin_ends_no_paragraph_where_the_page_ends():
    rest = "由此造成旅客损失的，应当承担赔偿责任，但是另有约定的除外。"
    assert over_the_page(AMID, rest) == (True, True)
    assert over_the_page(AMID, "（二）由此造成旅客损失的，应当承担赔偿责任。") == (True, False)
    assert over_the_page(AMID.replace("；", "。"), rest)[0] is None
