"""The worker process: reads one file after another, and may be killed at any time.

It is started by ``ingest.workers.pool`` with a pipe at each end. A job is a frame of JSON and a frame
of bytes; the answer is a frame of JSON, an object, with a frame for every sign of life before it,
the list of what is done and how much there is. A frame is its length in eight bytes, most
significant first, and its content.
"""

import contextlib
import json
import os
import signal
import struct
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from corpus.errors import UserError
from ingest.document import lines_to_json, read, to_json
from ingest.readers import archive
from ingest.readers.errors import MissingProgramError
from ingest.workers import heartbeat

#: The exit status of a worker that went over its limit of memory.
OUT_OF_MEMORY = 77
#: The memory limit is on what is resident; addresses may be reserved for twice as much.
_ADDRESSES = 2
_LOOK_EVERY_S = 0.05
_LENGTH = struct.Struct(">Q")


def main() -> None:
    """Read files until the pipe is closed."""
    serve(answer)


def serve(answering: Callable[[dict[str, Any], bytes], dict[str, Any]]) -> None:
    """Answer jobs until the pipe is closed. The first argument is the limit of memory in bytes."""
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not stand among the answers
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _limit_memory(int(sys.argv[1]))
    heartbeat.listen(lambda done, total: write_frame(answers, f"[{done},{total}]".encode()))
    while (header := read_frame(jobs)) is not None:
        data = read_frame(jobs) or b""
        heartbeat.beat()
        told = json.dumps(answering(json.loads(header), data), ensure_ascii=False)
        write_frame(answers, told.encode("utf-8", "surrogatepass"))


def answer(job: dict[str, Any], data: bytes) -> dict[str, Any]:
    """What became of one file: its ``document``, ``refused`` members, ``error`` or ``bug``."""
    tempfile.tempdir = job["scratch"]  # the parent clears it, also after a worker that was killed
    try:
        refused = archive.unpack(data, Path(job["folder"]), job["budget"]) if job["folder"] else []
        if archive.is_archive(data):
            return {"refused": refused}
        parsed = read(
            data, job["name"], job["source_id"], record=job["record"], recognise=frozenset(job["recognise"])
        )
    except UserError as error:
        return {"error": str(error), "lasting": not isinstance(error, MissingProgramError)}
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # a bug: it costs this file, and the parent logs the traceback
        return {"bug": type(error).__name__, "traceback": traceback.format_exc()}
    told = {"refused": refused, "document": to_json(parsed.document)}
    return told | ({"lines": [lines_to_json(lines) for lines in parsed.lines]} if job["lines"] else {})


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next frame; None where the other side is gone."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(length)[0]
    data = stream.read(size)
    return data if len(data) == size else None


def write_frame(stream: IO[bytes], data: bytes) -> None:
    """Send a frame."""
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def _limit_memory(limit: int) -> None:
    """End this process when it holds more than ``limit`` bytes, or when its parent is gone."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            most = _ADDRESSES * limit
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        threading.Thread(target=_watch, args=(limit, os.getppid()), daemon=True).start()


def _watch(limit: int, parent: int) -> None:
    while os.getppid() == parent:
        if _resident() > limit:
            os._exit(OUT_OF_MEMORY)
        time.sleep(_LOOK_EVERY_S)
    os._exit(0)


def _resident() -> int:
    """Bytes of this process that are in memory; where only the peak is known, the peak."""
    import resource

    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
