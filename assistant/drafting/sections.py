"""What stands under the headings, openers and list items that a question names, or beside a sentence."""

import re
from collections.abc import Sequence

from assistant.drafting.piece import (
    COUNT_RIGHT,
    NEAR_BEST,
    NEAR_BEST_HOW,
    SHORT,
    Option,
    Piece,
    merge,
    sentence_of,
)
from assistant.drafting.series import counts
from assistant.drafting.stating import remedy, tells_how
from assistant.evidence.candidate import Candidate
from assistant.evidence.context import Context
from assistant.evidence.ordering import SUMMARY
from assistant.question.focus import Focus
from assistant.question.parts import Part
from assistant.structure import Span, sentence_spans


def sections(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
    """What stands under the headings, openers and list items that the question names."""
    bonus = COUNT_RIGHT / 2 if part.kind in ("办法", "概括") else 0.0
    options = []
    for candidate in good[:10]:
        if candidate.score < good[0].score - NEAR_BEST:
            break
        if pieces := section_of(candidate):
            nearness = candidate.score if part.kind != "列举" else (candidate.score + candidate.own) / 2
            counted_there = focus.count and any(counts(part, focus.count, p.text) for p in pieces)
            worth = remedy(part, pieces)
            options.append((nearness + worth + (COUNT_RIGHT if counted_there else bonus), pieces))
    return options


def section_of(best: Candidate) -> list[Piece]:
    at = best.context
    segment = at.view.segments[best.segment]
    line = at.view.lines[segment.line]
    if line.depth:
        return _under_heading(at, segment.line)
    for listing in at.view.lists:
        for item in listing.items:
            opens = item.start <= segment.start < item.start + 3
            if opens and listing.style != "小标题":
                whole = item if listing.style == "序数" else Span(segment.start, line.end)
                return [Piece(at, s) for s in sentence_spans(at.view.text, *whole)]
    inside = sentence_spans(at.view.text, line.start, line.end)
    summary = SUMMARY.match(at.view.of(line))
    heads_it = not summary and segment.start == line.start and inside[0].end - inside[0].start <= SHORT
    return [Piece(at, s) for s in inside] if heads_it and len(inside) > 1 else []


def _under_heading(at: Context, heading: int) -> list[Piece]:
    view = at.view
    below = [i for i in range(heading + 1, len(view.lines)) if heading in view.path[i]]
    if heading == 0 or not below:
        return []
    for listing in view.lists:
        if listing.line in below and listing.style != "小标题":
            return [Piece(at, _with_next(at, s) if listing.style == "段首句" else s) for s in listing.items]
    deeper = [i for i in below if view.lines[i].depth and view.line_text(i)[-1] not in "？?"]
    if deeper:
        return [Piece(at, Span(view.lines[i].start, view.lines[i].end)) for i in deeper]
    told = [i for i in below if not re.match("[问答][：:]", view.line_text(i))]
    return [Piece(at, Span(view.lines[i].start, view.lines[i].end)) for i in told or below]


def _with_next(at: Context, opener: Span) -> Span:
    """A paragraph's opener with the sentence that fills it."""
    line = at.view.lines[at.view.line_at(opener.start)]
    following = sentence_spans(at.view.text, opener.end, line.end)
    return Span(opener.start, following[0].end) if following else opener


#: Asked how: a sentence that tells the manner is worth this much more.
MANNER = 0.08


def nearest_sentences(good: Sequence[Candidate], part: Part) -> list[Piece]:
    """The best sentence; for a procedure also those of its paragraph that are nearly as near."""
    best = (
        max(good, key=lambda c: c.worth + MANNER * tells_how(c.context.view.of(c.span)))
        if part.kind == "办法"
        else good[0]
    )
    if best.span.end - best.span.start <= SHORT and (below := section_of(best)):
        return below
    most, margin = (4, NEAR_BEST_HOW) if part.kind in ("办法", "概括") else (2, NEAR_BEST)
    block = best.context.block_of[best.segment]
    chosen = [
        c
        for c in good
        if c.context is best.context
        and (
            c.context.block_of[c.segment] == block
            or (part.kind == "办法" and tells_how(c.context.view.of(c.span)))
        )
        and c.score >= best.score - margin
    ][:most]
    return merge([Piece(c.context, sentence_of(c)) for c in chosen])
