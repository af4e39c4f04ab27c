"""Reading an article in full at the sentence that was quoted, and the picture of its page.

Pure functions to HTML, as in ``window``.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from assistant.types import Citation
from assistant.window.cards import status_badge
from assistant.window.sources import close_button
from corpus.types import Article, Passage, Source
from corpus.web.page_view import page_view

#: The style of an article in full.
CSS = (Path(__file__).parent / "reading.css").read_text(encoding="utf-8")


class Opened(NamedTuple):
    """打开的原文: an article with the passage that was cited and what was quoted from it."""

    article: Article
    source: Source
    passage: Passage
    citations: tuple[Citation, ...] = ()


def reading_panel(opened: Opened, *, marker: int, back_to: int) -> str:
    """An article in full, with the quotes marked in its text; ``back_to`` is the turn's number."""
    article, source, passage = opened.article, opened.source, opened.passage
    marks, title = _found(passage, opened.citations), escape(article.title or source.name)
    picture = _page_picture(source, passage, marks)
    turn = '<button type="button" class="turn-over" data-do="page" aria-pressed="false">看原版面</button>'
    moved = '<p class="moved">这份文件在回答之后有过更新，引文已不在原来的位置。</p>'
    if len(marks) == len(opened.citations):
        moved = ""
    return (
        f'<div class="sources reading" data-marker="{marker}"><div class="bar">'
        f'<button type="button" data-do="list" data-turn="{back_to}">← 全部来源</button>'
        f'<span class="of" aria-hidden="true">{title}</span>{turn if picture else ""}{close_button()}</div>'
        f'<div class="as-text">{whole(opened, marks, told=moved)}</div>{picture}</div>'
    )


def whole(opened: Opened, marks: Sequence[tuple[int, int]], *, told: str = "", up: str = "") -> str:
    """The article from its title to its end, with ``marks`` (offsets in its text) marked.

    ``told`` is HTML above the text; ``up`` leads from the page that shows it to the first page.
    """
    article, source, passage = opened.article, opened.source, opened.passage
    return (
        f'<h2 tabindex="-1">{escape(article.title or source.name)}</h2>'
        f"{f'<p class=subtitle>{escape(article.subtitle)}</p>' if article.subtitle else ''}"
        f"{_facts(article, source, passage, up)}{_warnings(article, source)}{told}"
        f'<div class="text">{_body(article, passage, marks)}</div>'
    )


def _page_picture(source: Source, passage: Passage, marks: Sequence[tuple[int, int]]) -> str:
    """The picture of the page with the quotes boxed, drawn when it is asked for; nothing where there is none."""
    if not source.pictured or not passage.boxes:
        return ""
    spans = ",".join(f"{start - passage.start}-{end - passage.start}" for start, end in marks)
    asked = urlencode({"passage": passage.id, "spans": spans})
    folder = f"articles/{source.id}/pages"
    view = page_view(
        f"{folder}/", info=f"{folder}.json?{asked}", page=passage.page, group="quote", close=True
    )
    return f'<div class="as-page" hidden>{view}</div>'


def gone_panel(back_to: int) -> str:
    """What is shown where a cited article was removed from the corpus since."""
    return (
        '<div class="sources reading"><div class="bar">'
        f'<button type="button" data-do="list" data-turn="{back_to}">← 全部来源</button>{close_button()}</div>'
        '<h2 tabindex="-1">原文已不在资料库中</h2>'
        '<p class="moved">这份文件在回答之后被删除或替换了。请重新提问，以现在的资料为准。</p></div>'
    )


def _facts(article: Article, source: Source, passage: Passage, up: str) -> str:
    pages = f"第 {passage.page} 页" + (f"（共 {source.pages} 页）" if source.pages > 1 else "")
    rows = [
        ("位置", passage.label),
        ("作者", "、".join(article.authors)),
        ("栏目", article.label),
        ("发文机关", article.issuer),
        ("文号", article.number),
        ("日期", article.published_on),
        ("施行", article.effective_on),
        ("失效", article.expires_on),
        ("替代", "；".join(article.supersedes)),
    ]
    cells = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    download = (
        f'<a class="link" data-do="original" href="{up}articles/{escape(source.id)}/original" download'
        f' title="收到时的原件：{escape(source.name)}">下载原件</a>'
    )
    return (
        f'<p class="kinds"><span class="badge kind">{escape(article.kind)}</span>{status_badge(article.status)}</p>'
        f"<dl>{cells}<dt>文件</dt><dd>{escape(source.name)}，{pages} {download}</dd></dl>"
    )


def _warnings(article: Article, source: Source) -> str:
    notes = list(source.warnings)
    if article.quality < 0.8:
        notes.insert(0, "这篇文章的文字识别质量较低，引用前请核对原件。")
    if not notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<details class="notes"><summary>读取时的提醒（{len(notes)}）</summary><ul>{items}</ul></details>'


def _found(passage: Passage, citations: Sequence[Citation]) -> list[tuple[int, int]]:
    """Where each quote stands in the article's text; a quote that is not there is left out."""
    spans = []
    for citation in citations:
        # Policy texts repeat themselves: the place that was cited comes before the first like it.
        there = passage.text[citation.start : citation.end] == citation.quote
        at = citation.start if there else passage.text.find(citation.quote)
        if citation.quote and at >= 0:
            spans.append((passage.start + at, passage.start + at + len(citation.quote)))
    return spans


def _body(article: Article, passage: Passage, marks: Sequence[tuple[int, int]]) -> str:
    """The article's paragraphs; those of the cited passage carry a rule, quotes are marked.

    The passage begins at ``id="passage"``.
    """
    paragraphs, start = [], 0
    for line in article.text.split("\n"):
        end = start + len(line)
        if line.strip():
            cited = start < passage.end and end > passage.start
            inside = _marked(line, start, marks)
            anchor = ' id="passage"' if start <= passage.start < end else ""
            paragraphs.append(
                f'<p class="cited-passage"{anchor}>{inside}</p>' if cited else f"<p>{inside}</p>"
            )
        start = end + 1
    return "".join(paragraphs)


def _marked(line: str, offset: int, marks: Sequence[tuple[int, int]]) -> str:
    """One paragraph, escaped, with the parts inside ``marks`` (article offsets) in ``<mark>``."""
    pieces, at = [], 0
    for start, end in sorted(marks):
        begin, stop = max(start - offset, at), min(end - offset, len(line))
        if begin < stop:
            pieces += [escape(line[at:begin]), f"<mark>{escape(line[begin:stop])}</mark>"]
            at = stop
    return "".join([*pieces, escape(line[at:])])
