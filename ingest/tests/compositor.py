"""Sets newspaper stories of an invented city into columns, line by line, and keeps the truth about them.

Every text is put together from the templates in ``data/newspaper.json``; none is taken from a real paper.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

TEXTS: dict = json.loads((Path(__file__).parent / "data" / "newspaper.json").read_text("utf-8"))
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
        """A story on a topic of its own; ``byline``: "", dateline, or a manner of signing as below."""
        topic = self._topics.pop()
        kicker, title, subtitle = self.dice.choice(TEXTS["topics"][topic]["titles"])
        story = Story(topic, kicker, title, subtitle)
        story.label = self.dice.choice(TEXTS["labels"]) if label else ""
        first, second = self._names.pop(), self._names.pop()
        two = byline in ("pair", "both")
        story.authors = () if not byline else (first, second) if two else (first,)
        story.byline = {
            "reporter": f"本报记者 {first}",
            "writer": first,
            "pair": f"本报记者 {first} 通讯员 {second}",
            "both": f"{first} {second} 文/图",
            "square": f"□ 本报评论员 {first}",
            "circle": f"○{first}",
            "office": f"{self.dice.choice(TEXTS['bodies'])} {first}",
        }.get(byline, "")
        story.told = self.sentences(story)
        self.sheet.stories.append(story)
        return story

    def others(self, count: int) -> list[str]:
        """Topics of which no story on this page speaks."""
        return self._topics[:count]

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
            y = self._centred(story.kicker, area, y, min(1.5 * self.size, 0.7 * size or 99.0), "head")
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
