import json
import subprocess
import sys
import tracemalloc

import pytest

from assistant.settings import AssistantSettings
from assistant.types import Answer
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.testing import make_store
from eval.dataset import Case, Questions, digest, save
from eval.metrics import missed
from eval.runner import META, REPLACED, RESULTS, Finished, read, run
from eval.tests.examples import PASSAGE, STATIONS, UNKNOWN
from eval.tests.memory import Generated, Long
from eval.workers import Workers


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


def test_a_question_that_left_the_set_is_kept_aside_and_not_counted(store, tmp_path):
    out = tmp_path / "run"
    run([STATIONS, UNKNOWN], store, out, assistant=Scripted())
    assert run([UNKNOWN], store, out, assistant=Scripted()) == Finished(1, 1, 0)
    assert [r.case for r in read(out)] == [UNKNOWN]
    assert STATIONS.question in (out / REPLACED).read_text(encoding="utf-8")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_is_stopped_counts_what_was_not_asked_and_goes_on_later(store, tmp_path, workers):
    cases = [Case(id=str(n), question=f"问{n}") for n in range(40)]
    out, asked = tmp_path / "run", Scripted()
    stopped = run(cases, store, out, assistant=asked, workers=workers, stop=lambda: len(asked.asked) >= 5)
    assert stopped.questions == 40
    assert 5 <= stopped.scored <= 5 + 2 * workers
    assert stopped.not_scored == 40 - stopped.scored == 40 - len(list(read(out)))
    run(cases, store, out, assistant=asked, workers=workers)
    assert [r.case for r in read(out)] == cases
    assert len(asked.asked) == 40


def test_processes_answer_as_one_program_does_and_in_the_same_order(store, tmp_path):
    cases = [STATIONS, UNKNOWN, *(Case(id=str(n), question=f"驿站{n}有几家？") for n in range(8))]
    run(cases, store, tmp_path / "one", day="2025-01-01")
    run(cases, store, tmp_path / "two", day="2025-01-01", workers=2)

    def said(out):
        return [(r.case, r.scores, r.lost, r.answer["answer"], r.error) for r in read(out)]

    assert said(tmp_path / "two") == said(tmp_path / "one")


def test_a_process_that_dies_is_a_miss_and_is_replaced(store, tmp_path):
    start = {"store": str(store.directory), "settings": {}, "day": "2025-01-01"}
    with Workers(1, start) as workers:
        assert workers.ask(STATIONS).error == ""
        workers._all[0]._process.kill()
        workers._all[0]._process.wait()
        died = workers.ask(STATIONS)
        assert (died.error, died.scores["right"]) == ("答题进程意外退出（-9）", 0.0)
        assert workers.ask(STATIONS).error == ""


def test_a_corpus_that_changes_under_way_ends_the_run(store, tmp_path):
    class Writing(Scripted):
        def ask(self, question, **kwargs):
            if question == UNKNOWN.question:
                with store.writing() as writer:
                    writer.remove("1")
            return super().ask(question, **kwargs)

    with pytest.raises(UserError, match="测评途中文档库变了"):
        run([STATIONS, UNKNOWN], store, tmp_path / "run", assistant=Writing())
    assert [r.case for r in read(tmp_path / "run")] == [STATIONS]


def test_a_run_says_what_is_needed_to_repeat_it_and_no_place_or_key_of_this_machine(store, tmp_path):
    given = tmp_path / "题.csv"
    save([STATIONS, UNKNOWN], given)
    settings = AssistantSettings(model_key="sk-secret", model_base_url="https://me:pw@host/v1", threshold=0.5)
    out = tmp_path / "run"
    run(Questions(given), store, out, assistant=Scripted(), settings=settings, day="2025-01-01")
    text = (out / META).read_text(encoding="utf-8")
    meta = json.loads(text)
    assert meta["dataset"] == digest([STATIONS, UNKNOWN])
    assert (meta["sets"], meta["questions"], meta["day"]) == (["题.csv"], 2, "2025-01-01")
    assert meta["corpus"] == {
        "revision": 1, "digest": store.digest(), "sources": 1, "articles": 1, "passages": 1,
    }  # fmt: skip
    assert (meta["settings"]["threshold"], meta["settings"]["model_base_url"]) == (0.5, "host/v1")
    for secret in (str(tmp_path), "sk-secret", "pw"):
        assert secret not in text
    with pytest.raises(UserError, match="作答的设置已经变了"):
        run(Questions(given), store, out, assistant=Scripted())
    with pytest.raises(UserError, match="是按 2025-01-01 这一天回答的"):
        run(Questions(given), store, out, assistant=Scripted(), settings=settings, day="2025-01-02")


def test_twenty_thousand_questions_take_the_memory_of_a_few(store, tmp_path):
    """The full measurement is ``python -m eval.tests.memory``; here less, by tracemalloc."""

    def peak(count: int) -> int:
        asked = Generated(count)
        tracemalloc.start()
        assert run(asked, store, tmp_path / str(count), assistant=Long()).scored == count
        assert sum(r.scores["right"] for r in read(tmp_path / str(count))) == 0
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)  # what is loaded once
    few = peak(50)
    assert (peak(550) - few) / 500 < 2000, "bytes a question; a result held would be 5,000 or more"


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
