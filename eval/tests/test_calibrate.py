"""Calibration: curves and thresholds by hand, weights found again, too few questions refused."""

import json
import random
from math import exp

import pytest

from assistant.calibration import load
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.testing import make_store
from eval.__main__ import main
from eval.calibrate import Example, Point, borne_out, calibration_bins, choose, curve, fit, wilson, write
from eval.dataset import Case
from eval.tests.examples import PASSAGE, STATIONS, UNKNOWN, answer

#: (confidence, drafted, answerable)
FOUR = [(0.9, True, True), (0.2, True, True), (0.5, False, True), (0.3, True, False), (0.6, True, False)]


def test_a_threshold_refuses_what_is_less_sure_and_what_was_never_drafted():
    points = {p.threshold: p for p in curve(FOUR)}
    assert points[0.0] == Point(0.0, pytest.approx(1 / 3), 1.0)
    assert points[0.25] == Point(0.25, pytest.approx(2 / 3), 1.0)
    assert points[0.4] == Point(0.4, pytest.approx(2 / 3), 0.5)
    assert points[1.0] == Point(1.0, 1.0, 0.0)


def test_without_both_sorts_of_questions_there_is_no_curve():
    assert curve([(0.9, True, True)]) == []


def test_the_balance_decides_between_refusing_and_answering():
    points = [Point(0.1, 0.0, 0.5), Point(0.2, 0.3, 0.1), Point(0.3, 0.3, 0.1), Point(0.4, 0.3, 0.1)]
    assert choose(points, 1.0).threshold == 0.3  # .4 < .5, the middle of three alike
    assert choose(points, 2.0).threshold == 0.1  # .5 < .7


def test_groups_of_confidence_hold_their_share_and_its_wilson_interval():
    low, high = wilson(1, 2)
    assert (round(low, 4), round(high, 4)) == (0.0945, 0.9055)
    assert calibration_bins([(0.91, True), (0.99, False), (1.0, True), (0.05, False)]) == [
        {"confidence": 0.05, "share": 0.0, "low": 0.0, "high": pytest.approx(wilson(0, 1)[1]), "n": 1},
        {
            "confidence": pytest.approx((0.91 + 0.99 + 1.0) / 3),
            "share": pytest.approx(2 / 3),
            "low": wilson(2, 3)[0],
            "high": wilson(2, 3)[1],
            "n": 3,
        },
    ]


def examples(n: int) -> list[Example]:
    """Evidence that holds the answer with the chance 1 / (1 + exp(6·missing − 3)); none is looked up."""
    drawn = random.Random(7)
    found = []
    for _ in range(n):
        missing = drawn.random()
        holds = drawn.random() < 1 / (1 + exp(6 * missing - 3))
        found.append(Example({"missing": missing, "lead": drawn.random()}, True, holds, holds))
    return found


def test_the_fitted_confidence_is_near_the_chance_it_was_drawn_with():
    fitted = fit(examples(2000))
    for missing in (0.2, 0.5, 0.8):
        found = fitted.calibration.confidence({"missing": missing, "lead": 0.5})
        assert found == pytest.approx(1 / (1 + exp(6 * missing - 3)), abs=0.05)
    assert fitted.brier < 0.2
    assert fitted.calibration.threshold == pytest.approx(0.5, abs=0.1)


def test_what_is_looked_up_gets_its_own_share_by_laplaces_rule():
    looked = [Example({"looked_up": 1.0}, True, True, holds) for holds in (True, True, False)]
    assert fit([*examples(200), *looked]).calibration.looked_up == 0.6


def test_too_few_questions_of_one_sort_are_refused_in_chinese():
    answerable = [Example({"missing": 0.1}, True, True, True)] * 40
    with pytest.raises(UserError, match="库里没有答案的题不到 10 道"):
        fit(answerable)


@pytest.mark.parametrize("balance", [0.0, -1.0, float("nan")])
def test_a_balance_that_weighs_nothing_is_refused(balance):
    with pytest.raises(UserError, match="不是大于 0 的数"):
        fit(examples(100), balance=balance)


def test_the_page_and_the_weights_are_written(tmp_path):
    fitted = fit(examples(200), fitted_on="手工")
    write(fitted, tmp_path)
    page = (tmp_path / "calibration.html").read_text(encoding="utf-8")
    assert f"UNIONQA_THRESHOLD={fitted.calibration.threshold:.2f}" in page
    assert "<svg" in page
    assert "<script" not in page


def test_evidence_bears_an_answer_out_when_it_holds_a_fact():
    assert borne_out(STATIONS, answer())
    assert borne_out(STATIONS, answer(outcome="insufficient", cited=False))  # refused, but it was there
    other = Case(id="x", question="？", must=(("37家",),))
    assert not borne_out(other, answer())
    assert not borne_out(UNKNOWN, answer())


def test_a_case_without_facts_is_borne_out_by_the_document_it_names():
    assert borne_out(Case(id="x", question="？", source=("驿站",)), answer())
    assert not borne_out(Case(id="x", question="？", source=("书屋",)), answer())


def test_the_command_asks_each_set_of_its_own_store_and_tells_the_threshold(tmp_path, capsys):
    articles = [{"title": "驿站建设情况", "text": PASSAGE}]
    sets = []
    for name, case in (("能答", STATIONS), ("不能答", UNKNOWN)):
        rows = [
            {"id": f"{name}{n}", "question": case.question, "must": case.must, "answerable": case.answerable}
            for n in range(10)
        ]
        sets.append(tmp_path / f"{name}.jsonl")
        sets[-1].write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    with make_store(tmp_path, articles, encoder=CorpusSettings().encoder) as store:
        place = store.directory
    out = tmp_path / "校准"
    status = main(["calibrate", f"{sets[0]}@{place}", str(sets[1]), "--store", str(place), "--out", str(out)])
    printed = capsys.readouterr().out.splitlines()
    assert status == 0
    assert printed[0].startswith("共 20 题，其中 10 题库里有答案")
    assert printed[1] == "不设门槛：该答却拒 0.0%，该拒却答 0.0%。"
    assert printed[-1] == f"曲线：{out / 'calibration.html'}"
    assert load(out / "calibration.json").fitted_on == "能答、不能答，共 20 题"
