"""Logs: a line an event, for people or as JSON, with the number of the request it belongs to.

What was asked is not among them: the program does not write it there, and where a library does,
in the words of an error, it is taken out while the line is made (``hiding``). Nothing that comes
from outside can begin a line of its own: control characters are written out.
"""

import contextvars
import json
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from typing import Any

from corpus.errors import UserError
from corpus.settings import LogSettings

#: A file of so many bytes is put aside for a new one, and so many are kept.
FILE_BYTES, FILES_KEPT = 20 * 2**20, 9
#: Whose remarks are heard at the chosen level; of all others, warnings.
OURS = ("app", "assistant", "corpus", "eval", "ingest")
_WORDS = {"DEBUG": "调试", "INFO": "信息", "WARNING": "警告", "ERROR": "错误", "CRITICAL": "严重"}
#: Everything that moves the cursor, ends a line in some viewer, or turns the direction of reading.
_CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
#: Keys of this program, and of model services, wherever they came from.
_KEYS = re.compile(r"\b(uq_|sk-)[\w-]{8,}|(?i:bearer)\s+[^\s'\",]+")
_HIDDEN_KEY, _HIDDEN_QUESTION = "〔密钥〕", "〔提问〕"
#: A question shorter than this is no secret, and taking it out would spoil the line.
_SHORTEST = 4
_FIELDS = "fields"


class Asked:
    """请求: what a thread or task is at work for. ``open`` until the answer to it is sent."""

    __slots__ = ("hidden", "id", "open")

    def __init__(self, id_: str = "") -> None:
        self.id = id_ or new_id()
        self.open = True
        #: Texts that no line may hold.
        self.hidden: tuple[str, ...] = ()


_current: contextvars.ContextVar[Asked | None] = contextvars.ContextVar("asked", default=None)


def new_id() -> str:
    """A number for a request, 16 hex digits."""
    return secrets.token_hex(8)


def current() -> Asked | None:
    """The request that is under way here; a task that outlives its request has none."""
    asked = _current.get()
    return asked if asked and asked.open else None


def request_id() -> str:
    """The number of the request that is under way here, or ``""``."""
    asked = current()
    return asked.id if asked else ""


@contextmanager
def request(id_: str = "") -> Iterator[Asked]:
    """A request is under way inside: every line told there carries its number."""
    asked = Asked(id_)
    token = _current.set(asked)
    try:
        yield asked
    finally:
        asked.open = False
        _current.reset(token)


def answering(questions: Iterable[str]) -> Asked:
    """What is under way from here on answers questions, which no line may hold.

    It is the request's own work where there is a request, or something of its own.
    """
    asked = current()
    if asked is None:
        asked = Asked()
        _current.set(asked)
    asked.hidden += _variants(questions)
    return asked


def tell(log: logging.Logger, event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log an event with its fields, which are JSON values; None is left out."""
    if log.isEnabledFor(level):
        log.log(level, event, extra={_FIELDS: {k: v for k, v in fields.items() if v is not None}})


def set_up(settings: LogSettings, *, secret: Iterable[str] = ()) -> None:
    """Send what is logged where the settings say; ``secret`` texts are never written.

    Raises ``UserError`` where the file cannot be written.
    """
    formatter = _Json(secret) if settings.form == "json" else _Text(secret)
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if settings.file:
        try:
            settings.file.parent.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(
                settings.file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
            )
        except OSError as error:
            raise UserError(
                f"无法写入日志文件 {settings.file}。", "请检查 UNIONQA_LOG_FILE 的路径和写入权限。"
            ) from error
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.level.upper())


class _Formatter(logging.Formatter):
    def __init__(self, secret: Iterable[str]) -> None:
        super().__init__()
        self._secret = tuple(text for text in secret if len(text) >= _SHORTEST)

    def _clean(self, text: str) -> str:
        """The text without keys and what was asked."""
        for secret in self._secret:
            text = text.replace(secret, _HIDDEN_KEY)
        asked = _current.get()
        for hidden in asked.hidden if asked else ():
            text = text.replace(hidden, _HIDDEN_QUESTION)
        return _KEYS.sub(_HIDDEN_KEY, text)

    def _values(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._clean(value)
        if isinstance(value, dict):
            return {self._clean(str(k)): self._values(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self._values(v) for v in value]
        return value if isinstance(value, int | float | bool) or value is None else self._clean(str(value))

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        fields: dict[str, Any] = self._values(getattr(record, _FIELDS, {}))
        return fields

    def _traceback(self, record: logging.LogRecord) -> str:
        if not record.exc_info or record.exc_info[1] is None:
            return ""
        return self._clean("".join(traceback.format_exception(record.exc_info[1])))


class _Json(_Formatter):
    """One JSON object a line; every control character in it is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self._clean(record.getMessage()),
        }
        if number := request_id():
            told["request_id"] = number
        told |= {k: v for k, v in self._fields(record).items() if k not in told or k == "request_id"}
        if trace := self._traceback(record):
            assert record.exc_info is not None
            told["error"] = type(record.exc_info[1]).__name__
            told["traceback"] = trace
        line = json.dumps(told, ensure_ascii=False, default=str)
        return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


class _Text(_Formatter):
    """A line for people; what goes on below it is set in, so that it cannot pass for another."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).strftime("%Y-%m-%d %H:%M:%S")
        fields = self._fields(record)
        number = fields.pop("request_id", "") or request_id()
        parts = [at, _WORDS.get(record.levelname, record.levelname), record.name]
        parts.append(self._clean(record.getMessage()))
        parts += [f"{name}={_plain(value)}" for name, value in fields.items()]
        if number:
            parts.append(f"（请求 {number}）")
        whole = " ".join(parts)
        if trace := self._traceback(record):
            whole += f"\n{trace.rstrip()}"
        written = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", whole)
        return written.replace("\n", "\n    | ")


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _variants(questions: Iterable[str]) -> tuple[str, ...]:
    """The ways in which questions may stand in a line: as they are, quoted, escaped; their lines."""
    texts = {text for question in questions for text in (question, question.strip(), *question.splitlines())}
    texts |= {escaped[1:-1] for text in texts for escaped in (repr(text), ascii(text), json.dumps(text))}
    return tuple(sorted((text for text in texts if len(text) >= _SHORTEST), key=len, reverse=True))
