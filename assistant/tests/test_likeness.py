"""Vectors of two encoders are never compared, even where some are remembered and the encoder is changed."""

from types import SimpleNamespace

import pytest

from assistant.likeness import Likeness
from corpus.testing import HashingEncoder

SEGMENTS = [
    (SimpleNamespace(read_under_heading=lambda n: ["会费按工资交纳。", "高温津贴。"][n]), n) for n in (0, 1)
]


class Changing:
    """A store whose encoder becomes another after so many texts."""

    def __init__(self, *encoders):
        self._encoders = list(encoders)
        self.left = 10**6

    @property
    def encoder_name(self):
        return self._encoders[0].name

    def encode(self, texts, *, prompt="passage"):
        self.left -= len(texts)
        if self.left < 0 and len(self._encoders) > 1:
            del self._encoders[0]
        return self._encoders[0].encode(texts, prompt)


@pytest.mark.parametrize("left", [0, 1, 2, 3, 4])
def test_a_change_of_encoders_at_any_time_shows_in_no_likeness(left):
    store = Changing(HashingEncoder(256), HashingEncoder(64))
    likeness = Likeness(store)
    assert likeness("会费怎么交", SEGMENTS) == Likeness(Changing(HashingEncoder(256)))("会费怎么交", SEGMENTS)
    store.left = left
    after = likeness("会费交给谁", SEGMENTS)
    wanted = HashingEncoder(256 if left >= 1 else 64)
    assert after == Likeness(Changing(wanted))("会费交给谁", SEGMENTS)
