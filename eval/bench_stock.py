"""LangChain's stock hybrid, as its documentation builds it, measured over the same passages.

``RecursiveCharacterTextSplitter``, ``BM25Retriever`` with jieba, ``FAISS`` with our encoder,
``EnsembleRetriever`` with equal weights. BM25Retriever can neither be saved nor changed: whoever
opens it, adds to it or deletes from it makes it anew out of all documents, and so does this.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jieba
from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from corpus.store import Store
from eval.bench_corpus import documents
from eval.bench_measure import DEPTH, added, asked, folder_bytes, questions, resident, timed

#: As in the documentation's first example.
_CHUNK, _OVERLAP = 1000, 200


class _Encoder(Embeddings):
    """The store's own encoder, as LangChain wants it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        found: list[list[float]] = self._store.encode(texts).tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        found: list[float] = self._store.encode([text], prompt="query")[0].tolist()
        return found


def _held(data: Path, size: int) -> Iterator[Document]:
    for document in documents(data, size):
        for label, text in document.passages:
            yield Document(page_content=f"{document.title} {label}\n{text}")


def _keywords(chunks: list[Document]) -> BM25Retriever:
    return BM25Retriever.from_documents(chunks, preprocess_func=jieba.lcut, k=DEPTH)


def _both(keywords: BM25Retriever, vectors: FAISS) -> EnsembleRetriever:
    near = vectors.as_retriever(search_kwargs={"k": DEPTH})
    return EnsembleRetriever(retrievers=[keywords, near], weights=[0.5, 0.5])


def stock(data: Path, size: int, folder: Path, count: int) -> dict[str, Any]:
    """All of it: building, asking, one more document, one less, opening."""
    with TemporaryDirectory() as place, Store.open(Path(place) / "store") as store:
        encoder = _Encoder(store)
        store.encode(["热身"])
        seconds: dict[str, float] = {}
        with timed(seconds, "build"):
            splitter = RecursiveCharacterTextSplitter(chunk_size=_CHUNK, chunk_overlap=_OVERLAP)
            chunks = splitter.split_documents(list(_held(data, size)))
            keywords = _keywords(chunks)
            vectors = FAISS.from_documents(chunks, encoder)
            vectors.save_local(str(folder))
        some = questions(data, count)
        both = _both(keywords, vectors)
        near = vectors.as_retriever(search_kwargs={"k": DEPTH})
        ways: dict[str, Callable[[str], Any]] = {
            "lexical": keywords.invoke,
            "vector": near.invoke,
            "hybrid": both.invoke,
        }
        told = {name: asked(way, some) for name, way in ways.items()}
        memory = resident()
        del keywords, both, near, ways
        _changed(chunks, vectors, seconds)
        del vectors
        seconds["open"] = _opened(chunks, folder, encoder, some[0])
        return seconds | {
            "chunks": len(chunks),
            "query": told,
            "memory": memory,
            "disk": {"faiss": folder_bytes(folder)},
        }


def _changed(chunks: list[Document], vectors: FAISS, seconds: dict[str, float]) -> None:
    """One document more and one less, in memory: neither is saved yet."""
    document = added(1)
    fresh = [Document(page_content=f"{document.title} {label}\n{text}") for label, text in document.passages]
    with timed(seconds, "add"):
        ids = vectors.add_documents(fresh)
        _keywords(chunks + fresh)
    with timed(seconds, "delete"):
        vectors.delete(ids)
        _keywords(chunks)


def _opened(chunks: list[Document], folder: Path, encoder: Embeddings, question: str) -> float:
    """Load the vectors, make the keywords anew, and ask; the documents are in memory already."""
    began = time.perf_counter()
    vectors = FAISS.load_local(str(folder), encoder, allow_dangerous_deserialization=True)
    _both(_keywords(chunks), vectors).invoke(question)
    return time.perf_counter() - began
