"""Which segments of what was found answer which part of the question."""

import math
from collections.abc import Sequence

from assistant.evidence.context import Context, context
from assistant.evidence.judge import judge_part
from assistant.stages.set_back import set_back
from assistant.stages.work import Resources, Work
from assistant.versions import NOT_HELD
from corpus.types import Article, Hit
from corpus.versions.standing import Register

#: Legs of which hits are judged; the rest only stand by.
JUDGED_HITS = 40
#: What stands this many characters beside the first hits is judged, too: the paragraph after the one found.
BESIDE = 120
BESIDE_HITS = 10
#: Longer documents are judged only where retrieval found them.
VERSION_SEGMENTS = 300


def judge(work: Work, resources: Resources) -> None:
    """Grades the segments of the first hits for each part, those that answer first."""
    grouped: dict[str, tuple[Context, list[int]]] = {}
    for nth, hit in enumerate(work.hits[:JUDGED_HITS]):
        beside = BESIDE if nth < BESIDE_HITS else 0
        at, indexes = grouped.setdefault(hit.article.id, (context(hit.article), []))
        passage = hit.passage
        indexes += [
            i
            for i, s in enumerate(at.view.segments)
            if s.start < passage.end + beside and s.end > passage.start - beside
        ]
    for at in _versions_that_hold([at.article for at, _ in grouped.values()], resources.register, work.day):
        grouped[at.article.id] = (at, list(range(len(at.view.segments))))
    contexts = [(at, sorted(set(indexes))) for at, indexes in grouped.values()]
    found = _as_found(work.hits[:JUDGED_HITS])
    work.judged = [
        set_back(
            work,
            judge_part(work.focus, part, contexts, resources.settings, "", resources.likeness, found),
            resources,
        )
        for part in work.focus.parts
    ]


def _as_found(hits: Sequence[Hit]) -> dict[str, float]:
    """By article, how far its best hit's score is below the first's: 0 or less."""
    best: dict[str, float] = {}
    for hit in hits:
        best[hit.article.id] = max(best.get(hit.article.id, -math.inf), hit.score)
    first = max(best.values(), default=0.0)
    return {article: score - first for article, score in best.items()}


def _versions_that_hold(found: Sequence[Article], register: Register, day: str) -> list[Context]:
    """Of documents found that do not hold the versions that do, whole: they say it, too, if still so."""
    held: dict[str, Context] = {}
    for article in found:
        for version in register.family(article) if article.status in NOT_HELD else ():
            if register.of(version, day).holds:
                at = context(register.dated(version, day))
                if len(at.view.segments) <= VERSION_SEGMENTS:
                    held[version.id] = at
    return list(held.values())
