"""Questions over a few invented documents: what is answered, what is refused, and with which words."""

import pytest

from assistant.contract import answer_json
from assistant.pipeline import Assistant, Stage
from assistant.types import Answer, Statement
from corpus.testing import make_store

#: The invented documents hold on this day.
TODAY = "2031-09-01"

DOCUMENTS = [
    {
        "title": "云河市总工会推进服务站建设的做法",
        "authors": ("林知夏",),
        "text": "云河市总工会 林知夏\n"
        "今年以来，云河市总工会建成户外劳动者服务站86家，累计服务职工4.2万人次。\n"
        "存在的问题\n"
        "站点分布不均。老城区站点多，新区和产业园站点少，职工走得远、用得少。\n"
        "开放时间太短。部分站点晚上六点就关门，夜班职工享受不到休息和饮水服务。\n"
        "下一步打算\n"
        "扩大覆盖。云河市总工会将围绕理念更新、设施更新、服务更新等三个方面，让更多职工用得上站点。",
    },
    {
        "title": "柳津市总工会念好“四字经”",
        "authors": ("周明川",),
        "text": "柳津市总工会主席 周明川\n"
        "柳津市总工会要求基层工会做到“四有”，即“有场所、有制度、有队伍、有经费”。\n"
        "柳津市总工会采取三项措施：一是抓规范。统一服务流程。二是抓培训。每季度轮训一次。三是抓考核。年底评定星级。\n"
        "柳津市推行“一链两岗”。“一链”就是把服务站连成一条链。站点之间互相补货。“两岗”就是设管理岗和志愿岗，管理岗上午9点到岗。\n"
        "“师带徒”结对机制，即由首席技师与青年职工签订协议、共同攻关的培养办法。",
    },
    {
        "title": "云河市职工互助保障办法",
        "number": "云工发〔2031〕3号",
        "region": "云河市",
        "issuer": "云河市总工会",
        "status": "现行",
        "effective_on": "2031-05-01",
        "text": "云工发〔2031〕3号\n第一条 参保费用为每人每年80元。\n第二条 保障期限为一年。",
        "labels": ["", "第一条", "第二条"],
    },
    {
        "title": "云河市职工互助保障办法（旧）",
        "region": "云河市",
        "issuer": "云河市总工会",
        "status": "已废止",
        "text": "第一条 参保费用为每人每年60元。",
    },
]

ANSWERED = {
    "云河市总工会建成了多少家户外劳动者服务站？": ["86家"],
    "云河市服务站累计服务多少人次？": ["4.2万人次"],
    "服务站建设存在哪些问题？": ["站点分布不均", "开放时间太短"],
    "云河市总工会围绕哪三个方面扩大覆盖？": ["理念更新", "设施更新", "服务更新"],
    "柳津市总工会要求基层工会做到的“四有”是什么？": ["有场所", "有制度", "有队伍", "有经费"],
    "柳津市总工会采取了哪三项措施？": ["抓规范", "抓培训", "抓考核"],
    "柳津市多久轮训一次？": ["每季度"],
    "周明川担任什么职务？": ["柳津市总工会主席"],
    "柳津市的管理岗几点到岗？": ["9点"],
    "云河市互助保障办法第一条怎么说的？": ["每人每年80元"],
    "柳津市“师带徒”结对机制是什么？": ["首席技师", "青年职工"],
    "《柳津市总工会念好“四字经”》的作者是谁？": ["周明川"],
    "《云河市职工互助保障办法》的文号是什么？": ["云工发〔2031〕3号"],
    "云河市职工互助保障参保费用是每人每年多少元？": ["80元"],
    "《云河市职工互助保障办法》第二条规定了什么？": ["一年"],
}

REFUSED = [
    "柳津市总工会每天开放到几点？",
    "柳津市的轮训从几号到几号？",  # "每季度" is no day
    "林知夏是什么职务？",  # the line names an office and no post
    "柳津市给每个镇建了多少家服务站？",
    "柳津市总工会建成了多少家户外劳动者服务站？",
    "白塔县总工会建成了多少家户外劳动者服务站？",
    "2029年云河市总工会建成了多少家户外劳动者服务站？",
    "云河市总工会的办公电话是多少？",
    "云河市户外劳动者服务站的面积是多少平方米？",
    "全国建成了多少家户外劳动者服务站？",
    "柳津市总工会的“五缺”是什么？",
    "红烧肉怎么做？",
]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    with make_store(tmp_path_factory.mktemp("answers"), DOCUMENTS) as store:
        yield Assistant(store, today=lambda: TODAY)


@pytest.mark.parametrize("question", ANSWERED)
def test_what_the_documents_hold_is_answered_briefly_in_their_words(assistant, question):
    answer = assistant.ask(question)
    assert answer.outcome == "已回答", answer.notes
    assert [fact for fact in ANSWERED[question] if fact not in answer.text] == []
    assert len(answer.text) <= 300


@pytest.mark.parametrize("question", REFUSED)
def test_what_only_looks_answerable_is_refused_with_a_reason(assistant, question):
    answer = assistant.ask(question)
    assert (answer.outcome, [s.citations for s in answer.statements]) == ("依据不足", [()])
    assert answer.notes


@pytest.mark.parametrize("question", ANSWERED)
def test_every_quote_stands_verbatim_in_its_passage(assistant, question):
    answer = assistant.ask(question)
    texts = {e.marker: e.hit.passage.text for e in answer.evidence}
    cited = [c for s in answer.statements for c in s.citations]
    assert cited
    assert all(texts[c.marker][c.start : c.end] == c.quote and c.verdict == "已核实" for c in cited)


def test_a_name_inside_another_is_answered_with_what_is_said_of_it_until_the_next(assistant):
    answer = assistant.ask("“一链两岗”里的“一链”是什么？")
    assert [s.text for s in answer.statements] == ["“一链”就是把服务站连成一条链。", "站点之间互相补货。"]


def test_what_was_repealed_is_not_mixed_with_what_holds(assistant):
    answer = assistant.ask("云河市职工互助保障参保费用是每人每年多少元？")
    assert "60元" not in answer.text


def test_two_documents_in_force_that_disagree_are_both_shown(tmp_path):
    common = {"region": "云河市", "issuer": "云河市总工会", "status": "现行", "published_on": "2031-06-01"}
    documents = [
        {"title": "关于送清凉的通知", **common, "text": "高温慰问物资人均标准不低于80元。"},
        {"title": "关于高温关爱的通知", **common, "text": "高温慰问物资人均标准不低于100元。"},
    ]
    with make_store(tmp_path, documents) as store:
        answer = Assistant(store, today=lambda: TODAY).ask("云河市高温慰问物资人均标准是多少元？")
    assert answer.outcome == "存在冲突"
    assert "80元" in answer.text
    assert "100元" in answer.text


def test_small_talk_gets_a_word_about_what_the_assistant_does(assistant):
    answer = assistant.ask("你是谁？")
    assert (answer.outcome, answer.evidence) == ("需澄清", ())


def test_passages_given_with_the_question_are_the_only_evidence(assistant):
    given = ["白塔县总工会建成户外劳动者服务站9家。", "白塔县总工会举办讲座3场。"]
    answer = assistant.ask("白塔县总工会建成了多少家户外劳动者服务站？", passages=given)
    assert answer.text == "白塔县总工会建成户外劳动者服务站9家。[1]"
    assert assistant.ask("云河市总工会建成了多少家户外劳动者服务站？", passages=given).outcome == "依据不足"
    assert assistant.ask("云河市总工会建成了多少家服务站？", passages=[]).outcome == "依据不足"


def test_a_follow_up_keeps_the_topic_and_says_how_it_was_understood(assistant):
    before = ("柳津市总工会采取了哪三项措施？", "……[1]")
    answer = assistant.ask("它多久轮训一次？", history=[before])
    assert "每季度" in answer.text
    assert answer.understood.startswith("柳津市总工会采取")


def test_a_question_of_a_hundred_thousand_characters_is_cut_and_said_so(assistant):
    answer = assistant.ask("云河市总工会建成了多少家服务站" * 7000)
    assert any("只读了前" in note for note in answer.notes)


@pytest.mark.parametrize(
    "question", ["", "   ", "？？？", "的", "\x00", "《》“”", "（" * 300, "a" * 3000, "第第第条条"]
)
def test_odd_questions_never_break(assistant, question):
    assert assistant.ask(question).outcome in ("依据不足", "需澄清")


def test_the_stages_come_first_and_the_answer_last(assistant):
    events = list(assistant.stream("柳津市多久轮训一次？"))
    assert [e.name for e in events if isinstance(e, Stage)] == ["检索", "核对依据", "起草", "校验"]
    assert isinstance(events[-1], Answer)
    assert isinstance(events[-2], Statement)


def test_the_contract_has_all_its_keys(assistant):
    row = answer_json(assistant.ask("柳津市多久轮训一次？"), "q1")
    wanted = {"id", "question", "outcome", "answer", "statements", "evidence", "notes", "seconds"}
    assert wanted <= row.keys()
    assert row["outcome"] == "answered"
    assert {
        "marker",
        "passage_id",
        "article_id",
        "title",
        "source",
        "page",
        "label",
        "text",
        "grade",
        "cited",
    } <= row["evidence"][0].keys()


def test_examples_are_questions_the_store_answers(assistant):
    examples = assistant.examples(3)
    assert examples
    assert all(assistant.ask(q).outcome == "已回答" for q in examples)
