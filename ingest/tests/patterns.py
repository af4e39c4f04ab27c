"""Patterns of newspaper pages: a story, or a few, set into an area of a sheet; and the pages they make."""

from collections.abc import Callable

from ingest.tests.compositor import TEXTS, Area, Compositor, ems, wrapped


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
    """Short items one below the other, each with a small headline; one alone where there is no room for two."""
    for column in press.columns(area, count):
        middle = (column.y0 + column.y1) / 2
        if middle - column.y0 < 16 * press.pitch:
            brief(press, column)
        else:
            brief(press, column._replace(y1=middle - press.pitch))
            brief(press, column._replace(y0=middle))


def brief(press: Compositor, area: Area) -> None:
    """A few lines below a small headline, the reporter where they begin."""
    story = press.story(byline="dateline")
    story.kicker = story.subtitle = ""
    top = press.head(story, area, size=1.6 * press.size)
    press.pour(story, [area._replace(y0=top)], opening=f"本报讯（记者 {story.authors[0]}）")


def guide(press: Compositor, area: Area, count: int) -> None:
    """导读: titles of other pages in a ruled box, the page's number behind each or below it."""
    inner = press.frame(area)
    press.furniture("导 读", inner.x0, inner.y0, 1.6 * press.size)
    y = inner.y0 + 3.2 * press.size
    width = int((inner.x1 - inner.x0) / press.size)
    below = press.dice.random() < 0.5
    for n, topic in enumerate(press.others(4)):
        title = TEXTS["topics"][topic]["titles"][0][1].replace(" ", "")
        rows = [title[at : at + width - 1] for at in range(0, len(title), width - 1)] if below else []
        rows += [f"▶▶详见第{n + 2}版"] if below else [f"{title[: width - 6]}　详见第{n + 2}版"]
        for row in rows:
            press.furniture(row, inner.x0, y, press.size)
            y += 1.4 * press.size
        y += 0.6 * press.size


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


def around(press: Compositor, area: Area, count: int) -> None:
    """The headline stands over the middle columns; the first and the last rise beside it."""
    story = press.story(byline="reporter")
    columns = press.columns(area, count)
    top = press.head(story, area._replace(x0=columns[1].x0, x1=columns[-2].x1))
    inner = [column._replace(y0=top) for column in columns[1:-1]]
    press.pour(story, [columns[0], *inner, columns[-1]])


def beside_head(press: Compositor, area: Area, count: int) -> None:
    """The headline stands in a column of its own, at the left of the text."""
    story = press.story(byline="writer")
    columns = press.columns(area, count)
    story.kicker = ""
    press.head(story, columns[0]._replace(y0=area.y0 + 2 * press.pitch), size=1.7 * press.size)
    press.pour(story, columns[1:])


def noted(press: Compositor, area: Area, count: int) -> None:
    """An editor's note across the columns, below the headline."""
    story = press.story(label=True, byline="reporter")
    top = press.head(story, area)
    note = "编者按：" + "".join(next(story.told) for _ in range(2))
    press.block()
    rows = wrapped(note, int((area.x1 - area.x0) / press.size) - 2)
    for n, row in enumerate(rows):
        x = area.x0 + (1 + len(row) - len(row.lstrip("　"))) * press.size
        press.line(row.strip("　"), x, top + n * press.pitch, press.size)
        story.lines.append(row.strip("　"))
    below = area._replace(y0=top + (len(rows) + 0.7) * press.pitch)
    press.pour(story, press.columns(below, count))


def turned(press: Compositor, area: Area, count: int) -> None:
    """A story that goes on on another page."""
    story = press.story(byline="pair")
    top = press.head(story, area)
    press.pour(story, press.columns(area._replace(y0=top), count), after="（下转第三版）")


def photo_beside(press: Compositor, area: Area, count: int) -> None:
    """A picture with its headline and a few lines at its right, signed by who took it."""
    story = press.story(byline="dateline")
    middle = area.x0 + 0.55 * (area.x1 - area.x0)
    press.picture(area._replace(x1=middle))
    right = area._replace(x0=middle + press.gutter)
    story.kicker = ""
    top = press.head(story, right, size=1.6 * press.size)
    column = right._replace(y0=top, y1=min(area.y1, top + 9 * press.pitch))
    press.pour(story, [column], after=f"本报记者 {story.authors[0]} 摄")


def larger(press: Compositor, area: Area, count: int) -> None:
    """A comment in larger type than the news."""
    size, pitch = press.size, press.pitch
    press.size, press.pitch = 1.12 * size, 1.15 * pitch
    story = press.story(label=True, byline=press.dice.choice(["square", "circle"]))
    top = press.head(story, area)
    press.pour(story, press.columns(area._replace(y0=top), count))
    press.size, press.pitch = size, pitch


def across(press: Compositor, area: Area, count: int) -> None:
    """A picture over the middle columns of a story, its caption below it."""
    story = press.story(byline="both")
    columns = press.columns(area._replace(y0=press.head(story, area)), count)
    over = columns[1:-1]
    height = 0.35 * (over[0].y1 - over[0].y0)
    place = Area(over[0].x0, over[0].y0, over[-1].x1, over[0].y0 + height)
    press.picture(place)
    inner = [column._replace(y0=place.y1 + 3.5 * press.pitch) for column in over]
    press.pour(story, [columns[0], *inner, columns[-1]])
    press.block()
    caption = f"▲{press.dice.choice(TEXTS['captions'])}"
    press.line(caption, place.x0, place.y1 + 4, 0.9 * press.size)
    story.lines.append(caption)


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
    "around": ((0.55, ((around, 4), (larger, 2))), (0.45, ((dated, 2), (beside_head, 4)))),
    "notes": ((0.55, ((noted, 3), (larger, 2))), (0.45, ((turned, 3), (photo_beside, 2)))),
    "pictures": ((0.5, ((across, 5),)), (0.5, ((photo_beside, 3), (spanning, 2)))),
    "page-one": ((0.5, ((noted, 3), (guide, 1), (dated, 1))), (0.5, ((turned, 3), (photo_news, 2)))),
    "ruled": ((0.35, ((turned, 3), (boxed, 2))), (0.35, ((beside_head, 3), (around, 3))), (0.3, ((briefs, 1), (dated, 2), (spanning, 2)))),
}  # fmt: skip

#: Kinds with rules between their stories, and between the columns of some.
RULED = ("ruled", "notes")
#: Kinds below the head of a paper's first page.
FIRST = ("page-one",)
