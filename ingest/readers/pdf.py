"""PDF: for each page the engine that reads it best.

pdfium gives the characters and where each stands. Where they make no sense, the same
characters are taken for bytes, then pdfminer is asked; where there is no text, or none that
makes sense, the page is looked at and recognised. pypdf reads what pdfium cannot open.
"""

import io
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pypdfium2

from corpus.errors import UserError
from corpus.types import UNSURE, Box
from ingest import quality
from ingest.lines import Line, Page, Reading
from ingest.readers import pdf_glyphs, pdf_hidden, pdf_text
from ingest.workers import heartbeat

MAX_PAGES = 3000
MAX_SECONDS = 120.0
MAX_RECOGNITION_SECONDS = 1800.0
_MEDIA_TYPE = "application/pdf"
_ENCRYPTED = UserError(
    "这份 PDF 设有打开密码，读不了。", "请在 PDF 阅读器里输入密码，另存为不加密的副本后重新加入。"
)
_BROKEN = UserError(
    "PDF 已损坏，打不开。", "请向发文单位索取完好的文件，或用 PDF 阅读器打开后重新打印为 PDF。"
)
_DOTS_PER_POINT = 150 / 72
_LONGEST_SIDE = 4000  # pixels of a page as it is looked at
_A_WORD = 4  # hidden characters: fewer are a printer's stray marks, left out without a word
_TELLING = 10  # characters: fewer tell nothing of a page's text
_LITTLE_TEXT = 100  # characters: with fewer, a page's pictures are looked at …
_PICTURE = 0.02  # … from this share of the page on; with more, from half of _MOST on
_MOST = 0.3
_LINES_IN_PICTURE = 5  # beside a page's text, a picture with fewer lines is a photograph


@dataclass(slots=True)
class _Notes:
    """What happened to which pages, for the warnings."""

    recognised: list[int] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)
    layered: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    engines: set[str] = field(default_factory=set)
    seconds: float = 0.0


def read(data: bytes, name: str, recognise: frozenset[int] = frozenset()) -> Reading:
    """Lines with boxes, in the order of the stream. Raises ``UserError`` if locked or broken.

    ``recognise``: pages whose lines are read off their picture, unless that shows none.
    """
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise _ENCRYPTED from error
        return _read_damaged(data)
    try:
        return _read_pages(document, count, pdf_text.SecondOpinion(data), recognise)
    finally:
        document.close()


def _read_pages(
    document: Any, count: int, second: pdf_text.SecondOpinion, recognise: frozenset[int]
) -> Reading:
    started = time.monotonic()
    pages: list[Page] = []
    notes = _Notes()
    for number in range(1, min(count, MAX_PAGES) + 1):
        if time.monotonic() - started - notes.seconds > MAX_SECONDS:
            break
        heartbeat.beat(number - 1, count)
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            continue  # counted below as a page that was not read
        again = _reread(page, number, notes) if number in recognise else []
        read = Page(number=number, lines=tuple(again)) if again else _read_page(page, number, second, notes)
        pages.append(read)
        page.close()
    return Reading(
        pages=tuple(pages),
        media_type=_MEDIA_TYPE,
        reader="+".join(["pdf", *sorted(notes.engines)]),
        warnings=tuple(_warnings(count, len(pages), notes)),
        metadata=_metadata(document),
    )


def _metadata(document: Any) -> dict[str, str]:
    found = document.get_metadata_dict(skip_empty=True)
    return {key.lower(): value for key, value in found.items() if value.strip("\x00 ")}


# ── one page ──────────────────────────────────────────────────────────────────────────


def _read_page(page: Any, number: int, second: pdf_text.SecondOpinion, notes: _Notes) -> Page:
    drawn = pdf_glyphs.drawn(page)
    sight = pdf_hidden.sight(page, drawn)
    if sight.hidden.sum() >= _A_WORD:
        notes.hidden.append(number)
    seen = drawn.kept(~sight.hidden)
    lines = list(pdf_text.lines(pdf_text.without_shadows(seen), number))
    length = sum(len(line.text) for line in lines)
    trust = _trust(lines)
    if length >= _TELLING and trust < quality.POOR:
        lines, trust = _better(lines, trust, seen, number, second, notes)
    if length < _TELLING or trust < quality.POOR or _bare(page, sight, lines):
        lines = _looked_at(page, number, lines, trust, sight, notes)
    elif sight.layer:
        notes.layered.append(number)
    rules = () if page.get_rotation() else tuple(Box(number, *box) for box in sight.rules)
    return Page(number=number, lines=tuple(lines), rules=rules)


def _reread(page: Any, number: int, notes: _Notes) -> list[Line]:
    """All of a page by recognition, whatever text it holds."""
    if not _shows_anything(page):
        return []
    started = time.monotonic()
    found = _recognised(page, number)
    notes.seconds += time.monotonic() - started
    _note(number, (), found, True, notes)
    return found


def _trust(lines: Sequence[Line]) -> float:
    return quality.trust("\n".join(line.text for line in lines))


def _better(
    lines: list[Line],
    trust: float,
    seen: pdf_glyphs.Glyphs,
    number: int,
    second: pdf_text.SecondOpinion,
    notes: _Notes,
) -> tuple[list[Line], float]:
    """The most trustworthy of: the lines, their characters taken for bytes, and pdfminer's."""
    best = (trust, 0, lines, "")
    others = second.chars(number)
    for rank, (engine, found) in enumerate(
        (
            ("bytes", pdf_text.from_bytes(seen.chars())),
            ("pdfminer", others),
            ("pdfminer", pdf_text.from_bytes(others)),
        )
    ):
        read = list(pdf_text.lines(pdf_text.without_shadows(pdf_glyphs.glyphs_of(found)), number))
        if sum(len(line.text) for line in read) >= _TELLING:
            best = max(best, (_trust(read), -rank - 1, read, engine), key=lambda one: one[:2])
    if best[3]:
        notes.engines.add(best[3])
    return best[2], best[0]


# ── pages that are looked at ──────────────────────────────────────────────────────────


def _bare(
    page: Any, sight: pdf_hidden.Sight, lines: Sequence[Line]
) -> list[tuple[float, float, float, float]]:
    """The page's larger pictures that hold no text: what is written in them has to be recognised."""
    if sight.layer or not sight.pictures:
        return []
    width, height = page.get_size()
    little = sum(len(line.text) for line in lines) < _LITTLE_TEXT
    least = (_PICTURE if little else _MOST) * width * height
    return [
        box
        for box in sight.pictures
        if (box[2] - box[0]) * (box[3] - box[1]) >= least and sum(_within(line, box) for line in lines) < 3
    ]


def _within(line: Line, box: tuple[float, float, float, float]) -> bool:
    assert line.box is not None
    x, y = (line.box.x0 + line.box.x1) / 2, (line.box.y0 + line.box.y1) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _looked_at(
    page: Any, number: int, lines: list[Line], trust: float, sight: pdf_hidden.Sight, notes: _Notes
) -> list[Line]:
    """The page's lines with what recognition reads in its pictures, or all of the page by recognition."""
    length = sum(len(line.text) for line in lines)
    sound = bool(lines) and (trust >= quality.POOR or length < _TELLING)
    bare = _bare(page, sight, lines)
    if sound and length < _TELLING:
        bare = [(0.0, 0.0, *page.get_size())]  # a number on a page that is drawn, not written
    if (sound and not bare) or not _shows_anything(page):
        return lines
    if notes.seconds > MAX_RECOGNITION_SECONDS:
        (notes.garbled if lines else notes.unread).append(number)
        return lines
    started = time.monotonic()
    found = _recognised(page, number)
    notes.seconds += time.monotonic() - started
    if sound:
        found = [
            line for line in found if any(_within(line, box) for box in bare) and not _overlaps(line, lines)
        ]
        enough = _LINES_IN_PICTURE if length >= _LITTLE_TEXT else 1
        found = found if len(found) >= enough else []
    elif _trust(found) * _sureness(found) <= trust and lines:
        found = []
    _note(number, lines, found, sound, notes)
    return _inserted(lines, found, bare) if sound else (found or lines)


def _note(number: int, lines: Sequence[Line], found: Sequence[Line], sound: bool, notes: _Notes) -> None:
    if found:
        notes.recognised.append(number)
        notes.engines.add("ocr")
        if any(UNSURE in line.text for line in found):
            notes.doubtful.append(number)
    elif not sound:
        (notes.garbled if lines else notes.unread).append(number)


def _sureness(lines: Sequence[Line]) -> float:
    length = sum(len(line.text) for line in lines)
    return sum(len(line.text) * line.sure for line in lines) / length if length else 0.0


def _shows_anything(page: Any) -> bool:
    """Whether the page, as it is shown, is of more than one colour."""
    scale = min(0.5, 1000 / max(page.get_size()))
    shown = page.render(scale=scale, grayscale=True).to_numpy()
    return int(shown.max()) - int(shown.min()) >= 16


def _recognised(page: Any, number: int) -> list[Line]:
    from ingest.readers import ocr  # loads the models: only for files that have something to recognise

    scale = min(_DOTS_PER_POINT, _LONGEST_SIDE / max(page.get_size()))
    picture = page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]
    return ocr.lines(picture, page=number, points=1 / scale)[0]


def _overlaps(line: Line, others: Sequence[Line]) -> bool:
    """Whether the text layer says already what stands here."""
    assert line.box is not None
    return any(
        other.box is not None
        and min(line.box.x1, other.box.x1) > max(line.box.x0, other.box.x0)
        and min(line.box.y1, other.box.y1) - max(line.box.y0, other.box.y0)
        > 0.5 * min(line.box.y1 - line.box.y0, other.box.y1 - other.box.y0)
        for other in others
    )


def _inserted(
    lines: Sequence[Line], found: Sequence[Line], bare: Sequence[tuple[float, float, float, float]]
) -> list[Line]:
    """Each picture's lines after the text that begins above the first of them."""
    merged = list(lines)
    left = list(found)
    for box in sorted(bare, key=lambda one: one[1]):
        inside = [line for line in left if _within(line, box)]
        if not inside:
            continue
        left = [line for line in left if not _within(line, box)]
        top = min(line.box.y0 for line in inside if line.box)
        above = [at for at, line in enumerate(merged) if line.box and line.box.y0 < top]
        place = max(above, default=-1) + 1
        merged[place:place] = inside
    return merged


# ── warnings ──────────────────────────────────────────────────────────────────────────


def _warnings(count: int, read: int, notes: _Notes) -> Iterator[str]:
    if notes.recognised:
        yield f"第 {_listed(notes.recognised)} 页是扫描件或图片，文字由识别（OCR）得到，请对照原件核实。"
    if notes.doubtful:
        yield (
            f"第 {_listed(notes.doubtful)} 页有识别不清的数字或姓名，文中以“{UNSURE}”标出，"
            "不作为答复依据；请对照原件更正后重新加入。"
        )
    if notes.layered:
        yield f"第 {_listed(notes.layered)} 页是扫描件，文字取自它自带的识别层，可能有误，请对照原件核实。"
    if notes.hidden:
        yield f"第 {_listed(notes.hidden)} 页含有看不见的文字（隐藏、白底白字、页面之外或极小），没有读入；请留意文件来源。"
    if notes.unread:
        yield f"第 {_listed(notes.unread)} 页没有文字层，也没有识别出文字；请核对原件。"
    if notes.garbled:
        yield f"第 {_listed(notes.garbled)} 页的字体没有文字编码，读出的可能是乱码，请核对原件。"
    if read < count:
        yield f"共 {count} 页，只读入了 {read} 页；其余页已损坏或超出上限。"


def _listed(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:10])) + (f" 等 {len(numbers)}" if len(numbers) > 10 else "")


# ── damaged files ─────────────────────────────────────────────────────────────────────


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
