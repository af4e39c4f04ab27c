"""The passages of articles, kept."""

from corpus.store import Store
from corpus.types import Passage

#: Articles whose passages are kept; beyond, all are forgotten.
KEPT = 4096


class Passages:
    """An article's passages, in order, by its id; those of the latest articles are kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revision = -1
        self._kept: dict[str, list[Passage]] = {}

    def __call__(self, article_id: str) -> list[Passage]:
        if self._revision != self._store.revision:
            self._revision, self._kept = self._store.revision, {}
        kept = self._kept
        found = kept.get(article_id)
        if found is None:
            if len(kept) >= KEPT:
                self._kept = kept = {}
            found = kept[article_id] = self._store.passages(article_id)
        return found
