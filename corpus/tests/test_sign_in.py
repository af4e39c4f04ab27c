"""The guard and the forms of signing in, over an application that answers everything."""

import asyncio
import re
from html import unescape
from urllib.parse import urlencode

import argon2
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Router

from corpus.accounts import passwords
from corpus.accounts.people import IDLE_S, People
from corpus.errors import UserError
from corpus.testing import make_store
from corpus.tests.asgi import PAGE, answered, ask
from corpus.tests.test_people import BETTER, GOOD, Clock
from corpus.web import account_routes, admin_routes, sign_in

OFFERED = [("/", "问答"), ("/corpus", "资料库"), ("/eval", "测评"), ("/admin", "管理")]
NASTY = '"><img src=x onerror=alert(1)>'
NAMES = {"cadre": "干小部", "trainer": "培小训", "office": "办小公", "admin": "管小理"}


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(1, 8, 1))
    passwords.nobody.cache_clear()


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path) as store:
        store.people = People(store._catalogue, Clock())
        yield store


@pytest.fixture
def alone(store):
    """The guarded application of a store without accounts."""

    async def inner(scope, receive, send):
        person = scope["person"]
        await PlainTextResponse(f"reached {person and person.name}")(scope, receive, send)

    routes = [*account_routes.routes(store.people, OFFERED), *admin_routes.routes(store, OFFERED)]
    return sign_in.Guard(Router([*routes, Mount("/", inner)]), store.people, OFFERED)


@pytest.fixture
def app(alone, store):
    """The same with an account for each role."""
    store.people.add(NAMES["admin"], ["admin"], GOOD, who="命令行")
    for role in ("cadre", "trainer", "office"):
        store.people.add(NAMES[role], [role], GOOD, who="命令行")
    return alone


def held(store, role="cadre"):
    """The cookie of somebody who is signed in."""
    token = store.people.sign_in(NAMES[role], GOOD, address="10.0.0.7")
    return {sign_in.cookie_name(store.people): token}


def signed_in(app, name=NAMES["cadre"], password=GOOD, wanted="", **given):
    """Fill in the sign-in form as a browser does."""
    address = "/sign-in?" + urlencode({"next": wanted}) if wanted else "/sign-in"
    form = ask(app, "GET", address, headers=PAGE)
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.text)
    fields = {field: unescape(value) for field, value in hidden}
    cookies = {name: form.cookie(name) for name in form.cookies} | given.pop("cookies", {})
    fields |= {"name": name, "password": password}
    return ask(app, "POST", "/sign-in", headers=PAGE, cookies=cookies, form=fields, **given)


# -- who reaches what -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("/", "cadre trainer office admin"),
        ("/config", "cadre trainer office admin"),
        ("/gradio_api/queue/join", "cadre trainer office admin"),
        ("/articles/1/1", "cadre trainer office admin"),
        ("/account/", "cadre trainer office admin"),
        ("/corpus/", "office admin"),
        ("/corpus", "office admin"),
        ("/corpus/grid.json", "office admin"),
        ("/eval/gradio_api/queue/data", "trainer admin"),
        ("/statistics/", "trainer office admin"),
        ("/admin/", "admin"),
        ("/admin/people", "admin"),
        ("/gradio_api/upload", ""),
        ("/corpus/gradio_api/upload", ""),
        ("/corpus/gradio_api/file=/etc/passwd", ""),
        ("/gradio_api/file=/etc/passwd", ""),
        ("/gradio_api/proxy=http://10.0.0.1/", ""),
        ("/corpus/gradio_api/vibe-code", ""),
        ("/corpus/login", ""),
        ("/corpus/monitoring", ""),
        ("/Corpus/", ""),
        ("//corpus/", ""),
        ("/corpusx", ""),
        ("/store/catalogue.sqlite", ""),
        ("/anything", ""),
    ],
)
def test_the_role_decides_by_the_path(app, store, path, roles):
    reached = [
        role for role in NAMES if ask(app, "GET", path, cookies=held(store, role)).status in (200, 307)
    ]
    assert reached == roles.split()
    assert ask(app, "GET", path).status == 401


def test_without_the_role_a_page_says_so_in_chinese_and_an_event_in_json(app, store):
    page = ask(app, "GET", "/corpus/", cookies=held(store), headers=PAGE)
    assert page.status == 403
    assert "您的账号不能打开这里。" in page.text
    assert "资料库" not in page.text
    event = ask(app, "POST", "/corpus/gradio_api/queue/join", cookies=held(store))
    assert (event.status, event.headers["content-type"]) == (403, ["application/json"])
    assert "您的账号不能打开这里。" in event.text


def test_who_is_not_signed_in_is_led_to_the_form_and_then_on(app):
    led = ask(app, "GET", "/corpus/view?id=3&x=a%20b", headers=PAGE)
    assert (led.status, led.location) == (303, "../sign-in?next=corpus%2Fview%3Fid%3D3%26x%3Da%2520b")
    on = signed_in(app, NAMES["office"], wanted="corpus/view?id=3&x=a%20b")
    assert (on.status, on.location) == (303, "./corpus/view?id=3&x=a%20b")
    assert ask(app, "GET", "/", headers=PAGE).location == "./sign-in"
    assert ask(app, "POST", "/admin/people", headers=PAGE).location == "../sign-in"


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example/",
        "/evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "../../evil",
        "corpus/../../evil",
        "sign-out",
        "gradio_api/queue/join",
        "corpus/",
        "corpus/\r\nset-cookie: a=b",
    ],
)
def test_after_signing_in_one_goes_only_to_a_page_of_ours_one_may_see(app, wanted):
    assert signed_in(app, wanted=wanted).location == "./"


def test_below_another_path_everything_stays_below_it(app, store):
    given = {"root": "/ask", "headers": PAGE}
    assert ask(app, "GET", "/ask/corpus/", **given).location == "../sign-in?next=corpus%2F"
    assert ask(app, "GET", "/ask/", cookies=held(store), **given).text == "reached 干小部"
    assert ask(app, "GET", "/ask/corpus/", cookies=held(store), **given).status == 403
    assert 'href="../look.css"' in ask(app, "GET", "/ask/corpus/", cookies=held(store), **given).text


def test_a_websocket_is_guarded_too(app, store):
    async def opened(cookies, origin="http://127.0.0.1:7860"):
        sent = []
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        scope = {
            "type": "websocket",
            "path": "/corpus/live",
            "root_path": "",
            "client": ("127.0.0.1", 5),
            "headers": [
                (b"host", b"127.0.0.1:7860"),
                (b"origin", origin.encode()),
                (b"cookie", cookie.encode()),
            ],
        }

        async def inner(scope, receive, send):
            await send({"type": "websocket.accept"})

        async def send(message):
            sent.append(message["type"])

        await sign_in.Guard(inner, store.people, OFFERED)(scope, None, send)
        return sent

    assert asyncio.run(opened({})) == ["websocket.close"]
    assert asyncio.run(opened(held(store))) == ["websocket.close"]
    assert asyncio.run(opened(held(store, "office"))) == ["websocket.accept"]
    assert asyncio.run(opened(held(store, "office"), "http://evil.example")) == ["websocket.close"]


# -- signing in and out ---------------------------------------------------------------------


def test_the_cookie_is_for_the_server_alone_and_for_https_where_there_is_https(app, store):
    name = sign_in.cookie_name(store.people)
    plain, safe = signed_in(app), signed_in(app, scheme="https")
    assert plain.cookies[name].split("; ")[1:] == ["HttpOnly", "Path=/", "SameSite=lax"]
    assert safe.cookies[name].split("; ")[1:] == ["HttpOnly", "Path=/", "SameSite=lax", "Secure"]


def test_a_session_that_somebody_else_chose_is_not_taken_over(app, store):
    name = sign_in.cookie_name(store.people)
    theirs = held(store)
    token = signed_in(app, cookies={name: theirs[name]}).cookie(name)
    assert token not in ("chosen", theirs[name])
    assert ask(app, "GET", "/", cookies=theirs).status == 401
    assert signed_in(app, cookies={name: "chosen"}).cookie(name) != "chosen"
    assert ask(app, "GET", "/", cookies={name: "chosen"}).status == 401


def test_signing_out_ends_the_session_on_the_server(app, store):
    cookie = held(store)
    out = ask(app, "POST", "/sign-out", cookies=cookie, headers=PAGE)
    assert (out.status, out.location) == (303, "./sign-in")
    assert ask(app, "GET", "/", cookies=cookie).status == 401
    cookie = held(store)
    ask(app, "GET", "/sign-out", cookies=cookie)
    assert ask(app, "GET", "/", cookies=cookie).status == 200


def test_a_form_without_its_ticket_signs_nobody_in(app):
    fields = {"name": NAMES["cadre"], "password": GOOD}
    without = ask(app, "POST", "/sign-in", headers=PAGE, form=fields)
    assert (without.status, "登录页已经失效" in without.text) == (400, True)
    ticket = next(iter(without.cookies))
    other = ask(app, "POST", "/sign-in", headers=PAGE, form=fields | {"ticket": "a"}, cookies={ticket: "b"})
    assert other.status == 400
    assert "SameSite=strict" in without.cookies[ticket]


def test_a_wrong_password_and_an_unknown_name_look_the_same(app):
    wrong, unknown = signed_in(app, password="shenme dou bushi"), signed_in(app, NASTY)
    assert (wrong.status, unknown.status) == (400, 400)
    assert "用户名或密码不正确。" in wrong.text
    assert NASTY not in unknown.text
    assert unknown.text.split("<form")[0] == wrong.text.split("<form")[0]


def test_guessing_on_the_form_is_locked_out(app):
    for _ in range(5):
        signed_in(app, password="shenme dou bushi")
    assert "密码输错的次数太多，暂时不能登录。" in signed_in(app).text


def test_a_form_that_is_longer_than_ours_is_not_read(app):
    long = ask(app, "POST", "/sign-in", headers=PAGE, form={"name": "a" * 30_000})
    assert (long.status, "提交的内容太长了" in long.text) == (400, True)


def test_a_session_ends_when_it_is_idle_for_long(app, store):
    cookie = held(store)
    store.people._clock.s += IDLE_S - 10
    assert ask(app, "GET", "/", cookies=cookie).status == 200
    store.people._clock.s += 60
    assert ask(app, "GET", "/", cookies=cookie).status == 200  # the request before was noted
    store.people._clock.s += IDLE_S + 1
    assert ask(app, "GET", "/", cookies=cookie).status == 401


def test_a_stream_ends_with_the_session(store, app, monkeypatch):
    monkeypatch.setattr(sign_in, "LOOK_S", -1)
    token = held(store)
    sent = []

    async def numbers():
        for n in range(5):
            sent.append(n)
            if n == 2:
                store.people.end_sessions(NAMES["cadre"], who="管小理")
            yield f"{n}\n"

    guard = sign_in.Guard(StreamingResponse(numbers()), store.people, OFFERED)
    assert ask(guard, "GET", "/gradio_api/queue/data", cookies=token).body == b"0\n1\n"


# -- other websites, other machines -----------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {"origin": "http://127.0.0.1:7860"}, 200),
        ("POST", {"origin": "https://127.0.0.1:7860", "sec-fetch-site": "same-origin"}, 200),
        ("POST", {"sec-fetch-site": "none"}, 200),
        ("POST", {}, 200),
        ("POST", {"origin": "http://evil.example"}, 403),
        ("POST", {"origin": "http://127.0.0.1:7861"}, 403),
        ("POST", {"origin": "null"}, 403),
        ("POST", {"sec-fetch-site": "cross-site"}, 403),
        ("POST", {"sec-fetch-site": "same-site"}, 403),
        ("POST", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 403),
        ("DELETE", {"origin": "http://evil.example"}, 403),
        ("OPTIONS", {"origin": "http://evil.example"}, 403),
        ("GET", {"origin": "http://evil.example"}, 403),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
    ],
)
def test_another_website_makes_nobodys_browser_do_anything(app, store, method, headers, status):
    assert ask(app, method, "/", cookies=held(store), headers=headers).status == status


def test_no_website_is_allowed_to_read_and_no_browser_to_guess(store, app):
    async def open_to_all(scope, receive, send):
        leaky = {
            "access-control-allow-origin": "http://evil.example",
            "access-control-allow-credentials": "true",
        }
        await PlainTextResponse("x", headers=leaky)(scope, receive, send)

    answer = ask(sign_in.Guard(open_to_all, store.people, OFFERED), "GET", "/", cookies=held(store))
    assert {name: value for name, (value,) in answer.headers.items() if not name.startswith("content")} == {
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
        "referrer-policy": "same-origin",
        "cache-control": "private, no-cache",
    }


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.0.0.1", {"host": "localhost:7860"}, 200),
        ("::1", {"host": "[::1]:7860"}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 200),
        ("127.0.0.1", {"host": "evil.example:7860"}, 403),
        ("127.0.0.1", {"host": "127.0.0.1.evil.example"}, 403),
        ("127.0.0.1", {"host": "localhost.evil.example"}, 403),
        ("127.0.0.1", {"host": ""}, 403),
        ("127.0.0.1", {"host": "0.0.0.0:7860"}, 403),
        ("127.0.0.1", {"host": "[::1"}, 403),
        ("10.0.0.7", {}, 403),
        ("10.0.0.7", {"x-forwarded-for": "127.0.0.1"}, 403),
        ("127.0.0.1", {"x-forwarded-for": "10.0.0.7"}, 403),
        ("127.0.0.1", {"x-real-ip": "10.0.0.7"}, 403),
        ("127.0.0.1", {"x-forwarded-host": "ask.example"}, 403),
    ],
)
def test_without_accounts_only_this_machine_is_served_under_its_own_name(alone, client, headers, status):
    for path in ("/", "/corpus/", "/gradio_api/queue/join", "/sign-in", "/admin/", "/look.css"):
        assert ask(alone, "GET", path, client=(client, 5), headers=headers).status == status
    assert ask(alone, "GET", "/", client=None, headers=headers).status == 403


def test_without_accounts_everything_is_offered_and_the_head_says_why(alone):
    page = ask(alone, "GET", "/account/", headers=PAGE)
    assert re.findall(r"<nav.*?</nav>", page.text)[0].count("<a ") == len(OFFERED)
    assert "仅限本机，未设账号" in page.text
    assert "python -m corpus people add 姓名 --role admin" in ask(alone, "GET", "/sign-in").text
    first = ask(alone, "POST", "/admin/people", form={"do": "add", "name": "甲", "new": GOOD, "again": GOOD})
    assert (first.status, "第一位管理员要在命令行添加。" in first.text) == (400, True)


def test_the_first_account_closes_the_doors_at_once(alone, store):
    assert ask(alone, "GET", "/").status == 200
    store.people.add("管小理", ["admin"], GOOD, who="命令行")
    assert ask(alone, "GET", "/").status == 401


# -- one's own account, and administrators' work ---------------------------------------------


def test_one_changes_ones_own_password_and_stays_signed_in_here_only(app, store):
    here, elsewhere = held(store), held(store)
    form = {"old": GOOD, "new": BETTER, "again": BETTER}
    changed = ask(app, "POST", "/account/", cookies=here, headers=PAGE, form=form)
    assert "密码已经修改。" in changed.text
    name = sign_in.cookie_name(store.people)
    assert ask(app, "GET", "/", cookies={name: changed.cookie(name)}).status == 200
    assert [ask(app, "GET", "/", cookies=one).status for one in (here, elsewhere)] == [401, 401]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"old": "shenme dou bushi", "new": BETTER, "again": BETTER}, "现在的密码不正确。"),
        ({"old": GOOD, "new": BETTER, "again": GOOD}, "两次输入的新密码不一样。"),
        ({"old": GOOD, "new": "short", "again": "short"}, "密码太短"),
        ({}, "现在的密码不正确。"),
    ],
)
def test_a_password_is_not_changed_without_the_old_one(app, store, form, said):
    cookie = held(store)
    answer = ask(app, "POST", "/account/", cookies=cookie, headers=PAGE, form=form)
    assert (answer.status, said in answer.text) == (400, True)
    assert ask(app, "GET", "/", cookies=cookie).status == 200


def test_an_administrator_adds_changes_and_disables(app, store):
    admin = held(store, "admin")

    def act(**form):
        return ask(app, "POST", "/admin/people", cookies=admin, headers=PAGE, form=form)

    added = act(do="add", name=NASTY, role=["trainer", "office"], new=GOOD, again=GOOD)
    assert added.status == 303
    page = ask(app, "GET", f"/admin/{added.location[2:]}", cookies=admin, headers=PAGE)
    assert "已经添加" in page.text
    assert NASTY not in page.text
    assert "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;" in page.text
    assert store.people.find(NASTY).title == "培训、办公室"
    act(do="roles", name=NASTY, role=["office"])
    assert store.people.find(NASTY).title == "办公室"
    act(do="password", name=NASTY, new=BETTER, again=BETTER)
    token = store.people.sign_in(NASTY, BETTER, address="10.0.0.7")
    shown = ask(app, "GET", "/account/", cookies={sign_in.cookie_name(store.people): token}, headers=PAGE)
    assert NASTY not in shown.text
    act(do="end", name=NASTY)
    assert store.people.session(token) is None
    act(do="disable", name=NASTY)
    assert not store.people.find(NASTY).active
    last = act(do="disable", name=NAMES["admin"])
    assert (last.status, "这是最后一位管理员。" in last.text) == (400, True)
    assert {line.who for line in store.trail.entries()} == {"命令行", "管小理", NASTY}


def test_only_an_administrator_can(app, store):
    form = {"do": "roles", "name": NAMES["cadre"], "role": "admin"}
    for role in ("cadre", "trainer", "office"):
        assert ask(app, "POST", "/admin/people", cookies=held(store, role), form=form).status == 403
        assert (
            ask(app, "POST", "/admin/settings", cookies=held(store, role), form={"days": "1"}).status == 403
        )
    assert store.people.find(NAMES["cadre"]).title == "干部"


def test_what_is_kept_of_questions_is_the_administrators_to_say(app, store):
    admin = held(store, "admin")
    store.asked.keep(names=True, days=90, who="管小理")
    store.asked.add(question="问一问", outcome="已回答", who="干小部")
    saved = ask(app, "POST", "/admin/settings", cookies=admin, form={"days": "30"})
    assert saved.status == 303
    assert (store.asked.names_kept, store.asked.days_kept) == (False, 30)
    assert [asked.who for asked in store.asked.entries()] == [""]
    wrong = ask(app, "POST", "/admin/settings", cookies=admin, form={"days": "-3", "names": "1"})
    assert (wrong.status, "保留天数不合适。" in wrong.text) == (400, True)
    line = store.trail.entries()[0]
    assert (line.who, line.action, line.before, line.after) == (
        "管小理",
        "更改设置",
        "记名，保留 90 天",
        "不记名，保留 30 天",
    )


def test_what_a_link_makes_the_page_say_is_only_what_happened_to_somebody_there_is(app, store):
    lured = ask(app, "GET", "/admin/?done=add&name=Call+0555", cookies=held(store, "admin"), headers=PAGE)
    assert "0555" not in lured.text


def test_plain_pages_run_nothing_and_are_framed_nowhere(app, store):
    for path in ("/account/", "/admin/"):
        answer = ask(app, "GET", path, cookies=held(store, "admin"), headers=PAGE)
        policy = answer.headers["content-security-policy"][0]
        assert policy.startswith("default-src 'none'; style-src 'self';")
        assert answer.headers["cache-control"] == ["no-store"]
        assert "<script" not in answer.text
        assert "style=" not in answer.text


def test_what_goes_wrong_is_said_in_words_with_a_number_for_the_log(app, store, caplog):
    async def broken(scope, receive, send):
        if scope["path"] == "/corpus/mended":
            raise UserError("资料库正在写入。", "请稍后再试。")
        raise RuntimeError("a secret")

    guard = sign_in.Guard(broken, store.people, OFFERED)
    page = ask(guard, "GET", "/corpus/", cookies=held(store, "office"), headers=PAGE)
    assert (page.status, "a secret" in page.text) == (500, False)
    number = re.search(r"编号 (\w+)", page.text).group(1)
    assert [r.exc_info[0] for r in caplog.records if number in r.getMessage()] == [RuntimeError]
    event = ask(guard, "POST", "/corpus/mended", cookies=held(store, "office"))
    assert (event.status, "资料库正在写入。请稍后再试。" in event.text) == (400, True)


def test_many_signing_in_at_once_are_compared_two_at_a_time(app, store, monkeypatch):
    under_way, most = [], []
    real = passwords.matches

    def counted(*given):
        under_way.append(1)
        most.append(len(under_way))
        try:
            return real(*given)
        finally:
            under_way.pop()

    monkeypatch.setattr(passwords, "matches", counted)
    form = ask(app, "GET", "/sign-in")
    ticket, value = next(iter(form.cookies)), form.cookie(next(iter(form.cookies)))
    fields = {"name": NAMES["cadre"], "password": "shenme dou bushi", "ticket": value}

    async def rush():
        asked = (answered(app, "POST", "/sign-in", form=fields, cookies={ticket: value}) for _ in range(12))
        return [answer.status for answer in await asyncio.gather(*asked)]

    assert asyncio.run(rush()) == [400] * 12
    assert len(most) <= 5  # then the account is locked
    assert max(most) <= 2
