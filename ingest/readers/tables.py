"""Tables as sentences: a row says what each of its cells is, so that it can be found and quoted alone."""

from collections.abc import Sequence

#: What a cell holds that the one on its left reaches into.
SPANNED = "\0"
_HEADER_CELL = 30


def rows_as_text(rows: Sequence[Sequence[str]]) -> list[str]:
    """One text a row: ``"项目：慰问金；标准：500元"`` where the first row is a header.

    Rows of one value above the header (a title, a unit) stand alone, and so do rows that
    one cell spans. A header of two rows names its columns ``"金额·2024年"``. A table of one
    column, or one without a header, gives its cells joined by ``"；"``. Empty rows and
    cells are left out. Readers mark the further cells of a horizontal span ``SPANNED`` and
    repeat the value of a vertical one.
    """
    filled = [[" ".join(cell.split()) for cell in row] for row in rows if any(map(_value, row))]
    top = 0
    while top + 2 < len(filled) and len(list(filter(_value, filled[top]))) == 1 < len(filled[top]):
        top += 1
    captions, table = filled[:top], filled[top:]
    if not table:
        return []
    head, body = _headed(table)
    if not _is_header(head, body):
        return [_plain(row) for row in filled]
    return [_plain(row) for row in captions] + [_named(head, row) for row in body if row != head]


def _value(cell: str) -> str:
    return cell.strip().strip(SPANNED)


def _headed(table: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Header and rows; a header with a span takes in the row below, which tells its columns apart."""
    head, body = _spread(table[0]), table[1:]
    if len(body) > 1 and len(body[0]) == len(head) > len(set(head)):
        both = [
            upper if upper == lower or not lower else f"{upper}·{lower}" if upper else lower
            for upper, lower in zip(head, _spread(body[0]), strict=True)
        ]
        if _is_header(both, body[1:]):
            return both, body[1:]
    return head, body


def _spread(row: Sequence[str]) -> list[str]:
    """A row with each span's value in all its cells."""
    cells: list[str] = []
    for cell in row:
        cells.append(cells[-1] if cell == SPANNED and cells else cell)
    return cells


def _is_header(head: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Short, different names over every column; figures are values, not names."""
    return (
        len(head) > 1
        and bool(body)
        and all(0 < len(cell) <= _HEADER_CELL for cell in head)
        and len(set(head)) == len(head)
        and not any(_is_figure(cell) or cell.endswith(("。", "：", ":")) for cell in head)
        and all(len(row) <= len(head) for row in body)
    )


def _is_figure(cell: str) -> bool:
    """Whether a cell holds a value; a year names the column below it."""
    return cell[:1].isdigit() and not (cell[:4].isdigit() and cell[4:5] == "年")


def _named(head: Sequence[str], row: Sequence[str]) -> str:
    values = [cell for cell in row if _value(cell)]
    if len(values) == 1 and (len(row) < len(head) or SPANNED in row):
        return _plain(row)  # a merged row: a caption between the rows
    return "；".join(f"{name}：{_bare(cell)}" for name, cell in zip(head, row, strict=False) if _value(cell))


def _plain(row: Sequence[str]) -> str:
    cells = [cell for cell in row if _value(cell)]
    return "；".join([*(_bare(cell) for cell in cells[:-1]), *cells[-1:]])


def _bare(cell: str) -> str:
    return cell.rstrip("；;")
