"""Newspaper pages of an invented city, broken in the ways in which real ones arrive.

Clean articles (``data/articles.json``) are wrapped at a column's width, cut into blocks,
shadowed, and their headlines moved; what comes out of reading them is held to the clean
ones: the same title over exactly the same paragraphs.
"""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.articles import Piece, split
from ingest.lines import Line
from ingest.repair import repair

ARTICLES: list[dict] = json.loads((Path(__file__).parent / "data" / "articles.json").read_text("utf-8"))


def lines_of(text: str) -> list[Line]:
    """Lines as a reader of plain text or Markdown hands them on."""
    lines: list[Line] = []
    blank = False
    for raw in text.split("\n"):
        if raw.strip():
            level = len(raw) - len(raw.lstrip("#"))
            words = raw.lstrip("#").rstrip() if not level else raw.lstrip("#").strip()
            lines.append(Line(text=words, level=level, blank_before=blank or bool(level)))
        blank = not raw.strip()
    return lines


def read(text: str) -> list[Piece]:
    return split(repair(lines_of(text)).lines)


def chosen(seed: int) -> tuple[list[dict], random.Random]:
    dice = random.Random(seed)
    return dice.sample(ARTICLES, dice.randint(3, 6)), dice


def wrapped(article: dict, dice: random.Random, width: int) -> str:
    """The body broken at a width, with a blank line between paragraphs and wherever a block ends."""
    blocks = []
    for paragraph in article["paragraphs"]:
        rows = _rows(paragraph, width)
        if len(rows) > 6 and dice.random() < 0.5:
            rows.insert(dice.randint(3, len(rows) - 2), "")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks) + "".join(
        "\n" + article[key] for key in ("credit", "source") if article.get(key)
    )


def _rows(paragraph: str, width: int) -> list[str]:
    """Lines of one paragraph, its first indented by two; no line begins with a mark that may not."""
    rows = [paragraph[: width - 2]]
    at = width - 2
    while at < len(paragraph):
        if paragraph[at] in "，。、；：！？”）》":
            rows[-1] += paragraph[at]
            at += 1
            continue
        rows.append(paragraph[at : at + width])
        at += width
    return rows


def head(article: dict, dice: random.Random, *, shadow: bool = False) -> str:
    """Label, title, subtitle and byline, as they stand together."""
    title = doubled(article["title"]) if shadow else article["title"]
    label = f"【{article['label']}】" if dice.random() < 0.5 else f"■{article['label']}"
    rows = [label if article["label"] else "", title]
    return "\n".join(row for row in [*rows, article["subtitle"]] if row) + (
        f"\n\n{article['byline']}" if article["byline"] else ""
    )


def doubled(title: str) -> str:
    """A title drawn twice piece by piece, as extraction gives a shadowed one."""
    half = len(title) // 2
    return "".join(part + part for part in (title[:half], title[half:]))


def in_order(seed: int) -> tuple[str, list[dict]]:
    articles, dice = chosen(seed)
    width = dice.randint(14, 26)
    return "\n\n".join(f"{head(a, dice)}\n\n{wrapped(a, dice, width)}" for a in articles), articles


def shadowed(seed: int) -> tuple[str, list[dict]]:
    articles, dice = chosen(seed)
    widths = [dice.randint(14, 26) for _ in articles]
    parts = [
        f"{head(a, dice, shadow=True)}\n\n{wrapped(a, dice, w)}"
        for a, w in zip(articles, widths, strict=True)
    ]
    return "\n\n".join(parts), articles


def headlines_last(seed: int) -> tuple[str, list[dict]]:
    """Bodies first, each in a column of its own width; all headlines collected below, in another order."""
    articles, dice = chosen(seed)
    widths = dice.sample([13, 16, 20, 25, 31, 38], len(articles))
    bodies = [wrapped(a, dice, width) for a, width in zip(articles, widths, strict=True)]
    later = dice.sample(articles, len(articles))
    return "\n\n".join(bodies + [head(a, dice) for a in later]), articles


def headlines_below(seed: int) -> tuple[str, list[dict]]:
    articles, dice = chosen(seed)
    width = dice.randint(14, 26)
    return "\n\n".join(f"{wrapped(a, dice, width)}\n\n{head(a, dice)}" for a in articles), articles


def recognised(seed: int) -> tuple[str, list[dict]]:
    """What OCR writes as Markdown: sentences cut between paragraphs, the last paragraph again and again."""
    articles, dice = chosen(seed)
    parts = []
    for article in articles:
        rows = [
            f"# {article['title']}",
            article["subtitle"],
            f"**{article['byline']}**" if article["byline"] else "",
        ]
        for paragraph in article["paragraphs"]:
            cut = dice.randint(34, len(paragraph) - 6) if len(paragraph) > 60 and dice.random() < 0.4 else 0
            inside = cut and paragraph[cut - 1] not in "。！？”" and paragraph[cut] not in "。，；、！？”（）"
            rows += [paragraph[:cut], paragraph[cut:]] if inside else [paragraph]
        rows += [article.get("credit", ""), article.get("source", "")]
        parts.append("\n\n".join(row for row in rows if row))
    last = articles[-1]["paragraphs"][-1]
    tail = f"\n\n{last}\n\n{last[: len(last) * 2 // 3]}" if not articles[-1].get("source") else ""
    return "\n\n".join(parts) + tail, articles


def collected(seed: int) -> tuple[str, list[dict]]:
    """Essays on one web page: a marker, the title again, whole paragraphs, the author below."""
    articles, _ = chosen(seed)
    parts = []
    for number, article in zip("一二三四五六", articles, strict=False):
        rows = [f"第{number}篇：{article['title']}", article["title"], *article["paragraphs"]]
        rows += [f"作者：{article['authors'][0]}"] if article["authors"] else []
        parts.append("\n".join(rows))
    return "\n".join(parts), articles


MANNERS: dict[str, Callable[[int], tuple[str, list[dict]]]] = {
    made.__name__: made
    for made in (in_order, shadowed, headlines_last, headlines_below, recognised, collected)
}


def right(pieces: Sequence[Piece], articles: Sequence[dict]) -> int:
    """How many articles were found whole: their title over all of their paragraphs and no others."""
    wanted = {(a["title"], tuple(a["paragraphs"])) for a in articles}
    known = {paragraph for article in ARTICLES for paragraph in article["paragraphs"]}
    found = {(p.title, tuple(row for row in p.text.split("\n") if row in known)) for p in pieces}
    return len(wanted & found)


def f1(manner: str, seeds: Sequence[int]) -> float:
    """2·right / (found + wanted) over the pages made with these seeds."""
    hits = total = 0
    for seed in seeds:
        text, articles = MANNERS[manner](seed)
        pieces = read(text)
        hits += right(pieces, articles)
        total += len(pieces) + len(articles)
    return 2 * hits / total
