"""Which documents may amend, repeal or replace which: proposed with reasons, for a person to decide.

Signs are what a text says itself (同时废止, 关于修改…的决定), the number, the title without its
version and years, the issuer, and the share of common text (``reprints``). What somebody has
decided already (``links``), and copies of one document, are not proposed again.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.store import Store
from corpus.types import Article, Kind, LinkKind
from corpus.versions.standing import TITLE_CHARS, VERSIONS_MOST, changes, one_place, stem, turns
from corpus.words import fold

#: Kinds of which one document takes another's place; news and speeches only stand side by side.
RULES: frozenset[Kind] = frozenset({"法规", "办法", "通知", "其他"})
#: Share of common text (0–1) from which two documents with different titles may be versions of one.
ALIKE = 0.6
#: And from which next year's notice may be the same one with other numbers.
SAME_SERIES = 0.3
#: So many at most wait at a time: nobody decides more in one go, and each costs a look into the store.
WAITING = 100
_YEARS = re.compile(
    r"[（(]?(?:19|20)\d{2}\s*年?度?\s*(?:修订|修正|修改)?[版稿本]?[）)]?|(?:修订|修正|修改|正式|最新)[版稿本]"
)
_ISSUED = re.compile(r"(?:印发|发布|公布|下发|颁布)[^《》]{0,4}《([^》]+)》")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """建议: the newer article may amend, repeal or replace the older; ``reasons`` are in Chinese."""

    kind: LinkKind
    newer: Article
    older: Article
    reasons: tuple[str, ...]


class Proposals:
    """Looks for them in one store; titles and numbers are read once a revision."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revision = -1
        self._titled: dict[str, list[str]] = {}
        self._numbered: dict[str, list[str]] = {}
        self._replaced: dict[str, list[str]] = {}
        self._changing: dict[str, list[str]] = {}
        self._waiting: tuple[tuple[int, int], list[Proposal]] | None = None

    def _follow(self) -> None:
        revision = self._store.revision
        if revision == self._revision:
            return
        titles = self._store.titles()
        self._titled = _index((series(title), id_) for id_, title in titles)
        self._numbered = _index((fold(number), id_) for id_, number in self._store.numbers())
        named = [(id_, name) for id_, names in self._store.replacements() for name in names]
        self._replaced = _index((key, id_) for id_, name in named for key in {series(name), fold(name)})
        # Only what the title says: the texts of decisions on several documents are read for one at a time.
        told = [(id_, name) for id_, title in titles for _, name in changes(title, "")]
        self._changing = _index((series(name), id_) for id_, name in told)
        self._revision = revision

    def of(self, article: Article) -> list[Proposal]:
        """What is proposed for an article, held or only read so far, in both directions; the surest first."""
        self._follow()
        alike = dict(self._store.resembling(article))
        keys = [series(article.title), *(k for n in article.supersedes for k in (series(n), fold(n)))]
        keys += [series(name) for _, name in changes(article.title, article.text)]
        ids = dict.fromkeys(i for key in keys for i in self._few(self._titled, key))
        numbers = [fold(article.number), *map(fold, article.supersedes)]
        ids |= dict.fromkeys(i for n in numbers for i in self._few(self._numbered, n))
        for key in (series(article.title), fold(article.number)):
            ids |= dict.fromkeys((*self._few(self._replaced, key), *self._few(self._changing, key)))
        ids |= dict.fromkeys(i for i, share in alike.items() if share >= ALIKE)
        others = self._held([i for i in ids if i.split("/")[0] != article.source_id])
        found = self._judged([(article, other, alike.get(other.id, 0.0)) for other in others])
        return sorted(found, key=lambda p: -len(p.reasons))

    def waiting(self) -> list[Proposal]:
        """What is proposed in the whole store by titles, numbers and what texts say; at most ``WAITING``."""
        seen = (self._store.revision, self._store.links.version)
        if self._waiting is None or self._waiting[0] != seen:
            self._follow()
            self._waiting = (seen, self._found())
        return list(self._waiting[1])

    def _found(self) -> list[Proposal]:
        found: list[Proposal] = []
        seen: set[tuple[str, str]] = set()
        for ids in self._groups():
            held = sorted(self._held(ids), key=lambda a: (turns(a), _received(a)))
            pairs = [(b, a, self._store.resemblance(a.id, b.id)) for a, b in pairwise(held)]
            for proposal in self._judged(pairs):
                pair = (proposal.newer.id, proposal.older.id)
                if pair not in seen:
                    seen.add(pair)
                    found.append(proposal)
            if len(found) >= WAITING:
                break
        return found[:WAITING]

    def _groups(self) -> Iterator[list[str]]:
        """Ids of articles that have something to do with each other by what is known of them."""
        for name, ids in (*self._replaced.items(), *self._changing.items()):
            named = (*self._few(self._titled, name), *self._few(self._numbered, name))
            yield from ([i, other] for i in ids for other in named if other != i)
        for index in (self._numbered, self._titled):
            yield from (ids for ids in index.values() if 1 < len(ids) <= VERSIONS_MOST)

    @staticmethod
    def _few(index: dict[str, list[str]], key: str) -> Sequence[str]:
        """What stands under a key; nothing where so much does that it names no one document."""
        ids = index.get(key, [])
        return ids if len(ids) <= VERSIONS_MOST else []

    def _held(self, ids: Iterable[str]) -> list[Article]:
        return [a for i in dict.fromkeys(ids) if (a := self._store.article(i))]

    def _judged(self, pairs: Sequence[tuple[Article, Article, float]]) -> Iterator[Proposal]:
        ids = list({a.id for pair in pairs for a in pair[:2]})
        decided = {frozenset((link.newer, link.older)) for link in self._store.links.of(ids)}
        copies = {i: {a.id for a in found} for i, found in self._store.reprints(ids).items()}
        for one, other, alike in pairs:
            if frozenset((one.id, other.id)) in decided or other.id in copies.get(one.id, ()):
                continue
            if proposal := propose(one, other, alike):
                yield proposal


def propose(one: Article, other: Article, alike: float = 0.0) -> Proposal | None:
    """What may be between two articles, whichever is the newer; ``alike`` is the share of common text."""
    for newer, older in ((one, other), (other, one)):
        if told := _told(newer, older):
            kind, reason = told
            reasons = (reason, *_also(newer, older, alike))
            return Proposal(kind=kind, newer=newer, older=older, reasons=reasons)
    newer, older = newer_first(one, other)
    reasons = tuple(_signs(newer, older, alike))
    if not reasons:
        return None
    return Proposal(kind="替代", newer=newer, older=older, reasons=(*reasons, *_also(newer, older, alike)))


def newer_first(one: Article, other: Article) -> tuple[Article, Article]:
    """The two by their dates, or, where one has none or both the same, by when they were received."""
    dated = bool(turns(one) and turns(other))
    older, newer = sorted((one, other), key=lambda a: (turns(a) if dated else "", _received(a)))
    return newer, older


def series(title: str) -> str:
    """A title as all documents of its series share it: without version, years and 关于印发…的通知; ``""`` if short."""
    issued = _ISSUED.search(title)
    found = stem(_YEARS.sub("", stem(issued[1] if issued else title)))
    return found if len(found) >= TITLE_CHARS else ""


def _told(newer: Article, older: Article) -> tuple[LinkKind, str] | None:
    """What a text says itself of the other document."""
    if not one_place(newer, older):
        return None
    for verb, name in changes(newer.title, newer.text):
        if stem(name) == stem(older.title):
            kind: LinkKind = "废止" if verb == "废止" else "修改"
            return kind, f"《{newer.title}》写明{kind}《{name}》"
    if older.number and fold(older.number) in {fold(n) for n in newer.supersedes}:
        return "废止", f"正文写明{older.number}同时废止"
    named = next((n for n in newer.supersedes if stem(n) == stem(older.title)), "")
    return ("废止", f"正文写明《{named.strip('《》')}》同时废止") if named else None


def _signs(newer: Article, older: Article, alike: float) -> Iterator[str]:
    """Why the one may be a version of the other, as far as that alone is reason enough."""
    if not one_place(newer, older) or not {newer.kind, older.kind} <= RULES:
        return
    if newer.number and fold(newer.number) == fold(older.number):
        yield f"文号相同（{newer.number}）"
    if newer.issuer and older.issuer and fold(newer.issuer) != fold(older.issuer):
        return
    title = series(newer.title)
    if title and stem(newer.title) == stem(older.title):
        yield "标题相同" if newer.title == older.title else "标题相同，只差版本字样"
    elif title and title == series(older.title) and alike >= SAME_SERIES:
        yield "标题相同，只差年份、版本或“印发”字样"
    elif alike >= ALIKE:
        yield "标题不同，但内容相近"


def _also(newer: Article, older: Article, alike: float) -> Iterator[str]:
    if newer.issuer and fold(newer.issuer) == fold(older.issuer):
        yield f"发文机关相同（{newer.issuer}）"
    if alike >= SAME_SERIES:
        yield f"内容约有{alike:.0%}相同"
    if turns(older) and turns(newer) > turns(older):
        yield f"日期较新（{turns(newer)}，旧的是{turns(older)}）"


def _received(article: Article) -> int:
    """Sorts by when a source was received; what is not held yet comes last."""
    return int(article.source_id) if article.source_id.isdigit() else 2**62


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, id_ in pairs:
        if key and id_ not in (ids := found.setdefault(key, [])):
            ids.append(id_)
    return found
