"""Tables as sentences: a row says what each of its cells is, so that it can be found and quoted alone."""

from collections.abc import Sequence

_HEADER_CELL = 30


def rows_as_text(rows: Sequence[Sequence[str]]) -> list[str]:
    """One text a row: ``"项目：慰问金；标准：500元"`` where the first row is a header.

    A table of one column, or one whose first row is no header, gives its cells joined
    by ``"；"``. Empty rows and cells are left out.
    """
    filled = [[" ".join(cell.split()) for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return []
    head, body = filled[0], filled[1:]
    if not _is_header(head, body):
        return [_plain(row) for row in filled]
    return [_named(head, row) for row in body]


def _is_header(head: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Short, different names over every column; figures are values, not names."""
    return (
        len(head) > 1
        and bool(body)
        and all(0 < len(cell) <= _HEADER_CELL for cell in head)
        and len(set(head)) == len(head)
        and not any(cell[:1].isdigit() or cell.endswith(("。", "：", ":")) for cell in head)
        and all(len(row) <= len(head) for row in body)
    )


def _named(head: Sequence[str], row: Sequence[str]) -> str:
    if len([cell for cell in row if cell]) == 1 and len(row) < len(head):
        return _plain(row)  # a merged row: a caption between the rows
    return "；".join(f"{name}：{_bare(cell)}" for name, cell in zip(head, row, strict=False) if cell)


def _plain(row: Sequence[str]) -> str:
    cells = [cell for cell in row if cell]
    return "；".join([*(_bare(cell) for cell in cells[:-1]), *cells[-1:]])


def _bare(cell: str) -> str:
    return cell.rstrip("；;")
