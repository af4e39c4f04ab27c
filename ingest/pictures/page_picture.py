"""A page of an original as a picture, its size, and its characters: drawn in a process that may be killed.

Originals come from anywhere, and drawing one is the most that a file can ask of the program:
``ingest.pictures.drawn`` has it done by this module's ``main`` in worker processes, under limits.
"""

import base64
import io
import math
import traceback
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from corpus.errors import UserError
from ingest.readers import image, pdf_glyphs

#: Widths in pixels that are drawn: a few, so that the same picture serves again.
WIDTHS = (600, 900, 1350, 2000, 3000)
MAX_PIXELS = 16_000_000
MAX_PAGES = 3000
MAX_CHARACTERS = 100_000
_PDF = "application/pdf"
_A4 = (595.0, 842.0)
_COLOURS = 256
_BROKEN = UserError("这份文件画不出版面图片。", "请下载原件查看。")
_NO_PAGE = UserError("没有这一页。", "请回到前一页。")


def draw(data: bytes | Path, media_type: str, page: int, width: int) -> bytes:
    """Page ``page``, from 1, as PNG, about ``width`` pixels wide: less where it would be too large.

    Raises ``UserError`` for a page that is not there or cannot be drawn.
    """
    shown = _of_pdf(data, page, width) if media_type == _PDF else _of_picture(_bytes(data), page, width)
    out = io.BytesIO()
    _with_few_colours(shown).save(out, "PNG", compress_level=3)
    return out.getvalue()


def sizes(data: bytes | Path, media_type: str) -> list[tuple[float, float]]:
    """Width and height of each page in points, as it is shown. Raises ``UserError`` for broken files."""
    if media_type != _PDF:
        return image.sizes(_bytes(data))
    with _opened(data) as document:
        return [_size(document, at) for at in range(min(len(document), MAX_PAGES))]


def characters(data: bytes | Path, page: int) -> tuple[str, list[tuple[float, float, float, float]]]:
    """A PDF page's characters in the order of the stream and the box of each, as in ``Passage.boxes``."""
    with _opened(data) as document:
        if not 1 <= page <= len(document):
            raise _NO_PAGE
        glyphs = pdf_glyphs.drawn(_page(document, page))
    kept = [at for at, text in enumerate(glyphs.texts) if not text.isspace()][:MAX_CHARACTERS]
    places = glyphs.places[kept, :4].round(1).tolist()
    return "".join(glyphs.texts[at] for at in kept), [(x0, y0, x1, y1) for x0, y0, x1, y1 in places]


def _bytes(data: bytes | Path) -> bytes:
    return data.read_bytes() if isinstance(data, Path) else data


def _opened(data: bytes | Path) -> Any:
    """By its path where that is given: of a large file only what the page needs is read."""
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _BROKEN from error


def _page(document: Any, number: int) -> Any:
    if not 1 <= number <= min(len(document), MAX_PAGES):
        raise _NO_PAGE
    try:
        return document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise _BROKEN from error


def _size(document: Any, index: int) -> tuple[float, float]:
    try:
        width, height = document.get_page_size(index)
    except pypdfium2.PdfiumError:
        return _A4
    return (width, height) if width > 0 and height > 0 else _A4


def _of_pdf(data: bytes | Path, number: int, width: int) -> Image.Image:
    with _opened(data) as document:
        document.init_forms()  # what was filled in belongs to the page
        page = _page(document, number)
        across, down = page.get_size()
        scale = _scale(across, down, width)
        return page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")


def _of_picture(data: bytes, number: int, width: int) -> Image.Image:
    shown = image.shown(data, number)
    if shown is None:
        raise _NO_PAGE
    scale = min(_scale(shown.width, shown.height, width), 1.0)
    if scale < 1:
        size = (max(round(shown.width * scale), 1), max(round(shown.height * scale), 1))
        shown = shown.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return shown


def _scale(across: float, down: float, width: int) -> float:
    """Pixels a unit for a page of so many units."""
    most = math.sqrt(MAX_PIXELS / max(across * down, 1e-6))
    longest = MAX_PIXELS / 1000 / max(across, down, 1e-6)
    return min(width / max(across, 1e-6), most, longest)


def _with_few_colours(shown: Image.Image) -> Image.Image:
    """Grey where it is grey, else in a palette: a third of the bytes, and nothing that is read is lost."""
    red, green, blue = shown.split()
    if red.tobytes() == green.tobytes() == blue.tobytes():
        return red
    return shown.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


# ── in the worker ─────────────────────────────────────────────────────────────────────


def main() -> None:
    """Draw what is asked for until the pipe is closed."""
    from ingest.workers import worker

    worker.serve(answer)


def answer(job: dict[str, Any], _: bytes) -> dict[str, Any]:
    """What was asked for of one file: its ``picture`` (base64), ``sizes``, or ``text`` and ``places``."""
    task = job["task"]
    try:
        path = Path(task["file"])
        if task["ask"] == "sizes":
            return {"sizes": sizes(path, task["media_type"])}
        if task["ask"] == "characters":
            text, places = characters(path, task["page"])
            return {"text": text, "places": places}
        picture = draw(path, task["media_type"], task["page"], task["width"])
        return {"picture": base64.b64encode(picture).decode()}
    except UserError as error:
        return {"error": str(error), "lasting": True}
    except FileNotFoundError:  # deleted between the asking and the drawing
        return {"error": str(_BROKEN), "lasting": False}
    except Exception as error:  # a bug: it costs this picture, and the parent logs the traceback
        return {"bug": type(error).__name__, "traceback": traceback.format_exc()}
