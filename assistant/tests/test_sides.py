"""Who acts, which limit, whose count: of sentences about one thing the one that is asked for."""

import pytest

from assistant.evidence.actors import asked_actor, other_actor, said_actor
from assistant.pipeline import Assistant
from assistant.question.parts import Part
from corpus.testing import HashingEncoder, make_store

DOCUMENTS = [
    {
        "title": "梧桐国渔工保障条例",
        "kind": "法规",
        "region": "全国",
        "text": "第一条 渔业站自用工之日起与渔工建立用工关系。\n"
        "第二条 劳动者提前十二日以书面形式通知用人单位，可以解除用工合同。\n"
        "第三条 用人单位提前四十日以书面形式通知劳动者本人，可以解除用工合同。\n"
        "第四条 出海体检费用由用人单位承担。\n"
        "第五条 缴费满三年不足六年的，领取休渔金的期限最长为七个月。缴费六年以上的，领取休渔金的期限最长为九个月。\n"
        "第六条 渔工违反培训约定的，违约金不得超过培训费用。\n"
        "第七条 渔具津贴、网具津贴不计入休渔工资。休渔工资由底薪、出海奖、补贴三部分组成。\n"
        "第八条 本条例自2033年4月1日起施行，每周出海四十小时。\n"
        "第九条 渔工死亡的，按照下列规定从基金领取丧葬补助金和一次性抚恤金：\n"
        "（一）丧葬补助金为8个月的当地上年度渔工月平均工资；\n（二）一次性抚恤金另行规定。",
    },
    {
        "title": "松岭市渔工议事办法",
        "region": "松岭市",
        "text": "渔工议事会设主持2名，代表由渔工选举产生。\n"
        "渔工追讨休渔金的，可以向法院申请支付令。\n支付令案件由渔业站所在地的基层法院管辖。",
    },
    {
        "title": "松岭市办托儿班的通知",
        "region": "松岭市",
        "text": "全市办托儿班60个，每班30人，托儿450人。其中杏花区21个、桃源区20个、梨树县19个。",
    },
]

ANSWERED = {
    "渔工想解除用工合同，自己要提前几天通知？": "第二条 劳动者提前十二日以书面形式通知用人单位，可以解除用工合同。",
    "用人单位要提前多少天通知才能解除用工合同？": "第三条 用人单位提前四十日以书面形式通知劳动者本人，可以解除用工合同。",
    "用工关系从哪天算建立？": "第一条 渔业站自用工之日起与渔工建立用工关系。",
    "出海体检费用由谁掏？": "第四条 出海体检费用由用人单位承担。",
    "休渔金最长领几个月？": "缴费六年以上的，领取休渔金的期限最长为九个月。",
    "缴费四年的，休渔金最长领几个月？": "第五条 缴费满三年不足六年的，领取休渔金的期限最长为七个月。",
    "培训违约金最多多少？": "第六条 渔工违反培训约定的，违约金不得超过培训费用。",
    "休渔工资包括哪些？": "休渔工资由底薪、出海奖、补贴三部分组成。",
    "渔工死亡丧葬补助金是多少？": "（一）丧葬补助金为8个月的当地上年度渔工月平均工资。",
    "松岭市桃源区托儿班办多少个？": "其中杏花区21个、桃源区20个、梨树县19个。",
    "松岭市渔工的支付令归哪个法院管？": "支付令案件由渔业站所在地的基层法院管辖。",
    "松岭市托儿班办多少个？": "全市办托儿班60个，每班30人，托儿450人。",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    store = make_store(tmp_path_factory.mktemp("sides"), DOCUMENTS, encoder=HashingEncoder())
    with store:
        yield Assistant(store)


@pytest.mark.parametrize("question", ANSWERED)
def test_the_sentence_of_the_side_the_limit_the_place_asked_for_answers(assistant, question):
    assert [s.text for s in assistant.ask(question).statements][:1] == [ANSWERED[question]]


def test_a_number_of_others_is_no_number_of_what_is_counted(assistant):
    assert assistant.ask("松岭市渔工议事会的代表最少要有多少名？").outcome == "依据不足"


@pytest.mark.parametrize(
    ("question", "side"),
    [
        ("工伤认定单位多少天内提出？", "单位"),
        ("单位没申报，职工自己多长时间内能申报？", "职工"),
        ("仲裁委几天决定受理？", "机关"),
        ("职工工资多久发一次？", ""),
        ("单位会被罚多少？", ""),
        ("工会主席任期几年？", ""),
    ],
)
def test_who_acts_is_read_from_the_clause_that_asks(question, side):
    assert asked_actor(Part(question, "数字")) == side


def test_a_sentence_without_anyone_who_acts_is_of_no_other_side():
    part = Part("用人单位多少天内申请？", "数字")
    assert said_actor("劳动者提前三十日通知用人单位,可以解除劳动合同。") == "职工"
    assert other_actor(part, "劳动者提前三十日通知用人单位,可以解除劳动合同。") is True
    assert other_actor(part, "期限为三十日。") is False
