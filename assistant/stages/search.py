"""Retrieval and judgement of one reading of a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.citing import given
from assistant.question.clauses import basis_of
from assistant.question.expansion import reworded
from assistant.question.focus import focus
from assistant.question.parts import Part
from assistant.question.understand import understand
from assistant.question.versions import versions_wanted, without_versions
from assistant.retrieve import retrieve
from assistant.stages.judge import JUDGED_HITS, judge
from assistant.stages.look_up import look_up
from assistant.stages.work import Clock, Resources, Work
from assistant.types import Query
from corpus.types import Article, Hit
from corpus.versions.standing import last_day


@dataclass(frozen=True, slots=True)
class Search:
    """搜寻: what a question may be answered from, the texts that came with it, its clock."""

    resources: Resources
    passages: Sequence[str] | None
    clock: Clock

    def understood(self, text: str, as_of: str) -> Query:
        return understand(text, self.resources.store, as_of)

    def found(
        self, query: Query, notes: list[str], *, rules: bool = False, about: tuple[Article, ...] = ()
    ) -> Work:
        """Retrieval and judgement of one reading of the question; with ``rules`` in documents of a term.

        ``about`` are documents that it is about without naming them.
        """
        basis = basis_of(query.text) if query.kind == "条款" or "依据" in query.text else ""
        if basis:
            query = replace(self.understood(basis, query.as_of), asked=query.asked, notes=query.notes)
        day = last_day(query.as_of) or self.resources.today()
        hits = given(self.passages) if self.passages is not None else self._retrieved(query, day)
        if rules:
            hits = [h for h in hits if h.article.effective_on and h.article.status == "现行"]
        self.clock.lap("retrieve")
        matter = query
        if versions_wanted(query.text):
            matter = self.understood(without_versions(query.text), "")
        work = Work(query, focus(matter), hits, notes, day, basis=bool(basis), about=about)
        if rules or self.passages is not None or not look_up(work, self.resources):
            work.focus = replace(work.focus, parts=tuple(_as_fact(p) for p in work.focus.parts))
        judge(work, self.resources)
        self.clock.lap("judge")
        return work

    def found_again(self, query: Query, notes: list[str], *, about: tuple[Article, ...] = ()) -> Work:
        """What is found, once more in the words of the texts where the question's own find nothing."""
        work = self.found(query, notes, about=about)
        if not work.supported and self.passages is None:
            self._look_again(work)
        return work

    def _look_again(self, work: Work) -> None:
        """Judges also what is found with the words that texts use for those of the question."""
        text = reworded(work.query, self.resources.store)
        if text == work.query.text:
            return
        held = {h.passage.id for h in work.hits}
        query, settings = replace(work.query, text=text), self.resources.settings
        more = retrieve(self.resources.store, query, settings.hits)
        more = [h for h in self._dated(more, work.day) if h.passage.id not in held]
        work.hits = more[: JUDGED_HITS // 2] + work.hits[: JUDGED_HITS // 2] + work.hits[JUDGED_HITS // 2 :]
        self.clock.lap("retrieve")
        judge(work, self.resources)
        self.clock.lap("judge")

    def in_year(self, work: Work, year: str) -> Work | None:
        """The rules that held in the year asked for, though they do not name it; None where none did."""
        text = re.sub(rf"{year}年?(?:度|时|的|底)?", "", work.query.text).strip("，, ")
        day = min(f"{year}-12-31", work.query.as_of or self.resources.today())
        query = replace(self.understood(text, day), asked=work.query.asked)
        found = self.found(query, list(work.notes), rules=True)
        if not found.supported:
            return None
        found.query = replace(found.query, text=work.query.text)
        found.notes.append(f"按{year}年有效的规定回答。")
        return found

    def _retrieved(self, query: Query, day: str) -> list[Hit]:
        settings, reader = self.resources.settings, self.resources.reader
        return self._dated(retrieve(self.resources.store, query, settings.hits, reader=reader), day)

    def _dated(self, hits: Sequence[Hit], day: str) -> list[Hit]:
        """Hits with their documents as they stand on a day."""
        dated = self.resources.register.all_dated([h.article for h in hits], day)
        return [replace(h, article=article) for h, article in zip(hits, dated, strict=True)]


def _as_fact(part: Part) -> Part:
    """A question about a document that its data do not answer, as a question to its text."""
    if part.kind != "出处":
        return part
    if re.search("谁|(?<![工写创操])作者|记者|通讯员", part.text):
        return replace(part, kind="人物")
    return replace(part, kind="时间" if re.search("时候|何时|哪[天年]|时间|日期", part.text) else "其他")
