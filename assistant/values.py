"""Numbers, dates and the like in Chinese text, read into values that can be compared."""

import re
from typing import Literal, NamedTuple

from corpus.words import fold

ValueKind = Literal["数", "百分比", "日期", "条款", "文号"]

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_CN = "零〇○一二三四五六七八九十百千万亿两"
#: "百十千万" alone are words ("百强", "万家灯火"), so a Chinese number must hold a digit or begin with 十.
_CN_NUMBER = rf"(?:[零〇一二三四五六七八九两][{_CN}]*|十[{_CN}]*)"
_NUMBER = r"\d++(?:[,，]\d{3})*(?:\.\d++)?"

#: Measure words that stand for one another when people count (a question may say 名 for 人).
UNIT_GROUPS: tuple[frozenset[str], ...] = (
    frozenset({"人", "名", "位", "人次", "员", "余人"}),
    frozenset({"家", "个", "所", "处", "座", "间", "户"}),
    frozenset({"场", "场次", "次", "期", "届", "回", "轮"}),
    frozenset({"份", "件", "个", "篇", "项", "条", "起", "宗"}),
    frozenset({"元", "万元", "亿元", "千元", "块"}),
    frozenset({"册", "本", "部"}),
    frozenset({"节", "课时", "堂"}),
    frozenset({"倍"}),
    frozenset({"%", "％", "成", "百分点"}),
    frozenset({"天", "日", "工作日", "个工作日"}),
    frozenset({"个月", "月", "年", "季度"}),
    frozenset({"小时", "分钟"}),
    frozenset({"周", "岁"}),
    frozenset(
        {
            "平方米",
            "平米",
            "平方",
            "亩",
            "公里",
            "米",
            "吨",
            "公斤",
            "台",
            "辆",
            "套",
            "对",
            "级",
            "星",
            "类",
            "种",
        }
    ),
)
UNITS = sorted(
    {u for group in UNIT_GROUPS for u in group} | {"方面", "条", "款", "票", "分", "字"},
    key=len,
    reverse=True,
)
_UNIT = "|".join(map(re.escape, UNITS))
#: "8个专业" counts in 个, "11个方面" in 方面, "2个月" in 个月.
UNIT_PATTERN = (
    f"个月|个工作日|个(?:{'|'.join(re.escape(u) for u in UNITS if u != '个' and len(u) > 1)})|{_UNIT}"
)

_DATE = re.compile(
    r"(?:(?P<y>\d{4})年(?:度)?)?(?:(?P<m>\d{1,2})月份?)?(?:(?P<d>\d{1,2})[日号])?(?P<part>[上中下]旬|初|底|末)?"
)
_CLAUSE = re.compile(rf"第([{_CN}\d]+)([条款项章节编])")
_DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,8}[〔\[（(]\d{4}[〕\]）)]\d+号")
_PERCENT = re.compile(
    rf"(?P<n>{_NUMBER})%|百分之(?P<c>{_CN_NUMBER}(?:点[{_CN}]+)?|{_NUMBER})|"
    r"(?P<of>[二三四五六七八九十])分之(?P<part>[一二三四五六七八九])|"
    r"(?P<t>[一二三四五六七八九])成(?![立为员果效长就功])"
)
_QUANTITY = re.compile(
    rf"(?P<n>{_NUMBER}|{_CN_NUMBER}|[百千万](?=[多余]))(?P<s>[十百千万亿]*)(?P<more>多|余|几)?(?P<s2>[万亿]?)(?P<u>{UNIT_PATTERN})?"
)


class Value(NamedTuple):
    """值: one number, date, clause or document number as it stands at ``start:end``.

    ``value`` compares equal for equal meanings ("百分之八十五" and "85%" both give
    ``"85"``); ``unit`` is the measure word, ``""`` when there is none.
    """

    kind: ValueKind
    value: str
    unit: str
    start: int
    end: int


def narrow(text: str) -> str:
    """Full-width letters, digits and % made ASCII; the length stays the same."""
    return text.translate(_NARROW)


_NARROW = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F) if chr(c) not in "，！？：；（）"}


#: Characters of a number; a longer row of digits counts nothing.
_DIGITS_MOST = 30


def chinese_number(text: str) -> int | None:
    """``"一百二十三"`` → 123, ``"二〇二四"`` → 2024; None when it is not a number."""
    if not 0 < len(text) <= _DIGITS_MOST or any(c not in DIGITS and c not in SCALES for c in text):
        return None
    if len(text) > 1 and all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total = section = digit = 0
    for c in text:
        if c in DIGITS:
            digit = DIGITS[c]
        elif SCALES[c] < 10_000:
            section += (digit or 1) * SCALES[c]
            digit = 0
        else:
            total = (total + section + digit) * SCALES[c]
            section = digit = 0
    return total + section + digit


def whole(text: str) -> int | None:
    """A whole number in Arabic or Chinese digits."""
    arabic = text.isdecimal() and len(text) <= _DIGITS_MOST
    return int(text) if arabic else chinese_number(text)


def number(text: str) -> float | None:
    """An Arabic or a Chinese number, with 千万亿 after it ("1.3万" → 13000)."""
    match = re.fullmatch(rf"({_NUMBER})([十百千万亿]*)", text)
    if not match:
        found = chinese_number(text)
        return None if found is None else float(found)
    if len(text) > _DIGITS_MOST:
        return None
    value = float(re.sub("[,，]", "", match[1]))
    for scale in match[2]:
        value *= SCALES[scale]
    return value


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _dates(text: str) -> list[Value]:
    found = []
    for match in _DATE.finditer(text):
        year, month, day = match["y"], match["m"], match["d"]
        if not (year or (month and (day or match["part"] or match.end() > match.start())) or day):
            continue
        if not year and not month and day:
            continue  # "15日" alone is read as a quantity
        parts = [year or "", (month or "").lstrip("0"), (day or "").lstrip("0"), match["part"] or ""]
        found.append(Value("日期", "-".join(parts), "", match.start(), match.end()))
    return found


def _percents(text: str) -> list[Value]:
    found = []
    for match in _PERCENT.finditer(text):
        raw = match["n"] or match["c"]
        if match["of"]:
            value = _plain(100 * DIGITS[match["part"]] / SCALES.get(match["of"], DIGITS.get(match["of"], 1)))
        elif match["t"]:
            value = _plain(DIGITS[match["t"]] * 10)
        elif "点" in raw:
            before, _, rest = raw.partition("点")
            value = f"{chinese_number(before)}.{''.join(str(DIGITS.get(c, '')) for c in rest)}"
        else:
            amount = number(raw)
            value = raw if amount is None else _plain(amount)
        found.append(Value("百分比", value, "%", match.start(), match.end()))
    return found


def _clauses(text: str) -> list[Value]:
    return [
        Value("条款", _plain(number(m[1]) or 0.0), m[2], m.start(), m.end()) for m in _CLAUSE.finditer(text)
    ] + [Value("文号", fold(m[0]), "", m.start(), m.end()) for m in _DOCUMENT_NUMBER.finditer(text)]


def _quantities(text: str) -> list[Value]:
    found = []
    for match in _QUANTITY.finditer(text):
        value = number(match["n"] + (match["s"] if match["n"][0].isdigit() else ""))
        if value is None:
            if len(match["n"]) > _DIGITS_MOST:  # as it stands: who says it must have it from there
                found.append(Value("数", match["n"], "", match.start(), match.end()))
            continue
        if match["s2"]:
            value *= SCALES[match["s2"]]
        found.append(Value("数", _plain(value), unit_of(match["u"] or ""), match.start(), match.end()))
    return found


def values(text: str) -> list[Value]:
    """Every value in the text, in its order; what a longer reading covers is not read again."""
    text = narrow(text)
    kept: list[Value] = []
    for value in [*_clauses(text), *_percents(text), *_dates(text), *_quantities(text)]:
        if all(value.end <= k.start or value.start >= k.end for k in kept):
            kept.append(value)
    return sorted(kept, key=lambda v: v.start)


def unit_of(raw: str) -> str:
    """A measure word without the 个 before it ("个方面" → 方面)."""
    return raw[1:] if len(raw) > 1 and raw[0] == "个" and raw not in ("个月", "个工作日") else raw


def same_unit(asked: str, given: str) -> bool:
    """Whether a number counted in ``given`` answers a question asked in ``asked``."""
    if not asked or asked == given:
        return True
    return any(asked in group and given in group for group in UNIT_GROUPS)


_TIMES = re.compile(
    r"\d{4}年|\d{1,2}月|\d{1,2}[日号]|[上中下]旬|每(?:个)?(?:季度|月|年|周|天|日|半年|两年|[一二三四五六七八九十\d]+[年月天周])|"
    r"\d+(?:个)?(?:年|月|天|日|周|小时|分钟|工作日|季度)|[一二三四五六七八九十两]+(?:个)?(?:年|月|天|日|周|小时|工作日|季度)|"
    r"去年|前年|明年|年内|年初|年底|今年[初底内]|上午|下午|春节|季度|[一二三四五六七八九〇]{4}年|\d{4}[-./]\d{1,2}"
)


_DURATIONS = re.compile(
    r"每(?:个)?(?:季度|月|年|周|天|日|半年|[一二两三四五六七八九十\d]+个?[年月天周])|(?<!\d)\d{1,3}(?:个)?(?:年|天|日内|周|小时|分钟|工作日|季度)|"
    r"(?:提前|延长)(?:\d{1,3}|[一二两三四五六七八九十]{1,4})日|(?:\d{1,3}|[一二两三四五六七八九十]{1,4})日[以之]?前|"
    r"(?<!\d)\d{1,3}个月|[一二两三四五六七八九十半]+(?:个)?(?:年|天|周|小时|工作日|季度|星期|日内)|[一二两三四五六七八九十半]+个月"
)


def has_duration(text: str) -> bool:
    """Whether the text says how long or how often, as opposed to when."""
    return bool(_DURATIONS.search(re.sub("[一二三四五六七八九]是", "", narrow(text))))


def has_time(text: str) -> bool:
    """Whether the text holds a date, a duration or a frequency."""
    return bool(_TIMES.search(narrow(text)))


def years(text: str) -> set[str]:
    """The four-digit years the text names."""
    return set(re.findall(r"(?<!\d)((?:19|20)\d{2})(?=年|[-./〕\]）)]|\s*年)", narrow(text)))
