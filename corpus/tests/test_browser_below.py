"""All of it below another path, behind a proxy that takes the path off, in real Chromium."""

import json
import re
from urllib.request import Request, urlopen

import pytest

from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import chromium, make_document, served
from corpus.tests.stripping_proxy import proxied

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="没有安装 playwright：pip install '.[dev]'").expect

PASSWORD = "yunhe daili 2031 du"
NOTICE = (
    "云河市职工浴室通知\n\n云工发〔2025〕8号\n\n第一条　职工浴室每周开放五天。\n第二条　家属每次收费四元。\n"
)
#: A question to the interface as a script of the page asks it: the events as they come.
STREAMED = """async (question) => {
  const answer = await fetch('api/v1/ask/stream', {method: 'POST', body: JSON.stringify({question}),
    headers: {'content-type': 'application/json'}});
  return [answer.status, answer.headers.get('content-type'), await answer.text()];
}"""


@pytest.fixture(scope="module")
def below(tmp_path_factory):
    """The address of the whole program below a path of a proxy, and an API key."""
    folder = tmp_path_factory.mktemp("below") / "store"
    with Store.open(folder, encoder=CorpusSettings().encoder) as store:
        with store.writing() as writer:
            writer.put(
                *make_document(
                    "1", articles=[{"title": "云河市风筝比赛", "text": "四十二家单位参加了风筝比赛。"}]
                )
            )
        store.people.add("管小理", ["admin"], PASSWORD, who="命令行")
        secret = store.keys.add("机关小程序", ["cadre"], who="命令行").secret
    with (
        served(folder) as (address, _),
        proxied(address, "/intern/unionqa", X_Forwarded_Prefix="/intern/unionqa") as there,
    ):
        yield there, secret


def sign_in(page, address):
    page.goto(f"{address}corpus/")
    expect(page).to_have_url(f"{address}sign-in?next=corpus%2F")
    page.get_by_label("用户名").fill("管小理")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{address}corpus/")


def add_a_file(page):
    page.locator("#desk-files").set_input_files(
        [{"name": "浴室通知.txt", "mimeType": "text/plain", "buffer": NOTICE.encode()}]
    )
    expect(page.locator(".draft.ready")).to_have_count(1, timeout=60_000)
    page.locator(".draft.ready").get_by_role("button", name="预览").click()
    expect(page.locator("#desk-preview .article").first).to_be_visible()
    page.locator("#desk-preview").get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("#desk-results")).to_contain_text("已发布 1 份")
    page.get_by_role("tab", name="资料表").click()
    expect(page.locator("#table-desk")).to_contain_text("云河市职工浴室通知")


def ask(page, address):
    page.get_by_role("link", name="问答").click()
    expect(page).to_have_url(address)
    page.locator("#question textarea").fill("家属进职工浴室每次收费多少？")
    page.keyboard.press("Enter")
    reply = page.locator(".reply.answered")
    expect(reply).to_contain_text("四元")
    reply.locator(".marker").first.click()
    expect(page.locator("#sources mark").first).to_contain_text("家属每次收费四元")


def go_through_the_other_pages(page, address):
    page.get_by_role("link", name="测评").click()
    expect(page).to_have_url(f"{address}eval/")
    desk = page.locator("#evaluation-desk")
    desk.get_by_label("名字", exact=True).fill("子路径的题")
    page.locator("#evaluation").get_by_role("button", name="新建", exact=True).first.click()
    expect(desk.locator("h2")).to_have_text("子路径的题")
    page.get_by_role("link", name="统计").click()
    expect(page).to_have_url(f"{address}statistics/")
    expect(page.locator("main")).to_contain_text("提问情况")
    page.get_by_role("link", name="管理").click()
    expect(page).to_have_url(f"{address}admin/")
    page.get_by_role("button", name="保存设置").click()
    expect(page.locator(".notice.good")).to_be_visible()
    assert page.url.startswith(f"{address}admin/")


def test_every_page_works_below_another_path_and_asks_for_nothing_outside_of_it(below):
    address, _ = below
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN").new_page()
        wrong = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda asked: asked.url.startswith((address, "blob:", "data:")) or wrong.append(asked.url),
        )
        page.on("response", lambda answer: answer.status < 400 or wrong.append((answer.status, answer.url)))
        sign_in(page, address)
        add_a_file(page)
        ask(page, address)
        status, kind, events = page.evaluate(STREAMED, "风筝比赛有多少家单位参加？")
        assert (status, kind.split(";")[0]) == (200, "text/event-stream")
        assert "四十二家单位" in events
        go_through_the_other_pages(page, address)
        page.get_by_role("button", name="退出").click()
        expect(page).to_have_url(f"{address}sign-in")
        assert wrong == []


def asked(address, path, body, secret):
    request = Request(
        address + path,
        json.dumps(body).encode() if body else None,
        {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"},
    )
    with urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def test_programs_are_answered_below_another_path(below):
    address, secret = below
    question = "风筝比赛有多少家单位参加？"
    answer = json.loads(asked(address, "api/v1/ask", {"question": question}, secret))
    assert "四十二家单位" in answer["answer"]
    messages = [{"role": "user", "content": question}]
    chat = json.loads(
        asked(address, "v1/chat/completions", {"model": "unionqa", "messages": messages}, secret)
    )
    assert "四十二家单位" in chat["choices"][0]["message"]["content"]
    described = json.loads(asked(address, "api/v1/openapi.json", None, secret))
    assert {server["url"] for server in described["servers"]} == {"/intern/unionqa/api/v1"}
    assert json.loads(asked(address, "readyz", None, secret)) == {"status": "ready"}
    assert not re.search(r'(?:href|src)="/', asked(address, "api/v1/", None, secret))
