"""The catalogue's rows: their columns, what they are as nouns, and filters as conditions on them."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from corpus.types import Article, Box, Filters, Passage, Source

SOURCE: tuple[str, ...] = (
    "id",
    "name",
    "origin",
    "sha256",
    "media_type",
    "bytes",
    "received_at",
    "received_by",
)
SOURCE += ("pages", "reader", "warnings")
ARTICLE: tuple[str, ...] = (
    "id",
    "source",
    "ordinal",
    "kind",
    "title",
    "subtitle",
    "label",
    "authors",
    "issuer",
    "number",
)
ARTICLE += ("published_on", "effective_on", "expires_on", "region", "status", "supersedes", "recipients")
ARTICLE += ("pages", "quality", "quality_reason", "text")
PASSAGE = ("id", "article", "ordinal", "label", "start", '"end"', "page", "boxes", "text", "path", "lead")
#: What is searched of a passage: its text, after the lead-in of the list that it goes on with.
SEARCHED = "iif(p.lead = '', p.text, p.lead || char(10) || p.text)"
SOURCE_COLUMNS = ", ".join(f"s.{c}" for c in SOURCE)
ARTICLE_COLUMNS = ", ".join(f"a.{c}" for c in ARTICLE)
PASSAGE_COLUMNS = ", ".join(f"p.{c}" for c in PASSAGE)
#: SQLite takes 32,766 parameters a statement; far fewer keep the statements small.
CHUNK = 500

EVERYTHING = Filters()


class Counts(NamedTuple):
    """How many of each the store holds."""

    sources: int
    articles: int
    passages: int


class IndexRow(NamedTuple):
    """What an index is told of one passage. Days are numbers, 20240501; 0 is no date."""

    row: int
    source: int
    article: str
    kind: str
    issuer: str
    region: str
    status: str
    first_day: int
    last_day: int
    title: str
    label: str
    number: str
    authors: str
    text: str
    embedded: bytes


class Joined(NamedTuple):
    """A passage with the article and the source it stands in."""

    passage: Passage
    article: Article
    source: Source


def embedded_text(title: str, label: str, text: str) -> str:
    """The text of a passage as the encoder sees it."""
    return f"{title} {label}\n{text}"


def embedded_key(text: str) -> bytes:
    """The key of a text in the embedding cache, 16 bytes."""
    return sha256(text.encode()).digest()[:16]


def days(date: str) -> tuple[int, int]:
    """The first and last day that an ISO date of any precision may mean, as numbers.

    ``"2024-05"`` is ``(20240501, 20240531)``; what is no date is ``(0, 0)``. The last day
    of a month is always 31: these numbers are only compared.
    """
    parts = date.split("-")
    if not 1 <= len(parts) <= 3 or not all(p.isascii() and p.isdigit() for p in parts):
        return 0, 0
    year, month, day = (*(int(p) for p in parts), 0, 0)[:3]
    first = year * 10000 + (month or 1) * 100 + (day or 1)
    last = year * 10000 + (month or 12) * 100 + (day or 31)
    return first, last


def marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def number_of(source_id: str) -> int | None:
    return int(source_id) if source_id.isascii() and source_id.isdigit() and len(source_id) < 19 else None


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_source(r: Sequence[Any]) -> Source:
    fields = dict(zip(SOURCE, r, strict=True))
    return Source(**{**fields, "id": str(r[0]), "warnings": tuple(json.loads(fields["warnings"]))})


def source_row(number: int, s: Source) -> tuple[Any, ...]:
    return number, *(getattr(s, c) for c in SOURCE[1:-1]), to_json(s.warnings)


def to_article(r: Sequence[Any]) -> Article:
    fields = dict(zip(ARTICLE, r, strict=True))
    fields["source_id"] = str(fields.pop("source"))
    for name in ("authors", "supersedes", "recipients", "pages"):
        fields[name] = tuple(json.loads(fields[name]))
    return Article(**fields)


def article_row(number: int, a: Article) -> list[Any]:
    values = [number if c == "source" else getattr(a, c) for c in ARTICLE]
    return [to_json(v) if isinstance(v, tuple) else v for v in values]


def to_passage(r: Sequence[Any]) -> Passage:
    id_, article, ordinal, label, start, end, page, boxes, text, path, lead = r
    return Passage(
        id=id_,
        article_id=article,
        ordinal=ordinal,
        label=label,
        start=start,
        end=end,
        page=page,
        boxes=tuple(Box(*b) for b in json.loads(boxes)),
        text=text,
        path=tuple(json.loads(path)),
        lead=lead,
    )


def passage_row(p: Passage) -> tuple[Any, ...]:
    places = (p.id, p.article_id, p.ordinal, p.label, p.start, p.end, p.page, to_json(p.boxes))
    return (*places, p.text, to_json(p.path), p.lead)


def checked(source: Source, articles: Sequence[Article], passages: Sequence[Passage]) -> dict[str, str]:
    """Passage id → embedded text; ``ValueError`` where something does not fit."""
    by_id = {a.id: a for a in articles}
    for a in articles:
        if a.source_id != source.id or a.id != f"{source.id}/{a.ordinal}":
            raise ValueError(f"article {a.id!r} does not stand in source {source.id!r}")
    texts: dict[str, str] = {}
    for p in passages:
        article = by_id.get(p.article_id)
        if article is None or p.id != f"{p.article_id}/{p.ordinal}":
            raise ValueError(f"passage {p.id!r} does not stand in article {p.article_id!r}")
        if article.text[p.start : p.end] != p.text:
            raise ValueError(f"passage {p.id!r} is not the article's text at {p.start}:{p.end}")
        texts[p.id] = embedded_text(article.title, p.label, f"{p.lead}\n{p.text}" if p.lead else p.text)
    return texts


def condition(filters: Filters) -> tuple[str, list[Any]]:
    """The filters as SQL over ``articles a`` and its parameters."""
    clauses: list[str] = ["1"]
    parameters: list[Any] = []
    choices: list[tuple[str, Sequence[Any]]] = [
        ("a.kind", filters.kinds),
        ("a.issuer", filters.issuers),
        ("a.region", filters.regions),
        ("a.status", filters.statuses),
        ("a.source", [number_of(s) for s in filters.source_ids]),
        ("a.id", filters.article_ids),
    ]
    for column, values in choices:
        if values:
            clauses.append(f"{column} IN ({marks(values)})")
            parameters += values
    if filters.published_from:
        clauses.append("a.last_day >= ?")
        parameters.append(max(1, days(filters.published_from)[0]))
    if filters.published_to:
        clauses.append("a.first_day <= ? AND a.first_day > 0")
        parameters.append(days(filters.published_to)[1])
    return " AND ".join(clauses), parameters
