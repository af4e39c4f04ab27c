"""Places named in a text: from a list of provinces and cities, and by their endings."""

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from corpus.words import common

_ENDINGS = "自治区|自治州|自治县|街道|省|市|县|区|镇|乡"
#: What stands before 市, 区 … without being a place's name ("全市", "社区", "开发区").
_COMMON = re.compile(
    r"^(?:.*[全各本我该这那每某此整及和与或外别他异两几多哪个给让由把被])$|^.*(?:社|园|城|市|地|郊|开发|工业|景|校|厂|库|辖|灾|牧|林|超|夜|门|都|乡|"
    r"集|小|大|上|下|县|镇|区|重点|高新技术产业|经济技术|自由贸易|自贸|民族|沿海|试点|先行|示范|直辖|地级|服务|办公|生活|休闲|学习)$"
)


@lru_cache(maxsize=1)
def provinces() -> dict[str, tuple[str, ...]]:
    """Each province with its cities, short names ("江苏" → "南京", …)."""
    table = {}
    for line in Path(__file__).with_name("places.txt").read_text("utf8").splitlines():
        if line and not line.startswith("#"):
            province, _, cities = line.partition("：")
            table[province] = tuple(cities.split())
    return table


@lru_cache(maxsize=1)
def _listed() -> re.Pattern[str]:
    names = set(provinces()) | {c for cities in provinces().values() for c in cities}
    return re.compile("|".join(sorted(names, key=len, reverse=True)))


def province_of(place: str) -> str:
    """The province a listed city lies in; ``""`` for provinces and for what is not listed."""
    return next((p for p, cities in provinces().items() if place in cities), "")


def listed(text: str) -> Counter[str]:
    """How often each listed place is named, by its short name ("淮安市", "淮安" → 淮安)."""
    return Counter(m[0] for m in _listed().finditer(text) if text[m.start() : m.end() + 2] != "长治久安")


def asked(question: str) -> list[str]:
    """Places a question names, each with its ending where it has one, in order.

    Unlisted names may carry a word too many in front ("请问和孚镇"); ``variants`` cuts it.
    """
    found: list[tuple[int, str]] = []
    covered = [False] * len(question)
    for match in _listed().finditer(question):
        end = match.end()
        ending = re.match(_ENDINGS, question[end:])
        stop = end + (ending.end() if ending and question[end : end + 2] not in _NOT_ENDINGS else 0)
        found.append((match.start(), question[match.start() : stop]))
        covered[match.start() : stop] = [True] * (stop - match.start())
    for match in re.finditer(rf"([\u4e00-\u9fff]{{2,4}}?)({_ENDINGS})", question):
        if any(covered[match.start() : match.end()]):
            start = max(
                (i + 1 for i in range(match.start(), match.end()) if covered[i]), default=match.start()
            )
            stem = question[start : match.end() - len(match[2])]
        else:
            start, stem = match.start(), match[1]
        if start and stem[:1] in "年月日" and question[start - 1].isdigit():
            start, stem = start + 1, stem[1:]  # "2031年云河市"
        stem = _without_word(trimmed(stem + match[2])[: -len(match[2])])
        if (
            len(stem) >= 2
            and not _COMMON.match(stem)
            and not _NOT_NAMES.search(stem)
            and question[match.end() - 1 : match.end() + 1] not in _NOT_ENDINGS
            and not (len(stem) > 2 and _OFFICE.match(question, match.end() - 1))
        ):
            found.append((start, stem + match[2]))
    return [name for _, name in sorted(found)]


#: ln(occurrences per million) from which a word before a name is no part of it ("休养云东", "会员柳津").
_A_WORD = 1.0


def _without_word(stem: str) -> str:
    """A name's stem without a common word, or 比, before it that was taken for its beginning."""
    if len(stem) > 2 and stem[0] in "比跟":
        stem = stem[1:]
    return stem[2:] if len(stem) == 4 and common(stem[:2]) >= _A_WORD else stem


_NOT_ENDINGS = (
    *("市场", "区域", "市面", "县域", "镇域", "乡村", "区分", "区别", "省级", "市级", "县级", "市民"),
    *("区间", "市区", "省份", "市政", "市县", "区县", "省市", "县区", "镇区", "乡镇"),
)
#: "送清凉市总": the short name of an office behind a longer word, not a place's ending.
_OFFICE = re.compile("[省市县区]总(?!工会)")
#: A stem with one of these was cut out of a sentence, not out of a name.
_NOT_NAMES = re.compile("多少|几|哪|什么|如何|怎|留在|留给|要求|具有|加强|我们|他们|工会")


def variants(place: str) -> list[str]:
    """Ways to find a place: as asked, cut from the front, and without its ending; longest first."""
    ending = re.search(rf"({_ENDINGS})$", place)
    if not ending or place == ending[0]:
        return [place]
    stem = place[: ending.start()]
    cut = [stem[i:] for i in range(max(1, len(stem) - 1))] if not _listed().fullmatch(stem) else [stem]
    return [s for s in cut if len(s) >= 2] + ([place] if len(stem) < 2 else [])


_BEFORE_NAME = re.compile(
    r"^.*(?:年底|年初|月底|截至|目前|显示|规定|分给|请问|关于|对于|[给让使的了在和与对向从到由是那为])(?=[\u4e00-\u9fff]{2,}(?:省|市|县|区|镇|乡))"
)


def trimmed(place: str) -> str:
    """A place's name without words too many in front ("了清江浦区", "年底白塔县")."""
    return _BEFORE_NAME.sub("", place)


def core(place: str) -> str:
    """What surely belongs to a place's name: a listed one whole, else two characters and the ending."""
    ending = re.search(rf"(?:{_ENDINGS})$", place)
    if not ending or _listed().match(place):
        return place
    return place[max(0, ending.start() - 2) :]


def most_named(text: str) -> int:
    """How often the place named most is named, listed or not."""
    stems = Counter(
        m[1] for m in re.finditer(r"([\u4e00-\u9fff]{2})[市县区镇]", text) if not _COMMON.match(m[1])
    )
    return max([*listed(text).values(), *stems.values()], default=0)
