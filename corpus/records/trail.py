"""The audit log as people in charge read it: found by who, what and when, checked, and taken away."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from corpus.backup import MANIFEST
from corpus.catalogue import Catalogue
from corpus.errors import UserError
from corpus.records.chain import AuditLine, Head, breaks

#: The columns of an exported log, in this order; a contract.
COLUMNS = AuditLine._fields
_NAMES = ("序号", "时间", "操作人", "操作", "对象", "原来", "改为", "校验码")
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which lines are wanted; what is empty does not narrow.

    ``since`` and ``until`` are ISO dates, both included; ``text`` is a part of the object, of
    what was there before or of what is there after, upper and lower case alike.
    """

    who: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        """Raises ``UserError`` where a day is none."""
        for day in filter(None, (self.since, self.until)):
            try:
                date.fromisoformat(day)
            except ValueError:
                raise UserError(f"“{day}”不是日期。", "请写成 2031-03-05 这样。") from None


class Trail:
    """The audit log of one catalogue. Lines are only ever added, and by whatever they record."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def entries(self, sought: Sought = Sought(), *, limit: int = 0, offset: int = 0) -> list[AuditLine]:
        """The lines that are wanted, the newest first; all of them where ``limit`` is 0."""
        where, parameters = _where(sought)
        with self._catalogue.snapshot():
            return list(self._catalogue.audit(where, parameters, "DESC", limit or -1, offset))

    def count(self, sought: Sought = Sought()) -> int:
        """How many lines are wanted."""
        where, parameters = _where(sought)
        return self._catalogue.audit_count(where, parameters)

    def names(self) -> tuple[list[str], list[str]]:
        """Everybody who did something, and everything that was done, each in the order of the characters."""
        return self._catalogue.audit_values("who"), self._catalogue.audit_values("action")

    def actions(self) -> dict[str, int]:
        """How often each thing was done."""
        return self._catalogue.audit_actions()

    def head(self) -> Head:
        """How many lines there are and the fingerprint of the last: what an outsider may write down."""
        return self._catalogue.audit_head()

    def check(self) -> list[str]:
        """Lines that were altered, removed or cut off, a Chinese sentence each; empty where none was."""
        with self._catalogue.snapshot():
            return breaks(self._catalogue.audit(), self._catalogue.audit_head())

    def check_against(self, exported: Path) -> list[str]:
        """What an earlier export (JSONL or CSV) or backup says otherwise than the log says now, a sentence each.

        Whoever can write the file can forge a whole chain; not a copy that somebody else keeps.
        Raises ``UserError`` where the file is no export.
        """
        held = {line.number: line.chain for line in self.entries()}
        found = []
        for number, chain in _exported(exported):
            if number and number not in held:
                found.append(f"导出文件或备份里的第 {number} 条，现在的审计记录里没有。")
            elif number and held[number] != chain:
                found.append(f"第 {number} 条与导出文件或备份里的不同：现在的审计记录被改写过。")
        return found

    def jsonl(self, sought: Sought = Sought()) -> Iterator[str]:
        """The lines that are wanted, the oldest first, each as a line of JSON with its fingerprint."""
        for line in self._oldest_first(sought):
            yield json.dumps(line._asdict(), ensure_ascii=False) + "\n"

    def csv(self, sought: Sought = Sought()) -> Iterator[str]:
        """The same for spreadsheets: a head in Chinese, no cell that is taken for a formula.

        A mark at the front tells Excel that the text is UTF-8; an apostrophe is put before what
        looks like a formula, so the fingerprint is of the text without it.
        """
        yield "\ufeff" + _row(_NAMES)
        for line in self._oldest_first(sought):
            yield _row([_plain(value) for value in line])

    def export(self, file: Path, sought: Sought = Sought()) -> int:
        """Write the lines that are wanted to a ``.csv`` or ``.jsonl`` file; how many they are.

        Raises ``UserError`` where the file cannot be written or its name ends otherwise.
        """
        forms = {".csv": self.csv, ".jsonl": self.jsonl}
        if file.suffix.lower() not in forms:
            raise UserError(f"不知道导出成什么格式：{file.name}。", "文件名请以 .csv 或 .jsonl 结尾。")
        try:
            with file.open("w", encoding="utf-8", newline="") as held:
                written = sum(1 for row in forms[file.suffix.lower()](sought) if held.write(row))
        except OSError as error:
            raise UserError(f"无法写入文件 {file}。", "请检查文件夹是否存在、是否有写入权限。") from error
        return written - (file.suffix.lower() == ".csv")

    def _oldest_first(self, sought: Sought) -> list[AuditLine]:
        where, parameters = _where(sought)
        return list(self._catalogue.audit(where, parameters))


def _where(sought: Sought) -> tuple[str, list[Any]]:
    """What is sought as SQL over the log, and its parameters."""
    clauses, parameters = ["1"], []
    for column, value in (("who", sought.who), ("action", sought.action)):
        if value:
            clauses.append(f"{column} = ?")
            parameters.append(value)
    if sought.since:
        clauses.append("substr(at, 1, 10) >= ?")
        parameters.append(sought.since)
    if sought.until:
        clauses.append("substr(at, 1, 10) <= ?")
        parameters.append(sought.until)
    if sought.text:
        clauses.append("instr(lower(detail || char(10) || before || char(10) || after), lower(?)) > 0")
        parameters.append(sought.text)
    return " AND ".join(clauses), parameters


def _plain(value: str | int) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(values: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(values)
    return written.getvalue()


def _backed_up(file: Path) -> tuple[int, str]:
    """Number and fingerprint of the last line that a backup had, by its manifest."""
    with zipfile.ZipFile(file) as packed:
        told = json.loads(packed.read(MANIFEST))["audit"]
    return int(told["lines"]), str(told["chain"])


def _exported(file: Path) -> Iterator[tuple[int, str]]:
    """Number and fingerprint of each line of an export, or of the last line that a backup had."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as held:
            if file.suffix.lower() == ".zip":
                yield _backed_up(file)
            elif file.suffix.lower() == ".csv":
                yield from ((int(row[_NAMES[0]]), row[_NAMES[-1]]) for row in csv.DictReader(held))
            else:
                rows = map(json.loads, held)
                yield from ((int(row[COLUMNS[0]]), row[COLUMNS[-1]]) for row in rows)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{file} 不是审计记录的导出文件，也不是备份。",
            "请选择由 python -m corpus audit --export 生成的文件。",
        ) from error
