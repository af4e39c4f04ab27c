"""The program itself, started over a copy of a store, and what its processes hold of the machine."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from corpus.errors import UserError

_APP = Path(__file__).parents[1] / "app.py"
_STARTED = re.compile(r"http://[^\s/]+")
#: Seconds for answers under way to end.
_END_S = 30
_PROC = Path("/proc")


class Served(NamedTuple):
    """A program that can be asked: its address and its process."""

    url: str
    process: int


class Held(NamedTuple):
    """占用: what processes hold together. ``resident`` and ``own`` (of no file) in bytes."""

    processes: int
    resident: int
    own: int
    handles: int
    threads: int


@contextmanager
def served(store: Path) -> Iterator[Served]:
    """The program over a copy of ``store``, on a free port, with this program's environment.

    Raises ``UserError`` where it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="unionqa-") as folder:
        copy = Path(folder) / "store"
        shutil.copytree(store, copy)
        command = [sys.executable, str(_APP), "--store", str(copy), "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        try:
            assert process.stdout is not None
            found = next((m for line in process.stdout if (m := _STARTED.search(line))), None)
            if found is None:
                raise UserError("程序没有启动。", "请看它在上面报告的原因。")
            yield Served(found[0], process.pid)
        finally:
            _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(timeout=_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def held(process: int) -> Held:
    """What a process and those it started hold now. Raises ``UserError`` where the system does not tell."""
    if not (_PROC / "self" / "fd").exists():
        raise UserError("这台电脑不提供进程的内存和句柄数。", "请在 Linux 上运行。")
    found = [one for each in _family(process) if (one := _of(each))]
    if not found:
        raise UserError(f"进程 {process} 已经不在了。", "请查看程序的日志。")
    return Held(len(found), *(sum(values) for values in zip(*found, strict=True)))


def _family(first: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it ended
                fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
                children.setdefault(int(fields.split()[1]), []).append(int(folder.name))
    family = [first]
    for process in family:
        family += children.get(process, ())
    return family


def _of(process: int) -> tuple[int, int, int, int] | None:
    folder = _PROC / str(process)
    try:
        lines = (folder / "status").read_text(encoding="utf-8", errors="replace").splitlines()
        values = dict(line.split(":", 1) for line in lines)
        handles = sum(1 for _ in (folder / "fd").iterdir())
        sizes = [int(values[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon")]
    except (OSError, KeyError):  # it ended, or is about to
        return None
    return sizes[0], sizes[1], handles, int(values["Threads"])
