"""Blocks of text on a newspaper's page: stretches of one column, and how one goes on with another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from corpus.types import Box
from ingest.lines import Line
from ingest.page.blocks import bounds, box_of, chains
from ingest.page.headlines import caption, ends_sentence
from ingest.page.heads import Head


@dataclass(slots=True, eq=False)
class Block:
    """文字块: consecutive lines of one column. ``story`` is set when it is known whose it is."""

    lines: list[Line]
    box: Box
    left: float  # where unindented lines begin
    story: "Article | None" = None

    @property
    def caption(self) -> bool:
        """Whether it belongs to a picture and goes on nowhere."""
        return len(self.lines) <= 5 and caption(" ".join(line.text for line in self.lines))

    @property
    def indented(self) -> bool | None:
        """Whether a paragraph begins it; None where one line alone cannot tell."""
        first = self.lines[0]
        step = (box_of(first).x0 - self.left) / max(first.size, 1.0)
        if step > 0.9:
            return True
        if len(self.lines) < 2:
            return None
        short = self.box.x1 - box_of(first).x1 > 1.6 * first.size and not ends_sentence(first.text)
        below = (box_of(self.lines[1]).x0 - self.left) / max(first.size, 1.0)
        return None if short and below > 0.9 else False  # a subhead above a paragraph

    @property
    def ends(self) -> str:
        """``open`` (in mid-sentence, at the column's edge), ``short`` (a paragraph's last line) or ``full``."""
        last = self.lines[-1]
        if self.box.x1 - box_of(last).x1 > 1.6 * last.size:
            return "short"
        return "full" if ends_sentence(last.text) else "open"


@dataclass(slots=True, eq=False)
class Article:
    """稿件: a head (or none) and its blocks."""

    head: Head | None = None
    blocks: list[Block] = field(default_factory=list)
    subheads: list[Head] = field(default_factory=list)
    labels: list[Line] = field(default_factory=list)
    kickers: list[Line] = field(default_factory=list)

    def add(self, block: Block) -> None:
        """Take a block, from another article if need be."""
        if block.story is not None:
            block.story.blocks.remove(block)
        block.story = self
        self.blocks.append(block)


def text_blocks(lines: Sequence[Line], body: float) -> list[Block]:
    """Blocks from a page's body lines; ``body`` is the size of their type in points."""
    runs = [run for chain in chains(lines, evenness=1.7) for run in _split_at_gaps(chain, body)]
    return [Block(run, bounds(run), min(box_of(line).x0 for line in run)) for run in _stacked(runs, body)]


def _split_at_gaps(chain: list[Line], body: float) -> Iterator[list[Line]]:
    """A run of lines parted where it leaves clearly more white than usual."""
    drops = [box_of(b).y0 - box_of(a).y0 for a, b in pairwise(chain)]
    usual = median(drops) if drops else 0.0
    start = 0
    for at, drop in enumerate(drops, start=1):
        if drop > 1.45 * usual and drop > 1.3 * body:
            yield chain[start:at]
            start = at
    yield chain[start:]


def _stacked(runs: Sequence[list[Line]], body: float) -> list[list[Line]]:
    """Runs of one column set on the usual lines: a paragraph's short last line tears no column apart."""
    out: list[list[Line]] = []
    for run in sorted(runs, key=lambda run: box_of(run[0]).y0):
        box = bounds(run)
        above = [other for other in out if _stack(bounds(other), box, body)]
        if above:
            max(above, key=lambda other: bounds(other).y1).extend(run)
        else:
            out.append(list(run))
    return out


def _stack(upper: Box, lower: Box, body: float) -> bool:
    """Whether one run stands right below another, within its width or around it."""
    within = (upper.x0 - 0.6 * body < lower.x0 and lower.x1 < upper.x1 + 0.6 * body) or (
        lower.x0 - 0.6 * body < upper.x0 and upper.x1 < lower.x1 + 0.6 * body
    )
    return within and -0.4 * body < lower.y0 - upper.y1 < 0.8 * body


# ── how blocks stand to each other ────────────────────────────────────────────────────


def joint(one: Block, other: Block) -> float:
    """How well the second block's beginning fits the first one's end: 2 goes on, 1.3 very likely, −2 cannot, 0 says nothing."""
    indented = other.indented
    if one.ends == "open":
        return 0.0 if indented is None else (-2.0 if indented else 2.0)
    if one.ends == "short":
        return 0.0 if indented is not False else -2.0
    return 0.0 if indented is not False else 1.3  # only a text that goes on begins without an indent


def is_dated(text: str) -> bool:
    return bool(re.match(r"\s*(?:本报讯|本报\S{0,8}讯|新华社\S{0,10}电|\S{0,8}讯[（(\s])", text))


def width_of(block: Block) -> float:
    return block.box.x1 - block.box.x0


def as_wide(one: Block, other: Block) -> bool:
    narrow, wide = sorted((width_of(one), width_of(other)))
    return narrow > 0.9 * wide


def pitch_of(block: Block) -> float:
    return median(box_of(b).y0 - box_of(a).y0 for a, b in pairwise(block.lines))
