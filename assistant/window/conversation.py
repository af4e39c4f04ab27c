"""The conversation, and what stands where there is none yet."""

from collections.abc import Sequence
from html import escape

from assistant.window.reply import reply
from assistant.window.turn import QUEUED, Step, Turn

STAGES = ("检索", "核对依据", "起草", "校验")


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
        said = reply(number, turn, turn.answer)
    elif turn.problem:
        said = f'<div class="reply problem" role="alert"><p>{escape(turn.problem)}</p></div>'
    else:
        said = _pending(turn)
    return f'<section class="turn" data-turn="{number}">{asked}{said}</section>'


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
