"""Kinds of questions over invented documents: which sentence, row, range or clause is quoted, and when none is."""

import pytest

from assistant.pipeline import Assistant
from corpus.testing import HashingEncoder, make_store

DOCUMENTS = [
    {
        "title": "青禾市疗养假规定问答",
        "region": "青禾市",
        "text": "一、疗养假有几天\n问：疗养假怎么算？\n答：看工龄，对照下表：\n"
        "工龄：满2年不满8年；疗养假天数：3天\n工龄：满8年不满15年；疗养假天数：6天\n工龄：满15年；疗养假天数：9天\n"
        "二、疗养假能不能折成钱\n问：疗养假不休可以折成钱吗？\n"
        "答：不能。疗养假只休不折，单位不得用现金代替（《青禾市疗养条例》第十九条）。\n"
        "相关条文\n• 《青禾市疗养条例》第三条、第十九条",
    },
    {
        "title": "青禾市总工会关于分配图书的通知",
        "region": "青禾市",
        "text": "为做好图书分配，现就有关事项通知如下。\n一、分配数量\n"
        "地区：竹溪区；图书（册）：1200；书架（个）：7\n地区：松岭县；图书（册）：860；书架（个）：5\n"
        "二、领取办法\n领取图书按下面的办法办理：\n• 先在系统里登记领取人。\n• 再凭登记单到仓库领取。\n• 最后交回签收单。\n"
        "三、适用范围\n领取对象为已建会满一年的基层工会。具体标准为：会员不少于40人、有专人管理。",
    },
    {
        "title": "竹溪区龙舟赛收桨",
        "authors": ("方知远",),
        "region": "竹溪区",
        "text": "本报通讯员 方知远\n竹溪区职工龙舟赛日前收桨，8支队伍参赛。\n"
        "竹溪水务公司郑一舟以2分10秒获得个人赛第一名，竹溪园林公司高小满获得第二名。",
    },
    {
        "title": "松岭县医院工会见闻",
        "region": "松岭县",
        "text": "副院长罗清领衔成立劳模工作室，组建宣讲团，到院内各科室开展活动。\n"
        "前不久，松岭县医院党委书记、院长白朗下沉科室调研，听取意见建议。\n"
        "松岭县医院严控发文数量，全年发文总数比上年减少35%，让科室集中精力干工作。\n"
        "松岭县医院工会建立矛盾化解工作室9个，全年化解医患矛盾148起。",
    },
    {
        "title": "青禾市基层工会统计表",
        "region": "青禾市",
        "text": "一、分地区情况\n"
        "地区：竹溪区；基层工会（家）：1312；会员（万人）：15.6；户外劳动者驿站（个）：127；集体合同（份）：933；困难职工（户）：418\n"
        "地区：松岭县；基层工会（家）：806；会员（万人）：9.4；户外劳动者驿站（个）：62；集体合同（份）：527；困难职工（户）：263",
    },
]

ANSWERED = {
    "松岭县医院的院长是谁？": ["前不久，松岭县医院党委书记、院长白朗下沉科室调研，听取意见建议。"],
    "松岭县医院全年发文总数比上年减少多少？": [
        "松岭县医院严控发文数量，全年发文总数比上年减少35%，让科室集中精力干工作。"
    ],
    "松岭县医院工会化解矛盾多少起？": ["松岭县医院工会建立矛盾化解工作室9个，全年化解医患矛盾148起。"],
    "松岭县有多少户困难职工？": [
        "地区：松岭县；基层工会（家）：806；会员（万人）：9.4；户外劳动者驿站（个）：62；"
        "集体合同（份）：527；困难职工（户）：263。"
    ],
    "青禾市干了十年的职工疗养假有几天？": ["工龄：满8年不满15年；疗养假天数：6天。"],
    "青禾市工龄16年的，疗养假是几天？": ["工龄：满15年；疗养假天数：9天。"],
    "竹溪区的图书有多少册？": ["地区：竹溪区；图书（册）：1200；书架（个）：7。"],
    "青禾市疗养假不能折成钱，依据的是哪一条？": [
        "疗养假只休不折，单位不得用现金代替（《青禾市疗养条例》第十九条）。"
    ],
    "竹溪区龙舟赛个人赛第一名是谁？": [
        "竹溪水务公司郑一舟以2分10秒获得个人赛第一名，竹溪园林公司高小满获得第二名。"
    ],
    "报道竹溪区龙舟赛的通讯员是谁？": ["本报通讯员方知远。"],
    "青禾市疗养假可以折成钱吗？": [
        "答：不能。疗养假只休不折，单位不得用现金代替（《青禾市疗养条例》第十九条）。"
    ],
    "青禾市怎样办理图书领取？": [
        "•先在系统里登记领取人。",
        "•再凭登记单到仓库领取。",
        "•最后交回签收单。",
    ],
    "青禾市什么样的基层工会可以领取图书？": [
        "领取对象为已建会满一年的基层工会。具体标准为：会员不少于40人、有专人管理。"
    ],
}

REFUSED = [
    "松岭县医院的护士长是谁？",
    "青禾市45种疗养病分别是哪些病？",
    "梅湾县分到多少册图书？",
    "竹溪区龙舟赛获奖者的完整名单是什么？",
    "竹溪区龙舟赛的奖金是多少？",
]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    store = make_store(tmp_path_factory.mktemp("kinds"), DOCUMENTS, encoder=HashingEncoder())
    with store:
        yield Assistant(store)


@pytest.mark.parametrize("question", ANSWERED)
def test_the_row_range_clause_or_list_that_is_asked_for_is_quoted_and_nothing_else(assistant, question):
    assert [s.text for s in assistant.ask(question).statements] == ANSWERED[question]


@pytest.mark.parametrize("question", REFUSED)
def test_what_the_texts_only_touch_is_refused(assistant, question):
    assert assistant.ask(question).outcome == "依据不足"


@pytest.mark.parametrize("question", [*ANSWERED, *REFUSED])
def test_no_question_heading_or_lead_in_is_ever_the_answer(assistant, question):
    for statement in assistant.ask(question).statements:
        assert statement.text[-1] not in "？：" and "通知如下" not in statement.text
