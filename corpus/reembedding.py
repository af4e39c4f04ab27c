"""Another encoder for a store: its vectors are computed beside the old ones, which serve until all are there.

First without any lock, in batches that the embedding cache keeps: whoever is killed goes on where
it was. What is written meanwhile is caught up with. Then, while no writer is at work, the last ones
are computed, the new index is written beside the old one, the catalogue names the new encoder in
one transaction, and the index follows at once. A program that answers from the store meets the new
encoder at its next question.
"""

import json
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from corpus import locks, vectors, verification
from corpus.backup import Progress
from corpus.database import now
from corpus.disk import told_in_words
from corpus.embeddings import Embeddings
from corpus.errors import UserError
from corpus.indexes import ENCODER, PLACE
from corpus.vectors import Encoder, recorded_place

if TYPE_CHECKING:
    from corpus.store import Store

#: The setting that tells how far it is.
_NEXT = "encoder_next"
#: So many passages are looked at at a time.
_SLICE = 4096
#: The switch may begin when so few were computed since the last look: they are the last but these.
_FEW = 512
#: So long the right to write is waited for before what was written meanwhile is caught up with.
_PATIENCE_S = 30.0
#: How far it is is written down so often.
_TOLD_EVERY_S = 2.0
STAGE = "计算向量"


class Reembedding(NamedTuple):
    """How far the vectors of another encoder are; ``running`` is False where that was interrupted."""

    encoder: str
    began: str
    done: int
    total: int
    #: So many were there when it was begun, from an earlier time.
    before: int
    running: bool

    def left_s(self, at: str) -> float | None:
        """Seconds that it will still take at a moment (ISO 8601), as fast as until then; None while nobody can say."""
        spent = (datetime.fromisoformat(at) - datetime.fromisoformat(self.began)).total_seconds()
        made = self.done - self.before
        return spent * (self.total - self.done) / made if made > 0 and spent > 0 else None


def under_way(store: "Store") -> Reembedding | None:
    """What is being computed, by any program, or was when one was stopped; None where nothing is."""
    told = store._catalogue.setting(_NEXT)
    return Reembedding._make([*json.loads(told), _running(store)]) if told else None


def _running(store: "Store") -> bool:
    try:
        with locks.lock(store.directory, 0, locks.ENCODER):
            return False
    except locks.Timeout:
        return True


def change(store: "Store", given: Encoder | str, progress: Progress | None, *, who: str) -> bool:
    """Have the store's vectors computed by another encoder; False where it is the store's already.

    Nobody has to wait, except writers for the moments of the switch. Raises ``UserError`` where
    the encoder is not to be had, another program is at this, or this one is about to end.
    """
    encoder = vectors.load_encoder(given) if isinstance(given, str) else given
    place = recorded_place(given)
    if store._catalogue.setting(ENCODER) == encoder.name:
        if place is not None:
            store._catalogue.set_setting(PLACE + encoder.name, place)
        return False
    try:
        with locks.lock(store.directory, 0, locks.ENCODER):
            _Change(store, encoder, place, progress).run(who)
    except locks.Timeout:
        raise UserError(
            "另一个程序正在为这个资料库换向量模型。", "请等它结束；进度可以在“管理”页上看。"
        ) from None
    return True


def forget_unfinished(store: "Store") -> None:
    """Drop what was computed of encoders that the store does not use, unless somebody is at it. Holds the lock."""
    try:
        with locks.lock(store.directory, 0, locks.ENCODER):
            _forget_others(store, store._catalogue.setting(ENCODER) or "")
    except locks.Timeout:
        return


def finish(store: "Store") -> None:
    """Drop what is left of the encoder before, where whoever changed it was killed right after. Holds the lock."""
    told = store._catalogue.setting(_NEXT)
    if told and json.loads(told)[0] == store._catalogue.setting(ENCODER):
        forget_unfinished(store)


def _forget_others(store: "Store", encoder: str) -> None:
    catalogue = store._catalogue
    Embeddings(catalogue).forget_others(encoder)
    with catalogue.transaction() as connection:
        connection.execute("DELETE FROM settings WHERE key = ?", (_NEXT,))
        connection.execute(
            "DELETE FROM settings WHERE substr(key, 1, ?) = ? AND key <> ?",
            (len(PLACE), PLACE, PLACE + encoder),
        )


class _Change:
    """One change of encoders."""

    def __init__(
        self, store: "Store", encoder: Encoder, place: str | None, progress: Progress | None
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._place = place
        self._progress = progress
        self._began = now()
        self._before = 0
        self._embeddings = Embeddings(store._catalogue)
        self._told_at = float("-inf")

    def run(self, who: str) -> None:
        store = self._store
        switched = False
        while not switched:
            if self._ahead() > _FEW:
                continue  # so long may have gone by that more was written
            with (
                suppress(locks.BusyError),  # what it writes is caught up with
                store._at_work(),
                locks.exclusive(store.directory, _PATIENCE_S),
                told_in_words(),
            ):
                self._switch(who)
                switched = True

    def _ahead(self) -> int:
        """Compute what is missing of all that is held now; how many vectors that were."""
        rows = self._store._catalogue.rows()
        made = 0
        self._tell(0, len(rows))
        for at in range(0, len(rows), _SLICE):
            part = rows[at : at + _SLICE]
            missing = self._embeddings.missing(self._encoder.name, part)
            if not missing and not made:
                self._before = at + len(part)  # the work of an earlier time, or copies
            for done in self._embeddings.compute(self._encoder, missing, held=True):
                self._tell(at + len(part) - len(missing) + done, len(rows))
            made += len(missing)
        self._tell(len(rows), len(rows), now_=True)
        return made

    def _tell(self, done: int, total: int, *, now_: bool = False) -> None:
        if self._store.stopping.is_set():
            raise UserError("程序正在停止，换向量模型的工作停在这里。", "算好的都已保存，再做一次就接着算。")
        if self._progress:
            self._progress(STAGE, done, total)
        if now_ or time.monotonic() - self._told_at > _TOLD_EVERY_S:
            self._told_at = time.monotonic()
            told = [self._encoder.name, self._began, done, total, self._before]
            self._store._catalogue.set_setting(_NEXT, json.dumps(told))

    def _switch(self, who: str) -> None:
        """Compute what is still missing and let the new vectors take the old ones' place. Holds the lock."""
        store, catalogue, indexes = self._store, self._store._catalogue, self._store._indexes
        mark = store.directory / locks.WRITING
        if mark.exists():
            verification.sweep(store)
        mark.touch()
        for _ in self._embeddings.compute(
            self._encoder, self._embeddings.missing(self._encoder.name, catalogue.rows())
        ):
            pass

        def commit() -> None:
            before = catalogue.setting(ENCODER) or ""
            with catalogue.transaction():
                catalogue.set_setting(ENCODER, self._encoder.name)
                if self._place is not None:
                    catalogue.set_setting(PLACE + self._encoder.name, self._place)
                catalogue.log(who, "换向量模型", "", before=before, after=self._encoder.name)

        indexes.encoders.hold(self._encoder, self._place)
        indexes.replace_vectors(self._encoder.name, commit, None)
        _forget_others(store, self._encoder.name)
        catalogue.checkpoint(wait=not indexes.backing_up())
        mark.unlink(missing_ok=True)
