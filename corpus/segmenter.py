"""Chinese text cut into words by jieba and the field's dictionary, and into pairs of characters.

Text is cut on both sides of a search in the same way: folded (NFKC, lower case, simplified), then
as jieba's search-mode words and as pairs of neighbouring characters. Words rank well, pairs find
what the dictionary does not know (names, new terms).
"""

import functools
import math
import os
import re
import threading
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import jieba

from corpus.characters import simplified
from corpus.disk import identity

FIELD_WORDS = Path(__file__).parent / "field_words.txt"
#: In a store's folder: words of the office that keeps it, a line each.
OWN_WORDS = "own_words.txt"
#: Longer lines of a list are no words.
_OWN_CHARS = 16
#: Longer tokens (base64, serial lines) are cut: tantivy refuses terms of 64 KiB.
_MAX_TOKEN = 64
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
_RUNS = re.compile(f"[{_HAN}]+|[a-z]+|\\d+(?:\\.\\d+)?")
_HAN_RUN = re.compile(f"[{_HAN}]")
#: The part of a 文号 that tells one from another, whatever brackets it is typed with.
_NUMBER = re.compile(r"[〔\[(【﹝]\s*(\d{4})\s*[〕\])】﹞]\s*第?\s*(\d+)\s*号")
_WORD = re.compile(r"\w")
#: The dictionary's own marks of names.
_NAMES = frozenset({"nr", "nrt", "nrfg", "ns", "nt", "nz"})
#: The dictionary's marks of names, in words.
_SORTS = {"nr": "人", "nrt": "人", "nrfg": "人", "ns": "地", "nt": "机构", "nz": "其他"}
#: The dictionary's marks of words that name things: nouns, verbs used as nouns, set phrases.
_NOUN = re.compile("n|vn|l|i|j|b|eng|m$")
#: By key, the shipped one and the last with an office's words: each takes 60 MB.
_LOADED: dict[str, jieba.Tokenizer] = {}
_LOADING = threading.Lock()


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
            file = identity(self._own.stat())
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


class Cut(NamedTuple):
    """A row's fields as the index takes them, separated by spaces."""

    words: str
    grams: str
    contexts: list[str]


def cutter(segmenter: Segmenter) -> Callable[[str, list[str]], Cut]:
    """Cuts a passage's text, and its contexts: words and pairs together, each once."""

    @functools.lru_cache(maxsize=1024)  # titles repeat from passage to passage
    def context(text: str) -> str:
        return " ".join(dict.fromkeys([*segmenter.words(text), *grams(fold(text))]))

    def cut(text: str, contexts: list[str]) -> Cut:
        words, pairs = " ".join(segmenter.words(text)), " ".join(grams(fold(text)))
        return Cut(words, pairs, [context(c) for c in contexts])

    return cut
