"""The structure of one article's text: lines, headings, sentences, segments and lists.

Offsets count characters of the text that was given, end exclusive; every span can be
quoted as ``text[start:end]``.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from assistant.values import whole

#: A line without a full stop is a heading only up to this length; longer ones are torn paragraphs.
HEADING_CHARS = 48
#: "改进作风为基层减负。" opens a paragraph as its heading would; longer first sentences are text.
OPENER_CHARS = 30
#: Words of one quotation are kept together up to this length; beyond, a mark was probably lost.
QUOTED_CHARS = 160

ListStyle = Literal["序数", "条目", "小标题", "段首句"]


class Span(NamedTuple):
    """范围: ``text[start:end]`` of the article."""

    start: int
    end: int


class Line(NamedTuple):
    """行: one paragraph or heading. ``depth`` is 0 for text, 1.. for headings, outermost first."""

    start: int
    end: int
    depth: int


class Segment(NamedTuple):
    """分句: a sentence, or the part of one between semicolons. ``line`` and ``sentence`` are indexes."""

    start: int
    end: int
    line: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Listing:
    """列举: items that stand side by side. ``lead`` is the sentence that announces them,
    empty for what stands right under the article's title."""

    style: ListStyle
    lead: Span
    items: tuple[Span, ...]
    line: int


@dataclass(frozen=True, slots=True)
class View:
    """An article's text taken apart once; ``path[i]`` lists the headings above line ``i``."""

    text: str
    lines: tuple[Line, ...]
    sentences: tuple[Span, ...]
    segments: tuple[Segment, ...]
    path: tuple[tuple[int, ...], ...]
    lists: tuple[Listing, ...] = field(default=())

    def line_text(self, index: int) -> str:
        line = self.lines[index]
        return self.text[line.start : line.end]

    def of(self, span: Span | Segment | Line) -> str:
        return self.text[span.start : span.end]

    def line_at(self, offset: int) -> int:
        for index, line in enumerate(self.lines):
            if offset < line.end or index == len(self.lines) - 1:
                return index
        return 0

    def sentences_of(self, line: int) -> list[Span]:
        """The sentences of one line, in order."""
        at = self.lines[line]
        return [s for s in self.sentences if at.start <= s.start < at.end]


_CLOSERS = '”’」』）)】》"'
_NUMBERED = (
    (re.compile(r"第[零〇一二三四五六七八九十百\d]+[编篇]"), 1),
    (re.compile(r"第[零〇一二三四五六七八九十百\d]+章"), 2),
    (re.compile(r"第[零〇一二三四五六七八九十百\d]+节"), 3),
    (re.compile(r"[一二三四五六七八九十]+[、．.]"), 4),
    (re.compile(r"[（(][一二三四五六七八九十]+[）)]"), 5),
    (re.compile(r"\d{1,2}[、．.](?!\d)"), 6),
    (re.compile(r"[（(]\d{1,2}[）)]"), 7),
)
_PLAIN_DEPTH = 3
#: A question that stands alone heads its answer, below every other heading.
_QUESTION_DEPTH = 9
QUESTION_CHARS = 70


def sentence_spans(text: str, start: int = 0, end: int | None = None, stops: str = "。！？!?") -> list[Span]:
    """Spans of the sentences in ``text[start:end]``; quotations and brackets stay whole."""
    end = len(text) if end is None else end
    spans, begin, at, opened = [], start, start, -1
    while at < end:
        char = text[at]
        if char in "“（(「":
            opened = at
        elif char in "”）)」":
            opened = -1
        elif char in stops and (
            opened < 0 or at - opened > QUOTED_CHARS or not _closes(text, at, end, opened)
        ):
            at += 1
            while at < end and text[at] in _CLOSERS + stops:
                at += 1
            spans.append(Span(begin, at))
            begin, opened = at, -1
            continue
        elif char in stops and at + 1 < end and text[at + 1] in "”」" and not _goes_on(text, at + 2, end):
            spans.append(Span(begin, at + 2))
            begin = at = at + 2
            opened = -1
            continue
        at += 1
    spans.append(Span(begin, end))
    return [s for s in (_trim(text, s) for s in spans) if s.end > s.start]


def _closes(text: str, at: int, end: int, opened: int) -> bool:
    """Whether what was opened before ``at`` is closed soon enough to be one quotation."""
    closer = {"“": "”", "（": "）", "(": ")", "「": "」"}[text[opened]]
    return text.find(closer, at, min(end, opened + QUOTED_CHARS)) >= 0


def _goes_on(text: str, at: int, end: int) -> bool:
    """Whether the sentence goes on after a quotation that ended with its own full stop."""
    return at < end and text[at] in "，、；的是等之"


def _trim(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _lines(text: str, front: int) -> list[Line]:
    found: list[Line] = []
    at = 0
    for raw in text.split("\n"):
        span = _trim(text, Span(at, at + len(raw)))
        if span.end > span.start:
            depth = heading_depth(text[span.start : span.end]) if len(found) >= front else 0
            found.append(Line(span.start, span.end, depth))
        at += len(raw) + 1
    return [_item_or_heading(text, found, index) for index in range(len(found))]


def _item_or_heading(text: str, lines: list[Line], index: int) -> Line:
    """A numbered line after one that ends with a semicolon is the next item of a list, no heading."""
    line = lines[index]
    after_item = index and text[lines[index - 1].end - 1] in "；;"
    return line._replace(depth=0) if line.depth > _PLAIN_DEPTH and after_item else line


def heading_depth(line: str) -> int:
    """0 for text; for a heading its depth by its numbering, or that of an unnumbered one."""
    if line[-1] in "？?" and len(line) <= QUESTION_CHARS and not re.search("[。；！？]", line[:-1]):
        return _QUESTION_DEPTH
    if len(line) > HEADING_CHARS:
        return 0
    for pattern, depth in _NUMBERED:
        if match := pattern.match(line):
            whole = line[match.end() :].rstrip("。")
            return depth if whole and not re.search("[。；：！？]", whole) else 0
    if (
        line[-1] in "。！？；：，、…!?;:,"
        or re.search("[。；！？]", line[:-1])
        or re.match(r"第.{1,5}条", line)
    ):
        return 0
    return _PLAIN_DEPTH if re.search(r"[\u4e00-\u9fff]{2}", line) else 0


def _paths(lines: list[Line]) -> list[tuple[int, ...]]:
    paths: list[tuple[int, ...]] = []
    above: list[int] = []
    for index, line in enumerate(lines):
        if line.depth:
            while above and lines[above[-1]].depth >= line.depth:
                above.pop()
            paths.append(tuple(above))
            above.append(index)
        else:
            paths.append(tuple(above))
    return paths


def _segments(text: str, lines: list[Line]) -> tuple[list[Span], list[Segment]]:
    sentences: list[Span] = []
    segments: list[Segment] = []
    for index, line in enumerate(lines):
        if TABLE_ROW.fullmatch(text[line.start : line.end]):
            segments.append(Segment(line.start, line.end, index, len(sentences)))
            sentences.append(Span(line.start, line.end))
            continue
        for sentence in sentence_spans(text, line.start, line.end):
            segments += [
                Segment(part.start, part.end, index, len(sentences))
                for part in sentence_spans(text, sentence.start, sentence.end, "；;")
            ]
            sentences.append(sentence)
    return sentences, segments


#: "单位：甲区；名额（人）：30": one row of a table says one thing.
TABLE_ROW = re.compile(r"[^：；。]{1,20}：[^：；。]{1,60}(?:；[^：；。]{1,20}：[^：；。]{1,60})+")


def columns(row: str) -> tuple[str, ...]:
    """The columns that a table's row names."""
    return tuple(cell.partition("：")[0] for cell in re.split("[；;]", row) if "：" in cell)


_CN_ORDINAL = "[一二三四五六七八九十]{1,3}"
_MARKERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "是",
        re.compile(rf"(?:^|(?<=[\n。；：，！？:;,”\s]))({_CN_ORDINAL})(?:是|要)(?!否|一种|一个|指)[，,]?"),
    ),
    ("第", re.compile(rf"(?:^|(?<=[\n。；：！？:;]))第({_CN_ORDINAL})[，、,]")),
    ("（）", re.compile(rf"(?:^|(?<=[\n。；：:;]))[（(]({_CN_ORDINAL})[）)]")),
    ("、", re.compile(rf"(?:^|(?<=\n))({_CN_ORDINAL})[、．.]")),
    ("1", re.compile(r"(?:^|(?<=[\n。；：:;]))(\d{1,2})[、．.](?!\d)")),
    ("(1)", re.compile(r"(?:^|(?<=[\n。；：:;]))[（(](\d{1,2})[）)]")),
    ("“”", re.compile(rf"(?:^|(?<=[\n。；：:;]))“({_CN_ORDINAL})[^”]{{1,8}}”(?=就是|是|即|为)")),
    ("①", re.compile(r"([①②③④⑤⑥⑦⑧⑨⑩])")),
)


def _ordinal(raw: str) -> int:
    if raw in "①②③④⑤⑥⑦⑧⑨⑩":
        return "①②③④⑤⑥⑦⑧⑨⑩".index(raw) + 1
    return whole(raw) or 0


def _runs(text: str, pattern: re.Pattern[str]) -> Iterator[list[int]]:
    """Starts of markers that count 1, 2, 3 …; a new 1 begins a new run."""
    run: list[int] = []
    for match in pattern.finditer(text):
        ordinal = _ordinal(match[1])
        if ordinal == len(run) + 1:
            run.append(match.start())
        elif ordinal == 1:
            if len(run) > 1:
                yield run
            run = [match.start()]
    if len(run) > 1:
        yield run


def _listing(text: str, lines: list[Line], starts: list[int]) -> Listing:
    """A run of markers as a list; the last item is as long as the longest before it allows."""
    items = [_trim(text, Span(a, b)) for a, b in pairwise(starts)]
    last_line = next((li for li in lines if li.start <= starts[-1] < li.end), Line(starts[-1], len(text), 0))
    parts = sentence_spans(text, starts[-1], last_line.end)
    most = max(len(sentence_spans(text, i.start, i.end)) for i in items)
    items.append(Span(starts[-1], parts[min(most, len(parts)) - 1].end))
    index = next((i for i, li in enumerate(lines) if li.start <= starts[0] < li.end), 0)
    return Listing("序数", _lead(text, lines, index, starts[0]), tuple(items), index)


def _lead(text: str, lines: list[Line], index: int, start: int) -> Span:
    """The sentence that announces a list: before it in its line, or the line before."""
    line = lines[index]
    if start > line.start:
        return sentence_spans(text, line.start, start)[-1]
    if index == 0:
        return Span(start, start)
    before = lines[index - 1]
    return sentence_spans(text, before.start, before.end)[-1]


_BULLET = re.compile(r"[•·●◆■▪○*\-－]\s*(?=[\u4e00-\u9fff“《\dA-Za-z])")


def _bullet_lists(text: str, lines: list[Line]) -> Iterator[Listing]:
    """Lines that begin with a bullet, one after another; the line before announces them."""
    run: list[int] = []
    for index, line in enumerate([*lines, Line(len(text), len(text), 0)]):
        if index < len(lines) and _BULLET.match(text, line.start):
            run.append(index)
            continue
        if len(run) > 1:
            first = lines[run[0]].start
            items = tuple(Span(lines[i].start, lines[i].end) for i in run)
            yield Listing("条目", _lead(text, lines, run[0], first), items, run[0])
        run = []


def _heading_lists(text: str, lines: list[Line], path: list[tuple[int, ...]]) -> Iterator[Listing]:
    groups: dict[tuple[tuple[int, ...], int], list[int]] = {}
    for index, line in enumerate(lines):
        if line.depth:
            groups.setdefault((path[index], line.depth), []).append(index)
    for (above, _), members in groups.items():
        members = [i for i in members if i + 1 < len(lines) and lines[i + 1].depth != lines[i].depth]
        if len(members) > 1:
            at = lines[above[-1]] if above else Span(0, 0)
            spans = tuple(Span(lines[i].start, lines[i].end) for i in members)
            yield Listing("小标题", Span(at.start, at.end), spans, members[0])


def _opener(text: str, line: Line) -> Span | None:
    """The short first sentence that stands as a paragraph's heading, None where there is none."""
    if line.depth:
        return None
    first = sentence_spans(text, line.start, line.end)[0]
    longer = line.end - first.end > first.end - first.start
    fits = first.end - first.start <= OPENER_CHARS and text[first.end - 1] == "。" and longer
    return first if fits else None


def _opener_lists(text: str, lines: list[Line], path: list[tuple[int, ...]]) -> Iterator[Listing]:
    groups: dict[tuple[int, ...], list[tuple[int, Span]]] = {}
    for index, line in enumerate(lines):
        if opener := _opener(text, line):
            groups.setdefault(path[index], []).append((index, opener))
    for above, members in groups.items():
        if len(members) > 1:
            at = lines[above[-1]] if above else Span(0, 0)
            below = [li for i, li in enumerate(lines) if path[i] == above and not li.depth]
            items = _with_alike(text, [s for _, s in members], below)
            yield Listing("段首句", Span(at.start, at.end), items, members[0][0])


def _with_alike(text: str, openers: list[Span], below: list[Line]) -> tuple[Span, ...]:
    """The openers; where most begin alike, also the short sentences inside that begin so."""
    begins = Counter(text[s.start : s.start + 2] for s in openers)
    begin, most = begins.most_common(1)[0]
    if most < 2 or most < len(openers) - 1:
        return tuple(openers)
    inside = [
        s
        for line in below
        for s in sentence_spans(text, line.start, line.end)
        if s.end - s.start <= OPENER_CHARS and text[s.start : s.start + 2] == begin
    ]
    return tuple(sorted({*openers, *inside}))


def _lists(text: str, lines: list[Line], path: list[tuple[int, ...]]) -> list[Listing]:
    found = [_listing(text, lines, run) for _, pattern in _MARKERS for run in _runs(text, pattern)]
    found += _bullet_lists(text, lines)
    return found + list(_heading_lists(text, lines, path)) + list(_opener_lists(text, lines, path))


@lru_cache(maxsize=512)
def view(text: str, front: int = 0) -> View:
    """The text taken apart; kept for the texts used last, because questions come back to them.

    The first ``front`` lines are the author's and hold no headings.
    """
    lines = _lines(text, front)
    path = _paths(lines)
    sentences, segments = _segments(text, lines)
    lists = _lists(text, lines, path)
    segments = _at_items(segments, lists)
    return View(text, tuple(lines), tuple(sentences), tuple(segments), tuple(path), tuple(lists))


def _at_items(segments: list[Segment], lists: list[Listing]) -> list[Segment]:
    """The segments cut where a list item begins inside one ("采取措施：一是……")."""
    starts = sorted({i.start for listing in lists for i in listing.items})
    found = []
    for segment in segments:
        cuts = [s for s in starts if segment.start < s < segment.end]
        found += [segment._replace(start=a, end=b) for a, b in pairwise([segment.start, *cuts, segment.end])]
    return found
