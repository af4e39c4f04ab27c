"""The contract of ``ask --json``: an answer as plain data."""

from typing import Any

from assistant.types import OUTCOME_CODES, Answer


def answer_json(answer: Answer, id: str = "") -> dict[str, Any]:
    """The keys and their order as documented; ``id`` is the caller's, ``""`` for a single question."""
    cited = {c.marker for s in answer.statements for c in s.citations}
    return {
        "id": id,
        "question": answer.question,
        "understood": answer.understood,
        "outcome": OUTCOME_CODES[answer.outcome],
        "answer": answer.text,
        "statements": [
            {
                "text": s.text,
                "citations": [
                    {
                        "marker": c.marker,
                        "quote": c.quote,
                        "start": c.start,
                        "end": c.end,
                        "verdict": c.verdict,
                    }
                    for c in s.citations
                ],
            }
            for s in answer.statements
        ],
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
