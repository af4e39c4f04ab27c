"""What the system says of files, in words: a full disk is nobody's bug, and somebody can mend it."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import StoreError

_FULL = ("磁盘已满，没有写成。", "请腾出空间后再试；先前保存的内容都在。")
_DENIED = ("没有读写文件的权限。", "请检查资料库文件夹的权限，或换一个可以写入的位置。")
_TOO_MANY = ("同时打开的文件太多。", "请稍后再试；如果经常这样，请管理员提高系统允许打开的文件数。")
_GONE = ("资料库的文件不见了，或者被移走了。", "请把它放回原处再试；找不回来时，请从备份恢复。")
_WORDS = {
    errno.ENOSPC: _FULL,
    errno.EFBIG: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: ("磁盘是只读的，不能写入。", "请检查磁盘，改为可以写入后再试；先前保存的内容都在。"),
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EMFILE: _TOO_MANY,
    errno.ENFILE: _TOO_MANY,
    errno.ENOMEM: ("内存不足。", "请关闭其他程序后再试。"),
    errno.EIO: ("读写磁盘时出错，磁盘可能坏了。", "请尽快备份到另一块磁盘，并检查这一块。"),
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
    errno.EISDIR: ("资料库里有一个文件变成了文件夹{}。", "请移走那个文件夹后再试。"),
}
#: What is no damage of the file that was read.
_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


def in_words(number: int | None, file: str = "") -> StoreError | None:
    """What an ``errno`` means to people; None for what only a programmer can mend."""
    if number not in _WORDS:
        return None
    message, hint = _WORDS[number]
    return StoreError(message.format(f"（{file}）" if file else ""), hint)


def of_file(error: OSError) -> StoreError | None:
    """As ``in_words``, of a file that somebody named, not of the store's."""
    name = Path(str(error.filename or "")).name
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return StoreError(f"找不到文件或文件夹：{name}。", "请检查路径是否写对。")
    if error.errno == errno.EISDIR:
        return StoreError(f"{name} 是一个文件夹。", "请给出文件名。")
    return in_words(error.errno)


def passing(error: BaseException) -> StoreError | None:
    """The error in words where it lies with the system at this moment, not with the file that was read."""
    number = _number(error)
    return in_words(number) if number in _PASSING else None


def delete(path: Path) -> None:
    """Delete a file, or a folder that stands where a file should; nothing where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def told_in_words() -> Iterator[None]:
    """Turns what the system refuses inside into ``StoreError``; everything else passes."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        told = in_words(_number(error), Path(getattr(error, "filename", None) or "").name)
        if told is None:
            raise
        raise told from error


def _number(error: BaseException | None) -> int | None:
    """The number of an error of the system, also where a library in Rust put it into its words."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = re.search(r"\(os error (\d+)\b", str(error))
    return int(found[1]) if found else None


def identity(info: os.stat_result) -> tuple[int, int, int]:
    """Tells a file from what took its place and from what was written into it since."""
    return info.st_ino, info.st_mtime_ns, info.st_size
