"""The head of every page: the name, the pages that a person may see, who is signed in."""

from collections.abc import Sequence
from html import escape

from corpus.accounts.people import Person
from corpus.web.access import may

NAME = "工会政策问答"
TAGLINE = "每一句回答都能点回原文"
_ALONE = "还没有账号：只在这台电脑上可以打开。让别人也能用，请先在命令行添加管理员。"

#: The pages that are offered: path and name, in order.
Offered = Sequence[tuple[str, str]]


def masthead(offered: Offered, here: str, person: Person | None, *, alone: bool) -> str:
    """The head of the page at ``here`` as HTML; all addresses in it are relative.

    ``alone``: there are no accounts, so everything is offered. Somebody who is not signed in
    where there are accounts sees the name only.
    """
    up = way_up(here)
    seen = [(path, name) for path, name in offered if alone or (person and may(person, path))]
    nav = f'<nav aria-label="页面">{"".join(_link(up, here, *one) for one in seen)}</nav>' if seen else ""
    brand = f'<div class="brand"><h1>{NAME}</h1><p>{TAGLINE}</p>{_who(up, person, alone)}</div>'
    return brand + nav


def way_up(path: str) -> str:
    """The relative address of the first page from a path: so that all may be served below another path."""
    return "../" * (path.count("/") - 1) or "./"


def _link(up: str, here: str, path: str, name: str) -> str:
    current = ' aria-current="page"' if f"{path.rstrip('/')}/" == here else ""
    address = up + path[1:] + ("/" if path[1:] else "")
    return f'<a href="{address}"{current}>{escape(name)}</a>'


def _who(up: str, person: Person | None, alone: bool) -> str:
    if alone:
        return f'<span class="me" title="{_ALONE}">仅限本机，未设账号</span>'
    if person is None:
        return ""
    return (
        f'<div class="me"><a href="{up}account/" title="我的账号（{person.title}）">{escape(person.name)}</a>'
        f'<form method="post" action="{up}sign-out"><button type="submit">退出</button></form></div>'
    )
