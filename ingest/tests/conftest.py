"""What the tests of this room share: an empty store and an empty folder."""

import pytest

from corpus.store import Store
from corpus.testing import HashingEncoder


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "store", encoder=HashingEncoder()) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "文件"
    made.mkdir()
    return made
