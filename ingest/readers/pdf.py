"""PDF with a text layer: pdfium gives the characters and where each stands; pypdf reads what pdfium cannot open.

Shadows and fake bold (one glyph drawn again a hair's breadth away) are removed here, where
positions are known: as text they would read "工工会会" or "工会工会".
"""

import ctypes
import io
import logging
import math
import re
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.errors import UserError
from corpus.types import Box
from ingest.lines import Gap, Line, Page, Reading

MAX_PAGES = 3000
MAX_SECONDS = 120.0
_MEDIA_TYPE = "application/pdf"
_ENCRYPTED = UserError(
    "这份 PDF 设有打开密码，读不了。", "请在 PDF 阅读器里输入密码，另存为不加密的副本后重新加入。"
)
_BROKEN = UserError(
    "PDF 已损坏，打不开。", "请向发文单位索取完好的文件，或用 PDF 阅读器打开后重新打印为 PDF。"
)
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


class _Char(NamedTuple):
    """A character, its box from the page's top left corner, baseline and size, all in points."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float


def read(data: bytes, name: str) -> Reading:
    """Lines with boxes, in the order of the stream. Raises ``UserError`` if locked or broken."""
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise _ENCRYPTED from error
        return _read_damaged(data)
    try:
        return _read_pages(document, count)
    finally:
        document.close()


def _read_pages(document: Any, count: int) -> Reading:
    started = time.monotonic()
    pages: list[Page] = []
    scanned: list[int] = []
    unmapped: list[int] = []
    for number in range(1, min(count, MAX_PAGES) + 1):
        if time.monotonic() - started > MAX_SECONDS:
            break
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            continue  # counted below as a page that was not read
        chars = _chars(page)
        if not any(char.text.strip() for char in chars) and _is_drawn_on(page):
            scanned.append(number)
        if _garbled(chars):
            unmapped.append(number)
        pages.append(Page(number=number, lines=tuple(_lines(_without_shadows(chars), number))))
        page.close()
    return Reading(
        pages=tuple(pages),
        media_type=_MEDIA_TYPE,
        reader="pdf",
        warnings=tuple(_warnings(count, len(pages), scanned, unmapped)),
        metadata=_metadata(document),
    )


def _warnings(count: int, read: int, scanned: list[int], unmapped: list[int]) -> Iterator[str]:
    if scanned:
        yield f"第 {_listed(scanned)} 页没有文字层（多为扫描件），未能读入；请先做文字识别（OCR）再加入。"
    if unmapped:
        yield f"第 {_listed(unmapped)} 页的字体没有文字编码，读出的可能是乱码，请核对原件。"
    if read < count:
        yield f"共 {count} 页，只读入了 {read} 页；其余页已损坏或超出上限。"


def _listed(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:10])) + (f" 等 {len(numbers)}" if len(numbers) > 10 else "")


def _metadata(document: Any) -> dict[str, str]:
    found = document.get_metadata_dict(skip_empty=True)
    return {key.lower(): value for key, value in found.items() if value.strip("\x00 ")}


def _is_drawn_on(page: Any) -> bool:
    """Whether a page without text shows anything: a scan, or letters drawn as outlines."""
    return pdfium.FPDFPage_CountObjects(page.raw) > 0


def _chars(page: Any) -> list[_Char]:
    """The page's characters in stream order; line ends that pdfium sees are ``"\\n"``."""
    left, bottom, right, top = page.get_cropbox()
    rotation = page.get_rotation()
    text_page = page.get_textpage()
    handle = text_page.raw
    chars = []
    for index in range(pdfium.FPDFText_CountChars(handle)):
        code = pdfium.FPDFText_GetUnicode(handle, index)
        if code in (10, 13):
            chars.append(_Char("\n", 0, 0, 0, 0, 0, 0))
            continue
        if code < 32 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            continue
        x0, y0, x1, y1, base = _place(handle, index, top - bottom)
        if not math.isfinite(x0 + y0 + x1 + y1 + base):
            continue
        x0, y0, x1, y1, base = x0 - left, top - y1, x1 - left, top - y0, top - base
        if rotation:
            x0, y0, x1, y1, base = _turned(x0, y0, x1, y1, rotation, right - left, top - bottom)
        chars.append(_Char(_TWINS.get(code) or chr(code), x0, y0, x1, y1, base, max(y1 - y0, 0.0)))
    text_page.close()
    return chars


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


def _garbled(chars: list[_Char]) -> bool:
    strange = sum(
        char.text in "\ufffd\ufffe\uffff" or unicodedata.category(char.text) == "Co" for char in chars
    )
    return strange > max(5, len(chars) * 0.2)


def _without_shadows(chars: Iterable[_Char]) -> Iterator[_Char]:
    """Each glyph once: a second one of the same kind, a fraction of its size away, is a shadow."""
    seen: dict[tuple[str, int, int], list[_Char]] = {}
    for char in chars:
        if char.text.isspace() or char.size <= 0:
            yield char
            continue
        # Narrow Latin letters stand close together in "ll"; a Chinese character never does.
        near = min(char.size * (0.25 if char.text > "\u2000" else 0.08), 3 * _CELL)
        columns = range(int((char.x0 - near) // _CELL), int((char.x0 + near) // _CELL) + 1)
        rows = range(int((char.base - near) // _CELL), int((char.base + near) // _CELL) + 1)
        cells = (seen.get((char.text, column, row), ()) for column in columns for row in rows)
        if any(_is_shadow(char, twin, near) for twins in cells for twin in twins):
            continue
        place = (char.text, int(char.x0 // _CELL), int(char.base // _CELL))
        seen.setdefault(place, []).append(char)
        yield char


def _is_shadow(char: _Char, twin: _Char, near: float) -> bool:
    return (
        abs(char.x0 - twin.x0) < near
        and abs(char.base - twin.base) < near
        and abs(char.size - twin.size) < 0.1 * char.size
    )


def _lines(chars: Iterable[_Char], page: int) -> Iterator[Line]:
    """Runs of characters on one baseline; a jump back, another baseline or a gutter ends a run."""
    run: list[_Char] = []
    for char in chars:
        drawn = next((c for c in reversed(run) if not c.text.isspace()), None)
        if char.text == "\n" or (drawn is not None and not char.text.isspace() and _breaks(drawn, char)):
            yield from _line(run, page)
            run = []
        if char.text != "\n":
            run.append(char)
    yield from _line(run, page)


def _breaks(last: _Char, char: _Char) -> bool:
    size = max(last.size, char.size, 1.0)
    return (
        abs(char.base - last.base) > 0.5 * size
        or char.x0 < last.x0 - 0.5 * size
        or char.x0 > last.x1 + 3.0 * size
    )


def _line(run: list[_Char], page: int) -> Iterator[Line]:
    drawn = [char for char in run if not char.text.isspace()]
    if not drawn:
        return
    box = Box(
        page,
        round(min(char.x0 for char in drawn), 1),
        round(min(char.y0 for char in drawn), 1),
        round(max(char.x1 for char in drawn), 1),
        round(max(char.y1 for char in drawn), 1),
    )
    sizes = sorted(char.size for char in drawn)
    raw = "".join(char.text for char in run).replace("\xa0", " ").strip()
    text = _closed(raw)
    gaps = _gaps(run) if text == raw else ()
    yield Line(text=text, page=page, box=box, size=round(sizes[len(sizes) // 2], 1), gaps=gaps)


def _gaps(run: Sequence[_Char]) -> tuple[Gap, ...]:
    """Where two drawn characters stand apart by most of a character: offsets in the stripped text."""
    gaps: list[Gap] = []
    last: _Char | None = None
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


def _read_damaged(data: bytes) -> Reading:
    """What pypdf still finds in a file that pdfium refuses; it raises seven kinds of exception on such files."""
    import pypdf

    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # its remarks are not for our users
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _ENCRYPTED
        texts = [page.extract_text() for page in reader.pages[:MAX_PAGES]]
    except UserError:
        raise
    except Exception as error:
        raise _BROKEN from error
    if not any(text.strip() for text in texts):
        raise _BROKEN
    pages = tuple(
        Page(
            number=number,
            lines=tuple(Line(text=line.strip(), page=number) for line in text.split("\n") if line.strip()),
        )
        for number, text in enumerate(texts, start=1)
    )
    warning = "PDF 有损坏，文字是尽力恢复的，可能有缺漏，请核对原件。"
    return Reading(pages=pages, media_type=_MEDIA_TYPE, reader="pdf/pypdf", warnings=(warning,))
