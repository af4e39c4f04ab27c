"""A run as people read it: one self-contained page in Chinese, and the same figures as JSON."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from eval.metrics import CaseResult, summary

MEASURES = {
    "right": ("答对", "事实齐全、没有禁止的内容；库中没有的如实拒答"),
    "refusal": ("该答则答", "能答的作答，不能答的拒答"),
    "fact_recall": ("事实齐全度", "应有的事实出现了多大比例"),
    "concise": ("简短", "不超过 400 字；单个数字、人名、日期不超过 80 字或只有一句"),
    "verbatim": ("引文逐字", "每处引文都能在段落里逐字找到"),
    "cited": ("句句有据", "每一句都有核实过的引文"),
    "found": ("出处正确", "引用的段落出自应引的文章"),
}
TYPES = {
    "number": "数字", "list": "列举", "who": "人物", "when": "时间", "where": "地点", "what": "定义", "how": "办法",
    "procedure": "步骤", "clause": "条款", "multi": "多篇", "yesno": "是否", "validity": "效力", "conflict": "冲突",
    "followup": "追问", "unanswerable": "库中没有", "other": "其他",
}  # fmt: skip

STYLE = """
body{font:16px/1.7 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:62rem;margin:2rem auto;
padding:0 1rem;color:#1f2329;background:#fff}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{padding:.35rem .6rem;border-bottom:1px solid #e3e5e8;text-align:left;
vertical-align:top}td.n{white-space:nowrap;font-variant-numeric:tabular-nums}svg{display:block}
details{border:1px solid #e3e5e8;border-radius:.4rem;padding:.5rem .8rem;margin:.5rem 0}
summary{cursor:pointer}.muted{color:#646a73}blockquote{margin:.3rem 0;padding-left:.8rem;border-left:3px solid #c9cdd4}
@media print{details{break-inside:avoid}}
"""


def write(results: Sequence[CaseResult], meta: dict[str, Any], out: Path) -> dict[str, Any]:
    """Write ``report.json`` and ``report.html`` into ``out``; returns what the JSON holds."""
    report = {
        "run": meta,
        "all": summary(results),
        "by_type": {name: summary(part) for name, part in sorted(_by_type(results).items())},
        "failed": [r.case.id for r in results if not r.scores.get("right")],
    }
    (out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    (out / "report.html").write_text(_page(results, report), encoding="utf-8")
    return report


def lines(report: dict[str, Any]) -> list[str]:
    """The figures for a terminal, a line a measure."""
    total = report["all"]
    rows = [f"共 {total['cases']} 题，出错 {total['crashed']} 题"]
    for name, value in total["measures"].items():
        rows.append(
            f"{MEASURES[name][0]}：{value['mean']:.3f}（95% 区间 {value['low']:.3f}–{value['high']:.3f}，{value['n']} 题）"
        )
    if total["balanced_refusal"] is not None:
        rows.append(f"拒答平衡准确率：{total['balanced_refusal']:.3f}")
    if total["median_ms"] is not None:
        rows.append(f"每题用时：中位 {total['median_ms']:.0f} 毫秒，95% 在 {total['p95_ms']:.0f} 毫秒以内")
    return rows


def _by_type(results: Sequence[CaseResult]) -> dict[str, list[CaseResult]]:
    groups: dict[str, list[CaseResult]] = {}
    for result in results:
        groups.setdefault(result.case.type, []).append(result)
    return groups


def _page(results: Sequence[CaseResult], report: dict[str, Any]) -> str:
    failed = [r for r in results if not r.scores.get("right")]
    passed = [r for r in results if r.scores.get("right")]
    return f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>测评报告</title><style>{STYLE}</style>
<h1>测评报告</h1><p class="muted">{escape(_about(report))}</p>
<h2>总分</h2>{_measures(report["all"])}
<h2>各类问题答对的比例</h2>{_types(report["by_type"])}
<h2>没有答对的题（{len(failed)}）</h2>{"".join(map(_case, failed)) or "<p>没有。</p>"}
<h2>答对的题（{len(passed)}）</h2>{"".join(map(_case, passed))}</html>"""


def _about(report: dict[str, Any]) -> str:
    run, total = report["run"], report["all"]
    parts = [f"开始于 {run.get('started_at', '未知')}", f"程序版本 {run.get('code', '未知')}"]
    corpus = run.get("corpus")
    if corpus:
        parts.append(f"文档库 {corpus['articles']} 篇、{corpus['passages']} 段（第 {corpus['revision']} 版）")
    if total["median_ms"] is not None:
        parts.append(f"每题中位 {total['median_ms']:.0f} 毫秒")
    return "；".join(parts) + "。"


def _measures(part: dict[str, Any]) -> str:
    rows = "".join(
        f'<tr><td title="{escape(MEASURES[name][1])}">{MEASURES[name][0]}</td><td>{_bar(v)}</td>'
        f'<td class="n">{v["mean"]:.1%}（{v["low"]:.1%}–{v["high"]:.1%}）</td><td class="n">{v["n"]} 题</td>'
        f'<td class="muted">{escape(MEASURES[name][1])}</td></tr>'
        for name, v in part["measures"].items()
    )
    balanced = part["balanced_refusal"]
    tail = f"<p>拒答平衡准确率：{balanced:.1%}</p>" if balanced is not None else ""
    return f"<table>{rows}</table>{tail}"


def _types(by_type: dict[str, dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{escape(TYPES.get(name, name))}</td><td>{_bar(v)}</td>"
        f'<td class="n">{v["mean"]:.1%}（{v["low"]:.1%}–{v["high"]:.1%}）</td><td class="n">{v["n"]} 题</td></tr>'
        for name, part in by_type.items()
        for v in [part["measures"]["right"]]
    )
    return f"<table>{rows}</table>"


def _bar(value: dict[str, Any]) -> str:
    """A mean as a bar, its 95 % interval as a whisker."""
    mean, low, high = (value[key] * 200 for key in ("mean", "low", "high"))
    return (
        '<svg width="204" height="16" role="img"><rect x="2" y="3" width="200" height="10" fill="#eef0f3"/>'
        f'<rect x="2" y="3" width="{mean:.1f}" height="10" fill="#2f6fb3"/>'
        f'<path d="M{2 + low:.1f} 8H{2 + high:.1f}" stroke="#10243e" stroke-width="2"/></svg>'
    )


def _case(result: CaseResult) -> str:
    case, answer = result.case, result.answer
    mark = "✓" if result.scores.get("right") else "✗"
    expected = "；".join("／".join(group) for group in case.must) if case.answerable else "库中没有，应拒答"
    evidence = "".join(
        f"<blockquote>[{e['marker']}] {escape(e['title'] or e['source'])}（{e['grade']}）<br>{escape(e['text'])}</blockquote>"
        for e in answer.get("evidence", ())[:5]
    )
    said = escape(answer.get("answer") or "（没有作答）").replace("\n", "<br>")
    notes = escape("；".join(answer.get("notes", ())) or result.error or "无")
    return (
        f"<details><summary>{mark} {escape(case.id)} {escape(case.question)}</summary>"
        f"<p><b>应有：</b>{escape(expected)}</p><p><b>回答：</b>{said}</p><p><b>说明：</b>{notes}</p>{evidence}</details>"
    )
