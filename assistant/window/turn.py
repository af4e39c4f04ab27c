"""One round of a conversation, as a session keeps it, and how it grows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from assistant.answering import Waiting
from assistant.types import Answer, Statement

#: Questions that a new one is understood by.
HISTORY_TURNS = 6
#: The step of a question that waits for others.
QUEUED = "排队"
KEPT_EVIDENCE = 8
Rating = Literal["", "up", "down"]


class Step(NamedTuple):
    """进度: a stage that has begun, and what it found."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """一轮问答: a question and its reply, or the problem that came instead of one.

    A turn without ``answer`` and ``problem`` is still being worked on; then ``steps``
    and ``statements`` hold what has come so far.
    """

    question: str
    answer: Answer | None = None
    problem: str = ""
    steps: tuple[Step, ...] = ()
    statements: tuple[Statement, ...] = field(default=())
    rating: Rating = ""


def slim(answer: Answer) -> Answer:
    """The answer with only the evidence that the window can show, without whole articles.

    A session keeps its turns in memory; the sources panel reads articles from the store.
    """
    cited = {c.marker for s in answer.statements for c in s.citations}
    kept = [e for e in answer.evidence if e.marker in cited]
    others = [e for e in answer.evidence if e.marker not in cited]
    kept += others[: max(0, KEPT_EVIDENCE - len(kept))]
    light = (
        replace(e, hit=replace(e.hit, article=replace(e.hit.article, text="")))
        for e in sorted(kept, key=lambda e: e.marker)
    )
    return replace(answer, evidence=tuple(light))


def cited_markers(answer: Answer) -> list[int]:
    """The markers that stand in the answer, in the order in which they are read."""
    return list(dict.fromkeys(c.marker for s in answer.statements for c in s.citations))


def history(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """The latest questions, as they were understood, with their answers, oldest first."""
    settled = [(t, t.answer) for t in turns if t.answer is not None]
    return [(answer.understood or t.question, answer.text) for t, answer in settled][-HISTORY_TURNS:]


def settled(turns: Sequence[Turn]) -> list[Turn]:
    """The turns; one that was stopped before its answer says so."""
    return [t if t.answer or t.problem else replace(t, problem="已停止。可以重新提问。") for t in turns]


def grown(turn: Turn, event: Any) -> Turn:
    """The turn after one event of answering (the place in line, a stage, a statement, the answer)."""
    if isinstance(event, Waiting):
        return replace(turn, steps=(Step(QUEUED, _in_line(event)),))
    if isinstance(event, Answer):
        return replace(turn, answer=slim(event))
    if isinstance(event, Statement):
        return replace(turn, statements=(*turn.statements, event))
    return replace(turn, steps=(*turn.steps, Step(event.name, event.detail)))


def _in_line(waiting: Waiting) -> str:
    ahead = f"前面还有 {waiting.position} 个问题" if waiting.position else "下一个就是您的问题"
    return f"{ahead}，大约再等 {max(1, round(waiting.seconds))} 秒"
