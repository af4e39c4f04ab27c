"""Which documents hold on a day, and which of their versions answers."""

import pytest

from assistant.pipeline import Assistant
from corpus.testing import make_store
from corpus.versions.standing import Register, stem

PLACE = {"region": "云河市", "issuer": "云河市总工会", "kind": "办法"}
DOCUMENTS = [
    {
        **PLACE,
        "title": "云河市会员慰问办法",
        "number": "云工发〔2021〕5号",
        "status": "现行",
        "effective_on": "2021-07-01",
        "text": "第一条 会员生日慰问标准为每人每年200元。\n第二条 本办法自2021年7月1日起施行。",
        "labels": ["第一条", "第二条"],
    },
    {
        **PLACE,
        "title": "云河市会员慰问办法（2024年修订）",
        "number": "云工发〔2024〕9号",
        "status": "尚未施行",
        "effective_on": "2024-05-01",
        "supersedes": ("云工发〔2021〕5号",),
        "text": "第一条 会员生日慰问标准为每人每年300元。\n第二条 本办法自2024年5月1日起施行。",
        "labels": ["第一条", "第二条"],
    },
    {
        **PLACE,
        "title": "云河市书屋建设办法（试行）",
        "status": "现行",
        "effective_on": "2022-01-01",
        "expires_on": "2023-12-31",
        "text": "第一条 书屋藏书不少于1500册。",
        "labels": ["第一条"],
    },
    {
        **PLACE,
        "title": "云河市星级评定办法",
        "status": "已修改",
        "effective_on": "2022-01-01",
        "text": "第九条 五星级企业奖励3万元。\n第十条 四星级企业奖励1万元。",
        "labels": ["第九条", "第十条"],
    },
    {
        **PLACE,
        "title": "云河市总工会关于修改《云河市星级评定办法》的决定",
        "status": "现行",
        "effective_on": "2025-07-01",
        "text": "将第九条修改为：“五星级企业奖励5万元。”",
    },
    {
        **PLACE,
        "title": "临河县会员慰问办法",
        "region": "临河县",
        "issuer": "临河县总工会",
        "status": "现行",
        "effective_on": "2025-01-01",
        "text": "第一条 临河县会员生日慰问标准为每人每年150元。",
        "labels": ["第一条"],
    },
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with make_store(tmp_path_factory.mktemp("standing"), DOCUMENTS) as made:
        yield made


STANDINGS = [
    ("云河市会员慰问办法", "2022-01-01", "现行"),
    ("云河市会员慰问办法", "2026-01-01", "已废止"),
    ("云河市会员慰问办法（2024年修订）", "2024-04-30", "尚未施行"),
    ("云河市会员慰问办法（2024年修订）", "2024-05-01", "现行"),
    ("云河市书屋建设办法（试行）", "2023-12-31", "现行"),
    ("云河市书屋建设办法（试行）", "2024-01-01", "已废止"),
    ("云河市星级评定办法", "2025-06-30", "现行"),
    ("云河市星级评定办法", "2025-07-01", "已修改"),
    ("临河县会员慰问办法", "2026-01-01", "现行"),
]


@pytest.mark.parametrize(("title", "day", "status"), STANDINGS)
def test_a_document_stands_as_its_dates_and_its_successors_say(store, title, day, status):
    article = next(a for a in store.articles() if a.title == title)
    assert Register(store).of(article, day).status == status


def test_versions_share_a_stem_and_other_titles_do_not():
    assert (
        stem("云河市会员慰问办法（2024年修订）")
        == stem("云河市会员慰问办法（试行）")
        == stem("云河市会员慰问暂行办法")
    )
    assert stem("云河市会员慰问办法") != stem("云河市会员入会办法")


ANSWERS = [
    ("云河市会员生日慰问标准是每人每年多少元？", "2026-01-01", "", ["300元"], ["200元"]),
    ("云河市会员生日慰问标准是每人每年多少元？", "2023-01-01", "", ["200元"], ["300元"]),
    ("云河市会员生日慰问标准是每人每年多少元？", "2026-01-01", "2023-06-01", ["200元"], ["300元"]),
    ("2022年云河市会员生日慰问标准是每人每年多少元？", "2026-01-01", "", ["200元"], ["300元"]),
    ("云河市会员生日慰问标准修订前后各是多少元？", "2026-01-01", "", ["200元", "300元"], []),
    ("云河市会员慰问办法什么时候施行？", "2026-01-01", "", ["2024年5月1日"], ["2021年"]),
    ("《云河市会员慰问办法》还有效吗？", "2026-01-01", "", ["现行有效", "已废止"], []),
    ("云工发〔2021〕5号还有效吗？", "2026-01-01", "", ["已废止", "（2024年修订）"], ["现行有效"]),
    ("云河市五星级企业奖励多少万元？", "2026-01-01", "", ["5万元"], ["3万元"]),
    ("云河市五星级企业奖励多少万元？", "2024-01-01", "", ["3万元"], ["5万元"]),
    ("云河市四星级企业奖励多少万元？", "2026-01-01", "", ["1万元"], []),
    ("云工发〔2024〕9号第一条说了什么？", "2026-01-01", "", ["300元"], ["150元"]),
]


@pytest.mark.parametrize(("question", "today", "as_of", "must", "must_not"), ANSWERS)
def test_the_version_that_holds_on_the_day_answers(store, question, today, as_of, must, must_not):
    answer = Assistant(store, today=lambda: today).ask(question, as_of=as_of)
    assert answer.outcome == "已回答", answer.notes
    assert [m for m in must if m not in answer.text] == []
    assert [m for m in must_not if m in answer.text] == []


def test_a_running_program_feels_midnight_without_anything_being_written(store):
    days = ["2024-04-30"]
    assistant = Assistant(store, today=lambda: days[-1])
    question = "云河市会员生日慰问标准是每人每年多少元？"
    assert "200元" in assistant.ask(question).text
    days.append("2024-05-01")
    assert "300元" in assistant.ask(question).text
    assert "200元" not in assistant.ask(question).text


def test_a_document_that_ran_out_answers_with_a_warning_where_nothing_else_does(store):
    answer = Assistant(store, today=lambda: "2026-01-01").ask("云河市书屋藏书不少于多少册？")
    assert "1500册" in answer.text
    assert any("已废止（有效至2023-12-31）" in note for note in answer.notes)


REFUSED = [
    "《云河市会员慰问办法》第九十条说了什么？",
    "《云河市托育办法》还有效吗？",
    "云工发〔2031〕5号还有效吗？",
    "云河市书屋建设办法第九条说了什么？",
]


@pytest.mark.parametrize("question", REFUSED)
def test_a_clause_or_document_that_is_not_there_is_not_answered_from_another(store, question):
    assert Assistant(store, today=lambda: "2026-01-01").ask(question).outcome == "依据不足"
