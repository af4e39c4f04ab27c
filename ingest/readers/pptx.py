"""Presentations (.pptx): titles, text boxes and tables of each slide, then the speaker's notes."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pptx
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.shapes.picture import Picture

from corpus.errors import UserError
from ingest.lines import Line, Page, Reading
from ingest.readers import image
from ingest.readers.tables import SPANNED, rows_as_text
from ingest.workers import heartbeat

MAX_SLIDES = 2000
_DEEPEST_GROUP = 20
_TEXT_AREA = (5 * 360_000) * (2 * 360_000)  # 5 cm by 2 cm, in EMU
_TEXT_LENGTH = 20
_FURNITURE = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)


def read(data: bytes, name: str) -> Reading:
    """A page a slide: its title as a heading, the rest from top to bottom; hidden slides are left out."""
    try:
        slides = list(pptx.Presentation(io.BytesIO(data)).slides)
    except Exception as error:  # python-pptx raises whatever zipfile, lxml and opc raise on broken input
        raise UserError(
            "演示文稿已损坏，打不开。", "请用 PowerPoint 或 WPS 打开原件，另存为 .pptx 后重新加入。"
        ) from error
    pages, hidden, broken = [], 0, 0
    for number, slide in enumerate(slides[:MAX_SLIDES], start=1):
        if slide.element.get("show") == "0":
            hidden += 1
            continue
        try:
            pages.append(Page(number=number, lines=tuple(_slide(slide, number))))
        except Exception:  # one damaged slide costs itself
            broken += 1
        heartbeat.beat()
    return Reading(
        pages=tuple(pages) or (Page(number=1, lines=()),),
        media_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
        reader="pptx",
        warnings=tuple(_warnings(len(slides), hidden, broken)),
    )


def _warnings(slides: int, hidden: int, broken: int) -> Iterator[str]:
    if hidden:
        yield f"有 {hidden} 张幻灯片设为隐藏，没有读入。"
    if broken:
        yield f"有 {broken} 张幻灯片已损坏，没有读入。"
    if slides > MAX_SLIDES:
        yield f"共 {slides} 张幻灯片，只读入了前 {MAX_SLIDES} 张。"


def _slide(slide: Any, page: int) -> Iterator[Line]:
    title = slide.shapes.title
    if title is not None and (text := " ".join(title.text_frame.text.split())):
        yield Line(text=text, page=page, level=1, whole=True, blank_before=True)
    shapes = [shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id]
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        yield from _shape(shape, page, 0)
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
        texts = list(_paragraphs(frame))
        for at, text in enumerate(texts):
            yield Line(text=text if at else f"备注：{text}", page=page, whole=True, blank_before=True)


def _shape(shape: Any, page: int, depth: int) -> Iterator[Line]:
    if shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
        return
    if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
        for inner in shape.shapes if depth < _DEEPEST_GROUP else ():
            yield from _shape(inner, page, depth + 1)
    elif getattr(shape, "has_table", False):
        for text in rows_as_text([[_cell(cell) for cell in row.cells] for row in shape.table.rows]):
            yield Line(text=text, page=page, whole=True, blank_before=True)
    elif isinstance(shape, Picture):
        yield from _picture(shape, page)
    elif shape.has_text_frame:
        for text in _paragraphs(shape.text_frame):
            yield Line(text=text, page=page, whole=True, blank_before=True)


def _picture(shape: Any, page: int) -> Iterator[Line]:
    """What is written in a picture the size of a text; a photograph or a logo has little of it."""
    if shape.width * shape.height < _TEXT_AREA:
        return
    try:
        data = shape.image.blob
    except (KeyError, ValueError, AttributeError):
        return  # linked, not embedded
    found = image.embedded(data, page=page)
    if sum(len(line.text) for line in found) >= _TEXT_LENGTH:
        yield from (replace(line, box=None, blank_before=not n) for n, line in enumerate(found))


def _cell(cell: Any) -> str:
    """A table cell's text; ``SPANNED`` where the cell on its left reaches into it."""
    return SPANNED if cell.is_spanned and not cell.text else cell.text


def _paragraphs(frame: Any) -> Iterator[str]:
    for paragraph in frame.paragraphs:
        for text in paragraph.text.split("\v"):
            if text.strip():
                yield text.strip()
