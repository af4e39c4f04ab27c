"""Lists that are announced: numbered, with bullets, under headings, step by step."""

import re
from collections.abc import Sequence

from assistant.drafting.piece import COUNT_RIGHT, COUNT_WRONG, IS_LIST, NEAR_BEST, Option, Piece, contexts
from assistant.evidence.candidate import Candidate
from assistant.evidence.context import ASKS, Context
from assistant.evidence.form import LEADS_IN
from assistant.evidence.nearness import PIECES, found_in
from assistant.evidence.needed import listed_noun, wanted
from assistant.question.focus import Focus
from assistant.question.parts import Part
from assistant.question.vocabulary import WEAK_WORDS
from assistant.structure import Listing
from assistant.values import fold

#: A list must be announced at least this well (share of the question's words in its lead).
LIST_COVERAGE = 0.55
#: A step is said in a sentence or two; longer items are a document's sections.
STEP_CHARS = 200


def steps(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
    """The whole list of steps that the best sentence stands in, asked how something is done."""
    best = good[0]
    for listing in best.context.view.lists:
        if _of_questions(best.context, listing) or _of_aspects(part, best.context, listing):
            continue
        if max(i.end - i.start for i in listing.items) > STEP_CHARS:
            continue
        if listing.style == "序数" and any(i.start <= best.span.start < i.end for i in listing.items):
            above = fold(best.context.view.of(listing.lead)) + best.context.nearest[best.segment]
            topic = any(t in above for t in wanted(focus, part) if t not in WEAK_WORDS)
            if topic or re.search(r"步骤|程序|流程|办理|手续|方法|办法|步|怎", above):
                return [(best.score + IS_LIST, [Piece(best.context, i) for i in listing.items])]
    return []


def listings(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
    needed = wanted(focus, part)
    total = sum(needed.values()) or 1.0
    options: list[Option] = []
    for at in contexts(good):
        supported = {at.view.segments[c.segment].line for c in good if c.context is at}
        for listing in at.view.lists:
            if _of_questions(at, listing) or _of_aspects(part, at, listing):
                continue
            announced = _announced(at, listing, needed) / total
            outline = _is_outline(part, focus, at, listing)
            if _leads(good[0], at, listing) and not outline:
                announced = max(announced, good[0].score)
            parted = listing.style == "小标题" and len(listing.items) == focus.count and good[0].context is at
            if parted:
                announced = max(announced, good[0].score - NEAR_BEST)
            near = parted or supported & set(_near_lines(at, listing))
            if announced < LIST_COVERAGE or not near:
                continue
            announced -= OTHER_NOUN * _of_another_noun(part, needed, at, listing)
            announced -= WHOLE_DOCUMENT * (
                listing.style == "小标题" and _is_outline(part, focus, at, listing)
            )
            items = listing.items
            if focus.count and len(items) == focus.count + 1 and listing.style == "段首句":
                items = items[1:]  # the first paragraph introduces the others
            score = announced + IS_LIST
            if focus.count:
                score += COUNT_RIGHT if len(items) == focus.count else -COUNT_WRONG
            options.append((score, [Piece(at, item) for item in items]))
    return options


#: The headings of a whole document answer what it is about, and count this much less for one thing in it.
WHOLE_DOCUMENT = 0.3


def _is_outline(part: Part, focus: Focus, at: Context, listing: Listing) -> bool:
    """Whether a list is that of a document's own headings, and one thing in it is asked for."""
    if at.view.path[listing.line] or part.kind == "概括" or len(listing.items) == focus.count:
        return False
    whole = listing.style == "小标题" or LEADS_IN.search(at.view.of(listing.lead))
    if not whole and not any("\n" in at.view.of(item) for item in listing.items):
        return False
    return not listed_noun(part, wanted(focus, part))


#: A list of something else than what was asked for ("程序": "下列情形之一") counts this much less.
OTHER_NOUN = 0.3


def _of_questions(at: Context, listing: Listing) -> bool:
    """Whether the items are questions (a page of questions and answers): no list of anything."""
    opened = [at.view.of(item).lstrip().split("\n")[0].rstrip() for item in listing.items]
    return 2 * sum(line[-1:] in "？?" for line in opened if line) > len(opened)


def _of_aspects(part: Part, at: Context, listing: Listing) -> bool:
    """Whether the items are headings that ask ("什么时候付"): asked how, none of them is a way."""
    if part.kind != "办法":
        return False
    return any(ASKS.search(at.view.of(item).split("\n")[0]) for item in listing.items)


def _leads(best: Candidate, at: Context, listing: Listing) -> bool:
    """Whether the best candidate is the sentence that announces a list."""
    return best.context is at and listing.lead.start <= best.span.start < listing.lead.end


def _of_another_noun(part: Part, needed: dict[str, float], at: Context, listing: Listing) -> bool:
    """Whether neither what announces a list nor its items name the thing that is to be listed."""
    noun = listed_noun(part, needed)
    if not noun:
        return False
    above = [at.view.of(at.view.lines[i]) for i in at.view.path[listing.line]]
    heads = [fold(at.view.text[i.start : i.start + 30]) for i in listing.items]
    if 2 * sum(found_in(noun, h) >= PIECES for h in heads) >= len(heads):
        return False
    return found_in(noun, fold("。".join((at.view.of(listing.lead), *above)))) < PIECES


def _near_lines(at: Context, listing: Listing) -> list[int]:
    """Lines whose support counts for a list: its own, its lead's and its items'."""
    return [at.view.line_at(s.start) for s in (listing.lead, *listing.items)]


def _announced(at: Context, listing: Listing, needed: dict[str, float]) -> float:
    lead = fold(at.view.of(listing.lead)) or at.title
    above = fold("。".join(at.view.of(at.view.lines[i]) for i in at.view.path[listing.line]))
    heads = [fold(at.view.text[i.start : i.start + 30]) for i in listing.items]
    found = 0.0
    for term, weight in needed.items():
        shared = sum(found_in(term, h) >= 1.0 for h in heads) / len(heads)
        best = max(found_in(term, lead), 0.9 * found_in(term, above), 0.9 * found_in(term, at.title), shared)
        found += weight * best
    return found
