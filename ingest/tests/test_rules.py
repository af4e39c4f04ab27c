"""Rules and boxes drawn on a page part what stands on both sides of them."""

import pytest

from corpus.types import Box
from ingest.page.rules import Rules
from ingest.page.stories import articles
from ingest.readers import read
from ingest.tests import newspaper
from ingest.tests.printing import written
from ingest.tests.test_stories import SIZE, column, line, named

LEFT, RIGHT, BELOW = Box(1, 50, 100, 150, 300), Box(1, 170, 100, 270, 300), Box(1, 50, 340, 150, 500)


@pytest.mark.parametrize(
    ("rule", "one", "other", "parted"),
    [
        (Box(1, 160, 90, 161, 310), LEFT, RIGHT, True),
        (Box(1, 160, 90, 161, 150), LEFT, RIGHT, False),  # along less than half of them
        (Box(1, 40, 90, 41, 310), LEFT, RIGHT, False),
        (Box(1, 40, 320, 280, 321), LEFT, BELOW, True),
        (Box(1, 40, 320, 280, 321), LEFT, RIGHT, False),
        (Box(1, 162, 90, 280, 310), LEFT, RIGHT, True),  # a box around the right one
        (Box(1, 40, 90, 280, 310), LEFT, RIGHT, False),  # around both
        (Box(1, 40, 90, 280, 310), LEFT, BELOW, True),
    ],
)
def test_a_rule_parts_what_it_stands_between(rule, one, other, parted):
    assert (Rules([rule]).between(one, other), Rules([rule]).between(other, one)) == (parted, parted)


def test_a_drawings_many_lines_part_nothing():
    rule = Box(1, 160, 90, 161, 310)
    assert not Rules([rule] * 401).between(LEFT, RIGHT)


def _found(rules):
    title, a, b = line("灯会今晚开幕", 50, 60, size=20), column("甲", 50, 100), column("丙", 190, 100)
    c = column("丙", 330, 100)
    text = [[one.text.strip() for one in article] for article in articles([title, *a, *b, *c], SIZE, rules)]
    return text, title.text, named(a), named(b), named(c)


def test_columns_beyond_a_rule_are_another_article_and_rules_between_all_columns_part_nothing():
    one, other = Box(1, 180, 50, 181, 170), Box(1, 320, 50, 321, 170)
    text, title, a, b, c = _found([other])
    assert text == [[title, *a, *b], c]
    text, title, a, b, c = _found([one, other])
    assert text == [[title, *a, *b, *c]]


def test_the_rules_of_a_pdf_come_with_its_page():
    page = newspaper.sheet("boxed", "order", 8)
    drawn = read(written(page), "版面.pdf").pages[0].rules
    assert len(drawn) == len(page.frames) == 2
    for box, frame in zip(drawn, page.frames, strict=True):
        assert box[1:] == pytest.approx(tuple(frame), abs=1.5)  # the line has a thickness
