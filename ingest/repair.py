"""Undo what printing, extraction and OCR did to a text: a chain of small repairs, each accountable.

Every repair takes lines and returns lines, and says what it changed as ``Change`` records;
a Chinese character of the input that is missing from the output stands in one of them.
Quotation marks keep their form and full-width characters stay full-width: both carry meaning.
"""

import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from ingest import headlines, spacing
from ingest.headlines import Kind, ends_sentence, kind_of, numbered, width
from ingest.lines import Line, joined
from ingest.names import has_surname


class Change(NamedTuple):
    """改动: what one repair did at one place: the text before and after ("" = dropped)."""

    repair: str
    page: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """修复结果: paragraphs and headings, a line each; Chinese warnings for whoever added the file; the changes."""

    lines: tuple[Line, ...]
    warnings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


Repair = Callable[[list[Line]], tuple[list[Line], list[Change]]]


def repair(lines: Sequence[Line]) -> Repaired:
    """Run the chain over the lines of one file, in reading order."""
    changes: list[Change] = []
    now = list(lines)
    for _, step in CHAIN:
        now, made = step(now)
        changes += made
    loops = [change for change in changes if change.repair == "重复段落"]
    warnings: tuple[str, ...] = ()
    if loops:
        cut = "、".join(f"“{change.before[:12]}…”" for change in loops[:3])
        warnings = (
            f"文件中有{len(loops)}处文字重复出现（疑为识别错误），只保留了一处：{cut}，请对照原件核实。",
        )
    return Repaired(lines=tuple(now), warnings=warnings, changes=tuple(changes))


_INDENT = "\u3000\u3000"


def _each(name: str, fix: Callable[[str], str]) -> Repair:
    """A repair that looks at one line's text at a time; a line left empty is dropped."""

    def step(lines: list[Line]) -> tuple[list[Line], list[Change]]:
        out: list[Line] = []
        changes: list[Change] = []
        blank = False
        for line in lines:
            indent = _INDENT if line.text.startswith((_INDENT, "  ", "\u3000", "\t")) else ""
            text = fix(line.text.strip())
            if text != line.text.strip():
                changes.append(Change(name, line.page, line.text.strip(), text))
            if text:
                out.append(replace(line, text=indent + text, blank_before=line.blank_before or blank))
            blank = ((blank or line.blank_before) and not text) or not text
        return out, changes

    return step


# ---- characters ------------------------------------------------------------------------------

_NOISE = re.compile(r"[\ufeff\u200b-\u200f\u2028-\u202e\u2060\ufffd\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff]")


def clean_characters(text: str) -> str:
    """Without byte-order marks, control and replacement characters; odd spaces become plain ones."""
    text = _NOISE.sub("", text.replace("\t", " "))
    return re.sub(r"[\u00a0\u2002-\u200a\u202f\u205f]", " ", text).strip(" \n\r\u3000")


def drop_emphasis(text: str) -> str:
    """Without the asterisks of Markdown emphasis that a plain-text file carries."""
    return re.sub(r"\*\*([^*\n]+)\*\*", r"\1", text)


# ---- doubled by a printed shadow -------------------------------------------------------------

_DOUBLED_MARKS = (
    ("“", "”"),
    ("‘", "’"),
    ("【", "】"),
    ("《", "》"),
    ("「", "」"),
    ("『", "』"),
    ("（", "）"),
)


def undouble_marks(text: str) -> str:
    """``““五力””`` → ``“五力”``: brackets that open twice and close twice around the same words."""
    for opening, closing in _DOUBLED_MARKS:
        text = re.sub(
            f"{opening}{opening}([^{opening}{closing}]*){closing}{closing}", rf"{opening}\1{closing}", text
        )
    return text


def undouble_heading(text: str) -> str:
    """A heading that was drawn twice, as a whole or piece by piece, said once.

    Only where twins cover the whole line and the line is no word that people double
    (天天) nor a row of equal cells (合格合格合格合格).
    """
    bare = text.replace(" ", "")
    if re.search(r"[:：]$| {3}|\u3000{2}", text):  # a form of two columns
        return text
    if not 6 <= len(bare) <= 120 or len(headlines_cjk(bare)) < 4:
        return text
    once = _halves(text.strip()) or _halves(bare)
    if once is None or _is_run(once) or len(set(once)) < 3:
        return text
    again = undouble_heading(once) if len(once) >= 12 else once
    return _spaced_like(undouble_marks(again), text)


def headlines_cjk(text: str) -> list[str]:
    """The Chinese characters of a text, in order."""
    return re.findall(r"[\u3400-\u9fff]", text)


def _halves(text: str) -> str | None:
    """The text as a chain of twins XX YY ZZ said once, longest twins first; None where twins do not cover it."""
    best: list[tuple[int, str] | None] = [(0, "")] + [None] * len(text)
    for end in range(2, len(text) + 1):
        for size in range(1, end // 2 + 1):
            before = best[end - 2 * size]
            if before is None or text[end - size : end] != text[end - 2 * size : end - size]:
                continue
            found = best[end]
            if found is None or before[0] + 1 <= found[0]:
                best[end] = (before[0] + 1, before[1] + text[end - size : end])
    return best[-1][1] if best[-1] else None


def _is_run(text: str) -> bool:
    """Whether it is one short word again and again."""
    return any(
        len(text) % n == 0 and text == text[:n] * (len(text) // n) for n in range(1, len(text) // 2 + 1)
    )


def _spaced_like(once: str, text: str) -> str:
    """``once`` with the spaces that the doubled text had within a phrase (``聚焦主题 汇聚力量`` twice)."""
    half = text[: len(text) // 2].strip()
    return half if half.replace(" ", "") == once else once


def drop_echoes(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """A heading or label drawn twice, as two lines that follow each other: kept once."""
    out: list[Line] = []
    changes: list[Change] = []
    for line in lines:
        again = out and line.text.strip() == out[-1].text.strip() and len(headlines_cjk(line.text)) >= 4
        if (
            again
            and not ends_sentence(line.text)
            and kind_of(line) in (Kind.LABEL, Kind.BARE, Kind.HEADING, Kind.SUBTITLE)
        ):
            changes.append(Change("重影标题", line.page, line.text, ""))
        else:
            out.append(line)
    return out, changes


# ---- set wide, set upright -------------------------------------------------------------------

_COUNTING = frozenset("一二三四五六七八九十甲乙丙丁日是否有无男女")


def close_spaced(text: str) -> str:
    """``开 栏 语`` → ``开栏语``: a title whose characters were set apart."""
    tokens = text.split(" ")
    alone = 2 <= len(tokens) <= 12 and all(re.fullmatch(r"[\u3400-\u9fff“”（）]", t) for t in tokens)
    return "".join(tokens) if alone and not set(tokens) <= _COUNTING else text


def join_upright(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """A label set upright, one character a line: 【, 工, 会, 博, 览, 】 → 【工会博览】."""
    out: list[Line] = []
    changes: list[Change] = []
    at = 0
    while at < len(lines):
        end = at
        while (
            end < len(lines)
            and len(lines[end].text.strip()) == 1
            and (end == at or not lines[end].blank_before)
        ):
            end += 1
        text = "".join(line.text.strip() for line in lines[at:end])
        if _upright(text):
            out.append(joined(lines[at:end]))
            changes.append(Change("竖排文字", lines[at].page, "\n".join(text), text))
            at = end
        else:
            out.append(lines[at])
            at += 1
    return out, changes


def _upright(text: str) -> bool:
    """Whether single characters spell a label: in brackets, or three or more that differ and do not count."""
    inner = re.fullmatch(r"[【\[（《]([\u3400-\u9fff]{2,12})[】\])）》]", text)
    if inner:
        return True
    alone = re.fullmatch(r"[\u3400-\u9fff]{3,16}", text)
    return bool(alone) and len(set(text)) > len(text) * 2 // 3 and not set(text) & _COUNTING


# ---- credits glued to a sentence -------------------------------------------------------------

_GLUED = re.compile(
    r"(?<=[。！？”）])\s*(?P<tail>(?:来源|作者|摘自|转自)\s*[:：].{2,40}|[\u4e00-\u9fff][\u4e00-\u9fff \u3000、]{1,24}(?:摄影报道|摄影|图/文|文/图|供图|摄))$"
)


def part_credits(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """Source, author and photo credit that end a paragraph's line get a line of their own."""
    out: list[Line] = []
    for line in lines:
        found = _GLUED.search(line.text)
        tail = (
            replace(line, text=found["tail"].strip(), blank_before=False, level=0, whole=True)
            if found
            else None
        )
        if found and tail and kind_of(tail) in (Kind.SOURCE, Kind.SIGNED, Kind.CREDIT):
            out += [replace(line, text=line.text[: found.start()].rstrip()), tail]
        else:
            out.append(line)
    return out, []


# ---- lines broken at the column's width ------------------------------------------------------

_UNWRAPPED = 60.0
_NARROWEST = 7.0
_SLACK = 2.6


@dataclass(frozen=True, slots=True)
class _Setting:
    """How the lines are set: for each, its kind, its column's width (0: none), verse or headline block,
    and whether it goes on in the next (None: the setting does not tell)."""

    lines: Sequence[Line]
    kinds: list[Kind]
    columns: list[float]
    verse: list[bool]
    display: list[bool]
    indents: bool
    goes_on: list[bool | None]


def join_lines(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """Paragraphs from lines that were broken at the width of their column, across blocks and pages."""
    setting = _setting(lines)
    out: list[Line] = []
    group: list[Line] = []
    for at, line in enumerate(lines):
        group.append(line)
        if at + 1 < len(lines) and _continues(setting, at, first=len(group) == 1):
            continue
        out.append(_glued(group))
        group = []
    out = _join_titles(out, indents=setting.indents)
    return [replace(line, text=line.text.strip()) for line in out], []


def _setting(lines: Sequence[Line]) -> _Setting:
    kinds = [kind_of(line) for line in lines]
    columns = _columns(lines)
    verse: list[bool] = []
    display: list[bool] = []
    spans = list(_blocks(lines))
    for start, end in spans:
        texts = [line.text.strip() for line in lines[start:end]]
        verse += [_is_verse(texts)] * (end - start)
        display += [_is_display(texts, kinds[start:end], columns[start])] * (end - start)
    for (start, end), (after, _) in reversed(list(pairwise([*spans, (len(lines), len(lines))]))):
        runs_out = after == len(lines) or display[after] or kinds[after] in _OPENERS
        if not display[start] and runs_out and not any("。" in line.text for line in lines[start:end]):
            display[start:end] = [not ends_sentence(lines[end - 1].text) and end - start <= 3] * (end - start)
    for at in range(1, len(lines)):
        alone = at + 1 == len(lines) or lines[at + 1].blank_before or _stands_out(lines[at + 1])
        above = kinds[at - 1] is Kind.MARKER or (kinds[at - 1] is Kind.LABEL and alone)
        display[at] |= above and kinds[at] is Kind.BARE
    return _Setting(lines, kinds, columns, verse, display, _indents_tell(lines), spacing.goes_on(lines))


def _indents_tell(lines: Sequence[Line]) -> bool:
    """Whether indentation marks paragraphs, and is not the margin of a whole page of broken lines."""
    indented = sum(line.text.startswith(_INDENT) for line in lines)
    ended = sum(ends_sentence(line.text) for line in lines)
    return indented > 0 and (indented <= 0.7 * len(lines) or ended >= 0.6 * len(lines))


_OPENERS = (Kind.LABEL, Kind.MARKER, Kind.SUBTITLE, Kind.HEADING)


def _columns(lines: Sequence[Line]) -> list[float]:
    """For each line the width of the column it stands in, 0 where lines are not broken at a width.

    Measured among its neighbours in the block, so that a block may run through columns
    of different width; a block of one or two lines takes the measure of its neighbour.
    """
    spans = list(_blocks(lines))
    widths = [_set_width(line.text) for line in lines]
    ended = [ends_sentence(line.text) for line in lines]
    measured = [_measured(widths[start:end], ended[start:end]) for start, end in spans]
    known = [statistics.median(found) if any(found) else 0.0 for found in measured]
    out: list[float] = []
    for at, (start, end) in enumerate(spans):
        few = end - start <= 4 and not any(measured[at])
        out += [_nearest(known, at, max(widths[start:end]))] * (end - start) if few else measured[at]
    return out


def _measured(widths: list[float], ended: list[bool]) -> list[float]:
    """For each line of a block the width that its neighbours share, 0 where they share none."""
    windows = ((4, 5), (4, 1), (0, 5))  # neighbours on both sides; at the border of two columns, on one
    out: list[float] = []
    for n in range(len(widths)):
        spans = [(max(0, n - before), n + after) for before, after in windows]
        broken = (_shared(widths[a:b]) for a, b in spans if sum(ended[a:b]) <= (len(ended[a:b])) / 2)
        out.append(next((width for width in broken if width), 0.0))
    return out


def _shared(widths: list[float]) -> float:
    """The width that at least half of these lines reach and none exceeds by much, else 0."""
    if len(widths) < 3:
        return 0.0
    column = sorted(widths)[len(widths) * 3 // 5]
    close = sum(abs(width - column) <= 0.12 * column + 1.5 for width in widths)
    even = max(widths) <= 1.2 * column + 2.5 and close >= len(widths) / 2
    return column if even and _NARROWEST <= column <= _UNWRAPPED else 0.0


def _set_width(text: str) -> float:
    """The width with punctuation as it is set in a full line: pressed together."""
    return width(text) - 0.3 * len(re.findall(r"[，。、；：！？“”‘’（）《》【】]", text))


def _blocks(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Spans of lines between blank lines and headings."""
    start = 0
    for at in range(1, len(lines) + 1):
        if (
            at == len(lines)
            or lines[at].blank_before
            or lines[at].story != lines[at - 1].story
            or _stands_out(lines[at])
            or _stands_out(lines[at - 1])
        ):
            yield start, at
            start = at


def _stands_out(line: Line) -> bool:
    return line.level > 0 or kind_of(line) in (Kind.LABEL, Kind.MARKER)


def _nearest(found: list[float], at: int, widest: float) -> float:
    """The width of the nearest measured block that this small one fits into, the closest fit of both sides."""
    before = next((w for w in reversed(found[:at]) if w), 0.0)
    after = next((w for w in found[at + 1 :] if w), 0.0)
    fitting = [w for w in (before, after) if w and widest <= w + 3]
    return min(fitting, key=lambda w: abs(w - widest), default=0.0)


def _is_verse(texts: list[str]) -> bool:
    """Verse and lists: short lines, four or more in a block, nearly all ending with a mark."""
    ended = sum(text[-1:] in "，。；！？、：,;!?" for text in texts)
    return len(texts) >= 4 and ended >= 0.8 * len(texts) and max(map(width, texts)) <= 24


def _is_display(texts: list[str], kinds: list[Kind], column: float) -> bool:
    """A block of headline, byline and the like: no sentence ends in it, and it does not run on at full width."""
    if len(texts) > 6 or any("。" in text or ends_sentence(text) for text in texts):
        return False
    if _broken_off(texts[-1]):
        return False
    if any(kind in (*_OPENERS, Kind.BYLINE) for kind in kinds[1:]) or kinds[0] is Kind.BYLINE:
        return True
    fits = column == 0 or max(map(_set_width, texts)) <= column + 1.5
    return not (fits and _full(texts[-1], column, first=len(texts) == 1))


def sizes_differ(line: Line, other: Line) -> bool:
    """Whether two lines were set in clearly different sizes; False where a size is not known."""
    small, large = sorted((line.size, other.size))
    return small > 0 and large > 1.3 * small


def _continues(setting: _Setting, at: int, *, first: bool) -> bool:
    """Whether the line after ``at`` goes on with its paragraph."""
    line, following = setting.lines[at], setting.lines[at + 1]
    if (
        line.story != following.story
        or line.whole
        or line.level
        or setting.verse[at]
        or setting.display[at]
        or sizes_differ(line, following)
    ):
        return False
    if following.level or (setting.indents and following.text.startswith(_INDENT)):
        return False
    if not _can_run_on(setting.kinds[at], line.text):
        return False
    told = setting.goes_on[at]
    if told and not ends_sentence(line.text) and not _ITEM.match(following.text):
        return True
    if not _can_follow(setting, at + 1):
        return False
    if following.blank_before and setting.columns[at] == 0 and _complete(line.text, setting.kinds[at]):
        return False
    if told is not None and not _broken_off(line.text):
        return told
    full = _full(line.text, setting.columns[at], first=first)
    if ends_sentence(line.text):
        runs = full and not following.blank_before and setting.columns[at] > 0
        return runs and not numbered(following.text) and not _subhead(setting, at + 1)
    if _broken_off(line.text):
        return True
    return full and not (_stands_alone(setting, at) and _indented(following.text, setting.columns[at + 1]))


def _subhead(setting: _Setting, at: int) -> bool:
    """A short line without an end just above a new paragraph: it heads that one, it does not end the last."""
    lines, line = setting.lines, setting.lines[at]
    if setting.kinds[at] is not Kind.BARE or ends_sentence(line.text) or at + 1 == len(lines):
        return False
    opens = lines[at + 1].blank_before or (setting.indents and lines[at + 1].text.startswith(_INDENT))
    return opens and not _full(line.text, setting.columns[at], first=False)


def _full(text: str, column: float, *, first: bool) -> bool:
    """Whether a line reaches its column's right edge; a paragraph's first line is indented by two."""
    reach = column - _SLACK - (2.0 if first else 0.0) if column else 28.0
    return _set_width(text) >= reach


#: What needs no full stop: an item of a list, a key with its value, a law's history, a closed bracket.
_COMPLETE = re.compile(
    r"^\s*(?:•|\S{1,8}[：:])|^\s*\d{4}年\d{1,2}月\d{1,2}日.*(?:通过|修正|修订|批准|公布|发布|施行|修改)$|[)）]$"
)


def _complete(text: str, kind: Kind) -> bool:
    heading = numbered(text) and not re.search(r"[。；，]", text)
    return kind is not Kind.COMMENT and (heading or bool(_COMPLETE.search(text)))


def _can_run_on(kind: Kind, text: str) -> bool:
    return kind in (Kind.PARAGRAPH, Kind.BARE, Kind.COMMENT) or (kind is Kind.NUMBERED and width(text) > 12)


def _can_follow(setting: _Setting, at: int) -> bool:
    """Whether the line could go on with a paragraph: no label, marker, credit, nor a title above 一、."""
    line, kind = setting.lines[at], setting.kinds[at]
    if _ITEM.match(line.text):
        return False
    if kind is Kind.BARE:
        above = at + 1 < len(setting.lines) and _restarts(setting.lines[at + 1].text)
        return not above and not setting.display[at]
    if kind is Kind.NUMBERED:
        return not line.blank_before and not re.match(r"[一（(第]", line.text)
    return kind is Kind.PARAGRAPH or (kind is Kind.BYLINE and not setting.display[at])


_ITEM = re.compile(
    r"\s*(?:•|第[一二三四五六七八九十百零\d]+[章节编条][\s\u3000]|[一二三四五六七八九十]+、|"
    r"[（(][一二三四五六七八九十]{1,3}[）)](?!项|款)|\d{1,2}[.．、](?!\d)|[①-⑳])"
)


def _restarts(text: str) -> bool:
    return bool(re.match(r"(?:一、|（一）|第一[章条]|——)", text.strip()))


def _broken_off(text: str) -> bool:
    """Whether a line stops where no phrase can: after a comma, a particle, within quotes."""
    text = text.strip()
    if (
        text[-1:] in "，、,（(《“‘"
        or text.count("“") > text.count("”")
        or text.count("《") > text.count("》")
    ):
        return True
    if re.search(r"[。！？；][^。！？；]*$", text) and not ends_sentence(text):
        return True
    return width(text) >= 12 and bool(_FUNCTION_WORD.search(text))


_FUNCTION_WORD = re.compile(
    r"(?:(?<![目标])的|(?<![饱温共祥平中缓柔])和|(?<!参)与|(?<![普涉危])及|在[^在]{4,}[中里上下时])$"
)


def _stands_alone(setting: _Setting, at: int) -> bool:
    """A line between two blank lines: a heading as wide as its column, or the orphan of a paragraph."""
    lines = setting.lines
    return (
        (lines[at].blank_before or at == 0) and lines[at + 1].blank_before and setting.kinds[at] is Kind.BARE
    )


def _indented(text: str, column: float) -> bool:
    return column > 0 and _set_width(text) <= column - 1.2


def _glued(group: list[Line]) -> Line:
    """The paragraph; Latin words keep a space between them, Chinese gets none."""
    if len(group) == 1:
        return group[0]
    text = group[0].text.rstrip()
    for line in group[1:]:
        more = line.text.strip()
        text += (
            " " if text[-1:].isascii() and text[-1:].isalnum() and re.match(r"[A-Za-z]", more) else ""
        ) + more
    return replace(joined(group), text=text)


def _join_titles(lines: list[Line], *, indents: bool) -> list[Line]:
    """Headings of two or three lines in one block become one, spaced where the lines are a parallel pair."""
    out: list[Line] = []
    for start, end in _blocks(lines):
        block = lines[start:end]
        at = 0
        while at < len(block):
            run = at
            while (
                run < len(block)
                and _title_line(block[run], indents=indents)
                and not sizes_differ(block[at], block[run])
            ):
                run += 1
            if 2 <= run - at <= 3:
                out.append(_title(block[at:run]))
            else:
                out += block[at : max(run, at + 1)]
            at = max(run, at + 1)
    return out


def _title_line(line: Line, *, indents: bool) -> bool:
    if indents and line.text.startswith(_INDENT):
        return False
    if line.level or line.whole or width(line.text) > 28 or len(headlines_cjk(line.text)) < 5:
        return False
    return kind_of(line) is Kind.BARE and not re.search(r"[:：]|\d{4}年", line.text)


def _title(group: list[Line]) -> Line:
    text = group[0].text.strip()
    for before, line in pairwise(group):
        pair = len(headlines_cjk(before.text)) == len(headlines_cjk(line.text)) and " " not in line.text
        text += (" " if pair else "") + line.text.strip()
    return replace(joined(group), text=text)


# ---- said twice ------------------------------------------------------------------------------


def drop_run_in_titles(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """A title repeated at the beginning of the first paragraph below it, set off by a space, is dropped there."""
    out: list[Line] = []
    changes: list[Change] = []
    for line in lines:
        above = out[-1].text if out else ""
        title = headlines.marked_title(above) or (above if not ends_sentence(above) else "")
        if 6 <= len(title) <= 45 and line.text.startswith(title + " "):
            rest = line.text[len(title) :].strip()
            changes.append(Change("标题重复", line.page, line.text[: len(title)], ""))
            out.append(replace(line, text=rest))
        else:
            out.append(line)
    return out, changes


_NEAR = 8
_LONG = 20


def drop_loops(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """Paragraphs that OCR wrote again and again, the last one cut off: each kept once.

    A paragraph is dropped where the same words, or their beginning, stand in one of the
    paragraphs just above. Where that has happened, sentences of other paragraphs nearby
    that say the same are dropped too. Items with numbers of their own stay: regulations
    repeat themselves.
    """
    out: list[Line] = []
    changes: list[Change] = []
    dropped: list[int] = []
    for line in lines:
        if _echo(line.text, [above.text for above in out[-_NEAR:]]):
            changes.append(Change("重复段落", line.page, line.text, ""))
            dropped.append(len(out))
        else:
            out.append(line)
    if dropped:
        out, more = _drop_sentences(out, dropped)
        changes += more
    return out, changes


def _echo(text: str, above: list[str]) -> bool:
    own = _plain(text)
    if (
        len(own) < _LONG
        or numbered(text)
        or re.match(r"•|\d{1,2}[)）\s]", text)
        or len(headlines_cjk(own)) < len(own) / 2
    ):
        return False
    return any(
        other.startswith(own) or (len(other) >= _LONG and own.startswith(other))
        for other in map(_plain, above)
    )


def _plain(text: str) -> str:
    return re.sub(r"[\s，。、；：！？,.;:!?]", "", text)


def _drop_sentences(lines: list[Line], dropped: list[int]) -> tuple[list[Line], list[Change]]:
    """Around the loops found, drop long sentences that stand in a paragraph above."""
    out: list[Line] = []
    changes: list[Change] = []
    for at, line in enumerate(lines):
        if (
            not any(at - _NEAR <= place <= at + _NEAR for place in dropped)
            or numbered(line.text)
            or line.level
        ):
            out.append(line)
            continue
        above = [_plain(sentence) for other in out[-_NEAR:] for sentence in _sentences(other.text)]
        kept = [s for s in _sentences(line.text) if not _same_sentence(_plain(s), above)]
        text = "".join(kept)
        if text == line.text:
            out.append(line)
            continue
        gone = [s for s in _sentences(line.text) if s not in kept]
        if _plain(text) in above or not text:
            gone, text = [line.text], ""
        changes += [Change("重复段落", line.page, sentence, "") for sentence in gone]
        if text:
            out.append(replace(line, text=text))
    return out, changes


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^。！？]+[。！？]?[”’）]*", text)


def _same_sentence(sentence: str, above: list[str]) -> bool:
    """Said above already, but for a few characters at its beginning."""
    if len(sentence) < _LONG:
        return False
    tail = sentence[min(4, len(sentence) // 8) :]
    return any(len(other) >= _LONG and (other.endswith(tail) or other == sentence) for other in above)


def cut_stutter(text: str) -> str:
    """A clause that is said three times running, or a long one twice, is said once."""
    text = re.sub(r"([^，。；,;]{6,60}[，。；,;])\1{2,}", r"\1", text)
    return re.sub(r"([^\n]{15,200}?[，。；,;])\1+", r"\1", text)


# ---- stray spaces ----------------------------------------------------------------------------

_C = r"[\u3400-\u9fff]"
_UNITS = "年月日时分秒个项次名人家元万亿条款级户场期份件批所站处岁周米吨余多%％"


def close_spaces(text: str) -> str:
    """Spaces that typesetting left beside digits and within sentences are closed; lists of names keep theirs."""
    if not re.search(r"[。，；]", text):
        return text
    text = re.sub(rf"(?<={_C}) +(?=\d[\d.,]* ?[{_UNITS}])", "", text)
    text = re.sub(rf"(?<=\d) +(?=[{_UNITS}])", "", text)
    text = re.sub(r"(?<=[，。；、：！？”）]) +(?=[\u3400-\u9fff“])", "", text)
    return re.sub(rf"({_C}*) +({_C}*)", _close, text)


def _close(found: re.Match[str]) -> str:
    """Closed where a word beside it is too long for a list of names and it stands in no quotation."""
    left, right = found[1], found[2]
    before = found.string[: found.start()]
    listed = len(right) <= 3 and has_surname(right)
    quoted = listed or before.count("“") > before.count("”") or before.count("《") > before.count("》")
    if (
        quoted
        or not left
        or not right
        or max(len(left), len(right)) < 5
        or re.search(r"(?:记者|通讯员)$", left)
        or re.fullmatch(r"第[〇零一二三四五六七八九十百千]+[编章节条]", left)
    ):
        return found[0]
    return left + right


CHAIN: tuple[tuple[str, Repair], ...] = (
    ("杂字符", _each("杂字符", clean_characters)),
    ("强调符号", _each("强调符号", drop_emphasis)),
    ("重影标题", _each("重影标题", undouble_heading)),
    ("重影引号", _each("重影引号", undouble_marks)),
    ("重影行", drop_echoes),
    ("拉开的字", _each("拉开的字", close_spaced)),
    ("竖排文字", join_upright),
    ("粘连署名", part_credits),
    ("断行", join_lines),
    ("标题重复", drop_run_in_titles),
    ("重复段落", drop_loops),
    ("口吃", _each("重复段落", cut_stutter)),
    ("多余空格", _each("多余空格", close_spaces)),
)
