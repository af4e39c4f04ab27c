"""Whether two texts are one and the same document printed twice, or two documents that resemble each other.

A reprint may be edited lightly, lose its end, carry another source line. A new version, next
year's notice and a neighbour's copy of a form differ in what counts: numbers, dates, clauses,
names. Where in doubt two texts are two documents: a link that is missing costs a repetition, a
wrong one hides a rule.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from corpus.rows import days
from corpus.types import Article, Kind, Passage

#: Shorter texts ("同意。") are alike by chance; folded characters.
LEAST_CHARS = 80
#: Of the shorter text so much must stand in the other one; of the longer one so much.
COVERED = 0.8
COVERED_LONGER = 0.5
#: Two sentences this much alike are one sentence that was edited.
EDITED = 0.6
#: Kinds in which each word counts: what was edited is another version.
WORDED: frozenset[Kind] = frozenset({"法规", "办法", "通知"})
#: In these, changes of so few characters each, and of this share in all, are misprints.
MISPRINT = 2
MISPRINTS = 0.02
#: A line break that was lost hides a clause: so many may not be seen.
UNSEEN_CLAUSES = 0.01
#: Titles this much alike that name other numbers name other documents.
SAME_TITLE = 0.6
#: A replacement made so often is a form filled in anew, where it is no common word.
CONSISTENT = 2
#: What is not law is printed again within so many days; later the same words are the next year's.
DAYS = 31

_SENTENCE = re.compile(r"[^。！？!?；;\n]+")
_FOLDED = re.compile(r"[\W_]+")
_SOURCE_LINE = re.compile(
    r"^[\s（(【\[]*(?:来\s*源|稿源|信息来源|作\s*者|记\s*者|通讯员|(?:视频|文字|责任|本期|美术)?编\s*辑|责编|审核|校对|摄影|供稿|"
    r"发布(?:时间|日期|单位)|日期|时间|原标题|原载|转[自载]|转载自|摘[自编]|本文(?:来源|转自|刊于|原载))\s*[:：于自].{0,80}$"
)
_STAMP = re.compile(r"^[\s\d年月日:：./\-—]{6,24}$")
_DATELINE = re.compile(
    r"^\s*(?:本报|本网|本刊|本台|[\u4e00-\u9fff]{2,12}?(?:社|网|报|台|客户端))[^，。；\n]{0,40}?(?:讯|电|消息|报道)"
    r"(?:\s*[（(][^（）()\n]{0,60}[)）])?[:：，\s]*|^\s*[（(](?:记者|通讯员)[^（）()\n]{0,60}[)）]"
)
_COPIED = re.compile(r"转载自|转自|原载|摘自|本文转|来\s*源\s*[:：](?!\s*(?:本报|本网|本站|本刊|本会|原创))")

_NUMERAL = "零〇一二三四五六七八九十百千万亿两"
_NUMBER = re.compile(
    rf"\d+(?:\.\d+)?|第[{_NUMERAL}]+|[{_NUMERAL}]{{2,}}|"
    rf"[{_NUMERAL}](?=[年月日号元名人天周岁倍项条款户家期届批成次场版])"
)
_CLAUSE = re.compile(rf"^\s*(第[{_NUMERAL}\d]+条(?:之[{_NUMERAL}])?)", re.MULTILINE)
_ITEM = re.compile(rf"^\s*(?:[（(]?[{_NUMERAL}]+[)）、]|[（(]?\d+[.．、)）]|第[{_NUMERAL}\d]+条)")
_DAY = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_MODAL = re.compile("不得|不应|不能|不可|不予|不再|不准|严禁|禁止|可以|应当|必须|未经|除外")
_JOINT = frozenset("不未无非可应须得和或及与上下内外前后增减")
_OF_A_PLACE = re.compile(r"^(?:省|市|县|区|州|旗|镇|乡|村|国|厂|街道|公司|集团|学校|医院|总工会|工会)")
_ANY_PLACE = frozenset("我全本该各此这")


@dataclass(frozen=True, slots=True)
class Sentences:
    """A text taken apart for comparison: sentences as written and as compared, furniture left out."""

    written: tuple[str, ...]
    folded: tuple[str, ...]
    clauses: tuple[str, ...]

    @property
    def size(self) -> int:
        """Characters that are compared."""
        return sum(map(len, self.folded))

    @property
    def opening(self) -> int:
        """How many sentences stand before the first clause; 0 where there is none."""
        return next((n for n, s in enumerate(self.written) if _CLAUSE.match(s)), 0)

    def holds(self, sentence: str) -> bool:
        """Whether a folded sentence stands here anywhere, as headings do that a table of contents repeats."""
        return sentence in self.folded


def folded(text: str) -> str:
    """Letters and digits alone, NFKC, lower case."""
    return _FOLDED.sub("", unicodedata.normalize("NFKC", text).lower())


def body(text: str) -> str:
    """A text without what a printer puts around it: source lines, stamps, datelines."""
    lines = [line for line in text.split("\n") if not (_SOURCE_LINE.match(line) or _STAMP.match(line))]
    return "\n".join(_DATELINE.sub("", line) for line in lines)


def sentences(text: str) -> Sentences:
    """A text taken apart, see ``Sentences``."""
    own = body(text)
    cut = [(s, f) for s in _SENTENCE.findall(own) if (f := folded(s))]
    return Sentences(
        tuple(s for s, _ in cut), tuple(f for _, f in cut), tuple(m.strip() for m in _CLAUSE.findall(own))
    )


def says_it_is_a_copy(text: str) -> bool:
    """Whether a text names at its head or foot where it was taken from."""
    lines = [line for line in text.split("\n") if line.strip()]
    return any(_COPIED.search(line) for line in (*lines[:3], *lines[-3:]) if len(line) <= 60)


def numbers(text: str) -> list[str]:
    """The numbers, dates and ordinals of a text, sorted: what an edition may not change."""
    plain = re.sub(r"(?<=\d)[,，](?=\d{3})", "", unicodedata.normalize("NFKC", text))
    return sorted(_NUMBER.findall(plain))


def is_reprint(one: Article, other: Article) -> bool:
    """Whether two articles are one document; symmetrical. Different versions are not."""
    if not _may_be_one(one, other):
        return False
    a, b = sentences(one.text), sentences(other.text)
    short, long = sorted((a.size, b.size))
    if short < LEAST_CHARS or short < COVERED_LONGER * long:
        return False
    if len({*a.clauses} ^ {*b.clauses}) > UNSEEN_CLAUSES * len(a.clauses):
        return False
    if a.folded == b.folded:
        return True
    return _Collation(a, b, worded=bool({one.kind, other.kind} & WORDED) or len(a.clauses) > 2).agrees()


def _may_be_one(one: Article, other: Article) -> bool:
    """Whether what is known of two documents does not tell them apart already."""
    for name in ("number", "effective_on"):
        first, second = getattr(one, name), getattr(other, name)
        if first and second and folded(first) != folded(second):
            return False
    if not {one.kind, other.kind} & {"法规", "办法"} and _apart(one, other) > DAYS:
        return False
    said = numbers(one.title), numbers(other.title)
    if not all(said) or said[0] == said[1]:
        return True
    return SequenceMatcher(None, folded(one.title), folded(other.title), False).ratio() < SAME_TITLE


def _apart(one: Article, other: Article) -> int:
    """Days between two dates of issue, as far as both are known; months are counted as 31 days."""
    spans = [days(article.published_on) for article in (one, other)]
    if not all(first for first, _ in spans):
        return 0
    (a, b), (c, d) = (
        [day // 10000 * 372 + day // 100 % 100 * 31 + day % 100 for day in span] for span in spans
    )
    return max(c - b, a - d, 0)


def _may_be_missing(rest: tuple[list[str], list[str]], *, at_edge: bool) -> bool:
    """Whether sentences of a rule may stand in one text alone: at its ends, and no item of it."""
    if not any(rest):
        return True
    return at_edge and not all(rest) and not any(_ITEM.match(s) for side in rest for s in side)


def _same_dates(one: list[str], other: list[str]) -> bool:
    """Whether the latest day named by both sides is the same; so it is where one names none."""
    last = [
        max((tuple(map(int, d)) for d in _DAY.findall(" ".join(side))), default=()) for side in (one, other)
    ]
    return not all(last) or last[0] == last[1]


class _Collation:
    """对勘: the sentences of two texts side by side."""

    def __init__(self, a: Sentences, b: Sentences, *, worded: bool) -> None:
        self._a, self._b = a, b
        self._worded = worded
        self._same = 0.0
        self._replaced: Counter[tuple[str, str]] = Counter()
        self._changed = 0

    def agrees(self) -> bool:
        """Whether all that differs is what a printer may change."""
        a, b = self._a, self._b
        blocks = SequenceMatcher(None, a.folded, b.folded, False).get_opcodes()
        self._same = sum(len(s) for tag, i, j, _, _ in blocks if tag == "equal" for s in a.folded[i:j])
        short, long = sorted((a.size, b.size))
        edited = [block for block in blocks if block[0] != "equal"]
        if not all(self._block(block) for block in edited):
            return False
        if self._worded and self._changed > MISPRINTS * short:
            return False
        return self._same >= max(COVERED * short, COVERED_LONGER * long) and not self._filled_in()

    def _block(self, block: tuple[str, int, int, int, int]) -> bool:
        """Whether sentences that differ say the same in other words, or stand in one text alone."""
        _, i, j, k, m = block
        left_of, right_of = self._a.folded[i:j], self._b.folded[k:m]
        if "".join(left_of) == "".join(right_of):  # cut into sentences in another way
            self._same += sum(map(len, left_of))
            return True
        pairs, alone = _paired(left_of, right_of)
        written = [(self._a.written[i + x], self._b.written[k + y]) for x, y in pairs]
        if not all(self._pair(one, other) for one, other in written):
            return False
        rest = (
            [self._a.written[i + x] for x in alone[0] if not self._b.holds(left_of[x])],
            [self._b.written[k + y] for y in alone[1] if not self._a.holds(right_of[y])],
        )
        if self._worded and i < self._a.opening and k < self._b.opening:
            return _same_dates(*rest)  # when it was passed and amended, told in one sentence or in several
        if all(rest) and _differ(numbers("。".join(rest[0])), numbers("。".join(rest[1]))):
            return False
        at_edge = i == k == 0 or (j == len(self._a.folded) or m == len(self._b.folded))
        return not self._worded or _may_be_missing(rest, at_edge=at_edge)

    def _pair(self, one: str, other: str) -> bool:
        """Whether one sentence is the other one edited."""
        if numbers(one) != numbers(other) or sorted(_MODAL.findall(one)) != sorted(_MODAL.findall(other)):
            return False
        left, right = folded(one), folded(other)
        for tag, i, j, k, m in SequenceMatcher(None, left, right, False).get_opcodes():
            if tag == "equal":
                self._same += j - i
                continue
            old, new = left[i:j], right[k:m]
            if tag == "replace" and _names_places(old, left[j:], new, right[m:]):
                return False
            if self._worded and (max(len(old), len(new)) > MISPRINT or _JOINT & {*old, *new}):
                return False
            self._replaced[old, new] += 1
            self._changed += max(len(old), len(new))
        return True

    def _filled_in(self) -> bool:
        """Whether a name was replaced by another one, or throughout what is no common word, as in a form."""
        pairs = {pair: n for pair, n in self._replaced.items() if all(pair)}
        if not pairs:
            return False
        from corpus import segmenter  # reads the dictionary: seldom needed

        common, names = segmenter.common_words(), segmenter.names()
        return any(
            names >= {old, new} or (n >= CONSISTENT and not common & {old, new})
            for (old, new), n in pairs.items()
        )


def _differ(one: list[str], other: list[str]) -> bool:
    return bool(one and other) and one != other


def _names_places(old: str, after: str, new: str, then: str) -> bool:
    """Whether what was replaced are names of two places or offices."""
    if old[-1:] in _ANY_PLACE or new[-1:] in _ANY_PLACE:
        return False
    return bool(_OF_A_PLACE.match(after) and _OF_A_PLACE.match(then))


def _paired(
    left: Sequence[str], right: Sequence[str]
) -> tuple[list[tuple[int, int]], tuple[list[int], list[int]]]:
    """Indexes of sentences that are one sentence edited, in order, and of those that stand alone."""
    pairs = list(_pairs(left, right))
    used = {x for x, _ in pairs}, {y for _, y in pairs}
    return pairs, (
        [x for x in range(len(left)) if x not in used[0]],
        [y for y in range(len(right)) if y not in used[1]],
    )


def _pairs(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for x, one in enumerate(left):
        matcher = SequenceMatcher(None, b=one, autojunk=False)
        for y in range(start, min(len(right), start + len(left) + 3)):
            matcher.set_seq1(right[y])
            if (
                matcher.real_quick_ratio() >= EDITED
                and matcher.quick_ratio() >= EDITED
                and matcher.ratio() >= EDITED
            ):
                yield x, y
                start = y + 1
                break


#: Share of a passage's phrases that a reprint of its article must hold to say the same.
SAID = 0.7
_PHRASE = 5


def counterpart(text: str, passages: Sequence[Passage]) -> Passage | None:
    """The passage among a reprint's that says what ``text`` says, its numbers and all; None where none does."""
    wanted = _phrases(text)
    held = [_phrases(passage.text) for passage in passages]
    if not wanted or len(wanted & frozenset().union(*held)) < SAID * len(wanted):
        return None
    if set(numbers(body(text))) - set(numbers("\n".join(passage.text for passage in passages))):
        return None
    return max(zip(passages, held, strict=True), key=lambda pair: len(wanted & pair[1]))[0]


@lru_cache(maxsize=4096)
def _phrases(text: str) -> frozenset[str]:
    plain = folded(body(text)) or folded(text)
    return frozenset(plain[at : at + _PHRASE] for at in range(max(1, len(plain) - _PHRASE + 1)))
