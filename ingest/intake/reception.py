"""收件处: uploads of one store on their way to being live, whoever sends them: the page or a program.

Reading is ``receiving``'s; here is what comes after: what is to be live at once is published as soon
as it is read, and what became of a draft is remembered when the draft itself is gone.
"""

import json
import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from corpus.errors import UserError
from corpus.store import Store, received_now
from ingest.desk.notices import in_words
from ingest.intake.drafts import FOLDER, Draft, Drafts
from ingest.intake.publishing import Outcome, forget_deleted, publish
from ingest.intake.receiving import Received, Receiving
from ingest.workers import pool

_log = logging.getLogger(__name__)
#: Seconds until what could not be published, because another writer is at work, is tried again.
_AGAIN_S = 5.0
#: What became of a draft is told of so many of them, the latest.
_REMEMBERED = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """结果: a draft that is gone: live as ``source_id``, a container whose files are ``members``, or removed."""

    id: str
    name: str
    state: Literal["published", "unpacked", "removed"]
    at: str
    source_id: str = ""
    articles: int = 0
    members: tuple[str, ...] = ()


class Reception:
    """The drafts of one store with those who read and publish them. Safe to share between threads."""

    def __init__(self, store: Store, *, workers: pool.Pool | None = None) -> None:
        """Reading that an earlier program did not end is taken up again."""
        self.drafts = Drafts(store.directory)
        self.ended = Memory(store.directory / FOLDER / "ended.jsonl")
        self._store = store
        self._moving = threading.Lock()
        self._direct: queue.SimpleQueue[Draft] = queue.SimpleQueue()
        self.receiving = Receiving(
            store, self.drafts, workers=workers, ready=self._direct.put, unpacked=self._unpacked
        )
        self.receiving.resume()
        forget_deleted(store, self.drafts)
        threading.Thread(target=self._publish_direct, daemon=True).start()

    def publish(self, ids: Sequence[str], *, who: str) -> list[Outcome]:
        """As ``publishing.publish``, remembered."""
        outcomes: list[Outcome] = []
        publishing = publish(self._store, self.drafts, ids, who=who)
        while True:
            with self._moving:
                outcome = next(publishing, None)
                if outcome is None:
                    return outcomes
                outcomes.append(outcome)
                if outcome.source_id:
                    self.ended.add(_published(outcome))

    def find(self, draft_id: str) -> Draft | Ended | None:
        """A draft, or what became of it; None where neither is known."""
        draft = next((each for each in self.drafts.all() if each.id == draft_id), None)
        if found := draft or self.ended.get(draft_id):
            return found
        with self._moving:  # on its way from the one to the other
            return self.ended.get(draft_id)

    def remove(self, draft_id: str) -> None:
        """Forget a draft, given up where it is being read."""
        draft = next((each for each in self.drafts.all() if each.id == draft_id), None)
        if draft is None:
            return
        self.ended.add(Ended(id=draft_id, name=draft.name, state="removed", at=received_now()))
        if draft.state == "waiting":
            self.receiving.cancel(draft_id)
        self.drafts.remove(draft_id)

    def _unpacked(self, draft: Draft, received: Received) -> None:
        members = tuple(member.id for member in received.drafts)
        self.ended.add(
            Ended(id=draft.id, name=draft.name, state="unpacked", at=received_now(), members=members)
        )

    def _publish_direct(self) -> None:
        """Make live what is to be so as soon as it is read, as many at once as there are."""
        while True:
            waiting = [self._direct.get()]
            while not self._direct.empty():
                waiting.append(self._direct.get())
            try:
                for outcome in self.publish([draft.id for draft in waiting], who=waiting[0].by):
                    if not (outcome.source_id or self._store.stopping.is_set()):
                        self._stays(outcome.draft_id, outcome.message)
            except UserError:  # another writer is at work
                time.sleep(_AGAIN_S)
                for draft in waiting:
                    self._direct.put(draft)
            except Exception as error:  # the edge: the thread must live on
                for draft in waiting:
                    self._stays(draft.id, in_words(error))

    def _stays(self, draft_id: str, message: str) -> None:
        try:
            with self.drafts.changing(draft_id) as draft:
                self.drafts.save(replace(draft, message=message, direct=False))
        except UserError:
            return  # removed meanwhile


def _published(outcome: Outcome) -> Ended:
    return Ended(
        id=outcome.draft_id,
        name=outcome.name,
        state="published",
        at=received_now(),
        source_id=outcome.source_id,
        articles=outcome.articles,
    )


class Memory:
    """记录: what became of the latest drafts, in a file beside them; a lost line loses nothing else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Ended] = OrderedDict()
        lines = self._lines()
        for line in lines[-_REMEMBERED:]:
            self._take(line)
        if len(lines) > 2 * _REMEMBERED:
            self._write("w", list(self._held.values()))

    def add(self, ended: Ended) -> None:
        """Remember one; never raises."""
        with self._lock:
            self._held[ended.id] = ended
            while len(self._held) > _REMEMBERED:
                self._held.popitem(last=False)
            self._write("a", [ended])

    def get(self, draft_id: str) -> Ended | None:
        """What became of a draft; None where that is not known (any more)."""
        with self._lock:
            return self._held.get(draft_id)

    def latest(self, count: int) -> list[Ended]:
        """The latest, newest first."""
        with self._lock:
            return list(self._held.values())[::-1][:count]

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def _take(self, line: str) -> None:
        try:
            held = json.loads(line)
            ended = Ended(**held | {"members": tuple(held["members"])})
        except (ValueError, KeyError, TypeError):  # a program was killed as it wrote
            return
        self._held[ended.id] = ended

    def _write(self, mode: Literal["a", "w"], many: Sequence[Ended]) -> None:
        try:
            self._path.parent.mkdir(exist_ok=True)
            with self._path.open(mode, encoding="utf-8", errors="replace") as file:
                file.writelines(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in many)
        except OSError:
            _log.exception("what became of a draft is not kept")
