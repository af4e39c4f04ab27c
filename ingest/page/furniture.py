"""Page furniture: what stands on a page without belonging to any text on it."""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from corpus.types import Box
from ingest.lines import Line, Page, Reading
from ingest.page.blocks import beside, bounds, box_of, chains, is_prose

_PAGE_NUMBER = re.compile(
    r"^\W*(?:页[码数]?\s*)?(?:第?\s*\d{1,4}\s*[页版]?|第\s*\d{1,4}\s*页\s*[，,/／]?\s*共\s*\d{1,4}\s*页|"
    r"\d{1,4}\s*/\s*\d{1,4}|[Pp]age\s*\d+(?:\s*of\s*\d+)?|[ivxIVX]{1,5})\W*$"
)
_FIGURES = re.compile(r"^(?=.*\d)[\d\s.,，%％()（）+\-–—]+$")
_DAY = re.compile(r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日")
_SHEET = re.compile(r"(?<![（(])第\s*[A-Z]?\d{1,3}\s*版|^[A-Z]?\d{1,2}\s*版|版面")
_EDGE = 0.09  # the share of a page's height, above and below, where furniture stands
_IMPRINT = re.compile(
    r"(?:责编|责任编辑|编辑|美编|校对|版式|组版|审读|主编|总编辑|排版|值班\S{0,3}|检校|图编|制作)\s*[:：]|"
    r"(?:电话|热线|传真|邮箱|信箱|网址|QQ群?)\s*[:：]|[Ee]-?mail|www\.|社址|地址\s*[:：]|邮编|邮政编码|邮发代号|"
    r"统一(?:连续出版物|刊)号|\bCN\s?\d{2}|印刷|零售|定价|每份|今日\S{0,2}版|总第\s*\d+\s*期|农历|订阅|"
    r"星期[一二三四五六日天]|^第\s*\d+\s*期|国内外公开发行"
)

_REFERENCE = re.compile(
    r"^.{2,30}?(?:详见|见|转|[·.…►→▶]+)\s*第?\s*[A-Z]?\d{1,3}\s*版\s*[）)]?$|^(?:今日|本期|本版|版面)?\s*导\s*[读航]$"
)

_POINTER = re.compile(
    # No two runs of white space meet: a line of nothing else would be tried in every division.
    r"^[（(]?[·.…►→▶\s]*(?:(?:详见|见|转)\s*|(?<=[·.…►→▶\s]))(?:第\s*)?[A-Z]?\d{1,3}\s*版\s*[）)]?$"
)

#: An article's own text: told where it goes on, or the end of a sentence before the reference.
_GOES_ON = re.compile(r"上接|下转|紧接|[。！？；]")


def references(lines: Sequence[Line]) -> list[Line]:
    """导读: lines that name another page's article and its page, and the heading of such a box."""
    pointers = [line for line in lines if _POINTER.match(line.text.strip())]
    titles = [above for pointer in pointers for above in _named_above(pointer, lines)]
    told = {id(line) for line in (*pointers, *titles)}
    return [line for line in lines if (id(line) in told or _refers(line)) and not _GOES_ON.search(line.text)]


def _refers(line: Line) -> bool:
    return len(line.text) <= 40 and bool(_REFERENCE.match(line.text.strip()))


def _named_above(pointer: Line, lines: Sequence[Line]) -> list[Line]:
    """The title, of up to three lines, right above a line that says no more than where to find it."""
    found: list[Line] = []
    below = pointer
    while below.box and len(found) < 3:
        height = below.box.y1 - below.box.y0
        above = next((line for line in lines if line.box and _right_above(line.box, below.box, height)), None)
        if above is None or len(above.text) > 40 or _POINTER.match(above.text.strip()):
            break
        found.append(above)
        below = above
    return found


def _right_above(upper: Box, lower: Box, height: float) -> bool:
    near = -0.3 * height < lower.y0 - upper.y1 < 0.8 * height
    return (
        near
        and min(upper.x1, lower.x1) - max(upper.x0, lower.x0) > 0
        and abs(upper.x0 - lower.x0) < 2.2 * height
    )


def printed_on(reading: Reading) -> str:
    """What a newspaper's head says of the day, as it stands there; ``""`` where there is no such head."""
    heads = (line.text for page in reading.pages for line in masthead(page))
    return next((found.group() for text in heads if (found := _DAY.search(text))), "")


# ── newspapers ────────────────────────────────────────────────────────────────────────


def masthead(page: Page) -> list[Line]:
    """The head of a newspaper's page: the rows at its top that give the day, the number of the page, who edits it.

    Where columns of text rise beside it, only what says so itself goes with it.
    """
    placed = [line for line in page.lines if line.box]
    if len(placed) < 20:
        return []
    whole = bounds(placed)
    upper = [line for line in placed if box_of(line).y1 <= whole.y0 + 0.12 * (whole.y1 - whole.y0)]
    elsewhere = {id(line) for line in references(upper)}
    upper = [line for line in upper if id(line) not in elsewhere]
    marks = [line for line in upper if _DAY.search(line.text) or _SHEET.search(line.text)]
    text = " ".join(line.text for line in marks)
    if not (_DAY.search(text) and (_SHEET.search(text) or "星期" in " ".join(x.text for x in upper))):
        return []
    if len(text) > 90:
        return []
    marks += [line for line in upper if _IMPRINT.search(line.text) and len(line.text) <= 60]
    row = bounds(marks)
    level = [line for line in upper if box_of(line).y0 < row.y1 - 1 and box_of(line).y1 > row.y0 + 1]
    told = {id(mark) for mark in marks}
    if any(len(run) >= 3 and is_prose(run) for run in chains([x for x in level if id(x) not in told])):
        return [line for line in level if id(line) in told]
    return level


def imprint(page: Page, body: float) -> list[Line]:
    """The foot of a newspaper's page: rows below all columns that name editors, addresses, prices, or are small."""
    placed = sorted((line for line in page.lines if line.box), key=lambda line: -box_of(line).y1)
    found: list[Line] = []
    edge = edges(page)
    while placed:
        lowest = placed[0]
        row = [line for line in placed if box_of(line).y1 > box_of(lowest).y0]
        rest = [line for line in placed if not any(line is other for other in row)]
        above = max((box_of(line).y1 for line in rest), default=0.0)
        apart = box_of(lowest).y0 - above > 0.3 * body
        small = all(0 < line.size < 0.92 * body for line in row) and not _ends_columns(row, rest, body)
        named = all(_IMPRINT.search(line.text) for line in row)
        if not (apart and (small or named) and all(_at_edge(line, edge) for line in row)):
            break
        found += row
        placed = rest
    return found


def _ends_columns(row: Sequence[Line], rest: Sequence[Line], body: float) -> bool:
    """Whether half of a row's lines go on below a line of a column, within its width and a line's step from it."""
    below = sum(any(_goes_on(box_of(line), box_of(other), body) for other in rest) for line in row)
    return 2 * below >= len(row)


def _goes_on(box: Box, above: Box, body: float) -> bool:
    within = above.x0 - body < box.x0 and box.x1 < above.x1 + body
    return within and 0 < box.y1 - above.y1 < 1.7 * body


# ── any pages ─────────────────────────────────────────────────────────────────────────


def running_heads(pages: Sequence[Page]) -> set[str]:
    """Texts that stand at the edge of at least three pages and of half of them, digits aside."""
    counts = Counter(
        key
        for page, edge in ((page, edges(page)) for page in pages)
        for key in {_key(line.text) for line in page.lines if _at_edge(line, edge)}
        if key
    )
    return {key for key, count in counts.items() if count >= max(3, len(pages) / 2)}


def furniture(page: Page, repeated: set[str]) -> list[Line]:
    """The lines at the page's edges that are its number, or stand there on most pages."""
    edge = edges(page)
    at_edge = [line for line in page.lines if _at_edge(line, edge)]
    numbers = [line for line in at_edge if _PAGE_NUMBER.match(line.text)]
    cells = {id(line) for line in numbers if _in_row_of_figures(line, page.lines)}
    heads = [line for line in at_edge if _key(line.text) in repeated and re.search(r"\w", line.text)]
    return [*(line for line in numbers if id(line) not in cells), *heads]


def _in_row_of_figures(line: Line, lines: Sequence[Line]) -> bool:
    """Whether other figures stand on a number's row: it is a cell, unless both pages of a spread are numbered."""
    box = box_of(line)
    figures = [
        other.text
        for other in lines
        if other is not line
        and other.box
        and beside(other.box, box) > 0.5 * min(other.box.y1 - other.box.y0, box.y1 - box.y0)
        and _FIGURES.match(other.text)
    ]
    if len(figures) == 1 and line.text.isdecimal() and figures[0].isdecimal():
        return abs(int(line.text) - int(figures[0])) != 1
    return bool(figures)


def _key(text: str) -> str:
    return re.sub(r"[\d\s]", "", text)


def edges(page: Page) -> tuple[float, float]:
    """Where the head of a page ends and its foot begins, in points from the top."""
    boxes = [line.box for line in page.lines if line.box]
    if not boxes:
        return 0.0, 0.0
    top, bottom = min(box.y0 for box in boxes), max(box.y1 for box in boxes)
    edge = max((bottom - top) * _EDGE, 1.5 * median(box.y1 - box.y0 for box in boxes))
    return top + edge, bottom - edge


def _at_edge(line: Line, edge: tuple[float, float]) -> bool:
    return line.box is not None and (line.box.y1 <= edge[0] or line.box.y0 >= edge[1])


#: An advertisement is set in a few lines.
_ADVERT_LINES = 12
_ADVERT = re.compile(r"^\s*(?:广告|公益广告)\s*$|(?:热线|电话|地址|微信|网址|扫码)[：:]")
_SENTENCE = re.compile("[。！？；]")


def advertisement(article: Sequence[Line]) -> bool:
    """Whether an article is an advertisement: it says where to call or go, and not one sentence.

    A notice that gives a number says in a sentence what for, and stays.
    """
    text = [line.text for line in article]
    return (
        len(text) <= _ADVERT_LINES
        and any(_ADVERT.search(line) for line in text)
        and not any(_SENTENCE.search(line) for line in text)
    )
