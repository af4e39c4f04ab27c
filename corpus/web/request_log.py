"""The outermost layer: each request gets a number, a line in the log and its place in the metrics.

It also knows what is under way, so that the program can end when nothing is, and it lets nothing
begin once the program is about to. The line tells neither who asked nor what: addresses go without
their queries.
"""

import asyncio
import logging
import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.routing import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus import logs
from corpus.store import Store
from corpus.web import api_errors
from corpus.web.access import for_programs
from corpus.web.metrics import Metrics, place_of

#: What a proxy before us may call a request; anything else is not written down.
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: Requests that only wait for news, as long as a page is open. Nothing is lost when they end.
_IDLE = re.compile(r"^GET (.*/gradio_api/heartbeat/|/mcp/?$)")
#: While the program ends, what belongs to an answer under way, and questions about itself.
_STILL = re.compile(r"^/(healthz|readyz|metrics)$|(^|/)gradio_api/(queue/data|heartbeat/|cancel)")
#: Statuses of refusals: only there is it of use where a request came from.
_REFUSED = frozenset({401, 403, 413, 429, 431})
_RETRY_S = 5
_log = logging.getLogger(__name__)


class Requests:
    """请求: those under way, counted. Belongs to one event loop."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self.store = store
        self.metrics = metrics
        self.under_way = 0
        #: Set when what only waits for news is to end.
        self.ended = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """Whether the program is about to end."""
        return self.store.stopping.is_set()


class RequestLog:
    """ASGI middleware around the whole application. Sets ``scope["request_id"]``."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "") if scope.get("by_proxy") else ""
        with logs.request(given if _GIVEN.fullmatch(given) else "") as asked:
            scope["request_id"] = asked.id
            await self._followed(scope, receive, send)

    async def _followed(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = get_route_path(scope)
        idle = bool(_IDLE.match(f"{scope['method']} {path}"))
        sent = _Sent(send, scope["request_id"])
        began = time.perf_counter()
        self._requests.metrics.began()
        self._requests.under_way += not idle
        try:
            await self._answered(scope, receive, sent, path, idle=idle)
        finally:
            self._requests.under_way -= not idle
            seconds = time.perf_counter() - began
            self._requests.metrics.ended(scope["method"], path, sent.status, None if idle else seconds)
            self._tell(scope, path, sent, seconds)

    async def _answered(
        self, scope: Scope, receive: Receive, sent: "_Sent", path: str, *, idle: bool
    ) -> None:
        if self._requests.stopping and not _STILL.search(path):
            await _closed(scope, path)(scope, receive, sent)
            return
        try:
            await (self._until_ended if idle else self._app)(scope, receive, sent)
        except Exception:
            if sent.status:
                raise
            _log.exception("unanswered")
            words = f"程序出错了（编号 {scope['request_id']}）。"
            await api_errors.response(scope, 500, words, "请重试；如果再次出现，请把编号告诉管理员。")(
                scope, receive, sent
            )

    async def _until_ended(self, scope: Scope, receive: Receive, sent: "_Sent") -> None:
        """A request that would last for ever, cut off when the program ends."""
        answer = asyncio.ensure_future(self._app(scope, receive, sent))
        end = asyncio.ensure_future(self._requests.ended.wait())
        try:
            await asyncio.wait([answer, end], return_when=asyncio.FIRST_COMPLETED)
        finally:
            cut = not answer.done()
            answer.cancel()
            end.cancel()
            given = await asyncio.gather(answer, return_exceptions=True)
        if cut and sent.status and not sent.whole:
            await sent({"type": "http.response.body", "body": b"", "more_body": False})
        elif isinstance(given[0], Exception):
            raise given[0]

    def _tell(self, scope: Scope, path: str, sent: "_Sent", seconds: float) -> None:
        person = scope.get("person")
        logs.tell(
            _log,
            "request",
            level=logging.WARNING if sent.status >= 500 and sent.status != 503 else logging.INFO,
            method=scope["method"],
            path=path if place_of(path) != "other" else path[:80],
            status=sent.status,
            ms=round(seconds * 1000, 1),
            bytes=sent.bytes,
            roles=sorted(person.roles) if person else None,
            client=(scope.get("client") or ("",))[0] if sent.status in _REFUSED else None,
        )


class _Sent:
    """Sends on, with the request's number; keeps what was sent."""

    def __init__(self, send: Send, number: str) -> None:
        self._send = send
        self._number = number
        self.status = 0
        self.bytes = 0
        self.whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["x-request-id"] = self._number
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
            self.whole = not message.get("more_body")
        await self._send(message)


def _closed(scope: Scope, path: str) -> Response:
    headers = {"Retry-After": str(_RETRY_S), "Connection": "close"}
    words, hint = "程序正在停止。", "请过一会儿再试。"
    if for_programs(path):
        return api_errors.response(scope, 503, words, hint, headers=headers)
    return PlainTextResponse(words + hint, 503, headers=headers)
