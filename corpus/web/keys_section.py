"""The keys on the administrators' page: what there are, a form for another one, and a new one's secret."""

from collections.abc import Callable, Sequence
from html import escape

from corpus.accounts.keys import USUAL_DAYS, Added, Key, until
from corpus.web.plain_page import field

_TOLD = (
    '别的程序凭密钥使用本系统的接口（<a href="../api/v1/">接口说明</a>），不用登录；密钥不能打开网页。'
    "给每个程序一个密钥，不用了就撤销。"
)


def section(keys: Sequence[Key], roles: Callable[[frozenset[str]], str], *, adding: bool) -> str:
    """The section as HTML. ``roles`` draws boxes for roles to tick; ``adding``: the form is open."""
    good = sum(key.state == "有效" for key in keys)
    form = (
        f'<details class="person"{" open" if adding else ""}><summary><b>添加密钥……</b></summary>'
        '<div class="acts"><form method="post" action="keys" autocomplete="off">'
        + field("名称", "name", hint="例如使用它的系统。", more='required maxlength="40" autocomplete="off"')
        + roles(frozenset())
        + field(
            "有效天数",
            "days",
            kind="number",
            value=str(USUAL_DAYS),
            hint="写 0 则不过期。",
            more='min="0" max="3650" required',
        )
        + '<button class="main">添加密钥</button></form></div></details>'
    )
    listed = "".join(map(_key, keys))
    return f'<section id="keys"><h2>密钥（{good}）</h2><p class="soft">{_TOLD}</p>{listed}{form}</section>'


def told_once(added: Added) -> str:
    """A new key's secret, above the page."""
    return (
        f'<div class="notice good" role="status"><b>{escape(added.key.name)}</b>：密钥已经添加，{until(added.key)}。'
        "它只显示这一次，请现在复制并妥善保存："
        f'<input type="text" readonly class="secret" aria-label="新的密钥" value="{escape(added.secret)}"></div>'
    )


def _key(key: Key) -> str:
    used = f"上次使用 {key.used_at[:16].replace('T', ' ')}" if key.used_at else "从未使用"
    good = key.state == "有效"
    made = f"{key.created_by} 于 {key.created_at[:10]} 添加"
    revoke = (
        '<form method="post" action="revoke">'
        f'<input type="hidden" name="name" value="{escape(key.name)}">'
        '<button class="risky">撤销密钥</button></form>'
    )
    return (
        f'<details class="person{"" if good else " off"}"><summary><b>{escape(key.name)}</b>'
        f"<span>{key.person.title}</span><span>{until(key) if good else key.state}</span><span>{used}</span></summary>"
        f'<div class="acts"><p><code>{escape(key.shown)}…</code><br><span class="soft">{escape(made)}</span></p>'
        f"{'' if key.revoked_at else revoke}</div></details>"
    )
