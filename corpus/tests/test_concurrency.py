"""Several processes on one store: nothing is lost, nothing is torn, and who waits is told or served."""

import sqlite3
import threading
import time

import pytest

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document, make_store
from corpus.tests.measure_concurrency import measure


def test_two_writers_and_two_readers_lose_and_tear_nothing(tmp_path):
    found = measure(tmp_path / "store", 2.5, 2, 2)
    assert found["ended"] == [0, 0, 0, 0]
    assert (found["lost updates"], found["torn reads"], found["problems"]) == (0, 0, [])
    assert found["updates"] > 0
    assert found["reads"] > 0


def test_who_waits_to_write_is_served_before_who_has_just_written(tmp_path):
    with make_store(tmp_path) as store:
        order, waiting = [], threading.Event()

        def second():
            waiting.set()
            with store.writing():
                order.append("second")

        thread = threading.Thread(target=second)
        with store.writing():
            thread.start()
            waiting.wait()
            time.sleep(0.2)  # by now it holds the turn
            order.append("first")
        with store.writing():
            order.append("first again")
        thread.join()
    assert order == ["first", "second", "first again"]


def test_who_cannot_write_in_time_is_told_and_what_others_wrote_stays(tmp_path):
    with make_store(tmp_path) as store, Store.open(store.directory, encoder=HashingEncoder()) as other:
        with store.writing() as writer:
            writer.put(*make_document("1", articles=["一。"]))
            with pytest.raises(UserError, match="正在写入"), other.writing(wait_s=0.1):
                pass
            writer.put(*make_document("2", articles=["二。"]))
        with other.writing(wait_s=5) as writer:
            writer.put(*make_document("3", articles=["三。"]))
        assert [s.id for s in store.sources()] == ["1", "2", "3"]
        assert store.verify() == []


def test_what_is_read_in_a_snapshot_is_of_one_moment(tmp_path):
    with (
        make_store(tmp_path, ["旧的。"]) as store,
        Store.open(store.directory, encoder=HashingEncoder()) as other,
    ):
        with store.snapshot():
            assert store.article("1/1").text == "旧的。"

            def replace():
                with other.writing() as writer:
                    writer.put(*make_document("1", articles=["新的。"]))

            thread = threading.Thread(target=replace)
            thread.start()
            while other.article("1/1").text == "旧的。":
                time.sleep(0.01)
            assert [p.text for p in store.passages("1/1")] == ["旧的。"]
        thread.join()
        assert [p.text for p in store.passages("1/1")] == ["新的。"]


def test_connections_of_threads_that_ended_are_closed(tmp_path):
    with make_store(tmp_path, ["一"]) as store:
        seen = []
        for _ in range(5):
            thread = threading.Thread(target=lambda: seen.append(store._catalogue.connection()))
            thread.start()
            thread.join()
        for connection in seen[:-1]:  # each, when the next thread came
            with pytest.raises(sqlite3.ProgrammingError):
                connection.execute("SELECT 1")
        assert store.counts().sources == 1


def test_a_store_closed_under_a_thread_at_work_lets_it_come_to_its_end(tmp_path):
    counting = (
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000000) SELECT {} FROM c"
    )
    counted, begun = [], threading.Event()
    store = make_store(tmp_path, ["一。"])

    def count():
        connection = store._catalogue.connection()
        connection.create_function("begun", 1, lambda n: begun.set() or n)
        connection.execute(counting.format("begun(n)") + " LIMIT 1").fetchone()
        counted.append(connection.execute(counting.format("count(*)")).fetchone()[0])
        counted.append(connection.execute("SELECT count(*) FROM sources").fetchone()[0])

    thread = threading.Thread(target=count)
    thread.start()
    begun.wait()
    store.close()
    thread.join()
    assert counted == [2000000, 1]
