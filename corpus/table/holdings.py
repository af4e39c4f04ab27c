"""The table of the whole corpus: every article with its file, sorted, filtered and counted.

Held in memory by columns, not asked of SQLite: with 50,000 articles a page with its counts takes
some 10 ms here and 400 there, an index on each column, and how a document stands today is no
column of the catalogue. What any process changed is read when the table is next looked at.
Withdrawn files are rows too. Nothing here writes.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from corpus.catalogue import Catalogue
from corpus.errors import UserError
from corpus.rows import days
from corpus.table.columns import Columns, Key, Mask, by_sound
from corpus.table.held_rows import STATES, AtHand, Held, Row, folded, of_file, read_files
from corpus.types import KINDS, STATUSES, Article, Status, Trust
from corpus.versions import standing
from corpus.versions.archive import Archive
from corpus.versions.links import Links

TRUSTS: tuple[Trust, ...] = ("可信", "存疑", "差")
#: Columns of which one chooses values, and of which the values are counted.
CHOSEN = ("kind", "issuer", "region", "year", "status", "trust", "state", "received_by")
#: Columns that are searched for a part of their text; the first four together by ``Query.text``.
CONTAINED = ("title", "name", "number", "issuer", "received_by")
DATES = ("published_on", "effective_on", "received_at")
NUMBERS = ("quality", "warnings", "pages")
#: Values counted of one column, the most frequent; a list of more helps nobody choose.
COUNTED = 300
#: With more changed files than this all are read anew.
_ONE_BY_ONE = 500
_DAY = re.compile(r"\d{4}(-\d{1,2}){0,2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """筛选: which rows, and in what order.

    ``text``: each of its words stands in the title, file name, number or issuer. ``contains``:
    column → a part of its text; ``chosen``: column → values, of which one; ``between``: column →
    least and greatest, each ``""`` for none (dates of any precision, numbers). Width, case, white
    space and the shape of brackets do not count.
    """

    text: str = ""
    contains: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    between: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    sort: str = "received_at"
    descending: bool = True

    def __post_init__(self) -> None:
        """Raises ``UserError`` for a column that is not there."""
        asked = [(self.contains, CONTAINED), (self.chosen, CHOSEN), (self.between, DATES + NUMBERS)]
        wrong = [name for given, known in asked for name in given if name not in known]
        wrong += [] if self.sort in Row._fields else [self.sort]
        if wrong:
            raise UserError(
                f"资料表里没有“{wrong[0][:40]}”这一栏，或者这一栏不能这样筛选。", "请刷新页面再试。"
            )


class Page(NamedTuple):
    """一页: some of the rows that were asked for.

    ``total`` rows in ``files`` files pass the query, of ``held`` rows in all. ``counts``: column →
    (value, rows) as they would be without the condition on that column, so that one can see what
    else there is to choose. ``stamp`` changes whenever any row may have changed.
    """

    rows: list[Row]
    total: int
    files: int
    held: int
    counts: dict[str, list[tuple[str, int]]]
    stamp: str


EVERYTHING = Query()


class Holdings:
    """The table over one catalogue. Safe to share between threads."""

    def __init__(self, catalogue: Catalogue, archive: Archive, links: Links) -> None:
        self._catalogue, self._archive, self._links = catalogue, archive, links
        self._updating = threading.Lock()
        self._files: dict[str, list[Held]] = {}
        self._withdrawn: dict[str, list[Held]] = {}
        self._revision = 0
        #: Article id → how it stands, on the day and with the links for which that was told.
        self._statuses: dict[str, Status] = {}
        self._told_for = ("", 0)
        self._rows: dict[str, tuple[Held, Row]] = {}
        self._copies: dict[str, list[str]] = {}
        #: Ids of articles that changed since the standings were told.
        self._changed: set[str] = set()
        self._table: _Table | None = None
        self._register: tuple[standing.Register | None, Callable[[str], Article | None]] = (
            None,
            lambda _: None,
        )

    def follow(self) -> None:
        """Read now what the next look at the table would have to wait for (50,000 articles: a second or two)."""
        self.page(Query(sort="title"), limit=0)

    def page(
        self,
        query: Query = EVERYTHING,
        *,
        offset: int = 0,
        limit: int = 100,
        counts: bool = True,
        day: str = "",
    ) -> Page:
        """``limit`` rows from the ``offset``-th on; ``day`` (ISO) is today by default.

        Raises ``UserError`` where the query compares with what is no date or no number.
        """
        table = self._current(day)
        masks = table.masks(query)
        passing = _all(masks.values(), table.columns)
        order = table.ordered(query, passing)
        files = sum(1 for n in table.columns.counts("source_id", passing).values() if n)
        found = table.counts(masks) if counts else {}
        rows = [table.rows[at] for at in order[offset : offset + limit].tolist()]
        return Page(rows, len(order), files, table.columns.length, found, table.stamp)

    def rows(self, query: Query = EVERYTHING, *, day: str = "") -> list[Row]:
        """All rows that pass, in order. Raises ``UserError`` as ``page``."""
        table = self._current(day)
        passing = _all(table.masks(query).values(), table.columns)
        return [table.rows[at] for at in table.ordered(query, passing).tolist()]

    def chosen(self, ids: Sequence[str]) -> list[Row]:
        """Those of the rows with these ids that there are, in the table's order."""
        wanted = set(ids)
        return [row for row in self._current("").rows if row.id in wanted]

    def note(self, article_id: str, *, day: str = "") -> str:
        """A sentence on why an article does not hold, or what will replace it; ``""`` where there is none to say."""
        day = day or date.today().isoformat()
        self._current(day)
        register, article = self._register
        found = article(article_id)
        return register.note(found, day) if register and found else ""

    def _current(self, day: str) -> "_Table":
        """The table as it is now."""
        day = day or date.today().isoformat()
        with self._updating, self._catalogue.snapshot():
            stamp = self._stamp(day)
            if self._table is None or self._table.stamp != stamp:
                self._read()
                self._table = self._made(day, stamp)
            return self._table

    def _stamp(self, day: str) -> str:
        withdrawn = self._catalogue.connection().execute(
            "SELECT count(*), total(id) FROM archive INDEXED BY archive_withdrawn WHERE state = '撤下'"
        )
        count, ids = withdrawn.fetchone()
        return f"{self._catalogue.revision}-{self._links.version}-{count}-{ids:.0f}-{day}"

    def _read(self) -> None:
        """Read what was written since; of documents that it may bear on, how they stand is forgotten."""
        revision = self._catalogue.revision
        changed = [str(number) for number in self._catalogue.changed_since(self._revision)]
        anew = not self._revision or len(changed) > _ONE_BY_ONE
        if anew:
            self._files, self._statuses, self._rows = {}, {}, {}
        before = [one for id_ in changed for one in self._files.pop(id_, ())]
        read = read_files(self._catalogue, None if anew else changed)
        self._files |= read
        if not anew:
            self._forget_statuses([*before, *(one for rows in read.values() for one in rows)])
        self._read_withdrawn()
        self._revision = revision

    def _forget_statuses(self, changed: Sequence[Held]) -> None:
        for one in changed:
            self._statuses.pop(one.article.id, None)
            self._rows.pop(one.article.id, None)
            self._changed.add(one.article.id)
        names = frozenset().union(*(one.names for one in changed))
        for rows in self._files.values():
            for one in rows:
                if not names.isdisjoint(one.names):
                    self._statuses.pop(one.article.id, None)

    def _read_withdrawn(self) -> None:
        held = {version.id: version for version in self._archive.withdrawn()}
        self._withdrawn = {id_: rows for id_, rows in self._withdrawn.items() if id_ in held}
        for id_ in held.keys() - self._withdrawn.keys():
            articles = [replace(article, text="") for article in self._archive.content(id_)[0]]
            self._withdrawn[id_] = of_file(held[id_].source, articles, "已撤下")

    def _made(self, day: str, stamp: str) -> "_Table":
        live = [one for rows in self._files.values() for one in rows]
        self._follow_statuses(live, day)
        placed = [(one, self._row(one, self._statuses[one.article.id])) for one in live]
        placed += [(one, one.row(one.article.status)) for rows in self._withdrawn.values() for one in rows]
        return _Table(sorted(placed, key=_place), stamp)

    def _row(self, one: Held, status: Status) -> Row:
        """The row of an article, made anew only where something in it changed."""
        known = self._rows.get(one.article.id)
        if known is None or known[0] is not one or known[1].status != status:
            known = self._rows[one.article.id] = (one, one.row(status))
        return known[1]

    def _follow_statuses(self, live: Sequence[Held], day: str) -> None:
        """How each document stands, where that is not known yet."""
        read = AtHand(self._catalogue, self._links, [one.article for one in live])
        told_for = (day, read.links.version)
        if told_for != self._told_for:
            self._statuses, self._told_for = {}, told_for
        for id_ in read.copies.keys() | self._copies.keys():
            if read.copies.get(id_) != self._copies.get(id_):
                self._statuses.pop(id_, None)
        self._forget_linked(read)
        self._copies = read.copies
        register = standing.Register(read)
        self._register = (register, read.article)
        for one in live:
            if one.article.id not in self._statuses:
                self._statuses[one.article.id] = register.of(one.article, day).status

    def _forget_linked(self, read: AtHand) -> None:
        """What is linked with something that changed, or with a copy of it, is told anew."""

        def copies(id_: str) -> set[str]:
            return {id_, *self._copies.get(id_, ()), *read.copies.get(id_, ())}

        touched = set().union(*map(copies, self._changed))
        for link in read.links.all() if touched else ():
            ends = copies(link.newer) | copies(link.older)
            for id_ in ends if not touched.isdisjoint(ends) else ():
                self._statuses.pop(id_, None)
        self._changed = set()


class _Table:
    """The rows of one moment and day, oldest file first, with the columns that are searched."""

    def __init__(self, placed: Sequence[tuple[Held, Row]], stamp: str) -> None:
        self.stamp = stamp
        self.rows = [row for _, row in placed]
        names = (*Row._fields, *(f"{name} folded" for name in (*CONTAINED, "all")))
        values = (*zip(*self.rows, strict=True), *zip(*(held.folded for held, _ in placed), strict=True))
        columns: dict[str, Sequence[Any]] = dict(zip(names, values or [()] * len(names), strict=True))
        columns["year"] = [day[:4] for day in columns["published_on"]]
        columns["arrived"] = [(held.source.received_at, held.place[0]) for held, _ in placed]
        columns["received"] = [moment[:10] for moment in columns["received_at"]]
        self.columns = Columns(columns)

    def masks(self, query: Query) -> dict[str, Mask]:
        """What each condition lets pass, by the column it is on (``""``: the words of all)."""
        columns = self.columns
        masks: dict[str, list[Mask]] = {}
        if words := [folded(word) for word in query.text.split()]:
            masks[""] = [columns.containing("all folded", words)]
        for name, part in query.contains.items():
            masks.setdefault(name, []).append(columns.containing(f"{name} folded", [folded(part)]))
        for name, values in query.chosen.items():
            masks.setdefault(name, []).append(columns.among(name, values))
        for name, (low, high) in query.between.items():
            masks.setdefault(name, []).append(self._between(name, low, high))
        return {name: _all(of_one, columns) for name, of_one in masks.items()}

    def _between(self, name: str, low: str, high: str) -> Mask:
        if name in NUMBERS:
            return self.columns.between(name, _number(low), _number(high))
        column = "received" if name == "received_at" else name
        return self.columns.within(column, _day(low)[0], _day(high)[1], _held_days)

    def counts(self, masks: Mapping[str, Mask]) -> dict[str, list[tuple[str, int]]]:
        """See ``Page.counts``."""
        found = {}
        for name in CHOSEN:
            others = _all((mask for on, mask in masks.items() if on != name), self.columns)
            counted = list(self.columns.counts(name, others).items())
            found[name] = sorted(counted, key=_offered(name))[:COUNTED]
        return found

    def ordered(self, query: Query, passing: Mask) -> Any:
        column = "arrived" if query.sort == "received_at" else query.sort
        key = _SORTED.get(column, _as_it_is)
        return self.columns.sorted(column, passing, key=key, descending=query.descending)


def _place(placed: tuple[Held, Row]) -> tuple[int, int]:
    return placed[0].place


def _as_it_is(value: Any) -> Any:
    return value


def _listed(values: Sequence[str]) -> Key:
    places = {value: place for place, value in enumerate(values)}
    return lambda value: places.get(value, len(places))


_SORTED: dict[str, Key] = dict.fromkeys(
    ("title", "name", "issuer", "number", "region", "received_by"), by_sound
)
_SORTED |= {
    "kind": _listed(KINDS),
    "status": _listed(STATUSES),
    "trust": _listed(TRUSTS),
    "state": _listed(STATES),
}


def _offered(name: str) -> Any:
    """Sorts the counted values of a column as they are offered: in their own order, or the most frequent first."""
    if name == "year":
        return lambda counted: "-" if not counted[0] else "".join(chr(0x7F - ord(c)) for c in counted[0])
    if name in ("kind", "status", "trust", "state"):
        return lambda counted: _SORTED[name](counted[0])
    return lambda counted: (-counted[1], counted[0])


def _all(masks: Iterable[Mask], columns: Columns) -> Mask:
    passing = columns.everything()
    for mask in masks:
        passing &= mask
    return passing


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise UserError(f"“{text[:20]}”不是数字。", "请填写数字，例如 0.8。") from None


def _held_days(text: str) -> tuple[int, int]:
    """The first and last day that a document's date may mean, (0, 0) where it is none."""
    return days(text) if len(text) <= len("2024-05-01") else (0, 0)


def _day(text: str) -> tuple[int, int]:
    """The first and last day that is meant, (0, 0) where nothing is. Raises ``UserError``."""
    if text and not _DAY.fullmatch(text):
        raise UserError(f"“{text[:20]}”不是日期。", "请写成 2024、2024-05 或 2024-05-01。")
    return days(text) if text else (0, 0)
