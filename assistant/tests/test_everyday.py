"""Questions as people put them over invented rules: which sentence answers, and where a rule stays quiet."""

import pytest

from assistant.pipeline import Assistant
from corpus.testing import HashingEncoder, make_store

DOCUMENTS = [
    {
        "title": "青禾市职工补充保障实施办法",
        "region": "青禾市",
        "kind": "办法",
        "text": "第一条 为减轻职工负担，制定本办法。\n第二条 参保费用为每人每年70元，由个人承担一半。\n"
        "第三条 有下列情形之一的，不得认定为意外受伤：\n（一）酒后驾车的；\n（二）故意伤害自己的。\n"
        "第四条 会员住院的，给付最高不超过9000元。",
    },
    {
        "title": "青禾市总工会关于举办夏令营的通知",
        "region": "青禾市",
        "text": "现将有关事项通知如下。\n一、规模。全市开办夏令营20个，每营40人。\n二、时间。7月3日至8月9日，共5周。\n"
        "三、内容。夏令营设游泳、书法、编程三类课程。\n四、报名。6月2日至6月20日在小程序上报名，6月25日公布名单。",
    },
    {
        "title": "梧桐国劳动法",
        "kind": "法规",
        "region": "全国",
        "text": "第一条 劳动者在试用期内提前二日通知用人单位，可以解除劳动合同。\n"
        "第二条 劳动者提前二十日以书面形式通知用人单位，可以解除劳动合同。\n"
        "第三条 竞业限制的期限最长不得超过二年。\n第四条 用人单位不得延长工作时间超过每日三小时。\n"
        "第五条 用人单位拖欠工资的，由劳动行政部门处以所欠工资一倍以上二倍以下的罚款。",
    },
    {
        "title": "青禾市劳动合同条例",
        "kind": "法规",
        "region": "青禾市",
        "text": "第一条 竞业限制的期限由双方约定，最长不得超过四年。",
    },
    {
        "title": "超时加班纠纷案例",
        "text": "白某每日延长工作时间达到六小时，用人单位应当支付加班工资。",
    },
    {
        "title": "青禾市行业调研报告",
        "region": "青禾市",
        "text": "群体：塔吊司机；月均收入（元）：7010；日均工时（小时）：9\n"
        "群体：铲车司机；月均收入（元）：6120；日均工时（小时）：10",
    },
    {
        "title": "青禾市节日放假说明",
        "region": "青禾市",
        "text": "要点：采茶节、渔火节只有部分人放假。\n采茶节碰上周末的，不补假。\n"
        "• 采茶节（4月9日）：茶农放半天假。\n• 渔火节（9月6日）：渔民放一天假。",
    },
]

DOCUMENTS += [
    {
        "title": "2031年度青禾市工会统计公报",
        "region": "青禾市",
        "published_on": "2032-02-01",
        "text": "青禾市调解纠纷成功310件。\n青禾市机关干部每人下基层不少于50天。\n青禾市组织女职工免费筛查，投入车辆3台。",
    },
    {
        "title": "青禾市总工会关于疗休养的通知",
        "region": "青禾市",
        "text": "市总工会对疗休养按每人900元补助，疗休养车票由职工自己出。",
    },
]

ANSWERED = {
    "青禾市补充保障一年交多少钱": ["第二条 参保费用为每人每年70元，由个人承担一半。"],
    "青禾市夏令营报名到哪天截止": ["6月2日至6月20日在小程序上报名，6月25日公布名单。"],
    "竞业限制最长几年": ["第三条 竞业限制的期限最长不得超过二年。"],
    "青禾市竞业限制最长几年": ["第一条 竞业限制的期限由双方约定，最长不得超过四年。"],
    "辞职要提前几天": ["第二条 劳动者提前二十日以书面形式通知用人单位，可以解除劳动合同。"],
    "试用期辞职提前几天": ["第一条 劳动者在试用期内提前二日通知用人单位，可以解除劳动合同。"],
    "一天最多能加班几个小时": ["第四条 用人单位不得延长工作时间超过每日三小时。"],
    "拖欠工资要罚多少": ["第五条 用人单位拖欠工资的，由劳动行政部门处以所欠工资一倍以上二倍以下的罚款。"],
    "塔吊司机跟铲车司机哪个月均收入高": [
        "群体：塔吊司机；月均收入（元）：7010；日均工时（小时）：9。",
        "群体：铲车司机；月均收入（元）：6120；日均工时（小时）：10。",
    ],
    "2031年青禾市调解纠纷成功多少件": ["青禾市调解纠纷成功310件。"],
    "疗休养补助多少钱": ["市总工会对疗休养按每人900元补助，疗休养车票由职工自己出。"],
    "采茶节放假吗": ["•采茶节（4月9日）：茶农放半天假。"],
    "酒后驾车算不算意外受伤": [
        "第三条 有下列情形之一的，不得认定为意外受伤。",
        "（一）酒后驾车的。",
    ],
}

REFUSED = [
    "青禾市夏令营的餐费一天多少钱",
    "青禾市补充保障的等待期有几天",
    "松岭县的竞业限制最长几年",
    "产假期间工资怎么发",
    "2032年青禾市调解纠纷成功多少件",
    "青禾市有多少机关干部",
    "青禾市女职工筛查一共花了多少钱",
    "省总工会的疗休养补助标准是多少",
]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    store = make_store(tmp_path_factory.mktemp("everyday"), DOCUMENTS, encoder=HashingEncoder())
    with store:
        yield Assistant(store)


@pytest.mark.parametrize("question", ANSWERED)
def test_the_sentence_that_states_the_rule_answers_in_whatever_words_it_is_asked(assistant, question):
    assert [s.text for s in assistant.ask(question).statements] == ANSWERED[question]


@pytest.mark.parametrize("question", REFUSED)
def test_what_the_rules_do_not_say_is_refused(assistant, question):
    assert assistant.ask(question).outcome == "依据不足"
