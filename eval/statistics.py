"""What the statistics page tells, as numbers: a period, its questions, topics nobody got an answer to."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from corpus.errors import UserError
from corpus.records.question_log import REFUSED, Often, Span, Unit
from corpus.store import Store
from corpus.table.holdings import Query, Row

#: Periods to choose from, in days.
PERIODS = (7, 30, 90, 365)
USUAL_DAYS = 30
#: Rows of a list that one looks at; the table to take away holds more.
SHOWN, TAKEN_AWAY = 12, 1000
#: Different wordings of refused questions that are put into groups.
GROUPED = 400
#: Questions are on one topic from this cosine on, or where they share this part of their words' rarity
#: (weighted Jaccard).
ALIKE, SHARED = 0.66, 0.5
#: Parts of the corpus that a chart shows; what is left is one part more.
PARTS = 12
#: What articles are called that do not say.
UNKNOWN = "未注明"
_LIVE = Query(chosen={"state": ["已发布"]}, sort="id")
_MONDAY = 0


class Period(NamedTuple):
    """时段: from one day to another, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def unit(self) -> Unit:
        """What one column of a chart stands for."""
        return "day" if self.days <= 62 else "week" if self.days <= 400 else "month"


class Topic(NamedTuple):
    """话题: refused questions on one matter, the most often asked first, and how often they were asked."""

    questions: tuple[Often, ...]
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """统计数字: all that the page shows of a period, and of the corpus today.

    ``spans`` has every day, week or month of the period, also those without questions; ``cited``
    names documents; ``corpus`` maps an aspect to ``(name, articles)``.
    """

    period: Period
    whole: Span
    spans: Sequence[Span]
    often: Sequence[Often]
    topics: Sequence[Topic]
    cited: Sequence[tuple[str, int]]
    corpus: Mapping[str, Sequence[tuple[str, int]]]
    sources: int = 0
    articles: int = 0
    days_kept: int = 0
    names_kept: bool = False
    log_from: str = ""
    notes: Sequence[str] = field(default=())


def period(given: Mapping[str, str], today: date) -> Period:
    """The period that an address asks for: ``days``, or ``from`` and ``to`` (ISO days).

    Raises UserError for what is no period.
    """
    try:
        if given.get("from") or given.get("to"):
            last = date.fromisoformat(given.get("to") or today.isoformat())
            first = date.fromisoformat(given.get("from") or (last - timedelta(USUAL_DAYS - 1)).isoformat())
        else:
            last, days = today, int(given.get("days") or USUAL_DAYS)
            first = today - timedelta(days=days - 1)
    except (ValueError, OverflowError):
        raise UserError("这个时段看不懂。", "请重新选择起止日期。") from None
    if first > last or first.year < 2000 or last.year > today.year + 1:
        raise UserError("这个时段不对。", "起始日期应不晚于截止日期，且在 2000 年以后。")
    return Period(first, last)


class Statistics:
    """统计: over one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def figures(self, period: Period, today: date) -> Figures:
        """All that is shown of a period."""
        asked, bounds = self._store.asked, (period.first.isoformat(), period.last.isoformat())
        whole, spans = asked.spans(*bounds, each=period.unit)
        counts = self._store.counts()
        return Figures(
            period=period,
            whole=whole,
            spans=_filled(spans, period),
            often=asked.often(*bounds, limit=SHOWN),
            topics=self.topics(period)[:SHOWN],
            cited=self.cited(period, SHOWN),
            corpus=self.corpus(today),
            sources=counts.sources,
            articles=counts.articles,
            days_kept=asked.days_kept,
            names_kept=asked.names_kept,
            log_from=asked.bounds()[0],
        )

    def topics(self, period: Period) -> list[Topic]:
        """The refused questions of a period in groups of one matter each, the most asked first."""
        bounds = (period.first.isoformat(), period.last.isoformat())
        asked = self._store.asked.often(*bounds, outcomes=REFUSED, limit=GROUPED)
        groups = [[asked[n] for n in group] for group in self._alike([one.question for one in asked])]
        made = [Topic(tuple(group), sum(one.times for one in group)) for group in groups]
        return sorted(made, key=lambda topic: -topic.times)

    def _alike(self, questions: Sequence[str]) -> list[list[int]]:
        """Indexes in groups: each question with the first one before it that is like it, else by itself."""
        if not questions:
            return []
        alike = self._on_one_topic(questions)
        groups: dict[int, list[int]] = {}
        for n in range(len(questions)):
            first = next((leader for leader in groups if alike[n, leader]), n)
            groups.setdefault(first, []).append(n)
        return list(groups.values())

    def _on_one_topic(self, questions: Sequence[str]) -> np.ndarray:
        """bool ``(n, n)``: whether two questions mean nearly the same, or share most of their rare words."""
        words = [set(self._store.words(text)) for text in questions]
        weights = self._store.word_weights(sorted(set().union(*words)))
        place = {word: n for n, word in enumerate(weights)}
        held = np.zeros((len(questions), max(1, len(weights))))
        for row, each in zip(held, words, strict=True):
            row[[place[word] for word in each]] = [weights[word] ** 0.5 for word in each]
        both, own = held @ held.T, (held**2).sum(1)
        alike: np.ndarray = both >= SHARED * np.maximum(own[:, None] + own[None, :] - both, 1e-9)
        try:
            vectors = self._store.encode(list(questions), prompt="query")
        except UserError:  # no encoder, or another: words alone decide
            return alike
        return alike | (vectors @ vectors.T >= ALIKE)

    def cited(self, period: Period, limit: int) -> list[tuple[str, int]]:
        """``(document, answers that cite it)``; what is gone from the corpus is one row, the last."""
        bounds = (period.first.isoformat(), period.last.isoformat())
        counted: Counter[str] = Counter()
        for source_id, times in self._store.asked.cited(*bounds, limit=limit):
            source = self._store.source(source_id)
            counted[source.name if source else ""] += times
        gone = counted.pop("", 0)
        return [*counted.most_common(), *([("（已不在资料库中的文件）", gone)] if gone else [])]

    def corpus(self, today: date) -> dict[str, list[tuple[str, int]]]:
        """Aspect → ``(name, articles)``, the greatest first; years in their order. As it stands that day."""
        rows = self._store.holdings.rows(_LIVE, day=today.isoformat())
        articles = [row for row in rows if not row.id.endswith("/0")]  # a file without articles is a row, too
        made = {
            aspect: _counted(articles, aspect) for aspect in ("kind", "status", "issuer", "region", "trust")
        }
        years = Counter(row.published_on[:4] or UNKNOWN for row in articles)
        return made | {"year": sorted(years.items())}


def _counted(rows: Sequence[Row], aspect: str) -> list[tuple[str, int]]:
    counted = Counter(getattr(row, aspect) or UNKNOWN for row in rows)
    return sorted(counted.items(), key=lambda part: (-part[1], part[0]))


def shortened(parts: Sequence[tuple[str, int]], most: int = PARTS) -> list[tuple[str, int]]:
    """The greatest parts, and what is left as one part more."""
    if len(parts) <= most:
        return list(parts)
    rest = parts[most - 1 :]
    return [*parts[: most - 1], (f"其余 {len(rest)} 项", sum(n for _, n in rest))]


def _none(begins: str) -> Span:
    return Span(begins, 0, 0, 0, None, None)


def _filled(spans: Sequence[Span], period: Period) -> list[Span]:
    """The spans with those between them on which nothing was asked."""
    held = {span.begins: span for span in spans}
    return [held.get(day, _none(day)) for day in _begins(period)]


def _begins(period: Period) -> Iterator[str]:
    """The days on which the units of a period begin; the first may begin before it."""
    day = period.first
    if period.unit == "week":
        day -= timedelta(days=day.weekday() - _MONDAY)
    elif period.unit == "month":
        day = day.replace(day=1)
    while day <= period.last:
        yield day.isoformat()
        day = _next(day, period.unit)


def _next(day: date, unit: Unit) -> date:
    if unit == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=7 if unit == "week" else 1)
