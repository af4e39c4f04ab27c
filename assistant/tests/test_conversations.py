"""Conversations of four turns over the shipped corpus: what follows, and what is a new topic."""

import subprocess
import sys
from pathlib import Path

import pytest

from assistant.pipeline import Assistant
from corpus.store import Store

SHIPPED = Path(__file__).parents[2] / "corpus" / "documents"
#: ``(question, whether it was read with the conversation, a word of its answer)``; "" where it is refused.
CONVERSATIONS = {
    "topics that change": [
        ("云河市会员住院慰问金每人多少元？", False, "1500元"),
        ("困难职工怎样申请帮扶救助？", False, "申请"),
        ("病假工资按多少比例发？", False, ""),
        ("产假多少天？", False, "98天"),
    ],
    "years and places": [
        ("2024年云河市疗休养补助多少元？", False, "1500元"),
        ("2025年呢", True, "1800元"),
        ("截至2024年底白塔县有多少个户外劳动者驿站？", False, "38"),
        ("云西区呢", True, "71"),
    ],
    "a place that the corpus does not know": [
        ("截至2024年底云西区有多少个户外劳动者驿站？", False, "71"),
        ("那苏州呢？", True, ""),
        ("那白塔县呢？", True, "38"),
        ("职工书屋怎么申报？", False, "申报"),
    ],
    "pronouns, aspects, the basis": [
        ("云河市职工互助保障是什么？", False, "互助保障"),
        ("它的保障期限是多久？", True, "一年"),
        ("参保费用多少？", False, "80元"),
        ("依据哪一条？", True, "第三条"),
    ],
    "one's own measure": [
        ("工作八年的人有几天年休假？", False, "5天"),
        ("干满二十年的有几天？", True, "15天"),
        ("谢谢", False, "不客气"),
        ("试用期最长多久？", False, "个月"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    directory = tmp_path_factory.mktemp("shipped")
    command = [sys.executable, "-m", "ingest", str(SHIPPED), "--store", str(directory)]
    subprocess.run(command, check=True, capture_output=True, cwd=SHIPPED.parents[1])
    with Store.open(directory) as store:
        yield Assistant(store, today=lambda: "2026-11-21")


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_each_turn_is_read_as_a_person_would(assistant, name):
    history = []
    seen = []
    for question, _, _ in CONVERSATIONS[name]:
        answer = assistant.ask(question, history=history)
        history.append((question, answer.text))
        seen.append((question, any("按上文理解为" in n for n in answer.notes), answer))
    assert [(q, f) for q, f, _ in seen] == [(q, f) for q, f, _ in CONVERSATIONS[name]]
    for (question, _, answer), (_, _, word) in zip(seen, CONVERSATIONS[name], strict=True):
        assert word in answer.text if word else answer.outcome == "依据不足", (question, answer.text)


def test_examples_are_of_several_kinds_and_none_is_only_about_an_author(assistant):
    examples = assistant.examples(6)
    assert len(examples) == len(set(examples)) == 6
    assert sum("作者" in q for q in examples) <= 1
    assert all(assistant.ask(q).outcome == "已回答" for q in examples)
