"""Answering with a line in the log and a place in the metrics for each question."""

import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from assistant.answering import Answering, BusyError, Event
from assistant.pipeline import Assistant
from assistant.queueing import without_names
from assistant.types import Answer
from corpus import logs
from corpus.web.metrics import OUTCOMES, Metrics

_log = logging.getLogger(__name__)


class MeasuredAnswering(Answering):
    """As ``Answering``; what was asked is not written down unless ``questions_shown``."""

    def __init__(
        self, assistant: Assistant, metrics: Metrics, *, questions_shown: bool = False, **limits: Any
    ) -> None:
        """``limits`` are those of ``Answering``."""
        super().__init__(assistant, **limits)
        self._metrics = metrics
        self._shown = questions_shown
        metrics.watch("questions_answering", "正在回答的问题", lambda: self.busy)
        metrics.watch("questions_waiting", "排队的问题", lambda: self.waiting)

    async def events(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, str]] = (),
        as_of: str = "",
        passages: Sequence[str] | None = None,
    ) -> AsyncGenerator[Event]:
        """As ``Answering.events``."""
        earlier = [asked for asked, _ in history]
        logs.answering([] if self._shown else [question, *earlier])
        began = time.perf_counter()
        outcome, answer = "stopped", None
        try:
            stream = super().events(question, history=history, as_of=as_of, passages=passages)
            async with aclosing(stream) as events:
                async for event in events:
                    if isinstance(event, Answer):
                        answer, outcome = event, OUTCOMES[event.outcome]
                    yield event
        except BusyError:
            outcome = "busy"
            raise
        except Exception:
            outcome = "failed"
            raise
        finally:
            self._tell(question, outcome, answer, time.perf_counter() - began)

    def _tell(self, question: str, outcome: str, answer: Answer | None, seconds: float) -> None:
        stages = dict(answer.seconds) if answer else {}
        self._metrics.answered(outcome, seconds, {name: s for name, s in stages.items() if name != "total"})
        logs.tell(
            _log,
            "answer",
            outcome=outcome,
            ms=round(seconds * 1000, 1),
            stages_ms={name: round(s * 1000, 1) for name, s in stages.items()},
            statements=len(answer.statements) if answer else None,
            characters=len(question),
            question=without_names(question) if self._shown else None,
        )
