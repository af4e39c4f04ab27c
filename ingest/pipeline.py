"""Files into the store: find them, have worker processes read them, put what they made.

``ingest`` walks files and folders and yields an ``Event`` for each step, so that a command
line and a web page can each show progress in their own way. A file that cannot be read is
an event as well; nothing that stands in a file ends the batch. How one file becomes a
document is ``ingest.document``.
"""

import logging
import queue
import tempfile
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import uuid4

from corpus.errors import UserError
from corpus.store import Store, Writer, received_now
from ingest import readers
from ingest.document import Document, parse, recorded
from ingest.files import Found, find
from ingest.readers import archive
from ingest.workers import pool
from ingest.workers.program import fingerprint

__all__ = ["Document", "Event", "Found", "State", "Tally", "find", "ingest", "ingest_found", "parse"]

_log = logging.getLogger(__name__)

State = Literal["new", "changed", "unchanged", "failed"]

#: Files under way for each process: those that wait cost little, and what is done is kept together.
_AHEAD = 32
#: Bytes of files under way, above which no further one is begun.
_BYTES_AHEAD = 64 * 2**20
_WAIT_S = 0.2
#: In the audit log, where nobody says who it is: only the command line does not ask.
_UNNAMED = "命令行"
_WITHDRAWN = "这份文件已经撤下，没有重新加入。要重新使用，请先恢复。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """计数: files by outcome, and what the new and changed ones held."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    articles: int = 0
    passages: int = 0

    @property
    def files(self) -> int:
        """Files of which the outcome is known."""
        return self.new + self.changed + self.unchanged + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """进度: one step of an ingest.

    ``found`` (``total`` files), then for each file ``started`` and ``done`` or ``failed``
    (``message`` says why, in Chinese), then ``indexing``, then ``finished``. Several files
    are read at once, so these may come in another order than the files. ``index`` counts
    from 1: files begun for ``started``, files of known outcome otherwise. ``total`` grows
    where a file is found to hold others. ``tally`` is the count so far.
    """

    stage: Literal["found", "started", "done", "failed", "indexing", "finished"]
    file: str = ""
    index: int = 0
    total: int = 0
    state: State | None = None
    articles: int = 0
    passages: int = 0
    warnings: tuple[str, ...] = ()
    message: str = ""
    tally: Tally = field(default_factory=Tally)


def ingest(
    paths: Sequence[Path],
    store: Store,
    *,
    received_by: str = "",
    again: bool = False,
    workers: pool.Pool | None = None,
) -> Iterator[Event]:
    """Bring files and folders into the store; each file is one transaction.

    ``again`` reads unchanged files anew as well, and those that failed before. ``workers``
    defaults to the processes that all ingests of this program share. Where ``store.stopping``
    is set it ends after the file it is at, so that ``finished`` counts fewer files than there are;
    the next ingest goes on. Raises ``UserError`` where a path does not exist or another writer holds the store; nothing in a file raises.
    """
    yield from ingest_found(find(paths), store, received_by=received_by, again=again, workers=workers)


def ingest_found(
    files: Sequence[Found],
    store: Store,
    *,
    received_by: str = "",
    again: bool = False,
    workers: pool.Pool | None = None,
    wait_s: float = 30,
) -> Generator[Event, None, None]:
    """``ingest`` for files that were found before; waits ``wait_s`` seconds at most for another writer.

    Closed before its end, it keeps what is done and gives the rest up.
    """
    yield Event(stage="found", total=len(files))
    writing = store.writing(who=received_by or _UNNAMED, wait_s=wait_s)
    with writing as writer, tempfile.TemporaryDirectory() as folder:
        batch = _Batch(store, writer, workers or pool.shared(), Path(folder), received_by, again)
        yield from batch.events(files)
        yield Event(stage="indexing", index=batch.total, total=batch.total, tally=batch.tally)
    yield Event(stage="finished", index=batch.total, total=batch.total, tally=batch.tally)


class _Flight(NamedTuple):
    """A file that a worker reads: what it is, what the store knew of it, and its job."""

    found: Found
    state: State
    digest: str
    job: pool.Job


class _Batch:
    """The files of one ingest: which wait, which are being read, what became of the others."""

    def __init__(
        self, store: Store, writer: Writer, workers: pool.Pool, folder: Path, received_by: str, again: bool
    ) -> None:
        self._store = store
        self._writer = writer
        self._workers = workers
        self._folder = folder
        self._received_by = received_by
        self._again = again
        self._program = fingerprint()
        self._waiting: deque[Found] = deque()
        self._flying: dict[str, _Flight] = {}
        self._results: queue.SimpleQueue[tuple[str, pool.Result]] = queue.SimpleQueue()
        self._unpacked: dict[str, int] = {}
        self._begun = 0
        self.total = 0
        self.tally = Tally()

    def events(self, files: Sequence[Found]) -> Iterator[Event]:
        """Read the files, in their order as far as they are begun."""
        self._waiting.extend(files)
        self.total = len(files)
        try:
            while (self._waiting or self._flying) and not self._store.stopping.is_set():
                if self._waiting and self._may_begin(self._waiting[0]):
                    yield from self._begin(self._waiting.popleft())
                else:
                    yield from self._landed()
        finally:
            self._workers.cancel([flight.job for flight in self._flying.values()])

    def _may_begin(self, found: Found) -> bool:
        """Whether there is room; and the same name under way twice must be told apart one by one."""
        flying = self._flying.values()
        return (
            len(flying) < _AHEAD * self._workers.size
            and (not flying or sum(len(flight.job.data) for flight in flying) < _BYTES_AHEAD)
            and all(flight.found.name != found.name for flight in flying)
        )

    def _begin(self, found: Found) -> Iterator[Event]:
        self._begun += 1
        yield Event(stage="started", file=found.name, index=self._begun, total=self.total, tally=self.tally)
        try:
            data = _bytes(found.path)
        except UserError as error:
            yield self._told(_failure(found, str(error)))
            return
        digest = sha256(data).hexdigest()
        origin = found.origin or str(found.path.resolve())
        found = found._replace(origin=origin)
        source_id, state = self._writer.known(origin=origin, name=found.name, sha256=digest)
        if state == "withdrawn":
            yield self._told(Event(stage="done", file=found.name, state="unchanged", message=_WITHDRAWN))
            return
        if state == "unchanged" and not self._again and not _outdated(self._store, source_id, found.record):
            yield self._told(Event(stage="done", file=found.name, state="unchanged"))
            return
        if not self._again and (message := self._store.failure(sha256=digest, program=self._program)):
            yield self._told(_failure(found, f"{message}（这个文件先前已试过，没有再读。）"))
            return
        job = self._job(found, source_id, data)
        self._flying[source_id] = _Flight(found, state, digest, job)
        self._workers.submit(job, lambda result: self._results.put((source_id, result)))

    def _job(self, found: Found, source_id: str, data: bytes) -> pool.Job:
        """The job, with a folder for the files inside a file where it may hold any."""
        folder = ""
        if archive.may_hold_files(data):
            folder = tempfile.mkdtemp(dir=self._folder)
        budget = archive.MAX_BYTES - self._unpacked.get(found.container or found.origin, 0)
        return pool.Job(
            data=data,
            name=found.name,
            source_id=source_id,
            record=found.record,
            scratch=str(self._folder),
            folder=folder,
            budget=budget if found.depth < archive.MAX_DEPTH else -1,
        )

    def _landed(self) -> Iterator[Event]:
        """What became of the files that workers are done with by now; the store keeps them in one go."""
        events: list[Event] = []
        results = self._done()
        with self._writer.together():  # no one is told before, nor is anything waited for inside
            for source_id, result in results:
                events += self._outcomes(self._flying.pop(source_id), result)
        yield from map(self._told, events)

    def _done(self) -> list[tuple[str, pool.Result]]:
        """The results there are; one at least, unless the program is to end."""
        results: list[tuple[str, pool.Result]] = []
        while not (results or self._store.stopping.is_set()) or not self._results.empty():
            with suppress(queue.Empty):
                results.append(
                    self._results.get(timeout=_WAIT_S)
                )  # Ctrl-C cannot end a longer wait everywhere
        return results

    def _outcomes(self, flight: _Flight, result: pool.Result) -> Iterator[Event]:
        """What became of a file, and of those of its members that are known already."""
        try:
            members = self._members(flight)
        except UserError as error:  # a register among them that is none
            members = []
            result = pool.Result(message=str(error))
        self._waiting.extendleft(reversed(members))
        self.total += len(members) + len(result.refused)
        if result.document or result.message or not (members or result.refused):
            yield self._put(flight, result)
        else:
            self.total -= 1  # a container is no document: what it holds is counted
        for name, why in result.refused:
            yield _failure(flight.found._replace(name=f"{flight.found.name}/{name}"), why)

    def _members(self, flight: _Flight) -> list[Found]:
        """The files that were inside a file, ready to be read in their turn."""
        if not flight.job.folder:
            return []
        outer = flight.found
        container = outer.container or outer.origin
        members = find([Path(flight.job.folder)])
        self._unpacked[container] = self._unpacked.get(container, 0) + sum(
            member.path.stat().st_size for member in members
        )
        return [
            member._replace(
                name=f"{outer.name}/{member.name}",
                origin=f"{outer.origin}/{member.name}",
                depth=outer.depth + 1,
                container=container,
            )
            for member in members
        ]

    def _put(self, flight: _Flight, result: pool.Result) -> Event:
        found = flight.found
        if result.document is None and not result.message:
            result = pool.Result(message="压缩包里没有可以读取的文件。请确认它的内容，或解压后把文件加入。")
        if result.document is None:
            return self._failed(flight, result)
        try:
            source = replace(
                result.document.source,
                name=found.name,
                origin=found.origin,
                received_by=self._received_by,
                received_at=received_now(),
            )
            _, articles, passages = result.document
            self._writer.put(source, articles, passages, original=flight.job.data)
        except UserError as error:
            return _failure(found, str(error))
        except Exception as error:  # a bug: it costs this file, never the batch
            return _failure(found, _bug(found.name, type(error).__name__, error))
        return Event(
            stage="done",
            file=found.name,
            state="changed" if flight.state == "unchanged" else flight.state,
            articles=len(articles),
            passages=len(passages),
            warnings=source.warnings,
        )

    def _failed(self, flight: _Flight, result: pool.Result) -> Event:
        """The failure of a file, kept so that the same bytes are not tried again in vain."""
        message = result.message
        if result.bug:
            message = _bug(flight.found.name, message, result.bug)
        if result.lasting:
            self._writer.failed(
                origin=flight.found.origin,
                name=flight.found.name,
                sha256=flight.digest,
                message=message,
                program=self._program,
            )
        return _failure(flight.found, message)

    def _told(self, event: Event) -> Event:
        """The event with the count in which it is."""
        assert event.state is not None
        self.tally = replace(
            self.tally,
            **{event.state: getattr(self.tally, event.state) + 1},
            articles=self.tally.articles + event.articles,
            passages=self.tally.passages + event.passages,
        )
        return replace(event, index=self.tally.files, total=self.total, tally=self.tally)


def _failure(found: Found, message: str) -> Event:
    return Event(stage="failed", file=found.name, state="failed", message=message)


def _bug(name: str, kind: str, error: Exception | str) -> str:
    """Log the traceback of what is no fault of the file, and say so with the number to look for."""
    number = uuid4().hex[:8]
    if isinstance(error, str):
        _log.error("ingest %s of %r failed\n%s", number, name, error)
    else:
        _log.error("ingest %s of %r failed", number, name, exc_info=error)
    return (
        f"程序处理这个文件时出错（{kind}，编号 {number}），文件未加入，其余文件不受影响。"
        "这是程序的问题，请把编号和文件交给管理员，以便在日志中查找原因。"
    )


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > readers.MAX_BYTES:
            limit = readers.MAX_BYTES // 2**20
            raise UserError(f"文件超过 {limit} MB 的上限。", "请拆分成几个文件后再加入。")
        return path.read_bytes()
    except OSError as error:
        raise UserError("文件打不开。", "请检查它是否存在、是否有读取权限。") from error


def _outdated(store: Store, source_id: str, record: dict[str, str]) -> bool:
    """Whether a file with the same bytes must be read again: the register changed, or nothing was read."""
    source = store.source(source_id)
    if source is None or not (record or source.warnings):
        return False
    held = store.articles(source_id)
    return not held or recorded(held, record) != held
