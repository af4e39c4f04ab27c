"""The scores of candidates: a few small networks over standardised features, in numpy alone."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from assistant.reranker.features import NAMES, Matrix

WEIGHTS = Path(__file__).parent / "weights.safetensors"


@dataclass(frozen=True)
class Likes:
    """How like a passage is to those that people ask about, by its vector: a linear discriminant.

    ``direction`` ``(d,)``; 0 for a passage like any other, counted in standard deviations.
    Another encoder's vectors mean something else: for them it says 0.
    """

    encoder: str
    direction: Matrix
    zero: float

    def of(self, encoder: str, vectors: Matrix) -> Matrix:
        """float32 ``(n,)`` for vectors ``(n, d)`` of that encoder."""
        if encoder != self.encoder:
            return np.zeros(len(vectors), np.float32)
        found: Matrix = vectors @ self.direction - self.zero
        return found


def likes(encoder: str, passages: Matrix, asked_about: Sequence[int]) -> Likes:
    """Fisher's linear discriminant between the rows ``asked_about`` and all ``passages`` ``(n, d)``."""
    scatter = np.cov(passages[::10].T) + 1e-3 * np.eye(passages.shape[1])
    direction = np.linalg.solve(scatter, passages[list(asked_about)].mean(0) - passages.mean(0))
    scores = passages @ direction
    return Likes(encoder, (direction / scores.std()).astype(np.float32), float(scores.mean() / scores.std()))


class Reranker:
    """An average of networks with one hidden layer each.

    ``mean, scale`` ``(f,)``; ``first`` ``(n, f, h)``, ``bias`` ``(n, h)``, ``second``
    ``(n, h)``: f features, n networks, h hidden units. ``likes`` is for those who make features for it.
    """

    def __init__(self, weights: dict[str, Matrix], likes: Likes | None = None) -> None:
        self._mean, self._scale = weights["mean"], weights["scale"]
        nets, features, hidden = weights["first"].shape
        if features != len(NAMES):
            raise ValueError(f"{features} features in the weights, {len(NAMES)} in the program")
        # All networks side by side are one multiplication.
        self._first = np.ascontiguousarray(weights["first"].transpose(1, 0, 2).reshape(features, -1))
        self._bias = weights["bias"].reshape(nets * hidden)
        self._second = weights["second"].reshape(nets * hidden) / nets
        self.likes = likes or Likes("", np.zeros(0, np.float32), 0.0)

    def scores(self, rows: Matrix) -> Matrix:
        """float32 ``(candidates,)`` for ``(candidates, f)``; comparable within one question."""
        hidden = np.maximum(0, (rows - self._mean) / self._scale @ self._first + self._bias)
        found: Matrix = hidden @ self._second
        return found

    def shares(self, rows: Matrix) -> tuple[float, NDArray[np.float64]]:
        """What each feature adds to the score of each of ``rows`` ``(candidates, f)``, one at least.

        The score of the mean of the rows, and float64 ``(candidates, f)`` that sums, row by row, to
        ``score - that``. Integrated gradients (Sundararajan, Taly and Yan 2017, "Axiomatic
        Attribution for Deep Networks") on the straight way from the mean. One hidden layer of
        rectifiers has its integral in closed form: a unit counts for the share of the way on which
        it is active, ``(relu(end) - relu(start)) / (end - start)``.
        """
        seen = (rows.astype(np.float64) - self._mean) / self._scale
        away = seen - seen.mean(0)
        start, end = (x @ self._first + self._bias for x in (seen.mean(0), seen))
        way = end - start
        moved = np.maximum(0, end) - np.maximum(0, start)
        active = np.where(way == 0, start > 0, moved / np.where(way == 0, 1, way))
        return float(np.maximum(0, start) @ self._second), away * ((active * self._second) @ self._first.T)


def save(path: Path, weights: dict[str, Matrix], likes: Likes) -> None:
    """Write weights and likes as the program ships them."""
    told = {"direction": likes.direction, "zero": np.array([likes.zero], np.float32)}
    held = {name: np.ascontiguousarray(tensor) for name, tensor in (weights | told).items()}
    save_file(held, path, {"encoder": likes.encoder})


@functools.cache
def shipped() -> Reranker:
    """The reranker that comes with the program."""
    with safe_open(WEIGHTS, framework="np") as file:
        encoder = (file.metadata() or {}).get("encoder", "")
    weights = load_file(WEIGHTS)
    return Reranker(weights, Likes(encoder, weights["direction"], float(weights["zero"][0])))
