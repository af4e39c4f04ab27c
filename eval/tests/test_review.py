"""Trainers judge answers: labels, agreement worked by hand, and the questions made of them."""

import pytest

from corpus.errors import UserError
from corpus.testing import make_store
from corpus.types import ReviewEvidence
from eval import review
from eval.dataset import Case

EVIDENCE = ReviewEvidence(
    passage_id="1/1/1",
    article_id="1/1",
    title="慰问办法",
    label="第五条",
    text="每人每年不超过三百元。",
    grade="支持",
    cited=True,
)
ARTICLES = [
    {"title": "慰问办法", "text": "每人每年不超过三百元。"},
    {"title": "书屋通知", "text": "每家两万元。"},
]


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, ARTICLES) as opened:
        opened.add_review(
            reason="差评",
            question="那生日呢？",
            understood="生日慰问多少钱？",
            answer="三百元",
            evidence=[EVIDENCE],
        )
        opened.add_review(reason="拒答", question="书屋补多少？", answer="没有依据")
        opened.add_review(reason="拒答", question="海州市补多少？", answer="没有依据")
        yield opened


def test_kappa_as_worked_by_hand():
    # 10 items: both say 对 4 times, both say 错 3 times, 对/错 once, 错/对 twice.
    # p_o = 7/10; first says 对 5, 错 5; second says 对 6, 错 4; p_e = (5·6 + 5·4)/100 = .5; κ = .2/.5
    first = "对对对对错错错对错错"
    second = "对对对对错错错错对对"
    assert review.kappa(first, second) == pytest.approx(0.4)


def test_kappa_is_one_for_the_same_labels_and_below_zero_for_opposite_ones():
    assert review.kappa("对错对错", "对错对错") == 1.0
    assert review.kappa("对错对错", "错对错对") == -1.0


def test_kappa_is_not_defined_without_items_or_without_any_difference():
    assert review.kappa("", "") is None
    assert review.kappa("对对", "对对") is None
    assert review.kappa("对对", "错错") == 0.0
    with pytest.raises(ValueError, match="2 labels against 1"):
        review.kappa("对对", "对")


def test_the_queue_holds_what_a_trainer_has_not_labelled(store):
    review.label(store, 1, trainer=" 甲 ", verdict="right")
    assert {item.id for item in review.queue(store)} == {1, 2, 3}
    assert {item.id for item in review.queue(store, trainer="甲")} == {2, 3}
    assert {item.id for item in review.queue(store, trainer="乙", reason="差评")} == {1}
    review.dismiss(store, 2)
    review.made_case(store, 3)
    assert {item.id: item.closed for item in review.queue(store, closed=True)} == {2: "不采用", 3: "成题"}


def test_two_trainers_agree_on_what_both_have_labelled(store):
    for number, first, second in ((1, "right", "right"), (2, "wrong", "incomplete")):
        review.label(store, number, trainer="甲", verdict=first)
        review.label(store, number, trainer="乙", verdict=second)
    review.label(store, 3, trainer="甲", verdict="should_refuse")
    # p_o = 1/2; p_e = (1·1)/4 (only “right” is used by both); κ = .25/.75
    assert review.agreement(store, "甲", "乙") == review.Agreement(
        items=2, observed=0.5, kappa=pytest.approx(1 / 3), differing=(2,)
    )
    assert review.agreement(store, "甲", "丙") == review.Agreement(items=0, observed=None, kappa=None)
    assert review.trainers(store) == ["甲", "乙"]


def made(store, number, **given) -> Case:
    item = store.review(number)
    assert item is not None
    return review.to_case(store, item, **given)


def test_an_item_becomes_a_question_that_stands_alone(store):
    review.label(store, 1, trainer="甲", verdict="right")
    assert made(store, 1, must=[["三百元", "300元"]]) == Case(
        id="review-0001",
        question="生日慰问多少钱？",
        must=(("三百元", "300元"),),
        source=("文件1.txt",),
        article="慰问办法",
        note="来自复核（差评，答对了）",
    )


def test_the_right_article_is_the_trainers_not_the_answers(store):
    review.label(store, 1, trainer="甲", verdict="wrong", article="2/1", note="找错了")
    case = made(store, 1, trainer="甲", id="x")
    assert (case.id, case.source, case.article) == ("x", ("文件2.txt",), "书屋通知")
    assert case.note == "来自复核（差评，答错了）：找错了"


def test_what_should_be_refused_becomes_an_unanswerable_question(store):
    review.label(store, 3, trainer="甲", verdict="should_refuse")
    assert made(store, 3) == Case(
        id="review-0003",
        question="海州市补多少？",
        type="unanswerable",
        answerable=False,
        note="来自复核（拒答，应当拒答）",
    )


def test_what_cannot_be_done_is_said_in_words(store):
    for given, words in (
        ({"trainer": " ", "verdict": "right"}, "复核人"),
        ({"trainer": "甲", "verdict": "好"}, "没有“好”这种意见"),
        ({"trainer": "甲", "verdict": "wrong", "article": "9/9"}, "没有编号为 9/9"),
    ):
        with pytest.raises(UserError, match=words):
            review.label(store, 1, **given)
    with pytest.raises(UserError, match="没有第 99 条"):
        review.label(store, 99, trainer="甲", verdict="right")
    with pytest.raises(UserError, match="没有“点赞”这一类"):
        review.queue(store, reason="点赞")
    with pytest.raises(UserError, match="还没有复核意见"):
        made(store, 2)
    review.label(store, 2, trainer="甲", verdict="wrong")
    with pytest.raises(UserError, match="还不知道正确答案"):
        made(store, 2)
