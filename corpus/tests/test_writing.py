"""Writing into a store: one at a time, a source wholly or not at all, whoever is killed."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document, make_store
from corpus.tests.documents_held import FEES, SUMMER, UNDATED
from corpus.types import Article, Passage


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, [FEES, SUMMER, UNDATED]) as made:
        yield made


def ids(found):
    return [passage_id for passage_id, _ in found]


def test_an_id_is_never_used_again(store):
    with store.writing() as writer:
        writer.remove("3")
    with store.writing() as writer:
        assert writer.known(origin="/新", name="新", sha256="0" * 64) == ("4", "new")
        assert writer.known(origin="/再", name="再", sha256="1" * 64) == ("5", "new")


def test_a_file_is_known_by_place_and_by_name_with_the_same_bytes(store):
    held = store.source("1")
    with store.writing() as writer:
        known = writer.known
        assert known(origin=held.origin, name=held.name, sha256=held.sha256) == ("1", "unchanged")
        assert known(origin="/搬走了", name=held.name, sha256=held.sha256) == ("1", "unchanged")
        assert known(origin=held.origin, name=held.name, sha256="0" * 64) == ("1", "changed")
        assert known(origin="/别处", name="别的名字", sha256=held.sha256) == ("4", "new")


def test_a_changed_file_replaces_what_its_source_held(store):
    with store.writing() as writer:
        writer.put(*make_document("1", articles=[{"title": "新版", "text": "改成按季度拨缴。"}]))
    assert [a.title for a in store.articles("1")] == ["新版"]
    assert ids(store.search_lexical("逾期不缴"))[:1] != ["1/1/2"]
    assert ids(store.search_lexical("按季度拨缴"))[0] == "1/1/1"
    assert store.verify() == []


def test_a_source_is_written_wholly_or_not_at_all(store):
    source, articles, passages, original = make_document("1", articles=["一句话。", "另一句。"])
    before = store.articles(), store.revision
    twice = [*passages, passages[-1]]
    with store.writing() as writer, pytest.raises(Exception, match="UNIQUE"):
        writer.put(source, articles, twice, original)
    assert (store.articles(), store.revision) == before
    assert store.verify() == []


def test_what_does_not_fit_together_is_refused(store):
    source, articles, passages, original = make_document("4", articles=["一句话。"])
    shifted = Passage(id="4/1/1", article_id="4/1", ordinal=1, start=1, end=4, text="一句话")
    elsewhere = Article(id="5/1", source_id="5", ordinal=1)
    with store.writing() as writer:
        with pytest.raises(ValueError, match="not the article's text"):
            writer.put(source, articles, [shifted], original)
        with pytest.raises(ValueError, match="does not stand in source"):
            writer.put(source, [elsewhere], [], original)
        with pytest.raises(ValueError, match="does not stand in article"):
            writer.put(source, [], passages, original)
        with pytest.raises(ValueError, match="another sha256"):
            writer.put(source, articles, passages, b"other bytes")
    assert store.counts().sources == 3


def test_one_transaction_a_source_bumps_the_revision_once(store):
    before = store.revision
    with store.writing() as writer:
        writer.put(*make_document("4", articles=["一。", "二。", "三。"]))
    assert store.revision == before + 1


def test_a_second_writer_is_told_to_wait(store, tmp_path):
    other = Store.open(tmp_path / "store", encoder=HashingEncoder())
    with store.writing(), pytest.raises(UserError, match="另一个程序正在写入"), other.writing(wait_s=0.1):
        pass
    with other.writing(wait_s=0.1) as writer:
        assert writer.remove("1")


def test_an_open_reader_sees_what_another_process_committed(store, tmp_path):
    assert store.search_lexical("值班安排") == []
    script = (
        "import sys; from pathlib import Path\n"
        "from corpus.store import Store; from corpus.testing import HashingEncoder, make_document\n"
        "with Store.open(Path(sys.argv[1]), encoder=HashingEncoder()) as s, s.writing() as w:\n"
        "    w.put(*make_document('4', articles=['春节值班安排如下。']))\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, tmp_path / "store"], check=True, cwd=Path(__file__).parents[2]
    )
    assert ids(store.search_lexical("值班安排")) == ["4/1/1"]
    assert ids(store.search_vector("春节值班安排"))[0] == "4/1/1"


def test_a_writer_killed_before_its_first_source_leaves_a_store_that_opens_clean(tmp_path):
    encoder = HashingEncoder()
    with Store.open(tmp_path / "s", encoder=encoder) as store:
        store._catalogue.set_setting("encoder", encoder.name)  # what put() does before its transaction
    with Store.open(tmp_path / "s", encoder=encoder) as store:
        assert store.verify() == []


def test_a_reader_repairs_what_a_killed_writer_left(store, tmp_path):
    other = Store.open(tmp_path / "store", encoder=HashingEncoder())
    with other.writing() as writer:
        writer.put(*make_document("4", articles=["春节值班安排如下。"]))
        writer.flush = lambda: None  # as if killed before the indexes followed
    assert ids(store.search_lexical("值班安排")) == ["4/1/1"]
    assert store.verify() == []


def test_readers_in_threads_go_on_while_one_writes(store):
    failures = []

    def read():
        try:
            for _ in range(30):
                assert store.hits([(i, s, {}) for i, s in store.search_lexical("读书小组")])
                assert store.search_vector("读书小组")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(4, 12):
        with store.writing() as writer:
            writer.put(*make_document(str(number), articles=[f"第{number}份材料，讲读书。"]))
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.verify() == []


def test_sources_put_together_are_all_kept_at_the_end_and_one_that_does_not_fit_costs_itself(tmp_path):
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        with store.writing() as writer, writer.together():
            writer.put(*make_document("1", articles=[FEES]))
            source, _, passages, original = make_document("2", articles=[SUMMER])
            with pytest.raises(ValueError, match="does not stand in article"):
                writer.put(source, [], passages, original)
            writer.put(*make_document("3", articles=[UNDATED]))
            with Store.open(tmp_path / "store", encoder=HashingEncoder()) as other:
                assert other.sources() == []
        assert [s.id for s in store.sources()] == ["1", "3"]
        assert store.verify() == []
        assert store.search_lexical("读书小组")[0][0].startswith("3/")


def test_of_sources_put_together_none_is_kept_when_the_program_fails_before_the_end(store):
    before = store.sources()
    with pytest.raises(RuntimeError), store.writing() as writer, writer.together():
        writer.put(*make_document("4", articles=[FEES]))
        writer.put(*make_document("1", articles=[SUMMER]))
        raise RuntimeError
    assert store.sources() == before
    assert store.verify() == []
