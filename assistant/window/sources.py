"""The panel of one answer's sources."""

from collections.abc import Sequence
from html import escape

from assistant.types import Evidence
from assistant.window.cards import card
from assistant.window.footnotes import footnotes
from assistant.window.turn import Turn, cited_markers


def sources_panel(number: int, turn: Turn | None) -> str:
    """The sources of one answer; an explanation while there is none."""
    answer = turn.answer if turn else None
    if answer is None or not answer.evidence:
        return (
            '<div class="sources"><div class="bar"><h2 tabindex="-1">来源</h2>'
            f"{close_button()}</div><p class='hint'>提问之后，这里列出回答所依据的文件；"
            "点开任意一条，可以看到引文在原文中的位置。</p></div>"
        )
    cited = cited_markers(answer)
    quotes = {note.marker: " …… ".join(note.quotes) for note in footnotes(answer)}
    used = "".join(card(number, e, quotes[e.marker]) for e in answer.evidence if e.marker in cited)
    rest = [e for e in answer.evidence if e.marker not in cited]
    return (
        f'<div class="sources"><div class="bar"><h2 tabindex="-1">来源</h2>{close_button()}</div>'
        f"{f'<p class=hint>回答引用了</p><div class=cards>{used}</div>' if used else ''}"
        f"{_rejected(number, rest, open_=not used)}</div>"
    )


def _rejected(number: int, evidence: Sequence[Evidence], *, open_: bool) -> str:
    if not evidence:
        return ""
    items = "".join(
        f'{card(number, e, e.hit.passage.text)}<p class="why">{escape(f"{e.grade}：{e.reason}" if e.reason else e.grade)}</p>'
        for e in evidence
    )
    state = " open" if open_ else ""
    return (
        f'<details class="rejected"{state}><summary>看过但没有引用（{len(evidence)}）</summary>'
        f'<div class="cards">{items}</div></details>'
    )


def close_button() -> str:
    """Closes the panel where it lies over the conversation, on phones."""
    return '<button type="button" class="close" data-do="close" aria-label="关闭来源">✕</button>'
