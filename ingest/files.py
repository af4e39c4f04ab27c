"""Files and folders into the list of documents to read, each with its row of the office's register."""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from corpus.errors import UserError
from ingest.readers.text import decode

REGISTER = "sources.csv"
# What stands in folders without being a document; given by name, such a file is read all the same.
_NOT_DOCUMENTS = frozenset(
    {".py", ".pyc", ".js", ".css", ".sh", ".toml", ".ini", ".lock", ".yaml", ".yml", ".db", ".lnk", ".tmp"}
    | {".bak", ".json", ".jsonl"}
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
    registers: dict[Path, dict[str, dict[str, str]]] = {}
    for path in paths:
        if not path.exists():
            raise UserError(f"找不到文件或文件夹：{path}。", "请检查路径是否写对。")
        for file in _walk(path) if path.is_dir() else [path]:
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            record = _record(file, path if path.is_dir() else path.parent, registers)
            found.setdefault(file.resolve(), Found(file, name, record))
    return list(found.values())


def _walk(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            hidden = name.startswith((".", _OFFICE_LOCK)) or name.lower() in (REGISTER, "thumbs.db")
            if not hidden and Path(name).suffix.lower() not in _NOT_DOCUMENTS:
                yield Path(at) / name


def _record(file: Path, root: Path, registers: dict[Path, dict[str, dict[str, str]]]) -> dict[str, str]:
    """The file's row in the nearest ``sources.csv``, from its own folder up to ``root``."""
    for folder in (file.parent, *file.parent.parents):
        if folder not in registers:
            registers[folder] = _read_register(folder / REGISTER)
        rows = registers[folder]
        if row := rows.get(file.relative_to(folder).as_posix()) or rows.get(file.name):
            return row
        if folder == root:
            break
    return {}


def _read_register(path: Path) -> dict[str, dict[str, str]]:
    """Rows by file name; cells stripped, empty ones left out. Raises ``UserError`` for a table that is none."""
    if not path.is_file():
        return {}
    try:
        rows = list(csv.DictReader(io.StringIO(decode(path.read_bytes()).text)))
    except (OSError, csv.Error) as error:
        raise UserError(f"登记表读不了：{path}。", "请用 Excel 或 WPS 另存为 CSV（逗号分隔）。") from error
    if rows and "file" not in rows[0]:
        raise UserError(f"登记表缺少 file 列：{path}。", "第一行应为列名，file 列写文件名。")
    return {
        row["file"].strip(): {
            key: value.strip()
            for key, value in row.items()
            if key and isinstance(value, str) and value.strip()
        }
        for row in rows
        if (row.get("file") or "").strip()
    }
