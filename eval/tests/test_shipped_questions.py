"""The shipped questions: each fact stands where it is said to stand, what cannot be answered is not there."""

import json
import re
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from eval.dataset import Case, load

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "corpus" / "documents"
DATASETS = ROOT / "eval" / "datasets"
SETS = {path.stem: load(path) for path in sorted(DATASETS.glob("*.jsonl"))}
#: Words of an unanswerable question that stand together in no line of the documents.
ABSENT: dict[str, list[str]] = json.loads((Path(__file__).parent / "absent.json").read_text(encoding="utf-8"))
GOLD = {case.id: case.clauses for cases in SETS.values() for case in cases if case.clauses}


def squeezed(text: str) -> str:
    return "".join(text.split())


def text_of(path: Path) -> str:
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as word:
            document = word.read("word/document.xml").decode().replace("</w:p>", "\n")
        return re.sub(r"<[^>]+>", "", document)
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pages:
            return "\n".join(page.get_textpage().get_text_range() for page in pages)
    text = path.read_text(encoding="utf-8")
    return re.sub(r"<[^>]+>", "", text) if path.suffix == ".html" else text


TEXTS = {p.name: text_of(p) for p in sorted(DOCUMENTS.iterdir()) if p.is_file() and p.suffix != ".csv"}
SQUEEZED = {name: squeezed(text) for name, text in TEXTS.items()}


def named(case: Case) -> str:
    """The text of the documents that a question names, white space aside."""
    return "".join(text for name, text in SQUEEZED.items() if any(piece in name for piece in case.source))


def test_there_are_enough_questions_and_enough_that_cannot_be_answered() -> None:
    cases = [case for cases in SETS.values() for case in cases]
    assert len(cases) >= 330
    assert sum(not case.answerable for case in cases) >= 100


def test_a_number_names_one_question_in_all_sets() -> None:
    ids = [case.id for cases in SETS.values() for case in cases]
    assert len(ids) == len(set(ids))
    questions = [(case.question, case.history, case.as_of) for cases in SETS.values() for case in cases]
    assert len(questions) == len(set(questions))


@pytest.mark.parametrize("case", SETS["desk"], ids=lambda case: case.id)
def test_each_way_to_say_a_fact_stands_in_the_documents_the_question_names(case: Case) -> None:
    assert [s for s in case.source if not any(s in name for name in TEXTS)] == []
    text = named(case)
    assert case.must
    assert [fact for group in case.must for fact in group if squeezed(fact) not in text] == []


@pytest.mark.parametrize("case", [c for c in SETS["desk"] if c.id in GOLD], ids=lambda case: case.id)
def test_the_gold_clause_stands_in_the_documents_the_question_names(case: Case) -> None:
    text = named(case)
    missing = []
    for clause in GOLD[case.id]:
        law, number = clause.split()
        if squeezed(law) not in text or number not in text:
            missing.append(clause)
    assert missing == []


@pytest.mark.parametrize("case", SETS["refusals"], ids=lambda case: case.id)
def test_what_an_unanswerable_question_asks_stands_nowhere(case: Case) -> None:
    lines = [
        (name, line)
        for name, text in TEXTS.items()
        for line in text.splitlines()
        if all(word in line for word in ABSENT[case.id])
    ]
    assert (case.answerable, case.must, case.source, lines) == (False, (), (), [])
    assert case.note


def test_a_follow_up_comes_with_what_went_before() -> None:
    assert [c.id for c in SETS["desk"] if c.type == "followup" and not c.history] == []
