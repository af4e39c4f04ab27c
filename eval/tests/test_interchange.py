import json

import pytest

from corpus.errors import UserError
from corpus.testing import make_store
from eval.dataset import Case, load, save
from eval.interchange import beir_qrels, convert, from_beir, ragas, read_qrels, read_run, run_of
from eval.metrics import CaseResult
from eval.tests.examples import STATIONS, UNKNOWN, answer

ARTICLES = [
    {"title": "驿站建设情况", "text": "建成36家。"},
    {"title": "工会法", "text": "第一条 为了……"},
    {"title": "工会法实施办法", "text": "第一条 本省……"},
]


@pytest.fixture
def store(tmp_path):
    with make_store(tmp_path, ARTICLES) as opened:
        yield opened


CASES = [
    Case(id="按文件", question="几家？", source=("文件1",)),
    Case(id="按题目", question="几家？", article="驿站"),
    Case(id="按条款", question="为了什么？", clauses=("工会法 第一条",)),
    Case(id="没有", question="谁？", answerable=False, source=("文件1",)),
    Case(id="不在库里", question="何时？", source=("文件9",)),
]


def test_a_set_becomes_a_beir_folder_and_comes_back_as_questions(store, tmp_path):
    given, folder = tmp_path / "题.jsonl", tmp_path / "beir"
    save(CASES, given)
    convert(given, folder, store=store)
    assert beir_qrels(folder) == {"按文件": {"1/1": 1}, "按题目": {"1/1": 1}, "按条款": {"2/1": 1}}
    assert [json.loads(line)["_id"] for line in (folder / "corpus.jsonl").open(encoding="utf-8")] == [
        "1/1",
        "2/1",
        "3/1",
    ]
    assert list(from_beir(folder)) == [
        Case(id="按文件", question="几家？", clauses=("驿站建设情况",)),
        Case(id="按题目", question="几家？", clauses=("驿站建设情况",)),
        Case(id="按条款", question="为了什么？", clauses=("工会法",)),
    ]
    convert(folder, tmp_path / "回来.csv")
    assert load(tmp_path / "回来.csv") == list(from_beir(folder))


def test_judgements_go_from_one_form_to_the_other_and_back(store, tmp_path):
    save(CASES, tmp_path / "题.jsonl")
    convert(tmp_path / "题.jsonl", tmp_path / "a.qrels", store=store)
    assert (tmp_path / "a.qrels").read_text(encoding="utf-8").splitlines()[0] == "按文件 0 1/1 1"
    convert(tmp_path / "a.qrels", tmp_path / "b.tsv")
    assert (tmp_path / "b.tsv").read_text(encoding="utf-8").splitlines()[0] == "query-id\tcorpus-id\tscore"
    assert read_qrels(tmp_path / "b.tsv") == read_qrels(tmp_path / "a.qrels")


def test_a_trec_run_is_read_best_first_and_a_wrong_line_is_named(tmp_path):
    path = tmp_path / "a.trec"
    path.write_text("q Q0 b 2 0.5 x\nq Q0 a 1 0.9 x\nq Q0 c 3 0.5 x\n", encoding="utf-8")
    assert read_run(path) == {"q": ["a", "b", "c"]}
    path.write_text("q Q0 b 1 0.5 x\nq b 1\n", encoding="utf-8")
    with pytest.raises(UserError, match="第 2 行：不是 TREC 的检索结果"):
        read_run(path)


def result(case: Case, *articles: str) -> CaseResult:
    told = answer()
    first = told["evidence"][0]
    told["evidence"] = [first | {"article_id": a, "passage_id": f"{a}/1"} for a in articles]
    return CaseResult(case=case, answer=told)


def test_the_evidence_of_a_run_is_a_ranking_of_articles():
    found = run_of([result(STATIONS, "2/1", "1/1", "2/1"), CaseResult(case=UNKNOWN, error="坏了")])
    assert found == {STATIONS.id: [("2/1", 1.0), ("1/1", 0.5)], UNKNOWN.id: []}


def test_ragas_gets_the_answer_its_contexts_and_the_facts():
    row, crash = ragas([result(STATIONS, "1/1"), CaseResult(case=UNKNOWN, error="坏了")])
    told = answer()
    assert row == {
        "user_input": STATIONS.question,
        "response": "\n".join(s["text"] for s in told["statements"]),
        "retrieved_contexts": [told["evidence"][0]["text"]],
        "retrieved_context_ids": ["1/1/1"],
        "reference": "；".join(fact[0] for fact in STATIONS.must),
    }
    assert (crash["response"], crash["reference"]) == ("", "资料库里没有依据，应当拒答。")


def test_what_cannot_be_converted_is_said(store, tmp_path):
    save([Case(id="1", question="问", source=("别的文件",))], tmp_path / "题.jsonl")
    with pytest.raises(UserError, match="没有一道题的出处在这个文档库里"):
        convert(tmp_path / "题.jsonl", tmp_path / "beir", store=store)
    with pytest.raises(UserError, match="出处要到文档库里去对"):
        convert(tmp_path / "题.jsonl", tmp_path / "beir")
    with pytest.raises(UserError, match="不是测评结果文件夹"):
        convert(tmp_path / "题.jsonl", tmp_path / "a.jsonl", form="ragas")
    with pytest.raises(UserError, match="不知道要把"):
        convert(tmp_path / "题.jsonl", tmp_path / "a.ods")
