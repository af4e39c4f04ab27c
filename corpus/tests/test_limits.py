"""Limits: how often somebody may ask, how large a request may be; what is over them is refused in order."""

import asyncio
import json
import random
import socket
import threading
from contextlib import contextmanager, suppress

import argon2
import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Router

from corpus.accounts import passwords
from corpus.accounts.addresses import network
from corpus.errors import UserError
from corpus.settings import ServerSettings
from corpus.testing import make_store
from corpus.tests.asgi import HERE, PAGE, Answer, ask
from corpus.tests.test_people import GOOD, Clock
from corpus.web import incoming, limits, serving, sign_in
from corpus.web.limits import KIB, MIB, Buckets, Rates, body_limit
from corpus.web.proxy import BehindProxy

USUAL = ServerSettings()
_REACHED = PlainTextResponse("reached")
ASK = "/api/v1/ask"


# -- token buckets --------------------------------------------------------------------------


@pytest.fixture
def clock():
    return Clock()


def test_a_bucket_gives_what_it_holds_at_once_and_then_at_its_rate(clock):
    buckets = Buckets(60, clock=clock)
    assert [buckets.take("甲") for _ in range(21)] == [0.0] * 20 + [1.0]
    clock.s += 0.25
    assert buckets.take("甲") == 0.75
    assert buckets.take("乙") == 0.0  # somebody else's is full
    clock.s += 0.75
    assert (buckets.take("甲"), buckets.take("甲")) == (0.0, 1.0)
    clock.s += 1000
    assert [buckets.take("甲") for _ in range(21)] == [0.0] * 20 + [1.0]  # no more than it holds


def test_who_waits_as_long_as_told_is_let_in(clock):
    rates = Rates.of(USUAL, clock=clock)
    wait = next(filter(None, (rates.address(ASK, "10.0.0.9") for _ in range(10_000))))
    clock.s += wait - 1
    clock.s += 1
    assert rates.address(ASK, "10.0.0.9") == 0


def test_a_clock_that_is_turned_back_gives_nothing_and_takes_nothing(clock):
    buckets = Buckets(60, clock=clock)
    for _ in range(20):
        buckets.take("甲")
    clock.s -= 3600
    assert buckets.take("甲") == 1.0
    clock.s += 1
    assert buckets.take("甲") == 0.0


def test_a_rate_of_nothing_is_no_limit(clock):
    rates = Rates.of(ServerSettings(rate_key=0, rate_address=0), clock=clock)
    assert not any(rates.address(ASK, "10.0.0.9") for _ in range(20_000))
    assert not any(rates.subject(ASK, "10.0.0.9", "key 1") for _ in range(20_000))
    assert len(rates.addresses) == len(rates.keys) == 0


def test_somebody_with_countless_addresses_fills_no_memory(clock):
    buckets = Buckets(1200, most=2_000, clock=clock)
    for number in range(6_000):
        buckets.take(network(f"2001:db8:{number:x}::1"))
    assert len(buckets) == 2_000


def test_one_who_asks_on_and_on_is_not_forgotten_for_others(clock):
    buckets = Buckets(60, most=100, clock=clock)
    for number in range(1_000):
        waits = buckets.take("一直问")
        buckets.take(f"别人 {number}")
    assert waits == 1.0


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:10.0.0.9", "10.0.0.9"),
        ("10.0.0.9", "10.0.0.9"),
        ("", ""),
        ("unix:" + "x" * 100, "unix:" + "x" * 55),
    ],
)
def test_an_address_stands_for_all_that_its_holder_has(address, same):
    assert network(address) == same


# -- the usual rates ------------------------------------------------------------------------


def asked_by(people, every_s, minutes, *, keys=lambda person: f"person {person}", seed=7):
    """How many requests were let in and refused, of an office behind one address; and the longest wait."""
    clock, draw = Clock(), random.Random(seed)
    rates = Rates.of(USUAL, clock=clock)
    start = clock.s
    begun = [draw.uniform(0, every_s) for _ in range(people)]
    moments = sorted(
        (at + turn * every_s + draw.uniform(0, 0.5), person)
        for person, at in enumerate(begun)
        for turn in range(int(minutes * 60 / every_s))
    )
    let_in, waits = 0, []
    for moment, person in moments:
        clock.s = start + moment
        wait = rates.address(ASK, "203.0.113.7") or rates.subject(ASK, "203.0.113.7", keys(person))
        let_in += not wait
        waits += [wait] if wait else []
    return let_in, len(waits), max(waits, default=0)


def test_an_office_of_fifty_behind_one_address_is_never_refused():
    assert asked_by(50, 5, 10) == (6000, 0, 0)


def test_an_office_of_fifty_that_asks_through_one_program_with_one_key_is_never_refused():
    assert asked_by(50, 5, 10, keys=lambda _: "key 1") == (6000, 0, 0)


def test_ten_times_as_many_are_let_in_at_the_rate_and_the_rest_told_to_wait_a_moment():
    let_in, refused, longest = asked_by(500, 5, 2)
    assert let_in + refused == 12_000
    assert let_in == pytest.approx(2 * USUAL.rate_address + USUAL.rate_address / 3, rel=0.01)
    assert longest == 1


def test_one_key_leaves_room_for_the_others_behind_its_address():
    clock = Clock()
    rates = Rates.of(USUAL, clock=clock)
    refused = 0
    for _ in range(60 * 100):  # a minute, a hundred times a second
        clock.s += 0.01
        if not rates.address(ASK, "203.0.113.7"):
            refused += bool(rates.subject(ASK, "203.0.113.7", "key 1"))
    assert refused > 4000
    assert all(
        rates.address(ASK, "203.0.113.7") == rates.subject(ASK, "203.0.113.7", f"key {n}") == 0
        for n in range(2, 52)
    )


# -- the guard --------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(1, 8, 1))
    with make_store(tmp_path) as store:
        store.people.add("林主任", ["admin"], GOOD, who="命令行")
        yield store


@pytest.fixture
def guarded(store, clock):
    """Makes a guard over an application, with few requests a minute."""

    def guarded(app=_REACHED, *, key=30, address=60):
        rates = Rates.of(ServerSettings(rate_key=key, rate_address=address), clock=clock)
        return sign_in.Guard(app, store.people, [], store.keys, rates)

    return guarded


def bearer(store, name="报表系统"):
    return {"authorization": f"Bearer {store.keys.add(name, ['cadre'], who='林主任').secret}"}


def statuses(app, n, method="POST", path=ASK, **given):
    return [ask(app, method, path, **given).status for _ in range(n)]


def test_who_asks_too_often_is_told_how_long_to_wait(guarded, store, clock):
    app, key = guarded(), bearer(store)
    assert statuses(app, 10, headers=key) == [200] * 10
    got = ask(app, "POST", ASK, headers=key)
    said = json.loads(got.body)["error"]
    assert (got.status, got.headers["retry-after"]) == (429, ["2"])
    assert (said["code"], said["message"], said["hint"]) == (
        "rate_limited",
        "请求太频繁。",
        "请过 2 秒再试。",
    )
    clock.s += 2
    assert statuses(app, 2, headers=key) == [200, 429]
    assert statuses(app, 5, headers=bearer(store, "另一个")) == [200] * 5
    there = {"headers": key, "client": ("10.0.0.9", 1)}
    assert statuses(app, 1, **there) == [429]  # the same key from elsewhere


def test_openai_programs_are_told_in_their_shape(guarded, store):
    app, key = guarded(), bearer(store)
    statuses(app, 10, headers=key)
    got = ask(app, "POST", "/v1/chat/completions", headers=key)
    assert (got.status, got.headers["retry-after"]) == (429, ["2"])
    assert json.loads(got.body)["error"]["type"] == "rate_limit_error"


def test_guessing_keys_uses_up_the_share_of_the_address(guarded):
    app = guarded()
    wrong = {"authorization": "Bearer uq_wrong"}
    assert statuses(app, 21, headers=wrong) == [401] * 20 + [429]
    assert statuses(app, 1, headers=wrong, client=("10.0.0.9", 1)) == [401]


def test_pages_have_a_share_of_their_own_and_their_files_cost_nothing(guarded):
    app = guarded()
    assert statuses(app, 201, "GET", "/") == [401] * 200 + [429]
    page = ask(app, "GET", "/", headers=PAGE)
    assert (page.status, page.headers["retry-after"]) == (429, ["1"])
    assert "请求太频繁。" in page.text
    event = ask(app, "POST", "/gradio_api/queue/join")
    assert (event.status, json.loads(event.body)["error"]) == (429, "请求太频繁。请过 1 秒再试。")
    assert statuses(app, 2, "GET", "/assets/index.js") == [401, 401]
    assert statuses(app, 1) == [401]


def test_whoever_watches_the_program_is_never_refused(guarded):
    app = guarded()
    for path in ("/healthz", "/readyz", "/metrics"):
        assert set(statuses(app, 100, "GET", path)) == {200}


@pytest.mark.parametrize(
    ("proxies", "peer", "chain", "refused"),
    [
        (["10.0.0.7"], "10.0.0.7", "203.0.113.{n}", False),
        (["10.0.0.0/8"], "10.0.0.7", "6.6.6.6, 203.0.113.{n}, 10.0.0.8", False),
        (["10.0.0.7"], "10.0.0.7", "203.0.113.{n}, 198.51.100.4", True),  # what comes before is made up
        (["10.0.0.7"], "10.0.0.7", "nobody-{n}", True),
        (["10.0.0.7"], "10.0.0.9", "203.0.113.{n}", True),  # not a proxy of ours
        ([], "127.0.0.1", "203.0.113.{n}", True),
        ([], "10.0.0.9", "203.0.113.{n}", True),
    ],
)
def test_only_a_proxy_that_was_named_is_believed_whom_it_speaks_for(guarded, proxies, peer, chain, refused):
    app = BehindProxy(guarded(), proxies=proxies)
    asked = [
        ask(app, "POST", ASK, client=(peer, 1), headers={"x-forwarded-for": chain.format(n=n)}).status
        for n in range(25)
    ]
    assert asked == [401] * 20 + [429 if refused else 401] * 5


def test_a_proxy_that_was_not_named_is_told_of_once(guarded, caplog):
    app = BehindProxy(guarded())
    for _ in range(3):
        ask(app, "POST", ASK, headers={"x-forwarded-for": "203.0.113.7"})
    assert [r.getMessage() for r in caplog.records] == [
        "有请求经反向代理而来，但没有设置 UNIONQA_PROXIES：经它来的人都算作同一个地址（127.0.0.1）。"
    ]


# -- how large ----------------------------------------------------------------------------------


def test_a_body_has_the_room_that_its_path_needs():
    assert body_limit("/sign-in") == body_limit("/admin/keys") == 64 * KIB
    assert body_limit("/api/v1/feedback") == body_limit("/mcp/x") == MIB
    assert body_limit("/api/v1/ask") == body_limit("/api/v1/ask/stream") == 4 * MIB
    assert body_limit("/v1/chat/completions") == 4 * MIB
    assert body_limit("/api/v1/ingest") == body_limit("/corpus/drafts/in/7") == 1024 * MIB
    assert body_limit("/") == body_limit("/gradio_api/queue/join") == body_limit("") == 8 * MIB
    assert body_limit("/corpus/act") == body_limit("/articles/1/1") == 8 * MIB


async def _reads(scope, receive, send):
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{len(body)}")(scope, receive, send)


async def _reads_and_hides_what_went_wrong(scope, receive, send):
    try:
        await _reads(scope, receive, send)
    except ClientDisconnect:
        await JSONResponse({"detail": "There was an error parsing the body"}, 400)(scope, receive, send)


def sent(app, path, parts, headers=(), wait=None, pause=0.0):
    """Send a body in parts without saying how long it is; what came back, and how many parts were read."""
    answer, read = Answer(), []
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"127.0.0.1:7860"),
            *((a.encode(), b.encode()) for a, b in dict(headers).items()),
        ],
        "client": HERE,
        "server": HERE,
    }

    async def receive():
        if len(read) == len(parts):
            await asyncio.Event().wait()  # silence
        if pause:
            await asyncio.sleep(pause)
        read.append(parts[len(read)])
        return {
            "type": "http.request",
            "body": read[-1],
            "more_body": len(read) < len(parts) or wait is not None,
        }

    async def send(message):
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    asyncio.run(app(scope, receive, send))
    return answer, len(read)


@pytest.mark.parametrize("inner", [_reads, _reads_and_hides_what_went_wrong])
def test_a_body_that_does_not_say_how_long_it_is_ends_at_the_limit(guarded, store, inner):
    app, key = guarded(inner), bearer(store)
    fits, _ = sent(app, "/api/v1/feedback", [b"x" * KIB * 64] * 16, key)
    assert (fits.status, fits.body) == (200, b"1048576")
    over, read = sent(app, "/api/v1/feedback", [b"x" * KIB * 64] * 1000, key)
    assert (over.status, read) == (413, 17 + 128)  # so much more is taken in for the answer to be heard
    assert json.loads(over.body)["error"]["message"] == "请求太大，这里最多 1 MB。"
    assert over.headers["connection"] == "close"


def test_a_body_that_says_it_is_too_long_is_not_read(guarded, store):
    reached = []

    async def noted(scope, receive, send):
        reached.append(scope["path"])
        await _reads(scope, receive, send)

    app, key = guarded(noted), bearer(store)
    for length in (str(MIB + 1), "9" * 5000, "-1", "x"):
        reached.clear()
        over, _ = sent(app, "/api/v1/feedback", [b"x"] * 5, {**key, "content-length": length})
        assert (over.status, reached) == (413, [])
    assert sent(app, "/api/v1/feedback", [b"x"], {**key, "content-length": "1"})[0].status == 200
    page, _ = sent(app, "/sign-in", [b"x"], {"content-length": str(10**6), "accept": "text/html"})
    assert (page.status, "请求太大，这里最多 64 KB。" in page.body.decode()) == (413, True)


def test_what_is_mounted_below_a_path_does_not_change_how_a_refusal_looks(guarded, store):
    app, key = guarded(Router([Mount("/api/v1", _reads)])), bearer(store)
    over, _ = sent(app, "/api/v1/feedback", [b"x" * MIB] * 2, key)
    assert (over.status, json.loads(over.body)["error"]["code"]) == (413, "too_large")


def test_a_body_that_does_not_come_to_an_end_is_not_waited_for(guarded, store, monkeypatch):
    monkeypatch.setattr(limits, "SILENCE_S", 0.01)
    got, _ = sent(guarded(_reads), "/api/v1/feedback", [b"x"], bearer(store), wait=True)
    assert (got.status, json.loads(got.body)["error"]["message"]) == (408, "请求没有发完。")


def test_a_body_that_comes_drop_by_drop_is_not_waited_for(guarded, store, monkeypatch):
    monkeypatch.setattr(limits, "SILENCE_S", 0.2)
    app, key = guarded(_reads), bearer(store)
    drops, read = sent(app, "/api/v1/feedback", [b"x"] * 100_000, key, pause=0.01)
    assert (drops.status, read < 1000) == (408, True)


def test_an_answer_may_take_longer_than_a_body(guarded, store, monkeypatch):
    monkeypatch.setattr(limits, "SILENCE_S", 0.01)

    async def slow(scope, receive, send):
        await Request(scope, receive).body()
        await asyncio.wait([asyncio.ensure_future(receive())], timeout=0.05)
        await PlainTextResponse("done")(scope, receive, send)

    assert sent(guarded(slow), "/api/v1/feedback", [b"x"], bearer(store))[0].body == b"done"


def test_heads_that_no_honest_program_sends_are_refused(guarded, store):
    app, key = guarded(), bearer(store)
    long = ask(app, "GET", f"/api/v1/search?q={'x' * 9000}", headers=key)
    assert (long.status, json.loads(long.body)["error"]["message"]) == (414, "网址太长。")
    large = ask(app, "GET", "/api/v1/search", headers={**key, "cookie": "x" * 40_000})
    assert (large.status, json.loads(large.body)["error"]["message"]) == (431, "请求头太大。")
    many = ask(app, "GET", "/api/v1/search", headers={**key, **{f"x-{n}": "1" for n in range(101)}})
    assert many.status == 431
    assert (
        ask(app, "GET", f"/api/v1/search?q={'x' * 8000}", headers={**key, "cookie": "x" * 20_000}).status
        == 200
    )


# -- over a real connection --------------------------------------------------------------------


@contextmanager
def listening(app):
    """Where an application is served, by the protocol that the program has."""
    server = uvicorn.Server(uvicorn.Config(app, http=serving._Patient, log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield door.getsockname()
        finally:
            server.should_exit = True
            thread.join(30)


def said_to(place, *parts):
    """All that comes back on a connection until the server ends it; after each part but the last something does."""
    said = b""
    with socket.create_connection(place) as connection, suppress(ConnectionError):
        connection.settimeout(30)
        for number, part in enumerate(parts, 1):
            connection.sendall(part)
            if number < len(parts):
                said += connection.recv(65536)
        while more := connection.recv(65536):
            said += more
    return said


_WHOLE, _HALF = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", b"GET / HTTP/1.1\r\nhost:"


def test_a_connection_on_which_no_request_comes_about_is_ended(monkeypatch):
    monkeypatch.setattr(serving, "_HEAD_S", 0.05)
    with listening(_REACHED) as place:
        assert said_to(place) == said_to(place, _HALF) == b""
        # Where this machine is so slow that the request comes too late, another one is made.
        told = next(filter(None, (said_to(place, _WHOLE, _HALF) for _ in range(50))))
        assert told.count(b"HTTP/1.1 200") == told.count(b"reached") == 1


def test_an_answer_that_takes_long_is_not_cut_off(monkeypatch):
    monkeypatch.setattr(serving, "_HEAD_S", 0.1)

    async def slow(scope, receive, send):
        await asyncio.sleep(0.5)
        await _REACHED(scope, receive, send)

    ending = _WHOLE.replace(b"host: x", b"host: x\r\nconnection: close")
    with listening(slow) as place:
        assert next(filter(None, (said_to(place, ending) for _ in range(10)))).endswith(b"reached")


def test_a_refusal_is_heard_by_who_is_still_sending(guarded, store, monkeypatch):
    monkeypatch.setattr(incoming, "_DRAIN_S", 60)  # however slow this machine is
    key = bearer(store)["authorization"].encode()
    head = b"POST /api/v1/feedback HTTP/1.1\r\nhost: 127.0.0.1:7860\r\ntransfer-encoding: chunked\r\n"
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with listening(guarded(_reads)) as place:
        told = said_to(place, head + b"authorization: " + key + b"\r\n\r\n" + chunk * 40 + b"0\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 413 ")
    assert "请求太大，这里最多 1 MB。".encode() in told


def test_a_head_that_never_ends_is_not_kept(guarded):
    with listening(guarded()) as place, socket.create_connection(place) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError):
            for number in range(100_000):
                connection.sendall(b"x-%d: " % number + b"a" * 10_000 + b"\r\n")


# -- settings ---------------------------------------------------------------------------------


def test_the_limits_are_set_by_the_environment():
    assert ServerSettings.from_environment({}) == ServerSettings()
    given = {
        "UNIONQA_RATE_KEY": "60",
        "UNIONQA_RATE_ADDRESS": "0",
        "UNIONQA_PROXIES": "127.0.0.1, 10.0.0.0/8,::1",
    }
    settings = ServerSettings.from_environment(given)
    assert (settings.rate_key, settings.rate_address) == (60, 0)
    assert settings.proxies == ("127.0.0.1", "10.0.0.0/8", "::1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UNIONQA_RATE_KEY", "many"),
        ("UNIONQA_RATE_ADDRESS", "-1"),
        ("UNIONQA_RATE_ADDRESS", "1.5"),
        ("UNIONQA_RATE_ADDRESS", "١٢"),
        ("UNIONQA_PROXIES", "*"),
        ("UNIONQA_PROXIES", "proxy.example"),
        ("UNIONQA_PROXIES", "10.0.0.1/8"),
        ("UNIONQA_PORT", "70000"),
    ],
)
def test_what_a_setting_cannot_be_is_said(name, value):
    with pytest.raises(UserError) as raised:
        ServerSettings.from_environment({name: value})
    assert name in raised.value.message
    assert raised.value.hint
