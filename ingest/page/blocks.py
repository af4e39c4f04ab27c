"""What stands together on a page: lines cut at gutters, upright type, runs of lines one below the other."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median, median_low

from corpus.types import Box
from ingest.lines import Gap, Line, joined

_CJK = re.compile(r"[\u3400-\u9fff“”‘’（）()【】《》〈〉「」『』、，。：；！？—…·■●◆0-9A-Za-z︵-﹄]")


def box_of(line: Line) -> Box:
    """The line's box; only for lines that have one."""
    assert line.box is not None
    return line.box


def bounds(lines: Sequence[Line]) -> Box:
    """The box around lines."""
    boxes = [box_of(line) for line in lines]
    return Box(
        boxes[0].page,
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )


_SETTLED = 0.3  # the share of a text's characters that makes their size that of the body


def body_size(lines: Sequence[Line]) -> float:
    """The size in which most characters are set, in points; 0 where sizes are unknown.

    Where no size stands out (taken from a scan, it varies from line to line), the middle one
    of the fifth of the scale on which most characters stand.
    """
    counts: Counter[float] = Counter()
    for line in lines:
        counts[line.size] += len(line.text)
    if not counts:
        return 0.0
    most, held = counts.most_common(1)[0]
    if held >= _SETTLED * counts.total():
        return most
    sizes = sorted(counts)
    near = [[size for size in sizes if least <= size <= 1.2 * least] for least in sizes]
    fifth = max(near, key=lambda window: sum(counts[size] for size in window))
    return median_low(size for size in fifth for _ in range(counts[size]))


def advance(line: Line) -> float:
    """How far a character of the line reaches, in points; large letters reach far, high boxes alone do not."""
    box = box_of(line)
    return (box.x1 - box.x0) / max(sum(0.5 if char < "\u2000" else 1.0 for char in line.text), 1.0)


def overlap(a: Box, b: Box) -> float:
    """Points of the page's width that both cover; negative: how far they stand apart."""
    return min(a.x1, b.x1) - max(a.x0, b.x0)


def beside(a: Box, b: Box) -> float:
    """Points of the page's height that both cover; negative: how far they stand apart."""
    return min(a.y1, b.y1) - max(a.y0, b.y0)


def distance(a: Box, b: Box) -> float:
    """How far two boxes stand apart across the page, 0 where they overlap."""
    return max(0.0, -overlap(a, b))


def rise(a: Box, b: Box) -> float:
    """How far two boxes stand apart down the page, 0 where they overlap."""
    return max(0.0, -beside(a, b))


# ── runs of lines ─────────────────────────────────────────────────────────────────────


def chains(lines: Sequence[Line], *, evenness: float = 1.33) -> list[list[Line]]:
    """Lines that stand one below the other like lines of one column, each line in one chain.

    ``evenness``: how much higher one line may be than the next.
    """
    by_top = sorted((box_of(line).y0, index) for index, line in enumerate(lines))
    below = {index: _nearest_below(index, lines, by_top, evenness) for index in range(len(lines))}
    claimed: dict[int, int] = {}
    for upper, lower in below.items():
        if lower is not None and (
            lower not in claimed
            or _drop(lines[claimed[lower]], lines[lower]) > _drop(lines[upper], lines[lower])
        ):
            claimed[lower] = upper
    follows = {upper: lower for lower, upper in claimed.items()}
    found = []
    for index in range(len(lines)):
        if index in claimed:
            continue
        chain = [index]
        while chain[-1] in follows:
            chain.append(follows[chain[-1]])
        found.append([lines[at] for at in chain])
    return found


def _nearest_below(
    index: int, lines: Sequence[Line], by_top: Sequence[tuple[float, int]], evenness: float
) -> int | None:
    """The line that continues this one on the page: right below, as large, over the same width."""
    box = box_of(lines[index])
    first = bisect_left(by_top, (box.y0, -1))
    last = bisect_left(by_top, (box.y0 + 2.2 * max(box.y1 - box.y0, 1.0), -1))
    below = (other for _, other in by_top[first:last] if other != index)
    return next((other for other in below if _continues(lines[index], lines[other], evenness)), None)


def _continues(line: Line, below: Line, evenness: float) -> bool:
    upper, lower = box_of(line), box_of(below)
    height = max(upper.y1 - upper.y0, 1.0)
    if not 0.5 * height < lower.y0 - upper.y0 < 2.2 * height:
        return False
    if not 1 / evenness < (lower.y1 - lower.y0) / height < evenness:
        return False
    narrower = min(upper.x1 - upper.x0, lower.x1 - lower.x0)
    return overlap(upper, lower) > 0.5 * narrower and abs(upper.x0 - lower.x0) < 3.5 * height


def _drop(upper: Line, lower: Line) -> float:
    return box_of(lower).y0 - box_of(upper).y0


def is_prose(chain: Sequence[Line]) -> bool:
    """Lines that mostly fill their column, of at least seven characters."""
    around = bounds(chain)
    width = around.x1 - around.x0
    full = sum(box_of(line).x1 > around.x1 - 0.1 * width for line in chain)
    return full >= 0.5 * len(chain) and median(len(line.text) for line in chain) >= 7


def columns(found: Sequence[Sequence[Line]], least: int = 4) -> list[Box]:
    """The boxes of the runs that are columns of prose of at least so many lines."""
    return [bounds(chain) for chain in found if len(chain) >= least and is_prose(chain)]


def most_beside(boxes: Sequence[Box]) -> int:
    """How many columns stand beside each other at most, over 20 points of the page's height."""
    best = 0
    for box in boxes:
        reached, count = float("-inf"), 0
        for other in sorted((b for b in boxes if beside(box, b) > 20 or b is box), key=lambda b: b.x1):
            if other.x0 >= reached - 3:
                reached, count = other.x1, count + 1
        best = max(best, count)
    return best


# ── lines torn to pieces ──────────────────────────────────────────────────────────────


def mend_rows(lines: Sequence[Line]) -> list[Line]:
    """Lines whose characters came interleaved with another row's, put together again by place.

    Readers that order characters across a page mix rows that nearly touch; the pieces of
    one row stand edge to edge, which the columns of a page never do.
    """
    rows: list[list[Line]] = []
    open_: list[list[Line]] = []
    level = [line for line in lines if line.box and not is_upright(line)]
    for line in sorted(level, key=lambda line: box_of(line).x0):
        least = box_of(line).x0 - _extent(line)
        open_ = [row for row in open_ if box_of(row[-1]).x1 > least]
        near = [row for row in open_ if _goes_on_in_row(row, line)]
        if near:
            min(near, key=lambda row: _unevenness(row, line)).append(line)
        else:
            rows.append([line])
            open_.append(rows[-1])
    torn = {id(row[0]): row for row in rows if len(row) > 1}
    inside = {id(line): id(row[0]) for row in torn.values() for line in row}
    first: dict[int, int] = {}
    for line in lines:
        if (key := inside.get(id(line))) is not None:
            first.setdefault(key, id(line))
    return [
        _mended(torn[inside[id(line)]]) if id(line) in inside else line
        for line in lines
        if id(line) not in inside or first[inside[id(line)]] == id(line)
    ]


def _goes_on_in_row(row: Sequence[Line], right: Line) -> bool:
    """Whether a piece stands edge to edge with the end of a row.

    Some fonts tell a character's ink and not its height: “一” is flat, “工” low.
    """
    left = _tallest(row)
    a, b = box_of(left), box_of(right)
    if beside(a, b) <= 0.75 * min(a.y1 - a.y0, b.y1 - b.y0):
        return False
    low, high = sorted((left, right), key=_extent)
    size = _extent(high)
    alike = size < (2.2 if len(low.text) == 1 else 1.25) * _extent(low)
    return alike and -0.6 * size < b.x0 - box_of(row[-1]).x1 < 0.45 * size


def _extent(line: Line) -> float:
    """How large it is set, in points, whatever its ink is."""
    return max(line.size, advance(line))


def _tallest(row: Sequence[Line]) -> Line:
    """Which of a row's last pieces shows best how high it stands."""
    return max(row[-3:], key=lambda line: line.size)


def _unevenness(row: Sequence[Line], line: Line) -> float:
    a, b = box_of(_tallest(row)), box_of(line)
    return abs(a.y0 + a.y1 - b.y0 - b.y1)


def _mended(row: Sequence[Line]) -> Line:
    text, gaps = "", []
    for line in row:
        gaps += [gap._replace(at=gap.at + len(text)) for gap in line.gaps]
        text += line.text
    size = max(line.size for line in row)
    return replace(row[0], text=text, box=bounds(row), size=size, gaps=tuple(gaps))


# ── lines drawn across columns ────────────────────────────────────────────────────────

_WIDE = 0.7  # characters: a gap that needs no wide ones around it to be a gutter
_NEAR = 9  # lines above and below that are asked whether a gap is a gutter


def cut_at_gutters(lines: Sequence[Line]) -> list[Line]:
    """Lines drawn across columns, parted where the lines around them leave the same gap."""
    if not any(line.gaps for line in lines):
        return list(lines)
    placed = sorted((line for line in lines if line.box), key=lambda line: box_of(line).y0)
    tops = [box_of(line).y0 for line in placed]
    out: list[Line] = []
    for line in lines:
        cuts = [gap for gap in line.gaps if line.box and _is_gutter(gap, line, placed, tops)]
        out += _parted(line, cuts) if cuts else [line]
    return out


def _is_gutter(gap: Gap, line: Line, placed: Sequence[Line], tops: Sequence[float]) -> bool:
    """Whether most lines near by leave this stretch white, some of them with text on both sides of it.

    A slit, no wider than what stands after a mark, asks for wide gaps around it.
    """
    box = box_of(line)
    reach = _NEAR * 1.6 * (box.y1 - box.y0)
    near = placed[bisect_left(tops, box.y0 - reach) : bisect_right(tops, box.y0 + reach)]
    slit = gap.x1 - gap.x0 <= _WIDE * line.size
    parted = crossed = 0
    for other in near:
        around = box_of(other)
        if other is line or around.x1 <= gap.x0 - 200 or around.x0 >= gap.x1 + 200:
            continue
        least = _WIDE * other.size if slit else 0.0
        white = (g for g in other.gaps if g.x1 - g.x0 > least)
        if any(min(g.x1, gap.x1) - max(g.x0, gap.x0) > 0.4 * line.size for g in white):
            parted += 1
        elif around.x0 < gap.x0 - 1 and around.x1 > gap.x1 + 1:
            crossed += 1
        elif not slit:
            left = abs(around.x1 - gap.x0) < 0.6 * line.size
            right = abs(around.x0 - gap.x1) < 0.6 * line.size
            parted += (left or right) and other.size < 1.3 * line.size
    return parted >= 4 and parted > 2 * crossed


def _parted(line: Line, cuts: Sequence[Gap]) -> list[Line]:
    """The pieces of a line between cuts, each with its own box."""
    box = box_of(line)
    edges = [(0, box.x0), *((cut.at, cut.x1) for cut in cuts)]
    ends = [*((cut.at, cut.x0) for cut in cuts), (len(line.text), box.x1)]
    pieces = []
    for (start, x0), (end, x1) in zip(edges, ends, strict=True):
        gaps = tuple(Gap(gap.at - start, gap.x0, gap.x1) for gap in line.gaps if start < gap.at < end)
        text = line.text[start:end].rstrip()
        pieces.append(replace(line, text=text, box=box._replace(x0=x0, x1=x1), gaps=gaps))
    return pieces


# ── upright type ──────────────────────────────────────────────────────────────────────


def stand_upright(lines: Sequence[Line]) -> list[Line]:
    """Characters set one below the other become one line, where the first of them stood.

    Only three or more that stand alone on their rows count: the last syllables of paragraphs do not.
    """
    return _stood_upright(lines, [line for line in lines if _is_one_character(line)])


def stand_upright_large(lines: Sequence[Line]) -> list[Line]:
    """As ``stand_upright``, for characters larger than the body's alone.

    Two such headlines side by side look like rows of two characters, and would be joined across.
    """
    least = 1.15 * body_size(lines)
    return _stood_upright(
        lines, [line for line in lines if _is_one_character(line) and _extent(line) >= least]
    )


def _is_one_character(line: Line) -> bool:
    return line.box is not None and len(line.text) == 1 and bool(_CJK.match(line.text))


def _stood_upright(lines: Sequence[Line], single: Sequence[Line]) -> list[Line]:
    runs: list[list[Line]] = []
    for line in sorted(single, key=lambda line: box_of(line).y0 + box_of(line).y1):
        run = next((run for run in runs if _goes_on_upright(run[-1], line)), None)
        if run is not None:
            run.append(line)
        else:
            runs.append([line])
    upright = {id(run[0]): run for run in runs if len(run) >= 3}
    inside = {id(line) for run in upright.values() for line in run}
    return [
        _joined_upright(upright[id(line)]) if id(line) in upright else line
        for line in lines
        if id(line) in upright or id(line) not in inside
    ]


def _joined_upright(run: Sequence[Line]) -> Line:
    size = max(line.size for line in run)  # brackets that lie on their side are low
    return replace(joined(run), box=bounds(run), size=size, gaps=())


def _goes_on_upright(upper: Line, lower: Line) -> bool:
    a, b = box_of(upper), box_of(lower)
    size = max(upper.size, lower.size)
    middle = abs((a.x0 + a.x1) - (b.x0 + b.x1)) / 2
    return middle < 0.45 * size and 0.4 * size < (b.y0 + b.y1 - a.y0 - a.y1) / 2 < 1.7 * size


def is_upright(line: Line) -> bool:
    """Whether it was joined from characters one below the other, or read as one such line off a picture."""
    if line.box is not None and len(line.text) >= 3 and not line.parts:
        return line.box.y1 - line.box.y0 > 2 * (line.box.x1 - line.box.x0)
    return len(line.parts) >= 3 and all(len(part.text) == 1 for part in line.parts)
