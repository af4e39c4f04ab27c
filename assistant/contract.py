"""The contract of ``ask --json``: an answer as plain data."""

from typing import Any

from assistant.finds import Find
from assistant.reranker.explain import Explanation
from assistant.types import OUTCOME_CODES, Answer, Statement
from corpus.types import Hit


def answer_json(answer: Answer, id: str = "") -> dict[str, Any]:
    """The keys and their order as documented; ``id`` is the caller's, ``""`` for a single question."""
    cited = {c.marker for s in answer.statements for c in s.citations}
    return {
        "id": id,
        "question": answer.question,
        "understood": answer.understood,
        "outcome": OUTCOME_CODES[answer.outcome],
        "answer": answer.text,
        "statements": [statement_json(s) for s in answer.statements],
        "evidence": [
            {
                "marker": e.marker,
                "passage_id": e.hit.passage.id,
                "article_id": e.hit.article.id,
                "title": e.hit.article.title,
                "source": e.hit.source.name,
                "page": e.hit.passage.page,
                "label": e.hit.passage.label,
                "text": e.hit.passage.text,
                "grade": e.grade,
                "reason": e.reason,
                "cited": e.marker in cited,
                "status": e.hit.article.status,
                "published_on": e.hit.article.published_on,
                "effective_on": e.hit.article.effective_on,
                "expires_on": e.hit.article.expires_on,
                "issuer": e.hit.article.issuer,
                "number": e.hit.article.number,
                "region": e.hit.article.region,
                "authors": list(e.hit.article.authors),
                "reprints": [
                    {"article_id": a.id, "title": a.title, "published_on": a.published_on} for a in e.reprints
                ],
            }
            for e in answer.evidence
        ],
        "confidence": round(answer.confidence, 4),
        "withheld": list(answer.withheld),
        "notes": list(answer.notes),
        "seconds": answer.seconds,
    }


def statement_json(statement: Statement) -> dict[str, Any]:
    """A sentence with its citations, as it stands among an answer's ``statements``."""
    return {
        "text": statement.text,
        "citations": [
            {"marker": c.marker, "quote": c.quote, "start": c.start, "end": c.end, "verdict": c.verdict}
            for c in statement.citations
        ],
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """A passage that was found: the contract of ``search --json``."""
    return {
        "passage_id": hit.passage.id,
        "article_id": hit.article.id,
        "title": hit.article.title,
        "source": hit.source.name,
        "page": hit.passage.page,
        "label": hit.passage.label,
        "text": hit.passage.text,
        "score": hit.score,
        "ranks": hit.ranks,
    }


def find_json(find: Find, explanation: Explanation | None = None) -> dict[str, Any]:
    """A find: its hit, the passages joined to it, what else says it, and why it stands where it does."""
    row = hit_json(find.hit) | {
        "label": find.label,
        "text": find.text,
        "passage_ids": [p.id for p in find.passages],
        "others": [
            {
                "relation": other.relation,
                "passage_id": other.passage.id if other.passage else "",
                "article_id": other.article.id,
                "title": other.article.title,
                "label": other.passage.label if other.passage else "",
                "status": other.article.status,
            }
            for other in find.others
        ],
    }
    return row | ({"explain": _explanation_json(explanation)} if explanation else {})


def _explanation_json(explanation: Explanation) -> dict[str, Any]:
    return {
        "score": explanation.score,
        "baseline": explanation.baseline,
        "shares": [
            {"name": s.name, "title": s.title, "value": s.value, "share": s.share} for s in explanation.shares
        ],
    }
