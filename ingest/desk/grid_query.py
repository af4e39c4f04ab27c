"""The table's columns and conditions as they stand in addresses.

``q`` are words, ``sort`` is a column (``-`` before it: descending), a column itself is one of the
values chosen in it (again for each), ``has.`` before a column a part of its text, ``from.`` and
``to.`` its least and greatest value.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

from corpus.errors import UserError
from corpus.table.holdings import Query, Row

#: How a column is filtered: by choosing values, by a part of its text, by a span.
Filter = Literal["chosen", "has", "span", "none"]
#: Stands in addresses for a value without text.
NOTHING = "（空）"
_LONGEST = 200
_MOST = 400


class Column(NamedTuple):
    """一栏: of the table. ``width`` in pixels is where it starts; people change it."""

    name: str
    heading: str
    filter: Filter
    width: int


COLUMNS = (
    Column("title", "标题", "has", 300),
    Column("status", "效力", "chosen", 92),
    Column("state", "状态", "chosen", 84),
    Column("kind", "类型", "chosen", 74),
    Column("issuer", "发文机关", "chosen", 180),
    Column("number", "文号", "has", 160),
    Column("published_on", "发布日期", "chosen", 106),
    Column("effective_on", "施行日期", "span", 106),
    Column("region", "地区", "chosen", 96),
    Column("trust", "文字质量", "chosen", 92),
    Column("warnings", "提醒", "span", 66),
    Column("pages", "页数", "span", 66),
    Column("name", "文件名", "has", 240),
    Column("received_at", "收到时间", "span", 142),
    Column("received_by", "收件人", "chosen", 96),
)


def asked(address: str | Iterable[tuple[str, str]]) -> Query:
    """The query that an address asks for. Raises ``UserError`` for what is no condition."""
    try:
        pairs = parse_qsl(address, max_num_fields=_MOST) if isinstance(address, str) else list(address)
    except ValueError:
        raise UserError("筛选条件太多。", "请减少一些条件再试。") from None
    if len(pairs) > _MOST or any(len(value) > _LONGEST for _, value in pairs):
        raise UserError("筛选条件太长。", "请缩短查找的文字再试。")
    given: dict[str, Any] = {"contains": {}, "chosen": {}, "between": {}}
    for name, value in pairs:
        _take(given, name, value)
    return Query(**given)


def _take(given: dict[str, Any], name: str, value: str) -> None:
    how, dot, column = name.partition(".")
    if name == "q":
        given["text"] = value
    elif name == "sort":
        given["sort"], given["descending"] = value.removeprefix("-"), value.startswith("-")
    elif dot and how == "has":
        given["contains"][column] = value
    elif dot and how in ("from", "to"):
        low, high = given["between"].get(column, ("", ""))
        given["between"][column] = (value, high) if how == "from" else (low, value)
    else:
        given["chosen"].setdefault(name, []).append("" if value == NOTHING else value)


def cells(row: Row) -> dict[str, Any]:
    """A row as the page takes it."""
    return row._asdict()


def table(rows: Iterable[Row]) -> Iterable[Sequence[Any]]:
    """Headings, then the rows, as they stand in a spreadsheet."""
    yield [column.heading for column in COLUMNS]
    for row in rows:
        yield [getattr(row, column.name) for column in COLUMNS]
