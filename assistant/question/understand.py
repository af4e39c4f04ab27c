"""From a question's text to a ``Query``."""

import re

from assistant.question.kind import kind_of
from assistant.question.normalization import plain_forms, plainly, without_orders
from assistant.question.parts import parts_of
from assistant.question.terms import Words, terms
from assistant.types import Query


def understand(question: str, words: Words, as_of: str = "") -> Query:
    """The question as it stands alone; what it means in its conversation, ``following`` says."""
    asked = plainly(without_orders(plain_forms(re.sub(r"\s+", " ", question).strip())))
    kind = kind_of(asked)
    parts = parts_of(asked)
    if kind != "闲聊" and len(parts) > 1:
        kind = parts[0].kind
    return Query(asked=asked, text=asked, kind=kind, terms=terms(asked, words), as_of=as_of)
