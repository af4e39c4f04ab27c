"""The first start: a new store is filled with the shipped documents."""

from collections.abc import Iterator
from pathlib import Path

from corpus.errors import UserError
from corpus.store import Store
from ingest.pipeline import Event, ingest

_UNFINISHED = "first-start.unfinished"


def fill(store: Store, documents: Path) -> Iterator[Event]:
    """Bring ``documents`` into a store that was never written to; of any other, nothing happens.

    A first start that was interrupted goes on at the next one. An office that removed the
    shipped documents on purpose does not get them back.
    """
    unfinished = store.directory / _UNFINISHED
    if store.revision == 0 and not store.counts().sources:
        unfinished.touch()
    if unfinished.exists():
        try:
            yield from ingest([documents], store, received_by="随程序附带")
        except UserError:
            if not store.stopping.is_set():  # told to stop before the first document
                raise
        if not store.stopping.is_set():
            unfinished.unlink()
