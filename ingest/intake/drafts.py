"""待发布: documents that were read and are not live, kept in a folder each until they are published.

``<store>/drafts/<id>/`` holds ``original`` (the bytes) and ``draft.json`` (everything else). Both
are written whole or not at all, and a folder takes its name once both are there, so a program
killed at any moment leaves only whole drafts and remains that ``sweep`` clears.
"""

import contextlib
import json
import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from corpus.disk import told_in_words
from corpus.errors import UserError
from corpus.types import Article, Box, Passage, Source
from ingest.document import lines_from_json, lines_to_json
from ingest.intake.correcting import OPERATIONS, Change, Part

_log = logging.getLogger(__name__)

FOLDER = "drafts"
_ORIGINAL, _DRAFT = "original", "draft.json"
_UNFINISHED = ".new-"
_ID = re.compile(r"[0-9a-f]{12,24}")

#: waiting: to be read; ready: may be looked at and published; failed: could not be read.
State = Literal["waiting", "ready", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """一步: what was done, and what stands to be put back: ``before`` in place of ``count`` parts from ``start``.

    ``source`` is the former source where the file was read again.
    """

    at: str
    who: str
    words: str
    start: int
    count: int
    before: tuple[Part, ...]
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """草稿: one file on its way into the store.

    ``origin`` is the place by which the store knows the file; ``record`` its row in the office's
    register. ``corrects`` is the live source that this draft was opened from, ``stamp`` what that
    held then. ``place`` is what to do beside what is live: ``""`` undecided, ``"另存"``,
    ``"替换 3"``, ``"新版本 3"``. ``direct``: publish as soon as it is read. ``recognise``: pages that
    are to be read by recognition. ``version`` counts the writes.
    """

    id: str
    name: str
    origin: str
    sha256: str
    bytes: int
    by: str
    at: str
    record: dict[str, str] = field(default_factory=dict)
    depth: int = 0
    container: str = ""
    corrects: str = ""
    stamp: str = ""
    place: str = ""
    direct: bool = False
    recognise: tuple[int, ...] = ()
    state: State = "waiting"
    message: str = ""
    source: Source | None = None
    parts: tuple[Part, ...] = ()
    steps: tuple[Step, ...] = ()
    version: int = 0

    def first(self) -> tuple[Part, ...]:
        """The parts as they were read, before all corrections."""
        parts = self.parts
        for step in reversed(self.steps):
            parts = _put_back(parts, step)
        return parts

    def done(self, change: Change, who: str, source: Source | None = None) -> "Draft":
        """The draft after a change, which its history remembers; ``source`` where the file was read again."""
        before = self.parts[change.start : change.end]
        step = Step(
            at=_now(),
            who=who,
            words=change.words,
            start=change.start,
            count=len(change.parts),
            before=before,
            source=self.source if source else None,
        )
        parts = (*self.parts[: change.start], *change.parts, *self.parts[change.end :])
        return replace(self, parts=parts, steps=(*self.steps, step), source=source or self.source)

    def undone(self) -> "Draft":
        """The draft before its last change. Raises ``UserError`` where there was none."""
        if not self.steps:
            raise UserError("没有可以撤销的改动。", "这份草稿与读取时一样。")
        step = self.steps[-1]
        parts = _put_back(self.parts, step)
        return replace(self, parts=parts, steps=self.steps[:-1], source=step.source or self.source)

    def reset(self, who: str) -> "Draft":
        """The draft as it was read; that too can be undone."""
        if not self.steps:
            raise UserError("没有可以还原的改动。", "这份草稿与读取时一样。")
        first = next((step.source for step in self.steps if step.source), None)
        return self.done(Change(0, len(self.parts), self.first(), "还原为读取时的样子"), who, first)


def _put_back(parts: tuple[Part, ...], step: Step) -> tuple[Part, ...]:
    return (*parts[: step.start], *step.before, *parts[step.start + step.count :])


class Drafts:
    """草稿夹: the drafts of one store. Safe to share between threads of one program."""

    def __init__(self, directory: Path) -> None:
        """``directory`` is the store's."""
        self._folder = directory / FOLDER
        self._lock = threading.RLock()
        self._read: dict[str, tuple[tuple[int, int], Draft]] = {}

    def sweep(self) -> None:
        """Clear what a program left that was killed while it made, wrote or removed a draft."""
        for path in self._folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self._folder.glob("*/*.tmp"):
            path.unlink(missing_ok=True)

    def inbox(self, batch: str) -> Path:
        """The folder in which the files of one upload are gathered; ``sweep`` clears it."""
        self._check_place()
        if not _ID.fullmatch(batch):
            raise UserError("上传编号无效。", "请刷新页面后重新上传。")
        return self._folder / f"{_UNFINISHED}in-{batch}"

    def _check_place(self) -> None:
        """Raises ``StoreError`` where the store's folder is gone, which must not be made anew here."""
        with told_in_words():
            self._folder.parent.stat()

    def create(self, data: bytes, **known: Any) -> Draft:
        """Keep a file as a draft that waits to be read; ``known`` are fields of ``Draft``.

        Raises ``StoreError`` where the disk is full or may not be written.
        """
        self._check_place()
        id_ = f"{time.time_ns() // 1000:x}{secrets.token_hex(2)}"
        draft = Draft(id=id_, sha256=sha256(data).hexdigest(), bytes=len(data), at=_now(), **known)
        folder = self._folder / f"{_UNFINISHED}{id_}"
        try:
            with told_in_words():
                folder.mkdir(parents=True)
                _write(folder / _ORIGINAL, data)
                _write(folder / _DRAFT, _to_bytes(draft))
                folder.replace(self._folder / id_)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return draft

    def all(self) -> list[Draft]:
        """All drafts, oldest first."""
        with self._lock:
            ids = sorted(path.name for path in self._folder.glob("*") if _ID.fullmatch(path.name))
            self._read = {id_: held for id_, held in self._read.items() if id_ in set(ids)}
            return [draft for id_ in ids if (draft := self._held(id_))]

    def get(self, draft_id: str) -> Draft:
        """One draft. Raises ``UserError`` where it is not there any more."""
        with self._lock:
            draft = self._held(draft_id) if _ID.fullmatch(draft_id) else None
        if draft is None:
            raise UserError("这份草稿已经不在了。", "它可能已经发布或被移除，请刷新列表。")
        return draft

    def original(self, draft_id: str) -> bytes:
        """The file as it was received. Raises ``UserError`` as ``get``."""
        return self.original_path(draft_id).read_bytes()

    def original_path(self, draft_id: str) -> Path:
        """Where the file lies. Raises ``UserError`` as ``get``."""
        self.get(draft_id)
        return self._folder / draft_id / _ORIGINAL

    def save(self, draft: Draft) -> Draft:
        """Keep a changed draft. Raises ``UserError`` where somebody else changed it meanwhile."""
        with self._lock:
            if self.get(draft.id).version != draft.version:
                raise UserError("这份草稿刚被别人改过，您的这一步没有保存。", "请看过最新的内容后再改。")
            draft = replace(draft, version=draft.version + 1)
            path = self._folder / draft.id / _DRAFT
            temporary = path.with_suffix(".tmp")
            try:
                with told_in_words():
                    _write(temporary, _to_bytes(draft))
                    temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            return draft

    @contextlib.contextmanager
    def changing(self, draft_id: str) -> Iterator[Draft]:
        """The draft, which nobody else changes meanwhile."""
        with self._lock:
            yield self.get(draft_id)

    def apply(self, draft_id: str, version: int, do: str, who: str, **given: Any) -> Draft:
        """Do one of ``correcting.OPERATIONS``, ``undo`` or ``reset`` to a ready draft, and keep it.

        ``version`` is that of the draft which the person saw. Raises ``UserError``.
        """
        with self._lock:
            draft = self.get(draft_id)
            if draft.state != "ready":
                raise UserError("这份草稿还不能修改。", "请等它读完。")
            if draft.version != version:
                raise UserError("这份草稿刚被别人改过，您的这一步没有保存。", "请看过最新的内容后再改。")
            if do == "undo":
                return self.save(draft.undone())
            if do == "reset":
                return self.save(draft.reset(who))
            if do not in OPERATIONS:
                raise UserError("没有这种操作。", "请刷新页面后再试。")
            return self.save(draft.done(OPERATIONS[do](draft.parts, **given), who))

    def remove(self, draft_id: str) -> None:
        """Forget a draft, its original with it; nothing where there is none."""
        with self._lock:
            if not _ID.fullmatch(draft_id):
                return
            gone = self._folder / f"{_UNFINISHED}{draft_id}"  # what is left of it after a kill is swept
            with contextlib.suppress(FileNotFoundError):
                (self._folder / draft_id).replace(gone)
            shutil.rmtree(gone, ignore_errors=True)
            self._read.pop(draft_id, None)

    def _held(self, draft_id: str) -> Draft | None:
        path = self._folder / draft_id / _DRAFT
        try:
            known = path.stat()
            stamp = (known.st_mtime_ns, known.st_ino)
            if draft_id not in self._read or self._read[draft_id][0] != stamp:
                self._read[draft_id] = (stamp, _readable(draft_id, path.read_bytes()))
        except FileNotFoundError:
            return None
        return self._read[draft_id][1]


def _readable(draft_id: str, data: bytes) -> Draft:
    """The draft; where the disk or another program spoilt it, one that can only be removed."""
    try:
        return _from_bytes(data)
    except (ValueError, KeyError, TypeError):
        _log.exception("draft %s cannot be read", draft_id)
        why = "这份草稿已损坏，读不出来。请移除它，重新上传原来的文件。"
        empty: dict[str, Any] = {
            "name": "（已损坏的草稿）",
            "origin": "",
            "sha256": "",
            "bytes": 0,
            "by": "",
            "at": "",
        }
        return Draft(id=draft_id, state="failed", message=why, **empty)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


# ── as JSON ───────────────────────────────────────────────────────────────────────────


def _to_bytes(draft: Draft) -> bytes:
    table = _Table()
    held = _flat(draft) | {
        "source": draft.source and _flat(draft.source),
        "parts": [table.index(part) for part in draft.parts],
        "steps": [
            _flat(step)
            | {
                "before": [table.index(part) for part in step.before],
                "source": step.source and _flat(step.source),
            }
            for step in draft.steps
        ],
    }
    held |= {"table": {"parts": table.parts, "lines": table.lines, "passages": table.passages}}
    return json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _from_bytes(data: bytes) -> Draft:
    held = json.loads(data.decode("utf-8", "surrogatepass"))
    parts = _parts(held.pop("table"))

    def chosen(indexes: Sequence[int]) -> tuple[Part, ...]:
        return tuple(parts[index] for index in indexes)

    steps = [
        Step(**step | {"before": chosen(step["before"]), "source": _source(step["source"])})
        for step in held["steps"]
    ]
    made = {"source": _source(held["source"]), "parts": chosen(held["parts"]), "steps": tuple(steps)}
    return Draft(**held | made | {"recognise": tuple(held["recognise"])})


class _Table:
    """The parts of a draft and of its history, and what these share, each written once.

    Texts are left out: an article's is that of its lines, a passage's is of the article's.
    """

    def __init__(self) -> None:
        self.parts: list[list[Any]] = []
        self.lines: list[list[Any]] = []
        self.passages: list[list[Any]] = []
        self._known: dict[int, int] = {}

    def index(self, part: Part) -> int:
        """The number of a part, which is added where it is new."""
        if id(part) not in self._known:
            article = _flat(part.article) | {"text": ""}
            lines = self._shared(part.lines, self.lines, lines_to_json)
            cut = self._shared(part.passages, self.passages, _untold)
            self._known[id(part)] = len(self.parts)
            self.parts.append([article, lines, cut, sorted(part.out)])
        return self._known[id(part)]

    def _shared(self, items: Any, rows: list[list[Any]], told: Callable[[Any], list[Any]]) -> int:
        # What is empty is one and the same object in all parts, of whatever kind.
        key = id(items) if items else -1 - id(rows)
        if key not in self._known:
            self._known[key] = len(rows)
            rows.append(told(items))
        return self._known[key]


def _untold(cut: Sequence[Passage]) -> list[Any]:
    return [_flat(passage) | {"text": ""} for passage in cut]


def _parts(table: dict[str, Any]) -> list[Part]:
    lines = [lines_from_json(row) for row in table["lines"]]
    cuts: dict[tuple[int, str], tuple[Passage, ...]] = {}
    made = []
    for flat, line_row, cut_row, left_out in table["parts"]:
        out = frozenset(left_out)
        text = "\n".join(line.text for n, line in enumerate(lines[line_row]) if n not in out)
        if (cut_row, text) not in cuts:
            cuts[cut_row, text] = tuple(_passage(row, text) for row in table["passages"][cut_row])
        article = Article(**_frozen(flat) | {"text": text})
        made.append(Part(article=article, lines=lines[line_row], passages=cuts[cut_row, text], out=out))
    return made


def _passage(row: dict[str, Any], text: str) -> Passage:
    boxes = tuple(Box(*box) for box in row["boxes"])
    return Passage(**_frozen(row) | {"boxes": boxes, "text": text[row["start"] : row["end"]]})


def _flat(item: Any) -> dict[str, Any]:
    return {each.name: getattr(item, each.name) for each in fields(item)}


def _source(held: dict[str, Any] | None) -> Source | None:
    return held and Source(**_frozen(held))  # type: ignore[return-value]


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
