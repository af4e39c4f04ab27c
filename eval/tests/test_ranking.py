"""Ranking measures against formulas written out here, on random runs and by hand."""

import math
import random

import pytest

from eval.ranking import averages, per_query

RANKED = ["d3", "d1", "d7", "d2"]
RELEVANT = {"d1": 1, "d2": 1}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Recall@1", 0.0),
        ("Recall@5", 1.0),
        ("MRR@10", 0.5),
        ("Success@1", 0.0),
        ("Success@5", 1.0),
        # gains at ranks 2 and 4: 1/log2(3) + 1/log2(5); ideal: 1/log2(2) + 1/log2(3)
        ("nDCG@10", (0.6309297 + 0.4306766) / (1 + 0.6309297)),
    ],
)
def test_ranking_measures_agree_with_a_calculation_by_hand(name, expected):
    assert per_query({"问": RANKED}, {"问": RELEVANT}, [name])[name]["问"] == pytest.approx(
        expected, abs=1e-6
    )


def recall_at(k, ranked, grades):
    return len([d for d in ranked[:k] if d in grades]) / len(grades)


def reciprocal_rank_at(k, ranked, grades):
    return next((1 / rank for rank, d in enumerate(ranked[:k], 1) if d in grades), 0.0)


def ndcg_at(k, ranked, grades):
    def gain(values):
        return sum(v / math.log2(rank + 1) for rank, v in enumerate(values[:k], 1))

    return gain([grades.get(d, 0) for d in ranked]) / gain(sorted(grades.values(), reverse=True))


def success_at(k, ranked, grades):
    return float(any(d in grades for d in ranked[:k]))


def random_run(seed):
    """A run and grades over Chinese ids; some queries find nothing, some documents are graded 2 or 3."""
    chance = random.Random(seed)
    docs = [f"条{n}" for n in range(300)]
    run = {f"问{q}": chance.sample(docs, chance.choice([0, 3, 40, 100])) for q in range(40)}
    qrels = {q: {d: chance.randint(1, 3) for d in chance.sample(docs, chance.randint(1, 5))} for q in run}
    return run, qrels


FORMULAS = {
    **{f"Recall@{k}": (recall_at, k) for k in (1, 5, 10, 20, 50, 100)},
    "MRR@10": (reciprocal_rank_at, 10),
    "nDCG@10": (ndcg_at, 10),
    **{f"Success@{k}": (success_at, k) for k in (1, 5, 10)},
}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_measure_equals_its_formula_for_each_query_of_a_random_run(seed):
    run, qrels = random_run(seed)
    expected = {
        name: {q: pytest.approx(formula(k, run[q], qrels[q]), abs=1e-6) for q in qrels}
        for name, (formula, k) in FORMULAS.items()
    }
    assert per_query(run, qrels) == expected


def test_a_judged_query_that_was_never_asked_counts_as_nothing_found_and_an_unjudged_one_not_at_all():
    found = averages({"a": ["x"], "z": ["x"]}, {"a": {"x": 1}, "b": {"y": 1}})
    assert found["Recall@10"]["mean"] == 0.5
    assert averages({}, {"a": {"x": 1}})["nDCG@10"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
