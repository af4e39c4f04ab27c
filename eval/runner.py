"""Run a question set: a result line a question, appended as it goes, resumed where it stopped.

Nothing is held of what was answered but a digest a question (about 100 bytes), so that a set
of 20,000 is run in the memory of one of 20; ``read`` gives the results back one by one.
"""

import hashlib
import json
import platform
import subprocess
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from assistant.pipeline import Assistant
from assistant.settings import AssistantSettings
from corpus.errors import UserError
from corpus.store import Store
from eval.asking import answered, from_line, to_line
from eval.dataset import Case, Questions
from eval.metrics import CaseResult
from eval.workers import Workers

RESULTS = "results.jsonl"
META = "run.json"
#: Results of questions that are no longer in the set: kept, not counted.
REPLACED = "replaced.jsonl"
_PACKAGES = ("faiss-cpu", "tantivy", "jieba", "model2vec", "numpy")
#: Rooms whose files decide what is answered.
_ANSWERING = ("assistant", "corpus")
_SAME = {"code": "程序版本", "program": "程序", "corpus": "文档库", "settings": "作答的设置"}

Ask = Callable[[Case], CaseResult]


class Finished(NamedTuple):
    """一次测评做完的情况: ``not_scored`` were not asked, because the run was stopped before."""

    questions: int
    scored: int
    crashed: int

    @property
    def not_scored(self) -> int:
        return self.questions - self.scored


def run(
    cases: Iterable[Case],
    store: Store,
    out: Path,
    *,
    assistant: Assistant | None = None,
    settings: AssistantSettings | None = None,
    day: str = "",
    progress: Callable[[int, int], None] = lambda done, total: None,
    workers: int = 1,
    stop: Callable[[], bool] = lambda: False,
) -> Finished:
    """Answer every case that ``out`` does not hold yet, score it, append it, in the set's order.

    ``cases`` are gone through twice: a list, or ``Questions`` for sets of any size. With an
    ``assistant`` its threads answer, else ``workers`` processes with ``settings``, as on ``day``
    (ISO; today, or the day on which the run began). A run that was killed, or that ``stop``
    ended, goes on where it stopped; what crashed is asked again. Raises UserError for a wrong
    question file, where ``out`` holds a run of another program, corpus or settings, and where
    the corpus changes under way.
    """
    if iter(cases) is cases:
        raise TypeError("cases are gone through twice: give a list or Questions")
    settings = settings or (assistant.settings if isinstance(assistant, Assistant) else AssistantSettings())
    wanted = {case.digest for case in cases}
    out.mkdir(parents=True, exist_ok=True)
    meta = _meta(cases, wanted, store, settings, day)
    meta = _begin(out / META, meta)
    asked, broken = _kept(out, wanted), 0
    done = len(asked)
    progress(done, len(wanted))
    with (
        (out / RESULTS).open("a", encoding="utf-8") as file,
        _asking(assistant, store, settings, meta["day"], workers) as ask,
        closing(_answers(_unasked(cases, asked), ask, workers, stop)) as results,
    ):
        for result in results:
            if store.revision != meta["corpus"]["revision"]:
                raise UserError(
                    "测评途中文档库变了，前后的成绩不能算在一起。",
                    "请等文档库不再变化，换一个名字，重新测评。",
                )
            done += 1
            broken += bool(result.error)
            file.write(to_line(result))
            file.flush()
            progress(done, len(wanted))
    return Finished(len(wanted), done, broken)


def read(out: Path) -> Iterator[CaseResult]:
    """The results a run folder holds, one by one; a torn line (killed while writing) is passed over."""
    for _, result in _lines(out / RESULTS):
        if result is not None:
            yield result


def _lines(path: Path) -> Iterator[tuple[str, CaseResult | None]]:
    if path.is_file():
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            for line in file:
                yield line, from_line(line)


def _unasked(cases: Iterable[Case], asked: set[str]) -> Iterator[Case]:
    for case in cases:
        if case.digest not in asked:
            asked.add(case.digest)
            yield case


@contextmanager
def _asking(
    assistant: Assistant | None, store: Store, settings: AssistantSettings, day: str, workers: int
) -> Iterator[Ask]:
    if assistant is None and workers > 1:
        start = {"store": str(store.directory.resolve()), "settings": asdict(settings), "day": day}
        with Workers(workers, start) as processes:
            yield processes.ask
        return
    if assistant is None:
        store.warm()  # else the first answer would be timed with the loading
    here = assistant or Assistant(store, settings, today=lambda: day)
    yield lambda case: answered(case, here, store)


def _answers(
    cases: Iterable[Case], ask: Ask, workers: int, stop: Callable[[], bool]
) -> Generator[CaseResult, None, None]:
    """Results in the order of the cases; a few are in work or wait for one before them, no more."""
    if workers == 1:
        for case in cases:
            if stop():
                return
            yield ask(case)
        return
    waiting: deque[Future[CaseResult]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for case in cases:
                if stop():
                    break
                waiting.append(pool.submit(ask, case))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                oldest = waiting.popleft()
                if not (stop() and oldest.cancel()):
                    yield oldest.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _kept(out: Path, wanted: Collection[str]) -> set[str]:
    """Put the results in order for going on; the digests of what is answered already.

    Torn lines, crashes and repetitions go; what is no longer asked moves to REPLACED.
    """
    kept: set[str] = set()
    partial = out / f"{RESULTS}.partial"
    with partial.open("w", encoding="utf-8") as file, (out / REPLACED).open("a", encoding="utf-8") as other:
        for line, result in _lines(out / RESULTS):
            if result is None or result.error or result.case.digest in kept:
                continue
            if result.case.digest in wanted:
                kept.add(result.case.digest)
                file.write(line)
            else:
                other.write(line)
    partial.replace(out / RESULTS)
    if not (out / REPLACED).stat().st_size:
        (out / REPLACED).unlink()
    return kept


def _meta(
    cases: Iterable[Case], wanted: Collection[str], store: Store, settings: AssistantSettings, day: str
) -> dict[str, Any]:
    """What is needed to repeat a run; no path and no key is among it."""
    answering = asdict(settings)
    del answering["model_key"]
    answering["model_base_url"] = settings.model_base_url.rpartition("@")[2]
    return {
        "code": _code_version(),
        "program": _program(),
        "dataset": hashlib.sha256("".join(sorted(wanted)).encode()).hexdigest()[:16],
        "sets": [path.name for path in cases.paths] if isinstance(cases, Questions) else [],
        "questions": len(wanted),
        "corpus": {"revision": store.revision, "digest": store.digest(), **store.counts()._asdict()},
        "encoder": Path(store.encoder_name).name,
        "settings": answering,
        "day": day,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "started_at": datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
    }


def _code_version() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, no user input
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()


@cache
def _program() -> str:
    """A digest of the files that decide what is answered: says more than a version that is “dirty”."""
    found = hashlib.sha256()
    root = Path(__file__).parents[1]
    for room in _ANSWERING:
        for path in sorted((root / room).rglob("*")):
            place = path.relative_to(root).as_posix()
            if path.suffix in (".py", ".txt", ".json", ".safetensors") and not _aside(place):
                found.update(place.encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _aside(place: str) -> bool:
    return "/tests/" in place or place.startswith("corpus/documents/")


def _begin(path: Path, meta: dict[str, Any]) -> dict[str, Any]:
    """Record the run, or check that it is the one that is recorded, which gives its day and start."""
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        for key, name in _SAME.items():
            if key in before and before[key] != meta[key]:
                raise UserError(
                    f"“{path.parent.name}”里已有一次测评，但{name}已经变了，接着跑会把两次结果混在一起。",
                    "请换一个名字，重新测评。",
                )
        if meta["day"] and meta["day"] != before.get("day"):
            raise UserError(
                f"“{path.parent.name}”里的测评是按 {before.get('day')} 这一天回答的。",
                "请换一个名字，重新测评。",
            )
        meta |= {key: before[key] for key in ("day", "started_at") if key in before}
    meta["day"] = meta["day"] or date.today().isoformat()
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(meta, ensure_ascii=False, indent=2), encoding="utf-8")
    partial.replace(path)
    return meta
