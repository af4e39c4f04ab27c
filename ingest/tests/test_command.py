"""``python -m ingest``: the contract of the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus.store import Store
from ingest.tests.test_readers import BROKEN

ROOT = Path(__file__).parents[2]
RULES = "灯会办法\n第一条　灯会每年一次。\n第二条　灯会由街道承办，费用由街道承担。\n"


def ingest(*arguments, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-m", "ingest", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "文件"
    made.mkdir()
    (made / "办法.txt").write_text(RULES)
    return made


def test_json_reports_every_file_and_the_exit_status_is_0(folder, tmp_path):
    done = ingest(folder, "--store", tmp_path / "S", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report.pop("seconds") > 0
    assert report == {
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "failed": 0,
        "articles": 1,
        "passages": 2,
        "files": [
            {"file": "办法.txt", "state": "new", "articles": 1, "passages": 2, "warnings": [], "message": ""}
        ],
    }


def test_broken_files_fail_with_a_sentence_each_and_the_rest_is_read(folder, tmp_path):
    for name, data, _ in BROKEN:
        (folder / f"{name}.bin").write_bytes(data)
    done = ingest(folder, "--store", tmp_path / "S", "--json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert (report["new"], report["failed"]) == (1, len(BROKEN))
    failed = {file["file"]: file["message"] for file in report["files"] if file["state"] == "failed"}
    for name, _, message in BROKEN:
        assert failed[f"{name}.bin"].startswith(message)
    assert done.stderr == ""


def _kept(directory):
    """How many sources are in the store for good; 0 while there is no store yet."""
    if not Store.exists(directory):
        return 0
    with Store.open(directory) as store:
        return store.counts().sources


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of Ctrl-C as terminals do")
def test_ctrl_c_keeps_what_is_done(folder, tmp_path):
    for n in range(250):
        (folder / f"{n:03}.txt").write_text(f"{RULES}第三条　灯会第{n}号，由第{n}小组负责。\n" * 5)
    command = [sys.executable, "-m", "ingest", str(folder), "--store", str(tmp_path / "S")]
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not _kept(tmp_path / "S"):
        assert running.poll() is None
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate(timeout=30)
    assert (running.returncode, told) == (130, "\n已停止；做完的部分都已保存。\n")
    with Store.open(tmp_path / "S") as store:
        kept = store.counts().sources
        assert store.verify() == []
    assert 0 < kept < 251
    report = json.loads(ingest(folder, "--store", tmp_path / "S", "--json").stdout)
    assert (report["new"], report["unchanged"], report["failed"]) == (251 - kept, kept, 0)


def test_people_read_lines_and_a_summary(folder, tmp_path):
    done = ingest(folder, "--store", tmp_path / "S")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "新增  办法.txt：1 篇，2 段"
    assert lines[-1].startswith("完成：新增 1，更新 0，未变 0，失败 0；共 1 篇、2 段，用时 ")


def test_a_missing_path_is_a_usage_error_in_chinese(tmp_path):
    done = ingest(tmp_path / "没有", "--store", tmp_path / "S")
    assert done.returncode == 2
    assert done.stderr.startswith("找不到文件或文件夹：")
    assert "Traceback" not in done.stderr


def test_no_path_is_a_usage_error(tmp_path):
    assert ingest("--store", tmp_path / "S").returncode == 2
