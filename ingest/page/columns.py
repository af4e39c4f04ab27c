"""Blocks of a page in reading order, cut apart by the white between them."""

from collections.abc import Sequence
from statistics import median

from ingest.lines import Line
from ingest.page.blocks import bounds, box_of


def by_white_space(blocks: list[list[Line]]) -> list[list[Line]]:
    """Blocks in reading order by recursive cuts: a wide gap across, else a gutter, else any gap across."""
    if len(blocks) <= 1:
        return blocks
    boxes = [bounds(block) for block in blocks]
    height = median(box_of(line).y1 - box_of(line).y0 for block in blocks for line in block)
    across = _widest_gap([(box.y0, box.y1) for box in boxes])
    gutter = _widest_gap([(box.x0, box.x1) for box in boxes])
    if across[0] > 1.2 * height or (across[0] > 0 and gutter[0] <= 0.2 * height):
        place, axis = across[1], "y"
    elif gutter[0] > 0.2 * height:
        place, axis = gutter[1], "x"
    else:
        return sorted(blocks, key=lambda block: (bounds(block).y0, bounds(block).x0))
    first = [b for b, box in zip(blocks, boxes, strict=True) if (box.y1 if axis == "y" else box.x1) <= place]
    second = [b for b, box in zip(blocks, boxes, strict=True) if (box.y1 if axis == "y" else box.x1) > place]
    return by_white_space(first) + by_white_space(second)


def _widest_gap(spans: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Width and middle of the widest stretch that no span covers; ``(0, 0)`` where there is none."""
    best = (0.0, 0.0)
    reached: float | None = None
    for start, end in sorted(spans):
        if reached is not None and start - reached > best[0]:
            best = (start - reached, (start + reached) / 2)
        reached = end if reached is None else max(reached, end)
    return best
