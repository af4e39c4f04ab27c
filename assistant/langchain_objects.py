"""LangChain objects over this program: retriever, vector store, embeddings, and the whole answer as a runnable.

For programs that are built with LangChain::

    store = Store.open(Path("store"))
    PolicyRetriever(store=store, k=5).invoke("困难职工慰问金标准")
    PolicyVectorStore(store).as_retriever(search_type="mmr")
    PolicyAnswers(Assistant(store)).invoke("困难职工慰问金标准是多少？")["answer"]
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.messages import convert_to_openai_messages
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import AddableDict, Runnable, RunnableConfig
from langchain_core.vectorstores import VectorStore
from langchain_core.vectorstores.utils import maximal_marginal_relevance

from assistant.contract import answer_json
from assistant.openai_chat import read
from assistant.pipeline import Assistant
from assistant.question.understand import understand
from assistant.retrieve import retrieve
from assistant.types import Answer, Statement
from corpus.errors import UserError
from corpus.store import Store, received_now
from corpus.types import Article, Filters, Hit, Passage, Source

#: Tells in ``Source.reader`` what came as a LangChain document, and how its place begins.
_READER, _PLACE = "langchain", "langchain:"
#: Documents that are put together, with one wait for the disk.
_TOGETHER = 100
#: Of a document's metadata these are an article's own, where they are text.
_OWN = ("title", "issuer", "number", "region")


class PolicyRetriever(BaseRetriever):
    """Passages in the order in which the assistant reads them: words and meaning, reranked, reprints once.

    ``filters`` goes before what the question itself says of place and time. Also ``invoke(question, k=3)``.
    """

    store: Store
    k: int = 8
    filters: Filters | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        understood = understand(query, self.store)
        if self.filters is not None:
            understood = replace(understood, filters=self.filters)
        wanted = self.k if k is None else k
        return [_document(self.store, hit) for hit in retrieve(self.store, understood, wanted)[:wanted]]


class PolicyVectorStore(VectorStore):
    """The store's vectors alone: what is nearest in meaning, by cosine.

    Passages of the files that it holds have their place as id ("3/2/7") and are read-only here:
    files come and go by ``python -m ingest`` and the pages. Documents that are added here are each
    a source of their own, one article of one passage, found by everything that searches the store;
    they keep their id and metadata, which must be plain JSON, and can be deleted.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def embeddings(self) -> Embeddings:
        """The store's encoder."""
        return PolicyEmbeddings(self._store)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings | None,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        directory: Path | str = "",
        **kwargs: Any,
    ) -> "PolicyVectorStore":
        """A store in ``directory``, made there if need be, with these texts added to it.

        ``embedding`` None takes the bundled encoder; a store keeps to the encoder it was made with.
        """
        if not str(directory):
            raise UserError("没有说明资料库放在哪里。", "请用 directory=文件夹 指定。")
        encoder = EmbeddingsEncoder(embedding) if embedding is not None else None
        made = cls(Store.open(Path(directory), encoder=encoder))
        made.add_texts(texts, metadatas, ids=ids)
        return made

    def add_documents(
        self, documents: list[Document], *, ids: Sequence[str | None] | None = None, **kwargs: Any
    ) -> list[str]:
        """Add documents, or replace those of the same id; the ids, made up where none are given.

        Raises ``UserError`` for an id that a passage of a file has, or while somebody else is writing.
        """
        given = [d.id for d in documents] if ids is None else list(ids)
        if len(given) != len(documents):
            raise ValueError(f"{len(given)} ids for {len(documents)} documents")
        named = [id_ or uuid4().hex for id_ in given]
        self._check_free(named)
        originals = [_original(id_, d) for id_, d in zip(named, documents, strict=True)]
        with self._store.writing(who="LangChain") as writer:
            for start in range(0, len(named), _TOGETHER):
                with writer.together():
                    for id_, original in list(zip(named, originals, strict=True))[start : start + _TOGETHER]:
                        place, name = _PLACE + id_, f"LangChain 文档 {id_}.json"
                        digest = sha256(original).hexdigest()
                        source_id, state = writer.known(origin=place, name=name, sha256=digest)
                        if state != "unchanged":
                            writer.put(*_made(source_id, place, name, original))
        return named

    def _check_free(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            passage = self._store.passage(id_)
            if passage is not None and self._added(id_) is None:
                raise UserError(f"编号“{id_}”是一份文件里的段落，不能在这里改动。", "请换一个编号。")

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool | None:
        """Delete documents that were added here, for good; ids that are not held are passed over.

        Raises ``UserError`` for passages of files, and where no ids are given.
        """
        if ids is None:
            raise UserError("没有说明要删除哪些文档。", "请给出 ids；整个资料库不能在这里清空。")
        self._check_free(ids)
        held = {source.id for id_ in ids if (source := self._added(id_))}
        if held:
            with self._store.writing(who="LangChain") as writer:
                for source_id in sorted(held, key=int):
                    writer.remove(source_id)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """The documents and passages of these ids that are held, in their order."""
        found = []
        for id_ in ids:
            if source := self._added(id_):
                found.append(_as_added(self._store, source))
            else:
                found += [_document(self._store, hit) for hit in self._store.hits([(id_, 0.0, {})])]
        return found

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """The k nearest; see ``similarity_search_with_score``."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, *, filter: Filters | Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The k nearest with their cosine (-1 to 1), nearest first; ``filter`` as ``corpus.types.Filters``."""
        found = self._store.search_vector(query, k, _filters(filter))
        return [(_document(self._store, hit), hit.score) for hit in self._hits(found)]

    def max_marginal_relevance_search(
        self,
        query: str,
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        *,
        filter: Filters | Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> list[Document]:
        """Of the ``fetch_k`` nearest k that are near and unlike each other."""
        found = dict(self._store.search_vector(query, fetch_k, _filters(filter)))
        encoder = self._store.encoder_name
        ids, vectors = self._store.vectors_of(list(found))
        if not ids:
            return []
        asked = self._store.encode([query], prompt="query")[0]
        if self._store.encoder_name != encoder:  # all vectors were replaced meanwhile
            return self.max_marginal_relevance_search(query, k, fetch_k, lambda_mult, filter=filter)
        chosen = maximal_marginal_relevance(asked, vectors.tolist(), lambda_mult, k)
        return [_document(self._store, hit) for hit in self._hits([(ids[i], found[ids[i]]) for i in chosen])]

    def _hits(self, found: Sequence[tuple[str, float]]) -> list[Hit]:
        return self._store.hits([(id_, score, {"vector": n}) for n, (id_, score) in enumerate(found, 1)])

    def _added(self, id_: str) -> Source | None:
        return self._store.source_at(_PLACE + id_)

    def _select_relevance_score_fn(self) -> Any:
        return lambda cosine: min(1.0, max(0.0, cosine))


class PolicyEmbeddings(Embeddings):
    """The encoder that a store is filled with; vectors of length 1."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """As passages."""
        return self._store.encode(texts).tolist() if texts else []

    def embed_query(self, text: str) -> list[float]:
        """As a question."""
        return self._store.encode([text], prompt="query")[0].tolist()


class EmbeddingsEncoder:
    """Any LangChain ``Embeddings`` as the encoder of a store; vectors are brought to length 1."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self.dimensions = len(embeddings.embed_query("工会"))
        model = getattr(embeddings, "model", None) or getattr(embeddings, "model_name", None) or ""
        #: Tells apart models whose vectors must not be mixed.
        self.name = f"{_READER}:{type(embeddings).__name__}:{model}:{self.dimensions}"

    def encode(self, texts: Sequence[str], prompt: Literal["query", "passage"]) -> Any:
        """float32 ``(n, dimensions)``, rows of length 1 or 0."""
        # The store puts an article's title and a line break before a text, also where there is no title.
        bare = [text.strip() for text in texts]
        if prompt == "query":
            rows = [self._embeddings.embed_query(text) for text in bare]
        else:
            rows = self._embeddings.embed_documents(bare) if bare else []
        vectors = np.asarray(rows, np.float32).reshape(len(texts), self.dimensions)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(lengths > 0, lengths, 1)


class PolicyAnswers(Runnable[Any, dict[str, Any]]):
    """The whole answer, as ``python -m assistant ask --json`` gives it.

    Takes a question; or a mapping with ``question`` and, if wanted, ``history`` (pairs of question and
    answer), ``as_of`` and ``passages``; or the messages of a conversation. ``stream`` gives the answer
    a statement at a time, then the rest; the pieces add up to what ``invoke`` gives. Raises ``UserError``.
    """

    name = "PolicyAnswers"

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> dict[str, Any]:
        """The answer."""
        return self._call_with_config(self._answer, input, config)

    def _answer(self, given: Any) -> dict[str, Any]:
        return answer_json(self._assistant.ask(**_asked(given)))

    def stream(
        self, input: Any, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[dict[str, Any]]:
        """The answer as it comes."""
        yield from self.transform(iter([input]), config)

    def transform(
        self, input: Iterator[Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[dict[str, Any]]:
        """The answer to what has come in whole."""
        yield from self._transform_stream_with_config(input, self._pieces, config)

    def _pieces(self, given: Iterator[Any]) -> Iterator[dict[str, Any]]:
        pieces = list(given)
        whole = "".join(pieces) if all(isinstance(p, str) for p in pieces) else pieces[-1]
        said: list[Statement] = []
        for event in self._assistant.stream(**_asked(whole)):
            if isinstance(event, Statement) and all(c.verdict == "已核实" for c in event.citations):
                yield AddableDict(answer=_worded([event], after=bool(said)))
                said.append(event)
            elif isinstance(event, Answer):
                rest = _worded(event.statements[len(said) :], after=bool(said))
                yield AddableDict({**answer_json(event), "answer": rest})


def _worded(statements: Sequence[Statement], *, after: bool) -> str:
    text = Answer(question="", outcome="已回答", statements=tuple(statements)).text
    return f"\n{text}" if after and text else text


def _asked(given: Any) -> dict[str, Any]:
    """What the assistant takes, out of what a chain hands over."""
    if isinstance(given, str):
        given = {"question": given}
    if isinstance(given, Mapping) and "messages" not in given:
        question, history = given.get("question"), given.get("history") or ()
        if not isinstance(question, str) or not question.strip():
            raise UserError("问题是空的。", "请写出要问的事。")
        more = {"as_of": given.get("as_of") or "", "passages": given.get("passages")}
        return {"question": question, "history": [(str(q), str(a)) for q, a in history], **more}
    messages = given["messages"] if isinstance(given, Mapping) else given
    if hasattr(messages, "to_messages"):  # what a prompt template gives
        messages = messages.to_messages()
    request = read({"messages": convert_to_openai_messages(messages)})
    return {"question": request.question, "history": request.history}


def _filters(given: Filters | Mapping[str, Any] | None) -> Filters:
    if given is None or isinstance(given, Filters):
        return given or Filters()
    known = {f.name for f in fields(Filters)}
    if wrong := sorted(set(given) - known):
        raise UserError(f"筛选条件 {'、'.join(wrong)} 不认识。", f"可用的有：{'、'.join(sorted(known))}。")
    chosen: dict[str, Any] = {k: v if isinstance(v, str) else tuple(v) for k, v in given.items()}
    return Filters(**chosen)


def _document(store: Store, hit: Hit) -> Document:
    if hit.source.reader == _READER:
        return _as_added(store, hit.source)
    article, passage = hit.article, hit.passage
    metadata = {
        "source": hit.source.name,
        "page": passage.page,
        "label": passage.label,
        "article_id": article.id,
        "title": article.title,
        "issuer": article.issuer,
        "number": article.number,
        "published_on": article.published_on,
        "effective_on": article.effective_on,
        "kind": article.kind,
        "status": article.status,
    }
    return Document(id=passage.id, page_content=passage.text, metadata=metadata)


def _original(id_: str, document: Document) -> bytes:
    """What is kept as the file that was received."""
    kept = {"id": id_, "page_content": document.page_content, "metadata": document.metadata}
    try:
        return json.dumps(kept, ensure_ascii=False, sort_keys=True, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise UserError(
            f"文档“{id_}”的 metadata 存不下来：{error}。",
            "metadata 里只能有文字、数字、列表和字典这样的 JSON 内容。",
        ) from error


def _as_added(store: Store, source: Source) -> Document:
    """The very document that was added."""
    kept = json.loads(store.original(source.id))
    return Document(id=kept["id"], page_content=kept["page_content"], metadata=kept["metadata"])


def _made(
    source_id: str, place: str, name: str, original: bytes
) -> tuple[Source, list[Article], list[Passage], bytes]:
    """A document as ``Writer.put`` takes it."""
    kept = json.loads(original)
    text, metadata = kept["page_content"], kept["metadata"]
    source = Source(
        id=source_id,
        name=name,
        origin=place,
        sha256=sha256(original).hexdigest(),
        media_type="application/json",
        bytes=len(original),
        received_at=received_now(),
        received_by="LangChain",
        reader=_READER,
    )
    own = {field: metadata[field] for field in _OWN if isinstance(metadata.get(field), str)}
    article = Article(id=f"{source_id}/1", source_id=source_id, ordinal=1, text=text, **own)
    passage = Passage(
        id=f"{article.id}/1", article_id=article.id, ordinal=1, start=0, end=len(text), text=text
    )
    return source, [article], [passage] if text.strip() else [], original
