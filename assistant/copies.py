"""Reprints in what was found: one document that came several times takes one place, not several."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.types import Evidence
from corpus.store import Store
from corpus.types import Article

#: Passage id, score, rank in each leg that found it.
Found = tuple[str, float, dict[str, int]]
#: Copies of a document that are looked into for what another copy of it says.
LOOKED_INTO = 3
#: Behind every rank that a leg gives.
ABSENT = 10**9


def collapsed(
    store: Store, found: Sequence[Found], *, may_answer: Callable[[str], bool] = lambda article_id: True
) -> list[Found]:
    """What was found, in its order, with each passage of a reprint as the answering copy prints it.

    The copy that answers stands first in ``Store.reprints``, of those that ``may_answer``. What
    it does not say (its end is missing, a number is another) stays as it was found.
    """
    linked = store.reprints([_article(passage_id) for passage_id, _, _ in found])
    if not linked:
        return list(found)
    texts = store.texts([passage_id for passage_id, _, _ in found if _article(passage_id) in linked])
    kept: dict[str, Found] = {}
    for passage_id, score, ranks in found:
        copies = [a.id for a in linked.get(_article(passage_id), ()) if may_answer(a.id)][:LOOKED_INTO]
        said = _said_by(store, passage_id, texts, copies)
        _, best, held = kept.get(said, (said, score, ranks))
        merged = {leg: min(each.get(leg, ABSENT) for each in (held, ranks)) for leg in held | ranks}
        kept[said] = (said, max(best, score), merged)
    return list(kept.values())


def _said_by(
    store: Store, passage_id: str, texts: dict[str, tuple[str, str, str]], copies: Sequence[str]
) -> str:
    """The passage of the first copy that says what this one says; itself where none before it does."""
    for article_id in copies:
        if article_id == _article(passage_id):
            break
        if passage_id in texts and (same := store.counterpart(texts[passage_id][2], article_id)):
            return same.id
    return passage_id


def _article(passage_id: str) -> str:
    return passage_id.rpartition("/")[0]


def with_reprints(store: Store, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence, each with the other copies of its article."""
    linked = store.reprints([e.hit.article.id for e in evidence])
    return tuple(
        replace(e, reprints=tuple(a for a in linked[e.hit.article.id] if a.id != e.hit.article.id))
        if e.hit.article.id in linked
        else e
        for e in evidence
    )


#: Copies named in a note; of more only the number is told.
NAMED = 3


def seen_elsewhere(store: Store, article: Article) -> str:
    """A sentence on where else a document is printed, "另见：…"; ``""`` where it came once."""
    others = [a for a in store.reprints([article.id]).get(article.id, ()) if a.id != article.id]
    if not others:
        return ""
    sources = (store.source(a.source_id) for a in others[:NAMED])
    names = "、".join(dict.fromkeys(s.name for s in sources if s))
    more = f"等{len(others)}处" if len(others) > NAMED else ""
    title = f"《{article.title}》" if article.title else "所引文章"
    return f"{title}另见：{names}{more}（转载，内容相同）。"


def answering(store: Store, articles: Sequence[Article]) -> list[Article]:
    """The articles, without those of which a copy that goes before them is there as well."""
    linked = store.reprints([a.id for a in articles])
    here = {a.id for a in articles}
    first = {one: next((a.id for a in copies if a.id in here), one) for one, copies in linked.items()}
    return [a for a in articles if first.get(a.id, a.id) == a.id]
