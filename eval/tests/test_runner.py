import json
import subprocess
import sys

import pytest

from assistant.types import Answer
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.testing import make_store
from eval.dataset import Case
from eval.metrics import missed
from eval.runner import META, RESULTS, Finished, read, run
from eval.tests.examples import PASSAGE, STATIONS, UNKNOWN


class Scripted:
    """An assistant that refuses everything and counts; a question “崩溃” is a bug."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, question: str, **_: object) -> Answer:
        self.asked.append(question)
        if question == "崩溃":
            raise ValueError("坏了")
        return Answer(question=question, outcome="依据不足", seconds={"total": 0.01})


@pytest.fixture
def store(tmp_path):
    articles = [{"title": "驿站建设情况", "text": PASSAGE}]
    with make_store(tmp_path, articles, encoder=CorpusSettings().encoder) as opened:
        yield opened


def test_every_case_gets_a_line_and_its_score(store, tmp_path):
    finished = run([STATIONS, UNKNOWN], store, tmp_path / "run", assistant=Scripted())
    assert finished == Finished(questions=2, scored=2, crashed=0)
    results = list(read(tmp_path / "run"))
    assert [(r.case, r.scores["right"]) for r in results] == [(STATIONS, 0.0), (UNKNOWN, 1.0)]


def test_a_stopped_run_asks_only_what_is_missing_and_a_torn_line_again(store, tmp_path):
    out = tmp_path / "run"
    run([STATIONS, UNKNOWN], store, out, assistant=Scripted())
    lines = (out / RESULTS).read_text(encoding="utf-8").splitlines(keepends=True)
    (out / RESULTS).write_text(lines[0] + lines[1][:40], encoding="utf-8")
    again = Scripted()
    run([STATIONS, UNKNOWN], store, out, assistant=again)
    assert again.asked == [UNKNOWN.question]
    assert len(list(read(out))) == 2


def test_a_changed_case_is_asked_again(store, tmp_path):
    out = tmp_path / "run"
    run([STATIONS], store, out, assistant=Scripted())
    again = Scripted()
    run([Case(id="q1", question="换了的问题")], store, out, assistant=again)
    assert again.asked == ["换了的问题"]


def test_a_crash_is_a_miss_that_is_named_and_tried_again_next_time(store, tmp_path):
    case = Case(id="c", question="崩溃")
    assert run([case], store, tmp_path / "run", assistant=Scripted()).crashed == 1
    (result,) = read(tmp_path / "run")
    assert (result.error, result.scores) == ("ValueError: 坏了", missed(case))
    again = Scripted()
    run([case], store, tmp_path / "run", assistant=again)
    assert again.asked == ["崩溃"]


def test_results_of_two_corpora_are_never_mixed(store, tmp_path):
    out = tmp_path / "run"
    run([UNKNOWN], store, out, assistant=Scripted())
    meta = json.loads((out / META).read_text(encoding="utf-8"))
    meta["corpus"]["revision"] += 1
    (out / META).write_text(json.dumps(meta), encoding="utf-8")
    with pytest.raises(UserError, match="文档库已经变了"):
        run([UNKNOWN], store, out, assistant=Scripted())


def evaluate(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "eval", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_the_command_runs_a_set_reports_it_and_gates_it(store, tmp_path):
    rows = [
        {"id": "a", "question": STATIONS.question, "type": "number", "must": [["36家"]], "source": ["文件1"]},
        {"id": "b", "question": "海州市有多少家驿站？", "answerable": False},
    ]
    dataset = tmp_path / "题.jsonl"
    dataset.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    out, floors = tmp_path / "run", tmp_path / "floors.json"

    ran = evaluate("run", dataset, "--store", store.directory, "--out", out)
    assert (ran.returncode, ran.stdout.splitlines()[0]) == (0, "共 2 题，出错 0 题")
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["failed"] == []

    assert evaluate("report", out).stdout == ran.stdout
    assert evaluate("gate", out, "--floors", floors).returncode == 1
    assert evaluate("gate", out, "--floors", floors, "--pin").returncode == 0
    assert evaluate("gate", out, "--floors", floors).stdout == "通过：没有一项低于基准。\n"
    assert json.loads(evaluate("compare", out, out, "--json").stdout)["difference"] == 0.0


def test_a_wrong_command_line_exits_with_2_and_a_missing_set_with_1(tmp_path):
    assert evaluate("run").returncode == 2
    missing = evaluate("run", tmp_path / "没有.jsonl", "--store", tmp_path / "s", "--out", tmp_path / "o")
    assert missing.returncode == 1
    assert "找不到题集文件" in missing.stderr
    assert "Traceback" not in missing.stderr
