"""Reprints: articles that are one document, found when a source is put, linked and never merged.

MinHash signatures of character shingles (Broder 1997, datasketch) stand in the catalogue with
their bands, so that one more article costs some thirty look-ups however many are held. What
shares a band is compared word by word (``collation``); only the pairs that are one document are
kept. The links of an article go when it goes.
"""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.catalogue import Catalogue
from corpus.rows import days
from corpus.types import POOR, Article
from corpus.versions import collation

#: Characters of a shingle. Five of them are a phrase: unrelated texts of one field share few.
SHINGLE = 5
#: Rows of a band and bands: at a resemblance of .7 a pair is found with a chance of .9999, at .5 of .98, at .2 of .2.
ROWS = 3
BANDS = 28
#: Share of a signature that must agree before two texts are compared word by word.
RESEMBLING = 0.35
#: At most so many are compared with one article, the most resembling and then the first received.
COMPARED = 50
#: Shingles hashed at once, which bounds the memory.
_AT_ONCE = 8192

Signature = NDArray[np.uint32]


def signature(text: str) -> Signature | None:
    """uint32 ``(ROWS * BANDS,)``; None for a text too short to be told from others."""
    plain = collation.folded(collation.body(text))
    if len(plain) < collation.LEAST_CHARS:
        return None
    codes = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), np.uint32)
    made = _empty().copy()
    shingles = _shingles(codes)
    for at in range(0, len(shingles), _AT_ONCE):
        made.update_batch(shingles[at : at + _AT_ONCE].tolist())
    return np.asarray(made.hashvalues, np.uint32)


def resemblance(one: Signature, other: Signature) -> float:
    """The estimated Jaccard index of two texts' shingles, 0–1."""
    return float((one == other).mean())


def bands(found: Signature) -> list[int]:
    """A key for each band; articles that share one may be reprints. Below 2^48, for SQLite."""
    keys = []
    for band, rows in enumerate(found.reshape(BANDS, ROWS).astype(np.uint64).tolist()):
        key = band
        for value in rows:
            key = (key * 0x9E3779B97F4A7C15 + value) % 2**64
        keys.append(key >> 16)
    return keys


@functools.cache
def _empty() -> Any:
    from datasketch import MinHash  # loads scipy: reading a store needs neither

    return MinHash(ROWS * BANDS, hashfunc=int, scheme="affine32")


def _shingles(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The different runs of ``SHINGLE`` characters, each as a 32-bit number (polynomial, modulo 2^32)."""
    found = np.zeros(len(codes) - SHINGLE + 1, np.uint32)
    for at in range(SHINGLE):
        found = found * np.uint32(0x01000193) + codes[at : at + len(found)]
    return np.unique(found)


def order(article: Article) -> tuple[Any, ...]:
    """Sorts reprints: the copy that answers comes first.

    A readable text before a poor one, the issuing body's own document before what others print
    of it, then the earliest, then the first received.
    """
    copied = collation.says_it_is_a_copy(article.text)
    last = days(article.published_on)[1] or 99999999
    place = (int(article.source_id), article.ordinal) if article.source_id.isdigit() else (0, 0)
    return (article.quality < POOR, not article.issuer or copied, copied, last, place)


class Reprints:
    """The signatures and links of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def add(self, articles: Iterable[Article]) -> None:
        """Sign articles that were just written and link them; inside the caller's transaction."""
        with self._catalogue.transaction() as connection:
            for article in articles:
                made = signature(article.text)
                blob = b"" if made is None else made.astype("<u4").tobytes()
                number = connection.execute(
                    "INSERT INTO signatures (article, signature) VALUES (?, ?)", (article.id, blob)
                ).lastrowid
                if made is None:
                    continue
                keys = bands(made)
                for other, _ in self._resembling(made, keys):
                    if collation.is_reprint(article, other):
                        pairs = [(article.id, other.id), (other.id, article.id)]
                        connection.executemany("INSERT INTO reprints VALUES (?, ?)", pairs)
                connection.executemany(
                    "INSERT INTO signature_bands VALUES (?, ?)", [(k, number) for k in keys]
                )

    def catch_up(self) -> int:
        """Sign what was written before there were signatures; how many there were."""
        # An article has one signature at most: to count both is far cheaper than to look for each.
        counted = "SELECT (SELECT count(*) FROM articles) = (SELECT count(*) FROM signatures)"
        if self._catalogue.connection().execute(counted).fetchone()[0]:
            return 0
        rows = self._catalogue.connection().execute(
            "SELECT id FROM articles WHERE id NOT IN (SELECT article FROM signatures) ORDER BY source, ordinal"
        )
        missing = [row[0] for row in rows.fetchall()]
        for at in range(0, len(missing), 200):
            found = (self._catalogue.article(id_) for id_ in missing[at : at + 200])
            self.add(article for article in found if article)
        return len(missing)

    def resembling(self, article: Article) -> list[tuple[str, float]]:
        """``(article id, estimated Jaccard index)`` of the others that resemble an article, the nearest first."""
        made = signature(article.text)
        near = [] if made is None else self._resembling(made, bands(made))
        return [(other.id, share) for other, share in near if other.id != article.id]

    def between(self, one: str, other: str) -> float:
        """The estimated Jaccard index of two held articles; 0 where a text is too short to tell."""
        rows = self._catalogue.connection().execute(
            "SELECT signature FROM signatures WHERE article IN (?, ?) AND signature <> x''", (one, other)
        )
        found = [np.frombuffer(row[0], "<u4") for row in rows.fetchall()]
        return resemblance(*found) if len(found) == 2 else 0.0

    def _resembling(self, made: Signature, keys: Sequence[int]) -> list[tuple[Article, float]]:
        """The held articles worth comparing, see ``COMPARED``, each with its resemblance."""
        marks = ",".join("?" * len(keys))
        rows = self._catalogue.connection().execute(
            "SELECT DISTINCT s.number, s.article, s.signature FROM signature_bands b"  # noqa: S608 - marks only
            f" JOIN signatures s ON s.number = b.signature WHERE b.band IN ({marks})",
            keys,
        )
        near = [
            (-resemblance(made, np.frombuffer(blob, "<u4")), number, id_)
            for number, id_, blob in rows.fetchall()
        ]
        chosen = [(id_, -less) for less, _, id_ in sorted(near)[:COMPARED] if -less >= RESEMBLING]
        found = ((self._catalogue.article(id_), share) for id_, share in chosen)
        return [(article, share) for article, share in found if article]

    def copies(self, article: Article) -> list[Article]:
        """Held articles that are one document with an article that need not be held, the nearest first."""
        made = signature(article.text)
        near = [] if made is None else self._resembling(made, bands(made))
        return [other for other, _ in near if collation.is_reprint(article, other)]

    def of(self, article_ids: Sequence[str]) -> dict[str, list[Article]]:
        """Article id → itself and its reprints, the copy that answers first; only of those that have any."""
        linked: dict[str, list[str]] = {}
        wanted = list(dict.fromkeys(article_ids))
        for at in range(0, len(wanted), 500):
            chunk = wanted[at : at + 500]
            rows = self._catalogue.connection().execute(
                f"SELECT one, other FROM reprints WHERE one IN ({','.join('?' * len(chunk))})",  # noqa: S608
                chunk,
            )
            for one, other in rows.fetchall():
                linked.setdefault(one, [one]).append(other)
        held = {id_: self._catalogue.article(id_) for ids in linked.values() for id_ in ids}
        return {one: sorted((a for id_ in ids if (a := held[id_])), key=order) for one, ids in linked.items()}

    def notes(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Article id → a Chinese sentence on its reprints, for lists; only of those that have any."""
        linked = self.of(article_ids)
        ids = dict.fromkeys(a.source_id for copies in linked.values() for a in copies)
        names = {id_: source.name for id_ in ids if (source := self._catalogue.source(id_))}
        return {one: _note(one, copies, names) for one, copies in linked.items()}


#: Copies that a note names; of more only the number is told.
_NAMED = 3


def _note(one: str, copies: Sequence[Article], names: dict[str, str]) -> str:
    first = copies[0]
    if first.id != one:
        return f"转载：与 {first.id}（{names[first.source_id]}）内容相同，回答时引用那一份。"
    others = [f"{a.id}（{names[a.source_id]}）" for a in copies[1:]]
    more = f"等 {len(others)} 处" if len(others) > _NAMED else ""
    return f"另见：{'、'.join(others[:_NAMED])}{more}转载，内容相同。"
