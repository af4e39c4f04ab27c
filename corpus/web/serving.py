"""The server: says where it is, and ends so that nothing that was begun is lost.

Told to stop, it takes nothing new, lets answers come to their end and writers to the end of the
document they are at, and only then goes; told twice, it goes at once.
"""

import asyncio
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from corpus.errors import UserError
from corpus.store import Store
from corpus.web.request_log import Requests

#: Seconds that streams which only wait for news have to end.
_LAST_S = 2
_TICK_S = 0.05
#: So long nothing is under way: the window asks, and then waits for the answer, in two requests.
_QUIET_S = 0.3
#: Seconds in which the head of a request has to come.
_HEAD_S = 20
_BUSY: Any = object()
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listen(host: str, port: int) -> socket.socket:
    """The socket to serve on. Raises ``UserError`` where the port is taken."""
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        message = f"无法在 {host}:{port} 上启动。"
        raise UserError(message, "端口可能被占用：请用 --port 换一个端口，或先关闭占用它的程序。") from error


@contextmanager
def stoppable(store: Store) -> Iterator[None]:
    """Signals to stop end what goes on inside at its next border; a second one ends it where it is."""

    def told(number: int, frame: FrameType | None) -> None:
        if store.stopping.is_set():
            raise KeyboardInterrupt
        store.stopping.set()

    before = {number: signal.signal(number, told) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve(
    app: ASGIApp,
    door: socket.socket,
    requests: Requests,
    *,
    grace_s: float,
    started: Callable[[str], None],
) -> None:
    """Serve until told to stop. ``started`` is given the address once it answers.

    What is under way has ``grace_s`` seconds to end.
    """
    if requests.stopping:
        return
    config = uvicorn.Config(
        app,
        http=_Patient,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # see ``proxy``
        timeout_graceful_shutdown=_LAST_S,
        server_header=False,
    )
    _Server(config, requests, grace_s, started).run(sockets=[door])


class _Patient(H11Protocol):
    """Ends connections on which no request comes about: each holds a file handle, and there are only so many."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._looking = self.loop.call_later(_HEAD_S, self._look, None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._looking.cancel()
        super().connection_lost(exc)

    def _look(self, before: RequestResponseCycle | None) -> None:
        """``before``: what had come to its end, and nothing after it, at the last look."""
        done = self.cycle is None or self.cycle.response_complete
        if done and self.cycle is before and self in self.connections:
            self.transport.close()
        else:
            self._looking = self.loop.call_later(_HEAD_S, self._look, self.cycle if done else _BUSY)


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        requests: Requests,
        grace_s: float,
        started: Callable[[str], None],
    ) -> None:
        super().__init__(config)
        self._requests = requests
        self._grace_s = grace_s
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        self._told(f"http://{host}:{port}/")

    async def on_tick(self, counter: int) -> bool:
        """Whether it is time to end: also where that was said before there was a server to hear it."""
        return await super().on_tick(counter) or self._requests.stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told twice, by whichever signal: at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._requests.store.stopping.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._requests.store.stopping.set()
        until = time.monotonic() + self._grace_s
        quiet = time.monotonic()
        while not self.force_exit and time.monotonic() < until:
            if self._at_work():
                quiet = time.monotonic()
            elif time.monotonic() - quiet > _QUIET_S:
                break
            await asyncio.sleep(_TICK_S)
        self._requests.ended.set()
        await super().shutdown(sockets=sockets)

    def _at_work(self) -> bool:
        return bool(self._requests.under_way or self._requests.store.written_to)
