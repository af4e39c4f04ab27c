"""The store: the one door to the corpus. Nothing outside ``corpus`` looks behind it.

SQLite is the truth (``catalogue``); the two indexes follow it. Every search first looks
whether they are where the catalogue is, and repairs what lags where no writer is at work;
what an index finds is joined with the catalogue, so what was deleted never comes back.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from corpus import backup, locks, originals, reembedding, verification
from corpus.accounts.keys import Keys
from corpus.accounts.people import People
from corpus.backup import Progress
from corpus.catalogue import Catalogue
from corpus.database import now
from corpus.disk import told_in_words
from corpus.errors import StoreError, UserError
from corpus.indexes import LEXICAL, VECTORS, WORDS, Indexes
from corpus.lexical import weight
from corpus.records.failures import Failures
from corpus.records.feedback import Feedback
from corpus.records.question_log import QuestionLog
from corpus.records.reviews import Reviews
from corpus.records.trail import Trail
from corpus.rows import EVERYTHING, Counts
from corpus.segmenter import OWN_WORDS
from corpus.segments import Rows
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
from corpus.vector_index import Quality
from corpus.vectors import Encoder, Floats, Prompt, StaticEncoder
from corpus.versions import collation
from corpus.versions.archive import Archive
from corpus.versions.links import Links
from corpus.versions.reprints import Reprints
from corpus.writer import Writer

__all__ = ["Counts", "Encoder", "Progress", "Store", "Writer"]

_CATALOGUE = "catalogue.sqlite"

#: Filters whose passages are remembered until the store changes.
_REMEMBERED = 32

T = TypeVar("T")


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
        self._failures = Failures(self._catalogue)
        self._feedback = Feedback(self._catalogue)
        self._indexes = Indexes(
            directory,
            self._catalogue,
            encoder or CorpusSettings().encoder,
            self._sweep,
        )
        #: Encoder and text of the last question, and its vector.
        self._asked: tuple[tuple[str, str], Floats] = ("", ""), np.zeros(0, np.float32)
        self._cache: dict[str, tuple[int, Any]] = {}
        self._allowed: dict[Filters, tuple[int, Rows]] = {}
        #: Set when the program is to end: writers stop at the next document's border, no more begin.
        self.stopping = threading.Event()
        self._writers = 0
        self._counting = threading.Lock()

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
            with locks.exclusive(directory, 30):  # two programs may want to make it at once
                Catalogue(directory / _CATALOGUE).close()
        store = cls(directory, encoder)
        store._indexes.follow()
        return store

    def close(self) -> None:
        """Let go of all files."""
        self._indexes.close()
        self._catalogue.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Load now what the first question would: dictionary, indexes, encoder.

        Raises ``UserError`` where the encoder is missing or is not the store's.
        """
        self._indexes.segmenter.load()
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
        """The encoder that the vectors that are searched are of; ``""`` before the first one."""
        return self._indexes.encoder_name

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
            return originals.place(self.directory, source.sha256).read_bytes()
        except OSError as error:
            raise StoreError(
                f"{source.name} 的原件不见了，或者读不出来。", "请从备份恢复，或重新加入这份文件。"
            ) from error

    def original_path(self, source_id: str) -> Path:
        """Where the file of a live source lies. Raises ``KeyError`` for what is not live."""
        source = self.source(source_id)
        if source is None:
            raise KeyError(source_id)
        return originals.place(self.directory, source.sha256)

    def failures(self) -> list[Failure]:
        """The files that could not be read and have not been since, oldest first."""
        return self._failures.all()

    def failure(self, *, sha256: str, program: str) -> str:
        """Why these bytes could not be read by that program; ``""`` where it never tried."""
        return self._failures.why(sha256, program)

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
        return self._indexes.segmenter.words(text)

    # -- retrieval ------------------------------------------------------------------------

    def search_lexical(
        self, text: str, k: int = 100, filters: Filters = EVERYTHING
    ) -> list[tuple[str, float]]:
        """``(passage id, BM25 score)`` of the k best passages that pass the filters.

        Raises ``StoreError`` where the index is broken or absent and cannot be built now.
        """
        self._indexes.follow()
        return self._still_held(
            self._indexes.searched(lambda: self._indexes.lexical.search(text, k, filters), "lexical")
        )

    def search_vector(
        self, text: str, k: int = 100, filters: Filters = EVERYTHING, *, exact: bool = False
    ) -> list[tuple[str, float]]:
        """``(passage id, cosine)`` of the k nearest passages that pass the filters.

        Where many passages are held a near one may be missed (``vector_index``); with ``exact`` none is.
        Raises ``UserError`` where the store's encoder is not to be had, and as ``search_lexical``.
        """

        def search(encoder: Encoder) -> list[tuple[int, float]]:
            vector = self._asked_of(encoder, text)
            allowed = self._passing(filters) if filters else None
            return self._indexes.vectors.search(vector, k, allowed, exact=exact, made=encoder.name)

        return self._still_held(self._indexes.compared(search))

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

    def vector_quality(self) -> Quality:
        """How vectors are searched (every one, or by their signs first), and how many of the nearest that finds.

        Raises ``StoreError`` as ``search_vector``.
        """
        return self._indexes.searched(self._indexes.vectors.quality, "vectors")

    def vectors_of(self, passage_ids: Sequence[str]) -> tuple[list[str], Floats]:
        """Those of the passages that are held, and their vectors: float32 ``(n, d)``, rows of length 1.

        Who compares them with other vectors looks whether ``encoder_name`` has stayed the same.
        """
        rows = self._catalogue.rows_of(passage_ids)
        self._indexes.follow()
        held, vectors = self._indexes.searched(
            lambda: self._indexes.vectors.vectors_at(list(rows)), "vectors"
        )
        return [rows[row] for row in held], vectors

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
        encoder = self._indexes.encoder()
        if prompt == "query" and len(texts) == 1:
            return self._asked_of(encoder, texts[0])[np.newaxis]
        return encoder.encode(texts, prompt)

    def _asked_of(self, encoder: Encoder, text: str) -> Floats:
        """A question's vector; the last one is remembered, for whoever orders what was found asks again."""
        asked, vector = self._asked
        if asked != (encoder.name, text):
            asked, vector = (encoder.name, text), encoder.encode([text], "query")[0]
            self._asked = asked, vector
        return vector.copy()

    def learned(self, questions: Sequence[str]) -> list[bool]:
        """Whether the encoder was trained on each of the questions, as far as its folder tells.

        What is measured on such questions says nothing of others. Raises ``UserError`` as ``search_vector``.
        """
        encoder = self._indexes.encoder()
        return encoder.learned(questions) if isinstance(encoder, StaticEncoder) else [False] * len(questions)

    def word_weights(self, words: Sequence[str]) -> dict[str, float]:
        """Each word's rarity among the passages: BM25's idf, > 0, greatest where unknown."""
        self._indexes.follow()
        total, counts = self._indexes.searched(lambda: self._indexes.lexical.frequencies(words), "lexical")
        return {w: weight(total, n) for w, n in zip(words, counts, strict=True)}

    @property
    def lagging(self) -> bool:
        """Whether an index reflects an earlier state: only while somebody writes, or an index is broken."""
        return self._indexes.lagging()

    # -- writing ----------------------------------------------------------------------------

    @contextmanager
    def writing(self, *, wait_s: float = 30, who: str = "") -> Iterator["Writer"]:
        """The right to write, for one at a time; the indexes follow when it is given back.

        ``who`` stands in the audit log. Raises ``UserError`` where another writer still
        holds the right after ``wait_s`` seconds, or this program is about to end.
        """
        if self.stopping.is_set():
            raise UserError("程序正在停止，没有写入。", "请等它重新启动后再试。")
        with self._at_work(), locks.exclusive(self.directory, wait_s):
            # Only then did whoever was killed leave anything: to look costs a walk over all originals.
            if (self.directory / locks.WRITING).exists() or (self.directory / backup.HELD).exists():
                self._sweep()
            with told_in_words():
                (self.directory / locks.WRITING).touch()
            writer, before = Writer(self, who), self.revision
            yield writer
            try:
                writer.flush()
            except StoreError as error:
                if self.revision == before:
                    raise
                kept = "内容已经保存，但检索用的索引还没有更新："
                raise StoreError(f"{kept}{error.message}", f"{error.hint}之后会自动更新。") from error
            (self.directory / locks.WRITING).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Put away what a killed program left behind. Holds the lock."""
        verification.sweep(self)
        reembedding.finish(self)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._counting:
            self._writers += 1
        try:
            yield
        finally:
            with self._counting:
                self._writers -= 1

    @property
    def written_to(self) -> bool:
        """Whether a writer of this program is at work, or waits for its turn."""
        return self._writers > 0

    # -- care ---------------------------------------------------------------------------------

    def verify(self) -> list[str]:
        """What is wrong with the store, a Chinese sentence each; empty where nothing is.

        Nobody has to wait, unless something looks wrong: then it is looked at again while no
        writer is at work. Raises ``UserError`` where one stays at work for half a minute.
        """
        self._indexes.follow()
        if not verification.problems(self):
            return []
        with locks.exclusive(self.directory, 30), told_in_words():
            self._indexes.bring_up_to_date()
            return [problem.message for problem in verification.problems(self)]

    def repair(self, *, who: str = "") -> verification.Repair:
        """Put right whatever can be derived; what was done, and what is still wrong.

        Raises ``UserError`` as ``verify``.
        """
        with locks.exclusive(self.directory, 30), told_in_words():
            done = verification.repair(self, verification.problems(self))
            if done:
                self.log(who=who, action="修复", detail="".join(done))
            return verification.Repair(done, [p.message for p in verification.problems(self)])

    def rebuild(self, progress: Progress | None = None, *, who: str = "") -> None:
        """Build both indexes anew; what there is answers until they are there.

        Where the store's encoder is not to be had and was bundled with an earlier program, or nobody
        knows where it was, the given one takes its place. Articles from before there were reprints
        are compared then, too. Raises ``UserError`` as ``change_encoder``.
        """
        changed = self.change_encoder(self._indexes.usual_encoder(), progress=progress, who=who)
        with self._at_work(), locks.exclusive(self.directory, 30), told_in_words():
            self._reprints.catch_up()
            self._indexes.bring_lexical(anew=True, progress=progress)
            if not changed:
                self._indexes.renew_vectors(progress)
                reembedding.forget_unfinished(self)
            verification.sweep(self)

    def change_encoder(
        self, encoder: Encoder | str, *, progress: Progress | None = None, who: str = ""
    ) -> bool:
        """Embed all with another encoder (a name, a folder) while the old vectors serve, then use it.

        Stopped at any time, it goes on where it was. False where it is the store's encoder already.
        Raises ``UserError`` where the encoder is not to be had, or somebody else is at this.
        """
        return reembedding.change(self, encoder, progress, who=who)

    def renew_encoder(self, progress: Progress | None = None, *, who: str = "") -> bool:
        """Embed all with the given encoder where the store's came with an earlier program and is gone.

        False where nothing had to be done. Raises ``UserError`` where somebody's own encoder is not
        to be had, and as ``change_encoder``.
        """
        if not self.counts().passages:
            return False
        return self.change_encoder(self._indexes.usual_encoder(), progress=progress, who=who)

    def reembedding(self) -> reembedding.Reembedding | None:
        """How far another encoder's vectors are, computed by any program; None where that is not going on."""
        return reembedding.under_way(self)

    def backup(self, target: Path, *, progress: Progress | None = None, who: str = "") -> None:
        """Write the whole store as it is at this moment into one file, and check what was written.

        Neither questions nor writers wait for it. Raises ``UserError`` where the file exists
        already or cannot be written, or another backup is under way.
        """
        try:
            held = locks.lock(self.directory, 0, locks.BACKUP)
        except locks.Timeout:
            raise UserError("另一个备份正在进行。", "请等它结束后再试。") from None
        with held:
            stamps = {
                name: stamp._asdict() if stamp else None
                for name, stamp in (
                    ("lexical", self._indexes.lexical.stamp()),
                    ("vectors", self._indexes.vectors.stamp()),
                )
            }
            made = backup.write(self.directory, self._catalogue, Path(target), stamps, progress)
        self._catalogue.checkpoint()  # which had to wait for the snapshot
        told = f"{made['counts']['sources']} 个来源文件，共 {len(made['members'])} 个文件"
        self._catalogue.log(who, "备份", Path(target).name, after=told)

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
        return self._feedback.add(question, answer, rating, comment, evidence)

    def feedback(self) -> list[dict[str, Any]]:
        """``id, at, question, answer, rating, comment, evidence`` of each, oldest first."""
        return self._feedback.all()

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


def _prepare(directory: Path) -> None:
    """Make the folder of a new store. Raises ``UserError`` where it holds something else."""
    ours = {
        locks.WRITER,
        locks.TURN,
        locks.ENCODER,
        locks.WRITING,
        originals.FOLDER,
        LEXICAL,
        VECTORS,
        WORDS,
        OWN_WORDS,
    }
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


def received_now() -> str:
    """This moment as ``Source.received_at`` wants it."""
    return now()
