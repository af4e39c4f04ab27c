"""How surely a unit answers: a few small networks over standardised features, in numpy alone.

A unit's score is weighed against nothing's, which is 0: the share of a unit is
exp(score) / (1 + Σ exp(score)) over all units of a question, what is left is the share of no answer.
"""

import functools
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from assistant.reader.features import NAMES, Matrix

WEIGHTS = Path(__file__).parent / "weights.safetensors"


class Reader:
    """An average of networks with one hidden layer each.

    ``mean, scale`` ``(f,)``; ``first`` ``(n, f, h)``, ``bias`` ``(n, h)``, ``second`` ``(n, h)``,
    ``last`` ``(n,)``: f features, n networks, h hidden units; ``threshold`` ``(1,)`` the share (0–1)
    of all units together from which a question is answered.
    """

    def __init__(self, weights: dict[str, Matrix]) -> None:
        features = weights["first"].shape[1]
        if features != len(NAMES):
            raise ValueError(f"{features} features in the weights, {len(NAMES)} in the program")
        self._weights = weights
        self.threshold = float(weights["threshold"][0])

    def scores(self, rows: Matrix) -> Matrix:
        """float32 ``(units,)`` for ``(units, f)``."""
        held = self._weights
        standard = np.clip((rows - held["mean"]) / held["scale"], -5, 5)
        hidden = np.tanh(np.einsum("uf,nfh->nuh", standard, held["first"]) + held["bias"][:, None])
        told = np.einsum("nuh,nh->nu", hidden, held["second"]) + held["last"][:, None]
        found: Matrix = told.mean(0)
        return found


def shares(scores: Matrix) -> Matrix:
    """Each unit's share (0–1) of being the answer; what they lack to 1 is the share of none."""
    top = max(0.0, float(scores.max(initial=0.0)))
    powers = np.exp(scores - top)
    found: Matrix = powers / (np.exp(-top) + powers.sum())
    return found


def save(path: Path, weights: dict[str, Matrix]) -> None:
    """Write weights as the program ships them."""
    save_file({name: np.ascontiguousarray(tensor, np.float32) for name, tensor in weights.items()}, path)


@functools.cache
def shipped() -> Reader:
    """The reader that comes with the program."""
    return Reader(load_file(WEIGHTS))
