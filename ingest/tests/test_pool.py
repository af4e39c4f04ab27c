"""Worker processes: whatever a file does to its reader costs that file, and is said in a sentence."""

import os
import queue
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.pipeline import ingest
from ingest.workers.pool import Job, Limits, Pool, _Process

ROOT = Path(__file__).parents[2]
RULES = "灯会办法\n第一条　灯会每年一次。\n第二条　灯会由街道承办，费用由街道承担。\n"


@pytest.fixture(scope="module")
def pool():
    made = Pool(
        size=2,
        limits=Limits(seconds=3.0, seconds_in_all=30, memory=2**29),
        module="ingest.tests.faulty_worker",
    )
    yield made
    made.close()


def read(pool, *texts):
    """Results by text."""
    results = queue.SimpleQueue()
    for text in texts:
        job = Job(data=text.encode(), name="a.txt", source_id="1")
        pool.submit(job, lambda result, text=text: results.put((text, result)))
    return dict(results.get(timeout=60) for _ in texts)


FAULTS = {
    "睡": "读取这个文件用时过长、没有进展，已停止，文件未加入。请把它拆成几个文件，或另存为 PDF、Word（.docx）后重新加入。",
    "吞": "读取这个文件需要的内存超过 0.5 GB 的上限，已停止，文件未加入。请把它拆成几个文件后重新加入。",
    "一口吞": "读取这个文件需要的内存超过 0.5 GB 的上限，已停止，文件未加入。请把它拆成几个文件后重新加入。",
    "崩": "这个文件使读取程序崩溃（多为文件损坏），文件未加入。请用原来的软件打开它，另存为 PDF 或 Word（.docx）后重新加入。",
    "被杀": "读取这个文件的进程被系统终止（多为内存不足），文件未加入。请关闭其他程序后再试。",
}


@pytest.mark.skipif(os.name != "posix", reason="limits of memory and signals are POSIX")
def test_each_fault_costs_one_file_and_is_told_in_its_own_words(pool, store, folder):
    for n, order in enumerate(FAULTS):
        (folder / f"{2 * n:02}.txt").write_text(order)
        (folder / f"{2 * n + 1:02}.txt").write_text(f"{RULES}第三条　灯会第{n}号。\n")
    events = [event for event in ingest([folder], store, workers=pool) if event.state]
    failed = {event.file: event.message for event in events if event.state == "failed"}
    assert failed == {f"{2 * n:02}.txt": message for n, message in enumerate(FAULTS.values())}
    assert sorted(e.file for e in events if e.state == "new") == [f"{2 * n + 1:02}.txt" for n in range(5)]
    assert store.verify() == []
    # All but the one that the system ended are known for what they are.
    assert sorted(f.message for f in store.failures()) == sorted(m for o, m in FAULTS.items() if o != "被杀")


def test_what_is_slow_but_alive_and_what_prints_is_read(pool):
    found = read(pool, "慢", "说")
    assert {text: result.document.articles[0].text for text, result in found.items()} == {
        "慢": "慢",
        "说": "说",
    }


def test_a_bug_comes_back_with_its_traceback(pool):
    result = read(pool, "错")["错"]
    assert (result.document, result.message) == (None, "RecursionError")
    assert result.bug.rstrip().endswith("RecursionError: too deep")


@pytest.mark.skipif(os.name != "posix", reason="there is no kill -9")
def test_a_worker_killed_while_it_waits_costs_nothing(pool):
    read(pool, RULES, RULES + "一", RULES + "二")
    for pid in pool.pids():
        os.kill(pid, signal.SIGKILL)
    assert all(result.document for result in read(pool, RULES, RULES + "一", RULES + "二").values())


def test_what_is_given_up_ends_at_once_and_the_pool_goes_on(pool):
    results = queue.SimpleQueue()
    job = Job(data="睡".encode(), name="a.txt", source_id="1")
    pool.submit(job, results.put)
    time.sleep(0.3)  # it is being read by now, or still waits: both are given up
    started = time.monotonic()
    pool.cancel([job])
    assert results.get(timeout=5).document is None
    assert time.monotonic() - started < 2.5
    assert read(pool, RULES)[RULES].document is not None


def test_a_file_given_up_while_its_process_starts_is_not_read(pool, monkeypatch):
    results: queue.SimpleQueue = queue.SimpleQueue()
    job = Job(data="睡".encode(), name="a.txt", source_id="1")
    start = _Process._started

    def given_up_meanwhile(process):
        if process._job is job:
            pool.cancel([job])  # it finds no process of this file yet
        return start(process)

    monkeypatch.setattr(_Process, "_started", given_up_meanwhile)
    pool.submit(job, results.put)
    results.get(timeout=2)
    assert not read(pool, RULES)[RULES].message


def test_a_process_that_cannot_be_started_is_said_and_nobody_waits_for_it(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    result = read(Pool(size=1), RULES)[RULES]
    assert (result.document, result.message, result.lasting) == (None, "FileNotFoundError", False)


def test_a_worker_ends_when_its_pool_is_closed():
    pool = Pool(size=1)
    read(pool, RULES)
    (pid,) = pool.pids()
    pool.close()
    with pytest.raises(OSError, match="No such process"):
        os.kill(pid, 0)


ORPHAN = """
import os, time
from ingest.workers.pool import Job, Pool
pool = Pool(size=1, module="ingest.tests.faulty_worker")
pool.submit(Job(data="睡".encode(), name="a.txt", source_id="1"), print)
while not pool.pids():
    time.sleep(0.01)
print(*pool.pids(), flush=True)
os._exit(0)
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a worker ends when it is done with its file")
def test_a_worker_does_not_outlive_the_program_that_started_it():
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    pid = int(done.stdout)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("the worker is still there")
