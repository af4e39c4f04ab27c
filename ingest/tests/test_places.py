"""Where a quote stands on the page, on pages set run by run: boxes a line, tolerant of what repairs do."""

import io

import pypdf
import pytest
from pypdf.generic import RectangleObject

from corpus.types import Box
from ingest.document import parse
from ingest.pictures import page_picture, places
from ingest.pictures.places import Characters
from ingest.tests.pdfs import Run, make_pdf

SIZE = 12.0
#: Two columns, at 60 and 320 points; the article goes down the left one and on in the right one.
LEFT = (
    "云河市总工会关于灯会的通知",
    "各区县总工会：",
    "灯会每年举办一次，由街道承办，费用由",
    "街道承担。观灯职工凭证入场，每证限带",
)
RIGHT = ("两人。灯会期间，各街道应当安排专人值", "守，发现险情立即报告。本通知自印发之日起施行。")
QUOTE = "观灯职工凭证入场，每证限带两人。"


def printed(left=LEFT, right=RIGHT):
    runs = [Run(60, 100 + 20 * n, text, SIZE) for n, text in enumerate(left)]
    return make_pdf([[*runs, *(Run(320, 100 + 20 * n, text, SIZE) for n, text in enumerate(right))]])


def boxed(data, quote):
    """The boxes of a quote in the passage that holds it."""
    document = parse(data, "灯会.pdf", "1")
    passage = next(p for p in document.passages if quote in p.text)
    start = passage.text.index(quote)
    pages = {n: Characters(*page_picture.characters(data, n)) for n in {box.page for box in passage.boxes}}
    return places.boxes(passage.text, [(start, start + len(quote))], passage.boxes, pages)


def at(box):
    """Page, left, right and middle of the row."""
    return box.page, box.x0, box.x1, (box.y0 + box.y1) / 2


def near(*place):
    """Within two points: how far a font's boxes reach beyond its letters is its own affair."""
    return pytest.approx(place, abs=2)


def changed(data, change):
    reader, writer = pypdf.PdfReader(io.BytesIO(data)), pypdf.PdfWriter()
    for page in reader.pages:
        change(writer.add_page(page))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_quote_over_two_lines_and_two_columns_has_a_box_in_each():
    before = len("街道承担。")
    first, second = boxed(printed(), QUOTE)
    assert at(first) == near(1, 60 + before * 12, 60 + len(LEFT[3]) * 12, 156)
    assert at(second) == near(1, 320, 320 + len("两人。") * 12, 96)


def test_a_part_of_a_line_is_boxed_alone():
    (box,) = boxed(printed(), "由街道承办")
    assert at(box) == near(1, 60 + 9 * 12, 60 + 14 * 12, 136)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_on_a_page_that_is_shown_turned_the_boxes_turn_with_it(quarters):
    """Scanned or printed sideways, and turned for the reader: what is shown is the same page."""

    def turned(page):
        page.rotate(90 * quarters).transfer_rotation_to_content()
        page.rotate(-90 * quarters)

    data = changed(printed(), turned)
    assert pypdf.PdfReader(io.BytesIO(data)).pages[0].rotation != 0
    assert [at(box) for box in boxed(data, QUOTE)] == [near(*at(box)) for box in boxed(printed(), QUOTE)]


def test_on_a_page_that_was_cut_boxes_count_from_what_is_left():
    def cut(page):
        page.cropbox = RectangleObject((40, 0, 595, 842 - 50))

    shifted = [(page, x0 - 40, x1 - 40, y - 50) for page, x0, x1, y in map(at, boxed(printed(), QUOTE))]
    assert [at(box) for box in boxed(changed(printed(), cut), QUOTE)] == [near(*box) for box in shifted]


def test_doubled_characters_and_a_shadow_change_nothing():
    shadow = [Run(60.6, 100.4 + 20 * n, text, SIZE) for n, text in enumerate(LEFT)]
    runs = [Run(60, 100 + 20 * n, text, SIZE) for n, text in enumerate(LEFT)]
    (box,) = boxed(make_pdf([[*runs, *shadow]]), "由街道承办")
    assert at(box) == near(1, 60 + 9 * 12, 60 + 14 * 12, 136)


def test_what_reading_folds_is_found_all_the_same():
    """Full-width digits come out narrow, and a line's end is no space."""
    (box,) = boxed(printed(("观灯职工凭证入场，每证限带１２人，", "由街道承办。")), "每证限带12人")
    assert at(box) == near(1, 60 + 9 * 12, 60 + 16 * 12, 96)


def test_a_sentence_that_stands_twice_is_boxed_where_it_was_quoted():
    twice = ("灯会由街道承办。费用由区里承担。", "灯会由街道承办。费用由市里承担。")
    data = printed(twice, ())
    passage = parse(data, "灯会.pdf", "1").passages[0]
    pages = {1: Characters(*page_picture.characters(data, 1))}
    second = passage.text.rindex("灯会由街道承办")
    (box,) = places.boxes(passage.text, [(second, second + 7)], passage.boxes, pages)
    assert at(box) == near(1, 60, 60 + 7 * 12, 116)


def test_a_text_that_is_not_on_the_page_has_no_box():
    page = {1: Characters(*page_picture.characters(printed(), 1))}
    lines = [Box(1, 60, 128, 300, 146), Box(1, 60, 148, 300, 166)]
    told = "灯会每年举办一次，由街道承办，费用由街道承担。观灯职工凭证入场，每证限带另有一句并不在此的话"
    start = told.index("另有")
    assert places.boxes(told, [(start, len(told))], lines, page) == []
    assert places.boxes(told, [(3, 3), (400, 500)], lines, page) == []
    assert places.boxes("", [(0, 4)], lines, page) == []
    assert places.boxes(told, [(0, 4)], [], page) == []


def test_where_a_page_has_no_characters_whole_lines_are_boxed_by_their_width():
    lines = [Box(1, 50, 100 + 20 * n, 250, 115 + 20 * n) for n in range(4)]
    text = "一" * 40  # ten to a line
    assert places.boxes(text, [(12, 18)], lines, {1: Characters("", ())}) == [lines[1]]
    assert places.boxes(text, [(18, 22)], lines, {}) == lines[1:3]
    assert places.boxes(text, [(0, 40)], lines, {}) == lines
