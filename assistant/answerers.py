"""What answers one question at a time: a thread of this program, or a process of its own.

The pipeline is Python, which threads cannot run side by side; processes can, and one that hangs can
be ended. They are plain commands (``answer_process.py``) that are told a question a line and tell
the events of its answer a line each.
"""

import asyncio
import json
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from assistant.pipeline import Assistant
from assistant.plain import Told, from_plain
from corpus import logs
from corpus.errors import StoreError, UserError

#: What a process is started with.
COMMAND = (sys.executable, "-m", "assistant.answer_process")
#: An event's line holds the articles of its evidence whole.
_LONGEST_LINE = 2**27
#: Seconds for a process to load everything, and to end once it is told to.
_START_S, _END_S = 120, 5
_NOT_STARTED = UserError("答题进程没有启动起来。", "请稍后重试；如果再次出现，请联系管理员查看日志。")


@dataclass(frozen=True, slots=True)
class Asked:
    """提问: what ``Assistant.stream`` takes."""

    question: str
    history: Sequence[tuple[str, str]] = ()
    as_of: str = ""
    passages: Sequence[str] | None = None
    #: For the log, also in another process.
    request_id: str = field(default_factory=logs.request_id)


class LostError(Exception):
    """The process died before the answer was whole."""


class Answerer(Protocol):
    """Answers one question at a time. What it does must not depend on what it was asked before."""

    @property
    def ready(self) -> bool:
        """Whether it can be asked now; else ``settle`` first."""

    def events(self, asked: Asked, until: float) -> AsyncGenerator[Told]:
        """The events of an answer. Raises ``TimeoutError`` at ``until`` (the loop's time), ``LostError``,
        and what the answering raises.
        """

    async def settle(self, until: float) -> None:
        """Make it ready again, after it was left in the middle of an answer, too."""

    async def close(self) -> None:
        """End what it runs."""


class InThread:
    """A thread that draws from the assistant's own stream."""

    def __init__(self, assistant: Assistant, threads: Executor) -> None:
        self._assistant, self._threads = assistant, threads
        self._drawing: asyncio.Future[None] | None = None

    @property
    def ready(self) -> bool:
        """A thread cannot be ended: until it has come to the next event, it is busy."""
        return self._drawing is None or self._drawing.done()

    async def events(self, asked: Asked, until: float) -> AsyncGenerator[Told]:
        """See ``Answerer``."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Told | Exception | None] = asyncio.Queue()
        given_up = threading.Event()
        stream = self._assistant.stream(
            asked.question, history=asked.history, as_of=asked.as_of, passages=asked.passages
        )
        self._drawing = loop.run_in_executor(
            self._threads, copy_context().run, _draw, stream, given_up, loop, queue
        )
        try:
            while (event := await _before(until, queue.get())) is not None:
                if isinstance(event, Exception):
                    raise event
                yield event
            await self._drawing
        finally:
            given_up.set()

    async def settle(self, until: float) -> None:
        """See ``Answerer``: it waits for as long as the thread takes."""
        if self._drawing:
            await asyncio.wait({self._drawing})

    async def close(self) -> None:
        """Nothing to end."""


def _draw(
    stream: Iterator[Told],
    given_up: threading.Event,
    loop: asyncio.AbstractEventLoop,
    queue: "asyncio.Queue[Told | Exception | None]",
) -> None:
    last: Exception | None = None
    try:
        for event in stream:
            if given_up.is_set():
                return
            loop.call_soon_threadsafe(queue.put_nowait, event)
    except Exception as error:  # raised again where the events are awaited
        last = error
    with suppress(RuntimeError):  # the loop has ended, and with it who asked
        loop.call_soon_threadsafe(queue.put_nowait, last)


async def _before(until: float, awaited: Any) -> Any:
    return await asyncio.wait_for(awaited, until - asyncio.get_running_loop().time())


class InProcess:
    """A process with the store opened for itself: what others add, it sees at its next question."""

    def __init__(self, assistant: Assistant) -> None:
        self._start = {"store": str(assistant.store.directory), "settings": asdict(assistant.settings)}
        self._process: Process | None = None
        #: Whether the process is in the middle of an answer.
        self._owes = False

    @property
    def ready(self) -> bool:
        """Whether the process runs and owes nothing."""
        return self._process is not None and self._process.returncode is None and not self._owes

    async def events(self, asked: Asked, until: float) -> AsyncGenerator[Told]:
        """See ``Answerer``."""
        if not self.ready:
            await self.settle(until)
        self._owes = True
        await self._tell(astuple(asked))
        while (row := await self._line(until)) is not None:
            self._owes = "answered" not in row
            if "wrong" in row:
                raise _error(row)
            if "failed" in row:
                raise RuntimeError(row["failed"])
            if not self._owes:
                return
            yield from_plain(row)
        raise LostError

    async def settle(self, until: float) -> None:
        """See ``Answerer``: what it owes is waited for until then; after that another is started.

        Raises ``UserError`` where none starts.
        """
        with suppress(TimeoutError):
            while self._owes and (row := await self._line(until)) is not None:
                self._owes = "answered" not in row
        if not self.ready:
            await self.close()
            await self._begin()

    async def close(self) -> None:
        """End the process, in the middle of an answer, too."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        if not self._owes or (process.stdout and process.stdout.at_eof()):  # it ends by itself, or has
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _END_S)
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        self._owes = False

    async def _begin(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=PIPE,
            stdout=PIPE,
            limit=_LONGEST_LINE,
            cwd=Path(__file__).parents[1],
            start_new_session=True,  # Ctrl-C is for the program that started it, which tells it to end
        )
        self._owes = True
        await self._tell(self._start)
        try:
            row = await self._line(asyncio.get_running_loop().time() + _START_S)
        except TimeoutError:
            row = None
        self._owes = False
        if row is None or "wrong" in row:
            await self.close()
            raise _error(row) if row else _NOT_STARTED

    async def _tell(self, row: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(ConnectionError):  # it died: the answer will show it
            self._process.stdin.write(json.dumps(row).encode() + b"\n")
            await self._process.stdin.drain()

    async def _line(self, until: float) -> dict[str, Any] | None:
        """What it tells next; None where it died. Raises ``TimeoutError``."""
        assert self._process is not None
        assert self._process.stdout is not None
        with suppress(ConnectionError):
            line = await _before(until, self._process.stdout.readline())
            if line.endswith(b"\n"):
                return json.loads(line)
        return None


def _error(row: dict[str, Any]) -> UserError:
    """What a process said was wrong, as it was raised there."""
    return (StoreError if row.get("unavailable") else UserError)(*row["wrong"])
