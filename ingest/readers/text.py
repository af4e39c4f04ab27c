"""Plain text, whatever it was written in: UTF-8, UTF-16, GB18030, Big5; with or without a BOM."""

import codecs
import re
from typing import NamedTuple

from corpus.errors import UserError
from ingest import front_matter
from ingest.lines import Line, Page, Reading

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The commonest characters of Chinese prose. Bytes read in the wrong encoding give rare ones.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相"
    "全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料"
    "职总组织协商劳服务保障女权益单位员规定通知市省县、。，；：（）《》“”！？—…·"
    "　０１２３４５６７８９的們這國為來時會對發動產經學實與業關應無問條務勞職總"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# What people write with: Latin, Greek, Cyrillic, punctuation, kana, Chinese, full-width forms.
_WRITTEN = re.compile(
    r"[\t\n\f -~\xa0-\u052f\u1e00-\u27bf\u2e80-\u30ff\u3200-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uff00-\uffef]"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_SAMPLE = 200_000


class Decoded(NamedTuple):
    text: str
    encoding: str
    warnings: tuple[str, ...]


def read(data: bytes, name: str) -> Reading:
    """Lines as they stand; a form feed starts a page. Raises ``UserError`` for what is no text."""
    decoded = decode(data)
    text, metadata = front_matter.split(decoded.text, strict=True)
    pages = tuple(
        Page(number=number, lines=tuple(plain_lines(sheet, page=number)))
        for number, sheet in enumerate(text.split("\f"), start=1)
    )
    return Reading(
        pages=pages,
        media_type="text/plain",
        reader=f"text/{decoded.encoding}",
        warnings=decoded.warnings,
        metadata=metadata,
    )


def plain_lines(text: str, *, page: int = 1) -> list[Line]:
    """The lines of ``text`` that hold anything; indentation is kept, it marks paragraphs."""
    lines: list[Line] = []
    blank = False
    for raw in text.split("\n"):
        if stripped := raw.rstrip():
            lines.append(Line(text=stripped, page=page, blank_before=blank))
        blank = not stripped
    return lines


def decode(data: bytes, *, declared: str = "") -> Decoded:
    """Text of ``data`` with ``\\n`` line ends, the encoding that fits best, and what was lost.

    ``declared`` is what the file says of itself: it is tried, never trusted. A broken
    byte costs one character. Raises ``UserError`` where no encoding gives readable text.
    """
    encoding = _encoding(data, declared)
    text = data.decode(encoding, errors="replace").lstrip("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    broken = text.count("\ufffd") - (data.count(b"\xef\xbf\xbd") if encoding == "utf-8" else 0)
    if len(_WRITTEN.findall(text[:_SAMPLE])) < 0.9 * len(text[:_SAMPLE]) or broken > 0.1 * len(text):
        raise UserError(
            "这个文件的内容不是可读的文字。",
            "请确认它没有损坏，并另存为 TXT、Word（.docx）或 PDF 后重新加入。",
        )
    warnings = (f"有 {broken} 处字节已损坏、无法辨认，文中以“�”代替，请核对原件。",) if broken > 0 else ()
    return Decoded(_CONTROL.sub("", text), encoding.removesuffix("-sig"), warnings)


def _encoding(data: bytes, declared: str) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    if b"\x00" in data[:_SAMPLE]:
        return _best(data, ("utf-16-le", "utf-16-be", "utf-8"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _best(data, ("utf-8", "gb18030", "big5", *_known(declared)))
    # A few words of GBK may be UTF-8 by chance: 通知 reads as two letters of other scripts.
    return "utf-8" if text.isascii() or _HAN.search(text) else _best(data, ("utf-8", "gb18030"))


def _known(declared: str) -> tuple[str, ...]:
    try:
        return (codecs.lookup(declared).name,) if declared else ()
    except LookupError:
        return ()


def _best(data: bytes, names: tuple[str, ...]) -> str:
    sample = data[:_SAMPLE]
    return max(names, key=lambda name: _plausibility(sample.decode(name, errors="replace")))


def _plausibility(text: str) -> float:
    """How much ``text`` looks like Chinese prose, below 1; ASCII speaks neither for nor against."""
    foreign = [char for char in text if char > "\x7f"] or [" "]
    common = sum(char in _COMMON for char in foreign)
    broken = sum(char == "\ufffd" for char in foreign) + len(_CONTROL.findall(text))
    return (common - 3 * broken) / len(foreign)
