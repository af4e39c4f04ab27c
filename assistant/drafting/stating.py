"""The sentence that states what is asked: it defines, permits, forbids, sets conditions, says how."""

import re
from collections.abc import Sequence

from assistant.drafting.piece import WORD_CHARS, Piece, sentence_of
from assistant.evidence.candidate import Candidate
from assistant.evidence.context import Context
from assistant.evidence.form import clause_end
from assistant.evidence.nearness import PIECES, found_in
from assistant.evidence.needed import asks_clause
from assistant.question.parts import Part
from assistant.structure import Span
from assistant.values import fold


def tells_how(said: str) -> bool:
    return bool(
        re.search(
            "采取|通过|实行|推行|方式|按照|建立了?|首先|由[^，。]{2,20}负责|"
            "可以[^，。；]{0,4}(?:向|要求|申请|投诉|举报|起诉|解除)",
            said,
        )
    )


def _defines(part: Part, candidate: Candidate) -> bool:
    said = fold(candidate.context.view.of(candidate.span))
    asked = re.sub(
        r"(?:是指?|指的?是?)?什么(?:意思)?[?？。]*$|什么是|什么叫|何谓|是?(?:怎么个?|什么)(?:说法|回事|概念)[?？。]*$|[?。,]+$",
        "",
        fold(part.text),
    )
    term = re.escape(asked[-3:])
    if re.search(rf"{term}(?:[^，,。；]{{0,6}}(?:是(?!不|否)|为|即|指|就是)|:)", said):
        return True
    if re.search(rf"[的者](?:是|为|叫|称为|就是)[^，,。；]{{0,3}}{term}(?:[，,。；]|$)", said):
        return True
    return (
        bool(re.search(r"即(?!使|便|将|可|日|时)|是指|指的是|意思是|取意", said))
        and found_in(asked[-4:], said) >= PIECES
    )


#: What permits, demands or forbids answers "能不能".
_PERMITS = re.compile(
    "可以|不得|不能|不可|应当|应该|必须|禁止|严禁|允许|有权|无权|不予|不再|不用|无需|[不算属]"
)


#: Asked whether, a sentence that permits or forbids, beside one that is the very entry.
PERMITS = 0.8


def told_outright(part: Part, candidate: Candidate) -> float:
    """Whether a sentence has the form of the answer: it defines, sets conditions, permits or forbids."""
    if part.kind == "是否":
        permits = PERMITS * bool(_PERMITS.search(candidate.context.view.of(candidate.span)))
        return max(permits, float(_entry(part, candidate)))
    return _defines(part, candidate) + conditions(part, candidate)


#: "• 妇女节（3月8日）：妇女放半天。": what stands before the colon is what the line is about.
_ENTRY = re.compile(
    r"^[•·\-\s]*(?:[（(]?[\d一二三四五六七八九十]+[）)、.．])?([^：:，,。；（(]{2,10})(?:[（(][^）)]*[）)])?[：:]"
)


def _entry(part: Part, candidate: Candidate) -> bool:
    """Whether a sentence is the entry for a thing that the question names."""
    found = _ENTRY.match(candidate.context.view.of(candidate.span))
    return bool(found and fold(found[1]) in fold(part.text))


def stating(part: Part, best: Candidate) -> list[Piece]:
    """The best sentence; up to the one that names the clause where a clause is asked for."""
    view = best.context.view
    sentence = view.sentences[view.segments[best.segment].sentence]
    if part.kind != "是否" and (listed := _led_in(best.context, sentence)):
        return [Piece(best.context, s) for s in listed]
    span = sentence_of(best)
    if asks_clause(part) and (end := clause_end(part, best.context, best.segment)):
        span = Span(span.start, max(span.end, end))
    if part.kind == "是否":
        span = _with_word(best, span)
        if lead := _announcing(best):
            return [Piece(best.context, lead), Piece(best.context, span)]
    if _CONDITIONS_ASKED.search(part.text):
        span = with_details(best, span)
    return [Piece(best.context, span)]


#: Who or what qualifies is asked: a sentence that names whom it is for, with the details after it.
_CONDITIONS_ASKED = re.compile(
    "什么样的|哪类|哪种|哪些人(?:可以|能|可|需|要)|什么条件|符合什么|具备什么|谁可以|谁能|适用于"
)


def conditions(part: Part, candidate: Candidate) -> bool:
    said = candidate.context.view.of(candidate.span)
    return bool(
        _CONDITIONS_ASKED.search(part.text)
        and re.search(
            "对象[是为：]|条件[是为：]|(?:范围|标准)[是为：]|人员[^，。；]{0,4}限于|符合下列|应当符合|同时具备",
            said,
        )
    )


#: A sentence that announces a list is quoted with one item of it up to this length.
LEAD_CHARS = 120
_HOLDS_FOR_ITEMS = re.compile("不|应当|可以|有权|禁止|视[为同]|属于|认定|除外|免")


def _announcing(best: Candidate) -> Span | None:
    """The sentence that says what holds for an item of a list ("有下列情形之一的，不得……："); None where none does."""
    for listing in best.context.view.lists:
        lead = best.context.view.of(listing.lead)
        inside = any(i.start <= best.span.start < i.end for i in listing.items)
        says = lead.endswith(("：", ":")) and len(lead) <= LEAD_CHARS and _HOLDS_FOR_ITEMS.search(lead)
        if listing.style == "序数" and inside and says:
            return listing.lead
    return None


def _with_word(best: Candidate, span: Span) -> Span:
    """A sentence with the mere word before it that says yes or no ("答：不能。")."""
    view = best.context.view
    line = view.lines[view.segments[best.segment].line]
    before = [s for s in view.sentences if line.start <= s.start and s.end <= span.start]
    short = before and before[-1].end - before[-1].start <= WORD_CHARS
    return Span(before[-1].start, span.end) if short else span


def with_details(best: Candidate, span: Span) -> Span:
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


#: Asked what to do about something, a passage that says what one can do is worth this much more.
REMEDY = 0.2


def remedy(part: Part, pieces: Sequence[Piece]) -> float:
    return REMEDY if "怎么办" in part.text and pieces and tells_how(pieces[0].text) else 0.0
