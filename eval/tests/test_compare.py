"""Comparison and gate: a planted loss is found, a rerun is not; figures worked out by hand."""

import random
from pathlib import Path

import pytest

from corpus.errors import UserError
from eval import gate
from eval.compare import compare, compare_many, lines, verdict
from eval.dataset import Case, digest
from eval.metrics import CaseResult, missed, score, summary
from eval.tests.examples import answer

FACT, ANSWERED, WRONG = ("36家",), answer(), answer("建成驿站63家。", quote="建成户外劳动者驿站36家")


def results(values: list[float], *, source: str = "", category: str = "number") -> list[CaseResult]:
    """Answers that are right (1.0) or wrong (0.0), on one document where one is given."""
    made = []
    for n, value in enumerate(values):
        case = Case(
            id=str(n), question=f"问{n}", type=category, must=(FACT,), source=(source,) if source else ()
        )
        given = ANSWERED if value else WRONG
        made.append(CaseResult(case=case, answer=given, scores=score(case, given)))
    return made


def test_a_run_compared_with_itself_shows_no_difference():
    found = compare(results([1.0, 0.0, 1.0]), results([1.0, 0.0, 1.0]))
    whole = {
        key: found[key] for key in ("cases", "difference", "low", "high", "p", "gained", "lost", "flipped")
    }
    assert whole == {
        "cases": 3, "difference": 0.0, "low": 0.0, "high": 0.0, "p": 1.0, "gained": [], "lost": [], "flipped": [],
    }  # fmt: skip
    assert {m["p_holm"] for m in found["measures"].values()} == {1.0}
    assert verdict(found) == "答对的题完全一样。"


def test_a_change_that_may_be_chance_is_said_to_be_no_more():
    found = compare(results([1.0] * 40), results([0.0] * 2 + [1.0] * 38))
    assert found["p"] == 0.5
    assert verdict(found).startswith("看不出差别：答对的比例变化 -0.050")


def test_a_loss_is_found_and_the_flipped_cases_stand_side_by_side():
    found = compare(results([1.0] * 40), results([0.0] * 10 + [1.0] * 30))
    assert (found["before"], found["after"], found["difference"]) == (1.0, 0.75, -0.25)
    assert found["p"] == pytest.approx(2 / 2**10)  # ten tosses that fall alike
    assert found["low"] < -0.25 < found["high"] < 0
    assert found["lost"] == [str(n) for n in range(10)]
    assert found["flipped"][0] == {
        "id": "0",
        "question": "问0",
        "category": "number",
        "before": {"right": 1.0, "outcome": "answered", "answer": ANSWERED["answer"], "lost": ""},
        "after": {"right": 0.0, "outcome": "answered", "answer": "建成驿站63家。", "lost": ""},
    }
    assert verdict(found).startswith("变差了：答对的比例变化 -0.250")


def test_ten_questions_lost_on_one_document_may_be_chance():
    found = compare(results([1.0] * 10, source="驿站"), results([0.0] * 10, source="驿站"))
    alone = compare(results([1.0] * 10), results([0.0] * 10))
    assert (found["p"], alone["p"]) == (pytest.approx(2 / 2**10), pytest.approx(2 / 2**10))
    both = [*results([1.0] * 10, source="驿站"), *renamed(results([1.0] * 10, source="书屋"), "乙")]
    lost = [*results([0.0] * 10, source="驿站"), *renamed(results([1.0] * 10, source="书屋"), "乙")]
    assert compare(both, lost)["p"] == 1.0, "of two documents one changed: a single toss"


def renamed(made: list[CaseResult], mark: str) -> list[CaseResult]:
    return [
        CaseResult(
            case=Case(id=f"{mark}{r.case.id}", question=r.case.question, type="list", must=r.case.must, source=r.case.source),
            answer=r.answer, scores=r.scores,
        )
        for r in made
    ]  # fmt: skip


def test_each_category_has_its_own_figures_and_p_is_corrected_for_their_number():
    before = [*results([1.0] * 20), *renamed(results([1.0] * 20), "乙")]
    after = [*results([0.0] * 7 + [1.0] * 13), *renamed(results([1.0] * 20), "乙")]
    found = compare(before, after)["categories"]
    assert {name: (v["n"], v["before"], v["after"]) for name, v in found.items()} == {
        "list": (20, 1.0, 1.0),
        "number": (20, 1.0, 0.65),
    }
    assert (found["number"]["p"], found["number"]["p_holm"]) == (
        pytest.approx(2 / 2**7),
        pytest.approx(4 / 2**7),
    )
    assert found["list"]["p_holm"] == 1.0


def test_a_crash_counts_as_lost():
    crashed = [CaseResult(case=r.case, error="ValueError: x") for r in results([1.0])]
    found = compare(results([1.0]), crashed)
    assert (found["lost"], found["flipped"][0]["after"]["answer"]) == (["0"], "出错：ValueError: x")
    assert crashed[0].scores == {} and missed(crashed[0].case)["right"] == 0.0


def test_only_common_cases_are_compared_and_without_any_it_says_so():
    found = compare(results([1.0] * 3), results([1.0] * 5))
    assert (found["cases"], found["only_before"], found["only_after"]) == (3, 0, 2)
    with pytest.raises(UserError, match="没有相同的题"):
        compare(results([1.0]), renamed(results([1.0]), "乙"))


def test_another_answer_that_is_as_right_is_counted_and_is_no_flip():
    other = results([1.0, 1.0])
    other[1] = CaseResult(case=other[1].case, answer=answer("驿站36家。"), scores={"right": 1.0})
    found = compare(results([1.0, 1.0]), other)
    assert (found["reworded"], found["flipped"]) == (1, [])


def test_several_runs_are_held_against_the_first():
    runs = {"旧": results([1.0] * 20), "新": results([0.0] * 6 + [1.0] * 14), "再跑": results([1.0] * 20)}
    found = compare_many(runs)
    assert (found["baseline"], found["cases"], list(found["against"])) == ("旧", 20, ["新", "再跑"])
    new = found["against"]["新"]
    assert (new["p"], new["p_holm"]) == (pytest.approx(2 / 2**6), pytest.approx(4 / 2**6))
    assert [row["id"] for row in found["rows"]] == ["0", "1", "2", "3", "4", "5"]
    assert {name: found["rows"][0][name]["right"] for name in runs} == {"旧": 1.0, "新": 0.0, "再跑": 1.0}
    with pytest.raises(UserError, match="只有一次测评"):
        compare_many({"旧": results([1.0])})


def test_the_terminal_gets_a_chinese_table():
    printed = lines(
        compare_many({"旧": results([1.0] * 12), "新": results([0.0] * 8 + [1.0] * 4)}), {"number": "数字"}
    )
    assert printed[0] == "【旧】→【新】"
    assert printed[1].startswith("共同的题 12 道。变差了：答对的比例变化 -0.667（95% 区间 ")
    assert "答对                    12    1.000  0.333  -0.667" in "\n".join(printed)
    assert any(line.startswith("数字                    12    1.000  0.333  -0.667") for line in printed)
    assert "答对→答错  0 问0" in printed
    assert "    后：建成驿站63家。" in printed


# --- the planted loss ---

REPEATS, QUESTIONS, LOST = 20, 300, 9


def version(chance: random.Random) -> list[CaseResult]:
    """300 answers as a version of the program gives them, some 85 % right, four questions a document."""
    made = []
    for n in range(QUESTIONS):
        case = Case(
            id=str(n), question=f"云河市问题{n}", must=(FACT,), source=(f"文件{chance.randrange(75)}",)
        )
        given = ANSWERED if chance.random() < 0.85 else WRONG
        made.append(CaseResult(case=case, answer=given, scores=score(case, given)))
    return made


def with_loss(run: list[CaseResult], chance: random.Random) -> list[CaseResult]:
    """The same run with three points of a hundred lost: nine right answers turned wrong."""
    right = [n for n, r in enumerate(run) if r.scores["right"]]
    lost = set(chance.sample(right, LOST))
    return [
        CaseResult(case=r.case, answer=WRONG, scores=score(r.case, WRONG)) if n in lost else r
        for n, r in enumerate(run)
    ]


def report(run: list[CaseResult]) -> dict:
    return {"run": {"dataset": digest([r.case for r in run])}, "all": summary(run)}


@pytest.mark.parametrize("seed", range(REPEATS))
def test_a_planted_loss_of_three_points_is_found_and_a_rerun_is_not(seed: int, tmp_path: Path):
    chance = random.Random(seed)
    run = version(chance)
    worse = with_loss(run, chance)
    rerun = [CaseResult(case=r.case, answer=dict(r.answer), scores=score(r.case, r.answer)) for r in run]

    found = compare(run, worse, seed=seed)
    assert found["difference"] == pytest.approx(-0.03)
    assert found["p"] < 0.05
    assert found["high"] < 0
    again = compare(run, rerun, seed=seed)
    assert (again["p"], again["flipped"]) == (1.0, [])

    floors = tmp_path / "floors.json"
    gate.pin(report(run), floors, lower=False)
    assert gate.check(report(rerun), floors) == []
    assert gate.check(report(worse), floors)[0].startswith("“答对”是 ")
