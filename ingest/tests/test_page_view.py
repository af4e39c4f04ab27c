"""The picture of a page in real Chromium: the box lies over the words that were printed there."""

import importlib
import io
import socket
import threading
from dataclasses import replace

import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from corpus.store import Store
from corpus.testing import HashingEncoder, chromium
from corpus.types import Box
from corpus.web import look, page_view
from corpus.web.page_view import Mark
from ingest.document import parse
from ingest.pictures.drawn import Pictures
from ingest.pictures.picture_routes import routes

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'").expect

SIZE = 10.0
#: Left edge and top in points of each line of type, on a page of 600 × 800 points.
LINES = [
    (50, 100, "灯会每年举办一次，由街道承办，费用由街道承担。"),
    (50, 116, "观灯职工凭证入场，每证限带两人；未满六岁的"),
    (320, 100, "孩子不占名额。灯会期间各街道安排专人值守。"),
]
QUOTE = "每证限带两人；未满六岁的孩子不占名额。"
#: Where it must be boxed: left, top, right, bottom in points.
BOXED = [(50 + 9 * SIZE, 116, 50 + 21 * SIZE, 126), (320, 100, 320 + 7 * SIZE, 110)]
NASTY = '<img src=x onerror="window.hacked=1">'


def sheet():
    placed = "".join(f"<b style='left:{x}pt;top:{y}pt'>{text}</b>" for x, y, text in LINES)
    style = (
        "@page {size: 600pt 800pt; margin: 0} body {margin: 0} section {position: relative; height: 799pt}"
        f"b {{position: absolute; white-space: pre; font: 400 {SIZE}pt/1 'Noto Sans CJK SC'}}"
    )
    second = "<section style='break-before: page'><b style='left:50pt;top:50pt'>第二页写着另一件事情。</b></section>"
    return f"<!doctype html><meta charset=utf-8><style>{style}</style><section>{placed}</section>{second}"


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def store(tmp_path_factory, browser):
    page = browser.new_page()
    page.set_content(sheet())
    data = page.pdf(prefer_css_page_size=True)
    page.close()
    document = parse(data, "灯会.pdf", "1")
    with Store.open(tmp_path_factory.mktemp("view"), encoder=HashingEncoder()) as opened:
        with opened.writing(who="王") as writer:
            source = replace(document.source, origin="灯会.pdf", received_at="2026-01-05T09:00:00+08:00")
            writer.put(source, document.articles, document.passages, original=data)
        yield opened


def quoted(store):
    """The view of the quote, as the chat window draws it."""
    passage = next(p for p in store.passages("1/1") if QUOTE in p.text)
    start = passage.text.index(QUOTE)
    info = f"articles/1/pages.json?passage={passage.id}&spans={start}-{start + len(QUOTE)}"
    return page_view.page_view("articles/1/pages/", info=info, group="quote", close=True)


def grouped():
    """Two articles beside the list of them, as the preview draws them."""
    marks = [
        Mark(Box(1, 50, 100, 280, 126), "1", f"甲{NASTY}"),
        Mark(Box(2, 50, 50, 160, 60), "2", "乙"),
    ]
    items = '<ul><li data-group="1">甲文</li><li data-group="2" tabindex="0">乙文</li></ul>'
    return page_view.page_view("articles/1/pages/", marks=marks) + items


def serving(app):
    """Serves an application while it is held."""
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def address(store):
    """Where a page with one view is served."""
    pictures = Pictures()
    views = {"quote": quoted(store), "groups": grouped(), "gone": page_view.page_view("articles/9/pages/")}

    def shown(request):
        style = f"{look.CSS} {page_view.CSS} body {{margin: 0}} #place {{height: 100vh}}"
        mount = f"<script>{page_view.SCRIPT}; pageViews.mount(document.getElementById('place'));</script>"
        body = f"<div id=place>{views[request.path_params['name']]}</div>{mount}"
        return HTMLResponse(f"<!doctype html><meta charset=utf-8><style>{style}</style>{body}")

    yield from serving(Starlette(routes=[*routes(store, pictures), Route("/{name}", shown)]))
    pictures.close()


@pytest.fixture(scope="module")
def whole(store):
    """Where the whole program is served."""
    app = importlib.import_module("app")  # which rooms may not import
    yield from serving(app.build(store, app.Assistant(store, app.AssistantSettings())))


@pytest.fixture
def opened(browser, address):
    """Opens a view; at the end nothing may have broken."""
    pages = []

    def opener(name, at=address, **options):
        page = browser.new_context(**options).new_page()
        page.broke = []
        page.on("pageerror", lambda error: page.broke.append(str(error)))
        page.goto(f"{at}/{name}")
        pages.append(page)
        return page

    yield opener
    for page in pages:
        assert page.broke == []
        assert page.evaluate("window.hacked") is None
        page.context.close()


def drawn(page):
    expect(page.locator(".view-sheet img")).to_be_visible()
    expect(page.locator(".view-notice")).to_have_text("")
    return page


def places(page, group="quote"):
    """Boxes of a group in points on the sheet as it is shown."""
    return page.evaluate(
        """([group, width]) => {
            const sheet = document.querySelector('.view-sheet').getBoundingClientRect();
            const by = width / sheet.width;
            return [...document.querySelectorAll(`.view-marks [data-group="${group}"]`)].map((one) => {
                const at = one.getBoundingClientRect();
                return [at.left - sheet.left, at.top - sheet.top, at.right - sheet.left, at.bottom - sheet.top].map((n) => n * by);
            });
        }""",
        [group, 600],
    )


def ink(page, box, edge=0):
    """Share of dark pixels on the screen in a box in points, grown by ``edge``."""
    at = page.locator(".view-sheet").bounding_box()
    by = at["width"] / 600
    shot = Image.open(io.BytesIO(page.screenshot())).convert("L")
    x0, y0, x1, y1 = (n * by for n in (box[0] - edge, box[1] - edge, box[2] + edge, box[3] + edge))
    part = shot.crop((round(at["x"] + x0), round(at["y"] + y0), round(at["x"] + x1), round(at["y"] + y1)))
    return sum(count for value, count in enumerate(part.histogram()) if value < 110) / (
        part.width * part.height
    )


@pytest.mark.parametrize("doing", ["", "fit", "actual", "larger"])
def test_the_box_lies_over_the_words_at_every_zoom(opened, doing):
    page = drawn(opened("quote", viewport={"width": 900, "height": 700}))
    if doing:
        page.locator(f"[data-view={doing}]").click()
    found = places(page)
    assert len(found) == 2
    for place, wanted in zip(found, BOXED, strict=True):
        assert (place[0], place[2]) == (pytest.approx(wanted[0], abs=2), pytest.approx(wanted[2], abs=2))
        assert place[1] - 1 <= wanted[1] < wanted[3] <= place[3] + 1  # all of the letters' height …
        assert place[3] - place[1] < 16  # … and of one line


def test_the_picture_shows_the_words_where_the_box_is(opened):
    page = drawn(opened("quote", viewport={"width": 900, "height": 700}))
    page.locator("[data-view=fit]").click()
    page.wait_for_timeout(300)
    first, second = places(page)
    between = (first[2] + 12, first[1], second[0] - 12, first[3])
    assert ink(page, first) > 0.1
    assert ink(page, second) > 0.1
    assert ink(page, between) == 0


def test_a_page_in_small_print_opens_close_enough_to_be_read_and_at_the_quote(opened):
    page = drawn(opened("quote", viewport={"width": 390, "height": 700}, has_touch=True))
    expect(page.locator('[data-group="quote"]').first).to_be_in_viewport()
    assert page.locator('[data-group="quote"]').first.bounding_box()["height"] >= 10
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_pages_are_turned_and_the_picture_enlarged_from_the_keyboard(opened):
    page = drawn(opened("quote", viewport={"width": 900, "height": 700}))
    page.locator(".view-pane").focus()
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".view-where")).to_have_text("第 2 / 2 页")
    drawn(page)
    assert places(page) == []
    expect(page.locator("[data-view=after]")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".view-where")).to_have_text("第 1 / 2 页")
    before = page.locator(".view-sheet").bounding_box()["width"]
    page.keyboard.press("+")
    assert page.locator(".view-sheet").bounding_box()["width"] == pytest.approx(1.25 * before, rel=0.01)


def test_a_sheet_turned_by_its_reader_keeps_its_boxes_over_the_words(opened):
    page = drawn(opened("quote", viewport={"width": 1100, "height": 700}))
    page.locator("[data-view=fit]").click()
    page.locator("[data-view=turn]").click()
    page.wait_for_timeout(300)
    assert (
        page.locator(".view-sheet").bounding_box()["width"]
        > page.locator(".view-sheet").bounding_box()["height"]
    )
    shown = page.locator('[data-group="quote"]').first.bounding_box()
    assert shown["height"] > 5 * shown["width"]
    part = Image.open(io.BytesIO(page.locator('[data-group="quote"]').first.screenshot())).convert("L")
    assert sum(part.histogram()[:110]) > 0.05 * part.width * part.height


def test_articles_and_their_boxes_light_up_together(opened):
    page = drawn(opened("groups", viewport={"width": 900, "height": 900}))
    box, item = page.locator('.view-marks [data-group="1"]'), page.locator('li[data-group="1"]')
    expect(box.locator("span")).to_have_text(f"甲{NASTY}")
    item.hover()
    expect(box).to_have_class("lit")
    page.mouse.move(5, 5)
    box.hover()
    expect(item).to_have_class("lit")
    page.locator('li[data-group="2"]').click()
    expect(page.locator(".view-where")).to_have_text("第 2 / 2 页")
    expect(page.locator('.view-marks [data-group="2"]')).to_be_in_viewport()


def test_what_is_not_there_is_said_and_can_be_tried_again(opened):
    page = opened("gone")
    expect(page.locator(".view-notice")).to_contain_text("这份文件不在资料库中，可能已撤下或被替换。")
    page.get_by_role("button", name="重试").click()
    expect(page.locator(".view-notice.failed")).to_contain_text("可能已撤下")


@pytest.mark.parametrize("width", [1280, 390])
def test_from_an_answer_to_the_sentence_on_its_page_and_back(opened, whole, width):
    page = opened("", at=whole, viewport={"width": width, "height": 800})
    expect(page.locator(".empty")).to_be_visible()
    page.locator("#question textarea").fill("灯会期间观灯职工每证限带几人？")
    page.keyboard.press("Enter")
    page.locator(".reply.answered .marker").first.hover()
    expect(page.locator("#window-tip")).to_contain_text("每证限带两人")
    page.locator(".reply.answered .marker").first.click()
    expect(page.locator("#sources mark").first).to_be_in_viewport()
    page.get_by_role("button", name="看原版面").click()
    expect(drawn(page).locator('[data-group="quote"]').first).to_be_in_viewport()
    assert places(page)[0][0] == pytest.approx(50, abs=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    expect(page.locator("#sources mark").first).to_be_in_viewport()
    expect(page.get_by_role("button", name="看原版面")).to_be_focused()
