"""The table in real Chromium: found, sorted, chosen, withdrawn, restored, deleted, by mouse, keyboard and on a phone."""

import pytest

from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import chromium, make_document, served

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'").expect

NASTY = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>'
FILES = 240


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the app is, started as people start it, over many short documents and one that is up to no good."""
    folder = tmp_path_factory.mktemp("grid") / "store"
    with (
        Store.open(folder, encoder=CorpusSettings().encoder) as store,
        store.writing(who="李四") as writer,
        writer.together(),
    ):
        for n in range(1, FILES):
            kind = "通知" if n % 3 else "办法"
            article = {"title": f"云河市第{n}号值班{kind}", "kind": kind, "text": f"第{n}号。"}
            writer.put(*make_document(str(n), name=f"值班{n}.txt", articles=[article]))
        nasty = {
            "title": f"标题{NASTY}",
            "issuer": f"机关{NASTY}",
            "number": NASTY,
            "region": NASTY,
            "text": NASTY,
        }
        writer.put(*make_document(str(FILES), name=f"恶意{NASTY}.html", articles=[nasty]))
    with served(folder) as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def table(browser, address):
    """Opens the table at an address of its own; fails where the page had an error."""
    errors = []
    contexts = []

    def open_at(hash_="#table", width=1280):
        context = browser.new_context(viewport={"width": width, "height": 800}, locale="en-US")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}corpus/{hash_}")
        expect(page.locator("#table-desk.loaded")).to_be_visible()
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert errors == []


def titles(page):
    shown = page.locator("#table-desk .row").evaluate_all(
        "rows => rows.sort((a, b) => a.at - b.at).map(row => row.querySelector('.of-title').textContent)"
    )
    return [title for title in shown if title]


def found(page, words):
    expect(page.locator("#table-desk .found")).to_contain_text(words)


def press(page, *keys):
    page.locator("#table-desk .grid").focus()
    for key in keys:
        page.keyboard.press(key)


def test_only_rows_that_can_be_seen_are_in_the_page_and_the_last_is_reached(table):
    page = table()
    found(page, f"{FILES} 篇，来自 {FILES} 份文件")
    assert page.locator("#table-desk .row").count() < 40
    page.locator("#table-desk .grid").evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
    expect(page.locator(f'#table-desk .row[aria-rowindex="{FILES + 1}"] .of-title')).to_have_text(
        "云河市第1号值班通知"
    )
    assert page.locator("#table-desk .row").count() < 40


def test_searching_filtering_and_sorting_stand_in_the_address_and_come_back_with_it(table):
    page = table()
    page.get_by_placeholder("查找标题").fill("第2 办法")
    found(page, "全部共")
    page.get_by_label("按类型筛选").click()
    page.locator(".choices label", has_text="办法").click()
    page.keyboard.press("Escape")
    page.locator("#table-head-1").click()
    expect(page.locator("#table-head-1")).to_have_attribute("aria-sort", "ascending")
    wanted = [f"云河市第{n}号值班办法" for n in (21, 24, 27, 201, 204, 207)]
    page.wait_for_function(
        "want => document.querySelector('#table-row-0 .of-title')?.textContent === want", arg=wanted[0]
    )
    assert titles(page)[:6] == wanted
    again = table(page.url.partition("/corpus/")[2])
    assert titles(again) == titles(page)
    expect(again.get_by_placeholder("查找标题")).to_have_value("第2 办法")
    again.get_by_role("button", name="清除全部条件").click()
    found(again, f"{FILES} 篇")


def test_what_is_not_found_is_said_with_what_to_do(table):
    page = table("#table?q=没有这种文件")
    expect(page.get_by_text("没有符合这些条件的文章")).to_be_visible()
    page.locator("[data-part=empty-clear]").click()
    found(page, f"{FILES} 篇")


def test_chosen_files_are_withdrawn_and_restored_by_keyboard_alone(table):
    page = table("#table?q=值班11&sort=title")  # 11, 110 to 119
    found(page, "11 篇，")
    press(page, "Space", "Shift+ArrowDown", "Shift+ArrowDown")
    expect(page.locator("[data-part=chosen-words]")).to_have_text("已选 3 行")
    press(page, "Control+a")
    expect(page.locator("[data-part=chosen-words]")).to_have_text("已选全部 11 行")
    press(page, "Space")  # all but the one where the keyboard stands
    page.locator("[data-act=withdraw]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog h3")).to_have_text("撤下 10 份文件，共 10 篇文章")
    page.keyboard.type("年度清理")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=notice]")).to_have_text("已撤下 10 份文件。")
    expect(page.locator("#table-desk .row.gone")).to_have_count(10)
    press(page, "Control+a")
    page.locator("[data-act=restore]").click()
    expect(page.locator("dialog p").first).to_contain_text("其中 1 份本来就在使用")
    page.locator("dialog button.main").click()
    expect(page.locator("[data-part=notice]")).to_have_text("已恢复 10 份文件。")
    expect(page.locator("#table-desk .row.gone")).to_have_count(0)


def test_deleting_for_good_wants_the_words_typed(table):
    page = table("#table?q=值班77.txt")
    found(page, "1 篇，")
    page.locator("#table-desk .row .box").click()
    page.locator("[data-act=delete]").click()
    yes = page.locator("dialog button.main")
    expect(yes).to_be_disabled()
    page.locator("dialog input").fill("删除")
    expect(yes).to_be_disabled()
    page.locator("dialog input").fill("彻底删除")
    yes.click()
    expect(page.locator("[data-part=notice]")).to_have_text("已彻底删除 1 份文件。")
    expect(page.get_by_text("没有符合这些条件的文章")).to_be_visible()


def test_nothing_in_a_document_runs_and_its_original_is_saved(table):
    page = table("#table?q=恶意")
    expect(page.locator("#table-row-0 .of-title")).to_have_text(f"标题{NASTY}")
    page.get_by_label("按地区筛选").click()
    expect(page.locator(".choices")).to_contain_text(NASTY)
    page.keyboard.press("Escape")
    press(page, "Enter")
    expect(page.locator("dialog article h3")).to_have_text(f"恶意{NASTY}.html")
    with page.expect_download() as saving:
        page.locator("dialog").get_by_role("button", name="下载原件").click()
    assert saving.value.suggested_filename.endswith(".html")
    page.locator("dialog [data-act], dialog button", has_text="撤下").first.click()
    expect(page.locator("dialog h3")).to_have_text("撤下 1 份文件，共 1 篇文章")
    page.keyboard.press("Escape")
    assert page.evaluate("window.hacked") is None


def test_a_row_leads_to_its_versions_and_to_its_correction(table):
    page = table("#table?q=值班9.txt")
    found(page, "1 篇，")
    press(page, "Enter")
    page.locator("dialog").get_by_role("button", name="版本").click()
    expect(page.locator("#versions-desk h2")).to_contain_text("云河市第9号值班办法")
    page.go_back()
    found(page, "1 篇，")
    press(page, "Enter")
    page.locator("dialog").get_by_role("button", name="更正").click()
    expect(page.locator("#desk-preview")).to_contain_text("值班9.txt")


def test_on_a_phone_rows_are_cards_and_nothing_reaches_over_the_edge(table):
    page = table("#table?sort=title", width=390)
    box = page.locator("#table-row-0").bounding_box()
    assert box["width"] <= 390
    assert box["height"] > 90
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#table-desk .grid").evaluate("grid => grid.scrollWidth <= grid.clientWidth + 1")
    page.get_by_role("button", name="筛选").click()
    page.get_by_label("按类型筛选").click()
    page.locator(".choices label", has_text="办法").click()
    found(page, "79 篇，")
    page.locator("[data-part=sort]").select_option("-title")
    page.locator("#table-row-0 .of-title").click()
    expect(page.locator("dialog article")).to_be_visible()


def test_a_lost_connection_is_said_and_can_be_tried_again(table):
    page = table()
    page.route("**/holdings/rows*", lambda route: route.abort())
    page.get_by_placeholder("查找标题").fill("值班5")
    expect(page.get_by_role("alert")).to_contain_text("与服务器的连接中断了")
    page.unroute("**/holdings/rows*")
    page.get_by_role("button", name="重试").click()
    found(page, "全部共")
