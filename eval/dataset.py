"""Question sets: files that a person can edit (JSONL, CSV, XLSX), checked row by row when loaded."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from corpus.errors import UserError
from eval import sheets

REFUSALS = ("insufficient", "clarify")
OUTCOMES = ("answered", "conflict", *REFUSALS)
DIFFICULTIES = ("易", "中", "难")
SUFFIXES = (".jsonl", *sheets.SUFFIXES)
#: So many wrong rows are named at once.
MOST_PROBLEMS = 20


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


class Questions:
    """Several files as one set, read anew whenever it is gone through: a set of any size in little memory."""

    def __init__(self, *paths: Path) -> None:
        self.paths = paths

    def __iter__(self) -> Iterator[Case]:
        for path in self.paths:
            yield from stream(path)


def load(path: Path) -> list[Case]:
    """Read a question set by its suffix (.jsonl, .csv, .xlsx). Raises UserError as ``stream``."""
    return list(stream(path))


def stream(path: Path) -> Iterator[Case]:
    """The cases of a question set one by one, in constant memory but for the ids (70 bytes each).

    From the first wrong row on nothing more is given; the file is read to its end, or to
    MOST_PROBLEMS wrong rows, and UserError names them all.
    """
    name = path.name
    problems: list[str] = []
    seen: set[str] = set()
    for number, row in _rows(path):
        problem = row if isinstance(row, str) else _problem(row, in_sheet=_is_sheet(path))
        if not problem and str(row["id"]) in seen:  # type: ignore[index]  # a row without a problem
            problem = f"：编号 {row['id']} 重复。"  # type: ignore[index]
        if problem:
            problems.append(f"第 {number} 行{problem}")
            if len(problems) == MOST_PROBLEMS:
                break
            continue
        case = from_row(row)  # type: ignore[arg-type]
        seen.add(case.id)
        if not problems:
            yield case
    if problems:
        raise _refused(name, problems)


def _refused(name: str, problems: list[str]) -> UserError:
    hint = "请改正后再读入；每一项怎么填，见模板里的“填写说明”。"
    if len(problems) == 1:
        return UserError(f"{name} {problems[0]}", hint)
    first = "前 " if len(problems) == MOST_PROBLEMS else ""
    return UserError(f"{name} 有几行不对，{first}{len(problems)} 行是：\n" + "\n".join(problems) + "\n", hint)


def save(cases: Iterable[Case], path: Path) -> None:
    """Write a question set by its suffix; replaces what was there when all is written.

    Raises UserError for another suffix, or for a text that a sheet cannot hold.
    """
    _checked_suffix(path)
    partial = path.with_name(f"{path.stem}.partial{path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if _is_sheet(path):
            sheets.write(map(to_row, cases), partial)
        else:
            with partial.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(to_row(case), ensure_ascii=False) + "\n" for case in cases)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def template(path: Path) -> None:
    """Write an empty question set to fill in: headings, choices, an explanation, and examples
    that are no questions until their mark is taken off (in JSONL: that are questions)."""
    if path.suffix.lower() in sheets.SUFFIXES:
        sheets.write((), path, remarks=[to_row(case) for case in EXAMPLES])
    else:
        save(EXAMPLES, path)


def from_row(row: dict[str, Any]) -> Case:
    """The case of a row that holds no mistake; keys that a case does not have are passed over."""
    held: dict[str, Any] = {k: v for k, v in row.items() if k in _DEFAULTS and v is not None}
    held |= {key: tuple(held[key]) for key in _LISTS if key in held}
    held |= {key: tuple(map(tuple, held[key])) for key in ("must", "history") if key in held}
    return Case(**held | {"id": str(row["id"])})


def to_row(case: Case) -> dict[str, Any]:
    """What a line of JSONL holds: every field that is not at its default."""
    row = {key: value for key, value in asdict(case).items() if value != _DEFAULTS[key]}
    if case.category == case.type:
        del row["category"]
    return row


_DEFAULTS = {f.name: None if f.default is MISSING else f.default for f in fields(Case)}
_LISTS = ("must_not", "source", "clauses", "passages")
#: A key that is nearly one of these is a slip that would change scores unseen.
_SCORED = ("must", "answerable", "outcome", "article", "history", "as_of", *_LISTS)


def _is_sheet(path: Path) -> bool:
    return path.suffix.lower() in sheets.SUFFIXES


def _checked_suffix(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(
            f"题集文件不能是“{path.suffix or path.name}”这种格式。", f"可以用：{'、'.join(SUFFIXES)}。"
        )


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """``(row number, row)`` of a file; a string in the row's place says why there is none."""
    if not path.is_file():
        raise UserError(f"找不到题集文件 {path}。", f"请检查路径；题集可以是 {'、'.join(SUFFIXES)}。")
    _checked_suffix(path)
    if _is_sheet(path):
        yield from sheets.read(path)
        return
    with path.open(encoding=sheets.encoding_of(path)) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _parsed(line)


def _parsed(line: str) -> dict[str, Any] | str:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        return f"：不是合法的 JSON，请检查第 {error.colno} 个字附近的引号和逗号。"
    return row if isinstance(row, dict) else "：应是一个 JSON 对象。"


def _problem(row: dict[str, Any], *, in_sheet: bool) -> str:
    """What is wrong with a row, as the rest of a sentence; empty when it is right."""
    found = []
    for keys, right, wording in _RULES:
        for key in keys:
            value = row.get(key)
            if not right(_DEFAULTS[key] if value is None else value):
                in_words = f"“{sheets.heading(key)}”列：{sheets.rule(key)}"
                found.append(in_words if in_sheet else f"“{key}”{wording}")
    found += [
        f"不认识“{key}”，您是不是要写“{near[0]}”？"
        for key in row.keys() - _DEFAULTS.keys()
        if (near := get_close_matches(key, _SCORED, 1, 0.85))
    ]
    return "：" * bool(found) + "".join(found)


def _strings(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) and item.strip() for item in value)


def _strings_in_lists(value: object) -> bool:
    return isinstance(value, list | tuple) and all(_strings(group) and group for group in value)


def _turns(value: object) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(turn, list | tuple)
        and len(turn) == 2
        and all(isinstance(said, str) for said in turn)
        and turn[0].strip()
        for turn in value
    )


def _given(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _day(value: object) -> bool:
    """Empty, or as much of a real day as is known: 2024, 2024-05, 2024-05-01."""
    if value == "":
        return True
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}(-\d\d){0,2}", value)):
        return False
    try:
        date.fromisoformat((value + "-01-01")[:10])
    except ValueError:
        return False
    return True


#: Keys, what is right of their values, and how that is said.
_RULES: tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...] = (
    (("id",), lambda v: _given(v) or type(v) is int, "没有填，或不是文字。"),
    (("question",), _given, "没有填，或不是文字。"),
    (("must",), _strings_in_lists, "应是二维列表：每个事实一组，每组是可以互换的说法，不能空着。"),
    (_LISTS, _strings, "应是文字的列表，每一项不能空着。"),
    (("type", "article", "note", "category"), lambda v: isinstance(v, str), "应是文字。"),
    (("answerable",), lambda v: isinstance(v, bool), "应是 true 或 false。"),
    (("outcome",), lambda v: v in ("", *OUTCOMES), f"应是 {'、'.join(OUTCOMES)} 之一。"),
    (("history",), _turns, "应是 [[问, 答], …]，问不能空着。"),
    (("as_of",), _day, "应是日期，如 2024-05-01。"),
    (("difficulty",), lambda v: v in ("", *DIFFICULTIES), f"应是 {'、'.join(DIFFICULTIES)} 之一。"),
)


def digest(cases: Iterable[Case]) -> str:
    """A fingerprint of a whole set, independent of the order of its rows."""
    return hashlib.sha256("".join(sorted(case.digest for case in cases)).encode()).hexdigest()[:16]


#: Shown in the template; they ask the documents that come with the program.
EXAMPLES = (
    Case(
        id="示例1",
        question="云河市2025年计划组织多少名职工疗休养？",
        type="number",
        must=(("4200",),),
        must_not=("3600",),
        source=("云河-2025年职工疗休养",),
        category="疗休养",
        difficulty="易",
        note="一个数字，写明不能答成前一年的数",
    ),
    Case(
        id="示例2",
        question="基层工会一届干几年？",
        type="number",
        must=(("三年或者五年", "3年或者5年"),),
        clauses=("工会法 第十六条",),
        difficulty="中",
        note="同一事实的两种说法；要引到法律条款",
    ),
    Case(
        id="示例3",
        question="云河市总工会2019年发了多少张电影票？",
        type="unanswerable",
        answerable=False,
        note="库里没有，应当拒答",
    ),
    Case(
        id="示例4",
        question="那补助标准是每人多少元？",
        type="followup",
        must=(("1800元",),),
        source=("云河-2025年职工疗休养",),
        history=(("云河市2025年计划组织多少名职工疗休养？", "计划组织4200名。"),),
        as_of="2025-05-01",
        note="追问：要看前面的对话才懂",
    ),
)
