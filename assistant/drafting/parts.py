"""The pieces that answer each part of a question: by kind, place, year, document."""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.drafting.basis import with_basis
from assistant.drafting.body import in_the_body
from assistant.drafting.facts import fact, said_otherwise, tied_items, tied_rows
from assistant.drafting.lists import listings, steps
from assistant.drafting.piece import DEFINING, ONE_SENTENCE, Piece, fit, merge, sentence_of
from assistant.drafting.sections import nearest_sentences, sections
from assistant.drafting.series import MANY, as_many, of_one_ending, series
from assistant.drafting.short_names import abbreviation, taken_up
from assistant.drafting.sides import both_sides
from assistant.drafting.stating import (
    conditions,
    remedy,
    stating,
    told_outright,
    with_details,
)
from assistant.evidence.candidate import Candidate
from assistant.evidence.needed import FACTS
from assistant.evidence.subject import innermost, speaks_of, year_reason
from assistant.question.focus import Focus
from assistant.question.parts import Part
from assistant.settings import AssistantSettings

#: What is quoted already answers a further question unless something is this much nearer.
ALREADY_SAID = 0.25


def covered(candidates: Sequence[Candidate], pieces: Sequence[Piece]) -> bool:
    """Whether the pieces chosen for an earlier part answer this one too."""
    good = [c for c in candidates if c.grade == "支持"]
    return any(
        c.score >= good[0].score - ALREADY_SAID
        and any(
            p.context is c.context and p.span.start <= c.span.start and c.span.end <= p.span.end
            for p in pieces
        )
        for c in good
    )


def draft_part(
    focus: Focus, part: Part, candidates: Sequence[Candidate], settings: AssistantSettings
) -> list[Piece]:
    """The pieces that answer one part, and what they rest on; empty when nothing supports an answer."""
    pieces = _drafted(focus, part, candidates, settings)
    fact_asked = part.kind in FACTS
    return with_basis(pieces, settings.fact_chars if fact_asked else settings.answer_chars)


def _drafted(
    focus: Focus, part: Part, candidates: Sequence[Candidate], settings: AssistantSettings
) -> list[Piece]:
    good = [c for c in candidates if c.grade == "支持"]
    places = innermost(focus)
    if good and len(places) > 1:
        return _by_place(focus, part, good, places, settings)
    if good and len(focus.years) > 1:
        return _by_year(focus, part, good, settings)
    if good and (sides := both_sides(focus, part, candidates, settings)):
        return fit(sides, settings)
    if good and focus.spread:
        return _by_document(good, settings)
    if not good:
        return []
    pieces = _from(focus, part, good, settings)
    below = in_the_body(part, pieces, candidates) if part.kind not in ("列举", "办法", "概括") else []
    told = [p for one in below for p in _from(focus, part, [one], settings)]
    return fit(merge(told), settings) if told else pieces


def _from(focus: Focus, part: Part, good: Sequence[Candidate], settings: AssistantSettings) -> list[Piece]:
    if part.kind in FACTS:
        if tied := tied_rows(focus, part, good) or tied_items(focus, part, good):
            return tied
        stated = fact(good[0], focus, part, settings)
        contrary = said_otherwise(stated, focus, part, good, settings)
        if contrary is None:
            return [stated]
        return [replace(p, under=p.context.article.title, contrary=True) for p in (stated, contrary)]
    if part.kind == "条款" and (retold := _retold(focus, good)):
        return fit(retold, settings)
    if part.kind in ("定义", "其他", "列举") and (told := taken_up(focus, good)):
        return fit(told, settings)
    if part.kind in ("定义", "其他", "是否", "条款", "比较"):
        named = abbreviation(focus, good)
        best = max(good, key=lambda c: c.worth + DEFINING * told_outright(part, c))
        return fit(named[1] if named else stating(part, best), settings)
    options = listings(focus, part, good) + series(focus, part, good) + of_one_ending(focus, part, good)
    in_steps = steps(focus, part, good) if part.kind == "办法" else []
    section = sections(focus, part, good)
    options += [*in_steps, *section] if _STEPS_ASKED.search(part.text) else [*section, *in_steps]
    if named := abbreviation(focus, good):
        options.append(named)
    options += [
        (c.score + DEFINING, [Piece(c.context, with_details(c, sentence_of(c)))])
        for c in good[:8]
        if conditions(part, c)
    ]
    worth = remedy(part, nearest := nearest_sentences(good, part))
    options.append((good[0].score + worth - (ONE_SENTENCE if part.kind == "列举" else 0.0), nearest))
    if (focus.count or 0) >= MANY and not any(as_many(focus.count or 0, pieces) for _, pieces in options):
        return []
    return fit(max(options, key=lambda o: o[0])[1], settings)


#: Asked for a course of steps, all of them go before what stands at one.
_STEPS_ASKED = re.compile("程序|步骤|流程|手续|[哪几]步")
#: A clause is retold in so many sentences at most.
RETOLD = 4


def _retold(focus: Focus, good: Sequence[Candidate]) -> list[Piece]:
    """Every sentence near the best that says what a clause asked for by number says; the law itself is
    looked up elsewhere."""
    at = good[0].context
    named = [c for c in good if c.context is at and any(n in at.segments[c.segment] for n in focus.clauses)]
    return merge([Piece(at, sentence_of(c)) for c in named[:RETOLD]])


def _by_place(
    focus: Focus, part: Part, good: Sequence[Candidate], places: Sequence[str], settings: AssistantSettings
) -> list[Piece]:
    """Each place that a question names, answered by what speaks of it."""
    pieces: list[Piece] = []
    for place in places:
        here = [c for c in good if speaks_of(place, focus.spread, c.context, c.segment)]
        pieces += _from(focus, part, here, settings) if here else []
    pieces = merge(pieces)
    several = len({id(p.context) for p in pieces}) > 1
    return fit([replace(p, under=p.context.article.title if several else "") for p in pieces], settings)


def _by_year(focus: Focus, part: Part, good: Sequence[Candidate], settings: AssistantSettings) -> list[Piece]:
    """Each year that a question names, answered by what speaks of it."""
    pieces: list[Piece] = []
    for year in sorted(focus.years):
        one = replace(focus, years=frozenset({year}))
        here = [c for c in good if not year_reason(one, c.context, c.segment)]
        pieces += _from(one, part, here, settings) if here else []
    return fit(merge(pieces), settings)


def _by_document(good: Sequence[Candidate], settings: AssistantSettings) -> list[Piece]:
    """The best sentence or two of each document, grouped by document."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in good:
        groups.setdefault(candidate.context.article.id, []).append(candidate)
    pieces: list[Piece] = []
    for members in list(groups.values())[: settings.documents]:
        title = members[0].context.article.title
        chosen = merge([Piece(c.context, sentence_of(c)) for c in members[:2]])
        pieces += [replace(p, under=title) for p in chosen]
    return fit(pieces, settings)
