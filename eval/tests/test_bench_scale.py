"""The benchmark beside LangChain's stock pipeline: its passages, its table, its plot, and one small run."""

import json
import lzma
from importlib.util import find_spec

import pytest

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder
from eval.__main__ import main
from eval.bench_corpus import Document, as_source, documents
from eval.bench_measure import measure
from eval.bench_plot import growth
from eval.bench_scale import Run, scale, table

LAWS = [("云河市工会条例", n) for n in range(1, 16)] + [("云河市职工疗养办法", n) for n in range(1, 11)]
NEWS = "云河市总工会昨天举行座谈会，来自一线的职工代表谈了各自的想法。" * 6 + "会后大家参观了职工之家。"


def write(path, rows):
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "statutes-beir").mkdir()
    rows = [
        {"_id": f"{n}", "law": law, "article": f"第{n}条", "text": f"{law}第{n}项规定，由第{n}科办理。"}
        for law, n in LAWS
    ]
    write(folder / "statutes-beir" / "corpus.jsonl.xz", rows)
    extra = {"law": "云河市工资条例", "article": "第一条", "text": "工资每月发放一次。"}
    write(folder / "statutes-all.jsonl.xz", [*rows, extra])
    write(folder / "news-2012-2024.jsonl.xz", [{"title": "座谈会", "body": NEWS}])
    asked = [{"_id": str(n), "text": f"疗养由第{n}科办理吗"} for n in range(1, 9)]
    (folder / "statutes-beir" / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)))
    return folder


def test_statutes_come_first_then_news_then_what_is_mixed(data):
    found = list(documents(data, 40))
    assert [(d.title, len(d.passages)) for d in found[:3]] == [
        ("云河市工会条例", 15),
        ("云河市职工疗养办法", 10),
        ("云河市工资条例", 1),  # what stands in both files is taken once
    ]
    assert found[3].title == "座谈会"
    assert "".join(text for _, text in found[3].passages) == NEWS
    assert sum(len(d.passages) for d in found) == 40
    assert {len(d.passages) for d in found[4:-1]} <= {12}


def test_a_smaller_series_is_the_beginning_of_a_larger(data):
    def texts(count):
        return [passage for d in documents(data, count) for passage in d.passages]

    assert texts(60)[:33] == texts(33)


def test_a_folder_without_the_data_is_told(tmp_path):
    with pytest.raises(UserError, match="没有 statutes-beir"):
        list(documents(tmp_path, 5))


def test_a_document_fits_into_the_store(tmp_path):
    document = Document("云河市会费办法", "办法", [("第一条", "会费每月十元。"), ("", "困难职工免交。")])
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as store:
        with store.writing() as writer:
            writer.put(*as_source(document, "1"))
        assert [(p.label, p.text) for p in store.passages("1/1")] == document.passages
        assert store.verify() == []


def stage(value):
    return {"p50": value, "p95": 2 * value, "p99": 3 * value}


OURS = {
    "build": 12.0,
    "built": {"disk": {"lexical": 2**20, "vectors": 2**20}},
    "query": {
        "open": 0.5,
        "query": {"lexical": stage(1.0), "vector": stage(2.0), "hybrid": stage(4.0), "reranked": stage(9.0)},
        "memory": {"peak": 300 * 2**20},
        "recall": {"10": 0.998, "100": 0.99},
    },
    "change": {"add": 0.1, "withdraw": 0.05, "delete": 0.2},
}
STOCK = {
    "build": 20.0,
    "open": 19.0,
    "add": 20.0,
    "delete": 20.0,
    "query": {"lexical": stage(280.0), "vector": stage(8.0), "hybrid": stage(300.0)},
    "memory": {"peak": 900 * 2**20},
    "disk": {"faiss": 95 * 2**20},
}
RUNS = [Run(60_384, "ours", OURS), Run(60_384, "stock", STOCK), Run(10**6, "ours", OURS)]
RUNS.append(Run(10**6, "stock", {}, "没有跑：超过 --stock-up-to 60,384 段"))


def test_the_table_says_what_was_measured_and_what_was_not():
    told = table(RUNS)
    assert told[0] == "|  | 60,384 段 本程序 | 60,384 段 LangChain | 1,000,000 段 本程序 |"
    assert (
        "| 混合 p50/p95/p99（毫秒） | 4.0 / 8.0 / 12.0 | 300.0 / 600.0 / 900.0 | 4.0 / 8.0 / 12.0 |" in told
    )
    assert "| 重排后 p50/p95/p99（毫秒） | 9.0 / 18.0 / 27.0 | — | 9.0 / 18.0 / 27.0 |" in told
    assert "| 增加一份文件（20 段） | 100 毫秒 | 20.0 秒 | 100 毫秒 |" in told
    assert "| 向量召回率@10（对精确检索） | 0.9980 | — | 0.9980 |" in told
    assert told[-2:] == [
        "60,384 段：混合检索 p50快 75 倍，增加一份快 200 倍，打开快 38 倍",
        "1,000,000 段的 LangChain 现成流程没有跑：超过 --stock-up-to 60,384 段。",
    ]
    assert table([]) == []


def test_the_plot_draws_a_line_a_side_and_takes_nothing_from_outside():
    drawn = growth(RUNS)
    assert drawn.count("混合检索，中位（毫秒）") == 1
    assert drawn.count('stroke-width="2.5"') == 13  # two in the legend, two a plot, reranked only ours
    assert ">300<" in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_a_run_is_kept_and_gone_on_with(data, tmp_path):
    told = []
    first, stock = scale(data, tmp_path, [30], 0, ["query"], told.append, measure)
    assert first.figures["built"]["counts"] == {"sources": 5, "articles": 5, "passages": 30}
    assert first.figures["query"]["recall"] == {"10": 1.0, "100": 1.0}
    assert set(first.figures["query"]["query"]) == {"lexical", "vector", "hybrid", "reranked"}
    assert stock.missing == "没有跑：超过 --stock-up-to 0 段"
    again = []
    assert scale(data, tmp_path, [30], 0, [], again.append)[0] == first  # nothing is measured
    assert (len(told), again) == (2, [])


@pytest.mark.skipif(find_spec("langchain_text_splitters") is None, reason="pip install '.[bench]'")
@pytest.mark.skipif(find_spec("langchain_community") is None, reason="pip install '.[bench]'")
def test_the_stock_pipeline_is_measured_the_same_way(data, tmp_path):
    _, stock = scale(data, tmp_path, [30], 100, [], lambda _: None, measure)
    assert set(stock.figures["query"]) == {"lexical", "vector", "hybrid"}
    assert all(stock.figures[name] > 0 for name in ("build", "add", "delete", "open"))
    assert stock.figures["chunks"] == 30


def test_sizes_that_are_no_numbers_are_told(data, capsys):
    assert main(["bench", "--data", str(data), "--sizes", "viele"]) == 1
    assert "看不懂 --sizes viele" in capsys.readouterr().err
