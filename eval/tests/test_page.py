"""The report's page: nothing from outside, nothing run, what is left out is said; CSV and Markdown beside it."""

import csv
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval import plots, report
from eval.dataset import Case
from eval.metrics import CaseResult, score
from eval.page import document
from eval.plots import Bin, Estimate, Line
from eval.tests.examples import STATIONS, UNKNOWN, answer

META = {
    "code": "v1",
    "started_at": "2026-05-01T09:00:00+08:00",
    "settings": {"threshold": 0.4, "model": ""},
    "corpus": {"revision": 3, "articles": 1},
}
NASTY = "</details><script>alert(1)</script><img src=x onerror=alert(2)>\"'&=1+1|`*"


class Tags(HTMLParser):
    """Every tag with its attributes, and whether all that was opened was closed."""

    VOID = frozenset(("meta", "br"))

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def result(case: Case, given: dict, **more) -> CaseResult:
    return CaseResult(case=case, answer=given, scores=score(case, given), **more)


def sure(text: str, confidence: float, **more) -> dict:
    return answer(text, **more) | {"confidence": confidence, "withheld": []}


def four() -> list[CaseResult]:
    """Right, incomplete, refused as it should, answered though it should not."""
    return [
        result(STATIONS, sure("驿站36家。", 0.9)),
        result(
            replace(STATIONS, id="q3", category="台账", difficulty="难"),
            sure("有驿站。", 0.6),
            lost="未起草",
        ),
        result(UNKNOWN, sure("", 0.1, outcome="insufficient")),
        result(replace(UNKNOWN, id="q4"), sure("海州市有36家。", 0.35)),
    ]


@pytest.fixture
def written(tmp_path):
    return report.write(four(), META, tmp_path), tmp_path


def test_the_figures_behind_every_plot_are_in_the_json(written):
    found, out = written
    assert found == json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert found["failed"] == ["q3", "q4"]
    assert found["faults"] == {"事实不全": 1, "该拒却答": 1}
    assert found["lost"] == {"不在库中": 0, "未检索到": 0, "判为无关": 0, "未起草": 1, "被扣下": 0}
    assert found["outcomes"] == {
        "answerable": {"answered": 2, "refused": 0},
        "unanswerable": {"answered": 1, "refused": 1},
    }
    assert list(found["by_type"]) == ["台账", "库中没有", "数字"]
    assert list(found["by_difficulty"]) == ["难"]
    assert found["threshold"] == 0.4
    assert [found["curve"][n] for n in (0, 40, 70)] == [[0.0, 0.0, 0.5], [0.4, 0.0, 0.0], [0.7, 0.5, 0.0]]
    assert [b["n"] for b in found["calibration"]] == [1, 1, 1, 1]
    assert sum(count for *_, count in found["latency"]) == 4


def test_the_page_holds_every_plot_and_every_failed_case_and_is_well_formed(written):
    page = (written[1] / "report.html").read_text(encoding="utf-8")
    tags = Tags(page)
    assert tags.open == []
    assert sum(attributes.get("class") == "chart" for tag, attributes in tags.seen if tag == "svg") == 3
    assert sum(attributes.get("class") == "wrong" for tag, attributes in tags.seen if tag == "details") == 2
    for words in ("✗ 缺 36家", "未起草：", "现在的门槛 0.40：该答却拒 0.0%，该拒却答 0.0%", "作答门槛"):
        assert words in page


def test_the_page_loads_and_runs_nothing_whatever_the_texts_say(tmp_path):
    case = Case(
        id=NASTY, question=NASTY, type=NASTY, must=((NASTY,),), must_not=(NASTY,), source=(NASTY,),
        article=NASTY, history=((NASTY, NASTY),), note=NASTY, clauses=(NASTY,), difficulty="易",
    )  # fmt: skip
    given = sure(NASTY, 0.5, title=NASTY, quote="<b>") | {"notes": [NASTY], "withheld": [NASTY]}
    given["evidence"][0] |= {"text": NASTY + "<b>", "reason": NASTY, "label": NASTY}
    crashed = CaseResult(case=replace(case, id="c"), error=NASTY)
    report.write([result(case, given), crashed], {"code": NASTY, NASTY: {NASTY: [NASTY]}}, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    tags = Tags(page)
    assert tags.open == []
    assert {tag for tag, _ in tags.seen} & {"script", "img", "iframe", "link", "object", "a", "form"} == set()
    assert not any(name.startswith(("on", "href", "src", "xlink")) for _, a in tags.seen for name in a)
    assert "://" not in page
    assert "default-src 'none'" in page


def test_a_spreadsheet_gets_a_row_a_case_and_no_formula(tmp_path):
    formula = replace(STATIONS, id="=1+1", question="@SUM(A1)")
    report.write([result(formula, sure("-36家", 0.5)), *four()], META, tmp_path)
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["编号"] for r in rows] == ["'=1+1", "q1", "q3", "q2", "q4"]
    assert (rows[0]["问题"], rows[0]["回答"]) == ("'@SUM(A1)", "'-36家")
    told = {
        k: rows[2][k] for k in ("类别", "难度", "应有", "答对", "毛病", "丢在哪一步", "结果", "把握", "毫秒")
    }
    assert told == {
        "类别": "台账",
        "难度": "难",
        "应有": "36家／36 家",
        "答对": "0.0",
        "毛病": "事实不全",
        "丢在哪一步": "未起草",
        "结果": "已回答",
        "把握": "0.6",
        "毫秒": "10.0",
    }


def test_markdown_tables_are_not_broken_by_a_name(tmp_path):
    odd = replace(STATIONS, category="甲|乙\n<b>")
    found = report.markdown(report.write([result(odd, answer())], {}, tmp_path))
    assert "| 甲\\|乙 \\<b\\> | 1.000 | 1.000–1.000 | 1 |" in found
    assert found.startswith("# 测评报告\n\n共 1 题，没有答对 0 题，程序出错 0 题。")


def test_a_run_of_before_confidence_was_told_still_makes_a_report(tmp_path):
    found = report.write([result(STATIONS, answer()), result(UNKNOWN, answer())], {}, tmp_path)
    assert (found["curve"], found["calibration"]) == ([], [])
    assert "这次的回答没有带把握" in (tmp_path / "report.html").read_text(encoding="utf-8")


def many(n: int) -> Iterator[CaseResult]:
    filler = "云河市总工会的一段很长的依据。" * 1000
    for number in range(n):
        given = sure("有驿站。", 0.5)
        given["evidence"][0] |= {"text": f"{number}{filler}"}
        case = replace(STATIONS, id=f"m{number}", source=())
        yield CaseResult(case=case, answer=given, scores={"right": 0.0, "refusal": 1.0})


def peak(n: int, out: Path) -> int:
    tracemalloc.start()
    report.write(many(n), META, out)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_a_large_run_is_told_in_bounded_memory_and_the_page_says_what_it_leaves_out(tmp_path):
    assert peak(1000, tmp_path) + 5e6 > peak(1500, tmp_path)  # the texts of the 500 more are 15 MB
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "没有答对的题（1500）" in page
    assert f"只列前 {report.FAILED_SHOWN} 题；全部见同一文件夹里的 report.csv。" in page
    assert page.count('class="wrong"') == report.FAILED_SHOWN
    assert len((tmp_path / "report.csv").read_text(encoding="utf-8").splitlines()) == 1501


def test_marks_stand_where_their_values_are():
    bar = plots.interval(Estimate(0.5, 0.25, 0.75, 8))
    assert 'width="50.0" height="16"' in bar
    assert "M25.0 8H75.0" in bar
    assert 'aria-label="50.0%，95% 区间 25.0% 到 75.0%"' in bar
    drawn = plots.lines([Line("甲", [(0, 0), (1, 1)], plots.BLUE)], across="横", up="竖", told="说明", at=0.5)
    assert 'points="46.0,210.0 346.0,14.0"' in drawn
    assert "M196.0 14V210" in drawn
    dots = plots.calibration([Bin(0.5, Estimate(1.0, 0.4, 1.0, 3))], across="横", up="竖", told="说明")
    assert '<circle cx="196.0" cy="14.0" r="7.0"' in dots
    bars = plots.histogram([(0, 10, 4), (10, 20, 2)], marks=[("中位", 10)], across="毫秒", told="说明")
    assert 'x="46.5" y="14.0"' in bars
    assert 'x="196.5" y="112.0"' in bars


def test_words_in_a_plot_are_escaped():
    drawn = plots.lines([Line(NASTY, [(0, 0)], plots.BLUE)], across=NASTY, up=NASTY, told=NASTY)
    assert {tag for tag, _ in Tags(document(NASTY, drawn)).seen} & {"script", "img"} == set()
