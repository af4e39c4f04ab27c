"""The right to write, one holder at a time: sources are put, withdrawn, put back and deleted for good."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from corpus import originals
from corpus.disk import told_in_words
from corpus.indexes import PURGE
from corpus.types import Article, Passage, Source

if TYPE_CHECKING:
    from corpus.store import Store

#: A writer brings the indexes up to date whenever so many passages wait for them, and a quarter of all.
_FLUSH_AT = 20_000


class Writer:
    """The right to write, as ``Store.writing`` gives it; used by one thread."""

    def __init__(self, store: "Store", who: str) -> None:
        self._store = store
        self._who = who
        self._next = store._catalogue.next_source()
        self._waiting = 0
        #: Inside ``together``: originals that are written and may not yet be on the disk, and digests
        #: of those that may go once the catalogue says so. None outside.
        self._unsynced: list[Path] | None = None
        self._unused: list[str] = []

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is put inside is kept at the end, all at once: one wait for the disk, not three a source.

        Each source is still there whole or not at all. Meant for as long as it takes to put a
        few: other writers of the catalogue wait meanwhile.
        """
        self._unsynced, self._unused = [], []
        try:
            with self._store._catalogue.transaction():
                yield
                with told_in_words():
                    originals.sync(self._unsynced)
        finally:
            # What was replaced or deleted, and what came with a source that could not be put after all.
            for digest in {*self._unused, *(path.name for path in self._unsynced)}:
                self._drop_original(digest)
            self._unsynced = None
        # The more is held, the longer it takes: a large import must not do it too often.
        if self._waiting >= _FLUSH_AT and self._waiting >= self._store.counts().passages // 4:
            self.flush()

    def known(
        self, *, origin: str, name: str, sha256: str
    ) -> tuple[str, Literal["new", "changed", "unchanged", "withdrawn"]]:
        """The source id to use for a file, and whether the store holds it.

        The same place with the same bytes is unchanged, and so is the same name with the
        same bytes elsewhere (the folder was moved); the same place with other bytes is
        changed and keeps its id; where such a source is withdrawn, it is told so; anything
        else is new, under an id never used before.
        """
        held = self._store._catalogue.known(origin, name, sha256)
        if held is not None:
            return held[0], "unchanged" if held[1] else "changed"
        if withdrawn := self._store.archive.withdrawn_for(origin=origin, name=name, sha256=sha256):
            return withdrawn, "withdrawn"
        self._next += 1
        return str(self._next - 1), "new"

    def put(
        self, source: Source, articles: Sequence[Article], passages: Sequence[Passage], original: bytes
    ) -> None:
        """Replace what the source held, in one transaction: all of it or nothing.

        What it held before becomes an old version in the archive, unless the articles are the
        same. Raises ``ValueError`` where ids or offsets do not fit together or ``original`` is not
        the file of ``source.sha256``; ``UserError`` where the encoder is missing or another.
        """
        if sha256(original).hexdigest() != source.sha256:
            raise ValueError(f"the original of source {source.id!r} has another sha256")
        with self._grouped():
            assert self._unsynced is not None
            path = originals.place(self._store.directory, source.sha256)
            with told_in_words():
                written = originals.write_whole(path, original)
            if written:
                self._unsynced.append(path)
            self._put(source, articles, passages, who=self._who or source.received_by)

    @contextmanager
    def _grouped(self) -> Iterator[None]:
        """All or nothing: within ``together`` where it is open, or by itself."""
        with self.together() if self._unsynced is None else self._store._catalogue.transaction():
            yield

    def _put(
        self,
        source: Source,
        articles: Sequence[Article],
        passages: Sequence[Passage],
        *,
        who: str,
        action: str = "",
    ) -> None:
        """One source among those that are put together; its original is there."""
        store = self._store
        if passages:
            store._indexes.adopt_encoder()
        before = store.source(source.id)
        store.links.follow(store.archive.latest(source.id), articles, who=who)
        store.archive.keep_former(source.id, articles, who=who)
        store._catalogue.put(source, articles, passages, who=who, action=action)
        store._reprints.add(articles)
        if before is not None:
            self._unused.append(before.sha256)
        self._next = max(self._next, int(source.id) + 1)
        self._waiting += len(passages)

    def failed(self, *, origin: str, name: str, sha256: str, program: str, message: str) -> None:
        """Keep why a file could not be read; a later ``put`` from the same place forgets it."""
        self._store._failures.add(origin, name, sha256, program, message)

    def withdraw(self, source_id: str, *, note: str = "") -> bool:
        """Take a source out of every search and keep it in the archive; see ``archive``.

        ``note`` says why. False where there is no such source, or it is withdrawn already.
        """
        with self._grouped():
            return self._store.archive.withdraw(source_id, who=self._who, note=note)

    def restore(self, archived_id: str) -> bool:
        """Put a withdrawn source back, or an old version ("v12") in place of what is live.

        It keeps the id that it had. False where the archive does not hold it. Raises
        ``UserError`` where the encoder is missing or another.
        """
        with self._grouped():
            kept = self._store.archive.take(archived_id)
            if kept is not None:
                self._put(*kept, who=self._who, action="恢复")
        return kept is not None

    def remove(self, source_id: str) -> bool:
        """Delete for good: a source, live or withdrawn, with its versions and originals.

        Also one old version ("v12"), or what is kept of a failure ("f1"). False where there is none.
        """
        store = self._store
        if source_id.startswith("f"):
            return store._failures.remove(source_id, who=self._who)
        with self._grouped():
            source = store.source(source_id)
            store._feedback.forget_quotes(source_id)
            archived = store.archive.erase(source_id, who=self._who)
            store._catalogue.remove(source_id, who=self._who)
            store.links.forget(source_id)
            if source or archived:
                # Until it is written anew, the keyword index keeps the words of what it marks as deleted.
                store._catalogue.set_setting(PURGE, "1")
            self._unused += [*archived, *([source.sha256] if source else [])]
        return bool(source or archived)

    def flush(self) -> None:
        """Bring both indexes to the catalogue's revision, and empty its journal."""
        with told_in_words():
            self._store._reprints.catch_up()
            self._store._indexes.bring_up_to_date()
        self._waiting = 0

    def _drop_original(self, digest: str) -> None:
        if not self._store._catalogue.refers_to(digest):
            originals.place(self._store.directory, digest).unlink(missing_ok=True)
