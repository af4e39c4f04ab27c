"""What was asked and answered before a question."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant import places
from assistant.following.talk import talk_of, without_talk
from assistant.question.clauses import BASIS, CLAUSE
from assistant.question.kind import ASKING
from assistant.question.normalization import plain_forms, plainly
from assistant.question.subject import SUBJECT_CHARS, subject_of, topic_of
from assistant.question.vocabulary import EMPTY_WORDS
from assistant.values import UNIT_PATTERN
from corpus.words import common

_CLAUSE = re.compile(CLAUSE)
#: ", 第十九条" behind a topic: where it is written, not what is asked about.
_OF_A_CLAUSE = re.compile(rf"[，,]{CLAUSE}.*$")
#: What this program says where it has no answer begins so.
REFUSED = "已入库的文件里没有找到"


@dataclass(frozen=True, slots=True)
class Past:
    """前文: the last question that was no small talk, made whole, what it is about, and its answer.

    ``topic`` is the question without what it asks; ``core`` its first clause, which the clauses behind
    it say more of. ``earlier`` is what went before it, where nothing was found for it.
    """

    question: str
    answer: str
    topic: str
    core: str
    earlier: "Past | None" = None

    @property
    def refused(self) -> bool:
        """Whether nothing was found for the question."""
        return self.answer.startswith(REFUSED)


def past(
    history: Sequence[tuple[str, str]], resolve: Callable[[str, Sequence[tuple[str, str]]], str]
) -> Past | None:
    """What went before, the latest first; None where there is nothing but small talk.

    ``resolve`` makes a question whole that followed another one itself.
    """
    for at in range(len(history) - 1, -1, -1):
        question, answer = history[at]
        asked, _ = without_talk(plainly(plain_forms(question.strip())))
        if talk_of(asked):
            continue
        whole = _without_basis(resolve(asked, history[:at]))
        topic = _OF_A_CLAUSE.sub("", topic_in(whole))
        one = Past(whole, answer, topic, re.split("[，,]", topic)[0])
        if one.refused or not subject_of(_CLAUSE.sub("", topic)):
            one = replace(one, earlier=past(history[:at], resolve))
        return one
    return None


def _without_basis(question: str) -> str:
    """A question without ", on which clause does that rest?" behind it."""
    head, comma, tail = question.rpartition("，")
    return head if comma and BASIS.fullmatch(tail) else question


#: Asks whether, before what it asks for: "有没有经济补偿". What stands behind it is asked about.
_WHETHER = re.compile("有没有|是不是|是否|能不能|能否|可否|可不可以|要不要|会不会|算不算|该不该|用不用|有无")
#: What a question ends in once it has said what it is about.
_END = re.compile(
    r"(?:就行了|就可以了|就够了)?(?:对吧|是吧|行吧|对不对|是不是|行不行|可以吗|对吗|[吗呢吧啊呀嘛不])*[？?。！!\s]*$"
)
#: A verb or an adverb that leads over to what is asked, no part of what a question is about.
_LEADING = re.compile(
    "(?:[市省县区厂]里|政府|公家|最[多少长短高低大]|至少|一(?:年|个?月|天|次|共|届)|每(?:年|月|天|人|次|位|个)|人均|总共|应该|应当|可以|需要|具体|详细|大概|到底|究竟|一般|通常|安排|规定|约定|举办|召开|分为|分成|包括|属于|达到|那个|这个|"
    "[的是有要能会得该都还又再就了交缴发给补报拿领管定算罚赔放休用花收建设开办写叫干做说讲分在由归为约达让去到从按向那这，, ])$"
)
#: ln(occurrences per million) from which two characters at a text's end are a word ("工会"; "期收" is none).
_A_WORD = 1.0
_COUNTED_BY = re.compile(
    rf"^[样么来去]?(?:时间|(?:人员?|职工|单位|企业)(?=可以|能|要|应当)|{UNIT_PATTERN}|[个些])?(?:可以|能够?|应当|要)?的?"
)


def topic_in(question: str) -> str:
    """What a question is about, without what it asks and the words that lead over to it."""
    topic = _asked_of(question)
    clauses = re.split("[，,]", topic)
    return "，".join(c for n, c in enumerate(clauses) if not n or subject_of(c))


def _asked_of(question: str) -> str:
    text = _END.sub("", question)
    asking = next((m for m in ASKING.finditer(text) if not _quoted(text, m.start())), None)
    if whether := _WHETHER.search(text):
        front, back = text[: whether.start()], text[whether.end() :]
        return _joined(front, _END.sub("", back)) if subject_of(back) else _trimmed(front) or text
    if asking is None:
        return _trimmed(text) or text
    front = _trimmed(text[: asking.start()])
    back = text[asking.end() :]
    back = back if asking[0][0] == "几" else _COUNTED_BY.sub("", back)
    if len(_own(front)) < SUBJECT_CHARS:
        return front + _trimmed(back) if subject_of(back) else topic_of(question)
    return _joined(front, _trimmed(back)) if len(subject_of(back)) >= SUBJECT_CHARS else front


def _own(front: str) -> str:
    """The subject of a text that is no place and no year."""
    for place in places.asked(front):
        front = front.replace(place, " ")
    return subject_of(re.sub(r"\d{4}年?", " ", front))


def _joined(front: str, back: str) -> str:
    front = front.rstrip("，, ")
    return f"{front}，{back}" if front else back


def _trimmed(text: str) -> str:
    """A text without the words at its end that lead over; the end of a longer word is none of them."""
    bare = text = text.strip("，, ")
    while found := _LEADING.search(bare):
        if len(found[0]) == 1 and common(bare[-2:]) >= _A_WORD and bare[-2:] not in EMPTY_WORDS:
            break
        bare = bare[: found.start()]
    return bare if len(bare) >= SUBJECT_CHARS else text


def _quoted(text: str, at: int) -> bool:
    """Whether a place in a text stands in quotation marks or in a title."""
    before = text[:at]
    return before.count("“") > before.count("”") or before.count("《") > before.count("》")
