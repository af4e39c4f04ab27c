"""What a part of a question needs of its evidence: weighted words, the unit, the thing to be listed."""

import re
from collections.abc import Iterable

from assistant.question.focus import Focus
from assistant.question.heads import heads
from assistant.question.kind import POST_ASKED, POST_WORDS
from assistant.question.parts import Part
from assistant.question.terms import RARITY_CAP, SPOKEN_SHARE
from assistant.question.vocabulary import WEAK_WORDS
from assistant.types import QuestionKind
from assistant.values import fold

#: What is counted weighs this much more than the other words of a question for a number.
HEAD_WEIGHT = 2.0
HEAD_LEAST = 3.0
#: A phrase in quotation marks weighs as much as this many rare words.
PHRASE_WEIGHT = 6.0
#: What another question of the same sentence adds to one: its subject, mostly.
OTHER_PART = 0.35
OTHER_PART_BARE = 0.8
FACTS: frozenset[QuestionKind] = frozenset({"数字", "时间", "人物", "地点"})


def wanted(focus: Focus, part: Part) -> dict[str, float]:
    """The words a part of a question needs, folded, with weights; others' subjects weigh less."""
    bare = fold(part.text)
    terms = _without_asking(part, focus.terms)
    own = {fold(t): w for t, w in terms.items() if fold(t) in bare}
    strong = sum(w for t, w in own.items() if t not in WEAK_WORDS)
    share = OTHER_PART if strong > PHRASE_WEIGHT else OTHER_PART_BARE
    found = {fold(t): w * (1.0 if fold(t) in own else share) for t, w in terms.items()}
    for head in heads(part, spelled(own)):
        found[head] = max(HEAD_WEIGHT * found[head], HEAD_LEAST)
    named = "".join(fold(p) for p in focus.places)
    found = {t: w for t, w in found.items() if t not in named and t not in focus.years}
    for phrase in focus.phrases:
        folded = fold(phrase)
        weight = PHRASE_WEIGHT * (1.0 if folded in bare else share)
        found = {t: w for t, w in found.items() if t not in folded} | {folded: weight}
    return found


def spelled(terms: dict[str, float]) -> list[str]:
    """The terms that texts would use; not those that are only how people talk ("钱罚")."""
    return [t for t, weight in terms.items() if weight > SPOKEN_SHARE * RARITY_CAP]


#: Interrogatives that stayed glued to a word, and the words in which a clause is asked for.
_ASKING_WORDS = re.compile(r"^(?:第几|哪一?|几)[条款部项种]+|^哪[些几]?|^什么|^多少")
_CLAUSE_WORDS = frozenset(["依据", "规定", "条文", "法律", "条款", "写", "根据", "法规", "出处", "来源"])


def _without_asking(part: Part, terms: dict[str, float]) -> dict[str, float]:
    """The terms without interrogatives, and without the words a question for a clause is made of."""
    found: dict[str, float] = {}
    posts = re.search(POST_ASKED, part.text)
    for term, weight in terms.items():
        bare = _ASKING_WORDS.sub("", term)
        asking = (asks_clause(part) and bare in _CLAUSE_WORDS) or (posts and bare in POST_WORDS)
        if len(bare) > 1 and not asking:
            found[bare] = weight
    return found or terms


#: How many or how much there is in all is no percentage.
_TOTAL_ASKED = re.compile("总数|人数|数量|总额|规模|面积|户数|家数|总量")
TOTAL = "总"
#: By how much something changed may be told as a share.
_CHANGE_ASKED = re.compile("(?:增长|增加|减少|下降|上升|提高|降低|压减)了?多少")
_MONEY_ASKED = re.compile(
    "(?:收入|营收|金额|经费|资金|费用?|补贴|补助|奖金|工资|票房|产值|[价款]|薪)(?:总额|标准)?(?:一共|总共|大约)?[是为有达]?(?:到|了)?多少(?!人|名|家|个|项|次|户|倍)"
)


#: "罚多少", "补多少": money, told in yuan, as a share, or in months of wages.
_PAYING_ASKED = re.compile(
    "(?:罚|赔|补偿|补助|奖|扣|付|给|发|拿|领)(?:单位|职工|个人)?多少(?:钱)?[？?。]?$|多少(?:赔偿|补偿)[？?。]?$"
)
#: "丧葬补助金是多少": such sums are set in months of wages as often as in yuan.
_MONEYS_ASKED = re.compile(
    "(?:补助|抚恤|补偿|赔偿|违约|慰问|抚养|补贴)金(?:标准|数额)?(?:是|为|有|按)?(?:多少|几)"
)
PAY = "钱"
#: "工亡补助金多少钱": what the law grants may be told in multiples as well as in yuan.
_BENEFIT_ASKED = re.compile(
    "(?:补助金|补偿金?|赔偿金?|抚恤金|津贴|加班费|保险金)(?:是|有|能?[拿领给发])?多少钱?"
)
_PEOPLE_ASKED = re.compile(
    "有多少(?:名|位)?[\u4e00-\u9fff]{0,4}(?:会员|职工|人员|干部|工人|代表|委员|劳模|工匠|女工|党员|司机|骑手)"
)
_THINGS_ASKED = re.compile("有多少(?!钱|元|天|年|时间|经费|资金|收入|费用|补|奖|工资)[\u4e00-\u9fff]{2}")
THINGS = "件数"


def unit_asked(part: Part) -> str:
    """The unit a part asks for, in its own word or by what is measured (money)."""
    if re.search("(?:多少|几)个?人(?!次)", part.text) or (not part.unit and _PEOPLE_ASKED.search(part.text)):
        return "人"
    if not part.unit and _MONEYS_ASKED.search(part.text):
        return PAY
    if part.unit in ("", "元") and (_PAYING_ASKED.search(part.text) or _BENEFIT_ASKED.search(part.text)):
        return PAY
    if part.unit or _MONEY_ASKED.search(part.text):
        return part.unit or "元"
    if _THINGS_ASKED.search(part.text):
        return THINGS
    return TOTAL if _TOTAL_ASKED.search(part.text) and not _CHANGE_ASKED.search(part.text) else ""


OWN_CLAUSE = re.compile(r"第[零〇一二三四五六七八九十百\d]+条")


def asks_clause(part: Part) -> bool:
    """Whether a part asks which clause says something, rather than what a clause says."""
    return part.kind == "条款" and not OWN_CLAUSE.search(part.text)


_WHICH = re.compile(
    r"(?:哪些|哪几|哪[一二三四五六七八九十两]+|哪\d+)(?:个|项|种|条|大|类)?的?(?:主要)?([\u4e00-\u9fff]{2,6})"
)


def listed_noun(part: Part, terms: Iterable[str]) -> str:
    """The noun right behind "哪些": what a list must be of; ``""`` where it says nothing."""
    match = _WHICH.search(fold(part.text))
    if not match:
        return ""
    first = [t for t in terms if match[1].startswith(t) and t not in WEAK_WORDS and t != "方面"]
    return max(first, key=len, default="")
