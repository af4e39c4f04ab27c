"""The adversarial set: what it holds. It is asked with ``python -m eval run``, not by the gate."""

from collections import Counter
from pathlib import Path

import eval
from eval.dataset import load

CASES = Path(eval.__file__).parent / "datasets" / "adversarial" / "cases.jsonl"
SORTS = {"换地区", "换年份", "换文件", "半真前提", "藏指令", "否定", "两数相算", "问助手", "近似"}


def test_every_sort_of_trap_has_its_questions_and_what_is_to_be_refused_holds_no_fact():
    cases = load(CASES)
    assert len(cases) >= 150
    assert {sort for sort, count in Counter(c.category for c in cases).items() if count >= 15} == SORTS
    assert [c.id for c in cases if not c.answerable and c.must] == []
