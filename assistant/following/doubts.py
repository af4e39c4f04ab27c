"""A doubt about an answer ("不是1200块吗？"): where what is claimed stands, and what that says of it."""

import re
from collections.abc import Sequence

from assistant.drafting.piece import Piece
from assistant.evidence.candidate import Candidate
from assistant.structure import Span
from assistant.values import Value, same_unit, values
from assistant.versions import NOT_HELD

#: How documents stand that may have said what is claimed, and say it no longer.
_OTHERWISE = (*NOT_HELD, "已修改")
#: What a note on a doubt begins with.
LOOKED_INTO = "核对："
#: What claims a number is looked for in so many of the best judged segments.
LOOKED_AT = 60


def looked_into(
    claimed: str, pieces: Sequence[Piece], judged: Sequence[Sequence[Candidate]]
) -> tuple[list[Piece], str]:
    """(what to quote beside the answer, what to note): where a claimed number stands, if anywhere.

    Nothing to quote where the answer itself says it, or nothing near the question does.
    """
    wanted = _numbers(claimed)
    if not wanted:
        return [], f"{LOOKED_INTO}按同一个问题又查了一遍，结果以引用的原文为准；可以点编号核对。"
    near = [c for one in judged for c in one[:LOOKED_AT] if c.grade != "无关"]
    near.sort(key=lambda c: (c.context.article.status not in _OTHERWISE, -c.score))
    for c in near:
        at, stale = c.context, c.context.article.status in _OTHERWISE
        if not stale and any(_said(wanted, p.text) for p in pieces):
            return [], f"{LOOKED_INTO}原文里就有“{claimed}”，请对照上面的引文。"
        sentence = at.view.sentences[at.view.segments[c.segment].sentence]
        if _said(wanted, at.view.of(sentence)):
            called = f"《{at.article.title}》{f'（{at.article.status}）' if stale else ''}"
            return [
                Piece(at, Span(sentence.start, sentence.end))
            ], f"{LOOKED_INTO}“{claimed}”见于{called}，一并列出。"
    return [], f"{LOOKED_INTO}没有找到“{claimed}”的说法，以上面引的原文为准。"


def _said(wanted: Sequence[Value], text: str) -> bool:
    """Whether a text holds every number that is claimed, in its unit where one is claimed with it."""
    there = _numbers(text)
    return all(
        any(v.value == w.value and (not w.unit or same_unit(w.unit, v.unit)) for v in there) for w in wanted
    )


def _numbers(text: str) -> list[Value]:
    said = re.sub("块(?:钱)?", "元", text)
    return [v for v in values(said) if v.kind in ("数", "百分比")]
