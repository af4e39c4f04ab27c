# ruff: noqa: S608 - tables and columns are constants of this program; every value is a parameter
"""The embedding cache: vectors in the catalogue, by encoder and by what was embedded.

Texts that are the same share a vector; it goes with the last passage that says it.
"""

import time
from collections.abc import Iterable, Iterator, Sequence

from corpus.catalogue import Catalogue
from corpus.rows import CHUNK, SEARCHED, embedded_text, marks
from corpus.vectors import Encoder, to_blob

#: So many texts are encoded at once, the least at first and twice as many after each quick time.
_LEAST, _MOST = 32, 512
_QUICK_S = 0.5
#: Vectors are kept so often while they are computed.
_KEEP_EVERY_S = 10.0

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

    def add(self, encoder: str, vectors: Iterable[tuple[bytes, bytes]], *, held: bool = False) -> None:
        """Keep vectors (float16, little endian) under their keys; with ``held`` only what a passage still says."""
        condition = " WHERE EXISTS (SELECT 1 FROM passages WHERE embedded = ?2)" if held else ""
        with self._catalogue.transaction() as connection:
            connection.executemany(
                f"INSERT OR REPLACE INTO embeddings SELECT ?1, ?2, ?3{condition}",
                [(encoder, k, v) for k, v in vectors],
            )

    def compute(
        self, encoder: Encoder, missing: Sequence[tuple[bytes, str]], *, held: bool = False
    ) -> Iterator[int]:
        """Compute and keep what ``missing`` told, ``held`` as in ``add``; after each batch how many are done.

        Of a slow encoder's work little is lost when the program is killed.
        """
        # In the order of their keys, so that neighbours stand on one page of the file.
        ordered, done, size = sorted(missing), 0, _LEAST
        made: list[tuple[bytes, bytes]] = []
        until = time.monotonic() + _KEEP_EVERY_S
        try:
            while done < len(ordered):
                batch, began = ordered[done : done + size], time.monotonic()
                blobs = to_blob(encoder.encode([text for _, text in batch], "passage"))
                made += zip((key for key, _ in batch), blobs, strict=True)
                done += len(batch)
                if time.monotonic() - began < _QUICK_S:
                    size = min(2 * size, _MOST)
                if time.monotonic() > until:
                    kept, made = made, []
                    self.add(encoder.name, kept, held=held)
                    until = time.monotonic() + _KEEP_EVERY_S
                yield done
        finally:
            self.add(encoder.name, made, held=held)

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
        """Drop the vectors of every other encoder, a part at a time: others write in between."""
        for first in range(256):
            after = bytes([first + 1]) if first < 255 else b"\xff" * 17
            self._catalogue.connection().execute(
                "DELETE FROM embeddings WHERE embedded >= ? AND embedded < ? AND encoder <> ?",
                (bytes([first]), after, encoder),
            )

    def orphaned(self) -> int:
        """How many vectors are kept of texts that no passage has."""
        return int(self._catalogue.value(f"SELECT count(*) FROM embeddings WHERE {_ORPHANED}"))

    def forget_orphaned(self) -> None:
        """Delete the vectors of texts that no passage has."""
        self._catalogue.connection().execute(f"DELETE FROM embeddings WHERE {_ORPHANED}")
