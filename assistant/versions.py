"""Clauses that a later decision changed: the decision's words answer instead of the old ones."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.evidence.candidate import Candidate
from assistant.evidence.context import context
from corpus.types import Article, Passage
from corpus.versions.standing import Register

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
    return sorted(out, key=lambda c: (c.grade != "支持", c.context.article.status in NOT_HELD))


#: "第五条第二项": the item that a decision changes, and how an item begins in the rule itself.
_ITEM = re.compile("第([一二三四五六七八九十]+)项")
_ITEM_MARK = re.compile("[（(]([一二三四五六七八九十]+)[）)]")


def _item(candidate: Candidate, clause: str) -> str:
    """The numeral of the item of a clause that a candidate stands in; ``""`` outside of any."""
    text, start = candidate.context.view.text, candidate.span.start
    begin = max(text.rfind(clause, 0, start + len(clause)), 0)
    marks = [m[1] for m in _ITEM_MARK.finditer(text, begin, candidate.span.end) if m.start() <= start + 1]
    return marks[-1] if marks else ""


def _changed(candidate: Candidate, decision: Article, clause: str) -> Candidate | None:
    """The decision's sentence on a clause, as near as the clause itself was."""
    at = context(decision)
    pattern = re.compile(rf"(?<![为款]){clause}(?P<part>[^。；“]{{0,16}})(?:修改|改为|删去|删除)")
    item = _item(candidate, clause)
    for index, segment in enumerate(at.view.segments):
        found = pattern.search(at.view.of(segment))
        if found and (not (named := _ITEM.search(found["part"])) or named[1] == item):
            return Candidate(at, index, candidate.score, candidate.own, "支持")
    return None
