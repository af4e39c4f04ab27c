"""Which head speaks of which body: shared words, and standing beside it; the best total wins."""

import re
from dataclasses import replace

from ingest.affinity import Words, assign
from ingest.page import headlines
from ingest.page.headlines import Kind, ends_sentence
from ingest.parting.nouns import CLOSERS, Body, Head
from ingest.parting.outline import OPENING, set_apart


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
ONE_SHEET = 20


def part_by_supply(bodies: list[Body], heads: list[Head], words: Words) -> list[Body]:
    """Part a body in two where a titled head is left over and finds its text there."""
    titled = [head for head in heads if head.titles]
    while len(bodies) < len(titled) <= ONE_SHEET:
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


def part_head(head: Head, bodies: list[Body], words: Words) -> list[Head]:
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
        sign += 0.4 * set_apart(above, below) + 0.15 * bool(OPENING.match(below.text))
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


def give(bodies: list[Body], heads: list[Head], words: Words) -> None:
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


def merged(bodies: list[Body]) -> list[Body]:
    """Bodies without a head that go on with the one before are joined to it."""
    out: list[Body] = []
    for body in bodies:
        headless = body.head is None and not (body.sure and out and out[-1].items[-1].kind in CLOSERS)
        if out and headless and not (out[-1].items and out[-1].items[-1].kind in CLOSERS):
            out[-1].items += body.items
        else:
            out.append(body)
    return out
