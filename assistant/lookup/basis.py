"""On which clause something rests."""

import re
from collections.abc import Sequence

from assistant.evidence.candidate import Candidate
from assistant.lookup.clauses import CLAUSE
from assistant.lookup.fact import Fact
from assistant.lookup.laws import CITED, same_law
from assistant.lookup.passages import Passages
from assistant.structure import Span

#: A sentence this much less near than the best one may still be the one that names its clause.
BASIS_NEAR = 0.2


def bases(judged: Sequence[Candidate], passages_of: Passages, laws: Sequence[str] = ()) -> list[Fact]:
    """On which clause the nearest supporting sentence rests: one it names, else the one it stands in.

    With ``laws`` only clauses of these count.
    """
    good = [c for c in judged if c.grade == "支持"]
    for candidate in good[:12]:
        if good[0].score - candidate.score > BASIS_NEAR:
            break
        if fact := _named(candidate, laws) or _stood_in(candidate, passages_of, laws):
            return [fact]
    return []


def _named(candidate: Candidate, laws: Sequence[str]) -> Fact | None:
    """What a candidate's sentence says up to the clause that it, or what follows in its line, names."""
    at, here = candidate.context, _sentence(candidate)
    line = at.view.lines[at.view.segments[candidate.segment].line]
    said = at.view.text[here.start : line.end]
    cited = next((m for m in CITED.finditer(said) if not laws or any(same_law(w, m[1]) for w in laws)), None)
    if not cited:
        return None
    end = next(s.end for s in at.view.sentences if s.end >= here.start + cited.end())
    return Fact(at, at.view.text[here.start : end], Span(here.start, end))


def _stood_in(candidate: Candidate, passages_of: Passages, laws: Sequence[str]) -> Fact | None:
    """The clause of its own document that a candidate's sentence stands in."""
    at, here = candidate.context, _sentence(candidate)
    label = next((p.label for p in passages_of(at.article.id) if p.start <= here.start < p.end), "")
    own = not laws or any(same_law(w, at.article.title) for w in laws)
    clause = CLAUSE.search(label) if own else None
    if not clause:
        return None
    quote = re.sub(rf"^{clause[0]}\s*", "", at.view.of(here))
    text = f"依据是《{at.article.title}》{label[clause.start() :]}：{quote}"
    return Fact(at, text, Span(here.start, here.end))


def _sentence(candidate: Candidate) -> Span:
    view = candidate.context.view
    return view.sentences[view.segments[candidate.segment].sentence]
