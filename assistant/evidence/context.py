"""An article taken apart and folded, so that each of its segments can be judged where it stands."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant import places
from assistant.structure import Span, View, sentence_spans, view
from assistant.values import fold
from corpus.types import Article


@dataclass(frozen=True, slots=True)
class Context:
    """An article taken apart and folded for comparison; one entry a segment or line of its view."""

    article: Article
    view: View
    segments: tuple[str, ...]
    sentences: tuple[str, ...]
    lines: tuple[str, ...]
    blocks: tuple[str, ...]
    block_of: tuple[int, ...]
    heads: tuple[str, ...]
    nearest: tuple[str, ...]
    #: For each segment the question of the text that it answers; "" where none is asked.
    answers: tuple[str, ...]
    title: str
    byline: str
    whole: str
    named_most: int
    #: Whether its title, author or issuer says what place it is about.
    of_a_place: bool

    def read_under_heading(self, index: int) -> str:
        """A segment's words behind those of the heading above it, or else the article's title."""
        segment = self.view.segments[index]
        above = self.view.path[segment.line]
        head = self.view.line_text(above[-1]) if above else self.article.title
        return f"{head}：{self.view.of(segment)}"


#: How like a question segments are (cosines), each by its context and index, see ``likeness.py``.
LikenessOf = Callable[[str, Sequence[tuple[Context, int]]], Sequence[float]]
#: Lines at the top of an article that may name its author and place.
_TOP_LINES = 3


@lru_cache(maxsize=512)
def context(article: Article) -> Context:
    """The article prepared for judging; kept, since questions come back to the same articles."""
    seen = view(article.text, _front(article))
    top = [seen.of(li) for li in seen.lines[:_TOP_LINES] if li.end - li.start <= 60]
    names = (*article.authors, article.issuer, article.region, article.number, *top)
    most = places.most_named(article.text)
    block_of, blocks = _blocks(seen)
    return Context(
        article=article,
        view=seen,
        segments=tuple(fold(seen.of(s)) for s in seen.segments),
        sentences=tuple(fold(seen.of(s)) for s in seen.sentences),
        lines=tuple(fold(seen.of(li)) for li in seen.lines),
        blocks=blocks,
        block_of=block_of,
        heads=_heads(seen),
        nearest=tuple(
            fold(seen.of(seen.lines[p[-1]])) if (p := seen.path[s.line]) else "" for s in seen.segments
        ),
        answers=tuple(_answered(seen, s.line) for s in seen.segments),
        title=fold(f"{article.title}{article.subtitle}"),
        byline=fold("，".join((article.title, article.subtitle, article.label, *names))),
        whole=fold(f"{article.title}{article.subtitle}{'，'.join(names)}{article.text}"),
        named_most=most,
        of_a_place=bool(places.most_named(f"{article.title}，{article.issuer}，{article.region}")),
    )


def _front(article: Article) -> int:
    """How many lines at the top name the author, the office or the column."""
    names = [fold(n) for n in (*article.authors, article.issuer, article.label) if n]
    lines = [fold(li) for li in article.text.split("\n", _TOP_LINES)[:_TOP_LINES] if li.strip()]
    count = 0
    for line in lines:
        if len(line) > 60 or not any(n in line or line in n for n in names):
            break
        count += 1
    return count


def _heads(seen: View) -> tuple[str, ...]:
    """For each segment what stands above it: headings, its paragraph's opener, its list items."""
    found = []
    for segment in seen.segments:
        above = [seen.of(seen.lines[i]) for i in seen.path[segment.line]]
        line = seen.lines[segment.line]
        first = sentence_spans(seen.text, line.start, line.end)[0] if line.end > line.start else line
        above.append(seen.of(Span(*first[:2]))[:60])
        found.append(above)
    for listing in seen.lists:
        if listing.style != "序数":
            continue
        lead = seen.of(listing.lead)[-80:]
        for item in listing.items:
            head = seen.text[item.start : min(item.end, item.start + 40)]
            for index, segment in enumerate(seen.segments):
                if item.start <= segment.start < item.end:
                    found[index] += [lead, head]
    return tuple(fold("。".join(above)) for above in found)


def _blocks(seen: View) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """For each segment the number of its block, and the folded blocks: list items, else paragraphs."""
    owner = [("line", s.line) for s in seen.segments]
    for nth, listing in enumerate(seen.lists):
        if listing.style != "序数":
            continue
        for order, item in enumerate(listing.items):
            for index, segment in enumerate(seen.segments):
                if item.start <= segment.start < item.end:
                    owner[index] = (f"{nth}", order)
    numbers = {key: n for n, key in enumerate(dict.fromkeys(owner))}
    texts = [""] * len(numbers)
    for key, segment in zip(owner, seen.segments, strict=True):
        texts[numbers[key]] += seen.of(segment)
    return tuple(numbers[key] for key in owner), tuple(fold(t) for t in texts)


#: What a heading asks with: "单位不拨缴怎么办".
ASKS = re.compile(r"[？?]\s*$|怎么|怎样|如何|什么|哪[些几里个]|多少|多久|几[次天年个]|[由向]?谁")


def _answered(seen: View, line: int) -> str:
    """The question right above a line: of a page of questions and answers, or a heading that asks."""
    if seen.line_text(line).rstrip()[-1:] in "？?":
        return ""
    above = list(seen.path[line][-1:])
    for before in range(line - 1, max(line - 1 - ANSWER_LINES, -1), -1):
        if seen.line_text(before).rstrip()[-1:] in "？?":
            above.insert(0, before)
            break
        if seen.lines[before].depth:
            break
    return next((t for i in above if ASKS.search(t := seen.line_text(i))), "")


#: An answer goes on for so many lines below its question where no heading ends it.
ANSWER_LINES = 4


def is_byline(at: Context, line: int) -> bool:
    """Whether a line at the top only says who wrote the article."""
    if line >= _TOP_LINES or at.view.line_text(line)[-1] in "。！？；：":
        return False
    return len(at.lines[line]) <= SHORT_LINE and any(fold(a) in at.lines[line] for a in at.article.authors)


SHORT_LINE = 40
