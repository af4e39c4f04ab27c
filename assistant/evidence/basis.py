"""Where the clause is named that a row or an item rests on: in the line above or below them all."""

import re

from assistant.evidence.context import Context
from assistant.structure import TABLE_ROW, Segment, Span, columns

#: A clause named with its law: "《工会法》第四十三条".
CITED = re.compile(r"《[^》]+》[^《》，。；]{0,12}?第[零〇一二三四五六七八九十百\d]+条")
#: "以上六类见《……》第四十二条", "上表依据……": what stands below rows or items and speaks of them all.
_SPEAKS_OF_ALL = re.compile(
    r"^(?:上表|表中|以上|上述|前述?|各[项档条类]|第?[一二两三四五六七八九十]+[项档种类条])[^。；]{0,16}(?:[见据]|依照|按照)《"
)


def beside(at: Context, span: Span | Segment) -> Span | None:
    """The sentence above or below the list or table a span stands in that names the clause for all
    of it; None where none does, or the span stands in neither."""
    view = at.view
    rows = _rows_around(at, view.line_at(span.start))
    if not rows:
        return None
    for listing in view.lists:
        inside = any(i.start <= span.start < i.end for i in listing.items)
        if inside and listing.style != "小标题" and CITED.search(view.of(listing.lead)):
            return _without_opening(at, listing.lead)
    below = view.sentences_of(rows[-1] + 1)[:1] if rows[-1] + 1 < len(view.lines) else []
    above = view.sentences_of(rows[0] - 1)[-1:] if rows[0] else []
    for sentence in above:
        if CITED.search(view.of(sentence)) and view.of(sentence)[-1] in "：:":
            return _without_opening(at, sentence)
    for sentence in below:
        if _SPEAKS_OF_ALL.match(view.of(sentence)) and CITED.search(view.of(sentence)):
            return sentence
    return None


#: "……见《劳动合同法》第十七条，包括：": the last words only open the list.
_OPENS = re.compile(r"[，,](?:主要|分别|具体)?(?:包括|如下|有|是|为)?[：:]$")


def _without_opening(at: Context, span: Span) -> Span:
    opens = _OPENS.search(at.view.of(span))
    return Span(span.start, span.start + opens.start()) if opens else span


def _rows_around(at: Context, line: int) -> list[int]:
    """The lines of the list or table that a line stands in, in order; empty where in neither."""
    view = at.view
    if TABLE_ROW.fullmatch(view.line_text(line)):
        named = columns(view.line_text(line))
        first = last = line
        while first and columns(view.line_text(first - 1)) == named:
            first -= 1
        while last + 1 < len(view.lines) and columns(view.line_text(last + 1)) == named:
            last += 1
        return list(range(first, last + 1))
    start = view.lines[line].start
    for listing in view.lists:
        if listing.style in ("序数", "条目") and any(i.start <= start < i.end for i in listing.items):
            return sorted({view.line_at(i.start) for i in listing.items})
    return []
