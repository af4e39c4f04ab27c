"""Two or more runs over the same cases: is one better, where, and which answers changed?"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

import numpy as np

from corpus.errors import UserError
from eval.metrics import MEASURES, CaseResult, document, scored
from eval.uncertainty import holm, paired_interval, permutation_p

Pair = tuple[CaseResult, CaseResult]
#: Below this p a difference is taken to be more than chance.
LEVEL = 0.05


def compare(before: Sequence[CaseResult], after: Sequence[CaseResult], *, seed: int = 0) -> dict[str, Any]:
    """What changed between two runs, on the cases both hold. Raises UserError when they share none.

    ``before, after, difference, low, high, p`` are those of ``right``: a 95 % paired
    bootstrap interval and a permutation test, whole documents drawn and tossed
    (``eval.uncertainty``). ``measures`` and ``categories`` hold the same figures for every
    measure and, of ``right``, for every category; there ``p_holm`` is p made larger for the
    number of tests. ``gained`` and ``lost`` name the cases that flipped, ``flipped`` shows
    them side by side, ``reworded`` counts other answers that are as right as before.
    """
    pairs = _pairs(before, after)
    if not pairs:
        raise UserError("两次测评没有相同的题。", "请比较用同一套题跑出的两次结果。")
    whole = _difference(pairs, "right", seed)
    assert whole is not None
    moved = [(a, b, scored(b)["right"] - scored(a)["right"]) for a, b in pairs]
    return {
        "cases": len(pairs),
        "only_before": len(before) - len(pairs),
        "only_after": len(after) - len(pairs),
        **{key: whole[key] for key in ("before", "after", "difference", "low", "high", "p")},
        "gained": [b.case.id for _, b, change in moved if change > 0],
        "lost": [b.case.id for _, b, change in moved if change < 0],
        "reworded": sum(not change and _text(a) != _text(b) for a, b, change in moved),
        "measures": _each({name: (pairs, name) for name in MEASURES}, seed),
        "categories": _each({name: (part, "right") for name, part in _by_category(pairs).items()}, seed),
        "flipped": [_row({"before": a, "after": b}) for a, b, change in moved if change],
    }


def compare_many(runs: Mapping[str, Sequence[CaseResult]], *, seed: int = 0) -> dict[str, Any]:
    """Every later run against the first. Raises UserError for fewer than two runs or no common case.

    ``against``: ``{name: compare(first, run)}``, each with ``p_holm`` for the number of runs;
    ``rows``: the cases that not all runs got alike, side by side.
    """
    if len(runs) < 2:
        raise UserError("只有一次测评，没有可比的。", "请给出两个或更多的结果文件夹。")
    first, *others = runs
    against = {name: compare(runs[first], runs[name], seed=seed) for name in others}
    for name, p in holm({name: found["p"] for name, found in against.items()}).items():
        against[name]["p_holm"] = p
    held = {name: {r.case.digest: r for r in results} for name, results in runs.items()}
    common = [d for d in held[first] if all(d in rows for rows in held.values())]
    sides = [{name: rows[d] for name, rows in held.items()} for d in common]
    apart = [s for s in sides if len({scored(r)["right"] for r in s.values()}) > 1]
    return {"baseline": first, "cases": len(common), "against": against, "rows": [_row(s) for s in apart]}


def lines(found: dict[str, Any], titles: Mapping[str, str] | None = None) -> list[str]:
    """A comparison of several runs for a terminal. ``titles``: categories in people's words."""
    out = []
    for name, pair in found["against"].items():
        out += [f"【{found['baseline']}】→【{name}】", *_pair_lines(pair, titles or {}), ""]
    if len(found["against"]) > 1:
        out.append(
            f"各次都和【{found['baseline']}】比；同时比较 {len(found['against'])} 次，p 已按 Holm 法校正。"
        )
    return out


def verdict(pair: Mapping[str, Any]) -> str:
    """What the figures of ``right`` say, in a sentence."""
    if not pair["gained"] and not pair["lost"]:
        return "答对的题完全一样。"
    p = pair.get("p_holm", pair["p"])
    figures = f"{_signed(pair['difference'])}（95% 区间 {_signed(pair['low'])}～{_signed(pair['high'])}，p={_p(p)}）"
    if p >= LEVEL:
        return f"看不出差别：答对的比例变化 {figures}，可能只是偶然。"
    word = "变好了" if pair["difference"] > 0 else "变差了"
    return f"{word}：答对的比例变化 {figures}，不像偶然。"


def _pairs(before: Sequence[CaseResult], after: Sequence[CaseResult]) -> list[Pair]:
    first = {r.case.digest: r for r in before}
    return [(first[r.case.digest], r) for r in after if r.case.digest in first]


def _by_category(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair[0].case.category, []).append(pair)
    return dict(sorted(groups.items()))


def _difference(pairs: Sequence[Pair], measure: str, seed: int) -> dict[str, Any] | None:
    """The change of one measure over the pairs where both runs have it; None where none has."""
    rows: list[tuple[float, float, Hashable]] = [
        (a[measure], b[measure], document(pair[0].case))
        for pair in pairs
        for a, b in [(scored(pair[0]), scored(pair[1]))]
        if measure in a and measure in b
    ]
    if not rows:
        return None
    before, after, documents = zip(*rows, strict=True)
    change = np.subtract(after, before).tolist()
    low, high = paired_interval(change, documents, seed=seed)
    return {
        "n": len(rows),
        "before": float(np.mean(before)),
        "after": float(np.mean(after)),
        "difference": float(np.mean(change)),
        "low": low,
        "high": high,
        "p": permutation_p(change, documents, seed=seed),
    }


def _each(parts: Mapping[str, tuple[Sequence[Pair], str]], seed: int) -> dict[str, dict[str, Any]]:
    """The change of each part, with p corrected for how many parts are tested."""
    found = {
        name: told
        for name, (pairs, measure) in parts.items()
        if (told := _difference(pairs, measure, seed)) is not None
    }
    for name, p in holm({name: told["p"] for name, told in found.items()}).items():
        found[name]["p_holm"] = p
    return found


def _row(sides: Mapping[str, CaseResult]) -> dict[str, Any]:
    case = next(iter(sides.values())).case
    shown = {
        name: {
            "right": scored(result)["right"],
            "outcome": result.answer.get("outcome", ""),
            "answer": _text(result),
            "lost": result.lost,
        }
        for name, result in sides.items()
    }
    return {"id": case.id, "question": case.question, "category": case.category, **shown}


def _text(result: CaseResult) -> str:
    return f"出错：{result.error}" if result.error else result.answer.get("answer", "")


def _pair_lines(pair: dict[str, Any], titles: Mapping[str, str]) -> list[str]:
    out = [f"共同的题 {pair['cases']} 道。{verdict(pair)}"]
    if alone := pair["only_before"] + pair["only_after"]:
        out.append(f"另有 {alone} 道题只在其中一次里，没有比。")
    names = {name: measure.title for name, measure in MEASURES.items()}
    out += [
        "",
        *_table("指标", pair["measures"], names),
        "",
        *_table("类别（答对）", pair["categories"], titles),
    ]
    out.append("p 已按 Holm 法为同时检验的项数校正；* 表示 p 小于 .05。指标里的误拒率、误答率越低越好。")
    for row in pair["flipped"]:
        change = "答对→答错" if row["before"]["right"] > row["after"]["right"] else "答错→答对"
        out.append(f"{change}  {row['id']} {row['question']}")
        out += [
            f"    {word}：{_short(row[side]['answer'])}" for side, word in (("before", "前"), ("after", "后"))
        ]
    if pair["reworded"]:
        out.append(f"另有 {pair['reworded']} 道题回答变了，对错没变。")
    return out


def _table(head: str, rows: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str]) -> list[str]:
    out = [_cells(head, "题数", "前", "后", "差", "95% 区间", "p")]
    for name, v in rows.items():
        mark = "*" if v["p_holm"] < LEVEL else ""
        span = f"{_signed(v['low'])}～{_signed(v['high'])}"
        figures = (str(v["n"]), f"{v['before']:.3f}", f"{v['after']:.3f}", _signed(v["difference"]), span)
        out.append(_cells(titles.get(name, name), *figures, _p(v["p_holm"]) + mark))
    return out


def _cells(*texts: str) -> str:
    widths = (24, 6, 7, 7, 8, 18, 7)
    return "".join(t + " " * max(1, w - _width(t)) for t, w in zip(texts, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    """Columns that a terminal takes; a Chinese character takes two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _signed(value: float) -> str:
    return f"{value:+.3f}"


def _p(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}".lstrip("0")


def _short(text: str) -> str:
    line = " ".join(text.split()) or "（没有作答）"
    return line if len(line) <= 80 else f"{line[:79]}…"
