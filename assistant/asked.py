"""What is kept of a question for statistics, whoever answered it: the window, an interface, a batch."""

import logging

from assistant.citing import GIVEN
from assistant.question.kind import kind_of
from assistant.queueing import enqueue, reason_of, without_names
from assistant.types import Answer
from corpus.records.question_log import BROKEN
from corpus.store import Store

_log = logging.getLogger(__name__)


def keep(store: Store, question: str, answer: Answer | None, *, who: str = "") -> None:
    """Keep a question with what became of it; None is an answer that failed.

    It is kept as it was understood, standing alone, with what identifies a person masked; ``who``
    only where the administrator has turned that on. Never raises: an answer stands even where
    this fails.
    """
    try:
        text = without_names((answer.understood if answer else "") or question)
        cited = {c.marker for s in answer.statements for c in s.citations} if answer else set()
        sources = [e.hit.source.id for e in answer.evidence if e.marker in cited] if answer else []
        store.asked.add(
            question=text,
            outcome=answer.outcome if answer else BROKEN,
            category=kind_of(text),
            seconds=answer.seconds.get("total", 0.0) if answer else 0.0,
            sources=[id_ for id_ in sources if not id_.startswith(GIVEN)],
            who=who,
        )
    except Exception:  # a full disk must not take the answer from who asked
        _log.exception("question not kept")


def settle(store: Store, question: str, answer: Answer | None, *, who: str = "", given: bool = False) -> None:
    """Keep a question, and put its answer before the trainers where they should look at it. Never raises.

    ``given``: it was answered from texts that came with it, of which trainers know nothing.
    """
    keep(store, question, answer, who=who)
    if given or answer is None or (reason := reason_of(answer)) is None:
        return
    try:
        enqueue(store, question, answer, reason=reason)
    except Exception:  # a full disk must not take the answer from who asked
        _log.exception("review item not kept")
