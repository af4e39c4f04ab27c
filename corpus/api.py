"""The programs' interface: what its parts share, the shape of an error above all.

Each room has its addresses in an ``api_routes.py``; ``application`` makes one application of them,
with a description of its own, apart from the pages.
"""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.api_errors import CODES, request_id, response
from corpus.api_words import in_chinese
from corpus.errors import UserError

#: Where the interface lies. A change that breaks programs gets another number.
PREFIX = "/api/v1"
_WORDS = {
    404: ("没有这个地址。", "请检查网址；全部地址见 /api/v1/。"),
    405: ("这个地址不支持这种请求方法。", "可用的方法见响应头 Allow，说明见 /api/v1/。"),
    413: ("请求太大。", "请缩短内容，或分几次发送。"),
}
_log = logging.getLogger(__name__)


class ApiError(UserError):
    """A refusal with a status of its own; ``code`` is for programs, and does not change."""

    def __init__(
        self, status: int, message: str, hint: str = "", *, code: str = "", retry_after: float = 0
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.code = code or CODES[status]
        self.retry_after = retry_after


class ErrorDetail(BaseModel):
    """出错的原因。"""

    code: str = Field(description="错误代码，供程序判断", examples=["invalid"])
    message: str = Field(description="发生了什么", examples=["字段 question 不能为空。"])
    hint: str = Field(description="怎么办", examples=["请按接口说明改正后重试。"])
    request_id: str = Field(description="请求编号，可据此在日志中查找", examples=["5f2a9c01d3e4"])


class ErrorBody(BaseModel):
    """出错时的统一格式。"""

    error: ErrorDetail


def who(request: Request) -> str:
    """The name of who asks; ``""`` without accounts."""
    person = request.scope.get("person")
    return person.name if person else ""


def application(routers: Sequence[APIRouter], *, title: str) -> FastAPI:
    """The interface as an application, to be mounted at ``PREFIX``."""
    app = FastAPI(
        title=f"{title}接口", version="1", docs_url=None, redoc_url=None, openapi_url="/openapi.json"
    )
    for router in routers:
        app.include_router(router, responses=_ERRORS)
    app.add_middleware(_Edge)
    app.add_exception_handler(UserError, _told)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _not_served)
    return app


_ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorBody, "description": "请求不合要求"},
    "4XX": {"model": ErrorBody, "description": "请求没有执行，原因见正文"},
}


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, UserError)
    wait = getattr(error, "retry_after", 0)
    status = getattr(error, "status", 429 if wait else 400)
    headers = {"Retry-After": str(max(1, round(wait)))} if wait else {}
    code = getattr(error, "code", "")
    return response(request.scope, status, error.message, error.hint, code=code, headers=headers)


def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return response(request.scope, 422, *in_chinese(error.errors()))


def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message, hint = _WORDS.get(error.status_code, ("请求没有执行。", "请检查请求的格式。"))
    return response(request.scope, error.status_code, message, hint, headers=error.headers)


class _Edge:
    """Whatever else goes wrong is a number for who asked and a traceback in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:  # the edge
            if started:
                raise
            _log.exception("error %s", request_id(scope))
            message = f"程序出错了（编号 {request_id(scope)}）。"
            await response(scope, 500, message, "请重试；如果再次出现，请把编号告诉管理员。")(
                scope, receive, send
            )
