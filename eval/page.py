"""The report as one HTML page: all in it, nothing from outside, no script; for a screen, a phone, A4."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from eval import judge, plots
from eval.dataset import Case
from eval.metrics import MEASURES, CaseResult, Measure, squeeze, to_be_answered
from eval.plots import Bin, Estimate, Line, percent
from eval.stages import STAGES, fault_of

_STYLE = Path(__file__).with_name("report.css")
#: Evidence a case, and characters of each, that are printed.
EVIDENCE, LONGEST = 5, 600
_NAMES = {
    "started_at": "开始时间", "finished_at": "结束时间", "code": "程序版本", "dataset": "题集指纹", "data": "题集指纹",
    "corpus": "文档库", "revision": "第几版", "digest": "指纹", "sources": "文件", "articles": "篇", "passages": "段",
    "encoder": "编码器", "settings": "设置", "python": "Python", "packages": "程序库", "workers": "并行数",
    "threshold": "作答门槛", "model": "语言模型", "model_base_url": "模型地址", "model_timeout_s": "等模型的秒数",
    "program": "程序指纹", "sets": "题集", "questions": "题数", "day": "以哪天的效力为准", "hits": "检索几段",
    "shown": "列出几段依据", "fact_coverage": "事实题：依据近旁至少有多少问到的词", "fact_own": "事实题：依据自己至少有多少",
    "open_coverage": "其他题：依据近旁至少有多少问到的词", "open_own": "其他题：依据自己至少有多少",
    "fact_chars": "事实题回答的字数", "answer_chars": "回答的字数", "answer_chars_most": "回答最多的字数",
    "documents": "最多引几份文件", "machine": "机器", "platform": "系统", "seconds": "用时（秒）",
}  # fmt: skip


def render(report: dict[str, Any], failed: Sequence[CaseResult], right: Sequence[CaseResult]) -> str:
    """The page of a report as ``report.write`` builds it, with the cases to be told in full."""
    total = report["all"]
    count, more = len(report["failed"]), len(report["failed"]) - len(failed)
    said = (
        f"只列前 {len(failed)} 题；全部见同一文件夹里的 report.csv。"
        if more > 0
        else "点开一题，看应有的内容、回答和依据。打印时全部展开，依据只印要紧的几行。"
    )
    good = total["cases"] - count
    parts = [
        _head(report),
        _section("各项得分", "横线是 95% 区间：换一批同样的题，得分大多落在这个范围里。", _measures(total)),
        _judged(report),
        _section(
            "各类问题答对多少",
            "最弱的在前。题少的类别，区间宽，先别下结论。",
            _groups(_weakest_first(report["by_type"])) + _difficulty(report),
        ),
        _section("该答的答了吗，该拒的拒了吗", "", _refusal(report)),
        _section("把握准不准", "", _calibration(report)),
        _section("没答对的题丢在哪一步", "", _lost(report)),
        _section("答一题要多久", "", _latency(report)),
        _section(f"没有答对的题（{count}）", said if count else "没有。", "".join(map(_case, failed))),
        _section(
            f"答对的题（{good}）",
            f"只列前 {len(right)} 题。" if good > len(right) else "",
            "".join(map(_case, right)),
        ),
        _section(
            "这次测评的条件", "照这些条件可以重做一遍。", _conditions(report["run"], report["threshold"])
        ),
    ]
    return document("测评报告", "".join(filter(None, parts)))


def document(title: str, body: str) -> str:
    """A whole page around ``body``; the policy forbids it to load or run anything."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{policy}"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body>{body}</body></html>"
    )


def calibration_page(
    said: Sequence[str],
    points: Sequence[tuple[float, float, float]],
    threshold: float,
    bins: Sequence[dict[str, float]],
    weights: Sequence[tuple[str, float]],
) -> str:
    """The page of ``eval calibrate``: sentences, the curve, the calibration plot, (signal, weight) rows."""
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{weight:+.2f}</td></tr>" for name, weight in weights)
    table = (
        f"<table><thead><tr><th>看什么</th><th>系数（标准化）</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    return document(
        "校准",
        f"<header><h1>校准</h1></header>{''.join(f'<p>{escape(line)}</p>' for line in said)}"
        + _section("门槛与两种错误", "", trade_off(points, threshold))
        + _section("把握准不准", "", _reliability(bins))
        + _section("把握由什么算出", "正数让把握变大，负数让把握变小；绝对值越大，影响越大。", table),
    )


def _section(heading: str, said: str, body: str) -> str:
    note = f'<p class="soft">{escape(said)}</p>' if said else ""
    return f"<section><h2>{escape(heading)}</h2>{note}{body}</section>" if body or said else ""


def _head(report: dict[str, Any]) -> str:
    total, run = report["all"], report["run"]
    right = total["measures"].get("right")
    about = [f"程序版本 {run.get('code', '未知')}", f"开始于 {run.get('started_at', '未知')}"]
    told = f"共 {total['cases']} 题"
    if right:
        told += (
            f"，答对 {percent(right['mean'])}。换一批同样的题，大约会在 {percent(right['low'])} 到 "
            f"{percent(right['high'])} 之间"
        )
    if worst := max(report["faults"].items(), key=lambda item: item[1], default=None):
        told += f"。没答对的里面，“{worst[0]}”最多，{worst[1]} 题"
    return (
        f'<header><h1>测评报告</h1><p class="soft">{escape("；".join(about))}</p></header>'
        f'<p class="lead">{escape(told)}。</p>{_tiles(total)}'
    )


def _tiles(total: dict[str, Any]) -> str:
    tiles = []
    for name, words in (("right", ""), ("over_refusal", "能答的题没有答"), ("over_answer", "该拒的题作了答")):
        if value := total["measures"].get(name):
            range_ = f"{percent(value['low'])}–{percent(value['high'])}，{value['n']} 题"
            tiles.append((percent(value["mean"]), MEASURES[name].title, f"{words}\n{range_}".strip()))
    if total["median_ms"] is not None:
        tiles.append(
            (f"{total['median_ms']:.0f} 毫秒", "每题用时中位", f"95% 在 {total['p95_ms']:.0f} 毫秒以内")
        )
    if total["crashed"]:
        tiles.append((str(total["crashed"]), "程序出错的题", "按没有答对计"))
    inside = "".join(
        f'<div class="tile"><span>{escape(name)}</span><b>{figure}</b><small>{escape(note)}</small></div>'
        for figure, name, note in tiles
    )
    return f'<div class="tiles">{inside}</div>'


def _estimate(value: dict[str, Any]) -> Estimate:
    return Estimate(value["mean"], value["low"], value["high"], value["n"])


def _row(measure: Measure, value: dict[str, Any]) -> str:
    """A measure over all cases: what it says, its bar (orange where less is better), its figures."""
    estimate = _estimate(value)
    skipped = f"，{value['not_scored']} 题不适用" if value.get("not_scored") else ""
    bar = plots.interval(estimate, plots.ORANGE if measure.lower else plots.BLUE)
    return (
        f'<div class="row"><div>{escape(measure.title)}<small>{escape(measure.meaning)}</small></div>{bar}'
        f'<div class="figure">{_figures(estimate)}<small>{estimate.n} 题{skipped}</small></div></div>'
    )


def _figures(estimate: Estimate) -> str:
    return f"<b>{percent(estimate.mean)}</b>　{percent(estimate.low)}–{percent(estimate.high)}"


def _measures(total: dict[str, Any]) -> str:
    rows = []
    for name, value in total["measures"].items():
        rows.append(_row(MEASURES.get(name) or Measure(name, ""), value))
    balanced = total["balanced_refusal"]
    tail = (
        f"<p>拒答平衡准确率 {percent(balanced)}：能答的作答、该拒的拒答，两边正确率的平均。</p>"
        if balanced is not None
        else ""
    )
    return "".join(rows) + tail


def _judged(report: dict[str, Any]) -> str:
    """What a chat model thought, apart from what was measured; nothing where none was asked."""
    told = report.get("judged")
    if not told:
        return ""
    rows = [_row(judge.MEASURES[name], value) for name, value in told["measures"].items()]
    if told["agreement"] is not None:
        rows.append(f"<p>和规则判分一致的占 {percent(told['agreement'])}。</p>")
    said = f"由 {told['model']} 判。换一个模型结果会变，所以不计入上面的得分，也不参加比较和基准。"
    return _section("模型当判官（仅供参考）", said, "".join(rows))


def _groups(groups: dict[str, dict[str, Any]]) -> str:
    """The share that is right in each group."""
    found = [
        (name, _estimate(g["measures"]["right"])) for name, g in groups.items() if g["measures"].get("right")
    ]
    return "".join(
        f'<div class="row slim"><div>{escape(name)}</div>{plots.interval(estimate)}'
        f'<div class="figure">{_figures(estimate)}</div><div class="count">{estimate.n} 题</div></div>'
        for name, estimate in found
    )


def _weakest_first(groups: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    def right(name: str) -> float:
        return groups[name]["measures"].get("right", {}).get("mean", 0.0)

    return {name: groups[name] for name in sorted(groups, key=right)}


def _difficulty(report: dict[str, Any]) -> str:
    groups = _groups(report["by_difficulty"])
    return f"<h3>按难度</h3>{groups}" if groups else ""


def _refusal(report: dict[str, Any]) -> str:
    counts = report["outcomes"]
    rows = "".join(
        f"<tr><th>{name}</th><td>{counts[side]['answered']}</td><td>{counts[side]['refused']}</td></tr>"
        for side, name in (("answerable", "库里有答案的题"), ("unanswerable", "库里没有答案的题"))
    )
    table = f'<table class="grid"><thead><tr><th></th><th>作了答</th><th>拒了答</th></tr></thead><tbody>{rows}</tbody></table>'
    points = [tuple(p) for p in report["curve"]]
    if not points:
        return f'{table}<p class="soft">两种题都有、回答带有把握时，这里画出门槛与两种错误的关系。</p>'
    return f'<div class="pair"><div>{table}</div>{trade_off(points, report["threshold"])}</div>'


def trade_off(points: Sequence[tuple[float, float, float]], threshold: float) -> str:
    """What each threshold costs: (threshold, over-refusal, over-answer) each 0–1, the one in force marked."""
    now = min(points, key=lambda p: abs(p[0] - threshold))
    told = f"作答门槛越高，拒答越多。现在的门槛 {threshold:.2f}：该答却拒 {percent(now[1])}，该拒却答 {percent(now[2])}。"
    curves = [
        Line("该答却拒", [(t, a) for t, a, _ in points], plots.BLUE),
        Line("该拒却答", [(t, b) for t, _, b in points], plots.ORANGE, dashed=True),
    ]
    return plots.lines(
        curves, across="作答门槛（把握）", up="占同类题的比例", told=told, at=threshold, at_name="现在"
    )


def _calibration(report: dict[str, Any]) -> str:
    groups = report["calibration"]
    return _reliability(groups) if groups else '<p class="soft">这次的回答没有带把握。</p>'


def _reliability(groups: Sequence[dict[str, float]]) -> str:
    bins = [Bin(g["confidence"], Estimate(g["share"], g["low"], g["high"], int(g["n"]))) for g in groups]
    total = sum(g["n"] for g in groups)
    off = sum(abs(g["confidence"] - g["share"]) * g["n"] for g in groups) / total
    told = f"点在虚线上表示把握和实际相符；竖线是 95% 区间，点越大题越多。平均相差 {off * 100:.1f} 个百分点。"
    rows = "".join(
        f"<tr><td>{percent(g['confidence'])}</td><td>{percent(g['share'])}</td><td>{g['n']}</td></tr>"
        for g in groups
    )
    table = f'<table class="grid"><thead><tr><th>平均把握</th><th>依据里确有答案</th><th>题数</th></tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="pair">{plots.calibration(bins, across="程序给出的把握", up="依据里确有答案", told=told)}{table}</div>'


def _lost(report: dict[str, Any]) -> str:
    faults = "，".join(f"{name} {n} 题" for name, n in report["faults"].items())
    most = max(report["lost"].values(), default=0)
    if not most:
        return f"<p>{escape(faults)}。</p>" if faults else "<p>没有。</p>"
    rows = "".join(
        f'<div class="row"><div>{stage}<small>{escape(STAGES[stage])}</small></div>{plots.share(n / most)}'
        f'<div class="figure"><b>{n}</b> 题</div></div>'
        for stage, n in report["lost"].items()
    )
    return f'<p class="soft">按毛病分：{escape(faults)}。下面只算应该作答的题。</p>{rows}'


def _latency(report: dict[str, Any]) -> str:
    bars, total = report["latency"], report["all"]
    if not bars:
        return '<p class="soft">没有记下用时。</p>'
    named = [
        (f"{word} {total[key]:.0f}", total[key]) for word, key in (("中位", "median_ms"), ("95%", "p95_ms"))
    ]
    figures = "".join(
        f"<tr><th>{name}</th><td>{total[key]:.0f} 毫秒</td></tr>"
        for name, key in (
            ("一半的题不超过", "median_ms"),
            ("九成的题不超过", "p90_ms"),
            ("95% 的题不超过", "p95_ms"),
            ("99% 的题不超过", "p99_ms"),
        )
    )
    chart = plots.histogram(
        [(low, high, int(n)) for low, high, n in bars],
        marks=named,
        across="毫秒",
        told="每题从提问到完整回答的用时；最右一格包括更久的。",
    )
    return f'<div class="pair">{chart}<table class="grid"><tbody>{figures}</tbody></table></div>'


def _conditions(run: dict[str, Any], threshold: float) -> str:
    flat = [row for row in _flat(run) if not row[0].endswith(_NAMES["threshold"])]
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in [*flat, (_NAMES["threshold"], f"{threshold:.2f}")]
    )
    return f"<table><tbody>{rows}</tbody></table>"


def _flat(run: dict[str, Any], above: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in run.items():
        name = f"{above}{_NAMES.get(key, key)}"
        if isinstance(value, dict):
            found += _flat(value, f"{name} · ")
        elif value not in ("", None):
            found.append((name, "、".join(map(str, value)) if isinstance(value, list) else str(value)))
    return found


def _case(result: CaseResult) -> str:
    case, answer, fault = result.case, result.answer, fault_of(result)
    chip = f'<span class="chip">{fault}</span>' if fault else '<span class="chip good">答对</span>'
    rows = [
        ("上文", escape("\n".join(f"问：{q}\n答：{a}" for q, a in case.history))),
        ("以哪天为准", escape(case.as_of)),
        ("应有", _expected(case, answer)),
        ("不应有", escape("；".join(case.must_not))),
        (
            "应引",
            escape(
                "；".join([*case.clauses, *case.source, *([f"《{case.article}》"] if case.article else [])])
            ),
        ),
        ("回答", escape(answer.get("answer", "") or "（没有作答）")),
        ("扣下", escape("\n".join(answer.get("withheld", ())))),
        ("说明", escape("\n".join(answer.get("notes", ())))),
        ("丢在", escape(f"{result.lost}：{STAGES.get(result.lost, '')}" if result.lost else "")),
        ("把握", f"{answer['confidence']:.0%}" if "confidence" in answer else ""),
        ("出错", escape(result.error)),
        ("备注", escape(case.note)),
    ]
    told = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows if value)
    return (
        f'<details class="{"wrong" if fault else "right"}"><summary>{chip}<span>{escape(case.question)}'
        f'<span class="id">{escape(case.id)}</span></span></summary><div class="inside"><dl>{told}</dl>'
        f"{_evidence(case, answer)}</div></details>"
    )


def _expected(case: Case, answer: dict[str, Any]) -> str:
    if not to_be_answered(case):
        return "库里没有，应拒答"
    said = squeeze("".join(s["text"] for s in answer.get("statements", ())))
    facts = []
    for group in case.must:
        held = any(squeeze(fact) in said for fact in group)
        words = escape(" ／ ".join(group))
        facts.append(f'<span class="fact{"" if held else " lost"}">{"✓" if held else "✗ 缺"} {words}</span>')
    return "".join(facts) or "作答即可"


def _evidence(case: Case, answer: dict[str, Any]) -> str:
    quotes: dict[int, list[str]] = {}
    for statement in answer.get("statements", ()):
        for citation in statement["citations"]:
            quotes.setdefault(citation["marker"], []).append(citation["quote"])
    found = []
    for e in answer.get("evidence", ())[:EVIDENCE]:
        place = "，".join(
            filter(
                None,
                [
                    e["title"] or e["source"],
                    e.get("label", ""),
                    f"第 {e['page']} 页" if e.get("page") else "",
                ],
            )
        )
        judged = "已引用" if e["cited"] else "，".join(filter(None, [e["grade"], e.get("reason", "")]))
        found.append(
            f'<blockquote{" class=cited" if e["cited"] else ""}><p class="soft">[{e["marker"]}] {escape(place)} — {escape(judged)}</p>'
            f"<p>{_marked(e['text'], quotes.get(e['marker'], []))}</p></blockquote>"
        )
    more = len(answer.get("evidence", ())) - EVIDENCE
    tail = f'<p class="soft">另有 {more} 段依据没有列出。</p>' if more > 0 else ""
    return f"<h3>依据</h3>{''.join(found)}{tail}" if found else ""


def _marked(text: str, quotes: Sequence[str]) -> str:
    """A passage escaped and cut, the words that were quoted from it marked."""
    cut, spans = (
        text[:LONGEST],
        sorted({(text.find(q), text.find(q) + len(q)) for q in quotes if q and q in text}),
    )
    shown, at = "", 0
    for start, end in spans:
        start, end = max(start, at), min(end, len(cut))
        if start < end:
            shown += f"{escape(cut[at:start])}<mark>{escape(cut[start:end])}</mark>"
            at = end
    return shown + escape(cut[at:]) + ("……" if len(text) > LONGEST else "")
