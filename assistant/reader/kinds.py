"""Where a text holds the kind of thing asked for: numbers, dates, persons, places, names."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from assistant.reader.asked import Asked, Kind
from assistant.values import same_unit, unit_of
from assistant.word_lists import section
from corpus.words import common, cut, name_sort

Place = tuple[int, int]

_MONEY = "美元|欧元|港元|日元|英镑|卢布|人民币|元|块钱"
_NUMBER = re.compile(
    r"(?P<n>\d+(?:[.,，]\d+)*|[一二两三四五六七八九十百千]+(?:点[一二三四五六七八九]+)?)(?P<s>[十百千万亿]*)(?:多|余|几)?"
    rf"(?P<u>%|‰|个百分点|{_MONEY}|[\u4e00-\u9fffa-z]{{0,2}})"
)
_PERCENT = re.compile(
    r"百分之[一二三四五六七八九十百点\d]+|\d+(?:\.\d+)?(?:%|‰|个?百分点)|[一二三四五六七八九]成"
)
_DATE = re.compile(
    r"\d{4}年(?:度)?(?:\d{1,2}月(?:份)?)?(?:\d{1,2}[日号])?|\d{1,2}月(?:\d{1,2}[日号])?|(?<![\d年月])\d{1,2}[日号]|"
    r"\d{4}[-./]\d{1,2}(?:[-./]\d{1,2})?|[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号]|"
    r"(?:今天|昨天|明天|今晚|当天|次日|去年|前年|明年|年底|年初|月底|月初|春节|国庆|周[一二三四五六日]|星期[一二三四五六日天])|\d{1,2}时"
)
_SPAN = re.compile(
    r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十半]+)(?:多|余)?(?:个)?(?:年|月|天|日|周|小时|分钟|秒|季度|星期|工作日|米|公里|千米)(?:半|以上|内)?"
)
#: An excerpt's own date line and remarks in brackets are no answers.
_DATELINE = re.compile(r"^[a-z]{3} ?\d{1,2}, ?\d{4}|\[\d+\]")
_SURNAMES = frozenset("".join(section("people.txt", "姓氏")))
_PLACE_END = re.compile(
    r"[\u4e00-\u9fff]{1,8}(?:省|市|县|区|镇|乡|村|州|国|馆|厅|中心|广场|大学|学院|医院|公园|机场|车站|大厦|酒店|公墓|体育场|大街|路\d*号?|街|楼|室|公司|法院|局|库|场|院|园|店|站|厂|山|岛|湖|港)"
)
_ROLE = re.compile(
    r"(?:被告人?|原告|被害人|上诉人|申请人|证人|当事人|第三人|买受人|出卖人|甲方|乙方|公司|银行|法院|委员会|政府|学校|医院|集团|[总分]?工会|单位|部门|机关|机构)"
)
_MARKED = re.compile(r"[\u4e00-\u9fff](?:\d?某{1,2}[甲乙丙丁\d]?|[xX×]{1,2}\d*|\d{1,2}(?![\d年月日元万%.]))")
_FOREIGN = re.compile(r"[\u4e00-\u9fff]{1,6}[·・•][\u4e00-\u9fff]{1,8}")
_SOUNDS = "阿埃艾安奥巴贝比彼博布达德迪蒂丁多厄恩尔伐法菲费夫弗福盖戈格古哈海赫霍基吉加杰卡凯坎科克肯库拉莱兰劳勒雷里利林卢鲁路伦罗洛马麦曼梅门蒙米莫姆穆纳内尼诺帕佩皮普奇乔切萨塞森莎沙圣施什史斯苏索塔泰坦特图托瓦万威维温文沃乌西希夏辛休雅亚耶伊尤扎泽兹"
_SOUNDED = re.compile(rf"[{_SOUNDS}]{{3,9}}")
_QUOTED = re.compile(r"《[^》]+》|“[^”]+”|「[^」]+」|[a-z][a-z0-9]{2,}")


def places(asked: Asked, said: str) -> list[Place]:
    """Where a folded text holds the kind of thing asked for that the question itself does not say."""
    found = _FINDERS[asked.kind](asked, _DATELINE.sub(lambda m: " " * len(m[0]), said))
    return [(a, b) for a, b in found if said[a:b] not in asked.bare and said[a:b] not in asked.years]


def exact(asked: Asked, said: str, at: Sequence[Place]) -> bool:
    """Whether one of these is in the very unit asked for, or as full as a date can be."""
    if asked.kind == "数字" and asked.unit:
        return any(_in_unit(asked.unit, said[a:b]) for a, b in at)
    if asked.kind == "时间":
        return any(re.search(r"月\d|\d年", said[a:b]) for a, b in at)
    return bool(at)


def _in_unit(unit: str, said: str) -> bool:
    if unit == "%":
        return bool(_PERCENT.search(said))
    if unit == "元":
        return bool(re.search(_MONEY, said)) or said[-1:] in "亿万"
    match = _NUMBER.match(said)
    return bool(
        match and match["u"] and (match["u"].startswith(unit) or same_unit(unit, unit_of(match["u"])))
    )


def _numbers(asked: Asked, said: str) -> list[Place]:
    if asked.unit == "%":
        return [m.span() for m in _PERCENT.finditer(said)]
    dates = [m.span() for m in _DATE.finditer(said)]
    found = []
    for match in _NUMBER.finditer(said):
        if any(a < match.end("n") and match.start() < b for a, b in dates):
            continue
        if (
            match["n"][0].isdigit()
            or match["s"]
            or match["u"][:1] in "人名家个位项件次场元岁辆套台支所起笔种倍米公"
        ):
            found.append(match.span())
    return found + [m.span() for m in _PERCENT.finditer(said)]


def _times(_: Asked, said: str) -> list[Place]:
    return [m.span() for m in _DATE.finditer(said)]


def _spans(_: Asked, said: str) -> list[Place]:
    return [m.span() for m in _SPAN.finditer(said)]


def _persons(_: Asked, said: str) -> list[Place]:
    found = [m.span() for shape in (_FOREIGN, _SOUNDED, _MARKED, _ROLE) for m in shape.finditer(said)]
    return found + [(a, b) for word, a, b in _words(said) if _is_person(word)]


@lru_cache(maxsize=8192)
def _is_person(word: str) -> bool:
    if name_sort(word) in ("人", "机构"):
        return len(word) > 1
    return 2 <= len(word) <= 4 and word[0] in _SURNAMES and common(word) == 0.0 and word.isalpha()


def _sites(_: Asked, said: str) -> list[Place]:
    found = [m.span() for m in _PLACE_END.finditer(said)]
    return found + [(a, b) for word, a, b in _words(said) if name_sort(word) in ("地", "机构")]


def _names(_: Asked, said: str) -> list[Place]:
    return [m.span() for m in _QUOTED.finditer(said)]


@lru_cache(maxsize=4096)
def _words(said: str) -> tuple[tuple[str, int, int], ...]:
    found, at = [], 0
    for word in cut(said):
        start = said.find(word, at)
        if start < 0:
            start = said.find(word)
        if start >= 0:
            found.append((word, start, start + len(word)))
            at = start
    return tuple(found)


_FINDERS: dict[Kind, Callable[[Asked, str], list[Place]]] = {
    "数字": _numbers,
    "时间": _times,
    "时长": _spans,
    "人物": _persons,
    "地点": _sites,
    "是否": lambda _, __: [],
    "其他": _names,
}
