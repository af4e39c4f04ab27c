"""For whoever watches over the program: whether it lives, whether it can answer, its metrics."""

import logging
import time
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.errors import UserError
from corpus.store import Store
from corpus.web.metrics import CONTENT_TYPE, Metrics

_NOW = {"Cache-Control": "no-store"}
#: Seconds for which an answer holds: it costs a search, and anybody may ask.
_HELD_S = 1.0
_Endpoint = Callable[[Request], Awaitable[Response]]
_log = logging.getLogger(__name__)


def routes(store: Store, metrics: Metrics) -> list[BaseRoute]:
    """``/healthz``, ``/readyz`` and ``/metrics``."""
    return [
        Route("/healthz", _lives),
        Route("/readyz", _ready(store)),
        Route("/metrics", _measured(metrics)),
    ]


async def _lives(request: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers=_NOW)


def _ready(store: Store) -> _Endpoint:
    held = (0.0, "")

    async def endpoint(request: Request) -> Response:
        nonlocal held
        if store.stopping.is_set():
            held = 0.0, "程序正在停止。"
        elif not held[0] or time.monotonic() - held[0] > _HELD_S:
            problem = await run_in_threadpool(_problem, store)
            held = time.monotonic(), problem
        body = {"status": "unready", "reason": held[1]} if held[1] else {"status": "ready"}
        return JSONResponse(body, 503 if held[1] else 200, headers=_NOW)

    return endpoint


def _problem(store: Store) -> str:
    """Why no question can be answered now, or ``""``; not why in detail: anybody may ask."""
    try:
        store.search_lexical("工会", 1)
        store.search_vector("工会", 1)
    except UserError as error:
        return error.message
    except Exception:  # the edge: whatever it is, the one who watches must be told
        _log.exception("not ready")
        return "资料库暂时读不了。"
    return ""


def _measured(metrics: Metrics) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        return Response(await run_in_threadpool(metrics.text), media_type=CONTENT_TYPE, headers=_NOW)

    return endpoint
