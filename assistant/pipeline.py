"""From a question to a cited answer, stage by stage."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from assistant import calibration, chat_model, places
from assistant.citing import Book
from assistant.cross_encoder import CrossEncoderReader
from assistant.examples import tried
from assistant.following.readings import readings
from assistant.following.talk import talk_of, without_talk
from assistant.likeness import Likeness
from assistant.lookup.passages import Passages
from assistant.question.understand import understand
from assistant.settings import AssistantSettings
from assistant.stages.assemble import assemble, clarify
from assistant.stages.draft import draft
from assistant.stages.given import read_given
from assistant.stages.read import read
from assistant.stages.withhold import weigh, withhold
from assistant.stages.word import Writer
from assistant.stages.work import Clock, Resources, Work
from assistant.types import Answer, Query, Statement
from corpus.store import Store
from corpus.versions.standing import Register

#: Longer questions are read up to here: nobody asks in more, and a pasted page is cut, not refused.
QUESTION_CHARS = 2000

StageName = Literal["检索", "核对依据", "起草", "校验"]


@dataclass(frozen=True, slots=True)
class Stage:
    """阶段: what the assistant is doing now."""

    name: StageName
    detail: str = ""


class Assistant:
    """Answers from one store; holds nothing that changes but caches, so threads may share it."""

    def __init__(
        self,
        store: Store,
        settings: AssistantSettings | None = None,
        *,
        model: chat_model.ChatModel | None = None,
        today: Callable[[], str] = lambda: date.today().isoformat(),
    ) -> None:
        """``today`` gives the day (ISO) on which documents hold or not where a question names none."""
        self.store = store
        self.settings = settings or AssistantSettings()
        self._writer = Writer(self.settings, model)
        self._resources = Resources(
            store=store,
            settings=self.settings,
            register=Register(store),
            passages=Passages(store),
            likeness=Likeness(store),
            sure=calibration.shipped(),
            reader=CrossEncoderReader(self.settings.reranker) if self.settings.reranker else None,
            today=today,
        )

    def ask(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, str]] = (),
        as_of: str = "",
        passages: Sequence[str] | None = None,
    ) -> Answer:
        """The answer; with ``passages`` from these texts alone."""
        answer = None
        for event in self.stream(question, history=history, as_of=as_of, passages=passages):
            if isinstance(event, Answer):
                answer = event
        assert answer is not None
        return answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, str]] = (),
        as_of: str = "",
        passages: Sequence[str] | None = None,
    ) -> Iterator[Stage | Statement | Answer]:
        """The stages as they begin, each statement once verified, the answer last."""
        clock = Clock()
        query = self._understood(question, as_of)
        ways = readings(query.asked, history)
        clock.lap("understand")
        if talk_of(query.asked) or not (ways or query.terms or places.asked(query.text)):
            yield clarify(query, clock)
            return
        yield Stage("检索", ways[0].text if ways and ways[0].sure else query.text)
        work = read(query, ways, passages, self._resources, clock)
        yield Stage("核对依据", f"{len(work.hits)}段")
        yield Stage("起草")
        self._draft(work, retrieved=passages is None)
        clock.lap("draft")
        yield Stage("校验")
        yield from self._verified(work, clock)

    def examples(self, n: int = 6) -> list[str]:
        """Up to n questions of several kinds that the corpus in use answers, from its own articles."""
        return tried(self.store, self._resources.register, self._resources.today(), self.ask, n)

    def _understood(self, question: str, as_of: str) -> Query:
        """The question as it stands alone, without the small talk around it."""
        query = understand(question[:QUESTION_CHARS], self.store, as_of)
        if (bare := without_talk(query.asked)[0]) != query.asked:
            query = replace(understand(bare, self.store, as_of), asked=query.asked)
        if len(question) > QUESTION_CHARS:
            return replace(query, notes=(f"问题太长，只读了前{QUESTION_CHARS}个字。",))
        return query

    def _draft(self, work: Work, *, retrieved: bool) -> None:
        """What is drafted from the evidence and said: sure enough, or read in the passages given."""
        weigh(work, retrieved=retrieved)
        draft(work, self._resources)
        if retrieved:
            withhold(work, self._resources)
        else:
            read_given(work, self._resources)

    def _verified(self, work: Work, clock: Clock) -> Iterator[Statement | Answer]:
        """Each statement that holds, as soon as that is known, and the answer of them all."""
        book = Book(work.hits, self._resources.passages, self.store)
        worded: list[Statement] = []
        for statement in self._writer.worded(work, book):
            worded.append(statement)
            yield statement
        answer = assemble(work, book, worded, self._resources)
        clock.lap("verify")
        if not worded:
            yield from answer.statements
        yield replace(answer, seconds=clock.done())
