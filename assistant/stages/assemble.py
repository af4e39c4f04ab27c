"""The answer, of what was drafted and verified."""

from collections.abc import Sequence

from assistant.citing import GIVEN, Book
from assistant.copies import seen_elsewhere, with_reprints
from assistant.evidence.candidate import Candidate
from assistant.following.past import REFUSED
from assistant.following.talk import reply, talk_of
from assistant.stages.work import Clock, Resources, Work
from assistant.types import Answer, Outcome, Query, Statement

NOTHING = f"{REFUSED}能回答这个问题的依据。"


def clarify(query: Query, clock: Clock) -> Answer:
    """The answer to small talk, and to what names nothing to look for."""
    talk = talk_of(query.asked)
    text = reply(talk) if talk else "没有看明白您要问什么。请说出要查的事、单位或文件名。"
    return Answer(
        question=query.asked,
        outcome="需澄清",
        statements=(Statement(text=text),),
        notes=query.notes,
        understood=query.text,
        seconds=clock.done(),
    )


def assemble(work: Work, book: Book, worded: Sequence[Statement], resources: Resources) -> Answer:
    """The answer: a model's statements, else those drafted, as far as they pass the verifier."""
    kept = _verified(work, book, worded)
    outcome: Outcome = "已回答" if kept else "依据不足"
    if kept and any(p.contrary for p in work.pieces):
        outcome = "存在冲突"
        work.notes.append(_both_told(work))
    if not kept:
        work.notes.append(_nearest_reason(work.judged) or "库中没有与问题相近的内容。")
        kept = [Statement(text=NOTHING)]
    work.notes += _notes_on_cited(work, book, kept, resources)
    return Answer(
        question=work.query.asked,
        outcome=outcome,
        statements=tuple(kept),
        evidence=with_reprints(resources.store, book.evidence(work.judged, resources.settings.shown)),
        notes=tuple(dict.fromkeys(work.notes)),
        understood=work.query.text,
        confidence=resources.sure.confidence(work.signals),
        signals=work.signals,
        withheld=tuple(work.withheld),
    )


def _verified(work: Work, book: Book, worded: Sequence[Statement]) -> list[Statement]:
    statements = list(worded) or [
        *(book.fact(f) for f in work.facts),
        *(book.statement(p) for p in work.pieces),
    ]
    kept = [s for s in statements if all(c.verdict == "已核实" for c in s.citations)]
    if len(kept) < len(statements):
        work.notes.append(f"有{len(statements) - len(kept)}句没有通过校验，已略去。")
        work.withheld += [s.text for s in statements if s not in kept]
    return kept


def _both_told(work: Work) -> str:
    """The note beside sentences that contradict one another."""
    if work.hits and work.hits[0].article.id.startswith(GIVEN):
        return "所给材料说法不一，两种都列出，请核实。"
    return "现行文件说法不一，两种都列出，请向发文单位核实。"


def _notes_on_cited(work: Work, book: Book, kept: Sequence[Statement], resources: Resources) -> list[str]:
    """How the documents cited stand, where the answer does not say so, and where else they appeared."""
    cited, said = book.cited_articles(), {s.text for s in kept}
    standing = (resources.register.note(a, work.day) for a in cited if a.id[:1].isdigit())
    elsewhere = (seen_elsewhere(resources.store, a) for a in cited)
    return [*(note for note in standing if note not in ("", *said)), *(note for note in elsewhere if note)]


def _nearest_reason(judged: Sequence[Sequence[Candidate]]) -> str:
    near = max((c for cs in judged for c in cs if c.reason), key=lambda c: c.score, default=None)
    if near is None or near.score < 0.2:
        return ""
    title = near.context.article.title
    called = f"的是《{title}》" if title else "的一段没有标题"
    return f"库中最接近{called}，但{near.reason}。"
