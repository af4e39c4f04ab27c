import pytest

from eval.dataset import Case
from eval.metrics import MEASURES, CaseResult, Tally, missed, score, summary
from eval.tests.examples import STATIONS, UNKNOWN, answer

GOOD = {
    "right": 1.0,
    "refusal": 1.0,
    "over_refusal": 0.0,
    "fact_recall": 1.0,
    "found": 1.0,
    "concise": 1.0,
    "citation_recall": 1.0,
    "citation_precision": 1.0,
    "citation_recall_exact": 1.0,
    "citation_precision_exact": 1.0,
    "verbatim": 1.0,
    "cited": 1.0,
}
NOTHING_EXACT = {"citation_recall_exact": 0.0, "citation_precision_exact": 0.0}
NOTHING_CITED = {"citation_recall": 0.0, "citation_precision": 0.0, **NOTHING_EXACT}


def test_a_right_answer_scores_on_every_measure_that_applies():
    assert score(STATIONS, answer()) == GOOD


def test_white_space_inside_a_fact_does_not_matter():
    assert score(STATIONS, answer("建成户外劳动者驿站 3 6 家。")) == GOOD


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        (answer("建成驿站63家。"), {"right": 0.0, "fact_recall": 0.0, **NOTHING_CITED}),
        (answer("云河市总工会建成驿站36家。"), NOTHING_EXACT),
        (answer(quote="建成户外劳动者驿站 36 家"), {"verbatim": 0.0}),
        (answer(quote=""), {"verbatim": 0.0}),
        (answer(verdict="数字不符"), {"cited": 0.0}),
        (answer(cited=False), {"cited": 0.0, "found": 0.0, **NOTHING_CITED}),
        (answer(title="别的文章"), {"found": 0.0}),
    ],
)
def test_each_fault_lowers_its_own_measures(given, changed):
    assert score(STATIONS, given) == GOOD | changed


def test_a_refusal_of_an_answerable_question_is_a_miss_without_answer_measures():
    assert score(STATIONS, answer(outcome="insufficient")) == {
        "right": 0.0,
        "refusal": 0.0,
        "over_refusal": 1.0,
        "fact_recall": 0.0,
        "found": 0.0,
    }


def test_an_unanswerable_question_is_right_only_when_refused():
    refused = {"right": 1.0, "refusal": 1.0, "over_answer": 0.0}
    assert score(UNKNOWN, answer(outcome="insufficient")) == refused
    assert score(UNKNOWN, answer(outcome="clarify")) == refused
    told = score(UNKNOWN, answer())
    assert {name: told[name] for name in refused} == {"right": 0.0, "refusal": 0.0, "over_answer": 1.0}
    assert (told["citation_recall"], told["cited"]) == (1.0, 1.0), (
        "what it says is still held to its citations"
    )


def test_a_forbidden_fact_makes_an_answer_wrong_and_unclean():
    case = Case(id="q", question="问", must=(("36家",),), must_not=("1 2000",))
    told = score(case, answer())
    assert (told["right"], told["clean"], told["fact_recall"]) == (0.0, 0.0, 1.0)
    assert score(case, answer("建成户外劳动者驿站36家。"))["clean"] == 1.0
    assert "clean" not in score(STATIONS, answer()), "nothing is forbidden there"


def test_the_share_of_facts_held_is_counted_by_fact():
    case = Case(id="q", question="问", must=(("36家",), ("一万二千人次", "12000人次"), ("48家",)))
    assert score(case, answer())["fact_recall"] == pytest.approx(2 / 3)


def test_an_expected_conflict_must_be_reported_as_one():
    case = Case(id="q", question="问", must=(("36家",),), outcome="conflict")
    assert score(case, answer())["right"] == 0.0
    assert score(case, answer(outcome="conflict"))["right"] == 1.0


def test_a_question_to_be_asked_back_is_wrong_when_refused_for_want_of_evidence():
    case = Case(id="q", question="那个呢？", answerable=False, outcome="clarify")
    assert score(case, answer(outcome="clarify")) == {"right": 1.0, "refusal": 1.0, "over_answer": 0.0}
    assert score(case, answer(outcome="insufficient")) == {"right": 0.0, "refusal": 1.0, "over_answer": 0.0}


def test_one_fact_is_concise_within_eighty_characters_or_as_one_uncut_sentence():
    long_sentence = answer("云河市总工会" * 15 + "建成驿站36家。")
    assert score(STATIONS, long_sentence)["concise"] == 1.0
    two = answer("云河市总工会" * 15 + "建成驿站36家。")
    two["statements"] *= 2
    assert score(STATIONS, two)["concise"] == 0.0
    assert score(STATIONS, answer("建成驿站36家。" * 80))["concise"] == 0.0


def test_every_measure_that_can_be_scored_has_its_chinese_definition():
    case = Case(
        id="q",
        question="问",
        must=(("36家",),),
        must_not=("无",),
        source=("驿站",),
        clauses=("驿站建设情况",),
    )
    given = answer()
    given["evidence"][0] |= {"status": "现行"}
    here = score(case, given) | score(Case(id="r", question="问", must_not=("无",)), given)
    other = score(UNKNOWN, given)
    assert set(here) | set(other) == set(MEASURES)
    assert all("\u4e00" <= m.title[0] <= "\u9fff" and m.meaning for m in MEASURES.values())


CRASH = CaseResult(case=STATIONS, scores={"right": 0.0}, error="ValueError: x")


def test_a_crash_is_the_worst_score_in_every_measure_the_case_has():
    assert missed(STATIONS) == {
        "right": 0.0,
        "refusal": 0.0,
        "over_refusal": 1.0,
        "fact_recall": 0.0,
        "found": 0.0,
    }
    assert missed(UNKNOWN) == {"right": 0.0, "refusal": 0.0, "over_answer": 1.0}


def results() -> list[CaseResult]:
    return [
        CaseResult(case=STATIONS, answer=answer(), scores=score(STATIONS, answer())),
        CaseResult(case=UNKNOWN, answer=answer(), scores=score(UNKNOWN, answer())),
        CRASH,
    ]


def test_the_summary_averages_each_measure_and_counts_what_was_not_scored_apart_from_misses():
    found = summary(results())
    assert (found["cases"], found["crashed"]) == (3, 1)
    assert found["measures"]["right"]["mean"] == pytest.approx(1 / 3)
    assert found["measures"]["verbatim"] == {"mean": 1.0, "low": 1.0, "high": 1.0, "n": 2, "not_scored": 1}
    assert found["measures"]["over_answer"] == {"mean": 1.0, "low": 1.0, "high": 1.0, "n": 1, "not_scored": 2}
    assert "right_clause" not in found["measures"]
    # able to answer: one of two (the crash is a miss); to be refused: none of one
    assert found["balanced_refusal"] == 0.25
    assert found["balanced_refusal_interval"] == [0.0, 0.5]


def timed(milliseconds: float) -> CaseResult:
    given = answer() | {"seconds": {"total": milliseconds / 1000}}
    return CaseResult(case=STATIONS, answer=given, scores=score(STATIONS, given))


def test_latency_and_length_are_told_by_percentiles():
    found = summary([timed(n) for n in range(1, 102)])
    latency = {key: round(found[key], 6) for key in ("median_ms", "p90_ms", "p95_ms", "p99_ms")}
    assert latency == {"median_ms": 51.0, "p90_ms": 91.0, "p95_ms": 96.0, "p99_ms": 100.0}
    assert (found["median_chars"], found["p99_chars"]) == (34.0, 34.0)
    empty = summary([CRASH])
    assert (empty["median_ms"], empty["p95_chars"], empty["balanced_refusal"]) == (None, None, None)


def test_a_tally_keeps_numbers_and_no_answers():
    tally = Tally()
    for result in results():
        tally.add(result)
    assert tally.summary() == summary(iter(results()))
    assert not any("驿站36家" in repr(vars(tally)[name]) for name in vars(tally))
