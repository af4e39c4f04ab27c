"""The rows of the table of the whole corpus, read from the catalogue; see ``holdings``."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from corpus.catalogue import Catalogue
from corpus.types import Article, Link, Source, Status, Trust
from corpus.versions import standing
from corpus.versions.links import Links
from corpus.words import fold

State = Literal["已发布", "已撤下"]
STATES: tuple[State, ...] = ("已发布", "已撤下")

_BRACKETS = str.maketrans("[]{}【】〔〕", "()()()()")
#: All stand before the text, over which SQLite need not walk then.
_ARTICLE: tuple[str, ...] = ("id", "source", "ordinal", "kind", "title", "issuer", "number", "published_on")
_ARTICLE += ("effective_on", "expires_on", "region", "status", "supersedes", "quality")
#: The text of decisions only: a register reads there which documents they change.
_DECISION = "CASE WHEN title LIKE '%关于%决定%' THEN text ELSE '' END"
_SOURCE = ("id", "name", "received_at", "received_by", "pages", "warnings")


class Row(NamedTuple):
    """资料表的一行: an article and the file in which it stands.

    ``status`` is how it stands on the day asked for, as the law calls it; of a withdrawn one what it
    says of itself. ``warnings`` and ``pages`` are numbers, of the file. A file without articles has
    one row, whose id ends in ``/0``.
    """

    id: str
    source_id: str
    title: str
    name: str
    kind: str
    issuer: str
    number: str
    region: str
    published_on: str
    effective_on: str
    status: Status
    quality: float
    trust: Trust
    warnings: int
    pages: int
    received_at: str
    received_by: str
    state: State


class Held(NamedTuple):
    """One row without what depends on the day; ``folded`` are the texts that are searched, one by one, then together.

    ``names`` are those of ``standing.names``.
    """

    article: Article
    source: Source
    state: State
    place: tuple[int, int]
    folded: tuple[str, ...]
    names: frozenset[str]

    def row(self, status: Status) -> Row:
        a, s = self.article, self.source
        texts = (a.title, s.name, a.kind, a.issuer, a.number, a.region, a.published_on, a.effective_on)
        received = (len(s.warnings), s.pages, s.received_at, s.received_by)
        return Row(a.id, s.id, *texts, status, a.quality, a.trust, *received, self.state)


def folded(text: str) -> str:
    """The text as it is searched: width, case, white space, quotation marks, kinds of brackets aside."""
    return fold(text).translate(_BRACKETS)


def read_files(catalogue: Catalogue, source_ids: Sequence[str] | None) -> dict[str, list[Held]]:
    """Source id → its rows; of all sources where none are named. Articles come without their texts."""
    where = "" if source_ids is None else f"WHERE {{}} IN ({','.join('?' * len(source_ids))})"
    asked = source_ids or ()
    connection = catalogue.connection()
    articles: dict[int, list[Article]] = {}
    sql = f"SELECT {', '.join(_ARTICLE)}, {_DECISION} FROM articles {where.format('source')}"  # noqa: S608 - constants and marks
    for row in connection.execute(sql, asked):
        fields = dict(zip((*_ARTICLE, "text"), row, strict=True))
        number = fields.pop("source")
        fields["supersedes"] = tuple(json.loads(fields["supersedes"]))
        articles.setdefault(number, []).append(Article(**fields, source_id=str(number)))
    found = {}
    unseen: dict[str, Any] = {"origin": "", "sha256": "", "media_type": "", "bytes": 0}
    sql = f"SELECT {', '.join(_SOURCE)} FROM sources {where.format('id')}"  # noqa: S608 - constants and marks
    for number, *values, warnings in connection.execute(sql, asked):
        fields = dict(zip(_SOURCE[1:-1], values, strict=True))
        source = Source(id=str(number), warnings=tuple(json.loads(warnings)), **unseen, **fields)
        found[source.id] = of_file(source, articles.get(number, ()), "已发布")
    return found


def of_file(source: Source, articles: Iterable[Article], state: State) -> list[Held]:
    """The rows of one file."""
    name, by = folded(source.name), folded(source.received_by)
    given = list(articles) or [Article(id=f"{source.id}/0", source_id=source.id, ordinal=0)]
    held = []
    for a in given:
        place = (int(source.id), a.ordinal)
        texts = (folded(a.title), name, folded(a.number), folded(a.issuer))
        searched = (*texts, by, "\n".join(texts))
        held.append(Held(a, source, state, place, searched, standing.names(a)))
    return held


class AtHand:
    """What a ``Register`` asks of a store (``standing.Documents``), read once for all documents."""

    def __init__(self, catalogue: Catalogue, links: Links, articles: Sequence[Article]) -> None:
        self._articles = {a.id: a for a in articles}
        #: Article id → itself and its reprints.
        self.copies: dict[str, list[str]] = {}
        pairs = catalogue.connection().execute("SELECT one, other FROM reprints ORDER BY one, other")
        for one, other in pairs.fetchall():
            self.copies.setdefault(one, [one]).append(other)
        self.revision, self.links = catalogue.revision, LinksAtHand(links.version, links.all())

    def titles(self) -> list[tuple[str, str]]:
        return [(a.id, a.title) for a in self._articles.values() if a.title]

    def replacements(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(a.id, a.supersedes) for a in self._articles.values() if a.supersedes]

    def article(self, article_id: str) -> Article | None:
        return self._articles.get(article_id)

    def reprints(self, article_ids: Sequence[str]) -> dict[str, list[Article]]:
        found = {id_: self.copies[id_] for id_ in article_ids if id_ in self.copies}
        return {id_: [self._articles[copy] for copy in copies] for id_, copies in found.items()}


class LinksAtHand:
    """The links as they were when they were read."""

    def __init__(self, version: int, links: list[Link]) -> None:
        self.version = version
        self._links = links

    def all(self) -> list[Link]:
        return self._links
