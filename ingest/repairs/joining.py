"""Paragraphs and titles from lines that were broken at the width of their column."""

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.lines import Line, joined
from ingest.page.headlines import Kind, ends_sentence, kind_of, numbered, width
from ingest.repairs import spacing
from ingest.repairs.changes import INDENT, Change
from ingest.repairs.doubles import chinese_in

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
    indented = sum(line.text.startswith(INDENT) for line in lines)
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
    if following.level or (setting.indents and following.text.startswith(INDENT)):
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
    opens = lines[at + 1].blank_before or (setting.indents and lines[at + 1].text.startswith(INDENT))
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
    if indents and line.text.startswith(INDENT):
        return False
    if line.level or line.whole or width(line.text) > 28 or len(chinese_in(line.text)) < 5:
        return False
    return kind_of(line) is Kind.BARE and not re.search(r"[:：]|\d{4}年", line.text)


def _title(group: list[Line]) -> Line:
    text = group[0].text.strip()
    for before, line in pairwise(group):
        pair = len(chinese_in(before.text)) == len(chinese_in(line.text)) and " " not in line.text
        text += (" " if pair else "") + line.text.strip()
    return replace(joined(group), text=text)
