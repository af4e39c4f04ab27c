"""One file that holds a whole store, written while the store is in use and checked to the byte.

What is kept: the catalogue as it was at one moment, every original that it names, the keyword
index with its stamp (scores depend on how it came about), and the folders beside them: drafts,
the trainers' questions and runs. Left out is what follows from these or does not last: the
vectors (they stand in the catalogue), the dictionary's cache, uploads under way, unfinished
files. ``manifest.json`` names each member with its length and sha256.

Nobody waits for a backup: the catalogue is read in one snapshot, and files that a writer may
delete meanwhile are held by a second name (hard link) until they are written.
"""

import hashlib
import json
import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from corpus.catalogue import Catalogue
from corpus.database import now
from corpus.errors import UserError

#: Called with what is being done, how much is done and how much there is.
Progress = Callable[[str, int, int], None]

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.sqlite"
ORIGINALS = "originals"
LEXICAL = "lexical"
#: Of the store's folder, what is no part of a backup; and everything that ends in ``.tmp``.
LEFT_OUT = frozenset(
    {"writer.lock", "turn.lock", "writing.mark", "backup.lock", "vectors", "vectors.faiss"}
    | {"words.txt", "inbox"}
)
#: Where a backup under way keeps its copies, inside the store's folder.
HELD = "backup.tmp"
_FORMAT = 1
#: What stood beside the catalogue in backups that had no manifest yet.
_EARLIER = re.compile(f"{ORIGINALS}/[0-9a-f]{{2}}/[0-9a-f]{{64}}")
_BLOCK = 2**20
_TRIES = 20
#: What reading a damaged archive raises; a version or a name that no archive has among it.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_NO_BACKUP = "请选择由 python -m corpus backup 生成的文件。"
_DAMAGED = "请换一个完好的备份文件；没有写入任何内容。"


class Member(NamedTuple):
    """One file of a backup: its bytes and their sha256 (hex)."""

    bytes: int
    sha256: str


def write(
    directory: Path,
    catalogue: Catalogue,
    target: Path,
    stamps: dict[str, Any],
    progress: Progress | None,
) -> dict[str, Any]:
    """Write the store in ``directory`` into ``target``, check what was written, and return its manifest.

    ``stamps`` says what the indexes reflect. Raises ``UserError`` where the target exists, lies
    inside the store, or cannot be written; nothing is left behind then.
    """
    _checked_target(directory, target)
    held = directory / HELD
    shutil.rmtree(held, ignore_errors=True)  # of a backup that was killed
    partial = target.with_name(target.name + ".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        held.mkdir()
        manifest = _hold(directory, catalogue, held, progress)
        manifest["indexes"] = stamps
        _pack(partial, [*_files(held), *_beside(directory)], manifest, progress)
        with zipfile.ZipFile(partial) as packed:
            _read_members(packed, partial, None, progress)
        _sync(partial)
        partial.replace(target)
    except OSError as error:
        raise UserError(
            f"备份没有写成：{error.strerror or error}。", "请检查磁盘空间和写入权限，或换一个位置再试。"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
        shutil.rmtree(held, ignore_errors=True)
    return manifest


def _checked_target(directory: Path, target: Path) -> None:
    if target.exists():
        raise UserError(f"备份文件已存在：{target}。", "请换一个文件名。")
    if target.resolve().is_relative_to(directory.resolve()):
        raise UserError("备份文件不能放在资料库自己的文件夹里。", "请换到别的文件夹，最好是另一块磁盘。")


def _hold(directory: Path, catalogue: Catalogue, held: Path, progress: Progress | None) -> dict[str, Any]:
    """Copy the catalogue of one moment and hold on to the files that belong to it; the manifest's head."""
    for last in range(_TRIES - 1, -1, -1):
        try:
            with catalogue.snapshot():
                head = {
                    "format": _FORMAT,
                    "made_at": now(),
                    "store": catalogue.store_id,
                    "revision": catalogue.revision,
                    "counts": catalogue.counts()._asdict(),
                    "audit": catalogue.audit_head()._asdict(),
                }
                for digest in sorted(catalogue.digests()):
                    _link(Path(ORIGINALS, digest[:2], digest), directory, held)
                catalogue.copy_to(held / CATALOGUE, progress)
            break
        except FileNotFoundError:  # a writer has deleted it since the snapshot: take another
            if not last:
                raise
            shutil.rmtree(held / ORIGINALS, ignore_errors=True)
    _hold_lexical(directory, held)
    return head


def _hold_lexical(directory: Path, held: Path) -> None:
    """Hold on to the keyword index as one commit left it; without it where there is none."""
    for _ in range(_TRIES):
        shutil.rmtree(held / LEXICAL, ignore_errors=True)
        try:
            before = (directory / LEXICAL / "meta.json").stat()
            for path in sorted((directory / LEXICAL).iterdir()):
                if not path.name.endswith(".lock"):
                    _link(path.relative_to(directory), directory, held)
            after = (directory / LEXICAL / "meta.json").stat()
        except FileNotFoundError:  # the index was cleaned up, or is being built, meanwhile
            continue
        if (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns):
            return
    shutil.rmtree(held / LEXICAL, ignore_errors=True)  # it is built anew when restored


def _link(name: Path, directory: Path, held: Path) -> None:
    (held / name).parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(directory / name, held / name)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without hard links
        shutil.copyfile(directory / name, held / name)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name in the backup and place of every file below a folder, links left out."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if not name.endswith(".tmp") and not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path


def _beside(directory: Path) -> Iterator[tuple[str, Path]]:
    """The files that stand beside the catalogue, and in folders there, whoever keeps them."""
    apart = LEFT_OUT | {ORIGINALS, LEXICAL}
    for name, path in _files(directory):
        top = name.split("/")[0]
        if top not in apart and not top.endswith(".tmp") and not top.startswith(CATALOGUE):
            yield name, path


def _pack(
    partial: Path, files: list[tuple[str, Path]], manifest: dict[str, Any], progress: Progress | None
) -> None:
    """Write all files into one, and after them the manifest."""
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)  # it holds accounts, and what people asked
    total = sum(_size(path) for _, path in files)
    members: dict[str, Member] = {}
    done = 0
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, path in files:
            try:
                source = path.open("rb")
            except FileNotFoundError:
                continue  # a draft that was thrown away meanwhile
            with source, packed.open(name, "w", force_zip64=True) as member:
                members[name] = _copied(source, member)
            done += members[name].bytes
            if progress:
                progress("写入备份", min(done, total), total)
        manifest["members"] = {name: member._asdict() for name, member in members.items()}
        packed.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _copied(source: IO[bytes], target: IO[bytes] | None) -> Member:
    """Copy to the end; how many bytes that were, and their sha256."""
    digest, count = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        digest.update(block)
        count += len(block)
        if target is not None:
            target.write(block)
    return Member(count, digest.hexdigest())


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


# -- restoring ---------------------------------------------------------------------------------


@contextmanager
def unpacked(archive: Path, directory: Path, progress: Progress | None) -> Iterator[tuple[Path, str]]:
    """The folder of a backup's store, still under another name, and when the backup was made.

    It becomes ``directory`` at the end of the block; nothing is left behind where anything goes
    wrong. Raises ``UserError`` where the folder is not empty, or the file is no backup or damaged.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UserError(f"目标文件夹不是空的：{directory}。", "请换一个新的文件夹再恢复。")
    missing = _missing_parents(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".restore-") as folder:
            store = Path(folder) / "store"
            made_at = _unpack(archive, store, progress)
            yield store, made_at
            if directory.exists():
                directory.rmdir()
            store.replace(directory)
    finally:
        if not directory.exists():
            for parent in missing:
                parent.rmdir()


def _missing_parents(directory: Path) -> list[Path]:
    """The folders above that are not there yet, the innermost first."""
    return [parent for parent in directory.absolute().parents if not parent.exists()]


def _unpack(archive: Path, store: Path, progress: Progress | None) -> str:
    store.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(archive) as packed:
            return _read_members(packed, archive, store, progress)
    except _UNREADABLE as error:
        raise UserError(f"备份文件已损坏或不完整：{archive}。", _DAMAGED) from error
    except OSError as error:
        raise UserError(
            f"无法读取备份文件 {archive}：{error.strerror or error}。", "请检查文件是否存在、磁盘是否已满。"
        ) from error


def _read_members(
    packed: zipfile.ZipFile, archive: Path, store: Path | None, progress: Progress | None
) -> str:
    """Read every member and compare it with the manifest; write it below ``store``, where there is one.

    Returns when the backup was made. Raises ``UserError`` at the first thing that is not as it was.
    """
    members, made_at = _manifest(packed, archive)
    total = sum(member.bytes for member in members.values())
    done = 0
    for name, member in members.items():
        found = _read_member(packed, name, member, store)
        if found is None or found.bytes != member.bytes or member.sha256 not in ("", found.sha256):
            raise UserError(f"备份文件已损坏：其中的 {name} 与清单不符。", _DAMAGED)
        done += member.bytes
        if progress:
            progress("核对备份" if store is None else "恢复并核对", done, total)
    return made_at


def _read_member(packed: zipfile.ZipFile, name: str, member: Member, store: Path | None) -> Member | None:
    """What a member really is; None where it cannot be read or is longer than it should be."""
    info = packed.getinfo(name)
    if info.file_size != member.bytes:
        return None
    try:
        with packed.open(info) as source:
            if store is None:
                return _copied(source, None)
            target = store / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                return _copied(source, file)
    except _UNREADABLE:
        return None


def _manifest(packed: zipfile.ZipFile, archive: Path) -> tuple[dict[str, Member], str]:
    """What a backup says that it holds. Raises ``UserError`` where it holds anything else."""
    names = [info.filename for info in packed.infolist()]
    if MANIFEST not in names:
        if CATALOGUE not in names or not all(n == CATALOGUE or _EARLIER.fullmatch(n) for n in names):
            raise UserError(f"{archive} 不是资料库的备份。", _NO_BACKUP)
        return {i.filename: _unnamed(i) for i in packed.infolist()}, "早先"
    try:
        told = json.loads(packed.read(MANIFEST))
        version, made_at = int(told["format"]), str(told["made_at"])
        members = {name: Member(int(m["bytes"]), str(m["sha256"])) for name, m in told["members"].items()}
    except (KeyError, TypeError, AttributeError, *_UNREADABLE) as error:
        raise UserError(f"备份文件已损坏：读不出清单 {MANIFEST}。", _DAMAGED) from error
    if version > _FORMAT:
        raise UserError("这个备份是用更新版本的程序做的。", "请升级本程序后再恢复。")
    if sorted(names) != sorted([*members, MANIFEST]) or CATALOGUE not in members:
        raise UserError("备份文件已损坏：里面的文件与清单不符。", _DAMAGED)
    for info in packed.infolist():
        if not _safe(info):
            raise UserError(f"备份文件里有不该有的路径：{info.filename[:80]}。", _NO_BACKUP)
    return members, made_at


def _unnamed(info: zipfile.ZipInfo) -> Member:
    """A member of a backup from before there were manifests: originals are named by their sha256."""
    return Member(info.file_size, info.filename.rpartition("/")[2] if info.filename != CATALOGUE else "")


def _safe(info: zipfile.ZipInfo) -> bool:
    """Whether a member is a plain file that stays inside the folder it is unpacked to."""
    name, mode = info.filename, info.external_attr >> 16
    path = PurePosixPath(name)
    plain = not info.is_dir() and stat.S_IFMT(mode) in (0, stat.S_IFREG)
    inside = path.as_posix() == name and not path.is_absolute() and ".." not in path.parts
    return plain and inside and not set(name) & set("\\:\0") and path.parts[0] not in LEFT_OUT | {HELD}
