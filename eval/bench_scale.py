"""How this program and LangChain's stock pipeline grow: sizes, both sides, one run.

Each measurement is a process of its own (``bench_measure``). What was built stays in the work
folder with its figures, so that a run that was cut goes on where it was.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import UserError

#: Where nothing else is asked for.
SIZES = (10_000, 60_384, 1_000_000)
#: Above, the stock pipeline is left out unless asked for: its keyword search holds every word of
#: every passage in memory, and compares all of them with each question.
STOCK = 60_384
QUESTIONS = 200
#: The stock pipeline takes a third of a second a question at 60,384 passages.
STOCK_QUESTIONS = 60
_LIBRARIES = ("langchain_classic", "langchain_community", "langchain_text_splitters", "rank_bm25")
#: What each stage is called.
STAGES = {"lexical": "关键词", "vector": "向量", "hybrid": "混合", "reranked": "重排后"}
Progress = Callable[[str], None]
#: What to measure, the data, the store, the size, how many questions → figures.
Measure = Callable[[str, Path, Path, int, int], dict[str, Any]]


class Run(NamedTuple):
    """What one size and side gave: the figures of ``bench_measure``, or why there are none."""

    size: int
    side: str
    figures: dict[str, Any]
    missing: str = ""


def scale(
    data: Path,
    work: Path,
    sizes: Sequence[int],
    stock_up_to: int,
    parts: Sequence[str],
    progress: Progress,
    measure: Measure | None = None,
) -> list[Run]:
    """Measure what is not in ``work`` yet; all that is there then.

    ``parts``: of query and change, what is measured anew; what was built is used again. ``measure``
    (default: a process each) measures. Raises ``UserError`` where that fails.
    """
    work.mkdir(parents=True, exist_ok=True)
    measure = measure or measured
    runs = []
    for size in sizes:
        runs.append(Run(size, "ours", _ours(data, work / f"{size}", size, parts, progress, measure)))
        runs.append(_beside(data, work / f"{size}-stock", size, stock_up_to, progress, measure))
    return runs


def _ours(
    data: Path, folder: Path, size: int, parts: Sequence[str], progress: Progress, measure: Measure
) -> dict[str, Any]:
    store, held = folder / "store", folder / "ours.json"
    figures: dict[str, Any] = json.loads(held.read_text()) if held.exists() else {}
    if "build" not in figures:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        progress(f"本程序 {size:,} 段：建库……")
        figures |= {"built": measure("build", data, store, size, QUESTIONS)}
        figures["build"] = figures["built"]["build"]
        held.write_text(json.dumps(figures))
    for part, told in (("query", "提问"), ("change", "增删一份文件")):
        if part in parts:
            progress(f"本程序 {size:,} 段：{told}……")
            figures |= {part: measure(part, data, store, size, QUESTIONS)}
            held.write_text(json.dumps(figures))
    return figures


def _beside(data: Path, folder: Path, size: int, up_to: int, progress: Progress, measure: Measure) -> Run:
    held = folder / "stock.json"
    if held.exists():
        return Run(size, "stock", json.loads(held.read_text()))
    if size > up_to:
        return Run(size, "stock", {}, f"没有跑：超过 --stock-up-to {up_to:,} 段")
    if missing := [name for name in _LIBRARIES if find_spec(name) is None]:
        return Run(size, "stock", {}, f"没有跑：没有安装 {'、'.join(missing)}（pip install '.[bench]'）")
    folder.mkdir(parents=True, exist_ok=True)
    progress(f"LangChain 现成流程 {size:,} 段：建库、提问、增删、再打开……")
    figures = measure("stock", data, folder / "faiss", size, STOCK_QUESTIONS)
    held.write_text(json.dumps(figures))
    return Run(size, "stock", figures)


def measured(what: str, data: Path, store: Path, size: int, questions: int) -> dict[str, Any]:
    """One measurement, in a process of its own. Raises ``UserError`` where it fails."""
    command = [sys.executable, "-m", "eval.bench_measure", what, "--data", str(data), "--store", str(store)]
    done = subprocess.run(  # noqa: S603 - our own module, no shell
        [*command, "--size", str(size), "--questions", str(questions)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    if done.returncode:
        raise UserError(
            f"测量 {what}（{size:,} 段）没有跑完。", done.stderr.strip()[-800:] or "没有说明原因。"
        )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def table(runs: Sequence[Run]) -> list[str]:
    """The figures as Markdown, a column a size and side, and below how many times faster we are."""
    columns = [run for run in runs if run.figures]
    if not columns:
        return []
    names = {"ours": "本程序", "stock": "LangChain"}
    head = [""] + [f"{run.size:,} 段 {names[run.side]}" for run in columns]
    rows = [[what, *(tell(run.figures) for run in columns)] for what, tell in _ROWS.items()]
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    lines += [
        f"{run.size:,} 段：{told}" for run in runs if run.side == "ours" and (told := _times(run, runs))
    ]
    return lines + [f"{run.size:,} 段的 LangChain 现成流程{run.missing}。" for run in runs if run.missing]


def _seconds(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value * 1000:.0f} 毫秒" if value < 1 else f"{value:.1f} 秒"


def _changes(figures: dict[str, Any], name: str) -> float | None:
    value: float | None = figures.get("change", figures).get(name)
    return value


def opening(figures: dict[str, Any]) -> float | None:
    """Seconds from closed to the first results."""
    value: float | None = figures.get("query", {}).get("open", figures.get("open"))
    return value


def stages(figures: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Percentiles in milliseconds of each stage."""
    asked: dict[str, Any] = figures.get("query", {})
    found: dict[str, dict[str, float]] = asked.get("query", asked)
    return found


def _stage(name: str) -> Callable[[dict[str, Any]], str]:
    def tell(figures: dict[str, Any]) -> str:
        found = stages(figures).get(name)
        return f"{found['p50']:.1f} / {found['p95']:.1f} / {found['p99']:.1f}" if found else "—"

    return tell


def _memory(figures: dict[str, Any]) -> str:
    held = figures.get("query", {}).get("memory") or figures.get("memory")
    return f"{held['peak'] / 2**20:,.0f} MB" if held else "—"


def _disk(figures: dict[str, Any]) -> str:
    held: dict[str, int] = figures.get("built", figures).get("disk", {})
    return f"{sum(held.values()) / 2**20:,.0f} MB" if held else "—"


def _recall(figures: dict[str, Any]) -> str:
    held = figures.get("query", {}).get("recall")
    return f"{held['10']:.4f}" if held else "—"


_ROWS: dict[str, Callable[[dict[str, Any]], str]] = {
    "建库": lambda f: _seconds(f.get("build")),
    "打开到第一次结果": lambda f: _seconds(opening(f)),
    **{f"{told} p50/p95/p99（毫秒）": _stage(name) for name, told in STAGES.items()},
    "增加一份文件（20 段）": lambda f: _seconds(_changes(f, "add")),
    "撤下一份": lambda f: _seconds(_changes(f, "withdraw")),
    "彻底删除一份": lambda f: _seconds(_changes(f, "delete")),
    "提问时的内存（峰值）": _memory,
    "磁盘": _disk,
    "向量召回率@10（对精确检索）": _recall,
}


def _times(run: Run, runs: Sequence[Run]) -> str:
    beside = next((r.figures for r in runs if (r.size, r.side) == (run.size, "stock") and r.figures), None)
    if beside is None:
        return ""
    ours, told = run.figures, []
    pairs: Iterator[tuple[str, float | None, float | None]] = iter(
        (
            ("混合检索 p50", stages(beside)["hybrid"]["p50"], stages(ours).get("hybrid", {}).get("p50")),
            ("增加一份", _changes(beside, "add"), _changes(ours, "add")),
            ("打开", opening(beside), opening(ours)),
        )
    )
    for what, theirs, own in pairs:
        if theirs and own:
            told.append(f"{what}快 {theirs / own:.0f} 倍")
    return "，".join(told)
