"""Where a miss was lost: each stage once, and nothing where nothing was lost."""

from dataclasses import replace

import pytest

from corpus.settings import CorpusSettings
from corpus.testing import make_store
from eval.dataset import Case
from eval.metrics import CaseResult, score
from eval.stages import fault_of, where_lost
from eval.tests.examples import PASSAGE, STATIONS, UNKNOWN, answer

HERE = replace(STATIONS, source=("文件1",))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    articles = [
        {"title": "驿站建设情况", "text": PASSAGE},
        {"title": "", "text": "白塔县职工书屋共有藏书八千册。"},
    ]
    with make_store(tmp_path_factory.mktemp("stages"), articles, encoder=CorpusSettings().encoder) as opened:
        yield opened


def judged(store, **changed) -> dict:
    """A refusal that shows the first passage of the store as evidence."""
    given = answer(outcome="insufficient")
    passage = store.passages(store.articles()[0].id)[0]
    given["evidence"][0] |= {"passage_id": passage.id, "cited": False, "grade": "部分"} | changed
    return given


def test_a_right_answer_and_a_question_to_be_refused_lose_nothing(store):
    assert where_lost(HERE, answer(), store) == ""
    assert where_lost(UNKNOWN, answer(outcome="insufficient"), store) == ""
    assert where_lost(UNKNOWN, answer(), store) == ""


def test_a_fact_that_stands_nowhere_is_not_in_the_corpus(store):
    elsewhere = replace(HERE, must=(("99家",),))
    assert where_lost(elsewhere, judged(store), store) == "不在库中"
    assert where_lost(replace(HERE, source=("别的文件",)), judged(store), store) == "不在库中"


def test_a_fact_without_a_source_is_looked_for_by_its_own_words(store):
    free = Case(id="f", question="驿站多少家？", must=(("户外劳动者驿站36家",),))
    assert where_lost(free, judged(store), store) == "判为无关"
    assert where_lost(replace(free, must=(("驿站99家",),)), judged(store), store) == "不在库中"


def test_an_article_without_a_title_is_found_by_its_file(store):
    books = Case(id="b", question="白塔县职工书屋藏书多少册？", must=(("八千册",),), source=("文件2",))
    assert where_lost(books, answer(outcome="insufficient"), store) == "判为无关"


def test_a_passage_that_retrieval_passes_over_was_not_retrieved(store, monkeypatch):
    monkeypatch.setattr("eval.stages.retrieve", lambda *_: [])
    far = answer(outcome="insufficient") | {"evidence": []}
    assert where_lost(HERE, far, store) == "未检索到"


def test_a_passage_shown_and_judged_unfit_was_judged_away(store):
    assert where_lost(HERE, judged(store, reason="没有给出所问的数字"), store) == "判为无关"


@pytest.mark.parametrize(
    "changed", [{"cited": True, "grade": "支持"}, {"grade": "部分", "reason": "有更贴近的依据"}]
)
def test_a_passage_that_supports_but_is_not_said_was_not_drafted(store, changed):
    told = answer("不知道。") | {"evidence": judged(store, **changed)["evidence"]}
    assert where_lost(HERE, told, store) == "未起草"


def test_a_sentence_that_was_withheld_was_held_back_only_if_it_holds_the_fact(store):
    held = judged(store) | {"withheld": [PASSAGE]}
    assert where_lost(HERE, held, store) == "被扣下"
    assert where_lost(HERE, held | {"withheld": ["别的一句。"]}, store) == "判为无关"


def test_passages_handed_in_are_not_looked_for_in_the_store(store):
    given = Case(id="g", question="驿站多少家？", must=(("36家",),), passages=("无关。", PASSAGE))
    refused = answer(outcome="insufficient") | {"evidence": []}
    assert where_lost(given, refused, store) == "判为无关"
    assert where_lost(replace(given, passages=("无关。",)), refused, store) == "不在库中"


def result(case: Case, given: dict, **more) -> CaseResult:
    return CaseResult(case=case, answer=given, scores=score(case, given), **more)


def test_what_is_wrong_is_one_word():
    forbidden = replace(STATIONS, must_not=("12000人次",))
    conflict = replace(STATIONS, outcome="conflict")
    found = [
        fault_of(one)
        for one in (
            result(STATIONS, answer()),
            result(STATIONS, answer(outcome="insufficient")),
            result(UNKNOWN, answer()),
            result(STATIONS, answer("有驿站。")),
            result(forbidden, answer()),
            result(conflict, answer()),
            CaseResult(case=STATIONS, error="ValueError: 坏了"),
        )
    ]
    assert found == ["", "该答却拒", "该拒却答", "事实不全", "答了不该答的", "结果不符", "程序出错"]
