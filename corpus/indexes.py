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
from corpus.lexical import IndexBrokenError, Segmenter, Stamp, TantivyIndex
from corpus.rows import IndexRow
from corpus.segments import Batch, Rows
from corpus.vector_index import SegmentedIndex
from corpus.vectors import Encoder, LazyEncoder, from_blobs, to_blob

LEXICAL = "lexical"
VECTORS = "vectors"
WORDS = "words.txt"
#: The setting that says that words of what was deleted for good are still in the keyword index.
PURGE = "purge"
_BATCH = 512
#: So many vectors are in memory while the index is built.
_EMBEDDED_AT_ONCE = 32_768
#: Vectors are kept so often while they are computed.
_KEEP_EVERY_S = 10.0
#: Above so many passages writing the index anew takes longer than others should wait for.
_PURGE_AT = 20_000
#: Seconds after which indexes that could not be repaired, on a full disk for instance, are tried again.
_RETRY_S = 10.0
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
        self, directory: Path, catalogue: Catalogue, encoder: LazyEncoder, sweep: Callable[[], None]
    ) -> None:
        self._directory = directory
        self._catalogue = catalogue
        self._embeddings = Embeddings(catalogue)
        self.encoder = encoder
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

    def checked_encoder(self) -> Encoder:
        """The encoder that the vectors are of. Raises ``UserError`` where it is missing or another."""
        encoder = self.encoder.get()
        recorded = self._catalogue.setting("encoder")
        if recorded not in (None, encoder.name):
            raise UserError(
                f"资料库是用另一个向量模型（{recorded}）建立的，与现在的模型（{encoder.name}）不能混用。",
                "请改回原来的模型，或运行 python -m corpus rebuild 用现在的模型重新计算。",
            )
        return encoder

    # -- keeping them where the catalogue is -----------------------------------------------

    def stamp_now(self, made: str) -> Stamp:
        """The stamp of an index that reflects the catalogue as it is, made in such a way."""
        return Stamp(self._catalogue.store_id, self._catalogue.revision, made)

    def lagging(self) -> bool:
        """Whether an index reflects another state, or was made otherwise.

        A writer killed after it recorded the encoder and before its first source leaves the
        revision where it was.
        """
        if self.lexical.stamp() != self.stamp_now(self.lexical.made):
            return True
        recorded = self._catalogue.setting("encoder") or ""
        return self._given_up != self._catalogue.revision and self.vectors.stamp() != self.stamp_now(recorded)

    def follow(self, *, broken: Index | Literal[""] = "") -> None:
        """Repair the indexes where they lag and no writer is at work."""
        killed = self._directory / locks.WRITING
        wanted = broken or self.lagging() or killed.exists()
        if not wanted or time.monotonic() < self._not_before:
            return
        with self._repairing:
            try:
                with locks.lock(self._directory, 0), told_in_words():
                    self._sweep()  # of whoever was killed before the end
                    killed.unlink(missing_ok=True)
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
        stamp = self.stamp_now(self._catalogue.setting("encoder") or "")
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
            self._catalogue.set_setting("encoder", self.checked_encoder().name)
            stamp = self.stamp_now(self.checked_encoder().name)
        purge = bool(self._catalogue.setting(PURGE))
        gone = np.setdiff1d(present, wanted[:, 0])
        self.vectors.apply(stamp, gone, self._embedded(added, stamp.made, progress), purge=purge)

    def _embedded(self, added: Rows, encoder: str, progress: Progress | None) -> Iterator[Batch]:
        """The vectors of rows (each with its source), out of the cache or computed now."""
        for at in range(0, len(added), _EMBEDDED_AT_ONCE):
            rows = added[at : at + _EMBEDDED_AT_ONCE, 0].tolist()
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
        encoder = self.checked_encoder()
        # In the order of their keys, so that neighbours stand on one page of the file, and many kept
        # at once; but of a slow encoder's work little is lost when the program is killed.
        missing.sort()
        made: list[tuple[bytes, bytes]] = []
        until = time.monotonic() + _KEEP_EVERY_S
        for at in range(0, len(missing), _BATCH):
            batch = missing[at : at + _BATCH]
            blobs = to_blob(encoder.encode([text for _, text in batch], "passage"))
            made += zip((key for key, _ in batch), blobs, strict=True)
            if time.monotonic() > until:
                self._embeddings.add(encoder.name, made)
                made, until = [], time.monotonic() + _KEEP_EVERY_S
        self._embeddings.add(encoder.name, made)

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
