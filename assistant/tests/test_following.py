"""What a question means in its conversation: made whole, or left alone."""

import pytest

from assistant.following.past import topic_in
from assistant.following.pointing import pointed_at
from assistant.following.readings import readings
from assistant.following.talk import talk_of, without_talk
from assistant.question.clauses import basis_of

FOLLOW_UPS = [
    ("那白塔县呢？", "云河市建了多少家服务站？", "白塔县建了多少家服务站？"),
    ("2030年呢？", "2031年建了多少家服务站？", "2030年建了多少家服务站？"),
    ("2030呢", "2031年建了多少家服务站？", "2030年建了多少家服务站？"),
    ("2030年的呢", "2031年建了多少家服务站？", "2030年建了多少家服务站？"),
    ("白塔县呢", "2031年云河市补助多少元？", "2031年白塔县补助多少元？"),
    ("那柳津呢", "2031年云河市补助多少元？", "2031年柳津补助多少元？"),
    ("它的期限是多久？", "“互助保障”是什么？", "“互助保障”，期限是多久？"),
    ("期限多久？", "“互助保障”是什么？", "“互助保障”，期限多久？"),
    ("需要什么材料？", "怎样补办会员卡？", "补办会员卡，需要什么材料？"),
    ("依据哪一条？", "参保费用是多少元？", "参保费用是多少元，依据哪一条？"),
    ("有法律依据吗？", "参保费用是多少元？", "参保费用是多少元，有法律依据吗？"),
    ("他得了多少分", "焊工决赛第一名是谁？", "焊工决赛第一名，得了多少分"),
    ("其中女职工有多少人？", "疗休养安排多少人？", "疗休养，其中女职工有多少人？"),
    ("第三条规定了什么？", "工会法第二条规定了什么？", "工会法第三条规定了什么？"),
    ("它什么时候施行？", "《慰问办法》还有效吗？", "《慰问办法》，什么时候施行？"),
    ("由谁支付？", "经济补偿怎么算？", "经济补偿，由谁支付？"),
    ("休息日呢？", "法定休假日加班给多少钱？", "休息日加班给多少钱？"),
    ("干满二十年的有几天？", "工作八年的人有几天年休假？", "年休假，干满二十年的有几天？"),
    ("那生日呢", "过节给会员发东西最多多少钱", "生日给会员发东西最多多少钱"),
    ("要是难产呢", "女职工产假多少天", "女职工产假，难产，多少天"),
    ("再不改呢", "发了提示函企业不理怎么办", "发了提示函企业不理，再不改，怎么办"),
    ("产量呢", "福建茶园面积有多少亩", "福建茶园产量有多少"),
    ("那病假呢", "员工手册里年假是怎么规定的", "员工手册里病假是怎么规定的"),
    ("那年补多少钱", "2031年疗休养安排几天？", "2031年疗休养，补多少钱"),
    ("那要是难产", "女职工产假多少天", "女职工产假，难产，多少天"),
    ("这是哪个文件说的", "参保费用是多少元？", "参保费用是多少元，依据哪一条？"),
    ("那一周呢", "劳动法规定一天工作几个小时", "劳动法规定一周工作几个小时"),
    ("换成北京有没有别的规定", "失业金最多领多久", "失业金，北京有没有别的规定"),
    ("淮安打算办多少", "苏州办了多少期托管班", "托管班，淮安打算办多少"),
    ("困难职工家的娃呢", "托管班一期收多少钱", "托管班一期，困难职工家的娃，收多少钱"),
    ("没有工会的单位呢", "集体合同，谁来签", "集体合同，没有工会的单位，谁来签"),
    ("不到这个数呢", "职工人数多少要建工会", "职工人数，建工会，不到这个数呢"),
    ("这个有依据吗", "入会有什么好处", "入会有什么好处，这个有依据吗"),
    ("河南的条例怎么规定的", "单位能随便调走工会主席吗", "单位能随便调走工会主席，河南的条例怎么规定的"),
]


@pytest.mark.parametrize(("asked", "before", "whole"), FOLLOW_UPS)
def test_follow_ups_are_made_whole(asked, before, whole):
    likeliest = readings(asked, [(before, "……[1]")])[0]
    assert (likeliest.text, likeliest.sure) == (whole, True)


def test_a_question_with_its_own_subject_is_left_alone():
    asked = "云河市总工会的会员卡怎样补办？"
    assert readings(asked, [("讲座由谁主讲？", "……")]) == []
    assert readings("那白塔县呢？", []) == []
    assert readings("滨海县发了多少份意见书", [("滨海县发了多少份提示函", "32份。[1]")]) == []
    assert readings("山东那个平台是哪家公司建的", [("福建茶园面积有多少亩", "300万亩。[1]")]) == []


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
    "不是会员能领慰问金吗？",
    "如果单位不交会费怎么办？",
    "会费写在哪个文件里？",
]


@pytest.mark.parametrize("asked", NEW_TOPICS)
def test_nothing_marks_a_new_topic_as_a_follow_up(asked):
    found = readings(asked, [("云河市会员住院慰问金每人多少元？", "不超过1000元。[1]")])
    assert [r for r in found if r.sure] == []


def test_small_talk_in_between_does_not_break_a_conversation():
    history = [("参保费用是多少元？", "80元。[1]"), ("谢谢", "您好。"), ("哎今天好累啊", "您辛苦了。")]
    assert readings("期限多久？", history)[0].text == "参保费用，期限多久？"


def test_who_says_that_the_topic_is_new_is_taken_at_their_word():
    history = [("参保费用是多少元？", "80元。[1]")]
    assert readings("换个话题，期限多久？", history) == []


def test_a_short_question_may_lean_on_the_last_one_only_without_a_name_of_its_own():
    history = [("参保费用是多少元？", "80元。[1]")]
    assert [(r.text, r.sure) for r in readings("退保怎么退钱？", history)] == [
        ("参保费用，退保怎么退钱？", False)
    ]
    assert readings("云河市退保怎么退钱？", history) == []


def test_after_a_refusal_a_question_may_mean_what_went_before_that():
    history = [("滨海县的“月官”干什么？", "参加会议。[1]"), ("船票贵不贵", "已入库的文件里没有找到……")]
    assert "滨海县的“月官”，有多少个" in [r.text for r in readings("有多少个", history)]


POINTED = [
    ("第二点详细说说", "一是建站点。[1]\n二是送服务，到一线。[1]", ("送服务", "")),
    (
        "第二类是什么标准",
        "分为深度困难职工、相对困难职工和意外致困职工三类。[1]",
        ("相对困难职工", "是什么标准"),
    ),
    ("最后一个字怎么讲", "要念好“连、通、引、汇”四字诀，提高引领力、组织力。[1]", ("汇", "")),
    ("第五点是什么", "一是建站点。[1]\n二是送服务。[1]", ("", "")),
    ("工会法第二条说了什么", "一是建站点。[1]\n二是送服务。[1]", ("", "")),
]


@pytest.mark.parametrize(("asked", "answer", "item"), POINTED)
def test_an_ordinal_points_at_an_item_of_the_answer(asked, answer, item):
    assert pointed_at(asked, answer) == item


def test_what_asks_about_the_document_of_the_answer_and_what_doubts_the_answer_is_told_apart():
    history = [("苏州有多少个妈妈驿站", "1398家。[1]")]
    asks = {
        q: readings(q, history)[0].asks
        for q in ("上面那篇文章是谁写的", "这个是哪年发的", "还有效吗", "作者是干什么的")
    }
    assert set(asks.values()) == {"出处"}
    doubts = [
        readings(q, history)[0] for q in ("不对吧，不是1200家吗？", "我记得是1200啊，搞错了吧", "你确定吗")
    ]
    assert {r.asks for r in doubts} == {"质疑"}
    assert [r.own for r in doubts] == ["1200家", "1200", ""]
    others = [
        r.asks
        for q in ("不对外开放的驿站有几个", "这个活动是谁写的方案", "工资谁发", "工资谁出")
        for r in readings(q, history)
    ]
    assert "质疑" not in others and "出处" not in others


TALK = {
    "谢谢哈，挺清楚的": "致谢",
    "好的明白了": "致谢",
    "你回答得太啰嗦了": "抱怨",
    "这都不知道，要你有什么用": "抱怨",
    "能不能简单点说": "简单",
    "没看懂": "简单",
    "说了半天没听懂": "简单",
    "还有吗": "还有",
    "哎今天好累啊": "闲话",
    "你是谁": "问候",
    "感谢信怎么写": "",
    "好的工会干部标准是什么": "",
    "工作太忙可以不休年假吗": "",
    "送清凉是什么意思": "",
    "简单劳动的工资怎么算": "",
    "还有哪些材料": "",
    "找不到单位怎么办": "",
}


@pytest.mark.parametrize(("said", "talk"), TALK.items())
def test_small_talk_is_told_from_questions(said, talk):
    assert talk_of(said) == talk


def test_small_talk_around_a_question_is_no_part_of_it():
    asked = [
        "好的，那会费怎么交？",
        "产假多少天，谢谢！",
        "谢谢，另外问一下，会费怎么交？",
        "换个岗位要签合同吗",
    ]
    assert [without_talk(q) for q in asked] == [
        ("会费怎么交？", False),
        ("产假多少天", False),
        ("会费怎么交？", True),
        ("换个岗位要签合同吗", False),
    ]


TOPICS = {
    "职工互助保障一年要交多少钱": "职工互助保障",
    "五星级的企业工会能拿多少补助": "五星级的企业工会",
    "苏州有多少个妈妈驿站": "苏州妈妈驿站",
    "合同到期公司不续签，有没有经济补偿": "合同到期公司不续签，经济补偿",
    "国庆节加班给双倍工资就行了吧": "国庆节加班给双倍工资",
    "参保费用是多少元？": "参保费用",
}


@pytest.mark.parametrize(("question", "topic"), TOPICS.items())
def test_the_topic_of_a_question_is_it_without_what_leads_over_to_what_it_asks(question, topic):
    assert topic_in(question) == topic


def test_what_the_legal_basis_is_asked_of():
    assert basis_of("“生死合同”无效，依据的是哪一条？") == "“生死合同”无效"
    assert basis_of("参保费用，依据哪一条？") == "参保费用"
    assert basis_of("劳动合同，期限多久？") == ""
