# ruff: noqa: T201 - a command that prints what it measures
"""Two writers and eight readers on one store: ``python -m corpus.tests.measure_concurrency --minutes 10``.

Each is a process of its own. Writers read a source's version, put the next one, withdraw, restore
and delete; each update that a writer was told is done is counted. Readers search by word and by
meaning and read sources whole. In the end the versions must add up to the updates (none lost),
no reader may have seen a source of two versions or one that went back (none torn), and the store
must verify clean. A writer that cannot get the right to write in time counts as turned away.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder, make_document
from corpus.types import Article

ROOT = Path(__file__).parents[2]
SOURCES = 40
ARTICLES = 3
#: What a reader does with what it has read; else eight of them leave two processors nothing to write with.
PAUSE_S = 0.02
WORDS = ("报销", "用车", "值班", "体检", "培训", "食堂", "图书", "会议")


def texts(number: int, version: int) -> list[str]:
    """The articles of a source in one version; each passage says which source and version it is of."""
    word = WORDS[number % len(WORDS)]
    return [
        f"来源{number}，第{version}版，第{n}篇。\n来源{number}，第{version}版：{word}由第{n}组办理。"
        for n in range(1, ARTICLES + 1)
    ]


def version_of(text: str) -> int:
    """The version that a text of ours says it is of."""
    return int(text.partition("第")[2].partition("版")[0])


def opened(directory: Path) -> Store:
    """The store, with an encoder that costs nothing: what is measured is not the model."""
    return Store.open(directory, encoder=HashingEncoder())


def write(directory: Path, seconds: float, seed: int) -> dict[str, object]:
    """Update sources, and take some out and put them back, until the time is up; what was done."""
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    updates: Counter[str] = Counter()
    longest = 0.0
    with opened(directory) as store:
        store.warm()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                with store.writing(who=f"写者{seed}") as writer:
                    longest = max(longest, time.monotonic() - began)
                    for number in chance.sample(range(1, SOURCES + 1), 3):
                        _step(store, writer, str(number), chance, updates, done)
            except UserError:
                done["turned away"] += 1
    return {"updates": updates, "done": done, "longest wait s": round(longest, 2)}


def _step(store, writer, source_id: str, chance: random.Random, updates, done) -> None:
    """One thing done to a source: read what it is, and make it the next."""
    held = store.articles(source_id)
    if not held:
        done["restored"] += writer.restore(source_id)
    elif chance.random() < 0.1:
        done["withdrawn"] += writer.withdraw(source_id)
    else:
        version = version_of(held[0].text) + 1
        writer.put(*make_document(source_id, articles=texts(int(source_id), version)))
        updates[source_id] += 1
        old = store.archive.history(source_id)[3:]  # old versions would else be most of the store
        done["old versions deleted"] += sum(writer.remove(kept.id) for kept in old)
        done["updates"] += 1


def read(directory: Path, seconds: float, seed: int) -> dict[str, object]:
    """Search and read whole sources until the time is up; what was torn, and how much was read."""
    chance = random.Random(seed)
    newest: dict[str, int] = {}
    torn: list[str] = []
    done: Counter[str] = Counter()
    slowest = 0.0
    with opened(directory) as store:
        store.warm()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(PAUSE_S)
            began = time.monotonic()
            seen = _search(store, chance) if chance.random() < 0.6 else _whole(store, chance)
            slowest = max(slowest, time.monotonic() - began)
            for source_id, versions in seen.items():
                if len(set(versions)) > 1:
                    torn.append(f"source {source_id} in versions {sorted(set(versions))}")
                if min(versions) < newest.get(source_id, 0):
                    torn.append(f"source {source_id} went back from {newest[source_id]} to {min(versions)}")
                newest[source_id] = max(newest.get(source_id, 0), *versions)
            done["reads"] += 1
            done["empty"] += not seen
    return {"torn": torn[:20], "torn reads": len(torn), "done": done, "slowest read s": round(slowest, 3)}


def _search(store: Store, chance: random.Random) -> dict[str, list[int]]:
    """Source id → the versions that one search showed of it: of passages, and of the articles round them."""
    question = f"{chance.choice(WORDS)}由第{chance.randint(1, ARTICLES)}组办理"
    find = chance.choice([store.search_lexical, store.search_vector])
    seen: dict[str, list[int]] = {}
    for hit in store.hits([(id_, score, {}) for id_, score in find(question, 20)]):
        fits = hit.article.text[hit.passage.start : hit.passage.end] == hit.passage.text
        versions = [version_of(hit.passage.text), version_of(hit.article.text), *([] if fits else [-1])]
        seen.setdefault(hit.source.id, []).extend(versions)
    return seen


def _whole(store: Store, chance: random.Random) -> dict[str, list[int]]:
    """The same for a source that is read whole, with all its passages."""
    source_id = str(chance.randint(1, SOURCES))
    with store.snapshot():
        articles = store.articles(source_id)
        passages = [p for article in articles for p in store.passages(article.id)]
    whole = len(articles) in (0, ARTICLES) and len(passages) == 2 * len(articles)
    versions = [*_versions(articles), *(version_of(p.text) for p in passages), *([] if whole else [-1])]
    return {source_id: versions} if versions else {}


def _versions(articles: Sequence[Article]) -> Iterator[int]:
    return (version_of(article.text) for article in articles)


@contextmanager
def at_work(directory: Path, seconds: float, writers: int, readers: int) -> Iterator[list[subprocess.Popen]]:
    """The processes, writers first; none is left running."""
    roles = [("write", n) for n in range(1, writers + 1)] + [("read", n) for n in range(1, readers + 1)]
    command = [sys.executable, "-m", "corpus.tests.measure_concurrency", "--store", str(directory)]
    processes = [
        subprocess.Popen(
            [*command, "--role", role, "--seed", str(seed), "--seconds", str(seconds)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        for role, seed in roles
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def measure(directory: Path, seconds: float, writers: int, readers: int) -> dict[str, object]:
    """Let them work for so long; what was lost, torn or left unclean, and how much was done."""
    with opened(directory) as store, store.writing() as writer:
        for number in range(1, SOURCES + 1):
            writer.put(*make_document(str(number), articles=texts(number, 0)))
    with at_work(directory, seconds, writers, readers) as processes:
        told = [json.loads(process.communicate()[0] or "{}") for process in processes]
    wrote, saw = told[:writers], told[writers:]
    counted: Counter[str] = Counter()
    for one in wrote:
        counted.update(one["updates"])
    with opened(directory) as store:
        with store.writing() as writer:
            for version in store.archive.withdrawn():
                writer.restore(version.source.id)
        held = {str(n): version_of(store.articles(str(n))[0].text) for n in range(1, SOURCES + 1)}
        lost = sum(abs(held[id_] - counted[id_]) for id_ in held)
        problems = store.verify()
        lines = store.trail.head().lines
    return {
        "ended": [process.returncode for process in processes],
        "updates": sum(counted.values()),
        "lost updates": lost,
        "reads": sum(one["done"]["reads"] for one in saw),
        "torn reads": sum(one["torn reads"] for one in saw),
        "problems": problems,
        "audit lines": lines,
        "writers": wrote,
        "readers": saw,
    }


def main() -> None:
    """Measure, or do one process's part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--readers", type=int, default=8)
    for name in ("--store", "--role", "--seed", "--seconds"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.role:
        part = write if given.role == "write" else read
        print(json.dumps(part(Path(given.store), float(given.seconds), int(given.seed)), ensure_ascii=False))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder) / "store", given.minutes * 60, given.writers, given.readers)
    for one in found["writers"]:
        del one["updates"]
    print(json.dumps(found, ensure_ascii=False, indent=1))
    clean = not (found["lost updates"] or found["torn reads"] or found["problems"] or any(found["ended"]))
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
