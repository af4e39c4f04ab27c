"""The programs' interface: what its parts share, the shape of an error above all.

Each room has its addresses in an ``api_routes.py``; ``application`` makes one application of them,
with a description of its own, apart from the pages.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import compile_path, get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.disk import told_in_words
from corpus.errors import StoreError, UserError
from corpus.web.api_errors import CODES, request_id, response
from corpus.web.api_words import in_chinese

T = TypeVar("T")
#: Where the interface lies. A change that breaks programs gets another number.
PREFIX = "/api/v1"
_WORDS = {
    400: ("请求的正文读不出来。", "请检查编码（应为 UTF-8）和格式。"),
    404: ("没有这个地址。", "请检查网址；全部地址见 /api/v1/。"),
    405: ("这个地址不支持这种请求方法。", "可用的方法见响应头 Allow，说明见 /api/v1/。"),
    413: ("请求太大。", "请缩短内容，或分几次发送。"),
}
_AGAIN = "请重试；如果再次出现，请把编号告诉管理员。"
_ABOUT = """提问、检索、读文章、交文件、做测评。

出错时都是 `{"error": {"code", "message", "hint", "request_id"}}`：`code` 供程序判断，`message` 说发生了什么，`hint` 说怎么办。
有账号的系统要带密钥：`Authorization: Bearer uq_…`，由管理员发放。
"""
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


class Model(BaseModel):
    """What is sent or answered: nothing but what the description names."""

    model_config = ConfigDict(extra="forbid")


class ErrorDetail(Model):
    """出错的原因。"""

    code: str = Field(description="错误代码，供程序判断", examples=["invalid"])
    message: str = Field(description="发生了什么", examples=["字段 question 不能为空。"])
    hint: str = Field(description="怎么办", examples=["请按接口说明改正后重试。"])
    request_id: str = Field(description="请求编号，可据此在日志中查找", examples=["5f2a9c01d3e4"])


class ErrorBody(Model):
    """出错时的统一格式。"""

    error: ErrorDetail = Field(description="原因")


def who(request: Request) -> str:
    """The name of who asks; ``""`` without accounts."""
    person = request.scope.get("person")
    return person.name if person else ""


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What the work comes to, which is given up when whoever asks hangs up. The body has been read before.

    Raises ``ClientDisconnect`` then.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.wait({working, leaving})


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def application(routers: Sequence[APIRouter], *, title: str, description: str = "") -> FastAPI:
    """The interface as an application, to be mounted at ``PREFIX``."""
    app = FastAPI(
        title=title,
        version="1",
        description=description or _ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=lambda route: route.name,
    )
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.response_description == "Successful Response":
                route.response_description = "成功"
        app.include_router(router, responses=_ERRORS, dependencies=[Depends(_once)])
    _with_key(app)
    app.add_middleware(_Edge)
    app.add_exception_handler(UserError, _told)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _not_served)
    return app


def _once(request: Request) -> None:
    """Refuses what is given twice where there is room for one: which of them counts, nobody could tell."""
    given = request.query_params
    for name in given:
        if len(given.getlist(name)) > 1 and name in _single(request):
            raise ApiError(422, f"参数“{name}”给了不止一次。", "请只给一次。")


def _single(request: Request) -> set[str]:
    """What may be given once in the query of an address."""
    at = get_route_path(request.scope)
    described = request.app.openapi()["paths"].items()
    here = [does for path, does in described if compile_path(path)[0].match(at)]
    parameters = [p for does in here for one in does.values() for p in one.get("parameters", ())]
    return {p["name"] for p in parameters if p["schema"].get("type") != "array"}


def _with_key(app: FastAPI) -> None:
    """Say in the description that a key may be given. Whether one is needed, the guard decides."""
    generated = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            api = generated()
            scheme = {"type": "http", "scheme": "bearer", "description": "管理员发放的接口密钥 `uq_…`"}
            api["components"]["securitySchemes"] = {"key": scheme}
            api["security"] = [{"key": []}, {}]
        return app.openapi_schema or {}

    app.openapi = described  # type: ignore[method-assign]


def _errors() -> dict[int | str, dict[str, Any]]:
    said = {
        400: "请求没有执行，原因见正文",
        401: "没有登录，或接口密钥无效",
        403: "没有权限",
        404: "没有这个地址，或没有这份资料",
        409: "与正在进行的工作冲突",
        413: "请求太大",
        422: "请求不合要求",
        429: "请求太多，过 `Retry-After` 秒再试",
        500: "程序出错，编号见正文",
        503: "暂时不能服务，过 `Retry-After` 秒再试",
    }
    waits = {"Retry-After": {"description": "过几秒再试", "schema": {"type": "integer", "minimum": 1}}}
    made: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorBody, "description": words} for status, words in said.items()
    }
    for status in (429, 503):
        made[status]["headers"] = waits
    return made


_ERRORS = _errors()


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, UserError)
    wait = getattr(error, "retry_after", 0)
    headers = {"Retry-After": str(max(1, round(wait)))} if wait else {}
    status, code = _status(error)
    return response(request.scope, status, error.message, error.hint, code=code, headers=headers)


def _status(error: UserError) -> tuple[int, str]:
    """Status and code of what a user can mend: its own where it has one, 429 where waiting helps."""
    status = getattr(error, "status", 429 if getattr(error, "retry_after", 0) else 400)
    return status, getattr(error, "code", "") or CODES.get(status, "error")


def error_event(scope: Scope, error: Exception) -> dict[str, Any]:
    """An error that comes when the reply has begun, in the shape of all others."""
    id_ = request_id(scope)
    if isinstance(error, UserError):
        body = {"code": _status(error)[1], "message": error.message, "hint": error.hint}
    else:
        _log.error("error %s", id_, exc_info=error)
        body = {"code": CODES[500], "message": _broken(id_), "hint": _AGAIN}
    return {"error": {**body, "request_id": id_}}


def _broken(number: str) -> str:
    return f"程序出错了（编号 {number}）。"


def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return response(request.scope, 422, *in_chinese(error.errors()))


def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message, hint = _WORDS.get(error.status_code, ("请求没有执行。", "请检查请求的格式。"))
    headers = dict(error.headers or {})
    if error.status_code == 405:  # the first address that fits knows its own methods only
        headers["Allow"] = ", ".join(_methods(request))
    return response(request.scope, error.status_code, message, hint, headers=headers)


def _methods(request: Request) -> list[str]:
    """What may be done at an address."""
    at = get_route_path(request.scope)
    described = request.app.openapi()["paths"].items()
    found = {method.upper() for path, does in described if compile_path(path)[0].match(at) for method in does}
    return sorted(found) or ["GET"]


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
            with told_in_words():
                await self._app(scope, receive, watched)
        except StoreError as error:
            if started:
                raise
            await _told(Request(scope), error)(scope, receive, send)
        except Exception:  # the edge
            if started:
                raise
            _log.exception("error %s", request_id(scope))
            await response(scope, 500, _broken(request_id(scope)), _AGAIN)(scope, receive, send)
