"""The archive: sources out of every search, kept so that they can be looked at and put back.

A source is **withdrawn** (撤下) in one transaction that takes it out of the live tables and keeps
it here, under the id it had; every hit joins the live tables, so nothing answers from it from
that moment on, in any process. **Restoring** puts it back under the same id. What is put over a
source leaves an **old version** (旧版) here. **Deleting for good** takes a source out of both with
all its versions. Originals stay as long as a source or a version has their bytes.

Reading: ``store.archive``. Writing, each in one transaction with its audit line, through the one
who may write; doing a thing twice does nothing the second time and says so with False::

    with store.writing(who="张三") as writer:
        writer.withdraw("3", note="内容有误")   # True; False where 3 is not live
        writer.restore("3")                     # True; False where 3 is not withdrawn
        writer.restore("v12")                   # an old version, in place of what is live
        writer.remove("3")                      # for good: live or withdrawn, with its versions
        writer.remove("v12")                    # one old version for good
        with writer.together():                 # many, kept at once: all of them or none
            done = [id_ for id_ in ids if writer.withdraw(id_)]

``writer.known`` tells a file whose source is withdrawn ("withdrawn"): reading a folder again does
not bring it back; putting it under the id that is told does, and makes the former state a version.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from corpus.catalogue import Catalogue
from corpus.database import now
from corpus.types import Article, Box, Passage, Source, Version, VersionState

_VERSION = "id, state, at, who, note, document"


class Archive:
    """The withdrawn sources and old versions of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    # -- reading ------------------------------------------------------------------------

    def withdrawn(self) -> list[Version]:
        """The withdrawn sources, the last withdrawn first."""
        return self._versions("state = '撤下'")

    def count(self) -> int:
        """How many sources are withdrawn."""
        return int(self._row("SELECT count(*) FROM archive WHERE state = '撤下'", ())[0])

    def history(self, source_id: str) -> list[Version]:
        """What a source held before, the latest first; where it is withdrawn, that state is the first."""
        return self._versions("source = ?", (_number(source_id),))

    def version(self, version_id: str) -> Version | None:
        """One version by its id ("v12"), or the withdrawn state of a source by the source's; or None."""
        where, parameters = _one(version_id)
        return next(iter(self._versions(where, parameters)), None)

    def content(self, version_id: str) -> tuple[list[Article], list[Passage]]:
        """The articles and passages of a version. Raises ``KeyError`` for one that is not held."""
        where, parameters = _one(version_id)
        row = self._row(f"SELECT content FROM archive WHERE {where}", parameters)  # noqa: S608 - constants
        if row is None:
            raise KeyError(version_id)
        held = json.loads(row[0])
        return [_made(Article, a) for a in held["articles"]], [_passage(p) for p in held["passages"]]

    def latest(self, source_id: str) -> list[Article]:
        """The articles of a source, live or withdrawn; none of one that is neither."""
        held = self._catalogue.articles(source_id)
        return held if held or self.version(source_id) is None else self.content(source_id)[0]

    def withdrawn_for(self, *, origin: str, name: str, sha256: str) -> str:
        """The id of the withdrawn source of a file, by its place or by its name and bytes; else ``""``."""
        row = self._row(
            "SELECT source FROM archive WHERE state = '撤下' AND (origin = ? OR (name = ? AND sha256 = ?))"
            " ORDER BY origin = ? DESC, source LIMIT 1",
            (origin, name, sha256, origin),
        )
        return "" if row is None else str(row[0])

    def problems(self) -> list[str]:
        """What is wrong with the versions, a Chinese sentence each."""
        found = []
        rows = self._catalogue.connection().execute("SELECT id, source FROM archive ORDER BY id").fetchall()
        for number, source in rows:
            articles, passages = self.content(f"v{number}")
            texts = {a.id: a.text for a in articles}
            if any(texts.get(p.article_id, "")[p.start : p.end] != p.text for p in passages):
                found.append(f"存档 v{number}（来源 {source}）的段落与文章原文不符。")
        double = "SELECT a.source FROM archive a JOIN sources s ON s.id = a.source WHERE a.state = '撤下'"
        rows = self._catalogue.connection().execute(double).fetchall()
        return found + [f"来源 {source} 已撤下，却仍在使用。" for (source,) in rows]

    def _versions(self, where: str, parameters: Sequence[Any] = ()) -> list[Version]:
        rows = self._catalogue.connection().execute(
            f"SELECT {_VERSION} FROM archive WHERE {where} ORDER BY id DESC",  # noqa: S608 - constants
            parameters,
        )
        return [_version(row) for row in rows.fetchall()]

    def _row(self, sql: str, parameters: Sequence[Any]) -> Any:
        return self._catalogue.connection().execute(sql, parameters).fetchone()

    # -- writing: only for the holder of the right to write, see ``Writer`` -------------------

    def keep_former(self, source_id: str, articles: Sequence[Article], *, who: str) -> None:
        """Keep what a source holds before other articles take its place, in the caller's transaction."""
        held = self._catalogue.articles(source_id)
        source = self._catalogue.source(source_id)
        if source is not None and held != list(articles):
            self._keep(source, held, "旧版", who=who, note="")
        self._catalogue.connection().execute(
            "UPDATE archive SET state = '旧版' WHERE source = ? AND state = '撤下'", (_number(source_id),)
        )

    def withdraw(self, source_id: str, *, who: str, note: str = "") -> bool:
        """See ``Writer.withdraw``."""
        with self._catalogue.transaction():
            source = self._catalogue.source(source_id)
            if source is None:
                return False
            self._keep(source, self._catalogue.articles(source_id), "撤下", who=who, note=note)
            after = f"已撤下：{note}" if note else "已撤下"
            return self._catalogue.remove(source_id, who=who, action="撤下", after=after)

    def _keep(
        self, source: Source, articles: Sequence[Article], state: VersionState, *, who: str, note: str
    ) -> None:
        passages = [p for article in articles for p in self._catalogue.passages(article.id)]
        document = {"source": asdict(source), "titles": [a.title for a in articles]}
        content = {"articles": [asdict(a) for a in articles], "passages": [asdict(p) for p in passages]}
        place = (_number(source.id), source.origin, source.name, source.sha256)
        self._catalogue.connection().execute(
            "INSERT INTO archive (source, origin, name, sha256, state, at, who, note, document, content)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*place, state, now(), who, note, _json(document), _json(content)),
        )

    def take(self, archived_id: str) -> tuple[Source, list[Article], list[Passage]] | None:
        """Take a version out, to be put back, in the caller's transaction; None where there is none."""
        version = self.version(archived_id)
        if version is None:
            return None
        articles, passages = self.content(version.id)
        self._forget("id = ?", (_number(version.id[1:]),))
        return version.source, articles, passages

    def erase(self, archived_id: str, *, who: str) -> list[str]:
        """Take out one version, or all of a source, for good: the digests that they had.

        Leaves the audit line of what is not live; ``Catalogue.remove`` leaves that of what is.
        """
        with self._catalogue.transaction() as connection:
            version = self.version(archived_id)
            if version is not None and version.state == "旧版":
                self._catalogue.log(who, "删除旧版", f"{version.id} {version.source.name}")
                return self._forget("id = ?", (_number(version.id[1:]),))
            if version is not None:
                self._catalogue.log(
                    who, "删除", f"{version.source.id} {version.source.name}", before="已撤下", after="已删除"
                )
            number = _number(version.source.id if version else archived_id)
            connection.execute("DELETE FROM review_evidence WHERE source = ?", (number,))
            return self._forget("source = ?", (number,))

    def _forget(self, where: str, parameters: Sequence[Any]) -> list[str]:
        rows = self._catalogue.connection().execute(
            f"DELETE FROM archive WHERE {where} RETURNING sha256",  # noqa: S608 - constants
            parameters,
        )
        return [row[0] for row in rows.fetchall()]


def _one(archived_id: str) -> tuple[str, tuple[Any, ...]]:
    """What chooses a version by its id, or the withdrawn state of a source by the source's."""
    if archived_id.startswith("v"):
        return "id = ?", (_number(archived_id[1:]),)
    return "source = ? AND state = '撤下'", (_number(archived_id),)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _made(kind: Any, held: dict[str, Any]) -> Any:
    """A noun out of what ``asdict`` made of it, maybe by an earlier program that knew fewer fields."""
    known = {f.name for f in fields(kind)}
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in held.items() if k in known})


def _passage(held: dict[str, Any]) -> Passage:
    return _made(Passage, {**held, "boxes": [Box(*box) for box in held["boxes"]]})


def _version(row: Sequence[Any]) -> Version:
    number, state, at, who, note, document = row
    held = json.loads(document)
    source = _made(Source, held["source"])
    titles = tuple(held["titles"])
    return Version(id=f"v{number}", source=source, state=state, at=at, who=who, note=note, titles=titles)
