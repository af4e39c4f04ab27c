"""How the figures grow, as one SVG of small plots: both axes logarithmic, a line a side."""

from collections.abc import Callable, Sequence
from html import escape
from math import log10
from typing import Any

from eval.bench_scale import Run, opening, stages
from eval.plots import BLUE, GREY, INK, ORANGE

_WIDTH, _HEIGHT, _GAP = 330, 230, 24
_LEFT, _TOP, _BOTTOM, _RIGHT = 58, 34, 30, 16
#: Between the axis and the first point, whose figure stands there.
_INDENT = 20
_COLUMNS = 3
Value = Callable[[dict[str, Any]], float | None]


def _stage(name: str) -> Value:
    return lambda figures: stages(figures).get(name, {}).get("p50")


def _change(name: str) -> Value:
    def value(figures: dict[str, Any]) -> float | None:
        found = figures.get("change", figures).get(name)
        return found * 1000 if found else None

    return value


def _opening(figures: dict[str, Any]) -> float | None:
    found = opening(figures)
    return found * 1000 if found else None


def _building(figures: dict[str, Any]) -> float | None:
    found: float | None = figures.get("build")
    return found


def _memory(figures: dict[str, Any]) -> float | None:
    held = figures.get("query", {}).get("memory") or figures.get("memory")
    return held["peak"] / 2**20 if held else None


#: Title with its unit, and the value of a run; None where there is none.
_PLOTS: tuple[tuple[str, Value], ...] = (
    ("混合检索，中位（毫秒）", _stage("hybrid")),
    ("打开到第一次结果（毫秒）", _opening),
    ("增加一份文件（毫秒）", _change("add")),
    ("建库（秒）", _building),
    ("提问时的内存峰值（MB）", _memory),
    ("重排后检索，中位（毫秒）", _stage("reranked")),
)
_SIDES = {"ours": ("本程序", BLUE, ""), "stock": ("LangChain 现成流程", ORANGE, ' stroke-dasharray="6 4"')}


def growth(runs: Sequence[Run]) -> str:
    """An SVG document."""
    rows = -(-len(_PLOTS) // _COLUMNS)
    width = _COLUMNS * (_WIDTH + _GAP) + _GAP
    height = rows * (_HEIGHT + _GAP) + _GAP + 24
    parts = []
    for number, (title, value) in enumerate(_PLOTS):
        x = _GAP + number % _COLUMNS * (_WIDTH + _GAP)
        y = _GAP + 24 + number // _COLUMNS * (_HEIGHT + _GAP)
        parts.append(f'<g transform="translate({x} {y})">{_plot(title, value, runs)}</g>')
    legend, at = "", _GAP
    for name, color, dashes in _SIDES.values():
        legend += (
            f'<path d="M{at} 24h30" stroke="{color}" stroke-width="2.5"{dashes}/>'
            f'<text x="{at + 38}" y="28">{name}</text>'
        )
        at += 70 + 14 * len(name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="Noto Sans CJK SC, Microsoft YaHei, sans-serif" font-size="13" '
        f'fill="{INK}"><rect width="100%" height="100%" fill="#fff"/>{legend}{"".join(parts)}</svg>'
    )


def _plot(title: str, value: Value, runs: Sequence[Run]) -> str:
    points = {
        side: [(run.size, v) for run in runs if run.side == side and (v := value(run.figures))]
        for side in _SIDES
    }
    every = [point for line in points.values() for point in line]
    if not every:
        return ""
    across = _axis([size for size, _ in every])
    up = _axis([v for _, v in every])

    def place(size: float, v: float) -> tuple[float, float]:
        x = _LEFT + _INDENT + _share(size, across) * (_WIDTH - _LEFT - _INDENT - _RIGHT)
        return round(x, 1), round(_HEIGHT - _BOTTOM - _share(v, up) * (_HEIGHT - _BOTTOM - _TOP), 1)

    drawn = f'<text x="{_LEFT}" y="18" font-weight="600">{escape(title)}</text>'
    for power in range(up[0], up[1] + 1):
        _, y = place(10 ** across[0], 10.0**power)
        drawn += f'<path d="M{_LEFT} {y}H{_WIDTH - _RIGHT}" stroke="#e3e6ea"/>'
        drawn += (
            f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end" fill="{GREY}">{_number(10.0**power)}</text>'
        )
    for power in range(across[0], across[1] + 1):
        x, _ = place(10.0**power, 10 ** up[0])
        drawn += f'<text x="{x}" y="{_HEIGHT - 10}" text-anchor="middle" fill="{GREY}">{_number(10.0**power)}</text>'
    lower = min(points, key=lambda side: points[side][0][1]) if all(points.values()) else ""
    for side, line in points.items():
        drawn += _line([(*place(*point), point[1]) for point in line], side, below=side == lower)
    return drawn


def _line(places: list[tuple[float, float, float]], side: str, *, below: bool) -> str:
    """A side's line with its figures: below it where another line runs above."""
    if not places:
        return ""
    _, color, dashes = _SIDES[side]
    path = "M" + "L".join(f"{x} {y}" for x, y, _ in places)
    drawn = f'<path d="{path}" fill="none" stroke="{color}" stroke-width="2.5"{dashes}/>'
    for x, y, v in places:
        drawn += f'<circle cx="{x}" cy="{y}" r="3.5" fill="{color}"/>'
        drawn += f'<text x="{x}" y="{y + (18 if below else -8)}" text-anchor="middle" font-size="11">{_number(v)}</text>'
    return drawn


def _axis(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around the values, two at least."""
    low, high = int(log10(min(values)) // 1), -int(-log10(max(values)) // 1)
    return low, max(high, low + 1)


def _share(value: float, axis: tuple[int, int]) -> float:
    return (log10(value) - axis[0]) / (axis[1] - axis[0])


def _number(value: float) -> str:
    if value >= 10_000:
        return (
            f"{value / 10_000:,.0f} 万"
            if value % 10_000 == 0 or value >= 100_000
            else f"{value / 10_000:.1f} 万"
        )
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}".rstrip("0").rstrip(".")
