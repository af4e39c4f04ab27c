"""What a question asks of passages that came with it: the kind of thing, its unit, its head, its words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from assistant import places
from assistant.evidence.needed import unit_asked
from assistant.question.parts import Part
from assistant.question.vocabulary import EMPTY_WORDS, WEAK_WORDS, synonyms
from assistant.values import fold, narrow, years
from corpus.words import common, cut, names_thing

Kind = Literal["数字", "时间", "时长", "人物", "地点", "是否", "其他"]

#: Questions that end with the thing itself ("全国棉花产量", "开幕时间"), as in a search box.
_ENDS: tuple[tuple[Kind, str], ...] = (
    ("时长", r"(?:期限|时长|工期|刑期|任期|寿命|年限|期间|有效期)$"),
    ("时间", r"(?:时间|日期|时候|之日|年份|月份|生日|[交出首开]\w?日|时间段|日子)$"),
    (
        "人物",
        r"(?:主演|导演|编剧|作者|冠军|亚军|季军|得主|[金银铜]牌|主席|总统|总理|首相|[市省县校院部局厂会]长|书记|"
        r"主任|主持人|主帅|教练|[男女]主角|[男女]配角|创始人|负责人|联系人|发言人|法定代表人|嫌疑人|被害人|证人|保证人|队伍|获奖者)$",
    ),
    ("地点", r"(?:地点|地址|举办地|所在地|产地|场所|住址|籍贯|住所|位置|方位)$"),
    (
        "数字",
        r"(?:[数总产销重质当流容储存用含余金差限额税]量|[数金总定余差]额|[率额量数]|人口|票房|震级|奖金|价格|价钱|单价|总价|"
        r"面积|长度|高度|身高|年龄|规模|收入|营收|营业收入|利润|市值|占比|比例|比重|总值|人次|席位|分数|比分|费用|工资|薪酬|距离|造价|款项|本金|利息|违约金|赔偿金|罚金)$",
    ),
)
_ASKING = re.compile(
    r"(?:一共|总共|共|大约|约|将|会|又|都|分别|各)?(?:是|有|为|在|叫|达到?了?|于)?"
    r"(?:多少|百分之几|几(?=[\u4e00-\u9fff])|什么时候|什么时间|什么地方|什么|何时|何地|何处|何人|何种|为何|何|"
    r"怎么样|怎样|怎么|如何|哪里|哪儿|哪[一些几个位家年天月日场座支部]*|谁|是否|多久|多长时间|多[长大高远重宽深]|吗|呢|呀|吧|"
    r"能不能|可不可以|是不是|有没有|为了|情况|的话)"
)
_YEAR = re.compile(r"(?:19|20)\d{2}")
#: What stands behind the thing itself where nothing asks: "闭幕时间", "宣誓仪式的日期".
_BEHIND = re.compile(r"的?(?:具体)?(?:时间|日期|数量|人数|情况|地点)$")
_DROPPED = re.compile(r"[?？。！!，,、；;:：“”\"《》（）()\[\]\s·]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """所问: a question taken apart for reading.

    ``words`` are its content words (folded) with weights that add up to 1; ``heads`` those of
    them that name what is asked for ("冠军", "产量"); ``bare`` its characters without what asks;
    ``named`` names in 《》 and quotation marks, folded; ``regions`` the provinces, cities and
    counties it names, each in the ways that it may be written.
    """

    kind: Kind
    unit: str
    words: dict[str, float]
    heads: frozenset[str]
    bare: str
    years: frozenset[str]
    named: tuple[str, ...]
    regions: tuple[tuple[str, ...], ...]


def asked(part: Part) -> Asked:
    """What one part of a question asks."""
    text = narrow(part.text)
    bare = _DROPPED.sub("", _ASKING.sub("\n", text).replace("\n", " "))
    kind = _kind(part, text)
    words = _weights(text)
    return Asked(
        kind=kind,
        unit=_unit(part, kind, text),
        words=words,
        heads=_heads(text, words),
        bare=fold(bare),
        years=frozenset(years(re.sub(r"(?<!\d)((?:19|20)\d{2})(?!\d|年|[-./])", r"\1年", text))),
        named=tuple(fold(n) for n in re.findall(r"《([^》]+)》|“([^”]+)”", text) for n in n if n),
        regions=tuple(tuple(fold(v) for v in places.variants(p)) for p in places.asked(text)),
    )


def _kind(part: Part, text: str) -> Kind:
    if part.unit == "时长" or re.search(r"多久|多长时间|几[天年]|几个月", text):
        return "时长"
    if part.kind in ("数字", "时间", "人物", "地点", "是否"):
        return part.kind
    if re.search(r"谁|何人|哪[一]?[位名]|什么人", text):
        return "人物"
    if re.search(r"何时|什么时[候间]", text):
        return "时间"
    if re.search(r"何[处地]|哪[里儿]|在哪", text):
        return "地点"
    stem = re.sub(
        r"(?:分别|各)?(?:都有|是|为|有|叫)?(?:谁|什么|多少|哪些?|几)?(?:呢|吗)?[?？。]*\s*$", "", text
    )
    return next((kind for kind, ends in _ENDS if re.search(ends, stem)), "其他")


def _unit(part: Part, kind: Kind, text: str) -> str:
    if kind != "数字":
        return ""
    if re.search(r"(?:率|占比|比例|比重)(?:是|为|达到?)?(?:多少)?[?？]*$|百分之", text):
        return "%"
    unit = unit_asked(part)
    return "" if unit == "总" else unit


def _weights(text: str) -> dict[str, float]:
    rest = _ASKING.sub(" ", text)
    found = [
        w
        for w in dict.fromkeys(cut(rest))
        if w not in EMPTY_WORDS and (len(w) > 1 or w.isdigit() or w.isascii())
    ]
    found = [w for w in found if not any(w != o and w in o for o in found) and not _YEAR.fullmatch(w)]
    titles = [fold(t) for t in re.findall(r"《([^》]{2,})》", text)]
    found = titles + [w for w in found if not any(w in t for t in titles)]
    weights = {w: _weight(w) for w in found}
    total = sum(weights.values())
    return {w: weight / total for w, weight in weights.items()} if total else {}


#: ln(occurrences per million) from which a word counts least, and how much rarer ones count more.
_COMMON, _RARE_SHARE = 8.0, 0.35


@lru_cache(maxsize=8192)
def _weight(word: str) -> float:
    """How much a word says: rare ones and names more, words of every question hardly."""
    weight = 1.0 + _RARE_SHARE * max(0.0, _COMMON - common(word))
    if word in WEAK_WORDS:
        return 0.4 * weight
    return weight if names_thing(word) else 0.7 * weight


def _heads(text: str, words: Iterable[str]) -> frozenset[str]:
    """The words right before and right behind what asks; the last one where nothing asks."""
    found: set[str] = set()
    folded = [w for w in words if w not in WEAK_WORDS]
    for match in _ASKING.finditer(text):
        before = fold(_DROPPED.sub("", text[max(0, match.start() - 8) : match.start()]))
        behind = fold(_DROPPED.sub("", text[match.end() : match.end() + 6]))
        found |= {
            w
            for w in folded
            if before.removesuffix("的").endswith(w) or behind.lstrip("个名位家种的").startswith(w)
        }
    if not found:
        said = _BEHIND.sub("", fold(_DROPPED.sub("", text)))
        found = {w for w in folded if said.endswith(w)}
    return frozenset(found)


@lru_cache(maxsize=4096)
def alike(word: str) -> frozenset[str]:
    """Other words for the same thing."""
    return synonyms().get(word, frozenset())
