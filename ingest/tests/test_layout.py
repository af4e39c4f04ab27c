"""Layout: the stream is kept where it makes sense, geometry orders what it tore."""

import random

import pytest

from corpus.types import Box
from ingest.layout import printed_on, reading_order
from ingest.lines import Line, Page, Reading
from ingest.readers import read
from ingest.tests.pdfs import Run, make_pdf


def line(text, x, y, *, size=10.0, width=None, page=1):
    width = len(text) * size if width is None else width
    return Line(text=text, page=page, box=Box(page, x, y - size, x + width, y), size=size)


def reading(*pages):
    return Reading(
        pages=tuple(Page(number=n, lines=tuple(lines)) for n, lines in enumerate(pages, start=1)),
        media_type="application/pdf",
        reader="test",
    )


def order(*pages):
    return [found.text.strip() for found in reading_order(reading(*pages))]


def column(name, x, *, top=100, count=8, size=10.0):
    return [line(f"{name}栏第{n}行的文字要排满", x, top + 14 * n, size=size) for n in range(1, count + 1)]


LEFT, RIGHT = column("左", 50), column("右", 300)


def names(*columns):
    return [found.text for lines in columns for found in lines]


def test_columns_drawn_one_after_the_other_keep_the_order_of_the_stream():
    assert order([*LEFT, *RIGHT]) == names(LEFT, RIGHT)


def test_columns_drawn_row_by_row_are_read_column_by_column():
    rows = [found for pair in zip(LEFT, RIGHT, strict=True) for found in pair]
    assert order(rows) == names(LEFT, RIGHT)


def test_a_table_of_figures_drawn_row_by_row_stays_in_rows():
    names_of, held, share = (
        [line(text, x, 100 + 14 * n) for n in range(1, 9)]
        for text, x in (("青禾市总工会职工之家有限公司", 50), ("1,204,500", 300), ("12.5%", 420))
    )
    rows = [cell for row in zip(names_of, held, share, strict=True) for cell in row]
    assert order(rows) == ["青禾市总工会职工之家有限公司\u30001,204,500\u300012.5%"] * 8


def test_shuffled_blocks_are_read_from_the_top_left_down():
    blocks = [
        [line("横跨两栏的大标题在这里", 50, 80, size=24.0)],
        column("甲", 50),
        column("乙", 300),
        [line("下面一篇的标题也很大", 50, 300, size=24.0)],
        column("丙", 50, top=310),
        column("丁", 300, top=310),
    ]
    shuffled = blocks[:]
    random.Random(3).shuffle(shuffled)
    assert shuffled != blocks
    assert order([found for block in shuffled for found in block]) == names(*blocks)


def test_a_table_is_not_taken_for_columns():
    rows = [
        line(text, x, 100 + 14 * n) for n in range(8) for text, x in ((f"项目{n}", 50), (f"{n}00元", 300))
    ]
    assert order(rows) == [f"项目{n}　{n}00元" for n in range(8)]


def test_the_wide_space_after_a_clause_number_is_no_gutter():
    lines = [
        part
        for n in range(1, 9)
        for part in (
            line(f"第{n}条", 50, 100 + 14 * n),
            line("灯会由街道承办，费用由街道承担。", 110, 100 + 14 * n),
        )
    ]
    assert order(lines)[0] == "第1条　灯会由街道承办，费用由街道承担。"
    assert len(order(lines)) == 8


def test_a_headline_painted_last_goes_back_above_its_article():
    headline = line("灯会开幕", 300, 96, size=20.0)
    assert order([*LEFT, *RIGHT, headline]) == [*names(LEFT), "灯会开幕", *names(RIGHT)]


def test_a_headline_of_two_lines_comes_whole_with_a_heading_level():
    wrapped = [line("街道灯会收费办法今年有了新变", 50, 60, size=20.0), line("化", 50, 84, size=20.0)]
    twofold = [line("办好一场灯会", 300, 60, size=20.0), line("暖了一城居民", 300, 84, size=20.0)]
    got = reading_order(reading([*wrapped, *LEFT, *twofold, *RIGHT]))
    heads = [(found.text, found.level, found.whole) for found in got if found.level]
    assert heads == [("街道灯会收费办法今年有了新变化", 1, True), ("办好一场灯会 暖了一城居民", 1, True)]
    assert len(got[0].boxes) == 2


@pytest.mark.parametrize(
    ("upper", "lower", "whole"),
    [
        ("街道灯会收费办法今年有", "新的变化值得期待", "街道灯会收费办法今年有新的变化值得期待"),
        ("他们办灯会：", "从春天忙到冬天", "他们办灯会：从春天忙到冬天"),
        ("办好一场灯会", "暖了一城居民", "办好一场灯会 暖了一城居民"),
        ("办灯会", "暖了一城居民的心", "办灯会 暖了一城居民的心"),
        ("A Short Guide to", "Lantern Fairs", "A Short Guide to Lantern Fairs"),
    ],
)
def test_a_wrapped_headline_has_no_stray_space_and_a_pair_of_lines_has_one(upper, lower, whole):
    head = [line(upper, 50, 60, size=20.0), line(lower, 50, 84, size=20.0)]
    assert order([*head, *LEFT, *RIGHT])[0] == whole


@pytest.mark.parametrize(
    "large",
    [
        ["今年的灯会来了很多人。街道上从早到晚都", "没有断过，大家都说明年还要来看"],
        ["街道灯会收费办法今年有了很多新的变化"] * 5,
        ["街道今年重新订立了灯会的收费办法，"],
    ],
)
def test_a_paragraph_in_large_type_is_no_headline_and_keeps_its_lines(large):
    lines = [line(text, 50, 60 + 24 * n, size=20.0) for n, text in enumerate(large)]
    below = [*column("左", 50, top=180), *column("右", 300, top=180)]
    got = reading_order(reading([*lines, *below]))
    assert [found.text.strip() for found in got[: len(large)]] == large
    assert not any(found.level or found.whole for found in got)


def test_a_line_in_a_high_box_with_letters_of_the_bodys_width_is_no_headline():
    high = line("左栏里有一行字的框很高", 50, 152, size=20.0, width=110)
    assert not any(found.level for found in reading_order(reading([*LEFT[:3], high, *LEFT[4:], *RIGHT])))


def test_outside_newspapers_the_largest_line_is_the_title_and_others_are_sections():
    lines = [
        line("灯会总结", 50, 60, size=22.0),
        *LEFT,
        line("收支情况", 50, 260, size=15.0),
        *column("后", 50, top=270),
    ]
    assert [(found.text, found.level) for found in reading_order(reading(lines)) if found.level] == [
        ("灯会总结", 1),
        ("收支情况", 2),
    ]


def test_page_numbers_and_running_heads_go_and_numbers_in_the_text_stay():
    def page(n):
        body = [line(f"第{n}页的正文第{k}行写在这里", 50, 100 + 14 * k, page=n) for k in range(40)]
        body[20] = line("2024", 50, 100 + 14 * 20, page=n)
        return [line("云河街道灯会年报", 50, 40, page=n), *body, line(f"— {n} —", 280, 800, page=n)]

    got = order(*[page(n) for n in (1, 2, 3)])
    assert len(got) == 120
    assert got.count("2024") == 3
    assert not any("年报" in text or "—" in text for text in got)


def test_a_head_on_few_pages_is_text():
    pages = [[line("云河街道灯会年报", 50, 40, page=n), *column("正", 50)] for n in (1, 2)]
    assert order(*pages).count("云河街道灯会年报") == 2


def test_the_head_of_a_newspaper_gives_the_day_and_is_not_read():
    head = [line("云河灯会报", 50, 50, size=30.0), line("2024年3月1日　星期五　第2版", 300, 50)]
    found = reading([*head, *column("左", 50, count=40), *column("右", 300, count=40)])
    assert printed_on(found) == "2024年3月1日"
    assert next(text.text for text in reading_order(found)) == "左栏第1行的文字要排满"


HEAD = [line("云河灯会报", 50, 50, size=30.0), line("2024年3月1日　星期五　第2版", 300, 50)]
FULL = [*column("左", 50, count=40), *column("右", 300, count=40)]


def test_the_foot_of_a_newspaper_in_small_type_below_all_columns_is_not_read():
    foot = [line("责任编辑：林小满", 50, 690, size=8.0), line("电话：123456", 300, 690, size=8.0)]
    assert order([*HEAD, *FULL, *foot]) == names(FULL)


def test_the_last_line_of_a_column_stays_whatever_its_size():
    assert order([*HEAD, *FULL, line("林小满摄", 300, 690)])[-1] == "林小满摄"
    beside = line("林小满摄", 550, 664, size=8.0)
    assert "林小满摄" in order([*HEAD, *FULL, beside])


def test_outside_newspapers_small_type_at_the_foot_is_a_note_and_stays():
    assert "注：收费以公示为准" in order([*FULL, line("注：收费以公示为准", 50, 690, size=8.0)])


def test_a_notice_that_begins_with_a_date_has_no_head():
    lines = [line("2024年3月1日，街道召开会议。", 50, 50), *column("正", 50, count=30)]
    assert printed_on(reading(lines)) == ""
    assert order(lines)[0] == "2024年3月1日，街道召开会议。"


def test_an_indent_and_a_gap_are_written_as_plain_text_has_them():
    lines = [
        line("首行缩进两个字的一段话", 70, 100),
        line("接着是顶格的第二行文字", 50, 114),
        line("隔开的一行", 50, 160),
    ]
    lines = [*lines, *[line("普通的一行普通的文字呀", 50, 160 + 14 * n) for n in range(1, 6)]]
    got = reading_order(reading(lines))
    assert got[0].text == "　　首行缩进两个字的一段话"
    assert [found.blank_before for found in got[:4]] == [False, False, True, False]


def test_text_without_positions_keeps_its_order():
    plain = [Line(text=f"第{n}行") for n in range(5)]
    assert order(plain) == [f"第{n}行" for n in range(5)]


def test_a_real_page_of_two_columns_reads_well_from_pdf():
    runs = [
        Run(x, 100 + 14 * n, f"{name}栏第{n}行的文字要排满")
        for n in range(1, 9)
        for name, x in (("左", 50), ("右", 320))
    ]
    got = [found.text.strip() for found in reading_order(read(make_pdf([runs]), "a.pdf"))]
    assert got == [f"{name}栏第{n}行的文字要排满" for name in "左右" for n in range(1, 9)]
