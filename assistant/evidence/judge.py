"""Grading: every segment judged against one part of a question, with the reason in words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from assistant import places
from assistant.evidence.candidate import Candidate, Fault, Scored
from assistant.evidence.context import Context, LikenessOf
from assistant.evidence.form import other_way, unfit
from assistant.evidence.held import holds_here
from assistant.evidence.nearness import IN_BLOCK, PIECES, found_in, own_words
from assistant.evidence.needed import FACTS, wanted
from assistant.evidence.ordering import (
    ONLY_NAMES,
    RECKONED,
    RECKONS,
    SORTS,
    SORTS_ASKED,
    as_found,
    exactness,
    only_names,
    rank,
    reckons,
    sets_limit,
)
from assistant.evidence.subject import (
    clause_reason,
    counted_apart,
    counts_place,
    innermost,
    named_reason,
    office_reason,
    other_count,
    place_reason,
    year_reason,
)
from assistant.evidence.worth import (
    SIGNED,
    asked_there,
    best_of_each,
    covering,
    ranges_met,
    signs,
    with_likeness,
)
from assistant.question.focus import Focus
from assistant.question.heads import heads
from assistant.question.parts import Part
from assistant.question.vocabulary import WEAK_WORDS
from assistant.ranges import amounts
from assistant.settings import AssistantSettings
from assistant.structure import TABLE_ROW
from assistant.types import Grade
from assistant.values import fold


def judge_part(
    focus: Focus,
    part: Part,
    contexts: Iterable[tuple[Context, Sequence[int]]],
    settings: AssistantSettings,
    as_of: str = "",
    likeness: LikenessOf | None = None,
    found_at: Mapping[str, float] = MappingProxyType({}),
) -> list[Candidate]:
    """Every segment given, judged against one part; best first.

    ``found_at`` says for articles, by id, how far below the first find retrieval scored them (0 or less).
    """
    contexts = list(contexts)
    fitting = ranges_met(part, contexts)
    needed = wanted(focus, part)
    if any(fitting.values()):
        numbers = fold("，".join(a.text for p in focus.parts for a in amounts(p.text)))
        needed = {t: w for t, w in needed.items() if t not in numbers}
    scored = [s for at, indexes in contexts for s in covering(part, needed, at, indexes)]
    if likeness:
        scored = with_likeness(part, scored, likeness)
    scored = [asked_there(part, needed, one) for one in scored]
    named: dict[int, str] = {}
    about = best_of_each(scored) if SIGNED.search(part.text) else {}
    found: list[Candidate] = []
    for one in scored:
        if id(one.at) not in named:
            named[id(one.at)] = named_reason(focus, one.at)
        fits_in = fitting.get((id(one.at), one.segment))
        if fits_in:
            one = one._replace(score=one.score + fits_in, own=one.own + 2 * fits_in)
        if one.score < (best := about.get(id(one.at), 0.0)) and signs(part, one.at, one.segment):
            one = one._replace(score=best, own=1.0)
        reason = named[id(one.at)] or ("说的是别的情形" if fits_in == 0 else "")
        candidate = _candidate(focus, part, one, needed, reason, settings)
        if RECKONED.search(part.text):
            told = RECKONS if reckons(one.at, one.segment) else -RECKONS
            candidate = replace(candidate, score=candidate.score + told)
        if SORTS_ASKED.search(part.text) and SORTS.search(one.at.segments[one.segment]):
            candidate = replace(candidate, score=candidate.score + RECKONS)
        if part.kind == "办法" and only_names(needed, one.at, one.segment):
            candidate = replace(candidate, score=candidate.score - ONLY_NAMES)
        found.append(candidate)
    found = [
        replace(c, worth=_worth(focus, part, c, as_of) + as_found(part, found_at.get(c.context.article.id)))
        for c in found
    ]
    return sorted(found, key=lambda c: (c.grade != "支持", -c.worth, -c.own))


def _worth(focus: Focus, part: Part, candidate: Candidate, as_of: str) -> float:
    exact = exactness(focus, part, candidate) if candidate.grade == "支持" else 0.0
    return exact - rank(candidate, as_of)


def _candidate(
    focus: Focus,
    part: Part,
    scored: Scored,
    needed: dict[str, float],
    named: str,
    settings: AssistantSettings,
) -> Candidate:
    at, index, score, own, close = scored
    if not needed:
        return Candidate(at, index, 0.0, 0.0, "无关", "问题里没有可查的词")
    fact = part.kind in FACTS
    enough = score >= (settings.fact_coverage if fact else settings.open_coverage)
    near = (
        own >= (settings.fact_own if fact else settings.open_own)
        or _headed(part, at, index)
        or _named_here(part, needed, at, index)
        or _row_asked(focus, part, needed, at, index)
        or (part.kind == "数字" and counts_place(focus, at, index))
        or (part.kind in _OF_A_TITLE and _of_its_title(needed, at, index, _OF_A_TITLE[part.kind]))
        or _limit_of_title(part, needed, at, index)
        or _does_here(part, needed, at, index)
    )
    fault, reason = _fault(focus, part, at, index, named)
    if not reason and enough and near and not holds_here(part, needed, at, index):
        fault, reason = "没有所问", f"没有给出所问的{_ASKED_FOR.get(part.kind, '内容')}"
    if not reason and not (enough and near):
        reason = _missing(needed, at, index, close)
    grade: Grade = "支持" if not reason else "部分" if score >= settings.open_coverage / 2 else "无关"
    return Candidate(at, index, score, own, grade, reason, fault)


def _fault(focus: Focus, part: Part, at: Context, index: int, named: str) -> tuple[Fault, str]:
    """What keeps a segment from being an answer however near its words are, and the reason in words."""
    if reason := named or clause_reason(focus, at, index) or office_reason(part, at):
        return "对象不符", reason
    if reason := unfit(part, at, index) or other_way(part, at.segments[index]):
        return "形式不符", reason
    reason = place_reason(focus, at, index) or year_reason(focus, at, index) or other_count(part, at, index)
    reason = reason or counted_apart(focus, part, at, index)
    return ("对象不符" if reason else ""), reason


#: A heading that says what kind of thing stands under it ("一、活动时间").
_HEADED = {"时间": "时间|日期|期限", "地点": "地点|地址", "人物": "联系人|负责人"}


def _headed(part: Part, at: Context, index: int) -> bool:
    pattern = _HEADED.get(part.kind)
    return bool(pattern and re.search(pattern, at.nearest[index] + _opener(at, index)))


#: A paragraph's first sentence up to this length heads the others ("二、时间和对象。2025年7月7日至……").
OPENER_CHARS = 16


def _opener(at: Context, index: int) -> str:
    """The short first sentence of a segment's paragraph; "" where it is the segment's own or longer."""
    segment = at.view.segments[index]
    first = at.view.sentences_of(segment.line)[0]
    heads_it = first.end - first.start <= OPENER_CHARS and first.end <= segment.start
    return at.view.of(first) if heads_it else ""


#: The words right before "是谁", "是什么": the role or quality that is asked for.
_BEFORE_ASKING = re.compile(r"([\u4e00-\u9fff]{2,10}?)(?:分别|各)?(?:是|叫|为)(?:谁|哪|什么|何)")


def _named_here(part: Part, needed: Iterable[str], at: Context, index: int) -> bool:
    """Whether a segment itself names the role that is asked for ("第一名是谁") beside a person."""
    match = _BEFORE_ASKING.search(fold(part.text))
    if part.kind != "人物" or not match:
        return False
    return any(match[1].endswith(t) and t not in WEAK_WORDS and t in at.segments[index] for t in needed)


def _row_asked(focus: Focus, part: Part, needed: Iterable[str], at: Context, index: int) -> bool:
    """Whether a table's row is that of a place asked for and has a column of what is counted."""
    row = at.view.of(at.view.segments[index])
    if not focus.places or not TABLE_ROW.fullmatch(row):
        return False
    columns = fold("。".join(cell.partition("：")[0] for cell in re.split("[；;]", row))) + at.nearest[index]
    here = any(places.core(p) in row for p in innermost(focus))
    return here and any(found_in(t, columns) >= PIECES for t in heads(part, needed))


#: Share (0–1) of what the title does not say that a segment must take up, by the kind of question.
_OF_A_TITLE = {"数字": 0.42, "时间": 0.42, "列举": 0.6, "办法": 0.6}


def _limit_of_title(part: Part, needed: Iterable[str], at: Context, index: int) -> bool:
    """Whether the title names all that is asked about and a segment sets the limit that is asked for."""
    return (
        part.kind == "数字"
        and sets_limit(part, at.segments[index])
        and all(found_in(t, at.title) >= PIECES for t in needed)
    )


def _of_its_title(needed: dict[str, float], at: Context, index: int, least: float) -> bool:
    """Whether the title names the subject and a segment takes up the rest: "参保费用为每人每年80元"."""
    rest = {t: w for t, w in needed.items() if found_in(t, at.title) < PIECES}
    if not rest or len(rest) == len(needed):
        return False
    return sum(w * own_words(t, at, index) for t, w in rest.items()) >= least * sum(rest.values())


#: "要谁同意": what the one who is asked for does.
_DOES = re.compile(r"谁(?:来|去|先)?([\u4e00-\u9fff]{2,4})")


def _does_here(part: Part, needed: Iterable[str], at: Context, index: int) -> bool:
    """Whether a segment says itself what somebody does, asked who does it."""
    asked = _DOES.search(fold(part.text))
    if part.kind != "人物" or not asked:
        return False
    return any(asked[1].startswith(t) and t not in WEAK_WORDS and t in at.segments[index] for t in needed)


_ASKED_FOR = {"数字": "数字", "时间": "时间", "人物": "人名", "地点": "地点"}


def _missing(needed: dict[str, float], at: Context, index: int, close: Mapping[str, float]) -> str:
    """The heaviest words asked for that the segment and what is around it lack."""
    # A word that its article lacks can stand only across two segments that its block joins.
    block = at.blocks[at.block_of[index]]
    near = {t: close[t] if t in close else IN_BLOCK * found_in(t, block) for t in needed}
    lacking = sorted(((w * (1 - near[t]), t) for t, w in needed.items()), reverse=True)
    words = [t for gap, t in lacking if gap > 0.5][:2]
    return f"没有谈到“{'”“'.join(words)}”" if words else "与所问不够贴近"
