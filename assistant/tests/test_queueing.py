"""What the chat puts before the trainers, and that it names nobody."""

import pytest

from assistant import queueing
from assistant.tests.fakes import FakeStore, last_turn
from assistant.types import Answer

PERSONAL = [
    ("我叫李小明，工伤怎么申请？", "我叫［姓名］，工伤怎么申请？"),
    ("本人姓名：欧阳云 想问退休", "本人姓名：［姓名］ 想问退休"),
    ("身份证11010519491231002X能入会吗", "身份证［证件号］能入会吗"),
    ("打我电话13800138000或138 0013 8000", "打我电话［电话］或［电话］"),
    ("发到 a.b@example.com 行吗", "发到 ［邮箱］ 行吗"),
    ("卡号6222020200112230123被扣了", "卡号［卡号］被扣了"),
]
#: What looks a little like a person and is none.
IMPERSONAL = [
    "云工发〔2024〕12号第五条怎么说？",
    "2024年发放帮扶资金1860万元，覆盖12345678户？",
    "工会主席姓名要不要公示？",
    "我叫单位交工会经费，单位不交怎么办？",
    "12351职工热线管什么？",
]


@pytest.mark.parametrize(("given", "kept"), PERSONAL)
def test_what_identifies_a_person_is_not_kept(given, kept):
    assert queueing.without_names(given) == kept


@pytest.mark.parametrize("question", IMPERSONAL)
def test_a_question_that_names_nobody_stays_as_it_is(question):
    assert queueing.without_names(question) == question


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(question="问", outcome="依据不足"), "拒答"),
        (Answer(question="问", outcome="依据不足", withheld=("一句",)), "扣下"),
        (Answer(question="问", outcome="已回答", withheld=("一句",)), "扣下"),
        (Answer(question="问", outcome="已回答"), None),
        (Answer(question="问", outcome="存在冲突"), None),
        (Answer(question="问", outcome="需澄清"), None),
    ],
)
def test_refused_and_withheld_answers_go_to_the_trainers(answer, reason):
    assert queueing.reason_of(answer) == reason


def asked(store: FakeStore, question: str) -> list:
    return [last_turn(store, question)]


def test_a_refusal_in_the_chat_is_queued_and_an_answer_is_not():
    store = FakeStore()
    asked(store, "标准是多少？")
    assert store.queued == []
    asked(store, "我叫王大力，火星有工会吗？")
    (item,) = store.queued
    assert (item["reason"], item["question"]) == ("拒答", "我叫［姓名］，火星有工会吗？")


def test_a_queue_that_cannot_be_written_takes_nobodys_answer_away():
    class Full(FakeStore):
        def add_review(self, **_: object) -> int:
            raise OSError("disk full")

    (turn,) = asked(Full(), "火星有工会吗？")
    assert (turn.answer.outcome, turn.problem) == ("依据不足", "")
