"""Text that stands in a PDF but not on its page: invisible, off the page, white on white, painted over.

Such text is no part of what the office reads and signs; it is also how a file speaks to a
machine behind its reader's back. Only one kind is honest: the invisible layer that a scanner
lays over its picture.

Colours alone decide nothing (white letters on a red bar are a headline): what looks
suspicious is compared with the page as it is shown, and is hidden where nothing shows.
"""

import ctypes
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pypdfium2.raw as pdfium

from ingest.readers.pdf_text import Char, edges

_SMALLEST = 1.0  # points: no press and no eye resolves letters of this height
_OUTSIDE = 2.0  # points beyond the edge of the page
_LIGHT = 160  # of 255: letters this light can vanish on paper
_CONTRAST = 16  # of 255: less cannot be seen
_WHOLE_PAGE = 0.5  # share of the page from which a picture under invisible text is a scan
_LARGE = 0.002  # share of the page from which a painted shape can hide a line
_SCALE = 2.0  # pixels a point, when the page is looked at
_MAX_PIXELS = 25_000_000
_ONLY_FILLED = (pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_FILL_CLIP)

_Bounds = tuple[float, float, float, float]


class Sight(NamedTuple):
    """Which characters cannot be seen (their indexes), and how much of the page is pictures.

    ``layer``: the page is a picture and its text the invisible layer of a recognition.
    ``pictures``: boxes from the page's top left corner, in points.
    """

    hidden: set[int]
    layer: bool
    pictures: tuple[_Bounds, ...]


class _Painted(NamedTuple):
    pictures: list[_Bounds]
    shapes: list[_Bounds]
    texts_first: bool


def sight(page: Any, chars: Sequence[Char], objects: Sequence[int]) -> Sight:
    """What of ``chars`` is seen on the page; ``objects`` are the addresses of their text objects."""
    width, height = page.get_size()
    painted = _painted(page, width, height)
    looks = {address: _look(address) for address in set(objects) if address}
    written = [at for at, char in enumerate(chars) if char.text.isalnum()]
    invisible = {at for at in written if looks.get(objects[at]) == "invisible"}
    scan = sum(map(_area, painted.pictures)) >= _WHOLE_PAGE * width * height
    if scan and written and (len(invisible) > 0.8 * len(written) or painted.texts_first):
        return Sight(set(), True, tuple(painted.pictures))
    gone = _nowhere(chars, written, objects, width, height) | invisible
    asked = [
        at
        for at in written
        if at not in gone
        and (looks.get(objects[at]) == "light" or any(_inside(chars[at], shape) for shape in painted.shapes))
    ]
    gone |= _unseen(page, chars, asked, width, height)
    return Sight(_with_marks(gone, written, objects), False, tuple(painted.pictures))


def _with_marks(gone: set[int], written: Sequence[int], objects: Sequence[int]) -> set[int]:
    """Also the punctuation and the spaces of text objects of which no letter is seen."""
    if not gone:
        return gone
    empty = {objects[at] for at in gone} - {objects[at] for at in written if at not in gone}
    return gone | {at for at, address in enumerate(objects) if address in empty}


def _nowhere(
    chars: Sequence[Char], written: Sequence[int], objects: Sequence[int], width: float, height: float
) -> set[int]:
    """Too small for any eye, or off the page: not where a line merely runs over the edge."""
    outside = {
        at
        for at in written
        if not _inside(chars[at], (-_OUTSIDE, -_OUTSIDE, width + _OUTSIDE, height + _OUTSIDE))
    }
    begun = {objects[at] for at in written if at not in outside} if outside else set()
    tiny = {at for at in written if max(chars[at].y1 - chars[at].y0, chars[at].x1 - chars[at].x0) < _SMALLEST}
    return {at for at in outside if objects[at] not in begun} | tiny


def _look(address: int) -> str:
    """``"invisible"``, ``"light"`` or ``""`` for the text object at an address."""
    made = ctypes.cast(address, pdfium.FPDF_PAGEOBJECT)
    mode = pdfium.FPDFTextObj_GetTextRenderMode(made)
    if mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
        return "invisible"
    if mode == pdfium.FPDF_TEXTRENDERMODE_CLIP:
        return "light"
    colour = _colour(made)
    if colour is None:
        return ""
    red, green, blue, alpha = colour
    faint = _luminance(red, green, blue) >= _LIGHT or alpha < 100
    return "light" if mode in _ONLY_FILLED and faint else ""


def _colour(made: Any) -> tuple[int, int, int, int] | None:
    parts = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(made, *parts):
        return None
    return parts[0].value, parts[1].value, parts[2].value, parts[3].value


def _luminance(red: float, green: float, blue: float) -> float:
    return 0.3 * red + 0.59 * green + 0.11 * blue


def _painted(page: Any, width: float, height: float) -> _Painted:
    """Pictures and shapes that could hide text, in the order of painting: white paper before all text cannot."""
    pictures: list[_Bounds] = []
    shapes: list[_Bounds] = []
    texts = texts_after = 0
    left, _, _, top = edges(page)
    for index in range(pdfium.FPDFPage_CountObjects(page.raw)):
        made = pdfium.FPDFPage_GetObject(page.raw, index)
        kind = pdfium.FPDFPageObj_GetType(made)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            texts += 1
            texts_after += bool(pictures)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(_bounds(made, (left, top)))
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            box = _bounds(made, (left, top))
            if _area(box) > _LARGE * width * height and _hides(made, texts > 0):
                shapes.append(box)
    return _Painted(pictures, shapes, texts > 0 and bool(pictures) and not texts_after)


def _hides(made: Any, after_text: bool) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(made, fill, stroke) or not fill.value:
        return False
    colour = _colour(made)
    return colour is None or (colour[3] > 200 and (after_text or _luminance(*colour[:3]) < 200))


def _bounds(made: Any, corner: tuple[float, float]) -> _Bounds:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(made, left, bottom, right, top)
    x, y = corner
    return left.value - x, y - top.value, right.value - x, y - bottom.value


def _area(box: _Bounds) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _inside(char: Char, box: _Bounds) -> bool:
    x, y = (char.x0 + char.x1) / 2, (char.y0 + char.y1) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _unseen(page: Any, chars: Sequence[Char], asked: Sequence[int], width: float, height: float) -> set[int]:
    """Those of the characters in whose place the page, as shown, is of one colour."""
    if not asked or width * height * _SCALE**2 > _MAX_PIXELS:
        return set()
    shown = page.render(scale=_SCALE, grayscale=True).to_numpy()
    shown = shown.reshape(shown.shape[0], shown.shape[1]).astype(np.int16)
    return {at for at in asked if not _shows(shown, chars[at])}


def _shows(shown: np.ndarray, char: Char) -> bool:
    x0, x1 = int(char.x0 * _SCALE), int(np.ceil(char.x1 * _SCALE))
    y0, y1 = int(char.y0 * _SCALE), int(np.ceil(char.y1 * _SCALE))
    patch = shown[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1]
    return patch.size > 0 and int(patch.max()) - int(patch.min()) >= _CONTRAST
