"""What the store promises: sources in, hits out, deletes that delete, indexes that follow."""

import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from corpus import originals
from corpus.errors import UserError
from corpus.store import Counts, Store
from corpus.testing import HashingEncoder, make_document, make_store
from corpus.types import Article, Filters, Hit, Passage

FEES = {
    "title": "工会经费怎么收",
    "text": "用人单位按全部职工工资总额的百分之二拨缴。\n逾期不缴的，由工会催缴。",
    "labels": ["第一条", "第二条"],
    "kind": "办法",
    "issuer": "云河市总工会",
    "number": "云工发〔2031〕7号",
    "region": "云河市",
    "status": "现行",
    "published_on": "2031-03-05",
}
SUMMER = {
    "title": "关于开展送清凉活动的通知",
    "text": "高温期间，各单位要备好防暑用品。",
    "kind": "通知",
    "issuer": "石溪县总工会",
    "region": "石溪县",
    "status": "已废止",
    "published_on": "2030-06",
}
UNDATED = {
    "title": "读书小组的故事",
    "text": "车间里的读书小组每周见面。",
    "kind": "新闻",
    "authors": ("卓若岚",),
}


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


@pytest.mark.parametrize("file", ["lexical/meta.json", "vectors/manifest", "vectors/*.segment"])
@pytest.mark.parametrize("damage", ["missing", "cut", "overwritten"])
def test_a_damaged_index_is_built_again(tmp_path, file, damage):
    make_store(tmp_path, [FEES, SUMMER]).close()
    (path,) = (tmp_path / "store").glob(file)
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"x" * len(data))
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        assert ids(store.search_lexical("工资总额"))[0] == "1/1/1"
        assert ids(store.search_vector("工资总额"))[0] == "1/1/1"
        assert store.verify() == []


def test_a_vector_file_with_flipped_bits_is_built_again(tmp_path):
    make_store(tmp_path, [FEES, SUMMER]).close()
    (path,) = (tmp_path / "store" / "vectors").glob("*.segment")
    data = bytearray(path.read_bytes())
    data[-100] ^= 0xFF
    path.write_bytes(data)
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        assert ids(store.search_vector("工资总额"))[0] == "1/1/1"
        assert store.verify() == []


def test_the_vector_file_of_an_earlier_version_is_replaced(tmp_path):
    make_store(tmp_path, [FEES, SUMMER]).close()
    shutil.rmtree(tmp_path / "store" / "vectors")
    (tmp_path / "store" / "vectors.faiss").write_bytes(b"UQVEC1")
    encoder = HashingEncoder()
    with Store.open(tmp_path / "store", encoder=encoder) as store:
        assert ids(store.search_vector("工资总额"))[0] == "1/1/1"
        assert encoder.encoded == 1  # the question: what is held stands in the cache
        assert not (tmp_path / "store" / "vectors.faiss").exists()
        assert store.verify() == []


def test_a_lexical_folder_without_its_segments_is_built_again(tmp_path):
    make_store(tmp_path, [FEES, SUMMER]).close()
    for segment in (tmp_path / "store" / "lexical").glob("*.idx"):
        segment.unlink()
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        assert ids(store.search_lexical("工资总额"))[0] == "1/1/1"
        assert store.verify() == []


def test_verify_names_what_is_wrong(store):
    originals.place(store.directory, store.source("1").sha256).write_bytes(b"changed")
    originals.place(store.directory, store.source("2").sha256).unlink()
    with store._catalogue.transaction() as connection:
        connection.execute("UPDATE passages SET text = '改了' WHERE id = '3/1/1'")
    assert store.verify() == [
        "段落 3/1/1 与文章原文不符。",
        "段落 3/1/1 的向量键与文字不符。",
        "来源 1（文件1.txt）的原件被改动过。",
        "来源 2（文件2.txt）的原件不见了。",
    ]


def test_originals_that_no_source_refers_to_are_swept(store):
    orphan = store.directory / "originals" / "ab" / ("ab" * 32)
    unfinished = orphan.with_suffix(".tmp")
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"left behind")
    unfinished.write_bytes(b"half")
    (store.directory / "writing.mark").touch()  # as whoever was killed leaves it
    with store.writing():
        pass
    assert not orphan.exists()
    assert not unfinished.exists()
    assert store.verify() == []


def test_rebuilding_needs_no_encoding(tmp_path):
    encoder = HashingEncoder()
    with make_store(tmp_path, [FEES, SUMMER], encoder=encoder) as store:
        before = encoder.encoded
        store.rebuild()
        assert encoder.encoded == before
        assert store.verify() == []


def test_the_same_text_is_embedded_once(tmp_path):
    encoder = HashingEncoder()
    with make_store(tmp_path, [FEES, FEES, FEES], encoder=encoder):
        assert encoder.encoded == 2


def test_vectors_of_two_encoders_are_never_mixed(tmp_path):
    make_store(tmp_path, [FEES, SUMMER]).close()
    with Store.open(tmp_path / "store", encoder=HashingEncoder(64)) as store:
        assert ids(store.search_lexical("工资总额"))[0] == "1/1/1"
        with pytest.raises(UserError, match="另一个向量模型"):
            store.search_vector("工资总额")
        with store.writing() as writer, pytest.raises(UserError, match="另一个向量模型"):
            writer.put(*make_document("3", articles=["一句。"]))
        store.rebuild()
        assert ids(store.search_vector("工资总额"))[0] == "1/1/1"
        assert store.verify() == []


def test_a_store_opens_lists_and_searches_words_without_its_encoder(tmp_path):
    make_store(tmp_path, [FEES]).close()
    with Store.open(tmp_path / "store", encoder="/没有/这个/模型") as store:
        assert store.counts() == Counts(1, 1, 2)
        assert ids(store.search_lexical("工资总额"))[0] == "1/1/1"
        with pytest.raises(UserError, match="找不到向量模型"):
            store.search_vector("工资总额")


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
