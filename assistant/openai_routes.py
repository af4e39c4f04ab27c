"""``/v1/chat/completions`` and ``/v1/models``: for programs that speak with OpenAI's interface."""

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from assistant import asked
from assistant.answering import Answering, BrokenError, BusyError, Event, SlowError
from assistant.openai_chat import MODEL, NOT_A_QUESTION, ChatRequest, Completion, RequestError, read
from assistant.types import Answer, Statement
from corpus.errors import StoreError, UserError
from corpus.store import Store
from corpus.web.api import while_there, who
from corpus.web.api_errors import NO_STORE, openai_error

#: Seconds without a word after which a sign of life is sent: many a proxy cuts what is silent for a minute.
PULSE_S = 15.0
_PULSE = ": …\n\n"
_DONE = "data: [DONE]\n\n"
_STREAM_HEADERS = {**NO_STORE, "X-Accel-Buffering": "no"}
_WORDS = {
    404: ("没有这个地址。", "可用的有 /v1/chat/completions 和 /v1/models。"),
    405: ("这个地址不支持这种请求方法。", "chat/completions 用 POST，models 用 GET。"),
}
_log = logging.getLogger(__name__)


def application(store: Store, answering: Answering) -> Starlette:
    """What is to be mounted at ``/v1``."""
    chat = _Chat(store, answering)
    return Starlette(
        routes=[
            Route("/chat/completions", chat.complete, methods=["POST"]),
            Route("/models", chat.models, methods=["GET"]),
            Route("/models/{model}", chat.model, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _not_served},
    )


class _Chat:
    def __init__(self, store: Store, answering: Answering) -> None:
        self._store = store
        self._answering = answering
        self._described = {
            "id": MODEL,
            "object": "model",
            "created": int(time.time()),
            "owned_by": MODEL,
            "name": "工会政策问答",
        }

    async def models(self, request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [self._described]})

    async def model(self, request: Request) -> Response:
        name = request.path_params["model"]
        if name == MODEL:
            return JSONResponse(self._described)
        return _error(
            404, f"没有名为“{name[:60]}”的模型。", f"请把模型改为 {MODEL}。", code="model_not_found"
        )

    async def complete(self, request: Request) -> Response:
        try:
            wanted = read(_parsed(await request.body()))
            completion = Completion(wanted, str(request.base_url))
            if wanted.task:
                return _not_asked(completion, stream=wanted.stream)
            return await self._answered(request, wanted, completion)
        except ClientDisconnect:  # nobody is there to be told, or the guard tells it
            return Response(status_code=400)
        except Exception as error:  # the edge: a person must read words, the log has the traceback
            return _refused(error)

    async def _answered(self, request: Request, wanted: ChatRequest, completion: Completion) -> Response:
        told = _Told(self._store, wanted.question, who(request))
        events = self._answering.events(wanted.question, history=wanted.history, as_of=wanted.as_of)
        try:
            if wanted.stream:  # what cannot be answered at all is refused with a status of its own
                first = await anext(events)
                stream = _streamed(completion, told, _paced(first, events))
                return StreamingResponse(
                    stream,
                    media_type="text/event-stream",
                    headers=_STREAM_HEADERS,
                    background=BackgroundTask(told.settle),
                )
            told.answer = answer = await while_there(request, _last(events))
        except (BusyError, ClientDisconnect):
            raise
        except Exception:
            await run_in_threadpool(told.settle, failed=True)
            raise
        keeping = BackgroundTask(told.settle)
        return JSONResponse(completion.whole(answer), headers=NO_STORE, background=keeping)


class _Told:
    """What became of one question, to be kept once who asked has it."""

    def __init__(self, store: Store, question: str, who: str) -> None:
        self.answer: Answer | None = None
        self._store = store
        self._question = question
        self._who = who

    def settle(self, *, failed: bool = False) -> None:
        """Nothing is kept of what was broken off."""
        if failed or self.answer:
            asked.settle(self._store, self._question, self.answer, who=self._who)


async def _streamed(
    completion: Completion, told: _Told, events: AsyncGenerator[Event | None]
) -> AsyncIterator[str]:
    """The completion as server-sent events."""
    yield _data(completion.chunk({"role": "assistant", "content": ""}))
    try:
        async with aclosing(events):
            async for event in events:
                if event is None:
                    yield _PULSE
                elif isinstance(event, Answer):
                    told.answer = event
                elif isinstance(event, Statement) and (text := completion.reply.statement(event)):
                    yield _data(completion.chunk({"content": text}))
        assert told.answer is not None
        for part in completion.last(told.answer):
            yield _data(part)
    except Exception as error:  # the edge: too late for a status
        yield _data(json.loads(bytes(_refused(error).body)))
        await run_in_threadpool(told.settle, failed=True)
    yield _DONE


async def _paced(first: Event, events: AsyncGenerator[Event]) -> AsyncGenerator[Event | None]:
    """The events, and None whenever the next one takes long."""
    upcoming = asyncio.ensure_future(_next(events))
    try:
        yield first
        while True:
            await asyncio.wait([upcoming], timeout=PULSE_S)
            if not upcoming.done():
                yield None
            elif (event := upcoming.result()) is None:
                return
            else:
                yield event
                upcoming = asyncio.ensure_future(_next(events))
    finally:
        # Whoever stops taking gives the place in line back.
        upcoming.cancel()
        with suppress(BaseException):
            await upcoming
        await events.aclose()


async def _last(events: AsyncGenerator[Event]) -> Answer:
    answers = [event async for event in events if isinstance(event, Answer)]
    return answers[-1]


async def _next(events: AsyncIterator[Event]) -> Event | None:
    return await anext(events, None)


def _not_asked(completion: Completion, *, stream: bool) -> Response:
    """The reply to what a program sent that nobody asked."""
    if not stream:
        return JSONResponse(completion.said(NOT_A_QUESTION), headers=NO_STORE)
    parts = [completion.chunk({"role": "assistant", "content": NOT_A_QUESTION}), *completion.end()]
    return Response(
        "".join(map(_data, parts)) + _DONE, media_type="text/event-stream", headers=_STREAM_HEADERS
    )


def _data(part: dict[str, Any]) -> str:
    return f"data: {json.dumps(part, ensure_ascii=False)}\n\n"


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError(
            "请求的正文不是有效的 JSON。", "请检查引号、逗号和编码（应为 UTF-8）。", code="invalid_json"
        ) from None


def _refused(error: Exception) -> JSONResponse:
    if isinstance(error, RequestError):
        return _error(error.status, error.message, error.hint, code=error.code, param=error.param)
    if isinstance(error, BusyError):
        wait = {"Retry-After": str(max(1, round(error.retry_after)))}
        return _error(429, error.message, error.hint, code="rate_limit_exceeded", headers=wait)
    if isinstance(error, SlowError | BrokenError):
        # OpenAI's client would ask again by itself, and fare no better.
        status, code = (503, "timeout") if isinstance(error, SlowError) else (500, "internal")
        return _error(status, error.message, error.hint, code=code, headers={"X-Should-Retry": "false"})
    if isinstance(error, StoreError):
        wait = {"Retry-After": str(round(error.retry_after))}
        return _error(error.status, error.message, error.hint, code="unavailable", headers=wait)
    if isinstance(error, UserError):
        return _error(400, error.message, error.hint, code="invalid_value")
    number = secrets.token_hex(3)
    _log.error("error %s", number, exc_info=error)
    return _error(500, f"程序出错了（编号 {number}）。", "请重试；如果再次出现，请把编号告诉管理员。")


def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message, hint = _WORDS.get(error.status_code, ("请求没有执行。", "请检查请求的格式。"))
    return _error(error.status_code, message, hint, headers=dict(error.headers or {}))


def _error(
    status: int,
    message: str,
    hint: str,
    *,
    code: str = "",
    param: str | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    body = openai_error(status, message, hint, code=code, param=param)
    return JSONResponse({"error": body}, status, headers={**NO_STORE, **(headers or {})})
