"""What a search shows: of several passages that say the same one, of neighbours one, the others told.

For whoever reads a list. An answer is drafted from the hits themselves (``retrieve``).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from assistant.reranker.explain import Explanation
from assistant.retrieve import PairReader, explained, retrieve
from assistant.types import Query
from assistant.values import fold, values
from corpus.store import Store
from corpus.types import Article, Hit, Passage
from corpus.versions.standing import Register

Relation = Literal["转载", "相同", "其他版本"]

#: Share of common character pairs (Jaccard) from which two passages with the same numbers say the same.
ALIKE = 0.9
#: The same between two versions of a document that count their clauses differently.
VERSIONS_ALIKE = 0.6
#: Neighbours are joined up to so many characters: more is not read at a glance.
JOINED_CHARS = 1_200
#: So many hits are looked at for each find that is shown, and never fewer than that.
LOOKED_AT, LEAST = 3, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """What a find stands for as well; ``passage`` is None where a whole article is a reprint."""

    relation: Relation
    article: Article
    passage: Passage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """所见: a hit, its article's ``passages`` beside it that were found too, in order, and what else says it."""

    hit: Hit
    passages: tuple[Passage, ...]
    others: tuple[Other, ...] = ()

    @property
    def text(self) -> str:
        """The passages as the article has them, white space between them too."""
        if len(self.passages) == 1:
            return self.hit.passage.text
        return self.hit.article.text[self.passages[0].start : self.passages[-1].end]

    @property
    def label(self) -> str:
        """Where the passages stand: from the first one's label to the last one's, if both have one."""
        first, last = self.passages[0].label, self.passages[-1].label
        return f"{first}至{last}" if first and last and first != last else self.hit.passage.label


def find(
    store: Store,
    query: Query,
    k: int,
    *,
    day: str,
    register: Register | None = None,
    reader: PairReader | None = None,
) -> list[Find]:
    """The k best finds; of versions of one document the one that holds on the ``day`` (ISO).

    Whoever asks often keeps a ``register`` of the store: it reads all titles once.
    """
    hits = retrieve(store, query, max(LEAST, LOOKED_AT * k), reader=reader)
    return gathered(hits, register or Register(store), day, store.reprints, k)


def find_explained(store: Store, query: Query, k: int, *, day: str) -> list[tuple[Find, Explanation]]:
    """What ``find`` finds without a reader, and why the best hit of each has the score that it has."""
    told = explained(store, query, max(LEAST, LOOKED_AT * k))
    why = {hit.score: explanation for hit, explanation in reversed(told)}
    finds = gathered([hit for hit, _ in told], Register(store), day, store.reprints, k)
    return [(found, why[found.hit.score]) for found in finds]


def gathered(
    hits: Sequence[Hit],
    register: Register,
    day: str,
    reprints: Callable[[Sequence[str]], dict[str, list[Article]]],
    k: int,
) -> list[Find]:
    """The hits, in their order, with those that say the same and neighbours put together; k at most.

    A find stands where the best of its hits stood, and carries that hit's score and ranks.
    """
    kin = _Kin(register, day)
    shown = [_shown(same, kin) for same in _alike(hits, kin)]
    # A neighbour far down the list is none: no more are joined than it takes to fill the places.
    finds = next((f for n in range(k, len(shown)) if len(f := _joined(shown[:n])) >= k), _joined(shown))[:k]
    copies = reprints([f.hit.article.id for f in finds])
    return [
        replace(f, others=(*f.others, *_reprinted(f.hit.article, copies.get(f.hit.article.id, ()))))
        for f in finds
    ]


def _reprinted(article: Article, copies: Sequence[Article]) -> Iterator[Other]:
    return (Other(relation="转载", article=a, passage=None) for a in copies if a.id != article.id)


class _Kin:
    """How two hits are related, on a day; remembers what it was told of their articles."""

    def __init__(self, register: Register, day: str) -> None:
        self._register, self._day = register, day
        self._families: dict[str, set[str]] = {}

    def holds(self, hit: Hit) -> bool:
        return self._register.of(hit.article, self._day).holds

    def between(self, one: Hit, other: Hit) -> Relation | None:
        """Versions say the same place; what says the same elsewhere counts where both hold."""
        if one.article.id == other.article.id:
            return None
        share = _share(one.passage.text, other.passage.text)
        label = one.passage.label
        place = share >= VERSIONS_ALIKE or (label and label == other.passage.label)
        if place and other.article.id in self._family(one.article):
            return "其他版本"
        if share >= ALIKE and self.holds(one) and self.holds(other):
            return "相同" if _numbers(one.passage.text) == _numbers(other.passage.text) else None
        return None

    def told(self, shown: Hit, hit: Hit) -> Other:
        """A hit beside the one that is shown, to which it may be related by way of a third."""
        relation = self.between(shown, hit) or ("相同" if self.holds(hit) else "其他版本")
        article = self._register.listed(hit.article, self._day)
        return Other(relation=relation, article=article, passage=hit.passage)

    def _family(self, article: Article) -> set[str]:
        if article.id not in self._families:
            self._families[article.id] = {a.id for a in self._register.family(article)}
        return self._families[article.id]


def _alike(hits: Sequence[Hit], kin: _Kin) -> list[list[Hit]]:
    """Hits that say the same in other documents, also by way of a third; each group in the hits' order."""
    groups: list[list[Hit]] = []
    for hit in hits:
        near = [group for group in groups if any(kin.between(one, hit) for one in group)]
        joined = [one for group in near for one in group]
        groups = [g for g in groups if not any(g is n for n in near)]
        groups.append([*joined, hit])
    place = {hit.passage.id: n for n, hit in enumerate(hits)}
    groups = [sorted(group, key=lambda h: place[h.passage.id]) for group in groups]
    return sorted(groups, key=lambda group: place[group[0].passage.id])


def _share(one: str, other: str) -> float:
    here, there = _pairs(one), _pairs(other)
    return len(here & there) / max(1, len(here | there))


@lru_cache(maxsize=1024)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(a + b for a, b in pairwise(fold(text)))


def _numbers(text: str) -> list[tuple[str, str]]:
    return sorted((v.kind, str(v.value)) for v in values(text))


def _shown(same: Sequence[Hit], kin: _Kin) -> Find:
    """The first that holds, at the place of the best; the others attached."""
    shown = next(filter(kin.holds, same), same[0])
    others = tuple(kin.told(shown, hit) for hit in same if hit is not shown)
    shown = replace(shown, score=same[0].score, ranks=same[0].ranks)
    return Find(hit=shown, passages=(shown.passage,), others=others)


def _joined(finds: Sequence[Find]) -> list[Find]:
    """Finds of neighbouring passages of one article as one, at the place of the best."""
    runs: list[list[Find]] = []
    for one in sorted(finds, key=lambda f: (f.hit.article.id, f.hit.passage.ordinal)):
        last = runs[-1] if runs else []
        if last and _neighbours(last, one):
            last.append(one)
        else:
            runs.append([one])
    place = {id(one): n for n, one in enumerate(finds)}
    found = []
    for run in runs:
        best = min(run, key=lambda f: place[id(f)])
        whole = replace(
            best,
            passages=tuple(f.hit.passage for f in run),
            others=tuple(other for f in run for other in f.others),
        )
        found.append((place[id(best)], whole))
    return [one for _, one in sorted(found, key=lambda item: item[0])]


def _neighbours(run: Sequence[Find], one: Find) -> bool:
    first, last, own = run[0].hit, run[-1].hit, one.hit
    return (
        own.article.id == last.article.id
        and own.passage.ordinal == last.passage.ordinal + 1
        and own.passage.end - first.passage.start <= JOINED_CHARS
    )
