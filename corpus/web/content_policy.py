"""Content policies: what a browser may load and run of what it is given here. The guard sends one with every answer.

A page that gradio draws runs the scripts of this server and the few that stand in gradio's own frame
(these carry a ``nonce``), and nothing else: no script from elsewhere, none between the lines of a
document, none that is put together in the browser.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

#: A page of ours without scripts. Nothing is loaded from elsewhere, and forms go only to ourselves.
PLAIN = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
#: Whatever is no page: saved or drawn, never opened as one.
FILE = "default-src 'none'; sandbox; frame-ancestors 'none'"
_COMPILED = (Path(__file__).parent / "compiled.js").read_text(encoding="utf-8")
_TAKEN = "element, trigger, props, server, upload, watch"
#: What gradio's frame has for other websites (previews of links, an app's manifest).
_ABOUT = re.compile(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>|<link rel="manifest"[^>]*>')
_SIMPLE = re.compile(r"[^`\\$\"{}\n]*")


def nonce() -> str:
    """For one answer; nobody can know it before."""
    return secrets.token_urlsafe(16)


def drawn(nonce: str) -> str:
    """The policy of a page that gradio draws.

    Its styles stand in attributes and in elements that its scripts make, which no nonce reaches;
    so a style may stand anywhere, and what a style may load is what anything may: our own.
    """
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; script-src-attr 'none'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'self'; base-uri 'self'"
    )


def of(media_type: str, nonce: str) -> str:
    """The policy of an answer that has none of its own, by its media type."""
    return drawn(nonce) if media_type.startswith("text/html") else FILE


def frame(template: str) -> str:
    """Gradio's frame of a page, a Jinja template: its scripts with the answer's nonce, the page's own script first."""
    kept = _ABOUT.sub("", template).replace("<script", "<script nonce=\"{{ request.scope['nonce'] }}\"")
    return re.sub(r"(<base [^>]*>)", r'\1<script src="./page.js"></script>', kept, count=1)


def script(config: Mapping[str, Any], own: str) -> str:
    """``page.js``: the page's ``own`` script, and beside it whatever a gradio configuration has as text, compiled."""
    loaded, templates = set(), {""}
    for component in config["components"]:
        props = component["props"]
        loaded.add(props.get("js_on_load") or "")
        templates |= {props.get("html_template") or "", props.get("css_template") or ""}
    awaited = {each["js"] for each in config["dependencies"] if isinstance(each.get("js"), str)}
    return (
        _COMPILED.replace("/* templates */", _templates(templates))
        .replace("/* plain */", _functions(f"function ({_TAKEN})", loaded - {""}))
        .replace("/* awaited */", _functions("async function ()", map(_returned, awaited)))
        + own
    )


def _functions(head: str, bodies: Iterable[str]) -> str:
    return ",\n".join(f"{head} {{\n{body}\n}}" for body in sorted(bodies))


def _returned(script: str) -> str:
    """As gradio words it."""
    return f"return (\n{script.strip().rstrip(';')}\n);"


def _templates(found: Iterable[str]) -> str:
    wrong = [text for text in found if text != "${value}" and not _SIMPLE.fullmatch(text)]
    assert not wrong, f"a template that compiled.js cannot stand for: {wrong}"
    return json.dumps([[json.dumps(text), text] for text in sorted(found)])
