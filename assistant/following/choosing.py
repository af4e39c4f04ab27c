"""Which reading of a question holds: the one whose evidence takes up what the question says itself."""

from collections.abc import Mapping, Sequence

from assistant.evidence.candidate import Candidate
from assistant.evidence.nearness import found_in
from assistant.question.vocabulary import WEAK_WORDS
from assistant.values import fold
from corpus.words import names_thing

#: Share of a question's own words that must stand around what a reading found.
TAKEN_UP = 0.6
#: Of the things that a question standing alone names: they stand in the title of what answers it.
ITS_MATTER = 0.5
#: Of the words carried over: what answers a question that nothing marks as a follow-up speaks of them.
CARRIED_UP = 0.4
#: What a word weighs that was carried over from what went before: its absence says little.
CARRIED = 0.5


def eased(terms: Mapping[str, float], own: Mapping[str, float]) -> dict[str, float]:
    """The terms of a question made whole: those that were carried over weigh less."""
    if not own:
        return dict(terms)
    return {t: w if any(t in o or o in t for o in own) else CARRIED * w for t, w in terms.items()}


def takes_up(
    judged: Sequence[Sequence[Candidate]], words: Mapping[str, float], least: float = TAKEN_UP
) -> bool:
    """Whether the best evidence speaks of that share of some words; never where there is no evidence."""
    best = _best(judged)
    if best is None:
        return False
    at, segment = best.context, best.context.view.segments[best.segment]
    said = f"{at.sentences[segment.sentence]}{at.heads[best.segment]}{at.title}{at.byline}"
    return _share(words, said) >= least


def of_its_own(judged: Sequence[Sequence[Candidate]], words: Mapping[str, float]) -> bool:
    """Whether the best evidence for a question stands in a document that is on the things it names."""
    best = _best(judged)
    things = {t: w for t, w in words.items() if t not in WEAK_WORDS and names_thing(t)}
    return best is not None and bool(things) and _share(things, best.context.title) >= ITS_MATTER


def answers_from(judged: Sequence[Sequence[Candidate]]) -> str:
    """The id of the article in which the best evidence stands; ``""`` where there is none."""
    best = _best(judged)
    return best.context.article.id if best else ""


def _best(judged: Sequence[Sequence[Candidate]]) -> Candidate | None:
    return next((c for found in judged for c in found if c.grade == "支持"), None)


def _share(words: Mapping[str, float], text: str) -> float:
    total = sum(words.values())
    return sum(w * found_in(fold(t), text) for t, w in words.items()) / total if total else 1.0
