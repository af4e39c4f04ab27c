"""The lexical index: Chinese words and character pairs in tantivy, BM25 over both.

Text is cut by us, on both sides in the same way: folded (NFKC, lower case, simplified), then as jieba's
search-mode words and as pairs of neighbouring characters. Words rank well, pairs find what
the dictionary does not know (names, new terms). The revision an index reflects stands in a
document of its own, written by the same commit as the passages: they cannot disagree.
"""

import functools
import json
import math
import os
import re
import shutil
import struct
import threading
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Protocol

import jieba
import tantivy

from corpus.characters import simplified
from corpus.cutting import Cut, cut_all
from corpus.disk import passing, told_in_words
from corpus.rows import EVERYTHING, IndexRow, days
from corpus.types import Filters

FIELD_WORDS = Path(__file__).parent / "field_words.txt"
#: In a store's folder: words of the office that keeps it, a line each.
OWN_WORDS = "own_words.txt"

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
#: Longer lines of a list are no words.
_OWN_CHARS = 16
#: Longer tokens (base64, serial lines) are cut: tantivy refuses terms of 64 KiB.
_MAX_TOKEN = 64
#: Changes whenever the same text would be indexed differently: such an index is rebuilt.
_FORMAT = 2
_HEAP_BYTES = 64_000_000
#: Ends every file of an index, after the length of the footer.
_MAGIC = 1337
#: Far longer than it takes to put one folder in the place of another.
_SWAP_S = 0.5
#: Processes that cut the texts of a large import, where there are as many processors.
_PROCESSES = 4

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
_RUNS = re.compile(f"[{_HAN}]+|[a-z]+|\\d+(?:\\.\\d+)?")
_HAN_RUN = re.compile(f"[{_HAN}]")
#: The part of a 文号 that tells one from another, whatever brackets it is typed with.
_NUMBER = re.compile(r"[〔\[(【﹝]\s*(\d{4})\s*[〕\])】﹞]\s*第?\s*(\d+)\s*号")
_WORD = re.compile(r"\w")


class Stamp(NamedTuple):
    """What an index reflects: which store, which revision, made in which way."""

    store: str
    revision: int
    made: str


class IndexBrokenError(Exception):
    """The files of an index cannot be read; it has to be built again."""


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


def fold(text: str) -> str:
    """The text as it is compared: NFKC, lower case, in simplified characters."""
    return simplified(unicodedata.normalize("NFKC", text).lower())


def grams(folded: str) -> list[str]:
    """Pairs of neighbouring Han characters (one alone stays one), numbers and Latin words."""
    found: list[str] = []
    for run in _RUNS.findall(folded):
        if len(run) == 1 or not _HAN_RUN.match(run):
            found.append(run[:_MAX_TOKEN])
        else:
            found += [run[i : i + 2] for i in range(len(run) - 1)]
    found += [f"{year}_{n}号" for year, n in _NUMBER.findall(folded)]
    return found


class Segmenter:
    """jieba with the field's words, loaded at first use; safe to share between threads.

    jieba builds its dictionary in 0.7 s and caches it as ``marshal`` in the shared temporary
    folder, which takes as long to read. We keep it as plain text in ``cache`` instead: 0.2 s,
    and nobody else writes there. Beside it an office may keep words of its own (``OWN_WORDS``).
    """

    def __init__(self, cache: Path | None = None) -> None:
        self.cache = cache
        self._own = cache.with_name(OWN_WORDS) if cache else None
        self._read: tuple[tuple[int, int, int], list[str]] | None = None

    @property
    def key(self) -> str:
        """Names the dictionary: jieba's version, the field's words, and the office's as they are now."""
        own = self._own_words()
        return dictionary_key() + (f"-{sha256(chr(10).join(own).encode()).hexdigest()[:12]}" if own else "")

    def _own_words(self) -> list[str]:
        if self._own is None:
            return []
        try:
            file = _identity(self._own.stat())
            if self._read is None or self._read[0] != file:
                self._read = file, _listed(_decoded(self._own.read_bytes()))
        except OSError:  # most offices have none
            return []
        return self._read[1]

    def words(self, text: str) -> list[str]:
        """The search-mode words of a text, folded, in order; punctuation left out."""
        cut = self._tokenizer().cut_for_search(fold(text))
        return [w[:_MAX_TOKEN] for w in (w.strip() for w in cut) if _WORD.search(w)]

    def unknown_share(self, text: str) -> float:
        """Share (0–1) of the Han characters that the dictionary leaves standing alone, in no word.

        Under .25 in prose; over .85 where each character is the wrong one. 0 without Han characters.
        """
        words = [word for word in self._tokenizer().cut(fold(text), HMM=False) if _HAN_RUN.match(word)]
        return sum(len(word) == 1 for word in words) / max(sum(map(len, words)), 1)

    def common(self, word: str) -> float:
        """ln(1 + occurrences per million) of a word in the texts the dictionary was counted on, ≥ 0."""
        tokenizer = self._tokenizer()
        return math.log1p(1e6 * (tokenizer.FREQ.get(word) or 0) / tokenizer.total)

    def load(self) -> None:
        """Load the dictionary now, and what kind of word each of its words is."""
        self._tokenizer()
        _tags()

    def _tokenizer(self) -> jieba.Tokenizer:
        key = self.key
        with _LOADING:
            if key not in _LOADED:
                frequencies = self._cached(key) or self._built(key)
                for former in _LOADED.keys() - {dictionary_key()}:
                    del _LOADED[former]
                _LOADED[key] = _tokenizer(frequencies, sum(frequencies.values()))
            return _LOADED[key]

    def _cached(self, wanted: str) -> dict[str, int] | None:
        if self.cache is None:
            return None
        try:
            key, *lines = self.cache.read_text(encoding="utf-8").split("\n")
            if key != wanted or lines.pop() != "":
                return None
            frequencies: dict[str, int] = {}
            for line in lines:
                frequency, *words = line.split(" ")
                frequencies.update(dict.fromkeys(words, int(frequency)))
        except (OSError, ValueError):
            return None  # absent, or not ours: it is built again
        return frequencies

    def _built(self, key: str) -> dict[str, int]:
        frequencies, total = jieba.Tokenizer.gen_pfdict(jieba.get_dict_file())
        tokenizer = _tokenizer(frequencies, total)
        for word in (*_field_words(), *self._own_words()):
            tokenizer.add_word(word, tokenizer.suggest_freq(word))
        if self.cache is not None:
            _keep(frequencies, self.cache, key)
        return frequencies


#: The dictionary's own marks of names.
_NAMES = frozenset({"nr", "nrt", "nrfg", "ns", "nt", "nz"})

#: By key, the shipped one and the last with an office's words: each takes 60 MB.
_LOADED: dict[str, jieba.Tokenizer] = {}
#: The dictionary's marks of words that name things: nouns, verbs used as nouns, set phrases.
_NOUN = re.compile("n|vn|l|i|j|b|eng|m$")
_LOADING = threading.Lock()


def _tokenizer(frequencies: dict[str, int], total: int) -> jieba.Tokenizer:
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = frequencies, total, True
    return tokenizer


def _keep(frequencies: dict[str, int], cache: Path, key: str) -> None:
    """Write a dictionary down: its key, then a line for each frequency with its words."""
    same: dict[int, list[str]] = {}
    for word, frequency in frequencies.items():
        same.setdefault(frequency, []).append(word)
    lines = (f"{frequency} {' '.join(words)}\n" for frequency, words in same.items())
    temporary = cache.with_suffix(f".{os.getpid()}.tmp")
    try:
        temporary.write_text(f"{key}\n{''.join(lines)}", encoding="utf-8")
        temporary.replace(cache)
    except OSError:
        temporary.unlink(missing_ok=True)  # a store that cannot be written works without


def _field_words() -> list[str]:
    return _listed(FIELD_WORDS.read_text(encoding="utf-8"))


def _listed(text: str) -> list[str]:
    """The words of a list, a line each, folded; lines that begin with # are left out."""
    words = [fold(line).strip() for line in text.splitlines() if not line.lstrip().startswith("#")]
    return list(dict.fromkeys(w for w in words if 1 < len(w) <= _OWN_CHARS and len(w.split()) == 1))


def _decoded(data: bytes) -> str:
    """What an office typed: UTF-8, or as older Windows writes Chinese."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


@functools.cache
def _tags() -> dict[str, str]:
    """What kind of word the dictionary says each of its words is (read once, 0.3 s)."""
    with jieba.get_dict_file() as file:
        rows = (line.decode("utf-8").split() for line in file)
        return {row[0]: row[2] for row in rows if len(row) == 3}


@functools.cache
def common_words() -> frozenset[str]:
    """The words of the dictionary that are no names of people, places, offices or brands."""
    return frozenset(word for word, tag in _tags().items() if tag not in _NAMES)


@functools.cache
def names() -> frozenset[str]:
    """The names of people, places, offices and brands that the dictionary holds."""
    return frozenset(word for word, tag in _tags().items() if tag in _NAMES)


@functools.cache
def _field() -> frozenset[str]:
    return frozenset(_field_words())


def name_sort(word: str) -> str:
    """What a name of the dictionary names: 人, 地, 机构, 其他; ``""`` for a word that is no name."""
    tag = _tags().get(word, "")
    return _SORTS.get(tag, "")


#: The dictionary's marks of names, in words.
_SORTS = {"nr": "人", "nrt": "人", "nrfg": "人", "ns": "地", "nt": "机构", "nz": "其他"}


def names_thing(word: str) -> bool:
    """Whether a word names a thing: a noun, a name, a number, or a longer word that the dictionary lacks."""
    if word in _field() or not _HAN_RUN.match(word):
        return True
    return bool(_NOUN.match(_tags().get(word, "n" if len(word) > 2 else "x")))


def in_dictionary(word: str) -> bool:
    """Whether the dictionary or the field's words list a word."""
    return word in _field() or word in _tags()


@functools.cache
def dictionary_key() -> str:
    """Names the dictionary: jieba's version and the field's words."""
    return f"{jieba.__version__}-{sha256(FIELD_WORDS.read_bytes()).hexdigest()[:12]}"


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
            if self._state is not None and info is not None and self._state.file == _identity(info):
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
                file = _identity(info)
                if self._state is not None and self._state.file == file and _whole(self._state.mapped):
                    return self._state
                self._state = None
                try:
                    self._state = self._opened_now(file)
                except IndexBrokenError:
                    now = self._meta()
                    if now is None or _identity(now) == file:  # or else a commit came between
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


def cutter(segmenter: Segmenter) -> Callable[[str, list[str]], Cut]:
    """Cuts a passage's text, and its contexts: words and pairs together, each once."""

    @functools.lru_cache(maxsize=1024)  # titles repeat from passage to passage
    def context(text: str) -> str:
        return " ".join(dict.fromkeys([*segmenter.words(text), *grams(fold(text))]))

    def cut(text: str, contexts: list[str]) -> Cut:
        words, pairs = " ".join(segmenter.words(text)), " ".join(grams(fold(text)))
        return Cut(words, pairs, [context(c) for c in contexts])

    return cut


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


def _identity(info: os.stat_result) -> tuple[int, int, int]:
    return info.st_ino, info.st_mtime_ns, info.st_size


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
