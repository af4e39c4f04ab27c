"""The trainers' page that sets runs side by side: is one better, in what, and which answers changed?"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from eval.compare import LEVEL
from eval.metrics import MEASURES
from eval.sheets import TYPES
from eval.trainer.markup import button, heading
from eval.trainer.result_pages import OUTCOMES

#: Questions shown side by side; the others are counted.
PAGE = 60


def compare_page(found: dict[str, Any], names: Sequence[str]) -> str:
    """Runs against the first of them, as ``eval.compare.compare_many`` gives it."""
    base = found["baseline"]
    hint = f"以“{base}”为准，只比大家都有的 {found['cases']} 道题。"
    parts = "".join(_pair(base, name, pair) for name, pair in found["against"].items())
    return (
        heading("比较", hint, back=button("← 测评记录", "runs", "back"))
        + parts
        + _flips(found["rows"], names)
        + _HOW
    )


_HOW = (
    '<details class="how"><summary>怎么看这些数</summary><p>“差”是后一次减前一次；区间是 95% 配对自助法区间，含 0 就说明可能没有差别。'
    "p 是置换检验的结果，越小越不像偶然；同时比较多项时已按 Holm 法校正。同一份文件上的题一起抽取。</p></details>"
)


def _pair(base: str, name: str, pair: Mapping[str, Any]) -> str:
    alone = pair["only_before"] + pair["only_after"]
    more = f'<p class="page-hint">另有 {alone} 道题只在其中一次里，没有比。</p>' if alone else ""
    return (
        f'<section class="pairing"><h3>{escape(base)} → {escape(name)}</h3>'
        f'<p class="verdict {leaning(pair)}"><b>{escape(verdict(pair))}</b></p>{more}'
        f"{_table('指标', pair['measures'], {n: m.title for n, m in MEASURES.items()})}"
        f"<details><summary>各类问题答对的比例</summary>{_table('类别', pair['categories'], TYPES)}</details></section>"
    )


def verdict(pair: Mapping[str, Any]) -> str:
    """What the figures of ``right`` mean, in the trainers' words."""
    gained, lost = len(pair["gained"]), len(pair["lost"])
    moved = f"答对的比例从 {pair['before']:.0%} 到 {pair['after']:.0%}（多对 {gained} 题，多错 {lost} 题）"
    if not gained and not lost:
        return f"没有差别：每道题的对错都和前一次一样，答对的比例是 {pair['after']:.0%}。"
    words = {
        "even": "没有证据表明变好或变差：{}，这点差别可能只是偶然。",
        "better": "变好了：{}，不像偶然。",
        "worse": "变差了：{}，不像偶然。",
    }
    return words[leaning(pair)].format(moved)


def leaning(pair: Mapping[str, Any]) -> str:
    """``better``, ``worse``, or ``even`` where the difference may be chance."""
    if pair.get("p_holm", pair["p"]) >= LEVEL or not pair["difference"]:
        return "even"
    return "better" if pair["difference"] > 0 else "worse"


def _table(head: str, rows: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str]) -> str:
    body = "".join(_row(name, titles.get(name, name), v) for name, v in rows.items())
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{escape(head)}"><table><thead><tr><th>{escape(head)}</th><th>判断</th>'
        f"<th>前</th><th>后</th><th>差（95% 区间）</th><th>p</th><th>题数</th></tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(name: str, title: str, value: Mapping[str, Any]) -> str:
    lower = name in MEASURES and MEASURES[name].lower
    difference = value["difference"]
    look, word = "even", "看不出差别" if difference else "没有变"
    if value["p_holm"] < LEVEL and difference:
        look, word = ("better", "变好") if (difference > 0) is not lower else ("worse", "变差")
    note = "<small>越低越好</small>" if lower else ""
    return (
        f'<tr class="{look}"><td>{escape(title)}{note}</td><td>{word}</td><td>{value["before"]:.0%}</td>'
        f"<td>{value['after']:.0%}</td><td>{points(difference)}（{points(value['low'])}～{points(value['high'])}）</td>"
        f"<td>{_p(value['p_holm'])}</td><td>{value['n']}</td></tr>"
    )


def points(share: float) -> str:
    """A difference in percentage points: “+3.0”, “0”."""
    rounded = round(100 * share, 1)
    return f"{rounded:+.1f}" if rounded else "0"


def _p(value: float) -> str:
    return "&lt;0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _flips(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    if not rows:
        return '<h3>对错有变化的题</h3><p class="blank">没有：每道题的对错都一样。</p>'
    shown = "".join(_flip(row, names) for row in rows[:PAGE])
    more = f'<p class="page-hint">只列出前 {PAGE} 道。</p>' if len(rows) > PAGE else ""
    return f'<h3>对错有变化的题（{len(rows)}）</h3><div class="questions">{shown}</div>{more}'


def _flip(row: Mapping[str, Any], names: Sequence[str]) -> str:
    marks = "→".join("对" if row[name]["right"] else "错" for name in names)
    better = row[names[-1]]["right"] > row[names[0]]["right"]
    sides = "".join(f"<div><h4>{escape(name)}</h4>{_side(row[name])}</div>" for name in names)
    return (
        f'<details><summary><b>{escape(row["question"])}</b><span class="flag {"good" if better else "bad"}">{marks}</span>'
        f'<small>{escape(row["id"])}</small></summary><div class="sides">{sides}</div>'
        f'<div class="tools">{button("在问答中打开", "ask", question=row["question"])}</div></details>'
    )


def _side(side: Mapping[str, Any]) -> str:
    state = "答对" if side["right"] else "没有答对"
    how = " · ".join(filter(None, [state, OUTCOMES.get(side["outcome"], ""), side["lost"]]))
    return f"<p><small>{escape(how)}</small></p><p>{escape(side['answer'] or '（没有作答）')}</p>"
