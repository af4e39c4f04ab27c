"""A body and its head as one article: title, authors, issuer, source and date as they stand there."""

import re

from ingest.description.names import byline, is_body
from ingest.page import headlines
from ingest.page.headlines import Kind, ends_sentence
from ingest.parting.nouns import Body, Head, Item, Piece


def piece_of(body: Body) -> Piece:
    """The article that a body makes with its head."""
    head = body.head or Head()
    bylines = _said_once(head.bylines)
    title, kickers = _title_of(head)
    signed = signature_of(body.items)
    names, issuer = authors_of(bylines, body.items)
    names = names or tuple(filter(None, [signed[0]]))
    subtitles = [re.sub(r"^[—\-─–―]+\s*", "——", item.text) for item in head.subtitles]
    return Piece(
        lines=tuple(item.line for item in [*bylines, *body.items]),
        title=title,
        subtitle=" ".join([*kickers, *subtitles]),
        label=" ".join(dict.fromkeys(_labels(head, bylines))),
        authors=names,
        issuer=issuer or signed[0],
        source=next((headlines.source(item.text) for item in body.items if item.kind is Kind.SOURCE), ""),
        date=signed[1],
        confidence=_confidence(body, title),
    )


def _confidence(body: Body, title: str) -> float:
    """Less where there is no title or no text, or where the text stops in mid-sentence."""
    last = [item.text for item in body.items if item.kind is Kind.PARAGRAPH][-1:]
    bare = not body.items
    broken = bool(last) and not ends_sentence(last[0])
    return 0.95 - (0.15 if not title else 0.0) - (0.15 if bare or broken else 0.0)


def _title_of(head: Head) -> tuple[str, list[str]]:
    """The title, and the kickers that do not repeat it; a marker's words are the title where no line is."""
    titles = [item.text for item in head.titles]
    title = " ".join(titles) or head.marker
    kickers = [item.text for item in head.kickers if item.kind is not Kind.MARKER]
    return title, kickers


def _labels(head: Head, bylines: list[Item]) -> list[str]:
    shown = [byline(item.text) for item in bylines]
    words = [headlines.label(item.text) or item.text for item in head.labels]
    return words + [one.column for one in shown if one and one.column]


def _said_once(bylines: list[Item]) -> list[Item]:
    """Bylines without those that others repeat (a name set twice, once glued, once parted)."""

    def bare(text: str) -> str:
        return re.sub(r"\s", "", text)

    out: list[Item] = []
    for at, item in enumerate(bylines):
        others = "".join(bare(other.text) for other in bylines[at + 1 :])
        if bare(item.text) not in others:
            out.append(item)
    return out


def authors_of(bylines: list[Item], items: list[Item]) -> tuple[tuple[str, ...], str]:
    """Names from the byline, else from 作者：, else from the credit; and the body they stand with."""
    shown = [found for item in bylines if (found := byline(item.text))]
    names = [name for one in shown for name in one.names]
    issuer = next((one.body for one in shown if is_body(one.body)), "")
    for item in items:
        if names:
            break
        names += [headlines.signed(item.text)] if headlines.signed(item.text) else []
    for item in items[-3:]:
        names = names or list(headlines.bracketed(item.text))
    for item in items[:3]:
        names = names or list(headlines.dateline(item.text))
    if not names:
        names += [name for item in [*items[:1], *items[-2:]] for name in headlines.credit(item.text) or ()]
    return tuple(dict.fromkeys(names or ([issuer] if issuer else []))), issuer


def signature_of(items: list[Item]) -> tuple[str, str]:
    """Body and date of the signature below the text, on one line or on two."""
    for at in range(len(items) - 1, -1, -1):
        if items[at].kind is Kind.SIGNATURE:
            body, date = headlines.signature(items[at].text)
            above = items[at - 1].text if at else ""
            return body or (above if len(above) <= 30 and is_body(above) else ""), date
    return "", ""
