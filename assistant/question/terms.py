"""The words to look for, each with its weight."""

import re
from collections.abc import Collection, Sequence
from typing import Protocol

from assistant import places
from assistant.question.segmentation import content, joined, mended, named_whole
from assistant.question.vocabulary import SHORT_VERBS, WEAK_WORDS, synonyms
from assistant.values import UNIT_PATTERN, narrow
from corpus.words import names_thing

#: Shares of a word's rarity that WEAK_WORDS keep.
WEAK_SHARE = 0.35
#: And those that no passage knows and that name no thing: 休成, 能干, 办好 are how people talk.
SPOKEN_SHARE = 0.15
#: And a verb of one character that asks: "都要配哪些东西".
ASKED_VERB = 0.5
#: A word's rarity counts at most this much, so that one odd word never decides alone.
RARITY_CAP = 4.0


class Words(Protocol):
    """What understanding needs of a store."""

    def words(self, text: str) -> list[str]: ...

    def word_weights(self, words: Sequence[str]) -> dict[str, float]: ...


#: What is asked with and glues itself to its neighbours: "一天最多干几小时" is no 最多干, no 几小时.
_MEASURING = re.compile(
    rf"(?:最(?:[多少长短]|[高低](?!工资|生活))|至少)|几个?({UNIT_PATTERN})(?![\u4e00-\u9fff]{{0,2}}制)|[是能]?干什么活?的?|用来|多[大高远重](?=[\u4e00-\u9fff])|由谁来?|[由归]?谁来?(?=[付出买赔掏交缴])|多(?:长时间|久)[之以]?内?|[能要会该用算是应行]不[能要会该用算是应行]|可不可以|有没有|到(?=什么时候|何时|几[点号月]|哪)"
)
#: No passage holds it: its rarity is that of every word the corpus does not know.
_UNSEEN = "〇未见〇"


def terms(text: str, words: Words) -> dict[str, float]:
    """The words that a question's subject is made of, each with its weight (0 to RARITY_CAP)."""
    bare = _bare(text)
    named = named_whole(bare, set(words.words(bare)))
    rest = bare
    for word in named:
        rest = rest.replace(word, " ")
    found = content([*named, *joined(words.words(rest), rest)], named)
    rarity = words.word_weights([*found, _UNSEEN])
    unseen = rarity.get(_UNSEEN, RARITY_CAP)
    strange = {w for w in found if rarity.get(w, unseen) >= unseen and w not in named}
    otherwise = _in_other_words(strange, words, unseen)
    rarity |= otherwise
    strange -= otherwise.keys()
    found = mended(found, strange, lambda w: words.word_weights([w]).get(w, unseen) < unseen, rest)
    verbs = {SHORT_VERBS[w] for w in (*words.words(rest), *found) if w in SHORT_VERBS} - set(found)
    found += sorted(v for v in verbs if not any(v[0] in w for w in found))
    found = [w for w in found if len(w) > 1 or w.isdigit()]
    rarity |= words.word_weights([w for w in found if w not in rarity])
    spoken = {w for w in found if w in strange and w not in WEAK_WORDS and not names_thing(w)} | verbs
    shares = dict.fromkeys(WEAK_WORDS, WEAK_SHARE) | dict.fromkeys(spoken, SPOKEN_SHARE)
    shares |= {v: ASKED_VERB for v in verbs if _asks_with(v, bare)}
    return {w: min(rarity.get(w, RARITY_CAP), RARITY_CAP) * shares.get(w, 1.0) for w in found}


def _bare(text: str) -> str:
    """A question without places, punctuation and what is asked with."""
    bare = narrow(text)
    for place in places.asked(bare):
        bare = bare.replace(places.core(place), " ")
    return re.sub(r"[^\w\u4e00-\u9fff%.]+", " ", _MEASURING.sub(_unit_left, bare))


def _in_other_words(strange: Collection[str], words: Words, unseen: float) -> dict[str, float]:
    """Of words that no passage has those that texts say in another word, each with that one's rarity."""
    found = {}
    for word in strange:
        others = words.word_weights(sorted(synonyms().get(word, ()))).values()
        if any(r < unseen for r in others):
            found[word] = min(others)
    return found


def _unit_left(measuring: re.Match[str]) -> str:
    """A blank, with the unit where that is a word of its own: texts name it, too."""
    return f" {measuring[1]} " if len(measuring[1] or "") > 1 else " "


def _asks_with(verb: str, text: str) -> bool:
    """Whether the one character for a verb stands right before what asks: "都要配哪些东西"."""
    said = "".join(short for short, written in SHORT_VERBS.items() if written == verb)
    return bool(
        re.search(
            rf"[{said}](?:齐|到|给)?(?:哪些|什么|多少|几)|(?:怎么|怎样|如何)[{said}](?![\u4e00-\u9fff])", text
        )
    )
