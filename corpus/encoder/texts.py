"""The texts that the encoder learns from, read from the shared data folder.

What may not be used commercially is not named here, so that it cannot slip in.
"""

import json
import lzma
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BROADCASTS = "news-2012-2024.jsonl.xz"


@dataclass(frozen=True, slots=True)
class Clause:
    """法条: one article of one law. ``subject`` is "劳动合同法 第十条"."""

    law: str
    article: str
    text: str

    @property
    def subject(self) -> str:
        return f"{self.law} {self.article}"


@dataclass(frozen=True, slots=True)
class News:
    """新闻: ``date`` is ``YYYYMMDD``; ``title`` and ``brief`` may be empty."""

    date: str
    title: str
    brief: str
    body: str


@dataclass(frozen=True, slots=True)
class Question:
    """群众提问: ``gold`` holds positions in ``Texts.national``."""

    text: str
    answer: str
    gold: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything to learn from, and the news that were kept back for measuring."""

    national: list[Clause]
    local: list[Clause]
    news: list[News]
    questions: list[Question]
    held_out_news: list[News]


def read(data: Path, *, seed: int, held_out: int = 5_000) -> Texts:
    """All sources below ``data``; ``held_out`` news items of 2024 are kept back."""
    national, places = _national(data / "statutes-beir" / "corpus.jsonl.xz")
    news, kept = hold_out(list(_broadcasts(data / _BROADCASTS)), held_out, seed)
    return Texts(
        national=national,
        local=_local(data / "statutes-all.jsonl.xz"),
        news=news + list(_reports(data / "news-2023-articles.txt.xz")),
        questions=_questions(data / "statutes-beir", places),
        held_out_news=kept,
    )


def held_out_news(data: Path, *, seed: int, count: int = 5_000) -> list[News]:
    """The news of 2024 that ``read`` keeps back."""
    return hold_out(list(_broadcasts(data / _BROADCASTS)), count, seed)[1]


def hold_out(news: list[News], count: int, seed: int) -> tuple[list[News], list[News]]:
    """``(kept for training, held out)``: ``count`` items of 2024, drawn with ``seed``."""
    latest = [item for item in news if item.date.startswith("2024")]
    held = set(random.Random(seed).sample(latest, min(count, len(latest))))  # noqa: S311
    return [item for item in news if item not in held], [item for item in latest if item in held]


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file, one a line, compressed (``.xz``) or not."""
    with path.open("rb") as raw, lzma.open(raw) if path.suffix == ".xz" else raw as lines:
        for line in lines:
            yield json.loads(line)


def _national(path: Path) -> tuple[list[Clause], dict[str, int]]:
    clauses: list[Clause] = []
    places: dict[str, int] = {}
    for row in rows(path):
        places[row["_id"]] = len(clauses)
        clauses.append(Clause(row["law"], row["article"], row["text"]))
    return clauses, places


def _local(path: Path) -> list[Clause]:
    """Regulations of provinces and cities; a text that several of them share is kept once."""
    unique: dict[str, Clause] = {}
    for row in rows(path):
        if row["path"].startswith("DLC/"):
            unique.setdefault(row["text"], Clause(row["law"], row["article"], row["text"]))
    return list(unique.values())


def _broadcasts(path: Path) -> Iterator[News]:
    for row in rows(path):
        yield News(row["date"], row["title"], row["brief"], row["body"])


def _reports(path: Path) -> Iterator[News]:
    """One article a line, ``2023-08-16 18:24:57，正文：…``, without a title."""
    with lzma.open(path, "rt", encoding="utf8") as lines:
        for line in lines:
            stamp, found, body = line.partition("，正文：")
            if found:
                yield News(stamp[:10].replace("-", ""), "", "", body.strip())


def _questions(folder: Path, places: dict[str, int]) -> list[Question]:
    gold: dict[str, list[int]] = {}
    for path in sorted((folder / "qrels").glob("*.tsv")):
        for line in path.read_text(encoding="utf8").splitlines()[1:]:
            query, clause, _ = line.split("\t")
            gold.setdefault(query, []).append(places[clause])
    return [
        Question(row["text"], row.get("answer") or "", tuple(gold.get(row["_id"], ())))
        for row in rows(folder / "queries.jsonl")
    ]
