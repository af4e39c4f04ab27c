"""A file that holds one document: its title goes to the title, all other lines stay in its text."""

import re

from ingest.page import headlines
from ingest.page.headlines import Kind
from ingest.parting.nouns import FURNITURE, Item, Piece
from ingest.parting.several import TYPE
from ingest.parting.signing import authors_of, signature_of

_NO_TITLE = re.compile(r"〔\d{4}〕|\[\d{4}\]|文件$|^[（(].*[）)]$|^\d{4}年\d{1,2}月\d{1,2}日|^目\s*录$")


def single(items: list[Item], metadata: dict[str, str]) -> Piece:
    """One document: its title goes to the title, all other lines stay in its text."""
    end = next((at for at, item in enumerate(items) if item.kind not in FURNITURE), len(items))
    lead = items[: end or 0]
    titles = _lead_titles(lead)
    bylines = [item for item in lead if item.kind is Kind.BYLINE and item not in titles]
    subtitles = [item for item in lead if item.kind is Kind.SUBTITLE]
    labels = [item for item in lead if item.kind is Kind.LABEL]
    taken = [*titles, *subtitles, *labels]
    names, issuer = authors_of(bylines, items)
    signed = signature_of(items)
    return Piece(
        lines=tuple(item.line for item in items if not any(item is other for other in taken)),
        title="".join(item.text for item in titles) or metadata.get("title", "").strip(),
        subtitle=" ".join(item.text for item in subtitles),
        label=" ".join(headlines.label(item.text) for item in labels),
        authors=names,
        issuer=issuer or signed[0],
        source=next((headlines.source(item.text) for item in items if item.kind is Kind.SOURCE), ""),
        date=signed[1],
        confidence=1.0 if titles else 0.9,
    )


def _lead_titles(lead: list[Item]) -> list[Item]:
    """Which of the leading lines are the title: the format's heading, a line that names a kind of document, the first."""
    headings = [item for item in lead if item.kind is Kind.HEADING]
    if headings:
        return headings[:1]
    found = [
        item
        for item in lead
        if item.kind in (Kind.BARE, Kind.BYLINE, Kind.MARKER) and not _NO_TITLE.search(item.text)
    ]
    typed = [at for at, item in enumerate(found) if TYPE.search(item.text)]
    if typed:
        at = typed[0]
        by_body = at > 0 and found[at].text.startswith("关于") and found[at - 1].kind is Kind.BYLINE
        wrapped = at > 0 and "关于" in found[at - 1].text and "关于" not in found[at].text
        beside = at > 0 and lead.index(found[at]) == lead.index(found[at - 1]) + 1
        return found[at - 1 : at + 1] if by_body or (wrapped and beside) else [found[at]]
    bare = [item for item in found if item.kind is not Kind.BYLINE]
    return bare[:1]
