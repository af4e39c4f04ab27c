"""The trainers' page of answers to be reviewed: each with its evidence and a form for a judgement."""

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

from corpus.types import ReviewItem
from eval.review import VERDICTS, Agreement
from eval.trainer.markup import button, heading, sure_button, terms
from eval.trainer.workspace import QuestionSet

#: Answers on one page.
PAGE = 20
#: Where reviewed questions go when no set of the trainers' own was chosen.
NEW_SET, NEW_NAME = "new", "复核收来的题"
#: What put an answer into the queue.
REASONS = {"差评": "点了“有问题”", "扣下": "有句子没有通过核实，被扣下", "拒答": "没有作答"}


def queue_page(
    items: Sequence[ReviewItem],
    sets: Sequence[QuestionSet],
    *,
    trainer: str = "",
    reason: str = "",
    counts: dict[str, int],
    agreed: Sequence[tuple[str, str, Agreement]] = (),
    titles: Sequence[tuple[str, str]] = (),
    answering: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Open answers, those first that later documents answer, then the most often asked.

    ``counts`` are those of each reason; ``answering`` gives the titles of the articles that
    items name in ``answerable``, as far as they are held.
    """
    hint = "问答里被点了“有问题”、被扣下句子或没有作答的回答，都在这里等您看一眼。"
    ordered = sorted(items, key=lambda item: item.answerable not in answering)
    forms = "".join(_item(item, sets, trainer, answering) for item in ordered[:PAGE])
    options = "".join(f'<option value="{escape(title)}">{escape(file)}</option>' for title, file in titles)
    return (
        heading("待复核", hint)
        + _who(trainer, reason)
        + (_filters(counts, reason, trainer) if sum(counts.values()) else "")
        + (forms or _nothing(trainer, counts))
        + (f'<p class="page-hint">先列出 {PAGE} 条，共 {len(items)} 条。</p>' if len(items) > PAGE else "")
        + _agreement(agreed)
        + f'<datalist id="titles">{options}</datalist>'
    )


def _nothing(trainer: str, counts: dict[str, int]) -> str:
    if sum(counts.values()):
        return (
            f'<p class="blank">{escape(trainer)} 都看过了。还没有收成题的，会留给另一位复核人。</p>'
            if trainer
            else '<p class="blank">这一类没有。</p>'
        )
    return (
        '<p class="blank">现在没有要复核的回答。在“问答”里提问，点“有问题”的和没有作答的会自动到这里来。</p>'
    )


def _who(trainer: str, reason: str) -> str:
    return (
        f'<form class="line" data-do="queue" data-reason="{escape(reason)}"><label>复核人<input name="trainer" value="{escape(trainer)}" '
        f'maxlength="40" placeholder="姓名或工号" required></label><button>{"换人" if trainer else "开始复核"}</button></form>'
    )


def _filters(counts: dict[str, int], chosen: str, trainer: str) -> str:
    def choice(name: str, text: str) -> str:
        pressed = "true" if name == chosen else "false"
        return (
            f'<button type="button" aria-pressed="{pressed}" data-do="queue" data-reason="{escape(name)}" '
            f'data-trainer="{escape(trainer)}">{escape(text)}</button>'
        )

    parts = "".join(choice(name, f"{name} {n}") for name, n in counts.items() if n)
    return f'<div class="filters">{choice("", f"全部 {sum(counts.values())}")}{parts}</div>'


def _item(item: ReviewItem, sets: Sequence[QuestionSet], trainer: str, answering: Mapping[str, str]) -> str:
    asked = f" · 问过 {item.times} 次" if item.times > 1 else ""
    understood = item.understood if item.understood != item.question else ""
    rows = [
        ("理解为", understood),
        ("回答", item.answer or "（没有作答）"),
        ("被扣下", "；".join(item.withheld)),
        ("留言", item.comment),
    ]
    return (
        f'<article class="proposal" id="review-{item.id}"><h3>{escape(item.question)}</h3>'
        f'<p class="page-hint">{escape(REASONS.get(item.reason, item.reason))}{asked}</p>'
        f"{_answerable(item, answering)}{terms(rows)}{_evidence(item)}{_labelled(item, trainer)}{_form(item, sets, trainer) if trainer else ''}"
        f'<div class="tools">{button("在问答中打开", "ask", question=item.understood or item.question)}'
        f"{sure_button('不用复核', '确定移出？', 'review_dismiss', number=item.id) if trainer else ''}</div></article>"
    )


def _answerable(item: ReviewItem, answering: Mapping[str, str]) -> str:
    """That a document which came later answers the question, while that document is held."""
    if item.answerable not in answering:
        return ""
    title = f"《{answering[item.answerable]}》" if answering[item.answerable] else "新加的文件"
    return (
        f'<p class="told">后来加入的资料已经能回答：依据{escape(title)}。'
        "请在问答中打开核对，再收成题或移出。</p>"
    )


def _labelled(item: ReviewItem, trainer: str) -> str:
    """How many others have judged; what they said stays hidden until this trainer has judged too."""
    own = next((label for label in item.labels if label.trainer == trainer), None)
    others = len(item.labels) - (own is not None)
    parts = [f"您的意见：{VERDICTS[own.verdict]}"] if own else []
    parts += [f"另有 {others} 人看过"] if others else []
    return f'<p class="page-hint">{escape("；".join(parts))}</p>' if parts else ""


def _form(item: ReviewItem, sets: Sequence[QuestionSet], trainer: str) -> str:
    n = item.id
    verdicts = "".join(
        f'<label><input type="radio" name="verdict" value="{value}" required>{text}</label>'
        for value, text in VERDICTS.items()
    )
    into = "".join(f'<option value="{escape(s.key)}">收入：{escape(s.name)}</option>' for s in sets if s.own)
    if all(s.name != NEW_NAME for s in sets):
        into += f'<option value="{NEW_SET}">收入新题集：{NEW_NAME}</option>'
    return f"""<form class="case" data-do="review" data-number="{n}" data-trainer="{escape(trainer)}" data-form="review-{n}" data-draft="review-{n}">
<fieldset class="choice"><legend>您看这个回答</legend>{verdicts}</fieldset>
<div class="when-known"><label>正确的文章<small>答案应在哪篇文章里</small><input name="article" list="titles" placeholder="输入标题或其中几个字"></label>
<label>回答里必须有的<small>一行一个；不同写法用“|”隔开</small><textarea name="must" rows="2"></textarea></label></div>
<label>备注<input name="note" maxlength="300"></label>
<div class="tools"><label>同时<select name="into"><option value="">只记意见，不收成题</option>{into}</select></label>
<button class="primary">提交意见</button></div></form>"""


def _evidence(item: ReviewItem) -> str:
    if not item.evidence:
        return ""
    rows = "".join(
        f"<li><b>{escape(e.title)}</b><small>{escape(' · '.join(filter(None, [e.label, e.grade, '引用了' if e.cited else ''])))}</small>"
        f"<p>{escape(e.text[:600])}</p></li>"
        for e in item.evidence
    )
    return (
        f'<details><summary>依据（{len(item.evidence)}）</summary><ol class="evidence">{rows}</ol></details>'
    )


def _agreement(agreed: Sequence[tuple[str, str, Agreement]]) -> str:
    if not agreed:
        return ""
    rows = "".join(
        f"<tr><td>{escape(a)}、{escape(b)}</td><td>{one.items}</td><td>{one.observed:.0%}</td>"
        f"<td>{'—' if one.kappa is None else f'{one.kappa:.2f}'}</td><td>{in_words(one.kappa)}</td></tr>"
        for a, b, one in agreed
        if one.observed is not None
    )
    return (
        '<h3>两人看法是否一致</h3><div class="wide"><table><thead><tr><th>复核人</th><th>共同看过</th><th>意见相同</th><th>κ</th><th>一致程度</th></tr></thead>'
        f'<tbody>{rows}</tbody></table></div><p class="page-hint">κ（Cohen）扣除了碰巧相同的部分：1 是完全一致，0 是和碰运气一样。</p>'
    )


def in_words(kappa: float | None) -> str:
    """Landis & Koch's (1977) words for κ."""
    if kappa is None:
        return "无法计算（意见全都一样）"
    steps = ((0.0, "比碰运气还差"), (0.2, "很低"), (0.4, "较低"), (0.6, "中等"), (0.8, "较高"))
    return next((word for most, word in steps if kappa < most or (most and kappa == most)), "很高")
