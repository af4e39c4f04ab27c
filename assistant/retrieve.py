"""Legs that find passages, fused by rank, and put in order by what was learned."""

from collections.abc import Callable, Sequence

import numpy as np

from assistant.copies import Found, collapsed
from assistant.reranker import features, model
from assistant.types import Query
from corpus.store import Store
from corpus.types import Hit

#: Reciprocal rank fusion's constant. The usual 60 flattens the ranks: what both legs place
#: 30th would beat what one of them places first.
RRF_K = 5
#: The encoder understands everyday words and counts for more; see ``reranker/README.md``.
WEIGHTS = {"lexical": 1.0, "vector": 2.0}
#: So many of each leg are ordered anew.
CANDIDATES = 150
#: Of these, so many of the fused list, which bounds the time that the features take.
RERANKED = 160
#: The first of each leg are never cut off: a number or a name that only one leg can find.
KEPT = 3

Ranked = list[tuple[str, float]]
Leg = Callable[[Store, Query, int], Ranked]

LEGS: dict[str, Leg] = {
    "lexical": lambda store, query, k: store.search_lexical(query.text, k, query.filters),
    "vector": lambda store, query, k: store.search_vector(query.text, k, query.filters),
    "hybrid": lambda store, query, k: [(pid, score) for pid, score, _ in _first(_fused(store, query, k), k)],
    "reranked": lambda store, query, k: [(pid, score) for pid, score, _ in _reranked(store, query, k)],
}


def _both(store: Store, query: Query, k: int) -> dict[str, Ranked]:
    return {leg: LEGS[leg](store, query, k) for leg in WEIGHTS}


def _fused(store: Store, query: Query, k: int) -> list[Found]:
    return fuse({leg: [pid for pid, _ in found] for leg, found in _both(store, query, k).items()})


def fuse(ranked: dict[str, list[str]]) -> list[Found]:
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


def _reranked(store: Store, query: Query, k: int) -> list[Found]:
    """The k best of both legs' candidates, as the learned reranker orders them, best first."""
    return _first(_ordered(store, query, k), k)


def _ordered(store: Store, query: Query, k: int) -> list[Found]:
    """All candidates, k at least where there are so many, as the learned reranker orders them."""
    legs = _both(store, query, max(k, CANDIDATES))
    fused = fuse({leg: [pid for pid, _ in found] for leg, found in legs.items()})[: max(k, RERANKED)]
    reranker = model.shipped()
    ids, found = candidates(store, query, legs, fused, reranker.likes)
    ranks = {pid: by_leg for pid, _, by_leg in fused}
    scores = reranker.scores(features.matrix(_asked(store, query), found)).tolist()
    order = sorted(zip(ids, scores, strict=True), key=lambda item: -item[1])
    return [(pid, score, ranks[pid]) for pid, score in order]


def _first(ordered: list[Found], k: int) -> list[Found]:
    """The first k; where the first ``KEPT`` of a leg are not among them, they take
    places from the end, at most every second."""
    firm = sorted((i for i in ordered if min(i[2].values()) <= KEPT), key=lambda i: min(i[2].values()))
    chosen = {pid for pid, _, _ in firm[: k // 2]}
    others = [pid for pid, _, _ in ordered if pid not in chosen]
    chosen.update(others[: k - len(chosen)])
    return [item for item in ordered if item[0] in chosen]


def _asked(store: Store, query: Query) -> features.Asked:
    return features.asked(query.text, query.terms, store.word_weights, query.kind)


def candidates(
    store: Store, query: Query, legs: dict[str, Ranked], fused: Sequence[Found], likes: model.Likes
) -> tuple[list[str], list[features.Candidate]]:
    """The ids, and what the reranker sees of each; its nearness also for what only keywords found."""
    lexical = dict(legs["lexical"])
    texts = store.texts([pid for pid, _, _ in fused])
    near = _near(store, query, [pid for pid, _, _ in fused], likes)
    held = [(pid, ranks, *texts[pid]) for pid, _, ranks in fused if pid in texts]
    return [pid for pid, *_ in held], [
        features.Candidate(
            title=f"{title} {label}",
            text=text,
            lexical=lexical.get(pid, 0.0),
            lexical_rank=ranks.get("lexical", 0),
            near=near.get(pid, (0.0, 0.0, 0.0)),
            vector_rank=ranks.get("vector", 0),
        )
        for pid, ranks, title, label, text in held
    ]


def _near(
    store: Store, query: Query, ids: Sequence[str], likes: model.Likes
) -> dict[str, tuple[float, float, float]]:
    """``features.Candidate.near`` of each passage that has a vector."""
    held, vectors = store.vectors_of(ids)
    if not held:
        return {}
    asked = store.encode([query.text], prompt="query")[0]
    # The first quarter of the dimensions is trained to be useful alone (Matryoshka).
    narrow = len(asked) // 4
    part, own = vectors[:, :narrow], asked[:narrow]
    lengths = np.maximum(np.linalg.norm(part, axis=1) * np.linalg.norm(own), 1e-9)
    columns = np.stack([vectors @ asked, part @ own / lengths, likes.of(store.encoder_name, vectors)])
    return {pid: (row[0], row[1], row[2]) for pid, row in zip(held, columns.T.tolist(), strict=True)}


def retrieve(store: Store, query: Query, k: int = 60) -> list[Hit]:
    """The k best passages in the learned order; the first finds of each leg stay in.

    Reprints are collapsed: what several of them say is found once, in the copy that answers.
    """
    found = _ordered(store, query, k)
    # What the reader did not ask for must not come in by way of a reprint.
    here = {pid.rpartition("/")[0] for pid, _, _ in found}
    return store.hits(_first(collapsed(store, found, may_answer=lambda a: not query.filters or a in here), k))
