"""The two indexes, kept where the catalogue is, and searched.

Every search first looks whether they are where the catalogue is, and repairs what lags where no
writer is at work. An index that is broken is built anew, out of the catalogue.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from corpus import backup, locks
from corpus.backup import Progress
from corpus.catalogue import Catalogue
from corpus.disk import told_in_words
from corpus.embeddings import Embeddings
from corpus.errors import StoreError, UserError
from corpus.lexical import TantivyIndex
from corpus.rows import IndexRow
from corpus.segmenter import Segmenter
from corpus.segments import Batch, Rows
from corpus.stamp import IndexBrokenError, Stamp
from corpus.vector_index import OtherEncoderError, SegmentedIndex
from corpus.vectors import Encoder, Encoders, from_blobs

LEXICAL = "lexical"
VECTORS = "vectors"
WORDS = "words.txt"
#: The setting that says that words of what was deleted for good are still in the keyword index.
PURGE = "purge"
#: The setting that names the encoder of the vectors, and the one that tells where it can be loaded from.
ENCODER = "encoder"
PLACE = "encoder_at:"
#: So many vectors are in memory while the index is built.
_EMBEDDED_AT_ONCE = 32_768
#: Above so many passages writing the index anew takes longer than others should wait for.
_PURGE_AT = 20_000
#: Seconds after which indexes that could not be repaired, on a full disk for instance, are tried again.
_RETRY_S = 10.0
#: How often a search is tried again that another encoder's vectors came between.
_TRIES = 5
_NO_INDEX = "检索用的索引正在建立，或者坏了还没有修好，现在不能检索。"
_TRY_LATER = "请稍后再试；如果一直这样，请管理员运行 python -m corpus verify --repair。"

T = TypeVar("T")
Index = Literal["lexical", "vectors"]
_log = logging.getLogger(__name__)


class Indexes:
    """Both indexes of a store. Safe to share between threads.

    ``sweep`` deletes what a killed program left behind.
    """

    def __init__(
        self, directory: Path, catalogue: Catalogue, encoder: Encoder | str, sweep: Callable[[], None]
    ) -> None:
        self._directory = directory
        #: Stands there while somebody writes, and longer where that one was killed.
        self._killed = directory / locks.WRITING
        self._catalogue = catalogue
        self._embeddings = Embeddings(catalogue)
        self.encoders = Encoders(encoder, lambda name: catalogue.setting(PLACE + name))
        self._sweep = sweep
        self.segmenter = Segmenter(directory / WORDS)
        self.lexical = TantivyIndex(directory / LEXICAL, self.segmenter)
        self.vectors = SegmentedIndex(directory / VECTORS)
        self._repairing = threading.Lock()
        #: The revision at which the vectors could not be repaired: not tried again there.
        self._given_up = -1
        #: When, by the monotonic clock, indexes that could not be repaired may be tried again.
        self._not_before = 0.0
        #: What was in the way when that was last tried.
        self._hindrance: StoreError | None = None

    def close(self) -> None:
        """Let go of all files."""
        self.lexical.close()
        self.vectors.close()

    # -- searching ----------------------------------------------------------------------

    def searched(self, search: Callable[[], T], index: Index) -> T:
        """What a search finds; a damaged index is built again first, unless a writer is at it.

        Raises ``StoreError`` where there is none then: nothing found would be taken for nothing there.
        """
        try:
            if self._absent(index):
                raise self._no_index()
            return search()
        except IndexBrokenError:
            self.follow(broken=index)
        try:
            return search()
        except IndexBrokenError as error:
            raise self._no_index() from error

    def _no_index(self) -> StoreError:
        if self._hindrance is None:
            return StoreError(_NO_INDEX, _TRY_LATER)
        return StoreError(f"检索用的索引坏了，没有修好：{self._hindrance.message}", self._hindrance.hint)

    def _absent(self, index: Index) -> bool:
        """Whether there is no index where there should be one."""
        stamp = self.lexical.stamp() if index == "lexical" else self.vectors.stamp()
        return stamp is None and self._catalogue.counts().passages > 0

    # -- encoders -----------------------------------------------------------------------

    def recorded_encoder(self) -> Encoder:
        """The encoder that what is written is embedded with. Raises ``UserError`` where it is missing or another."""
        recorded = self._catalogue.setting(ENCODER)
        return self.encoders.named(recorded) if recorded else self.encoders.given()

    def adopt_encoder(self) -> None:
        """Record which encoder the vectors are of, where nothing is recorded yet. Raises as ``recorded_encoder``."""
        encoder = self.recorded_encoder()
        if self._catalogue.setting(ENCODER) is None:
            self._catalogue.set_setting(ENCODER, encoder.name)
        if self._catalogue.setting(PLACE + encoder.name) is None:
            place = self.encoders.place
            if place is not None and self.encoders.given() is encoder:
                self._catalogue.set_setting(PLACE + encoder.name, place)

    def usual_encoder(self) -> Encoder | str:
        """The store's encoder; the given one, where that is not to be had and was bundled or nobody knows where it was.

        Raises ``UserError`` where somebody's own is not to be had.
        """
        recorded = self._catalogue.setting(ENCODER)
        if recorded:
            try:
                return self.encoders.named(recorded)
            except UserError:
                if self._catalogue.setting(PLACE + recorded):
                    raise
        return self.encoders.choice

    @property
    def encoder_name(self) -> str:
        """The encoder of the vectors that are searched now; ``""`` before the first one."""
        stamp = self.vectors.stamp()
        return (stamp.made if stamp else "") or self._catalogue.setting(ENCODER) or ""

    def encoder(self) -> Encoder:
        """The encoder of the vectors that are searched now. Raises ``UserError`` as ``recorded_encoder``."""
        name = self.encoder_name
        return self.encoders.named(name) if name else self.encoders.given()

    def compared(self, search: Callable[[Encoder], T]) -> T:
        """What a search finds with the encoder of the vectors; again, where they are replaced meanwhile.

        It must say which encoder it means, see ``VectorIndex.search``. Raises as ``searched``.
        """
        self.follow()
        for _ in range(_TRIES):
            encoder = self.encoder()
            try:
                return self.searched(lambda of=encoder: search(of), "vectors")  # type: ignore[misc]
            except OtherEncoderError:
                continue
        raise self._no_index()

    # -- keeping them where the catalogue is -----------------------------------------------

    def stamp_now(self, made: str) -> Stamp:
        """The stamp of an index that reflects the catalogue as it is, made in such a way."""
        return Stamp(self._catalogue.store_id, self._catalogue.revision, made)

    def lagging(self) -> bool:
        """Whether an index reflects another state, or was made otherwise.

        A writer killed after it recorded the encoder and before its first source leaves the
        revision where it was.
        """
        stamp = self.stamp_now(self.lexical.made)
        if self.lexical.stamp() != stamp:
            return True
        recorded = self._catalogue.setting(ENCODER) or ""
        return self._given_up != stamp.revision and self.vectors.stamp() != stamp._replace(made=recorded)

    def follow(self, *, broken: Index | Literal[""] = "") -> None:
        """Repair the indexes where they lag and no writer is at work."""
        wanted = broken or self.lagging() or self._killed.exists()
        if not wanted or time.monotonic() < self._not_before:
            return
        with self._repairing:
            try:
                with locks.lock(self._directory, 0), told_in_words():
                    self._sweep()  # of whoever was killed before the end
                    self._killed.unlink(missing_ok=True)
                    if broken == "vectors":
                        self.vectors.clear()
                    self.bring_up_to_date(anew=broken == "lexical")
                self._hindrance = None
            except locks.Timeout:
                return  # the writer brings them up to date when it is done
            except StoreError as error:  # a full disk, for instance: what there is answers, as far as it goes
                _log.warning("indexes not repaired: %s", error)
                self._not_before, self._hindrance = time.monotonic() + _RETRY_S, error
            except UserError:
                # No encoder, or another: the keywords follow, a vector search will say why.
                self._given_up = self._catalogue.revision

    def bring_up_to_date(self, *, anew: bool = False) -> None:
        """Both indexes to the catalogue's revision, and nothing left of what was deleted. Holds the lock.

        With ``anew``, the keyword index from nothing.
        """
        purge = bool(self._catalogue.setting(PURGE)) and self._catalogue.counts().passages <= _PURGE_AT
        self.bring_lexical(anew=anew or purge)
        self.bring_vectors()
        # Deleted text would otherwise stay readable in the journal. A backup empties it when it is done.
        self._catalogue.checkpoint(wait=not self.backing_up())

    def bring_lexical(self, *, anew: bool = False, progress: Progress | None = None) -> None:
        """Bring the keyword index to the catalogue's revision. Holds the lock."""
        stamp = self.stamp_now(self.lexical.made)
        held = None if anew else self.lexical.stamp()
        if held == stamp:
            return
        if held is None or held.store != stamp.store or held.revision > stamp.revision:
            rows = self._catalogue.index_rows()
            self.lexical.apply(
                stamp, None, _told(rows, progress, "建立关键词索引", self._catalogue.counts().passages)
            )
            self._catalogue.set_setting(PURGE, "")
            return
        changed = self._catalogue.changed_since(held.revision)
        try:
            self.lexical.apply(stamp, changed, self._catalogue.index_rows(changed))
        except IndexBrokenError:
            self.lexical.apply(stamp, None, self._catalogue.index_rows())

    def bring_vectors(self, progress: Progress | None = None) -> None:
        """Bring the vector index to the catalogue's revision. Holds the lock.

        Row numbers are never reused, so of the sources that changed since, the difference of two
        sets of them is the repair.
        """
        stamp = self.stamp_now(self._catalogue.setting(ENCODER) or "")
        held = self.vectors.stamp() if self.vectors.readable() else None
        if held == stamp:
            return
        changed: list[int] | None = None
        if held is None or held._replace(revision=0) != stamp._replace(revision=0):
            self.vectors.clear()
        elif held.revision <= stamp.revision:
            changed = self._catalogue.changed_since(held.revision)
        pairs = self._catalogue.rows_and_sources(changed)
        wanted = np.asarray(pairs, np.int64).reshape(-1, 2)
        present = self.vectors.rows() if changed is None else self.vectors.rows_of(changed)
        added = wanted[~np.isin(wanted[:, 0], present)]
        if len(added) and not stamp.made:
            self.adopt_encoder()
            stamp = self.stamp_now(self.recorded_encoder().name)
        purge = bool(self._catalogue.setting(PURGE))
        gone = np.setdiff1d(present, wanted[:, 0])
        self.vectors.apply(stamp, gone, self.embedded(added, stamp.made, progress), purge=purge)

    def renew_vectors(self, progress: Progress | None) -> None:
        """Build the vector index anew of the vectors that it should hold. Holds the lock."""
        if self._catalogue.counts().passages:
            self.adopt_encoder()
        self.replace_vectors(self._catalogue.setting(ENCODER) or "", lambda: None, progress)

    def replace_vectors(self, encoder: str, commit: Callable[[], None], progress: Progress | None) -> None:
        """Build the vector index anew of an encoder's vectors, while what there is is searched. Holds the lock.

        ``commit`` is called when they are on the disk, before they count.
        """
        rows = np.asarray(self._catalogue.rows_and_sources(), np.int64).reshape(-1, 2)
        self.vectors.replace(self.stamp_now(encoder), self.embedded(rows, encoder, progress), commit)

    def embedded(self, added: Rows, encoder: str, progress: Progress | None) -> Iterator[Batch]:
        """The vectors of rows (each with its source), out of the cache or computed now.

        Only those of the recorded encoder are computed.
        """
        for at in range(0, len(added), _EMBEDDED_AT_ONCE):
            rows = added[at : at + _EMBEDDED_AT_ONCE, 0].tolist()
            if encoder == self._catalogue.setting(ENCODER):
                self._embed_missing(rows, encoder)
            vectors = dict(self._embeddings.of(encoder, rows))
            here = np.asarray([row in vectors for row in rows], np.bool_)
            found = added[at : at + _EMBEDDED_AT_ONCE][here]
            if len(found):
                yield Batch(found[:, 0], found[:, 1], from_blobs([vectors[r] for r in rows if r in vectors]))
            if progress:
                progress("计算向量", at + len(rows), len(added))

    def _embed_missing(self, rows: Sequence[int], recorded: str) -> None:
        missing = self._embeddings.missing(recorded, rows)
        if not missing:
            return  # all of it is in the cache: no encoder is needed
        for _ in self._embeddings.compute(self.recorded_encoder(), missing):
            pass

    def backing_up(self) -> bool:
        """Whether a backup is under way, in any process."""
        if not (self._directory / backup.HELD).exists():
            return False
        try:
            with locks.lock(self._directory, 0, locks.BACKUP):
                return False
        except locks.Timeout:
            return True


def _told(rows: Iterable[IndexRow], progress: Progress | None, stage: str, total: int) -> Iterator[IndexRow]:
    for done, row in enumerate(rows, 1):
        yield row
        if progress and (done % 500 == 0 or done == total):
            progress(stage, done, total)
