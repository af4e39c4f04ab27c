"""Legs that find passages, fused by rank."""

from collections.abc import Callable, Sequence

from assistant.types import Query
from corpus.store import Store
from corpus.types import Hit

#: Cormack et al.'s constant: ranks 1 and 10 differ, ranks 50 and 60 hardly do.
RRF_K = 60

Leg = Callable[[Store, Query, int], list[tuple[str, float]]]

LEGS: dict[str, Leg] = {
    "lexical": lambda store, query, k: store.search_lexical(query.text, k, query.filters),
    "vector": lambda store, query, k: store.search_vector(query.text, k, query.filters),
    "hybrid": lambda store, query, k: _hybrid(store, query, k),
}


def _hybrid(store: Store, query: Query, k: int) -> list[tuple[str, float]]:
    legs = ("lexical", "vector")
    ranked = {leg: [pid for pid, _ in LEGS[leg](store, query, k)] for leg in legs}
    return [(pid, score) for pid, score, _ in fuse(ranked)[:k]]


def fuse(ranked: dict[str, list[str]]) -> list[tuple[str, float, dict[str, int]]]:
    """Reciprocal rank fusion: ``(passage_id, score, rank in each leg)``, best first."""
    ranks: dict[str, dict[str, int]] = {}
    for leg, ids in ranked.items():
        for rank, passage_id in enumerate(ids, 1):
            ranks.setdefault(passage_id, {})[leg] = rank
    fused = [(pid, sum(1 / (RRF_K + r) for r in by_leg.values()), by_leg) for pid, by_leg in ranks.items()]
    return sorted(fused, key=lambda item: (-item[1], item[0]))


def retrieve(
    store: Store, query: Query, k: int = 60, legs: Sequence[str] = ("lexical", "vector")
) -> list[Hit]:
    """The k best passages over the legs named, fused by rank; a lone find of one leg stays in."""
    ranked = {leg: [pid for pid, _ in LEGS[leg](store, query, k)] for leg in legs}
    return store.hits(fuse(ranked)[:k])
