# ruff: noqa: T201 - a command that prints what it measures
"""How well reprints are found: ``python -m corpus.tests.measure_reprints NEWS.jsonl[.xz]``.

A sample of news (a line each, keys ``title``, ``body``, ``date``) is put into a store with as
many reprints planted as asked for (edited lightly, under another source line, without their
last paragraph, all three) and as many that resemble one and are none (other numbers, another
place). Prints precision and recall of the links, the pairs found that nobody planted, for a
person to judge, and what one more article costs.
"""

import argparse
import json
import lzma
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from corpus.store import Store
from corpus.testing import HashingEncoder, make_document

#: What an editor changes: each word for the other.
EDITS = (
    *(("进行", "开展"), ("目前", "当前"), ("表示", "指出"), ("以及", "和"), ("已经", "已"), ("推动", "推进")),
    *(
        ("此外，", "另外，"),
        ("据了解，", ""),
        ("通过", "经由"),
        ("日前", "近日"),
        ("认为", "提出"),
        ("为了", "为"),
    ),
)
SOURCE_LINES = ("来源：云河日报", "（转自云河工会网）", "来源：云河晚报  记者：方一舟", "本文转自云河发布")
MANNERS = ("edited", "source line", "cut", "all three")


def edited(text: str, chance: random.Random) -> str:
    """The text as another editor would leave it: some words changed, one sentence without a number gone."""
    for old, new in EDITS:
        if chance.random() < 0.7:
            text = text.replace(old, new)
    sentences = re.split(r"(?<=。)", text)
    plain = [n for n, s in enumerate(sentences[1:-1], 1) if not re.search(r"\d", s) and len(s) < 60]
    if plain and chance.random() < 0.5:
        sentences[chance.choice(plain)] = ""
    return "".join(sentences)


def cut(text: str) -> str:
    """The text without its last paragraph, where it has several; else without its last sentence."""
    kept = text.rstrip().rpartition("\n")[0]
    if len(kept) < 0.6 * len(text):
        kept = text.rstrip().rstrip("。").rpartition("。")[0] + "。"
    return kept if len(kept) >= 0.6 * len(text) else text


def reprint(text: str, manner: str, chance: random.Random) -> str:
    """The text as it is printed a second time."""
    if manner in ("edited", "all three"):
        text = edited(text, chance)
    if manner in ("cut", "all three"):
        text = cut(text)
    if manner in ("source line", "all three"):
        text = f"{chance.choice(SOURCE_LINES)}\n{text}"
    return text


def other(text: str, chance: random.Random) -> str:
    """Another document in the same words: its numbers differ by one, or its places."""
    if chance.random() < 0.5 and (found := re.findall(r"[\u4e00-\u9fff]{2}(?=[省市县区])", text)):
        return text.replace(found[0], "云河")
    return re.sub(r"\d+", lambda n: str(int(n[0]) + 1), text)


def news(path: Path, count: int, chance: random.Random) -> list[dict[str, str]]:
    """So many of the articles of a file, long enough to be compared, drawn at random."""
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    rows = [row for row in rows if len(row["body"]) >= 120]
    return chance.sample(rows, min(count, len(rows)))


def planted(
    rows: Sequence[dict[str, str]], count: int, chance: random.Random
) -> Iterator[tuple[str, str, int]]:
    """``(text, manner, number of the row it comes from)``; the manner is ``""`` for what is no reprint."""
    chosen = chance.sample(range(len(rows)), min(2 * count, len(rows)))
    for n, at in enumerate(chosen[:count]):
        manner = MANNERS[n % len(MANNERS)]
        yield reprint(rows[at]["body"], manner, chance), manner, at
    for at in chosen[count:]:
        text = other(rows[at]["body"], chance)
        if text != rows[at]["body"]:
            yield text, "", at


def main() -> int:
    """Draw, plant, put, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("news", type=Path)
    parser.add_argument("--sample", type=int, default=3000)
    parser.add_argument("--planted", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    rows = news(given.news, given.sample, chance)
    seeds = list(planted(rows, given.planted, chance))
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "store", encoder=HashingEncoder(8))
        with store, store.writing() as writer:
            begun = time.perf_counter()
            with writer.together():
                for number, row in enumerate(rows, 1):
                    _put(writer, number, row, row["body"])
            base = _links(store, len(rows))
            for number, (text, _, at) in enumerate(seeds, len(rows) + 1):
                _put(writer, number, rows[at], text, chance)
            spent = time.perf_counter() - begun
            found = _links(store, len(rows) + len(seeds))
    _report(rows, seeds, base, found)
    print(f"{1000 * spent / (len(rows) + len(seeds)):.1f} ms an article, put and linked")
    return 0


def _put(writer, number: int, row: dict[str, str], text: str, chance: random.Random | None = None) -> None:
    """One article; with ``chance`` up to ten days after the one it repeats."""
    date = datetime.strptime(row["date"], "%Y%m%d").date()
    date += timedelta(days=chance.randint(0, 10) if chance else 0)
    article = {"title": row["title"], "kind": "新闻", "text": text, "published_on": date.isoformat()}
    writer.put(*make_document(str(number), articles=[article]))


def _links(store: Store, count: int) -> set[tuple[int, int]]:
    """The pairs of numbers that are linked, the smaller first."""
    ids = [f"{n}/1" for n in range(1, count + 1)]
    links = ((one, article.source_id) for one, own in store.reprints(ids).items() for article in own)
    pairs = ((int(one.split("/")[0]), int(two)) for one, two in links)
    return {(a, b) for a, b in pairs if a < b}


def _report(rows, seeds, base, found) -> None:
    wanted = {(at + 1, n): manner for n, (_, manner, at) in enumerate(seeds, len(rows) + 1) if manner}
    traps = {(at + 1, n) for n, (_, manner, at) in enumerate(seeds, len(rows) + 1) if not manner}
    for manner in MANNERS:
        of_it = [pair for pair, kind in wanted.items() if kind == manner]
        print(f"{manner}: {sum(pair in found for pair in of_it)} of {len(of_it)} found")
    right = len(found & set(wanted))
    caught = len(found & traps)
    print(
        f"recall {right / max(len(wanted), 1):.3f}; resembling but no reprint, linked: {caught} of {len(traps)}"
    )
    print(
        f"precision of planted pairs {right / max(right + caught, 1):.3f}; pairs nobody planted: {len(base)}"
    )
    for a, b in sorted(base):
        print(
            f"  {rows[a - 1]['title'][:36]} {rows[a - 1]['date']} | {rows[b - 1]['title'][:36]} {rows[b - 1]['date']}"
        )
    for (a, n), manner in wanted.items():
        if (a, n) not in found:
            print(f"  missed ({manner}): {rows[a - 1]['title'][:50]}")
    for a, n in sorted(found & traps):
        print(f"  wrong: {rows[a - 1]['title'][:50]} | {seeds[n - len(rows) - 1][0][:80]!r}")


if __name__ == "__main__":
    sys.exit(main())
