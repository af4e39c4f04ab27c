"""Told to stop, an ingest ends at a document's border; the next one goes on."""

import pytest

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder
from ingest import first_start
from ingest.intake.publishing import publish
from ingest.pipeline import ingest

FILES = 8


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for n in range(FILES):
        (folder / f"通知{n}.txt").write_text(
            f"关于第{n}次检修的通知\n浴室第{n}次检修定在{n}日。", encoding="utf-8"
        )
    return folder


def opened(tmp_path):
    return Store.open(tmp_path / "store", encoder=HashingEncoder())


def test_it_ends_after_the_files_it_is_at_and_the_next_ingest_brings_the_rest(folder, tmp_path):
    with opened(tmp_path) as store:
        events = []
        for event in ingest([folder], store):
            events.append(event)
            if event.stage == "done":
                store.stopping.set()
        told = events[-1]
        assert (told.stage, told.total) == ("finished", FILES)
        assert 1 <= told.tally.new == store.counts().sources
        assert not store.written_to
        assert store.verify() == []
    with opened(tmp_path) as store:
        [*_, last] = ingest([folder], store)
        assert (last.tally.new + last.tally.unchanged, last.tally.failed) == (FILES, 0)
        assert last.tally.unchanged >= told.tally.new
        assert store.counts().sources == FILES


def test_no_writer_begins_while_the_program_ends(folder, tmp_path):
    with opened(tmp_path) as store:
        store.stopping.set()
        with pytest.raises(UserError) as error:
            list(ingest([folder], store))
        assert str(error.value) == "程序正在停止，没有写入。请等它重新启动后再试。"
        with pytest.raises(UserError) as error:
            list(publish(store, None, ["a"], who="办小公"))
        assert str(error.value) == "程序正在停止，没有写入。请等它重新启动后再试。草稿都还在，没有丢失。"
        assert not store.written_to


def test_the_first_start_goes_on_at_the_next_wherever_it_was_told_to_stop(folder, tmp_path):
    with opened(tmp_path) as store:
        events = first_start.fill(store, folder)
        assert next(events).stage == "found"
        store.stopping.set()
        assert list(events) == []
        assert store.counts().sources == 0
    with opened(tmp_path) as store:
        for event in first_start.fill(store, folder):
            if event.stage == "done":
                store.stopping.set()
        assert store.counts().sources >= 1
    with opened(tmp_path) as store:
        [*_, last] = first_start.fill(store, folder)
        assert (last.stage, store.counts().sources) == ("finished", FILES)
        assert list(first_start.fill(store, folder)) == []
