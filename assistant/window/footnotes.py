"""An answer as plain text, its citations as footnotes."""

from typing import NamedTuple

from assistant.types import Answer, Evidence, Outcome
from assistant.window.turn import cited_markers

OUTCOME_HEADS: dict[Outcome, str] = {
    "已回答": "",
    "依据不足": "资料库中没有找到足够的依据",
    "存在冲突": "资料之间说法不一致，请对照原文",
    "需澄清": "请把问题说得再具体一些",
}


class Footnote(NamedTuple):
    """脚注: a marker, the place that it stands for in words, and the quotes taken from there."""

    marker: int
    place: str
    quotes: tuple[str, ...]


def footnotes(answer: Answer) -> list[Footnote]:
    """One footnote a cited marker, in the order in which they are read."""
    evidence = {e.marker: e for e in answer.evidence}
    notes = []
    for marker in cited_markers(answer):
        quotes = [c.quote for s in answer.statements for c in s.citations if c.marker == marker]
        place = _place(evidence[marker]) if marker in evidence else ""
        notes.append(Footnote(marker, place, tuple(dict.fromkeys(quotes))))
    return notes


def as_footnotes(question: str, answer: Answer) -> str:
    """The answer as plain text, its citations as footnotes: what the copy button copies."""
    lines = [f"问：{question}", "", answer.text or _plain_outcome(answer), ""]
    lines += [f"[{number}] {place}" for number, place, _ in footnotes(answer)]
    return "\n".join(lines).strip()


def _plain_outcome(answer: Answer) -> str:
    return "\n".join(
        filter(None, [f"【{answer.outcome}】{OUTCOME_HEADS[answer.outcome]}", *answer.notes[:1]])
    )


def called(evidence: Evidence) -> str:
    """An article as people call it: by its title, or else by the name of its file."""
    title = evidence.hit.article.title
    return f"《{title}》" if title else evidence.hit.source.name


def _place(evidence: Evidence) -> str:
    article, passage, source = evidence.hit.article, evidence.hit.passage, evidence.hit.source
    parts = [
        f"{called(evidence)}{passage.label}",
        "、".join(article.authors),
        article.issuer,
        article.number,
        article.published_on,
        f"{source.name} 第 {passage.page} 页",
        "" if article.status in ("未知", "现行") else article.status,
    ]
    return "，".join(filter(None, parts))
