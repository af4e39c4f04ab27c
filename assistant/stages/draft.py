"""The words that answer, quoted from what supports them."""

from collections.abc import Sequence
from dataclasses import replace

from assistant import places
from assistant.drafting.parts import covered, draft_part
from assistant.drafting.piece import Piece, merge
from assistant.evidence.candidate import Candidate
from assistant.evidence.subject import innermost, speaks_of
from assistant.following.doubts import looked_into
from assistant.lookup.basis import bases
from assistant.lookup.laws import law_names
from assistant.question.focus import focus
from assistant.question.parts import Part
from assistant.question.versions import versions_wanted
from assistant.stages.set_back import versions_of
from assistant.stages.work import Resources, Work
from assistant.structure import Span


def draft(work: Work, resources: Resources) -> None:
    """Facts or pieces for each part, where looking up gave none; a note for what is left out."""
    if work.drafted:
        return
    if work.basis:
        judged = _quoted_first(work, resources)
        laws = law_names(work.query.asked, focus(replace(work.query, text=work.query.asked)))
        work.facts = bases(judged, resources.passages, laws)
        if work.facts:
            return
    for part, candidates in zip(work.focus.parts, work.judged, strict=True):
        if covered(candidates, work.pieces):
            continue
        both = versions_wanted(work.query.text) == "both"
        pieces = _by_version(work, part, candidates, resources) if both else []
        pieces = pieces or draft_part(work.focus, part, candidates, resources.settings)
        if not pieces and len(work.focus.parts) > 1:
            work.notes.append(f"“{part.text.strip('，,？?。')}”没有找到依据。")
        work.pieces += pieces
    work.pieces = merge(work.pieces)
    if work.claimed is not None and work.pieces:
        beside, note = looked_into(work.claimed, work.pieces, work.judged)
        work.pieces += beside
        work.notes.append(note)
    work.notes += _places_left_out(work)


def _quoted_first(work: Work, resources: Resources) -> list[Candidate]:
    """All candidates, those first that the answer to the question itself quotes: on these it rests."""
    judged = [c for cs in work.judged for c in cs]
    pieces = [
        piece
        for part, candidates in zip(work.focus.parts, work.judged, strict=True)
        for piece in draft_part(work.focus, part, candidates, resources.settings)
    ]
    return sorted(
        judged, key=lambda c: not any(p.context is c.context and _meet(p.span, c.span) for p in pieces)
    )


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _by_version(work: Work, part: Part, candidates: Sequence[Candidate], resources: Resources) -> list[Piece]:
    """The two latest versions that answer, each under its title; nothing where only one does."""
    pieces: list[Piece] = []
    for article in versions_of(candidates, resources.register)[-2:]:
        own = [c for c in candidates if c.context.article.id == article.id]
        found = draft_part(work.focus, part, own, resources.settings)
        pieces += [replace(p, under=article.title) for p in found]
    return pieces if len({p.under for p in pieces}) > 1 else []


def _places_left_out(work: Work) -> list[str]:
    """Of several places in a question, those of which nothing was found."""
    asked = innermost(work.focus)
    good = [c for cs in work.judged for c in cs if c.grade == "支持"]
    if len(asked) < 2 or not good:
        return []
    return [
        f"没有找到{places.trimmed(place)}的依据。"
        for place in asked
        if not any(speaks_of(place, work.focus.spread, c.context, c.segment) for c in good)
    ]
