"""Readers: bytes → ``Reading``. One file a format; which one reads is decided by the bytes.

Heavy libraries are imported by the reader that needs them, when it is needed.
"""

import io
import re
import zipfile
from dataclasses import replace
from importlib import import_module
from typing import Any

from corpus.errors import UserError
from ingest.lines import Reading
from ingest.readers import text

MAX_BYTES = 200 * 2**20
MAX_TEXT_BYTES = 20 * 2**20  # a library of statutes is 15 MB; one plain text beyond this is an accident
MAX_UNPACKED_BYTES = 400 * 2**20

_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|article|section|div|table|h[1-6]|p)\b", re.IGNORECASE
)
_SCRIPT = re.compile(rb"/S\s*/(?:JavaScript|Launch)\b")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
#: What begins a file of another kind than PDF; a PDF that begins so is two files in one.
_OTHERS = (b"PK\x03\x04", _OLE, b"MZ", b"\x7fELF", *_PICTURES)
#: Archives and documents that no reader is there for → what people call them, and what they should do.
_UNREAD = (
    (b"Rar!\x1a\x07", "RAR 压缩包", "请解压，把其中的文件加入，或改用 ZIP 压缩。"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", "请解压，把其中的文件加入，或改用 ZIP 压缩。"),
    (b"\x1f\x8b", "GZ 压缩包", "请解压，把其中的文件加入，或改用 ZIP 压缩。"),
)
#: The main part of each kind of Office document → its reader, and what people call it.
_OFFICE = (
    ("word/document", "docx", " Word 文档"),
    ("xl/", "sheets", " Excel 表格"),
    ("ppt/", "pptx", " PPT 演示文稿"),
)
_HEAD = 200  # an OpenDocument file says here what it is
#: A stream of each kind of old Office file → its reader and suffix.
_STREAMS = (
    ("EncryptedPackage", "", ""),
    ("WordDocument", "doc", ".doc"),
    ("Workbook", "sheets", ".xls"),
    ("Book", "sheets", ".xls"),
    ("PowerPoint Document", "", ".ppt"),
)
_SAVE_AS = "请用 Word 或 WPS 另存为 .docx 或 PDF 后重新加入。"


def read(data: bytes, name: str, recognise: frozenset[int] = frozenset()) -> Reading:
    """Read a file of any supported format. Raises ``UserError`` for what cannot be read.

    ``recognise``: pages of a PDF, from 1, whose text is taken from their picture (OCR), whatever
    text they hold; other formats have no such pages.
    """
    _check_size(data, MAX_BYTES)
    if not data.strip(b"\x00 \t\r\n"):
        what = "文件是空的" if not data.strip(b" \t\r\n") else "文件里只有空字节，没有内容"
        raise UserError(f"{what}。", "请确认原件完好，重新复制或导出后再加入。")
    if b"%PDF-" in data[:1024]:
        return _read_pdf(data, name, recognise)
    if recognise:
        raise UserError(
            "只有 PDF 的页面可以用文字识别（OCR）重读。",
            "图片在第一次读取时就已识别；其他格式请在原件里更正。",
        )
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_zip(data, name)
    if data.startswith(_OLE):
        return _read_ole(data, name)
    for mark, kind, hint in _UNREAD:
        if data.startswith(mark):
            raise UserError(f"这是 {kind}，读不了。", hint)
    if data.startswith(b"{\\rtf"):
        return _by("doc", data, name, suffix=".rtf")
    if data.startswith(_PICTURES) and b"\x00" in data[:4096]:
        return _by("image", data, name)
    return _read_text(data, name)


def _by(module: str, data: bytes, name: str, **options: Any) -> Reading:
    reading: Reading = import_module(f"ingest.readers.{module}").read(data, name, **options)
    return reading


def _read_pdf(data: bytes, name: str, recognise: frozenset[int]) -> Reading:
    if data.startswith(_OTHERS):
        raise UserError(
            "文件的开头是另一种格式，后面才是 PDF（可能被人动过手脚），没有读取。",
            "请向发文单位索取原件，或用 PDF 阅读器打开核对后重新打印为 PDF。",
        )
    reading = _by("pdf", data, name, recognise=recognise)
    if _SCRIPT.search(data):
        reading = _with_warning(reading, "这份 PDF 带有脚本，脚本没有运行，只读取了文字。")
    if zipfile.is_zipfile(io.BytesIO(data)) and data.rstrip()[-5:] != b"%%EOF":
        return _with_warning(reading, "PDF 的末尾还接着一个压缩包，其中的内容没有读入，请核对文件的来源。")
    return reading


def _with_warning(reading: Reading, warning: str) -> Reading:
    return replace(reading, warnings=(*reading.warnings, warning))


def _read_zip(data: bytes, name: str) -> Reading:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = {info.filename: info.file_size for info in packed.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise UserError("文件像是 Office 文档或压缩包，但已损坏，打不开。", _SAVE_AS) from error
    if not members:
        raise UserError("压缩包里没有可以读取的文件。", "请确认它的内容，或解压后把文件加入。")
    module, kind, options = _zipped_kind(data, members)
    if sum(members.values()) > MAX_UNPACKED_BYTES:
        raise UserError(
            f"这份{kind}解压后过大（可能是“压缩包炸弹”），没有读取。", "请确认文件来源，或删去大图后另存。"
        )
    reading = _by(module, data, name, **options)
    if any(member.lower().endswith("vbaproject.bin") for member in members):
        return _with_warning(reading, f"这份{kind}带有宏，宏没有运行也没有读入，只读取了文字。")
    return reading


def _zipped_kind(data: bytes, members: dict[str, int]) -> tuple[str, str, dict[str, str]]:
    """The reader of a document that is packed as a ZIP, what people call it, and the reader's options."""
    if "OFD.xml" in members:
        raise UserError("这是 OFD 版式文件，读不了。", "请用 OFD 阅读器打开，另存或打印为 PDF 后重新加入。")
    if b"opendocument.text" in data[:_HEAD]:
        return "doc", "文档", {"suffix": ".odt"}
    if b"opendocument.spreadsheet" in data[:_HEAD]:
        return "sheets", "表格", {}
    for part, module, kind in _OFFICE:
        if any(member.startswith(part) for member in members):
            return module, kind, {}
    raise UserError("这是压缩包或不支持的文档格式。", "请先解压，把其中的文件放进文件夹后加入。")


def _read_ole(data: bytes, name: str) -> Reading:
    """Files of Office 97–2003 and of WPS; the streams inside tell them apart."""
    fitting = [kind for kind in _STREAMS if kind[0].encode("utf-16-le") in data]
    if not fitting:
        raise UserError("这是旧版 Office 或其他程序的文件，认不出是哪一种，读不了。", _SAVE_AS)
    _, module, suffix = fitting[0]
    if not suffix:
        raise UserError(
            "这份 Office 文件设有打开密码，读不了。", "请在 Word 或 WPS 里取消密码，另存后重新加入。"
        )
    if not module:
        raise UserError("这是旧版 PPT（.ppt），读不了。", "请用 PowerPoint 或 WPS 另存为 .pptx 后重新加入。")
    return _by("doc", data, name, suffix=suffix) if module == "doc" else _by(module, data, name)


def _read_text(data: bytes, name: str) -> Reading:
    _check_size(data, MAX_TEXT_BYTES)
    from ingest.readers import eml, markdown, sheets

    if eml.is_mail(data):
        return eml.read(data, name)
    start = text.decode(data).text[:200_000]
    if _HTML.search(start[:4096]) and (start.lstrip().startswith("<") or "</" in start):
        return _by("html", data, name)
    if sheets.looks_delimited(start, name):
        return sheets.read_delimited(data, name)
    return (markdown if markdown.looks_like(start, name) else text).read(data, name)


def _check_size(data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise UserError(
            f"文件有 {len(data) / 2**20:.0f} MB，超过 {limit // 2**20} MB 的上限。",
            "请拆分成几个文件后再加入。",
        )
