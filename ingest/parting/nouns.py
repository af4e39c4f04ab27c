"""What a file's lines become on their way to articles: items, heads and bodies, at last pieces."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.description.names import byline
from ingest.lines import Line
from ingest.page.headlines import Kind, kind_of, width


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """一篇: an article as the file has it. ``text`` is its lines joined by ``"\\n"``, the byline first.

    ``authors`` are names (or the body that signs); ``issuer`` the body that stands with
    them or below the text; ``source`` the paper it was taken from; ``date`` ISO, from its
    signature; ``confidence`` (0–1) says how sure its borders and its headline are.
    """

    lines: tuple[Line, ...]
    title: str = ""
    subtitle: str = ""
    label: str = ""
    authors: tuple[str, ...] = ()
    issuer: str = ""
    source: str = ""
    date: str = ""
    confidence: float = 1.0

    @property
    def text(self) -> str:
        """Paragraphs and subheads, a line each."""
        return "\n".join(line.text for line in self.lines)

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages it stands on, in order."""
        return tuple(dict.fromkeys(page for line in self.lines for page in line.pages)) or (1,)


@dataclass(slots=True)
class Item:
    """A line and what it is taken for."""

    line: Line
    kind: Kind

    @property
    def text(self) -> str:
        return self.line.text


@dataclass(slots=True)
class Head:
    """版面标题: what stands around an article's body: label, kicker, title, subtitle, byline.

    ``before`` counts the bodies that stand before it; ``nearest`` says whether it stands
    directly above the next body, ``below`` whether directly below the one before, ``pull``
    what standing there counts beside shared words: on one page headlines stray, in a long
    file they do not.
    """

    labels: list[Item] = field(default_factory=list)
    kickers: list[Item] = field(default_factory=list)
    titles: list[Item] = field(default_factory=list)
    subtitles: list[Item] = field(default_factory=list)
    bylines: list[Item] = field(default_factory=list)
    before: int = 0
    nearest: bool = False
    below: bool = False
    pull: float = 0.4
    marker: str = ""

    @property
    def words(self) -> str:
        """What it says of its body, for finding it."""
        parts = [*self.kickers, *self.titles, *self.subtitles, *self.bylines]
        return "\n".join([self.marker, *(item.text for item in parts)])

    def items(self) -> list[Item]:
        return [*self.labels, *self.kickers, *self.titles, *self.subtitles, *self.bylines]


@dataclass(slots=True)
class Body:
    """正文: paragraphs and subheads between two boundaries. ``sure``: nothing may join it to the one before."""

    items: list[Item] = field(default_factory=list)
    sure: bool = True
    head: Head | None = None

    @property
    def text(self) -> str:
        return "\n".join(item.text for item in self.items)


#: What closes an article, and what stands around one.
CLOSERS = (Kind.CREDIT, Kind.SOURCE, Kind.SIGNED, Kind.COMMENT, Kind.SIGNATURE)
FURNITURE = (Kind.MARKER, Kind.LABEL, Kind.SUBTITLE, Kind.BYLINE, Kind.BARE, Kind.HEADING, Kind.ROMAN)


def items_of(lines: Sequence[Line]) -> list[Item]:
    """Lines with their kinds, seen in context: the stump of a sentence is no headline."""
    items = [Item(line, kind_of(line)) for line in lines]
    for at, item in enumerate(items):
        marked = at > 0 and items[at - 1].kind is Kind.MARKER
        stump = item.kind is Kind.BARE and "，" in item.text and width(item.text) > 30
        if stump and not marked:
            item.kind = Kind.PARAGRAPH
    return items


def certain(item: Item) -> bool:
    """Whether a line can be nothing but a byline."""
    shown = byline(item.text) if item.kind is Kind.BYLINE else None
    return shown is not None and shown.certain
