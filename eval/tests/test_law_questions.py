"""The shipped questions on the law: what they ask for can be found where they say it stands."""

from pathlib import Path

import pytest

from eval.dataset import Case, load

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "corpus" / "documents"
CASES = load(ROOT / "eval" / "datasets" / "law.jsonl")


def squeezed(text: str) -> str:
    return "".join(text.split())


def documents(case: Case) -> list[str]:
    return [(DOCUMENTS / name).read_text(encoding="utf-8") for name in case.source]


@pytest.mark.parametrize("case", [c for c in CASES if c.answerable], ids=lambda case: case.id)
def test_each_fact_stands_in_the_documents_the_question_names(case: Case) -> None:
    text = squeezed("".join(documents(case)))
    assert case.must
    missing = [group for group in case.must if not any(squeezed(one) in text for one in group)]
    assert missing == []


@pytest.mark.parametrize("case", [c for c in CASES if c.article], ids=lambda case: case.id)
def test_the_title_a_question_names_is_the_title_of_its_document(case: Case) -> None:
    assert [case.article in text.splitlines()[0] for text in documents(case)] == [True]


def test_a_follow_up_cannot_be_understood_without_what_went_before() -> None:
    assert [c.id for c in CASES if c.type == "followup" and not c.history] == []


def test_a_quarter_of_the_questions_cannot_be_answered_and_names_no_source() -> None:
    unanswerable = [c for c in CASES if not c.answerable]
    assert len(unanswerable) * 4 >= len(CASES)
    assert [c.id for c in unanswerable if c.must or c.source] == []
    assert [c.id for c in unanswerable if not c.note] == []
