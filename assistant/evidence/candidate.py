"""A segment judged against one part of a question, and what it is scored by before."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from assistant.evidence.context import Context
from assistant.structure import Span
from assistant.types import Grade

#: What keeps a segment from being an answer, apart from how near its words are.
Fault = Literal["", "对象不符", "形式不符", "没有所问"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """候选: one segment judged against one part of a question. ``score`` is its coverage, 0–1."""

    context: Context
    segment: int
    score: float
    own: float
    grade: Grade
    reason: str = ""
    fault: Fault = ""
    #: Where it goes among those that support an answer: its coverage and what its form is worth.
    worth: float = 0.0

    @property
    def span(self) -> Span:
        found = self.context.view.segments[self.segment]
        return Span(found.start, found.end)


class Scored(NamedTuple):
    """A segment with its coverage of the words asked for: in all, and in its own words."""

    at: Context
    segment: int
    score: float
    own: float
    #: How close the words are that its article has at all.
    close: Mapping[str, float] = MappingProxyType({})
