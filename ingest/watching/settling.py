"""Which files of a watched folder are whole and new: what still grows, is locked or half copied waits."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from ingest.files import Found, find, within


class Signature(NamedTuple):
    """What tells that a file changed without reading it: size in bytes, time, and its registered data."""

    size: int
    modified_ns: int
    record: tuple[tuple[str, str], ...]


class Settling:
    """One watched folder: the files seen, those that wait until they stay as they are.

    ``settle_s``: seconds for which a file must not change; ``clock`` gives seconds.
    """

    def __init__(self, root: Path, settle_s: float, clock: Callable[[], float]) -> None:
        self.root = root
        self._settle_s = settle_s
        self._clock = clock
        self._read: dict[Path, Signature] = {}
        self._waiting: dict[Path, tuple[Signature, float]] = {}

    @property
    def waiting(self) -> int:
        """How many files wait."""
        return len(self._waiting)

    def scan(self) -> int:
        """Look at the whole folder; how many documents there are.

        Raises ``UserError`` where the folder is gone or a register in it cannot be read.
        """
        found = find([self.root])
        here = {one.path for one in found}
        self._read = {path: kept for path, kept in self._read.items() if path in here}
        self._waiting = {path: kept for path, kept in self._waiting.items() if path in here}
        for one in found:
            self._look(one)
        return len(found)

    def touched(self, paths: Iterable[Path]) -> None:
        """Something happened to these paths, which may be anything below the folder."""
        for one in within(self.root, [path for path in paths if path.is_relative_to(self.root)]):
            self._look(one)

    def ready(self, most: int) -> list[Found]:
        """Up to ``most`` files that have not changed for long enough, the longest waiting first."""
        now = self._clock()
        due = [path for path, (_, since) in self._waiting.items() if now - since >= self._settle_s]
        found = []
        for one in within(self.root, due[: 2 * most]):
            before = self._waiting[one.path]
            self._look(one)
            if self._waiting.get(one.path) == before and may_be_read(one.path):
                found.append(one)
        return found[:most]

    def done(self, files: Iterable[Found]) -> None:
        """These files were read; one that changed meanwhile waits again."""
        for one in files:
            if held := self._waiting.pop(one.path, None):
                self._read[one.path] = held[0]
                self._look(one)

    def put_off(self, files: Iterable[Found]) -> None:
        """These files could not be opened: the next scan tries them again."""
        for one in files:
            self._waiting.pop(one.path, None)
            self._read.pop(one.path, None)

    def _look(self, one: Found) -> None:
        signature = _signature(one)
        if signature is None or self._read.get(one.path) == signature:
            self._waiting.pop(one.path, None)
            return
        held = self._waiting.get(one.path)
        if held is None or held[0] != signature:
            self._waiting[one.path] = (signature, self._clock())


def _signature(one: Found) -> Signature | None:
    """None of what is no file, or an empty one: nothing has been copied into it yet."""
    try:
        held = one.path.stat()
    except OSError:
        return None
    if not one.path.is_file() or not held.st_size:
        return None
    return Signature(held.st_size, held.st_mtime_ns, tuple(sorted(one.record.items())))


def may_be_read(path: Path) -> bool:
    """Whether the program that copies it has let go of it: Windows and file servers lock it until then."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True
