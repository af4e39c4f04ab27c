"""Watches folders: what comes or changes there is read once it is whole, and goes into the store.

Events of the file system say where to look; a scan of the whole folder now and then finds what
they missed, as they do on network drives. Nothing is remembered between runs: the first scan
compares every file with the store, so a program that was killed goes on where it was.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Literal, NamedTuple

from watchdog.events import DirModifiedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from corpus.errors import UserError
from corpus.store import Store
from ingest.files import Found
from ingest.pipeline import Event, ingest_found
from ingest.registers import NOTES, REGISTERS
from ingest.watching import mirror
from ingest.watching.settling import Settling, may_be_read

#: Seconds: a file must not change for so long; between two looks; for another writer to end; before
#: the next try where something was in the way.
SETTLE_S, TICK_S, LOCK_S, RETRY_S = 3.0, 0.5, 1.0, 5.0
#: Files that are read before others may write to the store again.
TOGETHER = 100
RECEIVED_BY = "文件夹监视"
#: Reading a file, as we do, is no news.
_NEWS = frozenset({"created", "modified", "moved", "deleted", "closed"})
_STATES = {"new": "新增", "changed": "更新", "unchanged": "没有变化", "failed": "未加入"}

Kind = Literal["started", "scanned", "file", "withdrawn", "restored", "problem", "missing", "back", "stopped"]


class Notice(NamedTuple):
    """消息: what happened, for a log. ``text`` is a Chinese sentence; ``event`` is that of a file."""

    at: str
    kind: Kind
    text: str
    file: str = ""
    event: Event | None = None


class Watch:
    """监视: folders over one store. ``told`` is called with each notice, by the thread that calls ``run``.

    ``every_s``: seconds between two scans of everything. ``mirror``: withdraw what went from a folder.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        store: Store,
        told: Callable[[Notice], None],
        *,
        every_s: float = 600,
        mirror: bool = False,
        received_by: str = RECEIVED_BY,
        settle_s: float = SETTLE_S,
        tick_s: float = TICK_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ``UserError`` for what is no folder, or one around the store itself."""
        for folder in folders:
            if not folder.is_dir():
                raise UserError(f"找不到文件夹：{folder}。", "请检查路径是否写对、网络盘是否已经连上。")
            if store.directory.resolve().is_relative_to(folder.resolve()):
                raise UserError(
                    f"资料库就在 {folder} 里面，不能监视它。", "请监视别的文件夹，或把资料库放到别处。"
                )
        self._folders = [_Folder(folder.resolve(), settle_s, clock) for folder in folders]
        self._store = store
        self._told = told
        self._every_s = every_s
        self._mirror = mirror
        self._received_by = received_by
        self._settle_s = settle_s
        self._tick_s = tick_s
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Watch until ``stop`` is set; the document that is being kept then is kept."""
        names = "、".join(str(folder.root) for folder in self._folders)
        self._tell("started", f"开始监视：{names}。")
        try:
            while not stop.is_set():
                for folder in self._folders:
                    self._round(folder, stop)
                stop.wait(self._tick_s)
        finally:
            for folder in self._folders:
                folder.close()
        self._tell("stopped", "已停止监视，做完的部分都已保存。")

    def _round(self, folder: "_Folder", stop: threading.Event) -> None:
        now = self._clock()
        folder.drain(now)
        if now < folder.not_before:
            return
        try:
            if now >= folder.scan_at:
                self._scan(folder)
                folder.scan_at = now + self._every_s
            while not stop.is_set() and (ready := folder.files.ready(TOGETHER)):
                self._read(folder, ready, stop)
            if self._mirror and now >= folder.mirror_at and not folder.files.waiting:
                self._follow(folder, stop)
        except UserError as error:
            self._in_the_way(folder, str(error))
        except OSError as error:  # a drive that went in the middle
            self._in_the_way(
                folder, f"文件夹 {folder.root} 现在打不开（{error.strerror or error}），稍后再试。"
            )
        else:
            folder.problem = ""

    def _in_the_way(self, folder: "_Folder", problem: str) -> None:
        """Say what hinders, once, and try again later."""
        folder.not_before = self._clock() + min(RETRY_S, self._every_s)
        if problem != folder.problem:
            folder.problem = problem
            self._tell("problem", problem)

    def _scan(self, folder: "_Folder") -> None:
        if not folder.root.is_dir():
            if not folder.missing:
                folder.missing = True
                self._tell(
                    "missing",
                    f"文件夹 {folder.root} 不见了，可能是网络盘断开；已入库的文件都保留，等它回来。",
                )
            return
        if folder.missing:
            folder.missing = False
            self._tell("back", f"文件夹 {folder.root} 又能打开了。")
        watched = folder.observe()
        count = folder.files.scan()
        if folder.first:
            folder.first = False
            how = "" if watched else "，系统不能及时通知变化，只靠定时查看"
            self._tell("scanned", f"{folder.root} 里有 {count} 份文件{how}。")

    def _read(self, folder: "_Folder", ready: Sequence[Found], stop: threading.Event) -> None:
        self._restore(ready)
        events = ingest_found(ready, self._store, received_by=self._received_by, wait_s=LOCK_S)
        failed = set()
        for event in events:
            if event.state is not None and (event.state != "unchanged" or event.message):
                self._tell("file", _of(event), event.file, event)
            if event.state == "failed":
                failed.add(event.file)
            if stop.is_set():
                events.close()
                return
        folder.files.done(ready)
        folder.files.put_off(one for one in ready if one.name in failed and not may_be_read(one.path))

    def _restore(self, ready: Sequence[Found]) -> None:
        """Put back what was withdrawn because its file went, where the file is back."""
        back = mirror.withdrawn_by_mirror(self._store, [one.path for one in ready]) if self._mirror else []
        if back:
            with self._store.writing(wait_s=LOCK_S, who=self._received_by) as writer:
                for version in back:
                    writer.restore(version.source.id)
                    self._tell(
                        "restored", f"文件又回来了，已恢复：{version.source.name}。", version.source.name
                    )

    def _follow(self, folder: "_Folder", stop: threading.Event) -> None:
        """Withdraw what is missing at two looks in a row."""
        folder.mirror_at = self._clock() + self._every_s
        if folder.missing:
            return
        gone, doubtful = mirror.vanished(self._store, folder.root)
        if doubtful != folder.doubtful:
            folder.doubtful = doubtful
            if doubtful:
                self._tell(
                    "problem",
                    f"有 {doubtful} 份文件看不到了，但所在的文件夹是空的或打不开，可能是网络盘断开：没有撤下。",
                )
        sure = [source for source in gone if source.id in folder.suspected]
        folder.suspected = {source.id for source in gone} - {source.id for source in sure}
        if folder.suspected:
            folder.mirror_at = self._clock() + self._settle_s
        if sure:
            with self._store.writing(wait_s=LOCK_S, who=self._received_by) as writer:
                for source in sure:
                    if not stop.is_set() and writer.withdraw(source.id, note=mirror.NOTE):
                        self._tell("withdrawn", f"文件夹里已没有，已撤下：{source.name}。", source.name)

    def _tell(self, kind: Kind, text: str, file: str = "", event: Event | None = None) -> None:
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        self._told(Notice(at, kind, text, file, event))


class _Folder(FileSystemEventHandler):
    """One watched folder: its files, what the system told of it, and when to look again."""

    def __init__(self, root: Path, settle_s: float, clock: Callable[[], float]) -> None:
        self.root = root
        self.files = Settling(root, settle_s, clock)
        self.scan_at = self.not_before = self.mirror_at = 0.0
        self.first, self.missing, self.doubtful, self.problem = True, False, 0, ""
        #: Ids of the sources whose files were missing at the last look.
        self.suspected: set[str] = set()
        self._settle_s = settle_s
        self._told: SimpleQueue[FileSystemEvent] = SimpleQueue()
        self._observer: BaseObserver | None = None
        self._observed: tuple[int, int] | None = None

    def observe(self) -> bool:
        """Have the system tell of changes; anew where another drive is connected there. False: it does not."""
        held = self.root.stat()
        if self._observed != (held.st_dev, held.st_ino):
            self.close()
            self._observed = (held.st_dev, held.st_ino)
            observer = Observer()
            try:
                watch: ObservedWatch = observer.schedule(self, str(self.root), recursive=True)
                assert watch is not None
                observer.start()
            except OSError:  # too many folders for the system, or a drive that tells nothing
                return False
            self._observer = observer
        return self._observer is not None

    def close(self) -> None:
        """Have the system tell no more."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by the system's thread."""
        if event.event_type in _NEWS and not isinstance(event, DirModifiedEvent):
            self._told.put(event)

    def drain(self, now: float) -> None:
        """Look at what the system told of since; whole folders, registers and what went want a scan."""
        paths: set[Path] = set()
        while True:
            try:
                event = self._told.get_nowait()
            except Empty:
                break
            places = {Path(str(place)) for place in (event.src_path, event.dest_path) if place}
            paths |= places
            if event.is_directory or any(map(_is_of_a_register, places)):
                self.scan_at = min(self.scan_at, now + self._settle_s)
            if event.event_type in ("deleted", "moved"):
                self.mirror_at = min(self.mirror_at, now + self._settle_s)
        if paths:
            try:
                self.files.touched(paths)
            except UserError:  # a register that cannot be read: the scan says so
                self.scan_at = min(self.scan_at, now + self._settle_s)


def _is_of_a_register(path: Path) -> bool:
    return path.name.lower() in REGISTERS or path.suffix.lower() in NOTES


def _of(event: Event) -> str:
    """A file's outcome as a line of a log."""
    assert event.state is not None
    held = f"：{event.articles} 篇，{event.passages} 段" if event.passages else ""
    notes = "；".join(filter(None, [event.message, *event.warnings]))
    return f"{_STATES[event.state]}　{event.file}{held}{f'　{notes}' if notes else ''}"
