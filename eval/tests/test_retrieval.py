import json
import lzma

import pytest

from corpus.errors import UserError
from eval.retrieval import retrieval

ROWS = [
    {"_id": "a", "title": "云河市工会经费办法第三条", "text": "工会经费主要用于为职工服务和开展工会活动。"},
    {"_id": "b", "title": "云河市疗休养办法第五条", "text": "职工疗休养每人每年不超过一次，时间不超过五天。"},
    {"_id": "c", "title": "云河市驿站办法第二条", "text": "户外劳动者驿站应当提供饮水、休息、充电等服务。"},
]
QUERIES = [
    {"_id": "1", "text": "工会经费可以用在哪里"},
    {"_id": "2", "text": "疗休养一年可以去几次"},
    {"_id": "9", "text": "没有判定的问题不问"},
]


@pytest.fixture
def beir(tmp_path):
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    with lzma.open(folder / "corpus.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in QUERIES), encoding="utf-8"
    )
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\n1\ta\t1\n2\tb\t1\n2\tc\t0\n", encoding="utf-8"
    )
    return folder


def test_each_leg_gets_its_measures_and_a_trec_run(beir, tmp_path):
    out = tmp_path / "out"
    report = retrieval(beir, out, legs=["lexical", "hybrid"], k=10, progress=lambda text: None)
    assert list(report) == ["lexical", "hybrid"]
    assert report["lexical"]["Recall@1"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert report["lexical"]["queries"] == 2
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8")) == report
    first = (out / "lexical.trec").read_text(encoding="utf-8").splitlines()[0].split()
    assert (first[:4], first[5]) == (["1", "Q0", "a", "1"], "lexical")


def test_a_second_run_reuses_the_index(beir, tmp_path):
    said: list[str] = []
    for _ in range(2):
        retrieval(beir, tmp_path / "out", legs=["lexical"], k=10, progress=said.append)
    assert said == ["已建索引 3/3 篇", "检索方式 lexical：2 个问题", "检索方式 lexical：2 个问题"]


def test_an_unknown_leg_or_folder_is_a_sentence(beir, tmp_path):
    with pytest.raises(UserError, match="没有名为 telepathy 的检索方式"):
        retrieval(beir, tmp_path / "out", legs=["telepathy"], k=10, progress=lambda text: None)
    with pytest.raises(UserError, match=r"没有 qrels/\*\.tsv"):
        retrieval(tmp_path, tmp_path / "out", legs=["lexical"], k=10, progress=lambda text: None)


def test_all_four_legs_find_the_right_rows(beir, tmp_path):
    legs = ["lexical", "vector", "hybrid", "reranked"]
    report = retrieval(beir, tmp_path / "out", legs=legs, k=3, progress=lambda text: None)
    assert {leg: report[leg]["Recall@1"]["mean"] for leg in legs} == dict.fromkeys(legs, 1.0)
    assert {leg: report[leg]["MRR@10"]["mean"] for leg in legs} == dict.fromkeys(legs, 1.0)


def test_questions_that_the_encoder_learned_from_are_told_in_one_line(beir, tmp_path, monkeypatch):
    learned = {"疗休养一年可以去几次"}
    monkeypatch.setattr("corpus.store.Store.learned", lambda self, asked: [q in learned for q in asked])
    said: list[str] = []
    report = retrieval(beir, tmp_path / "out", legs=["vector"], k=10, progress=said.append)
    assert report["vector"]["queries_learned"] == 1
    assert [line for line in said if "学过" in line] == [
        "注意：这 2 个问题里有 1 个，现在的向量模型训练时学过，凡用到向量的成绩是背下来的，不能引用。"
    ]


def test_every_leg_tells_its_milliseconds(beir, tmp_path):
    (report,) = retrieval(
        beir, tmp_path / "out", legs=["reranked"], k=10, progress=lambda text: None
    ).values()
    assert 0 < report["median_ms"] <= report["p95_ms"]
    assert 0 < report["median_cpu_ms"] <= report["p95_cpu_ms"]
    assert report["queries_learned"] == 0
