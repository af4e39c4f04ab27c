"""Newspaper pages: which lines make one article, told from where they stand.

Headlines with what stands around them become heads; body text becomes blocks (a stretch of
one column). A block belongs to the head above it, to the blocks it stands in a row with,
and to the block whose broken-off line it goes on with; what is left over goes to the
neighbour that fits best, or stays an article of its own.
"""

from collections.abc import Sequence
from dataclasses import replace

from corpus.types import Box
from ingest.affinity import paired
from ingest.lines import Line
from ingest.page.blocks import beside, box_of, distance
from ingest.page.columns import by_white_space
from ingest.page.headlines import Kind, bracketed, kind_of
from ingest.page.heads import Head, head_lines
from ingest.page.sheet import CONTINUED, Sheet
from ingest.page.text_blocks import Article, Block, is_dated

_FLOWS = 1.5  # how surely one block must go on with another
_SIGNS = (Kind.BYLINE, Kind.CREDIT, Kind.SOURCE, Kind.SIGNED, Kind.SIGNATURE)


def articles(lines: Sequence[Line], body: float, rules: Sequence[Box] = ()) -> list[list[Line]]:
    """The page's lines parted into articles, each in reading order: head lines, then text.

    ``body`` is the size of the body type in points; ``rules`` as in ``Page``. Head lines come ``whole``; the headline
    itself as one line of level 1.
    """
    sheet = Sheet(lines, body, rules)
    for step in _STEPS:
        step(sheet)
    return [_ordered(article) for article in sheet.articles()]


# ── who owns which block, surest signs first ──────────────────────────────────────────


def _below_heads(sheet: Sheet) -> None:
    for block in sheet.blocks:
        above, gap = sheet.above(block)
        if isinstance(above, Head) and gap < max(3 * sheet.pitch, 1.5 * above.size):
            sheet.owned[id(above)].add(block)


def _below_leads(sheet: Sheet) -> None:
    """Columns right below a note or a lead that is set over them go with it."""
    for block in sorted(sheet.blocks, key=lambda block: block.box.y0):
        lead = sheet.wide_above(block) if block.story is None else None
        if lead is not None and lead.story is not None and not CONTINUED.match(block.lines[0].text):
            lead.story.add(block)


def _across_pictures(sheet: Sheet) -> None:
    """A column that nobody heads belongs to the one that begins in its row, on the other side of a picture."""
    for block in sorted(sheet.blocks, key=lambda block: block.box.x0):
        if (block.story is not None and block.story.head is not None) or CONTINUED.match(block.lines[0].text):
            continue
        for other in sheet.blocks:
            story = other.story
            if story is not None and story.head is not None and sheet.across_a_picture(other, block):
                for mine in [block] if block.story is None else list(block.story.blocks):
                    story.add(mine)
                break


def _beside_upright(sheet: Sheet) -> None:
    """An upright headline takes the unowned column next to it whose top stands level with its own."""
    for head in sheet.heads:
        if not head.upright:
            continue
        near = [
            (distance(head.box, block.box), n)
            for n, block in enumerate(sheet.blocks)
            if block.story is None
            and beside(head.box, block.box) > 0.5 * sheet.pitch
            and abs(block.box.y0 - head.box.y0) < 2.5 * sheet.pitch
        ]
        if near and min(near)[0] < 6 * sheet.body:
            sheet.owned[id(head)].add(sheet.blocks[min(near)[1]])


def _in_rows(sheet: Sheet) -> None:
    """Columns whose tops are level with those of an article's, side by side and as wide, are its too."""
    changed = True
    while changed:
        changed = False
        for block in sheet.blocks:
            if block.story is not None:
                continue
            level = [
                (sheet.fit_beside(other, block), -n)
                for n, other in enumerate(sheet.blocks)
                if other.story is not None and sheet.level(other, block) and not _carried_over(other, block)
            ]
            if level and (article := sheet.blocks[-max(level)[1]].story) is not None:
                article.add(block)
                changed = True


def _carried_over(one: Block, other: Block) -> bool:
    """Whether the right one of two columns is another page's text carried over: not the left one's end."""
    right = max(one, other, key=lambda block: block.box.x0)
    return bool(CONTINUED.match(right.lines[0].text))


def _drop_subheads(sheet: Sheet) -> None:
    """A headline within one column, between lines of an article whose own headline is much larger."""
    for head in sorted(sheet.heads, key=lambda head: head.size):
        mine = sheet.owned[id(head)]
        above = sheet.column_above(head)
        if above is None or above.story is None or above.story.head is None or above.story is mine:
            continue
        article = above.story
        small = head.size <= 1.75 * sheet.body and head.size < 0.75 * article.head.size  # type: ignore[union-attr]
        inner = above.box.x0 - sheet.body < head.box.x0 and head.box.x1 < above.box.x1 + sheet.body
        signed = any(kind_of(line) in (Kind.BYLINE, Kind.LABEL) for line in head.lines) or any(
            is_dated(block.lines[0].text) for block in mine.blocks[:1]
        )
        if small and inner and not signed and len(article.blocks) > 1:
            for block in list(mine.blocks):
                article.add(block)
            article.subheads += [head, *mine.subheads]
            mine.head = None
            sheet.heads.remove(head)


def _flowing(sheet: Sheet) -> None:
    """A block that goes on where another one breaks off joins its article, both ways.

    No block goes on twice, nor is gone on with twice: what the columns of one article
    use up among themselves is not there for its neighbours.
    """
    choices = [
        {
            m: score - _FLOWS
            for m, other in enumerate(sheet.blocks)
            if other is not one and (score := sheet.flow(one, other)) >= _FLOWS
        }
        for one in sheet.blocks
    ]
    for n, m in sorted(paired(choices).items(), key=lambda pair: -choices[pair[0]][pair[1]]):
        one, other = sheet.blocks[n], sheet.blocks[m]
        if one.story is None or one.story is not other.story:
            _unite(sheet, one, other)


def _unite(sheet: Sheet, one: Block, other: Block) -> None:
    """Join two blocks' articles where at most one of them has a head over the place where they meet."""
    if one.story is None and other.story is None:
        article = Article()
        sheet.loose.append(article)
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


def _loose(sheet: Sheet) -> None:
    """Columns that flow into each other below no headline go to the headed text that they fit beside."""
    for article in sheet.loose:
        if not article.blocks or CONTINUED.match(article.blocks[0].lines[0].text):
            continue
        scored = [
            (sheet.likeness(other, block), -n)
            for block in article.blocks
            for n, other in enumerate(sheet.blocks)
            if other.story is not None and other.story.head is not None
        ]
        score, n = max(scored, default=(0.0, 0))
        story = sheet.blocks[-n].story
        if score > 1.1 and story is not None:
            for block in list(article.blocks):
                story.add(block)


def _rest(sheet: Sheet) -> None:
    """What no sign gave away: to the neighbour that fits best, else an article of its own."""
    for block in sorted(sheet.blocks, key=lambda block: (block.caption, block.box.x0, block.box.y0)):
        if block.story is not None:
            continue
        scored = [(sheet.likeness(other, block), -n) for n, other in enumerate(sheet.blocks)]
        score, n = max(scored)
        other = sheet.blocks[-n]
        if score > 1 and other.story is not None and not CONTINUED.match(block.lines[0].text):
            other.story.add(block)
            continue
        article = Article()
        sheet.loose.append(article)
        article.add(block)


def _kickers(sheet: Sheet) -> None:
    """A headline without text right above another one is its kicker."""
    for head in list(sheet.heads):
        mine = sheet.owned[id(head)]
        below = sheet.head_below(head) if not mine.blocks and not head.upright else None
        if below is not None and sheet.owned[id(below)].blocks:
            sheet.owned[id(below)].kickers += [*mine.kickers, *head.lines]
            mine.head, mine.kickers = None, []
            sheet.heads.remove(head)


def _bodiless(sheet: Sheet) -> None:
    """A headline without text takes the headless text closest to it: below (a picture may stand between) or beside."""
    for head in sheet.heads:
        mine = sheet.owned[id(head)]
        if not all(block.caption for block in mine.blocks):
            continue
        near = [
            (block.caption, away, n)
            for n, block in enumerate(sheet.blocks)
            if (block.story is None or block.story.head is None)
            and (away := sheet.apart(head, block)) < 9 * sheet.body
        ]
        if near:
            block = sheet.blocks[min(near)[2]]
            for other in [block] if block.story is None else list(block.story.blocks):
                mine.add(other)


def _label(sheet: Sheet) -> None:
    """An upright label belongs to the article that begins beside it; beside none it stands for itself."""
    for label in sheet.labels:
        box = box_of(label)
        near = [
            (distance(box, block.box) + abs(box.y0 - block.box.y0) / 4, n)
            for n, block in enumerate(sheet.blocks)
            if beside(box, block.box) > -4 * sheet.pitch
        ]
        article = sheet.blocks[min(near)[1]].story if near else None
        if article is None:
            article = Article()
            sheet.loose.append(article)
        article.labels.append(label)


_STEPS = (
    _below_heads,
    _below_leads,
    _beside_upright,
    _in_rows,
    _drop_subheads,
    _flowing,
    _kickers,
    _bodiless,
    _across_pictures,
    _loose,
    _rest,
    _label,
)


# ── lines as the next stages want them ────────────────────────────────────────────────


def _ordered(article: Article) -> list[Line]:
    """The article's lines: head first, then its columns as they are read."""
    runs = [block.lines for block in article.blocks] + [head.lines for head in article.subheads]
    lefts = {id(line): block.left for block in article.blocks for line in block.lines}
    head = head_lines(article.head) if article.head else []
    text = [line for run in by_white_space(runs) for line in run] if runs else []
    labels = [replace(line, whole=True, blank_before=True) for line in article.labels]
    kickers = [replace(line, whole=True, blank_before=True) for line in article.kickers]
    return [*labels, *kickers, *head, *_written(text, lefts)]


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
