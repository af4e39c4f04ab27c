"""What was deleted or withdrawn answers no more, in any process, from the moment of the commit."""

from corpus.store import Store
from corpus.tests.measure_deletion import document, measure, readable


def test_other_processes_cite_nothing_that_was_deleted_a_moment_ago_or_by_one_that_was_killed(tmp_path):
    found = measure(tmp_path / "store", documents=2, kills=1, askers=1)
    assert found["answered before"] == 2
    assert found["deleted"] == {
        "questions": 20,
        "asked within 1 s": found["deleted"]["asked within 1 s"],
        "cited": 0,
        "shown": 0,
    }
    assert found["deleted"]["asked within 1 s"] >= 2
    assert found["killed"]["cited though gone"] == 0
    assert (found["problems"], found["readable"]) == ([], [])


def test_what_is_held_can_be_read_in_the_files(tmp_path):
    with Store.open(tmp_path / "store") as store:
        with store.writing() as writer:
            writer.put(*document(1))
            writer.put(*document(2))
        assert {told.split(" in ")[1] for told in readable(store, [1])} >= {"catalogue.sqlite", "the index"}
        with store.writing() as writer:
            writer.withdraw("1")
        assert readable(store, [1]) != []
        with store.writing() as writer:
            writer.remove("1")
        assert readable(store, [1]) == []
        assert readable(store, [2]) != []
