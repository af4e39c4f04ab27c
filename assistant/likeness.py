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

    @property
    def encoder_name(self) -> str: ...

    def encode(self, texts: Sequence[str], *, prompt: Prompt = "passage") -> np.ndarray: ...


class Likeness:
    """近似度: cosines between a question and segments; vectors are kept, so questions come back cheaply."""

    def __init__(self, store: Encodes) -> None:
        self._store = store
        #: By encoder, prompt and text: a store may change its encoder.
        self._kept: dict[tuple[str, str, str], np.ndarray] = {}

    def __call__(self, question: str, segments: Sequence[tuple[Context, int]]) -> list[float]:
        """One cosine (−1 to 1) for each segment, read under its heading; all are encoded at once."""
        texts = [at.read_under_heading(index) for at, index in segments]
        found: list[np.ndarray] = []
        while not found:
            encoder = self._store.encoder_name
            found = self._vectors(encoder, [question], "query") + self._vectors(encoder, texts, "passage")
            if self._store.encoder_name != encoder:  # it was changed meanwhile
                self._kept, found = {}, []
        return [float(v @ found[0]) for v in found[1:]]

    def _vectors(self, encoder: str, texts: Sequence[str], prompt: Prompt) -> list[np.ndarray]:
        kept = self._kept
        new = list(dict.fromkeys(t for t in texts if (encoder, prompt, t) not in kept))
        made = dict(zip(new, self._store.encode(new, prompt=prompt), strict=True)) if new else {}
        found = [made[t] if t in made else kept[encoder, prompt, t] for t in texts]
        if len(kept) + len(made) > KEPT:
            self._kept = kept = dict(list(kept.items())[KEPT // 2 :])
        kept.update({(encoder, prompt, t): v for t, v in made.items()})
        return found
