"""What tells a good passage from a bad one, in numbers that mean the same in any corpus.

Everything is found by looking for pieces of the question in the passage, never by taking
the passage apart: three hundred candidates cost two or three milliseconds.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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
_RUNS = re.compile(r"[\u4e00-\u9fff]+|[a-z]+|\d+(?:\.\d+)?")

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: ``text`` folded, its ``words`` and character ``pairs`` with their rarity."""

    text: str
    words: Mapping[str, float]
    pairs: Mapping[str, float]
    kind: str = "其他"


@dataclass(frozen=True, slots=True)
class Candidate:
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


def matrix(question: Asked, candidates: Sequence[Candidate]) -> Matrix:
    """float32 ``(candidates, len(NAMES))``, a row for each candidate in order."""
    if not candidates:
        return np.zeros((0, len(NAMES)), np.float32)
    best = max(c.lexical for c in candidates) or 1.0
    nearest = max(c.cosine for c in candidates)
    texts = [plain(c.text) for c in candidates]
    titles = [plain(c.title).strip() for c in candidates]
    words = _covered(question.words, texts, titles)
    pairs = _covered(question.pairs, texts, titles)
    legs = np.array([_legs(c, best, nearest) for c in candidates], np.float32)
    shape = [_shape(question, text, title) for text, title in zip(texts, titles, strict=True)]
    parts = [legs, words[:, :3], pairs[:, :3], words[:, 3:], pairs[:, 3:], np.array(shape, np.float32)]
    near = np.array([c.near[1:] for c in candidates], np.float32)
    return np.concatenate([*parts, near, _documents(candidates, titles)], axis=1)


def _documents(candidates: Sequence[Candidate], titles: Sequence[str]) -> Matrix:
    """``(candidates, 3)``: the best cosine in the same document, the gap to it, how many there are."""
    of: dict[str, list[float]] = defaultdict(list)
    names = [document(title) for title in titles]
    for name, candidate in zip(names, candidates, strict=True):
        of[name].append(candidate.cosine)
    best = np.array([max(of[name]) for name in names])
    own = np.array([candidate.cosine for candidate in candidates])
    counts = np.log1p([len(of[name]) for name in names])
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


def _legs(at: Candidate, best: float, nearest: float) -> list[float]:
    return [
        at.lexical / best,
        1 / (4 + at.lexical_rank) if at.lexical_rank else 0.0,
        math.log(at.lexical_rank or _ABSENT),
        at.cosine,
        nearest - at.cosine,
        1 / (4 + at.vector_rank) if at.vector_rank else 0.0,
        math.log(at.vector_rank or _ABSENT),
        float(bool(at.lexical_rank and at.vector_rank)),
    ]


def _shape(question: Asked, text: str, title: str) -> list[float]:
    asked = question.text
    return [
        common_run(asked, text) / max(1, len(asked)),
        common_run(asked, title) / max(1, len(asked)),
        min(1.0, sum(map(title.__contains__, question.pairs)) / max(1, len(title) - 1)),
        math.log1p(len(text)),
        _early(question.words, text),
        math.log1p(len(title)),
        float(question.kind in _NUMBER_KINDS and bool(_NUMBER.search(text))),
        math.log1p(len(asked)),
        math.log1p(len(question.words)),
    ]


def _covered(weights: Mapping[str, float], texts: Sequence[str], titles: Sequence[str]) -> Matrix:
    """``(texts, 4)``: shares by weight in the text, in the title, in either; the rarest in either."""
    shares = np.array(list(weights.values()), np.float32)
    if not len(shares):
        return np.zeros((len(texts), 4), np.float32)
    here = np.array([[piece in text for piece in weights] for text in texts], bool)
    here = here.reshape(-1, len(shares))
    above = np.array([[piece in title for piece in weights] for title in titles], bool)
    above = above.reshape(here.shape)
    either = here | above
    found = [part @ shares / max(float(shares.sum()), 1e-9) for part in (here, above, either)]
    return np.stack([*found, either[:, int(shares.argmax())]], axis=1).astype(np.float32)


def common_run(question: str, text: str) -> int:
    """Length of the longest run of characters that stands in both."""
    longest = 0
    for start in range(len(question)):
        while start + longest < len(question) and question[start : start + longest + 1] in text:
            longest += 1
    return longest


def _early(words: Mapping[str, float], text: str) -> float:
    places = [place for word in words if (place := text.find(word)) >= 0]
    return 1 - min(places) / max(1, len(text)) if places else 0.0
