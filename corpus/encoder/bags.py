"""Token ids of many texts in two flat arrays: what an ``EmbeddingBag`` takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

_BATCH = 8_192


@dataclass(frozen=True, slots=True)
class Bags:
    """``ids`` int32 (tokens,); ``starts`` int64 (texts + 1,), the last one the end."""

    ids: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: np.ndarray, *, keep: float = 1.0, draw: np.random.Generator | None = None) -> "Bags":
        """The bags at ``rows``; with ``draw``, each token stays with probability ``keep``.

        The first token of a bag always stays, so that none becomes empty.
        """
        lengths = self.starts[rows + 1] - self.starts[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(self.starts[rows] - starts[:-1], lengths) + np.arange(starts[-1])
        taken = Bags(self.ids[places], starts)
        return taken if draw is None else taken._thinned(keep, draw)

    def joined(self, other: "Bags") -> "Bags":
        """These bags, then those of ``other``."""
        return Bags(
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.starts, other.starts[1:] + self.starts[-1]]),
        )

    def _thinned(self, keep: float, draw: np.random.Generator) -> "Bags":
        stays = draw.random(len(self.ids)) < keep
        stays[self.starts[:-1][self.starts[:-1] < self.starts[1:]]] = True
        return Bags(self.ids[stays], np.concatenate([[0], np.cumsum(stays)])[self.starts])


def tokenize(tokenizer: Tokenizer, texts: Sequence[str]) -> Bags:
    """The bags of ``texts``, in order; unknown tokens (id 0) are left out."""
    lengths: list[int] = []
    ids: list[np.ndarray] = []
    for start in range(0, len(texts), _BATCH):
        for encoding in tokenizer.encode_batch_fast(
            list(texts[start : start + _BATCH]), add_special_tokens=False
        ):
            known = [token for token in encoding.ids if token]
            lengths.append(len(known))
            ids.append(np.array(known, dtype=np.int32))
    return Bags(np.concatenate(ids), np.concatenate([[0], np.cumsum(lengths)]))
