"""Trains encoder and reranker and measures both: ``python -m assistant.reranker.train --data DIR --work DIR``.

Five-fold cross-validation: for each fold an encoder is trained without the fold's questions,
and what it says of these alone is learned from or measured. ``--work`` keeps what the pairs
taught, the encoders and the stores: a second run starts from them. Figures go to standard
output; with ``--ship`` the encoder that learned from all questions and the weights are put
where the program looks for them.
"""

import argparse
import json
import random
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from assistant.question.understand import understand
from assistant.reranker import features, model
from assistant.retrieve import CANDIDATES, LEGS, RERANKED, candidates, fuse
from assistant.types import Query
from corpus.encoder import folder, texts
from corpus.encoder.folds import FOLDS, folds_of
from corpus.encoder.learning import Recipe
from corpus.encoder.measure import figures
from corpus.encoder.train import Prepared, asked_in_training, learned, prepare, told
from corpus.settings import BUNDLED_ENCODER
from corpus.store import Store
from corpus.types import Article, Passage, Source

SEED = Recipe().seed
#: News of which the reranker learns, and news it is measured on.
NEWS_LEARNT, NEWS_MEASURED = 1_500, 1_000
#: What it counts that a score says how sure a find is, against that the order is right.
SURE = 0.3
_ROWS_A_SOURCE = 5_000
#: A body is read up to here: passages of the product are no longer.
_BODY = 600


@dataclass(frozen=True, slots=True)
class Group:
    """One question: features of its candidates, which of them are right, how many there are.

    ``orders`` holds the candidates' places in each leg, best first (to measure the legs);
    ``missing`` are the features of the others where no right one stands in the store.
    """

    rows: features.Matrix
    missing: features.Matrix
    right: np.ndarray
    wanted: int
    orders: dict[str, list[int]]


def encoders(read: texts.Texts, work: Path) -> None:
    """Below ``work``: ``encoder``, which learned from all questions, and one without each fold's."""
    made: Prepared | None = None
    for fold in (None, *range(FOLDS)):
        target = _encoder(work, fold)
        if not (target / "modules.json").exists():
            made = made or prepare(read, Recipe(), work, told())
            table = learned(made, told(), without=fold)
            folder.write(target, table, made.tokenizer, asked_in_training(read, made, fold))


def _encoder(work: Path, fold: int | None) -> Path:
    return work / ("encoder" if fold is None else f"encoder{fold}")


def filled(directory: Path, rows: Sequence[tuple[str, str]], encoder: Path) -> Store:
    """A store of ``(title, text)`` rows, one passage each, filled once. Row r, from 0, is
    article ``{r // 5000 + 1}/{r % 5000 + 1}``."""
    store = Store.open(directory, encoder=str(encoder))
    if store.counts().passages == len(rows):
        return store
    with store.writing() as writer:
        for start in range(0, len(rows), _ROWS_A_SOURCE):
            part = rows[start : start + _ROWS_A_SOURCE]
            writer.put(*_source(str(start // _ROWS_A_SOURCE + 1), part))
    return store


def _source(
    number: str, rows: Sequence[tuple[str, str]]
) -> tuple[Source, list[Article], list[Passage], bytes]:
    data = json.dumps(list(rows), ensure_ascii=False).encode()
    articles = [
        Article(id=f"{number}/{n}", source_id=number, ordinal=n, title=title, text=text)
        for n, (title, text) in enumerate(rows, 1)
    ]
    passages = [
        Passage(id=f"{a.id}/1", article_id=a.id, ordinal=1, start=0, end=len(a.text), text=a.text)
        for a in articles
    ]
    source = Source(
        id=number,
        name=number,
        origin=number,
        sha256=sha256(data).hexdigest(),
        media_type="application/json",
        bytes=len(data),
        received_at="2026-01-01T00:00:00+00:00",
    )
    return source, articles, passages, data


class _Elsewhere:
    """A store whose vectors come from a fold's encoder instead of its own."""

    def __init__(self, store: Store, encoder: Store, vectors: np.ndarray) -> None:
        self._store, self._encoder, self._vectors = store, encoder, vectors

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @property
    def encoder_name(self) -> str:
        return self._encoder.encoder_name

    def encode(self, some: Sequence[str], *, prompt: Any) -> np.ndarray:
        return self._encoder.encode(some, prompt=prompt)

    def search_vector(self, text: str, k: int, filters: object) -> list[tuple[str, float]]:
        scores = self._vectors @ self.encode([text], prompt="query")[0]
        best = np.argpartition(-scores, k)[:k]
        best = best[np.argsort(-scores[best], kind="stable")]
        return [(_passage_id(row), float(scores[row])) for row in best.tolist()]

    def vectors_of(self, passage_ids: Sequence[str]) -> tuple[list[str], np.ndarray]:
        return list(passage_ids), self._vectors[[_row(id_) for id_ in passage_ids]]


def _passage_id(row: int) -> str:
    return f"{row // _ROWS_A_SOURCE + 1}/{row % _ROWS_A_SOURCE + 1}/1"


def _row(passage_id: str) -> int:
    source, article, _ = map(int, passage_id.split("/"))
    return (source - 1) * _ROWS_A_SOURCE + article - 1


def group(store: Any, question: str, gold: Sequence[int], likes: model.Likes) -> Group:
    """The candidates of a question and what is known of them."""
    query: Query = understand(question, store)
    legs = {leg: LEGS[leg](store, query, CANDIDATES) for leg in ("lexical", "vector")}
    ranked = {leg: [id_ for id_, _ in found] for leg, found in legs.items()}
    ids, found = candidates(store, query, legs, fuse(ranked), likes)
    asked = features.asked(query.text, query.terms, store.word_weights, query.kind)
    at = {id_: n for n, id_ in enumerate(ids)}
    right = np.array([_row(id_) in set(gold) for id_ in ids])
    orders = {leg: [at[id_] for id_ in best] for leg, best in ranked.items()}
    others = [one for one, is_right in zip(found, right, strict=True) if not is_right]
    missing = features.matrix(asked, others)
    return Group(features.matrix(asked, found), missing, right, len(set(gold)), orders)


def law_groups(read: texts.Texts, work: Path) -> list[list[Group]]:
    """For each fold a group for each question, seen by the encoder that does not know it."""
    rows = [(f"{c.law}{c.article}", c.text) for c in read.national]
    folds = folds_of([q.text for q in read.questions], SEED)
    groups = []
    with filled(work / "statutes", rows, BUNDLED_ENCODER) as store:
        for fold in range(FOLDS):
            with _reader(work, fold) as encoder:
                vectors = encoder.encode([f"{title}\n{text}" for title, text in rows])
                likes = _likes(encoder, vectors, read, folds != fold)
                seen = _Elsewhere(store, encoder, vectors)
                asked = [q for q, own in zip(read.questions, folds, strict=True) if own == fold]
                groups.append([group(seen, q.text, q.gold, likes) for q in asked])
            sys.stderr.write(f"fold {fold + 1}/{FOLDS}\n")
    return groups


def shipped_likes(read: texts.Texts, work: Path) -> model.Likes:
    """What people ask about, in vectors of the encoder that learned from all questions."""
    with _reader(work, None) as encoder:
        vectors = encoder.encode([f"{c.law}{c.article}\n{c.text}" for c in read.national])
        return _likes(encoder, vectors, read, np.ones(len(read.questions), bool))


def _reader(work: Path, fold: int | None) -> Store:
    # A store of one empty passage reads the encoder and knows its name.
    return filled(work / f"reader-{fold}", [("", "")], _encoder(work, fold))


def _likes(store: Store, vectors: np.ndarray, read: texts.Texts, learnt: np.ndarray) -> model.Likes:
    about = [at for q, own in zip(read.questions, learnt, strict=True) if own for at in q.gold]
    return model.likes(store.encoder_name, vectors, about)


def news_groups(read: texts.Texts, work: Path, likes: model.Likes) -> list[Group]:
    """Headline → report without it; brief without its rarest word → report with its headline.

    From news that no encoder was trained on.
    """
    news = [n for n in read.held_out_news if len(n.title) >= 6 and len(n.brief) >= 12 and len(n.body) >= 40]
    rows = [("" if n % 2 else item.title, item.body[:_BODY]) for n, item in enumerate(news)]
    groups = []
    with filled(work / "news", rows, _encoder(work, None)) as store:
        for n in random.Random(SEED).sample(range(len(news)), NEWS_LEARNT + NEWS_MEASURED):  # noqa: S311
            asked = news[n].title if n % 2 else _without_rarest(news[n].brief[:60], store)
            groups.append(group(store, asked, [n], likes))
    return groups


def _without_rarest(text: str, store: Store) -> str:
    weights = store.word_weights(store.words(text))
    return text.replace(max(weights, key=lambda w: (weights[w], w)), "") if weights else text


def learn(
    law: Sequence[Group], news: Sequence[Group], *, hidden: int = 16, nets: int = 4, epochs: int = 12
) -> dict[str, features.Matrix]:
    """The networks' weights: cross entropy over each question's candidates (ListNet), and, for
    ``SURE`` of it, over these and "none of them", which scores 0.

    "None" is right where the right ones are taken away, for every second question. So a score
    says how sure a find is, and may be weighed against those of other questions.
    """
    import torch

    torch.set_num_threads(1)
    useful = [g for g in [*law, *news] if g.right.any() and not g.right.all()]
    everything = np.concatenate([g.rows for g in useful])
    mean, scale = everything.mean(0), everything.std(0) + 1e-3
    asked = [(g.rows, g.right) for g in useful]
    asked += [(g.missing, np.zeros(len(g.missing), bool)) for g in useful[::2]]
    lists = _padded(torch, [((rows - mean) / scale, right) for rows, right in asked])
    layers = [_network(torch, lists, hidden, epochs, SEED + n) for n in range(nets)]
    stacked = {
        name: np.stack([layer[name] for layer in layers]).astype(np.float32)
        for name in ("first", "bias", "second")
    }
    return {"mean": mean.astype(np.float32), "scale": scale.astype(np.float32), **stacked}


def _padded(torch: Any, lists: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[Any, Any, Any]:
    """Features ``(questions, most candidates, f)``; ``(questions, 1 + most)``, "none" first: which
    may be chosen, which are right."""
    most = max(len(right) for _, right in lists)
    rows = np.zeros((len(lists), most, len(features.NAMES)), np.float32)
    held, wanted = np.zeros((2, len(lists), 1 + most), bool)
    for at, (some, right) in enumerate(lists):
        rows[at, : len(right)], held[at, : 1 + len(right)] = some, True
        wanted[at, : 1 + len(right)] = [not right.any(), *right]
    return torch.from_numpy(rows), torch.from_numpy(held), torch.from_numpy(wanted)


def _network(
    torch: Any, lists: tuple[Any, Any, Any], hidden: int, epochs: int, seed: int
) -> dict[str, np.ndarray]:
    torch.manual_seed(seed)
    rows, held, wanted = lists
    net = torch.nn.Sequential(
        torch.nn.Linear(len(features.NAMES), hidden),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.1),
        torch.nn.Linear(hidden, 1, bias=False),
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.003, weight_decay=0.01)
    steps = epochs * -(-len(rows) // 16)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.006, total_steps=steps)
    for _ in range(epochs):
        for some in torch.randperm(len(rows)).split(16):
            # "None of them" comes first, scores 0, and is right where no candidate is.
            scores = torch.nn.functional.pad(net(rows[some]).squeeze(2), (1, 0))
            scores = scores.masked_fill(~held[some], -torch.inf)
            right = scores.masked_fill(~wanted[some], -torch.inf).logsumexp(1)
            order = (scores[:, 1:].logsumexp(1) - right) * ~wanted[some, 0]
            sure = scores.logsumexp(1) - right
            optimizer.zero_grad()
            (order + SURE * sure).mean().backward()
            optimizer.step()
            schedule.step()
    return {
        "first": net[0].weight.detach().numpy().T.copy(),
        "bias": net[0].bias.detach().numpy().copy(),
        "second": net[3].weight.detach().numpy()[0].copy(),
    }


def reordered(groups: Sequence[Group], reranker: model.Reranker) -> list[Group]:
    """The groups with one order more, ``reranked``: of as many candidates as the program reranks."""
    return [replace(g, orders={**g.orders, "reranked": _reranked(g, reranker)}) for g in groups]


def _reranked(g: Group, reranker: model.Reranker) -> list[int]:
    first = np.array(rank_fused(g, 5, 1, 2)[:RERANKED])
    return first[np.argsort(-reranker.scores(g.rows[first]), kind="stable")].tolist()


def measured(groups: Sequence[Group], order: Callable[[Group], list[int]]) -> dict[str, list[float]]:
    """R@1, R@10, R@100, MRR@10, nDCG@10, each with the ends of its 95 % interval (bootstrap over
    the questions); articles that no leg found count as missed."""
    each = []
    for g in groups:
        places = order(g)[:100]
        missed = range(1_000_000, 1_000_000 + g.wanted - int(g.right.sum()))
        found = np.full((1, 100), -1)
        found[0, : len(places)] = places
        each.append(figures(found, [[*np.flatnonzero(g.right).tolist(), *missed]]))
    values = {name: np.array([one[name] for one in each]) for name in each[0]}
    drawn = np.random.default_rng(SEED).integers(0, len(each), (1_000, len(each)))
    return {
        name: [round(float(x), 4) for x in (v.mean(), *np.percentile(v[drawn].mean(1), (2.5, 97.5)))]
        for name, v in values.items()
    }


def rank_fused(g: Group, k: float, lexical: float, vector: float) -> list[int]:
    """Places by reciprocal rank fusion with these constants."""
    scores = np.zeros(len(g.rows))
    for leg, share in (("lexical", lexical), ("vector", vector)):
        for rank, place in enumerate(g.orders[leg], 1):
            scores[place] += share / (k + rank)
    return np.argsort(-scores, kind="stable").tolist()


def _report(
    law: Sequence[Sequence[Group]], news: Sequence[Group], weights: dict[str, features.Matrix]
) -> dict[str, dict[str, list[float]]]:
    """Every figure on questions that neither encoder nor reranker learned from."""
    measured_law: list[Group] = []
    for fold, groups in enumerate(law):
        others = [g for own, some in enumerate(law) if own != fold for g in some]
        measured_law += reordered(groups, model.Reranker(learn(others, news[:NEWS_LEARNT])))
    measured_news = reordered(news[NEWS_LEARNT:], model.Reranker(weights))
    return {
        f"{name} {leg}": measured(groups, order)
        for name, groups in (("提问→法条", measured_law), ("新闻", measured_news))
        for leg, order in _ORDERS.items()
    }


_ORDERS: dict[str, Callable[[Group], list[int]]] = {
    "lexical": lambda g: g.orders["lexical"],
    "vector": lambda g: g.orders["vector"],
    "RRF 60 1:1": lambda g: rank_fused(g, 60, 1, 1),
    "RRF 5 1:2 (hybrid)": lambda g: rank_fused(g, 5, 1, 2),
    "reranked": lambda g: g.orders["reranked"],
}


def main(argv: list[str] | None = None) -> int:
    """Trains, measures by cross-validation, writes the weights of a run over everything."""
    parser = argparse.ArgumentParser(prog="python -m assistant.reranker.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training data")
    parser.add_argument("--work", type=Path, required=True, help="folder for stores and encoders")
    parser.add_argument("--ship", action="store_true", help="replace the bundled encoder and weights")
    wanted = parser.parse_args(argv)
    wanted.work.mkdir(parents=True, exist_ok=True)
    read = texts.read(wanted.data, seed=SEED)
    encoders(read, wanted.work)
    likes = shipped_likes(read, wanted.work)
    news = news_groups(read, wanted.work, likes)
    law = law_groups(read, wanted.work)
    weights = learn([g for groups in law for g in groups], news[:NEWS_LEARNT])
    model.save(wanted.work / model.WEIGHTS.name, weights, likes)
    if wanted.ship:
        shutil.copytree(_encoder(wanted.work, None), BUNDLED_ENCODER, dirs_exist_ok=True)
        shutil.copy(wanted.work / model.WEIGHTS.name, model.WEIGHTS)
    sys.stdout.write(json.dumps(_report(law, news, weights), ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
