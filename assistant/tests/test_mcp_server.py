"""The tools for language models: what each gives, what is refused, what is kept, and HTTP below any path."""

import asyncio
import logging

import pytest
from mcp import Client
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from assistant import mcp_routes
from assistant.answering import BusyError
from assistant.contract import answer_json
from assistant.mcp_server import ARTICLE_CHARS, Tools
from assistant.pipeline import Assistant
from corpus.accounts.people import Person
from corpus.testing import make_store
from corpus.web.sign_in import Guard

CANTEEN = {
    "title": "云河市职工食堂办法",
    "issuer": "云河市总工会",
    "number": "云工发〔2025〕31号",
    "kind": "办法",
    "published_on": "2025-05-06",
    "effective_on": "2025-06-01",
    "text": "第一条 职工食堂的午餐补贴为每人每天9元。\n第二条 职工食堂由后勤处负责管理，<b>详见</b>附件。",
}
LONG = {"title": "云河市工运史", "text": "云河市工会成立于一九五〇年。\n" + "长" * ARTICLE_CHARS}
QUESTION = "职工食堂午餐补贴多少钱？"
SAID = "第一条 职工食堂的午餐补贴为每人每天9元。"
TEXT = f"{SAID}[1]\n\n依据：\n\n- [1] 《云河市职工食堂办法》，云河市总工会，云工发〔2025〕31号，2025-05-06，文件1.txt 第 1 页"


class Line:
    """The line of questions without a line; ``fails`` is raised instead of an answer."""

    def __init__(self, assistant) -> None:
        self.assistant = assistant
        self.fails = None

    async def ask(self, question, *, as_of=""):
        if self.fails:
            raise self.fails
        return self.assistant.ask(question, as_of=as_of)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with make_store(tmp_path_factory.mktemp("mcp"), [CANTEEN, LONG]) as store:
        yield store


@pytest.fixture
def kept(store):
    """What is kept of the questions of this test."""
    before = len(list(store.asked.entries()))
    return lambda: [(e.question, e.outcome, e.sources, e.who) for e in list(store.asked.entries())[before:]]


@pytest.fixture
def line(store):
    return Line(Assistant(store))


def called(store, line, name, **arguments):
    """What a tool says: ``(text, data, is an error)``."""

    async def scenario():
        tools = Tools(store, line.ask)
        async with Client(tools.server()) as client:
            result = await client.call_tool(name, arguments)
        await asyncio.gather(*tools._keeping)
        (content,) = result.content
        return content.text, result.structured_content, result.is_error

    return asyncio.run(scenario())


def without_times(answer):
    return {**answer, "seconds": 0}


def test_a_question_gets_its_cited_answer_as_text_and_as_data(store, line):
    text, data, wrong = called(store, line, "ask", question=QUESTION)
    expected = answer_json(Assistant(store).ask(QUESTION))
    cited = [e for e in expected["evidence"] if e["cited"]]
    assert [e["text"] for e in cited] == [SAID] and len(expected["evidence"]) > 1
    assert (text, without_times(data), wrong) == (TEXT, {**without_times(expected), "evidence": cited}, False)


def test_questions_are_kept_and_what_was_refused_comes_before_the_trainers(store, line, kept):
    called(store, line, "ask", question=QUESTION)
    called(store, line, "ask", question="公务用车怎么报销？", as_of="2025-07-01")
    line.fails = RuntimeError("坏了")
    called(store, line, "ask", question="坏了吗？")
    assert sorted(kept()) == [
        ("公务用车怎么报销？", "依据不足", (), ""),
        ("坏了吗？", "出错", (), ""),
        (QUESTION, "已回答", ("1",), ""),
    ]
    assert [(item.question, item.reason) for item in store.reviews()] == [("公务用车怎么报销？", "拒答")]


def test_a_search_gives_passages_with_their_places(store, line):
    text, data, wrong = called(store, line, "search", query="午餐补贴", k=1)
    assert (text, wrong) == (f"1. 《云河市职工食堂办法》（文章编号 1/1，文件1.txt 第 1 页）\n{SAID}", False)
    (hit,) = data["hits"]
    assert (hit["passage_id"], hit["article_id"], hit["text"]) == ("1/1/1", "1/1", SAID)


def test_an_article_is_read_in_whole_or_piece_by_piece(store, line):
    text, data, _ = called(store, line, "open_article", article_id="1/1")
    assert text == (
        "云河市职工食堂办法\n发文机关：云河市总工会\n文号：云工发〔2025〕31号\n发布日期：2025-05-06\n"
        "施行日期：2025-06-01\n来源：文件1.txt\n\n"
        f"{SAID}\n第二条 职工食堂由后勤处负责管理，\\<b>详见\\</b>附件。"
    )
    assert (data["text"], data["next"]) == (CANTEEN["text"], None)
    text, data, _ = called(store, line, "open_article", article_id="2/1")
    assert text.endswith(f"（全文 {len(LONG['text'])} 字，后面还有；接着读请用 start=8000。）")
    _, rest, _ = called(store, line, "open_article", article_id="2/1", start=data["next"])
    assert (data["text"] + rest["text"], rest["next"]) == (LONG["text"], None)


REFUSED = [
    ("ask", {}, "缺少 question。请用文字填写 question。"),
    ("ask", {"question": " "}, "缺少 question。请用文字填写 question。"),
    ("ask", {"question": 7}, "缺少 question。请用文字填写 question。"),
    ("ask", {"question": "问" * 2001}, "question 太长了（2001 字）。请缩短到 2000 字以内。"),
    ("ask", {"question": "甲？", "as_of": "去年"}, "日期“去年”看不懂。请写成 2024-05-01 这样的形式。"),
    ("ask", {"question": "甲？", "as_of": 2024}, "日期“2024”看不懂。请写成 2024-05-01 这样的形式。"),
    ("search", {"query": "甲", "k": 51}, "k 不对。请填写 1 到 50 之间的整数。"),
    ("search", {"query": "甲", "k": True}, "k 不对。请填写 1 到 50 之间的整数。"),
    ("open_article", {"article_id": "../../1"}, "没有编号为“../../1”的文章。请用 ask 或 search 给出的 article_id；文章也可能已经撤下。"),
    ("open_article", {"article_id": "1/1", "start": -1}, "start 不对。请填写 0 到 1000000000 之间的整数。"),
    ("delete", {}, "没有名为“delete”的工具。可用的工具有：ask、search、open_article。"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "words"), REFUSED)
def test_what_cannot_be_done_is_said_in_words(store, line, kept, name, arguments, words):
    assert called(store, line, name, **arguments) == (words, None, True)
    assert kept() == []


def test_a_long_line_and_a_broken_program_are_said_in_words(store, line, kept, caplog):
    line.fails = BusyError(7)
    assert called(store, line, "ask", question="甲？") == ("现在提问的人太多。请过 7 秒再试。", None, True)
    assert kept() == []
    line.fails = RuntimeError("/secret/path")
    with caplog.at_level(logging.ERROR):
        text, _, wrong = called(store, line, "ask", question="甲？")
    assert text.startswith("程序出错了（编号 ") and "/secret" not in text and wrong


CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "ask", "arguments": {"question": QUESTION}},
}
JSON = {"accept": "application/json, text/event-stream"}


def test_over_http_each_request_stands_alone_below_any_path(store, line, kept):
    routes = mcp_routes.routes(store, line)

    async def app(scope, receive, send):
        scope["person"] = Person(name="韩小工")
        await Starlette(routes=[Mount("/below", routes=routes)])(scope, receive, send)

    store.asked.keep(names=True, days=180, who="管理员")
    for path in ("/below/mcp", "/below/mcp/"):
        answer = TestClient(app).post(path, json=CALL, headers=JSON)
        assert (answer.status_code, answer.json()["result"]["content"][0]["text"]) == (200, TEXT)
    assert kept() == [(QUESTION, "已回答", ("1",), "韩小工")] * 2
    listed = TestClient(app).post(
        "/below/mcp", json={"jsonrpc": "2.0", "id": 2, "method": "tools/list"}, headers=JSON
    )
    tools = listed.json()["result"]["tools"]
    assert [(tool["name"], tool["title"], tool["inputSchema"]["required"]) for tool in tools] == [
        ("ask", "提问", ["question"]),
        ("search", "检索", ["query"]),
        ("open_article", "打开文章", ["article_id"]),
    ]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 200), ({"host": "other.example"}, 403), ({"origin": "http://other.example"}, 403)],
)
def test_no_website_reaches_it_by_way_of_a_browser_on_this_machine(store, line, headers, status):
    app = Guard(Starlette(routes=mcp_routes.routes(store, line)), people=store.people, offered=[])
    client = TestClient(app, base_url="http://127.0.0.1:7860", client=("127.0.0.1", 50000))
    assert client.post("/mcp", json=CALL, headers={**JSON, **headers}).status_code == status


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_nothing_but_a_post_is_taken_so_no_stream_stays_open(store, line, method):
    app = Starlette(routes=mcp_routes.routes(store, line))
    answer = TestClient(app).request(method, "/mcp", headers=JSON)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["error"]["message"] == "这个地址只接受 MCP 客户端的 POST 请求。"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 50_000, b'{"jsonrpc":"2.0","id":1}'])
def test_what_is_no_message_is_refused_and_breaks_nothing(store, line, body):
    app = Starlette(routes=mcp_routes.routes(store, line))
    headers = {**JSON, "content-type": "application/json"}
    assert TestClient(app).post("/mcp", content=body, headers=headers).status_code == 400
