import pytest

from assistant import places
from assistant.question import basis_of, focus, kind_of, leaning, parts_of, plainly, resolve, understand


class Words:
    """Pairs of characters: enough to read a question without a dictionary."""

    def words(self, text):
        return [w for run in text.split() for w in (run[i : i + 2] for i in range(0, len(run), 2))]

    def word_weights(self, words):
        return dict.fromkeys(words, 3.0)


KINDS = {
    "云河市建了多少家服务站？": "数字",
    "这个比例是百分之几？": "数字",
    "活动什么时候开始？": "时间",
    "多久体检一次？": "时间",
    "讲座由谁主讲？": "人物",
    "学院设在哪里？": "地点",
    "有哪些做法？": "列举",
    "“四送”是什么？": "列举",
    "围绕哪六个方面？": "列举",
    "“轮训机制”是什么意思？": "定义",
    "怎样转会？": "办法",
    "可以发现金吗？": "是否",
    "陈有禾是什么身份？": "人物",
    "食堂几点开门？": "时间",
    "要做到哪几点要求？": "列举",
    "办理身份证是什么流程？": "办法",
    "《四字诀》的作者是谁？": "出处",
    "《工会条例》第十条说了什么？": "条款",
    "什么情况下可以签无固定期限合同？": "列举",
    "不能干什么活？": "列举",
    "一天最多干几小时？": "数字",
    "你是谁？": "闲聊",
    "你好": "闲聊",
}


@pytest.mark.parametrize("question", KINDS)
def test_a_question_is_known_by_what_it_asks(question):
    assert kind_of(question) == KINDS[question]


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


def test_focus_names_what_must_be_met():
    found = focus(understand("云河市2031年“四送”活动的三个重点是什么？", Words()))
    assert (found.places, found.phrases, found.years, found.count) == (
        ("云河市",),
        ("四送",),
        frozenset({"2031"}),
        3,
    )


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


def test_traditional_and_full_width_characters_are_read_as_plain_ones():
    assert understand("會員２０３１年補助多少元？", Words()).text == "会员2031年补助多少元？"


def test_what_merely_ends_like_a_place_is_none():
    assert places.asked("云河市给每个镇工会拨多少经费？") == ["云河市"]
    assert places.asked("党委每年给镇总工会多少经费？") == []


def test_a_year_before_a_place_is_none_of_its_name():
    assert focus(understand("2031年云河市补助多少元？", Words())).places == ("云河市",)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("您好，想问一下，产假多少天？", "产假多少天？"),
        ("我们单位有人在问，年休假咋算？", "年休假怎么算？"),
        ("老师您好：帮我查一下，转会要带啥材料", "转会要带什么材料"),
        ("都有啥权利？", "都有什么权利？"),
        ("咋么办，多会儿能办好，干嘛要交会费", "怎么办，什么时候能办好，为什么要交会费"),
        # What is no courtesy stays: it is the subject.
        ("职工在问答栏目问的是什么？", "职工在问答栏目问的是什么？"),
        ("会员咨询台，设在哪里？", "会员咨询台，设在哪里？"),
        ("会费嘛现在怎么交？", "会费嘛现在怎么交？"),
        ("您好", "您好"),
    ],
)
def test_courtesies_and_everyday_interrogatives_are_read_as_written(said, asked):
    assert plainly(said) == asked


def test_unknown_words_that_name_no_thing_weigh_little_and_unknown_things_all_they_can():
    class Knows(Words):
        def words(self, text):
            return text.split()

        def word_weights(self, words):
            return {w: 2.0 for w in words if w in ("年休假", "工资")}

    terms = understand("年休假 休成 高温津贴 购物券", Knows()).terms
    assert terms == {"年休假": 2.0, "休成": 4.0 * 0.15, "高温津贴": 4.0, "购物券": 4.0}


class Blanks(Words):
    """Words between blanks, as they stand, beside three that every text has."""

    def words(self, text):
        return text.split()

    def word_weights(self, words):
        return {w: 1.0 for w in words if w in ("值守", "单位", "小时")}


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("值守最多几小时", {"值守": 1.0, "小时": 1.0}),
        ("值守最多几天", {"值守": 1.0}),
        ("单位 扣 工钱", {"单位": 0.35, "扣除": 0.6, "工钱": 4.0}),
        ("最低工资", {"最低工资": 4.0}),
        ("值守 能领", {"值守": 1.0}),
        ("五缺 值守", {"五缺": 0.6, "值守": 1.0}),
    ],
)
def test_what_is_asked_with_is_no_word_to_look_for_and_a_short_verb_stands_for_a_long_one(question, terms):
    assert understand(question, Blanks()).terms == pytest.approx(terms)
