"""Which answers trainers should look at, and what of them is kept: nothing that names a person."""

import re
from collections.abc import Sequence

from assistant.types import Answer, Outcome
from corpus.store import Store
from corpus.types import ReviewEvidence, ReviewReason

#: Passages kept with an item; a trainer reads no more.
KEPT = 8
#: Longer texts are cut: a trainer opens the article for the rest.
LONGEST = 2000
#: What identifies a person in a question: card and telephone numbers, mail, the name one gives oneself.
_PERSONAL = (
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "［证件号］"),
    (re.compile(r"(?<!\d)\d{16}(?:\d{3})?(?!\d)"), "［卡号］"),
    (re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)"), "［电话］"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII), "［邮箱］"),
    (
        re.compile(
            r"((?:我|本人)(?:叫|名叫|的名字是)|(?:我|本人)?姓名[是：:])[\u4e00-\u9fff·]{2,4}?(?=[，,。；;、\s]|$)"
        ),
        r"\1［姓名］",
    ),
)


def reason_of(answer: Answer) -> ReviewReason | None:
    """Why an answer goes into the queue: sentences withheld, or refused; None for the rest."""
    if answer.withheld:
        return "扣下"
    return "拒答" if answer.outcome == "依据不足" else None


def without_names(text: str) -> str:
    """The text with numbers, addresses and names that identify a person replaced by their kind."""
    for pattern, kind in _PERSONAL:
        text = pattern.sub(kind, text)
    return text


def enqueue(store: Store, question: str, answer: Answer, *, reason: ReviewReason, comment: str = "") -> int:
    """Put an answer with its evidence into the trainers' queue; the item's number."""
    return store.add_review(
        reason=reason,
        question=without_names(question),
        understood=without_names(answer.understood),
        outcome=answer.outcome,
        answer=answer.text or "；".join(answer.notes),
        withheld=[text[:LONGEST] for text in answer.withheld],
        comment=without_names(comment),
        evidence=_evidence(answer),
    )


def enqueue_rated(
    store: Store, question: str, answer: str, *, outcome: Outcome, comment: str, passages: Sequence[str]
) -> int:
    """Put an answer that somebody found wrong into the queue, with the passages it cites that are held yet."""
    evidence = []
    for id_ in list(dict.fromkeys(passages))[:KEPT]:
        passage = store.passage(id_)
        article = store.article(passage.article_id) if passage else None
        if passage and article:
            evidence.append(
                ReviewEvidence(
                    passage_id=id_,
                    article_id=article.id,
                    title=article.title,
                    label=passage.label,
                    text=passage.text[:LONGEST],
                    grade="支持",
                    cited=True,
                )
            )
    return store.add_review(
        reason="差评",
        question=without_names(question),
        outcome=outcome,
        answer=answer,
        comment=without_names(comment),
        evidence=evidence,
    )


def _evidence(answer: Answer) -> list[ReviewEvidence]:
    cited = {c.marker for s in answer.statements for c in s.citations}
    ordered = sorted(answer.evidence, key=lambda e: (e.marker not in cited, e.marker))
    return [
        ReviewEvidence(
            passage_id=e.hit.passage.id,
            article_id=e.hit.article.id,
            title=e.hit.article.title or e.hit.source.name,
            label=e.hit.passage.label,
            text=e.hit.passage.text[:LONGEST],
            grade=e.grade,
            cited=e.marker in cited,
        )
        for e in ordered[:KEPT]
    ]
