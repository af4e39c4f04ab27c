"""What is live already of a draft: the same file, the same document, an earlier or a later version of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from corpus.store import Store
from corpus.types import Article, Source
from corpus.versions.proposals import Proposals
from ingest.intake.drafts import Draft

#: Articles of a draft that are compared: a file that holds more is a collection.
COMPARED = 40
#: The source of what is no source yet: it counts as received last.
_NOT_HELD = "draft"
#: Twins that are told of.
TOLD = 12


class Twin(NamedTuple):
    """相同或相近: a live file or article, which part of the draft it resembles (-1: the file), and why it is named.

    ``relation``: 同一份 (one document, lightly edited at most), 旧版 (the draft may take its place),
    新版 (it may take the draft's place), 同名 (a file of that name, other bytes), 已撤下 (the file, withdrawn).
    """

    source: Source
    article: Article | None
    part: int
    relation: Literal["同一份", "旧版", "新版", "同名", "已撤下"]
    why: str


class Twins:
    """Looks for them in one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._proposals = Proposals(store)
        self._revision = -1
        self._by_origin: dict[str, Source] = {}
        self._by_bytes: dict[str, list[Source]] = {}

    def of(self, draft: Draft) -> list[Twin]:
        """The live files and articles that a draft may repeat or replace, the surest first, each once."""
        found: dict[tuple[str, int], Twin] = {}
        files = list(self._files(draft))
        whole = {twin.source.id for twin in files if twin.relation == "同一份"} | {draft.corrects}
        articles = [twin for twin in self._articles(draft) if twin.source.id not in whole]
        for twin in (*(twin for twin in files if twin.source.id != draft.corrects), *articles):
            found.setdefault((twin.article.id if twin.article else twin.source.id, twin.part), twin)
        return list(found.values())[:TOLD]

    def _files(self, draft: Draft) -> Iterator[Twin]:
        by_origin, by_bytes = self._sources()
        for source in by_bytes.get(draft.sha256, []):
            yield Twin(source, None, -1, "同一份", "文件的内容完全相同")
        held = by_origin.get(draft.origin)
        if held and held.sha256 != draft.sha256:
            yield Twin(held, None, -1, "同名", "文件名相同，内容不同")
        id_ = self._store.archive.withdrawn_for(origin=draft.origin, name=draft.name, sha256=draft.sha256)
        if id_ and (version := self._store.archive.version(id_)):
            yield Twin(version.source, None, -1, "已撤下", f"先前的一份已于 {version.at[:10]} 撤下")

    def _sources(self) -> tuple[dict[str, Source], dict[str, list[Source]]]:
        """The live files by their place and by their bytes; read once a revision."""
        revision = self._store.revision
        if revision != self._revision:
            sources = self._store.sources()
            self._by_origin = {source.origin: source for source in sources}
            self._by_bytes = {}
            for source in sources:
                self._by_bytes.setdefault(source.sha256, []).append(source)
            self._revision = revision
        return self._by_origin, self._by_bytes

    def _articles(self, draft: Draft) -> Iterator[Twin]:
        for n, part in enumerate(draft.parts[:COMPARED]):
            article = replace(part.article, id=f"{_NOT_HELD}/{n}", source_id=_NOT_HELD)
            for copy in self._store.copies(article):
                if source := self._store.source(copy.source_id):
                    yield Twin(source, copy, n, "同一份", "正文相同或几乎相同")
            for proposal in self._proposals.of(article):
                newer = proposal.newer.id == article.id
                other = proposal.older if newer else proposal.newer
                if source := self._store.source(other.source_id):
                    yield Twin(source, other, n, "旧版" if newer else "新版", "；".join(proposal.reasons))
