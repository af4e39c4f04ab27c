"""What is quoted: spans of articles, whole sentences, shortened and put in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.evidence.candidate import Candidate
from assistant.evidence.context import Context
from assistant.settings import AssistantSettings
from assistant.structure import Span, sentence_spans

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
NUMERAL = "一二两三四五六七八九十"


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


#: A sentence that says "X是", "即", "是指" defines; worth this much of coverage.
DEFINING = 0.15
#: Asked for a list, one sentence is worth this much less than a list that is as near.
ONE_SENTENCE = 0.15
#: A first word ("不能。", "算。") is an answer only with the sentence after it.
WORD_CHARS = 10


def sentence_of(candidate: Candidate) -> Span:
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


def contexts(good: Sequence[Candidate], most: int = 4) -> list[Context]:
    return list({c.context.article.id: c.context for c in good}.values())[:most]
