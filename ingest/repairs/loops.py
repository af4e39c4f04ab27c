"""Repairs of what recognition wrote again and again."""

import re
from dataclasses import replace
from itertools import pairwise

from ingest.lines import Line
from ingest.page.headlines import numbered
from ingest.repairs.changes import Change
from ingest.repairs.doubles import chinese_in

_NEAR = 8
_LONG = 20


def drop_loops(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """Paragraphs that OCR wrote again and again, the last one cut off: each kept once.

    A paragraph is dropped where the same words, or their beginning, stand in one of the
    paragraphs just above. Where that has happened, sentences of other paragraphs nearby
    that say the same are dropped too. Items with numbers of their own stay: regulations
    repeat themselves; and what has a place of its own on a page: the cells of a table do.
    """
    out: list[Line] = []
    changes: list[Change] = []
    dropped: list[int] = []
    for line in lines:
        if line.box is None and _echo(line.text, [above.text for above in out[-_NEAR:]]):
            changes.append(Change("重复段落", line.page, line.text, ""))
            dropped.append(len(out))
        else:
            out.append(line)
    if dropped:
        out, more = _drop_sentences(out, dropped)
        changes += more
    return out, changes


def _echo(text: str, above: list[str]) -> bool:
    own = _plain(text)
    if (
        len(own) < _LONG
        or numbered(text)
        or re.match(r"•|\d{1,2}[)）\s]", text)
        or len(chinese_in(own)) < len(own) / 2
    ):
        return False
    return any(
        other.startswith(own) or (len(other) >= _LONG and own.startswith(other))
        for other in map(_plain, above)
    )


def _plain(text: str) -> str:
    return re.sub(r"[\s，。、；：！？,.;:!?]", "", text)


def _drop_sentences(lines: list[Line], dropped: list[int]) -> tuple[list[Line], list[Change]]:
    """Around the loops found, drop long sentences that stand in a paragraph above."""
    out: list[Line] = []
    changes: list[Change] = []
    for at, line in enumerate(lines):
        if (
            not any(at - _NEAR <= place <= at + _NEAR for place in dropped)
            or numbered(line.text)
            or line.level
            or line.box
        ):
            out.append(line)
            continue
        above = [_plain(sentence) for other in out[-_NEAR:] for sentence in _sentences(other.text)]
        kept = [s for s in _sentences(line.text) if not _same_sentence(_plain(s), above)]
        text = "".join(kept)
        if text == line.text:
            out.append(line)
            continue
        gone = [s for s in _sentences(line.text) if s not in kept]
        if _plain(text) in above or not text:
            gone, text = [line.text], ""
        changes += [Change("重复段落", line.page, sentence, "") for sentence in gone]
        if text:
            out.append(replace(line, text=text))
    return out, changes


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^。！？]+[。！？]?[”’）]*", text)


def _same_sentence(sentence: str, above: list[str]) -> bool:
    """Said above already, but for a few characters at its beginning."""
    if len(sentence) < _LONG:
        return False
    tail = sentence[min(4, len(sentence) // 8) :]
    return any(len(other) >= _LONG and (other.endswith(tail) or other == sentence) for other in above)


_CLAUSE_END = re.compile(r"[，。；,;]")


def _may_stutter(text: str) -> bool:
    """Whether any clause is said again: what to look for where is costly, and most texts have none."""
    clauses = _CLAUSE_END.split(text)[:-1]
    again = len(set(clauses)) < len(clauses)
    return again or any(before.endswith(clause) for before, clause in pairwise(clauses))


def cut_stutter(text: str) -> str:
    """A clause that is said three times running, or a long one twice, is said once; equal sums stay side by side."""
    if not _may_stutter(text):
        return text
    text = re.sub(r"([^，。；,;]{6,60}[，。；,;])\1{2,}", _once, text)
    return re.sub(r"([^\n]{15,200}?[，。；,;])\1+", _once, text)


def _once(found: re.Match[str]) -> str:
    return found[1] if len(chinese_in(found[1])) > len(found[1]) / 3 else found[0]
