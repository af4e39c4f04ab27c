"""The training loop: InfoNCE over a table of token embeddings.

Queries and passages share the table: text → mean of its tokens' rows → length 1. The
length of a row is its token's weight, and is learned with it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from corpus.encoder.bags import Bags


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a run is made of; with the same data and seed it gives the same model."""

    tokens: int = 40_000
    dimensions: int = 384
    # Rounds over the pairs, cut anew for each: the same pairs again would be learned by heart.
    rounds: int = 3
    batch: int = 2_048
    # So many neighbours in file order enter a batch together: articles of one law, news of one
    # day. They are the hardest negatives there are, and cost nothing.
    neighbours: int = 16
    temperature: float = 0.05
    rate: float = 0.02
    seed: int = 20260101
    threads: int = 2
    # Afterwards, steps on the lay questions, and a share of one round's batches between them,
    # so that what the pairs taught is kept. Twice the steps found less of what is new.
    question_rate: float = 0.01
    question_steps: int = 100
    replayed: float = 0.1
    question_batch: int = 512
    # Random articles that a question must be told apart from, beside the mined ones.
    strangers: int = 3_072
    mined: int = 4
    mine_every: int = 20
    # Share of a question's words kept: 1,234 questions are soon known by heart.
    keep_words: float = 0.8
    # What the pairs taught counts so much in the mean of both tables: the questions unlearned some of it.
    pair_share: float = 0.15


@dataclass(frozen=True, slots=True)
class Asked:
    """Lay questions: two ways to ask (question, expert's answer), and the right articles."""

    questions: Bags
    answers: Bags
    gold: list[tuple[int, ...]]
    articles: Bags


Progress = Callable[[int, int, str, float], None]
Source = tuple[str, Bags, Bags]
Batch = tuple[int, np.ndarray]


def train(rounds: Iterable[Sequence[Source]], recipe: Recipe, progress: Progress) -> np.ndarray:
    """The table that the pairs teach, float32 (tokens, dimensions), without any lay question.

    ``progress(step, steps, source, loss)`` counts the steps of a round.
    """
    torch.manual_seed(recipe.seed)
    draw = np.random.default_rng(recipe.seed)
    # Row 0 is the unknown token: never trained, and zero, so that it changes no mean's direction.
    first = torch.randn(recipe.tokens, recipe.dimensions) * 0.1
    first[0] = 0
    learner = _Learner(first, recipe.rate, recipe.threads)
    for number, sources in enumerate(rounds):
        plan = _plan(sources, recipe, draw)
        for step, batch in enumerate(plan):
            name, loss = _pair_loss(learner.table, sources, batch, recipe.temperature)
            learner.step(loss, 1 - (number + step / len(plan)) / recipe.rounds)
            progress(step + 1, len(plan), name, loss.item())
    return learner.table.weight.detach().numpy()


def tune(
    first: np.ndarray, sources: Sequence[Source], asked: Asked, recipe: Recipe, progress: Progress
) -> np.ndarray:
    """The table ``first`` after the steps on the lay questions, with a share of ``first`` mixed in.

    The mean of two tables keeps most of what either knows (model soups, Wortsman et al. 2022).
    """
    torch.manual_seed(recipe.seed)
    draw = np.random.default_rng(recipe.seed)
    learner = _Learner(torch.from_numpy(first.copy()), recipe.question_rate, recipe.threads)
    pairs = _plan(sources, recipe, draw)
    kept = np.linspace(0, len(pairs) - 1, int(len(pairs) * recipe.replayed)).astype(int)
    plan: list[Batch | None] = [pairs[at] for at in kept]
    lay = _Lay(asked, recipe, draw)
    for at in np.linspace(0, len(plan), recipe.question_steps, endpoint=False).astype(int)[::-1]:
        plan.insert(at, None)
    for step, batch in enumerate(plan):
        name, loss = (
            ("提问", lay.loss(learner.table))
            if batch is None
            else _pair_loss(learner.table, sources, batch, recipe.temperature)
        )
        learner.step(loss, 1 - step / len(plan))
        progress(step + 1, len(plan), name, loss.item())
    learnt = learner.table.weight.detach().numpy()
    return (recipe.pair_share * first + (1 - recipe.pair_share) * learnt).astype(np.float32)


class _Learner:
    """The table and its optimiser. Gradients are dense: gathering sparse ones takes four times as long."""

    def __init__(self, first: Tensor, rate: float, threads: int) -> None:
        torch.set_num_threads(threads)
        self.table = torch.nn.EmbeddingBag.from_pretrained(first, freeze=False, mode="mean")
        self._rate = rate
        self._optimizer = torch.optim.Adam(self.table.parameters(), lr=rate, fused=True)

    def step(self, loss: Tensor, share: float) -> None:
        """One step at ``share`` of the full rate."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * share
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()


def embed(table: torch.nn.EmbeddingBag, bags: Bags) -> Tensor:
    """(texts, dimensions), not yet of length 1: the loss needs it at two widths."""
    return table(torch.from_numpy(bags.ids), torch.from_numpy(bags.starts[:-1]))


def encode(table: np.ndarray, bags: Bags, *, batch: int = 4_096) -> np.ndarray:
    """float32 (texts, dimensions) of length 1, without gradients."""
    weights = torch.from_numpy(table)
    parts = []
    with torch.no_grad():
        for start in range(0, len(bags), batch):
            some = bags.take(np.arange(start, min(start + batch, len(bags))))
            means = functional.embedding_bag(
                torch.from_numpy(some.ids), weights, torch.from_numpy(some.starts[:-1]), mode="mean"
            )
            parts.append(functional.normalize(means).numpy())
    return np.concatenate(parts)


def _plan(sources: Sequence[Source], recipe: Recipe, draw: np.random.Generator) -> list[Batch]:
    """The batches of a round, one source each, shuffled."""
    batches = list(_batches(sources, recipe, draw))
    return [batches[at] for at in draw.permutation(len(batches))]


def _batches(sources: Sequence[Source], recipe: Recipe, draw: np.random.Generator) -> Iterator[Batch]:
    for source, (_, queries, _) in enumerate(sources):
        order = shuffled(len(queries), recipe.neighbours, draw)
        # The rest below a whole batch waits for the next round.
        for start in range(0, max(1, len(order) - recipe.batch + 1), recipe.batch):
            yield source, order[start : start + recipe.batch]


def shuffled(count: int, neighbours: int, draw: np.random.Generator) -> np.ndarray:
    """The numbers below ``count``, mixed in runs of ``neighbours`` that stay together.

    The runs begin elsewhere each time, so that other neighbours meet in every epoch.
    """
    shift = int(draw.integers(neighbours))
    first = np.arange(-shift, count, neighbours)
    rows = (draw.permutation(first)[:, None] + np.arange(neighbours)).ravel()
    return rows[(rows >= 0) & (rows < count)]


def _pair_loss(
    table: torch.nn.EmbeddingBag, sources: Sequence[Source], batch: Batch, temperature: float
) -> tuple[str, Tensor]:
    """The source's name, and the loss of its batch."""
    at, rows = batch
    name, queries, passages = sources[at]
    # One pass over the table for both sides: the gradient is gathered once.
    both = embed(table, queries.take(rows).joined(passages.take(rows)))
    return name, contrast(both[: len(rows)], both[len(rows) :], torch.arange(len(rows)), temperature)


def contrast(
    queries: Tensor, passages: Tensor, targets: Tensor, temperature: float, hidden: Tensor | None = None
) -> Tensor:
    """InfoNCE at full width plus a quarter width; ``hidden`` (queries, passages) are not compared.

    The quarter width (Matryoshka) keeps the first dimensions useful alone.
    """
    width = queries.shape[1]
    total = queries.new_zeros(())
    for part in (width, width // 4):
        scores = functional.normalize(queries[:, :part]) @ functional.normalize(passages[:, :part]).T
        scores = scores / temperature
        if hidden is not None:
            scores = scores.masked_fill(hidden, float("-inf"))
        total = total + functional.cross_entropy(scores, targets)
    return total


class _Lay:
    """Steps on the lay questions, against articles from the whole corpus.

    In-batch negatives would be useless here: a thousand questions name only a few
    hundred articles. Negatives are random articles, and those that the model itself
    takes for the answer (mined again every ``mine_every`` steps).
    """

    def __init__(self, asked: Asked, recipe: Recipe, draw: np.random.Generator) -> None:
        self._asked = asked
        self._recipe = recipe
        self._draw = draw
        self._steps = 0
        self._mined = np.empty((0, 0), dtype=np.int64)

    def loss(self, table: torch.nn.EmbeddingBag) -> Tensor:
        if self._steps % self._recipe.mine_every == 0:
            self._mine(table)
        self._steps += 1
        asked, draw = self._asked, self._draw
        rows = draw.permutation(len(asked.gold))[: self._recipe.question_batch]
        gold = np.array([draw.choice(asked.gold[row]) for row in rows])
        pool = self._pool(rows, gold)
        # The expert's answer is a second, longer way to ask for the same articles.
        side = asked.questions if draw.random() < 0.75 else asked.answers
        asking = side.take(rows, keep=self._recipe.keep_words, draw=draw)
        both = embed(table, asking.joined(asked.articles.take(pool)))
        hidden = torch.from_numpy(self._other_gold(rows, gold, pool))
        targets = torch.from_numpy(np.searchsorted(pool, gold))
        return contrast(both[: len(rows)], both[len(rows) :], targets, self._recipe.temperature, hidden)

    def _pool(self, rows: np.ndarray, gold: np.ndarray) -> np.ndarray:
        strangers = self._draw.integers(0, len(self._asked.articles), self._recipe.strangers)
        columns = self._draw.integers(0, self._mined.shape[1], (len(rows), self._recipe.mined))
        return np.unique(np.concatenate([gold, strangers, self._mined[rows[:, None], columns].ravel()]))

    def _other_gold(self, rows: np.ndarray, gold: np.ndarray, pool: np.ndarray) -> np.ndarray:
        """True where an article is right too, but not the one this step asks for."""
        hidden = np.zeros((len(rows), len(pool)), dtype=bool)
        for at, row in enumerate(rows):
            hidden[at] = np.isin(pool, self._asked.gold[row]) & (pool != gold[at])
        return hidden

    def _mine(self, table: torch.nn.EmbeddingBag) -> None:
        depth = min(100, len(self._asked.articles) - 1)
        weights = table.weight.detach().numpy()
        articles = encode(weights, self._asked.articles)
        scores = encode(weights, self._asked.questions) @ articles.T
        for row, right in enumerate(self._asked.gold):
            scores[row, list(right)] = -1
        self._mined = np.argpartition(-scores, depth, axis=1)[:, :depth]
