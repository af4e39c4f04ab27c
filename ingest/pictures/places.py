"""Where a quote stands on the page: boxes a line, found by aligning the quote with the page's characters.

A passage knows the boxes of its lines. Its text went through repairs (doubled characters, line
breaks, punctuation), so that it is aligned with the characters inside those boxes, not
compared with them. Where a page has no characters (scans), lines are shared out by width.
"""

import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

from corpus.types import Box
from ingest.repairs.characters import whole_characters

#: Of the quote's characters so many must be found on the page for the place to be told exactly.
_ENOUGH = 0.6
#: Pairs of equal characters on both sides: with more of them aligning takes seconds, and lines must do.
_MOST_PAIRS = 200_000
_LOOSE = 1.5  # times the quote's length that the place may have, with what stands between
_REACH = 1.0  # points by which a character may stand outside its line's box
_NARROW = 0.55  # width of a Latin letter in that of a Chinese one


class Characters(NamedTuple):
    """A page's characters and the box of each: x0, y0, x1, y1 in points, as in ``Box``."""

    text: str
    places: Sequence[Sequence[float]]


class _Char(NamedTuple):
    text: str
    line: int
    place: Sequence[float]


def boxes(
    text: str, spans: Sequence[tuple[int, int]], lines: Sequence[Box], pages: Mapping[int, Characters]
) -> list[Box]:
    """Boxes of the parts ``spans`` (offsets) of a passage's ``text``: one a line, in reading order.

    ``lines`` are the passage's boxes, ``pages`` the characters of the pages they stand on, as far
    as those have any. Empty for what is not there.
    """
    wanted = [(max(start, 0), min(end, len(text))) for start, end in spans]
    wanted = [(start, end) for start, end in wanted if text[start:end].strip()]
    if not wanted or not lines:
        return []
    written = _within(lines, pages)
    aligned = _aligned(text, written) if written else {}
    found: list[Box] = []
    for start, end in wanted:
        hits = sorted({at for n in range(start, end) for at in aligned.get(n, ())})
        solid = sum(bool(_folded(char)) for char in text[start:end])
        told = sum(bool(aligned.get(n)) for n in range(start, end))
        if hits and told >= _ENOUGH * solid:
            found += _merged(_run(written, hits, text[start:end]), lines)
        elif not _holds_text(text, aligned):
            found += _by_width(text, start, end, lines)
    return list(dict.fromkeys(found))


def _holds_text(text: str, aligned: Mapping[int, object]) -> bool:
    """Whether the page's characters are the passage's at all: on scans, and with broken fonts, they are not."""
    return len(aligned) >= _ENOUGH * sum(bool(_folded(char)) for char in text)


# ── the characters of the passage ─────────────────────────────────────────────────────


def _within(lines: Sequence[Box], pages: Mapping[int, Characters]) -> list[_Char]:
    """The characters that stand in the lines, in reading order; each in the line whose middle is nearest."""
    held: list[list[_Char]] = [[] for _ in lines]
    for number, page in pages.items():
        here = [(at, line) for at, line in enumerate(lines) if line.page == number]
        if not here:
            continue
        for char, place in zip(page.text, page.places, strict=True):
            x, y = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
            near = [
                (abs((line.y0 + line.y1) / 2 - y) + abs((line.x0 + line.x1) / 2 - x) / 1000, at)
                for at, line in here
                if line.x0 - _REACH <= x <= line.x1 + _REACH and line.y0 - _REACH <= y <= line.y1 + _REACH
            ]
            if near:
                at = min(near)[1]
                held[at].append(_Char(char, at, place))
    for at, line in enumerate(lines):
        upright = line.y1 - line.y0 > 2 * (line.x1 - line.x0) and len(held[at]) > 1
        held[at].sort(key=lambda char: char.place[1 if upright else 0])
    return [char for row in held for char in row]


def _folded(char: str) -> str:
    """A character as it is compared: forms folded, punctuation and spaces gone."""
    plain = unicodedata.normalize("NFKC", whole_characters(char)).casefold()
    return "".join(one for one in plain if one.isalnum())


def _spelled(characters: Sequence[str]) -> tuple[str, list[int]]:
    """The characters folded into one text, and for each letter of it the index it comes from."""
    letters, origin = [], []
    for at, char in enumerate(characters):
        for letter in _folded(char):
            letters.append(letter)
            origin.append(at)
    return "".join(letters), origin


def _aligned(text: str, written: Sequence[_Char]) -> dict[int, list[int]]:
    """For each offset of the text that is found among the characters, their indices."""
    ours, our_origin = _spelled(text)
    theirs, their_origin = _spelled([char.text for char in written])
    counts = Counter(theirs)
    if sum(counts[letter] for letter in ours) > _MOST_PAIRS:
        return {}
    pairs: dict[int, list[int]] = {}
    at = theirs.find(ours) if ours else -1
    whole = [(0, at, len(ours))] if at >= 0 else []
    blocks = whole or SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    for first, second, size in blocks:
        for step in range(size):
            pairs.setdefault(our_origin[first + step], []).append(their_origin[second + step])
    return pairs


# ── boxes ─────────────────────────────────────────────────────────────────────────────


def _run(written: Sequence[_Char], hits: Sequence[int], part: str) -> list[_Char]:
    """The characters from the first to the last that was found, unless too much stands between them.

    Marks at the ends of the part are not aligned: they stand beside what is.
    """
    first, last = hits[0], hits[-1]
    if last - first + 1 > _LOOSE * len(part) + 10:
        return [written[at] for at in hits]
    for _ in takewhile(_is_mark, part.strip()):
        first -= _is_mark_beside(written, first, -1)
    for _ in takewhile(_is_mark, reversed(part.strip())):
        last += _is_mark_beside(written, last, 1)
    return list(written[first : last + 1])


def _is_mark(char: str) -> bool:
    return not _folded(char)


def _is_mark_beside(written: Sequence[_Char], at: int, step: int) -> bool:
    """Whether the next character in that direction is a mark on the same line."""
    beside = at + step
    if not 0 <= beside < len(written) or written[beside].line != written[at].line:
        return False
    return _is_mark(written[beside].text)


def _merged(run: Sequence[_Char], lines: Sequence[Box]) -> list[Box]:
    """The characters' boxes, one for each line, no higher than the line."""
    found = []
    for at in sorted({char.line for char in run}):
        places = [char.place for char in run if char.line == at]
        line = lines[at]
        found.append(
            Box(
                line.page,
                min(place[0] for place in places),
                max(min(place[1] for place in places), line.y0),
                max(place[2] for place in places),
                min(max(place[3] for place in places), line.y1),
            )
        )
    return found


def _by_width(text: str, start: int, end: int, lines: Sequence[Box]) -> list[Box]:
    """Whole lines that the part stands on, as far as their widths tell, where characters have no places."""
    reached, total = [], 0.0
    for char in text:
        reached.append(total)
        total += 0.0 if char.isspace() else 1.0 if char > "\u2e7f" else _NARROW
    ends, length = [], 0.0
    for line in lines:
        length += max(line.x1 - line.x0, line.y1 - line.y0)
        ends.append(length)
    per = length / total if total else 0.0
    first = bisect_left(ends, (reached[start] + 0.5) * per)
    last = bisect_left(ends, (reached[end - 1] + 0.5) * per)
    return list(lines[first : min(last, len(lines) - 1) + 1])
