"""The trainers' queue: what comes in, what is kept of it, and stores made before there was one."""

import pytest

from corpus import database
from corpus.catalogue import Catalogue
from corpus.records.feedback import Feedback
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document, make_store
from corpus.types import ReviewEvidence, ReviewItem, ReviewLabel

SENTENCE = "每人每年不超过三百元。"
BIRTHDAY = ReviewEvidence(
    passage_id="1/1/1",
    article_id="1/1",
    title="慰问办法",
    label="第五条",
    text=SENTENCE,
    grade="支持",
    cited=True,
)
ITEM = ReviewItem(
    id=1,
    at="",
    times=1,
    reason="差评",
    question="那生日呢？",
    understood="生日慰问品多少钱？",
    outcome="已回答",
    answer="三百元",
    withheld=("还有一句",),
    comment="不对",
    evidence=(BIRTHDAY,),
)
GIVEN = {
    name: getattr(ITEM, name)
    for name in ("reason", "question", "understood", "outcome", "answer", "withheld", "comment", "evidence")
}
ARTICLES = [{"title": "慰问办法", "text": SENTENCE, "labels": ["第五条"]}]


def undated(item: ReviewItem) -> ReviewItem:
    fields = {name: getattr(item, name) for name in ReviewItem.__slots__}
    labels = tuple(
        ReviewLabel(trainer=one.trainer, verdict=one.verdict, article=one.article, note=one.note)
        for one in item.labels
    )
    return ReviewItem(**{**fields, "at": "", "labels": labels})


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, ARTICLES) as opened:
        yield opened


def test_an_item_comes_back_as_it_was_put_in(store):
    assert store.add_review(**GIVEN) == 1
    assert [undated(item) for item in store.reviews()] == [ITEM]
    assert store.review(2) is None


def test_the_same_question_again_is_counted_and_brings_the_latest_answer(store):
    store.add_review(**GIVEN)
    assert store.add_review(**{**GIVEN, "answer": "两百元", "comment": "", "evidence": ()}) == 1
    assert store.add_review(**{**GIVEN, "reason": "拒答"}) > 1
    first, second = store.reviews()
    assert (first.times, first.answer, first.comment, first.evidence) == (2, "两百元", "不对", ())
    assert (second.times, second.reason) == (1, "拒答")


def test_a_trainer_has_one_label_and_it_can_be_changed(store):
    store.add_review(**GIVEN)
    store.label_review(1, ReviewLabel(trainer="甲", verdict="right"))
    store.label_review(1, ReviewLabel(trainer="乙", verdict="wrong", article="1/1", note="年份"))
    store.label_review(1, ReviewLabel(trainer="甲", verdict="wrong"))
    item = store.review(1)
    assert item is not None
    assert undated(item).labels == (
        ReviewLabel(trainer="乙", verdict="wrong", article="1/1", note="年份"),
        ReviewLabel(trainer="甲", verdict="wrong"),
    )
    with pytest.raises(KeyError):
        store.label_review(9, ReviewLabel(trainer="甲", verdict="right"))


def test_a_closed_item_leaves_the_queue_and_can_come_back(store):
    store.add_review(**GIVEN)
    store.close_review(1, "成题")
    assert (store.reviews(), [item.closed for item in store.reviews(closed=True)]) == ([], ["成题"])
    store.close_review(1, "")
    assert [item.id for item in store.reviews()] == [1]


def test_a_removed_source_takes_its_words_out_of_the_queue_and_a_new_version_does_not(store):
    store.add_review(**GIVEN)
    with store.writing() as writer:
        writer.put(*make_document("1", articles=["新的一版。"]))
        assert [e.text for e in store.reviews()[0].evidence] == [SENTENCE]
        writer.remove("1")
    assert [item.evidence for item in store.reviews()] == [()]


#: The version of a catalogue without the queue.
QUEUE = next(n for n, sql in enumerate(database.MIGRATIONS) if "review_items" in sql)
#: A source, an article and a passage as the first version of a catalogue held them.
HELD = """
    INSERT INTO sources VALUES (1, 1, '办法.txt', '', '', '', 0, '', '', 0, '', '[]');
    INSERT INTO articles VALUES
        ('1/1', 1, 1, '', :title, '', '', '[]', '', '', '', '', '', '', '', '[]', '[]', 1, :text, 0, 0);
    INSERT INTO passages VALUES (1, '1/1/1', '1/1', 1, :label, 0, 9, 0, '[]', :text, x'00')
"""


@pytest.mark.parametrize("version", range(1, QUEUE + 1))
def test_a_store_made_before_the_queue_opens_and_brings_its_thumbs_down(tmp_path, monkeypatch, version):
    with monkeypatch.context() as earlier:
        earlier.setattr(database, "MIGRATIONS", database.MIGRATIONS[:version])
        old = Catalogue(tmp_path / "catalogue.sqlite")
        for answer, rating in (("两百元", "down"), ("三百元", "down"), ("四百元", "up")):
            Feedback(old).add("生日呢？", answer, rating, "不对", ["1/1/1"])
        old.close()
    with Store.open(tmp_path, encoder=HashingEncoder()) as store:
        (item,) = store.reviews()
        assert (item.reason, item.question, item.answer, item.times) == ("差评", "生日呢？", "三百元", 2)
        assert len(store.feedback()) == 3
        assert store.verify() == []


def test_evidence_of_old_thumbs_down_is_found_where_it_is_still_held(tmp_path, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(database, "MIGRATIONS", database.MIGRATIONS[:QUEUE])
        old = Catalogue(tmp_path / "catalogue.sqlite")
        fields = {"title": BIRTHDAY.title, "label": BIRTHDAY.label, "text": SENTENCE}
        for statement in HELD.split(";"):
            old.connection().execute(statement, fields)
        Feedback(old).add("生日呢？", "三百元", "down", "", ["1/1/1", "7/1/1"])
        old.close()
    with Store.open(tmp_path, encoder=HashingEncoder()) as store:
        assert [item.evidence for item in store.reviews()] == [(BIRTHDAY,)]
