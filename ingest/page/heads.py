"""Heads on a newspaper page: headlines with the kickers, subtitles, labels and bylines around them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from corpus.types import Box
from ingest.lines import Line, joined
from ingest.page.blocks import advance, beside, bounds, box_of, chains, distance, is_upright, overlap, rise
from ingest.page.headlines import Kind, ends_sentence, kind_of

LARGE = 1.35  # times the body's size: type from which on a line is a headline
_ASIDE = 1.12  # … and a kicker or a subtitle beside one
_AROUND = (Kind.LABEL, Kind.SUBTITLE, Kind.BYLINE, Kind.MARKER, Kind.CREDIT)
_UNEVEN = 1.75  # … up to here it may be a column's line whose size was taken wrongly
_CLOSE = 1.35  # times the step from line to line in a column: the most within one paragraph


@dataclass(slots=True, eq=False)
class Head:
    """标题组: a headline with the lines that stand around it, in reading order."""

    lines: list[Line]
    upright: bool = False

    @property
    def box(self) -> Box:
        return bounds(self.lines)

    @property
    def size(self) -> float:
        return max(line.size for line in self.lines)


class Edges(NamedTuple):
    """栏边: where a column's unindented lines begin and its full ones end, the widest step to the next line."""

    left: float
    right: float
    step: float


def heads(lines: Sequence[Line], body: float) -> tuple[list[Head], list[Line]]:
    """Heads from large lines and the short lines set aside around them; the lines that are left."""
    text = {id(line) for line in _in_paragraphs(lines, body)}
    groups = [[line] for line in lines if _is_large(line, body) and id(line) not in text]
    merged = True
    while merged:
        merged = False
        for a in groups:
            b = next((b for b in groups if b is not a and _one_head(a, b)), None)
            if b is not None:
                a += b
                groups.remove(b)
                merged = True
                break
    usual = median([advance(line) for line in lines if line.size < LARGE * body] or [body])
    asides = [line for line in lines if not _is_large(line, body)]
    asides = [line for line in asides if _is_aside(line, body, usual, in_text=id(line) in text)]
    cores = [bounds(group) for group in groups]
    found = True
    while found and asides:
        found = False
        for line in list(asides):
            at = _nearest_head(line, groups, cores, body)
            if at is not None:
                groups[at].append(line)
                asides.remove(line)
                found = True
    inside = {id(line) for group in groups for line in group}
    made = [Head(_head_order(group), all(map(is_upright, group))) for group in groups]
    return made, [line for line in lines if id(line) not in inside]


def _in_paragraphs(lines: Sequence[Line], body: float) -> list[Line]:
    """The lines of paragraphs that run through several lines, some of them of the usual size.

    Sizes taken from scanned or squeezed type vary from line to line: the larger ones are no headlines.
    """
    found: list[Line] = []
    for chain in chains(lines, evenness=_UNEVEN):
        left = sorted(box_of(line).x0 for line in chain)[len(chain) // 4]
        right = median(box_of(line).x1 for line in chain)
        drops = [box_of(below).y0 - box_of(above).y0 for above, below in pairwise(chain)]
        column = Edges(left, right, _CLOSE * median(drops or [0.0]))
        paragraphs = [chain[:1]]
        for above, below in pairwise(chain):
            if not _goes_on(above, below, column, body):
                paragraphs.append([])
            paragraphs[-1].append(below)
        for paragraph in paragraphs:
            sizes = [line.size for line in paragraph]
            begins = len(paragraph) > 2 or (len(paragraph) == 2 and sizes[0] < LARGE * body)
            if begins and min(sizes) < LARGE * body and max(sizes) < _UNEVEN * body:
                found += paragraph
    return found


def _goes_on(above: Line, below: Line, column: Edges, body: float) -> bool:
    """Whether two lines of a column are one paragraph's: the upper one is full, the lower one not indented."""
    if kind_of(above) in _AROUND or kind_of(below) in _AROUND:
        return False
    upper, lower = box_of(above), box_of(below)
    full = upper.x1 > column.right - 2 * body and not ends_sentence(above.text)
    return full and lower.x0 < column.left + 0.9 * body and lower.y0 - upper.y0 < column.step


def _is_aside(line: Line, body: float, usual: float, *, in_text: bool) -> bool:
    """Whether a line looks like a kicker, subtitle, label or byline; it is one only beside a head."""
    if kind_of(line) in _AROUND:
        return len(line.text) <= 40
    wide = line.size >= _ASIDE * body and advance(line) >= _ASIDE * usual
    return wide and not in_text and "。" not in line.text


def _nearest_head(line: Line, groups: Sequence[list[Line]], cores: Sequence[Box], body: float) -> int | None:
    """The head that an aside stands close to: above or below its large lines, a label also to their left."""
    box = box_of(line)
    is_label = kind_of(line) is Kind.LABEL
    near = []
    for n, (group, core) in enumerate(zip(groups, cores, strict=True)):
        above = rise(bounds(group), box)
        close = above < max(1.3 * body, 0.6 * max(line.size for line in group))
        reach = (15 if is_label and box.x0 < core.x1 else 3) * body  # a label stands before its headline
        if not is_upright(group[0]) and close and distance(core, box) < reach:
            near.append((above + distance(core, box), n))
    return min(near)[1] if near else None


def _one_head(a: Sequence[Line], b: Sequence[Line]) -> bool:
    """Whether two groups of large lines are one headline: one closely below the other, or upright side by side."""
    one, other = bounds(a), bounds(b)
    size = max(line.size for line in (*a, *b))
    if is_upright(a[0]) != is_upright(b[0]):
        return False
    if is_upright(a[0]):
        alike = abs(a[0].size - b[0].size) < 0.2 * size
        return alike and distance(one, other) < 0.8 * size and beside(one, other) > 0
    return overlap(one, other) > 0.5 * size and -size < rise(one, other) < 0.75 * size


def _head_order(lines: Sequence[Line]) -> list[Line]:
    """Upright lines from the right, others row by row from the top."""
    if all(map(is_upright, lines)):
        return sorted(lines, key=lambda line: -box_of(line).x0)
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: box_of(line).y0):
        low = min(line.size, rows[-1][0].size) if rows else 0.0
        if rows and beside(box_of(rows[-1][0]), box_of(line)) > 0.5 * low:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: box_of(line).x0)]


def _is_large(line: Line, body: float) -> bool:
    least = LARGE * body
    if is_upright(line):
        return line.size >= 1.15 * body
    return line.size >= least and advance(line) >= 0.75 * least


def head_lines(head: Head) -> list[Line]:
    """The head's lines, each whole; the headline as one line of level 1."""
    title = [line for line in head.lines if _is_title(line, head)]
    text = "".join(
        line.text + ("" if n + 1 == len(title) else _glue(line, title[n + 1])) for n, line in enumerate(title)
    )
    whole = replace(joined(title), text=text, level=1, whole=True, blank_before=True)
    out: list[Line] = []
    for line in head.lines:
        if line is title[0]:
            out.append(whole)
        elif not any(line is other for other in title):
            out.append(replace(line, whole=True, blank_before=True))
    return out


def _is_title(line: Line, head: Head) -> bool:
    """Whether a line is set as large as the headline; low characters make a line look smaller than it is."""
    reach = max((advance(other) for other in head.lines if other.size == head.size), default=0.0)
    return line.size > 0.87 * head.size or (line.size > 0.75 * head.size and advance(line) > 0.93 * reach)


def _glue(upper: Line, lower: Line) -> str:
    """A space between parallel lines of a headline, nothing where one was wrapped."""
    end, start = upper.text[-1:], lower.text[:1]
    if end in "，、：；—…" or start == "—":
        return ""
    first, last = box_of(upper), box_of(lower)
    shorter = (
        max(last.x1 - last.x0, last.y1 - last.y0)
        < max(first.x1 - first.x0, first.y1 - first.y0) - 1.2 * upper.size
    )
    return "" if shorter and not (end.isascii() and start.isascii()) else " "
