"""Trains encoder and reranker and measures both: ``python -m assistant.reranker.train --data DIR --work DIR``.

Five-fold cross-validation: for each fold an encoder is trained without the fold's questions,
and what it says of these alone is learned from or measured. ``--work`` keeps what the pairs
taught, the encoders and the stores: a second run starts from them. Figures go to standard
output; with ``--ship`` the encoder that learned from all questions and the weights are put
where the program looks for them.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.reranker import features, model
from assistant.reranker.groups import (
    SEED,
    Group,
    encoder_of,
    law_groups,
    local_groups,
    news_groups,
    shipped_likes,
)
from assistant.retrieve import RERANKED
from corpus.encoder import folder, texts
from corpus.encoder.folds import FOLDS
from corpus.encoder.learning import Recipe
from corpus.encoder.measure import figures
from corpus.encoder.train import Prepared, asked_in_training, learned, prepare, told
from corpus.settings import BUNDLED_ENCODER

#: The first so many news and fragments of law are learned from; the reranker is measured on the others.
LEARNT = {"新闻": 1_500, "法规": 400}
#: What it counts that a score says how sure a find is, against that the order is right.
SURE = 0.3


def encoders(read: texts.Texts, work: Path) -> None:
    """Below ``work``: ``encoder``, which learned from all questions, and one without each fold's."""
    made: Prepared | None = None
    for fold in (None, *range(FOLDS)):
        target = encoder_of(work, fold)
        if not (target / "modules.json").exists():
            made = made or prepare(read, Recipe(), work, told())
            table = learned(made, told(), without=fold)
            folder.write(target, table, made.tokenizer, asked_in_training(read, made, fold))


def learn(
    law: Sequence[Group], others: Sequence[Group], *, hidden: int = 16, nets: int = 4, epochs: int = 12
) -> dict[str, features.Matrix]:
    """The networks' weights: cross entropy over each question's candidates (ListNet), and, for
    ``SURE`` of it, over these and "none of them", which scores 0.

    "None" is right where the right ones are taken away, for every second question. So a score
    says how sure a find is, and may be weighed against those of other questions.
    """
    import torch

    torch.set_num_threads(1)
    useful = [g for g in [*law, *others] if g.right.any() and not g.right.all()]
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
    law: Sequence[Sequence[Group]], others: dict[str, list[Group]], weights: dict[str, features.Matrix]
) -> dict[str, dict[str, list[float]]]:
    """Every figure on questions that neither encoder nor reranker learned from."""
    taught = _taught(others)
    seen: list[Group] = []
    for fold, groups in enumerate(law):
        rest = [g for own, some in enumerate(law) if own != fold for g in some]
        seen += reordered(groups, model.Reranker(learn(rest, taught)))
    shipped = model.Reranker(weights)
    measured_on = {"提问→法条": seen}
    measured_on |= {name: reordered(some[LEARNT[name] :], shipped) for name, some in others.items()}
    return {
        f"{name} {leg}": measured(groups, order)
        for name, groups in measured_on.items()
        for leg, order in _ORDERS.items()
    }


def _taught(others: dict[str, list[Group]]) -> list[Group]:
    return [g for name, some in others.items() for g in some[: LEARNT[name]]]


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
    others = {
        "新闻": news_groups(read, wanted.work, likes),
        "法规": local_groups(read, wanted.work, likes),
    }
    law = law_groups(read, wanted.work)
    weights = learn([g for groups in law for g in groups], _taught(others))
    model.save(wanted.work / model.WEIGHTS.name, weights, likes)
    if wanted.ship:
        shutil.copytree(encoder_of(wanted.work, None), BUNDLED_ENCODER, dirs_exist_ok=True)
        shutil.copy(wanted.work / model.WEIGHTS.name, model.WEIGHTS)
    sys.stdout.write(json.dumps(_report(law, others, weights), ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
