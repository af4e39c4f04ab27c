"""Answers made by hand, so that every measure can be checked on paper."""

from typing import Any

from eval.dataset import Case

PASSAGE = "云河市总工会2024年建成户外劳动者驿站36家，服务12000人次。"


def answer(
    text: str = "云河市总工会2024年建成户外劳动者驿站36家，服务12000人次。",
    *,
    outcome: str = "answered",
    quote: str = "建成户外劳动者驿站36家",
    verdict: str = "已核实",
    title: str = "驿站建设情况",
    cited: bool = True,
) -> dict[str, Any]:
    """An answer in the contract's shape: one statement, one citation, one piece of evidence."""
    citations = [{"marker": 1, "quote": quote, "verdict": verdict}] if cited else []
    statements = [{"text": text, "citations": citations}] if outcome in ("answered", "conflict") else []
    evidence = {
        "marker": 1,
        "passage_id": "1/1/1",
        "article_id": "1/1",
        "title": title,
        "source": "驿站.md",
        "page": 1,
        "label": "",
        "text": PASSAGE,
        "grade": "支持",
        "cited": cited and bool(statements),
    }
    return {
        "id": "",
        "question": "",
        "outcome": outcome,
        "answer": text,
        "statements": statements,
        "evidence": [evidence],
        "notes": [],
        "seconds": {"total": 0.01},
    }


STATIONS = Case(
    id="q1",
    question="云河市建成了多少家户外劳动者驿站？",
    type="number",
    must=(("36家", "36 家"),),
    source=("驿站",),
    article="驿站建设",
)
UNKNOWN = Case(id="q2", question="海州市有多少家驿站？", type="unanswerable", answerable=False)
