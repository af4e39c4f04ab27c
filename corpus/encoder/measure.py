"""Retrieval figures: the encoder, BM25 over character bigrams, and both by rank."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

DEPTH = 100
_APART = re.compile(r"[^\w]+")


def figures(ranked: np.ndarray, gold: Sequence[Iterable[int]]) -> dict[str, float]:
    """R@1, R@10, R@100, MRR@10, nDCG@10 of ``ranked`` (queries, ≥100) article numbers.

    Recall is the mean share of a question's articles that were found.
    """
    totals: dict[str, float] = defaultdict(float)
    for found, right in zip(ranked, map(set, gold), strict=True):
        places = [place for place, article in enumerate(found.tolist()) if article in right]
        for k in (1, 10, 100):
            totals[f"R@{k}"] += sum(place < k for place in places) / len(right)
        totals["MRR@10"] += 1 / (places[0] + 1) if places and places[0] < 10 else 0
        best = sum(1 / math.log2(place + 2) for place in range(min(10, len(right))))
        totals["nDCG@10"] += sum(1 / math.log2(place + 2) for place in places if place < 10) / best
    return {name: round(total / len(ranked), 4) for name, total in totals.items()}


def nearest(queries: np.ndarray, passages: np.ndarray, depth: int = DEPTH) -> np.ndarray:
    """(queries, depth): the numbers of the nearest passages, best first."""
    return np.stack([_best(row @ passages.T, depth) for row in queries])


def fused(*legs: np.ndarray, weights: Sequence[float] = (), depth: int = DEPTH, k: int = 60) -> np.ndarray:
    """Reciprocal rank fusion of several rankings of the same questions."""
    shares = weights or [1.0] * len(legs)
    return np.stack([_fuse(rankings, shares, depth, k) for rankings in zip(*legs, strict=True)])


class Bigrams:
    """BM25 over character bigrams (k1 1.2, b .75): the yardstick beside the encoder."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._numbers: dict[str, int] = {}
        documents, terms, counts = [], [], []
        lengths = np.zeros(len(texts), dtype=np.float32)
        for document, text in enumerate(texts):
            bag = Counter(bigrams(text))
            lengths[document] = bag.total()
            for term, count in bag.items():
                documents.append(document)
                terms.append(self._numbers.setdefault(term, len(self._numbers)))
                counts.append(count)
        order = np.argsort(terms, kind="stable")
        self._size = len(texts)
        self._documents = np.array(documents, dtype=np.int32)[order]
        self._starts = np.searchsorted(np.array(terms)[order], np.arange(len(self._numbers) + 1))
        often = np.diff(self._starts)
        idf = np.log1p((len(texts) - often + 0.5) / (often + 0.5)).astype(np.float32)
        tf = np.array(counts, dtype=np.float32)[order]
        norm = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
        self._weights = np.repeat(idf, often) * tf * 2.2 / (tf + norm[self._documents])

    def ranked(self, queries: Sequence[str], depth: int = DEPTH) -> np.ndarray:
        """(queries, depth): the numbers of the best texts, best first."""
        return np.stack([_best(self._scores(query), depth) for query in queries])

    def _scores(self, query: str) -> np.ndarray:
        scores = np.zeros(self._size)
        for term, count in Counter(bigrams(query)).items():
            number = self._numbers.get(term)
            if number is not None:
                there = slice(self._starts[number], self._starts[number + 1])
                scores[self._documents[there]] += count * self._weights[there]
        return scores


def bigrams(text: str) -> list[str]:
    """Neighbouring characters within runs free of punctuation."""
    return [run[at : at + 2] for run in _APART.split(text.lower()) for at in range(len(run) - 1)]


def _best(scores: np.ndarray, depth: int) -> np.ndarray:
    some = np.argpartition(-scores, min(depth, len(scores) - 1))[:depth]
    return some[np.argsort(-scores[some], kind="stable")]


def _fuse(rankings: Iterable[np.ndarray], weights: Iterable[float], depth: int, k: int) -> np.ndarray:
    scores: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for place, article in enumerate(ranking.tolist()):
            scores[article] = scores.get(article, 0) + weight / (k + place + 1)
    best = sorted(scores, key=lambda article: (-scores[article], article))
    return np.array((best + [-1] * depth)[:depth])
