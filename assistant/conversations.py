"""Conversations under way, so that a reload or a visit to another page loses none.

They live in memory alone: what was asked stands on no disk, and ends with the program.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

#: What a browser tab calls its conversation: 128 random bits, which nobody else can guess.
_KEY = re.compile(r"[0-9a-f]{32}")


class Conversations(Generic[T]):
    """对话: the turns of each conversation by its owner and key; the least recently used go first.

    Safe to share between threads.
    """

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._held: OrderedDict[tuple[str, str], tuple[T, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, owner: str, key: str, turns: Sequence[T]) -> None:
        """Replace what is kept; no turns forget it. A key that no browser of ours made is ignored."""
        if not _KEY.fullmatch(key):
            return
        with self._lock:
            self._held.pop((owner, key), None)
            if turns:
                self._held[owner, key] = tuple(turns)
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def recall(self, owner: str, key: str) -> list[T]:
        """The turns kept under that owner and key, oldest first."""
        with self._lock:
            if (owner, key) in self._held:
                self._held.move_to_end((owner, key))
            return list(self._held.get((owner, key), ()))
