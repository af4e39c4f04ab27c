"""A sign of life from long readers, so that whoever waits can tell slow from stuck."""

from collections.abc import Callable

#: Told how much is done and how much there is, 0 and 0 where that is not known.
Listener = Callable[[int, int], None]

_listeners: list[Listener] = []


def beat(done: int = 0, total: int = 0) -> None:
    """Say that something was done: a page was read, a picture recognised; maybe which of how many."""
    for listener in _listeners:
        listener(done, total)


def listen(listener: Listener) -> None:
    """Have ``listener`` called at every beat of this process."""
    _listeners.append(listener)
