"""Question sets: JSON Lines that a person can edit, checked row by row when loaded."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.errors import UserError

REFUSALS = ("insufficient", "clarify")
OUTCOMES = ("answered", "conflict", *REFUSALS)
DIFFICULTIES = ("易", "中", "难")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """考题: one question and what a right answer holds.

    ``must`` is a group of alternatives a fact: a right answer holds one string of every
    group, white space ignored. ``must_not`` may not appear at all. ``source`` and
    ``article`` say where the answer stands: pieces of file names and of a title; ``clauses``
    which clauses it rests on (“工会法 第四十三条第二款”; alternatives in one entry are parted
    by “|”). ``category`` is what reports group by, ``difficulty`` one of DIFFICULTIES.
    ``outcome`` is the expected outcome code; without one, ``answered`` for answerable
    cases and any refusal for the others.
    """

    id: str
    question: str
    type: str = "other"
    must: tuple[tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    article: str = ""
    clauses: tuple[str, ...] = ()
    answerable: bool = True
    outcome: str = ""
    history: tuple[tuple[str, str], ...] = ()
    as_of: str = ""
    passages: tuple[str, ...] = ()
    note: str = ""
    category: str = ""
    difficulty: str = ""

    def __post_init__(self) -> None:
        if not self.category:
            object.__setattr__(self, "category", self.type)

    @property
    def digest(self) -> str:
        """Changes when anything of the case changes: a result is reused only for the same case.

        Empty fields do not count, so a field that is added later changes no digest.
        """
        held = {key: value for key, value in asdict(self).items() if value or key == "answerable"}
        text = json.dumps(held, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load(path: Path) -> list[Case]:
    """Read a JSONL question set. Raises UserError naming the first row that is wrong."""
    if not path.is_file():
        raise UserError(f"找不到题集文件 {path}。", "请检查路径；题集是每行一道题的 JSONL 文件。")
    cases: list[Case] = []
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        case = _parse(line, f"{path.name} 第 {number} 行")
        if case.id in seen:
            raise UserError(
                f"{path.name} 第 {number} 行：编号 {case.id} 重复。", "请给每道题一个不同的编号。"
            )
        seen.add(case.id)
        cases.append(case)
    return cases


def _parse(line: str, where: str) -> Case:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{where}：不是合法的 JSON。", f"请检查第 {error.colno} 列附近的引号和逗号。"
        ) from error
    if not isinstance(row, dict):
        raise UserError(f"{where}：应是一个 JSON 对象。", "请参照 README 中的题集格式。")
    problem = _problem(row)
    if problem:
        raise UserError(f"{where}：{problem}", "请参照 README 中的题集格式改正。")
    return Case(
        id=row["id"],
        question=row["question"],
        type=row.get("type", "other"),
        must=tuple(tuple(group) for group in row.get("must", ())),
        must_not=tuple(row.get("must_not", ())),
        source=tuple(row.get("source", ())),
        article=row.get("article", ""),
        clauses=tuple(row.get("clauses", ())),
        answerable=row.get("answerable", True),
        outcome=row.get("outcome", ""),
        history=tuple((q, a) for q, a in row.get("history", ())),
        as_of=row.get("as_of", ""),
        passages=tuple(row.get("passages", ())),
        note=row.get("note", ""),
        category=row.get("category", ""),
        difficulty=row.get("difficulty", ""),
    )


def _problem(row: dict[str, Any]) -> str:
    """The first thing wrong with a row, as a Chinese sentence; empty when it is right."""
    for key in ("id", "question"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            return f"缺少“{key}”，或它不是文字。"
    if not _strings_in_lists(row.get("must", [])):
        return "“must”应是二维列表：每个事实一组，每组是可以互换的说法。"
    for key in ("must_not", "source", "clauses", "passages"):
        if not _strings(row.get(key, [])):
            return f"“{key}”应是文字的列表。"
    if not isinstance(row.get("answerable", True), bool):
        return "“answerable”应是 true 或 false。"
    if row.get("outcome", "") not in ("", *OUTCOMES):
        return f"“outcome”应是 {'、'.join(OUTCOMES)} 之一。"
    history = row.get("history", [])
    if not isinstance(history, list) or not all(_strings(turn) and len(turn) == 2 for turn in history):
        return "“history”应是 [[问, 答], …]。"
    return ""


def _strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _strings_in_lists(value: object) -> bool:
    return isinstance(value, list) and all(_strings(group) and group for group in value)


def digest(cases: Sequence[Case]) -> str:
    """A fingerprint of a whole set, independent of the order of its rows."""
    return hashlib.sha256("".join(sorted(case.digest for case in cases)).encode()).hexdigest()[:16]
