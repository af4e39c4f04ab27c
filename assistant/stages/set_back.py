"""Candidates set back behind others: what does not hold, another version, another law's clause."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.evidence.candidate import Candidate
from assistant.lookup.clauses import clause_numbers
from assistant.lookup.laws import cites, exactly
from assistant.question.focus import Focus
from assistant.question.versions import versions_wanted
from assistant.stages.work import Resources, Work
from assistant.values import fold, years
from assistant.versions import NOT_HELD, amended
from corpus.types import Article
from corpus.versions.standing import Register

#: What holds may be this much less near than what does not, and still answers instead of it.
SET_BACK = 0.15


def set_back(work: Work, candidates: list[Candidate], resources: Resources) -> list[Candidate]:
    """Candidates with those set back that do not hold while others answer, or cite another law."""
    numbers = [n for n, _ in clause_numbers(work.query.text) if n]
    if work.laws and numbers:
        candidates = [_of_law(c, work.laws, numbers[0]) for c in candidates]
    register = resources.register
    if which := versions_wanted(work.query.text):
        return _of_version(candidates, which, register)
    candidates = amended(candidates, register, resources.passages, work.day)
    held = [c for c in candidates if c.grade == "支持" and c.context.article.status not in NOT_HELD]
    stale = [c.context.article for c in candidates if _stale(c, work.focus)] if held else []
    families = {a.id: {v.id for v in register.family(a)} for a in {a.id: a for a in stale}.values()}
    kept = [
        replace(c, grade="部分", reason=f"这份文件{c.context.article.status}，另有现行规定", fault="对象不符")
        if held and _stale(c, work.focus) and _outdone(c, held, families[c.context.article.id])
        else c
        for c in candidates
    ]
    return _supporting_first(kept)


def versions_of(candidates: Sequence[Candidate], register: Register) -> list[Article]:
    """All versions of the nearest rule that has several, the earliest first."""
    for article in dict.fromkeys(c.context.article for c in candidates if c.grade == "支持"):
        if family := register.family(article):
            return sorted([article, *family], key=lambda a: a.effective_on or a.published_on)
    return []


def _supporting_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: c.grade != "支持")


def _stale(candidate: Candidate, focus: Focus) -> bool:
    """Whether a candidate supports from a document that does not hold and was not asked for."""
    article = candidate.context.article
    return candidate.grade == "支持" and article.status in NOT_HELD and not _named(focus, article)


def _outdone(candidate: Candidate, held: Sequence[Candidate], versions: set[str]) -> bool:
    """Whether what holds answers as well: it is about as near, or a version of the same document."""
    return any(
        min(h.score - candidate.score, h.own - candidate.own) >= -SET_BACK or h.context.article.id in versions
        for h in held
    )


def _of_version(candidates: list[Candidate], which: str, register: Register) -> list[Candidate]:
    """With one version of a rule asked for, everything but that version set back."""
    versions = versions_of(candidates, register)
    if not versions or which == "both":
        return candidates
    meant = versions[-1 if which == "new" else -2].id
    kept = [
        replace(c, grade="部分", reason="问的是另一个版本", fault="对象不符")
        if c.grade == "支持" and c.context.article.id != meant
        else c
        for c in candidates
    ]
    return _supporting_first(kept)


def _named(wanted: Focus, article: Article) -> bool:
    """Whether a question means a document by its number, its year or its full title."""
    said = {y for y in (*years(article.title), article.effective_on[:4], article.published_on[:4]) if y}
    return bool(wanted.years & said) or any(fold(t) == fold(article.title) for t in wanted.titles)


def _of_law(candidate: Candidate, laws: Sequence[str], clause: int) -> Candidate:
    """A candidate set back where it speaks of that clause of another law, or of none."""
    at = candidate.context
    if candidate.grade != "支持" or exactly(laws, [at.article]):
        return candidate
    said = at.view.of(at.view.sentences[at.view.segments[candidate.segment].sentence])
    if any(cites(said, law, clause) for law in laws):
        return candidate
    return replace(candidate, grade="部分", reason=f"说的不是《{laws[0]}》的这一条", fault="对象不符")
