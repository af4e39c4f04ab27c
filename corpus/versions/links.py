"""What people said of pairs of documents: which amends, repeals or replaces which, and which are strangers.

A link needs no right to write: it touches no index. Links outlast a withdrawal, are taken along
when a source is replaced, and go when one of their documents is deleted for good. ``version``
changes with every one of them, so that what is derived from links can tell when to look again.
"""

from collections.abc import Sequence
from typing import Any

from corpus.catalogue import Catalogue
from corpus.database import Connection, now
from corpus.errors import UserError
from corpus.types import LINK_KINDS, Article, Link, LinkKind

_LINK = ("id", "kind", "newer", "older", "newer_title", "older_title", "who", "at")
_UNRELATED = "不同文件，互不替代"
#: How the audit log puts a link into words.
_WORDS = {"修改": "修改了", "废止": "废止了", "替代": "替代了"}


class Links:
    """The links of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def version(self) -> int:
        """How often links have changed, by any process."""
        return int(self._catalogue.setting("links") or 0)

    def all(self) -> list[Link]:
        """Every link, the latest first."""
        return self._links("1")

    def of(self, article_ids: Sequence[str]) -> list[Link]:
        """The links of articles, in both directions, the latest first."""
        marks = ",".join("?" * len(article_ids))
        return self._links(f"newer IN ({marks}) OR older IN ({marks})", (*article_ids, *article_ids))

    def link(self, number: int) -> Link | None:
        """One link, or None."""
        return next(iter(self._links("id = ?", (number,))), None)

    def confirm(self, kind: LinkKind, *, newer: str, older: str, who: str) -> Link:
        """Record what a person says of two articles, in place of what was said of them before.

        Raises ``UserError`` where one of them is not live, both are one, or a document would
        replace itself by way of others.
        """
        if kind not in LINK_KINDS:
            raise ValueError(kind)
        with self._catalogue.transaction() as connection:
            pair = [self._catalogue.article(id_) for id_ in (newer, older)]
            if newer == older or None in pair:
                raise UserError("这两份文件不能建立关联。", "请选择资料库中现有的两份不同的文件。")
            before = self._links(
                "(newer = ? AND older = ?) OR (newer = ? AND older = ?)", (newer, older, older, newer)
            )
            connection.executemany("DELETE FROM links WHERE id = ?", [(link.id,) for link in before])
            if kind != "无关" and newer in self._replacing(older):
                raise UserError(
                    "这样会使文件互相替代。", "请先解除相反方向的关联，再确认哪一份是新的、哪一份是旧的。"
                )
            titles = [a.title for a in pair if a]
            (number,) = connection.execute(
                "INSERT INTO links (kind, newer, older, newer_title, older_title, who, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (kind, newer, older, *titles, who, now()),
            ).fetchone()
            made = self.link(int(number))
            assert made is not None
            was = "；".join(_said(link) for link in before)
            self._changed(
                connection, who, "更改关联" if before else "建立关联", made, before=was, after=_said(made)
            )
        return made

    def remove(self, number: int, *, who: str) -> bool:
        """Forget a link. False where there is none."""
        with self._catalogue.transaction() as connection:
            link = self.link(number)
            if link is None:
                return False
            connection.execute("DELETE FROM links WHERE id = ?", (number,))
            self._changed(connection, who, "解除关联", link, before=_said(link))
        return True

    def _replacing(self, older: str) -> set[str]:
        """What ``older`` itself amends, repeals or replaces, directly or by way of others."""
        found: set[str] = set()
        waiting = [older]
        while waiting:
            rows = self._catalogue.connection().execute(
                "SELECT older FROM links WHERE newer = ? AND kind <> '无关'", (waiting.pop(),)
            )
            further = {row[0] for row in rows.fetchall()} - found
            found |= further
            waiting += further
        return found

    def _changed(
        self, connection: Connection, who: str, action: str, link: Link, *, before: str = "", after: str = ""
    ) -> None:
        connection.execute("UPDATE settings SET value = value + 1 WHERE key = 'links'")
        detail = f"{self._called(link.newer)} — {self._called(link.older)}"
        self._catalogue.log(who, action, detail, before=before, after=after)

    def _called(self, article_id: str) -> str:
        """What the log calls an article: its id and its file, whose name may stay when it is deleted."""
        source = self._catalogue.source(article_id.split("/")[0])
        return f"{article_id} {source.name}" if source else article_id

    def _links(self, where: str, parameters: Sequence[Any] = ()) -> list[Link]:
        rows = self._catalogue.connection().execute(
            f"SELECT {', '.join(_LINK)} FROM links WHERE {where} ORDER BY id DESC",  # noqa: S608 - constants
            parameters,
        )
        return [Link(**dict(zip(_LINK, row, strict=True))) for row in rows.fetchall()]

    # -- what happens to the documents, in the caller's transaction ----------------------------

    def follow(self, before: Sequence[Article], articles: Sequence[Article], *, who: str) -> None:
        """Take the links of a source's articles along to those that take their place.

        An article is the same where the title is, or where it is the only one; links of what is
        no longer there go.
        """
        held = {a.id: a for a in before}
        for link in self.of(list(held)) if held else ():
            ends = [link.newer, link.older]
            moved = [self._same(held[e], articles, alone=len(held) == 1) if e in held else e for e in ends]
            if moved == ends:
                continue
            with self._catalogue.transaction() as connection:
                connection.execute("DELETE FROM links WHERE id = ?", (link.id,))
                if not all(moved):
                    self._changed(connection, who, "解除关联", link, before=_said(link))
                    continue
                connection.execute(
                    "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (link.id, link.kind, *moved, link.newer_title, link.older_title, link.who, link.at),
                )
                connection.execute("UPDATE settings SET value = value + 1 WHERE key = 'links'")

    @staticmethod
    def _same(old: Article, articles: Sequence[Article], *, alone: bool) -> str:
        if alone and len(articles) == 1:
            return articles[0].id
        titled = [a.id for a in articles if a.title == old.title]
        return old.id if old.id in titled else titled[0] if titled else ""

    def forget(self, source_id: str) -> None:
        """Drop what names the articles of a source that is deleted for good."""
        with self._catalogue.transaction() as connection:
            gone = connection.execute(
                "DELETE FROM links WHERE newer GLOB ? OR older GLOB ?", (f"{source_id}/*", f"{source_id}/*")
            ).rowcount
            if gone:
                connection.execute("UPDATE settings SET value = value + 1 WHERE key = 'links'")


def _said(link: Link) -> str:
    if link.kind == "无关":
        return _UNRELATED
    return f"{link.newer} {_WORDS[link.kind]} {link.older}"
