"""What a reader hands on: the lines of a file's pages, with what the format knew of them.

The stages after it (layout, repair, articles) work on the same ``Line``: a paragraph is a
line that was joined from several, so that page, boxes and heading level survive until
passages are cut. An article's text is its paragraphs' texts joined by ``"\\n"``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from corpus.types import Box


class Gap(NamedTuple):
    """空档: a stretch of white inside a line: ``at`` is where the text goes on, ``x0``–``x1`` its edges in points."""

    at: int
    x0: float
    x1: float


class Turned(NamedTuple):
    """摆正: how a sheet was set straight to be read: quarter turns clockwise, from a sheet of so many points.

    ``slope``: it then still fell by so much to the right, about its middle.
    """

    quarters: int
    width: float
    height: float
    slope: float

    def back(self, box: Box) -> Box:
        """A place on the sheet set straight, on the sheet as it was."""
        width, height = (self.height, self.width) if self.quarters % 2 else (self.width, self.height)
        fall = self.slope * ((box.x0 + box.x1) / 2 - width / 2)
        half = abs(self.slope) * (box.x1 - box.x0) / 2
        x0, y0, x1, y1 = box.x0, box.y0 + fall - half, box.x1, box.y1 + fall + half
        if self.quarters == 1:
            x0, y0, x1, y1 = y0, width - x1, y1, width - x0
        elif self.quarters == 2:
            x0, y0, x1, y1 = width - x1, height - y1, width - x0, height - y0
        elif self.quarters == 3:
            x0, y0, x1, y1 = height - y1, x0, height - y0, x1
        return Box(box.page, *(round(max(at, 0.0), 1) for at in (x0, y0, x1, y1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """一行: a line of text as the file has it, without its line break.

    ``level`` is the heading level that the *format* declares (Markdown ``#``, HTML
    ``h1``, DOCX ``Heading 1`` → 1), 0 for body text and where nothing is declared.
    ``size`` is the font size in points, 0 where unknown. ``blank_before``: an empty
    line or the border of a block stands before it. ``whole``: the format guarantees
    that this line is one whole paragraph, so it is never joined with the next.
    ``story`` numbers the article that it belongs to by its place on a newspaper's page, from
    1 through the file; 0 where places do not tell.
    ``parts``: the lines this one was joined from (see ``joined``); empty for a line
    that stands as it was read. ``gaps``: where it stands apart from itself by most of a
    character or more, as far as the format tells places; text drawn across columns has
    the columns' borders there. ``sure`` (0–1): how sure character recognition is of a
    line that it read off a picture; 1 for what the file holds as text. ``turned``: where its
    box is not on the page as the file shows it, but on the sheet set straight.
    """

    text: str
    page: int = 1
    level: int = 0
    box: Box | None = None
    size: float = 0.0
    blank_before: bool = False
    whole: bool = False
    story: int = 0
    parts: tuple["Line", ...] = ()
    gaps: tuple[Gap, ...] = ()
    sure: float = 1.0
    turned: Turned | None = None

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages it stands on, in order, each once."""
        return tuple(dict.fromkeys(part.page for part in self.parts)) or (self.page,)

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where it stands on the pages: a box a line, as far as the format knows."""
        return tuple(part.box for part in (self.parts or (self,)) if part.box is not None)


def as_shown(line: Line) -> Line:
    """The line with its boxes on the page as the file shows it."""
    parts = tuple(as_shown(part) for part in line.parts)
    box = line.turned.back(line.box) if line.turned and line.box else line.box
    return replace(line, parts=parts, box=box, turned=None) if parts or line.turned else line


def joined(lines: Iterable[Line], glue: str = "") -> Line:
    """One paragraph from the lines of a broken one; the first line's heading level and place count.

    It is as sure as its least sure line.
    """
    members = list(lines)
    parts = tuple(part for line in members for part in (line.parts or (line,)))
    sure = min(line.sure for line in members)
    return replace(members[0], text=glue.join(line.text for line in members), parts=parts, sure=sure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """一页: its number, from 1, and its lines in the order in which the file gives them.

    ``rules``: the boxes of the thin lines and of the ruled boxes drawn on it, as far as the format tells.
    """

    number: int
    lines: tuple[Line, ...]
    rules: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """读取结果: what a reader made of one file.

    ``reader`` names who read it (``"text/gb18030"``, ``"pdf"``); ``warnings`` are
    Chinese sentences for the person who added the file; ``metadata`` is what the format
    itself declares (``title``, ``author``, …), untouched.
    """

    pages: tuple[Page, ...]
    media_type: str
    reader: str
    warnings: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[Line]:
        """All lines, page after page, in the order of the file."""
        return [line for page in self.pages for line in page.lines]
