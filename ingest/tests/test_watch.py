"""Folders watched with the system's own events: whole files only, nothing lost, nothing withdrawn in doubt."""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder
from ingest import __main__ as command
from ingest.watching import mirror, watch
from ingest.watching.settling import Settling

ROOT = Path(__file__).parents[2]
NOTICE = "云河街道{name}通知\n各社区：\n{name}定在三月一日晚上六点开始，请各社区提前一小时到场布置。\n"
QUICK = {"settle_s": 0.15, "tick_s": 0.02}


@contextmanager
def watching(store, *folders, **options):
    """The notices of a watch that runs beside the test."""
    notices, stop = [], threading.Event()
    watcher = watch.Watch(folders, store, notices.append, **{**QUICK, "every_s": 999, **options})
    thread = threading.Thread(target=watcher.run, args=(stop,))
    thread.start()
    try:
        yield notices
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def until(true, seconds=15):
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.02)


def quiet():
    """Long enough for anything that is going to happen."""
    time.sleep(0.4)


def files(notices):
    return [(one.file, one.event.state) for one in notices if one.event]


def told(notices, kind):
    return [one.text for one in notices if one.kind == kind]


def write(path, name="灯会"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(NOTICE.format(name=name), encoding="utf-8")


def test_what_is_there_what_comes_and_what_changes_is_read(store, folder):
    write(folder / "早.txt", "早市")
    with watching(store, folder) as notices:
        until(lambda: files(notices) == [("早.txt", "new")])
        write(folder / "新夹/里夹/灯会.txt")
        until(lambda: ("新夹/里夹/灯会.txt", "new") in files(notices))
        write(folder / "早.txt", "早市改期")
        until(lambda: files(notices)[-1] == ("早.txt", "changed"))
        quiet()
    assert files(notices) == [("早.txt", "new"), ("新夹/里夹/灯会.txt", "new"), ("早.txt", "changed")]
    assert {source.received_by for source in store.sources()} == {"文件夹监视"}
    assert [one.kind for one in notices if not one.event] == ["started", "scanned", "stopped"]
    assert told(notices, "scanned") == [f"{folder} 里有 1 份文件。"]


def test_a_file_is_read_once_it_has_stopped_growing(store, folder):
    with watching(store, folder, settle_s=0.4) as notices:
        with (folder / "大.txt").open("w", encoding="utf-8") as file:
            for part in (
                NOTICE.format(name="灯会"),
                "二、",
                "请大家注意安全。\n",
                "三、结束后请带走垃圾。\n",
            ):
                file.write(part)
                file.flush()
                time.sleep(0.15)
                assert files(notices) == []
        until(lambda: files(notices))
        quiet()
    assert files(notices) == [("大.txt", "new")]
    assert store.articles()[0].text.endswith("请带走垃圾。")


def test_what_programs_put_there_for_themselves_is_left_alone_until_it_gets_its_name(store, folder):
    with watching(store, folder) as notices:
        until(lambda: told(notices, "scanned"))
        names = [
            "~$办法.docx",
            "办法.txt.part",
            "办法.tmp",
            ".办法.txt",
            "下载.crdownload",
            "办法.txt~",
            ".夹/办法.txt",
        ]
        for name in names:
            write(folder / name)
        (folder / "空.txt").touch()
        quiet()
        assert files(notices) == []
        (folder / "办法.txt.part").rename(folder / "办法.txt")
        until(lambda: files(notices))
        quiet()
    assert files(notices) == [("办法.txt", "new")]


def test_a_scan_now_and_then_finds_what_the_system_did_not_tell(store, folder, monkeypatch):
    monkeypatch.setattr(watch._Folder, "on_any_event", lambda *_: None)
    with watching(store, folder, every_s=0.3) as notices:
        until(lambda: told(notices, "scanned"))
        write(folder / "网络盘.txt")
        until(lambda: files(notices))
    assert files(notices) == [("网络盘.txt", "new")]


def test_a_row_of_the_register_that_changes_is_taken_over(store, folder):
    write(folder / "a.txt")
    with watching(store, folder) as notices:
        until(lambda: files(notices) == [("a.txt", "new")])
        (folder / "sources.csv").write_bytes("文件,标题\na.txt,灯会通知（定稿）\n".encode("gb18030"))
        until(lambda: files(notices)[-1] == ("a.txt", "changed"))
    assert store.articles()[0].title == "灯会通知（定稿）"


def test_what_cannot_be_read_is_said_once(store, folder):
    (folder / "坏.docx").write_bytes(b"PK\x03\x04" + b"x" * 50)
    with watching(store, folder, every_s=0.2) as notices:
        until(lambda: files(notices))
        quiet()
    assert files(notices) == [("坏.docx", "failed")]
    assert len(store.failures()) == 1


def test_another_writer_is_waited_for_and_said_once(store, folder, monkeypatch):
    monkeypatch.setattr(watch, "LOCK_S", 0.05)
    monkeypatch.setattr(watch, "RETRY_S", 0.1)
    with store.writing(), watching(store, folder) as notices:
        write(folder / "a.txt")
        until(lambda: told(notices, "problem"))
        quiet()
        assert files(notices) == []
        assert told(notices, "problem") == ["另一个程序正在写入这个资料库。请等它结束后再试。"]
        assert "stopped" not in [one.kind for one in notices]
    with watching(store, folder) as later:
        until(lambda: files(later) == [("a.txt", "new")])


def test_files_that_went_stay_in_the_store_unless_the_folder_is_mirrored(store, folder):
    write(folder / "a.txt")
    write(folder / "b.txt", "早市")
    with watching(store, folder, every_s=0.2) as notices:
        until(lambda: len(files(notices)) == 2)
        (folder / "b.txt").unlink()
        quiet()
    assert [source.name for source in store.sources()] == ["a.txt", "b.txt"]


def test_a_mirrored_folder_withdraws_what_went_and_brings_back_what_returns(store, folder):
    write(folder / "a.txt")
    write(folder / "夹/b.txt", "早市")
    with watching(store, folder, mirror=True) as notices:
        until(lambda: len(files(notices)) == 2)
        shutil.rmtree(folder / "夹")
        until(lambda: told(notices, "withdrawn"))
        assert [source.name for source in store.sources()] == ["a.txt"]
        assert store.search_lexical("早市") == []
        write(folder / "夹/b.txt", "早市改期")
        until(lambda: files(notices)[-1] == ("夹/b.txt", "changed"))
        assert {source.name for source in store.sources()} == {"a.txt", "夹/b.txt"}
    assert told(notices, "withdrawn") == ["文件夹里已没有，已撤下：夹/b.txt。"]
    assert told(notices, "restored") == ["文件又回来了，已恢复：夹/b.txt。"]


def test_what_a_person_withdrew_does_not_come_back_with_its_file(store, folder):
    write(folder / "a.txt")
    write(folder / "b.txt", "早市")
    with watching(store, folder, mirror=True) as notices:
        until(lambda: len(files(notices)) == 2)
    held = {source.name: source.id for source in store.sources()}
    with store.writing() as writer:
        writer.withdraw(held["b.txt"], note="过期了")
    with watching(store, folder, mirror=True) as notices:
        until(lambda: files(notices))
        quiet()
    assert [source.name for source in store.sources()] == ["a.txt"]
    assert "已经撤下" in told(notices, "file")[0]


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_of_a_drive_that_went_nothing_is_withdrawn_and_its_return_is_noticed(store, tmp_path, how):
    drive = tmp_path / "网络盘"
    write(drive / "a.txt")
    write(drive / "夹/b.txt", "早市")
    with watching(store, drive, mirror=True, every_s=0.2) as notices:
        until(lambda: len(files(notices)) == 2)
        drive.rename(tmp_path / "别处")
        if how == "empty":
            drive.mkdir()
        quiet()
        assert len(store.sources()) == 2
        if how == "empty":
            drive.rmdir()
        else:
            until(lambda: told(notices, "missing"))
        (tmp_path / "别处").rename(drive)
        write(drive / "c.txt", "夜市")
        until(lambda: ("c.txt", "new") in files(notices))
    assert told(notices, "withdrawn") == []
    assert len(store.sources()) == 3


def test_a_folder_inside_that_is_empty_all_at_once_may_be_a_drive_too(store, folder):
    write(folder / "a.txt")
    write(folder / "盘/b.txt", "早市")
    with watching(store, folder, mirror=True) as notices:
        until(lambda: len(files(notices)) == 2)
        (folder / "盘/b.txt").unlink()
        until(lambda: told(notices, "problem"))
        assert "有 1 份文件看不到了" in told(notices, "problem")[0]
        write(folder / "盘/c.txt", "夜市")  # now it can be looked into
        until(lambda: told(notices, "withdrawn"))
    assert {source.name for source in store.sources()} == {"a.txt", "盘/c.txt"}


def test_what_came_from_elsewhere_is_none_of_the_mirrors_business(store, folder, tmp_path):
    write(folder / "a.txt")
    write(tmp_path / "文件二/b.txt", "早市")
    with watching(store, tmp_path / "文件二") as notices:
        until(lambda: files(notices))
    (tmp_path / "文件二/b.txt").unlink()
    with watching(store, folder, mirror=True, every_s=0.1) as notices:
        until(lambda: files(notices))
        quiet()
    assert len(store.sources()) == 2
    assert mirror.vanished(store, folder).gone == []


def test_only_folders_are_watched(store, folder):
    with pytest.raises(UserError, match="找不到文件夹"):
        watch.Watch([folder / "没有"], store, print)
    with pytest.raises(UserError, match="不能监视它"):
        watch.Watch([folder.parent], store, print)


def test_a_file_that_is_locked_waits(folder, monkeypatch):
    write(folder / "a.txt")
    now = [0.0]
    settling = Settling(folder, 2.0, lambda: now[0])
    settling.scan()
    monkeypatch.setattr("ingest.watching.settling.may_be_read", lambda _: False)
    now[0] = 3.0
    assert settling.ready(9) == []
    monkeypatch.undo()
    (found,) = settling.ready(9)
    assert found.name == "a.txt"
    settling.done([found])
    assert (settling.ready(9), settling.waiting) == ([], 0)


def test_a_file_that_changes_while_it_is_read_is_read_again(folder):
    write(folder / "a.txt")
    now = [0.0]
    settling = Settling(folder, 1.0, lambda: now[0])
    settling.scan()
    now[0] = 2.0
    found = settling.ready(9)
    write(folder / "a.txt", "夜市，改在河边")
    settling.done(found)
    assert settling.ready(9) == []
    now[0] = 4.0
    assert [one.name for one in settling.ready(9)] == ["a.txt"]


#: Watches until it is killed.
CHILD = """
import sys, threading
from pathlib import Path
from corpus.store import Store
from corpus.testing import HashingEncoder
from ingest.watching.watch import Watch

with Store.open(Path(sys.argv[1]), encoder=HashingEncoder()) as store:
    Watch([Path(sys.argv[2])], store, lambda n: print(n.kind, n.file, flush=True), settle_s=0.1).run(threading.Event())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_after_a_kill_nothing_is_lost_and_nothing_is_read_twice(tmp_path, folder):
    write(folder / "a.txt")
    arguments = [sys.executable, "-c", CHILD, tmp_path / "store", folder]
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    while child.stdout.readline() != "file a.txt\n":
        assert child.poll() is None
    write(folder / "b.txt", "早市")
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    write(folder / "c.txt", "夜市")
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        with watching(store, folder) as notices:
            until(lambda: len(store.sources()) == 3)
        assert ("a.txt", "new") not in files(notices)
        assert store.verify() == []


@pytest.mark.skipif(os.name != "posix", reason="signals to oneself")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_what_it_does_and_ends_when_told_to(tmp_path, folder, monkeypatch, capsys, number):
    write(folder / "a.txt")
    monkeypatch.setattr(watch, "Watch", functools.partial(watch.Watch, **QUICK))
    monkeypatch.setattr(command.Store, "open", functools.partial(Store.open, encoder=HashingEncoder()))

    def ended_when_read():
        with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
            until(lambda: store.sources())
        os.kill(os.getpid(), number)

    Store.open(tmp_path / "store", encoder=HashingEncoder()).close()
    threading.Thread(target=ended_when_read).start()
    handler = signal.getsignal(number)
    options = ["--json"] if number == signal.SIGTERM else []
    status = command.main(
        ["--watch", str(folder), "--store", str(tmp_path / "store"), "--every", "5", *options]
    )
    lines = capsys.readouterr().out.splitlines()
    assert (status, signal.getsignal(number)) == (0, handler)
    if options:
        rows = [json.loads(line) for line in lines]
        assert [row["event"] for row in rows] == ["started", "scanned", "file", "stopped"]
        assert {key: rows[2][key] for key in ("file", "state", "articles", "passages", "message")} == {
            "file": "a.txt",
            "state": "new",
            "articles": 1,
            "passages": 1,
            "message": "",
        }
    else:
        assert [line.split("　", 1)[1] for line in lines][2:] == [
            "新增　a.txt：1 篇，1 段",
            "已停止监视，做完的部分都已保存。",
        ]


@pytest.mark.parametrize("wrong", [["--every", "0"], ["--every", "oft"], ["--mirror"]])
def test_wrong_options_are_usage(wrong, folder, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main([*wrong, str(folder)])
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err
