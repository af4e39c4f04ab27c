"""Find the articles in a file's lines, and put each one's headline, byline and label back.

Two kinds of lines matter: *furniture* (headlines, bylines, labels) and *body*. Furniture
that stands together becomes ``Head`` records; body text between boundaries becomes ``Body``
records; the heads then go to the bodies that they speak of, best total first. A file
without signs of several articles stays one piece. Where layout knows from places which
lines make one article, it is believed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from ingest.affinity import Words
from ingest.lines import Line
from ingest.page.headlines import Kind
from ingest.parting.matching import ONE_SHEET, give, merged, part_by_supply, part_head
from ingest.parting.nouns import Body, Head, Item, Piece, items_of
from ingest.parting.outline import fill, outline
from ingest.parting.several import several
from ingest.parting.signing import piece_of
from ingest.parting.single import single

__all__ = ["Piece", "split"]


def split(lines: Sequence[Line], *, name: str = "", metadata: Mapping[str, str] | None = None) -> list[Piece]:
    """The pieces of one file, in the order in which their bodies stand.

    ``lines`` are repaired: paragraphs and headings, a line each. ``metadata`` is what the
    format declares; its title counts only for a single piece that shows none.
    """
    items = items_of(lines)
    if not items:
        return []
    if any(line.story for line in lines):
        return [piece for _, group in groupby(items, _story) for piece in _of_story(list(group), name)]
    if not several(items):
        return [single(items, dict(metadata or {}))]
    bodies, heads = outline(items)
    if len(heads) > ONE_SHEET:
        heads = [replace(head, pull=1.2) for head in heads]
    words = Words([item.text for body in bodies for item in body.items])
    bodies = part_by_supply(bodies, heads, words)
    heads = [part for head in heads for part in part_head(head, bodies, words)]
    bodies = part_by_supply(bodies, heads, words)
    give(bodies, heads, words)
    return [piece_of(body) for body in merged(bodies)]


def _story(item: Item) -> int:
    return item.line.story


def _of_story(items: list[Item], name: str) -> list[Piece]:
    """The piece whose lines layout put together; lines that it could not place are split as text is."""
    if not items[0].line.story:
        return split([item.line for item in items], name=name)
    end = next((at for at, item in enumerate(items) if not _heads_a_story(item)), len(items))
    head = Head()
    credits = [item for item in items[:end] if item.kind is Kind.CREDIT]
    for item in items[:end]:
        if item.kind is not Kind.CREDIT:
            _fill_printed(head, item)
    return [piece_of(Body(items=credits + items[end:], head=head))]


def _heads_a_story(item: Item) -> bool:
    """Whether layout put the line at the head of its story, or it can only stand there."""
    return item.line.whole or item.line.level > 0 or item.kind in (Kind.BYLINE, Kind.LABEL)


def _fill_printed(head: Head, item: Item) -> None:
    """The largest line is the title; a line above it is a kicker, one below it a subtitle, unless it says more."""
    if item.line.level == 1:
        head.titles.append(item)
    elif item.kind in (Kind.LABEL, Kind.SUBTITLE, Kind.BYLINE, Kind.MARKER):
        fill(head, item)
    else:
        (head.subtitles if head.titles else head.kickers).append(item)
