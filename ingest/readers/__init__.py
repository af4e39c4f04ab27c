"""Readers: bytes → ``Reading``. One file a format; which one reads is decided by the bytes.

Heavy libraries are imported by the reader that needs them, when it is needed.
"""

import io
import re
import zipfile

from corpus.errors import UserError
from ingest.lines import Reading
from ingest.readers import text

MAX_BYTES = 200 * 2**20
MAX_TEXT_BYTES = 20 * 2**20  # a library of statutes is 15 MB; one plain text beyond this is an accident
MAX_UNPACKED_BYTES = 400 * 2**20

_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|article|section|div|table|h[1-6]|p)\b", re.IGNORECASE
)
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
_SAVE_AS = "请用 Word 或 WPS 另存为 .docx 或 PDF 后重新加入。"


def read(data: bytes, name: str) -> Reading:
    """Read a file of any supported format. Raises ``UserError`` for what cannot be read."""
    _check_size(data, MAX_BYTES)
    if not data.strip(b"\x00 \t\r\n"):
        what = "文件是空的" if not data.strip(b" \t\r\n") else "文件里只有空字节，没有内容"
        raise UserError(f"{what}。", "请确认原件完好，重新复制或导出后再加入。")
    if b"%PDF-" in data[:1024]:
        from ingest.readers.pdf import read as read_pdf

        return read_pdf(data, name)
    if data.startswith(b"PK\x03\x04"):
        return _read_zip(data, name)
    _refuse_unsupported(data)
    return _read_text(data, name)


def _read_zip(data: bytes, name: str) -> Reading:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: info.file_size for info in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UserError("文件像是 Word 文档或压缩包，但已损坏，打不开。", _SAVE_AS) from error
    if "word/document.xml" in members or (
        "[Content_Types].xml" in members and any(member.startswith("word/document") for member in members)
    ):
        if sum(members.values()) > MAX_UNPACKED_BYTES:
            raise UserError("文档解压后过大，已拒绝读取。", "请确认文件来源，或删去大图后另存为 .docx。")
        from ingest.readers.docx import read as read_docx

        return read_docx(data, name)
    if any(member.startswith(("xl/", "ppt/")) for member in members):
        raise UserError("暂不支持 Excel 表格和 PPT 演示文稿。", "请另存为 PDF 或 Word（.docx）后重新加入。")
    raise UserError(
        "这是压缩包或不支持的文档格式。", "请先解压，把其中的 Word、PDF、TXT、网页文件放进文件夹后加入。"
    )


def _refuse_unsupported(data: bytes) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UserError("这是旧版 Word（.doc）或加密的 Office 文件，暂时读不了。", _SAVE_AS)
    if data.startswith(b"{\\rtf"):
        raise UserError("这是 RTF 文档，暂时读不了。", _SAVE_AS)
    if data.startswith(_PICTURES) and b"\x00" in data[:4096]:
        raise UserError(
            "这是图片，暂时认不出其中的文字。", "请先做文字识别（OCR），再以 PDF、Word 或 TXT 加入。"
        )


def _read_text(data: bytes, name: str) -> Reading:
    _check_size(data, MAX_TEXT_BYTES)
    start = text.decode(data).text[:200_000]
    if _HTML.search(start[:4096]) and (start.lstrip().startswith("<") or "</" in start):
        from ingest.readers.html import read as read_html

        return read_html(data, name)
    from ingest.readers import markdown

    return (markdown if markdown.looks_like(start, name) else text).read(data, name)


def _check_size(data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise UserError(
            f"文件有 {len(data) / 2**20:.0f} MB，超过 {limit // 2**20} MB 的上限。",
            "请拆分成几个文件后再加入。",
        )
