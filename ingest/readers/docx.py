"""Word documents (.docx): paragraphs and tables in the document's own order, numbering written out."""

import email
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from corpus.errors import UserError
from ingest.lines import Line, Page, Reading
from ingest.readers import html, image
from ingest.readers import text as plain_text
from ingest.readers.tables import SPANNED, rows_as_text

_DIGITS = "零一二三四五六七八九"
_MAX_LINES = 200_000
_WHOLE = re.compile(r"[0-9]{1,9}")
_SKIPPED = {qn(f"w:{tag}") for tag in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT_BOX = qn("w:txbxContent")
_EMBEDDED = ("text/html", "application/xhtml+xml", "text/plain")
_NOTE_MARKS = (qn("w:footnoteReference"), qn("w:endnoteReference"))
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/%s}%s"
_INLINE, _ANCHOR = (_DRAWING % ("wordprocessingDrawing", name) for name in ("inline", "anchor"))
_BLIP = _DRAWING % ("main", "blip")
#: A picture of text is as large as a few lines of it, and says more than a name on a sign.
_TEXT_AREA = (5 * 360_000) * (2 * 360_000)  # 5 cm by 2 cm, in EMU
_TEXT_LENGTH = 20
_MAX_PICTURES = 60
_MAX_SPAN = 63  # columns that a table of Word's can have
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"


def read(data: bytes, name: str) -> Reading:
    """Paragraphs (headings with their level, automatic numbers written out), table rows, text boxes.

    Pages are counted from the breaks that Word remembered; where it kept none, all is page 1.
    """
    try:
        document = docx.Document(io.BytesIO(data))
        body = document.element.body
    except Exception as error:  # python-docx raises whatever zipfile, lxml and opc raise on broken input
        raise UserError(
            "Word 文档已损坏，打不开。", "请用 Word 或 WPS 打开原件，另存为 .docx 后重新加入。"
        ) from error
    walk = _Walk(_Numbering(document), _heading_levels(document), document.part)
    lines = walk.lines(body)
    return Reading(
        pages=_pages(lines),
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        reader="docx",
        warnings=tuple(_warnings(body, lines, walk)),
        metadata=_metadata(document),
    )


def _warnings(body: Any, lines: list[Line], walk: "_Walk") -> Iterator[str]:
    if walk.unread:
        yield "文档里嵌有另一份文档（altChunk），这部分没有读入；请在 Word 里打开，另存为 .docx 后重新加入。"
    if walk.recognised:
        yield f"有 {walk.recognised} 张图片里的文字由识别（OCR）得到，请对照原件核实。"
    if walk.unrecognised:
        yield f"图片太多，有 {walk.unrecognised} 张没有识别其中的文字。"
    if any(_is_hidden(run) for run in body.iter(qn("w:r"))):
        yield "文档里有隐藏文字，没有读入。"
    if not lines and next(body.iter(qn("w:drawing"), qn("w:pict")), None) is not None:
        yield "文档里只有图片，没有可读取的文字。"
    if len(lines) >= _MAX_LINES:
        yield f"文档过长，只读入了前 {_MAX_LINES} 段。"


def _metadata(document: Any) -> dict[str, str]:
    try:
        core = document.core_properties
        found = {"title": core.title, "author": core.author, "created": core.created, "subject": core.subject}
    except Exception:  # properties are a courtesy: a broken date in them costs no document
        return {}
    return {key: str(value) for key, value in found.items() if value}


def _heading_levels(document: Any) -> dict[str, int]:
    """Style id → heading level, from each style's outline level, inherited along ``basedOn``."""
    levels: dict[str, int] = {}
    parents: dict[str, str] = {}
    for style in document.styles.element.iter(qn("w:style")):
        name, key = style.find(qn("w:name")), style.get(qn("w:styleId")) or ""
        outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        based = style.find(qn("w:basedOn"))
        if based is not None:
            parents[key] = based.get(qn("w:val")) or ""
        label = ((name.get(qn("w:val")) or "") if name is not None else "").lower()
        if outline is not None and (value := _whole(outline.get(qn("w:val")), 9)) < 9:
            levels[key] = value + 1
        elif label.startswith(("heading ", "标题 ")) and (level := _whole(label.split()[-1], 0)):
            levels[key] = level
        elif label == "title":
            levels[key] = 1
    for key, parent in parents.items():
        if parent in levels:
            levels.setdefault(key, levels[parent])
    return levels


class _Walk:
    """One pass over the body; counts pages, list numbers and embedded parts it could not read as it goes."""

    def __init__(self, numbering: "_Numbering", levels: dict[str, int], part: Any) -> None:
        self._numbering = numbering
        self._levels = levels
        self._part = part
        self._page = 1
        self._notes = _notes(part)
        self._seen: set[str] = set()
        self.unread = 0
        self.recognised = 0
        self.unrecognised = 0

    def lines(self, body: Any) -> list[Line]:
        found: list[Line] = []
        for line in self._block(body):
            found.append(line)
            if len(found) >= _MAX_LINES:
                break
        return found

    def _block(self, node: Any) -> Iterator[Line]:
        for child in node:
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag == qn("w:altChunk"):
                yield from self._embedded(child)
            elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
                yield from self._block(child)

    def _embedded(self, node: Any) -> Iterator[Line]:
        """A part in another format that Word takes in when it opens the document: web page or plain text."""
        try:
            part = self._part.related_parts[node.get(qn("r:id"))]
            found = _embedded_lines(part.blob, part.content_type)
        except (KeyError, AttributeError, UserError):
            found = []
        self.unread += not found
        yield from (replace(line, page=self._page, whole=True, blank_before=True) for line in found)

    def _paragraph(self, node: Any) -> Iterator[Line]:
        style = _value(node, "w:pPr/w:pStyle")
        if style.lower().startswith("toc") and style[3:].strip().isdigit():
            return  # a generated table of contents repeats the headings
        text, breaks = _text(node)
        start = self._page
        self._page += breaks
        number = self._numbering.next(node, style) if text.strip() else ""
        level = self._levels.get(style, 0)
        if outline := _value(node, "w:pPr/w:outlineLvl"):
            level = value + 1 if (value := _whole(outline, 9)) < 9 else 0
        pieces = [piece.strip() for piece in (number + text.strip()).split("\n")]
        for piece in pieces:
            if piece:
                yield Line(text=piece, page=start, level=level, whole=True, blank_before=True)
        for box in _text_boxes(node):
            yield from self._block(box)
        for reference in node.iter(*_NOTE_MARKS):
            if note := self._notes.get((reference.tag, reference.get(qn("w:id")) or "")):
                yield Line(text=f"注：{note}", page=start, whole=True, blank_before=True)
        yield from self._pictures(node)

    def _pictures(self, node: Any) -> Iterator[Line]:
        """What is written in pictures the size of a text; photographs and logos have none, or little."""
        for drawing in node.iter(_INLINE, _ANCHOR):
            blip = next(drawing.iter(_BLIP), None)
            key = (blip.get(qn("r:embed")) or "") if blip is not None else ""
            if not key or key in self._seen or _area(drawing) < _TEXT_AREA:
                continue
            self._seen.add(key)
            if len(self._seen) > _MAX_PICTURES:
                self.unrecognised += 1
                continue
            part = self._part.related_parts.get(key)
            found = image.embedded(part.blob, page=self._page) if part is not None else []
            if sum(len(line.text) for line in found) >= _TEXT_LENGTH:
                self.recognised += 1
                yield from (replace(line, box=None, blank_before=not n) for n, line in enumerate(found))

    def _table(self, node: Any) -> Iterator[Line]:
        rows = [_cells(row) for row in node.iter(qn("w:tr"))]
        start = self._page
        widest = max((len(row) for row in rows), default=0)
        if widest <= 1 or next(node.iterdescendants(qn("w:tbl")), None) is not None:
            for cell in node.iter(qn("w:tc")):
                yield from self._block(cell)
            return
        for text in rows_as_text(_grid(rows)):
            yield Line(text=text, page=start, whole=True, blank_before=True)
        yield from self._pictures(node)


def _embedded_lines(data: bytes, content_type: str) -> list[Line]:
    """The lines of an embedded part; none where it is neither a web page (alone or as MHTML) nor text."""
    if content_type == "message/rfc822":
        for part in email.message_from_bytes(data).walk():
            payload = part.get_payload(decode=True)
            known = "Content-Type" in part and part.get_content_type() in _EMBEDDED
            if known and isinstance(payload, bytes):
                return _embedded_lines(payload, part.get_content_type())
    if content_type == "text/plain":
        return plain_text.read(data, "").lines
    return html.whole_page(data) if content_type in _EMBEDDED else []


def _cells(row: Any) -> list[Any]:
    """The row's cells, those that a content control wraps as well."""
    return [
        cell
        for part in row
        for cell in ([part] if part.tag == qn("w:tc") else part.iter(qn("w:tc")))
        if cell.tag == qn("w:tc")
    ]


def _grid(rows: list[list[Any]]) -> list[list[str]]:
    """The cells' texts by row and column: merged down, the value again; merged across, a mark."""
    grid: list[list[str]] = []
    for cells in rows:
        above, row = (grid[-1] if grid else []), list[str]()
        for cell in cells:
            text = _text(cell)[0]
            merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            if merge is not None and merge.get(qn("w:val")) != "restart" and len(row) < len(above):
                text = above[len(row)]
            span = min(_whole(_value(cell, "w:tcPr/w:gridSpan"), 1), _MAX_SPAN)
            row += [text, *[SPANNED] * (span - 1)]
        grid.append(row)
    return grid


def _notes(part: Any) -> dict[tuple[str, str], str]:
    """Footnotes and endnotes by the tag of their mark and their id."""
    found: dict[tuple[str, str], str] = {}
    for relation in part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind not in ("footnotes", "endnotes") or relation.is_external:
            continue
        root = _root(relation.target_part.blob)
        mark = qn(f"w:{kind[:-1]}Reference")
        for note in root:
            if note.get(qn("w:type")) in (None, "normal") and (text := " ".join(_text(note)[0].split())):
                found[mark, note.get(qn("w:id")) or ""] = text
    return found


def _root(part: bytes) -> Any:
    try:
        return parse_xml(part)
    except Exception:  # lxml raises kinds of its own; damaged notes cost no document
        return ()


def _area(drawing: Any) -> int:
    """How large a picture is drawn, in square EMU; 0 where nothing is said."""
    extent = next((child for child in drawing if child.tag.endswith("}extent")), None)
    return 0 if extent is None else _whole(extent.get("cx"), 0) * _whole(extent.get("cy"), 0)


def _is_hidden(run: Any) -> bool:
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return vanish is not None and vanish.get(qn("w:val")) not in ("0", "false", "off")


def _text(node: Any) -> tuple[str, int]:
    """Visible text below ``node`` and the number of page breaks in it; deleted text stays deleted."""
    parts: list[str] = []
    breaks = 0
    for child in node:
        tag = child.tag
        if tag == qn("w:t") or tag == _MATH_TEXT:
            parts.append(child.text or "")
        elif tag == qn("w:tab"):
            parts.append("\t")
        elif tag == qn("w:lastRenderedPageBreak") or (
            tag == qn("w:br") and child.get(qn("w:type")) == "page"
        ):
            breaks += 1
        elif tag in (qn("w:br"), qn("w:cr")):
            parts.append("\n")
        elif tag == qn("w:noBreakHyphen"):
            parts.append("-")
        elif tag not in _SKIPPED and tag not in (_FALLBACK, _TEXT_BOX) and not _is_hidden(child):
            text, more = _text(child)
            parts.append(text + ("\n" if tag == qn("w:p") else ""))
            breaks += more
    return "".join(parts).replace("\t", " "), breaks


def _text_boxes(node: Any) -> list[Any]:
    return [
        box
        for box in node.iter(_TEXT_BOX)
        if not any(up.tag in (_FALLBACK, _TEXT_BOX) for up in box.iterancestors())
    ]


def _value(node: Any, path: str) -> str:
    found = node.find("/".join(qn(step) for step in path.split("/")))
    return (found.get(qn("w:val")) or "") if found is not None else ""


def _whole(text: str | None, otherwise: int) -> int:
    """A whole number as Word writes it; ``otherwise`` for what a broken file has in its place."""
    return int(text) if text and _WHOLE.fullmatch(text) else otherwise


def _pages(lines: list[Line]) -> tuple[Page, ...]:
    numbers = sorted({line.page for line in lines}) or [1]
    return tuple(
        Page(number=number, lines=tuple(line for line in lines if line.page == number)) for number in numbers
    )


class _Numbering:
    """Automatic list numbers (第一条、（一）、1.), which Word draws but does not store as text."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._styles: dict[str, tuple[str, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return  # a document without lists has no numbering part
        abstract = {node.get(qn("w:abstractNumId")): node for node in root.iter(qn("w:abstractNum"))}
        for num in root.iter(qn("w:num")):
            definition = abstract.get(_value(num, "w:abstractNumId"))
            if definition is not None:
                self._levels[num.get(qn("w:numId")) or ""] = _level_definitions(definition)
        for style in document.styles.element.iter(qn("w:style")):
            if number := _value(style, "w:pPr/w:numPr/w:numId"):
                level = _value(style, "w:pPr/w:numPr/w:ilvl")
                self._styles[style.get(qn("w:styleId")) or ""] = (number, _whole(level, 0))

    def next(self, paragraph: Any, style: str) -> str:
        """The number drawn before this paragraph, ``""`` where there is none."""
        number, level = self._styles.get(style, ("", 0))
        number = _value(paragraph, "w:pPr/w:numPr/w:numId") or number
        own = _value(paragraph, "w:pPr/w:numPr/w:ilvl")
        level = _whole(own, level)
        definition = self._levels.get(number, {}).get(level)
        if definition is None:
            return ""
        style_name, pattern, start = definition
        counts = self._counts.setdefault(number, {})
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [key for key in counts if key > level]:
            del counts[deeper]
        if style_name == "bullet":
            return "• "
        return self._drawn(pattern, self._levels[number], counts)

    def _drawn(self, pattern: str, levels: dict[int, tuple[str, str, int]], counts: dict[int, int]) -> str:
        for level in range(9):
            if f"%{level + 1}" in pattern and level in levels:
                style_name, _, start = levels[level]
                pattern = pattern.replace(f"%{level + 1}", _written(counts.get(level, start), style_name))
        return pattern if not pattern or pattern.endswith(("、", "）", ")", "．")) else f"{pattern} "


def _level_definitions(definition: Any) -> dict[int, tuple[str, str, int]]:
    levels = {}
    for node in definition.iter(qn("w:lvl")):
        start = _value(node, "w:start")
        levels[_whole(node.get(qn("w:ilvl")), 0)] = (
            _value(node, "w:numFmt"),
            _value(node, "w:lvlText"),
            _whole(start, 1),
        )
    return levels


def _written(number: int, style: str) -> str:
    """``number`` as the list's style writes it; styles seen in Chinese documents."""
    if style.startswith(("chinese", "ideograph", "japanese", "taiwanese")):
        return _chinese(number)
    if style == "decimalEnclosedCircle" and 1 <= number <= 20:
        return chr(0x245F + number)
    if style in ("lowerLetter", "upperLetter"):
        return chr((97 if style == "lowerLetter" else 65) + (number - 1) % 26)
    return "" if style == "none" else str(number)


def _chinese(number: int) -> str:
    """1–9999 as Chinese numerals: 12 → 十二, 105 → 一百零五."""
    out, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit) if unit > 1 else (number, 0)
        if digit:
            out += ("零" if zero and out else "") + _DIGITS[digit % 10] + name
        zero = not digit
    return out.removeprefix("一") if out.startswith("一十") else out
