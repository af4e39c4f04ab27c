"""Which of the segments that support an answer goes first: the one that states it, in force."""

import re
from collections.abc import Iterable

from assistant import places
from assistant.evidence.candidate import Candidate
from assistant.evidence.context import Context
from assistant.evidence.subject import innermost, standing_of
from assistant.question import Focus, Part
from assistant.values import fold, values

#: Asked how something is reckoned, a sentence with a rate goes before those that are this much nearer.
RECKONS = 0.15
RECKONED = re.compile(
    "按(?:什么|哪个|多少)(?:标准|比例|基数)?(?:计?算|付|发|给)|(?:怎么|怎样|如何)(?:计?算|核算|计发|计提|折算)|计算(?:方法|办法|标准|公式)"
)
#: Asked which sorts there are, one that counts them: "有养老、医疗、工伤三种".
SORTS_ASKED = re.compile("哪?几[种类]|哪些(?:种类|类型|类别)")
SORTS = re.compile("、[^。；]*[二两三四五六七八九十\\d][种类]|[二两三四五六七八九十\\d][种类][^。；]*、")
#: A rate, not merely an amount: "150%", "每满一年付一个月工资", "除以21.75天".
_RATE = re.compile(
    r"倍|除以|乘以|[乘×÷]|[每按][^，。；]{1,16}(?:\d|[一二两三四五六七八九十半])个?(?:月|天|日|小时|年|元|档)"
)


def reckons(at: Context, index: int) -> bool:
    said = at.view.of(at.view.segments[index])
    return bool(_RATE.search(said)) or any(v.kind == "百分比" for v in values(said))


#: Of sentences that all support an answer, one that counts in the very unit asked for, or itself names
#: the place, goes before those that are this much nearer in words.
EXACT_UNIT = 0.1
NAMES_PLACE = 0.1
#: Asked how, one that only names the thing goes behind those that are this much less near.
ONLY_NAMES = 0.2


def exactness(focus: Focus, part: Part, candidate: Candidate) -> float:
    at, index, needed = candidate.context, candidate.segment, innermost(focus)
    said = at.segments[index]
    near = "\n".join((said, at.byline, at.title, at.heads[index]))
    named = any(fold(n) in near for p in needed for n in places.variants(p))
    counts = part.kind == "数字" and bool(part.unit)
    in_unit = counts and (any(v.unit == part.unit for v in values(said)) or f"({part.unit})" in said)
    return EXACT_UNIT * in_unit + NAMES_PLACE * named


#: A document that does not hold (any more, or yet) steps back behind one that does and is this much less near.
NOT_STANDING = 0.3
#: A text that is poorly legible steps back behind one that is as good, and no further.
POORLY_READ = 0.05
#: One that was amended holds but for what was changed.
AMENDED = 0.15


def rank(candidate: Candidate, as_of: str) -> float:
    standing = standing_of(candidate.context.article, as_of)
    behind = AMENDED if standing == "已被修改" else NOT_STANDING if standing else 0.0
    behind += POORLY_READ if candidate.context.article.trust == "差" else 0.0
    return behind - candidate.score


#: Characters that a sentence must add to the words of a question to say how something is done.
ADDED_LEAST = 8


def only_names(needed: Iterable[str], at: Context, index: int) -> bool:
    """Whether a segment says hardly more than the question itself ("（四）按时足额拨缴工会经费。")."""
    said = re.sub(r"^[（(]?[一二三四五六七八九十\d]+[）)、.]|\W", "", at.segments[index])
    for term in sorted(needed, key=len, reverse=True):
        said = said.replace(term, "")
    return len(said) < ADDED_LEAST
