"""A run in a thread of its own: the panel asks how far it is, and stops it; the chat goes on."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.pipeline import Assistant
from corpus.store import Store
from eval import dataset, report
from eval.dataset import Case
from eval.runner import META, read, run
from eval.trainer.workspace import CASES, Run

State = Literal["running", "stopping", "stopped", "finished", "failed"]
GOING: tuple[State, ...] = ("running", "stopping")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """进度: ``done`` of ``total`` questions; ``seconds`` since this start, in which ``fresh`` were answered."""

    name: str
    done: int
    total: int
    fresh: int = 0
    seconds: float = 0.0
    state: State = "running"
    error: Exception | None = field(default=None, compare=False)

    @property
    def rate(self) -> float:
        """Questions a second; 0 before the first."""
        return self.fresh / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Seconds to go at this rate; None while nothing is known."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


class Background:
    """后台测评: at most one run at a time, shared by everybody who looks at the page."""

    def __init__(self, store: Store, answering: Assistant) -> None:
        self.store = store
        self.answering = answering
        self._progress: Progress | None = None
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def progress(self) -> Progress | None:
        """Where the run stands, or how the last one ended; None before the first."""
        return self._progress

    @property
    def going(self) -> str:
        """The name of the run under way, or ``""``."""
        return self._progress.name if self._progress and self._progress.state in GOING else ""

    def start(self, which: Run, cases: Sequence[Case] | None = None) -> bool:
        """Starts or resumes a run; False where another is under way."""
        with self._lock:
            if self.going:
                return False
            self._stop.clear()
            self._progress = Progress(name=which.name, done=which.done, total=which.total)
            self._thread = threading.Thread(
                target=self._work, args=(which, cases), name=f"eval {which.name}", daemon=True
            )
            self._thread.start()
        return True

    def stop(self) -> None:
        """Ends the run after the question under way; it can be resumed."""
        with self._lock:
            if self._progress and self._progress.state == "running":
                self._progress = replace(self._progress, state="stopping")
                self._stop.set()

    def wait(self, timeout_s: float | None = None) -> None:
        """Until the run under way has ended."""
        if self._thread:
            self._thread.join(timeout_s)

    def _work(self, which: Run, cases: Sequence[Case] | None) -> None:
        try:
            questions = cases if cases is not None else dataset.load(which.path / CASES)
            run(
                questions,
                self.store,
                which.path,
                assistant=self.answering,
                progress=self._counter(which),
                stop=lambda: self._stop.is_set() or self.store.stopping.is_set(),
            )
            write_report(which)
        except Exception as error:  # the edge of a thread: the panel words it
            self._end("failed", error)
        else:
            self._end("stopped" if self._progress and self._progress.done < which.total else "finished")

    def _counter(self, which: Run) -> Callable[[int, int], None]:
        began, before = time.monotonic(), which.done

        def count(done: int, total: int) -> None:
            with self._lock:
                if self._progress and done >= self._progress.done:
                    self._progress = replace(
                        self._progress,
                        done=done,
                        total=total,
                        fresh=max(0, done - before),
                        seconds=time.monotonic() - began,
                    )

        return count

    def _end(self, state: State, error: Exception | None = None) -> None:
        with self._lock:
            if self._progress:
                self._progress = replace(self._progress, state=state, error=error)


def write_report(which: Run) -> None:
    """Writes the run's report files anew from its results."""
    meta = json.loads((which.path / META).read_text(encoding="utf-8"))
    report.write(list(read(which.path)), meta, which.path)
