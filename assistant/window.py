"""What the chat window shows, as HTML: pure functions from the nouns to text.

Everything that comes from documents or from people passes ``escape`` exactly once, here.
Buttons carry ``data-do`` (an event's name) and its data; ``window.js`` sends them on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Literal, NamedTuple

from assistant.following.readings import READ_AS
from assistant.following.talk import talk_of, without_talk
from assistant.question.normalization import plain_forms, plainly
from assistant.types import Answer, Citation, Evidence, Outcome, Statement, Verdict

STAGES = ("检索", "核对依据", "起草", "校验")
#: The step of a question that waits for others.
QUEUED = "排队"
KEPT_EVIDENCE = 8
Rating = Literal["", "up", "down"]

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
OUTCOME_HEADS: dict[Outcome, str] = {
    "已回答": "",
    "依据不足": "资料库中没有找到足够的依据",
    "存在冲突": "资料之间说法不一致，请对照原文",
    "需澄清": "请把问题说得再具体一些",
}
STATUS_CLASSES = {
    "现行": "current",
    "已修改": "amended",
    "已废止": "repealed",
    "尚未施行": "coming",
    "未知": "unknown",
}


#: Drawn, because not every office machine has an emoji font.
_THUMB = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 11v9H3v-9zM7 11l4-8c1.7 0 3 1.3 3 3v3h5.2c1.2 0 2.1 '
    '1.1 1.9 2.3l-1.2 7a2 2 0 0 1-2 1.7H7"/></svg>'
)


class Step(NamedTuple):
    """进度: a stage that has begun, and what it found."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """一轮问答: a question and its reply, or the problem that came instead of one.

    A turn without ``answer`` and ``problem`` is still being worked on; then ``steps``
    and ``statements`` hold what has come so far.
    """

    question: str
    answer: Answer | None = None
    problem: str = ""
    steps: tuple[Step, ...] = ()
    statements: tuple[Statement, ...] = field(default=())
    rating: Rating = ""


def slim(answer: Answer) -> Answer:
    """The answer with only the evidence that the window can show, without whole articles.

    A session keeps its turns in memory; the sources panel reads articles from the store.
    """
    cited = {c.marker for s in answer.statements for c in s.citations}
    kept = [e for e in answer.evidence if e.marker in cited]
    others = [e for e in answer.evidence if e.marker not in cited]
    kept += others[: max(0, KEPT_EVIDENCE - len(kept))]
    light = (
        replace(e, hit=replace(e.hit, article=replace(e.hit.article, text="")))
        for e in sorted(kept, key=lambda e: e.marker)
    )
    return replace(answer, evidence=tuple(light))


def cited_markers(answer: Answer) -> list[int]:
    """The markers that stand in the answer, in the order in which they are read."""
    return list(dict.fromkeys(c.marker for s in answer.statements for c in s.citations))


def conversation(turns: Sequence[Turn]) -> tuple[str, str]:
    """The conversation in two parts, empty where there is no turn: those before the latest, the latest.

    Only the latest changes while an answer comes, so only that is sent again and again.
    """
    if not turns:
        return "", ""
    earlier = "".join(_turn(number, turn) for number, turn in enumerate(turns[:-1]))
    return earlier, latest_turn(turns)


def latest_turn(turns: Sequence[Turn]) -> str:
    """The second part of ``conversation`` alone."""
    number = len(turns) - 1
    drawn = _turn(number, turns[number])
    return f'<div class="talk" role="log" aria-live="polite" aria-label="最新回答">{drawn}</div>'


def empty_state(examples: Sequence[str], sources: int) -> str:
    """What stands where nothing was asked; ``sources`` is the number of files in the corpus."""
    if not sources:
        return (
            '<div class="empty"><h2>资料库还是空的</h2>'
            "<p>请先到上方的“资料库”页上传文件（支持 PDF、Word、网页、Markdown 和纯文本），"
            "或者在命令行运行 <code>python -m ingest 文件夹</code>。</p>"
            "<p>添加之后回到这里，直接提问即可，不需要重新启动。</p></div>"
        )
    buttons = "".join(_suggestion(text) for text in examples)
    tried = (
        f'<p class="hint">可以从这些问题开始：</p><div class="examples">{buttons}</div>' if buttons else ""
    )
    return (
        '<div class="empty"><h2>请输入您的问题</h2>'
        f"<p>回答只引用资料库中 {sources} 份文件的原文。每句话后面的编号"
        '<span class="marker verified sample" aria-hidden="true">1<i>✓</i></span>'
        "都可以点开，看到它在原文中的位置。没有依据时会直接说明，不作猜测。</p>"
        f"{tried}</div>"
    )


def _suggestion(text: str) -> str:
    return f'<button type="button" data-do="suggest" data-text="{escape(text)}">{escape(text)}</button>'


def _turn(number: int, turn: Turn) -> str:
    asked = f'<div class="asked"><span class="sr">您的问题：</span>{escape(turn.question)}</div>'
    if turn.answer is not None:
        reply = _reply(number, turn, turn.answer)
    elif turn.problem:
        reply = f'<div class="reply problem" role="alert"><p>{escape(turn.problem)}</p></div>'
    else:
        reply = _pending(turn)
    return f'<section class="turn" data-turn="{number}">{asked}{reply}</section>'


def _pending(turn: Turn) -> str:
    drafted = "".join(f"<p>{escape(s.text)}</p>" for s in turn.statements)
    step = turn.steps[-1] if turn.steps else None
    at = f'<p class="hint">{QUEUED}：{escape(step.detail)}</p>' if step and step.name == QUEUED else ""
    return (
        f'<div class="reply pending" aria-busy="true">{at or _stages(turn.steps)}'
        f'<div class="statements">{drafted}</div></div>'
    )


def _stages(steps: Sequence[Step]) -> str:
    """The four stages; those before the latest step are done, the latest is under way."""
    details = {step.name: step.detail for step in steps}
    at = STAGES.index(steps[-1].name) if steps and steps[-1].name in STAGES else 0
    items = []
    for place, name in enumerate(STAGES):
        state = "done" if place < at else "now" if place == at else "next"
        detail = f"<small>{escape(details[name])}</small>" if details.get(name) else ""
        items.append(f'<li class="{state}" data-stage="{name}"><b>{name}</b>{detail}</li>')
    return f'<ol class="stages" aria-label="处理进度">{"".join(items)}</ol>'


def _reply(number: int, turn: Turn, answer: Answer) -> str:
    parts = [
        _understood(turn.question, answer.understood),
        _outcome(answer),
        _statements(number, answer),
        _reason(answer),
        _nearest(number, answer),
        _cited(number, answer),
        _notes(answer),
        _tools(number, turn, answer),
    ]
    kind = OUTCOME_CLASSES[answer.outcome]
    return f'<div class="reply {kind}" data-outcome="{kind}">{"".join(parts)}</div>'


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
    titles = {e.marker: _called(e) for e in answer.evidence}
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


def _called(evidence: Evidence) -> str:
    """An article as people call it: by its title, or else by the name of its file."""
    title = evidence.hit.article.title
    return f"《{title}》" if title else evidence.hit.source.name


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    return max(verdicts, key=list(MARKS).index)


def _reason(answer: Answer) -> str:
    """Why there is no answer, said openly: what the notes of other answers say is folded."""
    if answer.outcome == "已回答":
        return ""
    return "".join(f'<p class="reason">{escape(note)}</p>' for note in _told(answer))


def _told(answer: Answer) -> list[str]:
    """The notes, without how the question was understood: that stands above the answer."""
    return [note for note in answer.notes if not note.startswith(READ_AS)]


def _nearest(number: int, answer: Answer) -> str:
    if answer.outcome not in ("依据不足", "需澄清") or not answer.evidence:
        return ""
    uncited = [e for e in answer.evidence if e.marker not in cited_markers(answer)]
    cards = "".join(_card(number, e, e.hit.passage.text) for e in uncited[:3])
    return (
        f'<p class="hint">最接近的内容（可能答非所问，仅供查阅）：</p><div class="cards">{cards}</div>'
        if cards
        else ""
    )


def _cited(number: int, answer: Answer) -> str:
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


def _card(number: int, evidence: Evidence, shown: str = "") -> str:
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


def _notes(answer: Answer) -> str:
    notes = _told(answer)
    if answer.outcome != "已回答" or not notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<details class="notes"><summary>说明（{len(notes)}）</summary><ul>{items}</ul></details>'


def _tools(number: int, turn: Turn, answer: Answer) -> str:
    copied = escape(as_footnotes(turn.question, answer))
    total = answer.seconds.get("total", 0.0)
    time = (
        f'<span class="time" title="{escape(_stage_times(answer))}">用时 {total:.2f} 秒</span>'
        if total
        else ""
    )
    return (
        '<div class="tools">'
        f'<button type="button" data-do="copy" data-text="{copied}">复制</button>'
        f"{_thumb(number, turn, 'up', '有帮助')}{_thumb(number, turn, 'down', '有问题')}{time}</div>"
        f"{_complaint(number) if turn.rating != 'down' else ''}"
    )


def _thumb(number: int, turn: Turn, rating: Rating, label: str) -> str:
    pressed = "true" if turn.rating == rating else "false"
    do = "rate" if rating == "up" else "complain"
    return (
        f'<button type="button" class="thumb {rating}" data-do="{do}" data-turn="{number}" data-rating="{rating}"'
        f' aria-pressed="{pressed}">{_THUMB}{label}</button>'
    )


def _complaint(number: int) -> str:
    return (
        f'<form class="complaint" data-turn="{number}" hidden>'
        f'<label>哪里有问题？（可以不填）<input type="text" maxlength="500" name="comment"></label>'
        '<button type="submit">提交</button></form>'
    )


def _stage_times(answer: Answer) -> str:
    names = {"understand": "理解", "retrieve": "检索", "judge": "核对依据", "draft": "起草", "verify": "校验"}
    return "，".join(f"{names[k]} {v:.3f} 秒" for k, v in answer.seconds.items() if k in names)


def as_footnotes(question: str, answer: Answer) -> str:
    """The answer as plain text, its citations as footnotes: what the copy button copies."""
    lines = [f"问：{question}", "", answer.text or _plain_outcome(answer), ""]
    lines += [f"[{number}] {place}" for number, place, _ in footnotes(answer)]
    return "\n".join(lines).strip()


def _plain_outcome(answer: Answer) -> str:
    return "\n".join(
        filter(None, [f"【{answer.outcome}】{OUTCOME_HEADS[answer.outcome]}", *answer.notes[:1]])
    )


class Footnote(NamedTuple):
    """脚注: a marker, the place that it stands for in words, and the quotes taken from there."""

    marker: int
    place: str
    quotes: tuple[str, ...]


def footnotes(answer: Answer) -> list[Footnote]:
    """One footnote a cited marker, in the order in which they are read."""
    evidence = {e.marker: e for e in answer.evidence}
    notes = []
    for marker in cited_markers(answer):
        quotes = [c.quote for s in answer.statements for c in s.citations if c.marker == marker]
        place = _place(evidence[marker]) if marker in evidence else ""
        notes.append(Footnote(marker, place, tuple(dict.fromkeys(quotes))))
    return notes


def _place(evidence: Evidence) -> str:
    article, passage, source = evidence.hit.article, evidence.hit.passage, evidence.hit.source
    parts = [
        f"{_called(evidence)}{passage.label}",
        "、".join(article.authors),
        article.issuer,
        article.number,
        article.published_on,
        f"{source.name} 第 {passage.page} 页",
        "" if article.status in ("未知", "现行") else article.status,
    ]
    return "，".join(filter(None, parts))


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
    used = "".join(_card(number, e, quotes[e.marker]) for e in answer.evidence if e.marker in cited)
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
        f'{_card(number, e, e.hit.passage.text)}<p class="why">{escape(f"{e.grade}：{e.reason}" if e.reason else e.grade)}</p>'
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
