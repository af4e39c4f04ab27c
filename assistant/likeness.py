"""How like a question the sentences are in the encoder's eyes: for those that say it in other words."""

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np

from assistant.evidence.context import Context

Prompt = Literal["query", "passage"]

#: Sentences whose vectors are kept; beyond, the oldest half is forgotten.
KEPT = 20_000


class Encodes(Protocol):
    """What is needed of a store."""

    def encode(self, texts: Sequence[str], *, prompt: Prompt = "passage") -> np.ndarray: ...


class Likeness:
    """近似度: cosines between a question and segments; vectors are kept, so questions come back cheaply."""

    def __init__(self, store: Encodes) -> None:
        self._store = store
        self._kept: dict[tuple[str, str], np.ndarray] = {}

    def __call__(self, question: str, segments: Sequence[tuple[Context, int]]) -> list[float]:
        """One cosine (−1 to 1) for each segment, read under its heading; all are encoded at once."""
        texts = [at.read_under_heading(index) for at, index in segments]
        asked = self._vectors([question], "query")
        return [float(v @ asked[0]) for v in self._vectors(texts, "passage")]

    def _vectors(self, texts: Sequence[str], prompt: Prompt) -> list[np.ndarray]:
        kept = self._kept
        new = list(dict.fromkeys(t for t in texts if (prompt, t) not in kept))
        made = dict(zip(new, self._store.encode(new, prompt=prompt), strict=True)) if new else {}
        found = [made[t] if t in made else kept[prompt, t] for t in texts]
        if len(kept) + len(made) > KEPT:
            self._kept = kept = dict(list(kept.items())[KEPT // 2 :])
        kept.update({(prompt, t): v for t, v in made.items()})
        return found
