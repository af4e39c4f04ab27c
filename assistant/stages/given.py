"""What passages that came with the question answer."""

from assistant.drafting.piece import Piece
from assistant.evidence.context import context
from assistant.reader import given
from assistant.stages.withhold import say_nothing
from assistant.stages.work import Resources, Work


def read_given(work: Work, resources: Resources) -> None:
    """Of passages that came with the question what the reader takes from them, see ``reader/``."""
    texts = [h.article.text for h in work.hits]
    found = [given.find(part, texts, resources.store) for part in work.focus.parts]
    if not given.answered(found, texts, drafted=work.drafted):
        say_nothing(work)
        return
    told = [t for one in found for t in one.told if one.answers]
    contrary = any(one.contrary for one in found)
    if contrary or not given.keeps(work.focus, work.pieces, told, work.hits):
        read = [
            Piece(context(work.hits[t.passage].article), t.span, contrary=contrary)
            for t in dict.fromkeys(told)
        ]
        work.pieces = list({p.text: p for p in read}.values()) or work.pieces
