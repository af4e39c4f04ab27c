"""The characters of a PDF page with their places, by pdfium; and by pdfminer where pdfium's make no sense.

Shadows and fake bold (one glyph drawn again a hair's breadth away) are removed here, where
positions are known: as text they would read "工工会会" or "工会工会".
"""

import ctypes
import io
import logging
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from corpus.types import Box
from ingest.lines import Gap, Line

# Fonts often map a character to its radical's twin (⼯ for 工). Unicode folds most of them:
_TWINS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
# … and leaves out those of the supplement that look exactly like a character.
_TWINS |= {
    ord(radical): char
    for radical, char in zip(
        "⺠⺟⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳⺪⻁⺘",
        "民母西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟疋虎扌",
        strict=True,
    )
}
_CELL = 8.0  # points: the grid on which glyphs are looked up by their place
_PAIR = re.compile(r"(?=(\S)( ?)(\S))")
_WIDE = 0.7  # characters: white inside a line that may be the gutter between two columns
_NO_UNICODE = re.compile(r"\(cid:\d+\)")


class Char(NamedTuple):
    """A character, its box from the page's top left corner, baseline and size, all in points."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float


NEW_LINE = Char("\n", 0, 0, 0, 0, 0, 0)


# ── pdfium ────────────────────────────────────────────────────────────────────────────


class Drawn(NamedTuple):
    """What pdfium found: the characters in stream order, and for each the address of its text object."""

    chars: list[Char]
    objects: list[int]


def edges(page: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the page in its own coordinates, inherited or not."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page.raw, box):
        return page.get_cropbox()
    return box.left, box.bottom, box.right, box.top


def drawn(page: Any) -> Drawn:
    """The page's characters in stream order; line ends that pdfium sees are ``NEW_LINE``."""
    left, bottom, right, top = edges(page)
    rotation = page.get_rotation()
    text_page = page.get_textpage()
    handle = text_page.raw
    chars: list[Char] = []
    objects: list[int] = []
    for index in range(pdfium.FPDFText_CountChars(handle)):
        code = pdfium.FPDFText_GetUnicode(handle, index)
        if code in (10, 13):
            chars.append(NEW_LINE)
            objects.append(0)
            continue
        if code < 32 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            continue
        x0, y0, x1, y1, base = _place(handle, index, top - bottom)
        if not math.isfinite(x0 + y0 + x1 + y1 + base):
            continue
        x0, y0, x1, y1, base = x0 - left, top - y1, x1 - left, top - y0, top - base
        if rotation:
            x0, y0, x1, y1, base = _turned(x0, y0, x1, y1, rotation, right - left, top - bottom)
        chars.append(Char(_TWINS.get(code) or chr(code), x0, y0, x1, y1, base, max(y1 - y0, 0.0)))
        objects.append(ctypes.addressof(made.contents) if (made := _object(handle, index)) else 0)
    text_page.close()
    return Drawn(chars, objects)


def _object(text_page: Any, index: int) -> Any:
    return pdfium.FPDFText_GetTextObject(text_page, index)


def _place(text_page: Any, index: int, page_height: float) -> tuple[float, float, float, float, float]:
    """Left, bottom, right, top and baseline of a character, in the page's own coordinates."""
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
    pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
    if box.top - box.bottom < page_height / 2:
        return box.left, box.bottom, box.right, box.top, y.value
    # Some fonts declare an absurd height; then the ink itself must do.
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
    size = max(right.value - left.value, top.value - bottom.value)
    return left.value, y.value - 0.15 * size, right.value, y.value + 0.85 * size, y.value


def _turned(
    x0: float, y0: float, x1: float, y1: float, rotation: int, width: float, height: float
) -> tuple[float, float, float, float, float]:
    """A box on a page that is shown turned clockwise by ``rotation`` degrees."""
    if rotation == 90:
        x0, y0, x1, y1 = height - y1, x0, height - y0, x1
    elif rotation == 180:
        x0, y0, x1, y1 = width - x1, height - y1, width - x0, height - y0
    elif rotation == 270:
        x0, y0, x1, y1 = y0, width - x1, y1, width - x0
    return x0, y0, x1, y1, y1


# ── pdfminer ──────────────────────────────────────────────────────────────────────────


class SecondOpinion:
    """pdfminer on one file: opened at the first page that asks, so that most files never pay for it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pages: Iterator[Any] | None = None
        self._next = 1

    def chars(self, number: int) -> list[Char]:
        """The characters of page ``number`` (asked for in ascending order); none where it fails too."""
        try:
            page = self._page(number)
            return _second_chars(page) if page is not None else []
        except Exception:  # on broken files pdfminer raises whatever its parsers do: an opinion less, no more
            return []

    def _page(self, number: int) -> Any:
        from pdfminer.pdfpage import PDFPage

        if self._pages is None:
            logging.getLogger("pdfminer").addHandler(
                logging.NullHandler()
            )  # its remarks are not for our users
            self._pages = PDFPage.get_pages(io.BytesIO(self._data), check_extractable=False)
        for page in self._pages:
            self._next += 1
            if self._next > number:
                return page
        return None


def _second_chars(page: Any) -> list[Char]:
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.layout import LTChar, LTContainer
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager

    resources = PDFResourceManager(caching=False)
    device = PDFPageAggregator(resources, laparams=None)
    PDFPageInterpreter(resources, device).process_page(page)
    sheet = device.get_result()
    found: list[Char] = []
    open_ = [iter(sheet)]
    while open_:
        item = next(open_[-1], None)
        if item is None:
            open_.pop()
        elif isinstance(item, LTChar):
            text = _NO_UNICODE.sub("\ufffd", item.get_text())
            y0, y1 = sheet.y1 - item.y1, sheet.y1 - item.y0
            folded = "".join(_TWINS.get(ord(char), char) for char in text)
            found.append(Char(folded, item.x0, y0, item.x1, y1, sheet.y1 - item.matrix[5], y1 - y0))
        elif isinstance(item, LTContainer):
            open_.append(iter(item))
    return found


# ── repairs of characters ─────────────────────────────────────────────────────────────

_AS_BYTE = {
    bytes([code]).decode("cp1252"): code
    for code in range(0x80, 0x100)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_AS_BYTE |= {chr(code): code for code in range(0x80, 0x100)}


def from_bytes(chars: Sequence[Char]) -> list[Char]:
    """Characters that are the bytes of GB18030, each shown as a Latin-1 letter, put together again.

    Fonts of older official documents have no Unicode map: 中 comes out as “ÖÐ”. A pair that
    is no character stays as it was.
    """
    found: list[Char] = []
    for char in chars:
        last = found[-1] if found else None
        first = _AS_BYTE.get(last.text) if last is not None else None
        second = _AS_BYTE.get(
            char.text, ord(char.text) if len(char.text) == 1 and "@" <= char.text <= "~" else None
        )
        if (
            last is None
            or first is None
            or first < 0x81
            or second is None
            or abs(char.base - last.base) > last.size / 2
        ):
            found.append(char)
            continue
        try:
            text = bytes((first, second)).decode("gb18030")
        except UnicodeDecodeError:
            found.append(char)
            continue
        box = (min(last.x0, char.x0), min(last.y0, char.y0), max(last.x1, char.x1), max(last.y1, char.y1))
        found[-1] = Char(text, *box, last.base, last.size)
    return found


def without_shadows(chars: Iterable[Char]) -> Iterator[Char]:
    """Each glyph once: a second one of the same kind, a fraction of its size away, is a shadow."""
    seen: dict[tuple[str, int, int], list[Char]] = {}
    for char in chars:
        if char.text.isspace() or char.size <= 0:
            yield char
            continue
        # Narrow Latin letters stand close together in "ll"; a Chinese character never does.
        near = min(char.size * (0.25 if char.text > "\u2000" else 0.08), 3 * _CELL)
        columns = range(int((char.x0 - near) // _CELL), int((char.x0 + near) // _CELL) + 1)
        rows = range(int((char.base - near) // _CELL), int((char.base + near) // _CELL) + 1)
        if any(
            _is_shadow(char, twin, near)
            for column in columns
            for row in rows
            for twin in seen.get((char.text, column, row), ())
        ):
            continue
        place = (char.text, int(char.x0 // _CELL), int(char.base // _CELL))
        seen.setdefault(place, []).append(char)
        yield char


def _is_shadow(char: Char, twin: Char, near: float) -> bool:
    return (
        abs(char.x0 - twin.x0) < near
        and abs(char.base - twin.base) < near
        and abs(char.size - twin.size) < 0.1 * char.size
    )


# ── lines ─────────────────────────────────────────────────────────────────────────────


def lines(chars: Iterable[Char], page: int) -> Iterator[Line]:
    """Runs of characters on one baseline; a jump back, another baseline or a gutter ends a run."""
    run: list[Char] = []
    for char in chars:
        before = next((c for c in reversed(run) if not c.text.isspace()), None)
        if char.text == "\n" or (before is not None and not char.text.isspace() and _breaks(before, char)):
            yield from _line(run, page)
            run = []
        if char.text != "\n":
            run.append(char)
    yield from _line(run, page)


def _breaks(last: Char, char: Char) -> bool:
    size = max(last.size, char.size, 1.0)
    uneven = abs(char.base - last.base) > 0.15 * size or size > 1.25 * min(last.size, char.size)
    return (
        abs(char.base - last.base) > 0.5 * size
        or (uneven and char.x0 > last.x1 + _WIDE * size)  # type of another column on nearly the same row
        or char.x0 < last.x0 - 0.5 * size
        or char.x0 > last.x1 + 3.0 * size
    )


def _line(run: list[Char], page: int) -> Iterator[Line]:
    visible = [char for char in run if not char.text.isspace()]
    if not visible:
        return
    box = Box(
        page,
        round(min(char.x0 for char in visible), 1),
        round(min(char.y0 for char in visible), 1),
        round(max(char.x1 for char in visible), 1),
        round(max(char.y1 for char in visible), 1),
    )
    sizes = sorted(char.size for char in visible)
    raw = "".join(char.text for char in run).replace("\xa0", " ").strip()
    text = _closed(raw)
    gaps = _gaps(run) if text == raw else ()
    yield Line(text=text, page=page, box=box, size=round(sizes[len(sizes) // 2], 1), gaps=gaps)


def _gaps(run: Sequence[Char]) -> tuple[Gap, ...]:
    """Where two drawn characters stand apart by most of a character: offsets in the stripped text."""
    gaps: list[Gap] = []
    last: Char | None = None
    at = 0
    for char in run:
        if not char.text.isspace():
            if last is not None and char.x0 - last.x1 > _WIDE * max(last.size, char.size):
                gaps.append(Gap(at, round(last.x1, 1), round(char.x0, 1)))
            last = char
        if last is not None:
            at += len(char.text)
    return tuple(gaps)


def _closed(text: str) -> str:
    """Text without the spaces of a line that was set wide: “工 会 经 费” → “工会经费”."""
    pairs = spaced = 0
    for before, between, after in _PAIR.findall(text):
        if before > "\u2e7f" or after > "\u2e7f":
            pairs += 1
            spaced += bool(between)
    return text.replace(" ", "") if pairs > 2 and spaced > 0.6 * pairs else text
