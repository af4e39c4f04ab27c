"""Run a question set: a result line a question, appended as it goes, resumed where it stopped."""

import json
import platform
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assistant.contract import answer_json
from assistant.pipeline import Assistant
from corpus.errors import UserError
from corpus.store import Store
from eval.dataset import Case, digest
from eval.metrics import CaseResult, score

RESULTS = "results.jsonl"
META = "run.json"


def run(
    cases: Sequence[Case],
    store: Store,
    out: Path,
    *,
    assistant: Assistant | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[CaseResult]:
    """Answer every case that ``out`` does not hold yet, score it, append it; all results in order.

    A run that was killed goes on where it stopped; a torn last line is asked again.
    Raises UserError when ``out`` holds a run over another corpus or another version.
    """
    assistant = assistant or Assistant(store)
    out.mkdir(parents=True, exist_ok=True)
    _check_same_run(out / META, _meta(cases, store))
    done = {r.case.digest: r for r in read(out) if not r.error}
    _rewrite(out / RESULTS, list(done.values()))
    with (out / RESULTS).open("a", encoding="utf-8") as file:
        for number, case in enumerate(cases, 1):
            if case.digest not in done:
                done[case.digest] = result = _answer(case, assistant)
                file.write(_line(result))
                file.flush()
            progress(number, len(cases))
    return [done[case.digest] for case in cases]


def read(out: Path) -> Iterator[CaseResult]:
    """The results a run folder holds; a torn line (killed while writing) is passed over."""
    if not (out / RESULTS).is_file():
        return
    for line in (out / RESULTS).read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        yield CaseResult(
            case=_case(row["case"]), answer=row["answer"], scores=row["scores"], error=row["error"]
        )


def _answer(case: Case, assistant: Assistant) -> CaseResult:
    """One scored answer. A crash of the product is a miss to be reported, not the end of the run."""
    try:
        answer = assistant.ask(
            case.question,
            history=case.history,
            as_of=case.as_of,
            passages=case.passages or None,
        )
    except UserError:
        raise  # the store or the settings are wrong: every question would fail the same way
    except Exception as error:
        return CaseResult(case=case, scores={"right": 0.0}, error=f"{type(error).__name__}: {error}")
    row = answer_json(answer)
    return CaseResult(case=case, answer=row, scores=score(case, row))


def _line(result: CaseResult) -> str:
    return json.dumps(asdict(result), ensure_ascii=False) + "\n"


def _case(row: dict[str, Any]) -> Case:
    pairs = {
        "must": tuple(map(tuple, row["must"])),
        "history": tuple((q, a) for q, a in row["history"]),
        **{key: tuple(row[key]) for key in ("must_not", "source", "clauses", "passages")},
    }
    return Case(**{**row, **pairs})


def _rewrite(path: Path, results: Sequence[CaseResult]) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text("".join(map(_line, results)), encoding="utf-8")
    temporary.replace(path)


def _meta(cases: Sequence[Case], store: Store) -> dict[str, Any]:
    """What is needed to repeat a run."""
    return {
        "code": _code_version(),
        "dataset": digest(cases),
        "corpus": {"revision": store.revision, **store.counts()._asdict()},
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("faiss-cpu", "tantivy", "jieba", "model2vec")},
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


def _check_same_run(path: Path, meta: dict[str, Any]) -> None:
    if not path.exists():
        path.write_text(json.dumps(meta, ensure_ascii=False, indent=2), encoding="utf-8")
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    for key, name in (("code", "程序版本"), ("corpus", "文档库")):
        if before[key] != meta[key]:
            raise UserError(
                f"{path.parent} 里已有一次测评，但{name}已经变了，接着跑会把两次结果混在一起。",
                "请用 --out 换一个新的文件夹。",
            )
