"""What is measured of one answer, and how results are averaged. Every measure is a word."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eval.dataset import REFUSALS, Case

#: Longest answer, in characters without markers, that counts as short (for one fact: ONE_FACT).
LONGEST = 400
ONE_FACT = 80
ONE_FACT_TYPES = frozenset({"number", "who", "when"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """评分: one scored answer. ``answer`` is the contract's JSON; ``error`` names a crash, which is a miss.

    ``scores`` hold 1.0 or 0.0 (``fact_recall``: a share) for each measure that applies
    to the case; a measure that does not apply is absent, so averages stay honest.
    """

    case: Case
    answer: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    error: str = ""


def squeeze(text: str) -> str:
    """White space carries no meaning in a Chinese fact: “1 月 17 日” equals “1月17日”."""
    return "".join(text.split())


def score(case: Case, answer: dict[str, Any]) -> dict[str, float]:
    """Every measure that applies to this case.

    ``right``: all facts held, none forbidden, expected outcome (answerable cases), or
    refused (the others). ``fact_recall``: share of facts held. ``refusal``: answered or
    refused as it should. ``concise``: within LONGEST, one fact within ONE_FACT unless
    the answer is a single uncut sentence. ``verbatim``: every quote stands in its
    passage. ``cited``: every statement carries a verified citation. ``found``: a cited
    passage is of the article the case names.
    """
    refused = answer["outcome"] in REFUSALS
    if not case.answerable:
        return {"right": float(refused), "refusal": float(refused)}
    text = squeeze("".join(s["text"] for s in answer["statements"]))
    held = [any(squeeze(fact) in text for fact in group) for group in case.must]
    clean = not any(squeeze(fact) in text for fact in case.must_not)
    expected = answer["outcome"] == case.outcome if case.outcome else not refused
    scores = {
        "right": float(all(held) and clean and expected),
        "refusal": float(not refused),
        "fact_recall": sum(held) / len(held) if held else float(expected),
    }
    if not refused:
        scores |= {
            "concise": float(_concise(case, answer, len(text))),
            "verbatim": float(_verbatim(answer)),
            "cited": float(_cited(answer)),
        }
    if case.source:
        scores["found"] = float(_found(case, answer))
    return scores


def _concise(case: Case, answer: dict[str, Any], length: int) -> bool:
    limit = ONE_FACT if case.type in ONE_FACT_TYPES and len(case.must) <= 1 else LONGEST
    return length <= limit or (len(answer["statements"]) == 1 and length <= LONGEST)


def _verbatim(answer: dict[str, Any]) -> bool:
    texts = {e["marker"]: e["text"] for e in answer["evidence"]}
    return all(
        c["quote"] and c["quote"] in texts.get(c["marker"], "")
        for s in answer["statements"]
        for c in s["citations"]
    )


def _cited(answer: dict[str, Any]) -> bool:
    return all(any(c["verdict"] == "已核实" for c in s["citations"]) for s in answer["statements"])


def _found(case: Case, answer: dict[str, Any]) -> bool:
    cited = [e for e in answer["evidence"] if e["cited"]]
    return any(
        any(piece in e["source"] for piece in case.source) and squeeze(case.article) in squeeze(e["title"])
        for e in cited
    )


def interval(values: Sequence[float], *, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean (Efron 1979). ``values``: (n,), n ≥ 1."""
    data = np.asarray(values, dtype=np.float64)
    means = np.random.default_rng(seed).choice(data, (draws, len(data))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def summary(results: Sequence[CaseResult]) -> dict[str, Any]:
    """Means with intervals over the cases each measure applies to, balanced refusal accuracy, latency."""
    names = dict.fromkeys(name for r in results for name in r.scores)
    measures = {name: _mean([r.scores[name] for r in results if name in r.scores]) for name in names}
    sides = [
        [r.scores["refusal"] for r in results if r.case.answerable is side and "refusal" in r.scores]
        for side in (True, False)
    ]
    seconds = [r.answer["seconds"]["total"] for r in results if r.answer.get("seconds")]
    return {
        "cases": len(results),
        "crashed": sum(bool(r.error) for r in results),
        "measures": measures,
        "balanced_refusal": float(np.mean([np.mean(s) for s in sides])) if all(sides) else None,
        "median_ms": float(np.median(seconds) * 1000) if seconds else None,
        "p95_ms": float(np.percentile(seconds, 95) * 1000) if seconds else None,
    }


def _mean(values: Sequence[float]) -> dict[str, Any]:
    low, high = interval(values)
    return {"mean": float(np.mean(values)), "low": low, "high": high, "n": len(values)}


# --- ranking: definitions as in Manning et al., Introduction to Information Retrieval, ch. 8 ---


def recall_at(k: int, ranked: Sequence[str], relevant: set[str]) -> float:
    """Recall@k: share of the relevant documents among the first k."""
    return len(relevant.intersection(ranked[:k])) / len(relevant)


def reciprocal_rank_at(k: int, ranked: Sequence[str], relevant: set[str]) -> float:
    """MRR@k of one query: 1 / rank of the first relevant document, 0 beyond k."""
    return next((1 / rank for rank, doc in enumerate(ranked[:k], 1) if doc in relevant), 0.0)


def ndcg_at(k: int, ranked: Sequence[str], relevant: set[str]) -> float:
    """nDCG@k with binary gains (Järvelin & Kekäläinen 2002, log2 discount as in trec_eval)."""
    gains = sum(1 / np.log2(rank + 1) for rank, doc in enumerate(ranked[:k], 1) if doc in relevant)
    ideal = sum(1 / np.log2(rank + 1) for rank in range(1, min(k, len(relevant)) + 1))
    return float(gains / ideal)
