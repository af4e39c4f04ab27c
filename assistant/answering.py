"""Many people at once: questions are admitted, wait in line with their place told, and are answered.

Every way to ask (window, API, OpenAI-compatible, MCP) goes through one ``Answering``, so that what
one of them takes, another does not get on top.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from assistant.pipeline import Assistant, Stage
from assistant.types import Answer, Statement
from corpus.errors import UserError


@dataclass(frozen=True, slots=True)
class Waiting:
    """排队: how many questions are answered before this one, and the seconds that will take by estimate."""

    position: int
    seconds: float


class BusyError(UserError):
    """Too many questions wait already. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("现在提问的人太多。", f"请过 {max(1, round(retry_after))} 秒再试。")
        self.retry_after = retry_after


Event = Waiting | Stage | Statement | Answer


class Answering:
    """Answers many questions at once over one assistant; belongs to one event loop."""

    def __init__(self, assistant: Assistant, *, slots: int = 4, waiting: int = 100) -> None:
        """``slots`` questions are answered at once, ``waiting`` more wait; what comes then is refused."""
        self.assistant = assistant
        self._slots = slots
        self._most = waiting
        self._busy = 0
        self._line: list[asyncio.Future[None]] = []
        self._usual = 0.1

    async def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, str]] = (),
        as_of: str = "",
        passages: Sequence[str] | None = None,
    ) -> Answer:
        """The answer. Raises as ``events``."""
        answer = None
        async for event in self.events(question, history=history, as_of=as_of, passages=passages):
            if isinstance(event, Answer):
                answer = event
        assert answer is not None
        return answer

    async def events(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, str]] = (),
        as_of: str = "",
        passages: Sequence[str] | None = None,
    ) -> AsyncIterator[Event]:
        """The place in line while it changes, the stages as they begin, statements, the answer last.

        Raises ``BusyError`` where too many wait. Whoever stops taking gives the place back.
        """
        if len(self._line) >= self._most:
            raise BusyError(self._usual * len(self._line) / self._slots)
        async with self._turn():
            stream = self.assistant.stream(question, history=history, as_of=as_of, passages=passages)
            async for event in _in_thread(stream):
                yield event

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._busy >= self._slots:
            turn = asyncio.get_running_loop().create_future()
            self._line.append(turn)
            try:
                await turn
            finally:
                if turn in self._line:
                    self._line.remove(turn)
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            if self._line:
                self._line.pop(0).set_result(None)


async def _in_thread(stream: Iterator[Event]) -> AsyncIterator[Event]:
    """The events of a stream that a thread draws from, so that the event loop never waits for it."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()
    given_up = threading.Event()

    def draw() -> None:
        last: BaseException | None = None
        try:
            for event in stream:
                if given_up.is_set():
                    return
                loop.call_soon_threadsafe(queue.put_nowait, event)
        except Exception as error:  # raised again where the events are awaited
            last = error
        loop.call_soon_threadsafe(queue.put_nowait, last)

    drawing = loop.run_in_executor(None, draw)
    try:
        while (event := await queue.get()) is not None:
            if isinstance(event, BaseException):
                raise event
            yield event
        await drawing
    finally:
        given_up.set()
