import pytest

from assistant.question.parts import parts_of


def test_two_questions_in_one_are_two_parts():
    parts = parts_of("云河市总工会“新春第一课”是哪天开讲的，由谁主讲？")
    assert [(p.kind) for p in parts] == ["时间", "人物"]


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("建了多少家？", "家"),
        ("多少个方面？", "方面"),
        ("入会率是多少？", "%"),
        ("要交多少钱？", "元"),
        ("有多少？", ""),
        ("给多少日常工作经费？", "元"),
        ("有多少名额？", ""),
        ("有多少人员？", "人"),
    ],
)
def test_the_measure_asked_for(question, unit):
    assert parts_of(question)[0].unit == unit


def test_a_form_is_asked_for_only_where_the_answer_will_stand():
    assert parts_of("云河市总工会的办公电话是多少？")[0].form
    assert not parts_of("一年接听多少咨询电话？")[0].form
