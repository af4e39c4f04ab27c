"""The passages that the benchmark measures with: statutes, then news, then both cut up and mixed.

A series: the first 10,000 passages are part of the first 60,384, and these of the 1,000,000.
Where the texts run out, each further passage is the beginning of one and the end of another,
so that hardly two are alike and no document repeats another.
"""

import json
import lzma
import random
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import UserError
from corpus.types import Article, Kind, Passage, Source

#: News is cut at the end of a sentence, as soon as it is so long.
_CHARACTERS = 160
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]?")
#: Passages of a document that is made by mixing.
_MIXED = 12
#: Above so many held texts only every second is kept for mixing.
_POOL = 400_000


class Document(NamedTuple):
    """A title, and ``(label, text)`` of each passage."""

    title: str
    kind: Kind
    passages: list[tuple[str, str]]


def documents(data: Path, passages: int) -> Iterator[Document]:
    """Documents of ``data`` with so many passages together; the last one may be cut short.

    ``data`` holds ``statutes-beir`` and, for more, ``statutes-all.jsonl.xz`` and the news.
    Raises ``UserError`` where the first is missing.
    """
    if not (data / "statutes-beir").is_dir():
        raise UserError(f"{data} 里没有 statutes-beir。", "请用 --data 指定放测试数据的文件夹。")
    left = passages
    for document in _all(data):
        if left <= 0:
            return
        yield document._replace(passages=document.passages[:left])
        left -= len(document.passages)


def _all(data: Path) -> Iterator[Document]:
    pool: list[tuple[str, str]] = []
    count = 0
    for document in _own(data):
        for label_text in document.passages:
            count += 1
            if count % 2 or count < _POOL:
                pool.append(label_text)
        yield document
    draw = random.Random(7)  # noqa: S311 - the same series each time
    while pool:
        chosen = [_mixed(*draw.choices(pool, k=2)) for _ in range(_MIXED)]
        yield Document(chosen[0][1][:24], "其他", chosen)


def _mixed(one: tuple[str, str], other: tuple[str, str]) -> tuple[str, str]:
    (label, begins), (_, ends) = one, other
    return label, begins[: max(1, len(begins) // 2)] + ends[len(ends) // 2 :]


def _own(data: Path) -> Iterator[Document]:
    held: set[str] = set()
    for document in _laws(_rows(data / "statutes-beir" / "corpus.jsonl.xz")):
        held.update(text for _, text in document.passages)
        yield document
    for document in _laws(_rows(data / "statutes-all.jsonl.xz")):
        if fresh := [(label, text) for label, text in document.passages if text not in held]:
            yield document._replace(passages=fresh)
    for row in _rows(data / "news-2012-2024.jsonl.xz"):
        if passages := _cut(row["body"]):
            yield Document(row["title"], "新闻", passages)
    for line in _lines(data / "news-2023-articles.txt.xz"):
        body = line.partition("正文：")[2]
        if passages := _cut(body):
            yield Document(body[:24], "新闻", passages)


def _laws(rows: Iterable[dict[str, Any]]) -> Iterator[Document]:
    for title, articles in groupby(rows, key=lambda row: str(row["law"])):
        passages = [(row["article"], row["text"]) for row in articles if row["text"].strip()]
        if passages:
            yield Document(title, "法规", passages)


def _cut(body: str) -> list[tuple[str, str]]:
    found, text = [], ""
    for sentence in _SENTENCE.findall(body):
        text += sentence.strip()
        if len(text) >= _CHARACTERS:
            found.append(("", text))
            text = ""
    if text:
        found.append(("", text))
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, _lines(path))


def _lines(path: Path) -> Iterator[str]:
    if path.exists():
        with lzma.open(path, "rt", encoding="utf-8") as file:
            yield from file


def as_source(document: Document, source_id: str) -> tuple[Source, list[Article], list[Passage], bytes]:
    """What ``Writer.put`` takes: one source with one article."""
    text, passages = "", []
    for number, (label, own) in enumerate(document.passages, 1):
        text += f"{label}　" if label else ""
        start, end = len(text), len(text) + len(own)
        passages.append(
            Passage(
                id=f"{source_id}/1/{number}",
                article_id=f"{source_id}/1",
                ordinal=number,
                label=label,
                start=start,
                end=end,
                text=own,
            )
        )
        text += own + "\n"
    article = Article(
        id=f"{source_id}/1",
        source_id=source_id,
        ordinal=1,
        kind=document.kind,
        title=document.title,
        text=text,
    )
    original = f"{source_id}\n{document.title}\n{text}".encode()
    name = f"{source_id}.txt"
    source = Source(
        id=source_id,
        name=name,
        origin=f"bench/{name}",
        sha256=sha256(original).hexdigest(),
        media_type="text/plain",
        bytes=len(original),
        received_at="2024-01-01T08:00:00+08:00",
        reader="bench",
    )
    return source, [article], passages, original
