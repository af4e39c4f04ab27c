"""Newspaper pages of an invented city, set line by line, with the truth about their articles.

``sheet(kind, order, seed)`` sets one page: where each line of type stands, what it belongs
to, and in which order it is drawn. ``printing`` makes PDFs of it. Every text is put
together from the templates in ``data/newspaper.json``; none is taken from a real paper.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

TEXTS: dict = json.loads((Path(__file__).parent / "data" / "newspaper.json").read_text("utf-8"))
ORDERS = ("order", "shuffled", "rows")
_NO_START = "，。、；：！？”）》"


class Mark(NamedTuple):
    """Type on the page: a line (or an upright one), its top left corner and size in points.

    ``width``: what it is spread over, 0 where set solid. ``block`` numbers what is drawn
    together; ``role`` is ``body``, ``title``, ``head`` or ``furniture``.
    """

    x: float
    y: float
    size: float
    text: str
    width: float = 0.0
    upright: bool = False
    block: int = 0
    role: str = "body"


class Area(NamedTuple):
    """A rectangle on the page, in points from its top left corner; as a frame, a rule where it has no width."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(slots=True)
class Story:
    """One article as it should come out: ``lines`` is its body, line by line as set."""

    topic: str
    kicker: str
    title: str
    subtitle: str
    label: str = ""
    authors: tuple[str, ...] = ()
    byline: str = ""
    lines: list[str] = field(default_factory=list)
    told: Iterator[str] = field(default_factory=lambda: iter(()))


@dataclass(slots=True)
class Sheet:
    """One printed page: its type, rules and pictures, and its truth."""

    name: str
    width: float
    height: float
    marks: list[Mark] = field(default_factory=list)
    frames: list[Area] = field(default_factory=list)
    pictures: list[Area] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)


class Compositor:
    """排版员: sets stories into areas of one sheet; all chance comes from one seed."""

    def __init__(self, sheet: Sheet, seed: int) -> None:
        self.sheet = sheet
        self.dice = random.Random(seed)
        self.size = self.dice.choice([9.0, 9.5, 10.0])
        self.pitch = self.size * self.dice.choice([1.35, 1.45, 1.55])
        self.gutter = self.size * self.dice.choice([1.3, 1.6, 2.0])
        self._topics = self.dice.sample(list(TEXTS["topics"]), len(TEXTS["topics"]))
        self._names = self.dice.sample(TEXTS["names"], len(TEXTS["names"]))
        self._block = 0

    # ── words ──────────────────────────────────────────────────────────────────────────

    def story(self, *, label: bool = False, byline: str = "") -> Story:
        """A story on a topic of its own; ``byline``: "", reporter, writer, pair, office or dateline."""
        topic = self._topics.pop()
        kicker, title, subtitle = self.dice.choice(TEXTS["topics"][topic]["titles"])
        story = Story(topic, kicker, title, subtitle)
        story.label = self.dice.choice(TEXTS["labels"]) if label else ""
        first, second = self._names.pop(), self._names.pop()
        story.authors = {"pair": (first, second), "": ()}.get(byline, (first,))
        story.byline = {
            "reporter": f"本报记者 {first}",
            "writer": first,
            "pair": f"本报记者 {first} 通讯员 {second}",
            "office": f"{self.dice.choice(TEXTS['bodies'])} {first}",
        }.get(byline, "")
        story.told = self.sentences(story)
        self.sheet.stories.append(story)
        return story

    def _filled(self, template: str, topic: str) -> str:
        dice = self.dice
        return template.format(
            topic=topic,
            place=dice.choice(TEXTS["places"]),
            org=dice.choice(TEXTS["bodies"]),
            name=dice.choice(TEXTS["names"]),
            role=dice.choice(TEXTS["roles"]),
            month=dice.randint(1, 12),
            n=dice.randint(2, 9),
            m=dice.randint(120, 9800),
        )

    def sentences(self, story: Story) -> Iterator[str]:
        """Sentences on the story's topic among common ones; a template comes again only when all are used."""
        own = list(TEXTS["topics"][story.topic]["sentences"])
        while True:
            left = self.dice.sample(own, len(own)) + self.dice.sample(TEXTS["common"], len(TEXTS["common"]))
            self.dice.shuffle(left)
            yield from (self._filled(template, story.topic) for template in left)
            own = []

    def rows(self, story: Story, capacity: int, width: int, opening: str = "") -> list[str]:
        """Lines of body text for ``capacity`` lines, the first of each paragraph indented."""
        written = story.told
        rows: list[str] = []
        lead = opening or self._filled(self.dice.choice(TEXTS["openings"]), story.topic)
        while True:
            words = [next(written) for _ in range(self.dice.randint(2, 4))]
            more = wrapped(lead.strip() + "".join(words), width)
            while len(rows) + len(more) > capacity and words:
                words.pop()
                more = wrapped(lead.strip() + "".join(words), width)
            if not words:
                return rows
            rows += more
            lead = ""

    # ── type ───────────────────────────────────────────────────────────────────────────

    def block(self) -> int:
        self._block += 1
        return self._block

    def line(self, text: str, x: float, y: float, size: float, **more: object) -> None:
        self.sheet.marks.append(Mark(x, y, size, text, **{"block": self._block, **more}))  # type: ignore[arg-type]

    def furniture(self, text: str, x: float, y: float, size: float) -> None:
        self.block()
        self.line(text, x, y, size, role="furniture")
        self.sheet.furniture.append(text)

    def columns(self, area: Area, count: int) -> list[Area]:
        width = (area.x1 - area.x0 - (count - 1) * self.gutter) / count
        lefts = [area.x0 + n * (width + self.gutter) for n in range(count)]
        return [Area(left, area.y0, left + width, area.y1) for left in lefts]

    def pour(self, story: Story, columns: Sequence[Area], *, opening: str = "", after: str = "") -> float:
        """Body text into columns of equal width, one after the other; ``after`` is a byline below the text.

        Returns where the text ends in the last column.
        """
        width = int((columns[0].x1 - columns[0].x0) / self.size)
        rooms = [int((column.y1 - column.y0) / self.pitch) for column in columns]
        rows = self.rows(story, sum(rooms) - bool(after), width, opening)
        story.lines += [row.strip("　") for row in rows]
        at = 0
        for column, room in zip(columns, rooms, strict=True):
            self.block()
            for n, row in enumerate(rows[at : at + room]):
                self._row(row, column, column.y0 + n * self.pitch, width)
            if after and at < len(rows) <= at + room - 1:
                end = column.x1 - len(after) * self.size
                self.line(after, end, column.y0 + (len(rows) - at) * self.pitch, self.size, role="head")
            at += room
        return columns[-1].y0 + (len(rows) - (at - rooms[-1])) * self.pitch

    def _row(self, row: str, column: Area, y: float, width: int) -> None:
        indent = len(row) - len(row.lstrip("　"))
        text = row.strip("　")
        full = ems(row) >= width - 1.2
        spread = column.x1 - column.x0 - indent * self.size if full else 0.0
        self.line(text, column.x0 + indent * self.size, y, self.size, width=spread)

    # ── heads ──────────────────────────────────────────────────────────────────────────

    def head(self, story: Story, area: Area, *, size: float = 0.0, byline: bool = True) -> float:
        """Label, kicker, title, subtitle and byline across the top of an area; where the text may begin."""
        y = area.y0
        wide = area.x1 - area.x0
        self.block()
        if story.label:
            mark = self.dice.choice(["【{}】", "■{}"]).format(story.label)
            self.line(mark, area.x0, y, 1.15 * self.size, role="head")
            y += 1.9 * self.size
        if story.kicker:
            y = self._centred(story.kicker, area, y, 1.5 * self.size, "head")
        large = size or min(self.dice.uniform(2.0, 3.4) * self.size, 1.9 * wide / ems(story.title))
        for part in halves(story.title) if ems(story.title) * large > wide else [story.title]:
            y = self._centred(part, area, y, min(large, 0.98 * wide / ems(part)), "title")
        if story.subtitle:
            y = self._centred(story.subtitle, area, y, 1.3 * self.size, "head")
        if byline and story.byline:
            y = self._centred(story.byline, area, y, self.size, "head")
        return y + 0.4 * self.size

    def _centred(self, text: str, area: Area, y: float, size: float, role: str) -> float:
        size = min(size, (area.x1 - area.x0) / ems(text))
        x = area.x0 + max(0.0, (area.x1 - area.x0 - ems(text) * size) / 2)
        self.line(text, x, y, size, role=role)
        return y + 1.35 * size

    def upright_head(self, story: Story, x: float, area: Area, size: float) -> float:
        """The title set upright in one or two lines from the right; where its left edge stands."""
        parts = halves(story.title) if ems(story.title) * size * 1.05 > area.y1 - area.y0 else [story.title]
        self.block()
        for n, part in enumerate(parts):
            left = x - (n + 1) * 1.2 * size
            self.line(part, left, area.y0, size, upright=True, role="title")
        return x - len(parts) * 1.2 * size

    def byline_below(self, story: Story, area: Area, y: float) -> float:
        return self._centred(story.byline, area, y, self.size, "head") if story.byline else y

    def picture(self, area: Area) -> None:
        self.sheet.pictures.append(area)

    def frame(self, area: Area, *, pad: float = 7.0) -> Area:
        """A ruled box; what is left for type inside it."""
        self.sheet.frames.append(area)
        return Area(area.x0 + pad, area.y0 + pad, area.x1 - pad, area.y1 - pad)


def ems(text: str) -> float:
    """Width in ems: Latin letters and digits a little over half."""
    return sum(0.56 if char < "\u2000" else 1.0 for char in text)


def wrapped(paragraph: str, width: int) -> list[str]:
    """Lines of a paragraph indented by two; no line begins with a mark that may not."""
    rows: list[str] = []
    row = "　　"
    for char in paragraph:
        if ems(row) + ems(char) > width + 0.01 and char not in _NO_START:
            rows.append(row)
            row = ""
        row += char
    return [*rows, row]


def halves(title: str) -> list[str]:
    """A title in two lines: at its space, else in the middle."""
    if " " in title:
        return title.split(" ", 1)
    middle = (len(title) + 1) // 2
    return [title[:middle], title[middle:]]


# ── patterns: one story (or a few) in an area ─────────────────────────────────────────


def spanning(press: Compositor, area: Area, count: int) -> None:
    """A headline over all columns."""
    story = press.story(
        label=press.dice.random() < 0.4, byline=press.dice.choice(["reporter", "writer", "pair", "office"])
    )
    top = press.head(story, area)
    press.pour(story, press.columns(area._replace(y0=top), count))


def dated(press: Compositor, area: Area, count: int) -> None:
    """News whose reporter is named where the text begins, with its source below it."""
    story = press.story(byline="dateline")
    top = press.head(story, area)
    place = press.dice.choice(TEXTS["places"])
    opening = f"本报讯（记者 {story.authors[0]}）{press.dice.randint(3, 9)}月{press.dice.randint(1, 28)}日，{place}传来消息，"
    source = f"来源：{press.dice.choice(TEXTS['sources'])}" if press.dice.random() < 0.5 else ""
    press.pour(story, press.columns(area._replace(y0=top), count), opening=opening, after=source)


def signed_below(press: Compositor, area: Area, count: int) -> None:
    """The author stands below the text, at its right."""
    story = press.story(label=True, byline="writer")
    top = press.head(story, area, byline=False)
    press.pour(story, press.columns(area._replace(y0=top), count), after=f"（{story.byline}）")


def partly_left(press: Compositor, area: Area, count: int) -> None:
    """The headline stands over the left columns only; the last ones rise beside it."""
    story = press.story(byline="reporter")
    over = max(1, count - 1)
    columns = press.columns(area, count)
    top = press.head(story, area._replace(x1=columns[over - 1].x1))
    press.pour(story, [c._replace(y0=top) for c in columns[:over]] + columns[over:])


def partly_right(press: Compositor, area: Area, count: int) -> None:
    """The headline stands over the right columns only; the text begins in the first, which rises beside it."""
    story = press.story(byline="reporter")
    columns = press.columns(area, count)
    top = press.head(story, area._replace(x0=columns[1].x0))
    press.pour(story, columns[:1] + [c._replace(y0=top) for c in columns[1:]])


def upright_right(press: Compositor, area: Area, count: int) -> None:
    """An upright headline at the right of its text."""
    story = press.story(byline="reporter")
    left = press.upright_head(story, area.x1, area, press.dice.uniform(2.2, 3.0) * press.size)
    rest = area._replace(x1=left - press.gutter)
    columns = press.columns(rest, count)
    top = press.byline_below(story, columns[0], rest.y0)
    press.pour(story, [columns[0]._replace(y0=top), *columns[1:]])


def upright_left(press: Compositor, area: Area, count: int) -> None:
    """An upright headline at the left of its text."""
    story = press.story(byline="writer")
    size = press.dice.uniform(2.2, 3.0) * press.size
    lines = 2 if ems(story.title) * size * 1.05 > area.y1 - area.y0 else 1
    press.upright_head(story, area.x0 + lines * 1.2 * size, area, size)
    rest = area._replace(x0=area.x0 + lines * 1.2 * size + press.gutter)
    columns = press.columns(rest, count)
    top = press.byline_below(story, columns[0], rest.y0)
    press.pour(story, [columns[0]._replace(y0=top), *columns[1:]])


def boxed(press: Compositor, area: Area, count: int) -> None:
    """A story in a ruled box."""
    inner = press.frame(area)
    press.dice.choice([spanning, signed_below, dated])(press, inner, count)


def sectioned(press: Compositor, area: Area, count: int) -> None:
    """A long story whose subheads stand in its columns, one of them in large type."""
    story = press.story(label=True, byline="office")
    columns = press.columns(area._replace(y0=press.head(story, area)), count)
    heads = ["让台账说话", "“问出来的办法最管用”", "三个转变", "走好下一步"]
    for n, column in enumerate(columns):
        if n == 0:
            press.pour(story, [column])
            continue
        room = (column.y1 - column.y0) * press.dice.uniform(0.3, 0.6)
        y = press.pour(story, [column._replace(y1=column.y0 + room)], opening=" ")
        head = heads[n % len(heads)]
        press.block()
        size = min(press.size * (1.5 if n == 1 else 1.0), (column.x1 - column.x0) / ems(head))
        y += 0.4 * press.pitch
        press.line(head, column.x0 + (column.x1 - column.x0 - ems(head) * size) / 2, y, size)
        story.lines.append(head)
        press.pour(story, [column._replace(y0=y + size + 0.6 * press.pitch)], opening=" ")


def illustrated(press: Compositor, area: Area, count: int) -> None:
    """A picture with its caption stands within the columns of a story."""
    story = press.story(byline="pair")
    columns = press.columns(area._replace(y0=press.head(story, area)), count)
    at = press.dice.randrange(1, count) if count > 1 else 0
    column = columns[at]
    height = 0.3 * (column.y1 - column.y0)
    press.picture(Area(column.x0, column.y0, column.x1, column.y0 + height))
    columns[at] = column._replace(y0=column.y0 + height + 4 * press.pitch)
    press.pour(story, columns)
    press.block()
    caption = f"{press.dice.choice(TEXTS['captions'])} {story.authors[0]} 摄"
    width = int((column.x1 - column.x0) / (0.9 * press.size))
    for n, row in enumerate(wrapped(caption, width)):
        press.line(
            row.strip("　"), column.x0, column.y0 + height + 4 + n * 1.2 * press.size, 0.9 * press.size
        )
        story.lines.append(row.strip("　"))


def photo_news(press: Compositor, area: Area, count: int) -> None:
    """A picture, a headline below it, a few lines and the photographer."""
    story = press.story(byline="dateline")
    name = story.authors[0]
    press.picture(area._replace(y1=area.y0 + 0.5 * (area.y1 - area.y0)))
    below = area._replace(y0=area.y0 + 0.5 * (area.y1 - area.y0) + 6)
    top = press.head(story, below, size=1.8 * press.size)
    column = Area(below.x0, top, below.x1, min(area.y1, top + 6 * press.pitch))
    press.pour(story, [column], after=f"{name} 摄")


def briefs(press: Compositor, area: Area, count: int) -> None:
    """Short items one below the other, each with a small headline."""
    for column in press.columns(area, count):
        middle = (column.y0 + column.y1) / 2
        dated(press, column._replace(y1=middle - press.pitch), 1)
        dated(press, column._replace(y0=middle), 1)


def guide(press: Compositor, area: Area, count: int) -> None:
    """导读: titles of other pages in a ruled box."""
    inner = press.frame(area)
    press.furniture("导 读", inner.x0, inner.y0, 1.6 * press.size)
    for n, topic in enumerate(press.dice.sample(list(TEXTS["topics"]), 4)):
        title = TEXTS["topics"][topic]["titles"][0][1]
        y = inner.y0 + 2.6 * press.size + n * 1.6 * press.size
        if y < inner.y1 - press.size:
            press.furniture(f"{title[:12]}　详见第{n + 2}版", inner.x0, y, press.size)


def advert(press: Compositor, area: Area, count: int) -> None:
    """An advertisement in a ruled box, marked as such."""
    inner = press.frame(area)
    lines = [
        text.format(phone=f"0{press.dice.randint(100, 999)}-{press.dice.randint(1000000, 9999999)}", n=8)
        for text in press.dice.choice(TEXTS["adverts"])
    ]
    press.furniture("广告", inner.x1 - 2 * press.size, inner.y0, 0.8 * press.size)
    y = inner.y0 + 4
    for n, text in enumerate(lines):
        size = min((3.0 if n == 0 else 1.4) * press.size, 0.7 * (inner.x1 - inner.x0) / ems(text))
        press.furniture(text, inner.x0 + 4, y, size)
        y += 1.5 * size


def continued(press: Compositor, area: Area, count: int) -> None:
    """A story that began on another page, under its title again."""
    story = press.story(byline="")
    top = press.head(story, area)
    press.pour(story, press.columns(area._replace(y0=top), count), opening="（上接第一版）")


def label_upright(press: Compositor, area: Area, count: int) -> None:
    """The column's name stands upright beside the story."""
    story = press.story(byline="office")
    story.label = press.dice.choice(TEXTS["labels"])
    press.block()
    press.line(f"【{story.label}】", area.x0, area.y0, 1.4 * press.size, upright=True, role="head")
    rest = area._replace(x0=area.x0 + 1.4 * press.size + press.gutter)
    press.pour(story, press.columns(rest._replace(y0=press.head(story, rest)), count))


Pattern = Callable[[Compositor, Area, int], None]

#: Rows of a page from the top: share of its height, and the patterns beside each other with
#: the number of columns that each takes.
KINDS: dict[str, tuple[tuple[float, tuple[tuple[Pattern, int], ...]], ...]] = {
    "columns": ((0.45, ((spanning, 3), (dated, 2))), (0.55, ((spanning, 2), (spanning, 3)))),
    "wide": ((0.4, ((spanning, 7),)), (0.6, ((spanning, 4), (signed_below, 3)))),
    "l-shaped": ((0.5, ((partly_left, 3), (dated, 2))), (0.5, ((spanning, 2), (partly_right, 3)))),
    "upright": ((0.45, ((upright_right, 3), (dated, 1))), (0.55, ((dated, 2), (upright_left, 3)))),
    "boxed": ((0.5, ((spanning, 3), (boxed, 2))), (0.5, ((boxed, 2), (spanning, 3)))),
    "sections": ((0.7, ((sectioned, 4), (briefs, 1))), (0.3, ((dated, 3), (dated, 2)))),
    "photos": ((0.5, ((illustrated, 3), (photo_news, 2))), (0.5, ((photo_news, 2), (illustrated, 3)))),
    "front": ((0.45, ((spanning, 4), (guide, 1))), (0.55, ((partly_left, 3), (dated, 2)))),
    "adverts": ((0.4, ((dated, 2), (spanning, 3))), (0.35, ((spanning, 4), (briefs, 1))), (0.25, ((advert, 3), (advert, 2)))),
    "continued": ((0.5, ((continued, 3), (spanning, 2))), (0.5, ((signed_below, 2), (continued, 3)))),
    "labelled": ((0.5, ((label_upright, 3), (signed_below, 2))), (0.5, ((signed_below, 2), (label_upright, 3)))),
    "spread": ((0.5, ((spanning, 6), (partly_left, 4))), (0.5, ((dated, 3), (illustrated, 4), (upright_right, 3)))),
    "mixed": ((0.35, ((upright_left, 2), (partly_right, 3))), (0.35, ((boxed, 2), (sectioned, 3))), (0.3, ((photo_news, 2), (continued, 3)))),
}  # fmt: skip


def sheet(kind: str, order: str, seed: int) -> Sheet:
    """One page of a kind, drawn in order, in shuffled blocks (headlines with shadows) or row by row."""
    width = 1500.0 if kind == "spread" else 780.0
    page = Sheet(f"{kind}-{order}-{seed}", width, 1090.0)
    press = Compositor(page, 1000 * seed + list(KINDS).index(kind))
    body = _furnish(press, Area(30, 24, width - 30, 1070))
    y = body.y0
    gap = press.dice.uniform(1.0, 2.4) * press.pitch
    for share, patterns in KINDS[kind]:
        bottom = y + share * (body.y1 - body.y0) - gap
        total = sum(count for _, count in patterns)
        x = body.x0
        unit = (body.x1 - body.x0 - (len(patterns) - 1) * 1.5 * press.gutter) / total
        for pattern, count in patterns:
            pattern(press, Area(x, y, x + unit * count, bottom), count)
            x += unit * count + 1.5 * press.gutter
        y = bottom + gap
    page.marks = drawn(page.marks, order, press.dice)
    return page


def _furnish(press: Compositor, area: Area) -> Area:
    """Head and foot of the page in one of three manners; what is left for the stories."""
    dice, size = press.dice, press.size
    names = dice.sample(TEXTS["names"], 3)
    phone = f"0{dice.randint(100, 999)}-{dice.randint(1000000, 9999999)}"
    day = f"2025年{dice.randint(1, 12)}月{dice.randint(1, 28)}日　星期{dice.choice('一二三四五六日')}"
    number = dice.randint(2, 8)
    manner = dice.randrange(3)
    if manner == 0:
        press.furniture(f"第{number}版", area.x0, area.y0, 2.2 * size)
        press.furniture(day, area.x0 + 90, area.y0 + 10, size)
        press.furniture(dice.choice(TEXTS["sections"]), (area.x0 + area.x1) / 2 - 40, area.y0, 3 * size)
        press.furniture(dice.choice(TEXTS["paper"]), area.x1 - 140, area.y0 + 4, 2 * size)
        press.furniture(f"责编：{names[0]}　电话：{phone}", area.x0, area.y0 + 38, 0.85 * size)
    elif manner == 1:
        press.furniture(dice.choice(TEXTS["paper"]), area.x0, area.y0, 2.4 * size)
        press.furniture(f"{number}　{dice.choice(TEXTS['sections'])}", area.x0 + 190, area.y0 + 4, 2 * size)
        press.furniture(
            f"{day}　本版责任编辑：{names[0]}　美编：{names[1]}", area.x1 - 330, area.y0 + 8, size
        )
    else:
        press.furniture(f"{number}版 {dice.choice(TEXTS['sections'])}", area.x0, area.y0 + 4, 2 * size)
        press.furniture(day, area.x1 - 160, area.y0 + 8, size)
        press.furniture(
            f"编辑：{names[0]}　校对：{names[1]}　版式：{names[2]}", area.x1 - 290, area.y0 + 26, 0.85 * size
        )
    if dice.random() < 0.5:
        foot = f"社址：云河市滨江路{dice.randint(1, 99)}号　邮编：000000　广告热线：{phone}　云河印务中心印刷"
        press.furniture(foot, area.x0, area.y1 - size, 0.85 * size)
    return Area(area.x0, area.y0 + 58, area.x1, area.y1 - 3 * size)


def drawn(marks: Sequence[Mark], order: str, dice: random.Random) -> list[Mark]:
    """The same type in the order in which a program drew it."""
    if order == "rows":
        return sorted(marks, key=lambda mark: (round(mark.y / 3), mark.x))
    if order == "order":
        return list(marks)
    numbers = sorted({mark.block for mark in marks})
    dice.shuffle(numbers)
    place = {number: at for at, number in enumerate(numbers)}
    shuffled = sorted(marks, key=lambda mark: place[mark.block])
    return shuffled + [
        mark._replace(x=mark.x + 0.9, y=mark.y + 0.7) for mark in marks if mark.role == "title"
    ]


def truth(page: Sheet) -> dict:
    """What a reader should find on the page, as plain data."""
    keys = ("title", "kicker", "subtitle", "label", "authors", "lines")
    return {
        "name": page.name,
        "articles": [{key: getattr(story, key) for key in keys} for story in page.stories],
        "furniture": page.furniture,
    }


def pages(seeds: Sequence[int]) -> list[Sheet]:
    """One page of every kind in every drawing order, for each seed."""
    return [sheet(kind, order, seed) for seed in seeds for kind in KINDS for order in ORDERS]
