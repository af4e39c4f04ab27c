"""What a summary at the top says, quoted from the text below it, where it stands with what it rests on."""

from collections.abc import Sequence

from assistant.drafting.facts import ALIKE, alike, told
from assistant.drafting.piece import Piece
from assistant.evidence.basis import CITED, beside
from assistant.evidence.candidate import Candidate
from assistant.evidence.ordering import SUMMARY, is_summed_up
from assistant.question.parts import Part

#: A body's sentence takes up the words asked for at most this much less than the summary's does.
AS_NEAR = 0.1
#: Share of its characters that a sentence has in common with the summary's, besides a value.
SAME_VALUE = 0.4


def in_the_body(part: Part, pieces: Sequence[Piece], candidates: Sequence[Candidate]) -> list[Candidate]:
    """The nearest sentences of the body that say what the one piece quotes from a summary.

    One that is as near to the question, is worded like the summary's and names the clause it rests
    on; of a fact as many as hold every value that the summary's holds. Empty where the piece is of
    no summary, or the body does not say it.
    """
    if len(pieces) != 1 or not _of_a_summary(pieces[0]):
        return []
    at, span = pieces[0].context, pieces[0].span
    inside = (c for c in candidates if c.context is at and span.start <= c.span.start < span.end)
    if not (summed := next(inside, None)):
        return []
    below = [
        c
        for c in candidates
        if c.context is at and not (c.fault or is_summed_up(c)) and _rests_on_a_clause(c)
    ]
    if part.kind in ("数字", "时间"):
        return _telling_all(part, at.view.of(span), below)
    return [c for c in below if _says_the_same(summed, c)][:1]


def _telling_all(part: Part, said: str, below: Sequence[Candidate]) -> list[Candidate]:
    """The fewest sentences, nearest first, that hold all values of what is said; empty where they do not."""
    missing = told(part, said)
    found: list[Candidate] = []
    for candidate in below:
        there = candidate.context.view.of(candidate.span)
        if missing & told(part, there) and alike(said, there, share=SAME_VALUE):
            missing -= told(part, there)
            found.append(candidate)
    return [] if missing else found


def _of_a_summary(piece: Piece) -> bool:
    view = piece.context.view
    return bool(SUMMARY.match(view.line_text(view.line_at(piece.span.start))))


def _rests_on_a_clause(candidate: Candidate) -> bool:
    at = candidate.context
    line = at.view.line_text(at.view.segments[candidate.segment].line)
    return bool(CITED.search(line)) or beside(at, candidate.span) is not None


def _says_the_same(one: Candidate, other: Candidate) -> bool:
    said, there = (c.context.view.of(c.span) for c in (one, other))
    return other.own >= one.own - AS_NEAR and len(set(said) & set(there)) >= ALIKE * len(set(said))
