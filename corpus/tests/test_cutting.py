import sys

from corpus import cutting
from corpus.cutting import cut_all
from corpus.segmenter import Cut, Segmenter, cutter

ROWS = [f"第{n}条 职工可以参加和组织工会，工会经费由单位拨缴。" for n in range(2 * cutting.CHUNK + 3)]


def _texts(row: str) -> tuple[str, list[str]]:
    return row, [row[:4], ""]


def test_many_rows_cut_in_other_processes_are_cut_as_here_and_stay_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(cutting, "LEAST", 10)
    here = cutter(Segmenter(tmp_path / "words.txt"))
    cut = list(cut_all(ROWS, _texts, _refused, tmp_path / "words.txt", 2))
    assert cut == [(row, here(*_texts(row))) for row in ROWS]


def test_a_few_rows_are_cut_here(monkeypatch):
    monkeypatch.setattr(cutting.subprocess, "Popen", None)
    assert list(cut_all(ROWS[:2], _texts, _plainly, None, 4)) == [(r, _plainly(*_texts(r))) for r in ROWS[:2]]


def test_what_a_process_that_died_left_undone_is_cut_here(monkeypatch):
    monkeypatch.setattr(cutting, "LEAST", 10)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert list(cut_all(ROWS, _texts, _plainly, None, 2)) == [(r, _plainly(*_texts(r))) for r in ROWS]


def _plainly(text: str, contexts: list[str]) -> Cut:
    return Cut(text, "", contexts)


def _refused(text: str, contexts: list[str]) -> Cut:
    raise AssertionError("this process was not to cut anything")
