import pytest

from assistant.question.clauses import basis_of
from assistant.question.follow_up import leaning, resolve

FOLLOW_UPS = [
    ("那白塔县呢？", "云河市建了多少家服务站？", "白塔县建了多少家服务站？"),
    ("2030年呢？", "2031年建了多少家服务站？", "2030年建了多少家服务站？"),
    ("2030呢", "2031年建了多少家服务站？", "2030年建了多少家服务站？"),
    ("白塔县呢", "2031年云河市补助多少元？", "2031年白塔县补助多少元？"),
    ("它的期限是多久？", "“互助保障”是什么？", "“互助保障”，期限是多久？"),
    ("期限多久？", "“互助保障”是什么？", "“互助保障”，期限多久？"),
    ("需要什么材料？", "怎样补办会员卡？", "补办会员卡，需要什么材料？"),
    ("依据哪一条？", "参保费用是多少元？", "参保费用，依据哪一条？"),
    ("有法律依据吗？", "参保费用是多少元？", "参保费用，有法律依据吗？"),
    ("他得了多少分", "焊工决赛第一名是谁？", "焊工决赛第一名，得了多少分"),
    ("其中女职工有多少人？", "疗休养安排多少人？", "疗休养安排，其中女职工有多少人？"),
    ("第三条规定了什么？", "工会法第二条规定了什么？", "工会法第三条规定了什么？"),
    ("它什么时候施行？", "《慰问办法》还有效吗？", "《慰问办法》，什么时候施行？"),
    ("由谁支付？", "经济补偿怎么算？", "经济补偿，由谁支付？"),
    ("休息日呢？", "法定休假日加班给多少钱？", "休息日加班给多少钱？"),
    ("干满二十年的有几天？", "工作八年的人有几天年休假？", "年休假，干满二十年的有几天？"),
]


@pytest.mark.parametrize(("asked", "before", "whole"), FOLLOW_UPS)
def test_follow_ups_are_made_whole(asked, before, whole):
    text, notes = resolve(asked, [(before, "……[1]")])
    assert text == whole
    assert notes == (f"按上文理解为：{whole}",)


def test_the_second_point_is_the_second_line_of_the_answer():
    text, _ = resolve("第二点详细说说", [("有哪些做法？", "一是建站点。[1]\n二是送服务，到一线。[1]")])
    assert text == "“送服务”具体怎样做？"


def test_a_question_with_its_own_subject_is_left_alone():
    asked = "云河市总工会的会员卡怎样补办？"
    assert resolve(asked, [("讲座由谁主讲？", "……")]) == (asked, ())
    assert resolve("那白塔县呢？", []) == ("那白塔县呢？", ())


#: Short and without place, title or quotation, but each with a subject of its own.
NEW_TOPICS = [
    "困难职工怎样申请帮扶救助？",
    "怎样申请加入工会？",
    "产假多少天？",
    "会费怎么交？",
    "职工应该怎样入会？",
    "疗休养几天？",
    "其他单位怎样建会？",
    "工会主席任期几年？",
    "会员生病住院了，他能领多少慰问金？",
    "《工会法》第二条说了什么？",
]


@pytest.mark.parametrize("asked", NEW_TOPICS)
def test_a_change_of_topic_keeps_the_new_question_alone(asked):
    assert resolve(asked, [("云河市会员住院慰问金每人多少元？", "不超过1000元。[1]")]) == (asked, ())


def test_small_talk_in_between_does_not_break_a_conversation():
    history = [("参保费用是多少元？", "80元。[1]"), ("谢谢", "您好。")]
    assert resolve("期限多久？", history)[0] == "参保费用，期限多久？"


def test_a_short_question_may_lean_on_the_last_one_only_without_a_name_of_its_own():
    history = [("参保费用是多少元？", "80元。[1]")]
    assert leaning("退保怎么退钱？", history) == "参保费用，退保怎么退钱？"
    assert leaning("云河市退保怎么退钱？", history) == ""
    assert leaning("期限多久？", history) == ""


def test_what_the_legal_basis_is_asked_of():
    assert basis_of("“生死合同”无效，依据的是哪一条？") == "“生死合同”无效"
    assert basis_of("参保费用，依据哪一条？") == "参保费用"
    assert basis_of("劳动合同，期限多久？") == ""
