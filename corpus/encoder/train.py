"""Trains the bundled encoder: ``python -m corpus.encoder.train --data DIR --out FOLDER``.

Prints figures on the news that were kept back, and with ``--hold-out``, which keeps a
fifth of the lay questions back, on these too. Without ``--out`` nothing is written.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from corpus.encoder import folder, measure, pairs, texts, vocabulary
from corpus.encoder.bags import Bags, tokenize
from corpus.encoder.learning import Asked, Recipe, encode, train


@dataclass(frozen=True, slots=True)
class Prepared:
    """The data as the loop takes it, and the questions that were kept back."""

    tokenizer: Tokenizer
    sources: list[tuple[str, Bags, Bags]]
    asked: Asked
    kept_back: list[texts.Question]


def prepare(read: texts.Texts, recipe: Recipe, *, hold_out: bool) -> Prepared:
    """Tokenizer, pairs and questions; ``hold_out`` keeps every fifth question back."""
    learnt, kept_back = split(read.questions, recipe.seed) if hold_out else (read.questions, [])
    tokenizer = vocabulary.learn(*_sample(read, learnt, recipe.seed), size=recipe.tokens)
    sources = [
        (source.name, tokenize(tokenizer, source.queries), tokenize(tokenizer, source.passages))
        for source in pairs.make(read, seed=recipe.seed)
    ]
    asked = Asked(
        questions=tokenize(tokenizer, [question.text for question in learnt]),
        answers=tokenize(tokenizer, [question.answer[:200] or question.text for question in learnt]),
        gold=[question.gold for question in learnt],
        articles=tokenize(tokenizer, [passage(clause) for clause in read.national]),
    )
    return Prepared(tokenizer, sources, asked, kept_back)


def split(questions: list[texts.Question], seed: int) -> tuple[list[texts.Question], list[texts.Question]]:
    """``(four fifths, one fifth)``, drawn with ``seed``."""
    mixed = random.Random(seed).sample(questions, len(questions))  # noqa: S311
    return mixed[len(mixed) // 5 :], mixed[: len(mixed) // 5]


def passage(clause: texts.Clause) -> str:
    """An article as the product embeds it: subject line, then text."""
    return f"{clause.law}{clause.article}\n{clause.text}"


def report(read: texts.Texts, made: Prepared, table: np.ndarray) -> dict[str, dict[str, float]]:
    """Figures of each leg on what training did not see: lay questions over all national
    articles, and headlines over the bodies of the news kept back."""
    news = [item for item in read.held_out_news if item.title and item.body]

    def vectors(some: list[str]) -> np.ndarray:
        return encode(table, tokenize(made.tokenizer, some))

    found = _legs(
        "标题→正文",
        [item.title for item in news],
        [item.body for item in news],
        [(at,) for at in range(len(news))],
        vectors,
    )
    if made.kept_back:
        found |= _legs(
            "提问→法条",
            [question.text for question in made.kept_back],
            [passage(clause) for clause in read.national],
            [question.gold for question in made.kept_back],
            vectors,
        )
    return found


def _legs(
    name: str,
    asked: list[str],
    passages: list[str],
    gold: Sequence[tuple[int, ...]],
    vectors: Callable[[list[str]], np.ndarray],
) -> dict[str, dict[str, float]]:
    vector = measure.nearest(vectors(asked), vectors(passages))
    lexical = measure.Bigrams(passages).ranked(asked)
    legs = {
        "二元字 BM25": lexical,
        "向量": vector,
        # The usual constant 60 flattens the ranks: a text that both legs place 30th beats one
        # that a single leg places first.
        "RRF 60, 1:1": measure.fused(lexical, vector, k=60),
        "RRF 5, 1:3": measure.fused(lexical, vector, weights=(1, 3), k=5),
    }
    return {f"{name} {leg}": measure.figures(ranked, gold) for leg, ranked in legs.items()}


def _sample(read: texts.Texts, learnt: list[texts.Question], seed: int) -> tuple[list[str], list[int]]:
    """Texts to count words in, and their weights: law and questions count more than news."""
    draw = random.Random(seed)  # noqa: S311
    law = [clause.text for clause in read.national]
    local = [clause.text for clause in draw.sample(read.local, min(20_000, len(read.local)))]
    news = [
        f"{item.title}\n{item.body[:400]}" for item in draw.sample(read.news, min(20_000, len(read.news)))
    ]
    lay = [f"{question.text}\n{question.answer}" for question in learnt]
    every = [(law, 2), (local, 1), (news, 1), (lay, 5)]
    return [text for some, _ in every for text in some], [weight for some, weight in every for _ in some]


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m corpus.encoder.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training data")
    parser.add_argument("--out", type=Path, help="where to write the model folder")
    parser.add_argument(
        "--hold-out", action="store_true", help="keep a fifth of the questions back and measure"
    )
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--question-steps", type=int, default=Recipe().question_steps)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Trains, measures where asked, writes; progress goes to standard error."""
    wanted = _arguments(argv)
    recipe = replace(Recipe(), epochs=wanted.epochs, question_steps=wanted.question_steps)
    begun = time.monotonic()
    losses: dict[str, float] = {}

    def progress(step: int, steps: int, source: str, loss: float) -> None:
        losses[source] = loss
        if step % 50 == 0 or step == steps:
            last = " ".join(f"{name} {value:.2f}" for name, value in losses.items())
            sys.stderr.write(f"{time.monotonic() - begun:6.0f} s  {step}/{steps}  {last}\n")

    read = texts.read(wanted.data, seed=recipe.seed)
    made = prepare(read, recipe, hold_out=wanted.hold_out)
    recipe = replace(recipe, tokens=made.tokenizer.get_vocab_size())
    sizes = {name: len(queries) for name, queries, _ in made.sources}
    sys.stderr.write(f"{time.monotonic() - begun:6.0f} s  {recipe.tokens} tokens, pairs: {sizes}\n")
    table = train(made.sources, made.asked, recipe, progress)
    if wanted.out:
        folder.write(wanted.out, table, made.tokenizer)
    sys.stdout.write(json.dumps(report(read, made, table), ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
