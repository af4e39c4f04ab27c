"""Damaged files by the thousand: ``python -m ingest.tests.fuzz FOLDER --times 1000``.

Takes files of every kind below FOLDER, and some of our own making for the kinds it lacks, flips
bits, cuts off, blanks out or stuffs in, and ingests them in batches, each with a sound file among
them. Of every damaged file it must be said in words what became of it; the sound one must be
read; the store must be clean; no process may outlive its limits. What broke that is kept in
``--keep`` and ends the run with 1.
"""

import argparse
import collections
import logging
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from corpus.store import Store
from corpus.testing import HashingEncoder
from ingest.pipeline import Event, ingest
from ingest.tests import samples
from ingest.workers.pool import Limits, Pool

SOUND = "灯会办法\n第一条　灯会每年一次。\n第二条　灯会由街道承办，费用由街道承担。\n"
#: How often a kind is taken, 10 where it is not named: recognising a picture takes seconds.
OFTEN = {"pdf": 40, "pdf-scan": 1, "picture": 1}
BATCH = 50
LARGEST = 2 * 2**20


def seeds(folder: Path) -> dict[str, list[tuple[str, bytes]]]:
    """``(name, bytes)`` of the files to damage, by kind."""
    found: dict[str, list[tuple[str, bytes]]] = collections.defaultdict(list)
    for name, data in samples.all_kinds().items():
        found[name.rpartition(".")[2]].append((name, data))
    for path in sorted(folder.rglob("*")):
        if path.is_file() and 0 < path.stat().st_size <= LARGEST:
            found[_kind(path)].append((path.name, path.read_bytes()))
    return {kind: files for kind, files in found.items() if kind not in ("tsv", "json")}


def _kind(path: Path) -> str:
    suffix = path.suffix.lower().lstrip(".")
    if suffix in ("jpg", "jpeg", "png"):
        return "picture"
    scanned = suffix == "pdf" and any(part in path.as_posix() for part in ("scan", "mixed", "layout", "ocr"))
    return "pdf-scan" if scanned else suffix


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one kind of harm done to them."""
    at = chance.randrange(len(data))
    match chance.randrange(5):
        case 0:
            return data[: max(at, 1)]
        case 1:
            changed = bytearray(data)
            for _ in range(chance.randint(1, 1 + len(data) // 200)):
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            return bytes(changed)
        case 2:
            return data[:at] + bytes(len(data[at : at + 500])) + data[at + 500 :]
        case 3:
            return data[:at] + chance.randbytes(200) + data[at:]
        case _:
            return data[:at] + data[at + chance.randint(1, 2000) :]


def chosen(
    found: dict[str, list[tuple[str, bytes]]], times: int, chance: random.Random
) -> Iterator[tuple[str, bytes]]:
    """So many damaged files, each kind as often as ``OFTEN`` says."""
    kinds = [kind for kind in sorted(found) for _ in range(OFTEN.get(kind, 10))]
    for n in range(times):
        kind = chance.choice(kinds)
        name, data = chance.choice(found[kind])
        yield f"{n:05}-{kind}-{name}", damaged(data, chance)


def wrong(event: Event) -> bool:
    """Whether an event is not what a person should be told of a damaged file."""
    if event.state != "failed":
        return event.state != "new"
    return "程序的问题" in event.message or event.message.count("。") < 2 or "请" not in event.message


def run(batch: list[tuple[str, bytes]], workers: Pool, keep: Path) -> tuple[collections.Counter[str], int]:
    """Ingest a batch; how the files fared, and how many fared as none may."""
    fared: collections.Counter[str] = collections.Counter()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        files.mkdir()
        (files / "sound.txt").write_text(SOUND)
        for name, data in batch:
            (files / name).write_bytes(data)
        with Store.open(Path(folder) / "store", encoder=HashingEncoder()) as store:
            for event in ingest([files], store, workers=workers):
                if not event.state:
                    continue
                fared[event.message or event.state] += 1
                if wrong(event) or (event.file == "sound.txt" and event.state != "new"):
                    bad += 1
                    sys.stdout.write(f"WRONG {event.file}: {event.message}\n")
                    if (files / event.file).is_file():
                        (keep / event.file).write_bytes((files / event.file).read_bytes())
            if problems := store.verify():
                bad += 1
                sys.stdout.write(f"WRONG store: {problems}\n")
    return fared, bad


def main() -> int:
    """Damage, ingest, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "fuzz")
    given = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    given.keep.mkdir(parents=True, exist_ok=True)
    chance = random.Random(given.seed)
    workers = Pool(limits=Limits(seconds=60, seconds_in_all=120))
    files = list(chosen(seeds(given.folder), given.times, chance))
    total: collections.Counter[str] = collections.Counter()
    bad, slowest, started = 0, 0.0, time.monotonic()
    for at in range(0, len(files), BATCH):
        begun = time.monotonic()
        fared, failed = run(files[at : at + BATCH], workers, given.keep)
        total, bad = total + fared, bad + failed
        slowest = max(slowest, time.monotonic() - begun)
        sys.stdout.write(
            f"{min(at + BATCH, len(files))} files, {time.monotonic() - started:.0f} s, {bad} wrong\n"
        )
        sys.stdout.flush()
    workers.close()
    for message, count in total.most_common():
        sys.stdout.write(f"{count:6} {message}\n")
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(f"slowest batch {slowest:.0f} s; a worker held at most {most:.0f} MB\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
