"""One segment of the vector index: a file that is written once, memory-mapped, and never changed.

It holds, for n vectors of d dimensions in ascending order of their rows: ``rows`` and ``sources``
(int64), ``signs`` (a bit a dimension: above the segment's mean or not), ``centre`` (that mean,
float32) and a FAISS index of the vectors as float16, which is what the embedding cache holds too.

Two ways to search it. ``nearest`` compares every vector. ``likely`` first counts differing signs
(Hamming distance, 16 times less to read) and compares the vectors of the best candidates only. How
many of the nearest that finds is measured when a large segment is written, and stands in its head.
"""

import json
import os
import struct
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.stamp import IndexBrokenError

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Rows = NDArray[np.int64]
Bits = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_MAGIC = b"UQSEG01\n"
#: The arrays begin after the head, at a place that suits all of them.
_ALIGNED = 64
#: The mean is of so many vectors.
_SAMPLE = 4096
#: Of a large index's vectors this share is compared after the signs.
SHARE = 1 / 125
#: From so many vectors on, what the signs find is measured: the ten nearest of so many of them.
_MEASURED, _ASKED, _NEAREST = 16_384, 32, 10


class Entry(NamedTuple):
    """What the index's manifest says of a segment: its file, of so many bytes, and how many vectors."""

    name: str
    size: int
    vectors: int


class Batch(NamedTuple):
    """Vectors to be added, with the row and the source of each."""

    rows: Rows
    sources: Rows
    vectors: Halves


def joined(batches: list[Batch]) -> Batch:
    """One batch out of several (one at least), in the order of the rows."""
    rows, sources, vectors = (
        np.concatenate([b.rows for b in batches]),
        np.concatenate([b.sources for b in batches]),
        np.concatenate([b.vectors for b in batches]),
    )
    order = np.argsort(rows, kind="stable")
    if np.array_equal(order, np.arange(len(order))):
        return Batch(rows, sources, vectors)
    return Batch(rows[order], sources[order], vectors[order])


def write(folder: Path, name: str, batch: Batch) -> Entry:
    """Write a segment (rows ascending, one at least) and wait until it is on the disk."""
    vectors = np.ascontiguousarray(batch.vectors, "<f2")
    count, dimensions = vectors.shape
    centre = vectors[:: max(1, count // _SAMPLE)].mean(axis=0, dtype=np.float32).astype("<f4")
    signs, index = _signs(vectors, centre), _index(vectors)
    parts = [
        np.ascontiguousarray(batch.rows, "<i8").data.cast("B"),
        np.ascontiguousarray(batch.sources, "<i8").data.cast("B"),
        centre.data.cast("B"),
        signs.data.cast("B"),
        _faiss().serialize_index(index).data.cast("B"),
    ]
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    told = {"count": count, "dimensions": dimensions, "checksum": checksum}
    if count >= _MEASURED:
        told["recall"] = _recall(vectors, signs, centre, index)
    head = json.dumps(told).encode()
    start = _MAGIC + struct.pack("<I", len(head)) + head
    path = folder / name
    with path.open("wb") as file:
        file.write(start.ljust(_body(len(head)), b"\0"))
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return Entry(name, path.stat().st_size, count)


def _recall(vectors: Halves, signs: Bits, centre: Floats, index: Any) -> float:
    """The share, 0–1, of the ten nearest of some of the vectors that are among their candidates by signs.

    Of as few candidates as the largest index takes, so that a smaller one finds more.
    """
    places = np.arange(0, len(vectors), len(vectors) // _ASKED)[:_ASKED]
    asked = vectors[places].astype(np.float32)
    _, nearest = index.search(asked, _NEAREST + 1)
    wanted = int(len(vectors) * SHARE)
    _, found = _faiss().knn_hamming(np.packbits(asked > centre, axis=1), signs, wanted, variant="mc")
    # A vector is its own nearest, and says nothing of the others.
    held = [np.isin(near[near != own], few) for near, few, own in zip(nearest, found, places, strict=True)]
    return float(np.concatenate(held).mean())


def _signs(vectors: Halves, centre: Floats) -> Bits:
    return np.packbits(_in_order(vectors) > _in_order(centre.astype("<f2")), axis=1)


def _in_order(halves: Halves) -> NDArray[np.int16]:
    """Numbers in the same order, which are compared five times faster than half floats."""
    bits = halves.view("<i2")
    return bits ^ ((bits >> 15) & 0x7FFF)


def _body(head: int) -> int:
    """Where the arrays begin."""
    return -(-(len(_MAGIC) + 4 + head) // _ALIGNED) * _ALIGNED


def _index(vectors: Halves) -> Any:
    """A FAISS index of half floats, compared by inner product."""
    faiss = _faiss()
    made = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    made.is_trained = True  # there is nothing to learn
    made.add_sa_codes(np.ascontiguousarray(vectors, "<f2").view(np.uint8))
    return made


class Segment:
    """An open segment. Safe to share between threads; its file may be deleted meanwhile (POSIX)."""

    def __init__(self, folder: Path, entry: Entry) -> None:
        """Map the file. Raises ``IndexBrokenError`` where its size or its head are not as told."""
        self.entry = entry
        self._path = folder / entry.name
        try:
            self._map: Bits = np.asarray(np.memmap(self._path, np.uint8, "r"))
        except ValueError as error:  # an empty file
            raise IndexBrokenError(str(self._path)) from error
        if len(self._map) != entry.size or bytes(self._map[: len(_MAGIC)]) != _MAGIC:
            raise IndexBrokenError(str(self._path))
        try:
            (size,) = struct.unpack("<I", bytes(self._map[len(_MAGIC) : len(_MAGIC) + 4]))
            head = json.loads(bytes(self._map[len(_MAGIC) + 4 : len(_MAGIC) + 4 + size]))
            self.dimensions, self._checksum = int(head["dimensions"]), int(head["checksum"])
            #: What ``likely`` finds of the ten nearest, 0–1; None where it was not measured.
            self.recall: float | None = head.get("recall")
            self._body = _body(size)
        except (ValueError, KeyError, TypeError, struct.error) as error:
            raise IndexBrokenError(str(self._path)) from error
        if head["count"] != entry.vectors:
            raise IndexBrokenError(str(self._path))
        self._split()

    def _split(self) -> None:
        n, d = self.entry.vectors, self.dimensions
        at = self._body
        self.rows: Rows = self._map[at : (at := at + 8 * n)].view("<i8")
        self.sources: Rows = self._map[at : (at := at + 8 * n)].view("<i8")
        self._centre: Floats = self._map[at : (at := at + 4 * d)].view("<f4")
        width = -(-d // 8)
        self._signs: Bits = self._map[at : (at := at + n * width)].reshape(n, width)
        self._blob: Bits = self._map[at:]

    @cached_property
    def _index(self) -> Any:
        faiss = _faiss()
        try:
            # Reads from where the bytes are: nothing is copied.
            found = faiss.read_index(faiss.ZeroCopyIOReader(faiss.swig_ptr(self._blob), len(self._blob)))
            whole = (found.ntotal, found.d) == (self.entry.vectors, self.dimensions)
        except RuntimeError as error:
            raise IndexBrokenError(str(self._path)) from error
        if not whole or found.codes.size() != 2 * self.entry.vectors * self.dimensions:
            raise IndexBrokenError(str(self._path))
        return found

    @cached_property
    def halves(self) -> Halves:
        """The vectors, float16 ``(n, d)``, where they lie in the file."""
        codes = self._index.codes
        # Out of our own map, which stays as long as anybody holds a part of it.
        at = _faiss().rev_swig_ptr(codes.data(), 1).ctypes.data - self._blob.ctypes.data
        found: Halves = self._blob[at : at + codes.size()].view("<f2")
        return found.reshape(self.entry.vectors, self.dimensions)

    def whole(self) -> bool:
        """Whether every byte is as it was written. Reads the whole file."""
        return zlib.crc32(self._map[self._body :].data) == self._checksum

    def cut_short(self) -> bool:
        """Whether somebody has made the file shorter since: to read on would end the process."""
        try:
            return self._path.stat().st_size < self.entry.size
        except OSError:
            return False  # deleted: what is mapped stays

    def nearest(self, vector: Floats, k: int, living: Mask | None) -> tuple[Rows, Floats]:
        """Rows and inner products of the k nearest of the living (None: all), best first."""
        parameters = None
        if living is not None:
            parameters = _faiss().SearchParameters(sel=_selector(living))
        _one_thread()
        scores, places = self._index.search(
            vector.reshape(1, -1), min(k, self.entry.vectors), params=parameters
        )
        held = places[0] >= 0
        return self.rows[places[0][held]], scores[0][held]

    def likely(self, vector: Floats, k: int, living: Mask | None, candidates: int) -> tuple[Rows, Floats]:
        """As ``nearest``, among so many candidates whose signs differ least from the vector's."""
        found = self._candidates(vector, living, candidates)
        if not len(found):
            return self.rows[:0], np.zeros(0, np.float32)
        few = _index(self.halves[found])
        _one_thread()
        scores, order = few.search(vector.reshape(1, -1), min(k, len(found)))
        return self.rows[found[order[0]]], scores[0]

    def _candidates(self, vector: Floats, living: Mask | None, wanted: int) -> Rows:
        if living is None:
            return self._closest(vector, None, wanted)
        places = np.flatnonzero(living)
        if len(places) > self.entry.vectors // 2:
            # To look at all and leave some out is cheaper than to copy the signs of many.
            found = self._closest(vector, None, 2 * wanted)
            found = found[living[found]][:wanted]
            if len(found) == min(wanted, len(places)):
                return found
        return self._closest(vector, places, wanted)

    def _closest(self, vector: Floats, places: Rows | None, candidates: int) -> Rows:
        """The places of the vectors whose signs differ least, the nearest first."""
        signs = self._signs if places is None else self._signs[places]
        if len(signs) <= candidates:
            return np.arange(len(signs)) if places is None else places
        asked = np.packbits((vector > self._centre).reshape(1, -1), axis=1)
        _one_thread()
        _, found = _faiss().knn_hamming(asked, signs, candidates, variant="mc")
        ordered: Rows = found[0][found[0] >= 0].astype(np.int64)
        return ordered if places is None else places[ordered]


def _selector(living: Mask) -> Any:
    return _faiss().IDSelectorBitmap(np.packbits(living, bitorder="little"))


def _one_thread() -> None:
    """Before one vector is searched for: FAISS spreads vectors over threads, and would start them all and
    wait for those that have nothing to do, which on a busy machine takes ten times the search."""
    _faiss().omp_set_num_threads(1)


def _faiss() -> Any:
    import faiss  # 0.05 s, and a keyword search needs none of it

    return faiss
