"""What tells a good passage from a bad one, in numbers that mean the same in any corpus.

Everything is found by looking for pieces of the question in the passage, never by taking
the passage apart: three hundred candidates cost two or three milliseconds.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.values import narrow
from corpus.words import simplified

NAMES = (
    "lexical_share",  # BM25 score against the best one of this question
    "lexical_top",  # 1 / (4 + rank), 0 where the leg did not find it
    "lexical_rank",  # log of the rank
    "cosine",
    "cosine_gap",  # below the nearest passage
    "vector_top",
    "vector_rank",
    "both",
    "words_text",  # share of the question's words by rarity
    "words_title",
    "words_any",
    "pairs_text",  # the same of its character pairs
    "pairs_title",
    "pairs_any",
    "rarest_word",
    "rarest_pair",
    "run_text",  # longest common run, against the question's length
    "run_title",
    "title_said",  # share of the title that the question says, by pairs
    "length",
    "early",  # how far in front the first word stands
    "title_length",
    "number_present",  # a number where the question asks for one
    "question_length",
    "question_words",
    "cosine_narrow",  # of the first quarter of the dimensions
    "asked_about",  # how like the passages that people ask about, in standard deviations
    "document_cosine",  # of the nearest candidate of the same document
    "document_gap",  # below that one
    "document_count",  # log of the number of candidates of the same document
)
#: A rank that stands for "not found": behind all that are.
_ABSENT = 300
_NUMBER = re.compile(
    r"[\d一二三四五六七八九十百千万两]+(?:[年月日天周小时分]|[元个倍人次名家项件岁%％]|分之)"
)
_NUMBER_KINDS = frozenset({"数字", "时间"})
#: Full-width letters and digits, which few texts still hold.
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
#: An article's number at the end of a title: what stands before it names the document.
_ARTICLE = re.compile(r"第[\d一二三四五六七八九十百千零〇两]+条(?:之[一二三四五六七八九十\d]+)?$")
#: Stands in no text that is worth reading.
_BETWEEN = "\0"
_RUNS = re.compile(r"[\u4e00-\u9fff]+|[a-z]+|\d+(?:\.\d+)?")

Matrix = NDArray[np.float32]
Held = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: ``text`` folded, its ``words`` and character ``pairs`` with their rarity."""

    text: str
    words: Mapping[str, float]
    pairs: Mapping[str, float]
    kind: str = "其他"


class Candidate(NamedTuple):
    """A passage that a leg found. Ranks count from 1; 0 where that leg did not find it.

    ``near`` holds its cosine, that of the first quarter of the dimensions, and how like the
    passages it is that people ask about (0: as any other).
    """

    title: str
    text: str
    lexical: float
    lexical_rank: int
    near: tuple[float, float, float]
    vector_rank: int

    @property
    def cosine(self) -> float:
        """How near it is to the question."""
        return self.near[0]


def asked(
    text: str,
    terms: Mapping[str, float],
    weights: Callable[[Sequence[str]], dict[str, float]],
    kind: str = "其他",
) -> Asked:
    """The question's pieces; ``weights`` gives the rarity of character pairs."""
    folded = plain(text)
    pairs = list(dict.fromkeys(_pairs(folded)))
    return Asked(folded, {plain(word): weight for word, weight in terms.items()}, weights(pairs), kind)


def plain(text: str) -> str:
    """As it is compared: lower case, letters and digits narrow, in simplified characters."""
    return simplified(narrow(text).lower() if _WIDE.search(text) else text.lower())


def _all_plain(texts: Sequence[str]) -> list[str]:
    """``plain`` of each, looked through as one text, which costs a third."""
    whole = _BETWEEN.join(texts)
    parts = plain(whole).split(_BETWEEN)
    return parts if len(parts) == len(texts) else [plain(text) for text in texts]


def matrix(question: Asked, candidates: Sequence[Candidate]) -> Matrix:
    """float32 ``(candidates, len(NAMES))``, a row for each candidate in order."""
    if not candidates:
        return np.zeros((0, len(NAMES)), np.float32)
    texts = _all_plain([c.text for c in candidates])
    titles = [title.strip() for title in _all_plain([c.title for c in candidates])]
    windows = [question.text[at : at + 2] for at in range(len(question.text) - 1)]
    pieces = list(dict.fromkeys((*question.words, *question.pairs, *windows)))
    here, above = _held(pieces, texts), _held(pieces, titles)
    words, pairs, every = (
        [pieces.index(x) for x in some] for some in (question.words, question.pairs, windows)
    )
    shape = _shapes(
        question,
        texts,
        titles,
        _early(list(question.words), texts, here[:, words]),
        _runs(question.text, texts, here[:, every]),
        _runs(question.text, titles, above[:, every]),
        above[:, pairs].sum(axis=1).tolist(),
    )
    by_words = _covered(question.words, here[:, words], above[:, words])
    by_pairs = _covered(question.pairs, here[:, pairs], above[:, pairs])
    coverage = [by_words[:, :3], by_pairs[:, :3], by_words[:, 3:], by_pairs[:, 3:]]
    near = np.array([c.near[1:] for c in candidates], np.float32)
    parts = [_legs(candidates), *coverage, shape, near, _documents(candidates, titles)]
    return np.concatenate(parts, axis=1)


def _documents(candidates: Sequence[Candidate], titles: Sequence[str]) -> Matrix:
    """``(candidates, 3)``: the best cosine in the same document, the gap to it, how many there are."""
    names = [document(title) for title in titles]
    nearest: dict[str, float] = {}
    held: dict[str, int] = defaultdict(int)
    for name, candidate in zip(names, candidates, strict=True):
        held[name] += 1
        if name not in nearest or candidate.cosine > nearest[name]:
            nearest[name] = candidate.cosine
    best = np.array([nearest[name] for name in names])
    own = np.array([candidate.cosine for candidate in candidates])
    counts = np.log1p([held[name] for name in names])
    return np.stack([best, best - own, counts], axis=1).astype(np.float32)


def document(title: str) -> str:
    """What a title and label say of the document: without the number of the article at the end."""
    return _ARTICLE.sub("", title.strip()).strip()


def _pairs(text: str) -> Iterator[str]:
    """Pairs of neighbouring characters; numbers and Latin words whole."""
    for run in _RUNS.findall(text):
        if run[0] < "\u4e00":
            yield run
        else:
            yield from (run[i : i + 2] for i in range(len(run) - 1))


def _legs(candidates: Sequence[Candidate]) -> Matrix:
    best = max(c.lexical for c in candidates) or 1.0
    nearest = max(c.cosine for c in candidates)
    rows = [
        (
            c.lexical / best,
            1 / (4 + c.lexical_rank) if c.lexical_rank else 0.0,
            math.log(c.lexical_rank or _ABSENT),
            c.cosine,
            nearest - c.cosine,
            1 / (4 + c.vector_rank) if c.vector_rank else 0.0,
            math.log(c.vector_rank or _ABSENT),
            float(bool(c.lexical_rank and c.vector_rank)),
        )
        for c in candidates
    ]
    return np.array(rows, np.float32)


def _shapes(
    question: Asked,
    texts: Sequence[str],
    titles: Sequence[str],
    early: Sequence[float],
    runs: Sequence[int],
    runs_above: Sequence[int],
    said: Sequence[int],
) -> Matrix:
    """``(texts, 9)``; ``said`` of the question's pairs stand in each title."""
    own, number = max(1, len(question.text)), question.kind in _NUMBER_KINDS
    length, words = math.log1p(len(question.text)), math.log1p(len(question.words))
    rows = [
        (
            runs[n] / own,
            runs_above[n] / own,
            min(1.0, said[n] / max(1, len(titles[n]) - 1)),
            math.log1p(len(text)),
            early[n],
            math.log1p(len(titles[n])),
            float(number and bool(_NUMBER.search(text))),
            length,
            words,
        )
        for n, text in enumerate(texts)
    ]
    return np.array(rows, np.float32)


def _held(pieces: Collection[str], texts: Sequence[str]) -> Held:
    """bool ``(texts, pieces)``: whether a piece stands in a text."""
    found = np.array([[piece in text for piece in pieces] for text in texts], bool)
    return found.reshape(len(texts), len(pieces))


def _covered(weights: Mapping[str, float], here: Held, above: Held) -> Matrix:
    """``(texts, 4)``: shares by weight in the text, in the title, in either; the rarest in either."""
    shares = np.array(list(weights.values()), np.float32)
    if not len(shares):
        return np.zeros((len(here), 4), np.float32)
    either = here | above
    found = [part @ shares / max(float(shares.sum()), 1e-9) for part in (here, above, either)]
    return np.stack([*found, either[:, int(shares.argmax())]], axis=1).astype(np.float32)


def _runs(question: str, texts: Sequence[str], pairs: Held) -> list[int]:
    """For each text the length of the longest run of characters that stands in it and in the question.

    ``pairs`` ``(texts, len(question) - 1)``: whether a text holds the pair that begins at each place. A run
    of three or more begins where two neighbouring pairs are held: only there is it looked for.
    """
    longest = np.where(pairs.any(axis=1), 2, 0).tolist()
    starts = (pairs[:, :-1] & pairs[:, 1:]).nonzero()
    for row, start in zip(*(found.tolist() for found in starts), strict=True):
        text, run = texts[row], longest[row]
        while start + run < len(question) and question[start : start + run + 1] in text:
            run += 1
        longest[row] = run
    return [
        run or int(any(map(text.__contains__, question))) for run, text in zip(longest, texts, strict=True)
    ]


def _early(words: Sequence[str], texts: Sequence[str], held: Held) -> list[float]:
    """For each text how far in front the first of the words stands, 0–1; 0 where none does."""
    found = []
    for text, here in zip(texts, held.tolist(), strict=True):
        places = [text.find(word) for word in compress(words, here)]
        found.append(1 - min(places) / max(1, len(text)) if places else 0.0)
    return found
