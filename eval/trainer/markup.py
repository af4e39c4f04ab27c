"""The small pieces of markup that the trainers' pages share.

Pure functions from values to HTML; whatever comes from files, questions or names is escaped.
Clicks and forms carry ``data-do``, which ``panel.js`` turns into the events of ``panel.py``.
"""

from collections.abc import Sequence
from html import escape
from typing import Any


def attributes(**data: object) -> str:
    """``data-…`` attributes, escaped."""
    return "".join(f' data-{key.replace("_", "-")}="{escape(str(value))}"' for key, value in data.items())


def button(text: str, do: str, style: str = "", /, **data: object) -> str:
    """A button that sends the event ``do`` with ``data``."""
    look = f' class="{style}"' if style else ""
    return f'<button type="button"{look}{attributes(do=do, **data)}>{escape(text)}</button>'


def sure_button(text: str, sure: str, do: str, /, **data: object) -> str:
    """A button that asks once more before it sends its event."""
    return button(text, do, "risky", sure=sure, **data)


def said(text: str, *, good: bool = False) -> str:
    """A sentence above the page: an error, or what was done."""
    return (
        f'<p class="{"told" if good else "notice"}" role="{"status" if good else "alert"}">{escape(text)}</p>'
    )


def navigation(here: str, waiting: int) -> str:
    """The three parts of the page; ``waiting`` answers are to be reviewed."""
    count = f"（{waiting}）" if waiting else ""
    parts = (("sets", "题集"), ("runs", "测评记录"), ("queue", f"待复核{count}"))
    items = "".join(
        f'<button type="button"{attributes(do=do)}{" aria-current=page" if do == here else ""}>{text}</button>'
        for do, text in parts
    )
    return f'<nav class="parts" aria-label="测评的三个部分">{items}</nav>'


def page(here: str, waiting: int, body: str) -> str:
    return f'{navigation(here, waiting)}<div class="part">{body}</div>'


def heading(text: str, hint: str = "", *, back: str = "") -> str:
    hint = f'<p class="page-hint">{escape(hint)}</p>' if hint else ""
    return f'{back}<h2 class="page-title" tabindex="-1">{escape(text)}</h2>{hint}'


def terms(rows: Sequence[tuple[str, str]]) -> str:
    """A list of terms; those without a value are left out."""
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    return f"<dl>{items}</dl>" if items else ""


def pager(total: int, start: int, size: int, do: str, **data: object) -> str:
    """Earlier and later pages of a long list; nothing where all fits one."""
    if total <= size:
        return ""
    before = button("上一页", do, start=max(0, start - size), **data) if start else ""
    after = button("下一页", do, start=start + size, **data) if start + size < total else ""
    return f'<div class="tools pager">{before}<span>第 {start + 1}–{min(total, start + size)}，共 {total}</span>{after}</div>'


def bar(value: dict[str, Any], *, lower: bool = False) -> str:
    """A share as a bar, its 95 % interval as a whisker; in another colour where ``lower`` is better."""
    mean, low, high = (100 * value[key] for key in ("mean", "low", "high"))
    return (
        f'<svg class="share{" lower" if lower else ""}" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="all" width="100" height="12"/><rect class="mean" width="{mean:.1f}" height="12"/>'
        f'<path d="M{low:.1f} 6H{high:.1f}"/></svg>'
    )


def percent(value: dict[str, Any]) -> str:
    """“82%（78%–86%）”"""
    return f"{value['mean']:.0%}<small>（{value['low']:.0%}–{value['high']:.0%}）</small>"
