"""Many people at once: questions are admitted, wait in line with their place told, and are answered.

Every way to ask (window, API, OpenAI-compatible, MCP) goes through one ``Answering``, so that what
one of them takes, another does not get on top.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass

from assistant.answerers import Answerer, Asked, InProcess, InThread, LostError
from assistant.pipeline import Assistant, Stage
from assistant.plain import Told
from assistant.types import Answer, Statement
from corpus.errors import UserError

#: Seconds between two words on one's place in line.
_TOLD_S = 1.0
#: How much of the usual time of an answer the latest one makes up.
_LATEST = 0.1


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


class SlowError(UserError):
    """The answer took too long and was given up."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"这个问题 {seconds:g} 秒还没有答完，已经停下。", "请稍后再问，或者问得短一些、具体一些。"
        )


class BrokenError(UserError):
    """Whatever answers this question dies of it."""

    def __init__(self) -> None:
        super().__init__("回答这个问题时程序中途退出了。", "请换个说法再问；如果再次出现，请告诉管理员。")


Event = Waiting | Stage | Statement | Answer


class Answering:
    """Answers many questions at once over one assistant; belongs to one event loop."""

    def __init__(
        self,
        assistant: Assistant,
        *,
        slots: int = 4,
        waiting: int = 50,
        workers: int = 0,
        timeout_s: float = 90.0,
    ) -> None:
        """``slots`` questions are answered at once, ``waiting`` more wait; what comes then is refused.

        With ``workers`` as many processes answer, one question each at once, and ``slots`` counts
        for nothing. An answer that takes longer than ``timeout_s`` is given up.
        """
        self.assistant = assistant
        self._most = waiting
        self._timeout_s = timeout_s
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="answering")
        self._all: list[Answerer] = (
            [InProcess(assistant) for _ in range(workers)]
            if workers
            else [InThread(assistant, self._threads) for _ in range(slots)]
        )
        self._free = list(self._all)
        self._line: list[asyncio.Future[Answerer]] = []
        self._settling: set[asyncio.Task[None]] = set()
        self._usual = 0.1

    @property
    def busy(self) -> int:
        """Questions that are being answered."""
        return len(self._all) - len(self._free)

    @property
    def waiting(self) -> int:
        """Questions that wait."""
        return len(self._line)

    async def start(self) -> None:
        """Start the processes now, which the first questions would wait for. Raises ``UserError``."""
        await asyncio.gather(*(one.settle(0.0) for one in self._free if not one.ready))

    async def close(self) -> None:
        """End the processes."""
        for task in self._settling:
            task.cancel()
        await asyncio.gather(*(one.close() for one in self._all))
        self._threads.shutdown(wait=False)

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
    ) -> AsyncGenerator[Event]:
        """The place in line while it changes, the stages as they begin, statements, the answer last.

        Raises ``BusyError`` where too many wait, ``SlowError``, ``BrokenError``. Whoever stops
        taking gives the place back.
        """
        answerer = self._free.pop() if self._free else None
        if answerer is None:
            async for told in self._wait():
                if isinstance(told, Waiting):
                    yield told
                else:
                    answerer = told
        assert answerer is not None
        began = asyncio.get_running_loop().time()
        try:
            async with aclosing(
                self._answered(answerer, Asked(question, history, as_of, passages))
            ) as events:
                async for event in events:
                    yield event
            self._usual += _LATEST * (asyncio.get_running_loop().time() - began - self._usual)
        finally:
            self._give_back(answerer, began + self._timeout_s)

    async def _answered(self, answerer: Answerer, asked: Asked) -> AsyncGenerator[Told]:
        """The events; where the process dies the question is asked once more, and what was told is not told again."""
        until = asyncio.get_running_loop().time() + self._timeout_s
        told = 0
        try:
            with suppress(LostError):
                async with aclosing(answerer.events(asked, until)) as events:
                    async for event in events:
                        told += 1
                        yield event
                return
            async with aclosing(answerer.events(asked, until)) as events:
                async for event in events:
                    told -= 1
                    if told < 0:
                        yield event
        except TimeoutError:
            raise SlowError(self._timeout_s) from None
        except LostError:
            raise BrokenError from None

    async def _wait(self) -> AsyncGenerator[Waiting | Answerer]:
        """The place in line while it changes, then whose turn it is to answer. Raises ``BusyError``."""
        if len(self._line) >= self._most:
            raise BusyError(self._seconds(len(self._line)))
        turn: asyncio.Future[Answerer] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        last = -1
        try:
            while not turn.done():
                if (place := self._line.index(turn)) != last:
                    last = place
                    yield Waiting(place, self._seconds(place + 1))
                await asyncio.wait({turn}, timeout=_TOLD_S)
        except BaseException:
            if turn.done():
                self._next(turn.result())
            else:
                self._line.remove(turn)
            raise
        yield turn.result()

    def _seconds(self, place: int) -> float:
        return self._usual * place / len(self._all)

    def _give_back(self, answerer: Answerer, until: float) -> None:
        if answerer.ready:
            self._next(answerer)
            return
        task = asyncio.get_running_loop().create_task(self._settle(answerer, until))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settle(self, answerer: Answerer, until: float) -> None:
        try:
            await answerer.settle(until)
        except UserError:  # who asks next is told
            pass
        finally:
            self._next(answerer)

    def _next(self, answerer: Answerer) -> None:
        """The first in line is next, whoever comes in this moment."""
        if self._line:
            self._line.pop(0).set_result(answerer)
        else:
            self._free.append(answerer)
