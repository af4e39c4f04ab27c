"""Articles into passages: the units people cite, along the text's own structure.

Statutes are cut along 条, 款 and 项; other documents along their headings and numbered
paragraphs; what has neither, by paragraphs. A sentence is never cut (but for one beyond
``_LONGEST`` characters, which is no sentence), and a list's lead-in stays with its items
where both fit. Every character outside white space and a table of contents stands in
exactly one passage; items that were parted from their lead-in name it (``Passage.lead``).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corpus.types import Article, Box, Passage
from ingest.description.numerals import chinese_numeral
from ingest.lines import Line
from ingest.paragraphs import CLAUSE, CLAUSE_TITLE, LEADS_IN, SENTENCE, Para, classify, item_mark, paragraphs

_SMALL, _TARGET, _LONGEST = 150, 400, 2000
_TAIL = 80  # a rest shorter than this joins the passage before it
_LEAD = 200  # more of a lead-in than this is no lead-in

_OPEN, _CLOSE = "“（(《〈「『【", "”）)》〉」』】"


class _Chunk(NamedTuple):
    """What is not cut further: a list, a paragraph, a group of sentences; ``lead`` as in ``Passage``."""

    start: int
    end: int
    lead: str = ""


class _Span(NamedTuple):
    """A passage in the making."""

    start: int
    end: int
    label: str
    lead: str = ""
    path: tuple[str, ...] = ()


def cut(article: Article, lines: Sequence[Line] = ()) -> list[Passage]:
    """The passages of ``article.text``, in order.

    ``lines`` are the article's paragraphs as read (their texts joined by ``"\\n"`` are the
    text); they give declared heading levels, pages and boxes. Without them passages
    stand on the article's first page.
    """
    paras = classify(paragraphs(article.text, lines), signed=(*article.authors, article.issuer))
    places = _Places(article, lines)
    return [
        Passage(
            id=f"{article.id}/{ordinal}",
            article_id=article.id,
            ordinal=ordinal,
            label=span.label,
            path=span.path,
            lead=span.lead,
            start=span.start,
            end=span.end,
            page=places.page(span.start),
            boxes=places.boxes(span.start, span.end),
            text=article.text[span.start : span.end],
        )
        for ordinal, span in enumerate(_spans(paras), start=1)
    ]


# ── passages from paragraphs ──────────────────────────────────────────────────────────


def _spans(paras: list[Para]) -> Iterator[_Span]:
    """Walk the paragraphs; each run below one heading (or one 条) gives its passages."""
    path: list[Para] = []
    section: list[Para] = []
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


def _section(section: list[Para], path: list[Para]) -> Iterator[_Span]:
    names = tuple(para.name for para in path)
    if section[0].kind == "clause":
        return (span._replace(path=names) for span in _clause(section))
    return (
        _Span(chunk.start, chunk.end, " › ".join(names), chunk.lead, names)
        for chunk in _grouped(_chunks(section))
    )


def _grouped(chunks: list[_Chunk]) -> list[_Chunk]:
    """Neighbouring chunks together until a passage is large enough; a short rest joins the last."""
    groups: list[_Chunk] = []
    for chunk in chunks:
        last = groups[-1] if groups else chunk
        if groups and last.end - last.start < _SMALL and chunk.end - last.start <= _TARGET:
            groups[-1] = last._replace(end=chunk.end)
        else:
            groups.append(chunk)
    if len(groups) > 1:
        before, last = groups[-2:]
        if last.end - last.start < _TAIL and last.end - before.start <= _TARGET + _TAIL:
            groups[-2:] = [before._replace(end=last.end)]
    return groups


def _chunks(paras: list[Para]) -> list[_Chunk]:
    """Lists with their lead-in, paragraphs, and long paragraphs in groups of sentences."""
    chunks: list[_Chunk] = []
    index = 0
    while index < len(paras):
        last = index
        if LEADS_IN.search(paras[index].text):
            while last + 1 < len(paras) and paras[last + 1].kind == "item":
                last += 1
            if last == index and last + 1 < len(paras):
                last += 1  # what a colon announces, item or not
        if last > index and paras[last].end - paras[index].start <= _TARGET:
            chunks.append(_Chunk(paras[index].start, paras[last].end))
        elif last > index:
            chunks += _packed(paras[index : last + 1])
        else:
            chunks += _sentence_groups(paras[index])
        index = last + 1
    return chunks


def _packed(paras: Sequence[Para], lead: str = "") -> list[_Chunk]:
    """A list too long for one passage: runs of items up to the target, the lead-in with the first.

    Those after the first name the lead-in; ``lead`` is that of a list around this one.
    """
    inner = "\n".join(filter(None, (lead, _lead(paras[0].text))))
    pieces = [piece for para in paras for piece in _sentence_groups(para)]
    packed = [pieces[0]._replace(lead=lead)]
    for position, piece in enumerate(pieces[1:], start=1):
        last = packed[-1]
        lead_in = (
            position == 1 and last.end - last.start < _SMALL and piece.end - last.start <= _TARGET + _SMALL
        )
        if piece.end - last.start <= _TARGET or lead_in:
            packed[-1] = last._replace(end=piece.end)
        else:
            packed.append(piece._replace(lead=inner))
    return packed


def _lead(text: str) -> str:
    """The sentence with which a paragraph leads in a list, without the number of its 条; ``""`` for none."""
    if not LEADS_IN.search(text):
        return ""
    clause = CLAUSE.match(text)
    start, end = sentence_spans(clause["rest"] if clause else text)[-1]
    found = (clause["rest"] if clause else text)[start:end]
    return found if len(found) <= _LEAD else ""


def _clause(paras: list[Para]) -> Iterator[_Span]:
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


def _subsections(paras: list[Para]) -> list[list[Para]]:
    """The 款 of a 条, each with its 项; a clause number alone on its line belongs to the first."""
    sections: list[list[Para]] = []
    rest = CLAUSE.match(paras[0].text)
    bare = rest is not None and not CLAUSE_TITLE.sub("", rest["rest"]).strip()
    for index, para in enumerate(paras):
        if not sections or (para.kind != "item" and not (index == 1 and bare)):
            sections.append([para])
        else:
            sections[-1].append(para)
    return sections


def _items(section: list[Para], label: str) -> Iterator[_Span]:
    """A long 款: its lead-in with the first 项 that fit, then runs of 项, each labelled."""
    outer = next((para.level for para in section if para.kind == "item"), 0)
    units: list[list[Para]] = []
    for para in section:
        if not units or (para.kind == "item" and para.level == outer):
            units.append([para])
        else:
            units[-1].append(para)  # 目 belong to their 项
    lead = next((_lead(para.text) for para in reversed(units[0]) if para.kind != "item"), "")
    run: list[list[Para]] = []
    for unit in units:
        if run and unit[-1].end - run[0][0].start > _TARGET:
            yield from _item_run(run, label, lead)
            run = []
        run.append(unit)
    yield from _item_run(run, label, lead)


def _item_run(run: list[list[Para]], label: str, lead: str) -> Iterator[_Span]:
    """Neighbouring 项 as one passage; ``lead`` is named where the run does not begin with it."""
    paras = [para for unit in run for para in unit]
    if paras[0].kind == "item":
        label += _items_range([mark for unit in run if (mark := item_mark(unit[0].text))])
    else:
        lead = ""
    if paras[-1].end - paras[0].start <= _TARGET:
        yield _Span(paras[0].start, paras[-1].end, label, lead)
    else:
        yield from (_Span(chunk.start, chunk.end, label, chunk.lead) for chunk in _packed(paras, lead))


def _items_range(marks: list[str]) -> str:
    """``第（四）至（五）项``; what old laws count 甲、乙、 they call 款."""
    if not marks:
        return ""
    if marks[0] in "甲乙丙丁戊己庚辛壬癸":
        return f"{marks[0]}款" if len(marks) == 1 else f"{marks[0]}款至{marks[-1]}款"
    return f"第{marks[0]}项" if len(marks) == 1 else f"第{marks[0]}至{marks[-1]}项"


# ── sentences ─────────────────────────────────────────────────────────────────────────


def _sentence_groups(para: Para) -> list[_Chunk]:
    """The paragraph, or evenly filled groups of its sentences where it is long."""
    if para.end - para.start <= _TARGET:
        return [_Chunk(para.start, para.end)]
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
    return [_Chunk(para.start + start, para.start + end) for start, end in groups]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of ``text`` stand, without the white space between them.

    An end inside quotation marks or brackets does not count, unless what was opened is
    never closed within a passage's length.
    """
    ends = [found.end() for found in SENTENCE.finditer(text) if not _is_inside(text, found)] + [len(text)]
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


# ── places on the page ────────────────────────────────────────────────────────────────


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
