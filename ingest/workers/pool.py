"""Worker processes, kept warm: each file is read in one, under limits, and killed past them.

A reader that hangs, crashes or eats the memory costs the file it read, nothing else. The
processes are started anew (never forked), so that it is the same on every system.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ingest.document import Document, from_json, lines_from_json
from ingest.lines import Line
from ingest.workers.worker import OUT_OF_MEMORY, read_frame, write_frame

_POSIX = os.name == "posix"
_NEW_GROUP, _NO_WINDOW = 0x200, 0x8000000  # Windows' flags for a new process
_ROOT = Path(__file__).parents[2]
_LOOK_EVERY_S = 0.1
#: An unused process goes after so long, and after so many files: what libraries leak goes with it.
_IDLE_S = 120.0
_FILES_A_PROCESS = 2000
_START_S = 60.0
_SAVE_AS = "请用原来的软件打开它，另存为 PDF 或 Word（.docx）后重新加入。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost: seconds without a sign of progress, seconds in all, bytes of memory."""

    seconds: float = 90.0
    seconds_in_all: float = 3600.0
    memory: int = 2 * 2**30


class Result(NamedTuple):
    """What became of a file: its document (None: it only holds other files), the members that
    were refused as ``(name, sentence)``, or why it failed.

    ``lasting``: reading the same bytes again would end in the same way. ``bug`` holds the
    traceback where the program is to blame, and ``message`` the kind of exception then.
    ``lines``: of each article, where the job asked for them. ``told`` is the answer of a worker
    that does something else than reading. ``killed``: the process ended without an answer.
    """

    document: Document | None = None
    refused: tuple[tuple[str, str], ...] = ()
    message: str = ""
    lasting: bool = True
    bug: str = ""
    lines: tuple[tuple[Line, ...], ...] = ()
    told: dict[str, Any] | None = None
    killed: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Job:
    """One file to read. ``folder`` takes the members of a container, ``budget`` bytes of them at most.

    ``scratch`` is where temporary files go; None is the system's place for them. ``recognise``
    are pages to read by character recognition whatever they hold; ``lines`` asks for the
    articles' lines too. While it is read, ``done`` of ``total`` pages are, 0 where not known;
    ``begun`` is the monotonic time at which a process took it, 0 before. ``task`` is what is
    asked of a worker that does something else than reading.
    """

    data: bytes
    name: str
    source_id: str
    record: dict[str, str] = field(default_factory=dict)
    scratch: str | None = None
    folder: str = ""
    budget: int = 0
    recognise: tuple[int, ...] = ()
    lines: bool = False
    cancelled: bool = False
    done: int = 0
    total: int = 0
    begun: float = 0.0
    task: dict[str, Any] | None = None

    def header(self) -> bytes:
        """Everything but the data, as JSON."""
        names = ("name", "source_id", "record", "scratch", "folder", "budget", "recognise", "lines", "task")
        return json.dumps({name: getattr(self, name) for name in names}).encode()


class Pool:
    """Up to ``size`` processes (default: one a core); started when first needed.

    ``module`` is what runs in them, a module with a ``main``.
    """

    def __init__(
        self, *, size: int | None = None, limits: Limits | None = None, module: str = "ingest.workers.worker"
    ) -> None:
        self.size = size or cores()
        self._limits = limits or Limits()
        self._module = module
        self._jobs: queue.SimpleQueue[tuple[Job, Callable[[Result], None]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._processes: list[_Process] = []
        self._unfinished = 0

    def submit(self, job: Job, done: Callable[[Result], None]) -> None:
        """Have a file read; ``done`` is called with the result, in another thread."""
        with self._lock:
            self._unfinished += 1
            if len(self._processes) < min(self.size, self._unfinished):
                process = _Process(self._limits, self._module)
                self._processes.append(process)
                threading.Thread(target=self._serve, args=(process,), daemon=True).start()
        self._jobs.put((job, done))

    def cancel(self, jobs: "list[Job]") -> None:
        """Give these up: those that wait are dropped, those being read lose their process."""
        for job in jobs:
            job.cancelled = True
        for process in list(self._processes):
            process.kill_if_cancelled()

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            for process in self._processes:
                self._jobs.put(None)
                process.kill()
            self._processes = []

    def pids(self) -> list[int]:
        """The process ids of the processes at work or waiting."""
        return [pid for process in list(self._processes) if (pid := process.pid)]

    def _serve(self, process: "_Process") -> None:
        while True:
            try:
                taken = self._jobs.get(timeout=_IDLE_S)
            except queue.Empty:
                process.put_away()
                continue
            if taken is None:
                return
            job, done = taken
            try:
                result = Result() if job.cancelled else process.read(job)
            except Exception as error:  # whatever it is, someone waits for this file
                process.put_away()
                result = Result(message=type(error).__name__, lasting=False, bug=traceback.format_exc())
            with self._lock:
                self._unfinished -= 1
            done(result)


class _Process:
    """One worker process and the watch over it; used by one thread, killed by any."""

    def __init__(self, limits: Limits, module: str) -> None:
        self._limits = limits
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None
        self._job: Job | None = None
        self._files = 0
        self._overdue = False

    @property
    def pid(self) -> int | None:
        child = self._child
        return child.pid if child and child.poll() is None else None

    def read(self, job: Job) -> Result:
        """What a worker makes of the job. One that died before it took it is not the file's fault."""
        if self._files >= _FILES_A_PROCESS:
            self.put_away()
        self._job = job
        job.begun = time.monotonic()
        taken, reply = self._asked(job)
        if not (taken or job.cancelled or self._overdue):
            taken, reply = self._asked(job)
        self._job = None
        return self._ended()._replace(killed=True) if reply is None else _result(reply)

    def _asked(self, job: Job) -> tuple[bool, bytes | None]:
        """Whether a worker took the job, and its answer; None where it ended without one."""
        child = self._started()
        assert child.stdin and child.stdout
        if job.cancelled:  # while the process was being started, when there was none to kill
            self.kill()
            return False, None
        self._files += 1
        watch = _Watch(self._limits, self._stop)
        frame, taken = None, False
        try:
            write_frame(child.stdin, job.header())
            write_frame(child.stdin, job.data)
            while (frame := read_frame(child.stdout)) is not None and frame[:1] == b"[":
                taken = True
                watch.beat()
                done, total = json.loads(frame)
                if total:
                    job.done, job.total = done, total
        except OSError:
            pass  # it ended while the job was being sent
        finally:
            watch.end()
        if frame is None:  # it may take a moment to be gone; one that only closed its pipe is of no use
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=2)
            self.kill()
        return taken or frame is not None, frame

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.put_away()
        start = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from {self._module} import main; main()"
        self._child = subprocess.Popen(  # noqa: S603 - this very Python, on a module of ours
            [sys.executable, "-P", "-X", "utf8", "-c", start, str(self._limits.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C must reach the parent alone, and a kill whatever the worker started.
            start_new_session=_POSIX,
            creationflags=0 if _POSIX else _NEW_GROUP | _NO_WINDOW,
        )
        return self._child

    def _ended(self) -> Result:
        """Why a worker ended without an answer, in words."""
        assert self._child is not None
        code = self._child.wait()
        if self._overdue:
            what = "读取这个文件用时过长、没有进展，已停止，文件未加入。"
            return Result(message=f"{what}请把它拆成几个文件，或另存为 PDF、Word（.docx）后重新加入。")
        if code == OUT_OF_MEMORY:
            limit = f"{self._limits.memory / 2**30:.1f}".removesuffix(".0")
            what = f"读取这个文件需要的内存超过 {limit} GB 的上限，已停止，文件未加入。"
            return Result(message=f"{what}请把它拆成几个文件后重新加入。")
        if _POSIX and code == -signal.SIGKILL:
            what = "读取这个文件的进程被系统终止（多为内存不足），文件未加入。"
            return Result(message=f"{what}请关闭其他程序后再试。", lasting=False)
        return Result(message=f"这个文件使读取程序崩溃（多为文件损坏），文件未加入。{_SAVE_AS}")

    def _stop(self) -> None:
        self._overdue = True
        self.kill()

    def kill_if_cancelled(self) -> None:
        """End the process where the job it works at was given up."""
        job = self._job
        if job is not None and job.cancelled:
            self.kill()

    def kill(self) -> None:
        """End the process and what it started."""
        child = self._child
        if child is None or child.poll() is not None:
            return
        with contextlib.suppress(OSError):
            if _POSIX:
                os.killpg(child.pid, signal.SIGKILL)
            else:
                child.kill()
        child.wait()

    def put_away(self) -> None:
        """Put the process away, its pipes with it."""
        self.kill()
        for pipe in (self._child.stdin, self._child.stdout) if self._child else ():
            with contextlib.suppress(OSError):  # what it did not take goes with it
                if pipe is not None:
                    pipe.close()
        self._child = None
        self._files = 0
        self._overdue = False


class _Watch:
    """Calls ``stop`` when a file takes too long: without a beat, or in all."""

    def __init__(self, limits: Limits, stop: Callable[[], None]) -> None:
        self._limits = limits
        self._stop = stop
        self._started = time.monotonic()
        self._beaten = self._started + _START_S  # until it takes the file, the file is not to blame
        with _watching:
            _watches.add(self)
        _start_watching()

    def beat(self) -> None:
        self._beaten = time.monotonic()

    def end(self) -> None:
        with _watching:
            _watches.discard(self)

    def look(self, now: float) -> None:
        late = now - self._beaten > self._limits.seconds
        if late or now - self._started > self._limits.seconds_in_all:
            self.end()
            self._stop()


_watches: set[_Watch] = set()
_watching = threading.Lock()


@cache
def _start_watching() -> None:
    def watch() -> None:
        while True:
            time.sleep(_LOOK_EVERY_S)
            with _watching:
                held = list(_watches)
            for each in held:
                each.look(time.monotonic())

    threading.Thread(target=watch, daemon=True).start()


def _result(frame: bytes) -> Result:
    told = json.loads(frame)
    if "bug" in told:
        return Result(message=told["bug"], bug=told["traceback"])
    if "error" in told:
        return Result(message=told["error"], lasting=told["lasting"])
    if "refused" not in told:
        return Result(told=told)
    document = from_json(told["document"]) if "document" in told else None
    return Result(
        document=document,
        refused=tuple((name, why) for name, why in told["refused"]),
        lines=tuple(lines_from_json(lines) for lines in told.get("lines", ())),
    )


def cores() -> int:
    """How many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def shared() -> Pool:
    """The pool that all of a process's ingests share, so that the second finds it warm."""
    return Pool()
