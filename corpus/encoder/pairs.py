"""Pairs of texts that belong together: what is asked, and what should be found.

Passages look as they do in the product, ``f"{title} {label}\n{text}"``, except for a
share without that first line, so that neither the title nor the text is neglected.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from corpus.encoder import colloquial
from corpus.encoder.texts import Clause, News, Texts

_CLAUSE_ENDS = re.compile(r"(?<=[，。；：！？\n,;!?])")
_SENTENCE_ENDS = re.compile(r"(?<=[。！？\n])")
_MARKS = re.compile(r"^[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]")
# Local regulations that our users live by; those on rivers and markets can do without lay questions.
_LABOUR = re.compile("工会|劳动|职工|工资|集体合同|社会保险|养老保险|工伤|失业|就业|妇女|农民工|职业")
_EDGES = " \t\n，。；：！？、,;:!?“”\"'（）()《》—"
# Longer passages cost time and teach no more: a mean of 200 characters knows its subject.
LONGEST = 220

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pairs:
    """One source of pairs. Batches are drawn from one source each, because texts of
    another kind would be told apart by their style and teach nothing."""

    name: str
    queries: list[str]
    passages: list[str]


def make(texts: Texts, *, seed: int) -> list[Pairs]:
    """All sources but the lay questions, which are few and are trained apart."""
    clauses = [clause for clause in texts.national if len(clause.text) >= 12]
    local = [clause for clause in texts.local if len(clause.text) >= 12]
    labour = [clause for clause in local if _LABOUR.search(clause.law)]
    recipes: list[tuple[str, Callable[[random.Random], Iterator[Pair]]]] = [
        ("标题↔正文", lambda draw: titles(texts.news, draw)),
        ("提要↔正文", lambda draw: briefs(texts.news, draw)),
        ("新闻句↔余文", lambda draw: sentences(texts.news, draw)),
        ("法条片段↔法条", lambda draw: fragments(clauses * 2, draw)),
        ("地方法规片段↔条文", lambda draw: fragments(local, draw)),
        ("法名加片段↔条文", lambda draw: named_fragments(clauses, draw)),
        ("口语问法↔法条", lambda draw: lay_questions((clauses + labour) * 2, draw)),
    ]
    return [_collect(name, recipe(random.Random(f"{seed} {name}"))) for name, recipe in recipes]  # noqa: S311


def titles(news: Sequence[News], draw: random.Random) -> Iterator[Pair]:
    """Headline ↔ a stretch of its report."""
    for item in news:
        if item.title and len(item.body) >= 20:
            yield item.title, stretch(item.body, draw)


def briefs(news: Sequence[News], draw: random.Random) -> Iterator[Pair]:
    """The editor's summary ↔ a stretch of the report, under its headline half of the time."""
    for item in news:
        if len(item.brief) >= 8 and len(item.body) >= 20:
            yield item.brief[:LONGEST], under(item.title, stretch(item.body, draw), draw, share=0.5)


def sentences(news: Sequence[News], draw: random.Random) -> Iterator[Pair]:
    """A sentence ↔ what stands around it (the sentence itself taken out)."""
    for item in news:
        parts = [part for part in _SENTENCE_ENDS.split(item.body[:1_200]) if len(part) >= 8]
        if len(parts) < 2:
            continue
        at = draw.randrange(len(parts))
        around = "".join(parts[max(0, at - 3) : at] + parts[at + 1 : at + 4])
        yield parts[at].strip()[:80], under(item.title, around[:LONGEST], draw, share=0.5)


def fragments(clauses: Sequence[Clause], draw: random.Random) -> Iterator[Pair]:
    """A few words of an article ↔ the article, without those words half of the time."""
    for clause in clauses:
        piece = fragment(clause.text, draw)
        if piece:
            rest = clause.text.replace(piece, "", 1) if draw.random() < 0.5 else clause.text
            yield piece, under(clause.subject, rest[:LONGEST], draw, share=0.7)


def named_fragments(clauses: Sequence[Clause], draw: random.Random) -> Iterator[Pair]:
    """A law's name and some words of an article ↔ the article under its subject line."""
    for clause in clauses:
        piece = fragment(clause.text, draw)[:16]
        if piece:
            yield f"{clause.law}{piece}", under(clause.subject, clause.text[:LONGEST], draw, share=0.8)


def lay_questions(clauses: Sequence[Clause], draw: random.Random) -> Iterator[Pair]:
    """A generated question in everyday words ↔ the article it was made from."""
    for clause in clauses:
        piece = fragment(clause.text, draw)
        if piece:
            yield colloquial.ask(piece, draw), under(clause.subject, clause.text[:LONGEST], draw, share=0.7)


def fragment(text: str, draw: random.Random, *, shortest: int = 5, longest: int = 40) -> str:
    """One to three neighbouring clauses of ``text``, or ``""`` where none is long enough."""
    parts = [part for part in _CLAUSE_ENDS.split(text) if len(part.strip(_EDGES)) >= 3]
    if not parts:
        return ""
    at = draw.randrange(len(parts))
    piece = ""
    for part in parts[at : at + draw.randint(1, 3)]:
        if piece and len(piece) + len(part) > longest:
            break
        piece += part
    piece = _MARKS.sub("", piece.strip(_EDGES))[:longest].strip(_EDGES)
    return piece if len(piece) >= shortest else ""


def stretch(body: str, draw: random.Random) -> str:
    """At most ``LONGEST`` characters from a sentence start near the beginning."""
    parts = _SENTENCE_ENDS.split(body)
    start = sum(map(len, parts[: draw.randrange(min(3, len(parts)))]))
    return body[start : start + LONGEST] if len(body) - start >= 40 else body[:LONGEST]


def under(subject: str, text: str, draw: random.Random, *, share: float) -> str:
    """``text`` below its subject line, in ``share`` of the cases."""
    return f"{subject}\n{text}" if subject and draw.random() < share else text


def _collect(name: str, pairs: Iterator[Pair]) -> Pairs:
    queries, passages = [], []
    for query, passage in pairs:
        queries.append(query)
        passages.append(passage)
    return Pairs(name, queries, passages)
