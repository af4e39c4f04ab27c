"""An hour of questions: whether memory stays flat and no file handle is left open."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eval.crowd import Crowd, Tally, crowd, percentiles
from eval.served import Served, held

#: Minutes in which caches fill: what is held then is no leak.
WARM_UP = 10
#: Share by which memory may differ afterwards from what it was then.
FLAT = 0.05
#: Handles by which the last minutes may differ from the first.
HANDLES = 5


def soak(
    where: Served, who: Crowd, asked: Sequence[str], out: Path | None, progress: Callable[[str], None]
) -> dict[str, Any]:
    """The crowd's row (``eval.crowd``) with ``minutes``, a row each, and the verdict ``flat``.

    Each minute is appended to ``out`` (JSONL) as it ends.
    """
    minutes: list[dict[str, Any]] = []
    seen = 0
    began = time.monotonic()

    def look(tally: Tally) -> None:
        nonlocal seen
        now = held(where.process)._asdict()
        row = {"minute": round((time.monotonic() - began) / 60, 2), **now, **percentiles(tally.waits[seen:])}
        row |= {"answered": len(tally.waits) - seen, "errors": tally.errors.total()}
        seen = len(tally.waits)
        minutes.append(row)
        if out:
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        progress(line(row))

    tally = asyncio.run(crowd(where.url, who, asked, look, look_s=60.0))
    return {**tally.row(who), "minutes": minutes, **verdict(minutes)}


def verdict(minutes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """``flat``: memory stayed within 5 % of what it was after the warm-up, and handles did not grow.

    None where there are not enough minutes to tell. ``drift`` is the largest share by which memory
    differed; ``handle_growth`` what is held more in the last third than in the first after the warm-up,
    at least: connections come and go with those who ask, what is lost lifts the floor.
    """
    later = [row for row in minutes if row["minute"] >= WARM_UP]
    if len(later) < 3:
        return {"flat": None, "drift": None, "handle_growth": None}
    sizes = [row["resident"] for row in later]
    drift = max(abs(size / sizes[0] - 1) for size in sizes)
    third = len(later) // 3
    first, last = ([row["handles"] for row in part] for part in (later[:third], later[-third:]))
    growth = min(last) - min(first)
    return {
        "flat": drift <= FLAT and growth <= HANDLES,
        "drift": round(drift, 4),
        "handle_growth": growth,
    }


def line(row: dict[str, Any]) -> str:
    """A minute in words."""
    p95 = "—" if row["p95_s"] is None else f"{row['p95_s']:.2f} 秒"
    return (
        f"第 {row['minute']:.0f} 分：{row['processes']} 个进程，常驻 {row['resident'] / 2**20:.0f} MB"
        f"（自有 {row['own'] / 2**20:.0f} MB），句柄 {row['handles']}，线程 {row['threads']}；"
        f"答 {row['answered']} 题，95% 在 {p95}以内，累计出错 {row['errors']}"
    )


def judged(row: dict[str, Any]) -> list[str]:
    """The verdict in words."""
    if row["flat"] is None:
        return [f"时间太短，无法判断内存是否平稳（前 {WARM_UP} 分钟不算）。"]
    return [
        f"{WARM_UP} 分钟以后：内存最多变化 {row['drift']:.1%}，句柄增加 {row['handle_growth']:g} 个",
        "平稳。" if row["flat"] else "不平稳。",
    ]
