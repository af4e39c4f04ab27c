"""Kill a real ingest again and again: ``python -m corpus.tests.kill_ingest --kills 200``.

Each round takes 150 files of our own making, starts ``python -m ingest`` on them, kills it at
a random moment, opens the store, and verifies it. A store that survived a number of kills
is then filled to the end and must hold every file; the next round starts from nothing.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpus.store import Store

ROOT = Path(__file__).parents[2]
FILES = 150
#: So many kills on one store before it has to finish.
KILLS_A_STORE = 10
SUBJECTS = ("值班", "用车", "报销", "会议室", "培训", "体检", "食堂", "图书角")


def write_files(folder: Path, seed: int) -> None:
    """Short files, of two formats, each text different."""
    folder.mkdir(parents=True)
    chance = random.Random(seed)
    for n in range(1, FILES + 1):
        subject = chance.choice(SUBJECTS)
        lines = [f"第{n}号{subject}办法"] + [
            f"第{i}条　{subject}由第{chance.randint(1, 9)}小组负责，每月{i}日前报第{n}号表。"
            for i in range(1, chance.randint(4, 30))
        ]
        if n % 2:
            (folder / f"{n:03}.txt").write_text("\n".join(lines), encoding="utf-8")
        else:
            (folder / f"{n:03}.md").write_text("# " + "\n\n".join(lines), encoding="utf-8")


def ingest(files: Path, store: Path) -> list[str]:
    """The command that people type."""
    return [sys.executable, "-m", "ingest", str(files), "--store", str(store), "--json"]


def journal(store: Path) -> Path:
    """The file that appears when a run begins to write."""
    return store / "catalogue.sqlite-wal"


def whole_run(files: Path, store: Path) -> tuple[float, float]:
    """Run an ingest to its end; the seconds before it began to write, and after."""
    start = time.monotonic()
    child = subprocess.Popen(
        ingest(files, store), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while child.poll() is None and not journal(store).exists():
        time.sleep(0.002)
    began = time.monotonic()
    told, _ = child.communicate()
    if child.returncode:
        raise SystemExit(f"ingest failed with {child.returncode}:\n{told[-2000:]}")
    return began - start, time.monotonic() - began


def kill_once(files: Path, store: Path, after: float, *, from_writing: bool) -> bool:
    """Start an ingest and kill it after so many seconds; whether it was still running.

    ``from_writing`` counts them from the moment the catalogue's journal appears: most of a
    short run is Python starting, and the writing is what has to be hit.
    """
    child = subprocess.Popen(
        ingest(files, store), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while from_writing and child.poll() is None and not journal(store).exists():
        time.sleep(0.002)
    try:
        child.wait(timeout=after)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait()
        return True
    return False


def check(store: Path) -> int:
    """How many sources a store holds; stops where it does not verify clean."""
    if not Store.exists(store):
        return 0  # killed before there was one
    with Store.open(store) as opened:
        problems = opened.verify()
        if problems:
            raise SystemExit(f"{store} is not clean: {problems}")
        return opened.counts().sources


def main() -> None:
    """Kill as often as asked, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    kills, stores, seen = 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        write_files(files, given.seed)
        before, writing = whole_run(files, Path(folder) / "measured")
        check(Path(folder) / "measured")
        while kills < given.kills:
            stores += 1
            store = Path(folder) / f"store{stores}"
            # Killed until it holds everything, so that late moments are met as often as early ones.
            for kill in range(KILLS_A_STORE):
                after = chance.uniform(0, writing if kill % 4 else before + writing)
                killed = kill_once(files, store, after, from_writing=bool(kill % 4))
                kills += killed
                writing *= (
                    1.1 if killed else 0.7
                )  # the machine may be more or less busy than when it was measured
                seen.append(check(store))
                if seen[-1] == FILES or kills == given.kills:
                    break
            whole_run(files, store)
            held = check(store)
            if held != FILES:
                raise SystemExit(f"{store} holds {held} of {FILES} files after the last run")
            sys.stdout.write(f"{kills} kills, {stores} stores finished\n")
    sys.stdout.write(
        json.dumps({"kills": kills, "stores": stores, "opened clean": len(seen), "sources when opened": seen})
        + "\n"
    )


if __name__ == "__main__":
    main()
