"""What the stages hand on, what they read from, how long they take."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.calibration import Calibration
from assistant.cross_encoder import CrossEncoderReader
from assistant.drafting.piece import Piece
from assistant.evidence.candidate import Candidate
from assistant.likeness import Likeness
from assistant.lookup.fact import Fact
from assistant.lookup.passages import Passages
from assistant.question.focus import Focus
from assistant.settings import AssistantSettings
from assistant.types import Query
from corpus.store import Store
from corpus.types import Article, Hit
from corpus.versions.standing import Register


@dataclass(frozen=True, slots=True)
class Resources:
    """What stages read from; holds nothing that changes but caches, so threads may share it.

    ``today`` gives the day (ISO) on which documents hold or not where a question names none.
    """

    store: Store
    settings: AssistantSettings
    register: Register
    passages: Passages
    likeness: Likeness
    sure: Calibration
    reader: CrossEncoderReader | None
    today: Callable[[], str]


@dataclass(slots=True)
class Work:
    """What one question gathers on its way."""

    query: Query
    focus: Focus
    hits: list[Hit]
    notes: list[str]
    day: str
    judged: list[list[Candidate]] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    #: Laws whose clause is asked for by name; what cites another law's clause is no answer.
    laws: tuple[str, ...] = ()
    #: Whether the question is on which clause something rests.
    basis: bool = False
    #: Documents that it is about though it does not name them: those that the last answer quotes.
    about: tuple[Article, ...] = ()
    #: What a doubt about the last answer claims; None where there is no doubt.
    claimed: str | None = None
    #: What the confidence is computed from, see ``calibration.py``.
    signals: dict[str, float] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)

    @property
    def drafted(self) -> bool:
        return bool(self.facts or self.pieces)

    @property
    def supported(self) -> bool:
        return self.drafted or any(c.grade == "支持" for cs in self.judged for c in cs)


class Clock:
    """Seconds of each stage, since the one before it."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 6)
        self._last = now

    def done(self) -> dict[str, float]:
        self.seconds["total"] = round(time.perf_counter() - self._start, 6)
        return dict(self.seconds)
