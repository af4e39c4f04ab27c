"""The content policy in real Chromium: everything works under it, and what is slipped in does not run."""

import pytest

from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import chromium, make_document, served

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'").expect

PASSWORD = "huaishu shidengzi 7"
DOCUMENT = {
    "title": "云河市职工食堂办法",
    "issuer": "云河市总工会",
    "number": "云工发〔2025〕31号",
    "kind": "办法",
    "published_on": "2025-05-06",
    "text": "第一条 职工食堂的午餐补贴为每人每天9元。\n第二条 食堂由后勤处负责。",
}
QUESTION = "职工食堂的午餐补贴是多少？"
UPLOADED = "云河市总工会关于消夏晚会的通知\n\n各区县总工会：\n\n消夏晚会每年八月举行一次，由宣传部负责。\n"
#: Told to the test by whichever page it happens on, before anything else runs there.
WATCH = """window.violations = [];
addEventListener('securitypolicyviolation', (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
  window.violated(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile} ${event.sample}`);
});"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("policy") / "store"
    with Store.open(folder, encoder=CorpusSettings().encoder) as store:
        with store.writing() as writer:
            writer.put(*make_document("1", name="食堂.txt", articles=[DOCUMENT]))
        store.people.add("管小理", ["admin"], PASSWORD, who="命令行")
        store.people.add("干小部", ["cadre"], PASSWORD, who="命令行")
    with served(folder) as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def watched(browser, address):
    """A page of its own, and what went against the policy or to another host meanwhile."""
    context = browser.new_context(locale="zh-CN")
    wrong = []
    context.expose_function("violated", lambda said: wrong.append(said))
    context.add_init_script(WATCH)

    def asked(request):
        if not request.url.startswith((address, "data:", "blob:")):
            wrong.append(f"asked {request.url}")

    context.on("request", asked)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))
    page.goto(address)
    yield page, wrong
    context.close()


def sign_in(page, name):
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def ask_and_open(page):
    page.locator("#question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".reply.answered")).to_contain_text("9元")
    page.locator(".reply.answered .marker").first.click()
    expect(page.locator("#sources mark").first).to_be_visible()


def test_a_cadre_works_without_a_violation_or_a_request_elsewhere(watched, address):
    page, wrong = watched
    sign_in(page, "干小部")
    ask_and_open(page)
    page.get_by_role("button", name="有帮助").click()
    expect(page.locator(".thumb.up")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{address}account/")
    expect(page.get_by_label("现在的密码")).to_be_visible()
    assert wrong == []


def test_an_administrator_works_on_every_page_without_a_violation_or_a_request_elsewhere(watched, address):
    page, wrong = watched
    sign_in(page, "管小理")
    ask_and_open(page)
    page.goto(f"{address}corpus/")
    file = {"name": "晚会.txt", "mimeType": "text/plain", "buffer": UPLOADED.encode()}
    page.locator("#drafts input[type=file]").first.set_input_files([file])
    expect(page.locator("#drafts")).to_contain_text("晚会.txt")
    page.get_by_role("tab", name="资料表").click()
    expect(page.locator("#holdings")).to_contain_text("食堂.txt")
    page.get_by_role("tab", name="版本与撤下").click()
    expect(page.locator("#versions-desk")).not_to_be_empty()
    page.goto(f"{address}eval/")
    expect(page.locator("#evaluation-desk")).to_contain_text("题集")
    for path, shown in (
        ("statistics/", "提问"),
        ("admin/", "人员"),
        ("admin/audit", "审计记录"),
        ("account/", "密码"),
        ("api/v1/", "接口"),
    ):
        page.goto(address + path)
        expect(page.locator("body")).to_contain_text(shown)
    assert wrong == []


def test_what_is_slipped_into_a_page_does_not_run(watched):
    page, _ = watched
    sign_in(page, "干小部")
    expect(page.locator("#question textarea")).to_be_visible()
    page.evaluate("""() => {
      const place = document.createElement('div');
      place.innerHTML = '<img src="data:," onerror="window.hacked = 1"><a id="slip" href="javascript:window.hacked=2">x</a>';
      document.body.append(place);
      const script = document.createElement('script');
      script.textContent = 'window.hacked = 3';
      document.body.append(script);
      const far = document.createElement('script');
      far.src = 'https://example.org/x.js';
      document.body.append(far);
      place.insertAdjacentHTML('beforeend', '<img src="https://example.org/pixel.png">');
      document.getElementById('slip').click();
      setTimeout('window.hacked = 4');
      for (const make of [() => Function('return 5'), () => new Function('window.hacked = 6'),
        () => (async () => {}).constructor('window.hacked = 7')]) {
        try { make()(); window.hacked = 5; } catch (error) { window.refused = (window.refused || 0) + 1; }
      }
    }""")
    page.wait_for_function("() => window.violations.length >= 6")
    assert page.evaluate("[window.hacked, window.refused]") == [None, 3]
    assert sorted(page.evaluate("window.violations")) == [
        "img-src https://example.org/pixel.png",
        "script-src eval",
        "script-src-attr inline",
        "script-src-elem https://example.org/x.js",
        "script-src-elem inline",
        "script-src-elem inline",
    ]
