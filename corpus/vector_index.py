"""The vector index: segments (``segments``) and a ``manifest`` that says which of them count.

A change writes one new segment and then the manifest, which replaces the one before: all of it
or nothing, whenever the program is killed. What was deleted is a bit in the manifest until its
segment is written anew. Small segments are merged, those of ``_LARGEST`` vectors never, so that
one more document costs little however many are held.

Up to ``EXACT`` vectors are all compared with the question's. Above, those whose signs differ
least are, ``SHARE`` of them: measured at 1,000,000 by ``python -m eval bench``, and in every
large segment when it is written (``quality``).
"""

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import numpy as np

from corpus import manifest, segments
from corpus.disk import delete, identity
from corpus.manifest import MANIFEST
from corpus.segments import SHARE, Batch, Entry, Floats, Halves, Mask, Rows, Segment
from corpus.stamp import IndexBrokenError, Stamp

#: Up to so many vectors all are compared.
EXACT = 100_000
#: Above, ``SHARE`` of them are, and never fewer than ``_LEAST``, nor than ``_TIMES`` what is asked for.
_LEAST = 2_000
_TIMES = 40
#: Vectors of a segment at most: 100 MB at 384 dimensions.
_LARGEST = 131_072
#: A segment is written anew when so much of it is deleted.
_DEAD = 0.25
#: How often a manifest is read again whose segments are gone: a writer was faster.
_TRIES = 20

_SUFFIX = ".segment"


class OtherEncoderError(Exception):
    """The index holds the vectors of another encoder than the one that was asked for: nothing is compared."""


class Quality(NamedTuple):
    """How an index is searched, and the share (0–1) of the ten nearest that this finds at least.

    None where no part of it was large enough to be measured.
    """

    kind: Literal["exact", "signs"]
    recall: float | None


class VectorIndex(Protocol):
    """What the store asks of a vector index; another engine can stand behind it."""

    def stamp(self) -> Stamp | None:
        """What it reflects now, or None where there is nothing readable."""

    def readable(self) -> bool:
        """Whether it can be searched."""

    def quality(self) -> Quality:
        """How it is searched, and how many of the nearest that finds."""

    def rows(self) -> Rows:
        """The row numbers it holds, ascending."""

    def rows_of(self, sources: Sequence[int]) -> Rows:
        """Those of the passages of some sources, ascending."""

    def search(
        self,
        vector: Floats,
        k: int,
        allowed: Sequence[int] | Rows | None,
        *,
        exact: bool = False,
        made: str | None = None,
    ) -> list[tuple[int, float]]:
        """``(row, cosine)`` of the k nearest among the allowed rows (None: all), best first.

        With ``exact`` certainly so, however many there are. ``made`` is what the stamp must say
        that it was made with; raises ``OtherEncoderError`` where it was made with something else.
        """

    def vectors_at(self, rows: Sequence[int]) -> tuple[list[int], Floats]:
        """Those of the rows that it holds, and their vectors in the same order."""

    def apply(self, stamp: Stamp, removed: Rows, added: Iterable[Batch], *, purge: bool = False) -> None:
        """Forget and add rows, set the stamp; atomic. With ``purge`` nothing deleted stays on the disk."""

    def replace(self, stamp: Stamp, added: Iterable[Batch], commit: Callable[[], None]) -> None:
        """Hold these instead of what it holds, which is searched until all of them are there.

        ``commit`` is called at the last moment before.
        """

    def clear(self) -> None:
        """Forget everything."""

    def close(self) -> None:
        """Let go of its files."""


class _Part(NamedTuple):
    """A segment, and which of its vectors were deleted since (None: none)."""

    segment: Segment
    dead: Mask | None

    @property
    def living(self) -> int:
        return self.segment.entry.vectors - (0 if self.dead is None else int(self.dead.sum()))

    def where(self) -> Rows:
        """The places of what is not deleted, ascending."""
        return np.arange(self.segment.entry.vectors) if self.dead is None else np.flatnonzero(~self.dead)


class _State:
    """The index as one manifest tells it."""

    def __init__(self, file: tuple[int, int, int], stamp: Stamp, parts: list[_Part]) -> None:
        self.file = file
        self.stamp = stamp
        self.parts = parts
        self.count = sum(part.living for part in parts)

    @cached_property
    def living(self) -> list[Mask | None]:
        """For each segment what may be found in it."""
        return [None if part.dead is None else ~part.dead for part in self.parts]

    def among(self, allowed: Rows) -> list[Mask | None]:
        """As ``living``, of the allowed rows alone."""
        last = max((int(part.segment.rows[-1]) for part in self.parts), default=0)
        wanted = np.zeros(last + 1, np.bool_)
        wanted[allowed[allowed <= last]] = True
        masks = [wanted[part.segment.rows] for part in self.parts]
        return [
            mask if part.dead is None else mask & ~part.dead
            for mask, part in zip(masks, self.parts, strict=True)
        ]


class SegmentedIndex:
    """A ``VectorIndex`` in a folder. Only the holder of the store's lock writes."""

    def __init__(self, folder: Path, *, exact: int = EXACT, largest: int = _LARGEST) -> None:
        self._folder = folder
        self._told = folder / MANIFEST
        self._exact = exact
        self._largest = largest
        self._lock = threading.Lock()
        self._state: _State | None = None

    def close(self) -> None:
        """Let go of the files."""
        self._state = None

    def clear(self) -> None:
        """Delete the files."""
        self._state = None
        delete(self._folder / MANIFEST)
        self._sweep([])

    def stamp(self) -> Stamp | None:
        """See ``VectorIndex``. Reads the manifest alone, and only when it has changed."""
        with self._lock:
            state = self._state
            if state is not None and state.file == self._identity():
                return state.stamp
        try:
            found = manifest.read(self._folder)
        except IndexBrokenError:
            return None
        return found.stamp if found else None

    # -- reading ------------------------------------------------------------------------

    def _identity(self) -> tuple[int, int, int] | None:
        try:
            return identity(self._told.stat())
        except OSError:
            return None

    def _current(self) -> _State | None:
        """The index as it is on the disk now; None where there is none. Raises ``IndexBrokenError``."""
        with self._lock:
            if self._state is None or self._state.file != self._identity():
                self._state = self._opened(self._state)
            if self._state and any(part.segment.cut_short() for part in self._state.parts):
                self._state = None
                raise IndexBrokenError(str(self._folder))
            return self._state

    def _opened(self, before: _State | None) -> _State | None:
        for last in range(_TRIES - 1, -1, -1):
            found = manifest.read(self._folder)
            if found is None:
                return None
            try:
                return _State(found.file, found.stamp, self._parts(found.segments, before))
            except OSError as error:  # merged away since the manifest was read
                if not last or self._identity() == found.file:
                    raise IndexBrokenError(str(self._folder)) from error
        return None

    def _parts(self, told: list[tuple[Entry, Mask | None]], before: _State | None) -> list[_Part]:
        held = {part.segment.entry: part.segment for part in before.parts} if before else {}
        checked = sum(entry.vectors for entry, _ in told) <= self._exact
        parts = []
        for entry, dead in told:
            segment = held.get(entry)
            if segment is None:
                segment = Segment(self._folder, entry)
                # Where all is read at every question anyhow, one look at all of it is cheap.
                if checked and not segment.whole():
                    raise IndexBrokenError(entry.name)
            parts.append(_Part(segment, dead))
        return parts

    def readable(self) -> bool:
        """See ``VectorIndex``."""
        try:
            return self._current() is not None
        except IndexBrokenError:
            return False

    def whole(self) -> bool:
        """Whether every byte is as it was written. Reads all of it."""
        try:
            state = self._current()
        except IndexBrokenError:
            return False
        return state is not None and all(part.segment.whole() for part in state.parts)

    def quality(self) -> Quality:
        """See ``VectorIndex``. Measured when each segment was written."""
        state = self._current()
        if state is None or state.count <= self._exact:
            return Quality("exact", 1.0)
        measured = [(p.segment.recall, p.living) for p in state.parts if p.segment.recall is not None]
        whole = sum(living for _, living in measured)
        return Quality("signs", sum(recall * n for recall, n in measured) / whole if whole else None)

    def rows(self) -> Rows:
        """See ``VectorIndex``."""
        return np.sort(np.concatenate([np.zeros(0, np.int64), *(rows for rows, _ in self.held())]))

    def rows_of(self, sources: Sequence[int]) -> Rows:
        """See ``VectorIndex``."""
        state = self._current()
        wanted = np.asarray(sources, np.int64)
        found = [np.zeros(0, np.int64)]
        for part in state.parts if state else ():
            here = np.isin(part.segment.sources, wanted)
            found.append(part.segment.rows[here if part.dead is None else here & ~part.dead])
        return np.sort(np.concatenate(found))

    def held(self) -> Iterator[tuple[Rows, Halves]]:
        """Rows and vectors of what is not deleted, a segment at a time."""
        state = self._current()
        for part in state.parts if state else ():
            where = part.where()
            if part.dead is None:
                yield part.segment.rows, part.segment.halves
            elif len(where):
                yield part.segment.rows[where], part.segment.halves[where]

    def search(
        self,
        vector: Floats,
        k: int,
        allowed: Sequence[int] | Rows | None = None,
        *,
        exact: bool = False,
        made: str | None = None,
    ) -> list[tuple[int, float]]:
        """See ``VectorIndex``. Raises ``IndexBrokenError`` where its files are damaged."""
        state = self._current()
        if state and state.count and made is not None and state.stamp.made != made:
            raise OtherEncoderError(state.stamp.made)
        if state is None or k < 1 or (allowed is not None and not len(allowed)):
            return []
        living = state.living if allowed is None else state.among(np.asarray(allowed, np.int64))
        found: list[tuple[int, float]] = []
        for part, mask in zip(state.parts, living, strict=True):
            if mask is not None and not mask.any():
                continue
            rows, scores = self._one(part.segment, vector, k, mask, 0 if exact else state.count)
            if not np.isfinite(scores).all():
                raise IndexBrokenError(part.segment.entry.name)
            found += zip(rows.tolist(), scores.tolist(), strict=True)
        return sorted(found, key=lambda f: (-f[1], f[0]))[:k]

    def _one(
        self, segment: Segment, vector: Floats, k: int, mask: Mask | None, count: int
    ) -> tuple[Rows, Floats]:
        if vector.shape[0] != segment.dimensions:
            raise IndexBrokenError(segment.entry.name)
        if count <= self._exact:  # also where an exact answer was asked for
            return segment.nearest(vector, k, mask)
        candidates = max(_LEAST, int(count * SHARE), _TIMES * k) * segment.entry.vectors / count
        return segment.likely(vector, k, mask, max(k, int(candidates)))

    def vectors_at(self, rows: Sequence[int]) -> tuple[list[int], Floats]:
        """See ``VectorIndex``. Raises ``IndexBrokenError`` where its files are damaged."""
        state = self._current()
        asked = np.asarray(rows, np.int64)
        places, found = [np.zeros(0, np.int64)], []
        for part in state.parts if state else ():
            own = part.segment.rows
            at = np.minimum(np.searchsorted(own, asked), len(own) - 1)
            here = own[at] == asked
            if part.dead is not None:
                here &= ~part.dead[at]
            if here.any():
                places.append(np.flatnonzero(here))
                found.append(part.segment.halves[at[here]])
        if not found:
            return [], np.zeros((0, 0), np.float32)
        order = np.argsort(np.concatenate(places))
        held = asked[np.concatenate(places)[order]]
        return held.tolist(), np.concatenate(found)[order].astype(np.float32)

    # -- writing ------------------------------------------------------------------------

    def apply(self, stamp: Stamp, removed: Rows, added: Iterable[Batch], *, purge: bool = False) -> None:
        """See ``VectorIndex``. Searches that run meanwhile go on with what was."""
        self._folder.mkdir(parents=True, exist_ok=True)
        state = self._current()
        try:
            self._commit(stamp, self._changed(state, removed, added, purge=purge))
        except BaseException:
            self._sweep([part.segment.entry.name for part in (state.parts if state else [])])
            raise

    def replace(self, stamp: Stamp, added: Iterable[Batch], commit: Callable[[], None]) -> None:
        """See ``VectorIndex``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            state = self._current()
        except IndexBrokenError:
            state = None
        try:
            parts = self._changed(None, np.zeros(0, np.int64), added, purge=False)
            commit()
            self._commit(stamp, parts)
        except BaseException:
            self._sweep([part.segment.entry.name for part in (state.parts if state else [])])
            raise

    def _changed(
        self, state: _State | None, removed: Rows, added: Iterable[Batch], *, purge: bool
    ) -> list[_Part]:
        """The segments as they are to be, all of them on the disk."""
        parts = [self._without(part, removed, purge=purge) for part in (state.parts if state else [])]
        parts = [part for part in parts if part.living]
        for batch in self._sized(added):
            parts.append(_Part(self._written(batch), None))
            self._merge(parts)
        return parts

    def _without(self, part: _Part, removed: Rows, *, purge: bool) -> _Part:
        dead = part.dead
        if (gone := np.isin(part.segment.rows, removed)).any():
            dead = gone if dead is None else dead | gone
        changed = _Part(part.segment, dead)
        share = 1 - changed.living / part.segment.entry.vectors
        if not changed.living or not (share > _DEAD or (purge and share)):
            return changed
        return _Part(self._written(_batch(changed)), None)

    def _sized(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """What is added, in as few segments as may be."""
        waiting: list[Batch] = []
        for batch in batches:
            for at in range(0, len(batch.rows), self._largest):
                to = at + self._largest
                part = Batch(batch.rows[at:to], batch.sources[at:to], batch.vectors[at:to])
                if sum(len(b.rows) for b in waiting) + len(part.rows) > self._largest:
                    yield segments.joined(waiting)
                    waiting = []
                waiting.append(part)
        if waiting:
            yield segments.joined(waiting)

    def _merge(self, parts: list[_Part]) -> None:
        """Join the last segment with the one before as long as that is not twice as large."""
        while len(parts) > 1:
            before, last = parts[-2:]
            if before.living >= 2 * last.living or before.living + last.living > self._largest:
                return
            parts[-2:] = [_Part(self._written(segments.joined([_batch(before), _batch(last)])), None)]

    def _written(self, batch: Batch) -> Segment:
        # A name that was never used: who still reads a segment of that name must not take this for it.
        entry = segments.write(self._folder, f"{secrets.token_hex(8)}{_SUFFIX}", batch)
        return Segment(self._folder, entry)

    def _commit(self, stamp: Stamp, parts: list[_Part]) -> None:
        manifest.write(self._folder, stamp, [(part.segment.entry, part.dead) for part in parts])
        with self._lock:
            # What is open is opened no second time.
            now = self._identity()
            self._state = _State(now, stamp, parts) if now else None
        self._sweep([part.segment.entry.name for part in parts])

    def strays(self) -> list[Path]:
        """Files in its folder that the manifest does not name: left behind by a writer that was killed."""
        try:
            found = manifest.read(self._folder)
        except IndexBrokenError:
            return []
        named = {entry.name for entry, _ in found.segments} if found else set()
        return [path for path in _files(self._folder) if path.name not in {MANIFEST, *named}]

    def _sweep(self, used: Sequence[str]) -> None:
        for path in _files(self._folder):
            if path.name not in {MANIFEST, *used}:
                with suppress(OSError):  # Windows: another process still reads it
                    path.unlink()


def _batch(part: _Part) -> Batch:
    """What is not deleted of a segment, to be written into another."""
    where, segment = part.where(), part.segment
    return Batch(segment.rows[where], segment.sources[where], segment.halves[where])


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
