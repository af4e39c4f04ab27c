"""What the table gives away as files: itself for spreadsheets, originals one by one or as a ZIP."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from corpus.store import Store
from corpus.types import Source

#: A spreadsheet takes what begins so for a formula.
_FORMULA = re.compile(r"^\s*[=+\-@\t\r\n＝＋－＠|%]")
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
#: A ZIP of more bytes than this is asked for in parts.
LARGEST_ZIP = 2 * 2**30
_ROWS_AT_ONCE = 500


def disposition(name: str) -> str:
    """The header that makes a browser save a file under a name, whatever is in the name."""
    plain = _UNFIT.sub("_", re.split(r"[/\\]", name)[-1]).strip() or "文件"
    return f"attachment; filename*=UTF-8''{quote(plain, safe='')}"


def csv_lines(table: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A table as CSV that Excel and WPS read: no cell is a formula, whatever a document is called."""
    yield "\ufeff".encode()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for number, row in enumerate(table, 1):
        writer.writerow([_cell(value) for value in row])
        if number % _ROWS_AT_ONCE == 0:
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def held(store: Store, source_id: str) -> tuple[Source, str] | None:
    """A file, live or withdrawn, and by what id its original is read; None where it is not held."""
    if source := store.source(source_id):
        return source, source.id
    version = store.archive.version(source_id) if source_id.isdigit() else None
    return (version.source, version.id) if version else None


def zipped(store: Store, files: Sequence[tuple[Source, str]]) -> Iterator[bytes]:
    """The originals in one ZIP, written as it is read; what cannot be read is named in a list at its end."""
    out = _Stream()
    names: set[str] = set()
    missing = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for source, id_ in files:
            try:
                archive.writestr(_own_name(source.name, names), store.original(id_))
            except (OSError, KeyError):
                missing.append(source.name)
            yield out.taken()
        if missing:
            archive.writestr(_own_name("没有找到原件的文件.txt", names), "\r\n".join(missing))
    yield out.taken()


def _own_name(name: str, taken: set[str]) -> str:
    """A name within the ZIP: no way out of its folder, nothing that a system cannot write, each once."""
    parts = [_UNFIT.sub("_", part).strip() for part in re.split(r"[/\\]", name)]
    plain = "/".join(part for part in parts if part.strip(". ")) or "文件"
    stem, dot, ending = plain.rpartition(".") if "." in plain.rpartition("/")[2] else (plain, "", "")
    made, number = plain, 1
    while made.casefold() in taken:
        number += 1
        made = f"{stem}（{number}）{dot}{ending}"
    taken.add(made.casefold())
    return made


class _Stream(io.RawIOBase):
    """Takes what is written until it is taken away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
