"""Questions that a document's own data answer: its author, date, number, issuer, one of its clauses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence import Context, context, standing_of
from assistant.question import Focus
from assistant.structure import Span
from assistant.values import chinese_number, fold, values
from corpus.store import Store
from corpus.types import Article, Passage

#: A title is meant when this share of its character pairs, or of what was asked, is shared.
TITLE_SHARE = 0.75
#: Lines at the top and the bottom of an article where its author, source and date stand.
EDGE_LINES = 4


@dataclass(frozen=True, slots=True)
class Fact:
    """直查所得: a sentence about a document and the span of its text that bears it out.

    ``span`` is None where only the catalogue knows it.
    """

    context: Context
    text: str
    span: Span | None


def _share(asked: str, title: str) -> float:
    """How surely a title is the one asked for: 2 the same, then by how much of it was said."""
    asked, title = (re.sub("^中华人民共和国|（示例）|\\(示例\\)", "", t) for t in (asked, title))
    if not asked or not title:
        return 0.0
    if asked == title:
        return 2.0
    if asked in title or title in asked:
        both = sorted((len(asked), len(title)))
        return TITLE_SHARE + both[0] / both[1] if both[0] >= 4 else 0.5
    pairs = {asked[i : i + 2] for i in range(len(asked) - 1)}
    return sum(p in title for p in pairs) / max(1, len(pairs))


def titled(store: Store, names: Sequence[str]) -> list[Article]:
    """Articles whose title is one of the names (or nearly), best first."""
    asked = [fold(n) for n in names]
    shares = {aid: max((_share(a, fold(t)) for a in asked), default=0.0) for aid, t in store.titles()}
    close = sorted((aid for aid, share in shares.items() if share >= TITLE_SHARE), key=lambda i: -shares[i])[
        :12
    ]
    found = [a for a in (store.article(i) for i in close) if a]
    best = shares[found[0].id] if found else 0.0
    found = [a for a in found if shares[a.id] >= min(best, 1.0)]
    return sorted(found, key=lambda a: (-shares[a.id], bool(standing_of(a)), _newest_first(a)))


def _newest_first(article: Article) -> tuple[int, ...]:
    return tuple(-int(n) for n in re.findall(r"\d+", article.effective_on or article.published_on))


_WHO = re.compile(r"(?<![工写创操])作者|谁写|谁撰写|执笔|撰稿|通讯员|记者|摄影|拍摄|谁拍")
_POST = re.compile(r"职务|职位|身份|单位|什么人|哪个部门|任职")
_WHEN = re.compile(
    r"(?:哪天|什么时候|何时|哪一?天|哪一?年|日期|时间).{0,6}(?:发布|印发|发表|刊登|公布|颁布|通过|施行|实施|生效)?|(?:发布|印发|公布|施行|实施)(?:日期|时间)"
)
_FORCE = re.compile(r"施行|实施|生效")
_NUMBER = re.compile(r"文号")
_VALID = re.compile(r"有效|废止|失效")
_ISSUER = re.compile(r"发文机关|发文单位|哪个(?:部门|单位|机关)|谁(?:印发|发布)|由谁(?:印发|发布|制定)")


def _line_with(at: Context, needles: Sequence[str]) -> Span | None:
    """The first edge line (else any line) that holds one of the strings."""
    lines = at.view.lines
    edges = [*range(min(EDGE_LINES, len(lines))), *range(max(0, len(lines) - EDGE_LINES), len(lines))]
    for index in [*edges, *range(len(lines))]:
        folded = at.lines[index]
        if any(fold(n) in folded for n in needles if n):
            line = lines[index]
            inside = [
                s
                for s in at.view.sentences_of(index)
                if any(fold(n) in fold(at.view.of(s)) for n in needles if n)
            ]
            return inside[0] if inside else Span(line.start, line.end)
    return None


def provenance(question: str, articles: Sequence[Article], as_of: str = "") -> list[Fact]:
    """Who wrote, issued or numbered a document, and when; nothing where its data do not say."""
    for article in articles:
        if facts := _about(question, context(article), as_of):
            return facts
    return []


def _about(question: str, at: Context, as_of: str) -> list[Fact]:
    article, name = at.article, f"《{at.article.title}》"
    if _WHO.search(question):
        return _author(question, at, name)
    if _VALID.search(question) and (article.status != "未知" or as_of):
        standing = standing_of(article, as_of) or ("现行有效" if article.status == "现行" else "")
        if standing:
            return [Fact(at, f"{name}{standing}。", _line_with(at, [article.number, article.title]))]
    if _NUMBER.search(question) and article.number:
        return [Fact(at, f"{name}的文号是{article.number}。", _line_with(at, [article.number]))]
    if _ISSUER.search(question) and article.issuer:
        return [Fact(at, f"{name}由{article.issuer}发布。", _line_with(at, [article.issuer]))]
    if _WHEN.search(question):
        force = bool(_FORCE.search(question))
        day = article.effective_on if force else article.published_on
        if day:
            said = _in_chinese(day)
            return [
                Fact(
                    at,
                    f"{name}{'自' if force else '的日期是'}{said}{'起施行' if force else ''}。",
                    _line_with(at, [said, day]),
                )
            ]
    return []


def _in_chinese(day: str) -> str:
    parts = day.split("-")
    return "".join(
        f"{p if i == 0 else int(p)}{unit}" for i, (p, unit) in enumerate(zip(parts, "年月日", strict=False))
    )


def _author(question: str, at: Context, name: str) -> list[Fact]:
    authors = at.article.authors
    if not authors:
        return []
    if _POST.search(question):
        told = next(
            (s for s in at.view.sentences if re.search("作者[为是系]|作者单位|工作单位", at.view.of(s))), None
        )
        line = told or _line_with(at, authors)
        return [Fact(at, at.view.of(line), line)] if line else []
    return [Fact(at, f"{name}的作者是{'、'.join(authors)}。", _line_with(at, authors))]


_CLAUSE = re.compile(r"第([零〇一二三四五六七八九十百\d]+)条(?:第([一二三四五六七八九十\d]+)款)?")


def _plain(raw: str) -> int | None:
    return int(raw) if raw.isdigit() else chinese_number(raw)


def clauses(
    question: str, articles: Sequence[Article], passages_of: "Passages"
) -> list[tuple[Context, Span]]:
    """The clauses a question names by number, from the first document that has them."""
    wanted = [(_plain(m[1]), _plain(m[2]) if m[2] else None) for m in _CLAUSE.finditer(question)]
    for article in articles:
        found = [
            (context(article), span)
            for clause, part in wanted
            for p in passages_of(article.id)
            if (span := _clause_span(p, clause, part))
        ]
        if found:
            return found
    return []


_PARTS = re.compile(r"第([一二三四五六七八九十\d]+)款(?:至第([一二三四五六七八九十\d]+)款)?")


def _clause_span(passage: Passage, clause: int | None, part: int | None) -> Span | None:
    """Where in its article a passage says the clause; of several 款 the one asked for."""
    match = _CLAUSE.search(passage.label)
    if not match or _plain(match[1]) != clause:
        return None
    begin = re.search(r"第[零〇一二三四五六七八九十百\d]+条", passage.text)
    offset = begin.start() if begin else 0
    ranged = _PARTS.search(passage.label)
    if part is None or not ranged:
        return Span(passage.start + offset, passage.end) if part in (None, 1) else None
    first, last = _plain(ranged[1]) or 1, _plain(ranged[2] or ranged[1]) or 1
    if not first <= part <= last:
        return None
    starts = [m.start() for m in re.finditer(r"(?<![^\n])[^\n（(\s]", passage.text) if m.start() >= offset]
    if len(starts) != last - first + 1:
        return Span(passage.start + offset, passage.end)
    ends = [*starts[1:], len(passage.text)]
    return Span(passage.start + starts[part - first], passage.start + ends[part - first])


#: A law named without 《》 in front of the clause ("工会法第四十三条").
_BARE_NAME = re.compile(
    r"([\u4e00-\u9fff]{2,30}?(?:法|条例|办法|规定|细则|决定|章程|意见))(?:的)?第[零〇一二三四五六七八九十百\d]+条"
)


def law_names(question: str, focus: Focus) -> tuple[str, ...]:
    """The documents whose clauses are asked for, in 《》 or without."""
    return focus.titles or tuple(m[1] for m in _BARE_NAME.finditer(question))


class Passages:
    """An article's passages, in order, by its id."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revision = -1
        self._kept: dict[str, list[Passage]] = {}

    def __call__(self, article_id: str) -> list[Passage]:
        if self._revision != self._store.revision:
            self._revision, self._kept = self._store.revision, {}
        if article_id not in self._kept:
            self._kept[article_id] = self._store.passages(article_id)
        return self._kept[article_id]


def numbered(store: Store, question: str) -> list[Article]:
    """Articles whose 文号 the question gives."""
    numbers = {v.value for v in values(question) if v.kind == "文号"}
    return [a for a in store.articles() if fold(a.number) in numbers] if numbers else []


def named_documents(store: Store, question: str, focus: Focus, hits: Sequence[Article]) -> list[Article]:
    """The documents a question is about: those it names or numbers, else those that retrieval found."""
    if found := numbered(store, question):
        return found
    if focus.titles:
        return titled(store, focus.titles)
    return list(dict.fromkeys(hits))[:1]
