"""Faults while files come in: a full disk, a store that is gone. What was read is told, the rest is kept.

Readers that hang, crash or eat the memory: ``test_pool.py``. Disks and files: ``corpus/tests/test_faults.py``.
"""

import errno
import queue
import shutil
import time

import pytest

from corpus import store as store_module
from corpus.errors import StoreError
from ingest.__main__ import main
from ingest.intake import drafts as drafts_module
from ingest.intake import receiving as receiving_module
from ingest.intake.drafts import Drafts
from ingest.intake.receiving import Receiving
from ingest.pipeline import ingest

RULES = "灯会办法\n第一条　灯会每年一次。\n第二条　灯会由街道承办，第{}组负责。\n"
FULL = "磁盘已满，没有写成。请腾出空间后再试；先前保存的内容都在。"
GONE = "资料库的文件不见了，或者被移走了。请把它放回原处再试；找不回来时，请从备份恢复。"


@pytest.fixture
def files(folder):
    for n in range(1, 5):
        (folder / f"{n}.txt").write_text(RULES.format(n), encoding="utf-8")
    return folder


@pytest.fixture
def full_disk(monkeypatch):
    """Files that speak of these groups find no room; empty it for room again."""
    refused = ["第2组", "第3组"]
    write = store_module.originals.write_whole

    def writing(path, data):
        if any(words.encode() in data for words in refused):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(store_module.originals, "write_whole", writing)
    return refused


def test_files_that_find_no_room_are_told_and_come_in_when_there_is(store, files, full_disk):
    seen = {event.file: (event.state, event.message) for event in ingest([files], store) if event.state}
    assert seen == {
        "1.txt": ("new", ""),
        "2.txt": ("failed", FULL),
        "3.txt": ("failed", FULL),
        "4.txt": ("new", ""),
    }
    assert (store.failures(), store.verify()) == ([], [])
    full_disk.clear()
    seen = {event.file: event.state for event in ingest([files], store) if event.state}
    assert seen == {"1.txt": "unchanged", "2.txt": "new", "3.txt": "new", "4.txt": "unchanged"}
    assert (store.counts().sources, store.verify()) == (4, [])


def test_a_store_that_goes_while_files_come_in_ends_the_run_in_words(store, files, tmp_path):
    events = ingest([files], store)
    next(events)
    store.directory.rename(tmp_path / "away")
    with pytest.raises(StoreError) as told:
        list(events)
    assert str(told.value) == GONE
    assert not store.directory.exists()
    (tmp_path / "away").rename(store.directory)
    assert [event.state for event in ingest([files], store) if event.state] == ["new"] * 4
    assert store.verify() == []


def test_the_command_says_that_the_disk_is_full(store, files, capsys, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module.originals, "sync", full)
    assert main([str(files), "--store", str(store.directory)]) == 2
    assert FULL.replace("。请", "。\n请") in capsys.readouterr().err
    monkeypatch.undo()
    assert (store.counts().sources, store.verify()) == (0, [])


def test_a_draft_that_finds_no_room_is_told_and_leaves_no_half(store, monkeypatch):
    drafts = Drafts(store.directory)
    kept = drafts.create(b"1", name="一.txt", origin="/一.txt", by="甲")

    def full(path, data):
        path.write_bytes(data[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(drafts_module, "_write", full)
    for change in (
        lambda: drafts.create(b"2", name="二.txt", origin="/二.txt", by="甲"),
        lambda: drafts.save(kept),
    ):
        with pytest.raises(StoreError) as told:
            change()
        assert str(told.value) == FULL
    monkeypatch.undo()
    assert drafts.all() == [kept]
    assert [path.name for path in (store.directory / drafts_module.FOLDER).rglob("*.tmp")] == []
    assert drafts.save(kept).version == kept.version + 1


def test_a_draft_whose_reading_found_no_room_is_read_again(store, files, monkeypatch):
    drafts = Drafts(store.directory)
    receiving = Receiving(store, drafts)
    save, refused = drafts.save, queue.SimpleQueue()
    monkeypatch.setattr(receiving_module, "_AGAIN_S", 0.2)

    def full(draft):
        refused.put(draft.id)
        raise StoreError("磁盘已满，没有写成。", "请腾出空间后再试。")

    monkeypatch.setattr(drafts, "save", full)
    (draft,) = receiving.take(_one(files), who="甲").drafts
    assert refused.get(timeout=60) == draft.id
    monkeypatch.setattr(drafts, "save", save)
    assert drafts.get(draft.id).state == "waiting"
    while drafts.get(draft.id).state == "waiting":
        time.sleep(0.02)
    assert drafts.get(draft.id).state == "ready"


def _one(files):
    for n in (2, 3, 4):
        (files / f"{n}.txt").unlink()
    return files


def test_no_draft_makes_the_folder_of_a_store_that_is_gone(store):
    drafts = Drafts(store.directory)
    shutil.rmtree(store.directory)
    for act in (lambda: drafts.create(b"1", name="一.txt"), lambda: drafts.inbox("0" * 16)):
        with pytest.raises(StoreError) as told:
            act()
        assert str(told.value) == GONE
    assert not store.directory.exists()
