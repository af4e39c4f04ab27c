"""What can be done with an answer: copied, judged."""

from html import escape

from assistant.types import Answer
from assistant.window.footnotes import as_footnotes
from assistant.window.turn import Rating, Turn

#: Drawn, because not every office machine has an emoji font.
_THUMB = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 11v9H3v-9zM7 11l4-8c1.7 0 3 1.3 3 3v3h5.2c1.2 0 2.1 '
    '1.1 1.9 2.3l-1.2 7a2 2 0 0 1-2 1.7H7"/></svg>'
)


def tools(number: int, turn: Turn, answer: Answer) -> str:
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
