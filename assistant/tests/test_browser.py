"""The window in real Chromium: what people do, end to end.

Two servers: the window over a fake assistant that is slow on purpose, so that stages and
errors can be seen; and the real app, started as people start it, over a small store.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue

import pytest

from assistant.tests.fakes import NASTY, SENTENCES, FakeAssistant, FakeStore
from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import chromium, make_store, served

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'").expect

ROOT = Path(__file__).parents[2]
FILLER = "\n".join(
    f"第{n}条 本条规定第{n}类档案的保管年限和移交手续，由各级工会办公室负责落实。" for n in range(3, 40)
)
DOCUMENTS = [
    {
        "title": "云河市职工疗休养办法（示例）",
        "kind": "办法",
        "issuer": "云河市总工会",
        "number": "云工发〔2025〕18号",
        "published_on": "2025-04-02",
        "status": "现行",
        "text": "第一条 职工疗休养由市总工会统一组织。\n"
        "第二条 职工疗休养的补贴标准为每人每天260元，一次不超过5天。\n" + FILLER,
    },
    {
        "title": "云河市职工书屋建设通知（示例）",
        "kind": "通知",
        "issuer": "云河市总工会",
        "published_on": "2025-03-12",
        "text": "职工书屋建设由宣传教育部负责，全年计划新建12家。\n每家职工书屋的图书不少于800册。",
    },
    {
        "title": "云河市技能竞赛获奖名单（示例）",
        "kind": "新闻",
        "published_on": "2025-06-20",
        "text": "云河市第六届职工技能竞赛于2025年6月18日闭幕。\n获得焊工组第一名的是陈有禾。",
    },
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def fakes():
    return FakeAssistant(pause_s=0.15), FakeStore()


@pytest.fixture(scope="module")
def fake_window(fakes):
    """The address of the window over the fakes."""
    from assistant import panel

    page = panel.page(*fakes)
    _, address, _ = page.launch(
        server_name="127.0.0.1",
        prevent_thread_lock=True,
        quiet=True,
        footer_links=[],
        run_history=False,
        theme=panel.theme(),
        css=panel.CSS,
    )
    yield address
    page.close()


@pytest.fixture(scope="module")
def real_store(tmp_path_factory):
    """A folder with a store of three invented documents, filled with the bundled encoder."""
    folder = tmp_path_factory.mktemp("real")
    make_store(folder, DOCUMENTS, encoder=CorpusSettings().encoder).close()
    return folder / "store"


@pytest.fixture(scope="module")
def real_app(real_store):
    """The address of the app, started as people start it, and its process id."""
    with served(real_store) as (address, pid):
        yield address, pid


@pytest.fixture(scope="module")
def open_page(browser):
    """Opens an address; at the end checks what must hold of every visit."""
    pages = []

    def opened(address: str, size: dict[str, int] = DESKTOP):
        context = browser.new_context(viewport=size, locale="en-US", accept_downloads=True)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.asked_for, page.broke = [], []
        page.on("request", lambda request: page.asked_for.append(request.url))
        page.on("pageerror", lambda error: page.broke.append(str(error)))
        page.goto(address)
        expect(page.locator(".empty")).to_be_visible(timeout=20_000)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        elsewhere = [u for u in page.asked_for if not re.match(r"http://127\.0\.0\.1[:/]|data:|blob:", u)]
        assert elsewhere == []
        assert page.broke == []
        assert page.evaluate("window.hacked") is None
        page.context.close()


@pytest.fixture(scope="module")
def _fake_desk(open_page, fake_window):
    return open_page(fake_window)


@pytest.fixture
def desk(_fake_desk):
    """The window over the fakes on a desktop, its conversation empty."""
    return begun_anew(_fake_desk)


@pytest.fixture(scope="module")
def _real_desk(open_page, real_app):
    return open_page(real_app[0])


@pytest.fixture
def real_desk(_real_desk):
    """The real app on a desktop, its conversation empty."""
    return begun_anew(_real_desk)


def begun_anew(page):
    if page.locator(".turn").count():  # else there is nothing to see of when it is done
        page.get_by_role("button", name="新对话").click()
        expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".empty")).to_be_visible()
    return page


def ask(page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


STAGES = ("检索", "核对依据", "起草", "校验")


@pytest.fixture
def steps(fakes):
    """Each stage of the fake lasts until it is told to go on."""
    fakes[0].steps = SimpleQueue()
    yield fakes[0].steps
    for _ in STAGES:
        fakes[0].steps.put(None)
    fakes[0].steps = None


def test_a_question_streams_its_stages_and_ends_in_an_answer_with_markers(desk, steps):
    page = desk
    ask(page, "困难职工慰问的标准是多少？")
    for stage in STAGES:
        expect(page.locator(f'.stages li.now[data-stage="{stage}"]')).to_be_visible()
        steps.put(None)
    answer = page.locator(".reply.answered")
    expect(answer).to_contain_text("每人每次不超过 1500 元")
    expect(answer.locator(".marker")).to_have_text("1✓")
    expect(page.locator("#sources .card")).to_have_count(2)
    expect(page.locator("#question textarea")).to_be_focused()
    expect(page.locator("#question textarea")).to_have_value("")
    expect(page.locator(".empty")).to_be_hidden()


def test_coming_back_to_the_tab_never_wipes_an_answer(real_desk):
    page = real_desk
    page.get_by_role("link", name="资料库").click()
    page.get_by_role("link", name="问答").click()
    ask(page, "职工疗休养的补贴标准是多少？")
    expect(page.locator(".reply.answered")).to_contain_text("每人每天260元")
    page.get_by_role("link", name="资料库").click()
    page.get_by_role("link", name="问答").click()
    page.wait_for_timeout(1500)  # what the tab asks the server for has come by then
    expect(page.locator(".reply.answered")).to_be_visible()
    expect(page.locator(".empty")).to_be_hidden()
    page.reload()
    expect(page.locator(".reply.answered")).to_contain_text("每人每天260元")
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".empty")).to_be_visible()
    page.reload()
    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator(".reply")).to_have_count(0)


def test_a_marker_opens_the_sentence_in_its_article(desk):
    page = desk
    ask(page, "困难职工慰问的标准是多少？")
    page.locator(".reply .marker").click()
    mark = page.locator("#sources mark")
    expect(mark).to_have_text(SENTENCES["1/1/1"])
    expect(mark).to_be_in_viewport()
    expect(page.locator("#sources .text p").first).to_contain_text("第1段说明")
    expect(page.locator("#sources dl")).to_contain_text("云工发〔2025〕7号")
    page.locator("#sources").get_by_text("全部来源").click()
    expect(page.locator("#sources .card")).to_have_count(2)


def test_markers_work_from_the_keyboard_and_show_their_quote(desk):
    page = desk
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


def test_a_follow_up_carries_the_conversation_and_says_how_it_was_understood(desk, fakes):
    page, (assistant, _) = desk, fakes
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator(".reply.answered")).to_have_count(1)
    # Read first; what is asked sooner has a test of its own.
    expect(page.locator("#sources .card")).to_have_count(2)
    ask(page, "补助多少？")
    expect(page.locator(".reply.answered")).to_have_count(2)
    expect(page.locator(".understood")).to_contain_text("按“慰问：补助多少？”理解")
    assert assistant.histories[-1] == [("困难职工慰问的标准是多少？", f"{SENTENCES['1/1/1']}[1]")]


def test_a_question_sent_while_an_answer_is_coming_is_answered_next(desk, steps):
    page = desk
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator(".stages li.now").first).to_be_visible()
    expect(page.locator("#question textarea")).to_have_value("")
    ask(page, "明天的天气怎么样？")
    for _ in STAGES * 2:
        steps.put(None)
    expect(page.locator(".reply.insufficient")).to_be_visible()
    expect(page.locator(".reply.answered")).to_have_count(1)


def test_a_refusal_looks_different_and_offers_what_was_nearest(desk):
    page = desk
    ask(page, "明天的天气怎么样？")
    refusal = page.locator(".reply.insufficient")
    expect(refusal).to_contain_text("资料中没有提到问题里的事项。")
    expect(refusal.locator(".marker")).to_have_count(0)
    refusal.locator(".card").click()
    expect(page.locator("#sources .cited-passage")).to_contain_text("第五条")


def test_an_example_is_asked_with_one_click(desk):
    page = desk
    page.get_by_role("button", name="职工书屋建设由谁负责？").click()
    expect(page.locator(".asked")).to_contain_text("职工书屋建设由谁负责？")
    expect(page.locator(".reply.answered")).to_contain_text("宣传教育部")


def test_a_question_can_be_stopped_and_a_new_conversation_begun(desk):
    page = desk
    ask(page, "困难职工慰问的标准是多少？")
    page.get_by_role("button", name="停止").click()
    expect(page.locator(".reply.problem")).to_contain_text("已停止")
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".empty")).to_be_visible()


def test_thumbs_are_stored_with_the_evidence_and_the_comment(desk, fakes):
    page, (_, store) = desk, fakes
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


def test_the_conversation_is_exported(desk):
    page = desk
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator(".reply.answered")).to_be_visible()
    with page.expect_download() as markdown:
        page.get_by_role("button", name="导出 Markdown").click()
    assert SENTENCES["1/1/1"] in Path(markdown.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as word:
        page.get_by_role("button", name="导出 Word").click()
    assert word.value.suggested_filename.endswith(".docx")
    assert Path(word.value.path()).read_bytes()[:2] == b"PK"


def test_an_answer_is_copied_with_its_sources(desk):
    page = desk
    ask(page, "困难职工慰问的标准是多少？")
    page.get_by_role("button", name="复制").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        f"问：困难职工慰问的标准是多少？\n\n{SENTENCES['1/1/1']}[1]\n\n[1] 《云河市困难职工慰问办法"
    )


def test_an_export_of_nothing_says_so(desk):
    page = desk
    page.get_by_role("button", name="导出 Word").click()
    expect(page.get_by_text("还没有可以导出的内容。请先提问，得到回答之后再导出。")).to_be_visible()
    head = page.locator(".toast-title")  # gradio's own word for it is English, and drawn over
    assert head.evaluate("e => [getComputedStyle(e).fontSize, getComputedStyle(e, '::before').content]") == [
        "0px",
        '"没有完成"',
    ]


def test_markup_in_a_question_or_a_document_never_runs(desk):
    page = desk
    ask(page, f"征文 {NASTY}")
    expect(page.locator(".asked")).to_contain_text(NASTY)
    page.locator(".reply .marker").hover()
    expect(page.locator("#window-tip")).to_contain_text("<img src=x")
    page.locator(".reply .marker").click()
    expect(page.locator("#sources mark")).to_contain_text(NASTY)
    assert page.locator("#window img, #window script").count() == 0


def test_a_bug_shows_an_id_and_a_users_error_its_two_sentences(desk, caplog):
    page = desk
    ask(page, "让它出错")
    problem = page.locator(".reply.problem")
    expect(problem).to_contain_text("程序出错了（编号 ")
    expect(problem).not_to_contain_text("secret")
    number = re.search(r"编号 (\w+)", problem.inner_text()).group(1)
    assert [r.exc_info[0] for r in caplog.records if number in r.getMessage()] == [RuntimeError]
    ask(page, "它不会")
    expect(page.locator(".reply.problem").last).to_have_text("模型没有回应。请检查网络设置。")


def test_a_question_of_a_hundred_thousand_characters_is_declined_kindly(desk):
    page = desk
    ask(page, "工会" * 50_000)
    expect(page.locator(".reply.problem")).to_contain_text("问题太长了（100000 字）。请缩短到 2000 字以内")


def test_a_source_that_was_removed_is_not_shown_any_more(desk, fakes):
    page, (_, store) = desk, fakes
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator(".reply .marker")).to_be_visible()
    store.removed.add("1")
    try:
        page.locator(".reply .marker").click()
        expect(page.locator("#sources")).to_contain_text("原文已不在资料库中")
    finally:
        store.removed.clear()


def test_on_a_phone_the_sources_are_a_drawer_and_nothing_scrolls_sideways(open_page, fake_window):
    page = open_page(fake_window, PHONE)
    ask(page, "困难职工慰问的标准是多少？")
    expect(page.locator("#sources")).to_be_hidden()
    page.locator(".reply .marker").click()
    expect(page.locator("#sources mark")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="关闭来源").click()
    expect(page.locator("#sources")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.skipif(sys.platform != "linux", reason="读取 /proc，只在 Linux 上有")
def test_answering_in_the_app_loads_no_deep_learning_library(real_desk, real_app):
    """Loading one costs six seconds and 400 MB; the app is to be ready in ten."""
    ask(real_desk, "职工书屋建设由谁负责？")
    expect(real_desk.locator(".reply.answered")).to_be_visible()
    assert "libtorch" not in Path(f"/proc/{real_app[1]}/maps").read_text()


def test_a_port_in_use_is_said_in_words(real_app, real_store):
    port = re.search(r":(\d+)", real_app[0].removeprefix("http:")).group(1)
    settings = {**os.environ, "UNIONQA_PORT": port, "UNIONQA_STORE": str(real_store)}
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=settings, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"无法在 127.0.0.1:{port} 上启动。" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_real_answer_leads_back_to_its_sentence(real_desk):
    page = real_desk
    ask(page, "职工疗休养的补贴标准是多少？")
    answer = page.locator(".reply.answered")
    expect(answer).to_contain_text("每人每天260元")
    answer.locator(".marker").first.click()
    mark = page.locator("#sources mark")
    expect(mark.first).to_be_in_viewport()
    quoted = "".join(mark.all_inner_texts())
    assert "每人每天260元" in quoted
    assert quoted in DOCUMENTS[0]["text"]
    expect(page.locator("#sources .text")).to_contain_text("第39条 本条规定第39类档案")


def test_an_original_comes_as_it_was_received(real_desk, real_store):
    page = real_desk
    ask(page, "职工疗休养的补贴标准是多少？")
    page.locator(".reply .marker").first.click()
    with page.expect_download() as original:
        page.locator("#sources").get_by_text("下载原件").click()
    with Store.open(real_store) as store:
        assert Path(original.value.path()).read_bytes() == store.original("1")


def test_a_real_follow_up_keeps_the_topic(real_desk):
    page = real_desk
    ask(page, "职工书屋建设由谁负责？")
    expect(page.locator(".reply.answered")).to_contain_text("宣传教育部")
    ask(page, "图书不少于多少册？")
    expect(page.locator(".reply.answered").nth(1)).to_contain_text("800册")


def test_a_real_question_without_an_answer_is_refused(real_desk):
    page = real_desk
    ask(page, "云河市地铁三号线的票价是多少？")
    expect(page.locator(".reply.insufficient")).to_be_visible()
    expect(page.locator(".reply .marker")).to_have_count(0)


def test_real_thumbs_reach_the_store(real_desk, real_store):
    page = real_desk
    ask(page, "焊工组第一名是谁？")
    expect(page.locator(".reply.answered")).to_contain_text("陈有禾")
    page.get_by_role("button", name="有帮助").click()
    expect(page.locator(".thumb.up")).to_have_attribute("aria-pressed", "true")
    with Store.open(real_store) as store:
        stored = store.feedback()
    assert [(f["question"], f["rating"]) for f in stored] == [("焊工组第一名是谁？", "up")]


def test_an_uploaded_file_is_corrected_published_and_cited_under_its_corrected_title(real_desk, tmp_path):
    page = real_desk
    notice = tmp_path / "云河-托管班通知.txt"
    notice.write_text(
        "云河市总工会关于开办暑期托管班的通知（示例）\n\n各区县总工会：\n\n"
        "暑期托管班每班不超过25人，由区县总工会组织开办。\n\n云河市总工会\n2025年6月3日\n",
        encoding="utf-8",
    )
    broken = tmp_path / "坏.pdf"
    broken.write_bytes(b"%PDF-1.7 broken")
    page.get_by_role("link", name="资料库").click()
    page.locator("#desk-files").set_input_files([str(notice), str(broken)])
    failed = page.locator(".draft.failed")
    expect(failed).to_contain_text("PDF 已损坏，打不开。")
    expect(failed.get_by_role("button", name="重试")).to_be_visible()
    ready = page.locator(".draft.ready")
    expect(ready).to_contain_text("云河-托管班通知.txt")
    ready.get_by_role("button", name="预览").click()
    title = page.get_by_label("标题", exact=True)
    title.fill(f"云河市暑期托管班通知（更正）{NASTY}")
    page.get_by_role("button", name="保存更改").click()
    expect(page.locator(".history")).to_contain_text(
        "标题由“云河市总工会关于开办暑期托管班的通知（示例）”改为"
    )
    page.locator(".history summary").click()
    page.get_by_role("button", name="撤销上一步").click()
    expect(title).to_have_value("云河市总工会关于开办暑期托管班的通知（示例）")
    title.fill("云河市暑期托管班通知（更正）")
    page.get_by_role("button", name="发布", exact=True).click()  # what was typed is saved first
    expect(page.locator("#desk-results")).to_contain_text("已发布 1 份：云河-托管班通知.txt")
    expect(page.locator("#desk-results .effects")).not_to_contain_text("正在试问")
    assert page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]
    failed.get_by_role("button", name="移除").click()
    failed.get_by_role("button", name="确定移除？").click()
    expect(page.locator(".draft")).to_have_count(0)
    page.get_by_role("link", name="问答").click()
    ask(page, "暑期托管班每班不超过多少人？")
    expect(page.locator(".reply.answered").last).to_contain_text("25人")
    expect(page.locator("#sources")).to_contain_text("云河市暑期托管班通知（更正）")
