"""The store: the one door to the corpus. Nothing outside ``corpus`` looks behind it.

SQLite is the truth (``catalogue``); the two indexes follow it. Every search first looks
whether they are where the catalogue is, and repairs what lags where no writer is at work;
what an index finds is joined with the catalogue, so what was deleted never comes back.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from filelock import FileLock, Timeout

from corpus import backup, verification
from corpus.accounts.keys import Keys
from corpus.accounts.people import People
from corpus.backup import Progress
from corpus.catalogue import EVERYTHING, Catalogue, Counts, IndexRow, now
from corpus.disk import told_in_words
from corpus.errors import StoreError, UserError
from corpus.lexical import OWN_WORDS, IndexBrokenError, Segmenter, Stamp, TantivyIndex, weight
from corpus.records.question_log import QuestionLog
from corpus.records.reviews import Reviews
from corpus.records.trail import Trail
from corpus.segments import Batch, Rows
from corpus.settings import CorpusSettings
from corpus.table.holdings import Holdings
from corpus.types import (
    Article,
    Failure,
    Filters,
    Hit,
    Passage,
    ReviewEvidence,
    ReviewItem,
    ReviewLabel,
    ReviewReason,
    Source,
)
from corpus.vector_index import SegmentedIndex
from corpus.vectors import Encoder, Floats, LazyEncoder, Prompt, StaticEncoder, from_blobs, to_blob
from corpus.versions import collation
from corpus.versions.archive import Archive
from corpus.versions.links import Links
from corpus.versions.reprints import Reprints

__all__ = ["Counts", "Encoder", "Progress", "Store", "Writer"]

_CATALOGUE = "catalogue.sqlite"
_LOCK = "writer.lock"
_TURN = "turn.lock"
#: Stands there while somebody writes; longer, where that one was killed.
_WRITING = "writing.mark"
_BACKUP_LOCK = "backup.lock"
_ORIGINALS = "originals"
_LEXICAL = "lexical"
_VECTORS = "vectors"
_WORDS = "words.txt"
_BATCH = 512
#: So many vectors are in memory while the index is built.
_EMBEDDED_AT_ONCE = 32_768
#: Vectors are kept so often while they are computed.
_KEEP_EVERY_S = 10.0
#: Filters whose passages are remembered until the store changes.
_REMEMBERED = 32
_SYNCS = 16
#: The setting that says that words of what was deleted for good are still in the keyword index.
_PURGE = "purge"
#: Above so many passages writing the index anew takes longer than others should wait for.
_PURGE_AT = 20_000
#: A writer brings the indexes up to date whenever so many passages wait for them, and a quarter of all.
_FLUSH_AT = 20_000

#: Seconds after which indexes that could not be repaired, on a full disk for instance, are tried again.
_RETRY_S = 10.0
_NO_INDEX = "检索用的索引正在建立，或者坏了还没有修好，现在不能检索。"
_TRY_LATER = "请稍后再试；如果一直这样，请管理员运行 python -m corpus verify --repair。"

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Store:
    """A corpus in a folder; a context manager. Safe to share between threads."""

    def __init__(self, directory: Path, encoder: Encoder | str | None) -> None:
        """Use ``Store.open``."""
        self.directory = directory
        self._catalogue = Catalogue(directory / _CATALOGUE)
        self._reviews = Reviews(self._catalogue)
        self._reprints = Reprints(self._catalogue)
        #: Withdrawn sources and old versions.
        self.archive = Archive(self._catalogue)
        #: What people said of pairs of documents: which amends, repeals or replaces which.
        self.links = Links(self._catalogue)
        #: The table of all that is held, sorted and filtered.
        self.holdings = Holdings(self._catalogue, self.archive, self.links)
        #: The audit log: who changed what, and whether anybody tampered with what is written there.
        self.trail = Trail(self._catalogue)
        self.asked = QuestionLog(self._catalogue)
        #: Who may sign in, and what each may do.
        self.people = People(self._catalogue)
        #: What programs show instead.
        self.keys = Keys(self._catalogue)
        self._segmenter = Segmenter(directory / _WORDS)
        self._lexical = TantivyIndex(directory / _LEXICAL, self._segmenter)
        self._vectors = SegmentedIndex(directory / _VECTORS)
        self._encoder = LazyEncoder(encoder or CorpusSettings().encoder)
        self._cache: dict[str, tuple[int, Any]] = {}
        self._allowed: dict[Filters, tuple[int, Rows]] = {}
        self._repairing = threading.Lock()
        #: Set when the program is to end: writers stop at the next document's border, no more begin.
        self.stopping = threading.Event()
        self._writers = 0
        self._no_writer = threading.Condition()
        #: The revision at which the vectors could not be repaired: not tried again there.
        self._given_up = -1
        #: When, by the monotonic clock, indexes that could not be repaired may be tried again.
        self._not_before = 0.0
        #: What was in the way when that was last tried.
        self._hindrance: StoreError | None = None

    @classmethod
    def exists(cls, directory: Path) -> bool:
        """Whether there is a store in the folder."""
        return (directory / _CATALOGUE).is_file()

    @classmethod
    def open(cls, directory: Path, *, encoder: Encoder | str | None = None) -> "Store":
        """Open the store in a folder, or make one there.

        Indexes that lag are repaired unless a writer is at work. The encoder (default: the
        bundled one) is loaded when the first vector is needed. Raises ``UserError`` where
        the folder holds something else, or a store this program cannot read.
        """
        directory = Path(directory)
        if not cls.exists(directory):
            _prepare(directory)
            with _exclusive(directory, 30):  # two programs may want to make it at once
                Catalogue(directory / _CATALOGUE).close()
        store = cls(directory, encoder)
        store._follow()
        return store

    def close(self) -> None:
        """Let go of all files."""
        self._lexical.close()
        self._vectors.close()
        self._catalogue.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Load now what the first question would: dictionary, indexes, encoder.

        Raises ``UserError`` where the encoder is missing or is not the store's.
        """
        self._segmenter.load()
        self.search_vector("工会", 1)

    # -- reading ------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        """How often the content has changed, by any process."""
        return self._catalogue.revision

    def digest(self) -> str:
        """A fingerprint of the articles' ids and texts: the same for two stores that hold the same."""
        return self._per_revision("digest", lambda: [self._catalogue.digest()])[0]

    def snapshot(self) -> AbstractContextManager[None]:
        """What is read inside by this thread is all of one moment. Meant for moments, not for minutes."""
        return self._catalogue.snapshot()

    @property
    def encoder_name(self) -> str:
        """The encoder that the vectors are of; ``""`` before the first one."""
        return self._catalogue.setting("encoder") or ""

    def sources(self) -> list[Source]:
        """All sources, oldest first."""
        return self._catalogue.sources()

    def source(self, source_id: str) -> Source | None:
        """One source, or None."""
        return self._catalogue.source(source_id)

    def source_at(self, origin: str) -> Source | None:
        """The live source that was read from a place (``Source.origin``), or None."""
        held = self._catalogue.known(origin, "", "")
        return self.source(held[0]) if held else None

    def articles(self, source_id: str | None = None) -> list[Article]:
        """The articles of one source or of all, ordered by place."""
        return self._catalogue.articles(source_id)

    def article(self, article_id: str) -> Article | None:
        """One article, or None."""
        return self._catalogue.article(article_id)

    def reprints(self, article_ids: Sequence[str]) -> dict[str, list[Article]]:
        """Article id → itself and its reprints, the copy that answers first; only of those that have any.

        Reprints are one document that came several times; versions of a rule are not.
        """
        return self._reprints.of(article_ids)

    def copies(self, article: Article) -> list[Article]:
        """Held articles that are one document with an article that need not be held, the nearest first."""
        return self._reprints.copies(article)

    def reprint_notes(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Article id → a Chinese sentence on its reprints, for lists; only of those that have any."""
        return self._reprints.notes(article_ids)

    def resembling(self, article: Article) -> list[tuple[str, float]]:
        """``(article id, share of common text, 0–1)`` of what resembles an article, held or not, the nearest first."""
        return self._reprints.resembling(article)

    def resemblance(self, one: str, other: str) -> float:
        """The share of common text of two articles, 0–1, estimated; 0 where a text is short."""
        return self._reprints.between(one, other)

    def counterpart(self, text: str, article_id: str) -> Passage | None:
        """The passage of an article that says what a passage of a reprint of it says; None where none does."""
        return collation.counterpart(text, self.passages(article_id))

    def passages(self, article_id: str) -> list[Passage]:
        """The passages of an article, in order."""
        return self._catalogue.passages(article_id)

    def passage(self, passage_id: str) -> Passage | None:
        """One passage, or None."""
        return self._catalogue.passage(passage_id)

    def original(self, source_id: str) -> bytes:
        """The file as it was received: of a source, or of a version in the archive ("v12").

        Raises ``KeyError`` for what is not held; a withdrawn source is held as a version. Raises
        ``StoreError`` where the file is gone.
        """
        version = self.archive.version(source_id) if source_id.startswith("v") else None
        source = version.source if version else self.source(source_id)
        if source is None:
            raise KeyError(source_id)
        try:
            return self._original_path(source.sha256).read_bytes()
        except OSError as error:
            raise StoreError(
                f"{source.name} 的原件不见了，或者读不出来。", "请从备份恢复，或重新加入这份文件。"
            ) from error

    def original_path(self, source_id: str) -> Path:
        """Where the file of a live source lies. Raises ``KeyError`` for what is not live."""
        source = self.source(source_id)
        if source is None:
            raise KeyError(source_id)
        return self._original_path(source.sha256)

    def failures(self) -> list[Failure]:
        """The files that could not be read and have not been since, oldest first."""
        return self._catalogue.failures()

    def failure(self, *, sha256: str, program: str) -> str:
        """Why these bytes could not be read by that program; ``""`` where it never tried."""
        return self._catalogue.failure(sha256, program)

    def counts(self) -> Counts:
        """How many sources, articles and passages there are."""
        return self._catalogue.counts()

    def issuers(self) -> list[str]:
        """Every issuer, most frequent first."""
        return self._per_revision("issuers", self._catalogue.issuers)

    def regions(self) -> list[str]:
        """Every region, most frequent first."""
        return self._per_revision("regions", self._catalogue.regions)

    def titles(self) -> list[tuple[str, str]]:
        """``(article id, title)`` of every article with a title, ordered by place."""
        return self._per_revision("titles", self._catalogue.titles)

    def numbers(self) -> list[tuple[str, str]]:
        """``(article id, 文号)`` of every article that has one, ordered by place."""
        return self._per_revision("numbers", self._catalogue.numbers)

    def replacements(self) -> list[tuple[str, tuple[str, ...]]]:
        """``(article id, titles and numbers it replaces)`` of every article that replaces any."""
        return self._per_revision("replacements", self._catalogue.replacements)

    def _per_revision(self, name: str, read: Callable[[], list[T]]) -> list[T]:
        revision = self.revision
        held = self._cache.get(name)
        if held is None or held[0] != revision:
            held = (revision, read())
            self._cache[name] = held
        return list(held[1])

    def words(self, text: str) -> list[str]:
        """The words of a text as the index cuts it: folded, long words also in their parts."""
        return self._segmenter.words(text)

    # -- retrieval ------------------------------------------------------------------------

    def search_lexical(
        self, text: str, k: int = 100, filters: Filters = EVERYTHING
    ) -> list[tuple[str, float]]:
        """``(passage id, BM25 score)`` of the k best passages that pass the filters.

        Raises ``StoreError`` where the index is broken or absent and cannot be built now.
        """
        self._follow()
        return self._still_held(self._searched(lambda: self._lexical.search(text, k, filters), "lexical"))

    def search_vector(
        self, text: str, k: int = 100, filters: Filters = EVERYTHING, *, exact: bool = False
    ) -> list[tuple[str, float]]:
        """``(passage id, cosine)`` of the k nearest passages that pass the filters.

        Where many passages are held a near one may be missed (``vector_index``); with ``exact`` none is.
        Raises ``UserError`` where the store was filled with another encoder, and as ``search_lexical``.
        """
        self._follow()
        vector = self.encode([text], prompt="query")[0]
        allowed = self._passing(filters) if filters else None
        return self._still_held(
            self._searched(lambda: self._vectors.search(vector, k, allowed, exact=exact), "vectors")
        )

    def _passing(self, filters: Filters) -> Rows:
        """The rows of the passages that pass some filters, remembered for the next question with them."""
        revision = self.revision
        held = self._allowed.get(filters)
        if held is None or held[0] != revision:
            if len(self._allowed) >= _REMEMBERED:
                self._allowed.clear()
            held = self._allowed[filters] = revision, np.asarray(self._catalogue.rows(filters), np.int64)
        return held[1]

    def texts(self, passage_ids: Sequence[str]) -> dict[str, tuple[str, str, str]]:
        """``(title of the article, label, text)`` of those of the passages that are held.

        A sixth of what ``hits`` costs, for those who look at many and keep few.
        """
        return self._catalogue.texts_of(passage_ids)

    def vectors_of(self, passage_ids: Sequence[str]) -> tuple[list[str], Floats]:
        """Those of the passages that are held, and their vectors: float32 ``(n, d)``, rows of length 1."""
        rows = self._catalogue.rows_of(passage_ids)
        self._follow()
        held, vectors = self._searched(lambda: self._vectors.vectors_at(list(rows)), "vectors")
        return [rows[row] for row in held], vectors

    def _searched(self, search: Callable[[], T], index: Literal["lexical", "vectors"]) -> T:
        """What a search finds; a damaged index is built again first, unless a writer is at it.

        Raises ``StoreError`` where there is none then: nothing found would be taken for nothing there.
        """
        try:
            if self._absent(index):
                raise self._no_index()
            return search()
        except IndexBrokenError:
            self._follow(broken=index)
        try:
            return search()
        except IndexBrokenError as error:
            raise self._no_index() from error

    def _no_index(self) -> StoreError:
        if self._hindrance is None:
            return StoreError(_NO_INDEX, _TRY_LATER)
        return StoreError(f"检索用的索引坏了，没有修好：{self._hindrance.message}", self._hindrance.hint)

    def _absent(self, index: Literal["lexical", "vectors"]) -> bool:
        """Whether there is no index where there should be one."""
        stamp = self._lexical.stamp() if index == "lexical" else self._vectors.stamp()
        return stamp is None and self.counts().passages > 0

    def _still_held(self, found: Sequence[tuple[int, float]]) -> list[tuple[str, float]]:
        ids = self._catalogue.ids_of([row for row, _ in found])
        return [(ids[row], score) for row, score in found if row in ids]

    def hits(self, ranked: Sequence[tuple[str, float, dict[str, int]]]) -> list[Hit]:
        """Hits out of ``(passage id, fused score, rank per leg)``, in that order.

        What was deleted meanwhile is left out.
        """
        joined = self._catalogue.joined(passage_id for passage_id, _, _ in ranked)
        return [
            Hit(
                passage=joined[id_].passage,
                article=joined[id_].article,
                source=joined[id_].source,
                score=score,
                ranks=dict(ranks),
            )
            for id_, score, ranks in ranked
            if id_ in joined
        ]

    def encode(self, texts: Sequence[str], *, prompt: Prompt = "passage") -> Floats:
        """float32 ``(n, d)``, rows of length 1. Raises ``UserError`` as ``search_vector``."""
        return self._checked_encoder().encode(texts, prompt)

    def learned(self, questions: Sequence[str]) -> list[bool]:
        """Whether the encoder was trained on each of the questions, as far as its folder tells.

        What is measured on such questions says nothing of others. Raises ``UserError`` as ``search_vector``.
        """
        encoder = self._checked_encoder()
        return encoder.learned(questions) if isinstance(encoder, StaticEncoder) else [False] * len(questions)

    def word_weights(self, words: Sequence[str]) -> dict[str, float]:
        """Each word's rarity among the passages: BM25's idf, > 0, greatest where unknown."""
        self._follow()
        total, counts = self._searched(lambda: self._lexical.frequencies(words), "lexical")
        return {w: weight(total, n) for w, n in zip(words, counts, strict=True)}

    def _checked_encoder(self) -> Encoder:
        encoder = self._encoder.get()
        recorded = self._catalogue.setting("encoder")
        if recorded not in (None, encoder.name):
            raise UserError(
                f"资料库是用另一个向量模型（{recorded}）建立的，与现在的模型（{encoder.name}）不能混用。",
                "请改回原来的模型，或运行 python -m corpus rebuild 用现在的模型重新计算。",
            )
        return encoder

    # -- keeping the indexes where the catalogue is ------------------------------------------

    def _stamp(self, made: str) -> Stamp:
        return Stamp(self._catalogue.store_id, self.revision, made)

    @property
    def lagging(self) -> bool:
        """Whether an index reflects an earlier state: only while somebody writes, or an index is broken."""
        return self._lagging()

    def _lagging(self) -> bool:
        """Whether an index reflects another state, or was made otherwise: a writer killed after it
        recorded the encoder and before its first source leaves the revision where it was."""
        if self._lexical.stamp() != self._stamp(self._lexical.made):
            return True
        recorded = self._catalogue.setting("encoder") or ""
        return self._given_up != self.revision and self._vectors.stamp() != self._stamp(recorded)

    def _follow(self, *, broken: Literal["lexical", "vectors", ""] = "") -> None:
        """Repair the indexes where they lag and no writer is at work."""
        killed = self.directory / _WRITING
        wanted = broken or self._lagging() or killed.exists()
        if not wanted or time.monotonic() < self._not_before:
            return
        with self._repairing:
            try:
                with _lock(self.directory, 0), told_in_words():
                    verification.sweep(self)  # of whoever was killed before the end
                    killed.unlink(missing_ok=True)
                    if broken == "vectors":
                        self._vectors.clear()
                    self._bring_up_to_date(anew=broken == "lexical")
                self._hindrance = None
            except Timeout:
                return  # the writer brings them up to date when it is done
            except StoreError as error:  # a full disk, for instance: what there is answers, as far as it goes
                _log.warning("indexes not repaired: %s", error)
                self._not_before, self._hindrance = time.monotonic() + _RETRY_S, error
            except UserError:
                # No encoder, or another: the keywords follow, a vector search will say why.
                self._given_up = self.revision

    def _bring_up_to_date(self, *, anew: bool = False) -> None:
        """Both indexes to the catalogue's revision, and nothing left of what was deleted. Holds the lock.

        With ``anew``, the keyword index from nothing.
        """
        purge = bool(self._catalogue.setting(_PURGE)) and self.counts().passages <= _PURGE_AT
        self._bring_lexical(anew=anew or purge)
        self._bring_vectors()
        # Deleted text would otherwise stay readable in the journal. A backup empties it when it is done.
        self._catalogue.checkpoint(wait=not self._backing_up())

    def _bring_lexical(self, *, anew: bool = False, progress: Progress | None = None) -> None:
        """Bring the keyword index to the catalogue's revision. Holds the lock."""
        stamp = self._stamp(self._lexical.made)
        held = None if anew else self._lexical.stamp()
        if held == stamp:
            return
        if held is None or held.store != stamp.store or held.revision > stamp.revision:
            rows = self._catalogue.index_rows()
            self._lexical.apply(stamp, None, _told(rows, progress, "建立关键词索引", self.counts().passages))
            self._catalogue.set_setting(_PURGE, "")
            return
        changed = self._catalogue.changed_since(held.revision)
        try:
            self._lexical.apply(stamp, changed, self._catalogue.index_rows(changed))
        except IndexBrokenError:
            self._lexical.apply(stamp, None, self._catalogue.index_rows())

    def _bring_vectors(self, progress: Progress | None = None) -> None:
        """Bring the vector index to the catalogue's revision. Holds the lock.

        Row numbers are never reused, so of the sources that changed since, the difference of two
        sets of them is the repair.
        """
        stamp = self._stamp(self._catalogue.setting("encoder") or "")
        held = self._vectors.stamp() if self._vectors.readable() else None
        if held == stamp:
            return
        changed: list[int] | None = None
        if held is None or held._replace(revision=0) != stamp._replace(revision=0):
            self._vectors.clear()
        elif held.revision <= stamp.revision:
            changed = self._catalogue.changed_since(held.revision)
        pairs = self._catalogue.rows_and_sources(changed)
        wanted = np.asarray(pairs, np.int64).reshape(-1, 2)
        present = self._vectors.rows() if changed is None else self._vectors.rows_of(changed)
        added = wanted[~np.isin(wanted[:, 0], present)]
        if len(added) and not stamp.made:
            self._catalogue.set_setting("encoder", self._checked_encoder().name)
            stamp = self._stamp(self._checked_encoder().name)
        purge = bool(self._catalogue.setting(_PURGE))
        gone = np.setdiff1d(present, wanted[:, 0])
        self._vectors.apply(stamp, gone, self._embedded(added, stamp.made, progress), purge=purge)

    def _embedded(self, added: Rows, encoder: str, progress: Progress | None) -> Iterator[Batch]:
        """The vectors of rows (each with its source), out of the cache or computed now."""
        for at in range(0, len(added), _EMBEDDED_AT_ONCE):
            rows = added[at : at + _EMBEDDED_AT_ONCE, 0].tolist()
            self._embed_missing(rows, encoder)
            vectors = dict(self._catalogue.embeddings(encoder, rows))
            here = np.asarray([row in vectors for row in rows], np.bool_)
            found = added[at : at + _EMBEDDED_AT_ONCE][here]
            if len(found):
                yield Batch(found[:, 0], found[:, 1], from_blobs([vectors[r] for r in rows if r in vectors]))
            if progress:
                progress("计算向量", at + len(rows), len(added))

    def _embed_missing(self, rows: Sequence[int], recorded: str) -> None:
        missing = self._catalogue.missing_embeddings(recorded, rows)
        if not missing:
            return  # all of it is in the cache: no encoder is needed
        encoder = self._checked_encoder()
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
                self._catalogue.add_embeddings(encoder.name, made)
                made, until = [], time.monotonic() + _KEEP_EVERY_S
        self._catalogue.add_embeddings(encoder.name, made)

    # -- writing ----------------------------------------------------------------------------

    @contextmanager
    def writing(self, *, wait_s: float = 30, who: str = "") -> Iterator["Writer"]:
        """The right to write, for one at a time; the indexes follow when it is given back.

        ``who`` stands in the audit log. Raises ``UserError`` where another writer still
        holds the right after ``wait_s`` seconds, or this program is about to end.
        """
        if self.stopping.is_set():
            raise UserError("程序正在停止，没有写入。", "请等它重新启动后再试。")
        with self._at_work(), _exclusive(self.directory, wait_s):
            # Only then did whoever was killed leave anything: to look costs a walk over all originals.
            if (self.directory / _WRITING).exists() or (self.directory / backup.HELD).exists():
                verification.sweep(self)
            with told_in_words():
                (self.directory / _WRITING).touch()
            writer, before = Writer(self, who), self.revision
            yield writer
            try:
                writer.flush()
            except StoreError as error:
                if self.revision == before:
                    raise
                kept = "内容已经保存，但检索用的索引还没有更新："
                raise StoreError(f"{kept}{error.message}", f"{error.hint}之后会自动更新。") from error
            (self.directory / _WRITING).unlink(missing_ok=True)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._no_writer:
            self._writers += 1
        try:
            yield
        finally:
            with self._no_writer:
                self._writers -= 1
                self._no_writer.notify_all()

    @property
    def written_to(self) -> bool:
        """Whether a writer of this program is at work, or waits for its turn."""
        return self._writers > 0

    def wait_for_writers(self, seconds: float) -> bool:
        """Wait until no writer of this program is at work; whether that came to be in time."""
        with self._no_writer:
            return self._no_writer.wait_for(lambda: not self._writers, seconds)

    def _original_path(self, digest: str) -> Path:
        return self.directory / _ORIGINALS / digest[:2] / digest

    # -- care ---------------------------------------------------------------------------------

    def verify(self) -> list[str]:
        """What is wrong with the store, a Chinese sentence each; empty where nothing is.

        Nobody has to wait, unless something looks wrong: then it is looked at again while no
        writer is at work. Raises ``UserError`` where one stays at work for half a minute.
        """
        self._follow()
        if not verification.problems(self):
            return []
        with _exclusive(self.directory, 30), told_in_words():
            self._bring_up_to_date()
            return [problem.message for problem in verification.problems(self)]

    def repair(self, *, who: str = "") -> verification.Repair:
        """Put right whatever can be derived; what was done, and what is still wrong.

        Raises ``UserError`` as ``verify``.
        """
        with _exclusive(self.directory, 30), told_in_words():
            done = verification.repair(self, verification.problems(self))
            if done:
                self.log(who=who, action="修复", detail="".join(done))
            return verification.Repair(done, [p.message for p in verification.problems(self)])

    def rebuild(self, progress: Progress | None = None) -> None:
        """Build both indexes anew; with another encoder than before, embed all again.

        Articles from before there were reprints are compared then, too.
        """
        with _exclusive(self.directory, 30), told_in_words():
            encoder = self._encoder.get()
            if self._catalogue.setting("encoder") not in (None, encoder.name):
                self._catalogue.forget_other_encoders(encoder.name)
                self._catalogue.set_setting("encoder", encoder.name)
            self._reprints.catch_up()
            self._bring_lexical(anew=True, progress=progress)
            self._vectors.clear()
            self._bring_vectors(progress)
            verification.sweep(self)

    def backup(self, target: Path, *, progress: Progress | None = None, who: str = "") -> None:
        """Write the whole store as it is at this moment into one file, and check what was written.

        Neither questions nor writers wait for it. Raises ``UserError`` where the file exists
        already or cannot be written, or another backup is under way.
        """
        try:
            held = _lock(self.directory, 0, _BACKUP_LOCK)
        except Timeout:
            raise UserError("另一个备份正在进行。", "请等它结束后再试。") from None
        with held:
            stamps = {
                name: stamp._asdict() if stamp else None
                for name, stamp in (("lexical", self._lexical.stamp()), ("vectors", self._vectors.stamp()))
            }
            made = backup.write(self.directory, self._catalogue, Path(target), stamps, progress)
        self._catalogue.checkpoint()  # which had to wait for the snapshot
        told = f"{made['counts']['sources']} 个来源文件，共 {len(made['members'])} 个文件"
        self._catalogue.log(who, "备份", Path(target).name, after=told)

    def _backing_up(self) -> bool:
        """Whether a backup is under way, in any process."""
        if not (self.directory / backup.HELD).exists():
            return False
        try:
            with _lock(self.directory, 0, _BACKUP_LOCK):
                return False
        except Timeout:
            return True

    @classmethod
    def restore(
        cls, archive: Path, directory: Path, *, progress: Progress | None = None, who: str = ""
    ) -> None:
        """Unpack a backup into a folder that is new or empty; its vectors follow at opening.

        Every byte is compared with what was backed up. Raises ``UserError`` where the folder is
        not empty or the file is no backup or damaged; nothing is left behind then.
        """
        with backup.unpacked(Path(archive), Path(directory), progress) as (unpacked, made_at):
            catalogue = Catalogue(unpacked / _CATALOGUE)
            try:
                problems = catalogue.problems()
                if problems:
                    raise UserError(f"备份里的资料库有损坏：{problems[0]}", "请换一个完好的备份文件。")
                catalogue.log(who, "从备份恢复", Path(archive).name, after=f"{made_at} 的备份")
            finally:
                catalogue.close()

    # -- what users and people in charge leave behind -----------------------------------------

    def add_feedback(
        self,
        *,
        question: str,
        answer: str,
        rating: Literal["up", "down"],
        comment: str = "",
        evidence: Sequence[str] = (),
    ) -> int:
        """Keep a user's judgement of an answer; its number. ``evidence``: passage ids."""
        return self._catalogue.add_feedback(question, answer, rating, comment, evidence)

    def feedback(self) -> list[dict[str, Any]]:
        """``id, at, question, answer, rating, comment, evidence`` of each, oldest first."""
        return self._catalogue.feedback()

    def add_review(
        self,
        *,
        reason: ReviewReason,
        question: str,
        answer: str,
        understood: str = "",
        outcome: str = "",
        withheld: Sequence[str] = (),
        comment: str = "",
        evidence: Sequence[ReviewEvidence] = (),
    ) -> int:
        """Put an answer into the trainers' queue; the item's number. Who asked is not kept."""
        return self._reviews.add(reason, question, understood, outcome, answer, withheld, comment, evidence)

    def reviews(self, *, closed: bool = False) -> list[ReviewItem]:
        """The open items (with ``closed``, the closed ones), the most often asked first."""
        return self._reviews.items("closed <> ''" if closed else "closed = ''")

    def review(self, number: int) -> ReviewItem | None:
        """One item of the queue, or None."""
        return self._reviews.item(number)

    def label_review(self, number: int, label: ReviewLabel) -> None:
        """Keep a trainer's judgement; raises ``KeyError`` for an item that is not there."""
        if self.review(number) is None:
            raise KeyError(number)
        self._reviews.label(number, label)

    def mark_answerable(self, number: int, article_id: str) -> None:
        """Record that the question of an open item is now answered from an article; ``""`` takes it back."""
        self._reviews.mark_answerable(number, article_id)

    def close_review(self, number: int, became: str) -> None:
        """Record what became of an item (成题, 不采用); ``""`` opens it again."""
        self._reviews.close(number, became)

    def log(self, *, who: str, action: str, detail: str = "", before: str = "", after: str = "") -> None:
        """Add a line to the audit log."""
        self._catalogue.log(who, action, detail, before=before, after=after)


class Writer:
    """The right to write, as ``Store.writing`` gives it; used by one thread."""

    def __init__(self, store: Store, who: str) -> None:
        self._store = store
        self._who = who
        self._next = store._catalogue.next_source()
        self._waiting = 0
        #: Inside ``together``: originals that are written and may not yet be on the disk, and digests
        #: of those that may go once the catalogue says so. None outside.
        self._unsynced: list[Path] | None = None
        self._unused: list[str] = []

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is put inside is kept at the end, all at once: one wait for the disk, not three a source.

        Each source is still there whole or not at all. Meant for as long as it takes to put a
        few: other writers of the catalogue wait meanwhile.
        """
        self._unsynced, self._unused = [], []
        try:
            with self._store._catalogue.transaction():
                yield
                with told_in_words():
                    _sync(self._unsynced)
        finally:
            # What was replaced or deleted, and what came with a source that could not be put after all.
            for digest in {*self._unused, *(path.name for path in self._unsynced)}:
                self._drop_original(digest)
            self._unsynced = None
        # The more is held, the longer it takes: a large import must not do it too often.
        if self._waiting >= _FLUSH_AT and self._waiting >= self._store.counts().passages // 4:
            self.flush()

    def known(
        self, *, origin: str, name: str, sha256: str
    ) -> tuple[str, Literal["new", "changed", "unchanged", "withdrawn"]]:
        """The source id to use for a file, and whether the store holds it.

        The same place with the same bytes is unchanged, and so is the same name with the
        same bytes elsewhere (the folder was moved); the same place with other bytes is
        changed and keeps its id; where such a source is withdrawn, it is told so; anything
        else is new, under an id never used before.
        """
        held = self._store._catalogue.known(origin, name, sha256)
        if held is not None:
            return held[0], "unchanged" if held[1] else "changed"
        if withdrawn := self._store.archive.withdrawn_for(origin=origin, name=name, sha256=sha256):
            return withdrawn, "withdrawn"
        self._next += 1
        return str(self._next - 1), "new"

    def put(
        self, source: Source, articles: Sequence[Article], passages: Sequence[Passage], original: bytes
    ) -> None:
        """Replace what the source held, in one transaction: all of it or nothing.

        What it held before becomes an old version in the archive, unless the articles are the
        same. Raises ``ValueError`` where ids or offsets do not fit together or ``original`` is not
        the file of ``source.sha256``; ``UserError`` where the encoder is missing or another.
        """
        if sha256(original).hexdigest() != source.sha256:
            raise ValueError(f"the original of source {source.id!r} has another sha256")
        with self._grouped():
            assert self._unsynced is not None
            path = self._store._original_path(source.sha256)
            with told_in_words():
                written = _write_whole(path, original)
            if written:
                self._unsynced.append(path)
            self._put(source, articles, passages, who=self._who or source.received_by)

    @contextmanager
    def _grouped(self) -> Iterator[None]:
        """All or nothing: within ``together`` where it is open, or by itself."""
        with self.together() if self._unsynced is None else self._store._catalogue.transaction():
            yield

    def _put(
        self,
        source: Source,
        articles: Sequence[Article],
        passages: Sequence[Passage],
        *,
        who: str,
        action: str = "",
    ) -> None:
        """One source among those that are put together; its original is there."""
        store = self._store
        if passages:
            encoder = store._checked_encoder()
            if store._catalogue.setting("encoder") is None:
                store._catalogue.set_setting("encoder", encoder.name)
        before = store.source(source.id)
        store.links.follow(store.archive.latest(source.id), articles, who=who)
        store.archive.keep_former(source.id, articles, who=who)
        store._catalogue.put(source, articles, passages, who=who, action=action)
        store._reprints.add(articles)
        if before is not None:
            self._unused.append(before.sha256)
        self._next = max(self._next, int(source.id) + 1)
        self._waiting += len(passages)

    def failed(self, *, origin: str, name: str, sha256: str, program: str, message: str) -> None:
        """Keep why a file could not be read; a later ``put`` from the same place forgets it."""
        self._store._catalogue.add_failure(origin, name, sha256, program, message)

    def withdraw(self, source_id: str, *, note: str = "") -> bool:
        """Take a source out of every search and keep it in the archive; see ``archive``.

        ``note`` says why. False where there is no such source, or it is withdrawn already.
        """
        with self._grouped():
            return self._store.archive.withdraw(source_id, who=self._who, note=note)

    def restore(self, archived_id: str) -> bool:
        """Put a withdrawn source back, or an old version ("v12") in place of what is live.

        It keeps the id that it had. False where the archive does not hold it. Raises
        ``UserError`` where the encoder is missing or another.
        """
        with self._grouped():
            kept = self._store.archive.take(archived_id)
            if kept is not None:
                self._put(*kept, who=self._who, action="恢复")
        return kept is not None

    def remove(self, source_id: str) -> bool:
        """Delete for good: a source, live or withdrawn, with its versions and originals.

        Also one old version ("v12"), or what is kept of a failure ("f1"). False where there is none.
        """
        store = self._store
        if source_id.startswith("f"):
            return store._catalogue.remove_failure(source_id, who=self._who)
        with self._grouped():
            source = store.source(source_id)
            store._catalogue.forget_quotes(source_id)
            archived = store.archive.erase(source_id, who=self._who)
            store._catalogue.remove(source_id, who=self._who)
            store.links.forget(source_id)
            if source or archived:
                # Until it is written anew, the keyword index keeps the words of what it marks as deleted.
                store._catalogue.set_setting(_PURGE, "1")
            self._unused += [*archived, *([source.sha256] if source else [])]
        return bool(source or archived)

    def flush(self) -> None:
        """Bring both indexes to the catalogue's revision, and empty its journal."""
        with told_in_words():
            self._store._reprints.catch_up()
            self._store._bring_up_to_date()
        self._waiting = 0

    def _drop_original(self, digest: str) -> None:
        if not self._store._catalogue.refers_to(digest):
            self._store._original_path(digest).unlink(missing_ok=True)


def _lock(directory: Path, wait_s: float, name: str = _LOCK) -> Any:
    # A lock of its own each time: a FileLock is reentrant, and threads must wait too.
    with told_in_words():
        directory.stat()  # or else the lock would make the folder that is gone anew
        return FileLock(directory / name, is_singleton=False).acquire(timeout=wait_s)


@contextmanager
def _exclusive(directory: Path, wait_s: float) -> Iterator[None]:
    until = time.monotonic() + wait_s
    try:
        # Who waits longest holds the turn: whoever has just written cannot be there again before.
        with _lock(directory, wait_s, _TURN):
            held = _lock(directory, max(0.0, until - time.monotonic()))
    except Timeout:
        raise UserError("另一个程序正在写入这个资料库。", "请等它结束后再试。") from None
    with held:
        yield


def _prepare(directory: Path) -> None:
    """Make the folder of a new store. Raises ``UserError`` where it holds something else."""
    ours = {_LOCK, _TURN, _WRITING, _ORIGINALS, _LEXICAL, _VECTORS, _WORDS, OWN_WORDS}
    try:
        # It holds accounts, and what people asked.
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        others = [p for p in directory.iterdir() if p.name not in ours and not p.name.startswith(_CATALOGUE)]
    except OSError as error:
        raise UserError(
            f"无法使用文件夹 {directory}。", "请检查路径是否正确、是否有写入权限，或换一个文件夹。"
        ) from error
    if others:
        raise UserError(f"文件夹 {directory} 里有别的文件，不是资料库。", "请指定一个新的或空的文件夹。")


def _write_whole(path: Path, data: bytes) -> bool:
    """Write a file so that it is there whole or not at all; False where it was there already.

    That it outlasts a power cut is for ``_sync`` to see to.
    """
    if path.exists() and path.stat().st_size == len(data):
        return False  # named by its content
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)  # on a full disk half a file is in the way of the next
        raise
    return True


def _sync(paths: Sequence[Path]) -> None:
    """Wait until files are on the disk; several at a time, which costs hardly more than one."""
    if not paths:
        return
    folders = {path.parent for path in paths} if os.name == "posix" else set()  # elsewhere there is no need
    with ThreadPoolExecutor(min(len(paths), _SYNCS)) as threads:
        list(threads.map(_sync_one, paths))
        list(threads.map(_sync_one, folders))


def _sync_one(path: Path) -> None:
    # Windows flushes only what is open for writing; a folder can be opened only for reading.
    held = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def _told(rows: Iterable[IndexRow], progress: Progress | None, stage: str, total: int) -> Iterator[IndexRow]:
    for done, row in enumerate(rows, 1):
        yield row
        if progress and (done % 500 == 0 or done == total):
            progress(stage, done, total)


def received_now() -> str:
    """This moment as ``Source.received_at`` wants it."""
    return now()
