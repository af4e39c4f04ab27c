"""The reading of a question that finds an answer: with the conversation, alone, as of its year."""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.following.choosing import CARRIED_UP, answers_from, eased, of_its_own, takes_up
from assistant.following.readings import READ_AS, Reading
from assistant.question.subject import asks_itself
from assistant.question.terms import terms
from assistant.question.vocabulary import ASPECTS, WEAK_WORDS
from assistant.stages.draft import draft
from assistant.stages.search import Search
from assistant.stages.work import Clock, Resources, Work
from assistant.types import Query
from corpus.types import Article, Filters


def read(
    query: Query, ways: Sequence[Reading], passages: Sequence[str] | None,
    resources: Resources, clock: Clock,
) -> Work:  # fmt: skip
    """What the first reading that has an answer found, the likeliest one where none has.

    ``ways`` are the readings of ``query`` in its conversation. With ``passages`` in these texts alone.
    """
    search = Search(resources, passages, clock)
    work = (_marked if ways and ways[0].sure else _unmarked)(query, ways, search)
    if work.supported or passages is not None or not (year := _past_year(work)):
        return work
    return search.in_year(work, year) or work


def _marked(query: Query, ways: Sequence[Reading], search: Search) -> Work:
    """What is found for a question that shows that it follows another one; alone, where it asks something so."""
    tried = []
    for way in ways:
        work = _followed(way, query, search)
        if work.supported and (work.facts or way.asks == "质疑" or _takes_up_own(work, way, search)):
            return work
        tried.append(work)
    if asks_itself(query.asked) and (alone := search.found_again(query, [])).supported:
        return alone
    return tried[0]


def _unmarked(query: Query, ways: Sequence[Reading], search: Search) -> Work:
    """What is found for a question that may stand alone: with the conversation only where that answers better."""
    alone = search.found_again(query, list(query.notes))
    if not ways or (alone.supported and of_its_own(alone.judged, query.terms)):
        return alone
    about = _quoted(ways[0].before, search)
    kept = {a.id for a in about}
    if alone.supported and answers_from(alone.judged) in kept:
        return alone
    for way in ways:
        work = _followed(way, query, search)
        goes_on = answers_from(work.judged) in kept or _takes_up_carried(work, way, search)
        if work.supported and goes_on and _takes_up_own(work, way, search):
            return work
    if about and (within := _within(about, query, search)):
        return within
    if not alone.supported:
        alone.notes.append(f"单独查，和联系上文按“{ways[0].text}”查，都没有找到。")
    return alone


def _takes_up_own(work: Work, way: Reading, search: Search) -> bool:
    return takes_up(work.judged, terms(way.own, search.resources.store))


def _takes_up_carried(work: Work, way: Reading, search: Search) -> bool:
    carried = terms(way.carried, search.resources.store)
    return bool(carried) and takes_up(work.judged, carried, CARRIED_UP)


def _followed(way: Reading, query: Query, search: Search) -> Work:
    """What is found for one reading of a question that follows another one."""
    about = _quoted(way.text, search) if way.asks == "出处" else ()
    text = way.text
    if about:
        text = f"《{about[0].title}》，{way.own}" if about[0].title else way.own
    whole = replace(search.understood(text, query.as_of), asked=query.asked)
    if way.asks == "内容":
        whole = replace(whole, terms=eased(whole.terms, terms(way.own, search.resources.store)))
    work = search.found_again(whole, [*query.notes, f"{READ_AS}{text}"], about=about)
    work.claimed = way.own if way.asks == "质疑" else None
    return work


def _within(about: Sequence[Article], query: Query, search: Search) -> Work | None:
    """What the documents that the last answer quotes say to a question that names something; else None."""
    if not set(query.terms) - WEAK_WORDS - ASPECTS:
        return None
    query = replace(query, filters=Filters(article_ids=tuple(a.id for a in about)))
    work = search.found(query, [*query.notes, f"接着查上一个回答引用的《{about[0].title}》。"])
    return work if work.supported and takes_up(work.judged, query.terms) else None


def _quoted(question: str, search: Search) -> tuple[Article, ...]:
    """The documents that the answer to a question quotes, found by asking it."""
    if search.passages is not None:
        return ()
    work = search.found_again(search.understood(question, ""), [])
    if not work.supported:
        return ()
    draft(work, search.resources)
    quoted = [*(f.context.article for f in work.facts), *(p.context.article for p in work.pieces)]
    return tuple({a.id: a for a in quoted}.values())


def _past_year(work: Work) -> str:
    """The one year that a question for a rule names, if it is over or running."""
    found = sorted(work.focus.years - set(re.findall(r"[〔\[（(](\d{4})", work.query.text)))
    return found[0] if len(found) == 1 and found[0] <= work.day[:4] else ""
