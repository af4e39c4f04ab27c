"""Answers from a document's own data: who wrote it, since when it holds, one of its clauses."""

import re

from assistant import lookup
from assistant.drafting.piece import Piece
from assistant.question.kind import POST_ASKED
from assistant.stages.work import Resources, Work
from assistant.versions import NOT_HELD


def look_up(work: Work, resources: Resources) -> bool:
    """Facts or clauses that the question asks for by name; False where it is not of that sort."""
    kinds = {part.kind for part in work.focus.parts}
    text, near = work.query.text, [h.article for h in work.hits]
    if "出处" in kinds or work.about:
        register, day = resources.register, work.day
        articles = work.about or lookup.named_documents(
            resources.store, text, work.focus, near, register, day
        )
        work.facts = lookup.provenance(text, articles, register, day)
    elif re.search(POST_ASKED, text):
        work.facts = lookup.posts(text, near)
    if "条款" in kinds:
        _clauses(work, resources)
    return work.drafted


def _clauses(work: Work, resources: Resources) -> None:
    """The clauses of laws that are named by title or 文号: what holds first."""
    text, store = work.query.text, resources.store
    work.laws = lookup.law_names(text, work.focus)
    by_number = lookup.numbered(store, text)
    if by_number:
        work.laws = tuple(a.title for a in by_number)
    if not work.laws:
        return
    titled = by_number or lookup.exactly(work.laws, lookup.titled(store, work.laws))
    dated = (resources.register.dated(a, work.day) for a in titled)
    found = lookup.clauses(text, sorted(dated, key=lambda a: a.status in NOT_HELD), resources.passages)
    work.pieces = [Piece(at, span) for at, span in found]
