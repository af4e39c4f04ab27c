"""Newspaper pages of an invented city, set line by line, with the truth about their articles.

``sheet(kind, order, seed)`` sets one page: where each line of type stands, what it belongs
to, and in which order it is drawn. ``patterns`` has the kinds, ``compositor`` sets them,
``printing`` makes PDFs of them.
"""

import random
from collections.abc import Sequence

from ingest.tests.compositor import TEXTS, Area, Compositor, Mark, Sheet
from ingest.tests.patterns import FIRST, KINDS, RULED

ORDERS = ("order", "shuffled", "rows")


def sheet(kind: str, order: str, seed: int) -> Sheet:
    """One page of a kind, drawn in order, in shuffled blocks (headlines with shadows) or row by row."""
    width = 1500.0 if kind == "spread" else 780.0
    page = Sheet(f"{kind}-{order}-{seed}", width, 1090.0)
    press = Compositor(page, 1000 * seed + list(KINDS).index(kind))
    area = Area(30, 24, width - 30, 1070)
    body = _first_page(press, area) if kind in FIRST else _furnish(press, area)
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
            if kind in RULED and x < body.x1:
                middle = x - 0.75 * press.gutter
                page.frames.append(Area(middle, y, middle, bottom))
        y = bottom + gap
        if kind in RULED and y < body.y1:
            page.frames.append(Area(body.x0, y - 0.5 * gap, body.x1, y - 0.5 * gap))
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


def _first_page(press: Compositor, area: Area) -> Area:
    """The head of a first page: the paper's name, its date, number and price; what is left for the stories."""
    dice, size = press.dice, press.size
    press.furniture(dice.choice(TEXTS["paper"]), area.x0 + 200, area.y0, 6 * size)
    press.furniture("云河市总工会主管主办", area.x0, area.y0 + 4, 0.9 * size)
    press.furniture(
        f"国内统一连续出版物号 CN 00-{dice.randint(1000, 9999)}", area.x0, area.y0 + 18, 0.9 * size
    )
    press.furniture(f"第{dice.randint(1000, 9999)}期　今日四版", area.x0, area.y0 + 32, 0.9 * size)
    month, day = dice.randint(1, 12), dice.randint(1, 28)
    press.furniture(f"2025年{month}月{day}日", area.x1 - 150, area.y0 + 4, 1.2 * size)
    press.furniture(
        f"星期{dice.choice('一二三四五六日')}　农历乙巳年", area.x1 - 150, area.y0 + 22, 0.9 * size
    )
    press.furniture(f"责任编辑：{dice.choice(TEXTS['names'])}", area.x1 - 150, area.y0 + 36, 0.9 * size)
    return Area(area.x0, area.y0 + 6 * size + 24, area.x1, area.y1 - 3 * size)


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
