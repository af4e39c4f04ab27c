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

from ingest.readers.pdf_glyphs import Glyphs, edges

_SMALLEST = 1.0  # points: no press and no eye resolves letters of this height
_OUTSIDE = 2.0  # points beyond the edge of the page
_LIGHT = 160  # of 255: letters this light can vanish on paper
_CONTRAST = 16  # of 255: less cannot be seen
_WHOLE_PAGE = 0.5  # share of the page from which a picture under invisible text is a scan
_LARGE = 0.002  # share of the page from which a painted shape can hide a line
_THICKEST_RULE = 4.0  # points
_SHORTEST_RULE = 30.0
_SCALE = 2.0  # pixels a point, when the page is looked at
_MAX_PIXELS = 25_000_000
_ONLY_FILLED = (pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_FILL_CLIP)

_Bounds = tuple[float, float, float, float]


class Sight(NamedTuple):
    """Which characters cannot be seen (a mask over them), and how much of the page is pictures.

    ``layer``: the page is a picture and its text the invisible layer of a recognition.
    ``pictures``: boxes from the page's top left corner, in points; ``rules``: those of thin
    lines and of ruled boxes.
    """

    hidden: np.ndarray
    layer: bool
    pictures: tuple[_Bounds, ...]
    rules: tuple[_Bounds, ...] = ()


class _Painted(NamedTuple):
    pictures: list[_Bounds]
    shapes: list[_Bounds]
    rules: list[_Bounds]
    texts_first: bool


def sight(page: Any, glyphs: Glyphs) -> Sight:
    """What of the page's characters is seen on it."""
    width, height = page.get_size()
    painted = _painted(page, width, height)
    pictures = tuple(painted.pictures)
    written = np.array([text.isalnum() for text in glyphs.texts], dtype=bool)
    nothing = np.zeros(len(written), dtype=bool)
    looks = {address: _look(address) for address in set(glyphs.objects[written].tolist()) if address}
    invisible = written & _of(glyphs, looks, "invisible")
    scan = sum(map(_area, painted.pictures)) >= _WHOLE_PAGE * width * height
    if scan and written.any() and (invisible.sum() > 0.8 * written.sum() or painted.texts_first):
        return Sight(nothing, True, pictures)
    gone = _nowhere(glyphs, written, width, height) | invisible
    asked = _of(glyphs, looks, "light")
    for shape in painted.shapes:
        asked |= _inside(glyphs, shape)
    gone |= _unseen(page, glyphs, asked & written & ~gone, width, height)
    return Sight(_with_marks(gone, written, glyphs.objects), False, pictures, tuple(painted.rules))


def _of(glyphs: Glyphs, looks: dict[int, str], look: str) -> np.ndarray:
    """The characters whose text object looks so."""
    return np.isin(glyphs.objects, [address for address, seen in looks.items() if seen == look])


def _with_marks(gone: np.ndarray, written: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Also the punctuation and the spaces of text objects of which no letter is seen."""
    if not gone.any():
        return gone
    empty = np.setdiff1d(objects[gone], objects[written & ~gone])
    return gone | np.isin(objects, empty)


def _nowhere(glyphs: Glyphs, written: np.ndarray, width: float, height: float) -> np.ndarray:
    """Too small for any eye, or off the page: not where a line merely runs over the edge."""
    around = (-_OUTSIDE, -_OUTSIDE, width + _OUTSIDE, height + _OUTSIDE)
    outside = written & ~_inside(glyphs, around)
    begun = np.isin(glyphs.objects, glyphs.objects[written & ~outside]) if outside.any() else outside
    x0, y0, x1, y1 = glyphs.places[:, :4].T
    tiny = written & (np.maximum(y1 - y0, x1 - x0) < _SMALLEST)
    return (outside & ~begun) | tiny


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
    rules: list[_Bounds] = []
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
            inside = min(box[:2]) > -_OUTSIDE and box[2] < width + _OUTSIDE and box[3] < height + _OUTSIDE
            if inside and _is_rule(
                made, box
            ):  # what runs off the page is clipped, and ends nobody knows where
                rules.append(box)
    return _Painted(pictures, shapes, rules, texts > 0 and bool(pictures) and not texts_after)


def _hides(made: Any, after_text: bool) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(made, fill, stroke) or not fill.value:
        return False
    colour = _colour(made)
    return colour is None or (colour[3] > 200 and (after_text or _luminance(*colour[:3]) < 200))


def _is_rule(made: Any, box: _Bounds) -> bool:
    """Whether a path is a line of some length, or a box of which the edges alone are drawn."""
    short, long = sorted((box[2] - box[0], box[3] - box[1]))
    if long < _SHORTEST_RULE:
        return False
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    drawn = pdfium.FPDFPath_GetDrawMode(made, fill, stroke)
    return bool(drawn) and (short <= _THICKEST_RULE or (bool(stroke.value) and not fill.value))


def _bounds(made: Any, corner: tuple[float, float]) -> _Bounds:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(made, left, bottom, right, top)
    x, y = corner
    return left.value - x, y - top.value, right.value - x, y - bottom.value


def _area(box: _Bounds) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _inside(glyphs: Glyphs, box: _Bounds) -> np.ndarray:
    x0, y0, x1, y1 = glyphs.places[:, :4].T
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return (box[0] <= x) & (x <= box[2]) & (box[1] <= y) & (y <= box[3])


def _unseen(page: Any, glyphs: Glyphs, asked: np.ndarray, width: float, height: float) -> np.ndarray:
    """Those of the characters in whose place the page, as shown, is of one colour."""
    unseen = np.zeros(len(asked), dtype=bool)
    if not asked.any() or width * height * _SCALE**2 > _MAX_PIXELS:
        return unseen
    shown = page.render(scale=_SCALE, grayscale=True).to_numpy()
    shown = shown.reshape(shown.shape[0], shown.shape[1]).astype(np.int16)
    for at in np.flatnonzero(asked).tolist():
        unseen[at] = not _shows(shown, glyphs.places[at, :4].tolist())
    return unseen


def _shows(shown: np.ndarray, box: Sequence[float]) -> bool:
    x0, x1 = int(box[0] * _SCALE), int(np.ceil(box[2] * _SCALE))
    y0, y1 = int(box[1] * _SCALE), int(np.ceil(box[3] * _SCALE))
    patch = shown[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1]
    return patch.size > 0 and int(patch.max()) - int(patch.min()) >= _CONTRAST
