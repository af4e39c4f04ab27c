"""Answers from a document's own data: who wrote it, since when it holds, one of its clauses."""

import re

from assistant.drafting.piece import Piece
from assistant.lookup.clauses import clauses
from assistant.lookup.documents import named_documents, numbered, titled
from assistant.lookup.laws import exactly, law_names
from assistant.lookup.provenance import posts, provenance
from assistant.question.kind import POST_ASKED
from assistant.stages.work import Resources, Work
from assistant.versions import NOT_HELD


def look_up(work: Work, resources: Resources) -> bool:
    """Facts or clauses that the question asks for by name; False where it is not of that sort."""
    kinds = {part.kind for part in work.focus.parts}
    text, near = work.query.text, [h.article for h in work.hits]
    if "出处" in kinds or work.about:
        register, day = resources.register, work.day
        articles = work.about or named_documents(resources.store, text, work.focus, near, register, day)
        work.facts = provenance(text, articles, register, day)
    elif re.search(POST_ASKED, text):
        work.facts = posts(text, near)
    if "条款" in kinds:
        _clauses(work, resources)
    return work.drafted


def _clauses(work: Work, resources: Resources) -> None:
    """The clauses of laws that are named by title or 文号: what holds first."""
    text, store = work.query.text, resources.store
    work.laws = law_names(text, work.focus)
    by_number = numbered(store, text)
    if by_number:
        work.laws = tuple(a.title for a in by_number)
    if not work.laws:
        return
    laws = by_number or exactly(work.laws, titled(store, work.laws))
    dated = (resources.register.dated(a, work.day) for a in laws)
    found = clauses(text, sorted(dated, key=lambda a: a.status in NOT_HELD), resources.passages)
    work.pieces = [Piece(at, span) for at, span in found]
