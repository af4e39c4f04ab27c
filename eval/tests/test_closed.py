"""Questions with their passages: each format read, each measure by hand."""

import json
import lzma

import pytest

from assistant.pipeline import Assistant
from corpus.errors import UserError
from corpus.testing import make_store
from eval.closed import measure

NOISE = [f"第{n}届读书节在青湖边举行，来了许多读者，大家读得很高兴。" for n in "一二三四五"]
GOLD = "2031年云河全市棉花总产量为597.7万吨，比上年增长4.3%。"
NOISY = {
    "query": "2031年云河棉花总产量是多少？",
    "answer": [["597.7万吨", "597.7"]],
    "positive": [GOLD],
    "negative": NOISE,
}
OTHER = NOISY | {"positive_wrong": [GOLD.replace("597.7", "397.7")], "fakeanswer": "397.7万吨"}
SEVERAL = NOISY | {
    "positive": [[GOLD], ["2032年云河全市棉花总产量为611.2万吨。"]],
    "answer": ["597.7", "611.2"],
}
CONTEXT = {
    "context": f"经审理查明，原告张某于2031年3月5日向被告借款3万元。{NOISE[0]}",
    "questions": [
        {"question": "原告张某何时向被告借款？", "answers": ["2031年3月5日"], "impossible": False},
        {"question": "红星水库的蓄水量有多少立方米？", "answers": [""], "impossible": True},
    ],
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    with make_store(
        tmp_path_factory.mktemp("closed"), [{"title": "通知", "text": "会员凭证入场。"}]
    ) as store:
        yield Assistant(store)


def test_each_format_is_known_by_its_rows_and_measured(assistant, tmp_path):
    for name, row in (("noisy", NOISY), ("other", OTHER), ("context", CONTEXT)):
        with lzma.open(tmp_path / f"{name}.jsonl.xz", "wt", encoding="utf8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    found = measure([tmp_path], assistant)
    assert {name: dict(m.outcomes) for name, m in found.items()} == {
        "noisy": {"noise": [1.0], "only_noise": [1.0]},
        "other": {"contradiction": [1.0], "false_alarm": [0.0]},
        "context": {"answered": [1.0], "holds": [1.0], "refused": [1.0]},
    }
    assert found["context"].lines()[2] == "作答与拒答的平均（平衡准确率）：1.000"


def test_an_answer_of_several_passages_holds_every_part(assistant, tmp_path):
    path = tmp_path / "several.jsonl"
    path.write_text(json.dumps(SEVERAL, ensure_ascii=False) + "\n", encoding="utf8")
    assert list(measure([path], assistant)["several"].outcomes) == ["several"]


def test_where_no_question_has_passages_it_is_said(assistant, tmp_path):
    with pytest.raises(UserError, match="没有找到带段落的题"):
        measure([tmp_path], assistant)
