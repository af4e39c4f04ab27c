"""Newspaper pages: which lines make one article, told from where they stand.

Headlines with what stands around them become heads; body text becomes blocks (a stretch of
one column). A block belongs to the head above it, to the blocks it stands in a row with,
and to the block whose broken-off line it goes on with; what is left over goes to the
neighbour that fits best, or stays an article of its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from corpus.types import Box
from ingest.affinity import paired
from ingest.lines import Line
from ingest.page.blocks import beside, bounds, box_of, chains, distance, is_upright, overlap, rise
from ingest.page.columns import by_white_space
from ingest.page.headlines import Kind, bracketed, caption, ends_sentence, kind_of
from ingest.page.heads import Head, head_lines, heads

_FLOWS = 1.5  # how surely one block must go on with another
_SIGNS = (Kind.BYLINE, Kind.CREDIT, Kind.SOURCE, Kind.SIGNED, Kind.SIGNATURE)
_CONTINUED = re.compile(r"^[（(\[〔［]\s*(?:上接|紧接|接)")


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

    def add(self, block: Block) -> None:
        """Take a block, from another article if need be."""
        if block.story is not None:
            block.story.blocks.remove(block)
        block.story = self
        self.blocks.append(block)


def articles(lines: Sequence[Line], body: float) -> list[list[Line]]:
    """The page's lines parted into articles, each in reading order: head lines, then text.

    ``body`` is the size of the body type in points. Head lines come ``whole``; the headline
    itself as one line of level 1.
    """
    page = _Page(lines, body)
    page.give()
    return [page.ordered(article) for article in page.articles()]


class _Page:
    """One page while its blocks are being given to heads."""

    def __init__(self, lines: Sequence[Line], body: float) -> None:
        self.body = body
        self.labels = [line for line in lines if is_upright(line) and kind_of(line) is Kind.LABEL]
        rest = [line for line in lines if not any(line is label for label in self.labels)]
        self.heads, text = heads(rest, body)
        runs = [run for chain in chains(text, evenness=1.7) for run in _split_at_gaps(chain, body)]
        self.blocks = _blocks(_stacked(runs, body))
        self.pitch = median([_pitch(block) for block in self.blocks if len(block.lines) > 2] or [1.4 * body])
        self.owned: dict[int, Article] = {id(head): Article(head) for head in self.heads}
        self.loose: list[Article] = []

    def articles(self) -> list[Article]:
        """All articles that hold anything, from the top left of the page."""
        every = [*self.owned.values(), *self.loose]
        return sorted(filter(lambda a: a.head or a.blocks or a.labels, every), key=_place)

    # ── who owns which block ──────────────────────────────────────────────────────────

    def give(self) -> None:
        """Give every block to an article, surest signs first."""
        self._below_heads()
        self._beside_upright()
        self._in_rows()
        self._drop_subheads()
        self._flowing()
        self._bodiless()
        self._rest()
        self._label()

    def _above(self, block: Block) -> tuple[Head | Block | None, float]:
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

    def _below_heads(self) -> None:
        for block in self.blocks:
            above, gap = self._above(block)
            if isinstance(above, Head) and gap < max(3 * self.pitch, 1.5 * above.size):
                self.owned[id(above)].add(block)

    def _beside_upright(self) -> None:
        """An upright headline takes the unowned column next to it whose top stands level with its own."""
        for head in self.heads:
            if not head.upright:
                continue
            near = [
                (distance(head.box, block.box), n)
                for n, block in enumerate(self.blocks)
                if block.story is None
                and beside(head.box, block.box) > 0.5 * self.pitch
                and abs(block.box.y0 - head.box.y0) < 2.5 * self.pitch
            ]
            if near and min(near)[0] < 6 * self.body:
                self.owned[id(head)].add(self.blocks[min(near)[1]])

    def _in_rows(self) -> None:
        """Columns whose tops are level with those of an article's, side by side and as wide, are its too."""
        changed = True
        while changed:
            changed = False
            for block in self.blocks:
                if block.story is not None or _CONTINUED.match(block.lines[0].text):
                    continue
                level = [
                    (self._fit_beside(other, block), -n)
                    for n, other in enumerate(self.blocks)
                    if other.story is not None and self._level(other, block)
                ]
                if level and (article := self.blocks[-max(level)[1]].story) is not None:
                    article.add(block)
                    changed = True

    def _level(self, one: Block, other: Block) -> bool:
        if not (abs(one.box.y0 - other.box.y0) < 0.8 * self.pitch and _as_wide(one, other)):
            return False
        if not 0 < distance(one.box, other.box) < 3.2 * self.body:
            return False
        return self._fit_beside(one, other) > -1

    def _fit_beside(self, one: Block, other: Block) -> float:
        """How well the right one of two blocks goes on with the left one."""
        left, right = sorted((one, other), key=lambda block: block.box.x0)
        return _fit(left, right)

    def _drop_subheads(self) -> None:
        """A headline within one column, between lines of an article whose own headline is much larger."""
        for head in sorted(self.heads, key=lambda head: head.size):
            mine = self.owned[id(head)]
            above = self._column_above(head)
            if above is None or above.story is None or above.story.head is None or above.story is mine:
                continue
            article = above.story
            small = head.size <= 1.75 * self.body and head.size < 0.75 * article.head.size  # type: ignore[union-attr]
            inner = above.box.x0 - self.body < head.box.x0 and head.box.x1 < above.box.x1 + self.body
            signed = any(kind_of(line) in (Kind.BYLINE, Kind.LABEL) for line in head.lines) or any(
                _is_dated(block.lines[0].text) for block in mine.blocks[:1]
            )
            if small and inner and not signed and len(article.blocks) > 1:
                for block in list(mine.blocks):
                    article.add(block)
                article.subheads += [head, *mine.subheads]
                mine.head = None
                self.heads.remove(head)

    def _column_above(self, head: Head) -> Block | None:
        """The block right above a head, as wide as a column and no further off than two lines."""
        near = [
            (head.box.y0 - block.box.y1, n)
            for n, block in enumerate(self.blocks)
            if overlap(head.box, block.box) > 0.5 * (head.box.x1 - head.box.x0)
            and -0.5 * self.body < head.box.y0 - block.box.y1 < 2.2 * self.pitch
        ]
        return self.blocks[min(near)[1]] if near else None

    def _flowing(self) -> None:
        """A block that goes on where another one breaks off joins its article, both ways.

        No block goes on twice, nor is gone on with twice: what the columns of one article
        use up among themselves is not there for its neighbours.
        """
        choices = [
            {
                m: score - _FLOWS
                for m, other in enumerate(self.blocks)
                if other is not one and (score := self._flow(one, other)) >= _FLOWS
            }
            for one in self.blocks
        ]
        for n, m in sorted(paired(choices).items(), key=lambda pair: -choices[pair[0]][pair[1]]):
            one, other = self.blocks[n], self.blocks[m]
            if one.story is None or one.story is not other.story:
                self._unite(one, other)

    def _flow(self, one: Block, other: Block) -> float:
        """How surely the second block goes on with the first."""
        fit = _fit(one, other)
        if fit < 1 or one.caption or _CONTINUED.match(other.lines[0].text):
            return -9.0
        drop = other.box.y0 - one.box.y1
        if overlap(one.box, other.box) > 0.6 * min(_width(one), _width(other)):  # further down the column
            near = -0.5 * self.pitch <= drop < 25 * self.pitch and not self._headed(one, other)
            return fit + 0.5 - 0.05 * drop / self.pitch if near else -9.0
        if other.box.x0 < one.box.x1 - self.body or not _as_wide(one, other):
            return -9.0
        apart = other.box.x0 - one.box.x1
        if apart > 4 * self.body or beside(one.box, other.box) < -2 * self.pitch:
            return -9.0
        return fit + 0.4 - 0.05 * apart / self.body

    def _headed(self, one: Block, other: Block) -> bool:
        """Whether a headline stands between two blocks of a column."""
        return any(
            head.box.y0 > one.box.y1 - self.body
            and head.box.y1 < other.box.y0 + self.body
            and overlap(head.box, other.box) > 0
            for head in self.heads
        )

    def _unite(self, one: Block, other: Block) -> None:
        """Join two blocks' articles where at most one of them has a head over the place where they meet."""
        if one.story is None and other.story is None:
            article = Article()
            self.loose.append(article)
            article.add(one)
            article.add(other)
        elif one.story is None:
            assert other.story is not None
            other.story.add(one)
        elif other.story is None:
            one.story.add(other)
        elif one.story.head is None or other.story.head is None:
            stays, goes = (one.story, other.story) if one.story.head else (other.story, one.story)
            for block in list(goes.blocks):
                stays.add(block)

    def _rest(self) -> None:
        """What no sign gave away: to the neighbour that fits best, else an article of its own."""
        for block in sorted(self.blocks, key=lambda block: (block.caption, block.box.x0, block.box.y0)):
            if block.story is not None:
                continue
            scored = [(self._likeness(other, block), -n) for n, other in enumerate(self.blocks)]
            score, n = max(scored)
            other = self.blocks[-n]
            if score > 1 and other.story is not None and not _CONTINUED.match(block.lines[0].text):
                other.story.add(block)
                continue
            article = Article()
            self.loose.append(article)
            article.add(block)

    def _likeness(self, other: Block, block: Block) -> float:
        """How well an unowned block fits beside or below one that is owned."""
        if other.story is None or other is block:
            return -9.0
        short = len(block.lines) <= 4 and not _is_dated(block.lines[0].text)
        drop = block.box.y0 - other.box.y1
        if overlap(other.box, block.box) > 0.6 * min(_width(other), _width(block)):
            if drop >= 0:
                fit = _fit(other, block)
                return 1.6 + 0.3 * fit - 0.08 * drop / self.pitch + 0.3 * short
            lift = other.box.y0 - block.box.y1
            return 1.5 - 0.08 * lift / self.pitch if short and lift >= 0 else -9.0
        apart = distance(other.box, block.box)
        if apart > 4 * self.body or beside(other.box, block.box) < 0.5 * self.pitch:
            return -9.0
        left, right = sorted((other, block), key=lambda b: b.box.x0)
        fit = _fit(left, right)
        level = abs(other.box.y1 - block.box.y1) < 2 * self.pitch
        return 0.8 + 0.5 * _as_wide(other, block) + 0.4 * level + 0.5 * fit - 0.2 * apart / self.body

    def _bodiless(self) -> None:
        """A headline without text takes the headless text closest to it: below (a picture may stand between) or beside."""
        for head in self.heads:
            mine = self.owned[id(head)]
            if mine.blocks:
                continue
            near = [
                (self._apart(head, block), n)
                for n, block in enumerate(self.blocks)
                if block.story is None or block.story.head is None
            ]
            if near and min(near)[0] < 9 * self.body:
                block = self.blocks[min(near)[1]]
                for other in [block] if block.story is None else list(block.story.blocks):
                    mine.add(other)

    def _apart(self, head: Head, block: Block) -> float:
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
        return across + 2 * down

    def _label(self) -> None:
        """An upright label belongs to the article that begins beside it; beside none it stands for itself."""
        for label in self.labels:
            box = box_of(label)
            near = [
                (distance(box, block.box) + abs(box.y0 - block.box.y0) / 4, n)
                for n, block in enumerate(self.blocks)
                if beside(box, block.box) > -4 * self.pitch
            ]
            article = self.blocks[min(near)[1]].story if near else None
            if article is None:
                article = Article()
                self.loose.append(article)
            article.labels.append(label)

    # ── order ─────────────────────────────────────────────────────────────────────────

    def ordered(self, article: Article) -> list[Line]:
        """The article's lines: head first, then its columns as they are read."""
        runs = [block.lines for block in article.blocks] + [head.lines for head in article.subheads]
        lefts = {id(line): block.left for block in article.blocks for line in block.lines}
        head = head_lines(article.head) if article.head else []
        text = [line for run in by_white_space(runs) for line in run] if runs else []
        labels = [replace(line, whole=True, blank_before=True) for line in article.labels]
        return [*labels, *head, *_written(text, lefts)]


# ── lines into blocks and heads ───────────────────────────────────────────────────────


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


def _blocks(runs: Sequence[list[Line]]) -> list[Block]:
    return [Block(run, bounds(run), _left_of(run)) for run in runs]


def _left_of(run: Sequence[Line]) -> float:
    """Where the unindented lines of a run begin."""
    return min(box_of(line).x0 for line in run)


# ── how blocks stand to each other ────────────────────────────────────────────────────


def _fit(one: Block, other: Block) -> float:
    """How well the second block's beginning fits the first one's end: 2 goes on, 1.3 very likely, −2 cannot, 0 says nothing."""
    indented = other.indented
    if one.ends == "open":
        return 0.0 if indented is None else (-2.0 if indented else 2.0)
    if one.ends == "short":
        return 0.0 if indented is not False else -2.0
    return 0.0 if indented is not False else 1.3  # only a text that goes on begins without an indent


def _is_dated(text: str) -> bool:
    return bool(re.match(r"\s*(?:本报讯|本报\S{0,8}讯|新华社\S{0,10}电|\S{0,8}讯[（(\s])", text))


def _width(block: Block) -> float:
    return block.box.x1 - block.box.x0


def _as_wide(one: Block, other: Block) -> bool:
    narrow, wide = sorted((_width(one), _width(other)))
    return narrow > 0.9 * wide


def _pitch(block: Block) -> float:
    return median(box_of(b).y0 - box_of(a).y0 for a, b in pairwise(block.lines))


def _place(article: Article) -> tuple[float, float]:
    boxes = [block.box for block in article.blocks] + ([article.head.box] if article.head else [])
    boxes = boxes or [box_of(label) for label in article.labels]
    return (round(min(box.y0 for box in boxes) / 40), min(box.x0 for box in boxes))


# ── lines as the next stages want them ────────────────────────────────────────────────


def _written(text: Sequence[Line], lefts: dict[int, float]) -> list[Line]:
    """Text lines with their indents written out."""
    out = []
    for line in text:
        left = lefts.get(id(line))
        if left is None:
            out.append(replace(line, whole=True, blank_before=True))
            continue
        step = (box_of(line).x0 - left) / max(line.size, 1.0)
        signs = step >= 3.2 and (bracketed(line.text) or kind_of(line) in _SIGNS)
        if signs:  # it stands by itself below the text, at its right
            out.append(replace(line, whole=True, blank_before=True))
        else:
            out.append(replace(line, text=f"　　{line.text}") if 0.9 < step < 3.2 else line)
    return out
