"""Trains the bundled encoder: ``python -m corpus.encoder.train --data DIR --work DIR --out FOLDER``.

First from pairs that hold no lay question, once; then on the lay questions. ``--work`` keeps
what the first part made, for the second part of other runs. Prints figures on the news that
were kept back, and with ``--hold-out``, which keeps one fold of the lay questions back, on
these too. Without ``--out`` nothing is shipped.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from corpus.encoder import folder, measure, pairs, texts, vocabulary
from corpus.encoder.bags import tokenize
from corpus.encoder.folds import folds_of
from corpus.encoder.learning import Asked, Progress, Recipe, Source, encode, train, tune


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the pairs taught, and the lay questions as the loop takes them.

    ``replayed`` is one round of pairs; ``folds`` (questions,) the fold of each question.
    """

    tokenizer: Tokenizer
    table: np.ndarray
    recipe: Recipe
    replayed: list[Source]
    asked: Asked
    folds: np.ndarray


def prepare(read: texts.Texts, recipe: Recipe, work: Path, progress: Progress) -> Prepared:
    """Trains on the pairs, or reads from ``work`` what an earlier run made of them."""
    work.mkdir(parents=True, exist_ok=True)
    made = work / "tokenizer.json"
    if not made.exists():
        # No word of a question or of an answer: the table serves every fold.
        vocabulary.learn(*_sample(read, recipe.seed), size=recipe.tokens).save(str(made), pretty=False)
    tokenizer = Tokenizer.from_file(str(made))
    recipe = replace(recipe, tokens=tokenizer.get_vocab_size())
    kept = work / "table.npy"
    if not kept.exists():
        np.save(kept, train(_rounds(read, tokenizer, recipe), recipe, progress))
    asked = [question.text for question in read.questions]
    return Prepared(
        tokenizer=tokenizer,
        table=np.load(kept),
        recipe=recipe,
        replayed=next(_rounds(read, tokenizer, recipe)),
        asked=Asked(
            questions=tokenize(tokenizer, asked),
            answers=tokenize(tokenizer, [q.answer[:200] or q.text for q in read.questions]),
            gold=[question.gold for question in read.questions],
            articles=tokenize(tokenizer, [passage(clause) for clause in read.national]),
        ),
        folds=folds_of(asked, recipe.seed),
    )


def learned(made: Prepared, progress: Progress, *, without: int | None = None) -> np.ndarray:
    """The table after the lay questions, those of the fold ``without`` left out."""
    rows = np.flatnonzero(made.folds != (-1 if without is None else without))
    asked = replace(
        made.asked,
        questions=made.asked.questions.take(rows),
        answers=made.asked.answers.take(rows),
        gold=[made.asked.gold[row] for row in rows],
    )
    return tune(made.table, made.replayed, asked, made.recipe, progress)


def asked_in_training(read: texts.Texts, made: Prepared, without: int | None = None) -> list[str]:
    """The lay questions that ``learned`` learns from, as people typed them."""
    return [q.text for q, fold in zip(read.questions, made.folds, strict=True) if fold != without]


def _rounds(read: texts.Texts, tokenizer: Tokenizer, recipe: Recipe) -> Iterator[list[Source]]:
    for number in range(recipe.rounds):
        yield [
            (source.name, tokenize(tokenizer, source.queries), tokenize(tokenizer, source.passages))
            for source in pairs.make(read, seed=recipe.seed + number)
        ]


def passage(clause: texts.Clause) -> str:
    """An article as the product embeds it: subject line, then text."""
    return f"{clause.law}{clause.article}\n{clause.text}"


def report(
    read: texts.Texts, made: Prepared, table: np.ndarray, fold: int | None
) -> dict[str, dict[str, float]]:
    """Figures of each leg on what training did not see: headlines over the bodies of the news
    kept back, and the lay questions of ``fold`` over all national articles."""
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
    if fold is not None:
        kept_back = [q for q, own in zip(read.questions, made.folds, strict=True) if own == fold]
        found |= _legs(
            "提问→法条",
            [question.text for question in kept_back],
            [passage(clause) for clause in read.national],
            [question.gold for question in kept_back],
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


def _sample(read: texts.Texts, seed: int) -> tuple[list[str], list[int]]:
    """Texts to count words in, and their weights: national law counts more than news."""
    draw = random.Random(seed)  # noqa: S311
    law = [clause.text for clause in read.national]
    local = [clause.text for clause in draw.sample(read.local, min(20_000, len(read.local)))]
    news = [
        f"{item.title}\n{item.body[:400]}" for item in draw.sample(read.news, min(20_000, len(read.news)))
    ]
    every = [(law, 2), (local, 1), (news, 1)]
    return [text for some, _ in every for text in some], [weight for some, weight in every for _ in some]


def told() -> Progress:
    """Writes every 50th step to standard error, with the last loss of each source."""
    begun = time.monotonic()
    losses: dict[str, float] = {}

    def progress(step: int, steps: int, source: str, loss: float) -> None:
        losses[source] = loss
        if step % 50 == 0 or step == steps:
            last = " ".join(f"{name} {value:.2f}" for name, value in losses.items())
            sys.stderr.write(f"{time.monotonic() - begun:6.0f} s  {step}/{steps}  {last}\n")

    return progress


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m corpus.encoder.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training data")
    parser.add_argument("--work", type=Path, required=True, help="folder for what the pairs taught")
    parser.add_argument("--out", type=Path, help="where to write the model folder")
    parser.add_argument(
        "--hold-out", action="store_true", help="keep a fifth of the questions back and measure"
    )
    parser.add_argument("--rounds", type=int, default=Recipe().rounds)
    parser.add_argument("--question-steps", type=int, default=Recipe().question_steps)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Trains, measures where asked, writes; progress goes to standard error."""
    wanted = _arguments(argv)
    recipe = replace(Recipe(), rounds=wanted.rounds, question_steps=wanted.question_steps)
    fold = 0 if wanted.hold_out else None
    read = texts.read(wanted.data, seed=recipe.seed)
    made = prepare(read, recipe, wanted.work, told())
    table = learned(made, told(), without=fold)
    if wanted.out:
        folder.write(wanted.out, table, made.tokenizer, asked_in_training(read, made, fold))
    sys.stdout.write(json.dumps(report(read, made, table, fold), ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
