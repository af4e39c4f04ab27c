"""Sentences that a language model writes from the evidence, where one is configured."""

import logging
from collections.abc import Iterator

from assistant import chat_model
from assistant.citing import Book
from assistant.evidence.nearness import to_the_point
from assistant.settings import AssistantSettings
from assistant.stages.work import Work
from assistant.types import Statement

_log = logging.getLogger(__name__)


class Writer:
    """The configured model, made when it is first needed."""

    def __init__(self, settings: AssistantSettings, model: chat_model.ChatModel | None) -> None:
        self._settings = settings
        self._model = model

    def worded(self, work: Work, book: Book) -> Iterator[Statement]:
        """The configured model's sentences that hold; none without a model or where it fails."""
        if (not self._settings.model and self._model is None) or work.facts or not work.pieces:
            return
        kept = 0
        try:
            for sentence in self._drafts(work, book):
                if _taken(sentence, work):
                    kept += 1
                    yield book.quoted(sentence.text, sentence.hits, sentence.verdict)
        except chat_model.ModelError as error:
            _log.info("chat model failed: %s", error)
            work.notes.append(
                "大模型没有完成回答，已改用原文摘句。" if not kept else "大模型中途停下，只列出已校验的句子。"
            )
        if not kept:
            work.notes.append("以下为原文摘句。")

    def _drafts(self, work: Work, book: Book) -> Iterator[chat_model.Draft]:
        """What the model writes from the passages of the best candidates."""
        ranked = sorted((c for cs in work.judged for c in cs), key=lambda c: (c.grade != "支持", -c.score))
        hits = {h.passage.id: h for c in ranked[: 4 * chat_model.PASSAGES] if (h := book.hit_at(c))}
        self._model = self._model or chat_model.LangChainModel(self._settings)
        return chat_model.drafts(self._model, work.query.text, list(hits.values()))


def _taken(sentence: chat_model.Draft, work: Work) -> bool:
    """Whether a sentence is verified and to the point; else a note says why it is left out."""
    if sentence.verdict != "已核实":
        work.withheld.append(sentence.text)
        work.notes.append(f"大模型写的“{sentence.text[:40]}”没有通过校验（{sentence.verdict}），未采用。")
        return False
    if not to_the_point(work.focus, sentence.text):
        work.notes.append(f"大模型写的“{sentence.text[:40]}”没有回答所问，未采用。")
        return False
    return True
