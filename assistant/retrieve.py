"""Legs that find passages, fused by rank, and put in order by what was learned."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.reranker import features, model
from assistant.types import Query
from corpus.store import Store
from corpus.types import Hit

#: Reciprocal rank fusion's constant. The usual 60 flattens the ranks: what both legs place
#: 30th would beat what one of them places first.
RRF_K = 10
#: The encoder understands everyday words and counts for more; see ``reranker/README.md``.
WEIGHTS = {"lexical": 1.0, "vector": 2.0}
#: So many of each leg are ordered anew.
CANDIDATES = 150
#: The first of each leg are never cut off: a number or a name that only one leg can find.
KEPT = 3

Ranked = list[tuple[str, float]]
Leg = Callable[[Store, Query, int], Ranked]

LEGS: dict[str, Leg] = {
    "lexical": lambda store, query, k: store.search_lexical(query.text, k, query.filters),
    "vector": lambda store, query, k: store.search_vector(query.text, k, query.filters),
    "hybrid": lambda store, query, k: [(pid, score) for pid, score, _ in _fused(store, query, k)[:k]],
    "reranked": lambda store, query, k: [(hit.passage.id, hit.score) for hit in reranked(store, query, k)],
}


def _both(store: Store, query: Query, k: int) -> dict[str, Ranked]:
    return {leg: LEGS[leg](store, query, k) for leg in WEIGHTS}


def _fused(store: Store, query: Query, k: int) -> list[tuple[str, float, dict[str, int]]]:
    return fuse({leg: [pid for pid, _ in found] for leg, found in _both(store, query, k).items()})


def fuse(ranked: dict[str, list[str]]) -> list[tuple[str, float, dict[str, int]]]:
    """Reciprocal rank fusion: ``(passage_id, score, rank in each leg)``, best first."""
    ranks: dict[str, dict[str, int]] = {}
    for leg, ids in ranked.items():
        for rank, passage_id in enumerate(ids, 1):
            ranks.setdefault(passage_id, {})[leg] = rank
    fused = [
        (pid, sum(WEIGHTS.get(leg, 1.0) / (RRF_K + r) for leg, r in by_leg.items()), by_leg)
        for pid, by_leg in ranks.items()
    ]
    return sorted(fused, key=lambda item: (-item[1], item[0]))


def reranked(store: Store, query: Query, k: int) -> list[Hit]:
    """The k best of both legs' candidates, as the learned reranker orders them, best first.

    The first ``KEPT`` of each leg are always among them (where k allows it).
    """
    legs = _both(store, query, max(k, CANDIDATES))
    hits = store.hits(fuse({leg: [pid for pid, _ in found] for leg, found in legs.items()}))
    if not hits:
        return []
    rows = features.matrix(_asked(store, query), candidates(store, query, legs, hits))
    scores = model.shipped().scores(rows).tolist()
    order = sorted(range(len(hits)), key=lambda i: (-scores[i], i))
    firm = [i for i in order if min(hits[i].ranks.values()) <= KEPT][:k]
    chosen = set(firm) | set([i for i in order if i not in set(firm)][: k - len(firm)])
    return [replace(hits[i], score=scores[i]) for i in order if i in chosen]


def _asked(store: Store, query: Query) -> features.Asked:
    return features.asked(query.text, query.terms, store.word_weights, query.kind)


def candidates(
    store: Store, query: Query, legs: dict[str, Ranked], hits: Sequence[Hit]
) -> list[features.Candidate]:
    """What the reranker sees of each hit; a cosine also for what only the keywords found."""
    lexical = dict(legs["lexical"])
    cosine = dict(legs["vector"])
    cosine |= store.cosines(query.text, [h.passage.id for h in hits if h.passage.id not in cosine])
    return [
        features.Candidate(
            title=f"{hit.article.title} {hit.passage.label}",
            text=hit.passage.text,
            lexical=lexical.get(hit.passage.id, 0.0),
            lexical_rank=hit.ranks.get("lexical", 0),
            cosine=cosine.get(hit.passage.id, 0.0),
            vector_rank=hit.ranks.get("vector", 0),
        )
        for hit in hits
    ]


def retrieve(
    store: Store, query: Query, k: int = 60, legs: Sequence[str] = ("lexical", "vector")
) -> list[Hit]:
    """The k best passages over the legs named, fused by rank; a lone find of one leg stays in."""
    ranked = {leg: [pid for pid, _ in LEGS[leg](store, query, k)] for leg in legs}
    return store.hits(fuse(ranked)[:k])
