"""Ours beside LangChain's stock hybrid, in one run: ``python -m eval.side_by_side FOLDER``.

``FOLDER`` is in BEIR form. The stock hybrid is ``BM25Retriever`` with jieba, ``FAISS`` and
``EnsembleRetriever`` with equal weights, once with an encoder's vectors and once with those
of an untrained one. Needs ``pip install .[bench]``, which the program itself does not.

Questions that the encoder was trained on are left out, unless it knows all: then the output says so.
An encoder that holds a fold of the lay questions back is made by ``assistant.reranker.train``.
"""

import argparse
import json
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings

from assistant.question.understand import understand
from assistant.retrieve import LEGS
from corpus.settings import BUNDLED_ENCODER
from corpus.store import Store
from eval import ranking
from eval.interchange import beir_file, beir_qrels, beir_rows
from eval.retrieval import fill, learned_from

#: Results that are asked of each.
DEPTH = 100

Search = Callable[[str], list[str]]
Encode = Callable[[Sequence[str]], np.ndarray]


def side_by_side(folder: Path, encoder: str, questions: int) -> dict[str, Any]:
    """``ways``: figures and milliseconds of each way to search, over the same ``questions`` at most.

    ``asked`` were asked of as many ``passages``; ``learned`` of these the encoder was trained on.
    Milliseconds are from the question as typed to the ranked ids, on the wall and of the processors.
    Raises ``UserError`` for a folder that is not in BEIR form.
    """
    rows = list(beir_rows(beir_file(folder, "corpus.jsonl")))
    judged = beir_qrels(folder)
    asked = [
        (r["_id"], r["text"]) for r in beir_rows(beir_file(folder, "queries.jsonl")) if r["_id"] in judged
    ]
    with tempfile.TemporaryDirectory() as place, Store.open(Path(place), encoder=encoder) as store:
        ids = fill(beir_file(folder, "corpus.jsonl"), store, _told)
        known = store.learned([text for _, text in asked])
        if not all(known):
            asked = [one for one, seen in zip(asked, known, strict=True) if not seen]
        some = dict(asked[:: max(1, len(asked) // questions)][:questions])
        learned = sum(store.learned(list(some.values())))
        if learned:
            _told(learned_from(learned, len(some)))
        ways = {f"本程序 {leg}": _ours(store, leg, ids) for leg in LEGS} | _stock(rows, store)
        report: dict[str, Any] = {"passages": len(rows), "asked": len(some), "learned": learned}
        return report | {"ways": {way: _measured(way, search, some, judged) for way, search in ways.items()}}


def _ours(store: Store, leg: str, ids: dict[str, str]) -> Search:
    return lambda text: [
        ids[passage_id.rpartition("/")[0]]
        for passage_id, _ in LEGS[leg](store, understand(text, store), DEPTH)
    ]


def _stock(rows: Sequence[dict[str, Any]], store: Store) -> dict[str, Search]:
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS

    texts = [f"{row.get('title', '')}\n{row['text']}" for row in rows]
    named = [{"id": row["_id"]} for row in rows]
    words = BM25Retriever.from_texts(texts, metadatas=named, preprocess_func=store.words, k=DEPTH)
    found = {"LangChain BM25（jieba）": _ids(words)}
    encoders: dict[str, Encode] = {"同一个向量模型": store.encode, "未训练的向量模型": untrained(store.words)}
    for name, encode in encoders.items():
        held = FAISS.from_texts(texts, _Embeddings(encode), metadatas=named)
        near = held.as_retriever(search_kwargs={"k": DEPTH})
        both = EnsembleRetriever(retrievers=[words, near], weights=[0.5, 0.5])
        found |= {f"LangChain FAISS，{name}": _ids(near), f"LangChain 混合，{name}": _ids(both)}
    return found


class _Embeddings(Embeddings):
    def __init__(self, encode: Encode) -> None:
        self._encode = encode

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        found: list[list[float]] = self._encode(texts).tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def _ids(retriever: Any) -> Search:
    return lambda text: [found.metadata["id"] for found in retriever.invoke(text)][:DEPTH]


def untrained(words: Callable[[str], list[str]], dimensions: int = 384) -> Encode:
    """Texts → float32 ``(n, dimensions)``: the mean of a random vector for each word, of length 1."""
    vectors: dict[str, np.ndarray] = {}

    def of(word: str) -> np.ndarray:
        if word not in vectors:
            draw = np.random.default_rng(zlib.crc32(word.encode()))
            vectors[word] = draw.normal(size=dimensions).astype(np.float32)
        return vectors[word]

    def encode(texts: Sequence[str]) -> np.ndarray:
        none = np.zeros(dimensions, np.float32)
        sums = np.stack([sum((of(word) for word in words(text)), none) for text in texts])
        return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)

    return encode


def _measured(
    way: str, search: Search, asked: dict[str, str], judged: ranking.Judgements
) -> dict[str, float]:
    _told(f"{way}：{len(asked)} 个问题")
    found, seconds, spent = {}, [], []
    search(next(iter(asked.values())))  # what is loaded once
    for name, text in asked.items():
        began, used = time.perf_counter(), time.process_time()
        found[name] = search(text)
        seconds.append(time.perf_counter() - began)
        spent.append(time.process_time() - used)
    averages = ranking.averages(found, {name: judged[name] for name in asked})
    figures = {name: value["mean"] for name, value in averages.items()}
    for kind, some in (("", seconds), ("cpu_", spent)):
        figures[f"median_{kind}ms"] = float(np.median(some)) * 1_000
        figures[f"p95_{kind}ms"] = float(np.percentile(some, 95)) * 1_000
    return {name: round(value, 4) for name, value in figures.items()}


def _told(text: str) -> None:
    sys.stderr.write(text + "\n")


def main(argv: list[str] | None = None) -> int:
    """Prints the table as JSON."""
    parser = argparse.ArgumentParser(prog="python -m eval.side_by_side", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--encoder", default=str(BUNDLED_ENCODER), help="folder of a static encoder")
    parser.add_argument("--questions", type=int, default=200)
    wanted = parser.parse_args(argv)
    figures = side_by_side(wanted.folder, wanted.encoder, wanted.questions)
    sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
