"""The office's page: upload files, watch them being read, see what the corpus holds."""

import logging
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from corpus import look
from corpus.errors import UserError
from corpus.store import Store
from corpus.types import Article, Failure, Source
from ingest.pipeline import Event, ingest

CSS = look.CSS + (Path(__file__).parent / "panel.css").read_text(encoding="utf-8")
#: Rows of the table: each costs a look into the store, and nobody reads more.
SHOWN = 100
_INBOX = "inbox"
_STATES = {"new": "新增", "changed": "已更新", "unchanged": "没有变化", "failed": "未加入"}

_log = logging.getLogger(__name__)


def build(page: gr.Blocks, store: Store) -> None:
    """Lays the page out in ``page``, which is open, and connects it."""
    office = Office(store)
    gr.HTML(_HOW, elem_id="upload-help", apply_default_css=False)
    files = gr.File(
        file_count="multiple", label="选择要加入资料库的文件", show_label=False, height=150, elem_id="upload"
    )
    add = gr.Button("加入资料库", variant="primary", elem_id="add", scale=0)
    progress = gr.HTML("", elem_id="progress", apply_default_css=False)
    name = gr.Textbox(
        placeholder="按文件名或标题查找", label="查找", show_label=False, container=False, elem_id="look-up"
    )
    table = gr.HTML("", elem_id="holdings", apply_default_css=False)
    # One upload at a time: the store has one writer, and a second would only wait for it.
    add.click(
        office.add,
        [files, name],
        [progress, files, table],
        concurrency_limit=1,
        concurrency_id="uploads",
        show_progress="hidden",
        api_visibility="private",
    )
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 8}
    gr.on([page.load], office.holdings, [name], [table], **quick)
    name.change(office.holdings, [name], [table], **quick)


_HOW = (
    '<h2 class="page-title">添加资料</h2><p class="page-hint">支持 PDF、Word（.docx）、网页、Markdown 和纯文本，'
    "可以一次选择多个。同名文件再次上传会替换先前上传的一份；读完之后立即可以提问。</p>"
)


class Office:
    """办公室: the handlers of the page's events, over one store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(self, uploads: list[str] | None, name: str) -> Iterator[tuple[Any, Any, Any]]:
        """Yields (progress, upload box, table) while the files are read."""
        if not uploads:
            yield _notice("请先选择文件，再点“加入资料库”。"), gr.skip(), gr.skip()
            return
        seen: list[Event] = []
        try:
            for event in ingest(self._received(uploads), self.store, received_by="网页上传"):
                seen.append(event)
                yield progress_table(seen), gr.skip(), gr.skip()
        except Exception as error:  # the edge: a person must read words, the log has the traceback
            yield progress_table(seen) + _notice(_in_words(error)), gr.skip(), gr.skip()
        finally:
            shutil.rmtree(self.store.directory / _INBOX, ignore_errors=True)
        yield progress_table(seen) if seen else gr.skip(), None, self.holdings(name)

    def _received(self, uploads: Sequence[str]) -> list[Path]:
        """The uploads under a lasting path each, by which the store knows a file that comes again."""
        inbox = self.store.directory / _INBOX
        inbox.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.move(upload, inbox / Path(upload).name)) for upload in uploads]

    def holdings(self, name: str) -> str:
        """The table of the corpus; ``name`` is a part of file names or titles, or empty."""
        try:
            return self._holdings(name.strip().casefold())
        except Exception as error:  # the edge
            return _notice(_in_words(error))

    def _holdings(self, name: str) -> str:
        titles: dict[str, list[str]] = {}
        for article_id, title in self.store.titles():
            titles.setdefault(article_id.split("/")[0], []).append(title)
        found = [
            source
            for source in reversed(self.store.sources())
            if any(name in text.casefold() for text in [source.name, *titles.get(source.id, [])])
        ]
        rows = [(source, self.store.articles(source.id)) for source in found[:SHOWN]]
        notes = self.store.reprint_notes([a.id for _, articles in rows for a in articles])
        failures = [failure for failure in self.store.failures() if name in failure.name.casefold()]
        table = holdings_table(rows, found=len(found), counts=self.store.counts(), reprints=notes)
        return table + failures_table(failures[-SHOWN:])


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


def holdings_table(
    rows: Sequence[tuple[Source, Sequence[Article]]], *, found: int, counts: Any, reprints: Mapping[str, str]
) -> str:
    """The files of the corpus, newest first, each with its articles folded below it.

    ``reprints`` holds what is to be said of an article's other copies, by its id.
    """
    head = (
        f'<h2 class="page-title">资料库</h2><p class="page-hint">'
        f"共 {counts.sources} 份文件、{counts.articles} 篇、{counts.passages} 段。</p>"
    )
    if not rows:
        empty = "没有找到符合的文件。" if counts.sources else "资料库还是空的。请在上面选择文件加入。"
        return f"{head}{_notice(empty)}"
    more = (
        f'<p class="page-hint">只列出最近的 {len(rows)} 份，请用上面的查找缩小范围。</p>'
        if found > len(rows)
        else ""
    )
    return f'{head}<div class="files">{"".join(_file_row(*row, reprints) for row in rows)}</div>{more}'


def failures_table(failures: Sequence[Failure]) -> str:
    """The files that could not be added, newest first, each with the reason; nothing where there are none."""
    if not failures:
        return ""
    rows = "".join(
        f'<li class="warning"><b>{escape(failure.name)}</b>：{escape(failure.message)}'
        f"<small>{escape(failure.at[:10])}</small></li>"
        for failure in reversed(failures)
    )
    return (
        '<div class="files"><details><summary><b>未能加入的文件'
        f"（{len(failures)} 份）</b></summary><ul>{rows}</ul></details></div>"
    )


def _file_row(source: Source, articles: Sequence[Article], notes: Mapping[str, str]) -> str:
    items = "".join(_article_item(article, notes.get(article.id, "")) for article in articles)
    warnings = "".join(f'<li class="warning">{escape(warning)}</li>' for warning in source.warnings)
    flag = f'<span class="flag">提醒 {len(source.warnings)}</span>' if source.warnings else ""
    size = f"{source.bytes / 1024:.0f} KB" if source.bytes < 2**20 else f"{source.bytes / 2**20:.1f} MB"
    return (
        f"<details><summary><b>{escape(source.name)}</b>{flag}"
        f"<small>{len(articles)} 篇 · {source.pages} 页 · {size} · {escape(source.received_at[:10])} 收到</small>"
        f"</summary><ul>{items}{warnings}</ul></details>"
    )


def _article_item(article: Article, reprints: str) -> str:
    known = [article.kind, article.issuer, article.number, article.published_on]
    known += [] if article.status == "未知" else [article.status]
    facts = " · ".join(filter(None, [*known, f"文字{article.trust}（{article.quality:.2f}）"]))
    doubt = f'<span class="flag">{escape(article.trust)}</span>' if article.trust != "可信" else ""
    notes = [
        f"文字{article.trust}：{article.quality_reason}" if doubt and article.quality_reason else "",
        reprints,
    ]
    below = "".join(f"<small>{escape(note)}</small>" for note in notes if note)
    return f"<li>{escape(article.title or '未命名')}{doubt}<small>{escape(facts)}</small>{below}</li>"


def _notice(text: str) -> str:
    return f'<p class="notice" role="status">{escape(text)}</p>'


def _in_words(error: Exception) -> str:
    if isinstance(error, UserError):
        return f"{error.message}{error.hint}"
    number = secrets.token_hex(3)
    _log.error("error %s", number, exc_info=error)
    return f"程序出错了（编号 {number}）。请重试；如果再次出现，请把编号告诉管理员，以便在日志中查找。"
