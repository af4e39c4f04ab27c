"""What a repair is and what it says of itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from ingest.lines import Line


class Change(NamedTuple):
    """改动: what one repair did at one place: the text before and after ("" = dropped)."""

    repair: str
    page: int
    before: str
    after: str


Repair = Callable[[list[Line]], tuple[list[Line], list[Change]]]

#: What opens a paragraph that is indented.
INDENT = "\u3000\u3000"


def each(name: str, fix: Callable[[str], str]) -> Repair:
    """A repair that looks at one line's text at a time; a line left empty is dropped."""

    def step(lines: list[Line]) -> tuple[list[Line], list[Change]]:
        out: list[Line] = []
        changes: list[Change] = []
        blank = False
        for line in lines:
            indent = INDENT if line.text.startswith((INDENT, "  ", "\u3000", "\t")) else ""
            text = fix(line.text.strip())
            if text != line.text.strip():
                changes.append(Change(name, line.page, line.text.strip(), text))
            if text and (indent + text != line.text or (blank and not line.blank_before)):
                line = replace(line, text=indent + text, blank_before=line.blank_before or blank)
            if text:
                out.append(line)
            blank = ((blank or line.blank_before) and not text) or not text
        return out, changes

    return step
