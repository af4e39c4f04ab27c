"""Cutting many texts at once, in processes of their own: half of the time of a large import.

jieba is pure Python, so threads would not help. The processes are started as plain commands
(``python -m corpus.cutting CACHE``) and told texts line by line: nothing of the program that
starts them is imported again, as ``multiprocessing`` would do, be it a window or a test.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TypeVar

from corpus.segmenter import Cut, Segmenter, cutter

#: So many rows are told to a process at a time.
CHUNK = 256
#: A process takes a second to start: fewer rows are cut here.
LEAST = 4_000

Row = TypeVar("Row")


def cut_all(
    rows: Iterable[Row],
    texts: Callable[[Row], tuple[str, list[str]]],
    here: Callable[[str, list[str]], Cut],
    cache: Path | None,
    processes: int,
) -> Iterator[tuple[Row, Cut]]:
    """Each row with its fields, in order; ``texts`` gives a row's text and its contexts.

    ``here`` cuts where rows are few, and whatever a process that died has left undone.
    """
    remaining = iter(rows)
    first = list(islice(remaining, LEAST))
    if len(first) < LEAST or processes < 2:
        for row in _joined(first, remaining):
            yield row, here(*texts(row))
        return
    yield from _spread(_joined(first, remaining), texts, here, cache, processes)


def _joined(first: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    yield from first
    yield from rest


def _spread(
    rows: Iterator[Row],
    texts: Callable[[Row], tuple[str, list[str]]],
    here: Callable[[str, list[str]], Cut],
    cache: Path | None,
    processes: int,
) -> Iterator[tuple[Row, Cut]]:
    workers = [_Worker(cache) for _ in range(processes)]
    waiting: list[tuple[_Worker, list[Row]]] = []
    try:
        while True:
            # Answers are read before the next chunk is told, so that no pipe fills up at both ends.
            if len(waiting) == processes:
                worker, chunk = waiting.pop(0)
                yield from zip(chunk, worker.answer([texts(r) for r in chunk], here), strict=True)
            else:
                worker = workers[len(waiting)]
            chunk = list(islice(rows, CHUNK))
            if not chunk:
                break
            worker.tell([texts(r) for r in chunk])
            waiting.append((worker, chunk))
        for worker, chunk in waiting:
            yield from zip(chunk, worker.answer([texts(r) for r in chunk], here), strict=True)
    finally:
        for worker in workers:
            worker.close()


class _Worker:
    def __init__(self, cache: Path | None) -> None:
        command = [sys.executable, "-m", "corpus.cutting", *([str(cache)] if cache else [])]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent,
        )

    def tell(self, texts: list[tuple[str, list[str]]]) -> None:
        try:
            _pipe(self._process.stdin).write(json.dumps(texts).encode() + b"\n")
            _pipe(self._process.stdin).flush()
        except OSError:
            return  # it died: the answer will show it

    def answer(self, texts: list[tuple[str, list[str]]], here: Callable[[str, list[str]], Cut]) -> list[Cut]:
        line = _pipe(self._process.stdout).readline()
        if not line.endswith(b"\n"):
            return [here(*text) for text in texts]
        return [Cut(*fields) for fields in json.loads(line)]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        _pipe(self._process.stdout).close()
        try:
            _pipe(self._process.stdin).close()
        except OSError:
            return


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def main(arguments: list[str]) -> int:
    """Cut the texts told line by line until standard input ends."""
    cut = cutter(Segmenter(Path(arguments[0]) if arguments else None))
    for line in sys.stdin.buffer:
        answer = [cut(text, contexts) for text, contexts in json.loads(line)]
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
