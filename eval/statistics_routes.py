"""The addresses of the statistics page: the page, and each of its tables as a CSV file."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from corpus.errors import UserError
from corpus.store import Store
from corpus.web.masthead import Offered, masthead
from corpus.web.plain_page import HEADERS, page
from eval import statistics_page
from eval.statistics import TAKEN_AWAY, Period, Statistics, period

_HERE = "/statistics/"
#: Rows of a table, the head first.
Table = Iterable[Sequence[object]]
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NAMES = {
    "days": "每天提问",
    "often": "问得最多的",
    "topics": "没有答上来的话题",
    "cited": "引用最多的文件",
    "corpus": "资料库构成",
    "questions": "提问记录",
}


def routes(store: Store, offered: Offered) -> list[Route]:
    """The page at /statistics/ and its tables below it; ``offered`` is what the head of the page offers."""
    statistics, tables = Statistics(store), Tables(store)

    def shown(request: Request) -> Response:
        today, problem = date.today(), ""
        try:
            chosen = period(request.query_params, today)
        except UserError as error:
            chosen, problem = period({}, today), f"{error.message}{error.hint}"
        body = statistics_page.page(statistics.figures(chosen, today), today, problem=problem)
        head = masthead(offered, _HERE, request.scope.get("person"), alone=not store.people.exist())
        whole = page("统计", body, here=_HERE, head=head, sheet="statistics.css")
        return HTMLResponse(whole, 400 if problem else 200, headers=HEADERS)

    def table(request: Request) -> Response:
        chosen = request.path_params["table"]
        if chosen not in _NAMES:
            return PlainTextResponse("没有这张表。", 404)
        try:
            within = period(request.query_params, date.today())
        except UserError as error:
            return PlainTextResponse(f"{error.message}{error.hint}", 400)
        file = quote(f"{_NAMES[chosen]}.csv")
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{file}", "cache-control": "no-store"}
        rows = _written(getattr(tables, chosen)(within))
        return StreamingResponse(rows, media_type="text/csv", headers=headers)

    return [
        Route("/statistics", lambda _: RedirectResponse("statistics/"), methods=["GET"]),
        Route(_HERE, shown, methods=["GET"]),
        Route(f"{_HERE}statistics.css", _sheet, methods=["GET"]),
        Route(f"{_HERE}{{table}}.csv", table, methods=["GET"]),
    ]


def _sheet(_: Request) -> Response:
    return Response(statistics_page.CSS, media_type="text/css", headers={"cache-control": "no-cache"})


class Tables:
    """统计表: each method gives the rows of one table, its head first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._statistics = Statistics(store)

    def days(self, within: Period) -> Table:
        """A row for each day on which something was asked."""
        yield "日期", "提问", "已回答", "拒答", "其他", "用时中位（秒）", "用时95%不超过（秒）"
        for span in self._store.asked.spans(*_bounds(within))[1]:
            yield (
                span.begins,
                span.asked,
                span.answered,
                span.refused,
                span.other,
                *("" if s is None else f"{s:.3f}" for s in (span.median, span.p95)),
            )

    def often(self, within: Period) -> Table:
        """Questions, the most often asked first."""
        yield "问题", "次数", "最近一次", "最近的结果"
        yield from self._store.asked.often(*_bounds(within), limit=TAKEN_AWAY)

    def topics(self, within: Period) -> Table:
        """Refused questions with the topic that they are on."""
        yield "话题", "话题次数", "问题", "次数", "最近一次"
        for topic in self._statistics.topics(within):
            for one in topic.questions:
                yield topic.questions[0].question, topic.times, one.question, one.times, one.last

    def cited(self, within: Period) -> Table:
        """Documents, the most often cited first."""
        yield "文件", "引用次数"
        yield from self._statistics.cited(within, TAKEN_AWAY)

    def corpus(self, within: Period) -> Table:
        """The corpus today by each aspect; the period does not matter."""
        yield "统计项", "类别", "篇数"
        aspects = self._statistics.corpus(date.today())
        for aspect, (name, _) in statistics_page.ASPECTS.items():
            yield from ((name, part, articles) for part, articles in aspects[aspect])

    def questions(self, within: Period) -> Table:
        """Every question, oldest first; with names only where they are kept."""
        named = self._store.asked.names_kept
        sources = {source.id: source.name for source in self._store.sources()}
        yield "时间", "问题", "结果", "类型", "用时（秒）", "引用的文件", *(["提问人"] if named else [])
        for one in self._store.asked.entries(*_bounds(within)):
            cited = "；".join(sources.get(id_, "（已不在资料库中）") for id_ in one.sources)
            row = (one.at, one.question, one.outcome, one.category, f"{one.seconds:.3f}", cited)
            yield *row, *([one.who] if named else [])


def _bounds(within: Period) -> tuple[str, str]:
    return within.first.isoformat(), within.last.isoformat()


def _written(table: Table) -> Iterator[str]:
    """The rows as CSV with a mark at the front that tells Excel it is UTF-8; no cell is a formula."""
    yield "\ufeff"
    for row in table:
        line = io.StringIO()
        csv.writer(line).writerow([_plain(cell) for cell in row])
        yield line.getvalue()


def _plain(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
