"""Two runs over the same cases: is the second better, and which answers changed?"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from corpus.errors import UserError
from eval.metrics import CaseResult, interval

DRAWS = 10_000


def compare(before: Sequence[CaseResult], after: Sequence[CaseResult], *, seed: int = 0) -> dict[str, Any]:
    """Mean difference of ``right`` with a paired bootstrap interval and a sign-flip
    permutation test (Good 2005), and the cases that flipped. Raises UserError when the
    runs share no case.
    """
    first = {r.case.digest: r for r in before}
    pairs = [(first[r.case.digest], r) for r in after if r.case.digest in first]
    if not pairs:
        raise UserError("两次测评没有相同的题。", "请比较用同一套题跑出的两次结果。")
    change = np.array([b.scores["right"] - a.scores["right"] for a, b in pairs])
    low, high = interval(change.tolist(), seed=seed)
    return {
        "cases": len(pairs),
        "before": float(np.mean([a.scores["right"] for a, _ in pairs])),
        "after": float(np.mean([b.scores["right"] for _, b in pairs])),
        "difference": float(change.mean()),
        "low": low,
        "high": high,
        "p": _permutation_p(change, seed),
        "gained": [b.case.id for (_, b), d in zip(pairs, change, strict=True) if d > 0],
        "lost": [b.case.id for (_, b), d in zip(pairs, change, strict=True) if d < 0],
    }


def _permutation_p(change: np.ndarray, seed: int) -> float:
    """Two-sided p of the mean under random sign flips. ``change``: (n,)."""
    moved = change[change != 0]
    if not len(moved):
        return 1.0
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (DRAWS, len(moved)))
    extreme = np.abs(signs @ moved) >= abs(moved.sum()) - 1e-12
    return float((extreme.sum() + 1) / (DRAWS + 1))
