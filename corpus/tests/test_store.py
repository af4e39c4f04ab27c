"""What the store promises: sources in, hits out, deletes that delete."""

from dataclasses import replace

import pytest

from corpus import originals
from corpus.errors import UserError
from corpus.store import Counts, Store
from corpus.testing import HashingEncoder, make_document, make_store
from corpus.tests.documents_held import FEES, SUMMER, UNDATED
from corpus.types import Filters, Hit


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, [FEES, SUMMER, UNDATED]) as made:
        yield made


def ids(found):
    return [passage_id for passage_id, _ in found]


def test_what_is_put_comes_back_whole(tmp_path):
    source, articles, passages, original = make_document("1", articles=[FEES, SUMMER])
    with make_store(tmp_path) as store:
        with store.writing() as writer:
            writer.put(source, articles, passages, original)
        assert store.sources() == [source]
        assert store.source("1") == source
        assert store.articles() == articles
        assert store.articles("1") == articles
        assert store.article("1/2") == articles[1]
        assert store.passages("1/1") == passages[:2]
        assert store.passage("1/1/2") == passages[1]
        assert store.original("1") == original
        assert store.counts() == Counts(sources=1, articles=2, passages=3)
        assert store.verify() == []


def test_what_is_not_held_is_none(store):
    assert store.source("9") is None
    assert store.source("不是编号") is None
    assert store.articles("9") == []
    assert store.article("1/9") is None
    assert store.passage("1/1/9") is None
    with pytest.raises(KeyError):
        store.original("9")


def test_names_for_understanding_questions_follow_the_revision(store):
    assert store.issuers() == ["云河市总工会", "石溪县总工会"]
    assert store.regions() == ["云河市", "石溪县"]
    assert store.titles() == [
        ("1/1", "工会经费怎么收"),
        ("2/1", "关于开展送清凉活动的通知"),
        ("3/1", "读书小组的故事"),
    ]
    with store.writing() as writer:
        writer.remove("1")
    assert store.issuers() == ["石溪县总工会"]


def test_both_legs_find_the_passage(store):
    assert ids(store.search_lexical("经费按工资总额的多少拨缴"))[0] == "1/1/1"
    assert ids(store.search_vector("经费按工资总额的多少拨缴"))[0] == "1/1/1"


def test_hits_are_joined_with_article_and_source(store):
    (hit,) = store.hits([("1/1/2", 0.5, {"lexical": 3})])
    assert hit == Hit(
        passage=store.passage("1/1/2"),
        article=store.article("1/1"),
        source=store.source("1"),
        score=0.5,
        ranks={"lexical": 3},
    )
    assert [h.passage.id for h in store.hits([("3/1/1", 2, {}), ("1/1/1", 1, {}), ("7/7/7", 0, {})])] == [
        "3/1/1",
        "1/1/1",
    ]


FILTERS = [
    (Filters(), {"1/1/1", "1/1/2", "2/1/1", "3/1/1"}),
    (Filters(kinds=("办法", "新闻")), {"1/1/1", "1/1/2", "3/1/1"}),
    (Filters(issuers=("石溪县总工会",)), {"2/1/1"}),
    (Filters(regions=("云河市",)), {"1/1/1", "1/1/2"}),
    (Filters(statuses=("现行",)), {"1/1/1", "1/1/2"}),
    (Filters(source_ids=("2", "3")), {"2/1/1", "3/1/1"}),
    (Filters(article_ids=("1/1",)), {"1/1/1", "1/1/2"}),
    (Filters(published_from="2030-06-15"), {"1/1/1", "1/1/2", "2/1/1"}),
    (Filters(published_from="2030-07-01"), {"1/1/1", "1/1/2"}),
    (Filters(published_to="2030-06-15"), {"2/1/1"}),
    (Filters(published_to="2030-05"), set()),
    (Filters(published_from="2030", published_to="2031-03-05"), {"1/1/1", "1/1/2", "2/1/1"}),
    (Filters(kinds=("通知",), regions=("云河市",)), set()),
    (Filters(source_ids=("没有",)), set()),
]


@pytest.mark.parametrize(("filters", "passages"), FILTERS)
def test_filters_mean_the_same_in_both_legs(store, filters, passages):
    question = "经费 逾期 高温 读书小组 单位 工会"
    assert set(ids(store.search_lexical(question, filters=filters))) == passages
    assert set(ids(store.search_vector(question, filters=filters))) == passages


def test_filters_come_before_the_cut(tmp_path):
    crowd = ["工会经费工会经费工会经费"] * 30
    with make_store(tmp_path, [*crowd, {**SUMMER, "text": "顺便提一句工会经费。"}]) as store:
        only = Filters(kinds=("通知",))
        assert ids(store.search_lexical("工会经费", 5, only)) == ["31/1/1"]
        assert ids(store.search_vector("工会经费", 5, only)) == ["31/1/1"]


def test_identical_articles_stay_two(tmp_path):
    with make_store(tmp_path, [FEES, FEES]) as store:
        assert store.counts() == Counts(2, 2, 4)
        assert set(ids(store.search_vector("经费", 4))) == {"1/1/1", "1/1/2", "2/1/1", "2/1/2"}


def test_what_is_deleted_is_gone_everywhere(store, tmp_path):
    original = originals.place(store.directory, store.source("1").sha256)
    with store.writing() as writer:
        assert writer.remove("1") is True
        # Even before the indexes follow:
        assert "1/1/1" not in ids(store.search_lexical("经费拨缴"))
        assert "1/1/1" not in ids(store.search_vector("经费拨缴"))
    assert store.hits([("1/1/1", 1.0, {})]) == []
    assert not original.exists()
    assert store.verify() == []
    words = ["逾期不缴的".encode(), "经费怎么收".encode()]
    for file in (tmp_path / "store").rglob("*"):
        if file.is_file() and file.name != "words.txt":
            assert not any(w in file.read_bytes() for w in words), file


def test_removing_what_is_not_held_says_so(store):
    with store.writing() as writer:
        assert writer.remove("99") is False
        assert writer.remove("废话") is False
    assert store.counts().sources == 3


def test_an_original_that_two_sources_share_stays_for_the_other(tmp_path):
    with make_store(tmp_path, [FEES, FEES]) as store:
        with store.writing() as writer:
            writer.remove("1")
        assert store.original("2") == FEES["text"].encode()
        assert store.verify() == []


def test_an_empty_store_answers_with_nothing(tmp_path):
    with make_store(tmp_path) as store:
        assert store.search_lexical("工会") == []
        assert store.search_vector("工会") == []
        assert store.hits([]) == []
        assert store.word_weights(["工会"]) == {"工会": pytest.approx(0.6931, abs=1e-3)}
        assert store.verify() == []


@pytest.mark.parametrize("text", ["", "   ", "？！……", "\x00", "🙂", "a" * 70_000, "工会\n" * 25_000])
def test_no_question_breaks_the_search(store, text):
    store.search_lexical(text)
    store.search_vector(text)


def test_a_backup_restores_to_the_same_store(store, tmp_path):
    store.add_feedback(question="问", answer="答", rating="up", evidence=["1/1/1"])
    store.backup(tmp_path / "备份.zip")
    Store.restore(tmp_path / "备份.zip", tmp_path / "新")
    with Store.open(tmp_path / "新", encoder=HashingEncoder()) as restored:
        assert restored.sources() == store.sources()
        assert restored.articles() == store.articles()
        assert restored.original("2") == store.original("2")
        assert restored.feedback() == store.feedback()
        assert restored.search_vector("高温") == store.search_vector("高温")
        assert restored.verify() == []


def test_backup_and_restore_overwrite_nothing(store, tmp_path):
    store.backup(tmp_path / "备份.zip")
    with pytest.raises(UserError, match="已存在"):
        store.backup(tmp_path / "备份.zip")
    with pytest.raises(UserError, match="不是空的"):
        Store.restore(tmp_path / "备份.zip", tmp_path / "store")
    (tmp_path / "坏.zip").write_bytes(b"no zip")
    with pytest.raises(UserError, match="已损坏或不完整"):
        Store.restore(tmp_path / "坏.zip", tmp_path / "新")
    assert not (tmp_path / "新").exists()


def test_a_folder_with_other_files_is_not_made_a_store(tmp_path):
    (tmp_path / "日记.txt").write_text("私事", encoding="utf-8")
    with pytest.raises(UserError, match="不是资料库"):
        Store.open(tmp_path, encoder=HashingEncoder())
    assert [p.name for p in tmp_path.iterdir()] == ["日记.txt"]


def test_a_file_that_is_no_catalogue_is_reported(tmp_path):
    (tmp_path / "catalogue.sqlite").write_bytes(b"not a database at all, but long enough" * 50)
    with pytest.raises(UserError, match="已损坏"):
        Store.open(tmp_path, encoder=HashingEncoder())


def test_feedback_and_the_audit_log_are_kept(tmp_path):
    with make_store(tmp_path) as store:
        number = store.add_feedback(
            question="问", answer="答", rating="down", comment="不对", evidence=["1/1/1"]
        )
        (row,) = store.feedback()
        assert row.pop("at")
        assert row == {
            "id": number,
            "question": "问",
            "answer": "答",
            "rating": "down",
            "comment": "不对",
            "evidence": ["1/1/1"],
        }
        with store.writing(who="王敏") as writer:
            writer.put(*make_document("1", articles=["一。"]))
            writer.put(*make_document("1", articles=["二。"]))
            writer.remove("1")
        assert [(a.who, a.action, a.detail) for a in store.trail.entries()] == [
            ("王敏", "删除", "1 文件1.txt"),
            ("王敏", "更新", "1 文件1.txt"),
            ("王敏", "新增", "1 文件1.txt"),
        ]


def test_the_digest_is_of_what_the_articles_say_and_where_they_stand(tmp_path):
    with make_store(tmp_path / "a", ["甲", "乙"]) as one, make_store(tmp_path / "b", ["甲", "乙"]) as same:
        assert one.digest() == same.digest()
        with same.writing() as writer:
            writer.remove("2")
        assert one.digest() != same.digest()
    with make_store(tmp_path / "c", ["乙", "甲"]) as turned, make_store(tmp_path / "d", ["甲", "乙"]) as one:
        assert one.digest() != turned.digest()


def test_why_a_file_failed_is_known_by_its_bytes_and_its_program_until_it_is_put(tmp_path):
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        with store.writing() as writer:
            for message in ("打不开。", "还是打不开。"):
                writer.failed(origin="/a", name="a.pdf", sha256="12", program="p", message=message)
        (failure,) = store.failures()
        assert (failure.origin, failure.name, failure.message) == ("/a", "a.pdf", "还是打不开。")
        assert store.failure(sha256="12", program="p") == "还是打不开。"
        assert store.failure(sha256="12", program="q") == store.failure(sha256="13", program="p") == ""
        source, articles, passages, original = make_document("1", articles=[FEES])
        with store.writing() as writer:
            writer.put(replace(source, origin="/a"), articles, passages, original)
        assert store.failures() == []
