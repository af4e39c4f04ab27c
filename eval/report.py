"""A run as people and programs read it: HTML (``page.py``), JSON, CSV, Markdown, lines for a terminal."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant import calibration
from eval import judge, page
from eval.calibrate import borne_out, calibration_bins, curve
from eval.dataset import REFUSALS
from eval.metrics import MEASURES, CaseResult, Tally, scored, to_be_answered
from eval.stages import STAGES, fault_of

TYPES = {
    "number": "数字", "list": "列举", "who": "人物", "when": "时间", "where": "地点", "what": "定义", "how": "办法",
    "procedure": "步骤", "clause": "条款", "multi": "多篇", "yesno": "是否", "validity": "效力", "conflict": "冲突",
    "followup": "追问", "unanswerable": "库中没有", "comparison": "比较", "definition": "定义", "other": "其他",
}  # fmt: skip
#: Cases told in full in the page; more would make it too heavy to open. The CSV holds all.
FAILED_SHOWN, RIGHT_SHOWN = 200, 100
_OUTCOMES = {
    "answered": "已回答",
    "conflict": "存在冲突",
    "insufficient": "依据不足",
    "clarify": "需澄清",
    "": "没有作答",
}
_COLUMNS = (
    "编号",
    "类别",
    "难度",
    "问题",
    "应有",
    "答对",
    "毛病",
    "丢在哪一步",
    "结果",
    "把握",
    "回答",
    "毫秒",
    "出错",
)
_BARS = 24


class Gathered:
    """What a report is made of, one result at a time: figures of all, words of a limited number."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.by_type: dict[str, Tally] = {}
        self.by_difficulty: dict[str, Tally] = {}
        self.failed: list[str] = []
        self.shown: list[CaseResult] = []
        self.right: list[CaseResult] = []
        self.faults: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.sides: Counter[tuple[bool, bool]] = Counter()
        self._sure: list[tuple[float, bool, bool, bool]] = []
        self._milliseconds: list[float] = []

    def add(self, result: CaseResult) -> None:
        case, answer = result.case, result.answer
        self.tally.add(result)
        self.by_type.setdefault(category(result), Tally()).add(result)
        if case.difficulty:
            self.by_difficulty.setdefault(case.difficulty, Tally()).add(result)
        if fault := fault_of(result):
            self.failed.append(case.id)
            self.faults[fault] += 1
            self.lost[result.lost] += bool(result.lost)
            if len(self.shown) < FAILED_SHOWN:
                self.shown.append(result)
        elif len(self.right) < RIGHT_SHOWN:
            self.right.append(result)
        if answer:
            self._see(result)

    def _see(self, result: CaseResult) -> None:
        answer, wanted = result.answer, to_be_answered(result.case)
        answered = answer["outcome"] not in REFUSALS
        self.sides[wanted, answered] += 1
        if "confidence" in answer and answer["evidence"]:
            drafted = answered or bool(answer.get("withheld"))
            self._sure.append((answer["confidence"], drafted, wanted, borne_out(result.case, answer)))
        if seconds := answer.get("seconds"):
            self._milliseconds.append(seconds["total"] * 1000)

    def report(self, meta: dict[str, Any]) -> dict[str, Any]:
        """Everything but the words of the cases, as ``report.json`` holds it."""
        return {
            "run": meta,
            "all": self.tally.summary(),
            "by_type": {name: self.by_type[name].summary() for name in sorted(self.by_type)},
            "by_difficulty": {
                n: self.by_difficulty[n].summary() for n in "易中难" if n in self.by_difficulty
            },
            "faults": dict(self.faults.most_common()),
            "lost": {stage: self.lost[stage] for stage in STAGES},
            "outcomes": {
                side: {"answered": self.sides[wanted, True], "refused": self.sides[wanted, False]}
                for side, wanted in (("answerable", True), ("unanswerable", False))
            },
            "threshold": _threshold(meta),
            "curve": [list(point) for point in curve(row[:3] for row in self._sure)],
            "calibration": calibration_bins([(c, holds) for c, _, _, holds in self._sure]),
            "latency": latency_bars(self._milliseconds),
            "failed": self.failed,
        }


def write(results: Iterable[CaseResult], meta: dict[str, Any], out: Path) -> dict[str, Any]:
    """Write ``report.json``, ``.html``, ``.csv`` and ``.md`` into ``out``; returns what the JSON holds.

    Results are read once and not kept, but for those that the page shows.
    """
    gathered = Gathered()
    with (out / "report.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow([*_COLUMNS, *(m.title for m in MEASURES.values())])
        for result in results:
            table.writerow([_cell(value) for value in _row(result)])
            gathered.add(result)
    report = gathered.report(meta)
    if judged := judge.block(out):
        report["judged"] = judged
    (out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    (out / "report.md").write_text(markdown(report), encoding="utf-8")
    (out / "report.html").write_text(page.render(report, gathered.shown, gathered.right), encoding="utf-8")
    return report


def category(result: CaseResult) -> str:
    """What a case is counted under, in Chinese where it is one of ours."""
    name = result.case.category or result.case.type
    return TYPES.get(name, name)


def lines(report: dict[str, Any]) -> list[str]:
    """The figures for a terminal, a line a measure."""
    total = report["all"]
    rows = [f"共 {total['cases']} 题，出错 {total['crashed']} 题"]
    for name, value in total["measures"].items():
        rows.append(
            f"{title(name)}：{value['mean']:.3f}（95% 区间 {value['low']:.3f}–{value['high']:.3f}，{value['n']} 题）"
        )
    if total["balanced_refusal"] is not None:
        rows.append(f"拒答平衡准确率：{total['balanced_refusal']:.3f}")
    if any(report["lost"].values()):
        rows.append("没答对的丢在：" + "，".join(f"{k} {n} 题" for k, n in report["lost"].items() if n))
    if total["median_ms"] is not None:
        rows.append(f"每题用时：中位 {total['median_ms']:.0f} 毫秒，95% 在 {total['p95_ms']:.0f} 毫秒以内")
    return rows + judge.lines(report.get("judged", {}))


def title(name: str) -> str:
    """What people call a measure."""
    return MEASURES[name].title if name in MEASURES else name


def markdown(report: dict[str, Any]) -> str:
    """The figures as tables for a document or an issue."""
    total = report["all"]
    parts = [
        "# 测评报告",
        "",
        f"共 {total['cases']} 题，没有答对 {len(report['failed'])} 题，程序出错 {total['crashed']} 题。",
    ]
    parts += ["", "| 指标 | 均值 | 95% 区间 | 题数 |", "| --- | --- | --- | --- |"]
    parts += [f"| {title(name)} | {_figures(v)} |" for name, v in total["measures"].items()]
    for heading, groups in (("类别", report["by_type"]), ("难度", report["by_difficulty"])):
        if groups:
            parts += ["", f"| {heading} | 答对 | 95% 区间 | 题数 |", "| --- | --- | --- | --- |"]
            parts += [
                f"| {_in_table(name)} | {_figures(g['measures']['right'])} |" for name, g in groups.items()
            ]
    if any(report["lost"].values()):
        parts += ["", "| 丢在哪一步 | 题数 |", "| --- | --- |"]
        parts += [f"| {stage} | {n} |" for stage, n in report["lost"].items()]
    if report["failed"]:
        parts += ["", "没有答对的题：" + "、".join(map(_in_table, report["failed"][:FAILED_SHOWN]))]
        if len(report["failed"]) > FAILED_SHOWN:
            parts[-1] += f"……（共 {len(report['failed'])} 题，全部见 report.csv）"
    return "\n".join(parts) + "\n"


def latency_bars(milliseconds: Sequence[float]) -> list[list[float]]:
    """``[from, to, count]`` of equal widths up to the 99th percentile; the last holds all beyond."""
    if not milliseconds:
        return []
    last = max(float(np.percentile(milliseconds, 99)), 1.0)
    counts, edges = np.histogram(np.minimum(milliseconds, last), bins=_BARS, range=(0.0, last))
    return [
        [round(float(low), 2), round(float(high), 2), int(n)]
        for low, high, n in zip(edges, edges[1:], counts, strict=False)
    ]


def _threshold(meta: dict[str, Any]) -> float:
    """The threshold a run was made with, or the calibrated one where it does not say."""
    chosen = (meta.get("settings") or {}).get("threshold")
    return calibration.shipped().threshold if chosen is None else chosen


def _row(result: CaseResult) -> list[Any]:
    case, answer, scores = result.case, result.answer, scored(result)
    seconds = answer.get("seconds", {}).get("total")
    return [
        case.id,
        category(result),
        case.difficulty,
        case.question,
        "；".join("／".join(group) for group in case.must) if to_be_answered(case) else "应拒答",
        scores.get("right", ""),
        fault_of(result),
        result.lost,
        _OUTCOMES.get(answer.get("outcome", ""), ""),
        answer.get("confidence", ""),
        answer.get("answer", ""),
        "" if seconds is None else round(seconds * 1000, 1),
        result.error,
        *(scores.get(name, "") for name in MEASURES),
    ]


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _figures(value: dict[str, Any]) -> str:
    return f"{value['mean']:.3f} | {value['low']:.3f}–{value['high']:.3f} | {value['n']}"


def _in_table(text: str) -> str:
    """Words that neither break a Markdown table nor become markup."""
    squeezed = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\|`*_[]<>#" else c for c in squeezed)
