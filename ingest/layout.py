"""Pages → lines in reading order.

The order of the file is kept wherever it makes sense; geometry is used only where the
stream was drawn across columns or in shuffled blocks (newspaper pages). Page furniture
(page numbers, running heads) goes.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from corpus.types import Box
from ingest.lines import Line, Page, Reading, joined

_PAGE_NUMBER = re.compile(
    r"^\W*(?:页[码数]?\s*)?(?:第?\s*\d{1,4}\s*[页版]?|第\s*\d{1,4}\s*页\s*[，,/／]?\s*共\s*\d{1,4}\s*页|"
    r"\d{1,4}\s*/\s*\d{1,4}|[Pp]age\s*\d+(?:\s*of\s*\d+)?|[ivxIVX]{1,5})\W*$"
)
_DAY = re.compile(r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日")
_SHEET = re.compile(r"第\s*[A-Z]?\d{1,3}\s*版|^[A-Z]?\d{1,2}\s*版|版面")
_EDGE = 0.09  # the share of a page's height, above and below, where furniture stands


def reading_order(reading: Reading) -> list[Line]:
    """All lines of a file in the order in which people read them, without page furniture.

    In text drawn on pages (PDF), a line that opens a gap gets ``blank_before`` and an
    indented one keeps its indent as two full-width spaces, as plain text would have them.
    """
    repeated = _running_heads(reading.pages)
    body = _body_size(reading.lines)
    lines: list[Line] = []
    for page in reading.pages:
        head, edges = _masthead(page), _edges(page)
        printed = {id(line) for line in (*head, *_colophon(page, body, bool(head)))}
        kept = [
            line
            for line in page.lines
            if id(line) not in printed and not _is_furniture(line, edges, repeated)
        ]
        lines += _ordered(kept, body) if any(line.box for line in kept) else kept
    return lines


def printed_on(reading: Reading) -> str:
    """What a newspaper's head says of the day, as it stands there; ``""`` where there is no such head."""
    heads = (line.text for page in reading.pages for line in _masthead(page))
    return next((found.group() for text in heads if (found := _DAY.search(text))), "")


# ── page furniture ────────────────────────────────────────────────────────────────────


def _masthead(page: Page) -> list[Line]:
    """The head of a newspaper's page: the row at its top that gives the day and the number of the page."""
    placed = [line for line in page.lines if line.box]
    if len(placed) < 20:
        return []
    whole = _bounds(placed)
    upper = [line for line in placed if _box(line).y1 <= whole.y0 + 0.12 * (whole.y1 - whole.y0)]
    marks = [line for line in upper if _DAY.search(line.text) or _SHEET.search(line.text)]
    text = " ".join(line.text for line in marks)
    if not (_DAY.search(text) and (_SHEET.search(text) or "星期" in text)) or len(text) > 60:
        return []
    row = _bounds(marks)
    return [line for line in upper if _box(line).y0 < row.y1 and _box(line).y1 > row.y0]


def _colophon(page: Page, body: float, newspaper: bool) -> list[Line]:
    """The foot of a newspaper's page: a row in smaller type below all columns (编辑, 社址, a notice)."""
    placed = [line for line in page.lines if line.box]
    if not newspaper or not placed:
        return []
    lowest = max(placed, key=lambda line: _box(line).y1)
    row = [line for line in placed if _box(line).y1 > _box(lowest).y0]
    above = max((_box(line).y1 for line in placed if _box(line).y1 <= _box(lowest).y0), default=0.0)
    apart = _box(lowest).y0 - above > 0.3 * body
    small = all(0 < line.size < 0.92 * body for line in row)
    return row if apart and small and all(_at_edge(line, _edges(page)) for line in row) else []


def _running_heads(pages: Sequence[Page]) -> set[str]:
    """Texts that stand at the edge of at least three pages and of half of them, digits aside."""
    counts = Counter(
        key
        for page, edges in ((page, _edges(page)) for page in pages)
        for key in {_key(line.text) for line in page.lines if _at_edge(line, edges)}
    )
    return {key for key, count in counts.items() if count >= max(3, len(pages) / 2)}


def _is_furniture(line: Line, edges: tuple[float, float], repeated: set[str]) -> bool:
    at_edge = _at_edge(line, edges)
    return at_edge and (bool(_PAGE_NUMBER.match(line.text)) or _key(line.text) in repeated)


def _key(text: str) -> str:
    return re.sub(r"[\d\s]", "", text) or "0"


def _edges(page: Page) -> tuple[float, float]:
    """Where the head of a page ends and its foot begins, in points from the top."""
    boxes = [line.box for line in page.lines if line.box]
    if not boxes:
        return 0.0, 0.0
    top, bottom = min(box.y0 for box in boxes), max(box.y1 for box in boxes)
    edge = max((bottom - top) * _EDGE, 1.5 * median(box.y1 - box.y0 for box in boxes))
    return top + edge, bottom - edge


def _at_edge(line: Line, edges: tuple[float, float]) -> bool:
    return line.box is not None and (line.box.y1 <= edges[0] or line.box.y0 >= edges[1])


# ── order ─────────────────────────────────────────────────────────────────────────────

_BROKEN = 0.2  # the share of lines torn from their continuation from which a stream is not trusted


def _ordered(lines: list[Line], body: float) -> list[Line]:
    """One page's lines: the stream where it holds together, else blocks cut out by white space."""
    placed = [line for line in lines if line.box]
    chains = _chains(placed)
    if not _side_by_side(chains):
        return _spaced(_whole_headlines(_rejoined(lines), body, newspaper=False))
    if _torn(placed, chains) > _BROKEN:
        ordered = [line for block in _by_white_space(chains) for line in block]
    else:
        ordered = _with_headlines(lines, body)
    return _spaced(_whole_headlines(ordered, body, newspaper=True))


def _body_size(lines: Sequence[Line]) -> float:
    """The size in which most characters are set, 0 where sizes are unknown."""
    counts: Counter[float] = Counter()
    for line in lines:
        counts[line.size] += len(line.text)
    return counts.most_common(1)[0][0] if counts else 0.0


def _chains(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand one below the other like lines of one column, each line in one chain."""
    by_top = sorted((_box(line).y0, index) for index, line in enumerate(lines))
    below = {index: _nearest_below(index, lines, by_top) for index in range(len(lines))}
    claimed: dict[int, int] = {}
    for upper, lower in below.items():
        if lower is not None and (
            lower not in claimed
            or _drop(lines[claimed[lower]], lines[lower]) > _drop(lines[upper], lines[lower])
        ):
            claimed[lower] = upper
    follows = {upper: lower for lower, upper in claimed.items()}
    chains = []
    for index in range(len(lines)):
        if index in claimed:
            continue
        chain = [index]
        while chain[-1] in follows:
            chain.append(follows[chain[-1]])
        chains.append([lines[at] for at in chain])
    return chains


def _nearest_below(index: int, lines: Sequence[Line], by_top: Sequence[tuple[float, int]]) -> int | None:
    """The line that continues this one on the page: right below, as large, over the same width."""
    box = _box(lines[index])
    first = bisect_left(by_top, (box.y0, -1))
    last = bisect_left(by_top, (box.y0 + 2.2 * max(box.y1 - box.y0, 1.0), -1))
    below = (other for _, other in by_top[first:last] if other != index)
    return next((other for other in below if _continues(lines[index], lines[other])), None)


def _continues(line: Line, below: Line) -> bool:
    upper, lower = _box(line), _box(below)
    height = max(upper.y1 - upper.y0, 1.0)
    if not 0.5 * height < lower.y0 - upper.y0 < 2.2 * height:
        return False
    if not 0.75 < (lower.y1 - lower.y0) / height < 1.33:
        return False
    overlap = min(upper.x1, lower.x1) - max(upper.x0, lower.x0)
    return (
        overlap > 0.5 * min(upper.x1 - upper.x0, lower.x1 - lower.x0)
        and abs(upper.x0 - lower.x0) < 3.5 * height
    )


def _drop(upper: Line, lower: Line) -> float:
    return _box(lower).y0 - _box(upper).y0


def _box(line: Line) -> Box:
    assert line.box is not None
    return line.box


def _side_by_side(chains: Sequence[Sequence[Line]]) -> bool:
    """Whether columns of prose stand beside each other; the cells of a table are no columns."""
    columns = [_bounds(chain) for chain in chains if len(chain) >= 4 and _is_prose(chain)]
    return any(
        min(a.y1, b.y1) - max(a.y0, b.y0) > 20 and (a.x1 <= b.x0 + 3 or b.x1 <= a.x0 + 3)
        for at, a in enumerate(columns)
        for b in columns[at + 1 :]
    )


def _is_prose(chain: Sequence[Line]) -> bool:
    """Lines that mostly fill their column, of at least seven characters."""
    bounds = _bounds(chain)
    width = bounds.x1 - bounds.x0
    full = sum(_box(line).x1 > bounds.x1 - 0.1 * width for line in chain)
    return full >= 0.5 * len(chain) and median(len(line.text) for line in chain) >= 7


def _bounds(lines: Sequence[Line]) -> Box:
    boxes = [_box(line) for line in lines]
    return Box(
        boxes[0].page,
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )


def _torn(lines: Sequence[Line], chains: Sequence[Sequence[Line]]) -> float:
    """The share of the page that the stream tears apart: lines from their continuation, blocks from their order."""
    place = {id(line): at for at, line in enumerate(lines)}
    links = [(a, b) for chain in chains for a, b in pairwise(chain)]
    torn = sum(place[id(b)] != place[id(a)] + 1 for a, b in links) / max(len(links), 1)
    blocks = sorted((chain for chain in chains if len(chain) >= 3), key=lambda chain: place[id(chain[0])])
    leaps = sum(_leaps(_bounds(a), _bounds(b)) for a, b in pairwise(blocks)) / max(len(blocks) - 1, 1)
    return max(torn, leaps)


def _leaps(block: Box, after: Box) -> bool:
    """Whether the second block cannot be read after the first: up the page without going right."""
    return after.y1 <= block.y0 + 3 and after.x0 < block.x1 - 3


def _with_headlines(lines: list[Line], body: float) -> list[Line]:
    """Headlines drawn after their article (shadows are often painted last) go before the line below them."""
    ordered = list(lines)
    for run in _headline_runs(lines, 1.4 * body):
        at = ordered.index(run[0])
        rest = ordered[:at] + ordered[at + len(run) :]
        target = _right_below(_bounds(run), rest)
        if target is not None and target < at:
            ordered = rest[:target] + run + rest[target:]
    return ordered


def _headline_runs(lines: Sequence[Line], least: float) -> list[list[Line]]:
    """Lines set at least so large, those of one headline together."""
    runs: list[list[Line]] = []
    before: Line | None = None
    for line in lines:
        if line.box and line.size >= least > 0 and _advance(line) >= 0.75 * least:
            if before is not None and runs and before is runs[-1][-1] and _one_headline(before, line):
                runs[-1].append(line)
            else:
                runs.append([line])
        before = line
    return runs


def _advance(line: Line) -> float:
    """How far a character of the line reaches, in points; large letters reach far, high boxes alone do not."""
    box = _box(line)
    return (box.x1 - box.x0) / max(sum(0.5 if char < "\u2000" else 1.0 for char in line.text), 1.0)


def _one_headline(upper: Line, lower: Line) -> bool:
    return (
        abs(upper.size - lower.size) < 0.06 * upper.size
        and 0.5 * upper.size < _drop(upper, lower) < 2.2 * upper.size
        and min(_box(upper).x1, _box(lower).x1) > max(_box(upper).x0, _box(lower).x0)
    )


def _whole_headlines(lines: list[Line], body: float, *, newspaper: bool) -> list[Line]:
    """Each headline as one line with a heading level.

    On a newspaper page every headline opens an article (level 1); elsewhere the largest
    is the title and the others are its sections.
    """
    least = (1.4 if newspaper else 1.3) * body  # newspapers vary the size of their body
    runs = {id(run[0]): run for run in _headline_runs(lines, least) if _reads_as_headline(run)}
    largest = max((run[0].size for run in runs.values()), default=0.0)
    inside = {id(line) for run in runs.values() for line in run}
    whole: list[Line] = []
    for line in lines:
        if run := runs.get(id(line)):
            level = 1 if newspaper or line.size > 0.94 * largest else 2
            text = "".join(_headline_glue(a, b) + b.text for a, b in pairwise(run))
            whole.append(
                replace(joined(run), text=run[0].text + text, level=level, whole=True, blank_before=True)
            )
        elif id(line) not in inside:
            after = bool(whole) and whole[-1].whole
            whole.append(replace(line, blank_before=True) if after else line)
    return whole


def _reads_as_headline(run: Sequence[Line]) -> bool:
    """A few lines and no sentence: a leading paragraph in large type is text."""
    text = "".join(line.text for line in run)
    if "。" in text or "本报讯" in text or text.endswith(("，", "；")):
        return False
    return len(run) <= 4 and len(text) <= 80


def _headline_glue(upper: Line, lower: Line) -> str:
    """A space between two parallel lines; nothing where a line was wrapped: the next is clearly shorter."""
    end, start = upper.text[-1:], lower.text[:1]
    if end.isascii() and start.isascii():
        return " "
    if end in "，、：；—…" or start == "—":
        return ""
    first, last = _box(upper), _box(lower)
    return "" if last.x1 - last.x0 < first.x1 - first.x0 - 1.2 * upper.size else " "


def _right_below(box: Box, lines: Sequence[Line]) -> int | None:
    """Index of the line that stands under ``box``, close by; the leftmost of those equally close."""
    height = box.y1 - box.y0
    under = [
        (round((_box(line).y0 - box.y1) / 6), _box(line).x0, index)
        for index, line in enumerate(lines)
        if line.box
        and -0.3 * height < line.box.y0 - box.y1 < 2.5 * height
        and min(box.x1, line.box.x1) > max(box.x0, line.box.x0)
    ]
    return min(under)[2] if under else None


def _by_white_space(blocks: list[list[Line]]) -> list[list[Line]]:
    """Blocks in reading order by recursive cuts: a wide gap across, else a gutter, else any gap across."""
    if len(blocks) <= 1:
        return blocks
    bounds = [_bounds(block) for block in blocks]
    height = median(_box(line).y1 - _box(line).y0 for block in blocks for line in block)
    across = _widest_gap([(box.y0, box.y1) for box in bounds])
    gutter = _widest_gap([(box.x0, box.x1) for box in bounds])
    if across[0] > 1.2 * height or (across[0] > 0 and gutter[0] <= 0.2 * height):
        place, axis = across[1], "y"
    elif gutter[0] > 0.2 * height:
        place, axis = gutter[1], "x"
    else:
        return sorted(blocks, key=lambda block: (_bounds(block).y0, _bounds(block).x0))
    first = [b for b, box in zip(blocks, bounds, strict=True) if (box.y1 if axis == "y" else box.x1) <= place]
    second = [b for b, box in zip(blocks, bounds, strict=True) if (box.y1 if axis == "y" else box.x1) > place]
    return _by_white_space(first) + _by_white_space(second)


def _widest_gap(spans: list[tuple[float, float]]) -> tuple[float, float]:
    """Width and middle of the widest stretch that no span covers; ``(0, 0)`` where there is none."""
    best = (0.0, 0.0)
    reached: float | None = None
    for start, end in sorted(spans):
        if reached is not None and start - reached > best[0]:
            best = (start - reached, (start + reached) / 2)
        reached = end if reached is None else max(reached, end)
    return best


def _rejoined(lines: Iterable[Line]) -> list[Line]:
    """Runs on one baseline that follow each other are one line: a wide gap inside it became two."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last is not None and _same_row(last, line):
            assert last.box is not None and line.box is not None
            box = Box(
                last.page,
                last.box.x0,
                min(last.box.y0, line.box.y0),
                line.box.x1,
                max(last.box.y1, line.box.y1),
            )
            joined[-1] = replace(last, text=f"{last.text}　{line.text}", box=box)
        else:
            joined.append(line)
    return joined


def _same_row(first: Line, second: Line) -> bool:
    if first.box is None or second.box is None or first.page != second.page:
        return False
    height = min(first.box.y1 - first.box.y0, second.box.y1 - second.box.y0)
    overlap = min(first.box.y1, second.box.y1) - max(first.box.y0, second.box.y0)
    return overlap > 0.6 * height and second.box.x0 >= first.box.x1


def _spaced(lines: list[Line]) -> list[Line]:
    """Mark gaps between lines and write indents out."""
    placed = [line for line in lines if line.box]
    pitches = [
        below.box.y0 - above.box.y0
        for above, below in pairwise(placed)
        if above.box and below.box and 0 < below.box.y0 - above.box.y0 < 4 * (above.box.y1 - above.box.y0)
    ]
    pitch = median(pitches) if pitches else 0.0
    spaced = []
    for index, line in enumerate(lines):
        above = lines[index - 1] if index else None
        below = lines[index + 1] if index + 1 < len(lines) else None
        gap = above is not None and _gap(above, line, pitch)
        text = f"　　{line.text}" if _indented(line, above, below) else line.text
        spaced.append(replace(line, text=text, blank_before=line.blank_before or gap))
    return spaced


def _gap(above: Line, line: Line, pitch: float) -> bool:
    if above.box is None or line.box is None:
        return False
    if abs(above.size - line.size) > 0.15 * max(above.size, line.size):
        return True
    return line.box.y0 - above.box.y0 > 1.45 * pitch > 0


def _indented(line: Line, above: Line | None, below: Line | None) -> bool:
    """Two characters right of the line below (or, in a paragraph's only line, of the one above)."""
    if line.box is None:
        return False
    for other in (below, above):
        if other is not None and other.box is not None and other.page == line.page:
            near = abs(other.box.y0 - line.box.y0) < 3 * (line.box.y1 - line.box.y0)
            step = (line.box.x0 - other.box.x0) / max(line.size, 1.0)
            if near and 1.2 < step < 3.2:
                return True
    return False
