"""What documents change: tried by asking, found in sets and runs, never guessed."""

import json

import pytest

from assistant.pipeline import Assistant
from corpus.testing import make_document, make_store
from corpus.versions.effects import Answerable, NowAnswered, RestingCase
from eval import dataset
from eval.asking import to_line
from eval.dataset import Case
from eval.effects import PER_SOURCE, Effects
from eval.metrics import CaseResult
from eval.tests.examples import answer
from eval.trainer import review_pages
from eval.trainer.workspace import ABOUT, Workspace

STATIONS = {
    "title": "云河市户外劳动者驿站管理办法",
    "kind": "办法",
    "issuer": "云河市总工会",
    "region": "云河市",
    "number": "云工发〔2025〕31号",
    "text": "云河市户外劳动者驿站管理办法\n第一条 驿站每天开放不少于10小时。\n"
    "第二条 每家驿站每年补助运行经费8000元。\n第三条 驿站每月至少检查2次。",
}
READING = {
    "title": "云河市职工书屋通知",
    "kind": "通知",
    "region": "云河市",
    "text": "云河市职工书屋通知\n每家职工书屋补助购书款20000元。",
}
ASKED = "驿站每年补助运行经费多少钱？"


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path) as opened:
        with opened.writing() as writer:
            writer.put(*make_document("1", name="驿站办法.md", articles=[STATIONS]))
            writer.put(*make_document("2", name="书屋通知.md", articles=[READING]))
        yield opened


@pytest.fixture
def effects(store):
    return Effects(store, Assistant(store))


def test_questions_that_a_document_answers_are_tried_by_asking(effects):
    found = list(effects.questions(["1"]))
    assert (
        Answerable(
            question="按照《云河市户外劳动者驿站管理办法》，每家驿站每年补助运行经费多少钱？",
            answer="第二条 每家驿站每年补助运行经费8000元。[1]",
            article_id="1/1",
            title="云河市户外劳动者驿站管理办法",
        )
        in found
    )
    assert 2 <= len(found) <= PER_SOURCE
    assert {one.article_id for one in found} == {"1/1"}


def test_documents_take_turns(effects):
    assert [one.article_id for one in effects.questions(["1", "2"])][:2] == ["1/1", "2/1"]


def test_a_question_whose_answer_lacks_the_fact_is_not_shown(store):
    class Silent(Assistant):
        def ask(self, question, **kwargs):
            return super().ask("天气怎么样？")

    assert list(Effects(store, Silent(store)).questions(["1"])) == []


def test_documents_that_are_gone_or_out_of_time_give_nothing(effects):
    assert list(effects.questions(["77"])) == []
    assert list(effects.questions([])) == []
    assert list(effects.questions(["1"], seconds=0)) == []


def test_a_refused_question_that_is_now_answered_is_marked_and_stays_open(store, effects):
    number = store.add_review(reason="拒答", question="补多少？", understood=ASKED, answer="没有依据")
    store.add_review(reason="拒答", question="海边疗养院在哪里？", answer="没有依据")
    thumbs = store.add_review(reason="差评", question=ASKED, answer="八千")
    assert list(effects.now_answered(["1"])) == [
        NowAnswered(
            item=number,
            times=1,
            question=ASKED,
            answer="第二条 每家驿站每年补助运行经费8000元。[1]",
            article_id="1/1",
            title="云河市户外劳动者驿站管理办法",
        )
    ]
    assert {item.id: item.answerable for item in store.reviews()} == {
        number: "1/1",
        thumbs: "",
        number + 1: "",
    }


def test_what_other_documents_answer_is_not_counted_for_these(store, effects):
    store.add_review(reason="拒答", question=ASKED, answer="没有依据")
    assert list(effects.now_answered(["2"])) == []
    assert list(effects.now_answered([])) == []
    assert [item.answerable for item in store.reviews()] == [""]


def test_a_question_that_is_refused_again_loses_its_mark(store, effects):
    number = store.add_review(reason="拒答", question=ASKED, answer="没有依据")
    list(effects.now_answered(["1"]))
    store.add_review(reason="拒答", question=ASKED, answer="没有依据")
    assert store.review(number).answerable == ""


def test_trainers_see_the_marked_ones_first_and_only_while_the_document_is_held(store):
    plain = store.add_review(reason="拒答", question="一问", answer="没有依据")
    store.add_review(reason="拒答", question="一问", answer="没有依据")  # asked twice
    marked = store.add_review(reason="拒答", question="二问", answer="没有依据")
    store.mark_answerable(marked, "1/1")
    items, counts = store.reviews(), {"拒答": 2}
    shown = review_pages.queue_page(items, [], counts=counts, answering={"1/1": "<b>办法</b>"})
    assert shown.index(f'id="review-{marked}"') < shown.index(f'id="review-{plain}"')
    assert shown.count("依据《&lt;b&gt;办法&lt;/b&gt;》") == 1
    gone = review_pages.queue_page(items, [], counts=counts)
    assert "已经能回答" not in gone
    assert gone.index(f'id="review-{plain}"') < gone.index(f'id="review-{marked}"')


CASES = [
    Case(id="a", question=ASKED, must=(("8000元",),), source=("驿站办法",), article="驿站管理"),
    Case(id="b", question="书屋补多少？", must=(("20000元",),), source=("书屋通知",)),
    Case(id="c", question="驿站一天开几小时？", must=(("10小时",),)),
    Case(id="d", question="按办法多久检查一次？", clauses=("云河市户外劳动者驿站管理办法 第三条",)),
    Case(id="e", question="海州市呢？", source=("驿站办法",), answerable=False),
    Case(id="f", question="驿站有床吗？", source=("驿站办法",), article="别的办法"),
]


def made_run(store, name, started_at, results):
    folder = Workspace(store.directory).runs_folder / name
    folder.mkdir(parents=True)
    about = {"sets": ["驿站"], "total": len(results), "started_at": started_at}
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
    lines = [
        to_line(CaseResult(case=case, answer=answer() | {"evidence": evidence}, scores={"right": right}))
        for case, evidence, right in results
    ]
    (folder / "results.jsonl").write_text("".join(lines), encoding="utf-8")


def cited(passage_id, *, used=True):
    return {"passage_id": passage_id, "cited": used, "source": "驿站办法.md", "title": "办法"}


def test_cases_rest_on_a_document_by_their_gold_or_by_their_last_right_answer(store, effects):
    Workspace(store.directory).create("驿站", CASES)
    made_run(
        store, "早", "2025-01-01", [(CASES[1], [cited("1/1/1")], 1.0), (CASES[2], [cited("1/1/2")], 1.0)]
    )
    made_run(store, "晚", "2025-02-01", [(CASES[1], [cited("2/1/1"), cited("1/1/1", used=False)], 1.0)])
    made_run(store, "错", "2025-03-01", [(CASES[5], [cited("1/1/1")], 0.0)])
    assert effects.resting(["1"]) == [
        RestingCase("驿站", "a", ASKED, ("标准答案",)),
        RestingCase("驿站", "c", "驿站一天开几小时？", ("最近一次答对",)),
        RestingCase("驿站", "d", "按办法多久检查一次？", ("标准答案",)),
    ]
    assert effects.resting(["2"]) == [RestingCase("驿站", "b", "书屋补多少？", ("标准答案", "最近一次答对"))]
    assert effects.resting(["77"]) == effects.resting([]) == []
    told = effects.resting(["1"])
    with store.writing() as writer:
        writer.withdraw("1")
    assert effects.resting(["1"]) == told  # asked again before it is deleted for good


def test_a_set_that_cannot_be_read_stops_nobody_from_withdrawing(store, effects):
    workspace = Workspace(store.directory)
    workspace.create("驿站", CASES[:1])
    (workspace.questions / "坏.jsonl").write_text("{不是\n", encoding="utf-8")
    (workspace.questions / "空.jsonl").write_text("", encoding="utf-8")
    assert [one.case_id for one in effects.resting(["1"])] == ["a"]
    assert dataset.load(workspace.questions / "驿站.jsonl") == CASES[:1]
