import pytest

from assistant.question.normalization import plainly
from assistant.question.understand import understand
from assistant.tests.words import Words


def test_traditional_and_full_width_characters_are_read_as_plain_ones():
    assert understand("會員２０３１年補助多少元？", Words()).text == "会员2031年补助多少元？"


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("您好，想问一下，产假多少天？", "产假多少天？"),
        ("我们单位有人在问，年休假咋算？", "年休假怎么算？"),
        ("老师您好：帮我查一下，转会要带啥材料", "转会要带什么材料"),
        ("都有啥权利？", "都有什么权利？"),
        ("咋么办，多会儿能办好，干嘛要交会费", "怎么办，什么时候能办好，为什么要交会费"),
        ("公司没给我签劳动合同怎么办？", "公司没签劳动合同怎么办？"),
        ("老板不给我们交社保合法吗？", "老板不交社保合法吗？"),
        ("单位不给缴工伤保险怎么办？", "单位不缴工伤保险怎么办？"),
        ("工会给职工发什么？", "工会给职工发什么？"),
        # What is no courtesy stays: it is the subject.
        ("职工在问答栏目问的是什么？", "职工在问答栏目问的是什么？"),
        ("会员咨询台，设在哪里？", "会员咨询台，设在哪里？"),
        ("会费嘛现在怎么交？", "会费嘛现在怎么交？"),
        ("您好", "您好"),
    ],
)
def test_courtesies_and_everyday_interrogatives_are_read_as_written(said, asked):
    assert plainly(said) == asked
