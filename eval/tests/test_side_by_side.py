import json

import numpy as np
import pytest

from corpus.settings import BUNDLED_ENCODER
from eval.side_by_side import side_by_side, untrained

ROWS = [
    {"_id": "a", "title": "云河市工会经费办法第三条", "text": "工会经费主要用于为职工服务和开展工会活动。"},
    {"_id": "b", "title": "云河市疗休养办法第五条", "text": "职工疗休养每人每年不超过一次，时间不超过五天。"},
]


def test_an_untrained_encoder_knows_the_same_word_and_nothing_else():
    encode = untrained(str.split, dimensions=4_096)
    vectors = encode(["工会 经费", "经费 工会", "工会 活动", "天气", ""])

    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 1, 1, 1, 0])
    assert (vectors @ vectors[0]).tolist() == pytest.approx([1, 1, 0.5, 0, 0], abs=0.1)
    assert np.array_equal(
        vectors, untrained(str.split, dimensions=4_096)(["工会 经费", "经费 工会", "工会 活动", "天气", ""])
    )


def test_every_way_to_search_gets_figures_and_milliseconds(tmp_path):
    for package in ("langchain_community", "langchain_classic", "rank_bm25"):
        pytest.importorskip(package, exc_type=ImportError)
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf8")
    (tmp_path / "queries.jsonl").write_text(
        json.dumps({"_id": "1", "text": "疗休养时间不超过几天"}), encoding="utf8"
    )
    (tmp_path / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\n1\tb\t1\n", encoding="utf8")

    report = side_by_side(tmp_path, str(BUNDLED_ENCODER), 5)

    ways = report["ways"]
    assert (report["passages"], report["asked"], report["learned"]) == (2, 1, 0)
    assert {name: found["Recall@1"] for name, found in ways.items()} == dict.fromkeys(ways, 1.0)
    assert len(ways) == 9
    assert all(0 < found["median_ms"] <= found["p95_ms"] for found in ways.values())
