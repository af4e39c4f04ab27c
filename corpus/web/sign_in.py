"""The guard: every request goes through it before anything else sees it, and most are none of its business.

Who is signed in is told by a cookie, which program asks by an API key; what they may reach by
the tables of ``access``. It also keeps out other websites: those that make a visitor's browser
ask (cross-site requests), and those that pretend to be this machine (DNS rebinding) while there
are no accounts.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.accounts.addresses import loops_back
from corpus.accounts.keys import Key, Keys
from corpus.accounts.people import People, Person
from corpus.errors import UserError
from corpus.web import api_errors, content_policy, plain_page
from corpus.web.access import LOCAL, for_programs, may, who_may
from corpus.web.incoming import Body, Refusal, head_refusal, too_often
from corpus.web.limits import Rates, body_limit
from corpus.web.masthead import Offered, masthead, way_up

#: For the pages' head: tells who goes on working that the session has ended, instead of nothing.
SCRIPT = (Path(__file__).parent / "sign_in.js").read_text(encoding="utf-8")
#: Seconds between looks whether whoever a stream is sent to is still signed in.
LOOK_S = 5
_SAFE = ("GET", "HEAD")
_log = logging.getLogger(__name__)


FOREIGN = Refusal(403, "这个请求来自别的网站，没有执行。", "请在本系统的页面里操作。")
NOT_HERE = Refusal(
    403,
    "这里还没有账号，只能在运行它的电脑上打开。",
    "请在那台电脑上运行 python -m corpus people add 姓名 --role admin，添加第一位管理员。",
)
_BEARER = (("WWW-Authenticate", "Bearer"),)
SIGNED_OUT = Refusal(401, "还没有登录，或者登录已经过期。", "请重新登录。", _BEARER)
NOT_YOURS = Refusal(403, "您的账号不能打开这里。", "工作需要的话，请管理员给您加上相应的角色。")
WRONG_KEY = Refusal(
    401,
    "密钥不对，或者已经过期、撤销。",
    "请检查密钥是否抄全；需要新的密钥，请找管理员。",
    _BEARER,
    "invalid_api_key",
)
KEY_TOO_SMALL = Refusal(403, "这个密钥不能用在这里。", "工作需要的话，请管理员换一个有相应角色的密钥。")
UNKNOWN = Refusal(404, "没有这个页面。", "请检查网址，或从首页进入。")


def cookie_name(people: People) -> str:
    """Two stores served from one machine do not sign each other out."""
    return f"unionqa_{people.realm}"


@dataclass(frozen=True, slots=True)
class _Caller:
    """Whom a request is taken for. ``still``: whether they still may reach what they asked for.

    ``alone``: there are no accounts. ``keyed``: a program showed a key, a right one or not.
    ``subject`` is whose share of the requests is used up; ``""``: only the address counts.
    """

    person: Person | None = None
    subject: str = ""
    key: Key | None = None
    alone: bool = False
    keyed: bool = False
    note: Callable[[], None] | None = None
    still: Callable[[], bool] | None = None


class Guard:
    """ASGI middleware around the whole application.

    Sets ``scope["person"]`` (None without accounts; for a program, whom its key stands for) and
    ``scope["key"]`` (None but for programs). Without ``keys`` no key is taken, without ``rates``
    everybody may ask as often as they like.
    """

    def __init__(
        self,
        app: ASGIApp,
        people: People,
        offered: Offered,
        keys: Keys | None = None,
        rates: Rates | None = None,
    ) -> None:
        self._app = app
        self._people = people
        self._keys = keys
        self._rates = rates
        self._offered = offered
        self._noting: set[asyncio.Future[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope["person"] = scope["key"] = None
        scope["nonce"] = content_policy.nonce()
        refusal = self._too_much(scope)
        caller = _Caller() if refusal else self._caller(scope)
        scope["person"], scope["key"] = caller.person, caller.key
        refusal = refusal or self._refusal(scope, caller)
        if refusal:
            if refusal.status == 413 and scope["type"] == "http":
                await Body(receive, 0).drain()
            await self._refuse(scope, receive, send, refusal, caller.alone)
            return
        if caller.note:
            self._note(caller.note)
        await self._pass_on(scope, receive, send, caller)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, caller: _Caller) -> None:
        http = scope["type"] == "http"
        body = Body(receive, body_limit(get_route_path(scope)))
        watched = _Watched(send, scope, caller.still, body)
        error: Exception | None = None
        try:
            # A copy: what is mounted somewhere writes into it where that is.
            await self._app(dict(scope), body if http else receive, watched)
        except Exception as raised:  # the edge: a person must read words, the log has the traceback
            if watched.started or not http:
                raise
            error = raised
        if body.refusal and not watched.started:
            await body.drain()
            await self._refuse(scope, receive, send, body.refusal, caller.alone)
        elif error:
            await self._refuse(scope, receive, send, _in_words(error), caller.alone)

    def _too_much(self, scope: Scope) -> Refusal | None:
        """What is refused before anybody looks at who asks."""
        path = get_route_path(scope)
        wait = self._rates.address(path, _client(scope)) if self._rates else 0
        if wait:
            return too_often(wait)
        target = len(scope["path"].encode()) + len(scope.get("query_string", b""))
        return head_refusal(scope["headers"], target, body_limit(path))

    def _caller(self, scope: Scope) -> _Caller:
        if not self._people.exist():
            # Programs must say some key to work at all, and there is none to say.
            return _Caller(alone=True, still=lambda: not self._people.exist())
        asked = HTTPConnection(scope)
        path = get_route_path(scope)
        kind, _, secret = asked.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and for_programs(path):
            return self._program(secret.strip(), path)
        token = asked.cookies.get(cookie_name(self._people), "")
        session = self._people.session(token)
        if session is None:
            return _Caller()

        def still() -> bool:
            now = self._people.session(token)
            return now is not None and may(now.person, path)

        note = (lambda: self._people.note(token)) if session.to_note else None
        return _Caller(session.person, f"person {session.person.name}", note=note, still=still)

    def _program(self, secret: str, path: str) -> _Caller:
        """Whoever shows a key is taken for nobody else, whatever cookie comes with it."""
        keys = self._keys
        key = keys.find(secret) if keys else None
        if keys is None or key is None:
            return _Caller(keyed=True)

        def still() -> bool:
            now = keys.find(secret)
            return now is not None and may(now.person, path)

        note = (lambda: keys.note(key)) if keys.to_note(key) else None
        return _Caller(key.person, f"key {key.id}", key, keyed=True, note=note, still=still)

    def _refusal(self, scope: Scope, caller: _Caller) -> Refusal | None:
        headers = Headers(scope=scope)
        local = _on_this_machine(scope, headers)
        if caller.alone and not local:
            return NOT_HERE
        # A key is not sent by a browser on its own, so whoever sends it means it.
        if not caller.key and _foreign(scope, headers):
            return FOREIGN
        path = get_route_path(scope)
        wanted = who_may(path)
        if wanted == () or (caller.alone and wanted is not None) or (local and path in LOCAL):
            return None
        if caller.person is None and not caller.alone:
            return WRONG_KEY if caller.keyed else SIGNED_OUT
        if wanted is None:
            return UNKNOWN
        if caller.person and may(caller.person, path):
            wait = self._rates.subject(path, _client(scope), caller.subject) if self._rates else 0
            return too_often(wait) if wait else None
        return KEY_TOO_SMALL if caller.key else NOT_YOURS

    def _note(self, note: Callable[[], None]) -> None:
        # In a thread, and nobody waits for it: a writer may keep the catalogue for a while.
        noting = asyncio.get_running_loop().run_in_executor(None, _noted, note)
        self._noting.add(noting)
        noting.add_done_callback(self._noting.discard)

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, refusal: Refusal, alone: bool
    ) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        request = Request(scope)
        await self._answer(request, refusal, alone)(scope, receive, _Watched(send, scope, None))

    def _answer(self, request: Request, refusal: Refusal, alone: bool) -> Response:
        path = get_route_path(request.scope)
        if "text/html" not in request.headers.get("accept", ""):
            if for_programs(path):
                return api_errors.response(
                    request.scope, *refusal[:3], code=refusal.code, headers=dict(refusal.headers)
                )
            words = f"{refusal.message}{refusal.hint}"
            said = {"error": words, "detail": words, "message": words}
            return JSONResponse(said, refusal.status, headers=dict(refusal.headers))
        if refusal is SIGNED_OUT:
            return RedirectResponse(way_up(path) + "sign-in" + _next(request), 303)
        head = masthead(self._offered, path, request.scope["person"], alone=alone and refusal is not NOT_HERE)
        body = (
            f"<h2>{escape(refusal.message)}</h2><p>{escape(refusal.hint)}</p>"
            f'<p><a href="{way_up(path)}">回到首页</a></p>'
        )
        whole = plain_page.page(refusal.message.rstrip("。"), body, here=path, head=head)
        headers = {**plain_page.HEADERS, **dict(refusal.headers)}
        return HTMLResponse(whole, refusal.status, headers=headers)


class _Watched:
    """Sends what the application sends, with headers for safety; a stream ends with the session.

    Nothing is sent of an answer to a ``body`` that was refused.
    """

    def __init__(
        self, send: Send, scope: Scope, still: Callable[[], bool] | None, body: Body | None = None
    ) -> None:
        self._send = send
        self._body = body
        self._scope = scope
        self._still = still
        self._looked = time.monotonic()
        self._ended = False
        self.started = False

    async def __call__(self, message: Message) -> None:
        if self._ended:
            return
        if self._body and self._body.refusal and not self.started:
            return  # whatever the application makes of half a body
        if message["type"] == "http.response.start":
            self.started = True
            _harden(MutableHeaders(scope=message), self._scope)
        elif self._still and time.monotonic() - self._looked > LOOK_S:
            self._looked = time.monotonic()
            if not self._still():
                # The server tells the application that nobody listens any more; it cleans up by itself.
                self._ended = True
                closing = {"type": "http.response.body", "body": b"", "more_body": False}
                websocket = self._scope["type"] == "websocket"
                await self._send({"type": "websocket.close", "code": 1008} if websocket else closing)
                return
        await self._send(message)


def _noted(note: Callable[[], None]) -> None:
    try:
        note()
    except Exception:
        _log.exception("last use not noted")


def _in_words(error: Exception) -> Refusal:
    if isinstance(error, UserError):
        return Refusal(getattr(error, "status", 400), error.message, error.hint)
    number = secrets.token_hex(3)
    _log.error("error %s", number, exc_info=error)
    return Refusal(500, f"程序出错了（编号 {number}）。", "请重试；如果再次出现，请把编号告诉管理员。")


def _harden(headers: MutableHeaders, scope: Scope) -> None:
    path = get_route_path(scope)
    policy = content_policy.of(headers.get("content-type", ""), scope.get("nonce", ""))
    headers.setdefault("content-security-policy", policy)
    headers.setdefault("x-content-type-options", "nosniff")
    headers.setdefault("x-frame-options", "SAMEORIGIN")
    headers.setdefault("referrer-policy", "same-origin")
    if "/assets/" not in path and "/static/" not in path:
        headers.setdefault("cache-control", "private, no-cache")
    # Gradio lets every website read what it serves under a name other than localhost.
    for name in ("access-control-allow-origin", "access-control-allow-credentials"):
        if name in headers:
            del headers[name]


def _foreign(scope: Scope, headers: Headers) -> bool:
    """Whether another website makes this browser ask; following a link from there is no such thing."""
    site, mode = headers.get("sec-fetch-site"), headers.get("sec-fetch-mode")
    if scope.get("method") in _SAFE and mode == "navigate":
        return False
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    # Not the scheme: a proxy before us may speak https with the browser and http with us.
    return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def _client(scope: Scope) -> str:
    return (scope.get("client") or ("",))[0]


def _on_this_machine(scope: Scope, headers: Headers) -> bool:
    """Whether the browser runs on this machine and was told to open this machine, not a name that leads here."""
    through = headers.getlist("x-forwarded-for") + headers.getlist("x-real-ip")
    addresses = [_client(scope), *(one.strip() for value in through for one in value.split(","))]
    named = [headers.get("host", ""), *headers.getlist("x-forwarded-host")]
    return all(map(loops_back, addresses)) and all(map(loops_back, map(_hostname, named)))


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _next(request: Request) -> str:
    """Where to go after signing in, as a query."""
    path = get_route_path(request.scope)[1:]
    query = request.url.query
    wanted = f"{path}?{query}" if query else path
    return f"?next={quote(wanted, safe='')}" if wanted and request.method in _SAFE else ""
