"""The manifest of the vector index: which segments count, and which of their vectors were deleted.

One file, written beside the one before and put in its place: all of it or nothing. It begins with a
mark and a checksum; then come a head in JSON and a bit for each vector of the segments that have
deleted ones.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus.disk import identity
from corpus.segments import Entry, Mask
from corpus.stamp import IndexBrokenError, Stamp

MANIFEST = "manifest"
_MAGIC = b"UQVEC02\n"


class Manifest(NamedTuple):
    """What a manifest says; ``file`` tells it from the one that takes its place.

    With each segment go the vectors that were deleted since it was written (None: none).
    """

    file: tuple[int, int, int]
    stamp: Stamp
    segments: list[tuple[Entry, Mask | None]]


def read(folder: Path) -> Manifest | None:
    """The manifest in a folder; None where there is none. Raises ``IndexBrokenError``."""
    try:
        with (folder / MANIFEST).open("rb") as file:
            info = os.fstat(file.fileno())
            data = file.read()
    except OSError:
        return None
    try:
        checksum, size = struct.unpack("<II", data[len(_MAGIC) : len(_MAGIC) + 8])
        body = data[len(_MAGIC) + 8 :]
        if not data.startswith(_MAGIC) or zlib.crc32(body) != checksum:
            raise IndexBrokenError(str(folder))
        told = json.loads(body[:size])
        entries = [Entry(*entry) for entry in told["segments"]]
        stamp = Stamp(*told["stamp"])
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise IndexBrokenError(str(folder)) from error
    masks = _unpacked(entries, told["dead"], body[size:])
    return Manifest(identity(info), stamp, list(zip(entries, masks, strict=True)))


def write(folder: Path, stamp: Stamp, segments: Sequence[tuple[Entry, Mask | None]]) -> None:
    """Put a manifest in the place of the one before; it is on the disk when this returns."""
    told = {
        "stamp": list(stamp),
        "segments": [list(entry) for entry, _ in segments],
        "dead": [dead is not None for _, dead in segments],
    }
    head = json.dumps(told).encode()
    body = b"".join([head, *(np.packbits(dead).tobytes() for _, dead in segments if dead is not None)])
    temporary = folder / f"{MANIFEST}.tmp"
    with temporary.open("wb") as file:
        file.write(_MAGIC + struct.pack("<II", zlib.crc32(body), len(head)) + body)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / MANIFEST)


def _unpacked(entries: Sequence[Entry], marked: Sequence[bool], packed: bytes) -> Iterator[Mask | None]:
    """For each segment the deleted vectors, where there are any."""
    at = 0
    for entry, any_dead in zip(entries, marked, strict=True):
        if not any_dead:
            yield None
            continue
        size = -(-entry.vectors // 8)
        bits = np.frombuffer(packed[at : at + size], np.uint8)
        yield np.unpackbits(bits, count=entry.vectors).astype(np.bool_)
        at += size
