"""An optional chat model that words the answer. What it writes is checked like everything else.

Only this file knows LangChain, and imports it when a model is configured.
"""

import queue
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant import prompts, verify
from assistant.settings import AssistantSettings
from assistant.structure import sentence_spans
from assistant.types import Verdict
from corpus.types import Hit

#: More passages than this only dilute; the judge has put the best first.
PASSAGES = 12
#: A line longer than this is no sentence: a model that rambles is cut off here.
LINE_CHARS = 600
#: A model that never stops is stopped here.
ANSWER_CHARS = 6000
#: What is not seen and changes what is seen: control characters, marks of direction, joiners.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
#: Words by which the model says that the passages do not answer.
NO_ANSWER = "无依据"


class ModelError(Exception):
    """The model could not be loaded, reached or understood; the reason is for the log."""


class ChatModel(Protocol):
    """What is asked of a model: the text of its reply, piece by piece."""

    def reply(self, system: str, user: str) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """草稿句: one sentence of a model with the hits it is borne out by, and the verdict."""

    text: str
    hits: tuple[Hit, ...]
    verdict: Verdict


class LangChainModel:
    """Any LangChain chat model, by ``provider:name``."""

    def __init__(self, settings: AssistantSettings) -> None:
        options: dict[str, Any] = {"base_url": settings.model_base_url, "api_key": settings.model_key}
        given = {name: value for name, value in options.items() if value}
        try:
            from langchain.chat_models import init_chat_model

            self._model: Any = init_chat_model(
                settings.model, temperature=0, timeout=settings.model_timeout_s, max_retries=1, **given
            )
        except Exception as error:  # each provider's package raises its own kinds
            raise ModelError(str(error)) from error
        self._timeout_s = settings.model_timeout_s

    def reply(self, system: str, user: str) -> Iterator[str]:
        """Raises ModelError for whatever goes wrong on the way, and where it takes too long in all.

        The provider's own limit is on each silence: a server that sends a sign of life now and
        then, or a word, would be waited for without end.
        """
        until = time.monotonic() + self._timeout_s
        drawn: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        given_up = threading.Event()
        messages = [("system", system), ("human", user)]
        threading.Thread(target=self._draw, args=(messages, drawn, given_up), daemon=True).start()
        try:
            while (piece := drawn.get(timeout=max(0.0, until - time.monotonic()))) is not None:
                if isinstance(piece, Exception):
                    raise ModelError(str(piece)) from piece
                yield piece
        except queue.Empty:
            raise ModelError(f"no whole reply in {self._timeout_s:g} s") from None
        finally:
            given_up.set()

    def _draw(
        self,
        messages: list[tuple[str, str]],
        drawn: "queue.SimpleQueue[str | Exception | None]",
        given_up: threading.Event,
    ) -> None:
        """In a thread: the pieces as they come, then None, or what went wrong."""
        last: Exception | None = None
        try:
            for chunk in self._model.stream(messages):
                if given_up.is_set():
                    return
                if text := _text(chunk.content):
                    drawn.put(text)
        except Exception as error:  # network, protocol and provider errors have no common base
            last = error
        drawn.put(last)


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(
        p if isinstance(p, str) else str(p.get("text", "")) for p in parts if isinstance(p, str | dict)
    )


def lines(pieces: Iterator[str]) -> Iterator[str]:
    """Whole lines of a reply as they are complete; hidden reasoning is left out."""
    held, total = "", 0
    for piece in pieces:
        held += _UNSEEN.sub("", piece)
        total += len(piece)
        if "<think>" in held:
            if "</think>" not in held:
                if total > ANSWER_CHARS:
                    return
                continue
            held = re.sub(r"<think>.*?</think>", "", held, flags=re.DOTALL)
        while "\n" in held:
            line, held = held.split("\n", 1)
            yield line[:LINE_CHARS]
        if total > ANSWER_CHARS:
            return
    if _complete(held):
        yield held[:LINE_CHARS]


def _complete(line: str) -> bool:
    """Whether a last line is a whole sentence; a stream that breaks off leaves half of one."""
    return "<think>" not in line and bool(re.search(r"[。！？\])）】]\s*$", line) or NO_ANSWER in line)


def drafts(model: ChatModel, question: str, hits: Sequence[Hit]) -> Iterator[Draft]:
    """The model's sentences, each judged as soon as it is complete. Raises ModelError."""
    keyed = {prompts.key_of(h.passage.id): h for h in hits[:PASSAGES]}
    shown = [(k, h.article.title or h.source.name, h.passage.text) for k, h in keyed.items()]
    for line in lines(model.reply(prompts.SYSTEM, prompts.question(question, shown))):
        text = re.sub(r"^\s*(?:[-*•]\s*)?", "", line)
        if NO_ANSWER in text[:10]:
            return
        keys = re.findall(r"k[0-9a-f]{4}", text)
        text = re.sub(
            r"\s*[\[【(（][^\[\]【】()（）]*k[0-9a-f]{4}[^\[\]【】()（）]*[\])）】]", "", text
        ).strip()
        if len(text) > 1:
            yield _judged(text, [keyed[k] for k in dict.fromkeys(keys) if k in keyed], list(keyed.values()))


def _judged(text: str, cited: list[Hit], every: Sequence[Hit]) -> Draft:
    """With the hits it names; without any, with the one hit that alone bears it out."""
    verdict = _verdict(text, cited)
    if verdict == "已核实":
        return Draft(text, tuple(cited), verdict)
    bearing = [h for h in every if _verdict(text, [h]) == "已核实"]
    if len(bearing) == 1:
        return Draft(text, (bearing[0],), "已核实")
    return Draft(text, tuple(cited), verdict)


def _verdict(text: str, hits: Sequence[Hit]) -> Verdict:
    around = "\n".join(
        "，".join((a.title, a.subtitle, a.region, a.issuer, a.number, *a.authors))
        for a in (h.article for h in hits)
    )
    return verify.stated(text, "\n".join(h.passage.text for h in hits), around)


def quote_for(text: str, hit: Hit) -> tuple[int, int]:
    """Where in a passage the sentence stands that shares most with the text."""
    body = hit.passage.text
    spans = sentence_spans(body)
    pairs = {text[i : i + 2] for i in range(len(text) - 1)}
    best = max(spans, key=lambda s: sum(p in body[s.start : s.end] for p in pairs) / (s.end - s.start + 20))
    return best.start, best.end
