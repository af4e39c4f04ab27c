"""The ways a question can be read in its conversation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant import places
from assistant.following.past import Past, past
from assistant.following.pointing import pointed_at
from assistant.following.talk import without_talk
from assistant.question.clauses import BASIS, CLAUSE
from assistant.question.kind import ASKING, kind_of
from assistant.question.segmentation import joined
from assistant.question.subject import SUBJECT_CHARS, subject_of
from assistant.question.vocabulary import ASPECTS, EMPTY_WORDS, NUMERAL, WEAK_WORDS
from assistant.values import UNIT_PATTERN
from corpus.words import cut, in_dictionary

#: 内容: it asks the documents; 出处: the document of the last answer, about itself; 质疑: it doubts the last answer.
Asks = Literal["内容", "出处", "质疑"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """读法: a question made whole. ``own`` is what it says itself, ``carried`` what it takes
    over: an answer must take up the one, and, where the reading is not sure, the other. ``before``
    is the question that was asked before.

    ``sure`` is False where nothing marks it as a follow-up: then it is only one where it answers better.
    """

    text: str
    own: str = ""
    carried: str = ""
    before: str = ""
    asks: Asks = "内容"
    sure: bool = True


#: What a note on how a question was understood begins with.
READ_AS = "按上文理解为："
#: Questions up to here may follow the one before though nothing marks them.
LEANING_CHARS = 16


def readings(asked: str, history: Sequence[tuple[str, str]]) -> list[Reading]:
    """The ways to read a question after what went before, the likeliest first; none where it stands alone."""
    asked, new = without_talk(asked)
    before = None if new else past(history, whole)
    if before is None:
        return []
    for rule in (_clause_of, _pointed, _doubting, _of_document, _also, _elsewhere, _continued):
        if found := rule(asked, before):
            return _distinct(found)
    return _distinct(_leaning(asked, before))


def _distinct(found: Sequence[Reading]) -> list[Reading]:
    return list({r.text: r for r in reversed(found)}.values())[::-1]


def whole(asked: str, history: Sequence[tuple[str, str]]) -> str:
    """A question made whole by its likeliest reading."""
    found = [r for r in readings(asked, history) if r.sure]
    return found[0].text if found else without_talk(asked)[0]


_CLAUSE_FIRST = re.compile(rf"^(?:那么?)?[，,]?(?:它的?|这个?的?|其)?(?={CLAUSE}(?!意见|建议))")
_LAW_BEFORE = re.compile(rf"《[^》]+》|[\u4e00-\u9fff]{{2,20}}?(?:法|条例|办法|规定|细则)(?={CLAUSE})")


def _clause_of(asked: str, before: Past) -> list[Reading]:
    """ "第十三条规定了什么？": of the document that the last question named."""
    law = _LAW_BEFORE.search(before.question)
    if not law or not _CLAUSE_FIRST.match(asked) or not ASKING.search(asked):
        return []
    return [Reading(text=law[0] + _CLAUSE_FIRST.sub("", asked))]


def _pointed(asked: str, before: Past) -> list[Reading]:
    """ "第二点详细说说": the item of the last answer that is meant."""
    item, rest = pointed_at(asked, before.answer)
    if not item:
        return []
    if rest:
        return [
            Reading(text=f"{item}{rest}", own=item),
            Reading(text=f"{before.core}，{item}{rest}", own=item),
        ]
    named = re.findall("“[^”]+”", before.question)
    within = f"{named[0]}里的" if len(named) == 1 and len(item) <= 2 else ""
    return [Reading(text=f"{within}“{item}”具体怎样做？")]


_DOUBT = re.compile(
    r"^(?:不对|不是|错了|不会|搞错了|弄错了|说错了|你?确定|真的|是真的|是吗|不可能|怎么可能|有问题|我(?:怎么)?(?:记得|听说|以为|印象(?:中|里))|(?:应该|好像|以前|原来|别人说)(?:不)?是)"
    r"|(?:搞|弄|说|记|看|写)错了|(?:对|是)不对[？?]?$"
)
_DOUBTING = re.compile(
    "不对|错了|不会|确定|真的|假的|是吗|不可能|怎么可能|有问题|怎么|记得|听说|以为|印象中?里?|应该|好像|以前|原来|别人|搞|弄|说|看|写|不是|就是|是|你|我|吧|吗|啊|呀|呢|嘛|才|只|都|了"
)


def _doubting(asked: str, before: Past) -> list[Reading]:
    """ "不对吧，不是1200块吗？": the last question again, with what is claimed."""
    if not _DOUBT.search(asked):
        return []
    claimed = _DOUBTING.sub("", re.sub(r"[^\w\u4e00-\u9fff.%]+", " ", asked)).strip()
    if (
        len(re.sub(rf"\d+(?:\.\d+)?|{NUMERAL}|{UNIT_PATTERN}|[百千万亿块半个 ]", "", claimed))
        >= SUBJECT_CHARS
    ):
        return []
    return [Reading(text=before.question, own=claimed, asks="质疑")]


_THE_DOCUMENT = re.compile(
    r"(?:上面|刚才|前面|以上|刚刚)?(?:的?(?:那|这|该)?(?:一)?(?:个|份|篇|部|条|则|项|件)?)(?:文件|文章|报道|材料|通知|办法|规定|条例|新闻|稿子|决定|东西|文)"
)
_ABOUT_ITSELF = re.compile(
    r"谁(?:写|发|登|印|编|起草|执笔)|(?:哪|什么)(?:个(?:单位|部门|机关)|里|时候|时间|一?年|一?天|一?月|一?期|家)[^，,]{0,4}(?:发|登|写|出|改|修订|修改|公布|印发|发布|施行|实施|生效)|文号|作者|(?:还|现在)?(?:有效|管用|算数|作废|废止)|何时|出自|来源"
)


#: What can be asked of a document: no subject of a question's own.
_OF_A_DOCUMENT = re.compile(
    "(?:刊?[发登写出改印]|修[改订]|[公发]布|[施实]行|实施|生效|管用|算数|作废|废止)+的?|干什么的?|职务|身份|单位|部门"
)


def _of_document(asked: str, before: Past) -> list[Reading]:
    """ "上面那篇文章是谁写的": asked of the document that the last answer quotes."""
    named = _THE_DOCUMENT.match(re.sub("^那(?:么)?[，,]?", "", asked))
    rest = re.sub("^那(?:么)?[，,]?", "", asked)[named.end() if named else 0 :]
    rest = re.sub(r"^(?:这个?|那个?|它|其|该)(?=是|的|什|哪|谁|还|有|现)", "", rest).lstrip("的是，, ")
    own = subject_of(_OF_A_DOCUMENT.sub("", rest))
    if not _ABOUT_ITSELF.search(rest) or places.asked(rest) or re.search("[《“]", rest) or own:
        return []
    rest = re.sub("谁(?:发|印|登)的?", "发文机关是谁", rest)
    if document := re.search("《[^》]+》", before.question):
        return [Reading(text=f"{document[0]}，{rest}", own=rest)]
    return [Reading(text=before.question, own=rest, asks="出处")]


_ALSO = re.compile(
    r"^(?:那么|那|换成|换作)?[，,]?(?P<if>要是|如果是?|假如|万一)?(?P<said>.{1,14}?)(?:的话)?(?:呢|又如何|又怎么样|怎么样|是多少呢)[？?。]*$"
)
#: "那要是难产": what is supposed needs no 呢.
_SUPPOSED = re.compile(
    r"^(?:那么|那)?[，,]?(?P<if>要是|如果是?|假如|万一)(?P<said>.{1,8}?)(?:的话)?[？?。]*$"
)
_YEAR = re.compile(r"\d{4}年?|去年|今年|前年|明年")
#: What goes on from what was asked: "再不改呢", "不给呢".
_GOES_ON = re.compile("^(?:再|还|仍|不|没)")
#: Ends of the names of what is measured: "产量", "比例".
_MEASURE = re.compile("(?:[量额费率数金价值积]|期限|标准|比例|年限)$")


def _also(asked: str, before: Past) -> list[Reading]:
    """ "那苏州呢？": the last question with its place, year or subject replaced; "再不改呢": with more said."""
    match = _ALSO.match(asked) or _SUPPOSED.match(asked)
    if not match or ASKING.search(match["said"]) or _PRONOUN.search(match["said"]):
        return []
    said = match["said"].strip("，, ")
    of_it, said = said.endswith("的"), re.sub("的$", "", said)
    question = before.question
    if places.asked(said):
        named = places.asked(question)
        return [_other(question.replace(places.trimmed(named[-1]), said) if named else said + question, said)]
    if _YEAR.fullmatch(said):
        year = said if not said.isdigit() else f"{said}年"
        return [
            Reading(text=_YEAR.sub(year, question, count=1) if _YEAR.search(question) else year + question)
        ]
    more = _other(f"{before.topic}，{said}{_tail(before)}", said)
    if match["if"] or of_it or _GOES_ON.match(said):
        return [more]
    others = [_other(q, said) for q in _replaced(said, before)]
    return [more, *others] if "的" in said and not places.asked(said) else [*others, more]


def _other(text: str, said: str) -> Reading:
    return Reading(text=text, own=said)


def _tail(before: Past) -> str:
    """What the last question asks of its topic."""
    clauses = re.split("[，,]", before.question)
    last = next((n for n, c in enumerate(clauses) if ASKING.search(c)), 0)
    asked = "，".join(clauses[last:])
    named = re.split("[，,]", before.topic)[-1]
    return f"，{asked[len(named) :] if asked.startswith(named) else asked}"


#: "一天", "每月": how much time, in which something is counted.
_SPAN = re.compile(rf"(?:{NUMERAL}|每|\d+)个?(?:天|日|周|星期|礼拜|月|季度|年|班|期|届|次)(?!龄|限|假)")
_A_LAW = re.compile("(?:法|条例|办法|规定|细则|章程)$")


def _replaced(said: str, before: Past) -> list[str]:
    """The last question with what the new words may stand for replaced: what is like them, first or last in it."""
    question = before.question
    found = []
    if (named := places.asked(question)) and not in_dictionary(said):
        found.append(question.replace(places.trimmed(named[-1]), said))
    if alike := _alike(said, question):
        found.append(question.replace(alike, said))
    things = [w for w in _things(before.topic) if not _A_LAW.search(w)]
    if _SPAN.fullmatch(said) and (span := _SPAN.search(question)):
        return [question.replace(span[0], said, 1)]
    if things and (_MEASURE.search(said) or said in ASPECTS):
        measured = (
            question.replace(things[-1], said)
            if _MEASURE.search(things[-1])
            else f"{before.topic}{said}是多少？"
        )
        found.append(re.sub(rf"(多少|几)(?:{UNIT_PATTERN})", "多少", measured))
    elif things and not found:
        found.append(
            re.sub(rf"{re.escape(things[0])}(?:满?\d+(?:{UNIT_PATTERN})?)?", said, question, count=1)
        )
    return found


#: "一个", "两家": how many, not what.
_COUNTED = re.compile(rf"(?:\d+|{NUMERAL}+|几|多)(?:{UNIT_PATTERN})")


def _things(topic: str) -> list[str]:
    """The words of a topic that are things, in order: no places, years or words that say little."""
    named = "".join(places.asked(topic))
    words = [
        w for w in joined(cut(topic), topic) if len(w) > 1 and not w.isdigit() and not _YEAR.fullmatch(w)
    ]
    words = [
        w for w in words if w not in EMPTY_WORDS and w not in WEAK_WORDS and w not in named and w in topic
    ]
    words = [w for w in words if not any(w != o and w in o for o in words)]
    return sorted(dict.fromkeys(words), key=topic.index)


def _alike(said: str, question: str) -> str:
    """The run of the last question that the new words stand for: it ends in the same word, or is quoted."""
    runs = re.findall(r"“[^”]+”|《[^》]+》", question)
    words = set(cut(question))
    for run in re.split(
        r"[的是有在由对给为和与里中内，,？?。“”《》]|多少|什么|怎[么样]|如何|哪[些里个天年]?|几[个天年家]?|可以|能够?|享受",
        question,
    ):
        runs += [run, run[: run.rfind(said[-1]) + 1]]
    alike = [r for r in runs if len(r) >= 2 and (r[-1] == said[-1] or r[-2:] in said)]
    alike = [r for r in alike if r[0] in "“《" or not _breaks(r, question, words)]
    return max(alike, key=len, default="")


def _breaks(run: str, question: str, words: set[str]) -> bool:
    """Whether a run ends within a word of the question: "女职工产" in "女职工产假"."""
    after = question[question.index(run) + len(run) :][:1]
    return any(w.startswith(run[-1] + after) for w in words if after and len(w) > 1 and run[-1] + after in w)


#: "河南的条例怎么规定的", "国家的规定呢": a place, a law or a kind of document, and no matter.
_WHERE_WRITTEN = re.compile(
    "别的|其他|其它|另外的?|不同|不一样|特殊|专门|法律|法规|政策|文件|条例|办法|规定|细则|章程|手册|意见(?!书)|通知(?!书)|国家|全国|省里|市里|地方|中央|里面|里头|层面|上面|写|说"
)


#: What is done with anything: "淮安打算办多少".
_DOING = re.compile("打算|准备|计划|预计|安排|一共|[办搞建做定发给补花投有了]")


def _elsewhere(asked: str, before: Past) -> list[Reading]:
    """ "河南的条例怎么规定的": the last matter in another place or document."""
    asked = re.sub("^(?:要是|如果)?(?:换成|换作|换到|放在|放到|到了?|在)", "", asked)
    if not ASKING.search(asked) or len(asked) > LEANING_CHARS:
        return []
    named = places.asked(asked)
    titles = re.findall("《[^》]+》", asked)
    rest = re.sub("《[^》]*》", " ", asked)
    for place in named:
        rest = rest.replace(place, " ")
    rest = _WHERE_WRITTEN.sub(" ", rest)
    if not (titles or named) or len(subject_of(_DOING.sub("", rest) if named else rest)) >= SUBJECT_CHARS:
        return []
    if titles and ("出处" in kind_of(asked) or CLAUSE_NAMED.search(asked)):
        return []
    meant = (
        before.earlier if before.earlier and not subject_of(CLAUSE_NAMED.sub("", before.topic)) else before
    )
    topic = meant.topic
    for place in places.asked(topic) if named else ():
        topic = topic.replace(place, "")
    return [Reading(text=f"{topic.strip('，, ')}，{asked}", own="".join([*named, *titles]))]


CLAUSE_NAMED = re.compile(CLAUSE)

#: Words that point back. 应该, 其他, 尤其 and the like do not; neither does "这" in front of a time.
_PRONOUN = re.compile(
    r"(?<!其)它们?|(?<![尤极与何])其(?![他中余它次实])|(?<![应活本不])该(?=[项办规通文条政制活标补名公单企奖])|"
    r"这(?:个|项|件事|些|一|部|份|种|类|笔|次)|那(?:个|项|件事|部|份|种|类|笔|次|年)(?!人)|此(?:事|项|类)|上述|前述|(?<![其吉维排])[他她]们?(?!人)"
)
#: A pronoun after this many characters of one's own subject points into the same question.
_OWN_SUBJECT = 5
#: "干满二十年的有几天": of what, stood in the question before.
_HEADLESS = re.compile(r"的(?:话)?(?:能|可以)?(?:有|休|给|享受|拿|领|补|发|要|交)?(?:多少|几)")
#: Whom the question before was about, by a measure ("工作八年的人"): the new one names its own.
_MEASURED = re.compile(
    rf"[\u4e00-\u9fff]{{0,8}}(?:\d{{1,12}}|{NUMERAL}{{1,12}})(?:多|余)?(?:年|个月|天|岁|人|元|次)[^，,的]{{0,6}}的(?:人员|人|老?职工|女职工|员工|会员|劳动者|单位|企业)?"
)
_MORE = re.compile(
    r"^(?:那么?)?[，,]?(?:还|其中|其余|另外|此外|除此之外|除此以外|其次|然后|接着|接下来)|(?<=.)又(?:能|该|要|可以|会|是)?(?:怎|如何|有|多少|几|什么)"
)


#: "这是哪个文件说的": on what the answer rests.
_IN_WHICH = re.compile(
    "哪一?(?:个|份|部|条|项)?(?:文件|规定|办法|通知|法律|政策)(?:里|上|中)?(?:面)?(?:说|写|规定|讲)?的?"
)
#: What stands before the question for a basis: "你这个说法有依据吗".
_ON_WHAT = re.compile(
    r"^(?:那个|那么?|请问|你们?|您|这个|这样?|刚才|上面)*(?:说|讲|回答|答)?的?(?:话|说法|答案|回答)?[，,]?"
)


def _continued(asked: str, before: Past) -> list[Reading]:
    """A question that points back or has no subject of its own, put behind the last one's topic."""
    pronoun = _PRONOUN.search(asked)
    if pronoun and (front := asked[: pronoun.start()]):  # "山东那个平台" points at nothing before it
        own = places.asked(front) or len(subject_of(front)) >= _OWN_SUBJECT
        pronoun = None if own else pronoun
    if _IN_WHICH.search(asked) and not subject_of(_IN_WHICH.sub("", asked)):
        asked = "依据哪一条？"
    if BASIS.fullmatch(_ON_WHAT.sub("", asked)):
        return [Reading(text=f"{re.sub('[吗呢]?[？?。]+$', '', before.question)}，{asked}")]
    if not (pronoun or _elliptic(asked)):
        return []
    opening = pronoun if pronoun and pronoun.start() <= 1 else None
    bare = asked[: opening.start()] + asked[opening.end() :] if opening else asked
    return _behind(before, re.sub("^那(?![么里些])", "", bare.lstrip("的，, ")))


def _behind(before: Past, bare: str) -> list[Reading]:
    """A question behind the topic of the last one, and of the one before where nothing was found for that."""
    topics = _topics(before, bare) + (_topics(before.earlier, bare) if before.earlier else [])
    return [
        Reading(text=f"{t}，{bare}", own=bare, carried=t)
        for t in dict.fromkeys(topics)
        if len(t) >= SUBJECT_CHARS and subject_of(CLAUSE_NAMED.sub("", t))
    ]


def _topics(before: Past, bare: str) -> list[str]:
    """What of a topic a question may be about: the whole, its first or last clause; where it was answered, wider."""
    topic = before.topic
    if _HEADLESS.search(bare):
        other = _MEASURED.sub("", topic, count=1).strip("，, ")
        topic = other if len(other) >= SUBJECT_CHARS else topic
    if kind_of(bare) == "出处" and (document := re.search("《[^》]+》", before.question)):
        topic = document[0]
    found = [topic, before.core, re.split("[，,]", topic)[-1]]
    named = [w for w in _things(topic) if not in_dictionary(w)]
    if named and not before.refused:
        found.append(re.sub("|".join(map(re.escape, named)), "", topic))
    return found[:1] if topic != before.topic else found


def _elliptic(asked: str) -> bool:
    """Whether a question has no subject of its own ("期限多久？"), or says that it goes on."""
    if places.asked(asked) or re.search("[《“]", asked):
        return False
    short = len(asked) <= LEANING_CHARS
    return len(subject_of(asked)) < SUBJECT_CHARS or (
        short and bool(_MORE.search(asked) or _HEADLESS.search(asked))
    )


def _leaning(asked: str, before: Past) -> list[Reading]:
    """A short question without name, title or quotation, as a follow-up though nothing marks it as one."""
    if len(asked) > LEANING_CHARS or places.asked(asked) or re.search("[《“]", asked):
        return []
    bare = re.sub("^那么?[，,]?", "", asked)
    return [
        replace(r, sure=False, before=before.question) for r in _behind(before, bare) if r.carried not in bare
    ]
