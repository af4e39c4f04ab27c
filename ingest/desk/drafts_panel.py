"""添加与预览: upload, watch the reading, look at what was read, correct it, publish. ``drafts.js`` draws it."""

from pathlib import Path

import gradio as gr

from corpus.store import Store
from corpus.web import page_view

_SCRIPT = page_view.SCRIPT + (Path(__file__).parent / "drafts.js").read_text(encoding="utf-8")


def build(page: gr.Blocks, tab: gr.Tab, store: Store) -> None:
    """Lays the tab out where it is open; it asks ``drafts_routes`` for all it shows."""
    gr.HTML('<div id="desk-office"></div>', js_on_load=_SCRIPT, apply_default_css=False, elem_id="drafts")
