"""The office's page: a tab for each kind of work with the corpus."""

from pathlib import Path

import gradio as gr

from corpus.store import Store
from corpus.versions.effects import Effects
from corpus.web import look, page_view
from ingest.desk import drafts_panel, grid_panel, versions_panel

_HERE = Path(__file__).parent
_SHEETS = [_HERE / "panel.css", *sorted((_HERE / "desk").glob("*.css"))]
CSS = "\n".join([look.CSS, page_view.CSS, *(sheet.read_text(encoding="utf-8") for sheet in _SHEETS)])

FIRST_SCRIPT = grid_panel.FIRST_SCRIPT


def build(page: gr.Blocks, store: Store, effects: Effects | None = None) -> None:
    """Lays the page out in ``page``, which is open, and connects it.

    ``effects`` tells which accepted cases rest on a file that is to be withdrawn.
    """
    with gr.Tabs(elem_id="desk"):
        with gr.Tab("添加与预览", id="drafts") as drafts:
            drafts_panel.build(page, drafts, store)
        with gr.Tab("资料表", id="grid") as grid:
            grid_panel.build(page, grid, store)
        with gr.Tab("版本与撤下", id="versions") as versions:
            versions_panel.build(page, versions, store, effects)
