"""Passages cut into units: sentences, and of long ones runs of clauses, each short enough to be quoted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.structure import Span
from assistant.values import fold

#: A unit is at most this long where its clauses let it, and at least this long where it can.
LONGEST, SHORTEST = 80, 12
_SENTENCE = re.compile(r"[^。！？!?；;\n\r]+[。！？!?；;”’）)]*")
_CLAUSE = re.compile(r"[^，,：:、]+(?:[，：:](?!\d)|,(?!\d{3})|、|$)?")
#: Where a search engine's excerpt was cut.
_TORN = re.compile(
    r"(?<!\.)\s*\.{3,}(?!\.)|…+|\s{4,}|^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}, \d{4}"
)
#: A table's row is one unit: its cells say nothing apart.
_ROW = re.compile(r"^[^\n：；。]{1,12}：[^\n；。]*(?:；[^\n：；。]{1,16}：[^\n；。]*)+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Unit:
    """读段: a run of one passage's clauses. ``passage`` counts from 0; ``said`` is folded, as is ``near``
    (its sentence with those around it)."""

    passage: int
    sentence: int
    span: Span
    said: str
    near: str


def units(passage: int, text: str) -> list[Unit]:
    """The units of one passage, in order; runs of clauses of one sentence overlap."""
    sentences = sorted(_sentences(text))
    folded = [fold(text[s.start : s.end]) for s in sentences]
    found = []
    for number, sentence in enumerate(sentences):
        near = "".join(folded[max(0, number - 1) : number + 2])
        for span in _runs(text, sentence):
            said = folded[number] if span == sentence else fold(text[span.start : span.end])
            found.append(Unit(passage, number, span, said, near))
    return found


def _sentences(text: str) -> Iterator[Span]:
    """Sentences without white space around them; an excerpt's torn places end them."""
    rows = [m.span() for m in _ROW.finditer(text)]
    yield from (Span(*row) for row in rows)
    start = 0
    for cut in sorted([*rows, *(m.span() for m in _TORN.finditer(text)), (len(text), len(text))]):
        for match in _SENTENCE.finditer(text, start, cut[0]):
            said = match[0]
            left = match.start() + len(said) - len(said.lstrip())
            right = match.end() - (len(said) - len(said.rstrip()))
            if right - left > 1:
                yield Span(left, right)
        start = cut[1]


def _runs(text: str, sentence: Span) -> Iterator[Span]:
    """A sentence, or the runs of its clauses of at most LONGEST characters, one from each clause on."""
    if sentence.end - sentence.start <= LONGEST or _ROW.match(text, sentence.start):
        yield sentence
        return
    clauses = [Span(m.start(), m.end()) for m in _CLAUSE.finditer(text, sentence.start, sentence.end)]
    reached = sentence.start
    for number, first in enumerate(clauses):
        end = first.end
        for later in clauses[number + 1 :]:
            if later.end - first.start > LONGEST:
                break
            end = later.end
        if end > reached and (end - first.start >= SHORTEST or end == sentence.end):
            reached = end
            yield Span(first.start, end)
