"""What a person corrects in a document that was read, before it goes live.

Every operation takes the parts of a draft and gives the run of parts that changes, so that it
can be undone by putting back what stood there. After a change of text the passages are cut
again from the lines, which know their pages and boxes.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, NamedTuple

from corpus.errors import UserError
from corpus.types import ARTICLE_FIELDS, KINDS, STATUSES, Article, Passage
from ingest import passages
from ingest.description.dates import iso_date
from ingest.lines import Line
from ingest.paragraphs import classify, paragraphs

_DATES = ("published_on", "effective_on", "expires_on")
_CHOICES: dict[str, Sequence[str]] = {"kind": KINDS, "status": STATUSES}
_LONGEST = 300
_NAMED = 20  # characters of a title or line that history quotes
_A_TITLE = 60  # characters: a longer first line of what was split off is no title
_SENTENCE_END = re.compile(r"[。；;!?！？：:，,]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """稿: an article in the making, the lines it is made of, which of them (by index) are left out.

    ``article.text`` is the kept lines' texts joined by ``"\\n"``; ids count only once it is published.
    """

    article: Article
    lines: tuple[Line, ...]
    passages: tuple[Passage, ...]
    out: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return _quoted(self.article.title or self.article.text)


class Change(NamedTuple):
    """更改: ``parts`` take the place of those from ``start`` up to ``end``; ``words`` say what was done."""

    start: int
    end: int
    parts: tuple[Part, ...]
    words: str


def set_fields(parts: Sequence[Part], at: int, values: Mapping[str, str]) -> Change:
    """Give fields of an article other values. Raises ``UserError`` for values that cannot stand."""
    part = _part(parts, at)
    changes = {name: _valid(name, values[name]) for name in ARTICLE_FIELDS if name in values}
    article = replace(part.article, **changes)
    _check_order(article)
    told = [
        f"{ARTICLE_FIELDS[name]}由{_told(getattr(part.article, name))}改为{_told(value)}"
        for name, value in changes.items()
        if getattr(part.article, name) != value
    ]
    if not told:
        raise UserError("没有改动。", "各项内容与原来相同，不需要保存。")
    return Change(at, at + 1, (replace(part, article=article),), f"{part.name}：{'；'.join(told)}")


def split(parts: Sequence[Part], at: int, line: int) -> Change:
    """Make an article of its own of what stands from a line on; a short first line becomes its title."""
    part = _part(parts, at)
    _line(part, line)
    if not _kept(part, 0, line) or not _kept(part, line, len(part.lines)):
        raise UserError("不能在这里拆分。", "拆分处的前面和后面都要有正文，请选择中间的段落。")
    first = _cut(part.article, part.lines[:line], part.out)
    rest = part.lines[line:]
    title = rest[0].text.strip()
    headed = _is_title(title) and len(_kept(part, line, len(part.lines))) > 1 and line not in part.out
    article = replace(
        part.article,
        title=title if headed else "",
        subtitle="",
        number="",
        authors=(),
        supersedes=(),
        recipients=(),
    )
    left_out = frozenset(n - line for n in part.out if n >= line)
    # The headline leaves the text, as it does when articles are read, and can be brought back into it.
    second = _cut(article, rest, left_out | {0} if headed else left_out)
    words = f"{part.name}：从“{_quoted(title)}”起拆成另一篇"
    return Change(at, at + 1, (first, second), words)


def merge(parts: Sequence[Part], at: int, other: int) -> Change:
    """Append the text of another article to one, whose fields stay; the other's title becomes a line."""
    into, added = _part(parts, at), _part(parts, other)
    if at == other:
        raise UserError("不能与自己合并。", "请选择另一篇。")
    headline = _headline(added)
    lines = (*into.lines, *headline, *added.lines)
    shift = len(into.lines) + len(headline)
    out = into.out | {n + shift for n in added.out}
    quality = min((into.article, added.article), key=lambda a: a.quality)
    article = replace(into.article, quality=quality.quality, quality_reason=quality.quality_reason)
    merged = _cut(article, lines, frozenset(out))
    start, end = min(at, other), max(at, other) + 1
    run = tuple(merged if n == at else parts[n] for n in range(start, end) if n != other)
    return Change(start, end, run, f"{into.name}：并入“{added.name}”")


def leave_out(parts: Sequence[Part], at: int, lines: Iterable[int]) -> Change:
    """Take lines that are no part of the text (headers, footers, page numbers) out of an article."""
    part = _part(parts, at)
    chosen = {_line(part, n) for n in lines} - part.out
    if not chosen:
        raise UserError("没有选中要移出的段落。", "请先选中页眉、页脚一类不属于正文的段落。")
    article = _cut(part.article, part.lines, part.out | chosen)
    return Change(at, at + 1, (article,), f"{part.name}：移出 {_lines(part, chosen)}")


def bring_back(parts: Sequence[Part], at: int, lines: Iterable[int]) -> Change:
    """Put lines that were left out back where they stood."""
    part = _part(parts, at)
    chosen = {_line(part, n) for n in lines} & part.out
    if not chosen:
        raise UserError("没有选中已移出的段落。", "请在“已移出”的段落中选择。")
    article = _cut(part.article, part.lines, part.out - chosen)
    return Change(at, at + 1, (article,), f"{part.name}：放回 {_lines(part, chosen)}")


def drop(parts: Sequence[Part], at: int) -> Change:
    """Leave an article out of the document altogether."""
    part = _part(parts, at)
    if len(parts) == 1:
        raise UserError("至少要保留一篇。", "如果整份文件都不要，请用“移除”。")
    return Change(at, at + 1, (), f"删去“{part.name}”")


def parts_of(
    articles: Sequence[Article], cut: Sequence[Passage], lines: Sequence[Sequence[Line]] = ()
) -> tuple[Part, ...]:
    """A document as parts; without ``lines`` they are taken from the passages, as far as these know places."""
    held: dict[str, list[Passage]] = {}
    for passage in cut:
        held.setdefault(passage.article_id, []).append(passage)
    found = []
    for n, article in enumerate(articles):
        own = tuple(held.get(article.id, ()))
        read = tuple(lines[n]) if lines else ()
        if "\n".join(line.text for line in read) != article.text:
            read = _lines_of(article, own)
        found.append(Part(article=article, lines=read, passages=own))
    return tuple(found)


def numbered(parts: Sequence[Part], source_id: str) -> tuple[list[Article], list[Passage]]:
    """The articles and passages with the ids they have in that source."""
    articles, cut = [], []
    for ordinal, part in enumerate(parts, start=1):
        id_ = f"{source_id}/{ordinal}"
        articles.append(replace(part.article, id=id_, source_id=source_id, ordinal=ordinal))
        cut += [
            replace(passage, id=f"{id_}/{n}", article_id=id_, ordinal=n)
            for n, passage in enumerate(part.passages, start=1)
        ]
    return articles, cut


# ── lines ─────────────────────────────────────────────────────────────────────────────


def _part(parts: Sequence[Part], at: int) -> Part:
    if not 0 <= at < len(parts):
        raise UserError("找不到这一篇。", "页面可能已经过时，请刷新后再试。")
    return parts[at]


def _line(part: Part, line: int) -> int:
    if not 0 <= line < len(part.lines):
        raise UserError("找不到这一段。", "页面可能已经过时，请刷新后再试。")
    return line


def _kept(part: Part, start: int, end: int) -> list[int]:
    return [n for n in range(start, end) if n not in part.out and part.lines[n].text.strip()]


def _cut(article: Article, lines: Sequence[Line], out: frozenset[int]) -> Part:
    """The part that these lines make, cut into passages anew."""
    out = frozenset(n for n in out if n < len(lines))
    kept = [line for n, line in enumerate(lines) if n not in out]
    text = "\n".join(line.text for line in kept)
    if not text.strip():
        raise UserError("正文不能是空的。", "如果整篇都不要，请用“删去这一篇”。")
    pages = tuple(sorted({page for line in kept for page in line.pages}))
    article = replace(article, text=text, pages=pages or article.pages)
    return Part(article=article, lines=tuple(lines), passages=tuple(passages.cut(article, kept)), out=out)


def _headline(part: Part) -> tuple[Line, ...]:
    """A part's title as a line, unless it stands in the lines already."""
    title = part.article.title.strip()
    stands = any(line.text.strip() == title for n, line in enumerate(part.lines) if n not in part.out)
    if not title or stands:
        return ()
    page = part.article.pages[0] if part.article.pages else 1
    return (Line(text=title, page=page, whole=True),)


def _lines_of(article: Article, cut: Sequence[Passage]) -> tuple[Line, ...]:
    """An article's lines out of its passages: each paragraph with the boxes that its passage has there."""
    levels = _levels(article, cut)
    pieces = [piece for passage in cut for piece in _pieces(passage)]
    starts = [start for start, _, _ in pieces]
    lines, offset = [], 0
    for text in article.text.split("\n"):
        first = max(bisect_right(starts, offset) - 1, 0)
        end = offset + len(text)
        parts = []
        for at in range(first, len(pieces)):
            start, stop, line = pieces[at]
            if start >= end and start > offset:
                break
            low, high = max(start, offset), min(stop, end)
            if high > low:
                parts.append(replace(line, text=article.text[low:high]))
        page = parts[0].page if parts else _page_at(cut, offset, article)
        box = parts[0].box if len(parts) == 1 else None
        several = tuple(parts) if len(parts) > 1 else ()
        level = levels.get(text.strip(), 0)
        lines.append(Line(text=text, page=page, level=level, box=box, whole=True, parts=several))
        offset = end + 1
    return tuple(lines)


def _pieces(passage: Passage) -> list[tuple[int, int, Line]]:
    """The stretches of a passage that its boxes hold, by their widths: a printed line is as long as its text."""
    if not passage.boxes:
        return [(passage.start, passage.end, Line(text="", page=passage.page))]
    widths = [max(box.x1 - box.x0, 1.0) for box in passage.boxes]
    length = passage.end - passage.start
    ends = [passage.start + round(length * done / sum(widths)) for done in accumulate(widths)]
    starts = [passage.start, *ends[:-1]]
    return [
        (start, end, Line(text="", page=box.page, box=box))
        for start, end, box in zip(starts, ends, passage.boxes, strict=True)
    ]


def _page_at(cut: Sequence[Passage], offset: int, article: Article) -> int:
    before = [passage.page for passage in cut if passage.start <= offset]
    return before[-1] if before else article.pages[0] if article.pages else 1


def _levels(article: Article, cut: Sequence[Passage]) -> dict[str, int]:
    """Headings that only the file's format declared: the text alone would not show them."""
    shown = {
        para.text for para in classify(paragraphs(article.text, ())) if para.kind in ("heading", "clause")
    }
    return {
        name: level
        for passage in cut
        for level, name in enumerate(passage.path, start=1)
        if name not in shown
    }


# ── fields ────────────────────────────────────────────────────────────────────────────


def _valid(name: str, value: str) -> Any:
    """What a field is to hold. Raises ``UserError`` with what may stand there."""
    value = " ".join(value.split())
    if len(value) > _LONGEST:
        raise UserError(f"{ARTICLE_FIELDS[name]}太长了。", f"请缩短到 {_LONGEST} 字以内。")
    if name == "title" and not value:
        raise UserError("标题不能是空的。", "请写上标题；没有标题的，可以用开头的一句话。")
    if name in _DATES:
        return _day(name, value)
    if name in _CHOICES and value not in _CHOICES[name]:
        raise UserError(f"{ARTICLE_FIELDS[name]}“{value}”无效。", f"应为：{'、'.join(_CHOICES[name])}。")
    if name == "authors":
        return tuple(filter(None, re.split(r"[、，,；;\s]+", value)))
    return value


def _day(name: str, value: str) -> str:
    day = iso_date(value)
    if value and not day:
        raise UserError(f"{ARTICLE_FIELDS[name]}“{value}”不是日期。", "请写成 2024-05-01 或 2024年5月1日。")
    return day


def _check_order(article: Article) -> None:
    since, until = article.effective_on, article.expires_on
    if since and until and until < since[: len(until)]:
        raise UserError("失效日期早于施行日期。", "请核对这两个日期。")


def _is_title(text: str) -> bool:
    return 0 < len(text) <= _A_TITLE and not _SENTENCE_END.search(text)


def _told(value: Any) -> str:
    shown = "、".join(value) if isinstance(value, tuple) else value
    return f"“{shown}”" if shown else "（空）"


def _quoted(text: str) -> str:
    start = " ".join(text[: 4 * _NAMED].split())
    return start[:_NAMED] + ("…" if len(start) > _NAMED else "")


def _lines(part: Part, chosen: set[int]) -> str:
    first = part.lines[min(chosen)].text
    return f"“{_quoted(first)}”" + (f"等 {len(chosen)} 段" if len(chosen) > 1 else "")


#: What a person may ask for → what does it.
OPERATIONS: dict[str, Callable[..., Change]] = {
    "set_fields": set_fields,
    "split": split,
    "merge": merge,
    "leave_out": leave_out,
    "bring_back": bring_back,
    "drop": drop,
}
