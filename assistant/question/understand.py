"""From a question's text to a ``Query``."""

import re
from collections.abc import Sequence

from assistant.question.follow_up import resolve
from assistant.question.kind import kind_of
from assistant.question.normalization import plain_forms, plainly, without_orders
from assistant.question.parts import parts_of
from assistant.question.terms import Words, terms
from assistant.types import Query


def understand(
    question: str, words: Words, history: Sequence[tuple[str, str]] = (), as_of: str = ""
) -> Query:
    """The question as it stands alone; ``notes`` say what was added from the conversation."""
    asked = plainly(without_orders(plain_forms(re.sub(r"\s+", " ", question).strip())))
    text, notes = resolve(asked, history)
    kind = kind_of(text)
    parts = parts_of(text)
    if kind != "闲聊" and len(parts) > 1:
        kind = parts[0].kind
    return Query(asked=asked, text=text, kind=kind, terms=terms(text, words), as_of=as_of, notes=notes)
