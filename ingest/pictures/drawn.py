"""Page pictures on demand: drawn once in worker processes under limits, kept in memory up to a bound.

In memory alone, so that nothing of a deleted document outlives the program on a disk.
"""

import asyncio
import base64
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import UserError
from corpus.types import Box
from ingest.pictures import places
from ingest.pictures.page_picture import WIDTHS
from ingest.pictures.places import Characters
from ingest.workers.pool import Job, Limits, Pool, Result

LIMITS = Limits(seconds=30.0, seconds_in_all=90.0, memory=3 * 2**29)
_PROCESSES = 2
_KEPT_BYTES = 128 * 2**20
_A_CHARACTER = 100  # bytes that a character and its place take, about
_AT_ONCE = 60  # pages asked for and not drawn yet: more, and people only wait
_FAILED_FOR_S = 120.0  # seconds before a page that could not be drawn is tried again
_FAILED = UserError("这一页画不出来：文件已损坏，或者内容过于复杂。", "请下载原件，用原来的软件查看。")
_BUSY = UserError("正在绘制的页面太多。", "请稍等片刻后重试。")

_log = logging.getLogger(__name__)


class Original(NamedTuple):
    """原件: a file as it lies on this machine."""

    path: Path
    sha256: str
    media_type: str


class _Kept(NamedTuple):
    value: Any
    size: int
    until: float


class Pictures:
    """版面图片: what can be seen of originals. Safe to share between threads.

    ``limits`` are on each drawing, ``kept`` is the memory for what was drawn, in bytes.
    """

    def __init__(self, *, limits: Limits = LIMITS, kept: int = _KEPT_BYTES, pool: Pool | None = None) -> None:
        self._pool = pool or Pool(size=_PROCESSES, limits=limits, module="ingest.pictures.page_picture")
        self._most = kept
        self._kept: OrderedDict[tuple[Any, ...], _Kept] = OrderedDict()
        self._bytes = 0
        self._coming: dict[tuple[Any, ...], Future[Any]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """End the processes."""
        self._pool.close()

    async def picture(self, original: Original, page: int, width: int) -> bytes:
        """Page ``page``, from 1, as PNG, of the least of ``WIDTHS`` that is no less than ``width``.

        Raises ``UserError`` for what cannot be drawn, at once or within the limits.
        """
        drawn = next((each for each in WIDTHS if each >= width), WIDTHS[-1])
        return await self._asked(original, "picture", page, drawn)

    async def sizes(self, original: Original) -> list[tuple[float, float]]:
        """Width and height of each page in points. Raises ``UserError`` as ``picture``."""
        return await self._asked(original, "sizes")

    async def boxes(
        self, original: Original, text: str, spans: Sequence[tuple[int, int]], lines: Sequence[Box]
    ) -> list[Box]:
        """Where the parts ``spans`` of a passage's text stand: see ``places.boxes``."""
        pages: Mapping[int, Characters] = {
            number: await self._characters(original, number) for number in sorted({box.page for box in lines})
        }
        return await asyncio.to_thread(places.boxes, text, spans, lines, pages)

    async def _characters(self, original: Original, page: int) -> Characters:
        if original.media_type != "application/pdf":
            return Characters("", ())
        return await self._asked(original, "characters", page)

    async def _asked(self, original: Original, ask: str, page: int = 0, width: int = 0) -> Any:
        key = (original.sha256, ask, page, width)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.until > time.monotonic():
                self._kept.move_to_end(key)
                return _given(kept.value)
            coming = self._coming.get(key) or self._begun(key, original, ask, page, width)
        # Shielded: who stops waiting must not take the picture from the others.
        return _given(await asyncio.shield(asyncio.wrap_future(coming)))

    def _begun(
        self, key: tuple[Any, ...], original: Original, ask: str, page: int, width: int
    ) -> "Future[Any]":
        if len(self._coming) >= _AT_ONCE:
            raise _BUSY
        future: Future[Any] = Future()
        self._coming[key] = future
        task = {
            "ask": ask,
            "file": str(original.path),
            "media_type": original.media_type,
            "page": page,
            "width": width,
        }
        job = Job(data=b"", name="", source_id="", task=task)
        self._pool.submit(job, lambda result: self._came(key, result))
        return future

    def _came(self, key: tuple[Any, ...], result: Result) -> None:
        value = _understood(result)
        failed = isinstance(value, UserError)
        with self._lock:
            future = self._coming.pop(key)
            if not failed or result.lasting:
                until = time.monotonic() + _FAILED_FOR_S if failed else float("inf")
                self._keep(key, _Kept(value, _weight(value), until))
        future.set_result(value)

    def _keep(self, key: tuple[Any, ...], kept: _Kept) -> None:
        former = self._kept.pop(key, None)
        self._bytes += kept.size - (former.size if former else 0)
        self._kept[key] = kept
        while self._bytes > self._most and self._kept:
            self._bytes -= self._kept.popitem(last=False)[1].size


def _given(value: Any) -> Any:
    """What was kept; a failure is raised anew, since an exception remembers where it was raised."""
    if isinstance(value, UserError):
        raise UserError(value.message, value.hint)
    return value


def _understood(result: Result) -> Any:
    """What the worker answered, or why it did not as a ``UserError``."""
    if result.bug:
        _log.error("error %s\n%s", secrets.token_hex(3), result.bug)
    if result.bug or result.killed:
        return _FAILED
    if result.told is None:
        return UserError(result.message)
    told = result.told
    if "picture" in told:
        return base64.b64decode(told["picture"])
    return told["sizes"] if "sizes" in told else Characters(told["text"], told["places"])


def _weight(value: Any) -> int:
    if isinstance(value, bytes):
        return len(value)
    return _A_CHARACTER * (1 + len(value.text if isinstance(value, Characters) else str(value)))
