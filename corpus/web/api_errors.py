"""An error of the programs' interface, in its one shape, whoever tells it: an address or the guard.

Below ``/v1/`` it has the shape that OpenAI's clients understand.
"""

import secrets
from collections.abc import Mapping

from starlette.responses import JSONResponse
from starlette.routing import get_route_path
from starlette.types import Scope

NO_STORE = {"Cache-Control": "no-store"}
#: What a status is called in an error.
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "busy",
    431: "too_large",
    500: "internal",
    503: "unavailable",
}
#: What OpenAI calls the kind of an error; the rest are invalid requests.
_OPENAI_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
}


def response(
    scope: Scope,
    status: int,
    message: str,
    hint: str = "",
    *,
    code: str = "",
    headers: Mapping[str, str] | None = None,
    param: str | None = None,
) -> JSONResponse:
    """An error in the interface's one shape, or in OpenAI's; ``param`` is what OpenAI calls the field."""
    code = code or CODES.get(status, "error")
    if get_route_path(scope).startswith("/v1/"):
        body = openai_error(status, message, hint, code=code, param=param)
    else:
        body = {"code": code, "message": message, "hint": hint, "request_id": request_id(scope)}
    return JSONResponse({"error": body}, status, headers={**NO_STORE, **(headers or {})})


def openai_error(
    status: int, message: str, hint: str = "", *, code: str = "", param: str | None = None
) -> dict[str, str | None]:
    """What stands under ``error`` for OpenAI's clients, which show the message as it is."""
    kind = _OPENAI_TYPES.get(status, "invalid_request_error")
    return {"message": f"{message}{hint}", "type": kind, "param": param, "code": code or CODES.get(status)}


def request_id(scope: Scope) -> str:
    """The request's number, made up where nothing before gave it one."""
    return str(scope.setdefault("request_id", secrets.token_hex(6)))
