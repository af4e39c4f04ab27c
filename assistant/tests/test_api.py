"""Asking, searching, reading and rating from other programs."""

import asyncio
import json
import threading

import pytest
from starlette.testclient import TestClient

from assistant import api_models, api_routes
from assistant.answering import Answering, BusyError, SlowError, Waiting
from assistant.contract import answer_json
from assistant.pipeline import Assistant, Stage
from assistant.types import Answer
from corpus.testing import make_store
from corpus.web import api

RULES = {
    "title": "云河市基层工会换届办法",
    "kind": "办法",
    "issuer": "云河市总工会",
    "region": "云河市",
    "published_on": "2023-03-01",
    "text": "第一条 云河市总工会规定，基层工会委员会每届任期为五年。\n第二条 换届应当召开会员大会。",
    "labels": ["第一条", "第二条"],
}
ASKED = "云河市基层工会委员会每届任期几年？"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with make_store(tmp_path_factory.mktemp("api"), [RULES, "工会经费按月拨缴。"]) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(store):
    with TestClient(served(store, Answering(Assistant(store, today=lambda: "2024-05-01")))) as opened:
        yield opened


def served(store, answering):
    return api.application([api_routes.router(store, answering)], title="接口")


def events(text: str) -> list[tuple[str, dict]]:
    """``(name, data)`` of each event of a stream; comments are left out."""
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in told(text)]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def told(text: str) -> list[str]:
    return [block for block in text.split("\n\n") if block and not block.startswith(":")]


def kept(store):
    return [(one.question, one.outcome, one.who) for one in store.asked.entries("2000-01-01", "2999-12-31")]


def test_an_answer_is_the_contract_s_and_the_description_s_to_the_letter(client, store):
    got = client.post("/ask", json={"question": ASKED, "id": "甲-1"})
    assert got.status_code == 200
    want = answer_json(Assistant(store, today=lambda: "2024-05-01").ask(ASKED), "甲-1")
    answer = got.json()
    assert list(answer) == list(want)
    assert {**answer, "seconds": {}} == {**want, "seconds": {}}
    assert answer["answer"] == "第一条 云河市总工会规定，基层工会委员会每届任期为五年。[1]"
    assert answer["statements"][0]["citations"][0]["verdict"] == "已核实"
    api_models.Answer.model_validate(answer, strict=True)
    assert kept(store)[-1] == (ASKED, "已回答", "")


def test_the_latest_of_what_was_said_the_day_and_given_texts_go_with_the_question(store, client):
    script = Scripted(Answer(question="问", outcome="已回答"))
    said = [{"question": f"问{n}", "answer": f"答{n}"} for n in range(8)]
    body = {"question": " 那任期几年？ ", "history": said, "as_of": "2020-01-31", "passages": ["段"]}
    with TestClient(served(store, script)) as other:
        assert other.post("/ask", json=body).status_code == 200
    history = [(f"问{n}", f"答{n}") for n in range(2, 8)]
    assert script.given == {
        "question": "那任期几年？",
        "history": history,
        "as_of": "2020-01-31",
        "passages": ["段"],
    }
    before = len(store.reviews())
    body = {"question": ASKED, "passages": ["云河市基层工会委员会每届任期为四年。"]}
    answer = client.post("/ask", json=body).json()
    assert answer["answer"] == "云河市基层工会委员会每届任期为四年。[1]"
    assert client.post("/ask", json={**body, "passages": []}).json()["outcome"] == "insufficient"
    latest = list(store.asked.entries("2000-01-01", "2999-12-31"))[-2:]
    assert [(one.outcome, one.sources) for one in latest] == [("已回答", ()), ("依据不足", ())]
    assert len(store.reviews()) == before  # the corpus is not to blame


def test_what_is_refused_goes_before_the_trainers_and_names_nobody(client, store):
    answer = client.post("/ask", json={"question": "我叫王大力，火星上怎样建会？"}).json()
    assert answer["outcome"] == "insufficient"
    (item,) = store.reviews()
    assert (item.reason, "王大力" in item.question, item.outcome) == ("拒答", False, "依据不足")
    assert "王大力" not in kept(store)[-1][0]


def test_the_answer_comes_as_it_is_written(client, store):
    count = len(kept(store))
    got = client.post("/ask/stream", json={"question": ASKED, "id": "乙"})
    assert got.headers["content-type"].startswith("text/event-stream")
    assert (got.headers["cache-control"], got.headers["x-accel-buffering"]) == ("no-store", "no")
    found = events(got.text)
    assert [name for name, _ in found] == ["stage"] * 4 + ["statement", "answer"]
    assert [data["name"] for name, data in found[:4]] == ["检索", "核对依据", "起草", "校验"]
    assert found[4][1] == found[5][1]["statements"][0]
    assert found[5][1]["id"] == "乙"
    assert len(kept(store)) == count + 1


class Scripted(Answering):
    """Gives these events, or raises them."""

    def __init__(self, *script):
        self.script, self.ended = script, threading.Event()

    async def events(self, question, **given):
        self.given = {"question": question, **given}
        try:
            for event in self.script:
                if isinstance(event, asyncio.Event):
                    await event.wait()
                elif isinstance(event, BaseException):
                    raise event
                else:
                    yield event
        finally:
            self.ended.set()


@pytest.mark.parametrize(
    ("error", "status", "code", "count"),
    [
        (BusyError(7.4), 429, "busy", 0),
        (SlowError(30), 503, "timeout", 1),
        (RuntimeError("kaputt"), 500, "internal", 1),
    ],
    ids=["busy", "slow", "broken"],
)
def test_what_goes_wrong_has_one_shape_before_and_after_the_reply_began(store, error, status, code, count):
    with TestClient(served(store, Scripted(error))) as client:
        for path in ("/ask", "/ask/stream"):
            before = len(kept(store))
            got = client.post(path, json={"question": "任期几年？"})
            body = got.json()["error"]
            assert (got.status_code, body["code"], got.headers.get("retry-after")) == (
                status,
                code,
                "7" if status == 429 else None,
            )
            assert list(body) == ["code", "message", "hint", "request_id"]
            assert body["message"].endswith("。")
            assert "kaputt" not in got.text
            assert len(kept(store)) == before + count
    with TestClient(served(store, Scripted(Waiting(3, 1.26), Stage("检索", "甲"), error))) as client:
        got = events(client.post("/ask/stream", json={"question": "任期几年？"}).text)
    assert got[:2] == [
        ("waiting", {"position": 3, "seconds": 1.3}),
        ("stage", {"name": "检索", "detail": "甲"}),
    ]
    assert (got[2][0], got[2][1]["error"]["code"], len(got)) == ("error", code, 3)


def test_silence_is_broken_by_a_sign_of_life(store, monkeypatch):
    monkeypatch.setattr(api_routes, "_SILENCE_S", 0.01)
    going = asyncio.Event()

    async def read() -> list[bytes]:
        answer = Answer(question="问", outcome="已回答")
        script = Scripted(Stage("检索"), going, answer)
        stream = api_routes._alive(Stage("检索"), script.events("问"))
        got = []
        async for event in stream:
            got.append(api_routes._written(event, ""))
            if got.count(b": \n\n") == 2:
                going.set()
        return got

    got = asyncio.run(read())
    assert got.count(b": \n\n") >= 2
    assert got[-1].startswith(b"event: answer")


@pytest.mark.parametrize("path", ["/ask", "/ask/stream"])
def test_who_stops_listening_ends_the_answer_and_is_not_kept(store, path):
    script = Scripted(Stage("检索"), asyncio.Event())
    before = len(kept(store))

    async def leave() -> None:
        sent = []
        gone = asyncio.Event()

        async def receive():
            if not sent:
                sent.append(1)
                return {"type": "http.request", "body": json.dumps({"question": "问？"}).encode()}
            if path == "/ask/stream":
                await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            if message["type"] == "http.response.body":
                gone.set()

        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "root_path": "",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json")],
        }
        await asyncio.wait_for(served(store, script)(scope, receive, send), 30)

    asyncio.run(leave())
    assert script.ended.is_set()
    assert len(kept(store)) == before


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"question": ', "请求的正文不是有效的 JSON。"),
        (b"[]", "请求的正文应是 JSON 对象。"),
        (b"{}", "缺少字段“question”。"),
        (b'{"question": 5}', "字段“question”应是文字。"),
        (b'{"question": ""}', "字段“question”不能为空。"),
        (b'{"question": " \\n"}', "字段“question”是空的，或者格式不对。"),
        (json.dumps({"question": "问" * 2001}).encode(), "字段“question”太长，最多 2000 个字。"),
        (b'{"question": "\\ud800"}', "字段“question”含有无效的字符。"),
        ('{"question": "问", "as_of": "昨天"}'.encode(), "字段“as_of”不是有效的日期，应写成 2024-05-01 这样。"),
        ('{"question": "问", "as_of": "20240501"}'.encode(), "字段“as_of”不是有效的日期，应写成 2024-05-01 这样。"),
        ('{"question": "问", "model": "x"}'.encode(), "不认识字段“model”。"),
        ('{"question": "问", "history": [["a", "b"]]}'.encode(), "字段“history.0”应是 JSON 对象。"),
        (json.dumps({"question": "问", "passages": ["段"] * 21}).encode(), "字段“passages”太多，最多 20 项。"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_chinese(client, store, body, message):
    before = len(kept(store))
    got = client.post("/ask", content=body, headers={"content-type": "application/json"})
    assert (got.status_code, got.json()["error"]["message"]) == (422, message)
    assert len(kept(store)) == before


def test_passages_are_found_and_filtered(client):
    hits = client.get("/search", params={"q": "任期几年", "k": 1}).json()
    assert (hits["query"], [hit["passage_id"] for hit in hits["hits"]]) == ("任期几年", ["1/1/1"])
    api_models.Hits.model_validate(hits, strict=True)

    def found(**conditions):
        return [h["article_id"] for h in client.get("/search", params={"q": "工会", **conditions}).json()["hits"]]  # fmt: skip

    assert set(found()) == {"1/1", "2/1"}
    assert set(found(kind=["办法", "通知"])) == {"1/1"}
    assert found(kind="讲话") == found(region="天边") == found(published_from="2023-03-02") == []
    assert set(found(issuer="云河市总工会", published_to="2023-03-01")) == {"1/1"}
    for wrong in ({"k": 0}, {"k": 51}, {"q": ""}, {"kind": "诗"}, {"published_from": "去年"}):
        assert client.get("/search", params={"q": "工会", **wrong}).status_code == 422


def test_articles_are_listed_and_read(client):
    listed = client.get("/articles", params={"limit": 1}).json()
    assert (listed["total"], len(listed["articles"])) == (2, 1)
    named = client.get("/articles", params={"q": "换届", "kind": "办法"}).json()["articles"]
    assert [(a["article_id"], a["title"], a["source"]) for a in named] == [
        ("1/1", RULES["title"], "文件1.txt")
    ]
    article = client.get("/articles/1/1").json()
    assert article["text"] == RULES["text"]
    assert [(p["passage_id"], p["label"]) for p in article["passages"]] == [
        ("1/1/1", "第一条"),
        ("1/1/2", "第二条"),
    ]
    assert all(p["text"] == article["text"][p["start"] : p["end"]] for p in article["passages"])
    for gone in ("/articles/1/2", "/articles/9/1"):
        got = client.get(gone)
        assert (got.status_code, got.json()["error"]["message"]) == (404, "这篇文章不在资料库中。")
    assert [client.get(f"/articles/{wrong}").status_code for wrong in ("0/1", "甲/1", "1/1/1")] == [
        422,
        422,
        404,
    ]


def test_a_rating_is_kept_and_a_bad_one_goes_before_the_trainers(client, store):
    rated = {
        "question": "换届开什么会？电话13800138000",
        "answer": "开会。[1]",
        "evidence": ["1/1/2", "9/1/1"],
    }
    assert client.post("/feedback", json={**rated, "rating": "up"}).status_code == 201
    before = len(store.reviews())
    number = client.post("/feedback", json={**rated, "rating": "down", "comment": "太短"}).json()["id"]
    assert store.feedback()[-1]["id"] == number
    assert [one["rating"] for one in store.feedback()[-2:]] == ["up", "down"]
    item = next(one for one in store.reviews() if one.reason == "差评")
    assert (item.question, item.comment, item.outcome) == ("换届开什么会？电话［电话］", "太短", "已回答")
    assert [(e.passage_id, e.text) for e in item.evidence] == [("1/1/2", "第二条 换届应当召开会员大会。")]
    assert len(store.reviews()) == before + 1
    for wrong in ({"rating": "meh"}, {"rating": "up", "evidence": ["1/1"]}, {}):
        assert client.post("/feedback", json={**rated, **wrong}).status_code == 422
