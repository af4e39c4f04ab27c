"""Legs that find passages, fused by rank, and put in order by what was learned."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from assistant.copies import Found, collapsed
from assistant.reranker import explain, features, model
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
#: So many of the first are read anew by a slow reranker where one is configured.
READ = 50


class PairReader(Protocol):
    """Reads question and passage together; slow, and often better than features."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers; comparable within one question."""


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
    scores: dict[str, float] = {}
    for leg, ids in ranked.items():
        share = WEIGHTS.get(leg, 1.0)
        for rank, passage_id in enumerate(ids, 1):
            ranks.setdefault(passage_id, {})[leg] = rank
            scores[passage_id] = scores.get(passage_id, 0.0) + share / (RRF_K + rank)
    order = sorted((-score, passage_id) for passage_id, score in scores.items())
    return [(passage_id, -score, ranks[passage_id]) for score, passage_id in order]


def _reranked(store: Store, query: Query, k: int) -> list[Found]:
    """The k best of both legs' candidates, as the learned reranker orders them, best first."""
    return _first(_ordered(_seen(store, query, k)), k)


def _ordered(seen: "_Seen") -> list[Found]:
    """All candidates as the learned reranker orders them."""
    order = sorted(zip(seen.ids, seen.scores, strict=True), key=lambda item: -item[1])
    return [(pid, score, seen.ranks[pid]) for pid, score in order]


class _Seen(NamedTuple):
    """The candidates of a question, each with its features (a row of ``rows``) and score."""

    ids: list[str]
    rows: features.Matrix
    scores: list[float]
    #: By leg, of those and maybe of others.
    ranks: dict[str, dict[str, int]]


def _seen(store: Store, query: Query, k: int) -> _Seen:
    legs = _both(store, query, max(k, CANDIDATES))
    fused = fuse({leg: [pid for pid, _ in found] for leg, found in legs.items()})[: max(k, RERANKED)]
    reranker = model.shipped()
    ids, found = candidates(store, query, legs, fused, reranker.likes)
    rows = features.matrix(_asked(store, query), found)
    ranks = {pid: by_leg for pid, _, by_leg in fused}
    return _Seen(ids, rows, reranker.scores(rows).tolist(), ranks)


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
    encoder = store.encoder_name
    held, vectors = store.vectors_of(ids)
    if not held:
        return {}
    asked = store.encode([query.text], prompt="query")[0]
    if store.encoder_name != encoder:  # all vectors were replaced meanwhile
        return _near(store, query, ids, likes)
    # The first quarter of the dimensions is trained to be useful alone (Matryoshka).
    narrow = len(asked) // 4
    part, own = vectors[:, :narrow], asked[:narrow]
    lengths = np.maximum(np.linalg.norm(part, axis=1) * np.linalg.norm(own), 1e-9)
    columns = np.stack([vectors @ asked, part @ own / lengths, likes.of(encoder, vectors)])
    return {pid: (row[0], row[1], row[2]) for pid, row in zip(held, columns.T.tolist(), strict=True)}


def retrieve(store: Store, query: Query, k: int = 60, *, reader: PairReader | None = None) -> list[Hit]:
    """The k best passages in the learned order; the first finds of each leg stay in.

    Reprints are collapsed: what several of them say is found once, in the copy that answers.
    With a ``reader`` it puts the first ``READ`` in order.
    """
    found = _collapsed(store, query, _ordered(_seen(store, query, k)))
    if reader is not None:
        found = _read(store, query, found, reader)
    return store.hits(_first(found, k))


def explained(store: Store, query: Query, k: int = 60) -> list[tuple[Hit, explain.Explanation]]:
    """What ``retrieve`` finds without a reader, and why each stands where it does.

    A copy that answers in the place of a reprint is explained by the reprint that was found.
    """
    seen = _seen(store, query, k)
    told = explain.explanations(model.shipped(), seen.rows)
    by_score = dict(zip(seen.scores, told, strict=True))
    by_place = dict(zip(zip(seen.ids, seen.scores, strict=True), told, strict=True))
    hits = store.hits(_first(_collapsed(store, query, _ordered(seen)), k))
    return [(hit, by_place.get((hit.passage.id, hit.score)) or by_score[hit.score]) for hit in hits]


def _collapsed(store: Store, query: Query, found: Sequence[Found]) -> list[Found]:
    # What the reader did not ask for must not come in by way of a reprint.
    here = {pid.rpartition("/")[0] for pid, _, _ in found}
    return collapsed(store, found, may_answer=lambda a: not query.filters or a in here)


def _read(store: Store, query: Query, found: list[Found], reader: PairReader) -> list[Found]:
    """The first ``READ`` by what the reader says of them, in front of the others; of each the new score."""
    texts = store.texts([pid for pid, _, _ in found[:READ]])
    held = [item for item in found[:READ] if item[0] in texts]
    said = reader.scores(query.text, ["\n".join(filter(None, texts[pid])) for pid, _, _ in held])
    read = [(pid, score, ranks) for (pid, _, ranks), score in zip(held, said, strict=True)]
    read.sort(key=lambda item: -item[1])
    # Scores stay comparable within a list: what was not read is worse than all that was.
    below = min(said, default=0.0) - max((score for _, score, _ in found[READ:]), default=0.0)
    return read + [(pid, score + below, ranks) for pid, score, ranks in found[READ:]]
