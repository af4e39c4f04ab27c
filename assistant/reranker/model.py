"""The scores of candidates: a few small networks over standardised features, in numpy alone."""

import functools
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from assistant.reranker.features import NAMES, Matrix

WEIGHTS = Path(__file__).parent / "weights.safetensors"


class Reranker:
    """An average of networks with one hidden layer each.

    ``mean, scale`` ``(f,)``; ``first`` ``(n, f, h)``, ``bias`` ``(n, h)``, ``second``
    ``(n, h)``: f features, n networks, h hidden units.
    """

    def __init__(self, weights: dict[str, Matrix]) -> None:
        self._mean, self._scale = weights["mean"], weights["scale"]
        nets, features, hidden = weights["first"].shape
        if features != len(NAMES):
            raise ValueError(f"{features} features in the weights, {len(NAMES)} in the program")
        # All networks side by side are one multiplication.
        self._first = np.ascontiguousarray(weights["first"].transpose(1, 0, 2).reshape(features, -1))
        self._bias = weights["bias"].reshape(nets * hidden)
        self._second = weights["second"].reshape(nets * hidden) / nets

    def scores(self, rows: Matrix) -> Matrix:
        """float32 ``(candidates,)`` for ``(candidates, f)``; comparable within one question."""
        hidden = np.maximum(0, (rows - self._mean) / self._scale @ self._first + self._bias)
        found: Matrix = hidden @ self._second
        return found


def save(path: Path, weights: dict[str, Matrix]) -> None:
    """Write weights as the program ships them."""
    save_file({name: np.ascontiguousarray(held) for name, held in weights.items()}, path)


@functools.cache
def shipped() -> Reranker:
    """The reranker that comes with the program."""
    return Reranker(load_file(WEIGHTS))
