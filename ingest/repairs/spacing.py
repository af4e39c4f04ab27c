"""Where a paragraph goes on, told by how a document is set: indents and the white between its lines.

A document that parts its paragraphs by white, or opens each with an indent, shows it at the
lines where a paragraph is over for certain: those that stop short of the margin. What it
does there, it does everywhere.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from ingest.lines import Line

_INDENT = "\u3000\u3000"
_SHORT = 3.0  # characters: a line that stops so far from the margin ends its paragraph
_FULL = 1.6  # characters: no word would have fitted any more
_CUSTOM = 0.8  # share of certain ends after which something holds for the document
_ENOUGH = 5  # certain ends that tell a custom
_LOOSE = 1.25  # the pitch between paragraphs against that inside them


class _Margins(NamedTuple):
    left: float
    right: float


def goes_on(lines: Sequence[Line]) -> list[bool | None]:
    """For each line whether the next is set as its continuation; None where the setting does not tell.

    It tells only of lines drawn in one column, whose documents show a custom at the ends of
    their paragraphs; of the last line of a page only where that custom is an indent, or where it
    fills its column up to a semicolon.
    """
    margins = _margins(lines)
    pairs = list(pairwise(lines))
    pitch = _pitch(pairs, margins)
    ends = [(a, b) for a, b in pairs if _stops(a, margins) and _beside(a, b)]
    indents = _is_custom([_is_indented(b) for _, b in ends])
    shown = indents or _is_custom([_is_indented(b) or _is_loose(a, b, pitch) for a, b in ends])
    told: list[bool | None] = []
    for above, below in pairs:
        if not shown or below.box is None or not _reaches(above, margins):
            told.append(None)
        elif _is_indented(below):
            told.append(False)
        elif _beside(above, below):
            told.append(not _is_loose(above, below, pitch))
        else:
            amid = indents or above.text.rstrip().endswith("；")
            told.append(True if amid and above.page != below.page else None)
    return [*told, None] if lines else []


def _is_indented(line: Line) -> bool:
    return line.text.startswith(_INDENT)


def _margins(lines: Sequence[Line]) -> dict[int, _Margins]:
    """Left and right margin of each page whose text stands in one column."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        if line.box is not None and not line.story:
            pages.setdefault(line.page, []).append(line)
    found: dict[int, _Margins] = {}
    for page, placed in pages.items():
        boxes = [line.box for line in placed if line.box is not None]
        beside = sum(min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5 * (a.y1 - a.y0) for a, b in pairwise(boxes))
        if beside <= 0.05 * len(boxes):
            found[page] = _Margins(min(box.x0 for box in boxes), max(box.x1 for box in boxes))
    return found


def _pitch(pairs: Sequence[tuple[Line, Line]], margins: dict[int, _Margins]) -> float:
    """Points from line to line inside paragraphs: the usual step after a line that fills its column."""
    steps = [_step(a, b) for a, b in pairs if _reaches(a, margins) and _beside(a, b)]
    return median(steps) if steps else 0.0


def _beside(above: Line, below: Line) -> bool:
    """Whether the one stands right above the other, in type of one size."""
    return (
        above.box is not None
        and below.box is not None
        and above.page == below.page
        and 0 < _step(above, below) < 4 * max(above.size, 1.0)
        and abs(above.size - below.size) < 0.1 * max(above.size, below.size)
    )


def _step(above: Line, below: Line) -> float:
    assert above.box is not None and below.box is not None
    return below.box.y1 - above.box.y1


def _is_loose(above: Line, below: Line, pitch: float) -> bool:
    return pitch > 0 and _step(above, below) > _LOOSE * pitch


def _stops(line: Line, margins: dict[int, _Margins]) -> bool:
    page = margins.get(line.page)
    return (
        page is not None and line.box is not None and line.box.x1 < page.right - _SHORT * max(line.size, 1.0)
    )


def _reaches(line: Line, margins: dict[int, _Margins]) -> bool:
    page = margins.get(line.page)
    if page is None or line.box is None or line.level or line.whole:
        return False
    return line.box.x1 >= page.right - _FULL * max(line.size, 1.0)


def _is_custom(seen: Sequence[bool]) -> bool:
    return len(seen) >= _ENOUGH and sum(seen) >= _CUSTOM * len(seen)
