"""A table in memory, a column at a time: conditions, order and counts over all its rows at once.

Every column is a list of values as long as the table. What is derived from one (codes of its
different values, its order) is made when first asked for and kept: a table never changes.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.table.pinyin import sort_key

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
#: Keys of texts kept in memory: two texts a row of a large corpus.
_REMEMBERED = 2**17
#: Makes of a value what sorts as it should.
Key = Callable[[Any], Any]


@functools.lru_cache(_REMEMBERED)
def by_sound(text: str) -> str:
    """Sorts as Chinese readers look things up, see ``corpus.table.pinyin``."""
    return sort_key(text)


class Columns:
    """Columns by their names, all of one length. Threads may share it."""

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        self._columns = columns
        self._coded: dict[str, tuple[NDArray[np.int32], list[Any]]] = {}
        self._orders: dict[tuple[str, bool], Rows] = {}
        self._days: dict[str, tuple[Rows, Rows]] = {}
        self.length = len(next(iter(columns.values())))

    def everything(self) -> Mask:
        """A mask that every row passes."""
        return np.ones(self.length, bool)

    def containing(self, name: str, parts: Sequence[str]) -> Mask:
        """The rows whose text holds every one of the parts."""
        found = self.everything()
        for part in parts:
            texts = self._columns[name]
            found &= np.fromiter((part in text for text in texts), bool, self.length)
        return found

    def among(self, name: str, values: Sequence[Any]) -> Mask:
        """The rows whose value is one of these."""
        codes, labels = self._codes(name)
        wanted = set(values)
        return np.asarray([label in wanted for label in labels], bool)[codes] if labels else self.everything()

    def between(self, name: str, low: float | None, high: float | None) -> Mask:
        """The rows whose number lies between two, both included; None is no bound."""
        numbers = np.asarray(self._columns[name], np.float64)
        return (numbers >= (-np.inf if low is None else low)) & (
            numbers <= (np.inf if high is None else high)
        )

    def within(self, name: str, low: int, high: int, days: Callable[[str], tuple[int, int]]) -> Mask:
        """The rows whose date may lie between two days (20240501; 0 is no bound); no date passes only no bound.

        ``days`` gives the first and the last day that a date may mean, (0, 0) of none.
        """
        if name not in self._days:
            codes, labels = self._codes(name)
            spans = np.asarray([days(label) for label in labels], np.int64).reshape(-1, 2)
            self._days[name] = (spans[codes, 0], spans[codes, 1])
        first, last = self._days[name]
        found = self.everything()
        if low:
            found &= last >= low
        if high:
            found &= (first <= high) & (first > 0)
        return found

    def counts(self, name: str, mask: Mask) -> dict[Any, int]:
        """How many of the rows that pass have each value; only of values that any has."""
        codes, labels = self._codes(name)
        found = np.bincount(codes[mask], minlength=len(labels)).tolist()
        return {label: n for label, n in zip(labels, found, strict=True) if n}

    def sorted(self, name: str, mask: Mask, *, key: Key, descending: bool) -> Rows:
        """The numbers of the rows that pass, in the order of a column; rows without a value come last."""
        if (name, descending) not in self._orders:
            self._orders[name, descending] = self._order(name, key, descending)
        order = self._orders[name, descending]
        return order[mask[order]]

    def _order(self, name: str, key: Key, descending: bool) -> Rows:
        codes, labels = self._codes(name)
        places: dict[Any, int] = {}
        for label in sorted(labels, key=key):
            places.setdefault(key(label), len(places))  # what reads the same stays in the table's order
        ranks = np.asarray([places[key(label)] for label in labels], np.int64)
        if descending:
            ranks = -ranks
        ranks[[at for at, label in enumerate(labels) if label == ""]] = len(labels) + 1
        return np.argsort(ranks[codes], kind="stable") if labels else np.zeros(0, np.int64)

    def _codes(self, name: str) -> tuple[NDArray[np.int32], list[Any]]:
        """A number for each row, and the value that each number stands for."""
        if name not in self._coded:
            labels = list(dict.fromkeys(self._columns[name]))
            numbers = {label: number for number, label in enumerate(labels)}
            codes = np.fromiter(map(numbers.__getitem__, self._columns[name]), np.int32, self.length)
            self._coded[name] = (codes, labels)
        return self._coded[name]
