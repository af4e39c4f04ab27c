"""What offices note of their files: a register beside them, a note beside one, the head of a text.

All say the same in the same words; the note wins over the register, and both over the head.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from corpus.errors import UserError
from corpus.types import KINDS, STATUSES
from ingest import front_matter
from ingest.description.dates import iso_date
from ingest.readers.text import decode

REGISTERS = ("sources.csv", "sources.xlsx")
#: A note on 办法.docx is 办法.docx.yaml.
NOTES = (".yaml", ".yml")
#: What people call the columns.
_CALLED = {
    "file": ("文件", "文件名", "文件名称"),
    "title": ("标题", "题名", "文件标题"),
    "number": ("文号", "发文字号", "发文号"),
    "issuer": ("发文机关", "发文单位", "制定机关", "印发单位"),
    "kind": ("文种", "类型", "种类"),
    "region": ("地区", "地域", "适用地区"),
    "status": ("效力", "状态", "时效性", "效力状态"),
    "published_on": ("发布日期", "公布日期", "成文日期", "印发日期", "发文日期", "date"),
    "effective_on": ("施行日期", "实施日期", "生效日期"),
    "expires_on": ("失效日期", "废止日期", "有效期至"),
}
_KEYS = {name: key for key, names in _CALLED.items() for name in (key, *names)}
#: What the national law database, and others, call 现行, 尚未施行 and 已废止.
_STATUSES = {
    "有效": "现行",
    "现行有效": "现行",
    "尚未生效": "尚未施行",
    "失效": "已废止",
    "已失效": "已废止",
    "废止": "已废止",
    "已修订": "已修改",
}


def record(given: Mapping[str, str]) -> dict[str, str]:
    """What was noted, under the names that the program uses; unknown names and empty values are left out."""
    known = {
        _KEYS.get(name.strip().lower().lstrip("\ufeff"), ""): value.strip() for name, value in given.items()
    }
    found = {key: value for key, value in known.items() if key and value}
    if "status" in found:
        found["status"] = _STATUSES.get(found["status"], found["status"])
    return found


def of_head(metadata: Mapping[str, str]) -> dict[str, str]:
    """What the head of a text notes, as far as it can be meant so: heads are written for other programs, too."""
    found = {key: value for key, value in record(metadata).items() if key != "file"}
    usable = {"kind": KINDS, "status": STATUSES}
    return {
        key: value
        for key, value in found.items()
        if value in usable.get(key, (value,)) and _dated(key, value)
    }


def _dated(key: str, value: str) -> bool:
    return not key.endswith("_on") or bool(iso_date(value))


class Registers:
    """The registers and notes of folders, each read once."""

    def __init__(self) -> None:
        self._rows: dict[Path, dict[str, dict[str, str]]] = {}

    def of(self, file: Path, root: Path) -> dict[str, str]:
        """What is noted of a file: its row in the nearest register, from its own folder up to ``root``.

        Raises ``UserError`` for a register or note that cannot be read.
        """
        row: dict[str, str] = {}
        for folder in (file.parent, *file.parent.parents):
            rows = self._in(folder)
            if row := rows.get(file.relative_to(folder).as_posix()) or rows.get(file.name) or {}:
                break
            if folder == root:
                break
        return row | _note(file)

    def _in(self, folder: Path) -> dict[str, dict[str, str]]:
        if folder not in self._rows:
            self._rows[folder] = {}
            for name in reversed(REGISTERS):
                self._rows[folder] |= _rows(folder / name)
        return self._rows[folder]


def _rows(path: Path) -> dict[str, dict[str, str]]:
    """Rows by file name."""
    if not path.is_file():
        return {}
    hint = "请用 Excel 或 WPS 另存为 CSV（逗号分隔）或 XLSX。"
    try:
        table = _table(path)
    except (OSError, csv.Error, UserError) as error:
        raise UserError(f"登记表读不了：{path}。", hint) from error
    head = [cell.strip() for cell in table[0]] if table else []
    rows = [(row, record(dict(zip(head, row, strict=False)))) for row in table[1:]]
    if any(any(row) for row, _ in rows) and "file" not in record(dict.fromkeys(head, "-")):
        raise UserError(f"登记表缺少 file 列：{path}。", "第一行应为列名，file（文件）列写文件名。")
    return {kept.pop("file"): kept for _, kept in rows if "file" in kept}


def _table(path: Path) -> list[list[str]]:
    if path.suffix.lower() == ".xlsx":
        from ingest.readers.sheets import first_table

        return first_table(path.read_bytes())
    text = decode(path.read_bytes()).text
    head = text.split("\n", 1)[0]
    delimiter = max(",\t;，", key=head.count)
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def _note(file: Path) -> dict[str, str]:
    """The note beside a file."""
    for suffix in NOTES:
        note = file.with_name(file.name + suffix)
        if note.is_file():
            try:
                return record(front_matter.pairs(decode(note.read_bytes()).text))
            except (OSError, UserError) as error:
                raise UserError(f"说明文件读不了：{note}。", "请用记事本另存为 UTF-8 文本。") from error
    return {}
