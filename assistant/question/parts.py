"""Several questions in one, one after another."""

import re
from dataclasses import dataclass

from assistant.question.answer_type import duration, form, moment, unit
from assistant.question.kind import ASKING, kind_of
from assistant.types import QuestionKind


@dataclass(frozen=True, slots=True)
class Part:
    """小问: one thing that is asked. ``unit`` is the measure asked for, ``form`` a pattern."""

    text: str
    kind: QuestionKind
    unit: str = ""
    form: str = ""


#: "……一样吗，各是几年": of the things that were named before.
_EACH = re.compile("又?(?:各|分别)(?:是|为|有|要)?(?:多少|几|什么|哪)")


def parts_of(text: str) -> tuple[Part, ...]:
    """The questions in a text, one after another; what asks nothing joins its neighbour."""
    pieces: list[str] = []
    lead = ""
    for piece in re.split(r"(?<=[，,；;？?。！!])(?![^“]*”)(?![^《]*》)", text):
        if ASKING.search(re.sub(r"《[^》]*》|“[^”]*”", "", piece)):
            if pieces and _EACH.match(piece):
                pieces[-1] += piece
            else:
                pieces.append(lead + piece)
            lead = ""
        elif pieces:
            pieces[-1] += piece
        else:
            lead += piece
    parts = tuple(_part(p) for p in pieces if p.strip(" ，,？?。"))
    return parts or (_part(text),)


def _part(text: str) -> Part:
    kind = kind_of(text)
    if kind == "时间":
        shape = moment(text)
        return Part(text, kind, "时长" if not shape and duration(text) else "", shape or form(text))
    return Part(text, kind, unit(text) if kind == "数字" else "", form(text))
