"""Pinned floors: quality cannot slip unnoticed, and a floor falls only when asked to."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from corpus.errors import UserError
from corpus.store import Store
from eval.dataset import load
from eval.metrics import MEASURES, summary
from eval.runner import META, read, run

#: What may not get worse. Measures of style (``concise``) and the exact variants are only told.
GATED = (
    "right",
    "refusal",
    "over_refusal",
    "over_answer",
    "fact_recall",
    "clean",
    "citation_recall",
    "citation_precision",
    "verbatim",
    "cited",
    "found",
    "right_clause",
    "validity",
)
#: Scores are compared to so many parts of one: what a sum's rounding may differ.
ROUNDING = 1e-9


def check(report: dict[str, Any], floors: Path) -> list[str]:
    """What fell below its floor, a Chinese sentence each; empty when the gate is passed.

    ``report``: ``run`` as in ``run.json`` and ``all`` as ``metrics.summary`` gives it. Raises
    UserError when there are no floors or they were pinned on other questions or documents.
    """
    pinned = _required(floors)
    now = _taken_on(report)
    again = "请确认改动，再用 gate --pin 重新记下。"
    if pinned["dataset"] != now["dataset"]:
        raise UserError("题集变了，和记下的基准不是同一套题。", again)
    # The files' own digest decides where both know it: the same files read better are no other corpus.
    corpus = next((key for key in ("documents", "corpus") if pinned.get(key) and now.get(key)), "")
    if corpus and pinned[corpus] != now[corpus]:
        raise UserError("文档变了，和记下的基准不是同一批文档。", again)
    return _fallen(report, pinned["floors"])


def pin(report: dict[str, Any], floors: Path, *, lower: bool) -> None:
    """Write this run's scores as the floors. Raises UserError when one would fall and ``lower``
    is not set, or when a question crashed: that is to be mended, not pinned."""
    if crashed := report["all"]["crashed"]:
        raise UserError(f"有 {crashed} 道题出错，没有记为基准。", "请先修好出错的题，再用 gate --pin 记下。")
    pinned = _read(floors)
    fallen = _fallen(report, pinned["floors"]) if pinned and not lower else []
    if fallen:
        raise UserError("".join(fallen), "若确要降低基准，请加 --lower。")
    measures = report["all"]["measures"]
    content = {**_taken_on(report), "floors": {n: measures[n]["mean"] for n in GATED if n in measures}}
    floors.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def shipped(
    datasets: Sequence[Path],
    documents: Path,
    folder: Path,
    *,
    day: str = "",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Read the documents into a store in ``folder``, ask the question sets there, and tell the scores.

    ``day`` (ISO, today without one) is the day the answers are of: what is in force changes
    with the calendar, the floors do not. Returns what ``check`` and ``pin`` take; the run
    itself stays in ``folder/run``.
    """
    day = day or date.today().isoformat()
    store, out = folder / "store", folder / "run"
    _ingest(documents, store)
    cases = [case for path in datasets for case in load(path)]
    with Store.open(store) as opened:
        run(cases, opened, out, day=day, progress=progress)
    asked = {case.digest for case in cases}
    results = (result for result in read(out) if result.case.digest in asked)
    meta = json.loads((out / META).read_text(encoding="utf-8"))
    meta |= {"documents": documents_digest(documents), "day": day}
    return {"run": meta, "all": summary(results)}


def pinned_day(floors: Path) -> str:
    """The day the floors were taken on, ``""`` where they name none. Raises UserError without floors."""
    return _required(floors).get("day", "")


def documents_digest(folder: Path) -> str:
    """A fingerprint of the names and bytes of the files right in a folder, folders below it aside."""
    found = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")):
        found.update(f"{path.name}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _ingest(documents: Path, store: Path) -> None:
    command = [sys.executable, "-m", "ingest", str(documents), "--store", str(store), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode not in (0, 1):
        raise UserError("文档没有读完，无法测评。", done.stderr.strip()[-500:])


def _read(floors: Path) -> dict[str, Any] | None:
    return json.loads(floors.read_text(encoding="utf-8")) if floors.is_file() else None


def _required(floors: Path) -> dict[str, Any]:
    pinned = _read(floors)
    if pinned is None:
        raise UserError(f"找不到基准文件 {floors}。", "请先用 gate --pin 记下一次测评的成绩。")
    return pinned


def _taken_on(report: dict[str, Any]) -> dict[str, str]:
    """The fingerprints of what a report was taken on."""
    meta = report["run"]
    return {
        "dataset": meta["dataset"],
        "corpus": meta.get("corpus", {}).get("digest", ""),
        "documents": meta.get("documents", ""),
        "day": meta.get("day", ""),
    }


def _fallen(report: dict[str, Any], floors: dict[str, float]) -> list[str]:
    found = []
    for name, floor in floors.items():
        measure, value = MEASURES[name], report["all"]["measures"].get(name)
        if value is None:
            found.append(f"“{measure.title}”这次没有评到，基准是 {floor:.4f}。")
        elif measure.lower and value["mean"] > floor + ROUNDING:
            found.append(f"“{measure.title}”是 {value['mean']:.4f}，高于基准 {floor:.4f}（越低越好）。")
        elif not measure.lower and value["mean"] < floor - ROUNDING:
            found.append(f"“{measure.title}”是 {value['mean']:.4f}，低于基准 {floor:.4f}。")
    return found
