"""Every route of the whole application, gradio's own among them, and every role, signed in or by a key."""

import importlib
import re

import argon2
import pytest
from starlette.routing import Mount

from corpus.accounts import passwords
from corpus.accounts.keys import Keys
from corpus.testing import make_store
from corpus.tests.asgi import PAGE, ask
from corpus.tests.test_people import GOOD, Clock
from corpus.web import sign_in

ROLES = ("cadre", "trainer", "office", "admin")
#: Written anew here, so that a slip in the program's table shows: first part of the path → roles.
WHOSE = {
    "corpus": {"office", "admin"},
    "eval": {"trainer", "admin"},
    "statistics": {"office", "trainer", "admin"},
    "admin": {"admin"},
}
#: The same for programs, and what lies below each.
PROGRAMS = {
    "/api/v1/openapi.json": set(ROLES),
    "/api/v1/ask": set(ROLES),
    "/api/v1/search": set(ROLES),
    "/api/v1/articles": set(ROLES),
    "/api/v1/originals": set(ROLES),
    "/api/v1/feedback": set(ROLES),
    "/api/v1/ingest": {"office", "admin"},
    "/api/v1/eval": {"trainer", "admin"},
    "/v1/chat/completions": set(ROLES),
    "/v1/models": set(ROLES),
    "/mcp": set(ROLES),
    "/metrics": {"admin"},
}
FOR_ANYONE = {"/sign-in", "/look.css", "/favicon.ico", "/healthz", "/readyz"}
ELSEWHERE = ("10.0.0.9", 50000)
#: What gradio has for developers, for other machines, and for signing in by its own means.
FOR_NOBODY = re.compile(
    r"/(gradio_api/(proxy=|vibe|undo-vibe|run-history|runs|custom_component|dev/|openapi|deep_link|mcp|stream|token"
    r"|process_recording|component_server|call|api/|file/|profiling|login_check|user|app_id|upload|file=)"
    r"|login$|login/|logout|monitoring|pwa_icon|manifest|robots|svelte)"
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The application as it is served, with an account for each role; the cookies by role, the keys by name."""
    with (
        pytest.MonkeyPatch.context() as patch,
        make_store(tmp_path_factory.mktemp("whole"), ["一段话。"]) as store,
    ):
        patch.setattr(passwords, "_hasher", argon2.PasswordHasher(1, 8, 1))
        cookies, keys = {"": {}}, {"made up": "uq_made_up", "of another kind": "sk-dummy", "empty": ""}
        for role in reversed(ROLES):
            store.people.add(f"{role}人", [role], GOOD, who="命令行")
            token = store.people.sign_in(f"{role}人", GOOD, address="127.0.0.1")
            cookies[role] = {sign_in.cookie_name(store.people): token}
            keys[role] = store.keys.add(role, [role], who="命令行").secret
        keys["revoked"] = store.keys.add("撤销的", ["admin"], who="命令行").secret
        store.keys.revoke("撤销的", who="命令行")
        keys["expired"] = Keys(store._catalogue, Clock()).add("过期的", ["admin"], who="命令行").secret
        app = importlib.import_module("app")  # the whole, which rooms may not import
        yield app.build(store, app.Assistant(store, app.AssistantSettings())), cookies, keys


def whose(path):
    """Who may reach a path for programs; None for a page's."""
    if path.split("/")[1] not in ("api", "v1", "mcp", "metrics", "healthz", "readyz"):
        return None
    if path in ("/api/v1", "/api/v1/"):
        return set(ROLES)
    return next((roles for at, roles in PROGRAMS.items() if f"{path}/".startswith(f"{at}/")), set())


def every(routes, prefix=""):
    """``(method, path)`` of every route, with something in place of each parameter."""
    for route in routes:
        if isinstance(route, Mount):
            yield from every(route.app.routes, prefix + route.path)
        elif inner := getattr(route, "original_router", None):
            yield from every(inner.routes, prefix)
        else:
            path = prefix + re.sub(r"\{[^}]*\}", "x", route.path)
            yield from ((method, path) for method in sorted(getattr(route, "methods", None) or {"GET"}))


def guard_of(app):
    """The guard as it is wired into the application, with a note-taker behind it."""
    reached = []

    async def taken(scope, receive, send):
        reached.append(scope["path"])
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body"})

    guard = app.build_middleware_stack()
    while not isinstance(guard, sign_in.Guard):
        guard = getattr(guard, "app", None) or guard._app
    guard._app = taken
    return guard, reached


def wrong_of(guard, reached, routes, role, **given):
    """The routes of which somebody of a role reaches too much or too little."""
    for method, path in routes:
        reached.clear()
        status = ask(guard, method, path, client=ELSEWHERE, **given).status
        programs = whose(path)
        allowed = WHOSE.get(path.split("/")[1], set(ROLES)) if programs is None else programs
        if path in FOR_ANYONE:
            right = bool(reached)
        elif role not in allowed:
            right = not reached and status in (401, 403, 404)
        elif programs is not None:
            right = bool(reached)
        else:
            right = not FOR_NOBODY.search(path) or (not reached and status == 404)
        if not right:
            yield role, method, path, status


@pytest.fixture(scope="module")
def routes(whole):
    """Every route there is; the pages and the addresses for programs are seen to be among them."""
    found = sorted(set(every(whole[0].router.routes)))
    pages = {path.split("/")[1] for _, path in found if path.endswith("/gradio_api/queue/join")}
    assert pages >= {"gradio_api", "corpus", "eval"}
    assert len(found) > 80 * len(pages)
    assert {path for _, path in found} >= {"/api/v1/ask", "/v1/chat/completions", "/mcp", "/metrics"}
    return found


def test_nobody_reaches_what_is_not_theirs_by_any_route(whole, routes):
    app, cookies, _ = whole
    guard, reached = guard_of(app)
    wrong = [
        one for role, held in cookies.items() for one in wrong_of(guard, reached, routes, role, cookies=held)
    ]
    assert wrong == []


def test_a_key_reaches_what_is_for_programs_of_its_role_and_nothing_else_by_any_route(whole, routes):
    app, cookies, keys = whole
    guard, reached = guard_of(app)
    pages = [route for route in routes if whose(route[1]) is None]
    programs = [route for route in routes if whose(route[1]) is not None]
    assert len(programs) > 10
    wrong = []
    for name, secret in keys.items():
        headers = {"authorization": f"Bearer {secret}"}
        wrong += wrong_of(guard, reached, pages, "", headers=headers)
        role = name if name in ROLES else ""
        wrong += wrong_of(guard, reached, programs, role, headers=headers)
        # Nor does a key lend a cookie its roles, or a cookie a key.
        wrong += wrong_of(guard, reached, pages, "cadre", headers=headers, cookies=cookies["cadre"])
        wrong += wrong_of(guard, reached, programs, role, headers=headers, cookies=cookies["admin"])
    assert wrong == []


def test_every_address_for_programs_is_for_somebody(routes):
    held = {path for _, path in routes if whose(path) is not None} - FOR_ANYONE
    assert {path for path in held if not whose(path)} == set()


def test_everybody_reaches_what_is_theirs(whole):
    app, cookies, _ = whole
    guard, reached = guard_of(app)
    needed = ["", "config", "theme.css", "assets/x.js", "gradio_api/info", "gradio_api/queue/join"]
    needed += ["gradio_api/queue/data", "gradio_api/heartbeat/x", "gradio_api/run/x", "gradio_api/cancel"]
    files = ["gradio_api/upload", "gradio_api/upload_progress", "gradio_api/file=/x/y.pdf"]
    for role, cookie in cookies.items():
        for page, whose in WHOSE.items():
            for rest in needed:
                reached.clear()
                ask(guard, "GET", f"/{page}/{rest}", cookies=cookie)
                assert bool(reached) == (role in whose), (role, page, rest)
        for rest in needed:
            reached.clear()
            ask(guard, "GET", f"/{rest}", cookies=cookie)
            assert bool(reached) == bool(role), (role, rest)
        for rest in files:  # files come and go by routes of our own only
            for page in ("", *(f"/{page}" for page in WHOSE)):
                reached.clear()
                ask(guard, "GET", f"{page}/{rest}", cookies=cookie)
                assert not reached


def test_the_pages_answer_whom_they_are_for_and_nobody_else(whole):
    app, cookies, _ = whole
    seen = {
        role: [path for path in ("/", *(f"/{page}/" for page in WHOSE)) if _opens(app, path, cookie)]
        for role, cookie in cookies.items()
    }
    assert seen == {
        "": [],
        "cadre": ["/"],
        "trainer": ["/", "/eval/", "/statistics/"],
        "office": ["/", "/corpus/", "/statistics/"],
        "admin": ["/", "/corpus/", "/eval/", "/statistics/", "/admin/"],
    }


def _opens(app, path, cookie) -> bool:
    return ask(app, "GET", path, cookies=cookie, headers=PAGE).status == 200


def test_no_page_takes_a_path_of_the_server_for_a_file_that_was_handed_in(whole):
    app, _, _ = whole
    mounted = [route.app for route in app.router.routes if isinstance(route, Mount)]
    mounted = [one for one in mounted if hasattr(one, "blocks")]
    assert len(mounted) == 3
    assert [one.blocks.has_launched for one in mounted] == [True] * len(mounted)


def test_other_machines_are_not_served_before_there_is_an_account(tmp_path, capsys):
    app = importlib.import_module("app")
    folder = tmp_path / "store"
    assert app.main(["--store", str(folder), "--host", "0.0.0.0", "--port", "0"]) == 1
    assert capsys.readouterr().err == (
        "还没有账号，不能在 0.0.0.0 上对外提供服务。请先添加管理员：python -m corpus people add 姓名 --role admin"
        f" --store {folder}；只在本机使用就不用 --host。\n"
    )
