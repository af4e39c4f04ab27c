"""Rules and boxes printed on a page: what they part."""

from collections.abc import Sequence

from corpus.types import Box
from ingest.page.blocks import beside, overlap

_THIN = 4.0  # points: what is wider both ways is a box, ruled on its four sides
_SHARE = 0.5  # of the height or width that two blocks share: a rule as long parts them
_MOST = 400  # more is a drawing


class Rules:
    """线条: the rules of one page. ``drawn``: the boxes of its thin lines and of its ruled boxes, in points."""

    def __init__(self, drawn: Sequence[Box] = ()) -> None:
        every = drawn if len(drawn) <= _MOST else ()
        sides = [side for box in every for side in _sides(box)]
        self._upright = [side for side in sides if side.x1 - side.x0 <= _THIN < side.y1 - side.y0]
        self._level = [side for side in sides if side.y1 - side.y0 <= _THIN < side.x1 - side.x0]

    def between(self, one: Box, other: Box) -> bool:
        """Whether a rule stands between two blocks: beside each other, or one above the other."""
        if overlap(one, other) <= 0:
            return any(_parts(rule, one, other) for rule in self._upright)
        if beside(one, other) <= 0:
            return any(_parts(_turned(rule), _turned(one), _turned(other)) for rule in self._level)
        return False


def _sides(box: Box) -> list[Box]:
    if box.x1 - box.x0 <= _THIN or box.y1 - box.y0 <= _THIN:
        return [box]
    return [
        box._replace(x1=box.x0 + 1),
        box._replace(x0=box.x1 - 1),
        box._replace(y1=box.y0 + 1),
        box._replace(y0=box.y1 - 1),
    ]


def _turned(box: Box) -> Box:
    """The box with its axes changed."""
    return Box(box.page, box.y0, box.x0, box.y1, box.x1)


def _parts(rule: Box, one: Box, other: Box) -> bool:
    """Whether an upright rule stands between two blocks, along most of the height that they share."""
    left, right = sorted((one, other), key=lambda box: box.x0)
    if not left.x1 - _THIN < (rule.x0 + rule.x1) / 2 < right.x0 + _THIN:
        return False
    y0, y1 = max(one.y0, other.y0), min(one.y1, other.y1)
    if y1 <= y0:
        y0, y1 = min(one.y1, other.y1), max(one.y0, other.y0)
    return min(rule.y1, y1) - max(rule.y0, y0) >= _SHARE * (y1 - y0)
