"""Lines from the characters of a PDF page; and pdfminer's characters, where pdfium's make no sense.

Shadows and fake bold (one glyph drawn again a hair's breadth away) are removed here, where
positions are known: as text they would read "工工会会" or "工会工会".
"""

import io
import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from corpus.types import Box
from ingest.lines import Gap, Line
from ingest.readers.pdf_glyphs import TWINS, Char, Glyphs

_CELL = 8.0  # points: the grid on which glyphs are looked up by their place
_PAIR = re.compile(r"(?=(\S)( ?)(\S))")
_WIDE = 0.7  # characters: white between type of two lines, where it is uneven or of another size
_SLIT = 0.45  # characters: white inside a line that may be the gutter between two columns
_IDEOGRAPHS, _AFTER_IDEOGRAPHS = "\u3400", "\ua000"
_UNLIKE = 2.0  # times as large: type of another line, where white stands between
_FULL_WIDTH = 0x2001  # code points from here on are, but for punctuation, as wide as they are high
_NO_UNICODE = re.compile(r"\(cid:\d+\)")


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
            folded = "".join(TWINS.get(ord(char), char) for char in text)
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


def without_shadows(glyphs: Glyphs) -> Glyphs:
    """Each glyph once: a second one of the same kind, a fraction of its size away, is a shadow."""
    asked = _perhaps_shadows(glyphs)
    if not asked.size:
        return glyphs
    shadows: list[int] = []
    seen: dict[tuple[str, int, int], list[Char]] = {}
    for at, near in asked.tolist():
        char = Char(glyphs.texts[int(at)], *glyphs.places[int(at)].tolist())
        columns = range(int((char.x0 - near) // _CELL), int((char.x0 + near) // _CELL) + 1)
        rows = range(int((char.base - near) // _CELL), int((char.base + near) // _CELL) + 1)
        if any(
            _is_shadow(char, twin, near)
            for column in columns
            for row in rows
            for twin in seen.get((char.text, column, row), ())
        ):
            shadows.append(int(at))
            continue
        place = (char.text, int(char.x0 // _CELL), int(char.base // _CELL))
        seen.setdefault(place, []).append(char)
    mask = np.ones(len(glyphs.texts), dtype=bool)
    mask[shadows] = False
    return glyphs.kept(mask)


def _perhaps_shadows(glyphs: Glyphs) -> np.ndarray:
    """Index and reach in points (n × 2) of the glyphs of which one of the same kind stands close by.

    On most pages there are none; sorted by kind, row and column, twins stand side by side.
    """
    codes = np.array([0 if not text or text.isspace() else ord(text[0]) for text in glyphs.texts])
    solid = np.flatnonzero((codes > 0) & (glyphs.places[:, 5] > 0))
    if solid.size < 2:
        return np.empty((0, 2))
    codes, x0, x1, base, high = codes[solid], *glyphs.places[solid][:, [0, 2, 4, 5]].T
    size = np.maximum(high, x1 - x0)  # the box of “一” may be flat
    # Narrow Latin letters stand close together in "ll"; a Chinese character never does.
    near = np.minimum(size * np.where(codes >= _FULL_WIDTH, 0.25, 0.08), 3 * _CELL)
    height = 2 * float(near.max())
    found: set[int] = set()
    for shift in (0.0, 0.5):  # twins on both sides of a row's border are in one row of the other grid
        row = np.floor(base / height + shift)
        order = np.lexsort((x0, row, codes))
        a, b = order[:-1], order[1:]
        close = x0[b] - x0[a] < 1.2 * np.maximum(near[a], near[b])
        found.update(codes[a][(codes[a] == codes[b]) & (row[a] == row[b]) & close].tolist())
    asked = np.isin(codes, list(found))
    return np.stack((solid[asked], near[asked]), axis=1)


def _is_shadow(char: Char, twin: Char, near: float) -> bool:
    return (
        abs(char.x0 - twin.x0) < near
        and abs(char.base - twin.base) < near
        and abs(char.size - twin.size) < 0.1 * char.size
    )


# ── lines ─────────────────────────────────────────────────────────────────────────────


def lines(glyphs: Glyphs, page: int) -> Iterator[Line]:
    """Runs of characters on one baseline; a jump back, another baseline or a gutter ends a run."""
    blank = np.array([text.isspace() for text in glyphs.texts], dtype=bool)
    ink = np.flatnonzero(~blank)
    if not ink.size:
        return
    places = glyphs.places[ink]
    begins, wide = _between(glyphs, ink, places)
    starts = np.flatnonzero(begins)
    stops = [*starts[1:].tolist(), ink.size]
    lows = np.minimum.reduceat(places[:, :2], starts).tolist()
    highs = np.maximum.reduceat(places[:, 2:4], starts).tolist()
    sizes = places[:, 5].tolist()
    gapped = np.add.reduceat(wide, starts).tolist()
    for n, (start, stop) in enumerate(zip(starts.tolist(), stops, strict=True)):
        raw = "".join(glyphs.texts[ink[start] : ink[stop - 1] + 1]).replace("\xa0", " ")
        text = _closed(raw)
        gaps: tuple[Gap, ...] = ()
        if gapped[n] and text == raw:
            gaps = tuple(_gaps(glyphs, ink, start, (start + np.flatnonzero(wide[start:stop])).tolist()))
        size = sorted(sizes[start:stop])[(stop - start) // 2]
        box = Box(page, *(round(at, 1) for at in (*lows[n], *highs[n])))
        yield Line(text=text, page=page, box=box, size=round(size, 1), gaps=gaps)


def _between(glyphs: Glyphs, ink: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each visible glyph whether it begins a run, and whether it stands apart from the one before."""
    ends = np.cumsum([text == "\n" for text in glyphs.texts])[ink]
    last, this = places[:-1], places[1:]
    apart = this[:, 0] - last[:, 2]
    sizes = np.maximum(last[:, 5], this[:, 5])
    size = np.maximum(sizes, 1.0)
    before, after = _type_sizes(glyphs, ink, places)
    step = np.abs(this[:, 4] - last[:, 4])
    uneven = step > 0.15 * size
    breaks = (
        (step > 0.5 * size)
        | (uneven & (this[:, 0] > last[:, 2] + _WIDE * size))  # another column, on nearly the same row
        | (this[:, 0] < last[:, 0] - 0.5 * size)
        | (this[:, 0] > last[:, 2] + 3.0 * size)
        | (_unlike(before, after) & (apart > _WIDE * np.minimum(before, after)))  # a headline beside a column
        | (ends[1:] != ends[:-1])
    )
    wide = (apart > _SLIT * sizes) & ~breaks
    return np.concatenate(([True], breaks)), np.concatenate(([0], wide.astype(int)))


def _type_sizes(glyphs: Glyphs, ink: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How large type is set before and after each border of two glyphs; 0 where three have no character.

    Some fonts declare the ink of each glyph, flat for “一” and tiny for marks; others a Latin
    letter twice as high as it is.
    """
    full = np.array([_IDEOGRAPHS <= text < _AFTER_IDEOGRAPHS for text in glyphs.texts], dtype=bool)[ink]
    extents = np.where(full, np.maximum(places[:, 5], places[:, 2] - places[:, 0]), 0.0)
    padded = np.concatenate(([0.0, 0.0], extents, [0.0, 0.0]))
    most = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])  # of three, by the last's place
    return most[: len(ink) - 1], most[3 : len(ink) + 2]


def _unlike(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return (np.minimum(before, after) > 0) & (np.maximum(before, after) > _UNLIKE * np.minimum(before, after))


def _gaps(glyphs: Glyphs, ink: np.ndarray, start: int, wide: Sequence[int]) -> Iterator[Gap]:
    """Where drawn characters stand apart by most of a character: offsets in the stripped text."""
    for at in wide:
        offset = len("".join(glyphs.texts[ink[start] : ink[at]]))
        left, right = glyphs.places[ink[at - 1], 2], glyphs.places[ink[at], 0]
        yield Gap(offset, round(float(left), 1), round(float(right), 1))


def _closed(text: str) -> str:
    """Text without the spaces of a line that was set wide: “工 会 经 费” → “工会经费”."""
    if " " not in text:
        return text
    pairs = spaced = 0
    for before, between, after in _PAIR.findall(text):
        if before > "\u2e7f" or after > "\u2e7f":
            pairs += 1
            spaced += bool(between)
    return text.replace(" ", "") if pairs > 2 and spaced > 0.6 * pairs else text
