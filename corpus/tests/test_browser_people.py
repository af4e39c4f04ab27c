"""Signing in, in real Chromium: what each role sees of the whole application, and reaches in it."""

import json
import re
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import chromium, make_document, served

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'").expect

ROOT = Path(__file__).parents[2]
PASSWORD = "huaishu shidengzi 7"
NASTY = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>'
DOCUMENT = {
    "title": f"云河市职工食堂办法{NASTY}",
    "issuer": f"云河市总工会{NASTY}",
    "number": "云工发〔2025〕31号",
    "kind": "办法",
    "published_on": "2025-05-06",
    "text": f"第一条 职工食堂的午餐补贴为每人每天9元。\n第二条 {NASTY}由后勤处负责。",
}
#: Asks as a script in the page would, with the cookies of whoever is signed in.
ASKED = """async ([method, path, body]) => {
  const answer = await fetch(path, {method, body: body && JSON.stringify(body), redirect: 'manual',
    headers: body ? {'content-type': 'application/json'} : {}});
  return [answer.status, await answer.text()];
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A store with one nasty document and three accounts."""
    folder = tmp_path_factory.mktemp("people") / "store"
    with Store.open(folder, encoder=CorpusSettings().encoder) as store:
        with store.writing() as writer:
            writer.put(*make_document("1", name=f"食堂{NASTY}.txt", articles=[DOCUMENT]))
        store.people.add(f"管{NASTY}"[:40], ["admin"], PASSWORD, who="命令行")
        store.people.add("办小公", ["office"], PASSWORD, who="命令行")
        store.people.add("干小部", ["cadre"], PASSWORD, who="命令行")
    return folder


@pytest.fixture(scope="module")
def address(folder):
    """Where the app is, started as people start it."""
    with served(folder) as (address, _):
        yield address


@pytest.fixture
def page(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    page = context.new_page()
    page.broke = []
    page.on("pageerror", lambda error: page.broke.append(str(error)))
    page.goto(address)
    yield page
    assert page.broke == []
    assert page.evaluate("window.hacked") is None
    context.close()


def sign_in(page, name):
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def offered(page):
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    return page.locator("#masthead nav a").all_inner_texts()


def test_a_cadre_signs_in_and_sees_the_chat_window_only(page, address):
    page.goto(f"{address}corpus/")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=corpus%2F$"))
    page.get_by_label("用户名").fill("干小部")
    page.get_by_label("密码").fill("shenme dou bushi")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不正确。")
    sign_in(page, "干小部")
    expect(page).to_have_url(address)  # 资料库 is not for cadres
    assert offered(page) == ["问答"]
    expect(page.locator("#masthead .me")).to_contain_text("干小部")
    page.locator("#question textarea").fill("职工食堂的午餐补贴是多少？")
    page.keyboard.press("Enter")
    expect(page.locator(".reply.answered")).to_contain_text("9元")
    for path in ("corpus/", "eval/", "admin/", "statistics/"):
        page.goto(address + path)
        expect(page.locator("main")).to_contain_text("您的账号不能打开这里。")
    page.goto(address)
    for path in ("corpus/", "eval/", "admin/", "statistics/"):
        assert page.evaluate(ASKED, ["GET", f"/{path}config", None])[0] == 403
    joined = page.evaluate(ASKED, ["POST", "/corpus/gradio_api/queue/join", {"data": [], "fn_index": 0}])
    assert joined[0] == 403
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(f"{address}sign-in")
    page.goto(address)
    expect(page.get_by_label("用户名")).to_be_focused()


def test_who_goes_on_after_the_session_ended_is_told_and_comes_back_to_the_page(page, address, folder):
    sign_in(page, "办小公")
    page.get_by_role("link", name="资料库").click()
    assert offered(page) == ["问答", "资料库", "统计"]
    with Store.open(folder, encoder=CorpusSettings().encoder) as store:
        store.people.end_sessions("办小公", who="命令行")
    page.evaluate(ASKED, ["POST", "/corpus/gradio_api/queue/join", {"data": [], "fn_index": 0}])
    expect(page.locator("#signed-out")).to_contain_text("登录已经过期")
    page.get_by_role("link", name="重新登录").click()
    sign_in(page, "办小公")
    expect(page).to_have_url(f"{address}corpus/")


def test_no_file_of_the_server_comes_by_its_path(page, address, folder):
    sign_in(page, f"管{NASTY}"[:40])
    offered(page)
    secret = f"{folder}/catalogue.sqlite"
    for start in ("/", "/corpus/", "/eval/"):
        for path in (secret, "/etc/passwd", str(ROOT / "app.py"), "http://127.0.0.1/"):
            status, body = page.evaluate(ASKED, ["GET", f"{start}gradio_api/file={path}", None])
            assert (status, "没有这个页面。" in body) == (404, True)


def test_markup_in_names_titles_files_and_questions_is_text_on_every_page(page, address):
    name = f"管{NASTY}"[:40]
    sign_in(page, name)
    assert offered(page) == ["问答", "资料库", "测评", "统计", "管理"]
    for question, outcome in (
        ("职工食堂的午餐补贴是多少？", "answered"),
        ("云河市地铁三号线的票价是多少？", "insufficient"),
    ):
        page.locator("#question textarea").fill(f"{question}{NASTY}")
        page.keyboard.press("Enter")
        expect(page.locator(f".reply.{outcome}")).to_be_visible()
    page.goto(f"{address}corpus/")
    file = {"name": '草稿<img src=x onerror="window.hacked=3">.txt', "mimeType": "text/plain"}
    text = f"云河市总工会关于食堂的通知{NASTY}\n\n各区县总工会：\n\n{NASTY}由后勤处负责，请照此办理。\n"
    page.locator("#drafts input[type=file]").first.set_input_files([{**file, "buffer": text.encode()}])
    expect(page.locator("#drafts")).to_contain_text("草稿<img src=x")
    for path in ("corpus/", "eval/", "statistics/", "admin/", "admin/audit", "account/"):
        page.goto(address + path)
        expect(page.locator("#masthead .me a")).to_have_text(name)
        for opener in (
            page.get_by_role("tab").or_(page.get_by_text("待复核")).or_(page.get_by_text("草稿<")).all()
        ):
            if opener.is_visible():
                opener.click()
                page.wait_for_timeout(300)  # what it fetches has come by then
        assert page.evaluate("window.hacked") is None
        assert page.locator("img[src=x]").count() == 0


def test_an_administrator_adds_a_person_on_a_phone(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, f"管{NASTY}"[:40])
    page.goto(f"{address}admin/")
    page.get_by_text("添加人员……").click()
    add = page.locator("form", has=page.get_by_role("button", name="添加", exact=True))
    add.get_by_label("用户名", exact=True).fill("培小训")
    add.get_by_label("培训（测评）").check()
    add.get_by_label("新密码", exact=True).fill(PASSWORD)
    add.get_by_label("再输一遍新密码").fill(PASSWORD)
    add.get_by_role("button", name="添加", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("培小训：已经添加")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="退出").click()
    sign_in(page, "培小训")
    assert offered(page) == ["问答", "测评", "统计"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def asked_with(key, address, path="api/v1/ask", body=None):
    """The status that a program gets, and what it is told."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    try:
        with urlopen(Request(address + path, data, headers), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_an_administrator_gives_a_program_a_key_on_a_phone_and_takes_it_back(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, f"管{NASTY}"[:40])
    page.goto(f"{address}admin/")
    page.get_by_text("添加密钥……").click()
    add = page.locator("#keys form", has=page.get_by_role("button", name="添加密钥"))
    add.get_by_label("名称").fill(f"报表{NASTY}"[:40])
    add.get_by_label("有效天数").fill("30")
    add.get_by_role("button", name="添加密钥").click()
    expect(page.get_by_role("status")).to_contain_text("密钥已经添加")
    key = page.get_by_label("新的密钥").input_value()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    question = {"question": "职工食堂的午餐补贴是多少？"}
    status, said = asked_with(key, address, body=question)
    assert (status, json.loads(said)["outcome"]) == (200, "answered")
    assert asked_with(key, address, "admin/")[0] == 401
    assert asked_with(key, address, "api/v1/ingest")[0] == 403
    page.goto(f"{address}admin/")
    assert key not in page.content()
    held = page.locator("#keys details", has_text=f"{key[:7]}…")
    held.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    held.get_by_role("button", name="撤销密钥").click()
    expect(page.get_by_role("status")).to_contain_text("密钥已经撤销")
    expect(page.locator("#keys details", has_text=f"{key[:7]}…")).to_contain_text("已撤销")
    status, said = asked_with(key, address, body=question)
    assert (status, json.loads(said)["error"]["code"]) == (401, "invalid_api_key")
    page.goto(address)  # which itself may ask with the cookie of who is signed in
    assert page.evaluate(ASKED, ["POST", "/api/v1/ask", question])[0] == 200
    page.goto(f"{address}admin/audit")
    expect(page.locator("main")).to_contain_text("撤销密钥")
    assert key not in page.content()


def test_who_asks_too_often_is_told_so_on_the_page(page, address):
    sign_in(page, "干小部")
    offered(page)
    # As the guard refuses it, whenever it does.
    refusal = {"error": "请求太频繁。请过 1 秒再试。", "detail": "请求太频繁。请过 1 秒再试。"}
    page.route(
        "**/gradio_api/queue/join*",
        lambda route: route.fulfill(status=429, json=refusal, headers={"retry-after": "1"}),
    )
    page.locator("#question textarea").fill("职工食堂的午餐补贴是多少？")
    page.keyboard.press("Enter")
    expect(page.locator("#too-much")).to_have_text("请求太频繁。请过 1 秒再试。")
    page.unroute("**/gradio_api/queue/join*")
    page.locator("#question textarea").fill("职工食堂的午餐补贴是多少？")
    page.keyboard.press("Enter")
    expect(page.locator(".reply.answered")).to_contain_text("9元")
