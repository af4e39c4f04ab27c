"""What a document's own data say, and the words of its text that bear it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence.context import Context
from assistant.structure import Span
from assistant.values import fold

#: Lines at the top and the bottom of an article where its author, source and date stand.
EDGE_LINES = 4


@dataclass(frozen=True, slots=True)
class Fact:
    """直查所得: a sentence about a document and the span of its text that bears it out.

    ``span`` is None where only the catalogue knows it.
    """

    context: Context
    text: str
    span: Span | None


def line_with(at: Context, needles: Sequence[str]) -> Span | None:
    """The first edge line (else any line) that holds one of the strings."""
    lines = at.view.lines
    edges = [*range(min(EDGE_LINES, len(lines))), *range(max(0, len(lines) - EDGE_LINES), len(lines))]
    for index in [*edges, *range(len(lines))]:
        folded = at.lines[index]
        if any(fold(n) in folded for n in needles if n):
            line = lines[index]
            inside = [
                s
                for s in at.view.sentences_of(index)
                if any(fold(n) in fold(at.view.of(s)) for n in needles if n)
            ]
            return inside[0] if inside else Span(line.start, line.end)
    return None
