"""What an abbreviation (五有, 一扩二提) or a name in quotation marks stands for."""

import re
from collections.abc import Sequence

from assistant.drafting.piece import COUNT_RIGHT, NUMERAL, Option, Piece, contexts, sentence_of
from assistant.drafting.series import family, series_sizes
from assistant.evidence.candidate import Candidate
from assistant.evidence.context import Context
from assistant.question.focus import Focus
from assistant.structure import Span, sentence_spans
from assistant.values import chinese_number, fold

_GROUP = re.compile(rf"([{NUMERAL}]+)(?:(?:个|项)(?=一$)|(?:个|项|种|条|大)?(?!一$))([^{NUMERAL}]+|一$)")


def abbreviation(focus: Focus, good: Sequence[Candidate]) -> Option | None:
    """What "五有", "四个聚焦", "一扩二提" stand for: where the text spells them out, item by item."""
    for phrase in focus.phrases:
        bare = re.sub(r"[、，,和与]", "", fold(phrase))
        groups = [(chinese_number(n) or 0, rest) for n, rest in _GROUP.findall(bare)]
        if max((n for n, _ in groups), default=0) < 2 or bare != "".join(m[0] for m in _GROUP.finditer(bare)):
            continue
        said = [c for c in good[:15] if fold(phrase) in fold(c.context.view.of(sentence_of(c)))]
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


def taken_up(focus: Focus, good: Sequence[Candidate]) -> list[Piece]:
    """What a paragraph says of the one name in quotation marks, until it takes up the next one."""
    if len(focus.phrases) != 1:
        return []
    own, other = (re.compile(_TAKES_UP.format(name=n)) for n in (re.escape(focus.phrases[0]), '[^”"]{1,12}'))
    for at in contexts(good):
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
    span = sentence_of(candidate)
    said = candidate.context.view.of(span)
    if len(groups) == 1 and groups[0][0] in series_sizes(said):
        return [Piece(candidate.context, span)]
    spelled = all(_spelled(fold_pieces(said), n, word) for n, word in groups)
    return [Piece(candidate.context, span)] if spelled else []


def fold_pieces(sentence: str) -> list[str]:
    """A sentence cut at every mark, quotation marks included, so that each item stands alone."""
    return [fold(p) for p in re.split(r"[、，,；;：:。“”‘’\s]+|即", sentence) if p]


def _spelled(pieces: Sequence[str], count: int, word: str) -> bool:
    named = [
        p for p in pieces if word in p and p != word and not re.search(rf"[{NUMERAL}]个?{re.escape(word)}", p)
    ]
    return count in (
        len(named),
        sum(p.startswith(word) for p in named),
        sum(p.endswith(word) for p in named),
    )


def _item_by_item(candidate: Candidate, groups: Groups) -> list[Piece]:
    """The sentences, headings or list items that take the abbreviation's parts up one by one."""
    at = candidate.context
    sentence = sentence_of(candidate)
    text = at.view.text
    line = at.view.lines[at.view.segments[candidate.segment].line]
    rest, after = Span(sentence.end, line.end), Span(sentence.end, len(text))
    headings = [li for li in at.view.lines if li.depth]
    pieces: list[Piece] = []
    for count, word in groups:
        found = (
            _named_item(at, sentence, word)
            or family(text, at.view.sentences, rest, word, count)
            or family(text, at.view.segments, rest, word, count)
            or family(text, headings, Span(0, len(text)), word, count)
            or family(text, at.view.sentences, after, word, count)
        )
        pieces += [Piece(at, s) for s in found]
    return pieces


def _following(candidate: Candidate, groups: Groups) -> list[Piece]:
    """What follows a sentence that ends with the abbreviation, where nothing shows its items."""
    at = candidate.context
    sentence = sentence_of(candidate)
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
            rf"“[{NUMERAL}]+(?:个|项)?{re.escape(word)}”(?:就是|是|即|指|为)", at.view.of(later)
        ):
            return [later]
    return []
