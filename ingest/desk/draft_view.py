"""Drafts as the page is told of them: plain values for JSON, nothing of it HTML."""

from collections.abc import Iterator, Sequence
from typing import Any

from corpus.store import Store
from corpus.types import ARTICLE_FIELDS, KINDS, STATUSES, Box
from corpus.versions.differences import compare, summary
from ingest.intake.correcting import Part
from ingest.intake.drafts import Draft
from ingest.intake.receiving import Progress
from ingest.intake.twins import Twin

#: Articles whose titles a line of the list names.
_NAMED = 3
#: Pieces of a difference that are shown; a person reads no more before opening the original.
_SHOWN = 60
_AROUND = 40  # characters of what stayed the same that are shown beside a change
#: Boxes of neighbouring lines whose gap is below this share of their height are drawn as one.
_NEAR = 1.2


def in_list(draft: Draft, progress: Progress | None) -> dict[str, Any]:
    """A draft as a line of the list."""
    articles = [part.article for part in draft.parts]
    worst = min(articles, key=lambda article: article.quality, default=None)
    return {
        "id": draft.id,
        "name": draft.name,
        "state": draft.state,
        "message": draft.message,
        "by": draft.by,
        "at": draft.at,
        "bytes": draft.bytes,
        "direct": draft.direct,
        "corrects": draft.corrects,
        "version": draft.version,
        "steps": len(draft.steps),
        "retry": bool(draft.bytes),
        "articles": len(articles),
        "pages": draft.source.pages if draft.source else 0,
        "titles": [article.title or "未命名" for article in articles[:_NAMED]],
        "trust": worst.trust if worst else "",
        "warnings": len(draft.source.warnings) if draft.source else 0,
        "progress": progress._asdict() if progress else None,
    }


def whole(draft: Draft, twins: Sequence[Twin], store: Store) -> dict[str, Any]:
    """A draft with all that its preview shows."""
    source = draft.source
    return in_list(draft, None) | {
        "place": draft.place,
        "reader": source.reader if source else "",
        "media_type": source.media_type if source else "",
        "told": list(source.warnings) if source else [],
        "parts": [_part(part) for part in draft.parts],
        "history": [{"at": step.at, "who": step.who, "words": step.words} for step in draft.steps],
        "fields": ARTICLE_FIELDS,
        "choices": {"kind": KINDS, "status": STATUSES},
        "marks": [mark for n, part in enumerate(draft.parts) for mark in _marks(part, n)],
        "twins": [_twin(twin, draft, store) for twin in twins],
    }


def _part(part: Part) -> dict[str, Any]:
    article = part.article
    values = {name: getattr(article, name) for name in ARTICLE_FIELDS} | {
        "authors": "、".join(article.authors)
    }
    return {
        "values": values,
        "pages": article.pages,
        "quality": article.quality,
        "reason": article.quality_reason,
        "trust": article.trust,
        "chars": len(article.text),
        "lines": [[line.text, line.page, n in part.out] for n, line in enumerate(part.lines)],
        "passages": [[p.label or " › ".join(p.path), p.page, p.text] for p in part.passages],
    }


def _marks(part: Part, n: int) -> Iterator[list[Any]]:
    """The boxes of an article, neighbouring lines as one: ``[page, x0, y0, x1, y1, group, label]``."""
    label = f"{n + 1} {part.article.title or '未命名'}"
    blocks: list[Box] = []
    for passage in part.passages:
        for box in passage.boxes:
            if blocks and _adjoin(blocks[-1], box):
                last = blocks[-1]
                blocks[-1] = Box(
                    box.page,
                    min(last.x0, box.x0),
                    min(last.y0, box.y0),
                    max(last.x1, box.x1),
                    max(last.y1, box.y1),
                )
            else:
                blocks.append(box)
    for at, block in enumerate(blocks):
        yield [*block, f"a{n}", label if at == 0 or block.page != blocks[at - 1].page else ""]


def _adjoin(block: Box, line: Box) -> bool:
    """Whether a line stands right below a block, in its column."""
    overlap = min(block.x1, line.x1) - max(block.x0, line.x0)
    narrower = min(block.x1 - block.x0, line.x1 - line.x0)
    gap = line.y0 - block.y1
    height = line.y1 - line.y0
    return block.page == line.page and overlap > 0.5 * narrower and -height <= gap <= _NEAR * height


def _twin(twin: Twin, draft: Draft, store: Store) -> dict[str, Any]:
    article = twin.article
    told = {
        "source": twin.source.id,
        "name": twin.source.name,
        "received": twin.source.received_at[:10],
        "relation": twin.relation,
        "why": twin.why,
        "part": twin.part,
        "title": article.title if article else "",
        "number": article.number if article else "",
        "published_on": article.published_on if article else "",
    }
    new = draft.parts[max(twin.part, 0)].article if draft.parts else None
    if article is None and (held := store.articles(twin.source.id)):
        article = held[0] if len(held) == len(draft.parts) == 1 else None
    if article is None or new is None:
        return told | {"differences": "", "pieces": []}
    found = compare(article.text, new.text)
    pieces = [
        _piece(piece.kind, piece.text)
        for d in found
        if d.kind != "未变"
        for piece in (*d.pieces, None)
        if piece
    ]
    return told | {"differences": summary(found), "pieces": pieces[:_SHOWN]}


def _piece(kind: str, text: str) -> list[str]:
    """A run of a difference, what stayed the same with its ends alone."""
    if kind == "同" and len(text) > 2 * _AROUND + 2:
        text = f"{text[:_AROUND]} …… {text[-_AROUND:]}"
    return [kind, text]
