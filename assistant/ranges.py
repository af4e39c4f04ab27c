"""Ranges that rules set ("满10年不满20年", "三年以上", "30人至50人") and the values that fall into them."""

import re
from typing import NamedTuple

from assistant.values import UNIT_PATTERN, narrow, number, same_unit, unit_of

_N = r"(?:\d++(?:\.\d++)?[十百千万亿]{0,12}|[一二两三四五六七八九十百千万]{1,12})"
_AMOUNT = rf"(?P<n>{_N})(?P<u>周岁|岁|{UNIT_PATTERN}|周)"
#: What stands before or after an amount and makes it a bound; "不满", "以下" are upper ones.
_BOUND = re.compile(
    rf"(?P<before>不满|未满|不足|少于|低于|不到|(?<!每)满|超过|多于|高于|不超过|不少于|不低于|不高于)?(?:了)?{_AMOUNT}"
    r"(?P<after>及以上|或者以上|以上|及以下|以下|以内|之内)?"
)
_SPAN = re.compile(rf"(?P<low>{_N})(?P<lu>{UNIT_PATTERN}|周岁|岁)?(?:至|到|—|－|-|~|～){_AMOUNT}")
_UPPER = ("不满", "未满", "不足", "少于", "低于", "不到", "不超过", "不高于")
#: One measure of time for all that are counted in years and months.
_MONTHS = {"年": 12.0, "周年": 12.0, "个月": 1.0, "月": 1.0, "周岁": 12.0, "岁": 12.0}
_AGES = ("岁", "周岁")


class Range(NamedTuple):
    """区间: from ``low`` (inside) up to ``high``; ``closed`` when that is inside, too."""

    low: float
    high: float
    closed: bool
    unit: str

    def holds(self, value: float) -> bool:
        return self.low <= value and (value < self.high or (self.closed and value == self.high))


class Amount(NamedTuple):
    """数量: a number with its unit, as it stands in a question."""

    value: float
    unit: str
    text: str


def _measured(raw: str, unit: str) -> tuple[float, str] | None:
    found = number(raw)
    if found is None:
        return None
    unit = unit_of(unit)
    if unit in _MONTHS:
        return found * _MONTHS[unit], "岁" if unit in _AGES else "时长"
    return found, unit


def ranges(text: str) -> list[Range]:
    """The ranges a clause sets; bounds of one unit that follow each other close one range."""
    text = re.sub(r"\s+", "", narrow(text))
    found: list[Range] = []
    for match in _SPAN.finditer(text):
        low, high = _measured(match["low"], match["lu"] or match["u"]), _measured(match["n"], match["u"])
        if low and high and low[1] == high[1] and low[0] < high[0]:
            found.append(Range(low[0], high[0], True, high[1]))
    if found:
        return found
    opened: Range | None = None
    for match in _BOUND.finditer(text):
        bound = _bound(match)
        if bound is None:
            continue
        if opened and bound.unit == opened.unit and bound.low == 0 and bound.high > opened.low:
            found[-1] = opened = Range(opened.low, bound.high, bound.closed, bound.unit)
        else:
            found.append(bound)
            opened = bound if bound.high == float("inf") else None
    return found


def _bound(match: re.Match[str]) -> Range | None:
    measured = _measured(match["n"], match["u"])
    before, after = match["before"] or "", match["after"] or ""
    if measured is None or not (before or after):
        return None
    value, unit = measured
    if before in _UPPER or after in ("及以下", "以下", "以内", "之内"):
        return Range(0.0, value, before not in _UPPER[:6], unit)
    return Range(value, float("inf"), False, unit)


#: "半年", "一年半"; "上半年" is no length of time.
_HALF_YEARS = re.compile(rf"(?P<n>{_N})年半|(?<![上下前后每])半年")


def amounts(question: str) -> list[Amount]:
    """The values a question gives; bounds in it ("三年以上") give where they begin."""
    question = re.sub(r"\s+", "", narrow(question))
    found = [
        Amount(12 * (number(half["n"] or "0") or 0.0) + 6, "时长", half[0])
        for half in _HALF_YEARS.finditer(question)
    ]
    for match in re.finditer(rf"{_AMOUNT}(?![性半之])", question):
        before = question[: match.start()]
        measured = _measured(match["n"], match["u"])
        if measured and not re.search(r"第$|\d{2,4}年$", before) and not re.fullmatch(r"\d{4}", match["n"]):
            found.append(Amount(measured[0], measured[1], match[0]))
    return found


def fits(amount: Amount, text: str) -> float | None:
    """Where the narrowest range of a text that holds a value begins; −1 where none does, None where none is set."""
    alike = [r for r in ranges(text) if same_unit(amount.unit, r.unit)]
    return max((r.low for r in alike if r.holds(amount.value)), default=-1.0) if alike else None
