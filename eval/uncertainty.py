"""How far a figure can be trusted: bootstrap intervals, permutation tests, several tests at once.

Questions on one document stand or fall together, so what is drawn anew, or given another
sign, is always the whole document (a cluster), never the single question.
"""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from scipy import stats

#: Numbers drawn at a time: bounds memory, whatever the number of questions.
BLOCK = 2_000_000


def interval(
    values: Sequence[float], clusters: Sequence[Hashable] = (), *, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean (Efron 1979), whole clusters drawn
    (Field & Welsh 2007).

    ``values``: (n,), n ≥ 1; ``clusters``: (n,) what each value belongs to, or nothing where
    each stands alone. With fewer than two clusters the values are drawn singly.
    """
    sums, counts = totals(values, clusters)
    generator = np.random.default_rng(seed)
    block = max(1, BLOCK // len(sums))
    means = []
    for start in range(0, draws, block):
        drawn = generator.integers(0, len(sums), (min(block, draws - start), len(sums)))
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return float(low), float(high)


def paired_interval(
    change: Sequence[float], clusters: Sequence[Hashable] = (), *, draws: int = 9999, seed: int = 0
) -> tuple[float, float]:
    """95 % paired bootstrap interval of a mean difference (``scipy.stats.bootstrap``), clusters drawn whole.

    ``change``: (n,) after minus before, of the same question.
    """
    sums, counts = totals(change, clusters)
    if len(sums) < 2:
        mean = float(sums.sum() / counts.sum())
        return mean, mean
    found = stats.bootstrap(
        (sums, counts),
        lambda s, c, axis=-1: s.sum(axis=axis) / c.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=draws,
        batch=max(1, BLOCK // len(sums)),
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(found.low), float(found.high)


def permutation_p(
    change: Sequence[float], clusters: Sequence[Hashable] = (), *, draws: int = 9999, seed: int = 0
) -> float:
    """Two-sided p of a mean difference when each cluster's sign is a toss (Good 2005).

    Exact for few changed clusters (``scipy.stats.permutation_test``); 1.0 where nothing changed.
    """
    sums, _ = totals(change, clusters)
    moved = sums[sums != 0]
    if not len(moved):
        return 1.0
    if len(moved) == 1:
        moved = np.append(moved, 0.0)  # scipy wants two observations; a zero changes no sum
    found = stats.permutation_test(
        (moved,),
        lambda x, axis=-1: x.sum(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=draws,
        batch=max(1, BLOCK // len(moved)),
        rng=np.random.default_rng(seed),
    )
    return float(min(1.0, found.pvalue))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Several tests at once: each p made larger so that one false alarm among all stays
    under 5 % where p < .05 is asked (Holm 1979)."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, p * (len(p_values) - rank)))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}


def totals(values: Sequence[float], clusters: Sequence[Hashable] = ()) -> tuple[np.ndarray, np.ndarray]:
    """Sum and count of the values of each cluster, both (g,); singly where fewer than two clusters are."""
    data = np.asarray(values, dtype=np.float64)
    numbers: dict[Hashable, int] = {}
    places = np.array([numbers.setdefault(c, len(numbers)) for c in clusters], dtype=np.intp)
    if len(numbers) < 2:
        return data, np.ones_like(data)
    return np.bincount(places, data), np.bincount(places).astype(np.float64)
