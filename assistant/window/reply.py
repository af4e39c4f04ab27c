"""One answer: how it was understood, its statements with their markers, its reasons."""

from collections.abc import Sequence
from html import escape

from assistant.following.doubts import LOOKED_INTO
from assistant.following.readings import READ_AS
from assistant.following.talk import talk_of, without_talk
from assistant.question.normalization import plain_forms, plainly
from assistant.types import Answer, Citation, Outcome, Statement, Verdict
from assistant.window.cards import card, origins
from assistant.window.footnotes import OUTCOME_HEADS, called
from assistant.window.tools import tools
from assistant.window.turn import Turn, cited_markers

MARKS: dict[Verdict, str] = {"已核实": "✓", "数字不符": "≠", "引文不存在": "✕", "依据不足": "？"}
MARK_CLASSES: dict[Verdict, str] = {
    "已核实": "verified",
    "数字不符": "differs",
    "引文不存在": "missing",
    "依据不足": "unsupported",
}
OUTCOME_CLASSES: dict[Outcome, str] = {
    "已回答": "answered",
    "依据不足": "insufficient",
    "存在冲突": "conflict",
    "需澄清": "clarify",
}


def reply(number: int, turn: Turn, answer: Answer) -> str:
    parts = [
        _understood(turn.question, answer.understood),
        _outcome(answer),
        _statements(number, answer),
        _openly(answer),
        _nearest(number, answer),
        origins(number, answer),
        _notes(answer),
        tools(number, turn, answer),
    ]
    kind = OUTCOME_CLASSES[answer.outcome]
    talk = " talk" if talk_of(answer.question) else ""
    return f'<div class="reply {kind}{talk}" data-outcome="{kind}">{"".join(parts)}</div>'


def _outcome(answer: Answer) -> str:
    if answer.outcome == "已回答" or talk_of(answer.question):
        return ""
    head = "" if answer.statements else OUTCOME_HEADS[answer.outcome]
    return f'<p class="outcome"><b>{escape(answer.outcome)}</b>{escape(head)}</p>'


def _understood(asked: str, understood: str) -> str:
    """How a question was understood, where that is more than its words as they are written."""
    said = without_talk(plainly(plain_forms(asked)))[0]
    if not understood or _bare(understood) in (_bare(asked), _bare(plainly(plain_forms(asked))), _bare(said)):
        return ""
    return f'<p class="understood">已联系上文，按“{escape(understood)}”理解</p>'


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _statements(number: int, answer: Answer) -> str:
    lines = [
        f"<p>{escape(statement.text)}{_markers(number, place, statement, answer)}</p>"
        for place, statement in enumerate(answer.statements)
    ]
    return f'<div class="statements">{"".join(lines)}</div>' if lines else ""


def _markers(number: int, place: int, statement: Statement, answer: Answer) -> str:
    by_marker: dict[int, list[Citation]] = {}
    for citation in statement.citations:
        by_marker.setdefault(citation.marker, []).append(citation)
    titles = {e.marker: called(e) for e in answer.evidence}
    return "".join(
        _marker(number, place, marker, citations, titles.get(marker, ""))
        for marker, citations in by_marker.items()
    )


def _marker(number: int, place: int, marker: int, citations: Sequence[Citation], title: str) -> str:
    verdict = _worst([c.verdict for c in citations])
    quotes = " …… ".join(c.quote for c in citations)
    tip = f"{verdict}｜{title}\n“{quotes}”"
    label = f"依据 {marker}，{verdict}，{title}：“{quotes[:60]}”。打开原文"
    return (
        f'<button type="button" class="marker {MARK_CLASSES[verdict]}" data-do="open" data-turn="{number}"'
        f' data-statement="{place}" data-marker="{marker}" data-tip="{escape(tip)}"'
        f' aria-label="{escape(label)}">{marker}<i aria-hidden="true">{MARKS[verdict]}</i></button>'
    )


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    return max(verdicts, key=list(MARKS).index)


def _openly(answer: Answer) -> str:
    """The notes said openly: why there is no answer, and what was found of a doubt."""
    return "".join(f'<p class="reason">{escape(note)}</p>' for note in _notes_of(answer, openly=True))


def _notes_of(answer: Answer, *, openly: bool) -> list[str]:
    """The notes said openly, or the folded ones; how the question was understood stands above the answer."""
    told = [note for note in answer.notes if not note.startswith(READ_AS)]
    return [n for n in told if openly == (answer.outcome != "已回答" or n.startswith(LOOKED_INTO))]


def _nearest(number: int, answer: Answer) -> str:
    if answer.outcome not in ("依据不足", "需澄清") or not answer.evidence:
        return ""
    uncited = [e for e in answer.evidence if e.grade != "无关" and e.marker not in cited_markers(answer)]
    cards = "".join(card(number, e, e.hit.passage.text) for e in uncited[:3])
    return (
        f'<p class="hint">最接近的内容（可能答非所问，仅供查阅）：</p><div class="cards">{cards}</div>'
        if cards
        else ""
    )


def _notes(answer: Answer) -> str:
    if not (notes := _notes_of(answer, openly=False)):
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<details class="notes"><summary>说明（{len(notes)}）</summary><ul>{items}</ul></details>'
