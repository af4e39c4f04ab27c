# ruff: noqa: S608 - tables and columns are constants of this program; every value is a parameter
"""The embedding cache: vectors in the catalogue, by encoder and by what was embedded.

Texts that are the same share a vector; it goes with the last passage that says it.
"""

from collections.abc import Iterable, Iterator, Sequence

from corpus.catalogue import Catalogue
from corpus.rows import CHUNK, SEARCHED, embedded_text, marks

_ORPHANED = "NOT EXISTS (SELECT 1 FROM passages p WHERE p.embedded = embeddings.embedded)"


class Embeddings:
    """The vectors that are kept, float16, little endian."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def missing(self, encoder: str, rows: Sequence[int]) -> list[tuple[bytes, str]]:
        """Key and text of what this encoder has not embedded of these passages, each once."""
        found: dict[bytes, str] = {}
        for at in range(0, len(rows), CHUNK):
            chunk = rows[at : at + CHUNK]
            for key, title, label, text in self._catalogue.select(
                f"SELECT p.embedded, a.title, p.label, {SEARCHED}"
                " FROM passages p JOIN articles a ON a.id = p.article"
                f" WHERE p.row IN ({marks(chunk)}) AND NOT EXISTS"
                " (SELECT 1 FROM embeddings e WHERE e.encoder = ? AND e.embedded = p.embedded)",
                [*chunk, encoder],
            ):
                found.setdefault(key, embedded_text(title, label, text))
        return list(found.items())

    def add(self, encoder: str, vectors: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep vectors (float16, little endian) under their keys."""
        with self._catalogue.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", [(encoder, k, v) for k, v in vectors]
            )

    def of(self, encoder: str, rows: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Row number and vector of those of these passages that are embedded."""
        for at in range(0, len(rows), CHUNK):
            chunk = rows[at : at + CHUNK]
            yield from self._catalogue.select(
                "SELECT p.row, e.vector FROM passages p JOIN embeddings e"
                f" ON e.encoder = ? AND e.embedded = p.embedded WHERE p.row IN ({marks(chunk)})",
                [encoder, *chunk],
            )

    def forget_others(self, encoder: str) -> None:
        """Drop the vectors of every other encoder."""
        self._catalogue.connection().execute("DELETE FROM embeddings WHERE encoder <> ?", (encoder,))

    def orphaned(self) -> int:
        """How many vectors are kept of texts that no passage has."""
        return int(self._catalogue.value(f"SELECT count(*) FROM embeddings WHERE {_ORPHANED}"))

    def forget_orphaned(self) -> None:
        """Delete the vectors of texts that no passage has."""
        self._catalogue.connection().execute(f"DELETE FROM embeddings WHERE {_ORPHANED}")
