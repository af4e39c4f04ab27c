"""Verify sees what is wrong, repair puts right what can be derived, and says what it did."""

import threading
import time

import numpy as np
import pytest

from corpus import indexes, originals
from corpus.__main__ import main
from corpus.embeddings import Embeddings
from corpus.segments import Batch
from corpus.stamp import Stamp
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document, make_store

TEXTS = ["第一条　会费每月十元。\n第二条　困难职工免交。", "夏天发清凉饮料。"]
REPAIR = "请运行 python -m corpus verify --repair。"


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, TEXTS) as made:
        yield made


def lose_lexical_rows(store):
    stamp = store._indexes.lexical.stamp()
    store._indexes.lexical.apply(stamp, [1], [])


def lose_vectors(store):
    store._indexes.vectors.apply(store._indexes.vectors.stamp(), store._indexes.vectors.rows()[:1], [])


def alter_a_vector(store):
    index = store._indexes.vectors
    (rows, halves), *_ = index.held()
    vectors = halves.copy()
    vectors[0] += 0.5
    index.apply(index.stamp(), rows, [Batch(rows, np.ones(len(rows), np.int64), vectors)])


def orphan(store):
    Embeddings(store._catalogue).add("hashing-256", [(b"0" * 16, b"\0" * 512)])


def strays(store):
    (store.directory / "originals" / "aa").mkdir(exist_ok=True)
    (store.directory / "originals" / "aa" / ("a" * 64)).write_bytes(b"x")
    (store.directory / "words.1.tmp").write_bytes(b"x")


def stale(store):
    stamp = store._indexes.lexical.stamp()
    store._indexes.lexical.apply(Stamp(stamp.store, stamp.revision + 5, stamp.made), [], [])


#: What goes wrong, what verify says, and what repair did.
WRONG = [
    (lose_lexical_rows, f"关键词索引与目录不一致，{REPAIR}", "已重建关键词索引。"),
    (lose_vectors, f"向量索引与目录不一致，{REPAIR}", "已重建向量索引。"),
    (alter_a_vector, f"向量索引与向量缓存不一致，{REPAIR}", "已重建向量索引。"),
    (orphan, f"有 1 个向量没有对应的段落，{REPAIR}", "已清除没有对应段落的向量。"),
]


@pytest.mark.parametrize(("spoil", "said", "done"), WRONG)
def test_what_can_be_derived_is_put_right(store, spoil, said, done):
    found = store.search_lexical("会费", 5), store.search_vector("会费", 5)
    spoil(store)
    assert store.verify() == [said]
    assert store.repair() == ([done], [])
    assert store.verify() == []
    assert (store.search_lexical("会费", 5), store.search_vector("会费", 5)) == found


def test_files_without_use_are_told_and_cleared(store):
    strays(store)
    (problem,) = store.verify()
    assert problem.startswith("有 2 个没有用处的文件：words.1.tmp、originals/aa/aaaa")
    assert store.repair() == (["已清除没有用处的文件。"], [])
    assert [p.name for p in (store.directory / "originals" / "aa").iterdir()] == []


def test_an_index_from_another_time_is_brought_back(store):
    stale(store)
    assert store.verify() == []  # it follows by itself
    assert store.repair() == ([], [])


def test_what_cannot_be_derived_stays_told(store):
    originals.place(store.directory, store.source("1").sha256).write_bytes(b"altered")
    with store.writing() as writer:
        writer.put(*make_document("2", articles=["冬天送温暖。"]))
    originals.place(store.directory, store.archive.history("2")[0].source.sha256).unlink()
    lose_vectors(store)
    done, left = store.repair()
    assert done == ["已重建向量索引。"]
    assert "来源 1（文件1.txt）的原件被改动过。" in left
    assert any(told.startswith("撤下的文件或旧版本（") and told.endswith("的原件不见了。") for told in left)
    assert len(left) == 2


def test_the_command_says_what_it_did(store, capsys, monkeypatch):
    monkeypatch.setattr("corpus.vectors.load_encoder", lambda name: HashingEncoder())
    strays(store)
    assert main(["verify", "--store", str(store.directory)]) == 1
    assert main(["verify", "--repair", "--store", str(store.directory)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["已清除没有用处的文件。", "资料库完好。"]


def test_words_of_what_was_deleted_leave_a_large_index_at_the_repair(store, monkeypatch):
    def held():
        return store._indexes.lexical._current().searcher.doc_freq("words", "清凉")

    monkeypatch.setattr(indexes, "_PURGE_AT", 0)
    with store.writing() as writer:
        writer.remove("2")
    assert store.verify() == [f"关键词索引里还留有彻底删除的文件的字词（不会被检索到），{REPAIR}"]
    assert store.repair() == (["已从关键词索引中清除彻底删除的文字。"], [])
    assert (held(), store.verify()) == (0, [])


def test_searches_go_on_while_the_index_is_built_anew(tmp_path):
    with (
        make_store(tmp_path, TEXTS * 30) as store,
        Store.open(store.directory, encoder=HashingEncoder()) as other,
    ):
        expected = {id_ for id_, _ in other.search_lexical("会费每月十元", 30)}
        stop, missed = threading.Event(), []

        def ask():
            while not stop.is_set():
                if {id_ for id_, _ in other.search_lexical("会费每月十元", 30)} != expected:
                    missed.append(time.monotonic())

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            for _ in range(4):
                store.rebuild()
        finally:
            stop.set()
            thread.join()
        assert (len(expected), missed) == (30, [])


def test_a_writer_at_work_is_not_taken_for_damage(store):
    with store.writing() as writer, Store.open(store.directory, encoder=HashingEncoder()) as other:
        writer.put(*make_document("3", articles=["写了一半。"]))
        done = threading.Event()
        found = []

        def check():
            found.append(other.verify())
            done.set()

        threading.Thread(target=check).start()
        assert not done.wait(0.3)  # it waits for the writer to be sure
    assert done.wait(10)
    assert found == [[]]
