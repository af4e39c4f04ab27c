"""Pinned floors: quality cannot slip unnoticed, and a floor falls only when asked to."""

import json
from pathlib import Path
from typing import Any

from corpus.errors import UserError

GATED = ("right", "refusal", "verbatim", "cited")


def check(report: dict[str, Any], floors: Path) -> list[str]:
    """What fell below its floor, a Chinese sentence each; empty when the gate is passed.

    Raises UserError when there are no floors or they were pinned on other questions.
    """
    if not floors.is_file():
        raise UserError(f"找不到基准文件 {floors}。", "请先用 gate --pin 记下一次测评的成绩。")
    pinned = json.loads(floors.read_text(encoding="utf-8"))
    if pinned["dataset"] != report["run"]["dataset"]:
        raise UserError(
            "题集变了，和记下的基准不是同一套题。", "请确认题集的改动，再用 gate --pin 重新记下。"
        )
    measures = report["all"]["measures"]
    return [
        f"“{name}”是 {measures[name]['mean']:.4f}，低于基准 {floor:.4f}。"
        for name, floor in pinned["floors"].items()
        if measures[name]["mean"] < floor - 1e-9
    ]


def pin(report: dict[str, Any], floors: Path, *, lower: bool) -> None:
    """Write this run's scores as the floors. Raises UserError when one would fall and ``lower`` is not set."""
    new = {name: report["all"]["measures"][name]["mean"] for name in GATED}
    if floors.is_file() and not lower:
        old = json.loads(floors.read_text(encoding="utf-8"))["floors"]
        fallen = [name for name in GATED if new[name] < old.get(name, 0) - 1e-9]
        if fallen:
            raise UserError(f"{'、'.join(fallen)} 比原来的基准低。", "若确要降低基准，请加 --lower。")
    content = {"dataset": report["run"]["dataset"], "floors": new}
    floors.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
