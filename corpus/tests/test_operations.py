"""Whoever watches over the program: a number for each request, metrics, whether it lives and can answer."""

import asyncio
import importlib
import json
import logging
import re
import threading

import argon2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Router

from corpus.accounts import passwords
from corpus.testing import make_store
from corpus.tests.asgi import answered, ask
from corpus.tests.test_people import GOOD
from corpus.web import health_routes, sign_in
from corpus.web.metrics import Metrics, place_of
from corpus.web.proxy import BehindProxy
from corpus.web.request_log import RequestLog, Requests

NUMBER = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, ["工会经费由建会单位拨缴。"]) as store:
        yield store


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The application as it is served, and its store."""
    app = importlib.import_module("app")  # the whole, which rooms may not import
    with make_store(tmp_path_factory.mktemp("whole"), ["工会经费由建会单位拨缴。"]) as store:
        yield app.build(store, app.Assistant(store, app.AssistantSettings())), store


@pytest.fixture
def whole(built):
    return built[0]


def measured(text):
    """``(name, labels) → value`` of what a collector reads."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def refusing(scope, receive, send):
    raise RuntimeError(f"about {scope['path']}")


def layer(store, app=refusing):
    return RequestLog(app, Requests(store, Metrics(store)))


def test_every_answer_carries_a_number_of_its_own(whole):
    numbers = [
        ask(whole, "GET", path).headers["x-request-id"][0] for path in ("/healthz", "/x/y", "/healthz")
    ]
    assert all(map(NUMBER.fullmatch, numbers))
    assert len(set(numbers)) == 3


def test_an_api_error_tells_the_number_that_stands_in_the_log(whole, caplog):
    caplog.set_level(logging.INFO, logger="corpus")
    asked = ask(whole, "GET", "/api/v1/articles/9/9")
    assert json.loads(asked.body)["error"]["request_id"] == asked.headers["x-request-id"][0]


def test_a_bug_outside_of_everything_is_a_number_and_a_line_not_a_torn_connection(store, caplog):
    asked = ask(layer(store), "GET", "/corpus/")
    number = asked.headers["x-request-id"][0]
    assert asked.status == 500
    assert json.loads(asked.body)["error"]["message"] == f"程序出错了（编号 {number}）。"
    assert "about /corpus/" in caplog.text


def test_only_a_known_proxy_names_a_request(store):
    app = BehindProxy(layer(store), proxies=["10.0.0.7"])
    for client, given, taken in (
        ("10.0.0.7", "proxy-1234", True),
        ("10.0.0.7", "x\r\nset-cookie: a", False),
        ("10.0.0.7", "<script>alert(1)</script>", False),
        ("10.0.0.8", "proxy-1234", False),
    ):
        told = ask(app, "GET", "/", headers={"x-request-id": given}, client=(client, 1))
        assert (told.headers["x-request-id"][0] == given) == taken


def test_the_log_has_a_line_for_each_request_without_query_name_or_address(whole, caplog):
    caplog.set_level(logging.INFO, logger="corpus")
    ask(whole, "GET", "/api/v1/search?q=张桂兰的补助", headers={"cookie": "geheim=1"})
    [record] = [r for r in caplog.records if r.getMessage() == "request"]
    fields = record.fields
    assert (fields["method"], fields["path"], fields["status"]) == ("GET", "/api/v1/search", 200)
    assert set(fields) == {"method", "path", "status", "ms", "bytes"}
    assert "张桂兰" not in caplog.text


def test_metrics_count_requests_answers_refusals_and_what_the_store_holds(whole):
    before = measured(ask(whole, "GET", "/metrics").text)
    body = json.dumps({"question": "工会经费由谁拨缴？"}).encode()
    for path in ("/healthz", "/nowhere", "/also/nowhere"):
        ask(whole, "GET", path)
    ask(whole, "GET", "/healthz", headers={"host": "elsewhere.example"})
    assert asyncio.run(posted(whole, "/api/v1/ask", body)).status == 200
    told = ask(whole, "GET", "/metrics")
    assert told.headers["content-type"][0].startswith("text/plain")
    found = {key: value - before.get(key, 0) for key, value in measured(told.text).items()}
    counted = {
        tuple(dict(labels)[n] for n in ("method", "path", "status")): value
        for (name, labels), value in found.items()
        if name == "unionqa_requests_total" and value
    }
    assert counted == {
        ("GET", "/healthz", "200"): 1,
        ("GET", "/healthz", "403"): 1,
        ("GET", "other", "404"): 2,
        ("GET", "/metrics", "200"): 1,
        ("POST", "/api/v1/ask", "200"): 1,
    }
    assert found["unionqa_answers_total", (("outcome", "answered"),)] == 1
    assert found["unionqa_answer_stage_seconds_count", (("stage", "retrieve"),)] == 1
    assert found["unionqa_refused_total", (("status", "403"),)] == 1
    assert before["unionqa_store_passages", ()] == 1
    assert before["unionqa_store_actions_total", (("action", "新增"),)] == 1
    assert (found["unionqa_questions_waiting", ()], found["unionqa_questions_answering", ()]) == (0, 0)


async def posted(app, path, body):
    """A POST of JSON; ``asgi.answered`` sends forms only."""
    sent = [{"type": "http.request", "body": body, "more_body": False}]

    async def with_body(scope, receive, send):
        async def given():
            return sent.pop() if sent else await asyncio.Future()

        await app(scope, given, send)

    headers = {"content-type": "application/json", "content-length": str(len(body))}
    return await answered(with_body, "POST", path, headers=headers)


def test_labels_have_few_values_whatever_is_asked_for():
    asked = [f"/{x}" for x in range(99)] + [
        "/api/v1/articles/7/1",
        "/api/v1/secret",
        "/gradio_api/run/x",
        "/corpus/a",
    ]
    assert {place_of(path) for path in asked} == {"other", "/api/v1/articles", "/", "/corpus"}


def test_health_is_for_anybody_and_metrics_for_administrators_and_this_machine(store, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(1, 8, 1))
    store.people.add("管小理", ["admin"], GOOD, who="命令行")
    routed = Router(health_routes.routes(store, Metrics(store)))
    served = BehindProxy(sign_in.Guard(routed, store.people, [], store.keys))
    away = {"client": ("10.1.2.3", 1), "headers": {"host": "qa.example.cn"}}
    through = {"headers": {"host": "qa.example.cn", "x-forwarded-for": "10.1.2.3"}}
    asked = {
        path: [ask(served, "GET", path, **how).status for how in ({}, away, through)]
        for path in ("/healthz", "/readyz", "/metrics")
    }
    assert asked == {"/healthz": [200] * 3, "/readyz": [200] * 3, "/metrics": [200, 401, 401]}


def test_a_store_that_cannot_be_searched_is_not_ready(store, monkeypatch):
    def broken(*_):
        raise OSError("geheim/pfad")

    monkeypatch.setattr(store, "search_lexical", broken)
    routed = Router(health_routes.routes(store, Metrics(store)))
    told = ask(routed, "GET", "/readyz")
    assert (told.status, json.loads(told.body)) == (
        503,
        {"status": "unready", "reason": "资料库暂时读不了。"},
    )
    assert ask(routed, "GET", "/healthz").status == 200


def test_while_the_program_ends_nothing_begins(built, monkeypatch):
    whole, store = built
    monkeypatch.setattr(store, "stopping", threading.Event())
    store.stopping.set()
    page, api = ask(whole, "GET", "/"), ask(whole, "GET", "/api/v1/search?q=x")
    assert (page.status, page.text) == (503, "程序正在停止。请过一会儿再试。")
    assert (api.status, json.loads(api.body)["error"]["message"]) == (503, "程序正在停止。")
    assert page.headers["retry-after"] == api.headers["retry-after"] == ["5"]
    told = {path: ask(whole, "GET", path).status for path in ("/healthz", "/readyz", "/metrics")}
    assert told == {"/healthz": 200, "/readyz": 503, "/metrics": 200}


def test_what_only_waits_for_news_ends_with_the_program_and_nothing_else_does(store):
    async def lasting(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"data: ALIVE\n\n", "more_body": True})
        await asyncio.Future()

    async def both():
        app = layer(store, lasting)
        requests = app._requests
        idle = asyncio.ensure_future(answered(app, "GET", "/corpus/gradio_api/heartbeat/abc"))
        asking = asyncio.ensure_future(answered(app, "POST", "/api/v1/ask/stream"))
        while requests.under_way != 1:
            await asyncio.sleep(0)
        requests.ended.set()
        told = await idle
        asking.cancel()
        return told

    told = asyncio.run(both())
    assert (told.status, told.body) == (200, b"data: ALIVE\n\n")
