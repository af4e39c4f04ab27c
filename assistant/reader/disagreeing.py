"""Whether two passages give another number, day, person or place for the same thing.

Two ways lead there. *Twins*: sentences alike but for what is asked for. *Strangers*: sentences in
other words that both name the thing, each with its own value, neither value in the other passage.
Where the two speak of different years or regions they do not disagree.
"""

import re
from difflib import SequenceMatcher

from assistant import places as regions
from assistant.reader.asked import Asked
from assistant.reader.features import NEAR, held
from assistant.reader.kinds import places
from assistant.values import fold, number
from corpus.words import common, cut, name_sort

#: From this likeness on, what differs aside, two sentences are twins.
TWIN = 0.75
#: What differs between twins stands in so many places at most.
PLACES = 3
#: Both passages hold this share of the question's words: copies but for a value, twins, strangers in
#: other words; a stranger is at least this share as good.
COPY, NAMED_COPY, NAMED_TWIN, NAMED, AS_GOOD = 0.85, 0.25, 0.5, 0.75, 0.3
#: Two numbers this near one another are one number, rounded.
ROUNDED = 0.02
#: Characters of what twins have in each other's place, most.
SWAPPED = 16

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?=年|[-./]|度)")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?[十百千万亿]*")


def otherwise(asked: Asked, one: tuple[str, str], other: tuple[str, str], as_good: float) -> bool:
    """Whether two units, each with its passage, say the thing asked for otherwise.

    ``as_good`` is the second's share beside the first's (0–1 and beyond).
    """
    if one[0] == other[0] or _of_another(asked, one[0], other[0]):
        return False
    if _first_cell(one[0]) != _first_cell(other[0]):
        return False
    named = min(_named(asked, fold(text)) for _, text in (one, other))
    if (
        named >= (NAMED_COPY if _copy(one[0], other[0]) else NAMED_TWIN)
        and (swapped := _swapped(one[0], other[0])) is not None
    ):
        return any(_differ(asked, a, b, fold(one[1]), fold(other[1])) for a, b in swapped)
    return as_good >= AS_GOOD and _strangers(asked, one, other)


def _copy(one: str, other: str) -> bool:
    """Whether one sentence is the other word for word but for a value."""
    return SequenceMatcher(None, one, other, autojunk=False).quick_ratio() >= COPY


def _first_cell(said: str) -> str:
    """Whose row of a table it is; nothing where it is none."""
    cells = said.split(";")
    return cells[0] if len(cells) > 1 and all(":" in c for c in cells) else ""


def _of_another(asked: Asked, one: str, other: str) -> bool:
    """Whether two sentences speak of different years or regions, neither being what is asked for."""
    if asked.kind != "时间" and _apart(set(_YEAR.findall(one)), set(_YEAR.findall(other))):
        return True
    return asked.kind not in ("地点", "其他") and _apart(set(regions.listed(one)), set(regions.listed(other)))


def _apart(one: set[str], other: set[str]) -> bool:
    return bool(one and other and not one & other)


def _swapped(one: str, other: str) -> list[tuple[str, str]] | None:
    """What two sentences have in each other's place where they are alike but for that; else None."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.quick_ratio() < TWIN or matcher.ratio() < TWIN:
        return None
    found: list[list[int]] = []
    for op, *at in matcher.get_opcodes():
        if op == "equal":
            continue
        if found and at[0] - found[-1][1] <= JOINED:
            found[-1][1], found[-1][3] = at[1], at[3]
        else:
            found.append(list(at))
    if len(found) > PLACES:
        return []
    pairs = [(_whole(one, a, b), _whole(other, c, d)) for a, b, c, d in found]
    return [(mine, yours) for mine, yours in pairs if mine and yours]


#: Differences with so few characters between them are one: "2020年11月" and "2012年1月".
JOINED = 3


def _whole(text: str, start: int, end: int) -> str:
    """A piece with the rest of the number or date that it was cut from, or one character more of a short name."""
    digits = "0123456789.年月日号万亿千百%"
    if any(c.isdigit() for c in text[max(0, start - 1) : end + 1]):
        while start and text[start - 1] in digits:
            start -= 1
        while end < len(text) and text[end] in digits:
            end += 1
    elif end - start == 1 and end < len(text):
        end = min(len(text), end + 1)
    return text[start:end]


def _differ(asked: Asked, one: str, other: str, mine: str, yours: str) -> bool:
    """Whether two pieces that stand in each other's place are two answers."""
    if max(len(one), len(other)) > SWAPPED:
        return False
    if re.search(r"\d", one) and re.search(r"\d", other):
        if asked.kind == "时间":
            return bool(_DAYS.search(one) and _DAYS.search(other)) and not _same_day(one, other)
        return asked.kind in ("数字", "时长", "其他", "是否") and not _one_number(one, other)
    if re.search(r"\d", one + other) or asked.kind in ("数字", "时长", "时间"):
        return False
    bare = [re.sub(r"\W", "", t) for t in (one, other)]
    if min(map(len, bare)) < 2 or any(b in asked.bare for b in bare):
        return False
    return all(map(_is_name, bare)) and bare[0] not in yours and bare[1] not in mine


_DAYS = re.compile(r"\d[年月日号]")


def _is_name(text: str) -> bool:
    """Whether a piece is a name, or no word of the dictionary's."""
    words = cut(text)
    return any(name_sort(w) for w in words) or all(common(w) < RARE for w in words if len(w) > 1)


#: ln(occurrences per million) below which a word is rare enough to be a name.
RARE = 1.0


def _one_number(one: str, other: str) -> bool:
    """Whether two numbers are one: the same, or one of them rounded."""
    first, second = (number(m[0]) if (m := _NUMBER.search(t)) else None for t in (one, other))
    if first is None or second is None:
        return False
    return abs(first - second) <= ROUNDED * max(abs(first), abs(second)) and (
        first == second or min(first, second) >= 1000
    )


def _strangers(asked: Asked, one: tuple[str, str], other: tuple[str, str]) -> bool:
    mine, yours = _values(asked, one[0]), _values(asked, other[0])
    if not mine or not yours or min(_named(asked, one[0]), _named(asked, other[0])) < NAMED:
        return False
    here, there = fold(one[1]), fold(other[1])
    if asked.kind in ("数字", "时长"):
        return (
            _units(mine) == _units(yours)
            and not any(_one_number(a, b) for a in mine for b in yours)
            and not any(a in there for a in mine)
            and not any(b in here for b in yours)
        )
    if asked.kind == "时间":
        return not any(_same_day(a, b) for a in mine for b in yours)
    return not any(a in there for a in mine) and not any(b in here for b in yours)


def _named(asked: Asked, said: str) -> float:
    return sum(weight * held(word, said) for word, weight in asked.words.items())


def _values(asked: Asked, said: str) -> list[str]:
    """The value nearest to the head of what is asked, or the only one; nothing where it cannot be told."""
    if asked.kind not in ("数字", "时间", "时长", "人物", "地点"):
        return []
    found = places(asked, said)
    if asked.kind in ("人物", "地点"):
        heads = [m.span() for h in asked.heads for m in re.finditer(re.escape(h), said)]
        found = [p for p in found if _is_name(said[slice(*p)]) and any(_gap(p, h) <= TOUCHING for h in heads)]
        return [said[a:b] for a, b in found[:1]]
    if asked.kind == "时间":
        found = [(a, b) for a, b in found if re.search(r"\d[月日号]|\d年", said[a:b])]
    if len(found) <= 1:
        return [said[a:b] for a, b in found]
    at = [said.find(h) for h in asked.heads if h in said]
    if not at:
        return []
    near = min(found, key=lambda p: min(abs(p[0] - x) for x in at))
    return [said[near[0] : near[1]]] if min(abs(near[0] - x) for x in at) <= NEAR else []


#: A name so near to its role is its bearer's.
TOUCHING = 3


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(one[0] - other[1], other[0] - one[1], 0)


def _units(found: list[str]) -> set[str]:
    return {re.sub(r"[\d.,，十百千万亿多余几]", "", v)[:1] for v in found}


def _same_day(one: str, other: str) -> bool:
    """Whether one day may be the other: whatever both say of year, month and day agrees."""
    mine, yours = _day(one), _day(other)
    return all(a == b for a, b in zip(mine, yours, strict=True) if a and b) and any(
        a and b for a, b in zip(mine, yours, strict=True)
    )


def _day(text: str) -> tuple[str, str, str]:
    year = re.search(r"(?:19|20)\d{2}", text)
    month = re.search(r"(\d{1,2})月", text)
    day = re.search(r"(\d{1,2})[日号]", text)
    return (year[0] if year else "", month[1].lstrip("0") if month else "", day[1].lstrip("0") if day else "")
