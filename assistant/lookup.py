"""Questions that a document's own data answer: its author, date, number, issuer, one of its clauses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant import places
from assistant.copies import answering
from assistant.evidence.candidate import Candidate
from assistant.evidence.context import Context, context
from assistant.evidence.nearness import found_in
from assistant.evidence.people import names_post
from assistant.evidence.subject import standing_of
from assistant.question.focus import Focus
from assistant.structure import Span
from assistant.values import fold, values, whole
from corpus.store import Store
from corpus.types import Article, Passage
from corpus.versions.standing import Register, stem

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
    found = sorted(found, key=lambda a: (-shares[a.id], bool(standing_of(a)), _newest_first(a)))
    return answering(store, found)


def _newest_first(article: Article) -> tuple[int, ...]:
    return tuple(-int(n) for n in re.findall(r"\d+", article.effective_on or article.published_on))


_WHO = re.compile(r"(?<![工写创操])作者|谁写|谁撰写|执笔|撰稿|通讯员|记者|摄影|拍摄|谁拍")
_POST = re.compile(r"职务|职位|身份|单位|什么人|哪个部门|任职")
_WHEN = re.compile(
    r"(?:哪天|什么时候|何时|哪一?天|哪一?年|日期|时间).{0,6}(?:发布|印发|发表|刊登|公布|颁布|通过|施行|实施|生效)?|(?:发布|印发|公布|施行|实施)(?:日期|时间)"
)
_FORCE = re.compile(r"施行|实施|生效|执行")
_NUMBER = re.compile(r"文号")
_VALID = re.compile(
    r"有效(?!期|率)|废止|失效|作废|现行|过期|(?:现在|目前)[^，,。]{0,4}执行|哪一?(?:个|年的?)?版本?|最新版"
)
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


def provenance(question: str, articles: Sequence[Article], register: Register, day: str) -> list[Fact]:
    """Who wrote, issued or numbered a document, when, and whether it holds on a day.

    Nothing where the documents' data do not say. Of several versions the first that can
    answer does; how the others stand is said only where that is the question.
    """
    if asks_whether_valid(question):
        found = list(articles[:1])
        found += (
            [a for a in register.family(articles[0]) if a.id in {o.id for o in articles}] if articles else []
        )
        return [fact for a in found if (fact := _stands(context(a), register, day))]
    for article in _same_document(articles, register):
        if facts := _about(question, context(article)):
            return facts
    return []


def _same_document(articles: Sequence[Article], register: Register) -> list[Article]:
    """Of the documents named nearly as asked the nearest, and what is it too: its versions, its namesakes.

    What another document says of itself is no answer, however alike its name.
    """
    if not articles:
        return []
    title = fold(articles[0].title)
    versions = {a.id for a in register.family(articles[0])}
    return [a for a in articles if a is articles[0] or a.id in versions or fold(a.title) == title]


def asks_whether_valid(question: str) -> bool:
    """Whether a question is on a document's standing; words of its title do not count."""
    return bool(_VALID.search(re.sub("《[^》]*》", "《》", question)))


def _stands(at: Context, register: Register, day: str) -> Fact | None:
    """How a document stands, with the line of it, or of what replaced it, that bears this out."""
    article = at.article
    standing = register.of(article, day)
    if standing.status == "未知":
        return None
    if not standing.holds or standing.status == "已修改":
        dates = [_in_chinese(d) for d in (article.expires_on, article.effective_on) if d]
        return Fact(at, register.note(article, day), _line_with(at, [*dates, article.number, article.title]))
    since = f"，自{_in_chinese(article.effective_on)}起施行" if article.effective_on else ""
    until = f"，有效期至{_in_chinese(article.expires_on)}" if article.expires_on else ""
    said = [_in_chinese(d) for d in (article.effective_on, article.expires_on) if d]
    return Fact(
        at,
        f"《{article.title}》现行有效{since}{until}。",
        _line_with(at, [*said, article.number, article.title]),
    )


def _about(question: str, at: Context) -> list[Fact]:
    article, name = at.article, f"《{at.article.title}》"
    if _WHO.search(question):
        return _author(question, at, name)
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


def posts(question: str, articles: Sequence[Article]) -> list[Fact]:
    """What post somebody holds who wrote one of the articles: the line of it that says so."""
    for article in articles:
        if any(len(name) > 1 and name in question for name in article.authors):
            facts = _author(question, context(article), "")
            if facts and names_post(facts[0].text):
                return facts
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
    if re.search("执笔|撰稿", question) and (penned := _line_with(at, ["执笔", "撰稿"])):
        return [Fact(at, at.view.of(penned), penned)]
    return [Fact(at, f"{name}的作者是{'、'.join(authors)}。", _line_with(at, authors))]


_CLAUSE = re.compile(r"第([零〇一二三四五六七八九十百\d]+)条(?:第([一二三四五六七八九十\d]+)款)?")


def clause_numbers(question: str) -> list[tuple[int | None, int | None]]:
    """``(条, 款)`` of every clause a question names; 款 is None where it names none."""
    return [(whole(m[1]), whole(m[2]) if m[2] else None) for m in _CLAUSE.finditer(question)]


def exactly(names: Sequence[str], articles: Sequence[Article]) -> list[Article]:
    """Of documents that are titled nearly as asked those that are the law meant, in any version."""
    found = [a for a in articles if any(_same_law(n, a.title) for n in names)]
    return found or [a for a in articles[:1] if any(_short_for(n, a.title) for n in names)]


def _short_for(name: str, title: str) -> bool:
    """Whether a name leaves out parts of a title and adds none ("困难职工办法"); it ends as the title does."""
    long, rest = stem(title), iter(stem(title))
    return len(name) >= LAW_CHARS and name[-2:] == long[-2:] and all(char in rest for char in stem(name))


def clauses(
    question: str, articles: Sequence[Article], passages_of: "Passages"
) -> list[tuple[Context, Span]]:
    """The clauses a question names by number, from the first document that has them."""
    wanted = clause_numbers(question)
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
    if not match or whole(match[1]) != clause:
        return None
    begin = re.search(r"第[零〇一二三四五六七八九十百\d]+条", passage.text)
    offset = begin.start() if begin else 0
    ranged = _PARTS.search(passage.label)
    if part is None or not ranged:
        return Span(passage.start + offset, passage.end) if part in (None, 1) else None
    first, last = whole(ranged[1]) or 1, whole(ranged[2] or ranged[1]) or 1
    if not first <= part <= last:
        return None
    starts = [m.start() for m in re.finditer(r"(?<![^\n])[^\n（(\s]", passage.text) if m.start() >= offset]
    if len(starts) != last - first + 1:
        return Span(passage.start + offset, passage.end)
    ends = [*starts[1:], len(passage.text)]
    return Span(passage.start + starts[part - first], passage.start + ends[part - first])


#: A law named without 《》 in front of the clause ("工会法第四十三条").
_BARE_NAME = re.compile(
    r"([\u4e00-\u9fff]{2,30}?(?:法|条例|办法|规定|细则|决定|章程|意见))(?:的)?第[零〇一二三四五六七八九十百几\d]+条"
)
_BEFORE_LAW = re.compile(
    r"^.*(?:请问|根据|依据|按照|依照|关于|规定在|写在|[在是])(?=[\u4e00-\u9fff]{3})|^.*的(?=[\u4e00-\u9fff]{2,}法$)"
)


def law_names(question: str, focus: Focus) -> tuple[str, ...]:
    """The documents whose clauses are asked for, in 《》 or without."""
    return focus.titles or tuple(_BEFORE_LAW.sub("", m[1]) for m in _BARE_NAME.finditer(question))


#: Articles whose passages are kept; beyond, all are forgotten.
KEPT = 4096


class Passages:
    """An article's passages, in order, by its id; those of the latest articles are kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revision = -1
        self._kept: dict[str, list[Passage]] = {}

    def __call__(self, article_id: str) -> list[Passage]:
        if self._revision != self._store.revision:
            self._revision, self._kept = self._store.revision, {}
        kept = self._kept
        found = kept.get(article_id)
        if found is None:
            if len(kept) >= KEPT:
                self._kept = kept = {}
            found = kept[article_id] = self._store.passages(article_id)
        return found


#: Passages looked through for the document that bears a 文号.
NUMBERED_HITS = 60


def numbered(store: Store, question: str) -> list[Article]:
    """Articles whose 文号 the question gives."""
    found: dict[str, Article] = {}
    for number in {v.value for v in values(question) if v.kind == "文号"}:
        ranked = store.search_lexical(number, NUMBERED_HITS)
        hits = store.hits([(passage_id, score, {}) for passage_id, score in ranked])
        found |= {h.article.id: h.article for h in hits if fold(h.article.number) == number}
    return list(found.values())


def named_documents(
    store: Store, question: str, focus: Focus, hits: Sequence[Article], register: Register, day: str
) -> list[Article]:
    """The documents a question is about, as they stand on a day: what holds first.

    By number, by title in 《》 or without; else, unless the question is whether one holds,
    what retrieval found.
    """
    found = numbered(store, question)
    if not found:
        found = titled(store, focus.titles) if focus.titles else mentioned(store, question)
        found = _versions(found, question, focus, register, day)
    if not found and not focus.titles and not asks_whether_valid(question):
        found = [a for a in hits[:1] if _goes_by(focus, context(a))]
    return [register.dated(a, day) for a in found]


#: Share of a question's words that stand in the names of the document it is about.
NAMED_SHARE = 0.4


def _goes_by(focus: Focus, at: Context) -> bool:
    """Whether a document's title, authors or issuer take up enough of the question to be the one meant."""
    said = sum(w * found_in(fold(t), at.byline) for t, w in focus.terms.items())
    return said >= NAMED_SHARE * sum(focus.terms.values())


def _versions(
    found: Sequence[Article], question: str, focus: Focus, register: Register, day: str
) -> list[Article]:
    """The best find and its other versions: the one asked for by year or full title, else what holds."""
    if not found:
        return []
    family = {a.id: a for a in [found[0], *register.family(found[0])]}
    asked = fold(question)
    exact = {
        a.id for a in family.values() if fold(a.title) in asked and stem(a.title) != fold(_bare(a.title))
    } | {a.id for a in family.values() if focus.years & {a.effective_on[:4], a.published_on[:4]}}
    order = {a.id: n for n, a in enumerate(found)}
    ranked = sorted(
        family.values(),
        key=lambda a: (
            a.id not in exact,
            not register.of(a, day).holds,
            _newest_first(a),
            order.get(a.id, 99),
        ),
    )
    return ranked + [a for a in found if a.id not in family]


def _bare(title: str) -> str:
    return re.sub(r"^中华人民共和国|[（(]示例[）)]", "", title)


#: Titles in a question without 《》 have at least this many characters and end as documents do.
MENTIONED_CHARS = 6
_DOCUMENT = re.compile(r"(?:法|条例|办法|规定|细则|决定|章程|意见|通知|方案|规则|指南)$")


def mentioned(store: Store, question: str) -> list[Article]:
    """Documents whose title, without its version, stands in the question as it is; longest first.

    The issuing place may be left out or stand elsewhere in the question.
    """
    asked = fold(question)
    found: list[tuple[int, str]] = []
    for article_id, title in store.titles():
        whole = stem(title)
        if whole[-MENTIONED_CHARS:] not in asked:  # most titles, at a tenth of the cost
            continue
        named = places.asked(whole)
        short = whole[len(named[0]) :] if named and whole.startswith(named[0]) else whole
        if len(short) >= MENTIONED_CHARS and _DOCUMENT.search(short) and short in asked:
            elsewhere = places.asked(asked) if short != whole else []
            if not elsewhere or any(named[0] in p or p in named[0] for p in elsewhere):
                found.append((-len(short), article_id))
    articles = [store.article(i) for length, i in sorted(found) if length == min(found)[0]]
    return [a for a in articles if a]


_CITED = re.compile(r"《([^》]+)》((?:第[零〇一二三四五六七八九十百\d]+条[^《]{0,12}?[、和及至，]?)+)")


def cites(text: str, law: str, clause: int) -> bool:
    """Whether a text names a clause of a law: the number right behind that title, not another's."""
    return any(
        _same_law(law, m[1]) and clause in {whole(c[1]) for c in _CLAUSE.finditer(m[2])}
        for m in _CITED.finditer(text)
    )


#: Laws are named by the end of their title from this length on ("调解仲裁法"); 劳动法 is no 合同 law's end.
LAW_CHARS = 5


def _same_law(asked: str, title: str) -> bool:
    one, other = stem(asked), stem(title)
    long = min(len(one), len(other)) >= LAW_CHARS
    return one == other or (long and (one.endswith(other) or other.endswith(one)))


def bases(judged: Sequence[Candidate], passages_of: "Passages", laws: Sequence[str] = ()) -> list[Fact]:
    """On which clause the nearest supporting sentence rests: one it names, else the one it stands in."""
    good = [c for c in judged if c.grade == "支持"]
    for candidate in good[:12]:
        if good[0].score - candidate.score > BASIS_NEAR:
            break
        at, segment = candidate.context, candidate.context.view.segments[candidate.segment]
        line = at.view.lines[segment.line]
        here = at.view.sentences[segment.sentence]
        said = at.view.text[here.start : line.end]
        cited = next(
            (m for m in _CITED.finditer(said) if not laws or any(_same_law(w, m[1]) for w in laws)), None
        )
        if cited:
            end = next(s.end for s in at.view.sentences if s.end >= here.start + cited.end())
            return [Fact(at, at.view.text[here.start : end], Span(here.start, end))]
        label = next((p.label for p in passages_of(at.article.id) if p.start <= here.start < p.end), "")
        own = not laws or any(_same_law(w, at.article.title) for w in laws)
        if own and (clause := _CLAUSE.search(label)):
            quote = re.sub(rf"^{clause[0]}\s*", "", at.view.of(here))
            return [
                Fact(
                    at,
                    f"依据是《{at.article.title}》{label[clause.start() :]}：{quote}",
                    Span(here.start, here.end),
                )
            ]
    return []


#: A sentence this much less near than the best one may still be the one that names its clause.
BASIS_NEAR = 0.2
