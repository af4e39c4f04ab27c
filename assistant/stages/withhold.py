"""How sure the evidence makes us, and what is not said because it is too little."""

from dataclasses import replace

from assistant import calibration
from assistant.stages.work import Resources, Work


def weigh(work: Work, *, retrieved: bool) -> None:
    """The signals of the evidence before anything is drafted from it."""
    if work.drafted:
        work.signals = {calibration.LOOKED_UP: 1.0}
    else:
        work.signals = calibration.signals(work.focus, work.judged, work.hits, retrieved=retrieved)


def withhold(work: Work, resources: Resources) -> None:
    """Where the evidence makes us less sure than the threshold, what was drafted is not said."""
    sure, least = resources.sure, resources.settings.threshold
    least = sure.threshold if least is None else least
    if work.drafted and sure.confidence(work.signals) < least:
        say_nothing(work)


def say_nothing(work: Work) -> None:
    """Nothing is said of what was drafted: it stands among the evidence, as what may be meant."""
    work.withheld += [*(f.text for f in work.facts), *(p.text for p in work.pieces)]
    work.facts, work.pieces = [], []
    unsure = "把握不足，不一定是所问的"
    work.judged = [
        [replace(c, grade="部分", reason=unsure) if c.grade == "支持" else c for c in found]
        for found in work.judged
    ]
