"""Bodies and heads in the order of the file; short lines that open nothing stay in their body."""

import re

from ingest.lines import Line
from ingest.page import headlines
from ingest.page.headlines import Kind, width
from ingest.parting.nouns import CLOSERS, FURNITURE, Body, Head, Item, certain
from ingest.parting.several import GENERIC, top_places

#: How reports begin.
OPENING = re.compile(
    r"^(?:近日|日前|近年来|今年以来|去年以来|连日来|\d{1,4}年?\d{0,2}月\d{1,2}日|\d{1,2}月\d{1,2}日|“)"
)


def outline(items: list[Item]) -> tuple[list[Body], list[Head]]:
    """Bodies and heads in the order of the file; short lines that open nothing stay in their body."""
    tops = set(top_places(items))
    bodies: list[Body] = []
    heads: list[Head] = []
    at = 0
    while at < len(items):
        end = at
        while end < len(items) and items[end].kind in FURNITURE:
            end += 1
        if end == at:
            _append(bodies, items[at])
            at += 1
            continue
        after = _stretch(items, end)
        if (
            heads
            and bodies
            and bodies[-1].items
            and not has_text(bodies[-1].items)
            and not _marked(items[at:end])
        ):
            for item in items[at:end]:
                fill(heads[-1], item)
            at = end
            continue
        opens = _opens(
            items[at:end], bodies[-1].items if bodies else [], after, any(n in tops for n in range(at, end))
        )
        if opens:
            end = at + _head_length(items[at:end], bool(after))
            heads += _heads(items[at:end], len(bodies), bool(after), any(n in tops for n in range(at, end)))
            bodies.append(Body())
        else:
            bodies[-1].items += items[at:end]
        at = end
    bodies, heads = _without_empty(bodies, heads)
    return bodies, heads


def _marked(run: list[Item]) -> bool:
    """Whether the run begins an article whatever stands above it."""
    return any(item.kind in (Kind.MARKER, Kind.LABEL, Kind.HEADING) for item in run)


def _append(bodies: list[Body], item: Item) -> None:
    """Add to the last body, or open one after what closes an article (a credit, 来源, 小编说)."""
    if not bodies:
        bodies.append(Body())
    last = bodies[-1].items
    if has_text(last) and last[-1].kind in CLOSERS and item.kind not in CLOSERS:
        bodies.append(Body(sure=last[-1].kind is not Kind.CREDIT))
    bodies[-1].items.append(item)


def has_text(items: list[Item]) -> bool:
    """Whether there is more than a credit or a source above the text."""
    return any(item.kind in (Kind.PARAGRAPH, Kind.NUMBERED, Kind.COMMENT) for item in items)


def _stretch(items: list[Item], start: int) -> list[Item]:
    """The body lines from ``start`` to the next furniture."""
    end = start
    while end < len(items) and items[end].kind not in FURNITURE:
        end += 1
    return items[start:end]


def _without_empty(bodies: list[Body], heads: list[Head]) -> tuple[list[Body], list[Head]]:
    """Drop bodies without lines, and renumber the heads."""
    kept = [at for at, body in enumerate(bodies) if body.items]
    for head in heads:
        head.before = sum(at < head.before for at in kept)
    return [bodies[at] for at in kept], heads


_SECTION = re.compile(
    r"(?:做法|问题|建议|对策|成效|情况|措施|经验|启示|体会|安排|打算|要求|目标|任务|背景|意义|思路|原则|现状|原因|分析|保障|步骤|成果)$"
)


def _opens(run: list[Item], before: list[Item], after: list[Item], top: bool) -> bool:
    """Whether a run of furniture stands at the border of an article, and is no subhead within one."""
    kinds = {item.kind for item in run}
    if top or not before or not after or kinds & {Kind.MARKER, Kind.LABEL, Kind.SUBTITLE}:
        return True
    if before[-1].kind in CLOSERS:
        return True
    if (Kind.BYLINE in kinds and len(run) >= 2) or any(certain(item) for item in run):
        return True
    if GENERIC.match(run[0].text) or _SECTION.search(run[-1].text):
        return False
    return _restarts(before, after) or _short_news(before, after)


def _restarts(before: list[Item], after: list[Item]) -> bool:
    """Numbering begins again with 一、 directly below, after 二、 above."""
    counted = [item.text for item in before if re.match(r"[一二三四五六七八九十]+[、.．]", item.text)]
    return (
        after[0].text.startswith("一、")
        and len(counted) >= 2
        and sum(len(item.text) for item in before) >= 400
    )


def _short_news(before: list[Item], after: list[Item]) -> bool:
    """A few lines that a photographer signs, set in a column of another width than the text above."""
    size = sum(len(item.text) for item in after)
    closed = next((n for n, item in enumerate(after) if item.kind in (Kind.CREDIT, Kind.SOURCE)), None)
    dated = bool(OPENING.match(after[0].text))
    return closed is not None and closed <= 2 and size <= 600 and (dated or set_apart(before[-1], after[0]))


def set_apart(above: Item, below: Item) -> bool:
    """Whether two paragraphs were set in columns of clearly different width."""
    upper, lower = _edge(above.line, last=True), _edge(below.line, last=False)
    return upper > 0 and lower > 0 and abs(upper - lower) / max(upper, lower) > 0.18


def _edge(line: Line, *, last: bool) -> float:
    """The column's width at a paragraph's end or beginning; 0 where it was not broken into lines."""
    parts = line.parts[-4:-1] if last else line.parts[:4][:-1]
    return max((width(part.text) for part in parts), default=0.0) if len(line.parts) >= 2 else 0.0


# ---- heads -----------------------------------------------------------------------------------


def _head_length(run: list[Item], followed: bool) -> int:
    """How many lines of the run belong to heads: format subheads just above the text stay with the text."""
    end = len(run)
    if followed and any(item.kind is Kind.HEADING for item in run[:-1]):
        first = next(n for n, item in enumerate(run) if item.kind is Kind.HEADING)
        while (
            end > first + 1
            and run[end - 1].kind is Kind.HEADING
            and run[end - 1].line.level > run[first].line.level
        ):
            end -= 1
    return end


def _heads(run: list[Item], before: int, followed: bool, top: bool) -> list[Head]:
    """The heads in a run of furniture, parted where one is complete and the next begins."""
    found = [Head(before=before)]
    if top and sum(item.kind is Kind.HEADING for item in run) >= 1:
        _fill_top(found[0], run)
    else:
        for at, item in enumerate(run):
            if _begins_another(found[-1], item, run[at + 1 :]):
                found.append(Head(before=before))
            fill(found[-1], item)
    found[-1].nearest = followed
    found[0].below = True
    return found


def _begins_another(head: Head, item: Item, rest: list[Item]) -> bool:
    """Whether this line cannot belong to the head so far."""
    more_titles = any(other.kind in (Kind.BARE, Kind.HEADING) for other in rest)
    if item.kind is Kind.MARKER:
        return bool(head.items() or head.marker)
    if item.kind is Kind.LABEL:
        known = headlines.label(item.text) in [headlines.label(other.text) for other in head.labels]
        return bool(head.titles or head.bylines) and more_titles and not known
    if item.kind in (Kind.BARE, Kind.HEADING):
        return bool(head.titles and head.bylines) or len(head.titles) >= 3
    return False


def fill(head: Head, item: Item) -> None:
    """Put a line of furniture to its like in a head."""
    if item.kind is Kind.MARKER:
        head.marker = headlines.marked_title(item.text)
        head.kickers.append(item)
    elif item.kind is Kind.LABEL:
        head.labels.append(item)
    elif item.kind is Kind.SUBTITLE:
        head.subtitles.append(item)
    elif item.kind is Kind.BYLINE:
        head.bylines.append(item)
    elif item.kind is not Kind.ROMAN:
        head.titles.append(item)


def _fill_top(head: Head, run: list[Item]) -> None:
    """One head around a format's top heading: lower headings above it are kickers, below it labels."""
    top = min(item.line.level for item in run if item.kind is Kind.HEADING)
    seen = False
    for item in run:
        if item.kind is Kind.HEADING and item.line.level == top:
            seen = True
            head.titles.append(item)
        elif item.kind is Kind.HEADING:
            (head.labels if seen and width(item.text) <= 8 else head.kickers).append(item)
        else:
            fill(head, item)
