"""版本与撤下: versions and what they differ in, links, what is withdrawn, what could not be added.

``versions.js`` turns clicks and forms into the one event ``act``; ``versions_events.py`` answers it.
"""

import re
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.store import Store
from corpus.versions.effects import Effects
from ingest.desk import versions_view
from ingest.desk.notices import in_words
from ingest.desk.versions_events import Reply, Versions

_SCRIPT = (Path(__file__).parent / "versions.js").read_text(encoding="utf-8")
#: An address that opens a file, as the table leads to it.
_OPENED = re.compile(r"#version=(\d{1,18})", re.ASCII)
#: Who it was where nobody signs in.
_NOBODY = "网页"


def build(page: gr.Blocks, tab: gr.Tab, store: Store, effects: Effects | None = None) -> None:
    """Lays the tab out where it is open, and connects it."""
    versions = Versions(store, effects)
    with gr.Column(elem_id="versions"):
        notice = gr.HTML("", elem_id="versions-notice", apply_default_css=False)
        desk = gr.HTML("", js_on_load=_SCRIPT, elem_id="versions-desk", apply_default_css=False)

    def act(event: gr.EventData, request: gr.Request) -> tuple[str, Any]:
        values: dict[str, Any] = event._data if isinstance(event._data, dict) else {}
        return _answered(versions, values, request.username or _NOBODY)

    def arrive(address: str) -> tuple[str, Any]:
        opened = _OPENED.fullmatch(address or "")
        return _answered(versions, {"do": "open", "id": opened[1]} if opened else {"do": "find"}, _NOBODY)

    # Not through the queue, whose client may lose an event that is sent as another ends.
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    desk.act(act, None, [notice, desk], **quick)
    gr.on([page.load, tab.select], arrive, [desk], [notice, desk], js="() => [location.hash]", **quick)


def _answered(versions: Versions, values: dict[str, Any], who: str) -> tuple[str, Any]:
    try:
        reply = versions.act(values, who)
    except Exception as error:  # the edge: a person must read words, the log has the traceback
        reply = Reply(versions_view.notice(in_words(error)))
    return reply.told, gr.skip() if reply.page is None else reply.page
