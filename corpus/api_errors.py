"""An error of the programs' interface, in its one shape, whoever tells it: an address or the guard."""

import secrets
from collections.abc import Mapping

from starlette.responses import JSONResponse
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


def response(
    scope: Scope,
    status: int,
    message: str,
    hint: str = "",
    *,
    code: str = "",
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """An error in the interface's one shape."""
    body = {
        "code": code or CODES.get(status, "error"),
        "message": message,
        "hint": hint,
        "request_id": request_id(scope),
    }
    return JSONResponse({"error": body}, status, headers={**NO_STORE, **(headers or {})})


def request_id(scope: Scope) -> str:
    """The request's number, made up where nothing before gave it one."""
    return str(scope.setdefault("request_id", secrets.token_hex(6)))
