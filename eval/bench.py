"""How long things take: building the store, a cold question, questions in a running process."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assistant.pipeline import Assistant
from corpus.errors import UserError
from corpus.store import Store
from eval.dataset import Case

COLD_STARTS = 3


def bench(documents: Path, cases: Sequence[Case], progress: Callable[[str], None]) -> list[tuple[str, str]]:
    """Rows of (what, figure) measured on a fresh store of ``documents``; nothing is left behind."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        progress("建库……")
        built, seconds = _timed("ingest", str(documents), "--store", str(store), "--json")
        counts = json.loads(built)
        rows = [
            ("建库", f"{counts['articles']} 篇 {counts['passages']} 段，{seconds:.2f} 秒"),
            ("建库速度", f"每秒 {counts['passages'] / seconds:.0f} 段（含启动）"),
        ]
        progress("冷启动提问……")
        ask = ("assistant", "ask", cases[0].question, "--store", str(store), "--json")
        cold = [_timed(*ask)[1] for _ in range(COLD_STARTS)]
        rows.append(("冷启动到回答", f"中位 {np.median(cold):.2f} 秒（{COLD_STARTS} 次）"))
        progress(f"连续提问 {len(cases)} 题……")
        rows += _questions(store, cases)
    return rows


def _timed(*arguments: str) -> tuple[str, float]:
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own modules, no shell
        [sys.executable, "-m", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise UserError(f"命令 {arguments[0]} 没有跑完。", done.stderr.strip()[-500:])
    return done.stdout, time.perf_counter() - began


def _questions(path: Path, cases: Sequence[Case]) -> list[tuple[str, str]]:
    with Store.open(path) as store:
        assistant = Assistant(store)
        assistant.ask(cases[0].question)  # loads the segmenter and the encoder once
        answers = [assistant.ask(case.question, history=case.history) for case in cases]
    rows = []
    for stage in answers[0].seconds:
        values = [answer.seconds.get(stage, 0.0) * 1000 for answer in answers]
        median, p95 = np.percentile(values, [50, 95])
        rows.append((f"每题 {stage}", f"中位 {median:.1f} 毫秒，95% 在 {p95:.1f} 毫秒以内"))
    return rows
