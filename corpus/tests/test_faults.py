"""Faults of disks, files, locks and clocks: each ends in a right answer or in words, and nothing is lost."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import argon2
import pytest

from corpus import database, indexes, originals
from corpus.__main__ import main
from corpus.accounts import passwords
from corpus.accounts.people import People
from corpus.errors import StoreError
from corpus.records import question_log
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document
from corpus.tests import faults
from corpus.tests.faults import ANSWER, add, found, make, opened
from corpus.tests.test_people import GOOD

POSIX = pytest.mark.skipif(os.name != "posix", reason="limits and permissions are POSIX")
BOTH = [ANSWER, ANSWER]
FULL = "磁盘已满，没有写成。请腾出空间后再试；先前保存的内容都在。"
BROKEN = "读写磁盘时出错，磁盘可能坏了。请尽快备份到另一块磁盘，并检查这一块。"
DENIED = "没有读写文件的权限。请检查资料库文件夹的权限，或换一个可以写入的位置。"
LOCKED = "磁盘是只读的，不能写入。请检查磁盘，改为可以写入后再试；先前保存的内容都在。"
TOO_MANY = "同时打开的文件太多。请稍后再试；如果经常这样，请管理员提高系统允许打开的文件数。"
BUSY = "资料库正被另一个程序占用。请稍后再试；如果一直这样，请关闭打开它的其他程序。"
GONE = "资料库的文件不见了，或者被移走了。请把它放回原处再试；找不回来时，请从备份恢复。"
ANOTHER = "资料库的文件被换成了另一份。请重新启动程序，新的一份才会用起来。"
DAMAGED = "资料库的目录文件已损坏。请用 python -m corpus restore 从备份恢复。"
FOLDER = "资料库里有一个文件变成了文件夹（writer.lock）。请移走那个文件夹后再试。"


def kept(words):
    """What is told where the document was kept and only the indexes were not."""
    message, hint = words.split("。", 1)
    return f"内容已经保存，但检索用的索引还没有更新：{message}。{hint}之后会自动更新。"


@pytest.fixture
def store(tmp_path):
    make(tmp_path)
    with opened(tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def tried_again_at_once(monkeypatch):
    monkeypatch.setattr(indexes, "_RETRY_S", 0.0)
    monkeypatch.setattr(database, "BUSY_S", 0.2)
    monkeypatch.setattr(question_log, "BRIEFLY_S", 0.2)


# -- the disk --------------------------------------------------------------------------------


def went_well(rows):
    """Of each time that a document did not fit: what was told, whether it was kept; and all was well then."""
    for row in rows:
        assert (row["found"], row["after"]) == (BOTH, BOTH), row
        assert (row["verify"], row["then"], row["again"]) == ([], "", []), row
    return [(row["told"], row["held"]) for row in rows]


@POSIX
def test_files_that_may_not_grow_cost_only_what_was_being_written(tmp_path):
    told = went_well(faults.child("full", tmp_path))
    assert told[0] == (FULL, False)
    # SQLite calls it an error of the disk when it is the process that may not write more.
    assert set(told) <= {(FULL, False), (BROKEN, False), (kept(FULL), True), (kept(BROKEN), True)}


@POSIX
def test_a_disk_that_is_full_costs_only_what_was_being_written(tmp_path):
    rows = faults.child("really_full", tmp_path, disk_mib=12)
    if rows is None:
        pytest.skip("no disk of its own may be made here")
    told = went_well(rows)
    assert told[0] == (FULL, False)
    assert set(told) <= {(FULL, False), (kept(FULL), True)}


@POSIX
def test_without_the_right_to_write_questions_are_answered_and_writers_are_told(tmp_path):
    assert faults.child("forbidden", tmp_path) == {
        "told": DENIED,
        "found": BOTH,
        "opening": "",
        "verify": [],
        "then": "",
        "again": [],
    }


@POSIX
def test_what_may_not_be_read_is_told_or_made_anew(tmp_path):
    assert faults.child("unreadable", tmp_path) == {
        "catalogue.sqlite": DENIED,
        "lexical/meta.json": "",
        "vectors": f"(not a StoreError) {ANSWER}；检索用的索引坏了，没有修好：{DENIED}",
        "writer.lock": "",
        "words.txt": "",
        "verify": [],
        "found": BOTH,
    }


@POSIX
def test_a_read_only_disk_is_told_and_writable_again_all_is_there(tmp_path):
    found = faults.child("read_only", tmp_path, disk_mib=16)
    if found is None:
        pytest.skip("no disk of its own may be made here")
    assert found == {"opening": LOCKED, "verify": [], "found": BOTH, "then": "", "again": []}


@POSIX
def test_when_no_file_can_be_opened_it_is_told_and_over_when_it_is_over(tmp_path):
    assert faults.child("no_handles", tmp_path) == {
        "found": [TOO_MANY, TOO_MANY],
        "told": TOO_MANY,
        "verify": [],
        "after": BOTH,
    }


# -- the indexes -----------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize("when", ["in_use", "at_rest"])
def test_whatever_happens_to_a_file_of_an_index_the_answer_is_found_and_all_is_mended(tmp_path, when):
    rows = faults.child(when, tmp_path)
    harmed = {(row["harm"], row["file"]) for row in rows}
    assert {harm for harm, _ in harmed} == set(faults.IN_USE if when == "in_use" else faults.AT_REST)
    assert {file for _, file in harmed} >= {"*.idx", "*.term", "*.fast", "*.segment", "manifest", "meta.json"}
    for row in rows:
        assert (row["found"], row["after"]) == (BOTH, BOTH), row
        if row["verify"]:  # a bit of which a search takes no notice, or what stands in the way
            assert row["harm"] in ("flipped", "made_a_folder"), row
            assert all("python -m corpus verify --repair" in told for told in row["verify"]), row
            assert (row["repaired"], row["again"]) == ([], []), row


def test_an_index_that_is_gone_while_somebody_writes_is_no_reason_to_say_nothing_is_there(store, tmp_path):
    with store.writing() as writer, opened(tmp_path) as other:
        writer.put(*make_document("5", articles=["春节值班。"]))
        shutil.rmtree(store.directory / "lexical")
        (store.directory / "vectors" / "manifest").unlink()
        told = "检索用的索引正在建立，或者坏了还没有修好，现在不能检索。"
        assert all(words.startswith(told) for words in found(other))
    assert found(store) == BOTH
    assert store.verify() == []


# -- the catalogue ---------------------------------------------------------------------------


@pytest.fixture
def rival(store):
    """Another program that has the catalogue open."""
    connection = sqlite3.connect(store.directory / "catalogue.sqlite", isolation_level=None)
    yield connection
    connection.close()


def test_a_catalogue_that_is_locked_for_long_is_read_and_writers_are_told(store, rival):
    rival.execute("BEGIN IMMEDIATE")
    assert found(store) == BOTH
    assert add(store) == BUSY
    with pytest.raises(StoreError, match="占用"):  # whoever keeps it lets the answer stand
        store.asked.add(question="会费怎么交？", outcome="已回答")
    rival.execute("ROLLBACK")
    assert (add(store), store.source("4") is not None, store.verify()) == ("", True, [])


def test_who_asks_does_not_wait_as_long_as_a_writer_for_what_is_kept_beside_the_answer(
    store, rival, monkeypatch
):
    monkeypatch.setattr(database, "BUSY_S", 60.0)
    with Store.open(store.directory, encoder=HashingEncoder()) as other:
        rival.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(StoreError, match="占用"):
            other.asked.add(question="会费怎么交？", outcome="已回答")
        assert time.monotonic() - started < 30
        rival.execute("ROLLBACK")
        other.asked.add(question="会费怎么交？", outcome="已回答")


def test_a_catalogue_that_nobody_else_may_even_read_is_told_and_read_again_later(tmp_path):
    make(tmp_path)
    rival = sqlite3.connect(tmp_path / "store" / "catalogue.sqlite", isolation_level=None)
    rival.execute("PRAGMA locking_mode=EXCLUSIVE")
    rival.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as told:
        opened(tmp_path)
    assert str(told.value) == BUSY
    rival.close()
    with opened(tmp_path) as store:
        assert (found(store), store.verify()) == (BOTH, [])


def test_what_sqlite_undid_by_itself_is_not_taken_for_kept(store):
    catalogue = store._catalogue
    pages = catalogue.connection().execute("PRAGMA page_count").fetchone()[0]
    with pytest.raises(StoreError, match="这一批都没有保存"), store.writing() as writer, writer.together():
        writer.put(*make_document("5", articles=["春节值班。"]))
        catalogue.connection().execute(f"PRAGMA max_page_count={pages + 8}")
        number, articles = faults.LARGE
        with pytest.raises(StoreError, match="磁盘已满"):
            writer.put(*make_document(number, articles=articles))
        catalogue.connection().execute("PRAGMA max_page_count=1000000")
    assert not catalogue.connection().in_transaction
    assert [source.id for source in store.sources()] == ["1", "2", "3"]
    assert (add(store), store.verify(), found(store)) == ("", [], BOTH)


def overwrite(path, start):
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\x5a" * 4096 * 12)


def test_a_damaged_catalogue_is_told_everywhere_and_comes_back_from_a_backup(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("corpus.vectors.load_encoder", lambda name: HashingEncoder())
    make(tmp_path)
    with opened(tmp_path) as store:
        store.backup(tmp_path / "备份.zip")
    path = tmp_path / "store" / "catalogue.sqlite"
    overwrite(path, 4096)
    for command in (["list"], ["verify"], ["show", "1"]):
        assert main([*command, "--store", str(tmp_path / "store")]) == 1
        assert DAMAGED in capsys.readouterr().err
    Store.restore(tmp_path / "备份.zip", tmp_path / "新")
    with Store.open(tmp_path / "新", encoder=HashingEncoder()) as restored:
        assert (found(restored), restored.verify()) == (BOTH, [])


def test_an_empty_catalogue_is_no_store_of_its_own(store):
    """Whoever deletes the file under a running program gets no empty store in its place."""
    path = store.directory / "catalogue.sqlite"
    path.rename(path.with_name("away"))
    assert found(store) == [GONE, GONE]
    assert not path.exists()
    path.touch()
    assert found(store) == [ANOTHER, ANOTHER]
    assert add(store) == ANOTHER
    path.with_name("away").rename(path)
    assert (found(store), add(store), store.verify()) == (BOTH, "", [])


def test_a_folder_that_is_moved_away_is_missed_and_used_again_when_it_is_back(store, tmp_path):
    away = tmp_path / "别处"
    store.directory.rename(away)
    assert (found(store), add(store)) == ([GONE, GONE], GONE)
    assert not store.directory.exists()
    away.rename(store.directory)
    assert (found(store), add(store), store.verify()) == (BOTH, "", [])


def test_a_folder_that_is_deleted_is_missed_and_another_in_its_place_is_not_mixed_with_it(store, tmp_path):
    store.backup(tmp_path / "备份.zip")
    shutil.rmtree(store.directory)
    assert (found(store), add(store)) == ([GONE, GONE], GONE)
    Store.restore(tmp_path / "备份.zip", store.directory)
    assert found(store) in (BOTH, [ANOTHER, ANOTHER])  # the system may give it the same number
    with Store.open(store.directory, encoder=HashingEncoder()) as after:
        assert (found(after), after.verify()) == (BOTH, [])


def test_journals_that_are_gone_or_garbled_cost_nothing_that_was_kept(tmp_path):
    make(tmp_path)
    for name in ("catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        (tmp_path / "store" / name).write_bytes(random.Random(name).randbytes(70_000))
        with opened(tmp_path) as store:
            assert (found(store), store.verify()) == (BOTH, []), name


def test_an_original_that_is_gone_is_told_and_a_lock_that_is_a_folder_too(store):
    originals.place(store.directory, store.source("1").sha256).unlink()
    with pytest.raises(StoreError) as told:
        store.original("1")
    assert str(told.value) == "文件1.txt 的原件不见了，或者读不出来。请从备份恢复，或重新加入这份文件。"
    assert store.verify() == ["来源 1（文件1.txt）的原件不见了。"]
    (store.directory / "writer.lock").unlink()
    (store.directory / "writer.lock").mkdir()
    assert (add(store), found(store)) == (FOLDER, BOTH)
    (store.directory / "writer.lock").rmdir()
    assert add(store) == ""


# -- killed ----------------------------------------------------------------------------------

#: Does one thing again and again until it is killed.
CHILD = """
import itertools, sys
from pathlib import Path
from corpus.store import Store
from corpus.testing import HashingEncoder
folder, what = Path(sys.argv[1]), sys.argv[2]
print("begin", flush=True)
with Store.open(folder / "store", encoder=HashingEncoder()) as store:
    for n in itertools.count():
        if what == "rebuild":
            store.rebuild()
        elif what == "backup":
            store.backup(folder / f"{n}.zip")
        else:
            Store.restore(folder / "whole.zip", folder / "restored" / str(n))
"""


@POSIX
@pytest.mark.parametrize("what", ["rebuild", "backup", "restore"])
def test_whatever_is_killed_leaves_a_whole_store_and_no_half_of_anything(tmp_path, what):
    make(tmp_path)
    with opened(tmp_path) as store:
        store.backup(tmp_path / "whole.zip")
    moments = random.Random(what)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, tmp_path, what], stdout=subprocess.PIPE, cwd=faults.ROOT
    )
    assert child.stdout.readline() == b"begin\n"
    time.sleep(0.4 + moments.random())  # any moment will do
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    with opened(tmp_path) as store:
        assert found(store) == BOTH
        assert store.repair().left == []
        assert store.verify() == []
    wholes = [*tmp_path.glob("[0-9]*.zip")]
    for number, whole in enumerate(wholes[-2:]):
        Store.restore(whole, tmp_path / f"again{number}")
    for folder in sorted((tmp_path / "restored").glob("[0-9]*"))[-2:]:
        with Store.open(folder, encoder=HashingEncoder()) as restored:
            assert restored.verify() == []


# -- the clock -------------------------------------------------------------------------------


def test_a_clock_that_is_turned_back_changes_no_order_and_loses_nothing(store, monkeypatch):
    store.asked.add(question="会费怎么交？", outcome="已回答")
    store.log(who="甲", action="试", detail="一")
    monkeypatch.setattr("corpus.records.audit.now", lambda: "1999-01-01T08:00:00+08:00")
    monkeypatch.setattr("corpus.records.question_log.now", lambda: "1999-01-01T08:00:00+08:00")
    assert add(store) == ""
    with store.writing() as writer:
        writer.put(*make_document("1", articles=["第一条　会费每月二十元。\n第二条　困难职工免交。"]))
    store.asked.add(question="谁免交？", outcome="已回答")
    store.log(who="甲", action="试", detail="二")
    assert (store.verify(), store.trail.check(), found(store)) == ([], [], BOTH)
    assert [one.detail for one in store.trail.entries() if one.action == "试"] == ["二", "一"]
    assert store.archive.latest("1") is not None
    with sqlite3.connect(store.directory / "catalogue.sqlite") as file:
        assert file.execute("SELECT count(*) FROM asked").fetchone() == (2,)
    file.close()


def test_a_clock_that_is_turned_back_signs_nobody_in_for_good_and_locks_nobody_out_for_long(
    store, monkeypatch
):
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(1, 8, 1))
    clock = [2_000_000_000.0]
    people = People(store._catalogue, clock=lambda: clock[0])
    people.add("甲", ["admin"], GOOD, who="命令行")
    token = people.sign_in("甲", GOOD, address="10.0.0.1")
    clock[0] -= 3600
    assert people.session(token) is not None  # an hour back, as in autumn
    clock[0] -= 365 * 86_400
    assert people.session(token) is None
    clock[0] += 366 * 86_400
    for _ in range(8):
        with pytest.raises(Exception, match="密码"):
            people.sign_in("甲", "不是这个密码", address="10.0.0.2")
    with pytest.raises(Exception, match="暂时不能登录"):
        people.sign_in("甲", GOOD, address="10.0.0.2")
    clock[0] -= 365 * 86_400
    assert people.session(people.sign_in("甲", GOOD, address="10.0.0.2")) is not None


# -- command lines ---------------------------------------------------------------------------


def test_command_lines_say_what_the_disk_refuses(store, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("corpus.vectors.load_encoder", lambda name: HashingEncoder())
    place = ["--store", str(store.directory)]
    if Path("/dev/full").exists():
        assert main(["export", "--out", "/dev/full", *place]) == 1
        assert capsys.readouterr().err.strip() == FULL
    assert main(["export", "--out", str(tmp_path / "没有" / "出.jsonl"), *place]) == 1
    assert capsys.readouterr().err.strip() == "找不到文件或文件夹：出.jsonl。请检查路径是否写对。"
    shutil.rmtree(store.directory)
    assert main(["list", *place, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"].startswith("这里没有资料库")


def test_searches_that_meet_a_repair_under_way_wait_for_it(store):
    """Several questions find the index gone at once: one builds it, all are answered."""
    shutil.rmtree(store.directory / "lexical")
    seen, start = [], threading.Barrier(6)

    def ask():
        start.wait()
        seen.append(found(store))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [BOTH] * 6
