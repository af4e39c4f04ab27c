"""Articles into passages: the units people cite, along the text's own structure.

Statutes are cut along 条, 款 and 项; other documents along their headings and numbered
paragraphs; what has neither, by paragraphs. A sentence is never cut (but for one beyond
``_LONGEST`` characters, which is no sentence), and a list's lead-in stays with its items
where both fit. Every character outside white space and a table of contents stands in
exactly one passage.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from corpus.types import Article, Box, Passage
from ingest.lines import Line

_SMALL, _TARGET, _LONGEST = 150, 400, 2000
_TAIL = 80  # a rest shorter than this joins the passage before it
_NAME = 40  # a heading's label is at most this long

_N = r"[〇零○一二三四五六七八九十百千两\d]+"
_STRUCTURE = re.compile(rf"^(?:[•·]\s*)?第\s*{_N}\s*(分编|编|章|节)(?=\s|\u3000|$|[^条款项的规])")
_STRUCTURE_LEVELS = {"编": 1, "分编": 2, "章": 3, "节": 4}
_CONTENTS = re.compile(r"^目\s*[录次]$")
_ANNEX = re.compile(r"^附\s*[件表录则]?\s*[\d一二三四五六七八九十]{0,3}\s*(?:[:：]|$)")
_CLAUSE = re.compile(rf"^(第\s*{_N}\s*条(?:\s*之\s*[一二三四五六七八九十]+)?)(?P<rest>.*)$", re.DOTALL)
_CLAUSE_TITLE = re.compile(r"^\s*[【〔\[（(][^】〕\])）]{1,30}[】〕\])）]\s*")
# "第二十一条规定…" at a line's start speaks about a clause, it does not open one.
_ABOUT_CLAUSE = re.compile(r"^\s*(?:规定|第|的|之规定|所|和|与|至|以及|及|或|中|明确|要求|指出|[、，,；;])")
_NUMBERS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"^[一二三四五六七八九十]{1,3}\s*[、．.]\s*"), 20),
    (re.compile(r"^[（(][一二三四五六七八九十]{1,3}[）)]\s*"), 21),
    (re.compile(r"^\d{1,2}\s*[、．.](?!\d)\s*"), 22),
    (re.compile(r"^(?:[（(]\d{1,2}[）)]|\d{1,2}[）)])\s*"), 23),
    (re.compile(r"^[①-⑳]\s*"), 24),
)
_BULLET = re.compile(r"^[•·●◆■▪-]\s")
_QUESTION = re.compile(r"^(?:问|Q|q)\s*\d*\s*[:：]")
_BARE_HEADING_LEVEL, _QUESTION_LEVEL, _ANNEX_LEVEL = 25, 18, 0
_SENTENCE = re.compile(r"(?:[。！？!?]|…{1,2})+[”’」』）)】》\"']*")
_ENDED = re.compile(r"[。！？!?；;：:，,、…”’」』）)】]$")
_STOPPED = re.compile(r"[。！？!?；;：:，,、…][”’」』）)】》\"']*$")
_REMARK = re.compile(
    r"(?<!^)[（(][^（）()]*[）)]$"
)  # “宣传发动（3月1日至15日）” is named by what stands before
_LEADS_IN = re.compile(r"[：:]$")
_OPEN, _CLOSE = "“（(《〈「『【", "”）)》〉」』】"


@dataclass(frozen=True, slots=True)
class _Para:
    """A paragraph: its place in the article's text, and what it is."""

    start: int
    end: int
    text: str
    kind: Literal["heading", "clause", "item", "body", "skip"] = "body"
    level: int = 0
    name: str = ""


class _Span(NamedTuple):
    """A passage in the making."""

    start: int
    end: int
    label: str


def cut(article: Article, lines: Sequence[Line] = ()) -> list[Passage]:
    """The passages of ``article.text``, in order.

    ``lines`` are the article's paragraphs as read (their texts joined by ``"\\n"`` are the
    text); they give declared heading levels, pages and boxes. Without them passages
    stand on the article's first page.
    """
    paras = _classify(_paragraphs(article.text, lines), signed=(*article.authors, article.issuer))
    places = _Places(article, lines)
    return [
        Passage(
            id=f"{article.id}/{ordinal}",
            article_id=article.id,
            ordinal=ordinal,
            label=span.label,
            start=span.start,
            end=span.end,
            page=places.page(span.start),
            boxes=places.boxes(span.start, span.end),
            text=article.text[span.start : span.end],
        )
        for ordinal, span in enumerate(_spans(paras), start=1)
    ]


# ── what each paragraph is ────────────────────────────────────────────────────────────


def _paragraphs(text: str, lines: Sequence[Line]) -> list[_Para]:
    levels = [line.level for line in lines]
    paras = []
    offset = 0
    for index, raw in enumerate(text.split("\n")):
        bare = raw.strip()
        if bare:
            start = offset + raw.index(bare)
            level = levels[index] if index < len(levels) and lines[index].text.strip() == bare else 0
            paras.append(_Para(start, start + len(bare), bare, "heading" if level else "body", level, bare))
        offset += len(raw) + 1
    return paras


def _classify(paras: list[_Para], signed: Sequence[str] = ()) -> list[_Para]:
    """Say of each paragraph whether it is a heading, opens a clause, is an item, or is body."""
    marked = _mark_clauses([_mark_structure(para) for para in paras])
    marked = _mark_numbered(marked)
    marked = [_mark_bare_heading(marked, index, signed) for index in range(len(marked))]
    return _settle_headings(marked)


def _mark_structure(para: _Para) -> _Para:
    if found := _STRUCTURE.match(para.text):
        if len(para.text) <= _NAME and not _ENDED.search(para.text):
            name = " ".join(para.text.lstrip("•·").split())
            return replace(para, kind="heading", level=_STRUCTURE_LEVELS[found.group(1)], name=name)
    elif _CONTENTS.match(para.text):
        return replace(para, kind="skip")
    elif _ANNEX.match(para.text) and len(para.text) <= _NAME:
        return replace(para, kind="heading", level=_ANNEX_LEVEL, name=para.text.rstrip("：: "))
    elif _QUESTION.match(para.text):
        return replace(para, kind="heading", level=_QUESTION_LEVEL, name=_clipped(para.text))
    return para


def _mark_clauses(paras: list[_Para]) -> list[_Para]:
    """Paragraphs that open a 条: with a gap after the number, or next in the count."""
    marked = []
    last = 0
    for para in paras:
        found = _CLAUSE.match(para.text)
        if not found:
            marked.append(para)
            continue
        rest, number = found["rest"], chinese_number(re.sub(r"\s|第|条.*", "", found.group(1)))
        gap = not rest or rest[0] in " \u3000\t【〔[（(:："
        if gap or (number == last + 1 and not _ABOUT_CLAUSE.match(rest)):
            last = number
            para = replace(para, kind="clause", level=0, name=re.sub(r"\s", "", found.group(1)))
        marked.append(para)
    return marked


def _mark_numbered(paras: list[_Para]) -> list[_Para]:
    """Numbered paragraphs: items below a clause or after a lead-in, headings elsewhere."""
    marked: list[_Para] = []
    in_clause = listed = False
    for index, para in enumerate(paras):
        if para.kind != "body":
            in_clause = para.kind == "clause" or (in_clause and para.kind == "skip")
            listed = bool(_LEADS_IN.search(para.text))
            marked.append(para)
            continue
        level = _number_level(para.text)
        if not level:
            listed = bool(_LEADS_IN.search(para.text))
        elif _BULLET.match(para.text) or in_clause or _is_item(paras, index, listed=listed):
            para = replace(para, kind="item", level=level)
        elif (name := _opening_name(para, paras[index + 1 : index + 2])) and level < 99:
            para, listed = replace(para, kind="heading", level=level, name=name), False
        else:
            para = replace(para, kind="item", level=level)
        marked.append(para)
    return marked


def _number_level(text: str) -> int:
    if _BULLET.match(text):
        return 99
    return next((level for pattern, level in _NUMBERS if pattern.match(text)), 0)


def _is_short_list(paras: list[_Para], index: int) -> bool:
    """Whether the run of numbered paragraphs around ``index`` reads as a list, not as sections."""
    run = _run(paras, index, lambda para: bool(_number_level(para.text)))
    if len(run) == 1 and len(run[0].text) <= _NAME and not _STOPPED.search(run[0].text):
        return False  # one line is no list
    return _few_titled(run)


def _is_item(paras: list[_Para], index: int, *, listed: bool) -> bool:
    """After a lead-in, one of a short list; elsewhere, one of a run at its level of which few have titles."""
    if listed and _is_short_list(paras, index):
        return True
    level = _number_level(paras[index].text)
    run = _run(paras, index, lambda para: _number_level(para.text) == level)
    return len(run) > 1 and _few_titled(run)


def _run(paras: list[_Para], index: int, alike: Callable[[_Para], bool]) -> list[_Para]:
    """The neighbours of a paragraph that are alike, and it."""
    first = last = index
    while first > 0 and paras[first - 1].kind == "body" and alike(paras[first - 1]):
        first -= 1
    while last + 1 < len(paras) and paras[last + 1].kind == "body" and alike(paras[last + 1]):
        last += 1
    return paras[first : last + 1]


def _few_titled(run: list[_Para]) -> bool:
    titled = sum(bool(_own_title(para.text)) for para in run)
    return titled < len(run) / 2 and sum(len(para.text) for para in run) / len(run) <= 120


def _own_title(text: str) -> str:
    """The short first sentence that names a numbered paragraph: “二、监督程序。基层工会发现…”."""
    end = _SENTENCE.search(text)
    if end is None or end.end() == len(text):
        return ""
    first, rest = text[: end.start()], text[end.end() :]
    return first if len(_REMARK.sub("", first)) <= 16 or (len(first) <= _NAME and len(rest) >= _NAME) else ""


def _opening_name(para: _Para, following: list[_Para]) -> str:
    """What a numbered paragraph is called in labels, ``""`` where it names nothing.

    A line of its own with a paragraph below it, or the first sentence of a paragraph.
    """
    if title := _own_title(para.text):
        return title
    below = following[0] if following else None
    level = _number_level(para.text)
    if (
        len(para.text) <= _NAME
        and below is not None
        and below.kind == "body"
        and (not (deeper := _number_level(below.text)) or deeper > level)
        and not _LEADS_IN.search(para.text)
    ):
        finished = bool(re.search(r"[。；;]$", para.text))
        return para.text.rstrip("。：: ") if not finished or len(below.text) >= _NAME else ""
    return _clipped(para.text) if len(para.text) >= _SMALL else ""


def _clipped(text: str) -> str:
    if len(text) <= _NAME:
        return text.rstrip("。：: ")
    head = re.split(r"[，,；;：:]", text)[0]
    return head if 4 < len(head) <= _NAME else text[: _NAME - 1] + "…"


def _mark_bare_heading(paras: list[_Para], index: int, signed: Sequence[str]) -> _Para:
    """A short line without an end, between finished text and a full paragraph, heads what follows.

    One of the first lines that holds a name of ``signed`` is the byline.
    """
    para = paras[index]
    short = para.kind == "body" and len(para.text) <= 28 and bool(re.search(r"\w", para.text))
    if not short or _STOPPED.search(para.text):
        return para
    if index < 3 and any(name and name in para.text for name in signed):
        return para
    before = paras[index - 1] if index else None
    below = paras[index + 1] if index + 1 < len(paras) else None
    if below is None or below.kind != "body" or len(below.text) < 40 or not _STOPPED.search(below.text):
        return para
    if before is not None and before.kind != "heading" and not _STOPPED.search(before.text):
        return para
    return replace(para, kind="heading", level=_BARE_HEADING_LEVEL, name=para.text)


def _settle_headings(paras: list[_Para]) -> list[_Para]:
    """A heading with nothing below it is content; a 章 or 节 with nothing below is a table of contents."""
    settled: list[_Para] = []
    holds = _holding(paras)
    for index, para in enumerate(paras):
        below = paras[index + 1] if index + 1 < len(paras) else None
        opens_itself = para.kind == "heading" and len(para.text) > len(para.name) + 4 and para.level >= 20
        if para.kind == "heading" and not opens_itself:
            empty = below is None or (below.kind == "heading" and below.level <= para.level)
            listed = para.level in _STRUCTURE_LEVELS.values() and bool(_STRUCTURE.match(para.text))
            if empty or (listed and not holds[index]) or (below is not None and below.kind == "skip"):
                para = replace(para, kind="skip" if listed and below is not None else "body", level=0)
        settled.append(para)
    return settled


def _holding(paras: list[_Para]) -> list[bool]:
    """Whether there is text below each heading, or below the deeper heading that follows it at once."""
    holds = [para.kind not in ("heading", "skip") for para in paras]
    for index in range(len(paras) - 2, -1, -1):
        para, below = paras[index : index + 2]
        if para.kind == "heading":
            holds[index] = holds[index + 1] and (below.kind != "heading" or below.level > para.level)
    return holds


# ── passages from paragraphs ──────────────────────────────────────────────────────────


def _spans(paras: list[_Para]) -> Iterator[_Span]:
    """Walk the paragraphs; each run below one heading (or one 条) gives its passages."""
    path: list[_Para] = []
    section: list[_Para] = []
    opened: int | None = None
    for para in paras:
        if para.kind in ("heading", "clause", "skip") and section:
            yield from _opening_at(opened, _section(section, path))
            section, opened = [], None
        if para.kind == "heading":
            path = [*(above for above in path if above.level < para.level), para]
            opened = para.start if opened is None else opened
            if para.level >= 20 and len(para.text) > len(para.name) + 4:
                section = [para]  # the paragraph names itself and holds its own text
        elif para.kind != "skip":
            section.append(para)
    if section:
        yield from _opening_at(opened, _section(section, path))


def _opening_at(opened: int | None, spans: Iterator[_Span]) -> Iterator[_Span]:
    """The first passage of a section begins at the headings above it."""
    for index, span in enumerate(spans):
        yield span._replace(start=opened) if index == 0 and opened is not None else span


def _section(section: list[_Para], path: list[_Para]) -> Iterator[_Span]:
    if section[0].kind == "clause":
        return _clause(section)
    label = " › ".join(para.name for para in path)
    return _grouped(_chunks(section), label)


def _grouped(chunks: list[tuple[int, int]], label: str) -> Iterator[_Span]:
    """Neighbouring chunks together until a passage is large enough; a short rest joins the last."""
    groups: list[tuple[int, int]] = []
    for start, end in chunks:
        first, last = groups[-1] if groups else (start, end)
        if groups and last - first < _SMALL and end - first <= _TARGET:
            groups[-1] = (first, end)
        else:
            groups.append((start, end))
    if len(groups) > 1:
        (first, _), (start, end) = groups[-2:]
        if end - start < _TAIL and end - first <= _TARGET + _TAIL:
            groups[-2:] = [(first, end)]
    return (_Span(start, end, label) for start, end in groups)


def _chunks(paras: list[_Para]) -> list[tuple[int, int]]:
    """Lists with their lead-in, paragraphs, and long paragraphs in groups of sentences."""
    chunks: list[tuple[int, int]] = []
    index = 0
    while index < len(paras):
        last = index
        if _LEADS_IN.search(paras[index].text):
            while last + 1 < len(paras) and paras[last + 1].kind == "item":
                last += 1
            if last == index and last + 1 < len(paras):
                last += 1  # what a colon announces, item or not
        if last > index and paras[last].end - paras[index].start <= _TARGET:
            chunks.append((paras[index].start, paras[last].end))
        elif last > index:
            chunks += _packed(paras[index : last + 1])
        else:
            chunks += _sentence_groups(paras[index])
        index = last + 1
    return chunks


def _packed(paras: Sequence[_Para]) -> list[tuple[int, int]]:
    """A list too long for one passage: runs of items up to the target, the lead-in with the first."""
    pieces = [piece for para in paras for piece in _sentence_groups(para)]
    packed = [pieces[0]]
    for position, (start, end) in enumerate(pieces[1:], start=1):
        first, last = packed[-1]
        lead_in = position == 1 and last - first < _SMALL and end - first <= _TARGET + _SMALL
        if end - first <= _TARGET or lead_in:
            packed[-1] = (first, end)
        else:
            packed.append((start, end))
    return packed


def _clause(paras: list[_Para]) -> Iterator[_Span]:
    """A 条: whole when short, else by 款, a long 款 by its 项."""
    name = paras[0].name
    if paras[-1].end - paras[0].start <= _SMALL:
        yield _Span(paras[0].start, paras[-1].end, name)
        return
    sections = _subsections(paras)
    at = 0
    while at < len(sections):
        after = at + 1
        while after < len(sections) and sections[after][-1].end - sections[at][0].start <= _SMALL:
            after += 1  # short 款 stay together: alone they say too little to be found
        label = name + _subsection_range(at + 1, after, len(sections))
        if sections[after - 1][-1].end - sections[at][0].start <= _TARGET:
            yield _Span(sections[at][0].start, sections[after - 1][-1].end, label)
        else:
            yield from _items(sections[at], label)
        at = after


def _subsection_range(first: int, last: int, count: int) -> str:
    if count == 1:
        return ""
    start = f"第{chinese_numeral(first)}款"
    return start if first == last else f"{start}至第{chinese_numeral(last)}款"


def _subsections(paras: list[_Para]) -> list[list[_Para]]:
    """The 款 of a 条, each with its 项; a clause number alone on its line belongs to the first."""
    sections: list[list[_Para]] = []
    rest = _CLAUSE.match(paras[0].text)
    bare = rest is not None and not _CLAUSE_TITLE.sub("", rest["rest"]).strip()
    for index, para in enumerate(paras):
        if not sections or (para.kind != "item" and not (index == 1 and bare)):
            sections.append([para])
        else:
            sections[-1].append(para)
    return sections


def _items(section: list[_Para], label: str) -> Iterator[_Span]:
    """A long 款: its lead-in with the first 项 that fit, then runs of 项, each labelled."""
    outer = next((para.level for para in section if para.kind == "item"), 0)
    units: list[list[_Para]] = []
    for para in section:
        if not units or (para.kind == "item" and para.level == outer):
            units.append([para])
        else:
            units[-1].append(para)  # 目 belong to their 项
    run: list[list[_Para]] = []
    for unit in units:
        if run and unit[-1].end - run[0][0].start > _TARGET:
            yield from _item_run(run, label)
            run = []
        run.append(unit)
    yield from _item_run(run, label)


def _item_run(run: list[list[_Para]], label: str) -> Iterator[_Span]:
    marks = [mark for unit in run if unit[0].kind == "item" and (mark := _item_mark(unit[0].text))]
    if run[0][0].kind == "item" and marks:
        label += f"第{marks[0]}项" if len(marks) == 1 else f"第{marks[0]}至{marks[-1]}项"
    paras = [para for unit in run for para in unit]
    if paras[-1].end - paras[0].start <= _TARGET:
        yield _Span(paras[0].start, paras[-1].end, label)
    else:
        yield from (_Span(start, end, label) for start, end in _packed(paras))


def _item_mark(text: str) -> str:
    found = next((m for pattern, _ in _NUMBERS if (m := pattern.match(text))), None)
    return found.group().strip().rstrip("、．.") if found else ""


# ── sentences ─────────────────────────────────────────────────────────────────────────


def _sentence_groups(para: _Para) -> list[tuple[int, int]]:
    """The paragraph, or evenly filled groups of its sentences where it is long."""
    if para.end - para.start <= _TARGET:
        return [(para.start, para.end)]
    sentences = sentence_spans(para.text)
    parts = -(-len(para.text) // _TARGET)
    goal = len(para.text) / parts
    groups: list[tuple[int, int]] = []
    for start, end in sentences:
        if groups and (groups[-1][1] - groups[-1][0] < goal * 0.8 and end - groups[-1][0] <= _TARGET):
            groups[-1] = (groups[-1][0], end)
        else:
            groups.append((start, end))
    if len(groups) > 1 and groups[-1][1] - groups[-1][0] < _TAIL:
        groups[-2:] = [(groups[-2][0], groups[-1][1])]
    return [(para.start + start, para.start + end) for start, end in groups]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of ``text`` stand, without the white space between them.

    An end inside quotation marks or brackets does not count, unless what was opened is
    never closed within a passage's length.
    """
    ends = [found.end() for found in _SENTENCE.finditer(text) if not _is_inside(text, found)] + [len(text)]
    spans = []
    start = 0
    for end in ends:
        for piece_end in _hard_cuts(text, start, end):
            left = start + len(text[start:piece_end]) - len(text[start:piece_end].lstrip())
            right = left + len(text[left:piece_end].rstrip())
            if right > left:
                spans.append((left, right))
            start = piece_end
    return spans


def _is_inside(text: str, end: re.Match[str]) -> bool:
    """Whether a sentence's end falls inside a quotation or bracket that closes later."""
    before, after = text[max(0, end.end() - _TARGET) : end.end()], text[end.end() : end.end() + _TARGET]
    for opening, closing in zip(_OPEN, _CLOSE, strict=True):
        if before.count(opening) > before.count(closing) and closing in after:
            place = after.index(closing)
            if opening not in after[:place]:
                return True
    return False


def _hard_cuts(text: str, start: int, end: int) -> Iterator[int]:
    """``end``; before it, cuts of what is too long to be a sentence, at a comma where there is one."""
    while end - start > _LONGEST:
        window = text[start : start + _LONGEST]
        comma = max(window.rfind(mark) for mark in "；;，,、 ")
        start += comma + 1 if comma > _TARGET else _LONGEST
        yield start
    yield end


# ── numbers and places ────────────────────────────────────────────────────────────────

_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_UNIT = {"十": 10, "百": 100, "千": 1000}


def chinese_number(text: str) -> int:
    """``"一百二十"`` → 120, ``"21"`` → 21, ``"二〇二四"`` → 2024; 0 for what is no number."""
    if len(text) > 9:
        return 0
    if text.isdecimal():
        return int(text)
    if text and all(char in _DIGIT for char in text):
        return int("".join(str(_DIGIT[char]) for char in text))
    total = digit = 0
    for char in text:
        if char in _DIGIT:
            digit = _DIGIT[char]
        elif char in _UNIT:
            total += (digit or 1) * _UNIT[char]
            digit = 0
        else:
            return 0
    return total + digit


def chinese_numeral(number: int) -> str:
    """1–99 as people write it: 12 → ``"十二"``, 20 → ``"二十"``."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else "零一二三四五六七八九"[tens] + "十")
    return head + ("零一二三四五六七八九"[ones] if ones or not tens else "")


class _Places:
    """Where each offset of an article's text stands on the pages."""

    def __init__(self, article: Article, lines: Sequence[Line]) -> None:
        self._starts: list[int] = []
        self._pages: list[int] = []
        self._boxes: list[Box | None] = []
        self._first = article.pages[0] if article.pages else 1
        offset = 0
        for line in lines:
            at = offset
            for part in line.parts or (line,):
                self._starts.append(min(at, offset + len(line.text)))
                self._pages.append(part.page)
                self._boxes.append(part.box)
                at += len(part.text.strip())
            offset += len(line.text) + 1

    def page(self, offset: int) -> int:
        index = bisect_right(self._starts, offset) - 1
        return self._pages[index] if index >= 0 else self._first

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = bisect_right(self._starts, end - 1)
        return tuple(box for box in self._boxes[first:last] if box is not None)
