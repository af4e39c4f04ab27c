"""Both sides of a question that sets two things side by side, each by the sentence that speaks of it."""

import re
from collections.abc import Sequence

from assistant.drafting.facts import fact
from assistant.drafting.piece import Piece, merge
from assistant.evidence.candidate import Candidate
from assistant.evidence.nearness import PIECES, found_in
from assistant.evidence.needed import wanted
from assistant.question.focus import Focus
from assistant.question.parts import Part
from assistant.question.vocabulary import WEAK_WORDS
from assistant.settings import AssistantSettings
from assistant.structure import columns
from assistant.values import fold

#: "网约车司机跟货车司机哪个月均收入高", "五级和十级各是多少".
_TWO_ASKED = re.compile(
    "分别|各(?:是|为|有|多少|几|要|交)|相?差多?少?几?|一样吗|哪个(?:更|多|少|高|低|大|月|平均)|谁更"
)
_TWO = re.compile(r"([\u4e00-\u9fff\d]{2,14})(?:和|跟|与|同|、)([\u4e00-\u9fff\d]{2,24})")
#: A side's sentence may be this much less near than the best one of all.
OTHER_SIDE = 0.35
#: Sentences of a side that are tried with those of the other; rows of one table belong together.
FEW = 4
ONE_TABLE = 0.5


def both_sides(
    focus: Focus, part: Part, candidates: Sequence[Candidate], settings: AssistantSettings
) -> list[Piece]:
    """A sentence for each of two things that are compared; empty where they are not told apart."""
    said = fold(part.text)
    two = _TWO.search(said)
    if not two or not _TWO_ASKED.search(said):
        return []
    terms = [t for t in wanted(focus, part) if t not in WEAK_WORDS]
    left, right = ({t for t in terms if t in side} for side in two.groups())
    left, right = left - right, right - left
    if not left or not right:
        return []
    near = [c for c in candidates if not c.fault and c.score >= candidates[0].score - OTHER_SIDE]
    pairs = [(a, b) for a in _only(near, left, right) for b in _only(near, right, left)]
    if not pairs:
        return []
    one, other = max(pairs, key=lambda p: p[0].score + p[1].score + ONE_TABLE * _one_table(*p))
    return merge([fact(one, focus, part, settings), fact(other, focus, part, settings)])


def _only(near: Sequence[Candidate], mine: set[str], others: set[str]) -> list[Candidate]:
    """The nearest sentences that name one side more than the other."""
    named = [c for c in near if _share(mine, c) > _share(others, c)]
    return sorted(named, key=lambda c: -c.score)[:FEW]


def _one_table(one: Candidate, other: Candidate) -> bool:
    """Whether two segments are rows of one table."""
    rows = [c.context.view.line_text(c.context.view.segments[c.segment].line) for c in (one, other)]
    return one.context is other.context and columns(rows[0]) == columns(rows[1]) != ()


def _share(terms: set[str], candidate: Candidate) -> float:
    """Share (0–1) of some terms that a sentence, or the heading right above it, names."""
    at, index = candidate.context, candidate.segment
    said = at.segments[index] + at.nearest[index]
    return sum(found_in(t, said) >= PIECES for t in terms) / len(terms)
