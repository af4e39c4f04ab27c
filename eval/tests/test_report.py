import json

import pytest

from corpus.errors import UserError
from eval import gate, report
from eval.compare import compare
from eval.dataset import Case
from eval.metrics import CaseResult, score
from eval.tests.examples import STATIONS, UNKNOWN, answer

META = {"code": "v1", "dataset": "abc", "corpus": {"revision": 3, "sources": 1, "articles": 1, "passages": 1}}


def results(*, right: bool = True) -> list[CaseResult]:
    given = answer() if right else answer("不知道。")
    refused = answer(outcome="insufficient")
    return [
        CaseResult(case=STATIONS, answer=given, scores=score(STATIONS, given)),
        CaseResult(case=UNKNOWN, answer=refused, scores=score(UNKNOWN, refused)),
    ]


def test_the_report_is_one_page_that_needs_nothing_from_outside(tmp_path):
    written = report.write(results(), META, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http" not in page
    assert "云河市建成了多少家户外劳动者驿站？" in page
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == written
    assert written["failed"] == []


def test_text_from_questions_and_answers_is_shown_and_not_run(tmp_path):
    hostile = Case(id="<b>", question="<script>alert(1)</script>", must=(("<img>",),))
    given = answer("<img src=x onerror=alert(1)>")
    report.write([CaseResult(case=hostile, answer=given, scores=score(hostile, given))], META, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "<img" not in page


def test_the_terminal_gets_a_line_a_measure(tmp_path):
    printed = report.lines(report.write(results(right=False), META, tmp_path))
    assert printed[0] == "共 2 题，出错 0 题"
    assert "答对：0.500（95% 区间 0.000–1.000，2 题）" in printed
    assert printed[-2:] == ["拒答平衡准确率：1.000", "每题用时：中位 10 毫秒，95% 在 10 毫秒以内"]


def many(values: list[float]) -> list[CaseResult]:
    return [
        CaseResult(case=Case(id=str(n), question=f"问{n}"), scores={"right": value})
        for n, value in enumerate(values)
    ]


def test_a_run_compared_with_itself_shows_no_difference():
    found = compare(many([1.0, 0.0, 1.0]), many([1.0, 0.0, 1.0]))
    assert (found["difference"], found["p"], found["gained"], found["lost"]) == (0.0, 1.0, [], [])


def test_a_loss_is_found_and_the_flipped_cases_are_named():
    found = compare(many([1.0] * 40), many([0.0] * 10 + [1.0] * 30))
    assert found["difference"] == -0.25
    assert found["p"] < 0.01
    assert found["high"] < 0
    assert found["lost"] == [str(n) for n in range(10)]


def test_runs_without_a_common_case_cannot_be_compared():
    with pytest.raises(UserError, match="没有相同的题"):
        compare(many([1.0]), results())


def test_the_gate_passes_at_the_floor_and_names_what_fell_below_it(tmp_path):
    floors = tmp_path / "floors.json"
    gate.pin(report.write(results(), META, tmp_path), floors, lower=False)
    assert gate.check(report.write(results(), META, tmp_path), floors) == []
    worse = report.write(results(right=False), META, tmp_path)
    assert gate.check(worse, floors) == ["“right”是 0.5000，低于基准 1.0000。"]


def test_a_floor_falls_only_when_asked_to(tmp_path):
    floors = tmp_path / "floors.json"
    gate.pin(report.write(results(), META, tmp_path), floors, lower=False)
    worse = report.write(results(right=False), META, tmp_path)
    with pytest.raises(UserError, match="right 比原来的基准低"):
        gate.pin(worse, floors, lower=False)
    gate.pin(worse, floors, lower=True)
    assert gate.check(worse, floors) == []


def test_floors_of_other_questions_do_not_count(tmp_path):
    floors = tmp_path / "floors.json"
    gate.pin(report.write(results(), META, tmp_path), floors, lower=False)
    with pytest.raises(UserError, match="题集变了"):
        gate.check(report.write(results(), META | {"dataset": "other"}, tmp_path), floors)
