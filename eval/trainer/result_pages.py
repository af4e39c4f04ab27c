"""The trainers' pages about runs: how far one is, the list, the failed questions, the report."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any

from eval.metrics import MEASURES, CaseResult
from eval.report import category, fault_of
from eval.stages import STAGES
from eval.trainer.background import GOING, Progress
from eval.trainer.markup import attributes, bar, button, heading, pager, percent, sure_button, terms
from eval.trainer.set_pages import SHIPPED_NAMES, expected, open_in_chat
from eval.trainer.workspace import Run

#: Failed questions on one page, each with its answer and evidence.
PAGE = 20
#: Pieces of evidence told of one answer.
EVIDENCE = 6
#: The measures that stand above all others; the report has them all.
HEADLINES = ("right", "over_answer", "over_refusal", "verbatim")
OUTCOMES = {
    "answered": "已回答",
    "conflict": "指出存在冲突",
    "insufficient": "拒答：依据不足",
    "clarify": "请提问的人说清楚",
}


def progress_bar(progress: Progress | None, problem: str = "") -> str:
    """How far a run is, with its stop; or how it ended, with what to do next."""
    if progress is None:
        return ""
    return _under_way(progress) if progress.state in GOING else _ended(progress, problem)


def _under_way(progress: Progress) -> str:
    words = _pace(progress)
    if progress.state == "stopping":
        words = "正在停止……"
    elif progress.done >= progress.total:
        words = "正在写报告……"
    stop = button("停止", "stop", "stop") if progress.state == "running" else ""
    return (
        f'<div class="going"><span>正在测评 <b>{escape(progress.name)}</b></span><progress max="{progress.total}" '
        f'value="{progress.done}" aria-label="进度"></progress><span class="count">{progress.done} / {progress.total}</span>'
        f"<span>{words}</span>{stop}</div>"
    )


def _pace(progress: Progress) -> str:
    """“每秒 5.0 题，还要 12 秒”"""
    if not progress.rate or progress.remaining_s is None:
        return "正在开始……"
    speed = f"每秒 {progress.rate:.1f} 题" if progress.rate >= 1 else f"每题 {1 / progress.rate:.1f} 秒"
    return f"{speed}，还要{_duration(progress.remaining_s)}"


def _ended(progress: Progress, problem: str) -> str:
    words = {"finished": "测评完成", "stopped": "已停止，做过的题都在", "failed": f"测评中断：{problem}"}
    buttons = button("收起", "dismiss_progress")
    if progress.done:
        look = "primary" if progress.state == "finished" else ""
        buttons = button("看结果", "open_run", look, run=progress.name) + buttons
    if progress.state != "finished":
        buttons = button("接着测", "resume", "primary", run=progress.name) + buttons
    return (
        f'<div class="going {progress.state}" role="status"><span>{escape(words[progress.state])}：'
        f'<b>{escape(progress.name)}</b></span><span class="count">{progress.done} / {progress.total}</span>{buttons}</div>'
    )


def _duration(seconds: float) -> str:
    return f" {max(1, round(seconds))} 秒" if seconds < 90 else f" {round(seconds / 60)} 分钟"


def runs_page(runs: Sequence[Run], going: str) -> str:
    """The runs, newest first; two or more that hold results can be compared."""
    if not runs:
        body = f'<p class="blank">还没有测评过。请先选题集，开始第一次测评。</p><p>{button("去选题集", "sets", "primary")}</p>'
        return heading("测评记录") + body
    ready = sum(bool(run.report) for run in runs)
    hint = (
        "勾选两次或更多，可以比较有没有变好。" if ready > 1 else "改进之后用同样的题再测一次，就可以比较了。"
    )
    compare = '<div class="act"><button class="primary">比较选中的</button></div>' if ready > 1 else ""
    rows = "".join(_run_row(run, run.name == going) for run in runs)
    return (
        heading("测评记录", hint)
        + f'<form{attributes(do="compare")}><div class="rows">{rows}</div>{compare}</form>'
    )


def _run_row(run: Run, going: bool) -> str:
    right = run.report.get("all", {}).get("measures", {}).get("right") if run.report else None
    figures = f'<span class="score">{bar(right)}{percent(right)}</span>' if right else ""
    whole = run.done >= run.total and bool(run.report)
    words = "正在测评" if going else "" if whole else f"没有做完 {run.done} / {run.total}"
    state = f'<span class="flag">{words}</span>' if words else ""
    again = "" if whole or going else button("接着测", "resume", run=run.name)
    tick = "" if run.report else " disabled"
    sets = "、".join(SHIPPED_NAMES.get(name, name) for name in run.sets)
    small = f"{escape(sets)} · {run.total} 题 · {escape(run.started_at[:16].replace('T', ' '))}"
    remove = "" if going else sure_button("删除", "确定删除？", "remove_run", run=run.name)
    see = button("看结果", "open_run", run=run.name) if run.report else ""
    return (
        f'<div class="row"><label><input type="checkbox" name="run" value="{escape(run.name)}"{tick}>'
        f"<b>{escape(run.name)}</b>{state}<small>{small}</small></label>{figures}"
        f'<div class="tools">{see}{again}{remove}</div></div>'
    )


def run_page(run: Run, failed: Sequence[CaseResult], *, fault: str = "", start: int = 0) -> str:
    """A run: the headline measures, then the failed questions, all or those with one fault."""
    chosen = [r for r in failed if fault in ("", fault_of(r), r.lost)]
    rows = "".join(map(failed_case, chosen[start : start + PAGE]))
    none = '<p class="blank">没有。这次测评的题全部答对了。</p>'
    return (
        heading(run.name, _about(run), back=button("← 测评记录", "runs", "back"))
        + _headlines(run.report)
        + f'<div class="tools">{button("看完整报告", "open_report", "primary", run=run.name)}{_downloads(run)}</div>'
        + f"<h3>没有答对的题（{len(failed)}）</h3>{_filters(run, failed, fault)}"
        + f'<div class="questions">{rows or none}</div>'
        + pager(len(chosen), start, PAGE, "open_run", run=run.name, fault=fault)
    )


def _about(run: Run) -> str:
    short = "" if run.done >= run.total else f"没有做完，以下只算做过的 {run.done} 题。"
    total = run.report.get("all", {})
    crashed = f"，程序出错 {total['crashed']} 题" if total.get("crashed") else ""
    pace = f"，每题中位 {total['median_ms']:.0f} 毫秒" if total.get("median_ms") is not None else ""
    return f"{run.total} 题{crashed}{pace}，{run.started_at[:16].replace('T', ' ')} 开始。{short}"


def _headlines(report: dict[str, Any]) -> str:
    measures = report["all"]["measures"]
    tiles = "".join(
        f'<div class="tile"><span>{MEASURES[name].title}</span><b>{percent(measures[name])}</b>{bar(measures[name], lower=MEASURES[name].lower)}'
        f"<small>{escape(MEASURES[name].meaning)}（{measures[name]['n']} 题）</small></div>"
        for name in HEADLINES
        if name in measures
    )
    return f'<div class="tiles">{tiles}</div><p class="page-hint">括号里是 95% 区间：换一批同类的题，成绩大致落在这个范围。</p>'


def _downloads(run: Run) -> str:
    kinds = (("html", "网页"), ("csv", " CSV"), ("md", " Markdown"), ("json", " JSON"))
    return "".join(button(f"下载{text}", "download_report", run=run.name, suffix=s) for s, text in kinds)


def _filters(run: Run, failed: Sequence[CaseResult], chosen: str) -> str:
    """One button a fault and a stage; pressing one shows its questions alone."""
    counted = Counter(fault_of(r) for r in failed)
    lost = Counter(r.lost for r in failed if r.lost)
    if len(counted) + len(lost) < 2:
        return ""

    def choice(name: str, text: str, title: str = "") -> str:
        pressed = "true" if name == chosen else "false"
        return (
            f'<button type="button" aria-pressed="{pressed}" title="{escape(title)}" data-do="open_run" '
            f'data-run="{escape(run.name)}" data-fault="{escape(name)}">{escape(text)}</button>'
        )

    faults = "".join(choice(name, f"{name} {n}") for name, n in counted.most_common())
    stages = "".join(
        choice(name, f"{name} {lost[name]}", words) for name, words in STAGES.items() if lost[name]
    )
    where = f'<span class="page-hint">丢在哪一步：</span>{stages}' if stages else ""
    return f'<div class="filters">{choice("", f"全部 {len(failed)}")}{faults}{where}</div>'


def failed_case(result: CaseResult) -> str:
    """A failed question, folded: what was expected, what was answered, on what evidence."""
    case, fault = result.case, fault_of(result)
    lost = f'<span class="flag">{escape(result.lost)}</span>' if result.lost else ""
    small = f"{case.id} · {category(result)}"
    return (
        f'<details class="failed"><summary><b>{escape(case.question)}</b><span class="flag bad">{escape(fault)}</span>{lost}'
        f"<small>{escape(small)}</small></summary>{expected(case)}{answered(result)}"
        f'<div class="tools">{open_in_chat(case)}</div></details>'
    )


def answered(result: CaseResult) -> str:
    """What the assistant said, why it is taken for wrong, and the evidence it had."""
    answer = result.answer
    rows = [
        ("回答", answer.get("answer") or ("（没有作答）" if not result.error else "")),
        ("结果", OUTCOMES.get(answer.get("outcome", ""), "")),
        ("缺少", "；".join(" 或 ".join(group) for group in missing(result))),
        ("丢在", f"{result.lost}：{STAGES[result.lost]}" if result.lost in STAGES else result.lost),
        ("说明", "；".join(answer.get("notes", ()))),
        ("出错", result.error),
    ]
    return terms(rows) + _evidence(answer)


def missing(result: CaseResult) -> list[tuple[str, ...]]:
    """The facts the answer holds in none of their wordings; nothing where a refusal is right."""
    text = "".join("".join(s["text"].split()) for s in result.answer.get("statements", ()))
    lacking = (g for g in result.case.must if not any("".join(f.split()) in text for f in g))
    return list(lacking) if result.case.answerable else []


def _evidence(answer: dict[str, Any]) -> str:
    pieces = answer.get("evidence", ())
    if not pieces:
        return '<p class="page-hint">没有找到可以作依据的段落。</p>'
    shown = "".join(
        f"<li><b>{escape(e['title'] or e['source'])}</b><small>{escape(_place(e))}</small><p>{escape(e['text'][:600])}</p></li>"
        for e in pieces[:EVIDENCE]
    )
    return f"<details><summary>依据（{len(pieces)}）</summary><ol class='evidence'>{shown}</ol></details>"


def _place(evidence: dict[str, Any]) -> str:
    used = "引用了" if evidence["cited"] else "没有引用"
    return " · ".join(filter(None, [evidence["label"], evidence["grade"], used]))


def report_page(run: Run, html: str) -> str:
    """The report in a frame of its own, in which no script runs."""
    return (
        heading("完整报告", run.name, back=button(f"← {run.name}", "open_run", "back", run=run.name))
        + f'<div class="tools">{_downloads(run)}</div>'
        + f'<iframe class="report" title="测评报告" sandbox="" srcdoc="{escape(html)}"></iframe>'
    )
