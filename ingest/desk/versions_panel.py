"""版本与撤下: what is not, or no longer, in the corpus."""

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from corpus.store import Store
from corpus.types import Failure
from ingest.desk.notices import in_words, notice

#: Rows of a list: nobody reads more.
SHOWN = 100


def build(page: gr.Blocks, tab: gr.Tab, store: Store) -> None:
    """Lays the tab out where it is open, and connects it."""
    versions = Versions(store)
    failures = gr.HTML("", elem_id="failures", apply_default_css=False)
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 8}
    gr.on([page.load, tab.select], versions.failures, [], [failures], **quick)


class Versions:
    """The handlers of the tab's events, over one store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def failures(self) -> str:
        """The files that could not be added, and why."""
        try:
            return failures_table(self.store.failures()[-SHOWN:])
        except Exception as error:  # the edge
            return notice(in_words(error))


def failures_table(failures: Sequence[Failure]) -> str:
    """The files that could not be added, newest first, each with the reason; or that there are none."""
    if not failures:
        return '<p class="page-hint">没有未能加入的文件。</p>'
    rows = "".join(
        f'<li class="warning"><b>{escape(failure.name)}</b>：{escape(failure.message)}'
        f"<small>{escape(failure.at[:10])}</small></li>"
        for failure in reversed(failures)
    )
    return (
        '<div class="files"><details><summary><b>未能加入的文件'
        f"（{len(failures)} 份）</b></summary><ul>{rows}</ul></details></div>"
    )
