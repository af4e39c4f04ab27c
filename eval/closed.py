"""Questions with their passages (closed context): ``python -m eval closed DIR… [--store DIR]``.

Reads benchmark files by what their rows hold, never copies them: rows with ``query``, ``answer``,
``positive`` and ``negative`` passages as the RGB benchmark has them (Chen et al. 2024, Benchmarking
Large Language Models in Retrieval-Augmented Generation; ``positive_wrong``: the same with the answer
changed; ``positive`` in groups: an answer of several passages), and rows with a ``context`` and
``questions`` that it may not answer (CAIL 2019). Each question is asked as a user would hand it in
with five passages, or with its context.
"""

import json
import lzma
import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.pipeline import Assistant
from assistant.types import Answer
from corpus.errors import UserError
from eval.uncertainty import interval

#: Passages a question comes with, and how many of them are noise at "80 %".
PASSAGES, NOISE = 5, 4
#: An answer of more characters is not counted as right.
LONGEST = 300
MEASURES = {
    "noise": "五段中四段无关，答对（不超过 300 字）",
    "only_noise": "五段全部无关，拒答",
    "several": "答案分在几段里，全部说到",
    "contradiction": "两段说法相反，指出冲突",
    "false_alarm": "两段说法一致，误报冲突",
    "answered": "段落能答，作答",
    "refused": "段落不能答，拒答",
    "balanced": "作答与拒答的平均（平衡准确率）",
    "holds": "作答的，含有标准答案",
}
Row = dict[str, Any]
_YES_NO = ("YES", "NO")


@dataclass(slots=True)
class Measured:
    """Each measure's outcomes, 1 or 0 a question, and the characters of the answers."""

    outcomes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    lengths: list[int] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Each measure with its share, 95 % interval and number of questions."""
        told = []
        for name, words in MEASURES.items():
            if values := self.outcomes.get(name):
                low, high = interval(values)
                told.append(
                    f"{words}：{sum(values) / len(values):.3f}（{low:.3f}–{high:.3f}），{len(values)} 题"
                )
            elif name == "balanced" and self.outcomes.get("answered") and self.outcomes.get("refused"):
                shares = [sum(v) / len(v) for v in (self.outcomes["answered"], self.outcomes["refused"])]
                told.append(f"{words}：{sum(shares) / 2:.3f}")
        if self.lengths:
            told.append(
                f"回答平均 {sum(self.lengths) / len(self.lengths):.0f} 字，最长 {max(self.lengths)} 字"
            )
        return told


def measure(
    folders: Sequence[Path], assistant: Assistant, *, most: int = 0, seed: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Measured]:  # fmt: skip
    """Each file's measures. ``most``: rows read of a file, 0 for all. Raises UserError where none is found."""
    files = [f for given in folders for f in (sorted(given.glob("*.jsonl*")) if given.is_dir() else [given])]
    found: dict[str, Measured] = {}
    asked = 0
    for file in files:
        dice = random.Random(seed)  # noqa: S311 (repeatable, not secret)
        rows = _rows(file)
        dice.shuffle(rows)
        measured = Measured()
        for row in rows[: most or None]:
            for _ in _asked(row, assistant, dice, measured):
                asked += 1
                progress(asked)
        if measured.outcomes:
            found[file.name.partition(".")[0]] = measured
    if not found:
        raise UserError("没有找到带段落的题。", "请给出 RGB 或 CAIL 格式的文件夹（.jsonl 或 .jsonl.xz）。")
    return found


def _rows(path: Path) -> list[Row]:
    packed = path.read_bytes()
    text = (lzma.decompress(packed) if path.suffix == ".xz" else packed).decode("utf8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def _asked(row: Row, assistant: Assistant, dice: random.Random, measured: Measured) -> Iterator[Answer]:
    if "context" in row:
        yield from _of_context(row, assistant, measured)
    elif row.get("positive_wrong"):
        yield from _contradicting(row, assistant, dice, measured)
    elif row.get("positive") and isinstance(row["positive"][0], list):
        yield from _of_several(row, assistant, dice, measured)
    elif row.get("positive"):
        yield from _noisy(row, assistant, dice, measured)


def _noisy(row: Row, assistant: Assistant, dice: random.Random, measured: Measured) -> Iterator[Answer]:
    noise = dice.sample(row["negative"], min(PASSAGES, len(row["negative"])))
    given = [dice.choice(row["positive"]), *noise[:NOISE]]
    dice.shuffle(given)
    answer = assistant.ask(row["query"], passages=given)
    measured.outcomes["noise"].append(float(_answered(answer) and _right(answer, row["answer"])))
    measured.lengths.append(len(_text(answer)))
    yield answer
    alone = assistant.ask(row["query"], passages=noise)
    measured.outcomes["only_noise"].append(float(not _answered(alone)))
    yield alone


def _of_several(row: Row, assistant: Assistant, dice: random.Random, measured: Measured) -> Iterator[Answer]:
    given = [dice.choice(group) for group in row["positive"]][:PASSAGES]
    given += dice.sample(row["negative"], min(PASSAGES - len(given), len(row["negative"])))
    dice.shuffle(given)
    answer = assistant.ask(row["query"], passages=given)
    measured.outcomes["several"].append(float(_answered(answer) and _right(answer, row["answer"])))
    yield answer


def _contradicting(
    row: Row, assistant: Assistant, dice: random.Random, measured: Measured
) -> Iterator[Answer]:
    noise = dice.sample(row["negative"], min(2, len(row["negative"])))
    given = [dice.choice(row["positive"]), dice.choice(row["positive_wrong"]), *noise]
    dice.shuffle(given)
    answer = assistant.ask(row["query"], passages=given)
    measured.outcomes["contradiction"].append(float(answer.outcome == "存在冲突"))
    yield answer
    agreed = assistant.ask(
        row["query"], passages=[*dice.sample(row["positive"], min(2, len(row["positive"]))), *noise]
    )
    measured.outcomes["false_alarm"].append(float(agreed.outcome == "存在冲突"))
    yield agreed


def _of_context(row: Row, assistant: Assistant, measured: Measured) -> Iterator[Answer]:
    for question in row["questions"]:
        answer = assistant.ask(question["question"], passages=[row["context"]])
        gold = [a for a in question["answers"] if a]
        if question["impossible"]:
            measured.outcomes["refused"].append(float(not _answered(answer)))
        else:
            measured.outcomes["answered"].append(float(_answered(answer)))
            if _answered(answer) and not set(gold) & set(_YES_NO):
                measured.outcomes["holds"].append(float(any(_in(a, answer) for a in gold)))
                measured.lengths.append(len(_text(answer)))
        yield answer


def _answered(answer: Answer) -> bool:
    return answer.outcome in ("已回答", "存在冲突")


def _text(answer: Answer) -> str:
    return "\n".join(s.text for s in answer.statements)


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def _in(gold: str, answer: Answer) -> bool:
    return _folded(gold) in _folded(_text(answer))


def _right(answer: Answer, gold: Sequence[str | list[str]]) -> bool:
    """Whether an answer holds every part of what is right, each in one of its wordings, and is short."""
    parts = [part if isinstance(part, list) else [part] for part in gold]
    return len(_text(answer)) <= LONGEST and all(any(_in(g, answer) for g in part) for part in parts)
