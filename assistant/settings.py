"""Settings of the assistant. Only entry points call ``from_environment``."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from corpus.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantSettings:
    """What decides between answering and refusing, how long answers are, and the optional model.

    Coverages are shares (0–1) of the rarity-weighted words of a question. They were set on
    questions written by hand over several collections, never on single ones:
    a fact (number, date, name, place) needs most of its words in or just around the sentence
    that is quoted, since a sentence that misses the thing asked for states another fact;
    a list or a procedure is announced in other words than its items, so less is asked of it.
    """

    hits: int = 60
    shown: int = 8

    fact_coverage: float = 0.64
    fact_own: float = 0.42
    open_coverage: float = 0.60
    open_own: float = 0.28

    fact_chars: int = 80
    answer_chars: int = 300
    answer_chars_most: int = 390
    documents: int = 4

    #: Answers of a lower confidence (0–1) are withheld; None takes the calibrated threshold.
    threshold: float | None = None

    #: A ``CrossEncoder`` by name or path that puts the first finds in order; ``""``: the built-in alone.
    reranker: str = ""

    model: str = ""
    model_base_url: str = ""
    model_key: str = field(default="", repr=False)
    model_timeout_s: float = 60.0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "AssistantSettings":
        """Defaults, overridden by ``UNIONQA_THRESHOLD``, ``_RERANKER``, ``_MODEL``, ``…_MODEL_BASE_URL``,
        ``…_MODEL_KEY``, ``…_MODEL_TIMEOUT``. Raises UserError for a threshold that is no share.
        """
        return cls(
            threshold=_share(environ.get("UNIONQA_THRESHOLD", "")),
            reranker=environ.get("UNIONQA_RERANKER", "").strip(),
            model=environ.get("UNIONQA_MODEL", ""),
            model_base_url=environ.get("UNIONQA_MODEL_BASE_URL", ""),
            model_key=environ.get("UNIONQA_MODEL_KEY", ""),
            model_timeout_s=float(environ.get("UNIONQA_MODEL_TIMEOUT") or cls().model_timeout_s),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringSettings:
    """How many questions are answered at once, and by what.

    ``workers`` processes answer, one question each at once; with 0 ``slots`` threads of this program
    do. ``waiting`` more questions wait, ``timeout_s`` is the longest that an answer may take.
    """

    workers: int = 0
    slots: int = 4
    waiting: int = 50
    timeout_s: float = 90.0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "AnsweringSettings":
        """Defaults, overridden by ``UNIONQA_WORKERS``, ``UNIONQA_ANSWERS``, ``UNIONQA_WAITING``,
        ``UNIONQA_ANSWER_TIMEOUT``. Raises UserError for what is no such number.
        """
        return cls(
            workers=int(_number(environ, "UNIONQA_WORKERS", cls().workers, least=0, most=64)),
            slots=int(_number(environ, "UNIONQA_ANSWERS", cls().slots, least=1, most=256)),
            waiting=int(_number(environ, "UNIONQA_WAITING", cls().waiting, least=0, most=10_000)),
            timeout_s=_number(environ, "UNIONQA_ANSWER_TIMEOUT", cls().timeout_s, least=1, most=3600),
        )


def _number(environ: Mapping[str, str], name: str, default: float, *, least: int, most: int) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isdecimal() and least <= int(text) <= most):
        raise UserError(f"{name}={text} 不是有效的数字。", f"请改为 {least} 到 {most} 之间的整数。")
    return int(text)


def _share(text: str) -> float | None:
    try:
        value = float(text) if text.strip() else None
    except ValueError:
        value = -1.0
    if value is not None and not 0 <= value <= 1:
        raise UserError(
            f"作答门槛 UNIONQA_THRESHOLD={text} 不是 0 到 1 之间的数。",
            "请改为 0 到 1 之间的小数；0 表示不设门槛，去掉这一项则用校准过的门槛。",
        )
    return value
