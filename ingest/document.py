"""One file's bytes into a document: read → put in reading order → repair → split → describe → cut.

Nothing here knows the store, so that it runs in a worker process; a document travels back as JSON.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import UserError
from corpus.types import KINDS, STATUSES, Article, Box, Passage, Source
from ingest import articles, file_names, layout, metadata, passages, quality, readers, registers, repair
from ingest.lines import Line, Reading, as_shown


class Document(NamedTuple):
    """What one file became."""

    source: Source
    articles: list[Article]
    passages: list[Passage]


class Parsed(NamedTuple):
    """A document, and the lines of each of its articles: what they are cut from again when corrected."""

    document: Document
    lines: list[tuple[Line, ...]]


def parse(
    data: bytes,
    name: str,
    source_id: str,
    *,
    record: dict[str, str] | None = None,
) -> Document:
    """Bytes into source, articles and passages. Raises ``UserError`` for what cannot be read.

    Where it came from, who gave it and when are the caller's to fill in.

    ``record`` is the file's row in the office's ``sources.csv``; what it says, wins, also over
    the YAML head of a text.
    """
    return read(data, name, source_id, record=record).document


def read(
    data: bytes,
    name: str,
    source_id: str,
    *,
    record: dict[str, str] | None = None,
    recognise: frozenset[int] = frozenset(),
) -> Parsed:
    """As ``parse``, with the articles' lines; ``recognise`` as in ``readers.read``."""
    reading = _writable(readers.read(data, name, recognise))
    lines = layout.reading_order(reading)
    repaired = repair.repair(lines)
    pieces = [
        replace(piece, lines=tuple(map(as_shown, piece.lines)))
        for piece in articles.split(repaired.lines, name=name, metadata=_named(name) | reading.metadata)
    ]
    day = layout.printed_on(reading)
    described = [_article(piece, source_id, n, name, day) for n, piece in enumerate(pieces, start=1)]
    known = recorded(described, {**_head_of(reading), **(record or {})})
    cut = [
        passage
        for article, piece in zip(known, pieces, strict=True)
        for passage in passages.cut(article, piece.lines)
    ]
    warnings = (*reading.warnings, *repaired.warnings, *_unsure(pieces), *_checked(record or {}))
    source = _source(data, name, source_id, reading, warnings, lines)
    return Parsed(Document(source, known, cut), [piece.lines for piece in pieces])


_TEXTS = frozenset({"text/plain", "text/markdown"})


def _named(name: str) -> dict[str, str]:
    """The title in a file's name, for a text that has none."""
    title = file_names.named(name).title
    return {"title": title} if title else {}


def _head_of(reading: Reading) -> dict[str, str]:
    """What the YAML head of a text notes."""
    return registers.of_head(reading.metadata) if reading.media_type in _TEXTS else {}


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
    if not lines:
        why = "".join(dict.fromkeys(warnings))
        hint = "" if "请" in why else "请确认文件内容，或向发文单位索取完好的文件。"
        raise UserError("文件里没有可读取的文字。", why + hint)
    return Source(
        id=source_id,
        name=name,
        origin="",
        sha256=sha256(data).hexdigest(),
        media_type=reading.media_type,
        bytes=len(data),
        received_at="",
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
        quality=round(piece.confidence * quality.article(piece.lines), 2),
        quality_reason=quality.doubts(piece.lines, borders=piece.confidence),
        text=piece.text or piece.title,  # a sheet that holds a title alone can be found by it
        **{item.name: getattr(description, item.name) for item in fields(description)},
    )


_SURE = 0.85  # confidence from which nobody need look at an article's borders
_NAMED = 5  # articles that a warning names


def _unsure(pieces: Sequence[articles.Piece]) -> Iterator[str]:
    """A sentence that names the articles of a file whose borders or headlines may be wrong."""
    names = [
        _called(piece.title, 30) or _called(piece.text, 12) for piece in pieces if piece.confidence < _SURE
    ]
    if not names or len(pieces) < 2:
        return
    shown = "、".join(f"“{name}”" for name in names[:_NAMED])
    many = f"有 {len(names)} 篇" if len(names) > 1 else "这一篇"
    more = " 等" if len(names) > _NAMED else ""
    yield f"{many}的分篇把握不大，请对照原件核实：{shown}{more}。"


def _called(text: str, longest: int) -> str:
    """The beginning of a title or text as it stands between quotation marks."""
    start = text[:longest].translate({ord("“"): "‘", ord("”"): "’", ord("\n"): " "})
    return start + ("…" if len(text) > longest else "")


_DATES = ("published_on", "effective_on", "expires_on")
_ONE_ARTICLE = ("title", "number", "issuer", "kind")  # of a whole newspaper page these say nothing


def recorded(described: Sequence[Article], record: dict[str, str]) -> list[Article]:
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


# ── between processes ─────────────────────────────────────────────────────────────────


def to_json(document: Document) -> list[Any]:
    """A document as what JSON can hold; ``from_json`` gives the same document back."""
    return [_fields(document.source), *([_fields(item) for item in items] for items in document[1:])]


def from_json(parts: list[Any]) -> Document:
    """The document that ``to_json`` took apart."""
    source, articles_, passages_ = parts
    return Document(
        Source(**_frozen(source)),
        [Article(**_frozen(item)) for item in articles_],
        [
            Passage(**{**_frozen(item), "boxes": tuple(Box(*box) for box in item["boxes"])})
            for item in passages_
        ],
    )


def lines_to_json(lines: Sequence[Line]) -> list[Any]:
    """An article's lines as what JSON can hold: what they say, where they stand, their heading level."""
    return [[line.text, line.level, line.sure, _places(line)] for line in lines]


def lines_from_json(held: list[Any]) -> tuple[Line, ...]:
    """The lines that ``lines_to_json`` took apart."""
    return tuple(_line(*line) for line in held)


def _places(line: Line) -> list[Any]:
    """The page of a line, or of each of its parts with its text and box."""
    return [[part.text, part.page, part.box] for part in line.parts or (line,)]


def _line(text: str, level: int, sure: float, places: list[Any]) -> Line:
    parts = tuple(
        Line(text=of, page=page, box=box and Box(*box), whole=True, sure=sure) for of, page, box in places
    )
    first = parts[0]
    return replace(first, text=text, level=level, parts=parts if len(parts) > 1 else ())


def _fields(item: Source | Article | Passage) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in fields(item)}


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
