"""Words as people mean them, where segmentation cut one in two or glued two together."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from assistant.question.vocabulary import ASPECTS, COMPOUNDING, EMPTY_WORDS, GLUED, SHORT_VERBS, synonyms
from corpus.words import in_dictionary

#: "六个", "两家": how many are asked for, not what about.
_COUNTED = re.compile(
    r"[一二两三四五六七八九十几多]+[个家项种条点类名位次件大倍]|[一几]个?[月年天日份元]|几天假|百分之几"
)
#: Single characters that end a word which dictionaries cut short ("入会|率", "友好|型").
_SUFFIXES = frozenset("率型性制员费站库园馆队组法权会奖证卡点室班式力网")
#: Single characters that narrow the word after them ("女|会员").
_PREFIXES = frozenset("女男")
#: What verbs carry behind them without meaning more: "报上去", "留下来", "建了".
_CARRIED = re.compile(r"(?<=.)(?:[上下起出过回进]来|[上下出过回进]去|[了着])$")
#: What names of several things open with: "三送", "五缺", "六有".
_COUNTING = frozenset("两二三四五六七八九十双")
#: From this length on a word with synonyms is looked for in a question before it is cut into words.
PHRASE_CHARS = 3


def named_whole(text: str, cut: Collection[str]) -> list[str]:
    """Words with synonyms that are cut into several ("加入工会", "年假"), the longest where they overlap."""
    found: list[str] = []
    for word in sorted((w for w in synonyms() if w in text), key=len, reverse=True):
        if word in text and (word in cut or len(word) >= PHRASE_CHARS or all(c in cut for c in word)):
            text = text.replace(word, " ")
            found.append(word)
    return [word for word in found if word not in cut]


def joined(found: list[str], text: str) -> list[str]:
    """The words, with a single closing character joined to the word it ends."""
    whole: list[str] = []
    for word in found:
        if (whole and whole[-1] in _PREFIXES) or (word in _SUFFIXES and whole and whole[-1] + word in text):
            whole.append(whole.pop() + word)
        else:
            whole.append(word)
    return whole


def content(words: Iterable[str], named: Collection[str]) -> list[str]:
    """The words that mean something, each once, without what verbs carry behind them."""
    kept = [w if w in synonyms() else _CARRIED.sub("", w) for w in words if w in named or not _no_word(w)]
    kept = [w for w in dict.fromkeys(kept) if w not in EMPTY_WORDS]
    return [w for w in kept if (len(w) > 1 or w.isdigit()) and not _COUNTED.fullmatch(w)]


def mended(words: list[str], strange: Collection[str], known: Callable[[str], bool], text: str) -> list[str]:
    """The words without those that segmentation made of others, or glued together."""
    plain = [w for w in words if w not in strange]
    words = [w for w in words if w not in strange or not _in_parts(w, plain)]
    words = [w for w in words if not any(w != o and w in o for o in words)]
    held = [w for w in words if w not in strange]
    words = [w for w in words if w not in strange or not _overlapping(w, held, text)]
    return list(dict.fromkeys(o for w in words for o in (_stripped(w, known) if w in strange else [w])))


def _no_word(word: str) -> bool:
    """Whether two characters are no word but what segmentation left of two ("能领", "人要"; "五缺" is a name)."""
    glued = any(c in GLUED for c in word) and word[0] not in _COUNTING
    return len(word) == 2 and glued and not in_dictionary(word) and word not in synonyms()


def _in_parts(word: str, known: Sequence[str]) -> bool:
    """Whether known words make up a word that no passage has, one of them what anything can be asked for.

    "申请加入" is 申请 and 加入; "家政服务员" is no 家政 and no 服务员.
    """
    if not any(part in ASPECTS and part in word for part in known):
        return False
    for part in known:
        word = word.replace(part, "") if part in word else word
    return len(word) <= 1


def _overlapping(word: str, known: Iterable[str], text: str) -> bool:
    """Whether a word only joins the end of a known one with what follows it: 续费 in 手续费."""
    for other in known:
        text = text.replace(other, "\0")
    return word not in text


def _stripped(word: str, known: Callable[[str], bool]) -> list[str]:
    """A word no passage has, without what segmentation glued to it: "对涉" 涉, "第一名奖" 第一名, "体检费" 体检 费用."""
    if len(word) == 2 and (word[0] in EMPTY_WORDS or word[1] in EMPTY_WORDS):
        return [word[1] if word[0] in EMPTY_WORDS else word[0]]
    if len(word) > 2 and word[-1] in COMPOUNDING and known(word[:-1]):
        return [word[:-1], COMPOUNDING[word[-1]]]
    if len(word) > 2 and (word[-1] in GLUED or word[-1] in SHORT_VERBS) and known(word[:-1]):
        return [word[:-1]]
    if len(word) > 2 and (word[0] in GLUED or word[0] in SHORT_VERBS) and known(word[1:]):
        return [word[1:]]
    return [word]
