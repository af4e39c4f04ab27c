"""One measurement of the benchmark, in a process of its own: ``python -m eval.bench_measure ours …``.

Prints JSON: seconds, milliseconds and bytes. A process each, so that memory is of one side alone,
and what opens is really opened. The libraries are imported before the clock starts, on both sides.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from assistant.question.understand import understand
from assistant.retrieve import LEGS
from corpus.store import Store
from eval.bench_corpus import Document, as_source, documents
from eval.interchange import beir_file, beir_rows

#: Results that are asked for.
DEPTH = 10
#: Documents that are kept together while building.
_TOGETHER = 100
#: Questions whose ten nearest are compared with those of an exact search.
_RECALL = 200
#: How often a document is added and deleted; the median counts.
_CHANGES = 5


@contextmanager
def timed(into: dict[str, float], name: str) -> Iterator[None]:
    """Put the seconds that the block took under a name."""
    began = time.perf_counter()
    yield
    into[name] = time.perf_counter() - began


def questions(data: Path, count: int) -> list[str]:
    """So many questions of lay people, evenly out of all."""
    every = [str(row["text"]) for row in beir_rows(beir_file(data / "statutes-beir", "queries.jsonl"))]
    return every[:: max(1, len(every) // count)][:count]


def added(number: int) -> Document:
    """The document that is added and deleted: twenty passages, none as another."""
    told = "工作人员应当在收到材料之日起{}个工作日内登记第{}号事项，并把办理结果告知申请人。"
    passages = [(f"第{n}条", told.format(n + 2, 1000 * number + n)) for n in range(1, 21)]
    return Document(f"云河市第{number}号事项办理规则", "办法", passages)


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 in milliseconds."""
    found = np.percentile(np.asarray(seconds) * 1000, [50, 95, 99])
    return dict(zip(("p50", "p95", "p99"), map(float, found), strict=True))


def asked(search: Callable[[str], object], some: Sequence[str]) -> dict[str, float]:
    """How long each question takes, after one that is not counted."""
    search(some[-1])
    seconds = []
    for question in some:
        began = time.perf_counter()
        search(question)
        seconds.append(time.perf_counter() - began)
    return percentiles(seconds)


def resident() -> dict[str, int]:
    """Bytes of memory that this process holds now, and held at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # not Linux
        return {"peak": peak}
    return {"now": pages * resource.getpagesize(), "peak": peak}


def folder_bytes(folder: Path) -> int:
    """What the files of a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# -- ours ----------------------------------------------------------------------------------


def build(data: Path, size: int, store: Path) -> dict[str, Any]:
    """Fill a store."""
    seconds: dict[str, float] = {}
    number = 0
    with timed(seconds, "build"), Store.open(store) as opened, opened.writing(wait_s=600) as writer:
        series = documents(data, size)
        while some := list(islice(series, _TOGETHER)):
            with writer.together():
                for document in some:
                    number += 1
                    writer.put(*as_source(document, str(number)))
    with Store.open(store) as opened:
        counts = opened.counts()._asdict()
    parts = {path.name: path for path in store.iterdir() if path.is_dir()}
    disk = {name: folder_bytes(path) for name, path in parts.items()}
    disk["catalogue"] = sum(path.stat().st_size for path in store.glob("catalogue.sqlite*"))
    return seconds | {"counts": counts, "disk": disk, "memory": resident()}


def query(data: Path, store: Path, count: int) -> dict[str, Any]:
    """Open a store and ask."""
    seconds: dict[str, float] = {}
    some = questions(data, count)

    def search(leg: str) -> Callable[[str], object]:
        return lambda text: opened.texts(
            [passage_id for passage_id, _ in LEGS[leg](opened, understand(text, opened), DEPTH)]
        )

    with timed(seconds, "open"):
        opened = Store.open(store)
        search("hybrid")(some[0])
    with opened:
        stages = {leg: asked(search(leg), some) for leg in LEGS}
        memory = resident()
        return seconds | {"query": stages, "memory": memory, "recall": recall(opened, some[:_RECALL])}


def recall(store: Store, some: Sequence[str]) -> dict[str, float]:
    """Share of the ten (hundred) nearest that a search finds; equally near ones count as the same."""
    shares: dict[str, list[float]] = {"10": [], "100": []}
    for text in some:
        for k, into in ((10, shares["10"]), (100, shares["100"])):
            exact = [score for _, score in store.search_vector(text, k, exact=True)]
            found = [score for _, score in store.search_vector(text, k)]
            into.append(sum(score >= exact[-1] - 1e-6 for score in found) / len(exact))
    return {k: float(np.mean(values)) for k, values in shares.items()}


def change(store: Path) -> dict[str, Any]:
    """Add a document, until it is found; withdraw it, until it is not; delete one for good."""
    steps: dict[str, list[float]] = {"add": [], "withdraw": [], "delete": []}
    with Store.open(store) as opened:
        opened.warm()
        first = 1 + max(int(source.id) for source in opened.sources())
        for number in range(first, first + 2 * _CHANGES):
            document = added(number)
            began = time.perf_counter()
            with opened.writing(wait_s=600) as writer:
                writer.put(*as_source(document, str(number)))
            found = opened.search_lexical(document.title, 40)
            assert any(passage_id.startswith(f"{number}/") for passage_id, _ in found)
            steps["add"].append(time.perf_counter() - began)
            step = "withdraw" if number % 2 else "delete"
            began = time.perf_counter()
            with opened.writing(wait_s=600) as writer:
                (writer.withdraw if number % 2 else writer.remove)(str(number))
            found = opened.search_lexical(document.title, 40)
            assert not any(passage_id.startswith(f"{number}/") for passage_id, _ in found)
            steps[step].append(time.perf_counter() - began)
    # The first change of a process also opens files and loads the encoder: the median leaves it out.
    return {name: float(np.median(values)) for name, values in steps.items()}


def measure(what: str, data: Path, store: Path, size: int, count: int) -> dict[str, Any]:
    """One measurement, in this process."""
    if what == "build":
        return build(data, size, store)
    if what == "query":
        return query(data, store, count)
    if what == "change":
        return change(store)
    from eval.bench_stock import stock  # needs the libraries of the extra "bench"

    return stock(data, size, store, count)


def main(argv: list[str] | None = None) -> int:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench_measure", description=__doc__)
    parser.add_argument("what", choices=("build", "query", "change", "stock"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--store", type=Path, required=True, help="our store, or the stock pipeline's folder")
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--questions", type=int, default=200)
    wanted = parser.parse_args(argv)
    told = measure(wanted.what, wanted.data, wanted.store, wanted.size, wanted.questions)
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
