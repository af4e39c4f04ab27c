import pytest

from assistant.citing import shown_text

SHOWN = [
    ("第五条 会员生日可以发放蛋糕。", "第五条 会员生日可以发放蛋糕。"),
    ("第二十一条　驿站应当供水；", "第二十一条 驿站应当供水。"),
    ("一、建设标准\n驿站 面积不少于 20 平方米", "一、建设标准 驿站面积不少于20平方米。"),
    ("使用 Open WebUI 提问。", "使用Open WebUI提问。"),
    ("这一条 很清楚。", "这一条很清楚。"),
]


@pytest.mark.parametrize(("quoted", "shown"), SHOWN)
def test_spaces_of_the_layout_are_closed_up_and_those_that_mean_something_stay(quoted, shown):
    assert shown_text(quoted) == shown
