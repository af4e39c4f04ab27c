"""Questions answered in processes of their own: the pipeline is Python, which threads cannot share.

They are started as plain commands (``python -m eval.workers``) and told cases line by line,
so that nothing of the program that starts them is imported again, be it a window or a test.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Queue
from typing import IO, Any

from assistant.pipeline import Assistant
from assistant.settings import AssistantSettings
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.store import Store
from eval.asking import answered, crashed, from_line, to_line
from eval.dataset import Case, from_row, to_row
from eval.metrics import CaseResult

#: Begins the line of a process that cannot answer any question: an error that a person can mend.
_WRONG = "UserError "
#: What a process says when everything is loaded.
_READY = "ready\n"


class Workers:
    """``count`` processes over one store; a context manager. ``ask`` may be called by as many threads."""

    def __init__(self, count: int, start: dict[str, Any]) -> None:
        """``start``: ``store`` (folder), ``settings`` (fields of AssistantSettings), ``day`` (ISO)."""
        self._start = start
        self._count = count
        self._free: Queue[_Worker] = Queue()
        self._all: list[_Worker] = []

    def __enter__(self) -> "Workers":
        self._all = [_Worker(self._start) for _ in range(self._count)]
        for worker in self._all:
            self._free.put(worker)
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._all:
            worker.close()

    def ask(self, case: Case) -> CaseResult:
        """The scored answer of whichever process is free. One that died is a miss, and is replaced.

        Raises UserError where the store or the settings are wrong.
        """
        worker = self._free.get()
        try:
            told = worker.ask(to_row(case))
            if told is None:
                error = f"答题进程意外退出（{worker.close()}）"
                self._all.remove(worker)
                worker = _Worker(self._start)
                self._all.append(worker)
                return crashed(case, error)
        finally:
            self._free.put(worker)
        if told.startswith(_WRONG):
            raise UserError(*json.loads(told.removeprefix(_WRONG)))
        result = from_line(told)
        assert result is not None
        return result


class _Worker:
    def __init__(self, start: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "eval.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,  # Ctrl-C is for the program that started them; it tells them to end
        )
        self._ready = False
        self._tell(start)

    def _tell(self, row: dict[str, Any]) -> None:
        try:
            _pipe(self._process.stdin).write(json.dumps(row).encode() + b"\n")
            _pipe(self._process.stdin).flush()
        except OSError:
            return  # it died: the answer will show it

    def ask(self, row: dict[str, Any]) -> str | None:
        """The line that the process answers; None where it died. Raises RuntimeError where it never began."""
        if not self._ready:
            line = self._line()
            if line is None:
                raise RuntimeError("a process of eval.workers ended before its first question")
            if line != _READY:
                return line
            self._ready = True
        self._tell(row)
        return self._line()

    def _line(self) -> str | None:
        line = _pipe(self._process.stdout).readline()
        return line.decode() if line.endswith(b"\n") else None

    def close(self) -> int:
        """End the process; its exit code."""
        with suppress(OSError):  # it died with something unread
            _pipe(self._process.stdin).close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        _pipe(self._process.stdout).close()
        return self._process.wait()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def main(arguments: Sequence[str] = ()) -> int:
    """Answer the cases told line by line until standard input ends; the first line says how."""
    tell = sys.stdout.buffer
    try:
        start = json.loads(sys.stdin.buffer.readline())
        encoder = CorpusSettings.from_environment().encoder
        with Store.open(Path(start["store"]), encoder=encoder) as store:
            store.warm()  # else the first answer would be timed with the loading
            assistant = Assistant(
                store, AssistantSettings(**start["settings"]), today=lambda: str(start["day"])
            )
            tell.write(_READY.encode())
            tell.flush()
            for line in sys.stdin.buffer:
                result = answered(from_row(json.loads(line)), assistant, store)
                tell.write(to_line(result).encode())
                tell.flush()
    except UserError as error:
        tell.write(f"{_WRONG}{json.dumps([error.message, error.hint])}\n".encode())
        tell.flush()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
