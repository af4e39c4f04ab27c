"""Files that hold files: ZIP archives and the attachments of e-mails, unpacked into a folder.

Nothing is written outside the folder, whatever a member calls itself, and never more than
there is room for, whatever the archive says of its sizes.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from corpus.errors import UserError
from ingest.readers import eml

#: Bytes that may come out of one file, and whatever is packed inside it.
MAX_BYTES = 1000 * 2**20
MAX_MEMBERS = 5000
#: Archives within archives; what is packed deeper is refused.
MAX_DEPTH = 3
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
#: A page of zeros packs a thousandfold; documents and pictures never do.
_MAX_RATIO = 500
_SMALL = 10 * 2**20
_CHUNK = 2**20
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LONGEST_NAME = 80
_OFFICE_PARTS = ("[Content_Types].xml", "mimetype", "OFD.xml")

Refused = tuple[str, str]


def is_archive(data: bytes) -> bool:
    """Whether it is a ZIP of files, and not a document that happens to be one (DOCX, XLSX, …)."""
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False
    return not any(part in names for part in _OFFICE_PARTS)


def may_hold_files(data: bytes) -> bool:
    """Whether files could be inside; decided from the first bytes alone."""
    return data.startswith(_ZIP) or eml.is_mail(data)


def unpack(data: bytes, folder: Path, budget: int) -> list[Refused]:
    """Write the files inside into ``folder``; the members that were not, each with the reason.

    ``budget`` is how many bytes there is room for; below 0, nothing may be unpacked at all.
    Raises ``UserError`` where the whole is refused. A file that holds none gives ``[]``.
    """
    if eml.is_mail(data):
        files: Iterable[tuple[str, bytes | Refused]] = eml.attachments(data)
    elif is_archive(data):
        files = _members(data, budget)
    else:
        return []
    if budget < 0:
        raise UserError(
            f"压缩包套得太深（超过 {MAX_DEPTH} 层），没有读取。", "请先解压，再把其中的文件加入。"
        )
    refused: list[Refused] = []
    for name, content in files:
        if isinstance(content, tuple):
            refused.append(content)
        elif reason := _unsafe(name):
            refused.append((name, reason))
        elif len(content) > budget:
            raise _too_much()
        else:
            budget -= len(content)
            _write(folder, name, content)
    return refused


def _too_much() -> UserError:
    limit = MAX_BYTES // 2**20
    return UserError(
        f"解压后超过 {limit} MB 的上限（可能是“压缩包炸弹”），没有读取。",
        "请确认来源，解压后只把需要的文件加入。",
    )


def _members(data: bytes, budget: int) -> Iterator[tuple[str, bytes | Refused]]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = [member for member in packed.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise UserError(
                f"压缩包里有 {len(members)} 个文件，超过 {MAX_MEMBERS} 个的上限，没有读取。",
                "请分成几个压缩包，或解压后加入文件夹。",
            )
        if sum(member.file_size for member in members) > max(budget, 0):
            raise _too_much()
        for member in members:
            name = _name(member)
            yield name, _content(packed, member, name)


def _name(member: zipfile.ZipInfo) -> str:
    """The member's name; Windows packs Chinese names as GBK and says nothing of it."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    raw = member.orig_filename.encode("cp437", errors="replace")
    names = []
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            names.append(raw.decode(encoding))
    return max(names, key=lambda name: len(_HAN.findall(name)), default=member.filename)


def _content(packed: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes | Refused:
    """A member's bytes, or why it is refused."""
    if member.flag_bits & _ENCRYPTED:
        return name, "压缩包里的这个文件加了密码，读不了。请输入密码解压后再加入。"
    if member.file_size > max(_SMALL, _MAX_RATIO * member.compress_size):
        return name, "这个文件压缩得异常厉害（可能是“压缩包炸弹”），没有读取。请确认来源后单独加入。"
    try:
        with packed.open(member) as stream:
            return stream.read(member.file_size + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        return name, "压缩包里的这个文件已损坏，解不开。请重新压缩，或直接加入原文件。"


def _unsafe(name: str) -> str:
    """Why a member of that name is not unpacked; ``""`` where it may be."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
        return "文件名指向压缩包之外的位置（可能是攻击），没有读取。请确认来源，解压后再加入。"
    return ""


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write a member below the folder, under a name that every system allows."""
    parts = [_FORBIDDEN.sub("_", part) for part in PurePosixPath(name.replace("\\", "/")).parts]
    path = folder.joinpath(*(_shortened(part) for part in parts if part not in ("", ".")))
    for n in range(2, MAX_MEMBERS):
        if not path.exists():
            break
        path = path.with_name(f"{path.stem}（{n}）{path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _shortened(part: str) -> str:
    stem, dot, suffix = part.rpartition(".")
    return part if len(part) <= _LONGEST_NAME else f"{stem[: _LONGEST_NAME - 10]}{dot}{suffix[:8]}"
