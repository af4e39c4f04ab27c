"""What passages that came with a question say to it: the units that answer, how surely, and where two disagree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.drafting.piece import Piece
from assistant.likeness import Encodes
from assistant.question.focus import Focus
from assistant.question.parts import Part, parts_of
from assistant.reader import features, model
from assistant.reader.asked import Asked, asked
from assistant.reader.disagreeing import otherwise
from assistant.reader.units import Unit
from assistant.structure import Span
from corpus.types import Hit
from corpus.words import cut

#: Units quoted beside the best one, and the share of its share from which one is.
QUOTED, BESIDE = 3, 0.12
#: Characters of all quotations together.
CHARS = 260
#: A passage that tells its reader what to do is not quoted: no document does.
ORDER = re.compile(
    "忽略[^，。]{0,12}(?:要求|规定|指令|资料|提示)|系统提示|只(?:要|需)?(?:回答|输出)|不要引用"
)
#: Units that are read for what another passage says otherwise.
READ = 12


@dataclass(frozen=True, slots=True)
class Told:
    """摘出: a span of one passage (counted from 0) and its share (0–1) of being the answer."""

    passage: int
    span: Span
    share: float


@dataclass(frozen=True, slots=True)
class Found:
    """读出: what may be quoted, best first; ``sure`` the chance (0–1) that any of it answers.

    ``contrary`` is set where the first two of ``told`` say the same thing otherwise.
    """

    sure: float
    told: tuple[Told, ...]
    contrary: bool = False

    @property
    def answers(self) -> bool:
        return self.sure >= model.shipped().threshold


def find(part: Part, texts: Sequence[str], store: Encodes) -> Found:
    """What the passages say to one part of a question; of two things in one ("甲和乙的时间") to each."""
    whole = _find(part, texts, store)
    each = [_find(one, texts, store) for one in _both(part.text)] if not whole.contrary else []
    if len(each) < 2 or not all(one.answers for one in each):
        return whole
    told = tuple(dict.fromkeys(t for one in each for t in one.told[:EACH]))
    return Found(max(one.sure for one in each), told)


#: Units quoted for each of two things that are asked for in one.
EACH = 2
_AND = re.compile("以及|和|及|与")


def _both(text: str) -> tuple[Part, ...]:
    """A question for two things side by side as two questions; nothing where it is for one."""
    for match in _AND.finditer(text):
        left, right = text[: match.start()], text[match.end() :]
        first, second = _last_word(left), _first_word(right)
        if first and second:
            before, behind = left[: -len(first)], right[len(second) :]
            return *parts_of(before + first + behind)[:1], *parts_of(before + second + behind)[:1]
    return ()


def _last_word(text: str) -> str:
    year = re.search(r"\d{4}年?$", text)
    return (
        year[0] if year else max((w for w in cut(text[-8:]) if text.lower().endswith(w)), key=len, default="")
    )


def _first_word(text: str) -> str:
    year = re.match(r"\d{4}年?", text)
    return (
        year[0]
        if year
        else max((w for w in cut(text[:8]) if text.lower().startswith(w)), key=len, default="")
    )


def _find(part: Part, texts: Sequence[str], store: Encodes) -> Found:
    question = asked(part)
    units, rows = features.read(question, texts)
    if not units or not question.words:
        return Found(0.0, ())
    vectors = store.encode([u.said for u in units], prompt="passage")
    cosines = vectors @ store.encode([part.text], prompt="query")[0]
    shares = model.shares(model.shipped().scores(features.with_likeness(rows, cosines)))
    order = [int(n) for n in np.argsort(-shares, kind="stable") if not ORDER.search(units[n].said)]
    sure = float(shares.sum())
    best = [(units[n], float(shares[n])) for n in order[:READ]]
    several = len(question.years) > 1 or _SEVERAL.search(part.text)
    if not several and (pair := _contrary(question, best, texts)):
        return Found(max(sure, model.shipped().threshold), pair, contrary=True)
    return Found(sure, _quoted(best))


#: Where documents stand under their titles the drafter knows better, and the reader must be this sure alone.
SURE = 0.97
#: A first line up to this long that ends no sentence is a title.
TITLE_CHARS = 60


def titled(texts: Sequence[str]) -> bool:
    """Whether most passages begin with a title of their own."""
    heads = [t.strip().partition("\n") for t in texts]
    return 2 * sum(
        bool(rest) and len(h) <= TITLE_CHARS and h[-1:] not in "。！；" for h, _, rest in heads
    ) > len(texts)


def answered(found: Sequence[Found], texts: Sequence[str], *, drafted: bool) -> bool:
    """Whether a question is answered: by the drafter under titles, else where a part is read surely enough."""
    if any(one.contrary for one in found):
        return True
    if titled(texts):
        return drafted or any(one.sure >= SURE for one in found)
    return any(one.answers for one in found)


def keeps(focus: Focus, pieces: Sequence[Piece], told: Sequence[Told], hits: Sequence[Hit]) -> bool:
    """Whether what the drafter quotes stays: under titles, or told at length from a passage that is read, too."""
    if not pieces:
        return False
    if not told or titled([h.article.text for h in hits]):
        return True
    read = {hits[t.passage].article.id for t in told}
    return focus.kind in _AT_LENGTH and any(p.context.article.id in read for p in pieces)


#: What is told at length, in the drafter's order of things.
_AT_LENGTH = ("列举", "办法", "概括", "比较", "条款", "出处")


#: Asked for two versions or several things, different values are the answer.
_SEVERAL = re.compile("新旧|前后|分别|各(?:有|是|为)|相比|比较")


def _told(unit: Unit, share: float) -> Told:
    return Told(unit.passage, unit.span, share)


def _quoted(best: Sequence[tuple[Unit, float]]) -> tuple[Told, ...]:
    """The best unit and those that are nearly as good, none twice, as long as they fit."""
    chosen: list[tuple[Unit, float]] = []
    room = CHARS
    for unit, share in best:
        size = unit.span.end - unit.span.start
        near = not chosen or share >= BESIDE * best[0][1]
        if not near or len(chosen) == QUOTED or any(_again(unit, c) for c, _ in chosen):
            continue
        if chosen and size > room:
            continue
        chosen.append((unit, share))
        room -= size
    return tuple(_told(u, s) for u, s in chosen)


def _again(unit: Unit, chosen: Unit) -> bool:
    """Whether a unit overlaps one that is quoted, or says the same."""
    if unit.passage == chosen.passage and unit.sentence == chosen.sentence:
        return unit.span.start < chosen.span.end and chosen.span.start < unit.span.end
    return unit.said in chosen.said or chosen.said in unit.said


def _contrary(
    question: Asked, best: Sequence[tuple[Unit, float]], texts: Sequence[str]
) -> tuple[Told, Told] | None:
    """The two best units of different passages that give the thing asked for otherwise; None where none do."""
    for n, (first, share) in enumerate(best):
        for second, other in best[n + 1 :]:
            if second.passage != first.passage and otherwise(
                question,
                (first.said, texts[first.passage]),
                (second.said, texts[second.passage]),
                other / max(best[0][1], 1e-9) if n < _LEADING else 0.0,
            ):
                return _told(first, share), _told(second, other)
    return None


#: Units that are laid beside others in other words.
_LEADING = 3
