"""What changed between two versions of a text, clause by clause.

A text is cut into units: each 条 with what belongs to it, each heading, each paragraph outside of
clauses. Units are aligned by what they say, not by their number, so that a clause that was only
renumbered is recognised: first the unchanged ones that keep their order (longest increasing
sequence of unique lines, as in patience diff), then what resembles in the gaps between them
(Needleman–Wunsch over shared pairs of characters), then what moved.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal, NamedTuple

from corpus.types import ARTICLE_FIELDS, Article

Kind = Literal["未变", "修改", "新增", "删除"]
#: From this share of common pairs of characters two units are one that was changed (Dice, 0–1) …
CHANGED = 0.5
#: … and where they also bear the same number, from this one.
REWRITTEN = 0.25
#: What stands elsewhere must be this alike, and this long, to be taken for moved.
MOVED = 0.6
MOVED_CHARS = 16
#: Longer units are compared by sentences: characters of them cost a second and tell nothing.
LONG = 3000
#: A run of so few equal characters between two changes is chance, and would break them into crumbs.
CHANCE = 2

_NUMERAL = "零〇一二三四五六七八九十百千0-9０-９"
_CLAUSE = rf"第[{_NUMERAL}]+条(?:之[{_NUMERAL}]+)?"
_SPACED = re.compile(rf"\s*({_CLAUSE})(?=[\s　【（(:：]|$)")
_UNSPACED = re.compile(rf"\s*({_CLAUSE})")
_HEADING = re.compile(rf"\s*(第[{_NUMERAL}]+[编章节])(?=[\s　]|[^\s　，。；、的规].{{0,30}}$)")
_TOKEN = re.compile(rf"^\s*{_CLAUSE}$|\d+(?:\.\d+)?|[A-Za-z]+|\s+|.", re.DOTALL)
_SENTENCE = re.compile(r"[^。；\n]*[。；\n]|[^。；\n]+", re.DOTALL)


class Unit(NamedTuple):
    """单元: a clause, a heading or a paragraph; ``text`` is the whole text's ``[start:start + len(text)]``.

    ``label`` is its number (第三条, 第一章), or ``""``.
    """

    label: str
    start: int
    text: str

    @property
    def core(self) -> str:
        """What it says: without number and white space, NFKC."""
        said = self.text.strip().removeprefix(self.label)
        return "".join(unicodedata.normalize("NFKC", said).split())


class Piece(NamedTuple):
    """片段: a run of characters that both texts have (同), only the old one (删) or the new one (增)."""

    kind: Literal["同", "删", "增"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """差异: a unit of the old text, of the new one, or of both, and how the one became the other.

    The pieces 同 and 删 make the old unit, 同 and 增 the new one. ``moved``: it stands at another
    place among the units that stayed. Differences stand in the order of the new text, what was
    taken out where it stood in the old one.
    """

    kind: Kind
    old: Unit | None
    new: Unit | None
    pieces: tuple[Piece, ...]
    moved: bool = False

    @property
    def renumbered(self) -> bool:
        return bool(self.old and self.new and self.old.label != self.new.label)

    @property
    def words(self) -> str:
        """What happened, in a few Chinese words: "修改", "条号由第五条改为第六条", "位置移动，修改"."""
        told = ["位置移动"] if self.moved else []
        if self.renumbered and self.old and self.new:
            told.append(f"条号由{self.old.label or '无'}改为{self.new.label or '无'}")
        if self.kind != "未变" or not told:
            told.append(self.kind)
        return "，".join(told)


def compare(old: str, new: str) -> list[Difference]:
    """What changed from one text to another; ``apply`` makes the new out of the old with it."""
    one, other = units(old), units(new)
    aligned = _aligned(one, other)
    moved = _moved(one, other, aligned)
    partner = {**dict(aligned), **moved}
    taken = {j: i for i, j in partner.items()}
    gone = [i for i in range(len(one)) if i not in partner]
    stays = {j: i for i, j in aligned}
    found: list[Difference] = []
    for j, unit in enumerate(other):
        # What was taken out stands before what came in its place.
        following = next((stays[k] for k in range(j, len(other)) if k in stays), len(one))
        while gone and gone[0] < following:
            found.append(_gone(one[gone.pop(0)]))
        i = taken.get(j)
        found.append(_came(unit) if i is None else _changed(one[i], unit, moved=i in moved))
    return found + [_gone(one[i]) for i in gone]


def apply(old: str, differences: Sequence[Difference]) -> str:
    """The new text. Raises ``ValueError`` where the differences are not of this old text."""
    made = []
    for difference in differences:
        was = "".join(p.text for p in difference.pieces if p.kind != "增")
        start = difference.old.start if difference.old else 0
        if old[start : start + len(was)] != was:
            raise ValueError(f"the old text has something else at {start}")
        if difference.new:
            made.append("".join(p.text for p in difference.pieces if p.kind != "删"))
    return "".join(made)


def summary(differences: Sequence[Difference]) -> str:
    """ "修改 2 处，新增 1 处，删除 1 处，条号调整 3 处"; "内容没有变化" where nothing did."""
    counts = Counter(d.kind for d in differences)
    kept = [d for d in differences if d.kind == "未变"]
    told = [
        *((name, counts[name]) for name in ("修改", "新增", "删除")),
        ("条号调整", sum(d.renumbered for d in kept)),
        ("位置移动", sum(d.moved for d in differences)),
    ]
    return "，".join(f"{name} {n} 处" for name, n in told if n) or "内容没有变化"


# -- cutting -----------------------------------------------------------------------------


def units(text: str) -> list[Unit]:
    """The units of a text; joined, they are the text."""
    lines = text.splitlines(keepends=True)
    clause = _SPACED if any(_SPACED.match(line) for line in lines) else _UNSPACED
    found: list[Unit] = []
    start, inside = 0, False
    for line in lines:
        named = clause.match(line) or _HEADING.match(line)
        blank_or_goes_on = not line.strip() or (inside and not named)
        if found and blank_or_goes_on:
            found[-1] = found[-1]._replace(text=found[-1].text + line)
        else:
            found.append(Unit(named[1] if named else "", start, line))
        inside = inside if not named else named[1].endswith("条") or "条之" in named[1]
        start += len(line)
    return found


# -- aligning ----------------------------------------------------------------------------


def _aligned(one: Sequence[Unit], other: Sequence[Unit]) -> list[tuple[int, int]]:
    """Pairs of indexes, rising in both."""
    anchors = _anchors([u.core for u in one], [u.core for u in other])
    found: list[tuple[int, int]] = []
    for (i, j), (further_i, further_j) in pairwise([(-1, -1), *anchors, (len(one), len(other))]):
        found += [(i, j)] if i >= 0 else []
        gap = _best_path(one[i + 1 : further_i], other[j + 1 : further_j])
        found += [(i + 1 + a, j + 1 + b) for a, b in gap]
    return found


def _anchors(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """The longest rising row of pairs of units that say the same and say it once in each text."""
    counts, others = Counter(one), Counter(other)
    at = {core: j for j, core in enumerate(other)}
    pairs = [(i, at[c]) for i, c in enumerate(one) if c and counts[c] == 1 and others.get(c) == 1]
    tails: list[int] = []
    best: list[int] = []
    before: list[int] = []
    for n, (_, j) in enumerate(pairs):
        place = bisect_left(tails, j)
        before.append(best[place - 1] if place else -1)
        tails[place : place + 1] = [j]
        best[place : place + 1] = [n]
    row = []
    n = best[-1] if best else -1
    while n >= 0:
        row.append(pairs[n])
        n = before[n]
    return row[::-1]


def _best_path(one: Sequence[Unit], other: Sequence[Unit]) -> list[tuple[int, int]]:
    """The pairs, rising in both, that are most alike in all; none that is not alike enough."""
    alike = _likenesses(one, other)
    total = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        row, below = total[i], total[i + 1]
        for j in range(len(other) - 1, -1, -1):
            row[j] = max(below[j], row[j + 1], below[j + 1] + alike.get((i, j), 0.0))
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        if (i, j) in alike and total[i][j] == total[i + 1][j + 1] + alike[i, j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif total[i][j] == total[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _likenesses(one: Sequence[Unit], other: Sequence[Unit]) -> dict[tuple[int, int], float]:
    """How alike those pairs of units are that may be one and the same."""
    holding: dict[str, list[int]] = {}
    sizes = []
    for j, unit in enumerate(other):
        pairs = _pairs(unit.core)
        sizes.append(len(pairs))
        for pair in pairs:
            holding.setdefault(pair, []).append(j)
    found = {}
    for i, unit in enumerate(one):
        pairs = _pairs(unit.core)
        shared = Counter(j for pair in pairs for j in holding.get(pair, ()))
        for j, n in shared.items():
            dice = 2 * n / (len(pairs) + sizes[j])
            same_number = bool(unit.label) and unit.label == other[j].label
            if dice >= (REWRITTEN if same_number else CHANGED):
                found[i, j] = dice
    return found


def _pairs(core: str) -> set[str]:
    return {a + b for a, b in pairwise(f"\x02{core}\x03")}


def _moved(one: Sequence[Unit], other: Sequence[Unit], aligned: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Old index → new index of what stands at another place, the most alike first."""
    stayed, kept = {i for i, _ in aligned}, {j for _, j in aligned}
    rest = [i for i, u in enumerate(one) if i not in stayed and len(u.core) >= MOVED_CHARS]
    places = [j for j, u in enumerate(other) if j not in kept and len(u.core) >= MOVED_CHARS]
    alike = _likenesses([one[i] for i in rest], [other[j] for j in places])
    found: dict[int, int] = {}
    for (a, b), dice in sorted(alike.items(), key=lambda pair: (-pair[1], pair[0])):
        i, j = rest[a], places[b]
        if dice >= MOVED and i not in found and j not in found.values():
            found[i] = j
    return found


# -- one unit ------------------------------------------------------------------------------


def _gone(unit: Unit) -> Difference:
    return Difference(kind="删除", old=unit, new=None, pieces=(Piece("删", unit.text),))


def _came(unit: Unit) -> Difference:
    return Difference(kind="新增", old=None, new=unit, pieces=(Piece("增", unit.text),))


def _changed(old: Unit, new: Unit, *, moved: bool) -> Difference:
    kind: Kind = "未变" if old.core == new.core else "修改"
    was, now = (unit.text.find(unit.label) + len(unit.label) for unit in (old, new))
    made = (*pieces(old.text[:was], new.text[:now]), *pieces(old.text[was:], new.text[now:]))
    return Difference(kind=kind, old=old, new=new, pieces=made, moved=moved)


def pieces(old: str, new: str) -> list[Piece]:
    """How one short text became another; numbers and words of letters change as a whole."""
    if old == new:
        return [Piece("同", old)] if old else []
    cut = _SENTENCE if max(len(old), len(new)) > LONG else _TOKEN
    one, other = cut.findall(old), cut.findall(new)
    runs = [
        (tag == "equal", "".join(one[a:b]), "".join(other[c:d]))
        for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    ]
    return list(_written(_without_crumbs(runs)))


def _without_crumbs(runs: Sequence[tuple[bool, str, str]]) -> list[tuple[bool, str, str]]:
    """Runs with what is equal by chance, between two changes that are longer, made part of the change."""
    merged: list[tuple[bool, str, str]] = []
    for n, (same, was, now) in enumerate(runs):
        between = 0 < n < len(runs) - 1
        crumb = (
            same
            and between
            and len(was.strip()) <= CHANCE
            and _weight(runs[n - 1]) + _weight(runs[n + 1]) > 3
        )
        same = same and not crumb
        if merged and merged[-1][0] == same:
            merged[-1] = (same, merged[-1][1] + was, merged[-1][2] + now)
        else:
            merged.append((same, was, now))
    return merged


def _weight(run: tuple[bool, str, str]) -> int:
    return max(len(run[1]), len(run[2]))


def _written(runs: Sequence[tuple[bool, str, str]]) -> Iterator[Piece]:
    for same, was, now in runs:
        if same:
            yield Piece("同", was)
            continue
        if was:
            yield Piece("删", was)
        if now:
            yield Piece("增", now)


# -- whole documents -------------------------------------------------------------------------

#: What is known of an article beside its text; how it stands today is another matter than what it says.
_FIELDS = {**ARTICLE_FIELDS, "status": "文中所说效力"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """修订: an article in two versions of a source; one of them is None where it came or went.

    ``fields`` are ``(name in Chinese, old value, new value)`` of what differs beside the text.
    """

    old: Article | None
    new: Article | None
    fields: tuple[tuple[str, str, str], ...]
    differences: tuple[Difference, ...]

    @property
    def title(self) -> str:
        article = self.new or self.old
        return article.title if article and article.title else "未命名"


def revisions(old: Sequence[Article], new: Sequence[Article]) -> list[Revision]:
    """The articles of two versions, paired by title or by place, in the order of the new version."""
    partner = _paired(old, new)
    taken = {a.id for a in partner.values()}
    pairs: list[tuple[Article | None, Article | None]] = [(partner.get(b.id), b) for b in new]
    pairs += [(a, None) for a in old if a.id not in taken]
    return [
        Revision(
            old=a,
            new=b,
            fields=tuple(_fields(a, b)) if a and b else (),
            differences=tuple(compare(a.text if a else "", b.text if b else "")),
        )
        for a, b in pairs
    ]


def _paired(old: Sequence[Article], new: Sequence[Article]) -> dict[str, Article]:
    """New id → old article: of the same title, in order; then, of as many left over, by place."""
    left = list(old)
    partner: dict[str, Article] = {}
    for article in new:
        same = next((a for a in left if a.title == article.title), None)
        if same:
            partner[article.id] = same
            left.remove(same)
    rest = [b for b in new if b.id not in partner]
    if len(rest) == len(left):
        partner |= {b.id: a for b, a in zip(rest, left, strict=True)}
    return partner


def _fields(old: Article, new: Article) -> Iterator[tuple[str, str, str]]:
    for name, called in _FIELDS.items():
        was, now = ("、".join(v) if isinstance(v := getattr(a, name), tuple) else str(v) for a in (old, new))
        if was != now:
            yield called, was, now
