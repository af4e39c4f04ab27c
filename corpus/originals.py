"""The files as they were received, each under the digest of its bytes."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDER = "originals"
_SYNCS = 16


def place(directory: Path, digest: str) -> Path:
    """Where an original lies in a store's folder."""
    return directory / FOLDER / digest[:2] / digest


def write_whole(path: Path, data: bytes) -> bool:
    """Write a file so that it is there whole or not at all; False where it was there already.

    That it outlasts a power cut is for ``sync`` to see to.
    """
    if path.exists() and path.stat().st_size == len(data):
        return False  # named by its content
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)  # on a full disk half a file is in the way of the next
        raise
    return True


def sync(paths: Sequence[Path]) -> None:
    """Wait until files are on the disk; several at a time, which costs hardly more than one."""
    if not paths:
        return
    folders = {path.parent for path in paths} if os.name == "posix" else set()  # elsewhere there is no need
    with ThreadPoolExecutor(min(len(paths), _SYNCS)) as threads:
        list(threads.map(_sync_one, paths))
        list(threads.map(_sync_one, folders))


def _sync_one(path: Path) -> None:
    # Windows flushes only what is open for writing; a folder can be opened only for reading.
    held = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(held)
    finally:
        os.close(held)
