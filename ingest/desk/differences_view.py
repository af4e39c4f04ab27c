"""What differs between two versions, drawn side by side: what went on the left, what came on the right."""

import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from corpus.versions.differences import Difference, Piece, Revision, summary

#: Neighbours that stayed as they were are named up to so many, then only counted.
_NAMED = 2


def revisions_view(revisions: Sequence[Revision], old: str, new: str) -> str:
    """All articles of two versions; ``old`` and ``new`` say in Chinese what stands on each side."""
    return "".join(_revision(revision, old, new) for revision in revisions) or (
        '<p class="page-hint">两个版本都没有文章。</p>'
    )


def _revision(revision: Revision, old: str, new: str) -> str:
    told = summary(revision.differences)
    if revision.old is None or revision.new is None:
        told = "整篇新增" if revision.new else "整篇删去"
    fields = "".join(
        f"<tr><th>{escape(name)}</th><td><del>{escape(was) or '（无）'}</del></td>"
        f"<td><ins>{escape(now) or '（无）'}</ins></td></tr>"
        for name, was, now in revision.fields
    )
    table = f'<table class="fields">{fields}</table>' if fields else ""
    return (
        f'<section class="revision"><h3>《{escape(revision.title)}》</h3><p class="told">{escape(told)}</p>{table}'
        f'<div class="sides" aria-hidden="true"><b>{escape(old)}</b><b>{escape(new)}</b></div>'
        f"{''.join(_rows(revision.differences, old, new))}</section>"
    )


def _rows(differences: Sequence[Difference], old: str, new: str) -> Iterator[str]:
    for still, group in groupby(differences, key=lambda d: d.words == "未变"):
        if still:
            yield _unchanged(list(group))
        else:
            yield from (_row(difference, old, new) for difference in group)


def _unchanged(group: Sequence[Difference]) -> str:
    """Folded: it is there to be read, and in nobody's way."""
    labels = [d.new.label for d in group if d.new and d.new.label]
    if len(labels) > _NAMED:
        labels = [f"{labels[0]}至{labels[-1]}"]
    text = "".join(f"<p>{escape(d.new.text.strip())}</p>" for d in group if d.new and d.new.text.strip())
    if not text:
        return ""
    name = "、".join(labels) or f"{len(group)} 段"
    return f'<details class="same"><summary>{escape(name)}未变</summary>{text}</details>'


def _row(difference: Difference, old: str, new: str) -> str:
    kind = {"新增": "came", "删除": "gone", "修改": "changed", "未变": "place"}[difference.kind]
    head = f'<p class="what {kind}">{escape(difference.words)}</p>'
    was = _side(difference, "增", old) if difference.old else '<div class="side empty"></div>'
    now = _side(difference, "删", new) if difference.new else '<div class="side empty"></div>'
    return f'<div class="difference {kind}">{head}{was}{now}</div>'


def _side(difference: Difference, other: str, name: str) -> str:
    """One side: the pieces that it has, what the other has not marked."""
    whole = difference.old is None or difference.new is None
    drawn = "".join(_piece(p, whole) for p in _without_widths(difference.pieces) if p.kind != other)
    return f'<div class="side"><small>{escape(name)}</small>{drawn.strip()}</div>'


def _without_widths(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces, with changes that are none to the eye, as of （ for (, shown as nothing changed."""
    n = 0
    while n < len(pieces):
        pair = pieces[n : n + 2]
        kinds = [p.kind for p in pair]
        if kinds == ["删", "增"] and _plain(pair[0].text) == _plain(pair[1].text):
            yield Piece("同", pair[1].text)
            n += 2
        else:
            yield pieces[n]
            n += 1


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _piece(piece: Piece, whole: bool) -> str:
    text = escape(piece.text)
    if piece.kind == "同" or whole:
        return text
    return f"<del>{text}</del>" if piece.kind == "删" else f"<ins>{text}</ins>"
