"""What is seen of a unit beside the question: numbers that mean the same in any text."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from assistant import places as regions
from assistant.reader.asked import Asked, alike
from assistant.reader.kinds import exact, places
from assistant.reader.units import Unit, units
from assistant.values import years

Matrix = npt.NDArray[np.float32]

#: Characters on either side of a value within which words speak of it.
NEAR = 24
#: Characters of a passage in which it says whose it is.
TITLED = 60
NAMES = (
    "words in the unit", "words in the sentences around", "words in the passage",
    "heaviest word missing from the unit", "heaviest word missing from the passage",
    "pairs in the unit", "pairs in the passage", "longest common run",
    "head in the unit", "head in the passage", "no head",
    "kind held", "in the very unit", "words beside it", "head beside it", "values held",
    "year in the unit", "year in the passage", "another year in the unit", "no year asked",
    "name in the unit", "name in the passage", "no name asked",
    "is a question", "is torn", "length", "place in the passage",
    "words ahead of other units", "words ahead of other passages", "beside ahead of others",
    "number asked", "time asked", "duration asked", "person asked", "place asked", "whether asked",
    "region in the unit", "region not in the passage", "another region instead",
    "words asked", "likeness", "likeness ahead of others", "passages",
)  # fmt: skip


def read(asked: Asked, texts: Sequence[str]) -> tuple[list[Unit], Matrix]:
    """The units of all passages and what is seen of each, ``(units, features)``; likeness is left at 0."""
    found = [unit for number, text in enumerate(texts) for unit in _units(number, text)]
    if not found:
        return [], np.zeros((0, len(NAMES)), np.float32)
    folded = ["".join(u.said for u in found if u.passage == n) for n in range(len(texts))]
    whole = [_Passage(asked, text) for text in folded]
    rows = np.array([_row(asked, u, whole[u.passage]) for u in found], np.float32)
    _compare(found, rows, len(texts))
    return found, rows


@lru_cache(maxsize=256)
def _units(number: int, text: str) -> tuple[Unit, ...]:
    return tuple(units(number, text))


def column(name: str) -> int:
    return NAMES.index(name)


class _Passage:
    """What is seen of a passage as a whole."""

    __slots__ = ("elsewhere", "head", "missing", "name", "pairs", "region", "words", "years")

    def __init__(self, asked: Asked, text: str) -> None:
        holds = {w: held(w, text) for w in asked.words}
        self.words = sum(asked.words[w] * h for w, h in holds.items())
        self.missing = max((asked.words[w] * (1 - h) for w, h in holds.items()), default=1.0)
        self.pairs = _pairs_held(asked.bare, text)
        self.head = max((holds[h] for h in asked.heads), default=0.0)
        self.years = bool(asked.years & _years(text))
        self.name = _named(asked, text)
        self.region = all(any(n in text for n in names) for names in asked.regions)
        self.elsewhere = not self.region and bool(regions.asked(text[:TITLED]))


def _regions(asked: Asked, said: str, whole: _Passage) -> list[float]:
    here = [any(n in said for n in names) for names in asked.regions]
    return [float(bool(here) and all(here)), float(not whole.region), float(whole.elsewhere)]


def _years(text: str) -> set[str]:
    return years(text) | set(re.findall(r"(?<!\d)((?:19|20)\d{2})(?!\d)", text))


def held(word: str, text: str) -> float:
    """How much of a word a text holds: all, a synonym, or a share of its characters' pairs."""
    if word in text:
        return 1.0
    if any(other in text for other in alike(word)):
        return 0.9
    if len(word) < 3:
        return 0.0
    share = sum(word[i : i + 2] in text for i in range(len(word) - 1)) / (len(word) - 1)
    return 0.8 * share if share >= 0.5 else 0.0


def _named(asked: Asked, text: str) -> float:
    return sum(n in text for n in asked.named) / len(asked.named) if asked.named else 0.0


def _pairs_held(bare: str, text: str) -> float:
    pairs = [bare[i : i + 2] for i in range(len(bare) - 1)]
    return sum(p in text for p in pairs) / len(pairs) if pairs else 0.0


def _longest(bare: str, text: str) -> float:
    """The longest run of the question's characters that the text holds, as a share of them."""
    best = 0
    for start in range(len(bare)):
        while start + best < len(bare) and bare[start : start + best + 1] in text:
            best += 1
    return best / len(bare) if bare else 0.0


def _row(asked: Asked, unit: Unit, whole: _Passage) -> list[float]:
    said = unit.said
    holds = {w: held(w, said) for w in asked.words}
    in_unit = sum(asked.words[w] * h for w, h in holds.items())
    around = sum(asked.words[w] * max(h, held(w, unit.near)) for w, h in holds.items())
    missing = max((asked.words[w] * (1 - h) for w, h in holds.items()), default=1.0)
    head = max((holds[h] for h in asked.heads), default=0.0)
    at = places(asked, said)
    beside, head_beside = _beside(asked, said, at)
    own_years = _years(said)
    year = bool(asked.years & own_years)
    kind = asked.kind
    return [
        in_unit, around, whole.words, missing, whole.missing,
        _pairs_held(asked.bare, said), whole.pairs, _longest(asked.bare, said),
        head, whole.head, float(not asked.heads),
        float(bool(at)), float(exact(asked, said, at)), beside, head_beside, min(len(at), 6) / 6,
        float(year), float(whole.years), float(bool(asked.years and own_years and not year)), float(not asked.years),
        _named(asked, said), whole.name, float(not asked.named),
        float(said[-1:] in "？?"), float(said[-1:] not in "。！；;"), min(len(said), 120) / 80, 1 / (1 + unit.sentence),
        0.0, 0.0, 0.0,
        float(kind == "数字"), float(kind == "时间"), float(kind == "时长"), float(kind == "人物"),
        float(kind == "地点"), float(kind == "是否"),
        *_regions(asked, said, whole),
        min(len(asked.words), 12) / 6, 0.0, 0.0, 0.0,
    ]  # fmt: skip


def _beside(asked: Asked, said: str, at: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """The largest share of words, and whether a head, stands within NEAR characters of a value."""
    best = head = 0.0
    for a, b in at[:12]:
        around = said[max(0, a - NEAR) : a] + "\n" + said[b : b + NEAR]
        best = max(best, sum(w * held(t, around) for t, w in asked.words.items()))
        close = said[max(0, a - NEAR // 2) : a] + "\n" + said[b : b + NEAR // 2]
        head = max(head, max((held(h, close) for h in asked.heads), default=0.0))
    return best, head


def _compare(found: Sequence[Unit], rows: Matrix, passages: int) -> None:
    """How far each unit is ahead of the best other, its passage of the best other passage."""
    for name, ahead in (
        ("words in the unit", "words ahead of other units"),
        ("words beside it", "beside ahead of others"),
    ):
        rows[:, column(ahead)] = _lead(rows[:, column(name)])
    of = np.array([u.passage for u in found])
    words = rows[:, column("words in the passage")]
    for number in range(passages):
        mine, others = of == number, of != number
        if mine.any():
            rows[mine, column("words ahead of other passages")] = words[mine][0] - (
                words[others].max() if others.any() else 0.0
            )
    rows[:, column("passages")] = float(passages > 1)


def _lead(values: Matrix) -> Matrix:
    """Each value less the greatest of the others."""
    if len(values) < 2:
        return values.copy()
    first, second = np.sort(values)[-1], np.sort(values)[-2]
    found: Matrix = values - np.where(values == first, second, first)
    return found


def with_likeness(rows: Matrix, cosines: Matrix) -> Matrix:
    """The rows with how like each unit is to the question (cosines, ``(units,)``)."""
    rows = rows.copy()
    rows[:, column("likeness")] = cosines
    rows[:, column("likeness ahead of others")] = _lead(cosines)
    return rows
