"""What is kept of a question for statistics: masked, understood, and never at the cost of the answer."""

import logging

from assistant import asked
from assistant.tests.fakes import FakeStore, answered, last_turn, refusal


def test_an_answer_is_kept_with_its_outcome_kind_time_and_cited_sources():
    store = FakeStore()
    asked.keep(
        store, "困难职工慰问的标准是多少？", answered("困难职工慰问的标准是多少？", "1/1/1"), who="李梅"
    )
    assert store.asked.kept == [
        {
            "question": "困难职工慰问的标准是多少？",
            "outcome": "已回答",
            "category": "数字",
            "seconds": 0.05,
            "sources": ["1"],
            "who": "李梅",
        }
    ]


def test_a_follow_up_is_kept_as_it_was_understood_and_without_what_names_somebody():
    store = FakeStore()
    asked.keep(store, "那多少？", answered("那多少？", "1/1/1", understood="我叫王大力，慰问标准是多少？"))
    asked.keep(store, "打13800138000，火星有工会吗？", refusal("火星有工会吗？"))
    assert [(one["question"], one["outcome"], one["sources"]) for one in store.asked.kept] == [
        ("我叫［姓名］，慰问标准是多少？", "已回答", ["1"]),
        ("打［电话］，火星有工会吗？", "依据不足", []),
    ]


def test_an_answer_that_failed_is_kept_as_one():
    store = FakeStore()
    last_turn(store, "这题会出错", "李梅")
    (line,) = store.asked.kept
    assert (line["question"], line["outcome"], line["seconds"]) == ("这题会出错", "出错", 0.0)


def test_what_is_too_long_to_be_asked_is_not_kept():
    store = FakeStore()
    last_turn(store, "问" * 2001)
    assert store.asked.kept == []


def test_a_log_that_cannot_be_written_takes_nobodys_answer_away(caplog):
    class Full(FakeStore):
        def __init__(self):
            super().__init__()
            self.asked = None

    with caplog.at_level(logging.ERROR):
        turn = last_turn(Full(), "标准是多少？")
    assert (turn.answer.outcome, turn.problem) == ("已回答", "")
    assert "question not kept" in caplog.text
