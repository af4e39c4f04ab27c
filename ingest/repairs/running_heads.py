"""Running heads that stand between two halves of a sentence, where a page was turned."""

import re
from collections import Counter, defaultdict
from dataclasses import replace

from ingest.lines import Line, joined
from ingest.page.headlines import Kind, ends_sentence, kind_of, numbered
from ingest.repairs.changes import Change

_LONGEST = 30
_PROSE = re.compile(r"[\u3400-\u9fff].*[，。；：]|[，。；：].*[\u3400-\u9fff]")
#: What only the head or foot of a page says: its number, the issue's.
_PAGE = re.compile(
    r"^[—\-–·\s]*\d{1,4}[—\-–·\s]*$|^第\s*\d{1,4}\s*页(?:\s*[，,/]?\s*共\s*\d{1,4}\s*页)?$"
    r"|\d{4}\s*年\s*第\s*\d{1,3}\s*期(?:\s*[（(]?总第\s*\d{1,4}\s*期[）)]?)?(?:\s*\d{1,4})?$"
)


def lift_running_heads(lines: list[Line]) -> tuple[list[Line], list[Change]]:
    """A running head or page number between the halves of a sentence is taken out, the halves are joined.

    It is one where it says what only the head of a page says, or where the same line, but for
    its digits, breaks another sentence a second time and stands nowhere else.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for at in range(1, len(lines) - 1):
        if _breaks(lines, at):
            places[_masked(lines[at].text)].append(at)
    everywhere = Counter(_masked(line.text) for line in lines)
    heads = {
        at
        for text, found in places.items()
        for at in found
        if _PAGE.search(lines[at].text.strip())
        or (len(found) == everywhere[text] and _breaks_different_sentences(lines, found))
    }
    out: list[Line] = []
    changes: list[Change] = []
    for at, line in enumerate(lines):
        if at in heads:
            changes.append(Change("页眉", line.page, line.text.strip(), ""))
        elif at - 1 in heads:
            halves = [out[-1], replace(line, text=line.text.strip())]
            out[-1] = replace(joined(halves), text=halves[0].text.rstrip() + halves[1].text)
        else:
            out.append(line)
    return out, changes


def _breaks(lines: list[Line], at: int) -> bool:
    """Whether a short line stands between prose that is not finished and prose that does not begin."""
    above, line, below = lines[at - 1 : at + 2]
    if line.box and above.page == below.page:
        return False  # no page was turned
    if len(line.text.strip()) > _LONGEST or line.level or line.whole or re.search("[，。；]", line.text):
        return False
    if any(half.level or half.whole or not _PROSE.search(half.text) for half in (above, below)):
        return False
    unfinished = not ends_sentence(above.text) and not re.search(r"[：:；;）)]\s*$", above.text)
    goes_on = kind_of(below) in (Kind.PARAGRAPH, Kind.BARE) and not numbered(below.text)
    return (
        unfinished
        and goes_on
        and not below.text.startswith(("\u3000\u3000", "  "))
        and above.story == below.story
    )


def _breaks_different_sentences(lines: list[Line], places: list[int]) -> bool:
    """Whether a line stands in different company each time; in a text that is printed twice it does not."""
    return all(len({lines[at + step].text.strip() for at in places}) >= 2 for step in (-1, 1))


def _masked(text: str) -> str:
    return re.sub(r"\d+", "0", re.sub(r"\s", "", text))
