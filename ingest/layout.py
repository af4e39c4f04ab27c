"""Pages → lines in reading order.

The order of the file is kept wherever it makes sense; geometry is used only where the
stream was drawn across columns or in shuffled blocks, and on newspaper pages, where it
also tells the articles apart (``stories``). Page furniture (``furniture``) goes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from corpus.types import Box
from ingest.lines import Line, Page, Reading, joined
from ingest.page import stories
from ingest.page.blocks import (
    advance,
    body_size,
    bounds,
    box_of,
    chains,
    columns,
    cut_at_gutters,
    mend_rows,
    most_beside,
    stand_upright,
    stand_upright_large,
)
from ingest.page.columns import by_white_space
from ingest.page.furniture import advertisement, furniture, imprint, masthead, references, running_heads
from ingest.page.furniture import printed_on as printed_on
from ingest.page.heads import LARGE


def reading_order(reading: Reading) -> list[Line]:
    """All lines of a file in the order in which people read them, without page furniture.

    In text drawn on pages (PDF), a line that opens a gap gets ``blank_before`` and an
    indented one keeps its indent as two full-width spaces, as plain text would have them.
    """
    repeated = running_heads(reading.pages)
    body = body_size(reading.lines)
    lines: list[Line] = []
    for page in reading.pages:
        sheet = _newspaper(page)
        if sheet is not None:
            first = max((line.story for line in lines), default=0) + 1
            lines += _articles(sheet, first, page.rules)
            continue
        printed = {id(line) for line in (*masthead(page), *furniture(page, repeated))}
        kept = [line for line in page.lines if id(line) not in printed]
        lines += _ordered(kept, body) if any(line.box for line in kept) else kept
    return lines


# ── newspapers ────────────────────────────────────────────────────────────────────────

_NARROW = 32.0  # characters: a wider column is none of a newspaper's


def _newspaper(page: Page) -> list[Line] | None:
    """The page's lines, cut at gutters and without furniture, if it is a newspaper's page; else None.

    Three columns of prose beside each other and several headlines, or two and a
    newspaper's head above them.
    """
    if len(page.lines) < 20 or not all(line.box for line in page.lines):
        return None
    lines = stand_upright(cut_at_gutters(mend_rows(stand_upright_large(page.lines))))
    cut = replace(page, lines=tuple(lines))
    body = body_size(lines)
    runs = chains([line for line in lines if line.size < LARGE * body])
    narrow = [box for box in columns(runs) if box.x1 - box.x0 < _NARROW * body]
    side_by_side = most_beside(narrow)
    head = masthead(cut)
    headlines = sum(line.size >= LARGE * body and 4 <= len(line.text) <= 40 for line in lines)
    if not (side_by_side >= 3 and headlines >= 2) and not (side_by_side >= 2 and head):
        return None
    printed = {id(line) for line in (*head, *imprint(cut, body), *references(lines))}
    return [line for line in lines if id(line) not in printed]


def _articles(lines: Sequence[Line], first: int, rules: Sequence[Box]) -> list[Line]:
    """A newspaper page's lines, article after article, each with its article's number; no advertisements."""
    found = [a for a in stories.articles(lines, body_size(lines), rules) if not advertisement(a)]
    return [
        replace(line, story=number) for number, article in enumerate(found, start=first) for line in article
    ]


# ── order ─────────────────────────────────────────────────────────────────────────────

_BROKEN = 0.2  # the share of lines torn from their continuation from which a stream is not trusted


def _ordered(lines: list[Line], body: float) -> list[Line]:
    """One page's lines: the stream where it holds together, else blocks cut out by white space."""
    placed = [line for line in lines if line.box]
    runs = chains(placed)
    if _tabular(placed) or not _side_by_side(runs):
        return _spaced(_whole_headlines(_rejoined(lines), body, newspaper=False))
    if _torn(placed, runs) > _BROKEN:
        ordered = [line for block in by_white_space(runs) for line in block]
    else:
        ordered = _with_headlines(lines, body)
    return _spaced(_whole_headlines(ordered, body, newspaper=True))


#: Figures among the lines that stand in one row with their neighbour in the stream: this share makes a table.
_FIGURES = 0.25
_FIGURE = re.compile(r"[\d,.，．%％()（）\-—/\s]*\d[\d,.，．%％()（）\-—/\s]*")


def _tabular(lines: Sequence[Line]) -> bool:
    """Whether the stream goes through the rows of a table of figures, which columns would tear apart."""
    cells = {id(line): line for a, b in pairwise(lines) if _same_row(a, b) for line in (a, b)}
    figures = sum(bool(_FIGURE.fullmatch(line.text)) for line in cells.values())
    return len(cells) >= 0.3 * len(lines) and figures >= _FIGURES * len(cells)


def _side_by_side(runs: Sequence[Sequence[Line]]) -> bool:
    """Whether columns of prose stand beside each other; the cells of a table are no columns."""
    found = columns(runs)
    return any(
        min(a.y1, b.y1) - max(a.y0, b.y0) > 20 and (a.x1 <= b.x0 + 3 or b.x1 <= a.x0 + 3)
        for at, a in enumerate(found)
        for b in found[at + 1 :]
    )


def _torn(lines: Sequence[Line], runs: Sequence[Sequence[Line]]) -> float:
    """The share of the page that the stream tears apart: lines from their continuation, blocks from their order."""
    place = {id(line): at for at, line in enumerate(lines)}
    links = [(a, b) for chain in runs for a, b in pairwise(chain)]
    torn = sum(place[id(b)] != place[id(a)] + 1 for a, b in links) / max(len(links), 1)
    blocks = sorted((chain for chain in runs if len(chain) >= 3), key=lambda chain: place[id(chain[0])])
    leaps = sum(_leaps(bounds(a), bounds(b)) for a, b in pairwise(blocks)) / max(len(blocks) - 1, 1)
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
        target = _right_below(bounds(run), rest)
        if target is not None and target < at:
            ordered = rest[:target] + run + rest[target:]
    return ordered


def _headline_runs(lines: Sequence[Line], least: float) -> list[list[Line]]:
    """Lines set at least so large, those of one headline together."""
    runs: list[list[Line]] = []
    before: Line | None = None
    for line in lines:
        if line.box and line.size >= least > 0 and advance(line) >= 0.75 * least:
            if before is not None and runs and before is runs[-1][-1] and _one_headline(before, line):
                runs[-1].append(line)
            else:
                runs.append([line])
        before = line
    return runs


def _one_headline(upper: Line, lower: Line) -> bool:
    return (
        abs(upper.size - lower.size) < 0.06 * upper.size
        and 0.5 * upper.size < box_of(lower).y0 - box_of(upper).y0 < 2.2 * upper.size
        and min(box_of(upper).x1, box_of(lower).x1) > max(box_of(upper).x0, box_of(lower).x0)
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
    first, last = box_of(upper), box_of(lower)
    return "" if last.x1 - last.x0 < first.x1 - first.x0 - 1.2 * upper.size else " "


def _right_below(box: Box, lines: Sequence[Line]) -> int | None:
    """Index of the line that stands under ``box``, close by; the leftmost of those equally close."""
    height = box.y1 - box.y0
    under = [
        (round((box_of(line).y0 - box.y1) / 6), box_of(line).x0, index)
        for index, line in enumerate(lines)
        if line.box
        and -0.3 * height < line.box.y0 - box.y1 < 2.5 * height
        and min(box.x1, line.box.x1) > max(box.x0, line.box.x0)
    ]
    return min(under)[2] if under else None


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
