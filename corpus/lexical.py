"""The lexical index: Chinese words and character pairs in tantivy, BM25 over both.

Text is cut by us, see ``segmenter``. The revision an index reflects stands in a document of its own,
written by the same commit as the passages: they cannot disagree.
"""

import json
import math
import os
import shutil
import struct
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Protocol

import tantivy

from corpus.cutting import cut_all
from corpus.disk import identity, passing, told_in_words
from corpus.rows import EVERYTHING, IndexRow, days
from corpus.segmenter import Cut, Segmenter, cutter, fold, grams
from corpus.stamp import IndexBrokenError, Stamp
from corpus.types import Filters

#: Weight of a match in each field. ``words`` and ``grams`` hold the passage's text, the
#: others its context, words and pairs together.
BOOSTS = {
    "words": 1.0,
    "grams": 0.7,
    "title": 0.8,
    "label": 0.4,
    "number": 2.0,
    "issuer": 0.4,
    "authors": 1.0,
}
_SHORT_FIELDS = ("title", "label", "number", "issuer", "authors")
#: At most so many tokens of a query are looked up, the rarest: enough for any question,
#: and a pasted document costs no more than a long one.
MAX_TOKENS = 128
#: Changes whenever the same text would be indexed differently: such an index is rebuilt.
_FORMAT = 2
_HEAP_BYTES = 64_000_000
#: Ends every file of an index, after the length of the footer.
_MAGIC = 1337
#: Far longer than it takes to put one folder in the place of another.
_SWAP_S = 0.5
#: Processes that cut the texts of a large import, where there are as many processors.
_PROCESSES = 4


class LexicalIndex(Protocol):
    """What the store asks of a keyword index; another engine can stand behind it."""

    @property
    def made(self) -> str:
        """In which way it is made; what was made in another has to be built anew."""

    def stamp(self) -> Stamp | None:
        """What it reflects now, or None where there is nothing readable."""

    def search(self, text: str, k: int, filters: Filters) -> list[tuple[int, float]]:
        """``(row, score)`` of the k best passages that pass the filters, best first."""

    def frequencies(self, words: Sequence[str]) -> tuple[int, list[int]]:
        """How many passages there are, and how many hold each word."""

    def apply(self, stamp: Stamp, removed: Sequence[int] | None, rows: Iterable[IndexRow]) -> None:
        """Forget the passages of those sources (None: all), add these, set the stamp; atomic."""

    def rows(self) -> list[int]:
        """The row numbers it holds, ascending."""

    def close(self) -> None:
        """Let go of its files."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", fast=True)
    builder.add_unsigned_field("first_day", indexed=True, fast=True)
    builder.add_unsigned_field("last_day", indexed=True, fast=True)
    # The source is text: tantivy 0.27 finds numbers but does not delete by them.
    for name in ("source", "article", "kind", "issuer_is", "region", "status", "role"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("stamp", stored=True, tokenizer_name="raw", index_option="basic")
    for name in BOOSTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class _Open(NamedTuple):
    """An index as it was at one moment."""

    file: tuple[int, int, int]
    searcher: tantivy.Searcher
    stamp: Stamp | None
    #: The bytes of each file that the searcher has mapped into memory.
    mapped: dict[str, int]


class TantivyIndex:
    """A ``LexicalIndex`` in a folder. Only whoever holds the store's lock calls ``apply``."""

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        self._folder = folder
        self._told = folder / "meta.json"
        self._segmenter = segmenter
        self._schema = _schema()
        self._lock = threading.Lock()
        self._state: _Open | None = None

    @property
    def made(self) -> str:
        """In which way it is made now: another index has to be built anew."""
        return f"tantivy-{_FORMAT}-{self._segmenter.key}"

    def close(self) -> None:
        """Let go of the files."""
        self._state = None

    def stamp(self) -> Stamp | None:
        """What the index reflects now, as the last commit of any process left it."""
        with self._lock:  # whether its files are whole is for those to look who read them
            info = self._meta()
            if self._state is not None and info is not None and self._state.file == identity(info):
                return self._state.stamp
        try:
            state = self._current()
        except IndexBrokenError:
            return None
        return state.stamp if state else None

    def _current(self) -> _Open | None:
        """The index as it is on the disk now; None where there is none yet."""
        with self._lock:
            while (info := self._meta()) is not None:
                file = identity(info)
                if self._state is not None and self._state.file == file and _whole(self._state.mapped):
                    return self._state
                self._state = None
                try:
                    self._state = self._opened_now(file)
                except IndexBrokenError:
                    now = self._meta()
                    if now is None or identity(now) == file:  # or else a commit came between
                        raise
            self._state = None
            return None

    def _opened_now(self, file: tuple[int, int, int]) -> _Open:
        with _broken_if_unreadable():
            mapped = self._segments()
            searcher = tantivy.Index.open(str(self._folder)).searcher()
            return _Open(file, searcher, self._read_stamp(searcher), mapped)

    def _segments(self) -> dict[str, int]:
        """The files of the last commit's segments, and their bytes. Raises ``OSError``, ``ValueError``."""
        told = json.loads(self._told.read_text(encoding="utf-8"))
        named = {segment["segment_id"].replace("-", "") for segment in told["segments"]}
        files = [path for path in self._folder.iterdir() if path.name.split(".")[0] in named]
        return {str(path): path.stat().st_size for path in files}

    def damaged(self) -> bool:
        """Whether a file is not as tantivy wrote it: each ends with the checksum of what is before."""
        try:
            return self._current() is not None and not all(
                _unchanged(Path(path)) for path in self._segments()
            )
        except (IndexBrokenError, OSError, ValueError):
            return True

    def _meta(self) -> os.stat_result | None:
        """What the file system tells of the last commit; waits while another index is put in place."""
        until = time.monotonic() + _SWAP_S
        while True:
            with suppress(OSError):
                return self._told.stat()
            if not self._beside("old").exists() or time.monotonic() > until:
                return None
            time.sleep(0.001)

    def _read_stamp(self, searcher: tantivy.Searcher) -> Stamp | None:
        found = searcher.search(tantivy.Query.term_query(self._schema, "role", "stamp"), 1).hits
        if not found:
            return None
        store, revision, made = str(searcher.doc(found[0][1])["stamp"][0]).split(" ", 2)
        # An index made in another way may lack the fields that a search would name.
        return Stamp(store, int(revision), made) if made == self.made else None

    # -- reading ------------------------------------------------------------------------

    def search(self, text: str, k: int, filters: Filters = EVERYTHING) -> list[tuple[int, float]]:
        """See ``LexicalIndex``. Raises ``IndexBrokenError`` where its files are damaged."""
        state = self._current()
        if state is None or state.stamp is None or k < 1:
            return []
        with _broken_if_unreadable():
            query = self._query(state.searcher, text)
            if query is None:
                return []
            limits = self._limits(filters)
            if limits:
                query = _all_of([*limits, query])
            hits = state.searcher.search(query, k, count=False).hits
            rows = state.searcher.fast_field_values("row", [address for _, address in hits])
        found = [
            (int(row), float(score)) for row, (score, _) in zip(rows, hits, strict=True) if row is not None
        ]
        return sorted(found, key=lambda f: (-f[1], f[0]))

    def _query(self, searcher: tantivy.Searcher, text: str) -> tantivy.Query | None:
        """Any of the text's terms, in any field. None where the index holds no term of it."""
        words = dict.fromkeys(self._segmenter.words(text))
        pairs = dict.fromkeys(grams(fold(text)))
        fields_of: dict[str, list[str]] = {}
        frequency: dict[str, int] = {}
        for token in {**words, **pairs}:
            for field in _SHORT_FIELDS + ("words",) * (token in words) + ("grams",) * (token in pairs):
                n = searcher.doc_freq(field, token)
                if n:
                    fields_of.setdefault(token, []).append(field)
                    frequency[token] = frequency.get(token, 0) + n
        # The sort is stable: of equally rare tokens the first in the text are kept.
        kept = sorted(fields_of, key=frequency.__getitem__)[:MAX_TOKENS]
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.boost_query(self._term(field, token), BOOSTS[field]))
            for token in kept
            for field in fields_of[token]
        ]
        return tantivy.Query.boolean_query(clauses) if clauses else None

    def _term(self, field: str, value: str, index_option: str = "freq") -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, index_option)

    def _limits(self, filters: Filters) -> list[tantivy.Query]:
        choices: list[tuple[str, Sequence[str]]] = [
            ("kind", filters.kinds),
            ("issuer_is", filters.issuers),
            ("region", filters.regions),
            ("status", filters.statuses),
            ("source", filters.source_ids),
            ("article", filters.article_ids),
        ]
        limits = [self._any_of(field, values) for field, values in choices if values]
        if filters.published_from:
            limits.append(self._between("last_day", max(1, days(filters.published_from)[0]), None))
        if filters.published_to:
            limits.append(self._between("first_day", 1, days(filters.published_to)[1]))
        return [tantivy.Query.const_score_query(q, 0.0) for q in limits]

    def _any_of(self, field: str, values: Sequence[str]) -> tantivy.Query:
        terms = [self._term(field, v, "basic") for v in values]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, t) for t in terms])

    def _between(self, field: str, low: int, high: int | None) -> tantivy.Query:
        return tantivy.Query.range_query(self._schema, field, tantivy.FieldType.Unsigned, low, high)

    def frequencies(self, words: Sequence[str]) -> tuple[int, list[int]]:
        """See ``LexicalIndex``.

        A longer word that no passage holds as a word is counted by its rarest pair of
        characters: the dictionary may cut it in two where it stands.
        """
        state = self._current()
        if state is None or state.stamp is None:
            return 0, [0] * len(words)
        with _broken_if_unreadable():
            return max(0, state.searcher.num_docs - 1), [_frequency(state.searcher, fold(w)) for w in words]

    def rows(self) -> list[int]:
        """The row numbers it holds, ascending. Raises ``IndexBrokenError``."""
        state = self._current()
        if state is None or state.stamp is None:
            return []
        with _broken_if_unreadable():
            everything = state.searcher.search(
                tantivy.Query.all_query(), max(1, state.searcher.num_docs), count=False
            )
            values = state.searcher.fast_field_values("row", [address for _, address in everything.hits])
        return sorted(int(v) for v in values if v is not None)

    # -- writing ------------------------------------------------------------------------

    def apply(self, stamp: Stamp, removed: Sequence[int] | None, rows: Iterable[IndexRow]) -> None:
        """See ``LexicalIndex``: one commit. With ``removed=None`` from nothing, in the place of what was.

        Raises ``StoreError`` where the disk is full or may not be written, and what was stays.
        """
        with _broken_if_unreadable(), told_in_words():
            folder = self._folder if removed is not None else self._emptied("new")
            writer = self._opened(folder).writer(_HEAP_BYTES, 1)
            for source in removed or ():
                writer.delete_documents_by_term("source", str(source))
            cut = cutter(self._segmenter)
            processes = min(_PROCESSES, os.cpu_count() or 1)
            for row, fields in cut_all(rows, _texts, cut, self._segmenter.cache, processes):
                writer.add_document(_document(row, fields))
            writer.delete_documents_by_term("role", "stamp")
            mark = tantivy.Document()
            mark.add_text("role", "stamp")
            mark.add_text("stamp", f"{stamp.store} {stamp.revision} {stamp.made}")
            writer.add_document(mark)
            writer.commit()
            writer.wait_merging_threads()
            if folder != self._folder:
                self._put_in_place(folder)

    def _opened(self, folder: Path) -> tantivy.Index:
        if folder == self._folder:
            return tantivy.Index.open(str(folder))
        folder.mkdir(parents=True)
        return tantivy.Index(self._schema, path=str(folder))

    def _beside(self, name: str) -> Path:
        return self._folder.with_name(f"{self._folder.name}.{name}.tmp")

    def _emptied(self, name: str) -> Path:
        """A folder beside ours that is not there any more."""
        shutil.rmtree(self._beside(name), ignore_errors=True)
        return self._beside(name)

    def _put_in_place(self, folder: Path) -> None:
        """Let an index that is whole take the place of ours: searches go on all the while."""
        self._state = None
        former = self._emptied("old")
        if self._folder.exists():
            self._folder.replace(former)
        folder.replace(self._folder)
        shutil.rmtree(former, ignore_errors=True)


def _texts(row: IndexRow) -> tuple[str, list[str]]:
    return row.text, [str(getattr(row, name)) for name in _SHORT_FIELDS]


def _document(row: IndexRow, cut: Cut) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("row", row.row)
    document.add_unsigned("first_day", row.first_day)
    document.add_unsigned("last_day", row.last_day)
    for name, value in (
        ("source", str(row.source)),
        ("article", row.article),
        ("kind", row.kind),
        ("issuer_is", row.issuer),
        ("region", row.region),
        ("status", row.status),
        ("words", cut.words),
        ("grams", cut.grams),
        *zip(_SHORT_FIELDS, cut.contexts, strict=True),
    ):
        document.add_text(name, value)
    return document


def _all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, q) for q in queries])


def _frequency(searcher: tantivy.Searcher, word: str) -> int:
    pairs = grams(word)
    if len(word) == 2 and pairs == [word]:
        return int(searcher.doc_freq("grams", word))
    whole = int(searcher.doc_freq("words", word))
    return whole or min((int(searcher.doc_freq("grams", p)) for p in pairs), default=0)


def weight(total: int, n: int) -> float:
    """How telling a word is that n of so many passages hold: BM25's idf, > 0."""
    return math.log(1 + (total - min(n, total) + 0.5) / (min(n, total) + 0.5))


def _whole(files: dict[str, int]) -> bool:
    """Whether files are as long as they were: reading on where one was cut off would end the program."""
    try:
        return all(os.stat(path).st_size == size for path, size in files.items())  # noqa: PTH116 - twice as fast
    except OSError:
        return False


def _unchanged(path: Path) -> bool:
    """Whether a file of an index has the checksum that its end tells."""
    data = path.read_bytes()
    length, magic = struct.unpack("<II", data[-8:])
    content, footer = data[: -8 - length], data[-8 - length : -8]
    return magic == _MAGIC and bool(json.loads(footer)["crc"] == zlib.crc32(content))


@contextmanager
def _broken_if_unreadable() -> Iterator[None]:
    """Turn what tantivy raises on damaged files into ``IndexBrokenError``."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise passing(error) or IndexBrokenError(str(error)) from error
    except BaseException as error:
        # Rust panics on some damage; pyo3's PanicException is not an Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexBrokenError(str(error)) from error
