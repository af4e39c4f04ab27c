"""How much memory a run takes: ``python -m eval.tests.memory [--questions 20000]``.

Generated questions, an assistant that answers at once with 3 KB: what grows is the runner's.
With ``--store DIR`` the real assistant answers them over that store. Prints the memory that
the process holds (resident set) as questions are answered.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assistant.types import Answer, Statement
from corpus.store import Store
from corpus.testing import make_store
from eval.dataset import Case
from eval.runner import read, run

SUBJECTS = ("工会经费", "会费", "疗休养", "女职工产假", "集体协商", "驿站", "送温暖", "职工书屋")
ASKED = ("有多少？", "怎么申请？", "谁来负责？", "什么时候开始？", "标准是什么？")


class Generated:
    """So many questions, made whenever they are gone through."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Iterator[Case]:
        for n in range(self.count):
            question = f"{2000 + n % 30}年第{n}号{SUBJECTS[n % 8]}{ASKED[n % 5]}"
            yield Case(id=str(n), question=question, must=((f"事实{n}",),))


class Long:
    """An assistant that answers at once, at length."""

    def ask(self, question: str, **_: object) -> Answer:
        text = question + "，" * 1000
        return Answer(
            question=question,
            outcome="已回答",
            statements=(Statement(text=text),),
            seconds={"total": 0.001},
        )


def resident_mb() -> float:
    """Memory of this process now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=20_000)
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    every = max(1, options.questions // 10)

    def progress(done: int, total: int) -> None:
        if done % every == 0 or done in (20, 200):
            print(f"{done:>6} of {total}: {resident_mb():.0f} MB", flush=True)  # noqa: T201

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        real = Store.open(options.store) if options.store else None
        with real or make_store(Path(folder), ["驿站建成36家。"]) as store:
            assistant = None if real else Long()
            run(Generated(options.questions), store, out, assistant=assistant, progress=progress)
        count = sum(1 for _ in read(out))
        print(f"read again, {count} results: {resident_mb():.0f} MB")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
