"""Files into the store: read → put in reading order → repair → split → describe → cut → put.

``ingest`` walks files and folders and yields an ``Event`` for each step, so that a command
line and a web page can each show progress in their own way. A file that cannot be read is
an event as well; nothing that stands in a file ends the batch.
"""

import csv
import io
import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from corpus.errors import UserError
from corpus.store import Store, Writer, received_now
from corpus.types import KINDS, STATUSES, Article, Passage, Source
from ingest import articles, layout, metadata, passages, readers, repair
from ingest.lines import Line, Reading
from ingest.readers.text import decode

_log = logging.getLogger(__name__)

State = Literal["new", "changed", "unchanged", "failed"]

REGISTER = "sources.csv"
# What stands in folders without being a document; given by name, such a file is read all the same.
_NOT_DOCUMENTS = frozenset(
    {
        ".py",
        ".pyc",
        ".js",
        ".css",
        ".sh",
        ".toml",
        ".ini",
        ".lock",
        ".yaml",
        ".yml",
        ".db",
        ".lnk",
        ".tmp",
        ".bak",
        ".json",
        ".jsonl",
    }
)
_OFFICE_LOCK = "~$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """计数: files by outcome, and what the new and changed ones held."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    articles: int = 0
    passages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """进度: one step of an ingest.

    ``found`` (``total`` files), then for each file ``started`` and ``done`` or ``failed``
    (``message`` says why, in Chinese), then ``indexing``, then ``finished``. ``index``
    counts files from 1; ``tally`` is the count so far.
    """

    stage: Literal["found", "started", "done", "failed", "indexing", "finished"]
    file: str = ""
    index: int = 0
    total: int = 0
    state: State | None = None
    articles: int = 0
    passages: int = 0
    warnings: tuple[str, ...] = ()
    message: str = ""
    tally: Tally = field(default_factory=Tally)


class Found(NamedTuple):
    """A file to read: where it is, what it is called, what the office's register says of it."""

    path: Path
    name: str
    record: dict[str, str]


class Document(NamedTuple):
    """What one file became."""

    source: Source
    articles: list[Article]
    passages: list[Passage]


def ingest(
    paths: Sequence[Path], store: Store, *, received_by: str = "", again: bool = False
) -> Iterator[Event]:
    """Bring files and folders into the store; each file is one transaction.

    ``again`` reads unchanged files anew as well. Raises ``UserError`` where a path does not
    exist or another writer holds the store; nothing in a file raises.
    """
    files = find(paths)
    tally = Tally()
    yield Event(stage="found", total=len(files))
    with store.writing(who=received_by) as writer:
        for index, found in enumerate(files, start=1):
            yield Event(stage="started", file=found.name, index=index, total=len(files), tally=tally)
            event = _ingest_one(found, store, writer, received_by, again)
            tally = _counted(tally, event)
            yield replace(event, index=index, total=len(files), tally=tally)
        yield Event(stage="indexing", index=len(files), total=len(files), tally=tally)
    yield Event(stage="finished", index=len(files), total=len(files), tally=tally)


def _ingest_one(found: Found, store: Store, writer: Writer, received_by: str, again: bool) -> Event:
    try:
        data = _bytes(found.path)
        origin = str(found.path.resolve())
        source_id, state = writer.known(origin=origin, name=found.name, sha256=sha256(data).hexdigest())
        if state == "unchanged" and not again and not _outdated(store, source_id, found.record):
            return Event(stage="done", file=found.name, state="unchanged")
        document = parse(
            data, found.name, source_id, origin=origin, received_by=received_by, record=found.record
        )
        writer.put(*document, original=data)
    except UserError as error:
        return Event(stage="failed", file=found.name, state="failed", message=str(error))
    except Exception as error:  # a bug: it costs this file, never the batch, and the log has the traceback
        return Event(stage="failed", file=found.name, state="failed", message=_bug(found.name, error))
    return Event(
        stage="done",
        file=found.name,
        state="changed" if state == "unchanged" else state,
        articles=len(document.articles),
        passages=len(document.passages),
        warnings=document.source.warnings,
    )


def _bug(name: str, error: Exception) -> str:
    """Log the traceback of what is no fault of the file, and say so with the number to look for."""
    number = uuid4().hex[:8]
    _log.error("ingest %s of %r failed", number, name, exc_info=error)
    return (
        f"程序处理这个文件时出错（{type(error).__name__}，编号 {number}），文件未加入，其余文件不受影响。"
        "这是程序的问题，请把编号和文件交给管理员，以便在日志中查找原因。"
    )


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > readers.MAX_BYTES:
            limit = readers.MAX_BYTES // 2**20
            raise UserError(f"文件超过 {limit} MB 的上限。", "请拆分成几个文件后再加入。")
        return path.read_bytes()
    except OSError as error:
        raise UserError("文件打不开。", "请检查它是否存在、是否有读取权限。") from error


def _outdated(store: Store, source_id: str, record: dict[str, str]) -> bool:
    """Whether a file with the same bytes must be read again: the register changed, or nothing was read."""
    source = store.source(source_id)
    if source is None or not (record or source.warnings):
        return False
    held = store.articles(source_id)
    return not held or _recorded(held, record) != held


def _counted(tally: Tally, event: Event) -> Tally:
    assert event.state is not None
    return replace(
        tally,
        **{event.state: getattr(tally, event.state) + 1},
        articles=tally.articles + event.articles,
        passages=tally.passages + event.passages,
    )


# ── one file ──────────────────────────────────────────────────────────────────────────


def parse(
    data: bytes,
    name: str,
    source_id: str,
    *,
    origin: str = "",
    received_by: str = "",
    record: dict[str, str] | None = None,
) -> Document:
    """Bytes into source, articles and passages. Raises ``UserError`` for what cannot be read.

    ``record`` is the file's row in the office's ``sources.csv``; what it says, wins.
    """
    reading = _writable(readers.read(data, name))
    lines = layout.reading_order(reading)
    repaired = repair.repair(lines)
    pieces = articles.split(repaired.lines, name=name, metadata=reading.metadata)
    day = layout.printed_on(reading)
    described = [_article(piece, source_id, n, name, day) for n, piece in enumerate(pieces, start=1)]
    recorded = _recorded(described, record or {})
    cut = [
        passage
        for article, piece in zip(recorded, pieces, strict=True)
        for passage in passages.cut(article, piece.lines)
    ]
    warnings = (*reading.warnings, *repaired.warnings, *_checked(record or {}))
    source = _source(data, name, source_id, reading, warnings, lines)
    return Document(replace(source, origin=origin, received_by=received_by), recorded, cut)


_HALF = re.compile(r"[\ud800-\udfff]")  # half of a pair: no text can be stored with it


def _writable(reading: Reading) -> Reading:
    """The reading with each half of a surrogate pair, which no encoding can write, as “�”."""
    if not any(_HALF.search(line.text) for line in reading.lines):
        return reading
    pages = tuple(
        replace(page, lines=tuple(replace(line, text=_HALF.sub("�", line.text)) for line in page.lines))
        for page in reading.pages
    )
    return replace(reading, pages=pages)


def _source(
    data: bytes, name: str, source_id: str, reading: Reading, warnings: Sequence[str], lines: Sequence[Line]
) -> Source:
    if not lines and not warnings:
        raise UserError("文件里没有可读取的文字。", "请确认文件内容；若是扫描件，请先做文字识别（OCR）。")
    return Source(
        id=source_id,
        name=name,
        origin="",
        sha256=sha256(data).hexdigest(),
        media_type=reading.media_type,
        bytes=len(data),
        received_at=received_now(),
        pages=max((page.number for page in reading.pages), default=1),
        reader=reading.reader,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _article(piece: articles.Piece, source_id: str, ordinal: int, name: str, day: str) -> Article:
    description = metadata.describe(
        piece.title,
        piece.text,
        label=piece.label,
        issuer=piece.issuer,
        dated=piece.date or day,
        name=Path(name).name,
        today=datetime.now().astimezone().date().isoformat(),
    )
    return Article(
        id=f"{source_id}/{ordinal}",
        source_id=source_id,
        ordinal=ordinal,
        title=piece.title,
        subtitle=piece.subtitle,
        label=piece.label,
        authors=piece.authors,
        pages=piece.pages or (1,),
        quality=round(piece.confidence, 2),
        text=piece.text or piece.title,  # a sheet that holds a title alone can be found by it
        **{item.name: getattr(description, item.name) for item in fields(description)},
    )


# ── files and folders ─────────────────────────────────────────────────────────────────


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


_DATES = ("published_on", "effective_on", "expires_on")
_ONE_ARTICLE = ("title", "number", "issuer", "kind")  # of a whole newspaper page these say nothing


def _recorded(described: Sequence[Article], record: dict[str, str]) -> list[Article]:
    """The articles with what the office's register says of their file."""
    changes: dict[str, Any] = {key: metadata.iso_date(record[key]) for key in _DATES if key in record}
    changes |= {key: record[key] for key in ("region", *_ONE_ARTICLE) if key in record}
    changes |= {"status": record["status"]} if record.get("status") in STATUSES else {}
    if changes.get("kind") not in KINDS:
        changes.pop("kind", None)
    if len(described) > 1:
        changes = {key: value for key, value in changes.items() if key not in _ONE_ARTICLE}
    changes = {key: value for key, value in changes.items() if value}
    return [replace(article, **changes) for article in described]


def _checked(record: dict[str, str]) -> Iterator[str]:
    """A sentence for each cell of the register that cannot be used."""
    if "kind" in record and record["kind"] not in KINDS:
        yield f"登记表中的 kind“{record['kind']}”无效，应为：{'、'.join(KINDS)}。"
    if "status" in record and record["status"] not in STATUSES:
        yield f"登记表中的 status“{record['status']}”无效，应为：{'、'.join(STATUSES)}。"
    for key in _DATES:
        if key in record and not metadata.iso_date(record[key]):
            yield f"登记表中的 {key}“{record[key]}”不是日期，应写成 2024-05-01。"
