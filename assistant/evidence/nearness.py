"""Where a word stands, seen from a segment: in it, under its heading, beside it or further away."""

from functools import lru_cache

from assistant.evidence.context import Context
from assistant.evidence.needed import FACTS, wanted
from assistant.question.focus import Focus
from assistant.question.vocabulary import synonyms
from assistant.values import fold

#: How much a word counts by where it stands, seen from the sentence that is judged.
IN_SENTENCE = 1.0
#: The rest of a sentence that was cut at semicolons: often another item.
IN_REST = 0.75
#: Headings above, the opener of the paragraph, the item it belongs to: what it speaks of.
IN_HEAD = 0.85
IN_TITLE = 0.75
#: "一、活动时间" over "6月10日至9月15日。": the heading says for the line what it is about.
OWN_HEAD = 0.8
#: The sentence before usually names what "其", "这间" mean.
IN_BEFORE = 0.7
IN_BLOCK = 0.65
#: Elsewhere in the paragraph, in another item of the same list: something else is spoken of.
IN_LINE = 0.35
IN_ARTICLE = 0.3
#: A synonym, and a longer word found only in pieces.
SYNONYM = 0.95
PIECES = 0.8


def found_in(term: str, text: str) -> float:
    """How much of a term a folded text holds: 1 whole, less for a synonym or for pieces.

    "本次大讨论" stands for a longer name that ends so.
    """
    if term in text:
        return 1.0
    end = term[-3:]
    if len(term) > 4 and end in text and any(f"{this}{end}" in text for this in _THIS):
        return SYNONYM
    for other in synonyms().get(term, ()):
        if other in text:
            return SYNONYM
    return share_in_pieces(term, text)


_THIS = ("本次", "此次", "这次", "该", "本届", "本项", "这项", "这一", "这个")


def share_in_pieces(term: str, text: str) -> float:
    """The share of a longer word's character pairs that a text holds, from one half on."""
    if len(term) < 3:
        return 0.0
    pairs = _pairs(term)
    share = sum(map(text.__contains__, pairs)) / len(pairs)
    return PIECES * share if share >= 0.5 else 0.0


@lru_cache(maxsize=4096)
def _pairs(term: str) -> tuple[str, ...]:
    return tuple(term[i : i + 2] for i in range(len(term) - 1))


def closeness(term: str, at: Context, index: int) -> float:
    """The best of where a term stands, seen from segment ``index``."""
    best = found_in(term, at.segments[index])
    if best >= IN_SENTENCE:
        return best
    segment = at.view.segments[index]
    if best < IN_HEAD:
        best = max(best, IN_HEAD * found_in(term, at.heads[index]))
    if best < IN_REST:
        best = max(best, IN_REST * found_in(term, at.sentences[segment.sentence]))
    if best < IN_TITLE:
        best = max(best, IN_TITLE * found_in(term, at.title))
    block = at.block_of[index]
    if best < IN_BEFORE and index and at.block_of[index - 1] == block:
        best = max(best, IN_BEFORE * found_in(term, at.sentences[at.view.segments[index - 1].sentence]))
    if best < IN_BLOCK:
        best = max(best, IN_BLOCK * found_in(term, at.blocks[block]))
    if best < IN_LINE:
        best = max(best, IN_LINE * found_in(term, at.lines[segment.line]))
    if best < IN_ARTICLE:
        best = max(best, IN_ARTICLE * found_in(term, at.whole))
    return best


def own_words(term: str, at: Context, index: int) -> float:
    """How much of a term the segment says itself, or the heading right above it says for it."""
    here = found_in(term, at.segments[index])
    return here if here >= OWN_HEAD else max(here, OWN_HEAD * found_in(term, at.nearest[index]))


#: Share of a counted thing's name that must stand in the clause with the number.
NEARLY = 0.5


def missing_share(needed: dict[str, float], at: Context, index: int) -> float:
    """Share (0–1) by weight of the words asked for that stand neither in a segment nor around it."""
    total = sum(needed.values())
    lacking = sum(w for t, w in needed.items() if closeness(t, at, index) < NEARLY)
    return lacking / total if total else 1.0


#: Share of a question's words that a sentence in other words must take up to be an answer to it.
TO_THE_POINT = 0.25


def to_the_point(focus: Focus, text: str) -> bool:
    """Whether a sentence takes up a question for a fact; lists and procedures need not repeat it."""
    if focus.kind not in FACTS:
        return True
    said = fold(text)
    for part in focus.parts:
        needed = wanted(focus, part)
        if sum(w * found_in(t, said) for t, w in needed.items()) >= TO_THE_POINT * sum(needed.values()):
            return True
    return False
