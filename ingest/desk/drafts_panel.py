"""添加与预览: upload files, watch them being read."""

import shutil
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.store import Store
from ingest.desk.notices import in_words, notice
from ingest.pipeline import Event, ingest

_INBOX = "inbox"
_STATES = {"new": "新增", "changed": "已更新", "unchanged": "没有变化", "failed": "未加入"}


def build(page: gr.Blocks, tab: gr.Tab, store: Store) -> None:
    """Lays the tab out where it is open, and connects it."""
    office = Office(store)
    gr.HTML(_HOW, elem_id="upload-help", apply_default_css=False)
    files = gr.File(
        file_count="multiple", label="选择要加入资料库的文件", show_label=False, height=150, elem_id="upload"
    )
    add = gr.Button("加入资料库", variant="primary", elem_id="add", scale=0)
    progress = gr.HTML("", elem_id="progress", apply_default_css=False)
    # One upload at a time: the store has one writer, and a second would only wait for it.
    add.click(
        office.add,
        [files],
        [progress, files],
        concurrency_limit=1,
        concurrency_id="uploads",
        show_progress="hidden",
        api_visibility="private",
    )


_HOW = (
    '<h2 class="page-title">添加资料</h2><p class="page-hint">支持 PDF、Word（.docx）、网页、Markdown 和纯文本，'
    "可以一次选择多个。同名文件再次上传会替换先前上传的一份；读完之后立即可以提问。</p>"
)


class Office:
    """办公室: the handlers of the tab's events, over one store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(self, uploads: list[str] | None) -> Iterator[tuple[Any, Any]]:
        """Yields (progress, upload box) while the files are read."""
        if not uploads:
            yield notice("请先选择文件，再点“加入资料库”。"), gr.skip()
            return
        seen: list[Event] = []
        try:
            for event in ingest(self._received(uploads), self.store, received_by="网页上传"):
                seen.append(event)
                yield progress_table(seen), gr.skip()
        except Exception as error:  # the edge: a person must read words, the log has the traceback
            yield progress_table(seen) + notice(in_words(error)), gr.skip()
        finally:
            shutil.rmtree(self.store.directory / _INBOX, ignore_errors=True)
        yield progress_table(seen) if seen else gr.skip(), None

    def _received(self, uploads: Sequence[str]) -> list[Path]:
        """The uploads under a lasting path each, by which the store knows a file that comes again."""
        inbox = self.store.directory / _INBOX
        inbox.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.move(upload, inbox / Path(upload).name)) for upload in uploads]


def progress_table(events: Sequence[Event]) -> str:
    """The files of an upload with what became of each; the last event says where it stands."""
    last = events[-1]
    rows = "".join(_progress_row(event) for event in events if event.stage in ("done", "failed"))
    if last.stage == "started":
        rows += f'<tr class="now"><td>{escape(last.file)}</td><td>正在读取……</td><td></td><td></td></tr>'
    bar = f'<progress max="{max(last.total, 1)}" value="{last.tally.files}" aria-label="进度"></progress>'
    head = "<tr><th>文件</th><th>结果</th><th>篇 / 段</th><th>说明</th></tr>"
    return f'<div class="upload-progress"><p role="status">{_standing(last)}</p>{bar}<table>{head}{rows}</table></div>'


def _standing(last: Event) -> str:
    tally = last.tally
    if last.stage == "finished":
        return (
            f"完成：新增 {tally.new}，更新 {tally.changed}，没有变化 {tally.unchanged}，未加入 {tally.failed}；"
            f"共 {tally.articles} 篇、{tally.passages} 段。"
        )
    return (
        "正在建立索引……"
        if last.stage == "indexing"
        else f"正在读取，已完成 {last.tally.files} 个，共 {last.total} 个"
    )


def _progress_row(event: Event) -> str:
    notes = "；".join(filter(None, [event.message, *event.warnings]))
    held = f"{event.articles} / {event.passages}" if event.passages else ""
    state = event.state or "failed"
    return (
        f'<tr class="{state}"><td>{escape(event.file)}</td><td>{_STATES[state]}</td>'
        f"<td>{held}</td><td>{escape(notes)}</td></tr>"
    )
