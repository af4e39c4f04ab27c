"""How sure the evidence makes us: a logistic regression over what the judge saw.

The weights and the threshold stand in ``calibration.json``, which ``python -m eval calibrate``
writes: p = 1 / (1 + exp(−(intercept + Σ weight · (signal − mean) / scale))), Cox 1958.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from assistant.evidence.candidate import Candidate
from assistant.evidence.nearness import missing_share
from assistant.evidence.needed import wanted
from assistant.question.focus import Focus
from corpus.types import Hit

SHIPPED = Path(__file__).with_name("calibration.json")
#: The signals and how they are told to people; all are about the best candidate.
SIGNALS = {
    "missing": "问到的词有多大比例不在依据近旁",
    "relevance": "检索排序给依据所在段落的相关度",
    "lead": "比其他文件里最贴近的一句领先多少",
    "other_subject": "依据说的是别的对象（地区、年份、文件）",
    "nothing_asked": "依据里没有所问的数字、时间、人名或地点",
    "unfit": "依据的形式不像回答（标题、提问、署名）",
}
#: Answered from the document's own data (who issued it, which clause): nothing was judged.
LOOKED_UP = "looked_up"
#: Beyond these a signal says nothing more.
_MOST_RELEVANT = 6.0
_FARTHEST_LEAD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How one signal counts: standardised by ``mean`` and ``scale``, times ``weight``."""

    mean: float
    scale: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """校准: from signals to a confidence, and the confidence below which nothing is answered.

    ``looked_up`` is the share (0–1) of right answers among those looked up in a document's
    data; ``fitted_on`` says in words on what.
    """

    intercept: float
    weights: Mapping[str, Weight]
    looked_up: float
    threshold: float
    fitted_on: str = ""

    def confidence(self, signals: Mapping[str, float]) -> float:
        """The chance (0–1) that the evidence holds the answer; an absent signal counts as usual."""
        if not signals:
            return 0.0
        if LOOKED_UP in signals:
            return self.looked_up
        logit = self.intercept + sum(
            w.weight * (signals[name] - w.mean) / w.scale
            for name, w in self.weights.items()
            if name in signals
        )
        return 1 / (1 + math.exp(-logit))


def load(path: Path) -> Calibration:
    """The calibration a file holds, as ``save`` wrote it."""
    row = json.loads(path.read_text(encoding="utf-8"))
    return Calibration(**{**row, "weights": {name: Weight(**w) for name, w in row["weights"].items()}})


def save(calibration: Calibration, path: Path) -> None:
    """Write a calibration as JSON that a person can read."""
    path.write_text(json.dumps(asdict(calibration), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


@cache
def shipped() -> Calibration:
    """The calibration that came with the program."""
    return load(SHIPPED)


def signals(
    focus: Focus, judged: Sequence[Sequence[Candidate]], hits: Sequence[Hit], *, retrieved: bool = True
) -> dict[str, float]:
    """What the judge saw of its best candidate, by the names of SIGNALS; empty where it saw none.

    Without ``retrieved`` the passages were handed in and no relevance is known of them.
    """
    firsts = [
        (c.grade == "支持", c.score, n, c) for n, found in enumerate(judged) if found for c in found[:1]
    ]
    if not firsts:
        return {}
    *_, n, best = max(firsts, key=lambda first: first[:2])
    needed = wanted(focus, focus.parts[n])
    elsewhere = [c.score for c in judged[n] if c.context.article.id != best.context.article.id]
    lead = best.score - max(elsewhere, default=0.0)
    seen = {
        "missing": missing_share(needed, best.context, best.segment),
        "lead": max(-_FARTHEST_LEAD, min(_FARTHEST_LEAD, lead)),
        "other_subject": float(best.fault == "对象不符"),
        "nothing_asked": float(best.fault == "没有所问"),
        "unfit": float(best.fault == "形式不符"),
    }
    relevance = _relevance(best, hits) if retrieved else None
    return seen if relevance is None else {**seen, "relevance": relevance}


def _relevance(best: Candidate, hits: Sequence[Hit]) -> float | None:
    """The learned order's score of the passage that holds the candidate; None where no hit does.

    Unlike a BM25 score it is made of shares and cosines that mean the same in any corpus, so
    it may be weighed. A version in force that came in for one found stands in no hit.
    """
    start = best.span.start
    for hit in hits:
        passage = hit.passage
        if hit.article.id == best.context.article.id and passage.start <= start < passage.end:
            return max(-_MOST_RELEVANT, min(_MOST_RELEVANT, hit.score))
    return None
