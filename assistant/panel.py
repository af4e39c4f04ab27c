"""The chat window: gradio components and what happens when they are used.

``window`` turns answers into HTML, ``window.js`` turns clicks into this file's
events, ``export.py`` writes conversations. Only this file knows gradio.
"""

import asyncio
import base64
import functools
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant import asked, export, queueing, reading
from assistant.answering import Answering, BusyError
from assistant.conversations import Conversations
from assistant.reading import Opened
from assistant.types import Citation
from assistant.window.conversation import conversation, empty_state, latest_turn
from assistant.window.sources import sources_panel
from assistant.window.turn import Turn, cited_markers, grown, history, settled
from corpus.errors import UserError
from corpus.web import look, page_view

if TYPE_CHECKING:
    from assistant.pipeline import Assistant
    from corpus.store import Store
    from corpus.types import ReviewReason

QUESTION_LIMIT = 2000
EXAMPLES = 6

HERE = Path(__file__).parent
CSS = look.CSS + page_view.CSS + reading.CSS + (HERE / "window" / "window.css").read_text(encoding="utf-8")
_SCRIPT = page_view.SCRIPT + (HERE / "window" / "window.js").read_text(encoding="utf-8")
#: For every page with events: none is lost between two of them.
QUEUE_SCRIPT = (HERE / "queue.js").read_text(encoding="utf-8")
#: Hands a file to the browser from memory, so no conversation is written to the server's disk.
COURIER = """
watch('value', () => {
  const file = props.value;
  if (!file || !file.data) return;
  const bytes = Uint8Array.from(atob(file.data), (c) => c.charCodeAt(0));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: file.type }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
});
"""

#: The two parts of the conversation: the turns before the latest, and the latest.
Talk = tuple[gr.HTML, gr.HTML]

_log = logging.getLogger(__name__)


def in_words(error: Exception) -> str:
    """What a person reads about an error: a ``UserError``'s two sentences, or the id of the log entry."""
    if isinstance(error, UserError):
        return f"{error.message}{error.hint}"
    number = secrets.token_hex(3)
    _log.error("error %s", number, exc_info=error)
    return f"程序出错了（编号 {number}）。请重试；如果再次出现，请把编号告诉管理员，以便在日志中查找。"


def guarded(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler, its errors shown as a Chinese notice; gradio renders notices as HTML, hence ``escape``."""

    @functools.wraps(handler)
    def safe(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except Exception as error:  # the edge: everything must become words here
            gr.Warning(escape(in_words(error)))
            return gr.skip()

    return safe


class Window:
    """聊天窗口: the handlers of the window's events, over one line of questions and the store.

    A conversation is a list of ``Turn``; gradio keeps one a session.
    """

    def __init__(self, answering: Answering, store: "Store") -> None:
        self.answering = answering
        self.store = store
        #: For which state of the store, on which day, which examples.
        self._examples: tuple[tuple[int, str], list[str]] = ((-1, ""), [])
        self._kept: Conversations[Turn] = Conversations()

    def welcome(self) -> str:
        """The empty state. It has a component of its own, so that drawing it late, when a question
        is already under way, cannot wipe an answer; the style sheet hides it beside one.

        Examples are found by asking: once for each state of the corpus, not for each visitor.
        """
        count = self.store.counts().sources
        seen = (self.store.revision, date.today().isoformat())  # what held yesterday may not hold today
        if count and self._examples[0] != seen:
            self._examples = (seen, self.answering.assistant.examples(EXAMPLES))
        return empty_state(self._examples[1] if count else [], count)

    def arrive(self, key: str, request: gr.Request) -> tuple[Any, ...]:
        """(key, earlier, latest, turns, sources) of the conversation that this browser tab had before."""
        turns = self._kept.recall(request.username or "", key)
        if not turns:  # somebody quick may have asked already: nothing of that is drawn over
            return key, *[gr.skip()] * 4
        return key, *conversation(turns), turns, sources_panel(len(turns) - 1, turns[-1])

    def keep(self, key: str, turns: list[Turn], request: gr.Request) -> None:
        """Keeps the conversation for when the tab comes back."""
        self._kept.keep(request.username or "", key, settled(turns))

    async def ask(
        self, question: str, turns: list[Turn], key: str, request: gr.Request
    ) -> AsyncGenerator[tuple[Any, ...]]:
        """Yields (earlier, latest, turns, sources, question box) while the answer comes."""
        question = question.strip()
        turns = settled(turns)
        if not question:
            yield *conversation(turns), turns, gr.skip(), ""
            return
        turns.append(Turn(question=question))
        yield *conversation(turns), turns, gr.skip(), ""
        async with aclosing(self._turns(question, turns[:-1], request.username or "")) as growing:
            async for turn in growing:
                turns = [*turns[:-1], turn]
                self.keep(key, turns, request)  # before it is shown: who leaves then finds it again
                yield gr.skip(), latest_turn(turns), turns, gr.skip(), gr.skip()
        panel = sources_panel(len(turns) - 1, turns[-1])
        yield gr.skip(), gr.skip(), turns, panel, gr.skip()

    async def suggested(
        self, event: gr.EventData, turns: list[Turn], key: str, request: gr.Request
    ) -> AsyncGenerator[tuple[Any, ...]]:
        """A click on an example question asks it."""
        async with aclosing(self.ask(_sent(event, "text"), turns, key, request)) as shown:
            async for one in shown:
                yield one

    async def _turns(self, question: str, earlier: Sequence[Turn], who: str = "") -> AsyncGenerator[Turn]:
        """The turn again and again as it grows; the last one is settled."""
        if len(question) > QUESTION_LIMIT:
            problem = f"问题太长了（{len(question)} 字）。请缩短到 {QUESTION_LIMIT} 字以内，一次只问一件事。"
            yield Turn(question=f"{question[:120]}……", problem=problem)
            return
        turn = Turn(question=question)
        try:
            async with aclosing(self.answering.events(question, history=history(earlier))) as events:
                async for event in events:
                    turn = grown(turn, event)
                    yield turn
        except BusyError as error:  # nobody tried to answer: that is no question without an answer
            yield replace(turn, problem=in_words(error))
            return
        except Exception as error:  # the edge: a person must read words, the log has the traceback
            yield replace(turn, problem=in_words(error))
        # In a thread: a writer may keep the catalogue for a while.
        await asyncio.to_thread(self._note, question, turn, who)

    def _note(self, question: str, turn: Turn, who: str) -> None:
        asked.keep(self.store, question, turn.answer, who=who)
        if turn.answer is not None and (reason := queueing.reason_of(turn.answer)):
            self._queue(turn, reason)

    def _queue(self, turn: Turn, reason: "ReviewReason", comment: str = "") -> None:
        """Puts the turn before the trainers. The answer stands even where that fails."""
        if turn.answer is None:
            return
        try:
            queueing.enqueue(self.store, turn.question, turn.answer, reason=reason, comment=comment)
        except Exception:  # a full disk must not take the answer from who asked
            _log.exception("review item not kept")

    def stop(self, turns: list[Turn]) -> tuple[str, str, list[Turn]]:
        """The conversation after the question under way was stopped."""
        turns = settled(turns)
        return *conversation(turns), turns

    def clear(self) -> tuple[str, str, list[Turn], str]:
        """A new conversation."""
        return *conversation([]), [], sources_panel(0, None)

    def open(self, event: gr.EventData, turns: list[Turn]) -> str:
        """The article behind a marker or a card, its quotes marked."""
        number, turn = _turn_of(event, turns)
        marker, answer = int(_sent(event, "marker")), turn.answer
        evidence = next((e for e in answer.evidence if e.marker == marker), None) if answer else None
        if answer is None or evidence is None:
            return reading.gone_panel(number)
        place = _sent(event, "statement")
        statements = [answer.statements[int(place)]] if place else answer.statements
        citations = dict.fromkeys(c for s in statements for c in s.citations if c.marker == marker)
        opened = self._opened(evidence.hit.passage.id, tuple(citations))
        if opened is None:
            return reading.gone_panel(number)
        return reading.reading_panel(opened, marker=marker, back_to=number)

    def _opened(self, passage_id: str, citations: tuple[Citation, ...]) -> Opened | None:
        passage = self.store.passage(passage_id)
        article = self.store.article(passage.article_id) if passage else None
        source = self.store.source(article.source_id) if article else None
        if passage is None or article is None or source is None:
            return None
        return Opened(article, source, passage, citations)

    def sources(self, event: gr.EventData, turns: list[Turn]) -> str:
        """Back from an article to the sources of the answer."""
        return sources_panel(*_turn_of(event, turns))

    def rate(self, event: gr.EventData, turns: list[Turn]) -> tuple[str, str, list[Turn]]:
        """Stores a thumb, with its comment, and shows it pressed."""
        (number, turn), rating = _turn_of(event, turns), _sent(event, "rating")
        if turn.answer is None or rating not in ("up", "down") or turn.rating == rating:
            return *conversation(turns), turns
        cited = cited_markers(turn.answer)
        self.store.add_feedback(
            question=turn.question,
            answer=turn.answer.text or turn.answer.outcome,
            rating="up" if rating == "up" else "down",
            comment=_sent(event, "comment")[:500],
            evidence=[e.hit.passage.id for e in turn.answer.evidence if e.marker in cited],
        )
        if rating == "down":
            self._queue(turn, "差评", _sent(event, "comment")[:500])
        rated = replace(turn, rating="up" if rating == "up" else "down")
        turns = [*turns[:number], rated, *turns[number + 1 :]]
        return *conversation(turns), turns

    def markdown(self, turns: list[Turn]) -> dict[str, str]:
        """The conversation as a Markdown file for the courier."""
        return sent_file(f"{_title()}.md", "text/markdown", export.to_markdown(_answered(turns)).encode())

    def docx(self, turns: list[Turn]) -> dict[str, str]:
        """The conversation as a Word file for the courier."""
        return sent_file(f"{_title()}.docx", export.DOCX_TYPE, export.to_docx(_answered(turns)))


def _answered(turns: Sequence[Turn]) -> list[Turn]:
    kept = [t for t in turns if t.answer is not None]
    if not kept:
        raise UserError("还没有可以导出的内容。", "请先提问，得到回答之后再导出。")
    return kept


def _sent(event: gr.EventData, name: str) -> str:
    """One datum of a browser event; a missing one is empty (the browser leaves out what is not set)."""
    value = event._data.get(name, "") if isinstance(event._data, dict) else ""
    return str(value)


def _turn_of(event: gr.EventData, turns: Sequence[Turn]) -> tuple[int, Turn]:
    number = int(_sent(event, "turn"))
    if number >= len(turns):  # a page that outlived its session, by a restart for instance
        raise UserError("这次对话已经失效。", "请刷新页面，重新提问。")
    return number, turns[number]


def _title() -> str:
    return f"工会政策问答-{time.strftime('%Y%m%d-%H%M')}"


def sent_file(name: str, media_type: str, content: bytes) -> dict[str, str]:
    # ``at`` makes every file a new value: the same one asked for twice is sent twice.
    data = base64.b64encode(content).decode()
    return {"name": name, "type": media_type, "data": data, "at": str(time.time_ns())}


def theme() -> gr.Theme:
    """Calm colours and the system's own Chinese fonts: nothing is fetched."""
    fonts = [
        "PingFang SC",
        "Microsoft YaHei",
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "system-ui",
        "sans-serif",
    ]
    return gr.themes.Base(
        primary_hue=gr.themes.colors.red,
        neutral_hue=gr.themes.colors.stone,
        font=fonts,
        font_mono=["Consolas", "Menlo", "Noto Sans Mono CJK SC", "monospace"],
        radius_size=gr.themes.sizes.radius_md,
    )


def page(assistant: "Assistant", store: "Store") -> gr.Blocks:
    """The window alone, as a page to launch with ``theme()`` and ``CSS``."""
    with gr.Blocks(fill_width=True, analytics_enabled=False) as alone:
        build(alone, Answering(assistant), store)
    return alone


def build(page: gr.Blocks, answering: Answering, store: "Store") -> None:
    """Lays the window out in ``page``, which is open, and connects it."""
    handlers = Window(answering, store)
    turns = gr.State([])
    with gr.Row(elem_id="window", equal_height=False):
        with gr.Column(scale=7, min_width=320, elem_id="left"):
            with gr.Column(elem_id="conversation"):
                welcome = _html(elem_id="welcome")
                talk = (_html(elem_id="earlier"), _html(elem_id="latest"))
            with gr.Row(elem_id="asking"):
                box = _question_box()
                send = gr.Button("发送", variant="primary", elem_id="send", min_width=72, scale=0)
                stop = gr.Button("停止", variant="stop", elem_id="stop", min_width=72, scale=0)
            with gr.Row(elem_id="toolbar"):
                clear = gr.Button("新对话", size="sm", min_width=60, scale=0)
                markdown = gr.Button("导出 Markdown", size="sm", min_width=60, scale=0)
                docx = gr.Button("导出 Word", size="sm", min_width=60, scale=0)
        with gr.Column(scale=5, min_width=320, elem_id="right"):
            panel = _html(elem_id="sources", value=sources_panel(0, None))
    courier = gr.HTML("", html_template="<i></i>", js_on_load=COURIER, elem_id="courier")
    key, sent_key = gr.State(""), gr.Textbox(visible=False)
    page.load(None, [box], [box], js=_HANDED_OVER)
    page.load(handlers.arrive, [sent_key], [key, *talk, turns, panel], js=_KEY_OF_TAB, **_ASIDE)
    changes = _connect_asking(handlers, turns, sent_key, (welcome, *talk), panel, box, send, stop, clear)
    gr.on([page.load], guarded(handlers.welcome), None, [welcome], **_ASIDE)
    changes += _connect_reading(handlers, turns, talk, panel)
    for change in changes:
        change.then(handlers.keep, [key, turns], None, **_ASIDE)
    for button, handler in ((markdown, handlers.markdown), (docx, handlers.docx)):
        button.click(guarded(handler), [turns], [courier], **_AT_ONCE)


#: What this browser tab calls its conversation; ``crypto.randomUUID`` is missing on plain http.
_KEY_OF_TAB = """() => {
  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0'));
  sessionStorage.conversation ||= random().join('');
  return [sessionStorage.conversation];
}"""

#: A question that another page sent here (eval/panel.js) is put into the box, to be changed or sent.
_HANDED_OVER = """(typed) => {
  const handed = sessionStorage.getItem('question');
  sessionStorage.removeItem('question');
  if (handed) setTimeout(() => document.querySelector('#question textarea')?.focus(), 80);
  return handed || typed;
}"""

#: Quick events have no limit: opening a source must not wait behind somebody's question.
#: They do go through the queue, since without it gradio shows no notices.
_AT_ONCE: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": None,
}

#: Not through the queue: what happens unasked, or just before or after asking, comes at once and does
#: not depend on the stream of events, which ends and begins as questions do.
_ASIDE: dict[str, Any] = {**_AT_ONCE, "queue": False}


def _html(*, elem_id: str, value: str = "") -> gr.HTML:
    return gr.HTML(value, js_on_load=_SCRIPT, apply_default_css=False, elem_id=elem_id)


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        placeholder="请输入问题",
        label="问题",
        show_label=False,
        container=False,
        lines=1,
        max_lines=6,
        autofocus=True,
        scale=1,
        elem_id="question",
        html_attributes=gr.InputHTMLAttributes(enterkeyhint="send", lang="zh-CN", spellcheck=False),
    )


def _connect_asking(
    handlers: Window,
    turns: gr.State,
    key: gr.Textbox,
    drawn: tuple[gr.HTML, gr.HTML, gr.HTML],
    panel: gr.HTML,
    box: gr.Textbox,
    send: gr.Button,
    stop: gr.Button,
    clear: gr.Button,
) -> list[Any]:
    """Returns the events that change the conversation, beside asking, which keeps it itself."""
    welcome, *talk = drawn
    queued: dict[str, Any] = {
        "outputs": [*talk, turns, panel, box],
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_limit": None,  # they wait in our own line, where they are told their place
    }
    # The tab gives its key itself: who asks at once does so before the page knows it.
    asking = gr.on(
        [box.submit, send.click],
        handlers.ask,
        [box, turns, key],
        trigger_mode="always_last",  # asked while an answer is coming: it is its turn next, not lost
        js="(question, turns) => [question, turns, sessionStorage.conversation || '']",
        **queued,
    )
    suggested = welcome.suggest(
        handlers.suggested, [turns, key], js="(turns) => [turns, sessionStorage.conversation || '']", **queued
    )
    going = [asking, suggested]
    stopped = stop.click(handlers.stop, [turns], [*talk, turns], cancels=going, **_ASIDE)
    cleared = clear.click(handlers.clear, None, [*talk, turns, panel], cancels=going, **_ASIDE)
    return [stopped, cleared]


def _connect_reading(handlers: Window, turns: gr.State, talk: Talk, panel: gr.HTML) -> list[Any]:
    """Returns the events that change the conversation."""
    for place in (*talk, panel):
        place.open(guarded(handlers.open), [turns], [panel], **_AT_ONCE)
    panel.list(guarded(handlers.sources), [turns], [panel], **_AT_ONCE)
    return [place.rate(guarded(handlers.rate), [turns], [*talk, turns], **_AT_ONCE) for place in talk]
