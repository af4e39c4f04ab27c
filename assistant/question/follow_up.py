"""A question that leans on the conversation, made whole."""

import re
from collections.abc import Sequence

from assistant import places
from assistant.question.clauses import BASIS, CLAUSE
from assistant.question.kind import ASKING, kind_of
from assistant.question.subject import SUBJECT_CHARS, subject_of, topic_of
from assistant.question.vocabulary import NUMERAL
from assistant.values import whole

_ALSO = re.compile(r"^(?:那么|那|如果是|换成|换作)?[，,]?(.{1,14}?)(?:呢|又如何|怎么样|是多少呢)[？?。]*$")
#: Words that point back. 应该, 其他, 尤其 and the like do not; neither does "这" in front of a time.
_PRONOUN = re.compile(
    r"(?<!其)它们?|(?<![尤极与何])其(?![他中余它次实])|(?<![应活本不])该(?=[项办规通文条政制活标补名公单企奖])|"
    r"这(?:个|项|件事|些|一|部|份|种|类|笔|次)|那(?:个|项|件事|部|份|种|类|笔|次)(?!人)|此(?:事|项|类)|上述|前述|(?<![其吉维排])[他她]们?(?!人)"
)
#: A pronoun after this many characters of one's own subject points into the same question.
_OWN_SUBJECT = 5
_POINT = re.compile(rf"第({NUMERAL}|\d{{1,2}})(?:点|条|项|个)(?!款)")
_YEAR = re.compile(r"\d{4}年?|去年|今年|前年|明年")
#: "干满二十年的有几天": of what, stood in the question before.
_HEADLESS = re.compile(r"的(?:话)?(?:能|可以)?(?:有|休|给|享受|拿|领|补|发|要|交)?(?:多少|几)")
#: Whom the question before was about, by a measure ("工作八年的人"): the new one names its own.
_MEASURED = re.compile(
    rf"[\u4e00-\u9fff]{{0,8}}(?:\d{{1,12}}|{NUMERAL}{{1,12}})(?:多|余)?(?:年|个月|天|岁|人|元|次)[^，,的]{{0,6}}的(?:人员|人|老?职工|女职工|员工|会员|劳动者|单位|企业)?"
)
_MORE = re.compile(
    r"^(?:那么?)?[，,]?(?:还|其中|其余|另外|此外|除此之外|除此以外|其次|然后|接着|接下来)|(?<=.)又(?:能|该|要|可以|会|是)?(?:怎|如何|有|多少|几|什么)"
)
_CLAUSE_FIRST = re.compile(rf"^(?:那么?)?[，,]?{CLAUSE}(?!意见|建议)")
_LAW_BEFORE = re.compile(rf"《[^》]+》|[\u4e00-\u9fff]{{2,20}}?(?:法|条例|办法|规定|细则)(?={CLAUSE})")
#: Questions up to here may lean on the one before where they find nothing alone.
LEANING_CHARS = 16


def resolve(asked: str, history: Sequence[tuple[str, str]]) -> tuple[str, tuple[str, ...]]:
    """A question that shows a sign of following another, made whole; other questions as they are."""
    before, answer = _before(history)
    if not before or kind_of(asked) == "闲聊":
        return asked, ()
    whole = (
        _clause_of(asked, before)
        or _point(asked, answer)
        or _also(asked, before)
        or _continued(asked, before)
    )
    return (whole, (_as_read(whole),)) if whole else (asked, ())


def leaning(asked: str, history: Sequence[tuple[str, str]]) -> str:
    """The question read as a follow-up though nothing marks it as one; ``""`` where it cannot be.

    Only for a question that finds nothing alone: it is short, names no place, document or
    quotation of its own, and shows no sign (``resolve`` has read those).
    """
    before, _ = _before(history)
    if not before or kind_of(asked) == "闲聊" or resolve(asked, history)[1]:
        return ""
    if len(asked) > LEANING_CHARS or places.asked(asked) or re.search("[《“]", asked):
        return ""
    return f"{topic_of(before)}，{asked}"


def _as_read(whole: str) -> str:
    return f"按上文理解为：{whole}"


def _before(history: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The last question that was no small talk, made whole, and its answer."""
    for at in range(len(history) - 1, -1, -1):
        question, answer = history[at]
        if kind_of(question) != "闲聊":
            return resolve(question, history[:at])[0], answer
    return "", ""


def _clause_of(asked: str, before: str) -> str:
    """ "第十三条规定了什么？": of the document that the last question named."""
    law = _LAW_BEFORE.search(before)
    if not law or not _CLAUSE_FIRST.match(asked) or not ASKING.search(asked):
        return ""
    return law[0] + re.sub(r"^(?:那么?)?[，,]?", "", asked)


def _point(asked: str, answer: str) -> str:
    """ "第二点详细说说": the line of the last answer that is meant."""
    match = _POINT.search(asked)
    if not match or re.search("《|法|条例|办法|规定", asked):
        return ""
    number = whole(match[1]) or 0
    lines = [li for li in (re.sub(r"\[\d+\]", "", raw).strip() for raw in answer.split("\n")) if li]
    if not 0 < number <= len(lines):
        return ""
    lines[number - 1] = re.sub(r"^《[^》]*》：", "", lines[number - 1])
    head = re.split(
        "[。；，,：:]", re.sub(rf"^(?:{NUMERAL}+[是、]|[（(].{{1,3}}[）)]|\d+[.、])", "", lines[number - 1])
    )[0]
    return f"“{head}”具体怎样做？"


def _also(asked: str, before: str) -> str:
    """ "那苏州呢？": the last question with its place, year or subject replaced."""
    match = _ALSO.match(asked)
    if not match or ASKING.search(match[1]) or _PRONOUN.search(match[1]):
        return ""
    said = match[1].strip("，, ")
    if places.asked(said):
        named = places.asked(before)
        return before.replace(places.trimmed(named[-1]), said) if named else said + before
    if _YEAR.fullmatch(said):
        year = said if not said.isdigit() else f"{said}年"
        return _YEAR.sub(year, before, count=1) if _YEAR.search(before) else year + before
    subject = _subject_like(said, before)
    return before.replace(subject, said) if subject else f"{said}，{before}"


def _subject_like(said: str, before: str) -> str:
    """The run of the last question that the new words stand for: it ends alike, or is quoted."""
    runs = re.findall(r"“[^”]+”|《[^》]+》", before)
    for run in re.split(
        r"[的是有在由对给为和与，,？?。“”《》]|多少|什么|怎[么样]|如何|哪[些里个天年]?|几[个天年家]?|可以|能够?|享受",
        before,
    ):
        runs += [run, run[: run.rfind(said[-1]) + 1]]
    alike = [r for r in runs if len(r) >= 2 and (r[-1] == said[-1] or r[-2:] in said)]
    return max(alike, key=len, default="")


def _continued(asked: str, before: str) -> str:
    """A question that points back or has no subject of its own, put behind the last one's subject."""
    pronoun = _PRONOUN.search(asked)
    if pronoun and len(subject_of(asked[: pronoun.start()])) >= _OWN_SUBJECT:
        pronoun = None
    basis = BASIS.fullmatch(re.sub(r"^(?:那么?|请问)[，,]?", "", asked))
    if not (pronoun or basis or _elliptic(asked)):
        return ""
    bare = asked[: pronoun.start()] + asked[pronoun.end() :] if pronoun else asked
    topic = topic_of(before)
    if kind_of(asked) == "出处" and (document := re.search("《[^》]+》", before)):
        topic = document[0]
    if _HEADLESS.search(asked):
        other = _MEASURED.sub("", topic, count=1)
        topic = other if len(other) >= SUBJECT_CHARS else topic
    return f"{topic}，{bare.lstrip('的，, ')}"


def _elliptic(asked: str) -> bool:
    """Whether a question has no subject of its own ("期限多久？"), or says that it goes on."""
    if places.asked(asked) or re.search("[《“]", asked):
        return False
    short = len(asked) <= LEANING_CHARS
    return len(subject_of(asked)) < SUBJECT_CHARS or (
        short and bool(_MORE.search(asked) or _HEADLESS.search(asked))
    )
