"""What a document changes for those who ask and for those who test, in nouns that two rooms share.

``eval.effects`` finds it out; the office's page shows it after publishing and before withdrawing.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

#: Why a case rests on a document.
Ground = Literal["标准答案", "最近一次答对"]


class Answerable(NamedTuple):
    """能回答的问题: a question, the answer that was given from the documents, and the article cited."""

    question: str
    answer: str
    article_id: str
    title: str


class NowAnswered(NamedTuple):
    """现在能回答的问题: a question of the review queue that was refused ``times`` times before.

    ``item`` is its number in the queue, where it stays open and marked for the trainers.
    """

    item: int
    times: int
    question: str
    answer: str
    article_id: str
    title: str


class RestingCase(NamedTuple):
    """依据这些文件的考题: a case of the trainers' set ``set``, and why it rests on the documents."""

    set: str
    case_id: str
    question: str
    grounds: tuple[Ground, ...]


class Effects(Protocol):
    """What documents of the store change; all source ids are of live documents.

    The iterators give what is found one by one, so that it can be shown as it comes; whoever
    stops taking from them stops the search. Each ends by itself after ``seconds`` at the latest.
    """

    def questions(self, source_ids: Sequence[str], *, seconds: float = 5) -> Iterator[Answerable]:
        """A few questions that these documents answer, each tried by asking."""
        ...

    def now_answered(self, source_ids: Sequence[str], *, seconds: float = 30) -> Iterator[NowAnswered]:
        """Refused questions that are now answered from these documents, the most often asked first."""
        ...

    def resting(self, source_ids: Sequence[str]) -> list[RestingCase]:
        """Accepted cases whose gold, or whose last right answer, stands in these documents, withdrawn ones too."""
        ...
