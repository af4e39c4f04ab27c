"""``kill -9`` at any moment: the store opens again, verifies clean, and holds whole sources only."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus.store import Store
from corpus.testing import HashingEncoder

ROOT = Path(__file__).parents[2]
KILLS = 8

#: Puts, replaces and removes sources until it is killed; says when it is about to begin.
CHILD = """
import sys
from pathlib import Path
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document

with Store.open(Path(sys.argv[1]), encoder=HashingEncoder()) as store:
    print("begin", flush=True)
    for turn in range(10_000):
        with store.writing() as writer:
            for n in range(1, 6):
                number = str(turn * 3 % 40 + n)
                articles = [f"第{turn}轮第{n}份的第{i}篇。\\n第二段，讲第{i}件事。" for i in range(1, 4)]
                writer.put(*make_document(number, articles=articles))
            writer.remove(str(turn % 40 + 1))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_a_killed_writer_leaves_a_store_that_opens_and_verifies_clean(tmp_path):
    moments = random.Random(20_310_305)
    directory = tmp_path / "store"
    revision = 0
    for kill in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, directory], stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        # The first is killed while it makes the store, the others while they write.
        if kill:
            assert child.stdout.readline() == "begin\n"
        time.sleep(moments.uniform(0.05, 1.2))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        with Store.open(directory, encoder=HashingEncoder()) as store:
            assert store.verify() == [], f"kill {kill}"
            assert store.revision >= revision
            revision = store.revision
            for source in store.sources():
                assert len(store.articles(source.id)) == 3
                assert all(len(store.passages(a.id)) == 2 for a in store.articles(source.id))
    assert revision > 0
