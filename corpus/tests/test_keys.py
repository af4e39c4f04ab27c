"""API keys: what holds whatever program shows them, and what the guard makes of them."""

import asyncio
import json
import re
from datetime import datetime

import argon2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Router

from corpus.accounts import passwords
from corpus.accounts.keys import Keys
from corpus.accounts.people import NOTED_S
from corpus.catalogue import Catalogue
from corpus.testing import make_store
from corpus.tests.asgi import PAGE, answered, ask
from corpus.tests.test_people import GOOD, Clock, refused
from corpus.web import access, admin_routes, sign_in

DAY_S = 86_400


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(1, 8, 1))


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path) as store:
        store.people.add("林主任", ["admin"], GOOD, who="命令行")
        store.keys = Keys(store._catalogue, Clock())
        yield store


@pytest.fixture
def keys(store):
    return store.keys


# -- keys ---------------------------------------------------------------------------------


def test_a_key_is_told_once_and_only_its_hash_is_kept(store, keys):
    key, secret = keys.add("报表系统", ["office"], days=30, who="林主任")
    assert re.fullmatch(r"uq_[\w-]{43}", secret)
    assert (key.name, key.person.title, key.created_by, key.state) == ("报表系统", "办公室", "林主任", "有效")
    assert key.person.roles == {"cadre", "office"}
    ends = datetime.fromtimestamp(keys._clock() + 30 * DAY_S).date().isoformat()
    assert (key.ends_on, key.used_at) == (ends, "")
    assert keys.find(secret) == key
    store._catalogue.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    held = (store.directory / "catalogue.sqlite").read_bytes()
    assert key.shown.encode() in held  # so it is looked for in the right place
    assert secret.encode() not in held
    assert secret[len(key.shown) :].encode() not in held


def test_no_two_keys_are_alike_and_none_is_found_by_part(keys):
    secrets = [keys.add(f"系统{n}", [], who="林主任").secret for n in range(20)]
    assert len(set(secrets)) == 20
    for wrong in (
        "",
        "uq_",
        secrets[0][:-1],
        f"{secrets[0]}x",
        secrets[0].upper(),
        " " + secrets[0],
        "\ud800",
    ):
        assert keys.find(wrong) is None


def test_a_key_ends_after_its_last_day_and_when_it_is_revoked(keys):
    ending, endless = keys.add("短", [], days=1, who="林主任"), keys.add("长", [], days=0, who="林主任")
    keys._clock.s += DAY_S
    assert keys.find(ending.secret)  # its last day
    keys._clock.s += DAY_S
    assert keys.find(ending.secret) is None
    assert keys.find(endless.secret)
    keys.revoke("长", who="林主任")
    assert keys.find(endless.secret) is None
    assert {key.name: key.state for key in keys.all()} == {"短": "已过期", "长": "已撤销"}


def test_a_name_is_free_again_once_its_key_is_revoked(keys):
    first = keys.add("报表 系统", [], who="林主任")
    assert refused(keys.add, "报表系统", [], who="林主任") == "已经有叫“报表系统”的密钥了。"
    keys.revoke("报表系统", who="林主任")
    second = keys.add("报表系统", ["trainer"], who="林主任")
    assert (keys.find(first.secret), keys.find(second.secret).name) == (None, "报表系统")
    assert [key.state for key in keys.all()] == ["有效", "已撤销"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "密钥的名称不合适。"),
        ({"name": "甲" * 41}, "密钥的名称不合适。"),
        ({"name": "甲\x1b[2J"}, "密钥的名称不合适。"),
        ({"days": -1}, "有效天数不合适。"),
        ({"days": 4000}, "有效天数不合适。"),
        ({"roles": ["root"]}, "没有“root”这种角色。"),
    ],
)
def test_what_will_not_do_for_a_key_is_said(keys, given, said):
    assert refused(keys.add, **{"name": "报表系统", "roles": [], "who": "林主任", **given}) == said
    assert keys.all() == []


def test_without_accounts_there_are_no_keys(tmp_path):
    keys = Keys(Catalogue(tmp_path / "catalogue.sqlite"))
    assert refused(keys.add, "报表系统", [], who="命令行") == "还没有账号：只在本机使用，不需要密钥。"


def test_who_made_and_revoked_a_key_is_in_the_audit_log_and_the_secret_is_not(store, keys):
    key, secret = keys.add("报表系统", ["office"], days=0, who="林主任")
    keys.revoke("报表系统", who="命令行")
    assert refused(keys.revoke, "报表系统", who="命令行") == "没有叫“报表系统”的密钥。"
    lines = [line[2:7] for line in store.trail.entries()][:2]
    assert lines == [
        ("命令行", "撤销密钥", f"报表系统（{key.shown}…）", "办公室", ""),
        ("林主任", "添加密钥", f"报表系统（{key.shown}…）", "", "办公室，不过期"),
    ]
    assert secret not in "".join(store.trail.jsonl())
    assert store.trail.check() == []


def test_the_last_use_is_noted_now_and_then(keys):
    _, secret = keys.add("报表系统", [], who="林主任")
    first = keys.find(secret)
    assert keys.to_note(first)
    keys.note(first)
    noted = keys.find(secret)
    assert datetime.fromisoformat(noted.used_at).timestamp() == keys._clock()
    assert not keys.to_note(noted)
    keys._clock.s += NOTED_S + 1
    assert keys.to_note(noted)
    keys._clock.s -= DAY_S  # the clock was turned back
    assert keys.to_note(noted)


def test_nobody_has_a_name_that_a_key_could_have(store):
    for name in ("密钥 报表系统", "密钥报表系统", "密钥"):
        said = refused(store.people.add, name, ["cadre"], GOOD, who="林主任")
        assert said == f"“{name}”是程序自己用的名字。"


# -- the guard --------------------------------------------------------------------------------


async def _says(scope, receive, send):
    person, key = scope["person"], scope["key"]
    await PlainTextResponse(f"{person and person.name}|{key and key.name}")(scope, receive, send)


@pytest.fixture
def app(store):
    return sign_in.Guard(_says, store.people, [("/", "问答")], store.keys)


def bearer(secret, scheme="Bearer"):
    return {"authorization": f"{scheme} {secret}"}


@pytest.fixture
def secret(store):
    return store.keys.add("报表系统", ["cadre"], who="林主任").secret


@pytest.fixture
def admin(store):
    token = store.people.sign_in("林主任", GOOD, address="10.0.0.7")
    return {sign_in.cookie_name(store.people): token}


def test_a_program_is_taken_for_its_key(app, secret):
    for scheme in ("Bearer", "bearer", "BEARER"):
        got = ask(app, "POST", "/api/v1/ask", headers=bearer(secret, scheme), client=("10.0.0.9", 1))
        assert (got.status, got.text) == (200, "密钥 报表系统|报表系统")


def test_a_key_opens_no_page_whatever_its_roles(app, store):
    every = {**access.TABLE, "/": (), "/gradio_api/queue/join": (), "/config": ()}
    secret = store.keys.add("万能", ["admin"], who="林主任").secret
    opened = {
        path
        for path in every
        for method in ("GET", "POST")
        if ask(app, method, path, headers={**bearer(secret), **PAGE}).status == 200
    }
    assert opened == {path for path, roles in access.TABLE.items() if not roles}  # those that are for anyone


def test_a_key_may_what_its_roles_may_and_no_more(app, store):
    reached = {}
    for role in ("cadre", "trainer", "office", "admin"):
        secret = store.keys.add(role, [role], who="林主任").secret
        reached[role] = {
            path for path in access.API if ask(app, "GET", path, headers=bearer(secret)).status == 200
        }
    everybody = {path for path, roles in access.API.items() if roles in ((), ("cadre",))}
    everybody |= {"/metrics"}  # asked from this machine
    assert reached == {
        "cadre": everybody,
        "trainer": everybody | {"/api/v1/eval"},
        "office": everybody | {"/api/v1/ingest"},
        "admin": set(access.API),
    }
    cadre = store.keys.add("别处", ["cadre"], who="林主任").secret
    said = ask(app, "GET", "/metrics", headers=bearer(cadre), client=("10.0.0.9", 1))
    assert (said.status, json.loads(said.body)["error"]["message"]) == (403, "这个密钥不能用在这里。")


def test_metrics_are_for_administrators_and_for_this_machine(app, store):
    secret = store.keys.add("监控", ["admin"], who="林主任").secret
    there = ("10.0.0.9", 1)
    assert ask(app, "GET", "/metrics").status == 200
    assert ask(app, "GET", "/metrics", client=there, headers=bearer(secret)).status == 200
    assert ask(app, "GET", "/metrics", client=there).status == 401
    assert ask(app, "GET", "/metrics", headers={"x-forwarded-for": "10.0.0.9"}).status == 401
    assert ask(app, "GET", "/metrics", headers={"host": "unionqa.example"}).status == 401
    assert ask(app, "GET", "/api/v1/ask").status == 401


def test_a_wrong_key_is_refused_even_with_a_good_cookie(app, admin, secret):
    for wrong in ("uq_wrong", "sk-dummy", "", secret[:-1]):
        got = ask(app, "POST", "/api/v1/ask", headers=bearer(wrong), cookies=admin)
        said = json.loads(got.body)["error"]
        assert (got.status, said["code"], said["message"]) == (
            401,
            "invalid_api_key",
            "密钥不对，或者已经过期、撤销。",
        )
        assert got.headers["www-authenticate"] == ["Bearer"]
    openai = ask(app, "POST", "/v1/chat/completions", headers=bearer("sk-dummy"))
    assert openai.status == 401
    assert json.loads(openai.body)["error"] == {
        "message": "密钥不对，或者已经过期、撤销。请检查密钥是否抄全；需要新的密钥，请找管理员。",
        "type": "authentication_error",
        "param": None,
        "code": "invalid_api_key",
    }


def test_a_cookie_works_for_programs_too_but_not_for_another_website(app, admin):
    assert ask(app, "POST", "/api/v1/ask", cookies=admin).text == "林主任|None"
    own = {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}
    assert ask(app, "POST", "/api/v1/ask", cookies=admin, headers=own).status == 200
    for foreign in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        for path in ("/api/v1/ask", "/v1/chat/completions", "/mcp", "/api/v1/ingest"):
            assert ask(app, "POST", path, cookies=admin, headers=foreign).status == 403
            wrong = {**foreign, **bearer("uq_wrong")}
            assert ask(app, "POST", path, cookies=admin, headers=wrong).status in (401, 403)


def test_a_desktop_program_with_a_key_may_say_where_it_comes_from(app, secret):
    """Programs made with a browser inside send such headers; no browser sends a key by itself."""
    foreign = {"origin": "file://", "sec-fetch-site": "cross-site", **bearer(secret)}
    got = ask(app, "POST", "/v1/chat/completions", headers=foreign)
    assert (got.status, "access-control-allow-origin" in got.headers) == (200, False)


def test_without_accounts_a_made_up_key_is_no_hindrance_and_opens_nothing_elsewhere(tmp_path):
    with make_store(tmp_path) as store:
        alone = sign_in.Guard(_says, store.people, [], store.keys)
        for secret in ("sk-dummy", "uq_dummy", ""):
            got = ask(alone, "POST", "/v1/chat/completions", headers=bearer(secret))
            assert (got.status, got.text) == (200, "None|None")
            there = ask(alone, "POST", "/v1/chat/completions", headers=bearer(secret), client=("10.0.0.9", 1))
            assert there.status == 403
            foreign = {**bearer(secret), "origin": "http://evil.example"}
            assert ask(alone, "POST", "/v1/chat/completions", headers=foreign).status == 403


def test_a_revoked_key_ends_its_streams_and_is_refused_at_the_next_request(store, secret, monkeypatch):
    monkeypatch.setattr(sign_in, "LOOK_S", -1)

    async def numbers():
        for n in range(5):
            if n == 2:
                store.keys.revoke("报表系统", who="林主任")
            yield f"{n}\n"

    guard = sign_in.Guard(StreamingResponse(numbers()), store.people, [], store.keys)
    assert ask(guard, "POST", "/api/v1/ask/stream", headers=bearer(secret)).body == b"0\n1\n"
    assert ask(guard, "POST", "/api/v1/ask", headers=bearer(secret)).status == 401


def test_the_use_of_a_key_is_noted_by_the_guard(app, store, secret):
    async def asked():
        await answered(app, "POST", "/api/v1/ask", headers=bearer(secret))
        await asyncio.gather(*app._noting)

    asyncio.run(asked())
    assert store.keys.find(secret).used_at


def test_what_is_in_no_table_is_for_nobody(app, store):
    secret = store.keys.add("万能", ["admin"], who="林主任").secret
    unknown = [
        "/api",
        "/api/v2/ask",
        "/api/v1/keys",
        "/api/v1/asked",
        "/v1",
        "/v1/files",
        "/v1/chat",
        "/mcpx",
    ]
    for path in [*unknown, "/api/v1/../../admin", "/metricsx"]:
        assert ask(app, "POST", path, headers=bearer(secret)).status in (401, 404), path
    assert ask(app, "GET", "/api/v1/", headers=bearer(secret)).status == 200


def test_a_bug_behind_the_guard_is_told_to_programs_in_their_shape(store, secret):
    async def broken(scope, receive, send):
        await Request(scope, receive).body()
        raise RuntimeError("a secret")

    guard = sign_in.Guard(broken, store.people, [], store.keys)
    got = ask(guard, "POST", "/api/v1/ask", headers=bearer(secret))
    assert (got.status, json.loads(got.body)["error"]["code"], "a secret" in got.text) == (
        500,
        "internal",
        False,
    )


# -- the administrators' page ---------------------------------------------------------------


@pytest.fixture
def office(store):
    """The guarded application with the administrators' pages."""
    routes = admin_routes.routes(store, [("/", "问答")])
    return sign_in.Guard(Router([*routes, Mount("/", _says)]), store.people, [], store.keys)


NASTY = '"><img src=x onerror=alert(1)>'


def test_an_administrator_adds_a_key_sees_it_once_and_revokes_it(office, store, admin):
    form = {"name": NASTY, "role": ["trainer", "office"], "days": "90"}
    added = ask(office, "POST", "/admin/keys", cookies=admin, headers=PAGE, form=form)
    assert (added.status, added.headers["cache-control"]) == (200, ["no-store"])
    secret = re.search(
        r'readonly class="secret" aria-label="新的密钥" value="(uq_[\w-]{43})"', added.text
    ).group(1)
    key = store.keys.find(secret)
    assert (key.name, key.person.title, key.created_by) == (NASTY, "培训、办公室", "林主任")
    page = ask(office, "GET", "/admin/", cookies=admin, headers=PAGE).text
    assert secret not in page
    assert NASTY not in page + added.text
    assert "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;" in page
    assert f"<code>{key.shown}…</code>" in page
    revoked = ask(office, "POST", "/admin/revoke", cookies=admin, headers=PAGE, form={"name": NASTY})
    assert revoked.status == 303
    assert store.keys.find(secret) is None
    after = ask(office, "GET", f"/admin/{revoked.location[2:]}", cookies=admin, headers=PAGE).text
    assert "：密钥已经撤销，用它的程序再也不能访问。" in after
    assert "已撤销" in after
    assert NASTY not in after
    lured = ask(office, "GET", "/admin/?done=revoke&name=Call+0555", cookies=admin, headers=PAGE)
    assert "0555" not in lured.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "", "days": "30"}, "密钥的名称不合适。"),
        ({"name": "报表系统", "days": ""}, "有效天数不合适。"),
        ({"name": "报表系统", "days": "-3"}, "有效天数不合适。"),
        ({"name": "报表系统", "days": "99999"}, "有效天数不合适。"),
        ({"name": "报表系统", "days": "30", "role": "root"}, "没有“root”这种角色。"),
    ],
)
def test_a_form_for_a_key_that_will_not_do_says_why_and_stays_open(office, store, admin, form, said):
    answer = ask(office, "POST", "/admin/keys", cookies=admin, headers=PAGE, form=form)
    assert (answer.status, said in answer.text) == (400, True)
    assert '<details class="person" open><summary><b>添加密钥' in answer.text
    assert store.keys.all() == []


def test_only_an_administrator_who_is_signed_in_gives_and_takes_keys(office, store, secret):
    store.people.add("办小公", ["office"], GOOD, who="林主任")
    token = store.people.sign_in("办小公", GOOD, address="10.0.0.7")
    cookie = {sign_in.cookie_name(store.people): token}
    powerful = store.keys.add("万能", ["admin"], who="林主任").secret
    for path in ("/admin/keys", "/admin/revoke"):
        form = {"name": "报表系统", "days": "0"}
        assert ask(office, "POST", path, form=form).status == 401
        assert ask(office, "POST", path, form=form, headers=bearer(powerful)).status == 401
        assert ask(office, "POST", path, form=form, cookies=cookie).status == 403
    assert sorted(key.name for key in store.keys.all()) == ["万能", "报表系统"]
    assert store.keys.find(secret)


def test_another_website_makes_no_administrator_give_keys_away(office, store, admin):
    form = {"name": "偷来的", "days": "0", "role": "admin"}
    foreign = {
        **PAGE,
        "origin": "http://evil.example",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
    }
    assert ask(office, "POST", "/admin/keys", cookies=admin, headers=foreign, form=form).status == 403
    assert store.keys.all() == []


def test_without_accounts_the_page_offers_no_keys(tmp_path):
    with make_store(tmp_path) as store:
        office = sign_in.Guard(Router(admin_routes.routes(store, [])), store.people, [], store.keys)
        assert "添加密钥" not in ask(office, "GET", "/admin/", headers=PAGE).text
        answer = ask(office, "POST", "/admin/keys", headers=PAGE, form={"name": "甲", "days": "1"})
        assert (answer.status, "还没有账号：只在本机使用，不需要密钥。" in answer.text) == (400, True)
