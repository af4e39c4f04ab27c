"""Conversations over a few invented documents: what a follow-up is answered from, and what is left alone."""

import pytest

from assistant.following.past import REFUSED
from assistant.pipeline import Assistant
from corpus.testing import make_store

DOCUMENTS = [
    {
        "title": "青禾市工会经费使用办法（2030年修订）",
        "number": "青工发〔2030〕6号",
        "issuer": "青禾市总工会",
        "published_on": "2030-03-05",
        "effective_on": "2030-04-01",
        "region": "青禾市",
        "kind": "办法",
        "status": "现行",
        "text": "第一条 逢年过节可以向会员发放慰问品，每位会员全年总额不超过1700元。\n"
        "第二条 会员生日可以发放蛋糕券，每人每年不超过260元。\n"
        "第三条 会员住院的，慰问金不超过900元。",
        "labels": ["第一条", "第二条", "第三条"],
    },
    {
        "title": "青禾市工会经费使用办法（2021年）",
        "effective_on": "2021-04-01",
        "expires_on": "2030-04-01",
        "region": "青禾市",
        "kind": "办法",
        "status": "已废止",
        "text": "第一条 逢年过节可以向会员发放慰问品，每位会员全年总额不超过1100元。",
        "labels": ["第一条"],
    },
    {
        "title": "青禾市职工互助保障办法",
        "region": "青禾市",
        "kind": "办法",
        "status": "现行",
        "effective_on": "2030-01-01",
        "text": "第一条 参保费用为每人每年70元。\n第二条 会员住院的，互助保障按自付部分的30%给付。\n"
        "第三条 住院给付应当自出院之日起80日内提出申请。",
        "labels": ["第一条", "第二条", "第三条"],
    },
    {
        "title": "柳溪县推广“班长制”的做法",
        "authors": ("白鹿鸣",),
        "text": "柳溪县总工会 白鹿鸣\n柳溪县推行“班长制”，从一线职工中挑选班长。\n班长每届任期3个月。\n全县现有班长640名。",
    },
]


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """Asks one question after the other as the window does; gives the answers."""
    with make_store(tmp_path_factory.mktemp("talk"), DOCUMENTS) as store:
        assistant = Assistant(store, today=lambda: "2031-06-01")

        def talked(*questions: str):
            history, answers = [], []
            for question in questions:
                answers.append(assistant.ask(question, history=history))
                history.append((answers[-1].understood or question, answers[-1].text))
            return answers

        yield talked


def test_what_takes_the_place_of_a_word_is_what_is_answered(talk):
    *_, birthday, basis = talk("逢年过节最多发多少钱？", "那生日呢", "依据哪一条？")
    assert "260元" in birthday.text and "1700元" not in birthday.text
    assert "第二条" in basis.text


def test_a_doubt_is_met_with_the_answer_and_where_what_it_claims_stands(talk):
    *_, doubted = talk("逢年过节慰问品全年最多多少钱？", "不对吧，不是1100元吗？")
    assert [n for n in ("1700元", "1100元") if n in doubted.text] == ["1700元", "1100元"]
    assert any("已废止" in note and "1100元" in note for note in doubted.notes)
    *_, doubted = talk("逢年过节慰问品全年最多多少钱？", "我记得是5000元啊")
    assert any("没有找到“5000元”的说法" in note for note in doubted.notes)
    *_, doubted = talk("住院给付要在出院后多少日内申请？", "不对吧，不是80元吗？")  # 80日 is another thing
    assert any("没有找到“80元”的说法" in note for note in doubted.notes)


def test_a_short_question_keeps_the_topic_unless_it_has_a_document_of_its_own(talk):
    assert "30%" in talk("互助保障的参保费用是多少？", "住院给多少")[1].text
    alone = talk("逢年过节慰问品全年最多多少钱？", "互助保障参保费用多少")[1]
    assert ("70元" in alone.text, alone.understood) == (True, "互助保障参保费用多少")


def test_the_document_of_the_answer_is_asked_about_itself(talk):
    *_, author = talk("柳溪县有多少名班长？", "上面那篇文章是谁写的")
    assert "白鹿鸣" in author.text
    *_, issued = talk("会员生日发多少钱的蛋糕券？", "这个是哪年发的")
    assert "2030年3月5日" in issued.text


def test_after_a_refusal_or_thanks_the_topic_is_kept(talk):
    *_, refused, thanks, term = talk(
        "柳溪县的“班长制”有多少名班长？", "食堂菜价多少", "好的，谢谢", "班长任期多久"
    )
    assert refused.text.startswith(REFUSED)
    assert (thanks.outcome, thanks.text) == ("需澄清", "不客气。还有要查的，接着问就行。")
    assert "3个月" in term.text


def test_another_place_is_not_answered_with_the_one_before(talk):
    *_, other = talk("青禾市会员生日发多少钱？", "那金陵市呢？")
    assert other.text.startswith(REFUSED)
