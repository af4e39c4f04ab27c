"""What documents change: questions that they answer, refused ones that they now answer, cases that rest on them.

Nothing is guessed: a question counts as answered when the assistant, asked now, cites the documents.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, TypeVar

from assistant.pipeline import Assistant
from assistant.types import OUTCOME_CODES, Answer
from corpus.errors import UserError
from corpus.store import Store
from corpus.types import Article, Source
from corpus.versions.effects import Answerable, Ground, NowAnswered, RestingCase
from eval import dataset
from eval.dataset import REFUSALS, Case
from eval.metrics import scored, squeeze, to_be_answered
from eval.propose import METADATA, propose
from eval.runner import RESULTS, read
from eval.trainer.workspace import Workspace

#: Questions of one document, and of all together: what one looks at, no more.
PER_SOURCE, IN_ALL = 5, 12
#: Articles of one document of which questions are made; a newspaper page has fewer.
ARTICLES = 20
#: Passages found for a question, among which one of the documents must be for it to be asked again.
NEAR = 50

T = TypeVar("T")
_END: Any = object()


class Effects:
    """效果: see ``corpus.versions.effects.Effects``; over one store, the assistant that answers from it, and its sets."""

    def __init__(self, store: Store, assistant: Assistant) -> None:
        self._store = store
        self._assistant = assistant
        self._workspace = Workspace(store.directory)
        self._runs: dict[Path, tuple[int, dict[str, frozenset[str]]]] = {}

    def questions(self, source_ids: Sequence[str], *, seconds: float = 5) -> Iterator[Answerable]:
        """A few questions that these documents answer, documents and articles taking turns."""
        until = time.monotonic() + seconds
        given = {id_: 0 for id_ in source_ids if self._store.source(id_)}
        for source_id, case in _in_turn([self._proposed(id_, until) for id_ in given]):
            if time.monotonic() > until or sum(given.values()) >= IN_ALL:
                return
            if given[source_id] >= PER_SOURCE:
                continue
            answer = self._assistant.ask(case.question, as_of=case.as_of)
            article = _cited_of(answer, {source_id})
            if article is not None and _says(case, answer):
                given[source_id] += 1
                yield Answerable(case.question, answer.text, article.id, article.title)

    def _proposed(self, source_id: str, until: float) -> Iterator[tuple[str, Case]]:
        """The questions of one document, its articles taking turns, each with the document's id."""
        articles = self._store.articles(source_id)[:ARTICLES]
        for case in _in_turn([self._of_article(article, until) for article in articles]):
            yield source_id, case

    def _of_article(self, article: Article, until: float) -> Iterator[Case]:
        """The questions of one article, made when the first is wanted: kinds take turns, on what it says
        first, on what it is (its number, its day) after."""
        if time.monotonic() > until:
            return
        kinds: dict[tuple[bool, str], list[Case]] = {}
        for one in propose(article, self._store.passages(article.id)):
            kinds.setdefault((one.reason in METADATA, one.case.type), []).append(one.case)
        for described in (False, True):
            yield from _in_turn([iter(kinds[kind]) for kind in kinds if kind[0] is described])

    def now_answered(self, source_ids: Sequence[str], *, seconds: float = 30) -> Iterator[NowAnswered]:
        """Open refused questions that are answered from these documents; each is marked for the trainers."""
        until = time.monotonic() + seconds
        wanted = set(source_ids)
        for item in self._store.reviews() if wanted else ():
            if time.monotonic() > until:
                return
            question = item.understood or item.question
            if item.reason != "拒答" or not self._near(question, wanted):
                continue
            answer = self._assistant.ask(question)
            article = _cited_of(answer, wanted)
            if article is not None:
                self._store.mark_answerable(item.id, article.id)
                yield NowAnswered(item.id, item.times, question, answer.text, article.id, article.title)

    def _near(self, question: str, source_ids: set[str]) -> bool:
        """Whether a search for the question finds anything of these documents among what is nearest."""
        found = chain(self._store.search_lexical(question, NEAR), self._store.search_vector(question, NEAR))
        return any(passage_id.split("/")[0] in source_ids for passage_id, _ in found)

    def resting(self, source_ids: Sequence[str]) -> list[RestingCase]:
        """Cases of the trainers' own sets whose gold or last right answer stands in these documents."""
        wanted = set(source_ids)
        held = list(self._documents(source_ids))
        cases = [(one.name, case) for one in self._workspace.sets() if one.own for case in _of(one.path)]
        right = self._rightly_answered({case.digest for _, case in cases}) if cases and held else {}
        found = []
        for name, case in cases:
            grounds: list[Ground] = []
            if any(_is_gold(case, *document) for document in held):
                grounds.append("标准答案")
            if wanted & right.get(case.digest, frozenset()):
                grounds.append("最近一次答对")
            if grounds:
                found.append(RestingCase(name, case.id, case.question, tuple(grounds)))
        return found

    def _documents(self, source_ids: Sequence[str]) -> Iterator[tuple[Source, list[Article]]]:
        """Those that are live, and those that are withdrawn as they were."""
        for source_id in dict.fromkeys(source_ids):
            if source := self._store.source(source_id):
                yield source, self._store.articles(source_id)
            elif version := self._store.archive.version(source_id):
                yield version.source, self._store.archive.content(version.id)[0]

    def _rightly_answered(self, digests: set[str]) -> dict[str, frozenset[str]]:
        """Digest of a case → ids of the sources that its last right answer cites, over all runs."""
        found: dict[str, frozenset[str]] = {}
        for run in self._workspace.runs():  # the newest first
            here = self._right_in(run.path)
            found = {digest: here[digest] for digest in digests & here.keys()} | found
            if len(found) == len(digests):
                break
        return found

    def _right_in(self, run: Path) -> dict[str, frozenset[str]]:
        """The same of one run; read once, until it goes on."""
        results = run / RESULTS
        stamp = results.stat().st_size if results.is_file() else 0
        held = self._runs.get(run)
        if held is None or held[0] != stamp:
            right = {
                result.case.digest: _sources_of(result.answer["evidence"])
                for result in read(run)
                if scored(result).get("right") and result.answer
            }
            held = self._runs[run] = (stamp, right)
        return held[1]


def _in_turn(queues: Sequence[Iterator[T]]) -> Iterator[T]:
    """One of each, then another of each; what is at its end is left out."""
    for row in zip_longest(*queues, fillvalue=_END):
        yield from (one for one in row if one is not _END)


def _cited_of(answer: Answer, source_ids: Iterable[str]) -> Article | None:
    """The first article of these sources that an answer cites; None of a refusal."""
    if OUTCOME_CODES[answer.outcome] in REFUSALS:
        return None
    cited = {c.marker for s in answer.statements for c in s.citations}
    articles = (e.hit.article for e in answer.evidence if e.marker in cited)
    return next((article for article in articles if article.source_id in source_ids), None)


def _says(case: Case, answer: Answer) -> bool:
    """Whether an answer holds every fact of the case."""
    said = squeeze(answer.text)
    return all(any(squeeze(fact) in said for fact in group) for group in case.must)


def _of(path: Path) -> list[Case]:
    """The questions of a set; none of one that is empty or cannot be read, which its own page tells."""
    try:
        return dataset.load(path) if path.stat().st_size else []
    except (OSError, UserError):
        return []


def _is_gold(case: Case, source: Source, articles: Sequence[Article]) -> bool:
    """Whether a case names this document as the place of its answer."""
    if not to_be_answered(case) or case.passages:
        return False
    titles = [squeeze(article.title) for article in articles]
    laws = {squeeze(one).split("第")[0] for entry in case.clauses for one in entry.split("|")}
    by_clause = any(law and law in title for law in laws for title in titles)
    if not (case.source or case.article):
        return by_clause
    named = not case.source or any(piece in source.name for piece in case.source)
    return named and any(squeeze(case.article) in title for title in titles)


def _sources_of(evidence: Sequence[dict[str, Any]]) -> frozenset[str]:
    return frozenset(one["passage_id"].split("/")[0] for one in evidence if one["cited"])
