"""Pages → lines in reading order.

The order of the file is kept wherever it makes sense; geometry is used only where the
stream was drawn across columns or in shuffled blocks (newspaper pages). Page furniture
(page numbers, running heads) goes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from corpus.types import Box
from ingest.lines import Line, Page, Reading

_PAGE_NUMBER = re.compile(
    r"^\W*(?:第?\s*\d{1,4}\s*[页版]?|第\s*\d{1,4}\s*页\s*[，,/／]?\s*共\s*\d{1,4}\s*页|"
    r"\d{1,4}\s*/\s*\d{1,4}|[Pp]age\s*\d+(?:\s*of\s*\d+)?|[ivxIVX]{1,5})\W*$"
)
_EDGE = 0.09  # the share of a page's height, above and below, where furniture stands


def reading_order(reading: Reading) -> list[Line]:
    """All lines of a file in the order in which people read them, without page furniture.

    In text drawn on pages (PDF), a line that opens a gap gets ``blank_before`` and an
    indented one keeps its indent as two full-width spaces, as plain text would have them.
    """
    repeated = _running_heads(reading.pages)
    lines: list[Line] = []
    for page in reading.pages:
        kept = [line for line in page.lines if not _is_furniture(line, page, repeated)]
        lines += _ordered(kept) if any(line.box for line in kept) else kept
    return lines


# ── page furniture ────────────────────────────────────────────────────────────────────


def _running_heads(pages: Sequence[Page]) -> set[str]:
    """Texts that stand at the edge of at least three pages and of half of them, digits aside."""
    counts = Counter(
        key for page in pages for key in {_key(line.text) for line in page.lines if _at_edge(line, page)}
    )
    return {key for key, count in counts.items() if count >= max(3, len(pages) / 2)}


def _is_furniture(line: Line, page: Page, repeated: set[str]) -> bool:
    if line.box is None:
        return False
    return _at_edge(line, page) and (bool(_PAGE_NUMBER.match(line.text)) or _key(line.text) in repeated)


def _key(text: str) -> str:
    return re.sub(r"[\d\s]", "", text) or "0"


def _at_edge(line: Line, page: Page) -> bool:
    """Whether the line stands outside the block of text: among the highest or lowest on its page."""
    if line.box is None:
        return False
    heights = [other.box.y1 for other in page.lines if other.box]
    tops = [other.box.y0 for other in page.lines if other.box]
    top, bottom = min(tops), max(heights)
    edge = max((bottom - top) * _EDGE, 1.5 * (line.box.y1 - line.box.y0))
    return line.box.y1 <= top + edge or line.box.y0 >= bottom - edge


# ── order ─────────────────────────────────────────────────────────────────────────────


def _ordered(lines: list[Line]) -> list[Line]:
    return _spaced(_rejoined(lines))


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
