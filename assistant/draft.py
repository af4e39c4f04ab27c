"""Drafting by quotation: which sentences and items answer, in the source's words and order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.evidence import (
    ASKS,
    FACTS,
    PIECES,
    Candidate,
    Context,
    asks_clause,
    clause_end,
    found_in,
    holds,
    innermost,
    listed_noun,
    speaks_of,
    standing_of,
    wanted,
    year_reason,
)
from assistant.places import core
from assistant.question import WEAK_WORDS, Focus, Part, counted
from assistant.ranges import amounts
from assistant.settings import AssistantSettings
from assistant.structure import TABLE_ROW, Line, Listing, Segment, Span, sentence_spans
from assistant.values import chinese_number, fold, same_unit, values, years
from corpus.types import Article

#: A list must be announced at least this well (share of the question's words in its lead).
LIST_COVERAGE = 0.55
#: What it is worth that a list has as many items as the question says, and costs if not.
COUNT_RIGHT = 0.3
COUNT_WRONG = 0.25
#: A list is what was asked for: worth this much more than a sentence that is as near.
IS_LIST = 0.15
#: Sentences this much less near than the best one are left out of open answers.
NEAR_BEST = 0.12
NEAR_BEST_HOW = 0.3

#: Sentences as short as this are headings in all but form: what they name stands below them.
SHORT = 30
_NUMERAL = "一二两三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Piece:
    """摘句: a span of one article that will be quoted. ``under`` names the document, once a group."""

    context: Context
    span: Span
    under: str = ""
    #: Whether another document that holds says otherwise, and stands beside this one.
    contrary: bool = False

    @property
    def text(self) -> str:
        return self.context.view.of(self.span)


#: One way to answer: how good it is, and its pieces.
Option = tuple[float, list[Piece]]


def clauses(text: str, span: Span) -> list[Span]:
    """The clauses of a sentence, cut at commas outside quotations and brackets."""
    return sentence_spans(text, span.start, span.end, "，,；;：:。！？!?")


def shorten(piece: Piece, limit: int) -> Piece:
    """Whole sentences from the front that fit; at least one, cut after a clause if need be."""
    text = piece.context.view.text
    if piece.span.end - piece.span.start <= limit:
        return piece
    end = piece.span.start
    for sentence in sentence_spans(text, piece.span.start, piece.span.end):
        if sentence.end - piece.span.start > limit:
            break
        end = sentence.end
    if end == piece.span.start:
        first = sentence_spans(text, piece.span.start, piece.span.end)[0]
        for clause in clauses(text, first):
            if end > piece.span.start and clause.end - piece.span.start > limit:
                break
            end = clause.end
    return replace(piece, span=Span(piece.span.start, end))


def fit(pieces: Sequence[Piece], settings: AssistantSettings) -> list[Piece]:
    """The pieces shortened evenly until they are an answer, not a page; none is dropped."""
    kept = list(pieces)
    for limit in (200, 150, 110, 80, 60, 45, 32, 24, 16):
        if sum(p.span.end - p.span.start for p in kept) <= settings.answer_chars:
            break
        kept = [shorten(p, limit) for p in kept]
    return kept


#: A table's row says whose figures they are in its first cell: up to this long it is never cut.
ROW_CHARS = 160


def fact(candidate: Candidate, focus: Focus, part: Part, settings: AssistantSettings) -> Piece:
    """The sentence that states it; of a long one the clauses that do, with their subject."""
    at = candidate.context
    segment = at.view.segments[candidate.segment]
    sentence = at.view.sentences[segment.sentence]
    row = at.view.lines[segment.line]
    if row.end - row.start <= ROW_CHARS and TABLE_ROW.fullmatch(at.view.of(row)):
        return Piece(at, Span(row.start, row.end))
    if sentence.end - sentence.start <= settings.fact_chars:
        return Piece(at, sentence)
    span = candidate.span
    if span.end - span.start <= settings.fact_chars:
        return Piece(at, span)
    return Piece(at, _telling(at, span, wanted(focus, part), part))


def _telling(at: Context, span: Span, needed: dict[str, float], part: Part) -> Span:
    """The shortest run of clauses that says as much of what is asked as the whole does."""
    text = at.view.text
    parts = clauses(text, span)
    folded = [fold(text[c.start : c.end]) for c in parts]
    whole = "".join(folded)
    there = [t for t in needed if found_in(t, whole) >= PIECES]
    best = span
    for i in range(len(parts)):
        for j in range(i, len(parts)):
            run = Span(parts[i].start, parts[j].end)
            joined = "".join(folded[i : j + 1])
            if run.end - run.start >= best.end - best.start or _dangles(text, run):
                continue
            if all(found_in(t, joined) >= PIECES for t in there) and holds(
                part, text[run.start : run.end], counted(part, needed)
            ):
                best = run
    return best


def _dangles(text: str, run: Span) -> bool:
    """Whether a run of clauses begins in the middle of a thought or is mere digits."""
    said = text[run.start : run.end]
    return (
        bool(re.match(r"其|并|且|而|但|也|还|均|都|则|以及|和|与|同时|因此|所以|从而|使|让", said))
        or len(said) < 8
    )


#: What is quoted already answers a further question unless something is this much nearer.
ALREADY_SAID = 0.25


def covered(candidates: Sequence[Candidate], pieces: Sequence[Piece]) -> bool:
    """Whether the pieces chosen for an earlier part answer this one too."""
    good = [c for c in candidates if c.grade == "支持"]
    return any(
        c.score >= good[0].score - ALREADY_SAID
        and any(
            p.context is c.context and p.span.start <= c.span.start and c.span.end <= p.span.end
            for p in pieces
        )
        for c in good
    )


def draft_part(
    focus: Focus, part: Part, candidates: Sequence[Candidate], settings: AssistantSettings
) -> list[Piece]:
    """The pieces that answer one part; empty when nothing supports an answer."""
    good = [c for c in candidates if c.grade == "支持"]
    places = innermost(focus)
    if good and len(places) > 1:
        return _by_place(focus, part, good, places, settings)
    if good and len(focus.years) > 1:
        return _by_year(focus, part, good, settings)
    if good and focus.spread:
        return _by_document(good, settings)
    return _from(focus, part, good, settings) if good else []


def _from(focus: Focus, part: Part, good: Sequence[Candidate], settings: AssistantSettings) -> list[Piece]:
    if part.kind in FACTS:
        if rows := _tied_rows(focus, part, good):
            return rows
        stated = fact(good[0], focus, part, settings)
        contrary = _contrary(stated, focus, part, good, settings)
        if contrary is None:
            return [stated]
        return [replace(p, under=p.context.article.title, contrary=True) for p in (stated, contrary)]
    if part.kind in ("定义", "其他", "列举") and (told := _taken_up(focus, good)):
        return fit(told, settings)
    if part.kind in ("定义", "其他", "是否", "条款", "比较"):
        named = _abbreviation(focus, good)
        best = max(good, key=lambda c: c.score + DEFINING * _told_outright(part, c))
        return fit(named[1] if named else _stating(part, best), settings)
    options = _listings(focus, part, good) + _series(focus, part, good) + _counted(focus, part, good)
    options += _sections(focus, part, good)
    if named := _abbreviation(focus, good):
        options.append(named)
    options += _steps(focus, part, good) if part.kind == "办法" else []
    options += [
        (c.score + DEFINING, [Piece(c.context, _with_details(c, _sentence(c)))])
        for c in good[:8]
        if _conditions(part, c)
    ]
    worth = _remedy(part, nearest := _nearest(good, part))
    options.append((good[0].score + worth - (ONE_SENTENCE if part.kind == "列举" else 0.0), nearest))
    if (focus.count or 0) >= MANY and not any(_as_many(focus.count or 0, pieces) for _, pieces in options):
        return []
    return fit(max(options, key=lambda o: o[0])[1], settings)


#: So many rows of a table are quoted where the question says nothing that tells them apart.
TIED_ROWS = 8


def _tied_rows(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Piece]:
    """The rows of one table that are all as near as the best one; none where it stands out."""
    best = good[0]
    view = best.context.view
    line = view.segments[best.segment].line
    row = view.line_text(line)
    of_a_place = any(core(p) in row for p in innermost(focus))
    if not TABLE_ROW.fullmatch(row) or amounts(part.text) or of_a_place:
        return []
    first = line
    while first and _columns(view.line_text(first - 1)) == _columns(view.line_text(line)):
        first -= 1
    same = [
        i
        for i in range(first, len(view.lines))
        if _columns(view.line_text(i)) == _columns(view.line_text(line))
    ]
    good_lines = {view.segments[c.segment].line for c in good if c.context is best.context}
    needed = wanted(focus, part)
    said = {i: {t for t in needed if found_in(t, fold(view.line_text(i)))} for i in same}
    rows = [i for i in same if i in good_lines and said[i] == said[line]]
    if not 1 < len(rows) <= TIED_ROWS:
        return []
    return [Piece(best.context, Span(view.lines[i].start, view.lines[i].end)) for i in rows]


def _columns(row: str) -> tuple[str, ...]:
    """The columns that a table's row names."""
    return tuple(cell.partition("：")[0] for cell in re.split("[；;]", row) if "：" in cell)


#: Asked for so many things, a sentence that merely counts them is no answer.
MANY = 10


def _as_many(count: int, pieces: Sequence[Piece]) -> bool:
    return len(pieces) >= count - 1 or any(count in _series_sizes(p.text) for p in pieces)


#: Two documents speak of the same thing when they are nearly as near to the question.
SAME_THING = 0.2


def _contrary(
    best: Piece, focus: Focus, part: Part, good: Sequence[Candidate], settings: AssistantSettings
) -> Piece | None:
    """What another document in force says otherwise about the same thing of the same office."""
    told = _told(part, best.text)
    if not told or part.kind not in ("数字", "时间"):
        return None
    top = good[0]
    for near in good[1:12]:
        if near.score < top.score - SAME_THING or not _comparable(best.context.article, near.context.article):
            continue
        other = fact(near, focus, part, settings)
        values_there = _told(part, other.text)
        if values_there and not told & values_there and _alike(best.text, other.text):
            return other
    return None


#: Share of the shorter sentence's characters that the other one has, where both state one rule.
ALIKE = 0.5


def _alike(one: str, other: str) -> bool:
    """Whether two sentences are worded as one rule with different figures."""
    a, b = (set(re.sub(r"[\d\W]|[一二两三四五六七八九十百千万]", "", t)) for t in (one, other))
    return len(a & b) >= ALIKE * min(len(a), len(b))


def _comparable(one: Article, other: Article) -> bool:
    """Different documents of one office or region that both hold, not of different years."""
    if one.id == other.id or standing_of(one) or standing_of(other):
        return False
    alike = (one.region and one.region == other.region) or (one.issuer and one.issuer == other.issuer)
    return (
        bool(alike)
        and one.published_on[:4] == other.published_on[:4]
        and years(one.title) == years(other.title)
    )


def _told(part: Part, text: str) -> set[tuple[str, str]]:
    """The values in a text that could be the answer: of the unit asked for, or dates."""
    if part.kind == "时间":
        return {
            (v.kind, v.value)
            for v in values(text)
            if v.kind == "日期" or v.unit in ("天", "年", "个月", "日")
        }
    kind = "百分比" if part.unit == "%" else "数"
    found = [v for v in values(text) if v.kind == kind and v.unit and same_unit(part.unit, v.unit)]
    return {(v.kind, v.value) for v in found}


def _by_place(
    focus: Focus, part: Part, good: Sequence[Candidate], places: Sequence[str], settings: AssistantSettings
) -> list[Piece]:
    """Each place that a question names, answered by what speaks of it."""
    pieces: list[Piece] = []
    for place in places:
        here = [c for c in good if speaks_of(place, focus.spread, c.context, c.segment)]
        pieces += _from(focus, part, here, settings) if here else []
    pieces = merge(pieces)
    several = len({id(p.context) for p in pieces}) > 1
    return fit([replace(p, under=p.context.article.title if several else "") for p in pieces], settings)


#: Asked how: a sentence that tells the manner is worth this much more.
MANNER = 0.08


def _tells_how(said: str) -> bool:
    return bool(
        re.search(
            "采取|通过|实行|推行|方式|按照|建立了?|首先|由[^，。]{2,20}负责|"
            "可以[^，。；]{0,4}(?:向|要求|申请|投诉|举报|起诉|解除)",
            said,
        )
    )


#: A sentence that says "X是", "即", "是指" defines; worth this much of coverage.
DEFINING = 0.15
#: Asked for a list, one sentence is worth this much less than a list that is as near.
ONE_SENTENCE = 0.15


def _defines(part: Part, candidate: Candidate) -> bool:
    said = fold(candidate.context.view.of(candidate.span))
    asked = re.sub(
        r"(?:是指?|指的?是?)?什么(?:意思)?[?？。]*$|什么是|什么叫|何谓|[?。,]+$", "", fold(part.text)
    )
    term = re.escape(asked[-3:])
    if re.search(rf"{term}[^，,。；]{{0,6}}(?:是(?!不|否)|为|即|指|就是)", said):
        return True
    if re.search(rf"[的者](?:是|为|叫|称为|就是)[^，,。；]{{0,3}}{term}(?:[，,。；]|$)", said):
        return True
    return (
        bool(re.search(r"即(?!使|便|将|可|日|时)|是指|指的是|意思是|取意", said))
        and found_in(asked[-4:], said) >= PIECES
    )


#: A step is said in a sentence or two; longer items are a document's sections.
STEP_CHARS = 200


def _steps(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
    """The whole list of steps that the best sentence stands in, asked how something is done."""
    best = good[0]
    for listing in best.context.view.lists:
        if _of_questions(best.context, listing) or _of_aspects(part, best.context, listing):
            continue
        if max(i.end - i.start for i in listing.items) > STEP_CHARS:
            continue
        if listing.style == "序数" and any(i.start <= best.span.start < i.end for i in listing.items):
            above = fold(best.context.view.of(listing.lead)) + best.context.nearest[best.segment]
            topic = any(t in above for t in wanted(focus, part) if t not in WEAK_WORDS)
            if topic or re.search(r"步骤|程序|流程|办理|手续|方法|办法|步|怎", above):
                return [(best.score + IS_LIST, [Piece(best.context, i) for i in listing.items])]
    return []


def _nearest(good: Sequence[Candidate], part: Part) -> list[Piece]:
    """The best sentence; for a procedure also those of its paragraph that are nearly as near."""
    best = (
        max(good, key=lambda c: c.score + MANNER * _tells_how(c.context.view.of(c.span)))
        if part.kind == "办法"
        else good[0]
    )
    if best.span.end - best.span.start <= SHORT and (below := _section(best)):
        return below
    most, margin = (4, NEAR_BEST_HOW) if part.kind in ("办法", "概括") else (2, NEAR_BEST)
    block = best.context.block_of[best.segment]
    chosen = [
        c
        for c in good
        if c.context is best.context
        and (
            c.context.block_of[c.segment] == block
            or (part.kind == "办法" and _tells_how(c.context.view.of(c.span)))
        )
        and c.score >= best.score - margin
    ][:most]
    return merge([Piece(c.context, _sentence(c)) for c in chosen])


#: What permits, demands or forbids answers "能不能".
_PERMITS = re.compile(
    "可以|不得|不能|不可|应当|应该|必须|禁止|严禁|允许|有权|无权|不予|不再|不用|无需|[不算属]"
)


def _told_outright(part: Part, candidate: Candidate) -> float:
    """Whether a sentence has the form of the answer: it defines, sets conditions, permits or forbids."""
    if part.kind == "是否":
        return bool(_PERMITS.search(candidate.context.view.of(candidate.span))) / 2
    return _defines(part, candidate) + _conditions(part, candidate)


def _stating(part: Part, best: Candidate) -> list[Piece]:
    """The best sentence; up to the one that names the clause where a clause is asked for."""
    view = best.context.view
    if listed := _led_in(best.context, view.sentences[view.segments[best.segment].sentence]):
        return [Piece(best.context, s) for s in listed]
    span = _sentence(best)
    if asks_clause(part) and (end := clause_end(part, best.context, best.segment)):
        span = Span(span.start, max(span.end, end))
    if part.kind == "是否":
        span = _with_word(best, span)
    if _CONDITIONS_ASKED.search(part.text):
        span = _with_details(best, span)
    return [Piece(best.context, span)]


#: Who or what qualifies is asked: a sentence that names whom it is for, with the details after it.
_CONDITIONS_ASKED = re.compile("什么样的|哪类|哪种|什么条件|符合什么|具备什么|谁可以|谁能|适用于")


def _conditions(part: Part, candidate: Candidate) -> bool:
    said = candidate.context.view.of(candidate.span)
    return bool(
        _CONDITIONS_ASKED.search(part.text)
        and re.search("对象[是为：]|条件[是为：]|(?:范围|标准)[是为：]|符合下列|应当符合|同时具备", said)
    )


def _with_word(best: Candidate, span: Span) -> Span:
    """A sentence with the mere word before it that says yes or no ("答：不能。")."""
    view = best.context.view
    line = view.lines[view.segments[best.segment].line]
    before = [s for s in view.sentences if line.start <= s.start and s.end <= span.start]
    short = before and before[-1].end - before[-1].start <= WORD_CHARS
    return Span(before[-1].start, span.end) if short else span


def _with_details(best: Candidate, span: Span) -> Span:
    """A sentence with the one after it where that spells it out ("具体标准为……")."""
    view = best.context.view
    number = view.segments[best.segment].sentence + 1
    if number < len(view.sentences) and re.match("具体|其中|即", view.of(view.sentences[number])):
        return Span(span.start, view.sentences[number].end)
    return span


def _led_in(at: Context, span: Span) -> list[Span]:
    """What a sentence leads in with "：" or "如下。": the list, else the lines below its heading."""
    if not re.search(r"：$|如下[^，。；]{0,6}[。：]$", at.view.of(span)):
        return []
    for listing in at.view.lists:
        if listing.lead.start < span.end and span.start < listing.lead.end and listing.style != "小标题":
            return list(listing.items)
    return []


#: A first word ("不能。", "算。") is an answer only with the sentence after it.
WORD_CHARS = 10


def _sentence(candidate: Candidate) -> Span:
    """The candidate's sentence; a mere word, or one that ends with a colon, goes on into the next."""
    view = candidate.context.view
    number = view.segments[candidate.segment].sentence
    span = view.sentences[number]
    line = view.lines[view.segments[candidate.segment].line]
    if span.end - span.start <= WORD_CHARS and span.end < line.end and number + 1 < len(view.sentences):
        return Span(span.start, view.sentences[number + 1].end)
    if view.text[span.end - 1] in "：:" and number + 1 < len(view.sentences):
        return Span(span.start, view.sentences[number + 1].end)
    return span


def merge(pieces: Sequence[Piece]) -> list[Piece]:
    """In the source's order, each once."""
    ordered = sorted(dict.fromkeys((id(p.context), p.span) for p in pieces))
    by_key = {(id(p.context), p.span): p for p in pieces}
    first = {key: n for n, key in enumerate(dict.fromkeys(id(p.context) for p in pieces))}
    return [by_key[k] for k in sorted(ordered, key=lambda k: (first[k[0]], k[1]))]


def _by_year(focus: Focus, part: Part, good: Sequence[Candidate], settings: AssistantSettings) -> list[Piece]:
    """Each year that a question names, answered by what speaks of it."""
    pieces: list[Piece] = []
    for year in sorted(focus.years):
        one = replace(focus, years=frozenset({year}))
        here = [c for c in good if not year_reason(one, c.context, c.segment)]
        pieces += _from(one, part, here, settings) if here else []
    return fit(merge(pieces), settings)


def _by_document(good: Sequence[Candidate], settings: AssistantSettings) -> list[Piece]:
    """The best sentence or two of each document, grouped by document."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in good:
        groups.setdefault(candidate.context.article.id, []).append(candidate)
    pieces: list[Piece] = []
    for members in list(groups.values())[: settings.documents]:
        title = members[0].context.article.title
        chosen = merge([Piece(c.context, _sentence(c)) for c in members[:2]])
        pieces += [replace(p, under=title) for p in chosen]
    return fit(pieces, settings)


def _contexts(good: Sequence[Candidate], most: int = 4) -> list[Context]:
    return list({c.context.article.id: c.context for c in good}.values())[:most]


def _listings(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
    needed = wanted(focus, part)
    total = sum(needed.values()) or 1.0
    options: list[Option] = []
    for at in _contexts(good):
        supported = {at.view.segments[c.segment].line for c in good if c.context is at}
        for listing in at.view.lists:
            if _of_questions(at, listing) or _of_aspects(part, at, listing):
                continue
            announced = _announced(at, listing, needed) / total
            if _leads(good[0], at, listing):
                announced = max(announced, good[0].score)
            parted = listing.style == "小标题" and len(listing.items) == focus.count and good[0].context is at
            if parted:
                announced = max(announced, good[0].score - NEAR_BEST)
            near = parted or supported & set(_near_lines(at, listing))
            if announced < LIST_COVERAGE or not near:
                continue
            announced -= OTHER_NOUN * _of_another_noun(part, needed, at, listing)
            items = listing.items
            if focus.count and len(items) == focus.count + 1 and listing.style == "段首句":
                items = items[1:]  # the first paragraph introduces the others
            score = announced + IS_LIST
            if focus.count:
                score += COUNT_RIGHT if len(items) == focus.count else -COUNT_WRONG
            options.append((score, [Piece(at, item) for item in items]))
    return options


#: A list of something else than what was asked for ("程序": "下列情形之一") counts this much less.
OTHER_NOUN = 0.3


def _of_questions(at: Context, listing: Listing) -> bool:
    """Whether the items are questions (a page of questions and answers): no list of anything."""
    opened = [at.view.of(item).lstrip().split("\n")[0].rstrip() for item in listing.items]
    return 2 * sum(line[-1:] in "？?" for line in opened if line) > len(opened)


def _of_aspects(part: Part, at: Context, listing: Listing) -> bool:
    """Whether the items are headings that ask ("什么时候付"): asked how, none of them is a way."""
    if part.kind != "办法":
        return False
    return any(ASKS.search(at.view.of(item).split("\n")[0]) for item in listing.items)


def _leads(best: Candidate, at: Context, listing: Listing) -> bool:
    """Whether the best candidate is the sentence that announces a list."""
    return best.context is at and listing.lead.start <= best.span.start < listing.lead.end


def _of_another_noun(part: Part, needed: dict[str, float], at: Context, listing: Listing) -> bool:
    """Whether neither what announces a list nor its items name the thing that is to be listed."""
    noun = listed_noun(part, needed)
    if not noun:
        return False
    above = [at.view.of(at.view.lines[i]) for i in at.view.path[listing.line]]
    heads = [fold(at.view.text[i.start : i.start + 30]) for i in listing.items]
    if 2 * sum(found_in(noun, h) >= PIECES for h in heads) >= len(heads):
        return False
    return found_in(noun, fold("。".join((at.view.of(listing.lead), *above)))) < PIECES


def _near_lines(at: Context, listing: Listing) -> list[int]:
    """Lines whose support counts for a list: its own, its lead's and its items'."""
    return [at.view.line_at(s.start) for s in (listing.lead, *listing.items)]


def _announced(at: Context, listing: Listing, needed: dict[str, float]) -> float:
    lead = fold(at.view.of(listing.lead)) or at.title
    above = fold("。".join(at.view.of(at.view.lines[i]) for i in at.view.path[listing.line]))
    heads = [fold(at.view.text[i.start : i.start + 30]) for i in listing.items]
    found = 0.0
    for term, weight in needed.items():
        shared = sum(found_in(term, h) >= 1.0 for h in heads) / len(heads)
        best = max(found_in(term, lead), 0.9 * found_in(term, above), 0.9 * found_in(term, at.title), shared)
        found += weight * best
    return found


#: "五类情形是：甲；乙；丙" and "甲、乙、丙等五类情形" are the list itself.
NAMES_LIST = 0.3


def _series(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
    """Sentences that hold the items themselves: "甲、乙、丙等三个方面"."""
    options: list[Option] = []
    for candidate in good[:8]:
        span = _sentence(candidate)
        said = candidate.context.view.of(span)
        if not _series_sizes(said):
            continue
        score = (candidate.score + candidate.own) / 2 - (ONE_SENTENCE if part.kind == "办法" else 0.0)
        noun = listed_noun(part, wanted(focus, part))
        if noun and noun in fold(said):
            named = re.search(rf"{re.escape(noun)}[^。,;:]{{0,4}}(?:是|有|为|包括|如下)?:", fold(said))
            named = named or re.search(rf"、[^、,。;]{{1,12}}等[^、,。;]{{0,6}}{re.escape(noun)}", fold(said))
            score = max(score, candidate.score + (NAMES_LIST if named else 0.0))
        if focus.count:
            score += COUNT_RIGHT if _counts(part, focus.count, said) else -COUNT_WRONG
        options.append((score, [Piece(candidate.context, span)]))
    return options


_COUNTED_NOUN = re.compile(
    rf"(?:[{_NUMERAL}]{{1,12}}|\d{{1,12}})(?:个|项|种|条|大|类)?(?:方面的|方面(?![\u4e00-\u9fff]{{3}}))?(?:的)?[“\"]?([\u4e00-\u9fff]{{2,4}})"
)


def _counts(part: Part, count: int, said: str) -> bool:
    """Whether a sentence's series is the one counted: as long, and of the thing named."""
    if count not in _series_sizes(said):
        return False
    noun = _COUNTED_NOUN.search(part.text)
    if not noun or noun[1][:2] in WEAK_WORDS or "方面" in noun[1]:
        return True
    named = re.search(rf"(?:[{_NUMERAL}]+|\d+)[个项种条大类]?[“]?{re.escape(noun[1][:2])}", said)
    return bool(named) or said.count(noun[1][:2]) >= count


def _counted(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
    """ "哪三方面能力": the three short sentences of the section that end (or begin) with 能力."""
    match = _COUNTED_NOUN.search(part.text)
    if not focus.count or not match:
        return []
    options: list[Option] = []
    for candidate in good[:6]:
        at = candidate.context
        above = at.view.path[at.view.segments[candidate.segment].line]
        lines = [i for i, p in enumerate(at.view.path) if p == above]
        short = [s for i in lines for s in at.view.sentences_of(i) if s.end - s.start <= SHORT]
        for word in (match[1], match[1][:2]):
            if found := _family(at.view.text, short, Span(0, len(at.view.text)), word, focus.count):
                options.append((candidate.score + COUNT_RIGHT, [Piece(at, s) for s in found]))
                break
    return options


def _series_sizes(text: str) -> set[int]:
    """How many items each run of 、 in a text has (runs of at least three, or two with 和)."""
    sizes = {text.partition("：")[2].count("；") + 1}
    for run in re.findall(r"[^，,。；;：:！？]+", re.sub("”“", "”、“", text)):
        marks = run.count("、")
        if marks >= 1:
            sizes |= {marks + 1, marks + 1 + len(re.findall(r"[和及与]", run.rsplit("、", 1)[1]))}
    return {s for s in sizes if s >= 2}


_GROUP = re.compile(rf"([{_NUMERAL}]+)(?:(?:个|项)(?=一$)|(?:个|项|种|条|大)?(?!一$))([^{_NUMERAL}]+|一$)")


def _abbreviation(focus: Focus, good: Sequence[Candidate]) -> Option | None:
    """What "五有", "四个聚焦", "一扩二提" stand for: where the text spells them out, item by item."""
    for phrase in focus.phrases:
        bare = re.sub(r"[、，,和与]", "", fold(phrase))
        groups = [(chinese_number(n) or 0, rest) for n, rest in _GROUP.findall(bare)]
        if max((n for n, _ in groups), default=0) < 2 or bare != "".join(m[0] for m in _GROUP.finditer(bare)):
            continue
        said = [c for c in good[:15] if fold(phrase) in fold(c.context.view.of(_sentence(c)))]
        for way in (_in_the_sentence, _item_by_item, _following):
            for candidate in said:
                if pieces := way(candidate, groups):
                    return (1.0 + COUNT_RIGHT + candidate.score / 10, pieces)
    return None


#: A sentence that takes a name up: "“一扩”就是……", "要以“连”为基……".
_TAKES_UP = (
    r"(?:(?:其中|所谓)[，,]?)?(?:[“\"]{name}[”\"](?:就是|是指|指的是|即|是|指)|要?以[“\"]{name}[”\"]为)"
)
#: So many sentences of what is said of a name are its answer.
TAKEN_UP = 4


def _taken_up(focus: Focus, good: Sequence[Candidate]) -> list[Piece]:
    """What a paragraph says of the one name in quotation marks, until it takes up the next one."""
    if len(focus.phrases) != 1:
        return []
    own, other = (re.compile(_TAKES_UP.format(name=n)) for n in (re.escape(focus.phrases[0]), '[^”"]{1,12}'))
    for at in _contexts(good):
        for line in at.view.lines:
            told = sentence_spans(at.view.text, line.start, line.end)
            begin = next((n for n, s in enumerate(told) if own.match(at.view.of(Span(*s[:2])))), None)
            if begin is None:
                continue
            later = told[begin + 1 : begin + TAKEN_UP]
            end = next((n for n, s in enumerate(later) if other.match(at.view.of(Span(*s[:2])))), len(later))
            return [Piece(at, s) for s in (told[begin], *later[:end])]
    return []


Groups = list[tuple[int, str]]


def _in_the_sentence(candidate: Candidate, groups: Groups) -> list[Piece]:
    """The sentence itself, when it names as many things as the abbreviation counts."""
    span = _sentence(candidate)
    said = candidate.context.view.of(span)
    if len(groups) == 1 and groups[0][0] in _series_sizes(said):
        return [Piece(candidate.context, span)]
    spelled = all(_spelled(fold_pieces(said), n, word) for n, word in groups)
    return [Piece(candidate.context, span)] if spelled else []


def fold_pieces(sentence: str) -> list[str]:
    """A sentence cut at every mark, quotation marks included, so that each item stands alone."""
    return [fold(p) for p in re.split(r"[、，,；;：:。“”‘’\s]+|即", sentence) if p]


def _spelled(pieces: Sequence[str], count: int, word: str) -> bool:
    named = [
        p
        for p in pieces
        if word in p and p != word and not re.search(rf"[{_NUMERAL}]个?{re.escape(word)}", p)
    ]
    return count in (
        len(named),
        sum(p.startswith(word) for p in named),
        sum(p.endswith(word) for p in named),
    )


def _item_by_item(candidate: Candidate, groups: Groups) -> list[Piece]:
    """The sentences, headings or list items that take the abbreviation's parts up one by one."""
    at = candidate.context
    sentence = _sentence(candidate)
    text = at.view.text
    line = at.view.lines[at.view.segments[candidate.segment].line]
    rest, after = Span(sentence.end, line.end), Span(sentence.end, len(text))
    headings = [li for li in at.view.lines if li.depth]
    pieces: list[Piece] = []
    for count, word in groups:
        found = (
            _named_item(at, sentence, word)
            or _family(text, at.view.sentences, rest, word, count)
            or _family(text, at.view.segments, rest, word, count)
            or _family(text, headings, Span(0, len(text)), word, count)
            or _family(text, at.view.sentences, after, word, count)
        )
        pieces += [Piece(at, s) for s in found]
    return pieces


def _following(candidate: Candidate, groups: Groups) -> list[Piece]:
    """What follows a sentence that ends with the abbreviation, where nothing shows its items."""
    at = candidate.context
    sentence = _sentence(candidate)
    if not re.search(r"”[^，,；;]{0,3}$", at.view.of(sentence)):
        return []
    here = at.view.segments[candidate.segment].line
    ends = [at.view.lines[i].end for i in (here, here + 1) if i < len(at.view.lines)]
    for end in ends:
        later = [s for s in at.view.sentences if sentence.end <= s.start < end]
        if len(later) > 1:
            return [Piece(at, s) for s in later]
    return []


def _named_item(at: Context, sentence: Span, word: str) -> list[Span]:
    """The sentence that takes a part of the abbreviation up: "“一扩”就是……"."""
    for later in at.view.sentences:
        if later.start >= sentence.end and re.match(
            rf"“[{_NUMERAL}]+(?:个|项)?{re.escape(word)}”(?:就是|是|即|指|为)", at.view.of(later)
        ):
            return [later]
    return []


def _family(
    text: str, spans: Sequence[Span | Segment | Line], within: Span, word: str, count: int
) -> list[Span]:
    """Exactly ``count`` spans inside ``within`` that begin (or all end) with the word; else none."""
    for pattern in (
        rf"^[“”、即和及\s]*(?:[一二三四五六七八九十]+(?:是|要)|重点)?{re.escape(word)}(?!”)",
        rf"{re.escape(word)}[”，,、。；;]*$",
    ):
        found = [
            Span(s.start, s.end)
            for s in spans
            if within.start <= s.start < within.end
            and re.search(pattern, fold(text[s.start : s.end]))
            and not re.search(rf"[{_NUMERAL}]个?{re.escape(word)}", fold(text[s.start : s.end]))
        ]
        if count >= 1 and len(found) == count:
            return found
    return []


#: Asked what to do about something, a passage that says what one can do is worth this much more.
REMEDY = 0.2


def _remedy(part: Part, pieces: Sequence[Piece]) -> float:
    return REMEDY if "怎么办" in part.text and pieces and _tells_how(pieces[0].text) else 0.0


def _sections(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
    """What stands under the headings, openers and list items that the question names."""
    bonus = COUNT_RIGHT / 2 if part.kind in ("办法", "概括") else 0.0
    options = []
    for candidate in good[:10]:
        if candidate.score < good[0].score - NEAR_BEST:
            break
        if pieces := _section(candidate):
            nearness = candidate.score if part.kind != "列举" else (candidate.score + candidate.own) / 2
            counted_there = focus.count and any(_counts(part, focus.count, p.text) for p in pieces)
            worth = _remedy(part, pieces)
            options.append((nearness + worth + (COUNT_RIGHT if counted_there else bonus), pieces))
    return options


def _section(best: Candidate) -> list[Piece]:
    at = best.context
    segment = at.view.segments[best.segment]
    line = at.view.lines[segment.line]
    if line.depth:
        return _under_heading(at, segment.line)
    for listing in at.view.lists:
        for item in listing.items:
            opens = item.start <= segment.start < item.start + 3
            if opens and listing.style != "小标题":
                whole = item if listing.style == "序数" else Span(segment.start, line.end)
                return [Piece(at, s) for s in sentence_spans(at.view.text, *whole)]
    inside = sentence_spans(at.view.text, line.start, line.end)
    heads_it = segment.start == line.start and inside[0].end - inside[0].start <= SHORT
    return [Piece(at, s) for s in inside] if heads_it and len(inside) > 1 else []


def _under_heading(at: Context, heading: int) -> list[Piece]:
    view = at.view
    below = [i for i in range(heading + 1, len(view.lines)) if heading in view.path[i]]
    if heading == 0 or not below:
        return []
    for listing in view.lists:
        if listing.line in below and listing.style != "小标题":
            return [Piece(at, _with_next(at, s) if listing.style == "段首句" else s) for s in listing.items]
    deeper = [i for i in below if view.lines[i].depth and view.line_text(i)[-1] not in "？?"]
    if deeper:
        return [Piece(at, Span(view.lines[i].start, view.lines[i].end)) for i in deeper]
    told = [i for i in below if not re.match("[问答][：:]", view.line_text(i))]
    return [Piece(at, Span(view.lines[i].start, view.lines[i].end)) for i in told or below]


def _with_next(at: Context, opener: Span) -> Span:
    """A paragraph's opener with the sentence that fills it."""
    line = at.view.lines[at.view.line_at(opener.start)]
    following = sentence_spans(at.view.text, opener.end, line.end)
    return Span(opener.start, following[0].end) if following else opener
