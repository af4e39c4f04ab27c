"""Files and folders into the list of documents to read, each with its row of the office's register."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from corpus.errors import UserError
from ingest.registers import REGISTERS, Registers

# What stands in folders without being a document; given by name, such a file is read all the same.
_NOT_DOCUMENTS = frozenset(
    {".py", ".pyc", ".js", ".css", ".sh", ".toml", ".ini", ".lock", ".yaml", ".yml", ".db", ".lnk", ".tmp"}
    | {".bak", ".json", ".jsonl", ".part", ".partial", ".crdownload", ".download", ".swp"}
)
_OFFICE_LOCK = "~$"


class Found(NamedTuple):
    """A file to read: where it is, what it is called, what the office's register says of it.

    ``origin`` is where people have it, when that is not ``path``: a member of a container is
    read from where it was unpacked. ``depth`` counts the containers around it, and
    ``container`` is the outermost.
    """

    path: Path
    name: str
    record: dict[str, str]
    origin: str = ""
    depth: int = 0
    container: str = ""


def find(paths: Sequence[Path]) -> list[Found]:
    """The documents below ``paths``, folders in sorted order, each file once.

    Hidden files, registers and programs are left out. Raises ``UserError`` for a path that
    does not exist.
    """
    found: dict[Path, Found] = {}
    registers = Registers()
    for path in paths:
        if not path.exists():
            raise UserError(f"找不到文件或文件夹：{path}。", "请检查路径是否写对。")
        for file in _walk(path) if path.is_dir() else [path]:
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            record = registers.of(file, path if path.is_dir() else path.parent)
            found.setdefault(file.resolve(), Found(file, name, record))
    return list(found.values())


def within(folder: Path, files: Iterable[Path]) -> list[Found]:
    """Those of the files below a folder that ``find`` would give for the folder, as it would give them."""
    registers = Registers()
    found = []
    for file in files:
        place = file.relative_to(folder)
        if _is_document(place.name) and not any(map(_is_left_out, place.parts[:-1])):
            found.append(Found(file, place.as_posix(), registers.of(file, folder)))
    return found


def _is_left_out(folder: str) -> bool:
    return folder.startswith((".", "__"))


def _is_document(name: str) -> bool:
    hidden = name.startswith((".", _OFFICE_LOCK)) or name.lower() in (*REGISTERS, "thumbs.db")
    return not hidden and not name.endswith("~") and Path(name).suffix.lower() not in _NOT_DOCUMENTS


def _walk(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_left_out(name))
        yield from (Path(at) / name for name in sorted(names) if _is_document(name))
