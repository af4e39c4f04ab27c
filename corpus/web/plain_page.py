"""Pages without gradio: signing in, one's account, what administrators do. They work without scripts."""

from html import escape

from corpus.errors import UserError
from corpus.web import content_policy
from corpus.web.masthead import NAME, masthead, way_up

HEADERS = {"content-security-policy": content_policy.PLAIN, "cache-control": "no-store"}


def page(title: str, body: str, *, here: str, head: str = "", sheet: str = "") -> str:
    """A whole page; ``here`` is its path, ``head`` its masthead, ``body`` is HTML.

    ``sheet`` is the address of a style sheet of its own.
    """
    head = head or masthead((), here, None, alone=False)
    own = f'<link rel="stylesheet" href="{escape(sheet)}">' if sheet else ""
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · {NAME}</title>"
        f'<link rel="stylesheet" href="{way_up(here)}look.css">{own}<link rel="icon" href="{way_up(here)}favicon.ico">'
        f'</head><body class="plain"><header id="masthead">{head}</header><main>{body}</main></body></html>'
    )


def notice(said: UserError | str) -> str:
    """What happened, above a form; ``""`` for nothing."""
    if isinstance(said, UserError):
        return f'<p class="notice bad" role="alert">{escape(said.message)}{escape(said.hint)}</p>'
    return f'<p class="notice good" role="status">{escape(said)}</p>' if said else ""


def field(
    label: str, name: str, *, kind: str = "text", value: str = "", hint: str = "", more: str = ""
) -> str:
    """A labelled input. ``more`` is further attributes, as they stand in HTML."""
    told = f'<small aria-hidden="true">{escape(hint)}</small>' if hint else ""
    described = f'aria-description="{escape(hint)}" ' if hint else ""
    return (
        f"<label><span>{escape(label)}</span>"
        f'<input type="{kind}" name="{name}" value="{escape(value)}" {described}{more}></label>{told}'
    )
