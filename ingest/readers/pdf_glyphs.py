"""The glyphs of a PDF page as pdfium places them, a column of numbers for each property.

A page has hundreds to thousands of glyphs, and a call of pdfium by way of ``ctypes`` costs
more than what it does. Here the calls run in ``map`` on plain integers and write into one
array, and what follows computes on whole pages.
"""

import ctypes
import unicodedata
from collections import deque
from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import pypdfium2.raw as pdfium

# Fonts often map a character to its radical's twin (⼯ for 工). Unicode folds most of them:
TWINS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
# … and leaves out those of the supplement that look exactly like a character.
TWINS |= {
    ord(radical): char
    for radical, char in zip(
        "⺠⺟⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳⺪⻁⺘",
        "民母西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟疋虎扌",
        strict=True,
    )
}


class Char(NamedTuple):
    """A character, its box from the page's top left corner, baseline and size, all in points."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float


class Glyphs(NamedTuple):
    """A page's characters in stream order; "\\n" stands where pdfium sees a line end.

    ``places``: n × 6, float64: x0, y0, x1, y1, base and size as in ``Char``. ``objects``: n,
    the address of each character's text object, 0 where there is none.
    """

    texts: Sequence[str]
    places: np.ndarray
    objects: np.ndarray

    def kept(self, mask: np.ndarray) -> "Glyphs":
        """Those for which the mask holds."""
        if mask.all():
            return self
        texts = [text for text, keep in zip(self.texts, mask.tolist(), strict=True) if keep]
        return Glyphs(texts, self.places[mask], self.objects[mask])

    def chars(self) -> list[Char]:
        """One by one."""
        return [Char(text, *place) for text, place in zip(self.texts, self.places.tolist(), strict=True)]


def glyphs_of(chars: Sequence[Char]) -> Glyphs:
    """Characters from elsewhere than pdfium."""
    places = np.array([char[1:] for char in chars], dtype=np.float64).reshape(len(chars), 6)
    return Glyphs([char.text for char in chars], places, np.zeros(len(chars), dtype=np.int64))


def edges(page: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the page in its own coordinates, inherited or not."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page.raw, box):
        return page.get_cropbox()
    return box.left, box.bottom, box.right, box.top


def drawn(page: Any) -> Glyphs:
    """The page's characters in stream order; those without a place or a meaning are left out."""
    text_page = page.get_textpage()
    try:
        codes, boxes, objects = _told(text_page, edges(page))
    finally:
        text_page.close()
    ends = (codes == 10) | (codes == 13)
    meant = (codes >= 32) & ~((codes >= 0xD800) & (codes < 0xE000)) & (codes <= 0x10FFFF)
    stands = ends | (meant & np.isfinite(boxes).all(axis=1))
    codes, ends = codes[stands], ends[stands]
    places = _from_top(boxes[stands], edges(page), page.get_rotation())
    places[ends] = 0.0
    codes[ends] = 10
    texts = "".join(map(chr, codes.tolist())).translate(TWINS)
    return Glyphs(texts, places, np.where(ends, 0, objects[stands]))


# ── pdfium ────────────────────────────────────────────────────────────────────────────

_ADDRESS = ctypes.c_size_t


def _function(bound: Any, result: Any, *arguments: Any) -> Any:
    """A function of pdfium that takes addresses as integers; pypdfium2's own takes typed pointers."""
    return ctypes.PYFUNCTYPE(result, *arguments)(ctypes.cast(bound, ctypes.c_void_p).value or 0)


_unicode = _function(pdfium.FPDFText_GetUnicode, ctypes.c_uint, _ADDRESS, ctypes.c_int)
_object = _function(pdfium.FPDFText_GetTextObject, _ADDRESS, _ADDRESS, ctypes.c_int)
_box = _function(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, _ADDRESS, ctypes.c_int, _ADDRESS)
_origin = _function(pdfium.FPDFText_GetCharOrigin, ctypes.c_int, _ADDRESS, ctypes.c_int, _ADDRESS, _ADDRESS)


def _told(
    text_page: Any, page_edges: tuple[float, float, float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Code points; left, bottom, right, top and baseline (n × 5, page coordinates); text objects."""
    count = max(pdfium.FPDFText_CountChars(text_page.raw), 0)
    handle = ctypes.cast(text_page.raw, ctypes.c_void_p).value
    boxes, origins = np.zeros((count, 4), np.float32), np.zeros((count, 2))
    at, end = boxes.ctypes.data, boxes.ctypes.data + boxes.nbytes
    deque(map(_box, repeat(handle), range(count), range(at, end, 16)), maxlen=0)
    at, end = origins.ctypes.data, origins.ctypes.data + origins.nbytes
    deque(map(_origin, repeat(handle), range(count), range(at, end, 16), range(at + 8, end, 16)), maxlen=0)
    codes = np.fromiter(map(_unicode, repeat(handle), range(count)), np.int64, count)
    objects = np.fromiter(map(_object, repeat(handle), range(count)), np.int64, count)
    left, top, right, bottom = boxes.astype(np.float64).T
    told = np.stack((left, bottom, right, top, origins[:, 1]), axis=1)
    height = page_edges[3] - page_edges[1]
    for index in np.flatnonzero(~(top - bottom < height / 2)).tolist():
        told[index, :4] = _ink(text_page, index, float(origins[index, 1]))
    return codes, told, objects


def _ink(text_page: Any, index: int, base: float) -> tuple[float, float, float, float]:
    """A box from the ink itself: some fonts declare an absurd height."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(text_page.raw, index, left, right, bottom, top)
    size = max(right.value - left.value, top.value - bottom.value)
    return left.value, base - 0.15 * size, right.value, base + 0.85 * size


def _from_top(boxes: np.ndarray, page_edges: tuple[float, float, float, float], rotation: int) -> np.ndarray:
    """Places as in ``Glyphs``, on a page that is shown turned clockwise by ``rotation`` degrees."""
    left, bottom, right, top = page_edges
    width, height = right - left, top - bottom
    x0, y0, x1, y1 = boxes[:, 0] - left, top - boxes[:, 3], boxes[:, 2] - left, top - boxes[:, 1]
    base = top - boxes[:, 4]
    if rotation == 90:
        x0, y0, x1, y1 = height - y1, x0, height - y0, x1
    elif rotation == 180:
        x0, y0, x1, y1 = width - x1, height - y1, width - x0, height - y0
    elif rotation == 270:
        x0, y0, x1, y1 = y0, width - x1, y1, width - x0
    if rotation:
        base = y1
    return np.stack((x0, y0, x1, y1, base, np.maximum(y1 - y0, 0.0)), axis=1)
