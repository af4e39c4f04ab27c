"""Plots as SVG text, drawn here: no script, no font and no file from outside; they print as they show.

Colours are Okabe and Ito's (told apart by colour-blind readers too), and no meaning hangs on
colour alone: lines differ in dashes, every value stands beside its mark in figures.
"""

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from math import ceil
from typing import Literal, NamedTuple

BLUE, ORANGE, GREY, INK = "#0072b2", "#d55e00", "#8a9099", "#1f2329"
#: A chart in user units: about its size in pixels, so that its words keep theirs on a phone.
WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 14, 40


class Estimate(NamedTuple):
    """A mean (0–1) with its 95 % interval over ``n`` cases."""

    mean: float
    low: float
    high: float
    n: int


class Line(NamedTuple):
    """A curve: its name, points (x, y) with both 0–1, colour and whether it is dashed."""

    name: str
    points: Sequence[tuple[float, float]]
    color: str
    dashed: bool = False


class Bin(NamedTuple):
    """One group of a calibration plot: mean confidence, and the share that came true with its interval."""

    confidence: float
    share: Estimate


def percent(value: float) -> str:
    """0.8314 → ``83.1%``."""
    return f"{value * 100:.1f}%"


def interval(estimate: Estimate, color: str = BLUE) -> str:
    """A bar up to the mean, its interval as a line over it: stretches to the width it is given."""
    mean, low, high = (round(100 * v, 2) for v in (estimate.mean, estimate.low, estimate.high))
    told = f"{percent(estimate.mean)}，95% 区间 {percent(estimate.low)} 到 {percent(estimate.high)}"
    fixed = 'vector-effect="non-scaling-stroke"'
    ticks = "".join(f'<path d="M{x} 0V16" stroke="#fff" stroke-width="1" {fixed}/>' for x in (25, 50, 75))
    return (
        f'<svg class="bar" viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label="{told}">'
        f'<rect width="100" height="16" fill="#e9ecf0"/><rect width="{mean}" height="16" fill="{color}" '
        f'fill-opacity=".55"/>{ticks}<path d="M{low} 8H{high}M{low} 4V12M{high} 4V12" stroke="{INK}" '
        f'stroke-width="1.6" fill="none" {fixed}/></svg>'
    )


def share(part: float, color: str = BLUE) -> str:
    """A plain bar for a share (0–1) of a whole."""
    return (
        '<svg class="bar" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{round(100 * part, 2)}" height="16" fill="{color}"/></svg>'
    )


def lines(
    curves: Sequence[Line], *, across: str, up: str, told: str, at: float | None = None, at_name: str = ""
) -> str:
    """Curves over 0–1 both ways, each named in the legend; ``at`` draws an upright line there."""
    drawn = [_axes(across, up)]
    if at is not None:
        side, anchor = (-4, "end") if at > 0.6 else (4, "start")
        drawn.append(
            f'<path d="M{_x(at)} {TOP}V{HEIGHT - BOTTOM}" stroke="{INK}" stroke-dasharray="2 3"/>'
            f'<text x="{_x(at) + side:.1f}" y="{TOP + 10}" text-anchor="{anchor}">{escape(at_name)}</text>'
        )
    drawn += [
        f'<polyline points="{" ".join(f"{_x(x)},{_y(y)}" for x, y in curve.points)}" fill="none" '
        f'stroke="{curve.color}" stroke-width="2.4"{_dashes(curve)}/>'
        for curve in curves
    ]
    return _figure("".join(drawn), told, _legend(curves))


def calibration(bins: Sequence[Bin], *, across: str, up: str, told: str) -> str:
    """Groups of answers: how sure on average, against how often right, with intervals and counts."""
    most = max((b.share.n for b in bins), default=1)
    drawn = [
        _axes(across, up),
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="{GREY}" stroke-dasharray="4 4"/>',
    ]
    for group in bins:
        x, estimate = _x(group.confidence), group.share
        radius = 3 + 4 * (estimate.n / most) ** 0.5
        drawn.append(
            f'<path d="M{x} {_y(estimate.low)}V{_y(estimate.high)}" stroke="{ORANGE}" stroke-width="1.6"/>'
            f'<circle cx="{x}" cy="{_y(estimate.mean)}" r="{radius:.1f}" fill="{ORANGE}">'
            f"<title>{estimate.n} 题，实际 {percent(estimate.mean)}</title></circle>"
        )
    return _figure("".join(drawn), told)


def histogram(
    counts: Sequence[tuple[float, float, int]],
    *,
    marks: Sequence[tuple[str, float]],
    across: str,
    told: str,
) -> str:
    """Bars (from, to, count) of one width each, with named upright lines at values of the same unit."""
    first, last = counts[0][0], counts[-1][1]
    most = max(count for *_, count in counts) or 1

    def at(value: float) -> float:
        return _x((min(value, last) - first) / (last - first or 1))

    bars = "".join(
        f'<rect x="{at(low) + 0.5:.1f}" y="{_y(count / most)}" width="{max(1.0, at(high) - at(low) - 1):.1f}" '
        f'height="{_y(0) - _y(count / most):.1f}" fill="{BLUE}" fill-opacity=".7"><title>{low:.0f}–{high:.0f}：{count} 题</title></rect>'
        for low, high, count in counts
    )
    named = "".join(
        f'<path d="M{at(value)} {TOP}V{HEIGHT - BOTTOM}" stroke="{ORANGE}" stroke-width="1.6" stroke-dasharray="5 3"/>'
        f'<text x="{at(value) + (-4 if at(value) > WIDTH * 0.6 else 4):.1f}" y="{TOP + 11 + 15 * n}" '
        f'text-anchor="{"end" if at(value) > WIDTH * 0.6 else "start"}">{escape(name)}</text>'
        for n, (name, value) in enumerate(marks)
    )
    ticks = [(first + (last - first) * n / 4) for n in range(5)]
    below = "".join(
        f'<text x="{at(t)}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{t:.0f}</text>' for t in ticks
    )
    frame = _frame(across, "题数", below, [(0.0, "0"), (1.0, str(most))])
    return _figure(frame + bars + named, told)


class Layer(NamedTuple):
    """One part of every column of a stacked chart: what it is called, and how it is painted."""

    name: str
    paint: Literal["full", "striped", "pale"]


def stacked(columns: Sequence[tuple[str, Sequence[int]]], layers: Sequence[Layer], *, told: str) -> str:
    """Columns of counts, each ``(name, a count a layer)``, one part upon the other; layers have a legend.

    Layers differ in pattern too, and each column tells its counts when it is pointed at.
    """
    top, steps = _counted(max((sum(counts) for _, counts in columns), default=0))
    width = (WIDTH - LEFT - RIGHT) / max(1, len(columns))
    drawn = []
    for place, (name, counts) in enumerate(columns):
        at, height = LEFT + place * width, 0
        words = "，".join(f"{layer.name} {n}" for layer, n in zip(layers, counts, strict=True))
        parts = []
        for layer, count in zip(layers, counts, strict=True):
            low, high = _y(height / top), _y((height + count) / top)
            parts.append(
                f'<rect x="{at + width * 0.1:.1f}" y="{high}" width="{width * 0.8:.1f}" '
                f'height="{low - high:.1f}" {_PAINTS[layer.paint]}/>'
            )
            height += count
        drawn.append(f"<g><title>{escape(name)}：{words}</title>{''.join(parts)}</g>")
    frame = _frame("", "", _named([name for name, _ in columns]), steps)
    keys = "".join(
        f'<span><svg width="14" height="12" aria-hidden="true"><rect width="14" height="12" '
        f"{_PAINTS[layer.paint]}/></svg> {escape(layer.name)}</span>"
        for layer in layers
    )
    return _figure(_STRIPES + frame + "".join(drawn), told, f'<p class="legend">{keys}</p>')


def over_time(
    names: Sequence[str], curves: Sequence[tuple[str, Sequence[float | None]]], *, told: str
) -> str:
    """Up to two curves of values ≥ 0 over named places, gaps left open; the second is dashed."""
    most = max((v for _, values in curves for v in values if v is not None), default=0.0)
    top, steps = _measured(most)
    width = (WIDTH - LEFT - RIGHT) / max(1, len(names))
    drawn, legend = [], []
    for (name, values), color, dashed in zip(curves, (BLUE, ORANGE), (False, True), strict=False):
        line = Line(name, [], color, dashed)
        points = [
            (round(LEFT + (n + 0.5) * width, 1), _y(v / top), v)
            for n, v in enumerate(values)
            if v is not None
        ]
        drawn.append(
            f'<polyline points="{" ".join(f"{x},{y}" for x, y, _ in points)}" fill="none" stroke="{color}" '
            f'stroke-width="2"{_dashes(line)}/>'
        )
        drawn += [
            f'<circle cx="{x}" cy="{y}" r="2.4" fill="{color}"><title>{v:.2f}</title></circle>'
            for x, y, v in points
        ]
        legend.append(line)
    return _figure(_frame("", "", _named(names), steps) + "".join(drawn), told, _legend(legend))


#: Names that fit below a chart.
_NAMES = 6
_STRIPES = (
    f'<defs><pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="5" height="5" fill="{ORANGE}" fill-opacity=".35"/><rect width="2.5" height="5" fill="{ORANGE}"/>'
    "</pattern></defs>"
)
_PAINTS = {
    "full": f'fill="{BLUE}"',
    "striped": 'fill="url(#stripes)"',
    "pale": f'fill="{GREY}" fill-opacity=".55"',
}


def _named(names: Sequence[str]) -> str:
    """Names below their places, as many as fit, the first and the last among them."""
    width = (WIDTH - LEFT - RIGHT) / max(1, len(names))
    step = max(1, -(-(len(names) - 1) // (_NAMES - 1)))
    shown = [n for n in range(len(names)) if n % step == 0 and (n == 0 or len(names) - 1 - n >= step / 2)]
    if names and len(names) - 1 not in shown:
        shown.append(len(names) - 1)
    return "".join(
        f'<text x="{LEFT + (n + 0.5) * width:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{escape(names[n])}</text>'
        for n in shown
    )


def _counted(most: int) -> tuple[float, list[tuple[float, str]]]:
    """The top of an axis of counts, and its steps: whole numbers, five at most."""
    step = next(
        10**power * digit for power in range(12) for digit in (1, 2, 5) if 10**power * digit * 4 >= most
    )
    top = step * max(1, -(-most // step))
    return float(top), [(value / top, str(value)) for value in range(0, top + 1, step)]


def _measured(most: float) -> tuple[float, list[tuple[float, str]]]:
    """The top of an axis of seconds, and its steps."""
    steps = (Decimal(digit) * Decimal(10) ** power for power in range(-3, 9) for digit in (1, 2, 5))
    step = next(s for s in steps if s * 4 >= Decimal(most))
    count = max(1, ceil(Decimal(most) / step))
    return float(step * count), [(n / count, f"{(step * n).normalize():f}") for n in range(count + 1)]


def _x(share: float) -> float:
    return round(float(LEFT + share * (WIDTH - LEFT - RIGHT)), 1)


def _y(share: float) -> float:
    return round(float(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)), 1)


def _axes(across: str, up: str) -> str:
    """Both axes from 0 to 100 %."""
    steps = [n / 4 for n in range(5)]
    below = "".join(
        f'<text x="{_x(s)}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{s:.0%}</text>' for s in steps
    )
    return _frame(across, up, below, [(s, f"{s:.0%}") for s in steps])


def _frame(across: str, up: str, below: str, steps: Sequence[tuple[float, str]]) -> str:
    rules = "".join(
        f'<path d="M{LEFT} {_y(s)}H{WIDTH - RIGHT}" stroke="#e3e5e8"/>'
        f'<text x="{LEFT - 5}" y="{_y(s) + 4}" text-anchor="end">{escape(name)}</text>'
        for s, name in steps
    )
    middle = (HEIGHT - BOTTOM + TOP) / 2
    return (
        f'{rules}{below}<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(across)}</text>'
        f'<text transform="translate(11 {middle}) rotate(-90)" text-anchor="middle">{escape(up)}</text>'
    )


def _figure(inside: str, told: str, legend: str = "") -> str:
    return (
        f'<figure><svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(told)}">'
        f"{inside}</svg>{legend}<figcaption>{escape(told)}</figcaption></figure>"
    )


def _legend(curves: Sequence[Line]) -> str:
    keys = "".join(
        f'<span><svg width="30" height="8" aria-hidden="true"><path d="M0 4H30" stroke="{c.color}" '
        f'stroke-width="2.4"{_dashes(c)}/></svg> {escape(c.name)}</span>'
        for c in curves
    )
    return f'<p class="legend">{keys}</p>'


def _dashes(line: Line) -> str:
    return ' stroke-dasharray="7 4"' if line.dashed else ""
