"""Which of the segments that support an answer goes first: the one that states it, in force."""

import re
from collections.abc import Iterable

from assistant import places
from assistant.evidence.actors import other_actor
from assistant.evidence.candidate import Candidate
from assistant.evidence.context import Context
from assistant.evidence.subject import innermost, standing_of
from assistant.question.focus import Focus
from assistant.question.parts import Part
from assistant.question.vocabulary import SPECIAL_GROUPS
from assistant.ranges import amounts, fits
from assistant.values import fold, number, same_unit, values
from corpus.types import Article

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


#: A summary's sentences each stand for themselves: the first heads none of the others.
SUMMARY = re.compile("(?:要点|摘要|提要|导读|导语|核心提示|内容提要|编者按)[：:]")
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
    worth = (
        EXACT_UNIT * (in_unit + sets_limit(part, said))
        + NAMES_PLACE * named
        + SET_OUT * _sets_out(part, said)
    )
    worth += FROM_WHEN * bool(_FROM_WHEN_ASKED.search(part.text) and _FROM_A_DAY.search(said))
    worth -= FRAGMENT * (part.kind not in ("列举", "概括", "条款") and bool(_FRAGMENT.search(said)))
    worth -= LEAVES_OUT * (part.kind == "列举" and _leaves_out(part, said))
    worth += LARGEST * _is_largest(part, at, index)
    worth += ITS_CASE * any(fold(a.text) in said for a in amounts(part.text))
    worth += OF_A_COURT * bool(_COURT_ASKED.search(part.text) and _COURT.search(said))
    worth -= REPORTED * (part.kind == "办法" and "报" not in part.text and bool(_REPORTED.search(said)))
    worth += BY_LAW * (not focus.places and at.article.kind == "法规" and not _local_law(at.article))
    worth -= LOCAL_LAW * (not focus.places and _local_law(at.article))
    worth += TO_ITS_END * bool(_END_ASKED.search(part.text) and PERIOD.search(said))
    worth += _period_worth(part, said) - OF_A_CHANGE * _of_a_change(part, said)
    worth -= OTHER_ACTOR * other_actor(part, said)
    worth -= OTHER_CASE * (
        _other_case(part, said) + _of_special_group(part, said) + bool(_STORY.search(said))
    )
    return worth - SUMMED_UP.get(part.kind, 0.0) * is_summed_up(candidate)


#: The case that a question names by an amount ("五级伤残") goes before a range around it.
ITS_CASE = 0.05
#: Asked which court or office has a matter, a sentence that says whose it is goes before others.
OF_A_COURT = 0.12
_COURT_ASKED = re.compile(
    "哪(?:个|一?级|家|里的?|儿的?)?[^，,。]{0,4}(?:法院|仲裁委)|归(?:谁|哪)[^，,。]{0,6}管"
)
_COURT = re.compile("管辖|归[^,;。]{2,12}管")
#: Asked how, a sentence on whom it is reported to goes behind those that are this much less near.
REPORTED = 0.1
_REPORTED = re.compile("报送|上报|[内前]报[\u4e00-\u9fff]{2,}")
#: A law goes before what reports of it and is this much nearer.
BY_LAW = 0.08
#: Where a question names no place, a province's or city's law goes behind national ones that are this much less near.
LOCAL_LAW = 0.2


def _local_law(article: Article) -> bool:
    return article.kind == "法规" and article.region not in ("", "全国")


#: "工亡补助金是多少": a sentence that sets the thing out ("工亡补助金标准为……") before one that only reckons with it.
SET_OUT = 0.1
_WHAT_IS = re.compile(r"([\u4e00-\u9fff]{3,8}?)(?:的)?(?:标准|数额|金额)?(?:是|为|有)(?:多少|几)")
_HOW_RECKONED = re.compile(
    r"([\u4e00-\u9fff]{3,8}?)(?:是|要|该)?(?:按|怎么|怎样|如何)(?:什么|哪|计?算|计发|核算|计提)"
)


def _sets_out(part: Part, said: str) -> bool:
    mine = fold(part.text)
    asked = _WHAT_IS.search(mine) if part.kind == "数字" else _HOW_RECKONED.search(mine)
    return bool(asked and re.search(rf"{asked[1][-5:]}[^,。;]{{0,4}}(?:为|是|按|不[低高超]|:)", said))


#: The highest or lowest is asked for, and how a text sets it.
_LIMITS = (
    (
        re.compile("最[高多大长]|上限|封顶|不[能得可]?超过(?:多少|几)"),
        re.compile("不[得能]?(?:超过|高于|多于)|最[高多大长]|上限|封顶|以[下内]"),
    ),
    (
        re.compile("最[低少小短]|至少|下限|起码"),
        re.compile("不[得能]?(?:低于|少于|短于)|最[低少小短]|至少|下限|以上"),
    ),
)


def asks_limit(part: Part) -> bool:
    """Whether a part asks for the highest or lowest of something."""
    return any(asked.search(part.text) for asked, _ in _LIMITS)


def sets_limit(part: Part, said: str) -> bool:
    """Whether a text sets the limit (highest, lowest) that a part asks for."""
    return any(asked.search(part.text) and limit.search(said) for asked, limit in _LIMITS)


#: A sentence of what another side does than the one asked about goes behind those that are this much less near.
OTHER_ACTOR = 0.15
#: A sentence for a case that the question does not name ("不服的，……") goes behind those that are this much less near.
OTHER_CASE = 0.12
_SPECIAL = re.compile("(?:^|[\u4e00-\u9fff])对([^,。;:对]{6,24})的")
_CASE = re.compile(r"^[^,。;:]{0,4}?([^,。;:]{2,60})的,")


#: Asked since when, a day from which something holds goes before times that are this much nearer.
FROM_WHEN = 0.1
_FROM_WHEN_ASKED = re.compile("(?:从|自)?(?:什么时候|何时|哪[年天一]|哪个月)(?:开始|起|正式)")
_FROM_A_DAY = re.compile(r"\d[年月日号](?:开始|正式|起)")
#: An item that only names a case ("(四)安排……的;") goes behind a sentence that is this much less near.
FRAGMENT = 0.08
_FRAGMENT = re.compile(r"^\([一二三四五六七八九十]+\).*的[;。]?$")
#: Asked what belongs to something, a sentence that leaves things out ("不计入") goes behind others this much less near.
LEAVES_OUT = 0.12
_LEFT_OUT = re.compile("不(?:算|计入|列入|属于|包括|包含|纳入|在[^,;。]{0,8}(?:之内|范围))")


def _leaves_out(part: Part, said: str) -> bool:
    """Whether a sentence says what does not belong to something, where the question does not ask that."""
    return bool(_LEFT_OUT.search(said)) and not re.search("不|除外|例外|没有", part.text)


#: Of a line's limits for several cases the widest goes first, where the question names no case.
LARGEST = 0.15


def _is_largest(part: Part, at: Context, index: int) -> bool:
    """Whether a segment sets the highest (lowest) of the several limits in its sentence's line."""
    said = at.segments[index]
    if amounts(part.text) or not sets_limit(part, said):
        return False
    line = at.view.segments[index].line
    beside = [s for s, seg in zip(at.segments, at.view.segments, strict=True) if seg.line == line]
    limits = [v for s in beside if sets_limit(part, s) for v in _limit(part, s)]
    own = _limit(part, said)
    if len(set(limits)) < 2 or not own:
        return False
    widest = min if re.search("最[低少小短]|至少|下限|起码", part.text) else max
    return widest(own) == widest(limits)


def _limit(part: Part, said: str) -> list[float]:
    """The numbers in the unit asked for that a sentence's limit holds: those behind its last clause mark."""
    told = re.split("[,:]", said.rstrip(";。"))[-1]
    return [number(v.value) or 0.0 for v in values(told) if v.unit and same_unit(part.unit, v.unit)]


#: Asked until when, a period that has an end goes before other times that are this much nearer.
TO_ITS_END = 0.3
_END_ASKED = re.compile("到(?:什么时候|何时|几[号月日点]|哪天)|截止|为止|起止|从[^，。]{1,6}到")
PERIOD = re.compile(r"\d{1,2}[月日号点时](?:\d{1,2}[日号分])?(?:起)?[至到—–~-]+[^，。；]{0,8}\d")
#: "李某工亡前每月休息不超过3日": what happened to somebody is no rule.
_STORY = re.compile("[\u4e00-\u9fff](?:某某?|某[\u4e00-\u9fff])(?![些个种项类一])")


def _of_special_group(part: Part, said: str) -> bool:
    """Whether a sentence is for a group of people (试用期, 女职工) of which the question says nothing."""
    mine = fold(part.text)
    said = re.sub(_IN_SERIES, "、", said)
    return any(group in said and not any(w in mine for w in words) for group, words in SPECIAL_GROUPS.items())


#: What stands between others in a series is one of what a sentence names, not whom it is for.
_IN_SERIES = "、[^、,。;]{1,10}(?=、)"


def _other_case(part: Part, said: str) -> bool:
    """Whether a fact's sentence opens with a case of which the question says nothing, in no two characters."""
    case = _CASE.match(said) or _SPECIAL.search(said)
    if part.kind not in ("数字", "时间") and not RECKONED.search(part.text):
        return False
    if not case or (sets_limit(part, said) and values(case[1])):
        return False
    if any((fits(a, case[0]) or -1.0) >= 0 for a in amounts(part.text)):
        return False
    pairs = {case[1][i : i + 2] for i in range(len(case[1]) - 1)}
    mine = fold(part.text)
    return not any(pair in mine for pair in pairs)


#: Asked for a list or a way, a summary's sentence goes behind those that are this much less near.
SUMMED_UP = {"列举": 0.1, "办法": 0.1}


def is_summed_up(candidate: Candidate) -> bool:
    """Whether a candidate stands in a summary of its article."""
    view = candidate.context.view
    return bool(SUMMARY.match(view.line_text(view.segments[candidate.segment].line)))


#: A document that does not hold (any more, or yet) steps back behind one that does and is this much less near.
NOT_STANDING = 0.3
#: A text that is poorly legible steps back behind one that is as good, and no further.
POORLY_READ = 0.05


def rank(candidate: Candidate, as_of: str) -> float:
    standing = standing_of(candidate.context.article, as_of)
    behind = NOT_STANDING if standing and standing != "已被修改" else 0.0  # but for what was changed it holds
    behind += POORLY_READ if candidate.context.article.trust == "差" else 0.0
    return behind - candidate.score


#: "一周工作几个小时": a sentence that counts by the week goes before those that are this much nearer, one that
#: counts by other periods alone behind those that are this much less near.
ITS_PERIOD = 0.05
_PERIODS = (
    re.compile("[每一](?:天|日)"),
    re.compile("[每一]个?(?:周|星期)"),
    re.compile("[每一]个?月"),
    re.compile("[每一]年(?!度)"),
)
#: How long something is prolonged is not how long it is: such a sentence goes behind those this much less near.
OF_A_CHANGE = 0.06
_CHANGE = re.compile("延长|缩短|增加|减少|追加|顺延|增发|加发")


def _period_worth(part: Part, said: str) -> float:
    """What it is worth that a sentence counts by the period by which a number is asked for, or by another."""
    asked = [p for p in _PERIODS if p.search(part.text)] if part.kind == "数字" else []
    told = [p for p in _PERIODS if p.search(said)]
    if not asked or not told:
        return 0.0
    return ITS_PERIOD if set(asked) & set(told) else -ITS_PERIOD


def _of_a_change(part: Part, said: str) -> bool:
    """Whether a sentence tells of a change to what is asked for, not first how much it is itself."""
    if part.kind not in ("数字", "时间") or _CHANGE_ASKED.search(part.text):
        return False
    change = _CHANGE.search(said)
    return change is not None and all(v.kind == "条款" for v in values(said[: change.start()]))


_CHANGE_ASKED = re.compile(f"{_CHANGE.pattern}|加|减|多[休给放发]|推迟|提前|涨|降|变")


#: Asked whether, rules that allow and forbid share their words: what retrieval scored a unit lower goes
#: behind what is this much less near, down to the depth below which it no longer tells finds apart.
FOUND_LOWER, DEEPEST = 0.05, 2.5


def as_found(part: Part, below: float | None) -> float:
    """What it takes from a segment's worth that retrieval scored its article lower than the first find.

    ``below`` is None for what retrieval did not score: the version that holds of a document it found.
    """
    if part.kind != "是否" or below is None:
        return 0.0
    return FOUND_LOWER * max(-DEEPEST, below)


#: Characters that a sentence must add to the words of a question to say how something is done.
ADDED_LEAST = 8


def only_names(needed: Iterable[str], at: Context, index: int) -> bool:
    """Whether a segment says hardly more than the question itself ("（四）按时足额拨缴工会经费。")."""
    said = re.sub(r"^[（(]?[一二三四五六七八九十\d]+[）)、.]|\W", "", at.segments[index])
    for term in sorted(needed, key=len, reverse=True):
        said = said.replace(term, "")
    return len(said) < ADDED_LEAST
