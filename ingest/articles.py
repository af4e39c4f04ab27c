"""Find the articles in a file's lines, and put each one's headline, byline and label back.

Two kinds of lines matter: *furniture* (headlines, bylines, labels) and *body*. Furniture
that stands together becomes ``Head`` records; body text between boundaries becomes ``Body``
records; the heads then go to the bodies that they speak of, best total first. A file
without signs of several articles stays one piece.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from ingest.affinity import Words, assign
from ingest.description.names import byline, is_body
from ingest.lines import Line
from ingest.page import headlines
from ingest.page.headlines import Kind, ends_sentence, kind_of, width


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """一篇: an article as the file has it. ``text`` is its lines joined by ``"\\n"``, the byline first.

    ``authors`` are names (or the body that signs); ``issuer`` the body that stands with
    them or below the text; ``source`` the paper it was taken from; ``date`` ISO, from its
    signature; ``confidence`` (0–1) says how sure its borders and its headline are.
    """

    lines: tuple[Line, ...]
    title: str = ""
    subtitle: str = ""
    label: str = ""
    authors: tuple[str, ...] = ()
    issuer: str = ""
    source: str = ""
    date: str = ""
    confidence: float = 1.0

    @property
    def text(self) -> str:
        """Paragraphs and subheads, a line each."""
        return "\n".join(line.text for line in self.lines)

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages it stands on, in order."""
        return tuple(dict.fromkeys(page for line in self.lines for page in line.pages)) or (1,)


@dataclass(slots=True)
class Item:
    """A line and what it is taken for."""

    line: Line
    kind: Kind

    @property
    def text(self) -> str:
        return self.line.text


@dataclass(slots=True)
class Head:
    """版面标题: what stands around an article's body: label, kicker, title, subtitle, byline.

    ``before`` counts the bodies that stand before it; ``nearest`` says whether it stands
    directly above the next body, ``below`` whether directly below the one before, ``pull``
    what standing there counts beside shared words: on one page headlines stray, in a long
    file they do not.
    """

    labels: list[Item] = field(default_factory=list)
    kickers: list[Item] = field(default_factory=list)
    titles: list[Item] = field(default_factory=list)
    subtitles: list[Item] = field(default_factory=list)
    bylines: list[Item] = field(default_factory=list)
    before: int = 0
    nearest: bool = False
    below: bool = False
    pull: float = 0.4
    marker: str = ""

    @property
    def words(self) -> str:
        """What it says of its body, for finding it."""
        parts = [*self.kickers, *self.titles, *self.subtitles, *self.bylines]
        return "\n".join([self.marker, *(item.text for item in parts)])

    def items(self) -> list[Item]:
        return [*self.labels, *self.kickers, *self.titles, *self.subtitles, *self.bylines]


@dataclass(slots=True)
class Body:
    """正文: paragraphs and subheads between two boundaries. ``sure``: nothing may join it to the one before."""

    items: list[Item] = field(default_factory=list)
    sure: bool = True
    head: Head | None = None

    @property
    def text(self) -> str:
        return "\n".join(item.text for item in self.items)


_CLOSERS = (Kind.CREDIT, Kind.SOURCE, Kind.SIGNED, Kind.COMMENT, Kind.SIGNATURE)
_FURNITURE = (Kind.MARKER, Kind.LABEL, Kind.SUBTITLE, Kind.BYLINE, Kind.BARE, Kind.HEADING, Kind.ROMAN)


def split(lines: Sequence[Line], *, name: str = "", metadata: Mapping[str, str] | None = None) -> list[Piece]:
    """The pieces of one file, in the order in which their bodies stand.

    ``lines`` are repaired: paragraphs and headings, a line each. ``metadata`` is what the
    format declares; its title counts only for a single piece that shows none.
    """
    items = _items(lines)
    if not items:
        return []
    if any(line.story for line in lines):
        return [piece for _, group in groupby(items, _story) for piece in _of_story(list(group), name)]
    if not _several(items):
        return [_single(items, dict(metadata or {}))]
    bodies, heads = _outline(items)
    if len(heads) > _ONE_SHEET:
        heads = [replace(head, pull=1.2) for head in heads]
    words = Words([item.text for body in bodies for item in body.items])
    bodies = _part_by_supply(bodies, heads, words)
    heads = [part for head in heads for part in _part_head(head, bodies, words)]
    bodies = _part_by_supply(bodies, heads, words)
    _give(bodies, heads, words)
    return [_piece(body) for body in _merged(bodies)]


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
    return [_piece(Body(items=credits + items[end:], head=head))]


def _heads_a_story(item: Item) -> bool:
    """Whether layout put the line at the head of its story, or it can only stand there."""
    return item.line.whole or item.line.level > 0 or item.kind in (Kind.BYLINE, Kind.LABEL)


def _fill_printed(head: Head, item: Item) -> None:
    """The largest line is the title; a line above it is a kicker, one below it a subtitle, unless it says more."""
    if item.line.level == 1:
        head.titles.append(item)
    elif item.kind in (Kind.LABEL, Kind.SUBTITLE, Kind.BYLINE, Kind.MARKER):
        _fill(head, item)
    else:
        (head.subtitles if head.titles else head.kickers).append(item)


def _items(lines: Sequence[Line]) -> list[Item]:
    """Lines with their kinds, seen in context: the stump of a sentence is no headline."""
    items = [Item(line, kind_of(line)) for line in lines]
    for at, item in enumerate(items):
        marked = at > 0 and items[at - 1].kind is Kind.MARKER
        stump = item.kind is Kind.BARE and "，" in item.text and width(item.text) > 30
        if stump and not marked:
            item.kind = Kind.PARAGRAPH
    return items


# ---- one or several --------------------------------------------------------------------------

_ARTICLE = re.compile(r"^第\s*[一二三四五六七八九十百零\d]+\s*条")
_GENERIC = re.compile(
    r"^(?:前言|引言|概述|背景|总结|结论|结语|附录|附件|附表|参考文献|目录|摘要|说明|正文|常见问题|联系方式|注释)"
)


#: What is enclosed with a notice, and belongs to it.
_ENCLOSURE = re.compile(r"(?:表|清单|名单|样表|样式|模板|须知|目录|流程图?)(?:[（(].*[）)])?$")


def _several(items: list[Item]) -> bool:
    """Whether the file shows signs of more than one article.

    A regulation (第X条) and a document with one title stay whole, however many sections
    they have; where the format tells paragraphs apart (Word, web pages) only its own
    headings, markers and signed titles count.
    """
    kinds = [item.kind for item in items]
    if sum(bool(_ARTICLE.match(item.text)) for item in items) >= max(3, 0.2 * len(items)):
        return kinds.count(Kind.MARKER) >= 2
    if kinds.count(Kind.MARKER) >= 2 or (len(_tops(items)) >= 2 and not _guessed(items)):
        return True
    if sum(item.line.whole for item in items) > 0.6 * len(items):
        return _signed_titles(items) >= 2
    signs = _signs(items)
    return signs >= 2 or (signs >= 1 and _narrow(items))


def _guessed(items: list[Item]) -> bool:
    """Whether the headings were told by their size on a drawn page, and nobody signs anything there."""
    drawn = any(item.line.boxes for item in items)
    return drawn and not _signs(items) and not any(headlines.dateline(item.text) for item in items)


def _signed_titles(items: list[Item]) -> int:
    """Headlines with a sure byline directly below."""
    pairs = pairwise(items)
    return sum(upper.kind in (Kind.BARE, Kind.HEADING) and _certain(lower) for upper, lower in pairs)


def _signs(items: list[Item]) -> int:
    """Labels, bylines, credits and comments that people print around articles."""
    marks = sum(item.kind in (Kind.LABEL, Kind.CREDIT, Kind.SOURCE, Kind.COMMENT) for item in items)
    signed = [
        at for at, item in enumerate(items) if item.kind is Kind.BYLINE and _signs_an_article(items, at)
    ]
    return marks + len(signed)


def _signs_an_article(items: list[Item], at: int) -> bool:
    """A byline counts beside a headline, not alone between paragraphs."""
    beside = [items[n].kind for n in (at - 1, at + 1) if 0 <= n < len(items)]
    return any(kind in (Kind.BARE, Kind.HEADING, Kind.SUBTITLE, Kind.BYLINE, Kind.LABEL) for kind in beside)


def _tops(items: list[Item]) -> list[int]:
    """Places of the format's highest headings that open substantial text; generic ones (附件, 前言) do not count."""
    levels = [item.line.level for item in items if item.line.level]
    if not levels:
        return []
    top = min(levels)
    places = [at for at, item in enumerate(items) if item.line.level == top and item.kind is Kind.HEADING]
    if places and _TYPE.search(items[places[0]].text):
        places = [at for at in places if not _ENCLOSURE.search(items[at].text)]
    return [at for at in places if _opens_text(items, at, top)]


def _opens_text(items: list[Item], at: int, top: int) -> bool:
    if _GENERIC.match(items[at].text):
        return False
    size = 0
    closed = False
    for item in items[at + 1 :]:
        if item.line.level == top:
            break
        size += len(item.text)
        closed |= item.kind in (Kind.CREDIT, Kind.SOURCE)
    return size >= 120 or closed


def _narrow(items: list[Item]) -> bool:
    """Whether most of the text was set in newspaper columns."""
    parts = [part for item in items for part in item.line.parts if len(item.line.parts) >= 3]
    return len(parts) >= 20 and sorted(width(part.text) for part in parts)[len(parts) // 2] <= 45


# ---- outline: bodies and heads ---------------------------------------------------------------


def _outline(items: list[Item]) -> tuple[list[Body], list[Head]]:
    """Bodies and heads in the order of the file; short lines that open nothing stay in their body."""
    tops = set(_tops(items))
    bodies: list[Body] = []
    heads: list[Head] = []
    at = 0
    while at < len(items):
        end = at
        while end < len(items) and items[end].kind in _FURNITURE:
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
            and not _has_text(bodies[-1].items)
            and not _marked(items[at:end])
        ):
            for item in items[at:end]:
                _fill(heads[-1], item)
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
    if _has_text(last) and last[-1].kind in _CLOSERS and item.kind not in _CLOSERS:
        bodies.append(Body(sure=last[-1].kind is not Kind.CREDIT))
    bodies[-1].items.append(item)


def _has_text(items: list[Item]) -> bool:
    """Whether there is more than a credit or a source above the text."""
    return any(item.kind in (Kind.PARAGRAPH, Kind.NUMBERED, Kind.COMMENT) for item in items)


def _stretch(items: list[Item], start: int) -> list[Item]:
    """The body lines from ``start`` to the next furniture."""
    end = start
    while end < len(items) and items[end].kind not in _FURNITURE:
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
    if before[-1].kind in _CLOSERS:
        return True
    if (Kind.BYLINE in kinds and len(run) >= 2) or any(_certain(item) for item in run):
        return True
    if _GENERIC.match(run[0].text) or _SECTION.search(run[-1].text):
        return False
    return _restarts(before, after) or _short_news(before, after)


def _certain(item: Item) -> bool:
    shown = byline(item.text) if item.kind is Kind.BYLINE else None
    return shown is not None and shown.certain


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
    dated = bool(_OPENING.match(after[0].text))
    return closed is not None and closed <= 2 and size <= 600 and (dated or _set_apart(before[-1], after[0]))


def _set_apart(above: Item, below: Item) -> bool:
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
            _fill(found[-1], item)
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


def _fill(head: Head, item: Item) -> None:
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
            _fill(head, item)


# ---- which head speaks of which body ---------------------------------------------------------

_OPENING = re.compile(
    r"^(?:近日|日前|近年来|今年以来|去年以来|连日来|\d{1,4}年?\d{0,2}月\d{1,2}日|\d{1,2}月\d{1,2}日|“)"
)


def _score(head: Head, at: int, body: Body, words: Words) -> float:
    """How well a head fits body number ``at``: shared words, and standing beside it."""
    beside = head.pull if head.nearest and head.before == at else 0.0
    beside = beside or (0.15 if head.below and head.before == at + 1 else 0.0)
    if any(headlines.label(item.text).startswith("开栏") for item in head.labels) and not head.titles:
        return beside / 4 + (1.0 if re.search(r"专栏|栏目|本版|本报|本刊", body.text) else 0.0)
    return beside + words.share(head.words, body.text)


def _matched(bodies: list[Body], heads: list[Head], words: Words) -> tuple[float, dict[int, int]]:
    scores = [[_score(head, at, body, words) for at, body in enumerate(bodies)] for head in heads]
    return assign(scores)


#: A newspaper's page has no more headlines than this; a longer file is not searched for missing borders.
_ONE_SHEET = 20


def _part_by_supply(bodies: list[Body], heads: list[Head], words: Words) -> list[Body]:
    """Part a body in two where a titled head is left over and finds its text there."""
    titled = [head for head in heads if head.titles]
    while len(bodies) < len(titled) <= _ONE_SHEET:
        best, _ = _matched(bodies, titled, words)
        ranked: list[tuple[float, list[Body]]] = []
        for at in range(len(bodies)):
            for sign, option in _partings(bodies, at, words):
                gain = _matched(option, _shifted(titled, bodies, option), words)[0] - best
                if gain >= (0.25 if sign >= 0.3 else 0.4):
                    ranked.append((gain + sign, option))
        if not ranked:
            break
        option = max(ranked, key=lambda pair: pair[0])[1]
        _shift(heads, bodies, option)
        bodies = option
    return bodies


def _part_head(head: Head, bodies: list[Body], words: Words) -> list[Head]:
    """Two heads where two headlines that stood together speak of different bodies."""
    for cut in range(1, len(head.titles)):
        upper, lower = head.titles[cut - 1], head.titles[cut]
        one, other = ([words.share(item.text, body.text) for body in bodies] for item in (upper, lower))
        mine, yours = (
            max(range(len(bodies)), key=one.__getitem__),
            max(range(len(bodies)), key=other.__getitem__),
        )
        apart = one[mine] > 0.5 > 2 * one[yours] and other[yours] > 0.5 > 2 * other[mine]
        if lower.line.blank_before and apart:
            first = replace(head, titles=head.titles[:cut], subtitles=[], bylines=[], nearest=False)
            return [first, replace(head, titles=head.titles[cut:], labels=[], kickers=[], below=False)]
    return [head]


def _partings(bodies: list[Body], at: int, words: Words) -> list[tuple[float, list[Body]]]:
    """Every way to part body ``at`` between paragraphs, with how much the place looks like a border.

    Another column width says most, then a phrase that opens reports, then how few words
    the paragraph shares with the two above.
    """
    items = bodies[at].items
    found = []
    for cut in range(1, len(items)):
        above, below = items[cut - 1], items[cut]
        if not ends_sentence(above.text) or below.kind is not Kind.PARAGRAPH:
            continue
        near = "\n".join(item.text for item in items[max(0, cut - 2) : cut])
        sign = 0.3 * (1 - words.share(below.text, near))
        sign += 0.4 * _set_apart(above, below) + 0.15 * bool(_OPENING.match(below.text))
        halves = [replace(bodies[at], items=items[:cut]), Body(items=items[cut:])]
        found.append((sign, [*bodies[:at], *halves, *bodies[at + 1 :]]))
    return found


def _shifted(heads: list[Head], old: list[Body], new: list[Body]) -> list[Head]:
    copies = [replace(head) for head in heads]
    _shift(copies, old, new)
    return copies


def _shift(heads: list[Head], old: list[Body], new: list[Body]) -> None:
    """Renumber the heads below the body that was parted."""
    place = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a is not b), len(old))
    for head in heads:
        head.before += head.before > place


def _give(bodies: list[Body], heads: list[Head], words: Words) -> None:
    """Give each body its head; what finds no body of its own goes to the one it stands beside."""
    titled = [head for head in heads if head.titles]
    _, pairs = _matched(bodies, titled, words)
    for number, at in pairs.items():
        bodies[at].head = titled[number]
    placed = [id(titled[number]) for number in pairs]
    for head in heads:
        if id(head) not in placed:
            at = _best_place(head, bodies, words)
            bodies[at].head = _joined_heads(bodies[at].head, head)


def _best_place(head: Head, bodies: list[Body], words: Words) -> int:
    scores = [_score(head, at, body, words) for at, body in enumerate(bodies)]
    return max(range(len(bodies)), key=lambda at: scores[at])


def _joined_heads(one: Head | None, other: Head) -> Head:
    if one is None:
        return other
    first, second = (one, other) if one.titles else (other, one)
    return Head(
        labels=first.labels + second.labels,
        kickers=first.kickers + second.kickers + second.titles,
        titles=first.titles,
        subtitles=first.subtitles + second.subtitles,
        bylines=first.bylines + second.bylines,
        before=one.before,
        marker=one.marker or other.marker,
    )


def _merged(bodies: list[Body]) -> list[Body]:
    """Bodies without a head that go on with the one before are joined to it."""
    out: list[Body] = []
    for body in bodies:
        headless = body.head is None and not (body.sure and out and out[-1].items[-1].kind in _CLOSERS)
        if out and headless and not (out[-1].items and out[-1].items[-1].kind in _CLOSERS):
            out[-1].items += body.items
        else:
            out.append(body)
    return out


# ---- pieces ----------------------------------------------------------------------------------


def _piece(body: Body) -> Piece:
    head = body.head or Head()
    bylines = _said_once(head.bylines)
    title, kickers = _title_of(head)
    signed = _signed(body.items)
    names, issuer = _authors(bylines, body.items)
    names = names or tuple(filter(None, [signed[0]]))
    subtitles = [re.sub(r"^[—\-─–―]+\s*", "——", item.text) for item in head.subtitles]
    return Piece(
        lines=tuple(item.line for item in [*bylines, *body.items]),
        title=title,
        subtitle=" ".join([*kickers, *subtitles]),
        label=" ".join(dict.fromkeys(_labels(head, bylines))),
        authors=names,
        issuer=issuer or signed[0],
        source=next((headlines.source(item.text) for item in body.items if item.kind is Kind.SOURCE), ""),
        date=signed[1],
        confidence=_confidence(body, title),
    )


def _confidence(body: Body, title: str) -> float:
    """Less where there is no title, or where the text stops in mid-sentence."""
    last = [item.text for item in body.items if item.kind is Kind.PARAGRAPH][-1:]
    return 0.95 - (0.15 if not title else 0.0) - (0.15 if last and not ends_sentence(last[0]) else 0.0)


def _title_of(head: Head) -> tuple[str, list[str]]:
    """The title, and the kickers that do not repeat it; a marker's words are the title where no line is."""
    titles = [item.text for item in head.titles]
    title = " ".join(titles) or head.marker
    kickers = [item.text for item in head.kickers if item.kind is not Kind.MARKER]
    return title, kickers


def _labels(head: Head, bylines: list[Item]) -> list[str]:
    shown = [byline(item.text) for item in bylines]
    words = [headlines.label(item.text) or item.text for item in head.labels]
    return words + [one.column for one in shown if one and one.column]


def _said_once(bylines: list[Item]) -> list[Item]:
    """Bylines without those that others repeat (a name set twice, once glued, once parted)."""

    def bare(text: str) -> str:
        return re.sub(r"\s", "", text)

    out: list[Item] = []
    for at, item in enumerate(bylines):
        others = "".join(bare(other.text) for other in bylines[at + 1 :])
        if bare(item.text) not in others:
            out.append(item)
    return out


def _authors(bylines: list[Item], items: list[Item]) -> tuple[tuple[str, ...], str]:
    """Names from the byline, else from 作者：, else from the credit; and the body they stand with."""
    shown = [found for item in bylines if (found := byline(item.text))]
    names = [name for one in shown for name in one.names]
    issuer = next((one.body for one in shown if is_body(one.body)), "")
    for item in items:
        if names:
            break
        names += [headlines.signed(item.text)] if headlines.signed(item.text) else []
    for item in items[-3:]:
        names = names or list(headlines.bracketed(item.text))
    for item in items[:3]:
        names = names or list(headlines.dateline(item.text))
    if not names:
        names += [name for item in [*items[:1], *items[-2:]] for name in headlines.credit(item.text) or ()]
    return tuple(dict.fromkeys(names or ([issuer] if issuer else []))), issuer


def _signed(items: list[Item]) -> tuple[str, str]:
    """Body and date of the signature below the text, on one line or on two."""
    for at in range(len(items) - 1, -1, -1):
        if items[at].kind is Kind.SIGNATURE:
            body, date = headlines.signature(items[at].text)
            above = items[at - 1].text if at else ""
            return body or (above if len(above) <= 30 and is_body(above) else ""), date
    return "", ""


# ---- a single document -----------------------------------------------------------------------

_TYPE = re.compile(
    r"(?:通知|意见|决定|办法|规定|条例|方案|公告|通告|通报|纪要|报告|细则|规则|批复|请示|答复|解释|章程|函|法)(?:[（(][^（）()]{1,12}[）)])?$"
)
_NO_TITLE = re.compile(r"〔\d{4}〕|\[\d{4}\]|文件$|^[（(].*[）)]$|^\d{4}年\d{1,2}月\d{1,2}日|^目\s*录$")


def _single(items: list[Item], metadata: dict[str, str]) -> Piece:
    """One document: its title goes to the title, all other lines stay in its text."""
    end = next((at for at, item in enumerate(items) if item.kind not in _FURNITURE), len(items))
    lead = items[: end or 0]
    titles = _lead_titles(lead)
    bylines = [item for item in lead if item.kind is Kind.BYLINE and item not in titles]
    subtitles = [item for item in lead if item.kind is Kind.SUBTITLE]
    labels = [item for item in lead if item.kind is Kind.LABEL]
    taken = [*titles, *subtitles, *labels]
    names, issuer = _authors(bylines, items)
    signed = _signed(items)
    return Piece(
        lines=tuple(item.line for item in items if not any(item is other for other in taken)),
        title="".join(item.text for item in titles) or metadata.get("title", "").strip(),
        subtitle=" ".join(item.text for item in subtitles),
        label=" ".join(headlines.label(item.text) for item in labels),
        authors=names,
        issuer=issuer or signed[0],
        source=next((headlines.source(item.text) for item in items if item.kind is Kind.SOURCE), ""),
        date=signed[1],
        confidence=1.0 if titles else 0.9,
    )


def _lead_titles(lead: list[Item]) -> list[Item]:
    """Which of the leading lines are the title: the format's heading, a line that names a kind of document, the first."""
    headings = [item for item in lead if item.kind is Kind.HEADING]
    if headings:
        return headings[:1]
    found = [
        item
        for item in lead
        if item.kind in (Kind.BARE, Kind.BYLINE, Kind.MARKER) and not _NO_TITLE.search(item.text)
    ]
    typed = [at for at, item in enumerate(found) if _TYPE.search(item.text)]
    if typed:
        at = typed[0]
        by_body = at > 0 and found[at].text.startswith("关于") and found[at - 1].kind is Kind.BYLINE
        wrapped = at > 0 and "关于" in found[at - 1].text and "关于" not in found[at].text
        beside = at > 0 and lead.index(found[at]) == lead.index(found[at - 1]) + 1
        return found[at - 1 : at + 1] if by_body or (wrapped and beside) else [found[at]]
    bare = [item for item in found if item.kind is not Kind.BYLINE]
    return bare[:1]
