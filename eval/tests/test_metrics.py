import pytest

from eval.dataset import Case
from eval.metrics import CaseResult, interval, ndcg_at, recall_at, reciprocal_rank_at, score, summary
from eval.tests.examples import STATIONS, UNKNOWN, answer

GOOD = {
    "right": 1.0,
    "refusal": 1.0,
    "fact_recall": 1.0,
    "concise": 1.0,
    "verbatim": 1.0,
    "cited": 1.0,
    "found": 1.0,
}


def test_a_right_answer_scores_on_every_measure():
    assert score(STATIONS, answer()) == GOOD


def test_white_space_inside_a_fact_does_not_matter():
    assert score(STATIONS, answer("建成驿站 3 6 家。"))["right"] == 1.0


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        (answer("建成驿站63家。"), {"right": 0.0, "fact_recall": 0.0}),
        (answer(quote="建成户外劳动者驿站 36 家"), {"verbatim": 0.0}),
        (answer(quote=""), {"verbatim": 0.0}),
        (answer(verdict="数字不符"), {"cited": 0.0}),
        (answer(cited=False), {"cited": 0.0, "found": 0.0}),
        (answer(title="别的文章"), {"found": 0.0}),
    ],
)
def test_each_fault_lowers_its_own_measure(given, changed):
    assert score(STATIONS, given) == GOOD | changed


def test_a_refusal_of_an_answerable_question_is_a_miss_without_answer_measures():
    assert score(STATIONS, answer(outcome="insufficient")) == {
        "right": 0.0,
        "refusal": 0.0,
        "fact_recall": 0.0,
        "found": 0.0,
    }


def test_an_unanswerable_question_is_right_only_when_refused():
    assert score(UNKNOWN, answer(outcome="insufficient")) == {"right": 1.0, "refusal": 1.0}
    assert score(UNKNOWN, answer()) == {"right": 0.0, "refusal": 0.0}


def test_a_forbidden_fact_makes_an_answer_wrong():
    case = Case(id="q", question="问", must=(("36家",),), must_not=("12000",))
    assert score(case, answer())["right"] == 0.0


def test_an_expected_conflict_must_be_reported_as_one():
    case = Case(id="q", question="问", must=(("36家",),), outcome="conflict")
    assert score(case, answer())["right"] == 0.0
    assert score(case, answer(outcome="conflict"))["right"] == 1.0


def test_one_fact_is_concise_within_eighty_characters_or_as_one_uncut_sentence():
    long_sentence = answer("云河市总工会" * 15 + "建成驿站36家。")
    assert score(STATIONS, long_sentence)["concise"] == 1.0
    two = answer("云河市总工会" * 15 + "建成驿站36家。")
    two["statements"] *= 2
    assert score(STATIONS, two)["concise"] == 0.0
    assert score(STATIONS, answer("建成驿站36家。" * 80))["concise"] == 0.0


def test_the_interval_of_equal_values_is_a_point_and_of_mixed_ones_holds_the_mean():
    assert interval([1.0] * 20) == (1.0, 1.0)
    low, high = interval([0.0, 1.0] * 50)
    assert (low, high) == (pytest.approx(0.4, abs=0.02), pytest.approx(0.6, abs=0.02))


def test_the_summary_averages_each_measure_over_the_cases_it_applies_to():
    results = [
        CaseResult(case=STATIONS, answer=answer(), scores=score(STATIONS, answer())),
        CaseResult(case=UNKNOWN, answer=answer(), scores=score(UNKNOWN, answer())),
        CaseResult(case=Case(id="q3", question="崩"), scores={"right": 0.0}, error="ValueError: x"),
    ]
    found = summary(results)
    assert (found["cases"], found["crashed"], found["balanced_refusal"]) == (3, 1, 0.5)
    assert found["measures"]["right"]["mean"] == pytest.approx(1 / 3)
    assert found["measures"]["verbatim"] == {"mean": 1.0, "low": 1.0, "high": 1.0, "n": 1}
    assert found["median_ms"] == pytest.approx(10.0)


RANKED = ["d3", "d1", "d7", "d2"]


@pytest.mark.parametrize(
    ("measure", "k", "expected"),
    [
        (recall_at, 1, 0.0),
        (recall_at, 2, 0.5),
        (recall_at, 10, 1.0),
        (reciprocal_rank_at, 1, 0.0),
        (reciprocal_rank_at, 10, 0.5),
        # gains at ranks 2 and 4: 1/log2(3) + 1/log2(5); ideal: 1/log2(2) + 1/log2(3)
        (ndcg_at, 10, (0.6309297 + 0.4306766) / (1 + 0.6309297)),
        (ndcg_at, 1, 0.0),
    ],
)
def test_ranking_measures_agree_with_a_calculation_by_hand(measure, k, expected):
    assert measure(k, RANKED, {"d1", "d2"}) == pytest.approx(expected, abs=1e-6)
