"""Evidence as buttons: a card for a passage, a line for a document."""

from collections.abc import Sequence
from html import escape

from assistant.types import Answer, Evidence
from assistant.window.turn import cited_markers

STATUS_CLASSES = {
    "现行": "current",
    "已修改": "amended",
    "已废止": "repealed",
    "尚未施行": "coming",
    "未知": "unknown",
}


def card(number: int, evidence: Evidence, shown: str = "") -> str:
    """A button for one piece of evidence; ``shown`` is the text of it that is shown, shortened."""
    article, passage = evidence.hit.article, evidence.hit.passage
    where = " · ".join(filter(None, [passage.label, article.issuer, article.number, article.published_on]))
    text = f'<span class="snippet">{escape(_shortened(shown, 90))}</span>' if shown else ""
    return (
        f'<button type="button" class="card" data-do="open" data-turn="{number}"'
        f' data-marker="{evidence.marker}"><span class="number">{evidence.marker}</span>'
        f'<span class="what"><b>{escape(article.title or evidence.hit.source.name)}</b>{status_badge(article.status)}'
        f"<small>{escape(where)}</small>{text}</span></button>"
    )


def _shortened(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[:limit]}……"


def status_badge(status: str) -> str:
    """The validity of an article, coloured; nothing where it is not known."""
    if status == "未知":
        return ""
    return f'<span class="badge {STATUS_CLASSES.get(status, "unknown")}">{escape(status)}</span>'


def origins(number: int, answer: Answer) -> str:
    """The documents that the answer quotes, each once, with a button for each place in it."""
    evidence = {e.marker: e for e in answer.evidence}
    by_article: dict[str, list[Evidence]] = {}
    for marker in cited_markers(answer):
        if marker in evidence:
            by_article.setdefault(evidence[marker].hit.article.id, []).append(evidence[marker])
    items = "".join(_origin(number, places) for places in by_article.values())
    return f'<ul class="origins" aria-label="引用的来源">{items}</ul>' if items else ""


def _origin(number: int, places: Sequence[Evidence]) -> str:
    article, source = places[0].hit.article, places[0].hit.source
    facts = " · ".join(filter(None, [article.issuer, article.number, article.published_on]))
    buttons = "".join(
        f'<button type="button" data-do="open" data-turn="{number}" data-marker="{e.marker}">'
        f"{escape(f'{e.marker} {e.hit.passage.label or _page(e)}')}</button>"
        for e in places
    )
    return (
        f"<li><b>{escape(article.title or source.name)}</b>{status_badge(article.status)}"
        f'<small>{escape(facts)}</small><span class="places">{buttons}</span></li>'
    )


def _page(evidence: Evidence) -> str:
    return f"第 {evidence.hit.passage.page} 页"
