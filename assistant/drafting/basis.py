"""What quoted items and rows rest on: the clause that the line above or below them all names."""

from collections.abc import Sequence

from assistant.drafting.piece import Piece, merge
from assistant.evidence.basis import CITED, beside


def with_basis(pieces: Sequence[Piece], most: int) -> list[Piece]:
    """The pieces, and of those that name no clause the line that names theirs, while all keeps
    within ``most`` characters."""
    if any(p.under for p in pieces):
        return list(pieces)
    found = list(pieces)
    for at in {id(p.context): p.context for p in pieces}.values():
        own = [p for p in pieces if p.context is at]
        basis = beside(at, own[0].span) if not any(_names_clause(p) for p in own) else None
        if basis is not None:
            found.append(Piece(at, basis))
    longer = sum(p.span.end - p.span.start for p in found) > most
    return list(pieces) if longer else merge(found)


def _names_clause(piece: Piece) -> bool:
    view = piece.context.view
    line = view.lines[view.line_at(piece.span.start)]
    return bool(CITED.search(view.text[line.start : max(line.end, piece.span.end)]))
