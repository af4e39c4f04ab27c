"""The questions that were asked, kept for a while and without names, for statistics.

The text is masked before it comes here (``assistant.asked``); who asked is kept only where the
administrator has turned that on. What is older than the retention time goes at the next writing.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from corpus.catalogue import Catalogue
from corpus.database import BRIEFLY_S, now
from corpus.errors import UserError

#: Settings in the catalogue: whether names are kept ("1"), and for how many days questions are.
NAMES, DAYS = "question_names", "question_days"
DEFAULT_DAYS, LONGEST_DAYS = 180, 3650
#: What became of a question beside ``assistant.types.Outcome``: the program failed.
BROKEN = "出错"
ANSWERED, REFUSED = ("已回答", "存在冲突"), ("依据不足",)
_TIMED = frozenset((*ANSWERED, *REFUSED))
Unit = Literal["day", "week", "month"]
_BEGINS: dict[str, str] = {
    "day": "substr(at, 1, 10)",
    "week": "date(substr(at, 1, 10), 'weekday 0', '-6 days')",
    "month": "substr(at, 1, 7) || '-01'",
}
_COLUMNS = ("at", "who", "question", "outcome", "category", "seconds", "sources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """问过的问题: one question without the name of who asked (``who`` is "" unless names are kept).

    ``at`` is ISO 8601 with an offset, ``seconds`` what the answer took, ``sources`` the ids of the
    sources it cites.
    """

    at: str
    who: str = ""
    question: str
    outcome: str
    category: str = ""
    seconds: float = 0.0
    sources: tuple[str, ...] = ()


class Span(NamedTuple):
    """一段时间: how many questions became what, and how long answers took (seconds; None without any).

    ``begins`` is the ISO day on which the day, the week or the month begins.
    """

    begins: str
    answered: int
    refused: int
    other: int
    median: float | None
    p95: float | None

    @property
    def asked(self) -> int:
        """All questions."""
        return self.answered + self.refused + self.other


class Often(NamedTuple):
    """常问: a question as it was last worded, how often it was asked, when last, with what outcome."""

    question: str
    times: int
    last: str
    outcome: str


class QuestionLog:
    """The table of questions, over one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def names_kept(self) -> bool:
        """Whether it is kept who asked."""
        return self._catalogue.setting(NAMES) == "1"

    @property
    def days_kept(self) -> int:
        """For how many days a question is kept, at least 1."""
        given = self._catalogue.setting(DAYS) or ""
        return max(1, int(given)) if given.isdecimal() else DEFAULT_DAYS

    def keep(self, *, names: bool, days: int, who: str) -> None:
        """Whether names are kept from now on, and for how many days (1 to 3650) questions are.

        What is to be kept no longer goes at once. Raises ``UserError`` for another number of days.
        """
        if not 1 <= days <= LONGEST_DAYS:
            raise UserError("保留天数不合适。", f"请填 1 到 {LONGEST_DAYS} 之间的整数。")
        before = self._kept()
        oldest = date.fromisoformat(now()[:10]) - timedelta(days=days)
        with self._catalogue.transaction() as connection:
            self._catalogue.set_setting(NAMES, "1" if names else "")
            self._catalogue.set_setting(DAYS, str(days))
            connection.execute("DELETE FROM asked WHERE at < ?", (oldest.isoformat(),))
            if not names:
                connection.execute("UPDATE asked SET who = '' WHERE who <> ''")
            self._catalogue.log(who, "更改设置", "提问记录", before=before, after=self._kept())

    def _kept(self) -> str:
        return f"{'记名' if self.names_kept else '不记名'}，保留 {self.days_kept} 天"

    def add(
        self,
        *,
        question: str,
        outcome: str,
        category: str = "",
        seconds: float = 0.0,
        sources: Sequence[str] = (),
        who: str = "",
    ) -> None:
        """Keep a question, delete those whose time is over, and names where they are no longer kept."""
        at = now()
        oldest = date.fromisoformat(at[:10]) - timedelta(days=self.days_kept)
        names = self.names_kept
        listed = json.dumps(list(dict.fromkeys(sources)), separators=(",", ":"))
        with self._catalogue.transaction(wait_s=BRIEFLY_S) as connection:
            connection.execute("DELETE FROM asked WHERE at < ?", (oldest.isoformat(),))
            if not names:
                connection.execute("UPDATE asked SET who = '' WHERE who <> ''")
            connection.execute(
                "INSERT INTO asked (at, who, question, bare, outcome, category, seconds, sources)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    at,
                    who if names else "",
                    question,
                    _bare(question),
                    outcome,
                    category,
                    round(seconds, 4),
                    listed,
                ),
            )

    def count(self, first: str = "", last: str = "") -> int:
        """How many questions there are from one ISO day to another, both included; empty: no bound."""
        return int(self._rows("SELECT count(*) FROM asked WHERE {period}", first, last)[0][0])

    def entries(self, first: str = "", last: str = "") -> Iterator[Asked]:
        """The questions of a period, oldest first, one at a time."""
        sql, parameters = _within(
            f"SELECT {', '.join(_COLUMNS)} FROM asked WHERE {{period}} ORDER BY at, id",  # noqa: S608 - constants
            first,
            last,
        )
        for row in self._catalogue.connection().execute(sql, parameters):
            fields = dict(zip(_COLUMNS, row, strict=True))
            yield Asked(**{**fields, "sources": tuple(json.loads(fields["sources"]))})

    def spans(self, first: str = "", last: str = "", *, each: Unit = "day") -> tuple[Span, list[Span]]:
        """A whole period, and its days, weeks or months in which something was asked, in order."""
        rows = self._rows(
            f"SELECT {_BEGINS[each]}, outcome, seconds FROM asked WHERE {{period}}",  # noqa: S608 - constants
            first,
            last,
        )
        parts: dict[str, list[tuple[str, float]]] = {}
        for begins, outcome, seconds in rows:
            parts.setdefault(begins, []).append((outcome, seconds))
        whole = [row for part in parts.values() for row in part]
        return _span(first, whole), [_span(begins, parts[begins]) for begins in sorted(parts)]

    def bounds(self) -> tuple[str, str]:
        """The ISO days of the first and the last question; ``("", "")`` without any."""
        first, last = self._rows("SELECT min(at), max(at) FROM asked WHERE {period}", "", "")[0]
        return (first or "")[:10], (last or "")[:10]

    def often(
        self, first: str = "", last: str = "", *, outcomes: Sequence[str] = (), limit: int = 20
    ) -> list[Often]:
        """The questions asked most, worded alike but for white space and punctuation counted as one."""
        chosen = f"outcome IN ({', '.join('?' * len(outcomes))})" if outcomes else "1"
        rows = self._rows(
            "SELECT question, count(*), max(at), outcome FROM asked"  # noqa: S608 - marks only
            f" WHERE {{period}} AND {chosen} GROUP BY bare ORDER BY 2 DESC, 3 DESC LIMIT ?",
            first,
            last,
            (*outcomes, limit),
        )
        return [Often(*row) for row in rows]

    def cited(self, first: str = "", last: str = "", *, limit: int = 20) -> list[tuple[str, int]]:
        """``(source id, answers that cite it)``, the most cited first; also of sources that are gone."""
        rows = self._rows(
            "SELECT e.value, count(*) FROM asked, json_each(sources) e WHERE {period}"
            " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
            first,
            last,
            (limit,),
        )
        return [(str(source), n) for source, n in rows]

    def _rows(self, sql: str, first: str, last: str, more: Sequence[Any] = ()) -> list[Any]:
        within, parameters = _within(sql, first, last)
        return self._catalogue.connection().execute(within, (*parameters, *more)).fetchall()


def _within(sql: str, first: str, last: str) -> tuple[str, list[str]]:
    """The statement with its period, and the period's parameters; a day's end sorts before ``day~``."""
    bounds = [("at >= ?", first), ("at < ?", last and f"{last}~")]
    kept = [(clause, value) for clause, value in bounds if value]
    return sql.format(period=" AND ".join(["1", *(c for c, _ in kept)])), [v for _, v in kept]


def _span(begins: str, rows: Sequence[tuple[str, float]]) -> Span:
    """What greeted, or failed, says nothing of how long answers take."""
    outcomes = Counter(outcome for outcome, _ in rows)
    answered, refused = (sum(outcomes[kind] for kind in kinds) for kinds in (ANSWERED, REFUSED))
    times = sorted(seconds for outcome, seconds in rows if outcome in _TIMED)
    other = len(rows) - answered - refused
    return Span(begins, answered, refused, other, percentile(times, 0.5), percentile(times, 0.95))


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest of the ascending values that ``share`` of them do not exceed (nearest rank); None of none."""
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else None


def _bare(question: str) -> str:
    return "".join(c for c in question.casefold() if c.isalnum())
