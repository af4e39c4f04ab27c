"""The sentence, clause or rows that state a fact, and what another document in force says otherwise."""

import re
from collections.abc import Sequence

from assistant.drafting.piece import Piece, clauses
from assistant.evidence.candidate import Candidate
from assistant.evidence.context import Context
from assistant.evidence.held import holds
from assistant.evidence.nearness import PIECES, found_in
from assistant.evidence.needed import wanted
from assistant.evidence.ordering import asks_limit
from assistant.evidence.subject import innermost, standing_of
from assistant.places import core
from assistant.question.focus import Focus
from assistant.question.heads import counted
from assistant.question.parts import Part
from assistant.ranges import amounts
from assistant.settings import AssistantSettings
from assistant.structure import TABLE_ROW, Span, columns
from assistant.values import fold, same_unit, values, years
from corpus.types import Article

#: A table's row says whose figures they are in its first cell: up to this long it is never cut.
ROW_CHARS = 160


def fact(candidate: Candidate, focus: Focus, part: Part, settings: AssistantSettings) -> Piece:
    """The sentence that states it; of a long one the clauses that do, with their subject."""
    at = candidate.context
    segment = at.view.segments[candidate.segment]
    sentence = at.view.sentences[segment.sentence]
    row = at.view.lines[segment.line]
    if row.end - row.start <= ROW_CHARS and TABLE_ROW.fullmatch(at.view.of(row)):
        return Piece(at, Span(row.start, row.end))
    if sentence.end - sentence.start <= settings.fact_chars:
        return Piece(at, sentence)
    span = candidate.span
    if span.end - span.start <= settings.fact_chars:
        return Piece(at, span)
    return Piece(at, _telling(at, span, wanted(focus, part), part))


def _telling(at: Context, span: Span, needed: dict[str, float], part: Part) -> Span:
    """The shortest run of clauses that says as much of what is asked as the whole does."""
    text = at.view.text
    parts = clauses(text, span)
    folded = [fold(text[c.start : c.end]) for c in parts]
    whole = "".join(folded)
    there = [t for t in needed if found_in(t, whole) >= PIECES]
    best = span
    for i in range(len(parts)):
        for j in range(i, len(parts)):
            run = Span(parts[i].start, parts[j].end)
            joined = "".join(folded[i : j + 1])
            if run.end - run.start >= best.end - best.start or _dangles(text, run):
                continue
            if all(found_in(t, joined) >= PIECES for t in there) and holds(
                part, text[run.start : run.end], counted(part, needed)
            ):
                best = run
    return best


def _dangles(text: str, run: Span) -> bool:
    """Whether a run of clauses begins in the middle of a thought or is mere digits."""
    said = text[run.start : run.end]
    return (
        bool(re.match(r"其|并|且|而|但|也|还|均|都|则|以及|和|与|同时|因此|所以|从而|使|让", said))
        or len(said) < 8
    )


#: So many rows of a table are quoted where the question says nothing that tells them apart.
TIED_ROWS = 8


def tied_rows(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Piece]:
    """The rows of one table that are all as near as the best one; none where it stands out."""
    best = good[0]
    view = best.context.view
    line = view.segments[best.segment].line
    row = view.line_text(line)
    of_a_place = any(core(p) in row for p in innermost(focus))
    if not TABLE_ROW.fullmatch(row) or amounts(part.text) or of_a_place:
        return []
    first = line
    while first and columns(view.line_text(first - 1)) == columns(view.line_text(line)):
        first -= 1
    same = [
        i
        for i in range(first, len(view.lines))
        if columns(view.line_text(i)) == columns(view.line_text(line))
    ]
    good_lines = {view.segments[c.segment].line for c in good if c.context is best.context}
    needed = wanted(focus, part)
    said = {i: {t for t in needed if found_in(t, fold(view.line_text(i)))} for i in same}
    rows = [i for i in same if i in good_lines and said[i] == said[line]]
    if not 1 < len(rows) <= TIED_ROWS:
        return []
    return [Piece(best.context, Span(view.lines[i].start, view.lines[i].end)) for i in rows]


#: So many characters of a list's items are quoted where the question says nothing that tells them apart.
TIED_ITEMS_CHARS = 240


def tied_items(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Piece]:
    """The items of one list that answer and are as near as the best one; none where it stands out.

    "加班费按几倍算": of a working day, of a day of rest, of a holiday.
    """
    best, needed = good[0], wanted(focus, part)
    at = best.context
    items = next((li.items for li in at.view.lists if _item_of(best, li.items)), ())
    if part.kind not in ("数字", "时间") or amounts(part.text) or asks_limit(part):
        return []
    answering = {i for c in good if c.context is at and (i := _item_of(c, items))}
    said = {i: {t for t in needed if found_in(t, fold(at.view.of(i))) >= PIECES} for i in answering}
    mine = said.get(_item_of(best, items) or best.span, set())
    tied = sorted(i for i in answering if said[i] == mine)
    if len(tied) < 2 or sum(i.end - i.start for i in tied) > TIED_ITEMS_CHARS:
        return []
    return [Piece(at, i) for i in tied]


def _item_of(candidate: Candidate, items: Sequence[Span]) -> Span | None:
    return next((i for i in items if i.start <= candidate.span.start < i.end), None)


#: Two documents speak of the same thing when they are nearly as near to the question.
SAME_THING = 0.2


def said_otherwise(
    best: Piece, focus: Focus, part: Part, good: Sequence[Candidate], settings: AssistantSettings
) -> Piece | None:
    """What another document in force says otherwise about the same thing of the same office."""
    ours = told(part, best.text)
    if not ours or part.kind not in ("数字", "时间"):
        return None
    top = good[0]
    for near in good[1:12]:
        if near.score < top.score - SAME_THING or not _comparable(best.context.article, near.context.article):
            continue
        other = fact(near, focus, part, settings)
        values_there = told(part, other.text)
        if values_there and not ours & values_there and alike(best.text, other.text):
            return other
    return None


#: Share of the shorter sentence's characters that the other one has, where both state one rule.
ALIKE = 0.5


def alike(one: str, other: str, share: float = ALIKE) -> bool:
    """Whether two sentences are worded as one rule with different figures."""
    a, b = (set(re.sub(r"[\d\W]|[一二两三四五六七八九十百千万]", "", t)) for t in (one, other))
    return len(a & b) >= share * min(len(a), len(b))


def _comparable(one: Article, other: Article) -> bool:
    """Different documents of one office or region that both hold, not of different years."""
    if one.id == other.id or standing_of(one) or standing_of(other):
        return False
    alike = (one.region and one.region == other.region) or (one.issuer and one.issuer == other.issuer)
    return (
        bool(alike)
        and one.published_on[:4] == other.published_on[:4]
        and years(one.title) == years(other.title)
    )


def told(part: Part, text: str) -> set[tuple[str, str]]:
    """The values in a text that could be the answer: of the unit asked for, or dates."""
    if part.kind == "时间":
        return {
            (v.kind, v.value)
            for v in values(text)
            if v.kind == "日期" or v.unit in ("天", "年", "个月", "日")
        }
    kind = "百分比" if part.unit == "%" else "数"
    found = [v for v in values(text) if v.kind == kind and v.unit and same_unit(part.unit, v.unit)]
    return {(v.kind, v.value) for v in found}
