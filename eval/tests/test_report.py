import json

from eval import report
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
    assert "://" not in page
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
