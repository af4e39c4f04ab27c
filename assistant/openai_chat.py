"""Questions and answers in the words of OpenAI's chat completions, which other people's programs speak.

A conversation comes as messages; the answer is text with its sources as footnotes, and once more as
``annotations``. Only what is asked counts: a system message tells a language model how to behave,
and there is none here that it could tell.
"""

import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant import article_page
from assistant.types import OUTCOME_CODES, Answer, Citation, Evidence, Statement
from assistant.window.footnotes import OUTCOME_HEADS, footnotes
from corpus.errors import UserError

MODEL = "unionqa"
QUESTION_LIMIT = 2000
HISTORY_TURNS = 6
#: Of an earlier answer no more is read.
EARLIER_CHARS = 20_000
#: Open WebUI has titles, tags and follow-up questions made by the model that answers, without its user
#: asking for them; each such request begins so.
_TASK = re.compile(r"\s*#{1,3} Task:")
NOT_A_QUESTION = "这是程序自动发来的任务，不是问题。本服务只回答问题，没有执行。"
_SOURCES, _NEAREST, _NOTE = "依据：", "最接近的段落（没有回答所问）：", "说明："
_TAIL = re.compile("\n\n(?:" + "|".join(map(re.escape, (_SOURCES, _NEAREST, _NOTE))) + ")")
_AGAIN = "（前面的内容有变动，以下是完整的回答。）"
#: Images, links and tags that a document may hold: who shows the answer as Markdown must not follow them.
_ACTIVE = re.compile(r"\[(?=[^\]\n]*\]\s*[(\[:])|<(?=[A-Za-z/!?])")
_BRACKETS = re.compile(r"(?<!\\)[\[\]]")
_SURROGATES = re.compile("[\ud800-\udfff]")


class RequestError(UserError):
    """A request that cannot be served; ``param`` names the field, ``code`` is for programs."""

    def __init__(
        self,
        message: str,
        hint: str,
        *,
        param: str | None = None,
        code: str = "invalid_value",
        status: int = 400,
    ) -> None:
        super().__init__(message, hint)
        self.param = param
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What a chat completion asks for. ``read_chars`` counts the characters of all messages.

    ``task`` is true of what a program sent on its own account: nobody asked it.
    """

    question: str
    history: tuple[tuple[str, str], ...] = ()
    as_of: str = ""
    stream: bool = False
    usage: bool = False
    task: bool = False
    read_chars: int = 0


def read(body: object) -> ChatRequest:
    """The request out of the JSON that was sent; what it does not know it ignores. Raises ``RequestError``."""
    if not isinstance(body, Mapping):
        raise RequestError("请求的正文应是一个 JSON 对象。", "请按 OpenAI 的 chat/completions 格式发送。")
    _check_model(body.get("model"))
    if body.get("n") not in (None, 1):
        raise RequestError(
            "一次只给出一个回答。", "请把 n 设为 1，或者去掉它。", param="n", code="unsupported_value"
        )
    stream, options = body.get("stream"), body.get("stream_options")
    if not isinstance(stream, bool | None):
        raise RequestError(
            "stream 只能是 true 或 false。", "请改正后重试。", param="stream", code="invalid_type"
        )
    turns = list(_turns(body.get("messages")))
    at = max((i for i, (role, _) in enumerate(turns) if role == "user"), default=-1)
    if at < 0:
        raise RequestError(
            "没有收到问题。", "请在 messages 里给出一条 role 为 user 的消息。", param="messages"
        )
    question = _question(turns[at][1], f"messages.[{at}].content")
    return ChatRequest(
        question=question,
        history=tuple(_history(turns[:at])),
        as_of=_day(body.get("as_of")),
        stream=bool(stream),
        usage=isinstance(options, Mapping) and options.get("include_usage") is True,
        task=bool(_TASK.match(question)),
        read_chars=sum(len(_text(content)) for _, content in turns),
    )


def _check_model(model: object) -> None:
    if model is None or (isinstance(model, str) and model in ("", MODEL)):
        return
    if not isinstance(model, str):
        raise RequestError("model 应是文字。", f"请填写 {MODEL}。", param="model", code="invalid_type")
    raise RequestError(
        f"没有名为“{model[:60]}”的模型。",
        f"请把模型改为 {MODEL}。",
        param="model",
        code="model_not_found",
        status=404,
    )


def _turns(messages: object) -> Iterator[tuple[str, object]]:
    """``(role, content)`` of each message."""
    if not isinstance(messages, list) or not messages:
        raise RequestError("messages 是空的。", "请至少给出一条消息。", param="messages")
    for number, message in enumerate(messages):
        role = message.get("role") if isinstance(message, Mapping) else None
        if not isinstance(role, str):
            raise RequestError(
                f"第 {number + 1} 条消息看不懂。",
                '每条消息应是 {"role": …, "content": …}。',
                param=f"messages.[{number}]",
                code="invalid_type",
            )
        yield role, message.get("content")


def _question(content: object, param: str) -> str:
    for part in content if isinstance(content, list) else ():
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind not in ("text", "input_text"):
            raise RequestError(
                "这里只能回答文字问题，不能看图片、听录音或读附件。",
                "请把问题写成文字；要查阅的文件请交办公室加入资料库。",
                param=param,
                code="unsupported_content",
            )
    question = _text(content).strip()
    if not question:
        raise RequestError("问题是空的。", "请写出要问的事。", param=param)
    if len(question) > QUESTION_LIMIT and not _TASK.match(question):
        raise RequestError(
            f"问题太长了（{len(question)} 字）。",
            f"请缩短到 {QUESTION_LIMIT} 字以内，一次只问一件事。",
            param=param,
            code="context_length_exceeded",
        )
    return question


def _text(content: object) -> str:
    """The words of a message, its parts a line each; half a character pair, which no text holds, is replaced."""
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, Mapping))
        content = "\n".join(text for text in texts if isinstance(text, str))
    return _SURROGATES.sub("\ufffd", content) if isinstance(content, str) else ""


def _history(turns: Sequence[tuple[str, object]]) -> list[tuple[str, str]]:
    """The latest questions with their answers, oldest first; what was not answered is left out."""
    found, question = [], ""
    for role, content in turns:
        text = _text(content).strip()
        if role == "user":
            question = text
        elif role == "assistant" and question and text:
            found.append((question[:QUESTION_LIMIT], _without_tail(text[:EARLIER_CHARS])))
            question = ""
    return found[-HISTORY_TURNS:]


def _without_tail(answer: str) -> str:
    """An earlier answer as the assistant said it, a sentence a line, without the sources under it."""
    return _TAIL.split(answer, maxsplit=1)[0].replace("\n\n", "\n")


def _day(given: object) -> str:
    try:
        return date.fromisoformat(given).isoformat() if isinstance(given, str) and given else ""
    except ValueError:
        raise RequestError(
            f"日期“{str(given)[:40]}”看不懂。", "请写成 2024-05-01 这样的形式。", param="as_of"
        ) from None


class Reply:
    """The text of an answer as it grows, and what in it is cited. The same whether it is streamed or not."""

    def __init__(self, base: str = "") -> None:
        """``base`` is the address at which the program is served; without it nothing is linked."""
        self.text = ""
        self._base = base.rstrip("/")
        self._said: list[Statement] = []
        self._cited: list[tuple[int, int, Citation]] = []

    def statement(self, statement: Statement) -> str:
        """What one more statement adds; nothing where it was said before, or does not stand."""
        if statement in self._said or any(c.verdict != "已核实" for c in statement.citations):
            return ""
        self._said.append(statement)
        before = len(self.text)
        self.text += "\n\n" if self.text else ""
        start = len(self.text)
        self.text += inert(statement.text)
        self._cited += [(start, len(self.text), citation) for citation in statement.citations]
        self.text += "".join(f"[{m}]" for m in dict.fromkeys(c.marker for c in statement.citations))
        return self.text[before:]

    def rest(self, answer: Answer) -> str:
        """What the whole answer adds: statements that are still missing, sources and notes."""
        before = len(self.text)
        if tuple(self._said) != answer.statements[: len(self._said)]:  # an answer begun anew elsewhere
            self.text += f"\n\n{_AGAIN}"
            self._said, self._cited = [], []
        for statement in answer.statements[len(self._said) :]:
            self.statement(statement)
        if not answer.statements:
            self.text += f"{OUTCOME_HEADS[answer.outcome] or answer.outcome}。"
        self.text += _tail(answer, "".join(s.text for s in self._said), self._base)
        return self.text[before:]

    def annotations(self, answer: Answer) -> list[dict[str, Any]]:
        """Each citation as OpenAI's ``url_citation``, with more beside it."""
        evidence = {e.marker: e for e in answer.evidence}
        return [
            {"type": "url_citation", "url_citation": _annotation(start, end, citation, evidence, self._base)}
            for start, end, citation in sorted(self._cited, key=lambda cited: cited[2].marker)
            if citation.marker in evidence
        ]


def _annotation(
    start: int, end: int, citation: Citation, evidence: Mapping[int, Evidence], base: str
) -> dict[str, Any]:
    hit = evidence[citation.marker].hit
    title = hit.article.title or hit.source.name
    return {
        "start_index": start,
        "end_index": end,
        "title": f"{title} {hit.passage.label}".strip(),
        "url": base + article_page.address(hit.passage, citation),
        "marker": citation.marker,
        "quote": citation.quote,
        "verdict": citation.verdict,
        "passage_id": hit.passage.id,
        "article_id": hit.article.id,
        "source": hit.source.name,
        "page": hit.passage.page,
        "label": hit.passage.label,
    }


def inert(text: str) -> str:
    """Text out of documents that stays text where it is shown as Markdown: no link, image or tag in it works."""
    return _ACTIVE.sub(r"\\\g<0>", text)


def _tail(answer: Answer, said: str, base: str) -> str:
    """The sources, a line each, what comes nearest where there are none, and the notes.

    Each leads to the article on a page of its own: who shows Markdown shows it as a link.
    """
    notes = footnotes(answer)
    places = {e.marker: base and base + article_page.address(e.hit.passage) for e in answer.evidence}
    parts = []
    if notes:
        lines = []
        for note in notes:
            quotes = "".join(f"“{inert(q)}”" for q in note.quotes if q not in said)
            place = _link(note.place, places[note.marker])
            lines.append(f"- [{note.marker}] {place}{'：' if quotes else ''}{quotes}")
        parts.append("\n".join([_SOURCES, "", *lines]))
    elif near := answer.evidence[:3]:
        parts.append("\n".join([_NEAREST, "", *(f"- {_link(_nearest(e), places[e.marker])}" for e in near)]))
    parts += [f"{_NOTE}{inert(note)}" for note in answer.notes]
    return "".join(f"\n\n{part}" for part in parts)


def _link(text: str, address: str) -> str:
    """A link in Markdown, brackets in its words staying words; without an address the words alone."""
    if not address:
        return inert(text)
    words = _BRACKETS.sub(r"\\\g<0>", inert(text))
    return f"[{words}]({address})"


def _nearest(evidence: Evidence) -> str:
    hit = evidence.hit
    title = f"《{hit.article.title}》" if hit.article.title else hit.source.name
    reason = f"，{evidence.reason}" if evidence.reason else ""
    return f"{title}{hit.passage.label}（{hit.source.name} 第 {hit.passage.page} 页）{reason}"


def about(answer: Answer) -> dict[str, Any]:
    """What OpenAI has no place for, under a name of our own."""
    return {
        "outcome": OUTCOME_CODES[answer.outcome],
        "understood": answer.understood,
        "confidence": round(answer.confidence, 4),
        "notes": list(answer.notes),
    }


class Completion:
    """One completion on its way: the same number and time in all of its parts."""

    def __init__(self, wanted: ChatRequest, base: str) -> None:
        """``base`` is the address at which the program is served."""
        self.reply = Reply(base)
        self._wanted = wanted
        self._id = f"chatcmpl-{secrets.token_hex(12)}"
        self._created = int(time.time())

    def whole(self, answer: Answer) -> dict[str, Any]:
        """A completion that is not streamed."""
        self.reply.rest(answer)
        annotations = self.reply.annotations(answer)
        return {**self.said(self.reply.text, annotations), MODEL: about(answer)}

    def said(self, text: str, annotations: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        """A completion with this text."""
        self.reply.text = text
        message = {"role": "assistant", "content": text, "refusal": None, "annotations": list(annotations)}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._part("chat.completion", [choice], usage=self._usage())

    def chunk(self, delta: Mapping[str, Any], *, finish: str | None = None, **more: Any) -> dict[str, Any]:
        """A part of a completion that is streamed."""
        choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish}
        usage: dict[str, Any] = {"usage": None} if self._wanted.usage else {}
        return self._part("chat.completion.chunk", [choice], **usage, **more)

    def last(self, answer: Answer) -> Iterator[dict[str, Any]]:
        """The parts that follow the statements that were streamed."""
        if rest := self.reply.rest(answer):
            yield self.chunk({"content": rest})
        if annotations := self.reply.annotations(answer):
            yield self.chunk({"annotations": annotations})
        yield from self.end(**{MODEL: about(answer)})

    def end(self, **more: Any) -> Iterator[dict[str, Any]]:
        """The last parts of any stream."""
        yield self.chunk({}, finish="stop", **more)
        if self._wanted.usage:
            yield self._part("chat.completion.chunk", [], usage=self._usage())

    def _part(self, kind: str, choices: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        named = {"id": self._id, "object": kind, "created": self._created, "model": MODEL}
        return {**named, "choices": choices, **more}

    def _usage(self) -> dict[str, int]:
        """In characters: without a language model there are no tokens."""
        read, written = self._wanted.read_chars, len(self.reply.text)
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
