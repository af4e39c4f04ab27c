"""What the reranker learns from and is measured on: questions with the candidates of both legs.

Lay questions to statutes; headlines and briefs of news; fragments of local law. Each stands in a
store of its own below ``work``, filled once.
"""

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from assistant.question.understand import understand
from assistant.question.vocabulary import synonyms
from assistant.reranker import features, model
from assistant.retrieve import CANDIDATES, LEGS, candidates, fuse
from assistant.types import Query
from corpus.encoder import sets, texts
from corpus.encoder.folds import FOLDS, folds_of
from corpus.encoder.learning import Recipe
from corpus.settings import BUNDLED_ENCODER
from corpus.store import Store
from corpus.types import Article, Passage, Source

SEED = Recipe().seed
#: News that are asked for.
NEWS = 2_500
#: Articles of local law, whole laws at a time: fragments of them are asked for in nearly the law's
#: own words, as the questions of lay people never are.
LOCAL_ARTICLES = 6_000
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


def encoder_of(work: Path, fold: int | None) -> Path:
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
    return filled(work / f"reader-{fold}", [("", "")], encoder_of(work, fold))


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
    with filled(work / "news", rows, encoder_of(work, None)) as store:
        for n in random.Random(SEED).sample(range(len(news)), NEWS):  # noqa: S311
            asked = news[n].title if n % 2 else _without_rarest(news[n].brief[:60], store)
            groups.append(group(store, asked, [n], likes))
    return groups


def local_groups(read: texts.Texts, work: Path, likes: model.Likes) -> list[Group]:
    """Fragment of local law with two words said otherwise → its article."""
    draw = random.Random(SEED)  # noqa: S311
    rows: list[tuple[str, str]] = []
    for law in _drawn_laws(read.local, draw):
        rows += [(f"{c.law}{c.article}", c.text) for c in law]
        if len(rows) >= LOCAL_ARTICLES:
            break
    otherwise = {word: sorted(others) for word, others in synonyms().items()}
    said = [(sets.said_otherwise(text, otherwise, draw), at) for at, (_, text) in enumerate(rows)]
    asked = [(fragment, at) for fragment, at in said if fragment]
    with filled(work / "local", rows, encoder_of(work, None)) as store:
        return [group(store, fragment, [at], likes) for fragment, at in draw.sample(asked, len(asked))]


def _drawn_laws(clauses: Sequence[texts.Clause], draw: random.Random) -> list[list[texts.Clause]]:
    laws: dict[str, list[texts.Clause]] = {}
    for clause in clauses:
        laws.setdefault(clause.law, []).append(clause)
    return draw.sample(list(laws.values()), len(laws))


def _without_rarest(text: str, store: Store) -> str:
    weights = store.word_weights(store.words(text))
    return text.replace(max(weights, key=lambda w: (weights[w], w)), "") if weights else text
