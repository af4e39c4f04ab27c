"""Repairs of what a printed shadow doubled: marks, headings, lines, titles run into their text."""

import re
from dataclasses import replace

from ingest.lines import Line
from ingest.page import headlines
from ingest.page.headlines import Kind, ends_sentence, kind_of
from ingest.repairs.changes import Change

_DOUBLED_MARKS = (
    ("“", "”"),
    ("‘", "’"),
    ("【", "】"),
    ("《", "》"),
    ("「", "」"),
    ("『", "』"),
    ("（", "）"),
)


_STOPS = re.compile(r"(?<![。，、；：])([。，、；：])\1(?![。，、；：])")


def undouble_marks(text: str) -> str:
    """``““五力””`` → ``“五力”``: brackets that open twice and close twice around the same words, stops set twice.

    Three stops in a row are an ellipsis as people type it and stay.
    """
    for opening, closing in _DOUBLED_MARKS:
        text = re.sub(
            rf"{opening}\s?{opening}([^{opening}{closing}]*){closing}\s?{closing}",
            rf"{opening}\1{closing}",
            text,
        )
    return _STOPS.sub(r"\1", text)


def undouble_heading(text: str) -> str:
    """A heading that was drawn twice, as a whole or piece by piece, said once.

    Only where twins cover the whole line and the line is no word that people double
    (天天) nor a row of equal cells (合格合格合格合格).
    """
    bare = text.replace(" ", "")
    if re.search(r"[:：]$| {3}|\u3000{2}", text):  # a form of two columns
        return text
    if not 6 <= len(bare) <= 120 or len(chinese_in(bare)) < 4:
        return text
    once = _halves(text.strip()) or _halves(bare)
    if once is None or _is_run(once) or len(set(once)) < 3:
        return text
    again = undouble_heading(once) if len(once) >= 12 else once
    return _spaced_like(undouble_marks(again), text)


def chinese_in(text: str) -> list[str]:
    """The Chinese characters of a text, in order."""
    return re.findall(r"[\u3400-\u9fff]", text)


def _halves(text: str) -> str | None:
    """The text as a chain of twins XX YY ZZ said once, longest twins first; None where twins do not cover it."""
    if any(text.count(char) % 2 for char in text):
        return None  # twins hold every character twice
    best: list[tuple[int, str] | None] = [(0, "")] + [None] * len(text)
    for end in range(2, len(text) + 1):
        for size in range(1, end // 2 + 1):
            before = best[end - 2 * size]
            if before is None or text[end - size : end] != text[end - 2 * size : end - size]:
                continue
            found = best[end]
            if found is None or before[0] + 1 <= found[0]:
                best[end] = (before[0] + 1, before[1] + text[end - size : end])
    return best[-1][1] if best[-1] else None


def _is_run(text: str) -> bool:
    """Whether it is one short word again and again."""
    return any(
        len(text) % n == 0 and text == text[:n] * (len(text) // n) for n in range(1, len(text) // 2 + 1)
    )


def _spaced_like(once: str, text: str) -> str:
    """``once`` with the spaces that the doubled text had within a phrase (``聚焦主题 汇聚力量`` twice)."""
    half = text[: len(text) // 2].strip()
    return half if half.replace(" ", "") == once else once


def drop_echoes(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """A heading or label drawn twice, as two lines that follow each other: kept once."""
    out: list[Line] = []
    changes: list[Change] = []
    for line in lines:
        again = out and line.text.strip() == out[-1].text.strip() and len(chinese_in(line.text)) >= 4
        if (
            again
            and not ends_sentence(line.text)
            and kind_of(line) in (Kind.LABEL, Kind.BARE, Kind.HEADING, Kind.SUBTITLE)
        ):
            changes.append(Change("重影标题", line.page, line.text, ""))
        else:
            out.append(line)
    return out, changes


def drop_run_in_titles(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """A title repeated at the beginning of the first paragraph below it, set off by a space, is dropped there."""
    out: list[Line] = []
    changes: list[Change] = []
    for line in lines:
        above = out[-1].text if out else ""
        title = headlines.marked_title(above) or (above if not ends_sentence(above) else "")
        if 6 <= len(title) <= 45 and line.text.startswith(title + " "):
            rest = line.text[len(title) :].strip()
            changes.append(Change("标题重复", line.page, line.text[: len(title)], ""))
            out.append(replace(line, text=rest))
        else:
            out.append(line)
    return out, changes
