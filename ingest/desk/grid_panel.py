"""资料表: what the corpus holds."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import gradio as gr

from corpus.store import Store
from corpus.types import Article, Source
from ingest.desk.notices import in_words, notice

#: Rows of the table: each costs a look into the store, and nobody reads more.
SHOWN = 100


def build(page: gr.Blocks, tab: gr.Tab, store: Store) -> None:
    """Lays the tab out where it is open, and connects it."""
    grid = Grid(store)
    name = gr.Textbox(
        placeholder="按文件名或标题查找", label="查找", show_label=False, container=False, elem_id="look-up"
    )
    table = gr.HTML("", elem_id="holdings", apply_default_css=False)
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 8}
    gr.on([page.load, tab.select, name.change], grid.holdings, [name], [table], **quick)


class Grid:
    """The handlers of the tab's events, over one store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def holdings(self, name: str) -> str:
        """The table of the corpus; ``name`` is a part of file names or titles, or empty."""
        try:
            return self._holdings(name.strip().casefold())
        except Exception as error:  # the edge
            return notice(in_words(error))

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
        return holdings_table(rows, found=len(found), counts=self.store.counts(), reprints=notes)


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
        empty = "没有找到符合的文件。" if counts.sources else "资料库还是空的。请在“添加与预览”里选择文件。"
        return f"{head}{notice(empty)}"
    more = (
        f'<p class="page-hint">只列出最近的 {len(rows)} 份，请用上面的查找缩小范围。</p>'
        if found > len(rows)
        else ""
    )
    return f'{head}<div class="files">{"".join(_file_row(*row, reprints) for row in rows)}</div>{more}'


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
