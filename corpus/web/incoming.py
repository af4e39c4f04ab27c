"""What a request brings: its head is measured before anything is done, its body while it comes in.

A body may come without saying how long it is (chunked), or more slowly than anybody waits: so it
is counted byte by byte, and the application is told that the client has gone as soon as it is
over its limit.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, NamedTuple

from corpus.web import limits

_Message = MutableMapping[str, Any]


class Refusal(NamedTuple):
    """Why a request is not answered: a status, what happened, what to do, and headers that belong to it."""

    status: int
    message: str
    hint: str
    headers: tuple[tuple[str, str], ...] = ()
    code: str = ""


#: Bytes that are taken in after a refusal so that it is heard, and seconds.
_DRAIN, _DRAIN_S = 8 * limits.MIB, 2
#: The rest of what is not wanted is not read: the connection ends with the answer.
_CLOSE = (("Connection", "close"),)
LONG_ADDRESS = Refusal(414, "网址太长。", "请缩短查询的内容，或改用 POST。", _CLOSE, "too_large")
LARGE_HEAD = Refusal(
    431, "请求头太大。", "请清除浏览器里本站的 Cookie 后重试；程序请减少请求头。", _CLOSE, "too_large"
)
SILENT = Refusal(408, "请求没有发完。", "请检查网络后重试。", _CLOSE, "timeout")


def too_large(limit: int) -> Refusal:
    """A body is over its limit, in bytes."""
    words = f"{limit // limits.MIB} MB" if limit >= limits.MIB else f"{limit // limits.KIB} KB"
    return Refusal(413, f"请求太大，这里最多 {words}。", "请缩短内容，或分几次发送。", _CLOSE, "too_large")


def too_often(wait: int) -> Refusal:
    """Somebody asks more often than is fair to others; ``wait`` is in seconds."""
    return Refusal(
        429, "请求太频繁。", f"请过 {wait} 秒再试。", (("Retry-After", str(wait)),), "rate_limited"
    )


def head_refusal(headers: Iterable[tuple[bytes, bytes]], target: int, limit: int) -> Refusal | None:
    """What is wrong with a request's head; ``target`` is the length of its address, ``limit`` that of its body."""
    held = list(headers)
    if target > limits.ADDRESS:
        return LONG_ADDRESS
    if len(held) > limits.HEADER_COUNT or sum(len(a) + len(b) for a, b in held) > limits.HEADERS:
        return LARGE_HEAD
    said = next((value for name, value in held if name == b"content-length"), b"0")
    return too_large(limit) if not said.isdigit() or int(said[:20]) > limit else None


class Body:
    """``receive`` of a request, that ends at ``limit`` bytes. ``refusal`` is then why."""

    def __init__(self, receive: Callable[[], Awaitable[_Message]], limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._bytes = 0
        self._waited = 0.0
        self._whole = False
        self.refusal: Refusal | None = None

    async def __call__(self) -> _Message:
        if self.refusal:
            return {"type": "http.disconnect"}
        if self._whole:  # now it is waited for the client to go
            return await self._receive()
        began = time.monotonic()
        left = limits.SILENCE_S + self._bytes / limits.SLOWEST - self._waited
        try:
            async with asyncio.timeout(min(limits.SILENCE_S, left)):
                message = await self._receive()
        except TimeoutError:
            self.refusal = SILENT
            return {"type": "http.disconnect"}
        self._waited += time.monotonic() - began
        self._bytes += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._bytes > self._limit:
            self.refusal = too_large(self._limit)
            return {"type": "http.disconnect"}
        return message

    async def drain(self) -> None:
        """Take in some of what still comes, to no purpose.

        Most clients hear nothing of an answer while they are sending, and see the connection end.
        """
        taken = _DRAIN if self.refusal is SILENT else 0
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                while not self._whole and taken < _DRAIN:
                    message = await self._receive()
                    taken += len(message.get("body", b""))
                    self._whole = not message.get("more_body", False)
