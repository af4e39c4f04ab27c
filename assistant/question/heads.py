"""The words that name what is asked for: what is counted, what is listed."""

import re
from collections.abc import Iterable

from assistant.question.parts import Part
from assistant.question.vocabulary import EMPTY_WORDS, NUMERAL, WEAK_WORDS
from assistant.values import UNIT_PATTERN, narrow

#: Characters of a question's end in which what is counted stands.
_NEAR_END = 80
#: As long is a noun that is counted.
NOUN_CHARS = (2, 4)
_BEFORE_NUMBER = re.compile(
    rf"([\u4e00-\u9fff]{{2,12}}?)(?:是|为|有|达到?了?|约|共|一共|总共|分别|最[少多低高]|至少|必须|应当?|要)*(?:百分之)?"
    rf"多少(?:{UNIT_PATTERN})?[^\u4e00-\u9fff]*$"
)
#: The longest first: 不超过 ends with 超过, and what is left of it would be no word.
_EMPTY = sorted((w for w in EMPTY_WORDS if len(w) > 1), key=len, reverse=True)
_AFTER_NUMBER = re.compile(rf"(?:多少|几)(?:{UNIT_PATTERN})?([\u4e00-\u9fff]{{2,16}})")
_AFTER_WHICH = re.compile(
    rf"(?:哪些|哪几|哪{NUMERAL}+|哪\d+)(?:个|项|种|条|大|件|类)?(?:方面)?的?(?:主要)?([\u4e00-\u9fff]{{2,10}})"
)
#: "怎么评分": the verb a question ends with is what is asked for.
_AFTER_HOW = re.compile(r"(?:怎么|怎样|如何)(?:去|来|才能|进行)?([\u4e00-\u9fff]{2,4})[^\u4e00-\u9fff]*$")

#: "能要多少赔偿": what is told is a sum or a multiple of wages, whatever a text calls it.
_PAID_OUT = frozenset(["赔偿", "补偿"])


def counted(part: Part, terms: Iterable[str]) -> set[str]:
    """The words that name what is counted: before "是多少", after "多少家"; a number stands beside them."""
    if part.kind != "数字":
        return set()
    bare = _unquoted(part)
    found: set[str] = set()
    terms = list(terms)
    if before := _BEFORE_NUMBER.search(bare[-_NEAR_END:]):
        said = before[1]
        while cut := next((w for w in _EMPTY if said.endswith(w)), ""):
            said = said[: -len(cut)]
        found |= {t for t in terms if said.endswith(t)}
    if after := _AFTER_NUMBER.search(bare):
        named = re.split(r"[以要的才就可能会是在给到把被从向]", after[1])[0]
        found |= {t for t in terms if t in named}
    return found - WEAK_WORDS - _PAID_OUT


def noun_counted(part: Part) -> set[str]:
    """What stands behind the last 的 before "多少", where it is as short as a noun: of
    "职工代表大会的代表最少要有多少名" 代表, though the words to look for hold it in a longer one."""
    before = _BEFORE_NUMBER.search(_unquoted(part)[-_NEAR_END:]) if part.kind == "数字" else None
    _, of, noun = before[1].rpartition("的") if before else ("", "", "")
    return {noun} if of and NOUN_CHARS[0] <= len(noun) <= NOUN_CHARS[1] else set()


def heads(part: Part, terms: Iterable[str]) -> set[str]:
    """The words that name what is asked for: what is counted, listed ("哪些问题") or done ("怎么评分")."""
    terms = list(terms)
    bare = _unquoted(part)
    named = [match[1] for pattern in (_AFTER_WHICH, _AFTER_HOW) if (match := pattern.search(bare))]
    return counted(part, terms) | ({t for t in terms if any(t in one for one in named)} - WEAK_WORDS)


def _unquoted(part: Part) -> str:
    return re.sub(r"[“”《》\"]", "", narrow(part.text))
