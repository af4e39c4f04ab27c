"""Everything about one file of the table, live or withdrawn, for a person who opens its row."""

from collections import Counter
from typing import Any

from corpus.errors import UserError
from corpus.store import Store
from corpus.types import Article, Source, Version


def details(store: Store, source_id: str) -> dict[str, Any]:
    """The file, its articles, warnings and versions. Raises ``UserError`` where it is not held."""
    source = store.source(source_id) if source_id.isdigit() else None
    if source:
        held = store.articles(source.id)
        ids = [article.id for article in held]
        reprints = store.reprint_notes(ids)
        standing = {row.id: row.status for row in store.holdings.chosen(ids)}
        told = [
            _article(a, len(store.passages(a.id)), [store.holdings.note(a.id), reprints.get(a.id, "")])
            | {"status": standing.get(a.id, a.status)}
            for a in held
        ]
        return {**_file(source, store), "state": "已发布", "articles": told}
    version = store.archive.version(source_id) if source_id.isdigit() else None
    if version is None:
        raise UserError("这份文件已经不在资料库里。", "请刷新资料表。")
    return {**_file(version.source, store), **_withdrawn(store, version), "state": "已撤下"}


def _file(source: Source, store: Store) -> dict[str, Any]:
    names = ("id", "name", "bytes", "pages", "reader", "received_at", "received_by", "sha256")
    versions = [v for v in store.archive.history(source.id) if v.state == "旧版"]
    known = {name: getattr(source, name) for name in names}
    return {**known, "warnings": list(source.warnings), "versions": len(versions)}


def _withdrawn(store: Store, version: Version) -> dict[str, Any]:
    articles, passages = store.archive.content(version.id)
    counts = Counter(p.article_id for p in passages)
    told = [_article(a, counts[a.id], []) for a in articles]
    return {"articles": told, "withdrawn_at": version.at, "withdrawn_by": version.who, "note": version.note}


def _article(article: Article, passages: int, notes: list[str]) -> dict[str, Any]:
    names = ["id", "title", "subtitle", "kind", "issuer", "number", "published_on", "effective_on"]
    names += ["expires_on", "region", "status", "trust", "quality", "quality_reason"]
    known = {name: getattr(article, name) for name in names}
    return {**known, "pages": list(article.pages), "passages": passages, "notes": [n for n in notes if n]}
