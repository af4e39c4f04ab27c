"""Trains the reader: ``python -m assistant.reader.train --data DIR --store STORE [--probes FILE…] [--questions N] [--ship]``.

``--data`` holds the news (``pairs.py``), ``--probes`` questions with passages that people wrote, as
``python -m eval probes`` makes them of the shipped sets: they count PROBED times. Of the news nine
questions in ten are learned from, the tenth part says where the threshold lies and how good the
reader is; figures go to standard output. With ``--ship`` the weights are put where the program
looks for them.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.likeness import Encodes
from assistant.question.parts import parts_of
from assistant.reader import features, model
from assistant.reader.asked import asked
from assistant.reader.pairs import Read, read
from assistant.values import fold
from corpus.store import Store

NETS, HIDDEN, EPOCHS, BATCH, RATE, DECAY = 4, 16, 16, 64, 3e-3, 2e-3
SEED = 5


#: How often a question that a person wrote counts beside one made of news.
PROBED = 3


@dataclass(frozen=True, slots=True)
class Example:
    """One question: what is seen of its units ``(u, f)``, and which of them hold the answer ``(u,)``."""

    rows: features.Matrix
    right: np.ndarray


def example(one: Read, encoder: Encodes) -> Example | None:
    """A question's example; None where no unit of what should answer it holds the answer."""
    question = parts_of(one.question)[0]
    found, rows = features.read(asked(question), one.passages)
    if not found:
        return None
    answer = "".join(one.answer.split()).lower()
    right = np.array([bool(answer) and answer in u.said for u in found])
    if one.answer and not right.any():
        return None
    vectors = encoder.encode([u.said for u in found], prompt="passage")
    cosines = vectors @ encoder.encode([question.text], prompt="query")[0]
    return Example(features.with_likeness(rows, cosines), right)


def probed(path: Path, encoder: Encodes) -> Iterator[Example]:
    """The examples of a file of probes: right are the units that hold one of a case's facts."""
    for line in path.read_text(encoding="utf8").splitlines():
        row = json.loads(line)
        if not row.get("passages") or row.get("outcome") == "conflict" or row.get("must_not"):
            continue
        one = example(Read(row["question"], "", tuple(row["passages"])), encoder)
        if one is None:
            continue
        found, _ = features.read(asked(parts_of(row["question"])[0]), row["passages"])
        facts = [fold(f) for group in row.get("must", ()) for f in group]
        right = np.array([any(f in u.said for f in facts) for u in found], bool)
        if right.any() or row.get("answerable") is False:
            yield Example(one.rows, right)


class _Batches:
    """Examples padded to one length."""

    def __init__(self, examples: Sequence[Example], mean: np.ndarray, scale: np.ndarray) -> None:
        longest = max(len(e.rows) for e in examples)
        self.rows = np.zeros((len(examples), longest, len(features.NAMES)), np.float32)
        self.held = np.zeros((len(examples), longest), bool)
        self.right = np.zeros((len(examples), longest), bool)
        for n, e in enumerate(examples):
            self.rows[n, : len(e.rows)] = np.clip((e.rows - mean) / scale, -5, 5)
            self.held[n, : len(e.rows)] = True
            self.right[n, : len(e.rows)] = e.right
        self.none = np.asarray(~self.right.any(1))


def learn(examples: Sequence[Example], seed: int = SEED) -> dict[str, np.ndarray]:
    """Weights by Adam (Kingma & Ba 2015) on −ln of the share of the right units, or of none."""
    rows = np.concatenate([e.rows for e in examples])
    mean, scale = rows.mean(0), np.maximum(rows.std(0), 1e-3)
    data = _Batches(examples, mean, scale)
    nets = [_net(data, np.random.default_rng(seed + n)) for n in range(NETS)]
    stacked = {name: np.stack([net[name] for net in nets]) for name in nets[0]}
    return {"mean": mean, "scale": scale, "threshold": np.array([0.5]), **stacked}


def _net(data: _Batches, dice: np.random.Generator) -> dict[str, np.ndarray]:
    f = data.rows.shape[2]
    net = {
        "first": (dice.standard_normal((f, HIDDEN)) / np.sqrt(f)).astype(np.float32),
        "bias": np.zeros(HIDDEN, np.float32),
        "second": (dice.standard_normal(HIDDEN) / np.sqrt(HIDDEN)).astype(np.float32),
        "last": np.array(-2.0, np.float32),
    }
    moments = {name: (np.zeros_like(v), np.zeros_like(v)) for name, v in net.items()}
    steps = 0
    for epoch in range(EPOCHS):
        order = dice.permutation(len(data.rows))
        for start in range(0, len(order), BATCH):
            steps += 1
            gradients = _gradients(net, data, order[start : start + BATCH])
            rate = RATE * (1 - epoch / EPOCHS)
            for name, g in gradients.items():
                g = g + DECAY * net[name] * (name in ("first", "second"))
                m, v = moments[name]
                m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                moments[name] = m, v
                step = m / (1 - 0.9**steps) / (np.sqrt(v / (1 - 0.999**steps)) + 1e-8)
                net[name] = (net[name] - rate * step).astype(np.float32)
    return net


def _gradients(net: dict[str, np.ndarray], data: _Batches, chosen: np.ndarray) -> dict[str, np.ndarray]:
    rows, held, right = data.rows[chosen], data.held[chosen], data.right[chosen]
    hidden = np.tanh(rows @ net["first"] + net["bias"])
    scores: np.ndarray = np.where(held, hidden @ net["second"] + net["last"], -np.inf)
    top = np.maximum(0, scores.max(1, keepdims=True))
    powers, nothing = np.exp(scores - top), np.exp(-top[:, 0])
    share = powers / (powers.sum(1) + nothing)[:, None]
    wanted: np.ndarray = np.where(right, powers, 0)
    total = wanted.sum(1) + np.where(data.none[chosen], nothing, 0)
    change = (share - wanted / total[:, None]) / len(chosen)
    inner = change[:, :, None] * net["second"] * (1 - hidden**2)
    return {
        "first": np.einsum("buf,buh->fh", rows, inner),
        "bias": inner.sum((0, 1)),
        "second": np.einsum("buh,bu->h", hidden, change),
        "last": np.asarray(change.sum()),
    }


def measured(reader: model.Reader, examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each question the share of all units together, whether one is right, and whether the first is."""
    sure, answerable, first = [], [], []
    for e in examples:
        share = model.shares(reader.scores(e.rows))
        sure.append(float(share.sum()))
        answerable.append(bool(e.right.any()))
        first.append(bool(e.right[share.argmax()]))
    return np.array(sure), np.array(answerable), np.array(first)


def threshold(sure: np.ndarray, answerable: np.ndarray) -> float:
    """Where answering the answerable and refusing the others are best balanced."""
    tried = np.quantile(sure, np.linspace(0.02, 0.98, 97))
    return float(max(tried, key=lambda t: (sure[answerable] >= t).mean() + (sure[~answerable] < t).mean()))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m assistant.reader.train")
    parser.add_argument("--data", type=Path, required=True, help="folder with the news")
    parser.add_argument("--store", type=Path, required=True, help="any store with the bundled encoder")
    parser.add_argument("--probes", type=Path, nargs="*", default=[], help="questions with passages")
    parser.add_argument("--questions", type=int, default=6000)
    parser.add_argument("--ship", action="store_true")
    options = parser.parse_args(arguments)
    with Store.open(options.store) as store:
        made = [e for one in read(options.data, options.questions, SEED) if (e := example(one, store))]
        people = [e for path in options.probes for e in probed(path, store)]
    cut = len(made) // 10
    weights = learn(made[cut:] + PROBED * people)
    sure, answerable, first = measured(model.Reader(weights), made[:cut])
    weights["threshold"] = np.array([threshold(sure, answerable)])
    least = weights["threshold"][0]
    sys.stdout.write(
        f"questions {len(made)}, first right {first[answerable].mean():.3f}, threshold {least:.3f}, "
        f"answered {(sure[answerable] >= least).mean():.3f}, refused {(sure[~answerable] < least).mean():.3f}\n"
    )
    if options.ship:
        model.save(model.WEIGHTS, weights)
    return 0


if __name__ == "__main__":
    sys.exit(main())
