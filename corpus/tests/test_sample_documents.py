"""The shipped documents and their register agree; everything invented says so."""

import csv
import json
import re
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from corpus.types import KINDS, STATUSES

FOLDER = Path(__file__).parent.parent / "documents"
REGISTER = FOLDER / "sources.csv"
COLUMNS = [
    "file",
    "title",
    "kind",
    "issuer",
    "number",
    "published_on",
    "effective_on",
    "expires_on",
    "status",
    "region",
    "note",
]
DAY = re.compile(r"(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?")
SCANNED = "扫描件"

with REGISTER.open(encoding="utf-8", newline="") as register:
    ROWS = list(csv.DictReader(register))
QUESTIONS = FOLDER.parents[1] / "eval" / "datasets" / "yunhe.jsonl"
CASES = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
SAMPLES = [row for row in ROWS if row["region"] == "云河市"]


def text_of(path: Path) -> str:
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as word:
            return re.sub(r"<[^>]+>", "", word.read("word/document.xml").decode())
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pages:
            return "".join(page.get_textpage().get_text_range() for page in pages)
    return path.read_text(encoding="utf-8")


def test_the_register_has_its_columns() -> None:
    assert REGISTER.read_text(encoding="utf-8").splitlines()[0].split(",") == COLUMNS


def test_every_document_is_registered_once_and_every_row_has_its_document() -> None:
    shipped = {path.name for path in FOLDER.iterdir() if path.is_file()} - {REGISTER.name}
    assert sorted(row["file"] for row in ROWS) == sorted(shipped)


def test_there_are_twenty_sample_documents_in_every_format_that_ingest_reads() -> None:
    assert len(SAMPLES) >= 20
    assert {Path(row["file"]).suffix for row in SAMPLES} == {".md", ".txt", ".html", ".docx", ".pdf"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_kind_status_and_dates_are_well_formed(row: dict[str, str]) -> None:
    assert row["kind"] in KINDS
    assert row["status"] in STATUSES
    assert [name for name in COLUMNS if name.endswith("_on") and not DAY.fullmatch(row[name])] == []
    if row["effective_on"] and row["expires_on"]:
        assert row["effective_on"] <= row["expires_on"]


@pytest.mark.parametrize("row", SAMPLES, ids=lambda row: row["file"])
def test_a_sample_document_says_so_in_title_and_text(row: dict[str, str]) -> None:
    assert "示例" in row["title"]
    text = text_of(FOLDER / row["file"])
    if SCANNED in row["file"]:
        assert text == ""
        return
    assert "示例" in text
    assert "虚构" in text
    assert row["number"] in text


def test_numbers_of_documents_are_given_once() -> None:
    numbers = [row["number"] for row in SAMPLES if row["number"]]
    assert sorted(numbers) == sorted(set(numbers))


def test_no_document_is_too_large_to_ship() -> None:
    assert [path.name for path in FOLDER.iterdir() if path.is_file() and path.stat().st_size > 300_000] == []


def named(piece: str) -> Path:
    """The one document whose name holds ``piece``."""
    (found,) = [FOLDER / row["file"] for row in SAMPLES if piece in row["file"]]
    return found


@pytest.mark.parametrize("case", [c for c in CASES if c["answerable"]], ids=lambda case: case["id"])
def test_each_fact_asked_for_stands_in_a_document_the_question_names(case: dict) -> None:
    text = "".join("".join(text_of(named(piece)).split()) for piece in case["source"])
    assert case["must"]
    assert [group for group in case["must"] if not any("".join(one.split()) in text for one in group)] == []


def test_questions_that_cannot_be_answered_say_why_and_name_no_source() -> None:
    unanswerable = [case for case in CASES if not case["answerable"]]
    assert len(unanswerable) >= 20
    assert [case["id"] for case in unanswerable if case["source"] or not case["note"]] == []


def test_follow_ups_bring_what_went_before() -> None:
    assert [case["id"] for case in CASES if (case["type"] == "followup") != ("history" in case)] == []
