"""Markdown: its marks become what they say (headings, tables, lists), and leave the text."""

import html
import re
from itertools import takewhile

from ingest import front_matter
from ingest.lines import Line, Page, Reading
from ingest.readers.tables import rows_as_text
from ingest.readers.text import decode

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_RULE = re.compile(r"^ {0,3}([-*_])[ \t]*(\1[ \t]*){2,}$")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*(\|\s*:?-{3,}:?\s*)*\|?\s*$")
_BULLET = re.compile(r"^(\s*)[-*+][ \t]+(?=\S)")
_QUOTE = re.compile(r"^ {0,3}(> ?)+")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_INLINE = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), ""),
    (re.compile(r"\[([^\]]+)\]\(([^)]*)\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![*\\0-9A-Za-z])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?!\*)"), r"\1"),
    (re.compile(r"~~(.+?)~~"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"\1"),
    (re.compile(r"<br\s*/?>", re.IGNORECASE), " "),
    (re.compile(r"</?(?:p|div|span|center|b|i|u|strong|em|font|sup|sub|a|img)\b[^>]*>", re.IGNORECASE), ""),
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])"), r"\1"),
)


def looks_like(text: str, name: str) -> bool:
    """Whether a text is meant as Markdown: it has ATX headings or table rules, or its name says so."""
    lines = text[:200_000].split("\n")
    return name.lower().endswith((".md", ".markdown")) or any(
        _HEADING.match(line) or ("|" in line and _TABLE_RULE.match(line)) for line in lines
    )


def read(data: bytes, name: str) -> Reading:
    """Lines as they stand, without the marks; line breaks inside a paragraph are left to repair."""
    decoded = decode(data)
    text, metadata = front_matter.split(decoded.text)
    lines = _lines(_COMMENT.sub("", text).split("\n"))
    return Reading(
        pages=(Page(number=1, lines=tuple(lines)),),
        media_type="text/markdown",
        reader=f"markdown/{decoded.encoding}",
        warnings=decoded.warnings,
        metadata=metadata,
    )


def _lines(raw: list[str]) -> list[Line]:
    lines: list[Line] = []
    blank = fenced = False
    at = 0
    while at < len(raw):
        line = raw[at]
        at += 1
        if _FENCE.match(line):
            fenced = not fenced
            blank = True
        elif not line.strip() or (_RULE.match(line) and not fenced):
            blank = True
        elif not fenced and at < len(raw) and "|" in line and _TABLE_RULE.match(raw[at]):
            rows = [line, *takewhile(lambda row: "|" in row, raw[at + 1 :])]
            lines += (Line(text=text, whole=True, blank_before=True) for text in _table(rows))
            at += len(rows)
            blank = True
        else:
            if made := _line(line, blank=blank, fenced=fenced):
                lines.append(made)
            blank = False
    return lines


def _line(raw: str, *, blank: bool, fenced: bool) -> Line | None:
    if fenced:
        return Line(text=raw.rstrip(), blank_before=blank)
    if heading := _HEADING.match(raw):
        text = _plain(heading.group(2))
        level = len(heading.group(1))
        return Line(text=text, level=level, blank_before=True, whole=True) if text else None
    text = _plain(_BULLET.sub(r"\1• ", _QUOTE.sub("", raw)))
    return Line(text=text, blank_before=blank or text.startswith("• ")) if text.strip() else None


def _plain(text: str) -> str:
    for pattern, put in _INLINE:
        text = pattern.sub(put, text)
    return html.unescape(text).rstrip()


def _table(rows: list[str]) -> list[str]:
    return rows_as_text([[_plain(cell) for cell in row.strip().strip("|").split("|")] for row in rows])
