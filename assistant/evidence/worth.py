"""How near a segment is to what is asked: its words, its likeness, the question above it, its ranges."""

import re
from collections.abc import Iterable, Sequence

from assistant.evidence.candidate import Scored
from assistant.evidence.context import Context, LikenessOf
from assistant.evidence.nearness import IN_TITLE, closeness, found_in, own_words
from assistant.evidence.ordering import PERIOD
from assistant.question.kind import kind_of
from assistant.question.parts import Part
from assistant.question.vocabulary import synonyms
from assistant.ranges import Amount, amounts, fits
from assistant.values import fold

#: What it is worth that the text itself asks the question and a segment answers it.
ASKED_THERE = 0.35
#: Share of the words asked for that the question of the text must take up, its title helping.
SAME_WORDS = 0.8
#: Share of its characters that may be about something else.
OTHER_TEXT = 0.4
_ASKING_CHARS = re.compile(
    r"^[（(]?[一二三四五六七八九十\d]+[）)、.．]\s*|^[问答][:：]|怎么办?|怎样|如何|什么|哪[些几里个]|多少|多久|可以|能不能|是否|应当|应该|[的吗呢了要能谁？?，,。、“”]"
)
_NEGATED = re.compile("不|没|未|拒|拖|欠|无法")


def asked_there(part: Part, needed: dict[str, float], one: Scored) -> Scored:
    """A segment with what it is worth that the question above it is the one that is asked."""
    asked = one.at.answers[one.segment]
    total = sum(needed.values())
    if not asked or not total or kind_of(asked) != part.kind:
        return one
    asked, mine = fold(asked), fold(part.text)
    if bool(_NEGATED.search(asked)) != bool(_NEGATED.search(mine)):
        return one
    found = {t: found_in(t, asked) for t in needed}
    words = sum(w * max(found[t], IN_TITLE * found_in(t, one.at.title)) for t, w in needed.items()) / total
    if words < SAME_WORDS * IN_TITLE or not any(found.values()):
        return one
    other = _beside(_ASKING_CHARS.sub("", asked), mine, [t for t in needed if found[t]])
    if other > OTHER_TEXT:
        return one
    worth = ASKED_THERE * words * (1 - other)
    return one._replace(score=one.score + worth, own=one.own + worth)


def _beside(asked: str, mine: str, terms: Iterable[str]) -> float:
    """Share (0–1) of a question's characters that are neither in mine nor in a word for one of the terms."""
    rest = asked
    for term in terms:
        for word in (term, *synonyms().get(term, ())):
            rest = rest.replace(word, "")
    return sum(char not in mine for char in rest) / max(len(asked), 1)


#: Asked who reported or photographed something: the line that signs it answers for the article.
SIGNED = re.compile(r"(?:通讯员|记者|摄影师?|照片|图片).{0,8}谁|谁.{0,3}(?:拍|摄|摄影|报道)的?")
_SIGNS = (
    (re.compile("照片|图片|拍|摄"), re.compile(r"[摄图]\s*[）)]?$|摄影[：:\s]|[（(][^）)]*[摄图][）)]")),
    (re.compile("通讯员"), re.compile(r"通讯员[\s：:]*[\u4e00-\u9fff]{2,4}")),
    (re.compile("记者|报道"), re.compile(r"(?:记者|通讯员)[\s：:]*[\u4e00-\u9fff]{2,4}")),
)


def best_of_each(scored: Iterable[Scored]) -> dict[int, float]:
    """How near the best segment of each article is."""
    best: dict[int, float] = {}
    for one in scored:
        best[id(one.at)] = max(best.get(id(one.at), 0.0), one.score)
    return best


def signs(part: Part, at: Context, index: int) -> bool:
    """Whether a segment signs its article in the role that is asked for."""
    said = at.view.of(at.view.segments[index])
    shape = next((shape for asked, shape in _SIGNS if asked.search(part.text)), None)
    return bool(shape and shape.search(said))


#: "一天最多几小时", "一年开几次": per what, no value that falls into a range.
_RATE_ASKED = re.compile(
    "(?<![满作干龄够了])(?:每|在)?一个?(?:天|年|月|周|星期)(?=内?[最能可要开交休放发给拿领得应有几多加])"
)
#: What it is worth that a value of the question falls into the range a segment sets.
IN_RANGE = 0.2


#: A value that a question asks to be told right or wrong is a claim, no case to be looked up.
_CLAIMED = re.compile("(?:对吗|对不对|是吗|是不是|是这样吗|没错吧|吧)[?？。]*$")


def ranges_met(part: Part, contexts: Iterable[tuple[Context, Sequence[int]]]) -> dict[tuple[int, int], float]:
    """Of articles whose ranges hold the question's values, what each segment that sets ranges is worth:
    IN_RANGE for the narrowest that holds them, less for a wider one, 0 for another range."""
    given = () if _CLAIMED.search(part.text) else amounts(_RATE_ASKED.sub("", part.text))
    found: dict[tuple[int, int], float] = {}
    for at, indexes in contexts if given else ():
        begins = {i: _begins(given, at.view.of(at.view.segments[i])) for i in indexes}
        best = max((b for b in begins.values() if b is not None), default=-1.0)
        for i, begin in begins.items():
            if best >= 0 and begin is not None:
                found[id(at), i] = IN_RANGE if begin == best else IN_RANGE / 2 if begin >= 0 else 0.0
    return found


def _begins(given: Sequence[Amount], text: str) -> float | None:
    """Where the narrowest range that holds all the values begins, as ``fits``."""
    fit = [f for a in given if (f := fits(a, text)) is not None]
    return None if not fit else -1.0 if min(fit) < 0 else max(fit)


#: "报名到哪天截止": a period says when something begins and ends without these words.
_BOUNDS = frozenset(["截止", "结束", "开始", "终止", "起止"])


def covering(part: Part, needed: dict[str, float], at: Context, indexes: Sequence[int]) -> list[Scored]:
    """Each segment with how much (0–1, by weight) of the words asked for stands in and around it."""
    total = sum(needed.values())
    bounds = _BOUNDS.intersection(needed) if part.kind == "时间" else frozenset()
    if not total:
        return [Scored(at, i, 0.0, 0.0) for i in indexes]
    present = [(t, w / total) for t, w in needed.items() if found_in(t, at.whole)]
    found = []
    for i in indexes:
        close = {t: closeness(t, at, i) for t, _ in present}
        own = sum(w * own_words(t, at, i) for t, w in present)
        if bounds and PERIOD.search(at.segments[i]):
            own += sum(needed[t] / total * (1 - own_words(t, at, i)) for t in bounds)
            close |= dict.fromkeys(bounds, 1.0)
        score = sum(needed[t] / total * close[t] for t in close)
        found.append(Scored(at, i, score, own, close))
    return found


#: Segments whose likeness to the question is asked for: the nearest in words.
LIKENESS_OF = 60
#: A likeness above (below) the usual one lifts (lowers) the coverage by this share of the difference.
LIKENESS_WEIGHT = 0.3
USUAL_LIKENESS = 0.35
LIKENESS_MOST = 0.12


def with_likeness(part: Part, scored: list[Scored], likeness: LikenessOf) -> list[Scored]:
    """The nearest segments with what their likeness adds to their coverage; the rest as they are.

    The encoder knows sentences under their titles; of texts without any it prefers those that
    merely repeat the question (measured), so they are left alone.
    """
    titled = [n for n in range(len(scored)) if scored[n].at.article.title]
    order = sorted(titled, key=lambda n: -scored[n].score)[:LIKENESS_OF]
    like = likeness(part.text, [(scored[n].at, scored[n].segment) for n in order])
    for n, cosine in zip(order, like, strict=True):
        lift = LIKENESS_WEIGHT * (cosine - USUAL_LIKENESS)
        lift = max(-LIKENESS_MOST, min(LIKENESS_MOST, lift))
        scored[n] = scored[n]._replace(score=scored[n].score + lift, own=scored[n].own + lift)
    return scored
