import pytest

from assistant.question.heads import heads
from assistant.question.parts import parts_of


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("托管班每班不超过多少人？", {"每班"}),
        ("建了多少家驿站？", {"驿站"}),
        ("有哪些困难职工？", {"职工"}),
        ("托管班每班由谁照看？", set()),
    ],
)
def test_what_is_counted_or_listed_is_named_beside_what_asks(question, found):
    assert heads(parts_of(question)[0], ["托管", "每班", "驿站", "职工"]) == found


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("职工之家的星级怎么评分？", {"评分"}),
        ("星级怎么评分的企业最多？", set()),  # not what the question ends with
        ("考核不合格的怎么处理？", set()),  # a verb that texts put in many ways
    ],
)
def test_a_verb_that_a_question_ends_with_is_what_is_asked_for(question, found):
    assert heads(parts_of(question)[0], ["星级", "评分", "企业", "考核", "处理"]) == found
