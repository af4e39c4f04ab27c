import json
from pathlib import Path

import pytest

from corpus.errors import UserError
from eval.dataset import Case, digest, load

SHIPPED = sorted((Path(__file__).parents[1] / "datasets").glob("*.jsonl"))


def write(folder: Path, *rows: str) -> Path:
    path = folder / "题集.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_row_becomes_a_case_and_missing_keys_get_their_defaults(tmp_path):
    row = {"id": "a", "question": "驿站有几家？", "must": [["36", "三十六"]], "history": [["问", "答"]]}
    path = write(tmp_path, json.dumps(row, ensure_ascii=False), "")
    assert load(path) == [
        Case(id="a", question="驿站有几家？", must=(("36", "三十六"),), history=(("问", "答"),))
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "题集.jsonl 第 1 行：不是合法的 JSON，请检查第 2 个字附近的引号和逗号。"),
        ("[]", "题集.jsonl 第 1 行：应是一个 JSON 对象。"),
        ('{"id": "a"}', "题集.jsonl 第 1 行：“question”没有填，或不是文字。"),
        ('{"id": "a", "question": " "}', "题集.jsonl 第 1 行：“question”没有填，或不是文字。"),
        (
            '{"id": "a", "question": "问", "must": ["36"]}',
            "题集.jsonl 第 1 行：“must”应是二维列表：每个事实一组，每组是可以互换的说法，不能空着。",
        ),
        (
            '{"id": "a", "question": "问", "source": "x"}',
            "题集.jsonl 第 1 行：“source”应是文字的列表，每一项不能空着。",
        ),
        (
            '{"id": "a", "question": "问", "answerable": "no"}',
            "题集.jsonl 第 1 行：“answerable”应是 true 或 false。",
        ),
        (
            '{"id": "a", "question": "问", "outcome": "maybe"}',
            "题集.jsonl 第 1 行：“outcome”应是 answered、conflict、insufficient、clarify 之一。",
        ),
        (
            '{"id": "a", "question": "问", "history": [["只有问"]]}',
            "题集.jsonl 第 1 行：“history”应是 [[问, 答], …]，问不能空着。",
        ),
    ],
)
def test_a_wrong_row_is_named_with_what_is_wrong(tmp_path, row, message):
    with pytest.raises(UserError) as caught:
        load(write(tmp_path, row))
    assert caught.value.message == message


def test_a_repeated_id_is_refused(tmp_path):
    row = '{"id": "a", "question": "问"}'
    with pytest.raises(UserError) as caught:
        load(write(tmp_path, row, row))
    assert caught.value.message == "题集.jsonl 第 2 行：编号 a 重复。"


def test_a_missing_file_is_a_sentence_and_not_a_traceback(tmp_path):
    with pytest.raises(UserError, match="找不到题集文件"):
        load(tmp_path / "没有.jsonl")


def test_the_digest_follows_the_content_and_not_the_order():
    a, b = Case(id="a", question="甲"), Case(id="b", question="乙")
    assert digest([a, b]) == digest([b, a])
    assert digest([a, b]) != digest([a, Case(id="b", question="丙")])


def test_the_shipped_sets_load_and_hold_what_the_readme_says():
    cases = [case for path in SHIPPED for case in load(path)]
    assert len(cases) >= 120
    assert sum(not case.answerable for case in cases) >= 30
    assert len({case.id for case in cases}) == len(cases)
