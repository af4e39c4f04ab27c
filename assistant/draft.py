"""Drafting by quotation: which sentences and items answer, in the source's words and order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.evidence import FACTS, PIECES, Candidate, Context, found_in, holds, wanted
from assistant.question import Focus, Part
from assistant.settings import AssistantSettings
from assistant.structure import Line, Listing, Segment, Span, sentence_spans
from assistant.types import QuestionKind
from assistant.values import chinese_number, fold

#: A list must be announced at least this well (share of the question's words in its lead).
LIST_COVERAGE = 0.55
#: What it is worth that a list has as many items as the question says, and costs if not.
COUNT_RIGHT = 0.3
COUNT_WRONG = 0.25
#: Sentences this much less near than the best one are left out of open answers.
NEAR_BEST = 0.12

_OPEN: frozenset[QuestionKind] = frozenset({"列举", "办法", "概括", "定义", "其他", "条款", "比较", "是否"})
_NUMERAL = "一二两三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Piece:
    """摘句: a span of one article that will be quoted. ``under`` names the document, once a group."""

    context: Context
    span: Span
    under: str = ""

    @property
    def text(self) -> str:
        return self.context.view.of(self.span)


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


def fact(candidate: Candidate, focus: Focus, part: Part, settings: AssistantSettings) -> Piece:
    """The sentence that states it; of a long one the clauses that do, with their subject."""
    at = candidate.context
    segment = at.view.segments[candidate.segment]
    sentence = at.view.sentences[segment.sentence]
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
            if all(found_in(t, joined) >= PIECES for t in there) and holds(part, text[run.start : run.end]):
                best = run
    return best


def _dangles(text: str, run: Span) -> bool:
    """Whether a run of clauses begins in the middle of a thought or is mere digits."""
    said = text[run.start : run.end]
    return (
        bool(re.match(r"其|并|且|而|但|也|还|均|都|则|以及|和|与|同时|因此|所以|从而|使|让", said))
        or len(said) < 8
    )


def draft_part(
    focus: Focus, part: Part, candidates: Sequence[Candidate], settings: AssistantSettings
) -> list[Piece]:
    """The pieces that answer one part; empty when nothing supports an answer."""
    good = [c for c in candidates if c.grade == "支持"]
    if not good:
        return []
    if focus.spread:
        return _by_document(good, settings)
    if part.kind in FACTS:
        return [fact(good[0], focus, part, settings)]
    options = _listings(focus, part, good, settings) + _series(focus, good)
    if named := _abbreviation(focus, good):
        options.append(named)
    if section := _section(good[0], settings):
        options.append((good[0].score + (COUNT_RIGHT / 2 if part.kind == "办法" else 0.0), section))
    if part.kind in ("定义", "其他", "是否", "条款", "比较"):
        options = [o for o in options if o[0] > 1.0 and focus.phrases]
        good = sorted(good, key=lambda c: -(c.score + DEFINING * _defines(focus, c)))
    if options:
        return fit(max(options, key=lambda o: o[0])[1], settings)
    return fit(_nearest(good, part), settings)


#: A sentence that says "即", "是指" right after the term defines it.
DEFINING = 0.15


def _defines(focus: Focus, candidate: Candidate) -> bool:
    said = candidate.context.view.of(candidate.span)
    return bool(re.search(r"即(?!使|便|将|可|日)|是指|就是|指的是|意思是|取意", said))


def _nearest(good: Sequence[Candidate], part: Part) -> list[Piece]:
    """The best sentence, and for open questions those of the same paragraph that are as near."""
    best = good[0]
    most = 1 if part.kind in ("定义", "是否", "其他", "条款") else 3
    line = best.context.view.segments[best.segment].line
    chosen = [
        c
        for c in good[:12]
        if c.context is best.context
        and c.context.view.segments[c.segment].line == line
        and c.score >= best.score - NEAR_BEST
    ][:most]
    return merge([Piece(c.context, _sentence(c)) for c in chosen])


def _sentence(candidate: Candidate) -> Span:
    view = candidate.context.view
    return view.sentences[view.segments[candidate.segment].sentence]


def merge(pieces: Sequence[Piece]) -> list[Piece]:
    """In the source's order, each once."""
    ordered = sorted(dict.fromkeys((id(p.context), p.span) for p in pieces))
    by_key = {(id(p.context), p.span): p for p in pieces}
    first = {key: n for n, key in enumerate(dict.fromkeys(id(p.context) for p in pieces))}
    return [by_key[k] for k in sorted(ordered, key=lambda k: (first[k[0]], k[1]))]


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


Option = tuple[float, list[Piece]]


def _contexts(good: Sequence[Candidate], most: int = 4) -> list[Context]:
    return list({c.context.article.id: c.context for c in good}.values())[:most]


def _listings(
    focus: Focus, part: Part, good: Sequence[Candidate], settings: AssistantSettings
) -> list[Option]:
    needed = wanted(focus, part)
    total = sum(needed.values()) or 1.0
    options: list[Option] = []
    for at in _contexts(good):
        supported = {at.view.segments[c.segment].line for c in good if c.context is at}
        for listing in at.view.lists:
            announced = _announced(at, listing, needed) / total
            if announced < LIST_COVERAGE or not supported & set(_near_lines(at, listing)):
                continue
            score = announced
            if focus.count:
                score += COUNT_RIGHT if len(listing.items) == focus.count else -COUNT_WRONG
            options.append((score, [Piece(at, item) for item in listing.items]))
    return options


def _near_lines(at: Context, listing: Listing) -> list[int]:
    """Lines whose support counts for a list: its own, its lead's and its items'."""
    return [at.view.line_at(s.start) for s in (listing.lead, *listing.items)]


def _announced(at: Context, listing: Listing, needed: dict[str, float]) -> float:
    lead = fold(at.view.of(listing.lead))
    above = fold("。".join(at.view.of(at.view.lines[i]) for i in at.view.path[listing.line]))
    heads = [fold(at.view.text[i.start : i.start + 30]) for i in listing.items]
    found = 0.0
    for term, weight in needed.items():
        shared = sum(found_in(term, h) >= 1.0 for h in heads) / len(heads)
        best = max(found_in(term, lead), 0.9 * found_in(term, above), 0.7 * found_in(term, at.title), shared)
        found += weight * best
    return found


def _series(focus: Focus, good: Sequence[Candidate]) -> list[Option]:
    """Sentences that hold the items themselves: "甲、乙、丙等三个方面"."""
    options: list[Option] = []
    for candidate in good[:8]:
        span = _sentence(candidate)
        said = candidate.context.view.of(span)
        sizes = _series_sizes(said)
        if not sizes:
            continue
        score = candidate.score + 0.05
        if focus.count:
            right = focus.count in sizes
            score += COUNT_RIGHT if right else -COUNT_WRONG
        options.append((score, [Piece(candidate.context, span)]))
    return options


def _series_sizes(text: str) -> set[int]:
    """How many items each run of 、 in a text has (runs of at least three, or two with 和)."""
    sizes = set()
    for run in re.findall(r"[^，,。；;：:！？]+", text):
        marks = run.count("、")
        if marks >= 1:
            sizes |= {marks + 1, marks + 1 + len(re.findall(r"[和及与]", run.rsplit("、", 1)[1]))}
    return {s for s in sizes if s >= 2}


_GROUP = re.compile(rf"([{_NUMERAL}]+)(?:个|项|种|条|大)?([^{_NUMERAL}]+)")


def _abbreviation(focus: Focus, good: Sequence[Candidate]) -> Option | None:
    """What "五有", "四个聚焦", "一扩二提" stand for: where the text spells them out, item by item."""
    for phrase in focus.phrases:
        groups = [(chinese_number(n) or 0, rest) for n, rest in _GROUP.findall(fold(phrase))]
        if not groups or fold(phrase) != "".join(m[0] for m in _GROUP.finditer(fold(phrase))):
            continue
        for candidate in good[:12]:
            at = candidate.context
            if fold(phrase) not in at.sentences[at.view.segments[candidate.segment].sentence]:
                continue
            if pieces := _spelled_out(candidate, groups):
                return (1.0 + COUNT_RIGHT + candidate.score / 10, pieces)
    return None


def _spelled_out(candidate: Candidate, groups: list[tuple[int, str]]) -> list[Piece]:
    at = candidate.context
    sentence = _sentence(candidate)
    line = at.view.lines[at.view.segments[candidate.segment].line]
    if all(_family(at.view.text, clauses_of(at, sentence), sentence, word, n) for n, word in groups):
        return [Piece(at, sentence)]
    pieces: list[Piece] = []
    for count, word in groups:
        found = (
            _named_item(at, sentence, word)
            or _family(at.view.text, at.view.sentences, Span(sentence.end, line.end), word, count)
            or _family(at.view.text, at.view.segments, Span(sentence.end, line.end), word, count)
            or _family(
                at.view.text,
                [li for li in at.view.lines if li.depth],
                Span(0, len(at.view.text)),
                word,
                count,
            )
            or _family(at.view.text, at.view.sentences, Span(sentence.end, len(at.view.text)), word, count)
        )
        pieces += [Piece(at, s) for s in found]
    return pieces


def clauses_of(at: Context, sentence: Span) -> list[Span]:
    """Clauses cut at 、 too, so that the members of a series stand alone."""
    return sentence_spans(at.view.text, sentence.start, sentence.end, "，,；;：:、。“”")


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


def _section(best: Candidate, settings: AssistantSettings) -> list[Piece]:
    """What stands under the heading, opener or list item that the question names."""
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
    return []


def _under_heading(at: Context, heading: int) -> list[Piece]:
    view = at.view
    below = [i for i in range(heading + 1, len(view.lines)) if heading in view.path[i]]
    if heading == 0 or not below:
        return []
    for listing in view.lists:
        if listing.line in below and listing.style != "小标题":
            return [Piece(at, _with_next(at, s) if listing.style == "段首句" else s) for s in listing.items]
    deeper = [i for i in below if view.lines[i].depth]
    if deeper:
        return [Piece(at, Span(view.lines[i].start, view.lines[i].end)) for i in deeper]
    return [Piece(at, view.sentences_of(i)[0]) for i in below]


def _with_next(at: Context, opener: Span) -> Span:
    """A paragraph's opener with the sentence that fills it."""
    line = at.view.lines[at.view.line_at(opener.start)]
    following = sentence_spans(at.view.text, opener.end, line.end)
    return Span(opener.start, following[0].end) if following else opener
