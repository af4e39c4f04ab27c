"""A newspaper's page while its text is being given to its headlines: what stands where, and how to what."""

import re
from collections.abc import Sequence
from statistics import median

from corpus.types import Box
from ingest.lines import Line
from ingest.page.blocks import beside, box_of, distance, is_upright, overlap, rise
from ingest.page.headlines import Kind, kind_of
from ingest.page.heads import Head, heads
from ingest.page.rules import Rules
from ingest.page.text_blocks import Article, Block, as_wide, is_dated, joint, pitch_of, text_blocks, width_of

CONTINUED = re.compile(r"^[（(\[〔［]\s*(?:上接|紧接|接)")


class Sheet:
    """版面: its heads, blocks and upright labels; ``owned`` has each head's article, ``loose`` those without one.

    Lengths are points; ``body`` is the size of the body's type, ``pitch`` the step from line to line.
    """

    def __init__(self, lines: Sequence[Line], body: float, rules: Sequence[Box] = ()) -> None:
        self.body = body
        self.labels = [line for line in lines if is_upright(line) and kind_of(line) is Kind.LABEL]
        rest = [line for line in lines if not any(line is label for label in self.labels)]
        self.heads, text = heads(rest, body)
        self.blocks = text_blocks(text, body)
        self.pitch = median(
            [pitch_of(block) for block in self.blocks if len(block.lines) > 2] or [1.4 * body]
        )
        self.owned: dict[int, Article] = {id(head): Article(head) for head in self.heads}
        self.loose: list[Article] = []
        self.rules = Rules(rules)
        if self._ruled_throughout():
            self.rules = Rules()

    def _ruled_throughout(self) -> bool:
        """Whether rules stand between most columns of the page, of one article or not: then they part nothing."""
        pairs = [
            self.rules.between(one.box, other.box)
            for n, one in enumerate(self.blocks)
            for other in self.blocks[n + 1 :]
            if 0 < distance(one.box, other.box) < 3.2 * self.body
            and beside(one.box, other.box) > 3 * self.pitch
        ]
        return sum(pairs) > 0.6 * len(pairs)

    def articles(self) -> list[Article]:
        """All articles that hold anything, from the top left of the page."""
        every = [*self.owned.values(), *self.loose]
        return sorted(filter(lambda a: a.head or a.blocks or a.labels, every), key=_place)

    def above(self, block: Block) -> tuple[Head | Block | None, float]:
        """What stands next above a block, and how far."""
        best: tuple[Head | Block | None, float] = (None, float("inf"))
        every: list[Head | Block] = [*self.heads, *self.blocks]
        for other in every:
            if other is block or (isinstance(other, Head) and other.upright):
                continue
            gap = block.box.y0 - other.box.y1
            wide = overlap(block.box, other.box) > 0.8 * self.body
            if wide and -0.5 * self.body < gap < best[1] and other.box.y0 < block.box.y0:
                best = (other, gap)
        return best

    def level(self, one: Block, other: Block) -> bool:
        """Whether two columns begin in one row, side by side and as wide, and the right one may go on with the left."""
        if not (abs(one.box.y0 - other.box.y0) < 0.8 * self.pitch and as_wide(one, other)):
            return False
        if not 0 < distance(one.box, other.box) < 3.2 * self.body:
            return False
        return self.fit_beside(one, other) > -1 and not self.rules.between(one.box, other.box)

    def fit_beside(self, one: Block, other: Block) -> float:
        """How well the right one of two blocks goes on with the left one."""
        left, right = sorted((one, other), key=lambda block: block.box.x0)
        return joint(left, right)

    def column_above(self, head: Head) -> Block | None:
        """The block right above a head, as wide as a column and no further off than two lines."""
        near = [
            (head.box.y0 - block.box.y1, n)
            for n, block in enumerate(self.blocks)
            if overlap(head.box, block.box) > 0.5 * (head.box.x1 - head.box.x0)
            and -0.5 * self.body < head.box.y0 - block.box.y1 < 2.2 * self.pitch
        ]
        return self.blocks[min(near)[1]] if near else None

    def across_a_picture(self, one: Block, other: Block) -> bool:
        """Whether two columns begin in one row with nothing but white, or a picture, between them."""
        if abs(one.box.y0 - other.box.y0) > 0.8 * self.pitch or not as_wide(one, other):
            return False
        left, right = sorted((one, other), key=lambda block: block.box.x0)
        if not 0 < distance(left.box, right.box) < 60 * self.body:
            return False
        if self.rules.between(left.box, right.box):
            return False
        row = Box(left.box.page, left.box.x1, left.box.y0, right.box.x0, left.box.y0 + 3 * self.pitch)
        stand: list[Head | Block] = [*self.heads, *self.blocks]
        return not any(overlap(row, it.box) > 0 and beside(row, it.box) > 0 for it in stand)

    def wide_above(self, block: Block) -> Block | None:
        """The block right above one that is set over several columns, this one among them: a note, a lead."""
        above, gap = self.above(block)
        if not isinstance(above, Block) or gap > 3 * self.pitch or width_of(above) < 1.7 * width_of(block):
            return None
        return above

    def flow(self, one: Block, other: Block) -> float:
        """How surely the second block goes on with the first."""
        fit = joint(one, other)
        if (
            fit < 1
            or one.caption
            or self.rules.between(one.box, other.box)
            or CONTINUED.match(other.lines[0].text)
        ):
            return -9.0
        drop = other.box.y0 - one.box.y1
        if overlap(one.box, other.box) > 0.6 * min(width_of(one), width_of(other)):  # further down the column
            near = -0.5 * self.pitch <= drop < 25 * self.pitch and not self.headed(one, other)
            return fit + 0.5 - 0.05 * drop / self.pitch if near else -9.0
        if other.box.x0 < one.box.x1 - self.body or not as_wide(one, other):
            return -9.0
        apart = other.box.x0 - one.box.x1
        if apart > 4 * self.body or beside(one.box, other.box) < -2 * self.pitch:
            return -9.0
        return fit + 0.4 - 0.05 * apart / self.body

    def headed(self, one: Block, other: Block) -> bool:
        """Whether a headline stands between two blocks of a column."""
        return any(
            head.box.y0 > one.box.y1 - self.body
            and head.box.y1 < other.box.y0 + self.body
            and overlap(head.box, other.box) > 0
            for head in self.heads
        )

    def likeness(self, other: Block, block: Block) -> float:
        """How well an unowned block fits beside or below one that is owned."""
        if other.story is None or other is block or self.rules.between(other.box, block.box):
            return -9.0
        short = len(block.lines) <= 4 and not is_dated(block.lines[0].text)
        drop, lift = block.box.y0 - other.box.y1, other.box.y0 - block.box.y1
        in_column = overlap(other.box, block.box) > 0.6 * min(width_of(other), width_of(block))
        if in_column and drop >= 0:
            return 1.6 + 0.3 * joint(other, block) - 0.08 * drop / self.pitch + 0.3 * short
        if in_column and lift >= 0:
            return 1.5 - 0.08 * lift / self.pitch if short else -9.0
        apart = distance(other.box, block.box)
        if apart > 4 * self.body or beside(other.box, block.box) < 0.5 * self.pitch:
            return -9.0
        left, right = sorted((other, block), key=lambda b: b.box.x0)
        fit = joint(left, right)
        level = abs(other.box.y1 - block.box.y1) < 2 * self.pitch
        return 0.8 + 0.5 * as_wide(other, block) + 0.4 * level + 0.5 * fit - 0.2 * apart / self.body

    def head_below(self, head: Head) -> Head | None:
        """The headline right below one, with no text between them."""
        for other in sorted(self.heads, key=lambda other: other.box.y0):
            gap = other.box.y0 - head.box.y1
            narrow = min(head.box.x1 - head.box.x0, other.box.x1 - other.box.x0)
            if other is head or other.upright or not 0 <= gap < 1.2 * min(head.size, other.size):
                continue
            if overlap(head.box, other.box) > 0.5 * narrow:
                return other
        return None

    def apart(self, head: Head, block: Block) -> float:
        """How far a headline stands from a text, where a picture below it counts little."""
        across, down = distance(head.box, block.box), rise(head.box, block.box)
        if across == 0 and block.box.y0 > head.box.y0:
            others: list[Head | Block] = [*self.heads, *self.blocks]
            between = any(
                overlap(other.box, head.box) > 0 and head.box.y1 <= other.box.y0 < block.box.y0 - self.body
                for other in others
                if other is not head and other is not block
            )
            return down if between else 0.3 * down
        if -self.body < block.box.y0 - head.box.y1 < 3 * self.pitch:
            return 0.3 * across + down  # the row of columns below it, from which a picture parts it
        return across + 2 * down


def _place(article: Article) -> tuple[float, float]:
    boxes = [block.box for block in article.blocks] + ([article.head.box] if article.head else [])
    boxes = boxes or [box_of(label) for label in article.labels]
    return (round(min(box.y0 for box in boxes) / 40), min(box.x0 for box in boxes))
