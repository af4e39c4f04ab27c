"""Fits the assistant's confidence to question sets, and the threshold for a balance of the two refusal errors."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.calibration import LOOKED_UP, SHIPPED, SIGNALS, Calibration, Weight, save
from assistant.contract import answer_json
from assistant.pipeline import Assistant
from assistant.settings import AssistantSettings
from corpus.errors import UserError
from corpus.store import Store
from eval import page
from eval.dataset import REFUSALS, Case
from eval.metrics import squeeze, to_be_answered

#: L2 penalty of the standardised weights: a few hundred questions bear no wild ones.
PENALTY = 1.0
FOLDS = 10
#: Fewer questions of either sort fix no threshold.
LEAST = 10
#: Thresholds are looked for in steps of a hundredth.
STEPS = 100
_BINS = 10

Floats = NDArray[np.float64]


class Example(NamedTuple):
    """One question as calibration sees it: ``drafted`` before any threshold, ``holds`` whether its
    evidence holds the answer."""

    signals: dict[str, float]
    drafted: bool
    answerable: bool
    holds: bool


class Point(NamedTuple):
    """What a threshold costs: shares (0–1) of answerable questions refused and of others answered."""

    threshold: float
    over_refusal: float
    over_answer: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A calibration, the confidences (n,) that each question got from weights fitted without it,
    and what every threshold costs by these."""

    calibration: Calibration
    crossed: Floats
    curve: list[Point]
    examples: list[Example]
    balance: float

    @property
    def at(self) -> Point:
        """The point of the threshold."""
        return min(self.curve, key=lambda p: abs(p.threshold - self.calibration.threshold))

    @property
    def brier(self) -> float:
        """Mean squared distance of the crossed confidences from what is true (Brier 1950)."""
        return float(np.mean((self.crossed - [e.holds for e in self.examples]) ** 2))


def borne_out(case: Case, answer: dict[str, Any]) -> bool:
    """Whether the evidence cited, or the nearest where nothing is cited, holds a fact of the answer.

    A case without facts is borne out by the document it names.
    """
    evidence = answer.get("evidence", ())
    near = [e for e in evidence if e["cited"]] or evidence[:1]
    if not to_be_answered(case) or not near:
        return False
    if not case.must:
        return any(piece in e["source"] for piece in case.source for e in near)
    text = squeeze("".join([*(e["text"] for e in near), *(s["text"] for s in answer["statements"])]))
    return any(squeeze(fact) in text for group in case.must for fact in group)


def write(fitted: Fitted, out: Path, *, ship: bool = False) -> None:
    """``calibration.json`` and ``calibration.html`` with the curve into ``out``; with ``ship`` the
    weights and the threshold become those the assistant uses unless told otherwise."""
    out.mkdir(parents=True, exist_ok=True)
    save(fitted.calibration, out / "calibration.json")
    sure = zip(fitted.crossed.tolist(), (e.holds for e in fitted.examples), strict=True)
    rows = [(SIGNALS[name], weight.weight) for name, weight in fitted.calibration.weights.items()]
    shown = page.calibration_page(
        lines(fitted), fitted.curve, fitted.calibration.threshold, calibration_bins(list(sure)), rows
    )
    (out / "calibration.html").write_text(shown, encoding="utf-8")
    if ship:
        save(fitted.calibration, SHIPPED)


def lines(fitted: Fitted) -> list[str]:
    """What was found, in sentences."""
    before, now = fitted.curve[0], fitted.at
    return [
        f"共 {len(fitted.examples)} 题，其中 {sum(e.answerable for e in fitted.examples)} 题库里有答案；"
        f"每题的把握都用没有见过它的系数算出（{FOLDS} 折）。",
        f"不设门槛：该答却拒 {before.over_refusal:.1%}，该拒却答 {before.over_answer:.1%}。",
        f"门槛 {now.threshold:.2f}：该答却拒 {now.over_refusal:.1%}，该拒却答 {now.over_answer:.1%}。"
        f"（权衡 {fitted.balance:g}：该答却拒的比例乘以它，加上该拒却答的比例，取最小）",
        f"把握与实际的均方差（Brier）{fitted.brier:.3f}，越小越好；0.25 相当于一概说五成。",
        f"要用这个门槛：设 UNIONQA_THRESHOLD={now.threshold:.2f}。",
    ]


def ask(cases: Sequence[Case], store: Store, progress: Callable[[], None] = lambda: None) -> list[Example]:
    """Every case asked with no threshold in force."""
    assistant = Assistant(store, AssistantSettings(threshold=0.0))
    found = []
    for case in cases:
        answer = assistant.ask(
            case.question, history=case.history, as_of=case.as_of, passages=case.passages or None
        )
        row = answer_json(answer)
        if answer.signals:
            drafted = row["outcome"] not in REFUSALS
            found.append(Example(answer.signals, drafted, to_be_answered(case), borne_out(case, row)))
        progress()
    return found


def fit(examples: Sequence[Example], *, balance: float = 1.0, fitted_on: str = "") -> Fitted:
    """Logistic regression on what the evidence holds; the threshold that costs least.

    ``balance`` says how many wrong answers (as a share of the questions without an answer)
    weigh as much as a wrong refusal (as a share of the others): more makes the assistant
    answer more. Raises UserError where either sort is too few or the balance is not above 0.
    """
    if not balance > 0:
        raise UserError(
            f"权衡 {balance:g} 不是大于 0 的数。", "请写 1 左右的数：越大越偏向作答，越小越偏向拒答。"
        )
    for answerable, words in ((True, "库里有答案的"), (False, "库里没有答案的")):
        if sum(e.answerable is answerable for e in examples) < LEAST:
            raise UserError(
                f"{words}题不到 {LEAST} 道，校准不出可靠的门槛。", "请再加一些这样的题，或并入另一套题。"
            )
    looked = [e.holds for e in examples if LOOKED_UP in e.signals]
    looked_up = (sum(looked) + 1) / (len(looked) + 2)  # Laplace's rule: few were looked up
    whole = _regression(examples, looked_up)
    crossed = np.zeros(len(examples))
    for fold in range(FOLDS):
        held_out = range(fold, len(examples), FOLDS)
        others = [e for n, e in enumerate(examples) if n % FOLDS != fold]
        part = _regression(others, looked_up)
        crossed[fold::FOLDS] = [part.confidence(examples[n].signals) for n in held_out]
    costs = curve(zip(crossed, (e.drafted for e in examples), (e.answerable for e in examples), strict=True))
    calibration = Calibration(
        intercept=whole.intercept,
        weights=whole.weights,
        looked_up=round(looked_up, 4),
        threshold=choose(costs, balance).threshold,
        fitted_on=fitted_on,
    )
    return Fitted(
        calibration=calibration, crossed=crossed, curve=costs, examples=list(examples), balance=balance
    )


def curve(answers: Iterable[tuple[float, bool, bool]]) -> list[Point]:
    """What each threshold from 0 to 1 costs. ``answers``: (confidence, drafted, answerable) each;
    what was not drafted is refused at every threshold. Empty unless both sorts of questions are there."""
    rows = list(answers)
    sure = {
        side: np.sort([c if drafted else -1.0 for c, drafted, answerable in rows if answerable is side])
        for side in (True, False)
    }
    if not all(len(s) for s in sure.values()):
        return []
    points = []
    for step in range(STEPS + 1):
        at = step / STEPS
        refused = {side: np.searchsorted(s, max(at, 0.0)) / len(s) for side, s in sure.items()}
        points.append(Point(at, float(refused[True]), float(1 - refused[False])))
    return points


def calibration_bins(pairs: Sequence[tuple[float, bool]]) -> list[dict[str, float]]:
    """(confidence, whether it came true) in ten equal steps of confidence: ``confidence`` (mean),
    ``share`` that came true with its Wilson interval ``low``–``high`` (Wilson 1927), ``n``."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for pair in pairs:
        groups.setdefault(min(_BINS - 1, int(pair[0] * _BINS)), []).append(pair)
    bins = []
    for _, members in sorted(groups.items()):
        n, came_true = len(members), sum(true for _, true in members)
        low, high = wilson(came_true, n)
        mean = float(np.mean([c for c, _ in members]))
        bins.append({"confidence": mean, "share": came_true / n, "low": low, "high": high, "n": n})
    return bins


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share of n ≥ 1 (Wilson 1927)."""
    share, square = hits / n, z * z / n
    middle = (share + square / 2) / (1 + square)
    half = z * ((share * (1 - share) + square / 4) / n) ** 0.5 / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def choose(points: Sequence[Point], balance: float) -> Point:
    """The cheapest threshold; of several the middle one of the lowest run."""
    costs = [round(balance * p.over_refusal + p.over_answer, 9) for p in points]
    first = costs.index(min(costs))
    last = first
    while last + 1 < len(costs) and costs[last + 1] == costs[first]:
        last += 1
    return points[(first + last) // 2]


def _regression(examples: Sequence[Example], looked_up: float) -> Calibration:
    """Penalised maximum likelihood by Newton's method; a signal that is absent stands at its mean."""
    judged = [e for e in examples if LOOKED_UP not in e.signals]
    names = [n for n in SIGNALS if any(n in e.signals for e in judged)]
    seen = np.array([[e.signals.get(n, np.nan) for n in names] for e in judged])
    means, scales = np.nanmean(seen, axis=0), np.nanstd(seen, axis=0)
    scales[scales == 0] = 1.0
    x = np.column_stack([np.ones(len(judged)), np.nan_to_num((seen - means) / scales)])
    y = np.array([e.holds for e in judged], dtype=np.float64)
    penalty = PENALTY * np.eye(x.shape[1])
    penalty[0, 0] = 0.0
    weights = np.zeros(x.shape[1])
    for _ in range(100):
        p = 1 / (1 + np.exp(-(x @ weights)))
        step = np.linalg.solve(
            x.T @ (x * (p * (1 - p))[:, None]) + penalty, x.T @ (p - y) + penalty @ weights
        )
        weights -= step
        if np.abs(step).max() < 1e-10:
            break
    fitted = {
        name: Weight(mean=round(float(m), 6), scale=round(float(s), 6), weight=round(float(w), 6))
        for name, m, s, w in zip(names, means, scales, weights[1:], strict=True)
    }
    return Calibration(
        intercept=round(float(weights[0]), 6), weights=fitted, looked_up=looked_up, threshold=0.0
    )
