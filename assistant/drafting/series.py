"""Lists inside sentences: runs of 、 and sentences that begin or end alike."""

import re
from collections.abc import Sequence

from assistant.drafting.piece import (
    COUNT_RIGHT,
    COUNT_WRONG,
    NUMERAL,
    ONE_SENTENCE,
    SHORT,
    Option,
    Piece,
    sentence_of,
)
from assistant.evidence.candidate import Candidate
from assistant.evidence.needed import listed_noun, wanted
from assistant.evidence.ordering import SORTS, SORTS_ASKED
from assistant.question.focus import Focus
from assistant.question.parts import Part
from assistant.question.vocabulary import WEAK_WORDS
from assistant.structure import Line, Segment, Span
from assistant.values import fold

#: Asked for so many things, a sentence that merely counts them is no answer.
MANY = 10


def as_many(count: int, pieces: Sequence[Piece]) -> bool:
    return len(pieces) >= count - 1 or any(count in series_sizes(p.text) for p in pieces)


#: "五类情形是：甲；乙；丙" and "甲、乙、丙等五类情形" are the list itself.
NAMES_LIST = 0.3


def series(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
    """Sentences that hold the items themselves: "甲、乙、丙等三个方面"."""
    options: list[Option] = []
    for candidate in good[:8]:
        span = sentence_of(candidate)
        view = candidate.context.view
        said = view.of(span)
        if view.lines[view.segments[candidate.segment].line].depth or not series_sizes(said):
            continue
        if any(li.style == "序数" and li.lead.start <= span.start < li.lead.end for li in view.lists):
            continue  # it announces numbered items, which are a list of their own
        score = (candidate.score + candidate.own) / 2 - (ONE_SENTENCE if part.kind == "办法" else 0.0)
        noun = listed_noun(part, wanted(focus, part))
        if noun and noun in fold(said):
            named = re.search(rf"{re.escape(noun)}[^。,;:]{{0,4}}(?:是|有|为|包括|如下)?:", fold(said))
            named = named or re.search(rf"、[^、,。;]{{1,12}}等[^、,。;]{{0,6}}{re.escape(noun)}", fold(said))
            score = max(score, candidate.score + (NAMES_LIST if named else 0.0))
        if SORTS_ASKED.search(part.text) and SORTS.search(said):
            score = max(score, candidate.score + NAMES_LIST)
        if focus.count:
            score += COUNT_RIGHT if counts(part, focus.count, said) else -COUNT_WRONG
        options.append((score, [Piece(candidate.context, span)]))
    return options


_COUNTED_NOUN = re.compile(
    rf"(?:[{NUMERAL}]{{1,12}}|\d{{1,12}})(?:个|项|种|条|大|类)?(?:方面的|方面(?![\u4e00-\u9fff]{{3}}))?(?:的)?[“\"]?([\u4e00-\u9fff]{{2,4}})"
)


def counts(part: Part, count: int, said: str) -> bool:
    """Whether a sentence's series is the one counted: as long, and of the thing named."""
    if count not in series_sizes(said):
        return False
    noun = _COUNTED_NOUN.search(part.text)
    if not noun or noun[1][:2] in WEAK_WORDS or "方面" in noun[1]:
        return True
    named = re.search(rf"(?:[{NUMERAL}]+|\d+)[个项种条大类]?[“]?{re.escape(noun[1][:2])}", said)
    return bool(named) or said.count(noun[1][:2]) >= count


def of_one_ending(focus: Focus, part: Part, good: Sequence[Candidate]) -> list[Option]:
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
            if found := family(at.view.text, short, Span(0, len(at.view.text)), word, focus.count):
                options.append((candidate.score + COUNT_RIGHT, [Piece(at, s) for s in found]))
                break
    return options


def series_sizes(text: str) -> set[int]:
    """How many items each run of 、 in a text has (runs of at least three, or two with 和)."""
    sizes = {text.partition("：")[2].count("；") + 1}
    for run in re.findall(r"[^，,。；;：:！？]+", re.sub("”“", "”、“", text)):
        marks = run.count("、")
        if marks >= 1:
            sizes |= {marks + 1, marks + 1 + len(re.findall(r"[和及与]", run.rsplit("、", 1)[1]))}
    return {s for s in sizes if s >= 2}


def family(
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
            and not re.search(rf"[{NUMERAL}]个?{re.escape(word)}", fold(text[s.start : s.end]))
        ]
        if count >= 1 and len(found) == count:
            return found
    return []
