"""What an index reflects, and that it cannot be read: the same for both indexes."""

from typing import NamedTuple


class Stamp(NamedTuple):
    """What an index reflects: which store, which revision, made in which way."""

    store: str
    revision: int
    made: str


class IndexBrokenError(Exception):
    """The files of an index cannot be read; it has to be built again."""
