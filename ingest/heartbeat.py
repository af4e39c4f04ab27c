"""A sign of life from long readers, so that whoever waits can tell slow from stuck."""

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def beat() -> None:
    """Say that something was done: a page was read, a picture recognised."""
    for listener in _listeners:
        listener()


def listen(listener: Callable[[], None]) -> None:
    """Have ``listener`` called at every beat of this process."""
    _listeners.append(listener)
