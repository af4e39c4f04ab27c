# ruff: noqa: T201 - a command that prints what it measures
"""Backup of a large store in use: ``python -m corpus.tests.measure_backup DATA [--store DIR]``.

``DATA`` is a folder in BEIR's form: ``corpus.jsonl[.xz]`` (keys ``title``, ``text``, ``law``) and
``queries.jsonl`` (key ``text``). Every law becomes a source, every article a passage; ``--store``
takes a copy of a store that holds them already. While another process answers questions, the
store is backed up, restored elsewhere, and asked the same: the answers are compared byte by byte,
all but the time that they took. Then it is backed up once more while a writer is at work.
"""

import argparse
import json
import lzma
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from corpus.store import Store
from corpus.testing import make_document

ROOT = Path(__file__).parents[2]


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSONL file, packed or not."""
    packed = path.with_name(f"{path.name}.xz")
    opener = partial(lzma.open, packed, "rt") if packed.exists() else path.open
    with opener(encoding="utf-8") as file:
        yield from map(json.loads, file)


def build(data: Path, directory: Path) -> None:
    """A store of all that the data holds, a source for each law."""
    with Store.open(directory) as store, store.writing(who="测试") as writer:
        laws = groupby(rows(data / "corpus.jsonl"), key=lambda row: row["law"])
        for number, (_, articles) in enumerate(laws, 1):
            held = [{"title": a["title"], "text": a["text"], "kind": "法律"} for a in articles]
            writer.put(*make_document(str(number), articles=held))


def command(*arguments: object) -> list[str]:
    """A command of ours, as people type it."""
    return [sys.executable, "-m", *map(str, arguments)]


def asked(store: Path, given: Path, out: Path) -> subprocess.Popen:
    """A process that answers a file of questions."""
    return subprocess.Popen(
        command("assistant", "ask", "--store", store, "--batch", given, "--out", out), cwd=ROOT
    )


def answers(out: Path) -> tuple[list[str], list[float]]:
    """The answers, as they were written but for the time, and the seconds that each took."""
    told = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    seconds = [one.pop("seconds") for one in told]
    return [json.dumps(one, ensure_ascii=False) for one in told], [s["total"] for s in seconds]


def timed(*arguments: object) -> float:
    """Run a command of ours to its end; the seconds that it took."""
    began = time.monotonic()
    subprocess.run(
        command(*arguments), cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return round(time.monotonic() - began, 2)


def median(seconds: list[float]) -> float:
    """The middle one."""
    return round(sorted(seconds)[len(seconds) // 2], 3)


def backup_with_questions(store: Path, questions: Path, folder: Path) -> dict[str, Any]:
    """Ask; ask again and back up meanwhile; restore and ask there: what it took, and what differs."""
    asked(store, questions, folder / "before.jsonl").wait()
    before, quiet = answers(folder / "before.jsonl")
    process = asked(store, questions, folder / "meanwhile.jsonl")
    time.sleep(4)  # it has begun to answer
    took = timed("corpus", "backup", folder / "backup.zip", "--store", store)
    still_asking = process.poll() is None
    process.wait()
    meanwhile, busy = answers(folder / "meanwhile.jsonl")
    restored = timed("corpus", "restore", folder / "backup.zip", "--store", folder / "restored")
    asked(folder / "restored", questions, folder / "after.jsonl").wait()
    after, _ = answers(folder / "after.jsonl")
    with Store.open(folder / "restored") as other:
        problems = other.verify()
    return {
        "backup s": took,
        "asked all the while": still_asking,
        "backup MiB": round((folder / "backup.zip").stat().st_size / 2**20, 1),
        "restore s": restored,
        "answers": len(after),
        "answered": sum('"outcome": "answered"' in one for one in after),
        "differ while backing up": sum(a != b for a, b in zip(before, meanwhile, strict=True)),
        "differ when restored": sum(a != b for a, b in zip(before, after, strict=True)),
        "median s an answer, quiet": median(quiet),
        "median s an answer, backing up": median(busy),
        "slowest s an answer, backing up": round(max(busy), 2),
        "problems when restored": problems,
    }


def backup_with_writer(directory: Path, folder: Path) -> dict[str, Any]:
    """Back up while documents are put one by one; how long each took, and whether the copy is whole."""
    took: list[float] = []
    stop = threading.Event()

    def write() -> None:
        with Store.open(directory) as store:
            number = 100_000
            while not stop.is_set():
                began = time.monotonic()
                number += 1
                with store.writing(who="测试") as writer:
                    writer.put(*make_document(str(number), articles=[f"第{number}号通知，值班表另发。"]))
                took.append(time.monotonic() - began)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        seconds = timed("corpus", "backup", folder / "second.zip", "--store", directory)
    finally:
        stop.set()
        thread.join()
    Store.restore(folder / "second.zip", folder / "second")
    with Store.open(folder / "second") as other:
        problems = other.verify()
    return {
        "backup s": seconds,
        "documents put meanwhile": len(took),
        "median s to put one": median(took),
        "longest s to put one": round(max(took), 2),
        "problems when restored": problems,
    }


def main() -> None:
    """Measure and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--questions", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = folder / "store"
        if given.store:
            shutil.copytree(given.store, store)
        else:
            build(given.data, store)
        with Store.open(store) as held:
            found: dict[str, Any] = {"passages": held.counts().passages}
        texts = [
            row["text"]
            for _, row in zip(range(given.questions), rows(given.data / "queries.jsonl"), strict=False)
        ]
        lines = [json.dumps({"id": str(n), "question": t}, ensure_ascii=False) for n, t in enumerate(texts)]
        (folder / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
        found["questions"] = backup_with_questions(store, folder / "questions.jsonl", folder)
        found["writer"] = backup_with_writer(store, folder)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    wrong = [found["questions"][key] for key in ("differ while backing up", "differ when restored")]
    sys.exit(1 if any(wrong) or found["questions"]["problems when restored"] else 0)


if __name__ == "__main__":
    main()
