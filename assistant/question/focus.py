"""What evidence must meet: titles, quotations, places, years, clauses, how many."""

import re
from dataclasses import dataclass, field

from assistant import places
from assistant.question.clauses import CLAUSE
from assistant.question.kind import kind_of
from assistant.question.parts import Part, parts_of
from assistant.question.vocabulary import NUMERAL
from assistant.types import Query, QuestionKind
from assistant.values import fold, narrow, whole, years


@dataclass(frozen=True, slots=True)
class Focus:
    """要点: what evidence must meet, read from a query's text.

    ``titles`` are names in 《》, ``phrases`` what stands in quotation marks, ``places``
    as asked, ``count`` how many items a list must have, ``spread`` whether several
    documents are asked for ("各地").
    """

    kind: QuestionKind
    parts: tuple[Part, ...]
    titles: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    years: frozenset[str] = frozenset()
    count: int | None = None
    clauses: tuple[str, ...] = ()
    spread: bool = False
    nationwide: bool = False
    terms: dict[str, float] = field(default_factory=dict)


#: "“四字诀”里的“汇”": the second is asked about, the first says where it belongs.
_WITHIN = re.compile("“[^”]{1,12}”(?:当?中|里[面头]?)的?(?=“[^”]{1,12}”)")


def focus(query: Query) -> Focus:
    """What the query's text demands of its evidence."""
    text = _WITHIN.sub("", query.text)
    titles = tuple(t for t in re.findall(r"《([^》]+)》", text))
    phrases = tuple(p for p in re.findall(r"[“\"]([^”\"]+)[”\"]", re.sub(r"《[^》]*》", "", text)) if fold(p))
    bare = re.sub(r"《[^》]*》", "", text)
    return Focus(
        kind=query.kind if text == query.text else kind_of(text),
        parts=parts_of(text),
        titles=titles,
        phrases=phrases,
        places=tuple(places.asked(bare)),
        years=frozenset(years(bare)),
        count=_count(re.sub(r"[“\"][^”\"]*[”\"]", "", bare)) or _count(bare),
        clauses=tuple(re.findall(CLAUSE, bare)) if query.kind == "条款" else (),
        spread=bool(re.search(r"各地|各市|各县|哪些(?:地方|城市|工会|单位|市|地区)|各级工会|都有哪", bare)),
        nationwide=bool(re.search(r"全国(?!总工会|五一|劳动模范|劳模|人大|性|各地)|我国(?!工会)", bare)),
        terms=query.terms,
    )


def _count(text: str) -> int | None:
    which = re.search(rf"哪({NUMERAL})[个项种条点大类件步]", text)
    match = which or re.search(
        rf"(?:哪|这|的|[“\"]|^|行|有|做|实现|做到|是)({NUMERAL}+|\d{{1,2}})(?:个|项|种|条|点|大|类|件|步)?"
        r"(?:方面|“|[\u4e00-\u9fff])",
        narrow(text),
    )
    if not match:
        return None
    found = whole(match[1])
    festive = len(match[1]) == 2 and "十" not in match[1] and not match[1].isdigit()  # 五一, 三八
    return found if found and found >= 2 and not festive else None
