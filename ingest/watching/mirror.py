"""Files that went from a watched folder: which are gone for certain, and not merely out of reach.

A drive that is not connected looks like a folder without files. Whoever withdrew everything then
would leave an assistant that knows nothing, so whatever is in doubt stays.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from corpus.store import Store
from corpus.types import Source, Version

#: Why they were withdrawn: by this they are told from what a person withdrew, and come back with the file.
NOTE = "所监视的文件夹里已经没有这份文件"


class Vanished(NamedTuple):
    """不见的文件: sources whose files are gone for certain, and how many are only out of sight."""

    gone: list[Source]
    doubtful: int


def vanished(store: Store, root: Path) -> Vanished:
    """What came from the folder and is not there any more; nothing is certain of a folder that is gone."""
    ours = [source for source in store.sources() if _is_below(source.origin, root)]
    states = [_state(Path(source.origin), root) for source in ours]
    gone = [source for source, state in zip(ours, states, strict=True) if state == "gone"]
    return Vanished(gone, states.count("doubtful"))


def withdrawn_by_mirror(store: Store, files: Sequence[Path]) -> list[Version]:
    """Sources withdrawn because their file went, of which the file is there again."""
    wanted = {str(path.resolve()) for path in files}
    return [
        version
        for version in store.archive.withdrawn()
        if version.note == NOTE and version.source.origin in wanted
    ]


def _is_below(origin: str, root: Path) -> bool:
    return bool(origin) and Path(origin).is_relative_to(root)


def _state(path: Path, root: Path) -> Literal["there", "gone", "doubtful"]:
    """Whether a file, or the container around it, was taken out of a folder that can be looked into.

    A folder that is empty now may be the place where a drive was connected: nothing went from it
    for certain. Of one that is gone itself, the folder above decides.
    """
    while path != root:
        try:
            if _is_there(path):
                return "there"
            if path.parent.is_dir():
                return "gone" if any(path.parent.iterdir()) else "doubtful"
        except OSError:  # not allowed, not connected
            return "doubtful"
        path = path.parent
    return "doubtful"


def _is_there(path: Path) -> bool:
    """Raises ``OSError`` where that cannot be told."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
