"""What each paragraph of an article is: a heading, the opening of a 条, an item of a list, or body."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ingest.description.dates import is_date_line
from ingest.description.numerals import chinese_number
from ingest.lines import Line

_NAME = 40  # a heading's label is at most this long
_LONG_NAME = 100  # but for one that names a document: “十六、修改《…的解释》”
_SMALL = 150  # a numbered paragraph from here on is a section of its own

_N = r"[〇零○一二三四五六七八九十百千两\d]+"
_STRUCTURE = re.compile(rf"^(?:[•·]\s*)?第\s*{_N}\s*(分编|编|章|节)(?=\s|\u3000|$|[^条款项的规])")
_STRUCTURE_LEVELS = {"编": 1, "分编": 2, "章": 3, "节": 4}
_CONTENTS = re.compile(r"^目\s*[录次]$")
_ANNEX = re.compile(
    r"^(?:附\s*+(?:[件表录则]\s*+)?[\d一二三四五六七八九十]{0,3}\s*+(?:[:：]|$)|附\s*[件表录]\s*[\d一二三四五六七八九十]{1,3}\s+\S)"
)
_ANNEXES = re.compile(r"^附\s*件\s*[\d一二三四五六七八九十]{0,3}\s*[:：]\s*\S")
CLAUSE = re.compile(rf"^(第\s*{_N}\s*条(?:\s*之\s*[一二三四五六七八九十]+)?)(?P<rest>.*)$", re.DOTALL)
CLAUSE_TITLE = re.compile(r"^\s*[【〔\[（(][^】〕\])）]{1,30}[】〕\])）]\s*")
# "第二十一条规定…" at a line's start speaks about a clause, it does not open one.
_ABOUT_CLAUSE = re.compile(r"^\s*(?:规定|第|的|之规定|所|和|与|至|以及|及|或|中|明确|要求|指出|[、，,；;])")
NUMBERS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"^[一二三四五六七八九十]{1,3}\s*[、．.]\s*"), 20),
    (re.compile(r"^[（(][一二三四五六七八九十]{1,3}[）)]\s*"), 21),
    (re.compile(r"^\d{1,2}\s*[、．.](?!\d)\s*"), 22),
    (re.compile(r"^(?:[（(]\d{1,2}[）)]|\d{1,2}[）)])\s*"), 23),
    (re.compile(r"^[①-⑳]\s*"), 24),
    (re.compile(r"^[甲乙丙丁戊己庚辛壬癸]\s*、\s*"), 27),
)
_BULLET = re.compile(r"^[•·●◆■▪-]\s")
_QUESTION = re.compile(r"^(?:问|Q|q)\s*\d*\s*[:：]")
_BARE_HEADING_LEVEL, _QUESTION_LEVEL, _ANNEX_LEVEL = 25, 18, 0
SENTENCE = re.compile(r"(?:[。！？!?]|…{1,2})+[”’」』）)】》\"']*")
_ENDED = re.compile(r"[。！？!?；;：:，,、…”’」』）)】]$")
_STOPPED = re.compile(r"[。！？!?；;：:，,、…][”’」』）)】》\"']*$")
_REMARK = re.compile(
    r"(?<!^)[（(][^（）()]*[）)]$"
)  # “宣传发动（3月1日至15日）” is named by what stands before
LEADS_IN = re.compile(r"[：:]$")


@dataclass(frozen=True, slots=True)
class Para:
    """段: a paragraph: its place in the article's text, and what it is."""

    start: int
    end: int
    text: str
    kind: Literal["heading", "clause", "item", "body", "skip"] = "body"
    level: int = 0
    name: str = ""


def paragraphs(text: str, lines: Sequence[Line]) -> list[Para]:
    """The paragraphs of a text that are not empty, none classified but those of a declared heading's level."""
    levels = [line.level for line in lines]
    paras = []
    offset = 0
    for index, raw in enumerate(text.split("\n")):
        bare = raw.strip()
        if bare:
            start = offset + raw.index(bare)
            level = levels[index] if index < len(levels) and lines[index].text.strip() == bare else 0
            paras.append(Para(start, start + len(bare), bare, "heading" if level else "body", level, bare))
        offset += len(raw) + 1
    return paras


def classify(paras: list[Para], signed: Sequence[str] = ()) -> list[Para]:
    """Say of each paragraph whether it is a heading, opens a clause, is an item, or is body."""
    marked = _mark_clauses(_unmark_annexes([_mark_structure(para) for para in paras]))
    marked = _mark_numbered(marked)
    marked = [_mark_bare_heading(marked, index, signed) for index in range(len(marked))]
    return _settle_headings(marked)


def _mark_structure(para: Para) -> Para:
    if found := _STRUCTURE.match(para.text):
        if len(para.text) <= _NAME and not _ENDED.search(para.text):
            name = " ".join(para.text.lstrip("•·").split())
            return replace(para, kind="heading", level=_STRUCTURE_LEVELS[found.group(1)], name=name)
    elif _CONTENTS.match(para.text):
        return replace(para, kind="skip")
    elif _ANNEX.match(para.text) and len(para.text) <= _NAME:
        return replace(para, kind="heading", level=_ANNEX_LEVEL, name=para.text.rstrip("：: "))
    elif _QUESTION.match(para.text):
        return replace(para, kind="heading", level=_QUESTION_LEVEL, name=_clipped(para.text))
    return para


def _unmark_annexes(paras: list[Para]) -> list[Para]:
    """The list of annexes above a signature heads nothing: “附件：1. 清单”, its further numbers are items."""
    out: list[Para] = []
    listing = False
    for at, para in enumerate(paras):
        if para.kind == "heading" and _ANNEXES.match(para.text):
            listing = any(is_date_line(below.text) for below in paras[at + 1 : at + 6])
            para = replace(para, kind="body", level=0) if listing else para
        elif listing and (level := _number_level(para.text)):
            para = replace(para, kind="item", level=level)
        else:
            listing = False
        out.append(para)
    return out


def _mark_clauses(paras: list[Para]) -> list[Para]:
    """Paragraphs that open a 条: with a gap after the number, or next in the count."""
    marked = []
    last = 0
    for para in paras:
        found = CLAUSE.match(para.text)
        if not found:
            marked.append(para)
            continue
        rest, number = found["rest"], chinese_number(re.sub(r"\s|第|条.*", "", found.group(1)))
        gap = not rest or rest[0] in " \u3000\t【〔[（(:："
        if gap or (number == last + 1 and not _ABOUT_CLAUSE.match(rest)):
            last = number
            para = replace(para, kind="clause", level=0, name=re.sub(r"\s", "", found.group(1)))
        marked.append(para)
    return marked


def _mark_numbered(paras: list[Para]) -> list[Para]:
    """Numbered paragraphs: items below a clause or after a lead-in, headings elsewhere."""
    marked: list[Para] = []
    in_clause = listed = False
    for index, para in enumerate(paras):
        if para.kind != "body":
            in_clause = para.kind == "clause" or (in_clause and para.kind == "skip")
            listed = bool(LEADS_IN.search(para.text))
            marked.append(para)
            continue
        level = _number_level(para.text)
        if not level:
            listed = bool(LEADS_IN.search(para.text))
        elif (
            _BULLET.match(para.text)
            or in_clause
            or (_is_item(paras, index, listed=listed) and not _heads_documents_part(paras, index))
        ):
            para = replace(para, kind="item", level=level)
        elif (name := _opening_name(para, paras[index + 1 : index + 2])) and level < 99:
            para, listed = replace(para, kind="heading", level=level, name=name), False
        else:
            para = replace(para, kind="item", level=level)
        marked.append(para)
    return marked


def _number_level(text: str) -> int:
    if _BULLET.match(text):
        return 99
    return next((level for pattern, level in NUMBERS if pattern.match(text)), 0)


def _is_short_list(paras: list[Para], index: int) -> bool:
    """Whether the run of numbered paragraphs around ``index`` reads as a list, not as sections."""
    run = _run(paras, index, lambda para: bool(_number_level(para.text)))
    if len(run) == 1 and len(run[0].text) <= _NAME and not _STOPPED.search(run[0].text):
        return False  # one line is no list
    return _few_titled(run)


def _is_item(paras: list[Para], index: int, *, listed: bool) -> bool:
    """After a lead-in, one of a short list; elsewhere, one of a run at its level of which few have titles."""
    if listed and _is_short_list(paras, index):
        return True
    level = _number_level(paras[index].text)
    run = _run(paras, index, lambda para: _number_level(para.text) == level)
    return len(run) > 1 and _few_titled(run)


def _run(paras: list[Para], index: int, alike: Callable[[Para], bool]) -> list[Para]:
    """The neighbours of a paragraph that are alike, and it."""
    first = last = index
    while first > 0 and paras[first - 1].kind == "body" and alike(paras[first - 1]):
        first -= 1
    while last + 1 < len(paras) and paras[last + 1].kind == "body" and alike(paras[last + 1]):
        last += 1
    return paras[first : last + 1]


def _few_titled(run: list[Para]) -> bool:
    titled = sum(bool(_own_title(para.text)) for para in run)
    return titled < len(run) / 2 and sum(len(para.text) for para in run) / len(run) <= 120


def _own_title(text: str) -> str:
    """The short first sentence that names a numbered paragraph: “二、监督程序。基层工会发现…”."""
    end = SENTENCE.search(text)
    if end is None or end.end() == len(text):
        return ""
    first, rest = text[: end.start()], text[end.end() :]
    return first if len(_REMARK.sub("", first)) <= 16 or (len(first) <= _NAME and len(rest) >= _NAME) else ""


def _opening_name(para: Para, following: list[Para]) -> str:
    """What a numbered paragraph is called in labels, ``""`` where it names nothing.

    A line of its own with a paragraph below it, or the first sentence of a paragraph.
    """
    if title := _own_title(para.text):
        return title
    below = following[0] if following else None
    level = _number_level(para.text)
    if (
        (len(para.text) <= _NAME or _names_document(para.text))
        and below is not None
        and below.kind == "body"
        and (not (deeper := _number_level(below.text)) or deeper > level)
        and not LEADS_IN.search(para.text)
    ):
        finished = bool(re.search(r"[。；;]$", para.text))
        return para.text.rstrip("。：: ") if not finished or len(below.text) >= _NAME else ""
    return _clipped(para.text) if len(para.text) >= _SMALL else ""


def _heads_documents_part(paras: list[Para], index: int) -> bool:
    """Whether a numbered line that names a document heads what is said of it, and is none of a list of titles."""
    above = paras[index - 1] if index else None
    level = _number_level(paras[index].text)
    return _names_document(paras[index].text) and (above is None or _number_level(above.text) != level)


def _names_document(text: str) -> bool:
    """Whether a long line is a document's name and little more: no sentence, ended by its 》."""
    return (
        len(text) <= _LONG_NAME
        and bool(re.search(r"》[\w（）]{0,8}$", text))
        and not re.search("[，。；：]", text)
    )


def _clipped(text: str) -> str:
    if len(text) <= _NAME:
        return text.rstrip("。：: ")
    head = re.split(r"[，,；;：:]", text)[0]
    return head if 4 < len(head) <= _NAME else text[: _NAME - 1] + "…"


def _mark_bare_heading(paras: list[Para], index: int, signed: Sequence[str]) -> Para:
    """A short line without an end, between finished text and a full paragraph, heads what follows.

    One of the first lines that holds a name of ``signed`` is the byline.
    """
    para = paras[index]
    short = para.kind == "body" and len(para.text) <= 28 and bool(re.search(r"\w", para.text))
    if not short or _STOPPED.search(para.text):
        return para
    if index < 3 and any(name and name in para.text for name in signed):
        return para
    before = paras[index - 1] if index else None
    below = paras[index + 1] if index + 1 < len(paras) else None
    if below is None or below.kind != "body" or len(below.text) < 40 or not _STOPPED.search(below.text):
        return para
    if before is not None and before.kind != "heading" and not _STOPPED.search(before.text):
        return para
    return replace(para, kind="heading", level=_BARE_HEADING_LEVEL, name=para.text)


def _settle_headings(paras: list[Para]) -> list[Para]:
    """A heading with nothing below it is content; a 章 or 节 with nothing below is a table of contents."""
    settled: list[Para] = []
    holds = _holding(paras)
    for index, para in enumerate(paras):
        below = paras[index + 1] if index + 1 < len(paras) else None
        opens_itself = para.kind == "heading" and len(para.text) > len(para.name) + 4 and para.level >= 20
        if para.kind == "heading" and not opens_itself:
            empty = below is None or (below.kind == "heading" and below.level <= para.level)
            listed = para.level in _STRUCTURE_LEVELS.values() and bool(_STRUCTURE.match(para.text))
            if empty or (listed and not holds[index]) or (below is not None and below.kind == "skip"):
                para = replace(para, kind="skip" if listed and below is not None else "body", level=0)
        settled.append(para)
    return settled


def _holding(paras: list[Para]) -> list[bool]:
    """Whether there is text below each heading, or below the deeper heading that follows it at once."""
    holds = [para.kind not in ("heading", "skip") for para in paras]
    for index in range(len(paras) - 2, -1, -1):
        para, below = paras[index : index + 2]
        if para.kind == "heading":
            holds[index] = holds[index + 1] and (below.kind != "heading" or below.level > para.level)
    return holds


def item_mark(text: str) -> str:
    """The number that a paragraph opens with, as it is cited: ``"(八)收费"`` → ``"（八）"``, ``""`` for none."""
    found = next((m for pattern, _ in NUMBERS if (m := pattern.match(text))), None)
    return found.group().strip().rstrip("、．.").translate(_FULL_WIDTH) if found else ""


_FULL_WIDTH = str.maketrans("()", "（）")
