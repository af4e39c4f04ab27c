"""Programs that people use, against the app as it is served: each gets a cited answer.

OpenAI's client, LangChain's ``ChatOpenAI``, ``curl`` and MCP's client, over standard input and HTTP.
"""

import asyncio
import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

from corpus.settings import CorpusSettings
from corpus.store import Store
from corpus.testing import curl, make_document, served

openai = pytest.importorskip("openai", reason="没有安装 openai：pip install '.[openai]'")

ROOT = Path(__file__).parents[2]
PASSWORD = "huaishu shidengzi 7"
CANTEEN = {
    "title": "云河市职工食堂办法",
    "issuer": "云河市总工会",
    "kind": "办法",
    "text": "第一条 职工食堂的午餐补贴为每人每天9元。\n第二条 职工食堂由后勤处负责管理。",
}
QUESTION = "职工食堂午餐补贴多少钱？"
SAID = "第一条 职工食堂的午餐补贴为每人每天9元。"
_SOURCE = "《云河市职工食堂办法》，云河市总工会，食堂办法.txt 第 1 页"
TEXT = f"{SAID}[1]\n\n依据：\n\n- [1] {_SOURCE}"


def linked(address):
    """The same where the program is served at ``address``: the source leads to its page."""
    return TEXT.replace(_SOURCE, f"[{_SOURCE}]({address}articles/1/1?passage=1#passage)")


MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": QUESTION},
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The app with accounts, as an organisation serves it: folder, address, key."""
    folder = tmp_path_factory.mktemp("programs") / "store"
    with Store.open(folder, encoder=CorpusSettings().encoder) as store:
        with store.writing() as writer:
            writer.put(*make_document("1", name="食堂办法.txt", articles=[CANTEEN]))
        store.people.add("韩小工", ["admin"], PASSWORD, who="命令行")
        key = store.keys.add("别的程序", ["cadre"], who="命令行").secret
    with served(folder) as (address, _):
        yield folder, address, key


@pytest.fixture(scope="module")
def client(place):
    _, address, key = place
    with openai.OpenAI(base_url=f"{address}v1", api_key=key, max_retries=0, timeout=60) as client:
        yield client


def test_openais_client_gets_a_cited_answer(client, place):
    assert [model.id for model in client.models.list()] == ["unionqa"]
    completion = client.chat.completions.create(model="unionqa", messages=MESSAGES, temperature=0)
    message = completion.choices[0].message
    assert (message.content, completion.choices[0].finish_reason) == (linked(place[1]), "stop")
    (annotation,) = message.annotations
    cited = annotation.url_citation
    assert message.content[cited.start_index : cited.end_index] == SAID
    assert (cited.title, cited.url) == (
        "云河市职工食堂办法",
        f"{place[1]}articles/1/1?passage=1&quote=0-{len(SAID)}-{sha256(SAID.encode()).hexdigest()[:8]}#passage",
    )
    assert completion.usage.completion_tokens == len(linked(place[1]))


def test_openais_client_gets_the_same_as_a_stream(client, place):
    with client.chat.completions.create(
        model="unionqa", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    ) as stream:
        chunks = list(stream)
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == linked(place[1])
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage.completion_tokens == len(linked(place[1]))
    assert [a["url_citation"]["quote"] for d in deltas for a in getattr(d, "annotations", ())] == [SAID]


def test_openais_client_understands_what_is_refused(client, place):
    with pytest.raises(openai.BadRequestError, match="问题太长了") as caught:
        client.chat.completions.create(model="unionqa", messages=[{"role": "user", "content": "问" * 3000}])
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "messages.[0].content")
    with pytest.raises(openai.NotFoundError, match="没有名为“gpt-x”的模型"):
        client.chat.completions.create(model="gpt-x", messages=MESSAGES)
    with pytest.raises(openai.AuthenticationError) as caught:
        client.with_options(api_key="uq_wrong").models.list()
    assert caught.value.type == "authentication_error"


def test_langchains_client_gets_a_cited_answer_whole_and_streamed(place):
    chat = pytest.importorskip(
        "langchain_openai", reason="没有安装 langchain-openai：pip install '.[openai]'"
    )
    model = chat.ChatOpenAI(model="unionqa", base_url=f"{place[1]}v1", api_key=place[2], max_retries=0)
    conversation = [("system", "You are a helpful assistant."), ("human", QUESTION)]
    assert model.invoke(conversation).content == linked(place[1])
    pieces = list(model.stream(conversation))
    assert "".join(piece.content for piece in pieces) == linked(place[1]) and len(pieces) > 2
    followed = [*conversation, ("ai", linked(place[1])), ("human", "那由谁管理？")]
    assert "后勤处" in model.invoke(followed).content


def sent_by_curl(place, *arguments):
    command = [curl(), "-sS", "--max-time", "60", "-H", f"Authorization: Bearer {place[2]}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def test_plain_curl_gets_a_cited_answer_whole_and_streamed(place):
    body = json.dumps({"model": "unionqa", "messages": MESSAGES}, ensure_ascii=False)
    sent = ("-H", "Content-Type: application/json", f"{place[1]}v1/chat/completions", "-d")
    assert json.loads(sent_by_curl(place, *sent, body))["choices"][0]["message"]["content"] == linked(
        place[1]
    )
    *events, end = (
        sent_by_curl(place, "-N", *sent, body.replace("{", '{"stream": true, ', 1)).strip().split("\n\n")
    )
    chunks = [json.loads(event.removeprefix("data: ")) for event in events]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert ("".join(d.get("content", "") for d in deltas), end) == (linked(place[1]), "data: [DONE]")


async def _asked(target, **how):
    async with Client(target, **how) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        answer = await client.call_tool("ask", {"question": QUESTION})
        found = await client.call_tool("search", {"query": "后勤处", "k": 1})
        opened = await client.call_tool(
            "open_article", {"article_id": found.structured_content["hits"][0]["article_id"]}
        )
    return names, answer.content[0].text, opened.structured_content["text"]


ASKED = (["ask", "search", "open_article"], TEXT, CANTEEN["text"])


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_mcp_client_gets_a_cited_answer_over_http(place, mode):
    async def scenario():
        http = create_mcp_http_client(headers={"Authorization": f"Bearer {place[2]}"})
        async with http:
            return await _asked(streamable_http_client(f"{place[1]}mcp", http_client=http), mode=mode)

    assert asyncio.run(scenario()) == ASKED


def test_without_a_key_nobody_asks(place):
    call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    sent = ("-o", "-", "-w", "%{http_code}", "-H", "Content-Type: application/json", "-d", call)
    accepted = ("-H", "Accept: application/json, text/event-stream", f"{place[1]}mcp")
    assert sent_by_curl(place, *sent, *accepted).endswith("200")
    assert sent_by_curl((*place[:2], "uq_wrong"), *sent, *accepted).endswith("401")


def test_an_mcp_client_gets_a_cited_answer_over_standard_input(place):
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "assistant", "mcp", "--store", str(place[0])], cwd=ROOT
    )
    assert asyncio.run(_asked(command)) == ASKED
