"""Pictures (PNG, JPEG, TIFF, BMP, WEBP): each frame a page, its lines by recognition."""

import io
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from corpus.errors import UserError
from corpus.types import UNSURE
from ingest.lines import Line, Page, Reading
from ingest.workers import heartbeat

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
MAX_PIXELS = 80_000_000  # a sheet of A3 at 600 dpi is 70 million
MAX_FRAMES = 200
_LONGEST_SIDE = 4000  # pixels: more shows no more of a sheet of paper
_ORIENTATION = 0x0112  # of EXIF: from 5 on, rows are columns
_FIRST_ON_ITS_SIDE = 5
_DPI = (60, 1200)  # what scanners declare; other values are made up
_USUAL_DPI = 96

_BROKEN = UserError("图片已损坏或格式不支持，打不开。", "请另存为 PNG、JPG 或 PDF 后重新加入。")
_TOO_LARGE = UserError(
    f"图片超过 {MAX_PIXELS // 1_000_000} 百万像素的上限，已拒绝读取。",
    "请缩小图片（300 dpi 足够）后重新加入。",
)


def read(data: bytes, name: str) -> Reading:
    """A page for each frame. Raises ``UserError`` for what is broken, too large, or without any text."""
    pages: list[Page] = []
    with _opened(data) as picture:
        media_type = Image.MIME.get(picture.format or "", "image/unknown")
        count = getattr(picture, "n_frames", 1)
        for number in range(1, min(count, MAX_FRAMES) + 1):
            shown = _frame(picture, number)
            if shown is None:
                break
            pages.append(Page(number=number, lines=tuple(frame_lines(*shown, page=number))))
    if not pages:
        raise _BROKEN
    return Reading(
        pages=tuple(pages),
        media_type=media_type,
        reader="image+ocr",
        warnings=tuple(_warnings(pages, count)),
    )


def frame_lines(pixels: np.ndarray, points: float, *, page: int = 1) -> list[Line]:
    """The lines of an RGB picture whose pixels measure ``points`` points."""
    from ingest.readers import ocr  # loads the models

    heartbeat.beat()
    if int(pixels.max()) - int(pixels.min()) < 16:
        return []
    return ocr.lines(pixels, page=page, points=points)[0]


def embedded(data: bytes, *, page: int = 1) -> list[Line]:
    """The lines of a picture that stands inside another document; none where it cannot be opened."""
    try:
        with _opened(data) as picture:
            shown = _frame(picture, 1)
            return frame_lines(*shown, page=page) if shown else []
    except UserError:
        return []


def sizes(data: bytes) -> list[tuple[float, float]]:
    """Width and height of each frame in points, as it is meant to be seen. Raises as ``read`` does."""
    found: list[tuple[float, float]] = []
    with _opened(data) as picture:
        for number in range(min(getattr(picture, "n_frames", 1), MAX_FRAMES)):
            try:
                picture.seek(number)
            except (OSError, ValueError, SyntaxError, EOFError, TypeError):
                break
            width, height = (side * 72 / _dpi(picture) for side in picture.size)
            aside = picture.getexif().get(_ORIENTATION, 1) >= _FIRST_ON_ITS_SIDE
            found.append((height, width) if aside else (width, height))
    return found


def shown(data: bytes, number: int) -> Image.Image | None:
    """Frame ``number``, from 1, as it is meant to be seen; None where there is none. Raises as ``read`` does."""
    with _opened(data) as picture:
        frame = _frame(picture, number) if number <= getattr(picture, "n_frames", 1) else None
    return Image.fromarray(frame[0]) if frame else None


def _opened(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _TOO_LARGE from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError) as error:
        raise _BROKEN from error
    if picture.width * picture.height > MAX_PIXELS:
        raise _TOO_LARGE
    return picture


def _frame(picture: Image.Image, number: int) -> tuple[np.ndarray, float] | None:
    """A frame as it is meant to be seen (turned, on white), and what its pixels measure in points.

    None where the file ends before it.
    """
    try:
        picture.seek(number - 1)
        if picture.width * picture.height > MAX_PIXELS:
            raise _TOO_LARGE
        picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
        picture.load()
        shown = ImageOps.exif_transpose(picture)
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, ZeroDivisionError) as error:
        if number > 1:
            return None
        raise _BROKEN from error
    if "A" in shown.getbands() or "transparency" in shown.info:
        layered = shown.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        shown = Image.alpha_composite(paper, layered)
    dots = _dpi(picture)
    width = shown.width
    shown.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return np.asarray(shown.convert("RGB")), 72 / dots * width / shown.width


def _dpi(picture: Image.Image) -> float:
    try:
        dots = float(picture.info.get("dpi", (_USUAL_DPI, _USUAL_DPI))[0])
    except (TypeError, ValueError, ZeroDivisionError, IndexError):
        return _USUAL_DPI
    return dots if _DPI[0] <= dots <= _DPI[1] else _USUAL_DPI


def _warnings(pages: list[Page], count: int) -> Iterator[str]:
    if any(page.lines for page in pages):
        yield "这是图片，文字由识别（OCR）得到，请对照原件核实。"
    else:
        yield "图片里没有识别出文字，请核对原件。"
    if doubtful := [page.number for page in pages if any(UNSURE in line.text for line in page.lines)]:
        where = "" if count == 1 else f"第 {'、'.join(map(str, doubtful[:10]))} 页"
        yield (
            f"{where}有识别不清的数字或姓名，文中以“{UNSURE}”标出，不作为答复依据；请对照原件更正后重新加入。"
        )
    if len(pages) < count:
        yield f"共 {count} 页，只读入了 {len(pages)} 页；其余页已损坏或超出上限。"
