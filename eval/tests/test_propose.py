"""Questions proposed from articles: they read as Chinese, their facts stand there, the rest is silence."""

import pytest

from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.testing import make_store
from eval import phrasing
from eval.__main__ import main
from eval.dataset import load
from eval.propose import propose, propose_from

NUMBERS = [
    ("会员生日可以发放蛋糕券，每人每年不超过300元", "会员生日可以发放蛋糕券，每人每年不超过多少钱", "300元"),
    ("2025年全市计划组织职工疗休养4200人，分105批次进行", "2025年全市计划组织职工疗休养多少人", "4200人"),
    ("企业应当自收到要约书之日起20日内书面答复", "企业应当自收到要约书之日起多少日内书面答复", "20日"),
    ("女职工比例不得低于45%", "女职工比例不得低于百分之多少", "45%"),
    ("监事会里职工代表不得少于三分之一", "监事会里职工代表不得少于几分之几", "三分之一"),
    ("困难职工解困以后，设12个月渐退期", "困难职工解困以后，设几个月渐退期", "12个月"),
    (
        "拒不改正的单位，罚2万元以上5万元以下",
        "拒不改正的单位，罚多少钱",
        "2万元以上5万元以下",
    ),
]
#: Numbers that make no question: names, conditions, places in a text, dates, parts of a row of things.
NO_NUMBERS = [
    "职工300人以上的有限责任公司应当有职工代表",
    "按照第21条和第3项办理有关手续即可",
    "2024年4月9日常委会第五次会议修订通过",
    "高收入职工有三倍社平工资和12年两道封顶",
    "参加“百园1000楼”建会行动的单位都要上报",
    "基层工会委员会每届任期三年或者五年",
    "连续工作满10年从用工那天起算",
    "事故发生或者职业病确诊之日起30日内",
    "疗休养活动分批进行，每批6天5晚",
]
DATES = [
    ("疗休养活动于2025年4月至10月进行，每批6天", "疗休养活动从什么时候到什么时候进行", ("2025年4月", "10月")),
    ("各单位应于2025年8月31日前报送总结", "各单位应于什么时候之前报送总结", ("2025年8月31日",)),
    ("小微企业返还政策执行到2025年12月31日", "小微企业返还政策执行到什么时候", ("2025年12月31日",)),
    (
        "6月12日，云河市经开区总工会走进大桥工地，慰问工人",
        "云河市经开区总工会走进大桥工地是什么时候的事",
        ("6月12日",),
    ),
]
NO_DATES = [
    "本办法自2025年7月1日起施行，原办法同时废止",
    "5月16日至8月31日，由各县和行业自行组织预赛",
    "初赛5月16日开始，决赛9月20日在技师学院举行",
]
HEADS = [
    ("申报企业应当符合下列条件", "申报企业应当符合哪些条件"),
    ("有下列情形之一的，不予给付", "哪些情形不予给付"),
    ("下列支出可以在工会经费中列支", "哪些支出可以在工会经费中列支"),
    ("单位发工资要守五条规矩", "单位发工资要守哪五条规矩"),
    ("工会在安全生产上有五项权利", "工会在安全生产上有哪五项权利"),
    ("现将有关事项通知如下", ""),
]


@pytest.mark.parametrize(("sentence", "question", "fact"), NUMBERS)
def test_a_number_is_asked_where_it_stands(sentence, question, fact):
    assert phrasing.Asked(text=question, kind="number", facts=(fact,)) in phrasing.numbers(sentence)


@pytest.mark.parametrize("sentence", NO_NUMBERS)
def test_a_number_that_says_nothing_alone_is_not_asked(sentence):
    assert list(phrasing.numbers(sentence)) == []


@pytest.mark.parametrize(("sentence", "question", "facts"), DATES)
def test_a_date_is_asked_by_the_word_beside_it(sentence, question, facts):
    assert list(phrasing.dates(sentence)) == [phrasing.Asked(text=question, kind="when", facts=facts)]


@pytest.mark.parametrize("sentence", NO_DATES)
def test_a_date_without_such_a_word_is_not_asked(sentence):
    assert list(phrasing.dates(sentence)) == []


@pytest.mark.parametrize(("head", "question"), HEADS)
def test_a_line_that_announces_a_list_becomes_a_question(head, question):
    items = "\n".join(f"（{n}）第{n}样东西；" for n in "一二三")
    found = [asked.text for asked, _ in phrasing.lists(f"{head}：\n{items}")]
    assert found == ([question] if question else [])


def test_a_list_within_a_sentence_is_asked_by_its_count():
    sentence = "困难职工分为深度困难职工、相对困难职工和意外致困职工三类"
    (asked,) = phrasing.inline_lists(sentence)
    assert (asked.text, asked.facts) == (
        "困难职工分为哪三类",
        ("深度困难职工", "相对困难职工", "意外致困职工"),
    )
    assert list(phrasing.inline_lists("提供饮水、休息两项以上服务的驿站")) == []


def test_a_definition_is_asked_and_a_direction_is_not():
    (asked,) = phrasing.definitions("本办法所称驿站，是指为户外劳动者提供休息的场所")
    assert (asked.text, asked.facts) == ("“驿站”指的是什么", ("为户外劳动者提供休息的场所",))
    assert list(phrasing.definitions("县总工会指导各基层工会做好驿站建设")) == []


def test_sentences_that_lean_on_others_are_left_out():
    text = "其中女会员36.8万人。\n本文件为示例，共有3条内容。\n一、组织建设\n全市共有基层工会组织5072家。"
    assert [s.text for s in phrasing.statements(text)] == ["全市共有基层工会组织5072家"]


FAQ = """问：骑手能入会吗？
答：可以。可以加入行业工会。
问：工会经费能返还吗？
答：符合条件的企业，全额返还。
问：申请要在多少天内提出来？
答：自出院之日起90日内申请。
问：怎样加入工会？
答：在小程序里申请，1个工作日内审核。"""


def test_a_texts_own_questions_are_taken_where_the_answer_is_short_and_plain():
    assert [(asked.text, asked.facts) for asked in phrasing.questions_answered(FAQ)] == [
        ("骑手能入会吗", ("可以",)),
        ("申请要在多少天内提出来", ("90日",)),
    ]


TEXT = """第五条 会员生日可以发放蛋糕券，每人每年不超过300元。
第六条 会员结婚的，可以给予慰问品，每人不超过1000元。
第七条 有下列情形之一的，不予给付：
（一）提供虚假材料的；
（二）故意犯罪造成的；
（三）超过申请期限的。
第八条 本办法自2024年5月1日起施行。
云河市总工会"""
ARTICLE = {
    "title": "云河市慰问办法（示例）",
    "kind": "办法",
    "issuer": "云河市总工会财务部",
    "number": "云工发〔2024〕12号",
    "effective_on": "2024-05-01",
    "region": "云河市",
    "status": "已废止",
    "text": TEXT,
    "labels": ["第五条", "第六条", "第七条"],
}


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, [ARTICLE, {"title": "海州市的事", "text": "海州市另有规定。"}]) as opened:
        yield opened


def test_an_article_proposes_questions_with_facts_clauses_and_a_day(store):
    found = {one.case.question: one for one in propose_from(store, "1/1") if one.case.answerable}
    birthday = found["按照《云河市慰问办法》，会员生日可以发放蛋糕券，每人每年不超过多少钱？"]
    assert birthday.case.must == (("300元",),)
    assert birthday.case.clauses == ("云河市慰问办法 第五条",)
    assert (birthday.case.source, birthday.case.article) == (("文件1.txt",), "云河市慰问办法")
    assert birthday.case.as_of == "2024-05-01"
    assert birthday.reason == "数字：会员生日可以发放蛋糕券，每人每年不超过300元"
    assert found["《云河市慰问办法》从什么时候起施行？"].case.must == (("2024年5月1日",),)


def test_unanswerable_questions_name_what_the_store_does_not_hold(store):
    found = [one for one in propose_from(store, "1/1") if not one.case.answerable]
    assert found
    assert [one.case for one in found if one.case.must or one.case.source] == []
    assert [one.case.question for one in found if "海州" in one.case.question] == []
    assert "按照《临泽市慰问办法》，会员结婚的，可以给予慰问品，每人不超过多少钱？" in {
        one.case.question for one in found
    }
    assert {one.reason[:3] for one in found} == {"换地区", "换对象"}


def test_one_thing_of_several_is_not_exchanged(tmp_path):
    text = "第六条 会员结婚、生育的，可以给予慰问品，每人不超过1000元。"
    with make_store(tmp_path, [{**ARTICLE, "region": "", "title": "慰问办法", "text": text}]) as own:
        found = [one.case.question for one in propose_from(own, "1/1") if not one.case.answerable]
    assert [question for question in found if "订婚" in question] == []


class Model:
    """A chat model that says what it was made to say."""

    def __init__(self, *lines: str) -> None:
        self.said = lines

    def reply(self, system: str, user: str):
        yield "\n".join(self.said)


def test_a_models_question_is_kept_only_with_facts_of_the_article(store):
    model = Model("过生日工会给多少钱的蛋糕券？｜300元", "给多少天假期呢？｜15天", "没有答案的一行")
    article = store.article("1/1")
    made = [one for one in propose(article, store.passages("1/1"), model=model) if "模型" in one.reason]
    assert [(one.case.question, one.case.must) for one in made] == [
        ("过生日工会给多少钱的蛋糕券？", (("300元",),))
    ]


def test_an_unknown_article_is_said_in_words(store):
    with pytest.raises(UserError, match="没有编号为 9/9"):
        propose_from(store, "9/9")


def test_the_command_prints_proposals_and_writes_a_draft_only_where_told(tmp_path, capsys):
    make_store(tmp_path, [ARTICLE], encoder=CorpusSettings().encoder).close()
    draft = tmp_path / "草稿.jsonl"
    asked = ["propose", "--store", str(tmp_path / "store"), "--article", "1/1"]
    assert main(asked) == 0
    assert "会员生日可以发放蛋糕券，每人每年不超过多少钱？\n    答案要点：300元" in capsys.readouterr().out
    assert not draft.exists()
    assert main([*asked, "--out", str(draft)]) == 0
    assert "请逐题审定" in capsys.readouterr().out
    probes = tmp_path / "探测.jsonl"
    made = ["probes", str(draft), "--store", str(tmp_path / "store"), "--kinds", "typo，injection"]
    assert main([*made, "--out", str(probes)]) == 0
    assert "错别字" in capsys.readouterr().out
    assert {case.category for case in load(probes)} == {"错别字", "段落里藏指令"}
