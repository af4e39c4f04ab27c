"""From a question to a cited answer, stage by stage."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant import draft, lookup, verify
from assistant.evidence import Candidate, Context, context, judge_part, standing_of
from assistant.question import Focus, Part, focus, understand
from assistant.retrieve import retrieve
from assistant.settings import AssistantSettings
from assistant.types import Answer, Citation, Evidence, Outcome, Query, Statement
from corpus.store import Store
from corpus.types import Article, Hit, Passage, Source

GREETING = "您好，我是工会政策问答助手：您问，我到已入库的文件里找依据，用原文回答，每句话都能点回出处。请直接提出您的问题。"
NOTHING = "已入库的文件里没有找到能回答这个问题的依据。"
#: Longer questions are read up to here: nobody asks in more, and a pasted page is cut, not refused.
QUESTION_CHARS = 2000
#: Legs of which hits are judged; the rest only stand by.
JUDGED_HITS = 40

StageName = Literal["检索", "核对依据", "起草", "校验"]


@dataclass(frozen=True, slots=True)
class Stage:
    """阶段: what the assistant is doing now."""

    name: StageName
    detail: str = ""


@dataclass(slots=True)
class _Work:
    """What one question gathers on its way."""

    query: Query
    focus: Focus
    hits: list[Hit]
    judged: list[list[Candidate]]
    pieces: list[draft.Piece]
    facts: list[lookup.Fact]
    notes: list[str]
    seconds: dict[str, float]


class Assistant:
    """Answers from one store; holds nothing that changes but caches, so threads may share it."""

    def __init__(self, store: Store, settings: AssistantSettings | None = None) -> None:
        self.store = store
        self.settings = settings or AssistantSettings()
        self._passages = lookup.Passages(store)

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
        clock = _Clock()
        query = understand(question[:QUESTION_CHARS], self.store, history, as_of)
        notes = list(query.notes)
        if len(question) > QUESTION_CHARS:
            notes.append(f"问题太长，只读了前{QUESTION_CHARS}个字。")
        clock.lap("understand")
        if query.kind == "闲聊" or not query.terms:
            yield _clarify(query, clock, notes)
            return
        yield Stage("检索", query.text)
        hits = _given(passages) if passages is not None else retrieve(self.store, query, self.settings.hits)
        clock.lap("retrieve")
        yield Stage("核对依据", f"{len(hits)}段")
        work = _Work(query, focus(query), hits, [], [], [], notes, clock.seconds)
        known = passages is None and self._look_up(work)
        if not known:
            work.focus = replace(work.focus, parts=tuple(_as_fact(p) for p in work.focus.parts))
        self._judge(work)
        clock.lap("judge")
        yield Stage("起草")
        if not known:
            self._draft(work)
        clock.lap("draft")
        yield Stage("校验")
        answer = self._assemble(work)
        clock.lap("verify")
        yield from answer.statements
        yield replace(answer, seconds=clock.done())

    def _judge(self, work: _Work) -> None:
        grouped: dict[str, tuple[Context, list[int]]] = {}
        for hit in work.hits[:JUDGED_HITS]:
            at, indexes = grouped.setdefault(hit.article.id, (context(hit.article), []))
            passage = hit.passage
            indexes += [
                i for i, s in enumerate(at.view.segments) if s.start < passage.end and s.end > passage.start
            ]
        contexts = [(at, sorted(set(indexes))) for at, indexes in grouped.values()]
        work.judged = [
            judge_part(work.focus, part, contexts, self.settings, work.query.as_of)
            for part in work.focus.parts
        ]

    def _draft(self, work: _Work) -> None:
        for part, candidates in zip(work.focus.parts, work.judged, strict=True):
            pieces = draft.draft_part(work.focus, part, candidates, self.settings)
            if not pieces and len(work.focus.parts) > 1:
                work.notes.append(f"“{part.text.strip('，,？?。')}”没有找到依据。")
            work.pieces += pieces
        work.pieces = draft.merge(work.pieces)

    def _look_up(self, work: _Work) -> bool:
        """Answers from a document's own data; False where the question is not of that sort."""
        kinds = {part.kind for part in work.focus.parts}
        if "出处" in kinds:
            near = [h.article for h in work.hits]
            articles = lookup.named_documents(self.store, work.query.text, work.focus, near)
            work.facts = lookup.provenance(work.query.text, articles, work.query.as_of)
        if "条款" in kinds and work.focus.titles:
            found = lookup.clauses(
                work.query.text, lookup.titled(self.store, work.focus.titles), self._passages
            )
            work.pieces = [draft.Piece(at, span) for at, span in found]
        return bool(work.facts or work.pieces)

    def _assemble(self, work: _Work) -> Answer:
        book = _Book(work.hits, self._passages, self.store)
        statements = [book.fact(f) for f in work.facts] + [book.statement(p) for p in work.pieces]
        kept = [s for s in statements if all(c.verdict == "已核实" for c in s.citations)]
        if len(kept) < len(statements):
            work.notes.append(f"有{len(statements) - len(kept)}句没有通过校验，已略去。")
        outcome: Outcome = "已回答" if kept else "依据不足"
        if not kept:
            reason = _nearest_reason(work.judged)
            work.notes.append(reason or "库中没有与问题相近的内容。")
            kept = [Statement(text=NOTHING)]
        work.notes += _standing_notes(book.cited_articles(), work.query.as_of)
        return Answer(
            question=work.query.asked,
            outcome=outcome,
            statements=tuple(kept),
            evidence=book.evidence(work.judged, self.settings.shown),
            notes=tuple(dict.fromkeys(work.notes)),
            understood=work.query.text,
        )

    def examples(self, n: int = 6) -> list[str]:
        """Questions that the corpus in use can answer, from its own articles; checked by asking."""
        found: list[str] = []
        for article in self.store.articles():
            if len(found) >= n:
                break
            for question in _about(article):
                if self.ask(question).outcome == "已回答":
                    found.append(question)
                    break
        return found


def _as_fact(part: Part) -> Part:
    """A question about a document that its data do not answer, as a question to its text."""
    if part.kind != "出处":
        return part
    if re.search("谁|作者|记者|通讯员", part.text):
        return replace(part, kind="人物")
    return replace(part, kind="时间" if re.search("时候|何时|哪[天年]|时间|日期", part.text) else "其他")


class _Clock:
    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 6)
        self._last = now

    def done(self) -> dict[str, float]:
        self.seconds["total"] = round(time.perf_counter() - self._start, 6)
        return dict(self.seconds)


class _Book:
    """Gives passages their markers: cited ones first, in the answer's order."""

    def __init__(self, hits: Sequence[Hit], passages: lookup.Passages, store: Store) -> None:
        self._hits = {h.passage.id: h for h in hits}
        self._own = {h.article.id: [h.passage] for h in hits if h.article.id.startswith(_GIVEN)}
        self._passages = passages
        self._store = store
        self._markers: dict[str, int] = {}

    def _passages_of(self, article: Article) -> list[Passage]:
        return self._own.get(article.id) or self._passages(article.id)

    def _hit(self, passage: Passage, article: Article) -> Hit:
        if passage.id not in self._hits:
            source = self._store.source(article.source_id)
            assert source is not None
            self._hits[passage.id] = Hit(passage=passage, article=article, source=source, score=0.0)
        return self._hits[passage.id]

    def _cite(self, article: Article, start: int, end: int) -> list[Citation]:
        cited = []
        for passage in self._passages_of(article):
            a, b = max(start, passage.start), min(end, passage.end)
            quote = article.text[a:b].strip() if a < b else ""
            if not quote:
                continue
            a += len(article.text[a:b]) - len(article.text[a:b].lstrip())
            marker = self._markers.setdefault(self._hit(passage, article).passage.id, len(self._markers) + 1)
            at = a - passage.start
            verdict = verify.quoted(quote, passage.text[at : at + len(quote)])
            cited.append(Citation(marker=marker, quote=quote, start=at, end=at + len(quote), verdict=verdict))
        return cited

    def statement(self, piece: draft.Piece) -> Statement:
        """A quotation with its citations, one for each passage it touches."""
        text = _shown(piece.text)
        if piece.under:
            text = f"《{piece.under}》：{text}"
        return Statement(text=text, citations=tuple(self._cite(piece.context.article, *piece.span)))

    def fact(self, fact: lookup.Fact) -> Statement:
        """What the catalogue says about a document, with the line that bears it out."""
        span = fact.span or fact.context.view.sentences[0]
        return Statement(text=_shown(fact.text), citations=tuple(self._cite(fact.context.article, *span)))

    def cited_articles(self) -> list[Article]:
        return list({self._hits[pid].article.id: self._hits[pid].article for pid in self._markers}.values())

    def evidence(self, judged: Sequence[Sequence[Candidate]], shown: int) -> tuple[Evidence, ...]:
        """Cited passages first, then the nearest others with the reason they do not answer."""
        best: dict[str, Candidate] = {}
        for candidates in judged:
            for candidate in candidates:
                passage = self._passage_at(candidate)
                if passage and (passage.id not in best or best[passage.id].score < candidate.score):
                    best[passage.id] = candidate
        found = [
            Evidence(
                marker=m, hit=self._hits[pid], grade="支持", score=best[pid].score if pid in best else 1.0
            )
            for pid, m in self._markers.items()
        ]
        rest = sorted((c for pid, c in best.items() if pid not in self._markers), key=lambda c: -c.score)
        for candidate in rest[: max(0, shown - len(found))]:
            passage = self._passage_at(candidate)
            assert passage is not None
            grade = "部分" if candidate.grade == "支持" else candidate.grade
            found.append(
                Evidence(
                    marker=len(found) + 1,
                    hit=self._hit(passage, candidate.context.article),
                    grade=grade,
                    reason=candidate.reason or "有更贴近的依据",
                    score=round(candidate.score, 4),
                )
            )
        return tuple(found)

    def _passage_at(self, candidate: Candidate) -> Passage | None:
        start = candidate.span.start
        article = candidate.context.article
        return next((p for p in self._passages_of(article) if p.start <= start < p.end), None)


_GIVEN = "给定/"


def _given(texts: Sequence[str]) -> list[Hit]:
    """Passages handed in with the question, each an article of its own."""
    hits = []
    for number, text in enumerate(texts, 1):
        source = Source(
            id=f"{_GIVEN}{number}", name=f"给定段落{number}", origin="", sha256="", media_type="text/plain",
            bytes=len(text.encode()), received_at="",
        )  # fmt: skip
        article = Article(id=f"{_GIVEN}{number}/1", source_id=source.id, ordinal=1, text=text)
        passage = Passage(
            id=f"{article.id}/1", article_id=article.id, ordinal=1, start=0, end=len(text), text=text
        )
        hits.append(Hit(passage=passage, article=article, source=source, score=1 / number))
    return hits


def _shown(text: str) -> str:
    """A quotation as a sentence: spaces of the layout closed up, one full stop at its end."""
    squeezed = _squeeze(text)
    return squeezed if squeezed[-1:] in "。！？”）)" else squeezed.rstrip("，,；;：:、") + "。"


def _squeeze(text: str) -> str:
    out = []
    for i, char in enumerate(text):
        if char.isspace() and not (0 < i < len(text) - 1 and text[i - 1].isascii() and text[i + 1].isascii()):
            if char != "\n":
                continue
            char = " "
        out.append(char)
    return "".join(out).strip()


def _clarify(query: Query, clock: _Clock, notes: list[str]) -> Answer:
    text = GREETING if query.kind == "闲聊" else "没有看明白您要问什么。请说出要查的事、单位或文件名。"
    return Answer(
        question=query.asked,
        outcome="需澄清",
        statements=(Statement(text=text),),
        notes=tuple(notes),
        understood=query.text,
        seconds=clock.done(),
    )


def _nearest_reason(judged: Sequence[Sequence[Candidate]]) -> str:
    near = max((c for cs in judged for c in cs if c.reason), key=lambda c: c.score, default=None)
    if near is None or near.score < 0.2:
        return ""
    title = near.context.article.title or "最接近的一段"
    return f"库中最接近的是《{title}》，但{near.reason}。"


def _standing_notes(articles: Sequence[Article], as_of: str) -> list[str]:
    return [
        f"《{article.title}》{standing}，请留意是否有新规定。"
        for article in articles
        if (standing := standing_of(article, as_of))
    ]


def _about(article: Article) -> list[str]:
    """Questions an article's own structure suggests."""
    found = []
    if article.authors and article.title:
        found.append(f"《{article.title}》的作者是谁？")
    return found
