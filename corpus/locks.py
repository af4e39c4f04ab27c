"""Who may write: one at a time, of all programs. The locks are files in the store's folder."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from filelock import Timeout as Timeout

from corpus.disk import told_in_words
from corpus.errors import UserError

#: Whoever computes the vectors of another encoder.
ENCODER = "encoder.lock"
WRITER = "writer.lock"
TURN = "turn.lock"
BACKUP = "backup.lock"
#: Stands there while somebody writes; longer, where that one was killed.
WRITING = "writing.mark"


class BusyError(UserError):
    """Somebody else writes."""


def lock(directory: Path, wait_s: float, name: str = WRITER) -> Any:
    """Hold a lock until what is given back is left. Raises ``Timeout`` where somebody else keeps it so long."""
    # A lock of its own each time: a FileLock is reentrant, and threads must wait too.
    with told_in_words():
        directory.stat()  # or else the lock would make the folder that is gone anew
        return FileLock(directory / name, is_singleton=False).acquire(timeout=wait_s)


@contextmanager
def exclusive(directory: Path, wait_s: float) -> Iterator[None]:
    """The right to write. Raises ``BusyError`` where another keeps it for so many seconds."""
    until = time.monotonic() + wait_s
    try:
        # Who waits longest holds the turn: whoever has just written cannot be there again before.
        with lock(directory, wait_s, TURN):
            held = lock(directory, max(0.0, until - time.monotonic()))
    except Timeout:
        raise BusyError("另一个程序正在写入这个资料库。", "请等它结束后再试。") from None
    with held:
        yield
