"""The nouns of an answer, in the order a question goes through them."""

from dataclasses import dataclass, field
from typing import Literal

from corpus.types import Article, Filters, Hit

QuestionKind = Literal[
    "数字",
    "时间",
    "人物",
    "地点",
    "列举",
    "定义",
    "办法",
    "是否",
    "比较",
    "条款",
    "出处",
    "概括",
    "闲聊",
    "其他",
]
Grade = Literal["支持", "部分", "无关"]
Verdict = Literal["已核实", "数字不符", "引文不存在", "依据不足"]
Outcome = Literal["已回答", "依据不足", "存在冲突", "需澄清"]

#: The contract's words for the outcomes (``ask --json``).
OUTCOME_CODES: dict[Outcome, str] = {
    "已回答": "answered",
    "依据不足": "insufficient",
    "存在冲突": "conflict",
    "需澄清": "clarify",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """问题: a question as it was understood.

    ``text`` stands alone (follow-ups are resolved into it); ``terms`` are its content
    words, each with its weight (a rarity, ≥ 0); ``asked`` is what the user typed.
    """

    asked: str
    text: str
    kind: QuestionKind = "其他"
    terms: dict[str, float] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)
    as_of: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """依据: a hit that was judged against the question. ``marker`` counts from 1.

    ``reprints`` are the other copies of its article that are held.
    """

    marker: int
    hit: Hit
    grade: Grade
    reason: str = ""
    score: float = 0.0
    reprints: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """引用: one claim's link to its support.

    ``quote`` stands verbatim in the passage at ``start:end`` (offsets in the passage's
    text).
    """

    marker: int
    quote: str
    start: int
    end: int
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """陈述: one sentence (or list item) of an answer with its citations."""

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """回答: everything about one reply, what was rejected included.

    ``seconds`` holds the time of each stage (``understand, retrieve, judge, draft,
    verify, total``). ``confidence`` is the calibrated chance (0–1) that the evidence holds the
    answer, ``signals`` what it was computed from (``calibration.py``). ``withheld`` are sentences
    that were found and not said: they failed the verifier, or the confidence is too low.
    """

    question: str
    outcome: Outcome
    statements: tuple[Statement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    understood: str = ""
    confidence: float = 0.0
    signals: dict[str, float] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The answer as people read it: statements with their markers, a line each."""
        return "\n".join(
            s.text + "".join(f"[{m}]" for m in dict.fromkeys(c.marker for c in s.citations))
            for s in self.statements
        )
