"""Question sets as sheets (CSV, XLSX): Chinese headings, drop-downs, an explanation; rows in, rows out.

A row is what a line of JSONL holds, ``{key: value}``. In a cell a line (or “；”) is an entry
and “|” parts wordings of one fact; a backslash takes that meaning from the next character.
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from corpus.errors import UserError

SUFFIXES = (".csv", ".xlsx")
QUESTIONS, GUIDE = "题目", "填写说明"
#: A row whose number begins so is a remark and no question; a column so named is the writer's own.
REMARK = "#"

TYPES = {
    "number": "数字", "list": "列举", "who": "人物", "when": "时间", "where": "地点", "what": "定义", "how": "办法",
    "procedure": "步骤", "clause": "条款", "multi": "多篇", "yesno": "是否", "validity": "效力", "conflict": "冲突",
    "followup": "追问", "unanswerable": "库中没有", "other": "其他",
}  # fmt: skip
OUTCOME_WORDS = {
    "answered": "已回答",
    "conflict": "存在冲突",
    "insufficient": "依据不足",
    "clarify": "需澄清",
}
ANSWERABLE = {"答": True, "拒": False}
_ALSO = {"应答": True, "能答": True, "是": True, "true": True, "1": True,
         "拒答": False, "应拒": False, "不能答": False, "否": False, "false": False, "0": False}  # fmt: skip

_ENTRIES, _WORDINGS = "\n;；", "|｜"
_MOST_IN_A_CELL = 32_767
_HEAD_ROWS = 20
#: So many empty rows end a sheet: offices' programs keep a million formatted ones.
_EMPTY_ROWS = 1000


class Column(NamedTuple):
    """一列: ``rule`` is what people read in the explanation, and when a cell is wrong."""

    key: str
    heading: str
    rule: str
    example: str
    width: int = 16
    choices: tuple[str, ...] = ()
    required: bool = False


COLUMNS = (
    Column("id", "编号", "必须填写，每道题不同；以 # 开头的行不算题。", "1", 10, (), True),
    Column("question", "问题", "必须填写，写职工会怎么问。", "基层工会一届干几年？", 40, (), True),
    Column("answerable", "应答", "填“答”或“拒”：库里有答案的填“答”，没有的填“拒”；不填当作“答”。", "答", 8, tuple(ANSWERABLE)),
    Column("must", "应有的事实", "回答里必须出现的字句，一行（或用；隔开）一个；同一事实的不同说法用 | 隔开。", "三年|3年", 30),
    Column("must_not", "不该出现", "回答里不能出现的字句，一行（或用；隔开）一个。", "四年", 20),
    Column("source", "出处文件", "答案所在文件的文件名或其中几个字，一行（或用；隔开）一个，引到任何一个都算对。", "工会章程", 24),
    Column("article", "文章题目", "答案所在文章的题目或其中几个字。", "中国工会章程", 24),
    Column("clauses", "条款", "答案所在的条款：文件名、空格、第几条第几款，一行（或用；隔开）一条，都要引到；任一条就够的用 | 隔开。", "工会法 第十六条", 24),
    Column("type", "题型", f"从这些里选：{'、'.join(TYPES.values())}；不填当作“其他”。", "数字", 10, tuple(TYPES.values())),
    Column("category", "类别", "报告按它分组，自己起名；不填就用题型。", "组织建设", 14),
    Column("difficulty", "难度", "填“易”“中”“难”，可以不填。", "易", 8, ("易", "中", "难")),
    Column("as_of", "日期", "按哪一天的规定回答，如 2024-05-01；不填是答题当天。", "2024-05-01", 12),
    Column("outcome", "期望结果", f"从这些里选：{'、'.join(OUTCOME_WORDS.values())}；一般不填。", "", 12, tuple(OUTCOME_WORDS.values())),
    Column("history", "前面的对话", "追问的题才填：一行“问：……”，下一行“答：……”，可以有几轮。", "问：工会主席怎么产生？\n答：由选举产生。", 30),
    Column("passages", "给定的段落", "只许根据这些段落回答时才填，一行一段。", "", 30),
    Column("note", "备注", "给自己看的，不参加评分。", "", 20),
)  # fmt: skip
_BY_KEY = {column.key: column for column in COLUMNS}
_KEYS = {name: c.key for c in COLUMNS for name in (c.key, c.heading)}


def heading(key: str) -> str:
    """What the sheet calls a key of a row."""
    return _BY_KEY[key].heading


def rule(key: str) -> str:
    """What may stand in the column of a key."""
    return _BY_KEY[key].rule


# --- reading ---


def read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """``(row number, row)`` of every question, in constant memory; a cell that cannot be
    understood stays as text, for the check of the row to find.

    Raises UserError where the file is no such sheet or a heading is not known.
    """
    rows = _table(path)
    keys = _headings(rows, path.name)
    for number, cells in rows:
        texts = {key: text for key, text in zip(keys, cells, strict=False) if key and text}
        if any(texts.values()) and not texts.get("id", "").startswith(REMARK):
            yield number, {key: _READ.get(key, str)(text) for key, text in texts.items()}


def _headings(rows: Iterator[tuple[int, list[str]]], name: str) -> list[str]:
    """The key of each column, ``""`` for the writer's own."""
    for number, cells in rows:
        bare = [re.sub(r"[（(].*|\*|\s", "", cell) for cell in cells]
        if sum(cell in _KEYS for cell in bare) >= 2 and "question" in map(_KEYS.get, bare):
            return [_key(cell, number, name) for cell in bare]
        if number >= _HEAD_ROWS:
            break
    raise UserError(f"{name} 里找不到标题行：没有写着“编号”“问题”的一行。", "请下载模板，在模板里填写题目。")


def _key(cell: str, number: int, name: str) -> str:
    if not cell or cell.startswith(REMARK):
        return ""
    if cell in _KEYS:
        return _KEYS[cell]
    near = get_close_matches(cell, [c.heading for c in COLUMNS], 1, 0.5)
    hint = f"您是不是要写“{near[0]}”？" if near else f"可用的列：{'、'.join(c.heading for c in COLUMNS)}。"
    raise UserError(
        f"{name} 第 {number} 行：不认识“{cell}”这一列。", f"{hint}自己用的列，请在列名前加 {REMARK}。"
    )


def _table(path: Path) -> Iterator[tuple[int, list[str]]]:
    table = _workbook(path) if path.suffix.lower() == ".xlsx" else _comma(path)
    empty = 0
    for number, cells in table:
        empty = 0 if any(cells) else empty + 1
        if empty > _EMPTY_ROWS:
            return
        if any(cells):
            yield number, cells


def _workbook(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise UserError(
            f"{path.name} 打不开，不是完好的 XLSX 文件。", "请用 Excel 或 WPS 打开后另存为 .xlsx。"
        ) from error
    try:
        sheet = book[QUESTIONS] if QUESTIONS in book.sheetnames else book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
        for number, row in enumerate(sheet.iter_rows(), 1):
            yield number, [_shown(cell.value, cell.number_format) for cell in row]
    finally:
        book.close()


def _shown(value: Any, number_format: str | None) -> str:
    """A cell's value as the sheet shows it: people type 2% and mean “2%”, not 0.02."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        percent = "%" in (number_format or "")
        plain = f"{value * 100 if percent else value:.15g}"
        return f"{plain}%" if percent else plain
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()


def _comma(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file; Excel also writes GBK, and tabs for commas."""
    with path.open(encoding=encoding_of(path), newline="") as file:
        first = file.readline()
        file.seek(0)
        reader = csv.reader(file, delimiter="\t" if "\t" in first and "," not in first else ",")
        try:
            for cells in reader:
                yield reader.line_num, [_unguarded(cell.strip()) for cell in cells]
        except csv.Error as error:
            raise UserError(
                f"{path.name} 第 {reader.line_num} 行：不是合法的 CSV。", "请用 Excel 或 WPS 打开后另存。"
            ) from error


def encoding_of(path: Path) -> str:
    """The encoding of a text file as Chinese offices write them: UTF-8, UTF-16 with a mark, or GB 18030."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        try:
            while block := file.read(1 << 16):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def _cut(text: str, marks: str) -> list[str]:
    """A cell at its marks; escapes are kept."""
    parts = [""]
    for piece in re.findall(r"\\.|.", text, re.DOTALL):
        if piece in marks:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts if part.strip()]


def _plain(text: str) -> str:
    known = _ENTRIES + _WORDINGS + "\\" + REMARK

    def meant(found: re.Match[str]) -> str:
        return "\n" if found[1] == "n" else found[1] if found[1] in known else found[0]

    return re.sub(r"\\(.)", meant, text)


def _entries(text: str) -> list[str]:
    return [_plain(part) for part in _cut(text, _ENTRIES)]


def _facts(text: str) -> list[list[str]]:
    return [[_plain(wording) for wording in _cut(fact, _WORDINGS)] for fact in _cut(text, _ENTRIES)]


def _turns(text: str) -> list[list[str]] | str:
    """``[[问, 答], …]``, or the text where it is not of that form."""
    lines = [re.fullmatch(r"(问|答)[：:]\s*(.*)", line, re.DOTALL) for line in _cut(text, "\n")]
    said = [(found[1], _plain(found[2])) for found in lines if found]
    if len(said) < len(lines) or [who for who, _ in said] != ["问", "答"] * (len(said) // 2):
        return text
    return [[said[n][1], said[n + 1][1]] for n in range(0, len(said), 2)]


def _day(text: str) -> str:
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else text


_READ: dict[str, Callable[[str], Any]] = {
    "id": _plain,
    "answerable": lambda text: (ANSWERABLE | _ALSO).get(text.lower(), text),
    "must": _facts,
    "must_not": _entries,
    "source": _entries,
    "clauses": _entries,
    "passages": lambda text: [_plain(part) for part in _cut(text, "\n")],
    "history": _turns,
    "as_of": _day,
    "type": lambda text: {word: code for code, word in TYPES.items()}.get(text, text),
    "outcome": lambda text: {word: code for code, word in OUTCOME_WORDS.items()}.get(text, text),
}


# --- writing ---


def write(rows: Iterable[dict[str, Any]], path: Path, *, remarks: Sequence[dict[str, Any]] = ()) -> None:
    """Write rows as a sheet, remarks (examples that are no questions) first.

    Raises UserError where a text does not fit into a cell, or is not one a sheet can hold.
    """
    cells = [[REMARK + _cell(c.key, row) for c in COLUMNS[:1]] + _cells(row)[1:] for row in remarks]
    if path.suffix.lower() == ".xlsx":
        _write_workbook(cells, map(_cells, rows), path)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # Excel knows UTF-8 by its mark
        writer = csv.writer(file)
        writer.writerow([c.heading for c in COLUMNS])
        if remarks:
            writer.writerow([f"{REMARK}说明：{COLUMNS[0].rule}", *(c.rule for c in COLUMNS[1:])])
        writer.writerows(map(_guarded, cells))
        writer.writerows(_guarded(_cells(row)) for row in rows)


def _cells(row: dict[str, Any]) -> list[str]:
    return [_cell(column.key, row) for column in COLUMNS]


def _cell(key: str, row: dict[str, Any]) -> str:
    if key == "answerable":
        return "答" if row.get(key, True) else "拒"
    value = row.get(key)
    return _WRITTEN.get(key, str)(value) if value else ""


def _escaped(text: str, marks: str) -> str:
    return re.sub(rf"[\\{re.escape(marks)}]", r"\\\g<0>", text.replace("\r", "")).replace("\\\n", "\\n")


def _joined(values: Sequence[str]) -> str:
    return "\n".join(_escaped(value, _ENTRIES) for value in values)


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "id": lambda text: f"\\{text}" if text.startswith(REMARK) else text.replace("\\", "\\\\"),
    "must": lambda facts: "\n".join(
        "|".join(_escaped(wording, _ENTRIES + _WORDINGS) for wording in fact) for fact in facts
    ),
    "must_not": _joined,
    "source": _joined,
    "clauses": _joined,
    "passages": lambda texts: "\n".join(_escaped(text, "\n") for text in texts),
    "history": lambda turns: "\n".join(f"问：{_escaped(q, chr(10))}\n答：{_escaped(a, chr(10))}" for q, a in turns),
    "type": lambda code: TYPES.get(code, code),
    "outcome": lambda code: OUTCOME_WORDS.get(code, code),
}  # fmt: skip


def _guarded(cells: Sequence[str]) -> list[str]:
    """Cells of a CSV that a spreadsheet would run as formulas, shown as text instead."""
    return [f"'{cell}" if cell[:1] in tuple("=+-@'") else cell for cell in cells]


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@'") else cell


_TOP = Alignment(vertical="top", wrap_text=True)
_HEAD = Font(bold=True)
_PALE = Font(italic=True, color="808080")
_TINT = PatternFill("solid", start_color="DDEBF7")


def _write_workbook(remarks: Iterable[list[str]], rows: Iterable[list[str]], path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(QUESTIONS)
    sheet.freeze_panes = "C2"
    for number, column in enumerate(COLUMNS, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        if column.choices:
            sheet.data_validations.append(_choice(column, f"{letter}2:{letter}1048576"))
    try:
        sheet.append([_styled(sheet, c.heading, _HEAD, _TINT) for c in COLUMNS])
        for row in remarks:
            sheet.append([_styled(sheet, text, _PALE) for text in row])
        for row in rows:
            sheet.append([_styled(sheet, text) for text in row])
        _write_guide(book)
    except UserError:
        book.save(BytesIO())  # else openpyxl's temporary files would stay behind
        raise
    book.save(path)


def _choice(column: Column, cells: str) -> DataValidation:
    rule = DataValidation(
        type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True, sqref=cells
    )
    # A type of one's own is allowed: there the list is an offer.
    rule.showErrorMessage = column.key != "type"
    rule.errorTitle, rule.error = column.heading, column.rule[:200]
    rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.heading, column.rule[:200]
    return rule


def _styled(sheet: Any, text: str, font: Font | None = None, fill: PatternFill | None = None) -> Any:
    if len(text) > _MOST_IN_A_CELL:
        raise UserError(
            f"“{text[:20]}……”有 {len(text)} 字，表格的一格最多 {_MOST_IN_A_CELL} 字。", "请存为 JSONL。"
        )
    try:
        cell = WriteOnlyCell(sheet, text or None)
    except IllegalCharacterError as error:
        raise UserError(f"“{text[:20]}……”里有表格不能存的控制字符。", "请存为 JSONL，或删去它。") from error
    if text:
        cell.data_type = "s"  # a text that begins with “=” is no formula
    cell.alignment = _TOP
    if font:
        cell.font = font
    if fill:
        cell.fill = fill
    return cell


def _write_guide(book: Workbook) -> None:
    sheet = book.create_sheet(GUIDE)
    for letter, width in zip("ABCD", (14, 8, 70, 36), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_styled(sheet, text, _HEAD, _TINT) for text in ("列", "必填", "怎么填", "例子")])
    for column in COLUMNS:
        required = "是" if column.required else ""
        sheet.append([_styled(sheet, t) for t in (column.heading, required, column.rule, column.example)])
    for text in (
        f"题目写在“{QUESTIONS}”这一页，一行一道。灰色的行是示例：编号以 {REMARK} 开头，不算题；去掉 {REMARK} 就成为题。",
        "一格里另起一行：Excel 和 WPS 里按 Alt+Enter。字句里本来就有 ； 或 | 时，在它前面加一个 \\。",
        f"要加自己用的列，列名以 {REMARK} 开头即可，读入时会跳过。",
    ):
        sheet.append([None, None, _styled(sheet, text)])
