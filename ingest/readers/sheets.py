"""Spreadsheets (.xlsx, .xls, .xlsb, .ods) and CSV: each row a sentence with its column names."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

from corpus.errors import UserError
from ingest.lines import Line, Page, Reading
from ingest.readers.tables import SPANNED, rows_as_text
from ingest.readers.text import decode
from ingest.workers import heartbeat

MAX_CELLS = 5_000_000
MAX_ROWS = 100_000
_MAX_SHEETS = 200
_DELIMITERS = (",", "\t", ";")
_SAMPLE_ROWS = 20


def read(data: bytes, name: str) -> Reading:
    """A page a sheet, hidden ones left out; the sheet's name heads it where there are several."""
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
    except python_calamine.PasswordError as error:
        raise UserError(
            "这份表格设有打开密码，读不了。", "请在 Excel 或 WPS 里取消密码，另存后重新加入。"
        ) from error
    except Exception as error:  # each format brings its own kinds of damage
        raise UserError(
            "表格已损坏，打不开。", "请用 Excel 或 WPS 打开原件，另存为 .xlsx 后重新加入。"
        ) from error
    shown = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    warnings = []
    if hidden := len(book.sheets_metadata) - len(shown):
        warnings.append(f"有 {hidden} 张工作表是隐藏的或没有单元格（如图表），没有读入。")
    pages: list[Page] = []
    for number, title in enumerate(shown[:_MAX_SHEETS], start=1):
        lines, told = _sheet(book, title, number, headed=len(shown) > 1)
        pages.append(Page(number=number, lines=tuple(lines)))
        warnings += told
        heartbeat.beat()
    return Reading(
        pages=tuple(pages) or (Page(number=1, lines=()),),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        reader="sheets",
        warnings=tuple(warnings),
    )


def first_table(data: bytes) -> list[list[str]]:
    """The cells of the first sheet, as people write them. Raises ``UserError`` for what is no workbook."""
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=True, nrows=MAX_ROWS)
    except Exception as error:  # each format brings its own kinds of damage
        raise UserError("表格已损坏，打不开。", "请用 Excel 或 WPS 另存为 .xlsx。") from error
    return [[_written(cell) for cell in row] for row in rows]


def _sheet(book: Any, title: str, page: int, *, headed: bool) -> tuple[list[Line], list[str]]:
    try:
        sheet = book.get_sheet_by_name(title)
        cells = sheet.total_height * sheet.total_width
        if cells > MAX_CELLS:
            return [], [f"工作表“{title}”有 {cells} 个单元格，超过 {MAX_CELLS} 的上限，没有读入。"]
        rows = sheet.to_python(skip_empty_area=False, nrows=MAX_ROWS)
        grid = [[_written(cell) for cell in row] for row in rows]
        _spread(grid, sheet.merged_cell_ranges or [])
    except Exception:  # one damaged sheet costs itself
        return [], [f"工作表“{title}”已损坏，没有读入。"]
    texts = [text for block in _blocks(grid) for text in rows_as_text(block)]
    lines = [Line(text=text, page=page, whole=True, blank_before=True) for text in texts]
    if lines and headed:
        lines.insert(0, Line(text=title, page=page, level=2, whole=True, blank_before=True))
    cut = sheet.total_height > MAX_ROWS
    return lines, [f"工作表“{title}”只读入了前 {MAX_ROWS} 行。"] if cut else []


def _spread(grid: list[list[str]], spans: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Put the value of a merged cell into its further rows, and a mark into its further columns."""
    for (top, left), (bottom, right) in spans:
        if top >= len(grid) or left >= len(grid[top]) or not (value := grid[top][left]):
            continue
        for row in grid[top : bottom + 1]:
            row[left : right + 1] = [value, *[SPANNED] * (min(right + 1, len(row)) - left - 1)]


def _blocks(grid: Sequence[Sequence[str]]) -> Iterator[list[list[str]]]:
    """The tables of a sheet, parted by empty rows, each without its empty columns."""
    block: list[Sequence[str]] = []
    for row in [*grid, []]:
        if any(row):
            block.append(row)
        elif block:
            used = [column for column in range(len(block[0])) if any(r[column] for r in block)]
            yield [[r[column] for column in used] for r in block]
            block = []


def _written(cell: Any) -> str:
    """A cell as people write it: 500, not 500.0; a day without a midnight."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else f"{cell:.10g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell).strip()


def looks_delimited(text: str, name: str) -> bool:
    """Whether a text is a table of delimited values: row after row as many, three at least, or by its name."""
    rows = [line for line in text.split("\n")[: _SAMPLE_ROWS + 1] if line.strip()][:_SAMPLE_ROWS]
    if name.lower().endswith((".csv", ".tsv")):
        return any(delimiter in row for row in rows for delimiter in _DELIMITERS)
    widths = {len(row) for row in csv.reader(rows, delimiter=_delimiter(text))}
    return len(rows) > 2 and len(widths) == 1 and min(widths) > 2


def read_delimited(data: bytes, name: str) -> Reading:
    """The rows of a CSV or TSV. Raises ``UserError`` for what is no text."""
    decoded = decode(data)
    delimiter = _delimiter(decoded.text)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(decoded.text), delimiter=delimiter):
            rows.append(row)
            if len(rows) >= MAX_ROWS:
                break
    except csv.Error as error:
        raise UserError(
            "CSV 表格已损坏，读不了。", "请用 Excel 或 WPS 打开，另存为 .xlsx 后重新加入。"
        ) from error
    width = max(map(len, rows), default=0)
    grid = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    lines = [
        Line(text=text, whole=True, blank_before=True)
        for block in _blocks(grid)
        for text in rows_as_text(block)
    ]
    cut = (f"表格只读入了前 {MAX_ROWS} 行。",) if len(rows) >= MAX_ROWS else ()
    return Reading(
        pages=(Page(number=1, lines=tuple(lines)),),
        media_type="text/csv",
        reader=f"csv/{decoded.encoding}",
        warnings=(*decoded.warnings, *cut),
    )


def _delimiter(text: str) -> str:
    first = text[:20_000]
    return max(_DELIMITERS, key=first.count)
