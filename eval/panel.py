"""The trainers' page: gradio components, and what happens when they are used.

``panel.js`` turns clicks and forms into the one event ``act``, whose ``do`` names a ``do_`` method
of ``set_events.py``, ``run_events.py`` or ``review_events.py``; all in ``trainer/``; the ``…_pages.py`` there turn
values into HTML. A run has a thread of its own (``background.py``); the page asks every second how
far it is, so nothing waits for it. Only this file knows gradio.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.panel import COURIER, in_words
from corpus.errors import UserError
from corpus.web import look
from eval.trainer import markup, result_pages
from eval.trainer.background import Progress
from eval.trainer.desk import Desk, Reply, Values
from eval.trainer.forms import text_of
from eval.trainer.review_events import ReviewEvents
from eval.trainer.run_events import RunEvents
from eval.trainer.set_events import SetEvents

HERE = Path(__file__).parent
CSS = look.CSS + (HERE / "panel.css").read_text(encoding="utf-8")
_SCRIPT = (HERE / "panel.js").read_text(encoding="utf-8")
#: Seconds between two looks at a run.
TICK_S = 1.0


def build(page: gr.Blocks, desk: Desk) -> None:
    """Lays the page out in ``page``, which is open, and connects it."""
    trainers = Trainers(desk)
    with gr.Column(elem_id="evaluation"):
        notice = _html("evaluation-notice")
        progress = _html("evaluation-progress")
        board = _html("evaluation-desk")
    courier = gr.HTML("", html_template="<i></i>", js_on_load=COURIER, elem_id="evaluation-courier")
    clock = gr.Timer(TICK_S, active=False)
    # Not through the queue, which may lose an event that is sent as another ends (assistant/panel.py).
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    outputs = [notice, board, courier, progress, clock]
    for part in (progress, board):
        part.act(trainers.act, None, outputs, **quick)
    clock.tick(trainers.look, None, [progress, clock], **quick)
    loaded = [page.load]
    gr.on(loaded, trainers.look, None, [progress, clock], **quick)
    gr.on(loaded, trainers.arrive, None, [board], **quick)


def _html(elem_id: str) -> gr.HTML:
    return gr.HTML("", js_on_load=_SCRIPT, apply_default_css=False, elem_id=elem_id)


class Trainers:
    """培训人员: the handlers of the page's events, over one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sets = SetEvents(self.desk)
        self.parts = (self.sets, RunEvents(self.desk), ReviewEvents(self.desk))
        self._worded: tuple[Exception | None, str] = (None, "")

    def act(self, event: gr.EventData) -> tuple[Any, ...]:
        """One click or form: (sentence, page, file, progress, clock)."""
        values: Values = event._data if isinstance(event._data, dict) else {}
        try:
            reply = self._handler(text_of(values, "do"))(values)
        except Exception as error:  # the edge: everything must become words here
            reply = Reply(told=markup.said(in_words(error)))
        page = gr.skip() if reply.page is None else reply.page
        file = gr.skip() if reply.file is None else reply.file
        return reply.told, page, file, *self.look()

    def look(self) -> tuple[str, gr.Timer]:
        """The progress of the run, and whether to look again."""
        background = self.desk.background
        progress, going = background.progress, bool(background.going)
        if progress and not going and self.desk.dismissed == progress.name:
            progress = None
        return result_pages.progress_bar(progress, self._problem(progress)), gr.Timer(active=going)

    def _problem(self, progress: Progress | None) -> str:
        """What went wrong with a run, worded (and logged) once."""
        error = progress.error if progress else None
        if error is not None and self._worded[0] is not error:
            self._worded = (error, in_words(error))
        return self._worded[1] if error else ""

    def arrive(self) -> str:
        """The page as it is first seen."""
        try:
            return self.sets.do_sets({}).page or ""
        except Exception as error:  # the edge
            return markup.said(in_words(error))

    def _handler(self, name: str) -> Callable[[Values], Reply]:
        for part in self.parts:
            if handler := getattr(part, f"do_{name}", None):
                return handler
        raise UserError("这个按钮已经失效。", "请刷新页面再试。")
