"""Uploads into drafts: kept at once, read in worker processes, with word of how far each is.

A file is a draft from the moment it has arrived; what a program that ended had not read yet is
read by the next one. Files that hold others (ZIP, mails with attachments) become a draft each.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from corpus.errors import StoreError, UserError
from corpus.store import Store
from ingest import readers
from ingest.files import Found, find
from ingest.intake.correcting import Change, Part, parts_of
from ingest.intake.drafts import Draft, Drafts
from ingest.readers import archive
from ingest.workers import pool

_log = logging.getLogger(__name__)

INBOX = "inbox"
#: Seconds a file takes for each byte, or a page for recognition, before any of its kind was read here.
_PACE, _PACE_OF_A_PAGE = 1.0e-6, 10.0
_LEAST_S = 0.3
_LEARNT = 0.3  # weight of the last file in the pace of its kind
#: Files handed to the workers for each process: the bytes of the others stay on the disk.
_AHEAD = 3
#: Seconds after which a draft is read again that could not be kept.
_AGAIN_S = 30.0
_EMPTY = "压缩包里没有可以读取的文件。请确认它的内容，或解压后把文件加入。"


class Progress(NamedTuple):
    """进度: ``stage`` of a file under way, pages read of how many (0: not known), seconds left by estimate."""

    stage: Literal["queued", "reading"]
    done: int
    total: int
    left: float


class Received(NamedTuple):
    """What became of an upload: the drafts it made, and the names of files that are live just so."""

    drafts: list[Draft]
    unchanged: list[str]


@dataclass(slots=True, eq=False)
class _Flight:
    """A draft on its way to being read; ``job`` once its turn is near, for it holds the file's bytes."""

    draft: Draft
    job: pool.Job | None = None

    @property
    def begun(self) -> float:
        return self.job.begun if self.job else 0.0


class Receiving:
    """收件: reads the drafts of one store; used by many threads."""

    def __init__(
        self,
        store: Store,
        drafts: Drafts,
        *,
        workers: pool.Pool | None = None,
        ready: Callable[[Draft], None] = lambda draft: None,
        unpacked: Callable[[Draft, Received], None] = lambda draft, received: None,
    ) -> None:
        """``ready`` is called with each draft that was read and is to be published at once.

        ``unpacked`` is called with each that was but a container, and what it held.
        """
        self._store = store
        self._drafts = drafts
        self._workers = workers or pool.shared()
        self._ready = ready
        self._told_unpacked = unpacked
        self._lock = threading.Lock()
        self._flying: dict[str, _Flight] = {}
        self._pace: dict[str, float] = {}
        self._unpacked: dict[str, int] = {}

    def resume(self) -> None:
        """Sweep, and go on with what the program before this one had not ended."""
        self._drafts.sweep()
        for draft in self._drafts.all():
            if draft.state == "waiting":
                self._submit(draft)
            elif draft.state == "ready" and draft.direct:
                self._ready(draft)

    def take(self, folder: Path, *, who: str, direct: bool = False) -> Received:
        """Make drafts of the files in a folder and have them read; the folder is used up.

        Raises ``UserError`` where a register in it cannot be read.
        """
        try:
            found = [
                each._replace(origin=str(self._store.directory.resolve() / INBOX / each.name))
                for each in find([folder])
            ]
            return self._kept(found, who=who, direct=direct)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def retry(self, draft_id: str, recognise: tuple[int, ...] = ()) -> Draft:
        """Read a draft again; ``recognise``: pages whose text is to be read off their picture."""
        with self._drafts.changing(draft_id) as draft:
            if draft.state == "waiting":
                raise UserError("这份文件正在读取。", "请等它读完。")
            if not recognise and draft.state == "ready":
                raise UserError("这份文件已经读好了。", "如需重新识别，请选择页码。")
            draft = self._drafts.save(replace(draft, state="waiting", message="", recognise=recognise))
        self._submit(draft)
        return draft

    def cancel(self, draft_id: str) -> None:
        """Give up reading a draft: one that was never read is forgotten, another stays as it was."""
        with self._lock:
            flight = self._flying.pop(draft_id, None)
        if flight is not None and flight.job is not None:
            self._workers.cancel([flight.job])
        self._clear(draft_id)
        self._hand_out()
        with self._drafts.changing(draft_id) as draft:
            if draft.parts:
                self._drafts.save(replace(draft, state="ready", recognise=()))
            else:
                self._drafts.remove(draft_id)

    def progress(self) -> dict[str, Progress]:
        """How far each draft is that waits or is being read, by its id."""
        with self._lock:
            flights = list(self._flying.values())
        ahead, told = 0.0, {}
        for flight in sorted(flights, key=lambda each: not each.begun):
            left = self._left(flight)
            shown = left if flight.begun else ahead / self._workers.size + left
            ahead += left
            done, total = (flight.job.done, flight.job.total) if flight.job else (0, 0)
            told[flight.draft.id] = Progress("reading" if flight.begun else "queued", done, total, shown)
        return told

    def _left(self, flight: _Flight) -> float:
        """Seconds a file takes from now on: by its pages where they are counted, else by its size."""
        job = flight.job
        elapsed = time.monotonic() - flight.begun if flight.begun else 0.0
        if job and job.total and job.done:
            return elapsed * (job.total - job.done) / job.done
        usual = _PACE_OF_A_PAGE if flight.draft.recognise else _PACE
        whole = self._pace.get(_kind(flight.draft), usual) * _length(flight.draft)
        return max(max(whole, _LEAST_S) - elapsed, 1.0 if flight.begun else _LEAST_S)

    # -- drafts out of files ------------------------------------------------------------

    def _kept(self, found: list[Found], *, who: str, direct: bool) -> Received:
        live = {source.origin: source.sha256 for source in self._store.sources()}
        waiting = {(draft.origin, draft.sha256) for draft in self._drafts.all()}
        received = Received([], [])
        for each in found:
            draft = self._created(each, live, waiting, who=who, direct=direct)
            if draft is None:
                received.unchanged.append(each.name)
            else:
                received.drafts.append(draft)
                if draft.state == "waiting":
                    self._submit(draft)
        return received

    def _created(
        self, found: Found, live: Mapping[str, str], waiting: set[tuple[str, str]], *, who: str, direct: bool
    ) -> Draft | None:
        """A draft of a file; None where it is live, or a draft, already."""
        known: dict[str, Any] = {
            "name": found.name,
            "origin": found.origin,
            "by": who,
            "record": found.record,
        }
        known |= {"depth": found.depth, "container": found.container, "direct": direct}
        if found.path.stat().st_size > readers.MAX_BYTES:
            limit = readers.MAX_BYTES // 2**20
            why = f"文件超过 {limit} MB 的上限。请拆分成几个文件后再加入。"
            return self._drafts.create(b"", **known, state="failed", message=why)
        draft = self._drafts.create(found.path.read_bytes(), **known)
        if live.get(found.origin) == draft.sha256 or (found.origin, draft.sha256) in waiting:
            self._drafts.remove(draft.id)
            return None
        return draft

    # -- reading ------------------------------------------------------------------------

    def _submit(self, draft: Draft) -> None:
        with self._lock:
            self._flying[draft.id] = _Flight(draft)
        self._hand_out()

    def _hand_out(self) -> None:
        """Give the workers the next files, as many as they can soon take."""
        while True:
            with self._lock:
                flights = list(self._flying.values())
                if sum(each.job is not None for each in flights) >= _AHEAD * self._workers.size:
                    return
                flight = next((each for each in flights if each.job is None), None)
                if flight is None:
                    return
                try:
                    job = flight.job = self._job(flight.draft)
                except (UserError, OSError):  # removed by somebody else meanwhile
                    del self._flying[flight.draft.id]
                    continue
            self._workers.submit(job, partial(self._landed, flight.draft.id, job))

    def _job(self, draft: Draft) -> pool.Job:
        data = self._drafts.original(draft.id)
        folder = ""
        if archive.may_hold_files(data) and not draft.recognise:
            inbox = self._members_of(draft.id)
            inbox.mkdir(parents=True, exist_ok=True)
            folder = str(inbox)
        budget = archive.MAX_BYTES - self._unpacked.get(draft.container or draft.origin, 0)
        return pool.Job(
            data=data,
            name=draft.name,
            source_id="0",
            record=draft.record,
            folder=folder,
            budget=budget if draft.depth < archive.MAX_DEPTH else -1,
            recognise=draft.recognise,
            lines=True,
        )

    def _landed(self, draft_id: str, job: pool.Job, result: pool.Result) -> None:
        """In a thread of the pool: keep what was read."""
        with self._lock:
            flight = self._flying.get(draft_id)
            if job.cancelled or flight is None or flight.job is not job:
                return
        try:
            self._learn(flight)
            self._keep(flight.draft, job, result)
        except StoreError as error:  # a full disk: it is read again, or it would wait for good
            _log.warning("draft %s: %s", draft_id, error)
            self._again(draft_id)
        except UserError as error:
            _log.warning("draft %s: %s", draft_id, error)
        except Exception:  # whatever it is, the pool's thread must live on
            _log.exception("draft %s could not be kept", draft_id)
        finally:
            with self._lock:
                self._flying.pop(draft_id, None)
            self._clear(draft_id)
            self._hand_out()

    def _again(self, draft_id: str) -> None:
        """Have a draft read in a while that could not be kept."""

        def submit() -> None:
            with suppress(UserError):  # removed meanwhile
                draft = self._drafts.get(draft_id)
                if draft.state == "waiting":
                    self._submit(draft)

        timer = threading.Timer(_AGAIN_S, submit)
        timer.daemon = True
        timer.start()

    def _learn(self, flight: _Flight) -> None:
        taken = (time.monotonic() - flight.begun) / max(_length(flight.draft), 1)
        kind = _kind(flight.draft)
        self._pace[kind] = taken * _LEARNT + self._pace.get(kind, taken) * (1 - _LEARNT)

    def _keep(self, read: Draft, job: pool.Job, result: pool.Result) -> None:
        try:
            members = self._members(read, job, result)
        except UserError as error:  # a register among them that is none
            members, result = None, pool.Result(message=str(error))
        with self._drafts.changing(read.id) as draft:
            if result.document is None and not result.message and members:
                self._told_unpacked(draft, members)
                self._drafts.remove(draft.id)  # a container is no document: what it holds is listed
                return
            if result.document is None:
                self._drafts.save(_failed(draft, result))
                return
            source, articles, passages = result.document
            parts = parts_of(articles, passages, result.lines)
            if draft.parts:
                pages = "、".join(map(str, draft.recognise))
                change = Change(
                    0, len(draft.parts), _with_corrections(draft, parts), f"第 {pages} 页用文字识别重读"
                )
                draft = draft.done(change, draft.by, source)
            else:
                draft = replace(draft, source=source, parts=parts)
            draft = self._drafts.save(replace(draft, state="ready", recognise=()))
        if draft.direct:
            self._ready(draft)

    def _members(self, outer: Draft, job: pool.Job, result: pool.Result) -> Received | None:
        """Make drafts of the files inside a file; None where there were none."""
        known = {"by": outer.by, "depth": outer.depth + 1}
        refused = []
        for name, why in result.refused:
            place = {"name": f"{outer.name}/{name}", "origin": f"{outer.origin}/{name}"}
            refused.append(self._drafts.create(b"", **known, **place, state="failed", message=why))
        if not job.folder:
            return Received(refused, []) if refused else None
        container = outer.container or outer.origin
        found = [
            member._replace(
                name=f"{outer.name}/{member.name}",
                origin=f"{outer.origin}/{member.name}",
                depth=outer.depth + 1,
                container=container,
            )
            for member in find([Path(job.folder)])
        ]
        size = sum(member.path.stat().st_size for member in found)
        self._unpacked[container] = self._unpacked.get(container, 0) + size
        received = self._kept(found, who=outer.by, direct=outer.direct)
        return Received(refused + received.drafts, received.unchanged) if found or refused else None

    def _members_of(self, draft_id: str) -> Path:
        return self._drafts.inbox(draft_id)

    def _clear(self, draft_id: str) -> None:
        shutil.rmtree(self._members_of(draft_id), ignore_errors=True)


def _failed(draft: Draft, result: pool.Result) -> Draft:
    """The draft with why it was not read; one that was read before stays as it was."""
    message = result.message or _EMPTY
    if result.bug:
        number = uuid4().hex[:8]
        _log.error("reading %s of %r failed\n%s", number, draft.name, result.bug)
        message = f"程序处理这个文件时出错（{message}，编号 {number}）。请把编号和文件交给管理员，以便在日志中查找原因。"
    return replace(draft, state="ready" if draft.parts else "failed", message=message, recognise=())


def _with_corrections(draft: Draft, read: tuple[Part, ...]) -> tuple[Part, ...]:
    """What was read again, with the parts as they were corrected where their text was read as before."""
    first = draft.first()
    whole = all(step.count == len(step.before) == 1 for step in draft.steps)
    if not whole or len(first) != len(read):
        return read
    return tuple(
        now if new.article.text == old.article.text else new
        for new, old, now in zip(read, first, draft.parts, strict=True)
    )


def _kind(draft: Draft) -> str:
    return Path(draft.name).suffix.lower() + ("*" if draft.recognise else "")


def _length(draft: Draft) -> int:
    """What there is to read, in the unit of the pace: bytes, or pages for recognition."""
    return len(draft.recognise) or draft.bytes
