"""The documents that a question names: by 文号, by title in 《》 or without."""

import re
from collections.abc import Sequence

from assistant import places
from assistant.copies import answering
from assistant.evidence.context import Context, context
from assistant.evidence.nearness import found_in
from assistant.evidence.subject import standing_of
from assistant.lookup.provenance import asks_whether_valid
from assistant.question.focus import Focus
from assistant.values import fold, values
from corpus.store import Store
from corpus.types import Article
from corpus.versions.standing import Register, stem

#: A title is meant when this share of its character pairs, or of what was asked, is shared.
TITLE_SHARE = 0.75
#: Passages looked through for the document that bears a 文号.
NUMBERED_HITS = 60
#: Share of a question's words that stand in the names of the document it is about.
NAMED_SHARE = 0.4
#: Titles in a question without 《》 have at least this many characters and end as documents do.
MENTIONED_CHARS = 6
_DOCUMENT = re.compile(r"(?:法|条例|办法|规定|细则|决定|章程|意见|通知|方案|规则|指南)$")


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


def numbered(store: Store, question: str) -> list[Article]:
    """Articles whose 文号 the question gives."""
    found: dict[str, Article] = {}
    for number in {v.value for v in values(question) if v.kind == "文号"}:
        ranked = store.search_lexical(number, NUMBERED_HITS)
        hits = store.hits([(passage_id, score, {}) for passage_id, score in ranked])
        found |= {h.article.id: h.article for h in hits if fold(h.article.number) == number}
    return list(found.values())


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


def _newest_first(article: Article) -> tuple[int, ...]:
    return tuple(-int(n) for n in re.findall(r"\d+", article.effective_on or article.published_on))


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
