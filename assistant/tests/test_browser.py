"""The window in real Chromium: what people do, end to end.

Two servers: the window over a fake assistant that is slow on purpose, so that stages and
errors can be seen; and the real app, started as people start it, over a small store.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from assistant.tests.fakes import NASTY, SENTENCES, FakeAssistant, FakeStore

pytestmark = pytest.mark.browser
sync_api = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'")
expect = sync_api.expect

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chromium():
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        words = "没有找到 Chromium：请运行 apt-get install chromium（或安装 Chrome）后再试。"
        if os.environ.get("UNIONQA_REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served():
    from assistant import panel

    assistant, store = FakeAssistant(pause_s=0.25), FakeStore()
    page = panel.page(assistant, store)
    _, address, _ = page.launch(
        server_name="127.0.0.1",
        prevent_thread_lock=True,
        quiet=True,
        footer_links=[],
        run_history=False,
        theme=panel.theme(),
        css=panel.CSS,
    )
    yield address, assistant, store
    page.close()


@pytest.fixture
def visit(chromium):
    """Opens an address; afterwards checks what must hold of every visit."""
    contexts = []

    def open_page(address: str, size: dict[str, int] = DESKTOP):
        context = chromium.new_context(viewport=size, locale="zh-CN", accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.asked_for, page.broke = [], []
        page.on("request", lambda request: page.asked_for.append(request.url))
        page.on("pageerror", lambda error: page.broke.append(str(error)))
        page.goto(address)
        expect(page.locator(".empty")).to_be_visible(timeout=20_000)
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            elsewhere = [
                u for u in page.asked_for if not re.match(r"(http://127\.0\.0\.1[:/]|data:|blob:)", u)
            ]
            assert elsewhere == []
            assert page.broke == []
            assert page.evaluate("window.hacked") is None
        context.close()


def ask(page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


def test_a_question_streams_its_stages_and_ends_in_an_answer_with_markers(served, visit):
    page = visit(served[0])
    ask(page, "困难职工慰问的标准是多少？")
    for stage in ("检索", "核对依据", "起草", "校验"):
        expect(page.locator(f'.stages li.now[data-stage="{stage}"]')).to_be_visible()
    answer = page.locator(".reply.answered")
    expect(answer).to_contain_text("每人每次不超过 1500 元")
    expect(answer.locator(".marker")).to_have_text("1✓")
    expect(page.locator("#sources .card")).to_have_count(2)
    expect(page.locator("#question textarea")).to_be_focused()
    expect(page.locator("#question textarea")).to_have_value("")


def test_a_marker_opens_the_sentence_in_its_article(served, visit):
    page = visit(served[0])
    ask(page, "困难职工慰问的标准是多少？")
    page.locator(".reply .marker").click()
    mark = page.locator("#sources mark")
    expect(mark).to_have_text(SENTENCES["1/1/1"])
    expect(mark).to_be_in_viewport()
    expect(page.locator("#sources .text p").first).to_contain_text("第1段说明")
    expect(page.locator("#sources dl")).to_contain_text("云工发〔2025〕7号")
    page.locator("#sources").get_by_text("全部来源").click()
    expect(page.locator("#sources .card")).to_have_count(2)


def test_markers_work_from_the_keyboard_and_show_their_quote(served, visit):
    page = visit(served[0])
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator(".reply .marker")).to_be_visible()
    while page.evaluate("document.activeElement.className") != "marker verified":
        page.keyboard.press("Shift+Tab")
    expect(page.locator("#window-tip")).to_contain_text("已核实｜《云河市困难职工慰问办法（示例）》")
    page.keyboard.press("Enter")
    expect(page.locator("#sources mark")).to_be_in_viewport()
    expect(page.locator("#sources h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".reply .marker")).to_be_focused()


def test_a_follow_up_carries_the_conversation_and_says_how_it_was_understood(served, visit):
    address, assistant, _ = served
    page = visit(address)
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator(".reply.answered")).to_have_count(1)
    ask(page, "补助多少？")
    expect(page.locator(".reply.answered")).to_have_count(2)
    expect(page.locator(".understood")).to_contain_text("按“慰问：补助多少？”理解")
    assert assistant.histories[-1] == [("困难职工慰问的标准是多少？", f"{SENTENCES['1/1/1']}[1]")]


def test_a_refusal_looks_different_and_offers_what_was_nearest(served, visit):
    page = visit(served[0])
    ask(page, "明天的天气怎么样？")
    refusal = page.locator(".reply.insufficient")
    expect(refusal).to_contain_text("资料中没有提到问题里的事项。")
    expect(refusal.locator(".marker")).to_have_count(0)
    refusal.locator(".card").click()
    expect(page.locator("#sources .cited-passage")).to_contain_text("第五条")


def test_an_example_is_asked_with_one_click(served, visit):
    page = visit(served[0])
    page.get_by_role("button", name="职工书屋建设由谁负责？").click()
    expect(page.locator(".asked")).to_contain_text("职工书屋建设由谁负责？")
    expect(page.locator(".reply.answered")).to_contain_text("宣传教育部")


def test_a_question_can_be_stopped_and_a_new_conversation_begun(served, visit):
    page = visit(served[0])
    ask(page, "困难职工慰问的标准是多少？")
    page.get_by_role("button", name="停止").click()
    expect(page.locator(".reply.problem")).to_contain_text("已停止")
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".empty")).to_be_visible()


def test_thumbs_are_stored_with_the_evidence_and_the_comment(served, visit):
    address, _, store = served
    page = visit(address)
    ask(page, "困难职工慰问的标准是多少？")
    page.get_by_role("button", name="有帮助").click()
    expect(page.locator(".thumb.up")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="有问题").click()
    page.locator(".complaint input").fill("年份不对")
    page.keyboard.press("Enter")
    expect(page.locator(".thumb.down")).to_have_attribute("aria-pressed", "true")
    shared = {
        "question": "困难职工慰问的标准是多少？",
        "answer": f"{SENTENCES['1/1/1']}[1]",
        "evidence": ["1/1/1"],
    }
    assert store.ratings[-2:] == [
        {**shared, "rating": "up", "comment": ""},
        {**shared, "rating": "down", "comment": "年份不对"},
    ]


def test_the_conversation_is_exported_and_an_original_comes_as_it_was_received(served, visit):
    page = visit(served[0])
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator(".reply.answered")).to_be_visible()
    with page.expect_download() as markdown:
        page.get_by_role("button", name="导出 Markdown").click()
    assert SENTENCES["1/1/1"] in Path(markdown.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as word:
        page.get_by_role("button", name="导出 Word").click()
    assert word.value.suggested_filename.endswith(".docx")
    assert Path(word.value.path()).read_bytes()[:2] == b"PK"
    page.locator(".reply .marker").click()
    with page.expect_download() as original:
        page.locator("#sources").get_by_role("button", name="慰问办法.docx").click()
    assert Path(original.value.path()).read_bytes() == b"original of 1"


def test_an_export_of_nothing_says_so(served, visit):
    page = visit(served[0])
    page.get_by_role("button", name="导出 Word").click()
    expect(page.get_by_text("还没有可以导出的内容。请先提问，得到回答之后再导出。")).to_be_visible()


def test_markup_in_a_question_or_a_document_never_runs(served, visit):
    page = visit(served[0])
    ask(page, f"征文 {NASTY}")
    expect(page.locator(".asked")).to_contain_text(NASTY)
    page.locator(".reply .marker").hover()
    expect(page.locator("#window-tip")).to_contain_text("<img src=x")
    page.locator(".reply .marker").click()
    expect(page.locator("#sources mark")).to_contain_text(NASTY)
    assert page.locator("#window img, #window script").count() == 0


def test_a_bug_shows_an_id_and_a_users_error_its_two_sentences(served, visit, caplog):
    page = visit(served[0])
    ask(page, "让它出错")
    problem = page.locator(".reply.problem")
    expect(problem).to_contain_text("程序出错了（编号 ")
    expect(problem).not_to_contain_text("secret")
    number = re.search(r"编号 (\w+)", problem.inner_text()).group(1)
    assert [r.exc_info[0] for r in caplog.records if number in r.getMessage()] == [RuntimeError]
    ask(page, "它不会")
    expect(page.locator(".reply.problem").last).to_have_text("模型没有回应。请检查网络设置。")


def test_a_question_of_a_hundred_thousand_characters_is_declined_kindly(served, visit):
    page = visit(served[0])
    ask(page, "工会" * 50_000)
    expect(page.locator(".reply.problem")).to_contain_text("问题太长了（100000 字）。请缩短到 2000 字以内")


def test_a_source_that_was_removed_is_not_shown_any_more(served, visit):
    address, _, store = served
    page = visit(address)
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator(".reply .marker")).to_be_visible()
    store.removed.add("1")
    try:
        page.locator(".reply .marker").click()
        expect(page.locator("#sources")).to_contain_text("原文已不在资料库中")
    finally:
        store.removed.clear()


def test_on_a_phone_the_sources_are_a_drawer_and_nothing_scrolls_sideways(served, visit):
    page = visit(served[0], PHONE)
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator("#sources")).to_be_hidden()
    page.locator(".reply .marker").click()
    expect(page.locator("#sources mark")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="关闭来源").click()
    expect(page.locator("#sources")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
