"""Clauses that a later decision changed: the decision's words answer instead of the old ones."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.evidence import Candidate, context
from corpus.standing import Register
from corpus.types import Article, Passage

#: Documents of these standings are quoted only where nothing that holds answers.
NOT_HELD = ("已废止", "尚未施行")
_CLAUSE = re.compile(r"第[零〇一二三四五六七八九十百\d]+条")


def amended(
    candidates: Sequence[Candidate], register: Register, passages_of: Callable[[str], list[Passage]], day: str
) -> list[Candidate]:
    """Candidates of clauses that were changed by the day set back behind the words they were changed to.

    A decision counts where its title names the document ("关于修改《…》的决定"), it holds
    on the day, and it names the clause beside 修改, 改为 or 删去.
    """
    out: list[Candidate] = []
    for candidate in candidates:
        article = candidate.context.article
        if candidate.grade != "支持" or article.status != "已修改":
            out.append(candidate)
            continue
        start = candidate.span.start
        label = next((p.label for p in passages_of(article.id) if p.start <= start < p.end), "")
        clause = _CLAUSE.search(label)
        changed = next(
            (c for a in register.changing(article, day) if (c := _changed(candidate, a, clause[0]))), None
        ) if clause else None  # fmt: skip
        if changed:
            out += [changed, replace(candidate, grade="部分", reason="这一条已被修改")]
        else:
            out.append(candidate)
    if all(c.context.article.status != "已修改" for c in candidates):
        return out
    # What was not changed in an amended document holds as well as anything else.
    return sorted(
        out, key=lambda c: (c.grade != "支持", c.context.article.status in NOT_HELD, -c.score, -c.own)
    )


def _changed(candidate: Candidate, decision: Article, clause: str) -> Candidate | None:
    """The decision's sentence on a clause, as near as the clause itself was."""
    at = context(decision)
    pattern = re.compile(rf"(?<![为款]){clause}[^。；“]{{0,16}}(?:修改|改为|删去|删除)")
    for index, segment in enumerate(at.view.segments):
        if pattern.search(at.view.of(segment)):
            return Candidate(at, index, candidate.score, candidate.own, "支持")
    return None
