"""Reprints take one place in what is found and are told with the answer; a poor text steps back."""

import pytest

from assistant.contract import answer_json
from assistant.copies import collapsed
from assistant.pipeline import Assistant
from assistant.question.understand import understand
from assistant.retrieve import retrieve
from corpus.testing import make_store
from corpus.types import Filters
from corpus.versions.standing import Register

TEA = """云河市总工会“凉茶进工地”活动已走进全市42处工地，为户外劳动者煮茶、量血压。
活动由云河市总工会女工部牵头，每周二、周四上午开展，志愿者来自市中医院和各街道工会。
去年夏天这项活动走进30处工地，工友们说，歇上一刻钟，下午干活更有劲。"""
SCHOOL = """云河市职工夜校今年秋季开设摄影、书法、面点等12门课程，每门课招收25名学员。
夜校设在市工人文化宫三楼，周一至周五晚上七点开课，工会会员凭会员卡报名，不收学费。
报名从8月20日开始，名额满了为止，咨询可以到文化宫一楼服务台。"""
QUESTION = "凉茶进工地活动走进了多少处工地？"


def copies(count):
    return [
        {
            "title": "凉茶进工地",
            "kind": "新闻",
            "published_on": f"2031-07-0{n}",
            "text": f"本报讯（记者第{n}）{TEA}",
        }
        for n in range(2, 2 + count)
    ]


def ask(store, question=QUESTION):
    return Assistant(store, today=lambda: "2031-09-01").ask(question)


@pytest.fixture
def store(tmp_path):
    own = {
        "title": "云河凉茶进工地",
        "kind": "新闻",
        "issuer": "云河市总工会",
        "published_on": "2031-07-05",
        "text": TEA,
    }
    with make_store(
        tmp_path, [*copies(5), own, {"title": "职工夜校招生", "kind": "新闻", "text": SCHOOL}]
    ) as made:
        yield made


def test_five_reprints_are_one_find_in_the_issuers_copy(store):
    hits = retrieve(store, understand(QUESTION, store))
    assert {h.article.id for h in hits} == {"6/1", "7/1"}
    assert len({h.passage.id for h in hits}) == len(hits)
    said = [line for h in hits for line in h.passage.text.split("\n")]
    assert len(set(said)) == len(said)


def test_what_only_a_reprint_says_is_still_found(tmp_path):
    longer = TEA + "\n主办方说，明年将把凉茶送到快递驿站，让骑手也能喝上。"
    with make_store(tmp_path, [{"text": TEA, "issuer": "云河市总工会"}, {"text": longer}]) as made:
        hits = retrieve(made, understand("明年把凉茶送到哪里", made))
        assert [h.passage.id for h in hits if "快递驿站" in h.passage.text] == ["2/1/4"]
        assert {h.article.id for h in hits if "42处" in h.passage.text} == {"1/1"}


def test_a_reprint_that_was_not_asked_for_does_not_come_in(store):
    query = understand(QUESTION, store)
    only = type(query)(
        asked=query.asked, text=query.text, terms=query.terms, filters=Filters(source_ids=("3",))
    )
    assert {h.article.id for h in retrieve(store, only)} == {"3/1"}


def test_without_reprints_what_was_found_stays_as_it_is(store):
    found = [("7/1/1", 2.0, {"lexical": 1}), ("7/1/2", 1.0, {"vector": 3})]
    assert collapsed(store, found) == found


def test_finds_of_copies_are_joined_with_the_best_score_and_ranks(store):
    found = [("1/1/1", 3.0, {"lexical": 1, "vector": 4}), ("6/1/1", 2.0, {"vector": 2}), ("7/1/1", 1.0, {})]
    assert collapsed(store, found) == [("6/1/1", 3.0, {"lexical": 1, "vector": 2}), ("7/1/1", 1.0, {})]


def test_the_answer_says_where_else_its_document_stands(store):
    answer = ask(store)
    assert answer.outcome == "已回答"
    cited = [e for e in answer_json(answer)["evidence"] if e["cited"]]
    assert {e["article_id"] for e in cited} == {"6/1"}
    assert cited[0]["reprints"] == [
        {"article_id": f"{n}/1", "title": "凉茶进工地", "published_on": f"2031-07-0{n + 1}"}
        for n in range(1, 6)
    ]
    assert "《云河凉茶进工地》另见：文件1.txt、文件2.txt、文件3.txt等5处（转载，内容相同）。" in answer.notes


def test_a_document_that_came_once_is_seen_nowhere_else(store):
    answer = ask(store, "职工夜校每门课招收多少名学员？")
    cited = [e for e in answer_json(answer)["evidence"] if e["cited"]]
    assert [e["reprints"] for e in cited] == [[]] * len(cited)
    assert [n for n in answer.notes if "另见" in n] == []


def test_a_reprint_does_not_repeal_what_it_prints(tmp_path):
    rules = {"title": "云河市职工疗休养办法", "kind": "办法", "text": f"云河市职工疗休养办法\n{TEA}"}
    later = {**rules, "text": f"云河市职工疗休养办法\n{TEA.replace('42', '50')}"}
    dated = [{**rules, "published_on": day} for day in ("2031-01-01", "2031-01-20")]
    with make_store(tmp_path, [*dated, {**later, "published_on": "2031-03-01"}]) as made:
        register = Register(made)
        first, second, _ = made.articles()
        assert [a.id for a in register.family(first)] == ["3/1"]
        assert register.of(first, "2031-02-01").status == register.of(second, "2031-02-01").status == "现行"
        assert "现行" not in {register.of(a, "2031-04-01").status for a in (first, second)}


TWO = (
    "云河市总工会的凉茶进工地活动，今年夏天走进了42处工地。",
    "据介绍，今年夏天云河市总工会的凉茶进工地活动走进了42处工地。",
)


@pytest.mark.parametrize(("poor", "first"), [(0, "2/1"), (1, "1/1")])
def test_a_poor_text_steps_back_behind_one_that_is_as_good(tmp_path, poor, first):
    texts = [{"title": "凉茶进工地", "text": TWO[0], "quality": 0.3 if n == poor else 0.95} for n in range(2)]
    with make_store(tmp_path, texts) as made:
        assert next(e.hit.article.id for e in ask(made).evidence) == first


def test_a_poor_text_that_alone_answers_still_answers(tmp_path):
    others = {"title": "职工夜校招生", "text": SCHOOL}
    with make_store(tmp_path, [{"title": "凉茶进工地", "text": TEA, "quality": 0.3}, others]) as made:
        answer = ask(made)
        assert (answer.outcome, answer.evidence[0].hit.article.id) == ("已回答", "1/1")
