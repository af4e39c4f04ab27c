"""The programs' interface as a whole: its description, its page, its errors, and what schemathesis makes of it."""

import errno
import importlib
import json
import re
import shlex
import subprocess
import sys
import threading
import time
from html import unescape

import httpx
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from corpus.errors import StoreError, UserError
from corpus.testing import curl, make_store
from corpus.tests import measure_api
from corpus.tests.asgi import ask
from corpus.web import api, api_errors, api_words

RULES = {
    "title": "云河市基层工会换届办法",
    "kind": "办法",
    "text": "第一条 云河市总工会规定，基层工会委员会每届任期为五年。\n第二条 换届应当召开会员大会。",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Of the whole application, served over a store of its own."""
    app = importlib.import_module("app")  # the whole, which rooms may not import
    with make_store(tmp_path_factory.mktemp("whole"), [RULES]) as store:
        made = app.build(store, app.Assistant(store, app.AssistantSettings()))
        server = uvicorn.Server(uvicorn.Config(made, port=0, log_level="warning"))
        serving = threading.Thread(target=server.run)
        serving.start()
        while not server.started:
            assert serving.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/"
        server.should_exit = True
        serving.join()


@pytest.fixture(scope="module")
def client(address):
    with httpx.Client(base_url=address, trust_env=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def described(client):
    return client.get("/api/v1/openapi.json").json()


def operations(described):
    return [
        (path, method, one) for path, methods in described["paths"].items() for method, one in methods.items()
    ]


def test_every_operation_and_everything_sent_is_described_in_chinese(described):
    chinese = re.compile(r"[\u4e00-\u9fff]")
    wordless = [
        (path, what)
        for path, _, one in operations(described)
        for what, words in [
            ("summary", one["summary"]),
            *((p["name"], p.get("description", "")) for p in one.get("parameters", ())),
            *((status, reply["description"]) for status, reply in one["responses"].items()),
        ]
        if not chinese.search(words)
    ]
    assert wordless == []
    fields = [
        (name, field)
        for name, schema in described["components"]["schemas"].items()
        for field, one in schema["properties"].items()
        if not chinese.search(one.get("description", ""))
    ]
    assert fields == []
    assert described["servers"] == [{"url": "/api/v1"}]
    assert described["security"] == [{"key": []}, {}]


def test_every_refusal_is_described_with_the_one_shape(described):
    for _, _, one in operations(described):
        assert {"400", "401", "403", "404", "409", "413", "422", "429", "500", "503"} <= set(one["responses"])
        for status in ("422", "429", "503"):
            content = one["responses"][status]["content"]
            assert content == {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_every_text_that_is_sent_has_a_limit(described):
    schemas = described["components"]["schemas"]
    bodies = {
        found
        for _, _, one in operations(described)
        for found in re.findall(r"#/components/schemas/(\w+)", json.dumps(one.get("requestBody", {})))
    }
    sent = [(name, field) for name in {*bodies, "Exchange"} for field in schemas[name]["properties"].items()]
    sent += [(path, (p["name"], p["schema"])) for path, _, one in operations(described) for p in one.get("parameters", ())]  # fmt: skip
    unlimited = [(where, name) for where, (name, schema) in sent if not all(map(limited, variants(schema)))]
    assert unlimited == []


def variants(schema):
    return schema.get("anyOf", [schema])


def limited(schema):
    kind = schema.get("type")
    if "enum" in schema or "const" in schema or "$ref" in schema or kind in ("null", "boolean"):
        return True
    if kind == "integer":
        return {"minimum", "maximum"} <= set(schema)
    if kind == "array":
        return "maxItems" in schema and limited(schema["items"])
    return "maxLength" in schema or "pattern" in schema or schema.get("format") in ("date", "binary") or "contentMediaType" in schema  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1/ask/nothing", 404, "not_found"),
        ("GET", "/api/v1/eval/runs/%0A", 404, "not_found"),
        ("GET", "/api/v1/ask", 405, "method_not_allowed"),
        ("POST", "/api/v1/ask", 422, "invalid"),
        ("GET", "/api/v2/ask", 404, "not_found"),
    ],
)
def test_every_refusal_has_the_one_shape(client, method, path, status, code):
    got = client.request(method, path)
    error = got.json()["error"]
    assert (got.status_code, error["code"]) == (status, code)
    assert list(error) == ["code", "message", "hint", "request_id"]
    assert re.search("[\u4e00-\u9fff]", error["message"])
    assert got.headers["x-request-id"] == error["request_id"]


def test_an_address_names_all_its_methods(client):
    allowed = {
        path: client.options(path).headers["allow"] for path in ("/api/v1/ingest", "/api/v1/eval/runs")
    }
    assert allowed == {"/api/v1/ingest": "GET, POST", "/api/v1/eval/runs": "GET, POST"}
    assert client.put("/api/v1/ingest/0123456789ab").headers["allow"] == "DELETE, GET"


def test_what_is_given_twice_is_refused_where_there_is_room_for_one(client):
    got = client.get("/api/v1/articles?offset=1&offset=2")
    assert (got.status_code, got.json()["error"]["message"]) == (422, "参数“offset”给了不止一次。")
    assert client.get("/api/v1/articles?kind=办法&kind=通知").status_code == 200


def test_a_body_that_is_no_text_is_said_to_be_none(client):
    got = client.post("/api/v1/ask", content=b'"\xff"', headers={"content-type": "application/json"})
    assert (got.status_code, got.json()["error"]["message"]) == (400, "请求的正文读不出来。")


def test_errors_have_their_status_and_bugs_only_a_number(caplog):
    router = api.APIRouter()
    raised = {
        "/user": UserError("不行。", "这样办。"),
        "/own": api.ApiError(409, "有冲突。", "等等。"),
        "/store": StoreError("磁盘满了。", "清理。"),
        "/full": OSError(errno.ENOSPC, "No space left on device"),
        "/bug": ZeroDivisionError("secret"),
    }

    def raising(request: Request) -> Response:
        raise raised[request.url.path]

    for path in raised:
        router.add_api_route(path, raising, methods=["GET"], name=path[1:])
    app = api.application([router], title="接口")
    got = {path: ask(app, "GET", path) for path in raised}
    assert {path: (one.status, json.loads(one.body)["error"]["code"]) for path, one in got.items()} == {
        "/user": (400, "bad_request"),
        "/own": (409, "conflict"),
        "/store": (503, "unavailable"),
        "/full": (503, "unavailable"),
        "/bug": (500, "internal"),
    }
    assert got["/store"].headers["retry-after"] == ["10"]
    number = json.loads(got["/bug"].body)["error"]["request_id"]
    assert f"编号 {number}" in got["/bug"].text
    assert "secret" not in got["/bug"].text
    assert (f"error {number}" in caplog.text, "ZeroDivisionError: secret" in caplog.text) == (True, True)


def test_an_unknown_complaint_of_the_validator_is_told_in_chinese_too():
    told = api_words.in_chinese([{"type": "new_kind", "loc": ("body", "a", 3), "msg": "English"}])
    assert told == ("字段“a.3”不合要求。", "请按接口说明改正后重试。")
    assert api_words.in_chinese([])[0] == "请求的正文不合要求。"
    assert set(api_errors.CODES) >= {400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503}


def test_every_command_on_the_page_works_as_it_stands(address, tmp_path):
    page = said(tmp_path, curl(), "-s", f"{address}api/v1/")
    blocks = [unescape(one) for one in re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)]
    (tmp_path / "文件.pdf").write_bytes(b"%PDF-1.4 nothing")
    told = {}
    for command in blocks[1:]:
        got = said(tmp_path, *shlex.split(command), "-s", "-w", "\n%{http_code}")
        told[command.replace(address, "/")] = int(got.rpartition("\n")[2])
    assert len(told) > 12
    assert [c for c, status in told.items() if status not in (200, 201, 202, 404)] == []
    missing = [re.search(r"/api/v1/(\w+/\w+)", c)[1] for c, status in told.items() if status == 404]
    assert missing == ["ingest/0123456789ab", "ingest/0123456789ab", "eval/runs", "eval/runs"]
    answer = said(tmp_path, sys.executable, "-c", blocks[0])
    assert answer == "第一条 云河市总工会规定，基层工会委员会每届任期为五年。[1]\n"
    assert "http" not in page.replace(address, "/")
    assert "uq_" not in "".join(blocks)  # without accounts there are no keys


def said(folder, *command) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_schemathesis_finds_nothing(address):
    """A short run of what ``python -m corpus.tests.measure_api`` does at length."""
    assert measure_api.failures(f"{address}api/v1/openapi.json", examples=4) == {}
