"""Folds of the lay questions, so that what is measured was not learned from.

Questions that say nearly the same stay in one fold: a model that had seen the one would
know the other.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

FOLDS = 5
#: Share of common character pairs (Jaccard) from which two questions are the same question.
ALIKE = 0.5
_MARKS = re.compile(r"\W")


def folds_of(questions: Sequence[str], seed: int, *, count: int = FOLDS) -> np.ndarray:
    """int64 (questions,): the fold of each, of nearly equal size, drawn with ``seed``."""
    groups = alike(questions)
    sizes = Counter(groups)
    mixed = sorted(sizes)
    random.Random(seed).shuffle(mixed)  # noqa: S311
    held = [0] * count
    fold_of = {}
    for group in mixed:
        fold_of[group] = held.index(min(held))
        held[fold_of[group]] += sizes[group]
    return np.array([fold_of[group] for group in groups])


def alike(questions: Sequence[str]) -> list[int]:
    """The group of each question; those ``ALIKE``, also by way of a third one, share a group."""
    pairs = [_pairs(question) for question in questions]
    holders: dict[str, list[int]] = defaultdict(list)
    parent = list(range(len(questions)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for at, own in enumerate(pairs):
        common = Counter(other for pair in own for other in holders[pair])
        # In order: the groups' names, and with them the folds, must not hang on the order of a set.
        for other, shared in sorted(common.items()):
            if shared >= ALIKE * (len(own) + len(pairs[other]) - shared):
                parent[root(at)] = root(other)
        for pair in own:
            holders[pair].append(at)
    return [root(at) for at in range(len(questions))]


def _pairs(question: str) -> set[str]:
    plain = _MARKS.sub("", question)
    return {plain[at : at + 2] for at in range(len(plain) - 1)}
