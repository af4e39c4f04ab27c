"""Clauses (条, 款) by their number."""

import re
from collections.abc import Sequence

from assistant.evidence.context import Context, context
from assistant.lookup.passages import Passages
from assistant.structure import Span
from assistant.values import whole
from corpus.types import Article, Passage

#: A clause and its paragraph by their numbers.
CLAUSE = re.compile(r"第([零〇一二三四五六七八九十百\d]+)条(?:第([一二三四五六七八九十\d]+)款)?")
_PARTS = re.compile(r"第([一二三四五六七八九十\d]+)款(?:至第([一二三四五六七八九十\d]+)款)?")


def clause_numbers(question: str) -> list[tuple[int | None, int | None]]:
    """``(条, 款)`` of every clause a question names; 款 is None where it names none."""
    return [(whole(m[1]), whole(m[2]) if m[2] else None) for m in CLAUSE.finditer(question)]


def clauses(question: str, articles: Sequence[Article], passages_of: Passages) -> list[tuple[Context, Span]]:
    """The clauses a question names by number, from the first document that has them."""
    wanted = clause_numbers(question)
    for article in articles:
        found = [
            (context(article), span)
            for clause, part in wanted
            for p in passages_of(article.id)
            if (span := _clause_span(p, clause, part))
        ]
        if found:
            return found
    return []


def _clause_span(passage: Passage, clause: int | None, part: int | None) -> Span | None:
    """Where in its article a passage says the clause; of several 款 the one asked for."""
    match = CLAUSE.search(passage.label)
    if not match or whole(match[1]) != clause:
        return None
    begin = re.search(r"第[零〇一二三四五六七八九十百\d]+条", passage.text)
    offset = begin.start() if begin else 0
    ranged = _PARTS.search(passage.label)
    if part is None or not ranged:
        return Span(passage.start + offset, passage.end) if part in (None, 1) else None
    first, last = whole(ranged[1]) or 1, whole(ranged[2] or ranged[1]) or 1
    if not first <= part <= last:
        return None
    starts = [m.start() for m in re.finditer(r"(?<![^\n])[^\n（(\s]", passage.text) if m.start() >= offset]
    if len(starts) != last - first + 1:
        return Span(passage.start + offset, passage.end)
    ends = [*starts[1:], len(passage.text)]
    return Span(passage.start + starts[part - first], passage.start + ends[part - first])
