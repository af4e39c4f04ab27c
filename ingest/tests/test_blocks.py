"""What stands together on a page: runs, rows, gutters, upright type; blocks in reading order."""

import random

import pytest

from corpus.types import Box
from ingest.lines import Gap, Line
from ingest.page.blocks import (
    body_size,
    chains,
    cut_at_gutters,
    mend_rows,
    most_beside,
    stand_upright,
    stand_upright_large,
)
from ingest.page.columns import by_white_space


def line(text, x, y, *, size=10.0, gaps=()):
    return Line(text=text, page=1, box=Box(1, x, y, x + len(text) * size, y + size), size=size, gaps=gaps)


def column(name, x, *, top=100, count=6):
    return [line(f"{name}栏第{n}行说灯会的事", x, top + 14 * n) for n in range(count)]


def texts(runs):
    return [[found.text for found in run] for run in runs]


LEFT, RIGHT = column("左", 50), column("右", 200)


def test_lines_one_below_the_other_are_a_run_whatever_order_they_come_in():
    rows = [found for pair in zip(LEFT, RIGHT, strict=True) for found in pair]
    assert texts(chains(rows)) == texts([LEFT, RIGHT])


def test_a_run_ends_where_the_type_grows_or_white_is_left():
    title = line("灯会开幕了", 50, 60, size=24)
    after = column("下", 50, top=300)
    assert texts(chains([title, *LEFT, *after])) == texts([[title], LEFT, after])


def test_columns_beside_each_other_are_counted_where_they_share_height():
    assert most_beside([Box(1, 0, 0, 90, 300), Box(1, 100, 0, 190, 300), Box(1, 200, 100, 290, 400)]) == 3
    assert most_beside([Box(1, 0, 0, 90, 100), Box(1, 100, 200, 190, 300), Box(1, 0, 400, 90, 500)]) == 1


@pytest.mark.parametrize(
    ("second", "whole"), [(100.0, ["灯会办到家门口居民都说好"]), (112.0, ["灯会办到家门口", "居民都说好"])]
)
def test_pieces_edge_to_edge_are_one_row_and_columns_are_not(second, whole):
    pieces = [line("灯会办到家门口", 30, 100), line("居民都说好", second, 100)]
    assert [found.text for found in mend_rows(pieces)] == whole


def across(count, *, at=6):
    """Lines drawn over two columns, each with a gap at the gutter."""
    rows = [f"左边第{n}行字右边第{n}行字" for n in range(count)]
    return [line(text, 50, 100 + 14 * n, gaps=(Gap(at, 110, 120),)) for n, text in enumerate(rows)]


def test_lines_across_a_gutter_are_parted_and_a_gap_that_one_line_leaves_is_none():
    assert [found.text for found in cut_at_gutters(across(6))] == [
        f"{side}边第{n}行字" for n in range(6) for side in "左右"
    ]
    clause = line("第一条　灯会由街道承办", 50, 100, gaps=(Gap(4, 90, 100),))
    plain = [line("社区协助街道办好灯会", 50, 114 + 14 * n) for n in range(6)]
    assert cut_at_gutters([clause, *plain]) == [clause, *plain]


@pytest.mark.parametrize(("text", "joined"), [("灯会专栏", ["灯会专栏"]), ("灯会", ["灯", "会"])])
def test_three_characters_one_below_the_other_are_a_line_and_two_are_not(text, joined):
    marks = [line(char, 50, 100 + 10.5 * n) for n, char in enumerate(text)]
    assert [found.text for found in stand_upright(marks)] == joined


def test_blocks_are_read_a_column_at_a_time_below_what_spans_them():
    headline = [line("灯会今晚在云河两岸的广场开幕", 50, 40, size=18)]
    foot = column("底", 50, top=400)
    blocks = [foot, RIGHT, headline, LEFT]
    for seed in range(4):
        random.Random(seed).shuffle(blocks)
        assert texts(by_white_space(blocks)) == texts([headline, LEFT, RIGHT, foot])


def test_pieces_of_rows_that_interleave_go_to_their_own_row_even_where_only_their_ink_is_told():
    flat = Line(text="一", page=1, box=Box(1, 80.5, 104.5, 89.5, 105.3), size=0.8)
    low = Line(text="工", page=1, box=Box(1, 90.5, 101.4, 99.5, 108.4), size=7.0)
    pieces = [line("灯会办", 50, 114), line("居民都说", 40, 100), low, flat, line("会好", 100, 100)]
    assert [found.text for found in mend_rows(pieces)] == ["灯会办", "居民都说一工会好"]


def test_two_upright_headlines_side_by_side_are_two():
    first = [line(char, 80, 100 + 21 * n, size=20) for n, char in enumerate("灯会开幕")]
    second = [line(char, 56, 100 + 21 * n, size=20) for n, char in enumerate("居民叫好")]
    text = column("甲", 100, top=300)
    found = stand_upright(mend_rows(stand_upright_large([*first, *second, *text])))
    assert [one.text for one in found[:2]] == ["灯会开幕", "居民叫好"]


def test_a_slit_is_cut_where_the_lines_around_it_leave_a_gutter_and_nowhere_else():
    slit = line("左边最后行字右边最后行字", 50, 184, gaps=(Gap(6, 110, 115),))
    assert [found.text for found in cut_at_gutters([*across(6), slit])][-2:] == [
        "左边最后行字",
        "右边最后行字",
    ]
    slits = [
        line(f"左边第{n}行，右边第{n}行字", 50, 100 + 14 * n, gaps=(Gap(6, 110, 115),)) for n in range(7)
    ]
    assert cut_at_gutters(slits) == slits


@pytest.mark.parametrize(
    ("sizes", "body"),
    [([9.0] * 4 + [10.0] * 3 + [24.0], 9.0), ([7.3, 7.3, 9.1, 9.4, 9.6, 9.8, 10.0, 30.0], 9.6)],
)
def test_the_body_is_what_most_is_set_in_or_the_middle_of_sizes_that_vary(sizes, body):
    rows = [line(f"第{n}行说的是灯会", 50, 100 + 14 * n, size=size) for n, size in enumerate(sizes)]
    varied = [line("灯会", 50, 300, size=5.0 + n / 10) for n in range(9)] if body == 9.6 else []
    assert body_size([*rows, *varied]) == body
