"""Newspaper sheets into PDF: printed by Chromium as people's programs do, or written directly where none is at hand."""

import html
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pypdf

from ingest.tests.compositor import Area, Mark, Sheet, ems
from ingest.tests.pdfs import Run, make_pdf


def written(page: Sheet) -> bytes:
    """The page's type and rules by our own small writer, without pictures."""
    runs: list[Run] = []
    for mark in page.marks:
        if mark.upright:
            runs += [
                Run(mark.x, mark.y + (n + 0.88) * 1.05 * mark.size, char, mark.size)
                for n, char in enumerate(mark.text)
            ]
        else:
            runs.append(Run(mark.x, mark.y + 0.88 * mark.size, mark.text, mark.size))
    return make_pdf([runs], width=int(page.width), height=int(page.height), boxes=page.frames)


def printed(pages: Sequence[Sheet], folder: Path, chromium: str = "") -> list[Path]:
    """Each page as ``<name>.pdf`` in the folder, all printed in one go. Raises ``OSError`` without Chromium."""
    program = chromium or shutil.which("chromium") or shutil.which("google-chrome") or ""
    with tempfile.TemporaryDirectory() as work:
        source, target = Path(work) / "pages.html", Path(work) / "pages.pdf"
        source.write_text(_document(pages), "utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        subprocess.run(
            [program, *flags, f"--print-to-pdf={target}", source.as_uri()],
            check=True,
            capture_output=True,
            timeout=300,
        )
        reader = pypdf.PdfReader(target)
        return [_parted(reader, n, folder / f"{page.name}.pdf") for n, page in enumerate(pages)]


def _parted(reader: pypdf.PdfReader, number: int, path: Path) -> Path:
    writer = pypdf.PdfWriter()
    writer.add_page(reader.pages[number])
    writer.write(path)
    return path


def _document(pages: Sequence[Sheet]) -> str:
    sizes = {(page.width, page.height) for page in pages}
    rules = "".join(f"@page s{w:.0f} {{size: {w}pt {h}pt; margin: 0}}" for w, h in sizes)
    style = f"""{rules} body {{margin: 0}} section {{position: relative; overflow: hidden; break-after: page}}
    b {{position: absolute; white-space: pre; line-height: 1; font-family: 'Noto Sans CJK SC'; font-weight: 400}}
    b.u {{writing-mode: vertical-rl}} i {{position: absolute; box-sizing: border-box}}"""
    return f"<!doctype html><meta charset=utf-8><style>{style}</style>" + "".join(map(_page, pages))


def _page(page: Sheet) -> str:
    boxes = [_box(side, "background: #333") for area in page.frames for side in _sides(area)]
    boxes += [_box(area, "background: #ccc") for area in page.pictures]
    lines = [_line(mark) for mark in page.marks]
    place = f"page: s{page.width:.0f}; width: {page.width}pt; height: {page.height - 1}pt"
    return f'<section style="{place}">{"".join(boxes + lines)}</section>'


def _sides(area: Area) -> list[Area]:
    """The four sides of a ruled box, or the one rule: as rectangles, whose place a PDF tells as it is."""
    x0, y0, x1, y1 = area
    upright = [Area(x, y0, x + 0.8, y1) for x in dict.fromkeys((x0, x1 - 0.8 if x1 > x0 else x0))]
    level = [Area(x0, y, x1, y + 0.8) for y in dict.fromkeys((y0, y1 - 0.8 if y1 > y0 else y0))]
    return [side for side in (*upright, *level) if side.x1 > side.x0 and side.y1 > side.y0]


def _box(area: Area, look: str) -> str:
    place = (
        f"left: {area.x0}pt; top: {area.y0}pt; width: {area.x1 - area.x0}pt; height: {area.y1 - area.y0}pt"
    )
    return f'<i style="{place}; {look}"></i>'


def _line(mark: Mark) -> str:
    spread = (mark.width - ems(mark.text) * mark.size) / len(mark.text) if mark.width else 0.0
    spread = 0.05 * mark.size if mark.upright else spread
    place = f"left: {mark.x:.2f}pt; top: {mark.y:.2f}pt; font-size: {mark.size:.2f}pt; letter-spacing: {spread:.3f}pt"
    kind = ' class="u"' if mark.upright else ""
    return f'<b{kind} style="{place}">{html.escape(mark.text)}</b>'
