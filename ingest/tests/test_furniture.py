"""Page furniture goes, and nothing that only looks like it."""

import pytest

from corpus.types import Box
from ingest.layout import reading_order
from ingest.lines import Line, Page, Reading
from ingest.page.furniture import advertisement, furniture, imprint, masthead, references, running_heads


def line(text, x, y, *, page=1, size=10.0):
    return Line(text=text, page=page, box=Box(page, x, y, x + len(text) * size, y + size), size=size)


def body(number):
    return [f"{chr(0x5200 + 40 * number + n)}字打头的一行说的是灯会" for n in range(40)]


def sheet(number, *edge):
    """A page of text with further lines at its foot, as (text, x)."""
    text = [line(text, 50, 80 + 16 * n, page=number) for n, text in enumerate(body(number))]
    return Page(number=number, lines=(*text, *(line(text, x, 780, page=number) for text, x in edge)))


def gone(*pages):
    repeated = running_heads(pages)
    return [found.text for page in pages for found in furniture(page, repeated)]


@pytest.mark.parametrize(
    ("edge", "furniture_of_it"),
    [
        ((("7", 300),), ["7"]),
        ((("第 7 页 共 9 页", 300),), ["第 7 页 共 9 页"]),
        ((("灯会工作手册", 50), ("7", 500)), ["7"]),
        ((("6", 50), ("7", 500)), ["6", "7"]),
        ((("0", 200), ("16.90%", 300), ("385,217", 400)), []),
        ((("合计", 50), ("150", 200), ("126", 300), ("135", 400)), []),
    ],
)
def test_a_number_at_the_edge_is_the_pages_unless_it_stands_in_a_row_of_figures(edge, furniture_of_it):
    assert gone(sheet(1, *edge)) == furniture_of_it


@pytest.mark.parametrize(
    ("texts", "furniture_of_them"),
    [
        (["灯会工作手册 1", "灯会工作手册 2", "灯会工作手册 3"], 3),
        (["3-1", "3-2", "3-3"], 3),
        (["18562 21528 21021", "1250 1190 1393", "945 933 975"], 0),
        (["•", "•", "•"], 0),
    ],
)
def test_what_most_pages_say_at_their_edge_is_furniture_but_no_sums_and_no_bullets(texts, furniture_of_them):
    pages = [sheet(number, (text, 50)) for number, text in enumerate(texts, start=1)]
    assert len(gone(*pages)) == furniture_of_them


def test_nothing_leaves_a_plain_page_and_its_order_stays():
    pages = [sheet(number, ("灯会工作手册", 50), (str(number), 500)) for number in (1, 2, 3)]
    read = reading_order(Reading(pages=tuple(pages), media_type="application/pdf", reader="test"))
    assert [found.text for found in read] == [*body(1), *body(2), *body(3)]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("灯会办到家门口 详见第3版", True),
        ("导读", True),
        ("（下转第3版）", False),
        ("让居民都能看到花灯（下转第3版）", False),
        ("这是头一回。报告全文见第3版", False),
        ("居民把花灯挂到了第3层", False),
    ],
)
def test_a_line_that_names_another_page_is_a_reference_unless_an_article_ends_in_it(text, is_one):
    marked = line(text, 50, 400)
    assert references([marked]) == ([marked] if is_one else [])


@pytest.mark.parametrize(("edition", "heads"), [("第3版", 2), ("灯会工作手册（第3版）", 0)])
def test_a_handbooks_edition_and_day_are_no_newspapers_head(edition, heads):
    page = sheet(1)
    top = [line(edition, 50, 40), line("2024年3月1日", 400, 40)]
    assert masthead(Page(number=1, lines=(*top, *page.lines))) == top[:heads]


@pytest.mark.parametrize(
    ("texts", "is_one"),
    [
        (["青禾大戏院", "国庆档期 全场八折", "订票热线：0504-5500249"], True),
        (["青禾眼镜 二十年老店", "广告"], True),
        # A notice says in a sentence what its number is for.
        (["招聘启事", "青禾市总工会招聘社会工作者3名。", "咨询电话：0504-5500249"], False),
        # A picture with its caption has no number, and an article that names a place no address.
        (["工会夜市", "职工在挑选灯笼", "白榆 摄"], False),
        (["青禾市的地址牌换新了", "沿街的门牌"], False),
    ],
)
def test_what_says_where_to_call_and_not_one_sentence_is_an_advertisement(texts, is_one):
    assert advertisement([line(text, 50, 80 + 16 * n) for n, text in enumerate(texts)]) is is_one


def test_a_guides_titles_go_with_the_page_that_stands_below_them_and_a_texts_turn_stays():
    title = [line("灯会今晚在河边", 50, 100), line("开幕", 50, 114)]
    pointer = line("▶▶详见第3版", 50, 128)
    text = [line("居民说，灯会越办越好。", 50, 200), line("（下转第3版）", 50, 214)]
    assert references([*title, pointer, *text]) == [*title, pointer]


def test_a_small_last_row_of_columns_is_text_and_a_small_row_below_them_is_the_foot():
    columns = [line(text, x, 80 + 16 * n) for x in (50, 240) for n, text in enumerate(body(1))]
    last = [line("最末一行小些，说的是灯会。", x, 80 + 16 * 40, size=9) for x in (50, 240)]
    foot = line("云河印务中心承印全年三百期", 50, 80 + 16 * 41, size=7)
    end = line("灯会。", 240, 80 + 16 * 40, size=9)
    assert imprint(Page(number=1, lines=(*columns, *last)), 10.0) == []
    assert imprint(Page(number=1, lines=(*columns, end)), 10.0) == []
    assert imprint(Page(number=1, lines=(*columns, foot)), 10.0) == [foot]
