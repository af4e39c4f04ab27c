import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.errors import UserError
from eval import gate
from eval.__main__ import main
from eval.metrics import CaseResult, score, summary
from eval.tests.examples import PASSAGE, STATIONS, UNKNOWN, answer

META = {"dataset": "abc", "corpus": {"digest": "文档库"}, "documents": "文件", "day": "2026-11-21"}


def report(*, right: bool = True, refused: bool = True, meta: dict | None = None) -> dict:
    given = answer() if right else answer("不知道。")
    told = answer(outcome="insufficient") if refused else answer()
    made = [
        CaseResult(case=STATIONS, answer=given, scores=score(STATIONS, given)),
        CaseResult(case=UNKNOWN, answer=told, scores=score(UNKNOWN, told)),
    ]
    return {"run": META | (meta or {}), "all": summary(made)}


@pytest.fixture
def floors(tmp_path: Path) -> Path:
    path = tmp_path / "floors.json"
    gate.pin(report(), path, lower=False)
    return path


def test_floors_hold_the_scores_and_what_they_were_taken_on(floors):
    assert json.loads(floors.read_text(encoding="utf-8")) == {
        "dataset": "abc",
        "corpus": "文档库",
        "documents": "文件",
        "day": "2026-11-21",
        "floors": {
            "right": 1.0,
            "refusal": 1.0,
            "over_refusal": 0.0,
            "over_answer": 0.0,
            "fact_recall": 1.0,
            "citation_recall": 1.0,
            "citation_precision": 1.0,
            "verbatim": 1.0,
            "cited": 1.0,
            "found": 1.0,
        },
    }
    assert gate.pinned_day(floors) == "2026-11-21"


def test_the_gate_passes_at_the_floor_and_names_what_fell_below_it(floors):
    assert gate.check(report(), floors) == []
    assert gate.check(report(right=False), floors) == [
        "“答对”是 0.5000，低于基准 1.0000。",
        "“事实齐全度”是 0.0000，低于基准 1.0000。",
        "“引用查全（ALCE）”是 0.0000，低于基准 1.0000。",
        "“引用查准（ALCE）”是 0.0000，低于基准 1.0000。",
    ]


def test_where_less_is_better_the_floor_is_a_ceiling(floors):
    fallen = gate.check(report(refused=False), floors)
    assert "“误答率”是 1.0000，高于基准 0.0000（越低越好）。" in fallen
    gate.pin(report(refused=False), floors, lower=True)
    assert gate.check(report(), floors) == []


def test_a_measure_that_is_no_longer_scored_does_not_pass(floors):
    now = report()
    del now["all"]["measures"]["verbatim"]
    assert gate.check(now, floors) == ["“引文逐字”这次没有评到，基准是 1.0000。"]


def test_a_floor_falls_only_when_asked_to_and_rises_unasked(floors):
    with pytest.raises(UserError) as caught:
        gate.pin(report(right=False), floors, lower=False)
    assert caught.value.message.startswith("“答对”是 0.5000，低于基准 1.0000。")
    assert gate.check(report(), floors) == [], "the floors are as they were"
    gate.pin(report(right=False), floors, lower=True)
    assert gate.check(report(right=False), floors) == []
    gate.pin(report(), floors, lower=False)
    assert gate.check(report(right=False), floors) != []


def test_a_run_with_crashes_is_never_pinned(floors):
    crashed = {"run": META, "all": summary([CaseResult(case=STATIONS, error="ValueError: x")])}
    with pytest.raises(UserError, match="有 1 道题出错"):
        gate.pin(crashed, floors, lower=True)
    assert gate.check(report(), floors) == []


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"dataset": "other"}, "题集变了"),
        ({"documents": "other"}, "文档变了"),
        ({"documents": "", "corpus": {"digest": "other"}}, "文档变了"),
    ],
)
def test_floors_of_other_questions_or_documents_do_not_count(floors, meta, message):
    with pytest.raises(UserError, match=message):
        gate.check(report(meta=meta), floors)


def test_the_same_files_read_into_another_store_are_the_same_documents(floors):
    assert gate.check(report(meta={"corpus": {"digest": "other"}}), floors) == []
    assert gate.check(report(meta={"documents": ""}), floors) == []


def test_the_digest_of_documents_follows_names_and_bytes_and_not_folders_below(tmp_path):
    (tmp_path / "甲.md").write_text("一", encoding="utf-8")
    first = gate.documents_digest(tmp_path)
    (tmp_path / "make").mkdir()
    (tmp_path / "make" / "draw.py").write_text("", encoding="utf-8")
    assert gate.documents_digest(tmp_path) == first
    (tmp_path / "甲.md").write_text("二", encoding="utf-8")
    second = gate.documents_digest(tmp_path)
    (tmp_path / "甲.md").rename(tmp_path / "乙.md")
    assert len({first, second, gate.documents_digest(tmp_path)}) == 3


def evaluate(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "eval", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_one_command_reads_the_documents_asks_the_questions_and_gates_them(tmp_path):
    documents, floors = tmp_path / "文档", tmp_path / "floors.json"
    documents.mkdir()
    (documents / "驿站.md").write_text(f"# 驿站建设情况\n\n{PASSAGE}\n", encoding="utf-8")
    dataset = tmp_path / "题.jsonl"
    row = {"id": "a", "question": STATIONS.question, "type": "number", "must": [["36家"]], "source": ["驿站"]}
    dataset.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    anew = ("gate", "--run", "--documents", documents, "--dataset", dataset, "--floors", floors)

    assert evaluate(*anew, "--pin").returncode == 0
    passed = evaluate(*anew)
    assert (passed.returncode, passed.stdout) == (0, "通过：没有一项低于基准。\n")


def test_without_floors_no_question_is_asked(tmp_path, capsys):
    assert main(["gate", "--run", "--floors", str(tmp_path / "没有.json")]) == 1
    assert capsys.readouterr().err.startswith("找不到基准文件")


def test_a_gate_without_a_run_is_a_wrong_command_line():
    with pytest.raises(SystemExit) as stopped:
        main(["gate"])
    assert stopped.value.code == 2
