"""Measure retrieval alone, on a corpus in BEIR form (Thakur et al. 2021)."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.question.understand import understand
from assistant.retrieve import LEGS
from corpus.errors import UserError
from corpus.store import Store
from corpus.types import Article, Passage, Source
from eval import ranking
from eval.interchange import beir_file, beir_qrels, beir_rows, write_run

ROWS_A_SOURCE = 5000


def retrieval(
    folder: Path, out: Path, *, legs: Sequence[str], k: int, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Index every row of ``corpus.jsonl`` as an article, ask every judged query, write
    ``metrics.json`` and a TREC run file a leg into ``out``.

    Beside its measures each leg has ``median_ms`` and ``p95_ms``, from the question as typed to the
    k best, and ``median_cpu_ms`` and ``p95_cpu_ms``, what the processors spent on it, which a busy
    machine changes less. ``queries_learned`` of the queries were in the encoder's training.

    Raises UserError for an unknown leg or a folder that is not in BEIR form.
    """
    unknown = [leg for leg in legs if leg not in LEGS]
    if unknown:
        raise UserError(f"没有名为 {'、'.join(unknown)} 的检索方式。", f"可以用：{'、'.join(LEGS)}。")
    qrels = beir_qrels(folder)
    queries = {
        row["_id"]: row["text"]
        for row in beir_rows(beir_file(folder, "queries.jsonl"))
        if row["_id"] in qrels
    }
    out.mkdir(parents=True, exist_ok=True)
    with Store.open(out / "store") as store:
        ids = fill(beir_file(folder, "corpus.jsonl"), store, progress)
        known = sum(store.learned(list(queries.values())))
        if known:
            progress(learned_from(known, len(queries)))
        report = {}
        for leg in legs:
            progress(f"检索方式 {leg}：{len(queries)} 个问题")
            runs, times = _ask(leg, queries, store, ids, k)
            write_run(runs, out / f"{leg}.trec", leg)
            report[leg] = _measure(runs, qrels) | times | {"queries_learned": known}
    (out / "metrics.json").write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    return report


def learned_from(known: int, asked: int) -> str:
    """A warning that figures are from memory, for questions of which the encoder has learned some."""
    return f"注意：这 {asked} 个问题里有 {known} 个，现在的向量模型训练时学过，凡用到向量的成绩是背下来的，不能引用。"


def fill(path: Path, store: Store, progress: Callable[[str], None]) -> dict[str, str]:
    """Fill the store once; later runs over the same file reuse it. Returns article id → row id."""
    rows = list(beir_rows(path))
    ids: dict[str, str] = {}
    with store.writing() as writer:
        for start in range(0, len(rows), ROWS_A_SOURCE):
            part = rows[start : start + ROWS_A_SOURCE]
            data = "\n".join(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in part).encode()
            source, articles, passages = _source(part, data, f"{path.name}#{start}", writer.known)
            ids |= {article.id: row["_id"] for article, row in zip(articles, part, strict=True)}
            if source is not None:
                writer.put(source, articles, passages, data)
                progress(f"已建索引 {min(start + ROWS_A_SOURCE, len(rows))}/{len(rows)} 篇")
    return ids


def _source(
    rows: Sequence[dict[str, Any]], data: bytes, name: str, known: Callable[..., tuple[str, str]]
) -> tuple[Source | None, list[Article], list[Passage]]:
    """Rows as one source; the source is None when the store already holds exactly these rows."""
    sha256 = hashlib.sha256(data).hexdigest()
    source_id, state = known(origin=name, name=name, sha256=sha256)
    articles = [
        Article(
            id=f"{source_id}/{n}",
            source_id=source_id,
            ordinal=n,
            title=row.get("title", ""),
            text=row["text"],
        )
        for n, row in enumerate(rows, 1)
    ]
    passages = [
        Passage(id=f"{a.id}/1", article_id=a.id, ordinal=1, start=0, end=len(a.text), text=a.text)
        for a in articles
    ]
    source = Source(
        id=source_id,
        name=name,
        origin=name,
        sha256=sha256,
        media_type="application/jsonl",
        bytes=len(data),
        received_at=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        reader="beir",
    )
    return (None if state == "unchanged" else source), articles, passages


def _ask(
    leg: str, queries: dict[str, str], store: Store, ids: dict[str, str], k: int
) -> tuple[dict[str, list[tuple[str, float]]], dict[str, float]]:
    runs: dict[str, list[tuple[str, float]]] = {}
    wall, spent = [], []
    LEGS[leg](store, understand(next(iter(queries.values()), "工会"), store), k)  # what is loaded once
    for query_id, text in queries.items():
        began, used = time.perf_counter(), time.process_time()
        ranked = LEGS[leg](store, understand(text, store), k)
        wall.append(time.perf_counter() - began)
        spent.append(time.process_time() - used)
        runs[query_id] = [(ids[passage_id.rpartition("/")[0]], value) for passage_id, value in ranked]
    times = {"": wall, "cpu_": spent}
    return runs, {
        f"{name}_{kind}ms": float(np.percentile(seconds, share)) * 1000
        for kind, seconds in times.items()
        for name, share in (("median", 50), ("p95", 95))
    }


def _measure(runs: dict[str, list[tuple[str, float]]], qrels: ranking.Judgements) -> dict[str, Any]:
    asked = {query: qrels[query] for query in runs}
    report: dict[str, Any] = dict(
        ranking.averages({q: [d for d, _ in found] for q, found in runs.items()}, asked)
    )
    report["queries"] = len(runs)
    return report
