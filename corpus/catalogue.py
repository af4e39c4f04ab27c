# ruff: noqa: S608 - tables and columns are constants of this program; every value is a parameter
"""The catalogue: one SQLite file that is the truth. The indexes are derived from it.

A source is written in one transaction that also bumps ``revision``; whatever is derived
from the catalogue is stamped with the revision it reflects and repairs only the sources
that changed since (``changed_since``). Ids of sources and row numbers of passages are
never reused, so an index entry can be stale but never point at something else.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from corpus.database import Connection
from corpus.records.audit import AuditedDatabase
from corpus.rows import (
    ARTICLE,
    ARTICLE_COLUMNS,
    CHUNK,
    EVERYTHING,
    PASSAGE,
    PASSAGE_COLUMNS,
    SEARCHED,
    SOURCE,
    SOURCE_COLUMNS,
    Counts,
    IndexRow,
    Joined,
    article_row,
    checked,
    condition,
    days,
    embedded_key,
    embedded_text,
    marks,
    number_of,
    passage_row,
    source_row,
    to_article,
    to_passage,
    to_source,
)
from corpus.types import Article, Filters, Passage, Source
from corpus.versions.changes import changes, told


class Catalogue(AuditedDatabase):
    """Sources, articles and passages in the SQLite file. Safe to share between threads."""

    def changed_since(self, revision: int) -> list[int]:
        """The numbers of the sources written or removed after that revision."""
        rows = self.select(
            "SELECT id FROM sources WHERE revision > ? UNION SELECT id FROM removed_sources WHERE revision > ?",
            (revision, revision),
        )
        return [r[0] for r in rows]

    # -- reading ----------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """All sources, oldest first."""
        return [to_source(r) for r in self.select(f"SELECT {SOURCE_COLUMNS} FROM sources s ORDER BY s.id")]

    def source(self, source_id: str) -> Source | None:
        """One source, or None."""
        rows = self.select(f"SELECT {SOURCE_COLUMNS} FROM sources s WHERE s.id = ?", (number_of(source_id),))
        return to_source(rows[0]) if rows else None

    def articles(self, source_id: str | None = None) -> list[Article]:
        """The articles of one source or of all, ordered by place."""
        where, parameters = ("", ()) if source_id is None else ("WHERE a.source = ?", (number_of(source_id),))
        rows = self.select(
            f"SELECT {ARTICLE_COLUMNS} FROM articles a {where} ORDER BY a.source, a.ordinal", parameters
        )
        return [to_article(r) for r in rows]

    def digest(self) -> str:
        """A fingerprint (16 hex digits) of every article's id and text, read one at a time."""
        found = sha256()
        for row in self.connection().execute("SELECT id, text FROM articles ORDER BY source, ordinal"):
            found.update("\0".join((*row, "")).encode("utf-8", "surrogatepass"))
        return found.hexdigest()[:16]

    def article(self, article_id: str) -> Article | None:
        """One article, or None."""
        rows = self.select(f"SELECT {ARTICLE_COLUMNS} FROM articles a WHERE a.id = ?", (article_id,))
        return to_article(rows[0]) if rows else None

    def passages(self, article_id: str) -> list[Passage]:
        """The passages of an article, in order."""
        rows = self.select(
            f"SELECT {PASSAGE_COLUMNS} FROM passages p WHERE p.article = ? ORDER BY p.ordinal", (article_id,)
        )
        return [to_passage(r) for r in rows]

    def passage(self, passage_id: str) -> Passage | None:
        """One passage, or None."""
        rows = self.select(f"SELECT {PASSAGE_COLUMNS} FROM passages p WHERE p.id = ?", (passage_id,))
        return to_passage(rows[0]) if rows else None

    def counts(self) -> Counts:
        """How many sources, articles and passages there are."""
        tables = ("sources", "articles", "passages")
        return Counts(*(self.value(f"SELECT count(*) FROM {t}") for t in tables))

    def issuers(self) -> list[str]:
        """Every issuer, most frequent first."""
        return self._frequent("issuer")

    def regions(self) -> list[str]:
        """Every region, most frequent first."""
        return self._frequent("region")

    def _frequent(self, column: str) -> list[str]:
        rows = self.select(
            f"SELECT {column} FROM articles WHERE {column} <> '' GROUP BY 1 ORDER BY count(*) DESC, 1"
        )
        return [r[0] for r in rows]

    def titles(self) -> list[tuple[str, str]]:
        """``(article id, title)`` of every article that has a title, ordered by place."""
        return [
            (r[0], r[1])
            for r in self.select("SELECT id, title FROM articles WHERE title <> '' ORDER BY source, ordinal")
        ]

    def numbers(self) -> list[tuple[str, str]]:
        """``(article id, 文号)`` of every article that has one, ordered by place."""
        rows = self.select("SELECT id, number FROM articles WHERE number <> '' ORDER BY source, ordinal")
        return [(r[0], r[1]) for r in rows]

    def replacements(self) -> list[tuple[str, tuple[str, ...]]]:
        """``(article id, titles and numbers it replaces)`` of every article that replaces any."""
        rows = self.select("SELECT id, supersedes FROM articles WHERE supersedes <> '[]'")
        return [(r[0], tuple(json.loads(r[1]))) for r in rows]

    def joined(self, passage_ids: Iterable[str]) -> dict[str, Joined]:
        """The passages that still exist, each with its article and source."""
        with self.snapshot():
            passages = [to_passage(r) for r in self._chosen(PASSAGE, "passages", "id", passage_ids)]
            # An article is read once, not once for each of its passages.
            rows = self._chosen(ARTICLE, "articles", "id", (p.article_id for p in passages))
            articles = {r[0]: to_article(r) for r in rows}
            rows = self._chosen(SOURCE, "sources", "id", (a.source_id for a in articles.values()))
            sources = {str(r[0]): to_source(r) for r in rows}
        return {
            p.id: Joined(p, articles[p.article_id], sources[articles[p.article_id].source_id])
            for p in passages
        }

    def texts_of(self, passage_ids: Sequence[str]) -> dict[str, tuple[str, str, str]]:
        """Passage id → title of its article, label and text; of those that still exist."""
        found: dict[str, tuple[str, str, str]] = {}
        for at in range(0, len(passage_ids), CHUNK):
            chunk = passage_ids[at : at + CHUNK]
            rows = self.select(
                f"SELECT p.id, a.title, p.label, {SEARCHED} FROM passages p JOIN articles a ON a.id = p.article"
                f" WHERE p.id IN ({marks(chunk)})",
                chunk,
            )
            found |= {id_: (title, label, text) for id_, title, label, text in rows}
        return found

    def _chosen(self, columns: Sequence[str], table: str, key: str, values: Iterable[str | int]) -> list[Any]:
        """The rows of a table whose key is among the values."""
        wanted = list(dict.fromkeys(values))
        found: list[Any] = []
        for at in range(0, len(wanted), CHUNK):
            chunk = wanted[at : at + CHUNK]
            select = f"SELECT {', '.join(columns)} FROM {table} WHERE {key} IN ({marks(chunk)})"
            found += self.select(select, chunk)
        return found

    def ids_of(self, rows: Sequence[int]) -> dict[int, str]:
        """Row number → passage id, of those that still exist."""
        return dict(self._chosen(("row", "id"), "passages", "row", rows))

    def rows_of(self, passage_ids: Sequence[str]) -> dict[int, str]:
        """Row number → passage id, of those that still exist."""
        return dict(self._chosen(("row", "id"), "passages", "id", passage_ids))

    def rows(self, filters: Filters = EVERYTHING) -> list[int]:
        """The row numbers of the passages that pass the filters, ascending."""
        if not filters:
            return [r[0] for r in self.select("SELECT row FROM passages ORDER BY row")]
        where, parameters = condition(filters)
        found = self.select(
            f"SELECT p.row FROM passages p JOIN articles a ON a.id = p.article WHERE {where} ORDER BY p.row",
            parameters,
        )
        return [r[0] for r in found]

    def rows_and_sources(self, sources: Sequence[int] | None = None) -> list[tuple[int, int]]:
        """Row number and source of the passages of those sources, or of all; ascending by row."""
        select = "SELECT p.row, a.source FROM passages p JOIN articles a ON a.id = p.article"
        if sources is None:
            return self.select(f"{select} ORDER BY p.row")
        found: list[tuple[int, int]] = []
        for at in range(0, len(sources), CHUNK):
            chunk = sources[at : at + CHUNK]
            found += self.select(f"{select} WHERE a.source IN ({marks(chunk)})", chunk)
        return sorted(found)

    def index_rows(self, sources: Sequence[int] | None = None) -> Iterator[IndexRow]:
        """What the indexes need of the passages of those sources, or of all."""
        select = (
            "SELECT p.row, a.source, a.id, a.kind, a.issuer, a.region, a.status, a.first_day, a.last_day,"
            f" a.title, p.label, a.number, a.authors, {SEARCHED}, p.embedded"
            " FROM passages p JOIN articles a ON a.id = p.article"
        )
        if sources is None:
            yield from self._index_rows(f"{select} ORDER BY p.row", ())
            return
        for at in range(0, len(sources), CHUNK):
            chunk = sources[at : at + CHUNK]
            yield from self._index_rows(f"{select} WHERE a.source IN ({marks(chunk)}) ORDER BY p.row", chunk)

    def _index_rows(self, sql: str, parameters: Sequence[Any]) -> Iterator[IndexRow]:
        for r in self.connection().execute(sql, parameters):
            row = IndexRow(*r)
            yield row._replace(authors=" ".join(json.loads(row.authors)))

    # -- writing ----------------------------------------------------------------------

    def next_source(self) -> int:
        """The first source number that was never used."""
        return 1 + int(self.value("SELECT seq FROM sqlite_sequence WHERE name = 'sources'") or 0)

    def known(self, origin: str, name: str, digest: str) -> tuple[str, bool] | None:
        """The source already held for a file, and whether its bytes are the same; or None."""
        held = self.select("SELECT id, sha256 FROM sources WHERE origin = ? ORDER BY id LIMIT 1", (origin,))
        if held and held[0][1] == digest:
            return str(held[0][0]), True
        moved = self.value(
            "SELECT id FROM sources WHERE name = ? AND sha256 = ? ORDER BY id LIMIT 1", (name, digest)
        )
        if moved is not None and not held:
            return str(moved), True
        return (str(held[0][0]), False) if held else None

    def put(
        self,
        source: Source,
        articles: Sequence[Article],
        passages: Sequence[Passage],
        *,
        who: str,
        action: str = "",
    ) -> int:
        """Replace what the source held, in one transaction; the new revision.

        ``action`` is what the audit log calls it (default: 新增 or 更新). Raises ``ValueError`` where
        ids, ordinals or offsets do not fit together.
        """
        number = number_of(source.id)
        if number is None:
            raise ValueError(f"not a source id: {source.id!r}")
        texts = checked(source, articles, passages)
        with self.transaction() as connection:
            existed = self.source(source.id)
            before = (existed, self.articles(source.id)) if existed else None
            self._delete_content(connection, number)
            revision = self._bump(connection)
            _insert(connection, "sources", [(revision, *source_row(number, source))], ["revision", *SOURCE])
            connection.execute("DELETE FROM removed_sources WHERE id = ?", (number,))
            connection.execute("DELETE FROM failures WHERE origin = ?", (source.origin,))
            _insert(
                connection,
                "articles",
                [(*article_row(number, a), *days(a.published_on)) for a in articles],
                [*ARTICLE, "first_day", "last_day"],
            )
            _insert(
                connection,
                "passages",
                [(*passage_row(p), embedded_key(texts[p.id])) for p in passages],
                [*PASSAGE, "embedded"],
            )
            was, is_now = changes(before, (source, articles)) if before else ("", told(source, articles))
            action = action or ("更新" if before else "新增")
            self._log(connection, who, action, f"{source.id} {source.name}", before=was, after=is_now)
        return revision

    def remove(self, source_id: str, *, who: str, action: str = "删除", after: str = "") -> bool:
        """Take a source and all it holds out of the live tables, in one transaction.

        ``action`` and ``after`` stand in the audit log. False where there is no such source.
        """
        number = number_of(source_id)
        with self.transaction() as connection:
            source = self.source(source_id)
            if source is None:
                return False
            was = told(source, self.articles(source_id))
            self._delete_content(connection, number)
            revision = self._bump(connection)
            connection.execute("INSERT OR REPLACE INTO removed_sources VALUES (?, ?)", (number, revision))
            self._log(connection, who, action, f"{source_id} {source.name}", before=was, after=after)
        return True

    def _delete_content(self, connection: Connection, number: int | None) -> None:
        keys = [
            r[0]
            for r in connection.execute(
                "SELECT DISTINCT p.embedded FROM passages p JOIN articles a ON a.id = p.article"
                " WHERE a.source = ?",
                (number,),
            )
        ]
        connection.execute("DELETE FROM sources WHERE id = ?", (number,))
        # What was embedded goes with its last passage: a vector tells much of its text.
        connection.executemany(
            "DELETE FROM embeddings WHERE embedded = ?"
            " AND NOT EXISTS (SELECT 1 FROM passages WHERE passages.embedded = embeddings.embedded)",
            [(k,) for k in keys],
        )

    def _bump(self, connection: Connection) -> int:
        connection.execute("UPDATE settings SET value = value + 1 WHERE key = 'revision'")
        return self.revision

    def refers_to(self, digest: str) -> bool:
        """Whether any source has these bytes, or any version in the archive."""
        found = (
            "SELECT 1 FROM sources WHERE sha256 = ? UNION ALL SELECT 1 FROM archive WHERE sha256 = ? LIMIT 1"
        )
        return self.value(found, (digest, digest)) is not None

    def digests(self) -> set[str]:
        """The sha256 of every original in use."""
        return {r[0] for r in self.select("SELECT sha256 FROM sources UNION SELECT sha256 FROM archive")}

    # -- care -------------------------------------------------------------------------------

    def problems(self) -> list[str]:
        """What is wrong inside the file, a Chinese sentence each."""
        found = [f"目录文件损坏：{r[0]}。" for r in self.select("PRAGMA integrity_check") if r[0] != "ok"]
        found += [f"表 {r[0]} 的第 {r[1]} 行没有上级。" for r in self.select("PRAGMA foreign_key_check")]
        for passage, text, start, end, whole, title, label, searched, key in self.connection().execute(
            f'SELECT p.id, p.text, p.start, p."end", a.text, a.title, p.label, {SEARCHED}, p.embedded'
            " FROM passages p JOIN articles a ON a.id = p.article"
        ):
            if whole[start:end] != text:
                found.append(f"段落 {passage} 与文章原文不符。")
            if embedded_key(embedded_text(title, label, searched)) != key:
                found.append(f"段落 {passage} 的向量键与文字不符。")
        return found


def _insert(
    connection: Connection, table: str, rows: Iterable[Sequence[Any]], columns: Sequence[str]
) -> None:
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(columns)})", rows)
