"""From a question to a cited answer, stage by stage."""

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal
from zlib import crc32

from assistant import calibration, chat_model, lookup, places
from assistant.citing import GIVEN, Book, given
from assistant.copies import seen_elsewhere, with_reprints
from assistant.cross_encoder import CrossEncoderReader
from assistant.drafting.parts import covered, draft_part
from assistant.drafting.piece import Piece, merge
from assistant.evidence.candidate import Candidate
from assistant.evidence.context import Context, context
from assistant.evidence.judge import judge_part
from assistant.evidence.nearness import found_in, to_the_point
from assistant.evidence.subject import innermost, speaks_of
from assistant.examples import is_good, suggested
from assistant.likeness import Likeness
from assistant.question.clauses import basis_of
from assistant.question.expansion import reworded
from assistant.question.focus import Focus, focus
from assistant.question.follow_up import leaning
from assistant.question.kind import POST_ASKED, kind_of
from assistant.question.parts import Part
from assistant.question.subject import asks_itself
from assistant.question.understand import understand
from assistant.reader import given as given_read
from assistant.retrieve import retrieve
from assistant.settings import AssistantSettings
from assistant.types import Answer, Outcome, Query, Statement
from assistant.values import fold, years
from assistant.versions import NOT_HELD, amended
from corpus.store import Store
from corpus.types import Article, Hit
from corpus.versions.standing import Register, last_day

_log = logging.getLogger(__name__)

GREETING = "您好，我是工会政策问答助手：您问，我到已入库的文件里找依据，用原文回答，每句话都能点回出处。请直接提出您的问题。"
NOTHING = "已入库的文件里没有找到能回答这个问题的依据。"
#: Longer questions are read up to here: nobody asks in more, and a pasted page is cut, not refused.
QUESTION_CHARS = 2000
#: Legs of which hits are judged; the rest only stand by.
JUDGED_HITS = 40
#: What stands this many characters beside the first hits is judged, too: the paragraph after the one found.
BESIDE = 120
BESIDE_HITS = 10

#: Longer documents are judged only where retrieval found them.
VERSION_SEGMENTS = 300

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
    pieces: list[Piece]
    facts: list[lookup.Fact]
    notes: list[str]
    day: str
    #: Laws whose clause is asked for by name; what cites another law's clause is no answer.
    laws: tuple[str, ...] = ()
    #: Whether the question is on which clause something rests.
    basis: bool = False
    #: What the confidence is computed from, see ``calibration.py``.
    signals: dict[str, float] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)

    @property
    def supported(self) -> bool:
        return bool(self.facts or self.pieces or any(c.grade == "支持" for cs in self.judged for c in cs))


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
        self._today = today
        self._register = Register(store)
        self._model = model
        self.settings = settings or AssistantSettings()
        self._reader = CrossEncoderReader(self.settings.reranker) if self.settings.reranker else None
        self._sure = calibration.shipped()
        self._passages = lookup.Passages(store)
        self._likeness = Likeness(store)

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
        if query.kind == "闲聊" or not (query.terms or places.asked(query.text)):
            yield _clarify(query, clock, notes)
            return
        yield Stage("检索", query.text)
        work = self._read(query, history, notes, passages, clock)
        yield Stage("核对依据", f"{len(work.hits)}段")
        yield Stage("起草")
        self._weigh(work, retrieved=passages is None)
        self._draft(work)
        if passages is None:
            self._withhold(work)
        else:
            self._read_given(work)
        clock.lap("draft")
        yield Stage("校验")
        book = Book(work.hits, self._passages, self.store)
        worded: list[Statement] = []
        for statement in self._worded(work, book):
            worded.append(statement)
            yield statement
        answer = self._assemble(work, book, worded)
        clock.lap("verify")
        if not worded:
            yield from answer.statements
        yield replace(answer, seconds=clock.done())

    def _read(
        self, query: Query, history: Sequence[tuple[str, str]], notes: list[str],
        passages: Sequence[str] | None, clock: "_Clock",
    ) -> _Work:  # fmt: skip
        """The reading of the question that finds an answer: with the conversation, alone, as of its year."""
        work = self._found(query, notes, passages, clock)
        if not work.supported and passages is None:
            self._look_again(work, clock)
        if work.supported:
            return work
        if query.text != query.asked and not asks_itself(query.asked):
            return work
        if query.text != query.asked:
            alone = self._found(understand(query.asked, self.store, (), query.as_of), [], passages, clock)
            work = alone if alone.supported else work
        elif merged := leaning(query.asked, history):
            whole = replace(understand(merged, self.store, (), query.as_of), asked=query.asked)
            leant = self._found(whole, [*notes, f"按上文理解为：{merged}"], passages, clock)
            work = leant if leant.supported and _takes_up(leant, query.terms) else work
        if not work.supported and passages is None and (year := _past_year(work)):
            work = self._in_year(work, year, clock) or work
        return work

    def _look_again(self, work: _Work, clock: "_Clock") -> None:
        """Judges also what is found with the words that texts use for those of the question."""
        text = reworded(work.query, self.store)
        if text == work.query.text:
            return
        held = {h.passage.id for h in work.hits}
        more = retrieve(self.store, replace(work.query, text=text), self.settings.hits)
        dated = self._register.all_dated([h.article for h in more], work.day)
        more = [replace(h, article=a) for h, a in zip(more, dated, strict=True) if h.passage.id not in held]
        work.hits = more[: JUDGED_HITS // 2] + work.hits[: JUDGED_HITS // 2] + work.hits[JUDGED_HITS // 2 :]
        clock.lap("retrieve")
        self._judge(work)
        clock.lap("judge")

    def _in_year(self, work: _Work, year: str, clock: "_Clock") -> _Work | None:
        """The rules that held in the year asked for, though they do not name it; None where none did."""
        text = re.sub(rf"{year}年?(?:度|时|的|底)?", "", work.query.text).strip("，, ")
        day = min(f"{year}-12-31", work.query.as_of or self._today())
        query = replace(understand(text, self.store, (), day), asked=work.query.asked)
        found = self._found(query, list(work.notes), None, clock, rules=True)
        if not found.supported:
            return None
        found.query = replace(found.query, text=work.query.text)
        found.notes.append(f"按{year}年有效的规定回答。")
        return found

    def _found(
        self, query: Query, notes: list[str], passages: Sequence[str] | None, clock: "_Clock",
        *, rules: bool = False,
    ) -> _Work:  # fmt: skip
        """Retrieval and judgement of one reading of the question; with ``rules`` in documents of a term."""
        basis = basis_of(query.text) if query.kind == "条款" or "依据" in query.text else ""
        if basis:
            query = replace(
                understand(basis, self.store, (), query.as_of), asked=query.asked, notes=query.notes
            )
        day = last_day(query.as_of) or self._today()
        hits = given(passages) if passages is not None else self._retrieved(query)
        if passages is None:
            dated = self._register.all_dated([h.article for h in hits], day)
            hits = [replace(h, article=article) for h, article in zip(hits, dated, strict=True)]
        if rules:
            hits = [h for h in hits if h.article.effective_on and h.article.status == "现行"]
        clock.lap("retrieve")
        about = query
        if _versions_wanted(query.text):
            about = understand(_without_versions(query.text), self.store)
        work = _Work(query, focus(about), hits, [], [], [], notes, day, basis=bool(basis))
        if rules or passages is not None or not self._look_up(work):
            work.focus = replace(work.focus, parts=tuple(_as_fact(p) for p in work.focus.parts))
        self._judge(work)
        clock.lap("judge")
        return work

    def _retrieved(self, query: Query) -> list[Hit]:
        return retrieve(self.store, query, self.settings.hits, reader=self._reader)

    def _judge(self, work: _Work) -> None:
        grouped: dict[str, tuple[Context, list[int]]] = {}
        for nth, hit in enumerate(work.hits[:JUDGED_HITS]):
            beside = BESIDE if nth < BESIDE_HITS else 0
            at, indexes = grouped.setdefault(hit.article.id, (context(hit.article), []))
            passage = hit.passage
            indexes += [
                i
                for i, s in enumerate(at.view.segments)
                if s.start < passage.end + beside and s.end > passage.start - beside
            ]
        for at in self._held_versions([at.article for at, _ in grouped.values()], work.day):
            grouped[at.article.id] = (at, list(range(len(at.view.segments))))
        contexts = [(at, sorted(set(indexes))) for at, indexes in grouped.values()]
        work.judged = [
            self._held(work, judge_part(work.focus, part, contexts, self.settings, "", self._likeness))
            for part in work.focus.parts
        ]

    def _held_versions(self, found: Sequence[Article], day: str) -> list[Context]:
        """Of documents found that do not hold the versions that do, whole: they say it, too, if still so."""
        held: dict[str, Context] = {}
        for article in found:
            for version in self._register.family(article) if article.status in NOT_HELD else ():
                if self._register.of(version, day).holds:
                    at = context(self._register.dated(version, day))
                    if len(at.view.segments) <= VERSION_SEGMENTS:
                        held[version.id] = at
        return list(held.values())

    def _held(self, work: _Work, candidates: list[Candidate]) -> list[Candidate]:
        """Candidates with those set back that do not hold while others answer, or cite another law."""
        numbers = [n for n, _ in lookup.clause_numbers(work.query.text) if n]
        if work.laws and numbers:
            candidates = [_of_law(c, work.laws, numbers[0]) for c in candidates]
        if which := _versions_wanted(work.query.text):
            return self._of_version(candidates, which)
        candidates = amended(candidates, self._register, self._passages, work.day)
        held = [c for c in candidates if c.grade == "支持" and c.context.article.status not in NOT_HELD]
        family: dict[str, set[str]] = {}
        kept = []
        for c in candidates:
            article = c.context.article
            stale = article.status in NOT_HELD and not _named(work.focus, article)
            if held and c.grade == "支持" and stale:
                if article.id not in family:
                    family[article.id] = {a.id for a in self._register.family(article)}
                versions = family[article.id]
                if any(
                    min(h.score - c.score, h.own - c.own) >= -SET_BACK or h.context.article.id in versions
                    for h in held
                ):
                    c = replace(
                        c, grade="部分", reason=f"这份文件{article.status}，另有现行规定", fault="对象不符"
                    )
            kept.append(c)
        return sorted(kept, key=lambda c: c.grade != "支持")

    def _of_version(self, candidates: list[Candidate], which: str) -> list[Candidate]:
        """With one version of a rule asked for, everything but that version set back."""
        versions = self._versions_of(candidates)
        if not versions or which == "both":
            return candidates
        meant = versions[-1 if which == "new" else -2].id
        kept = [
            replace(c, grade="部分", reason="问的是另一个版本", fault="对象不符")
            if c.grade == "支持" and c.context.article.id != meant
            else c
            for c in candidates
        ]
        return sorted(kept, key=lambda c: c.grade != "支持")

    def _versions_of(self, candidates: Sequence[Candidate]) -> list[Article]:
        """All versions of the nearest rule that has several, the earliest first."""
        for article in dict.fromkeys(c.context.article for c in candidates if c.grade == "支持"):
            if family := self._register.family(article):
                return sorted([article, *family], key=lambda a: a.effective_on or a.published_on)
        return []

    def _by_version(self, work: _Work, part: Part, candidates: Sequence[Candidate]) -> list[Piece]:
        """The two latest versions that answer, each under its title; nothing where only one does."""
        pieces: list[Piece] = []
        for article in self._versions_of(candidates)[-2:]:
            own = [c for c in candidates if c.context.article.id == article.id]
            found = draft_part(work.focus, part, own, self.settings)
            pieces += [replace(p, under=article.title) for p in found]
        return pieces if len({p.under for p in pieces}) > 1 else []

    def _worded(self, work: _Work, book: Book) -> Iterator[Statement]:
        """The configured model's sentences that hold; none without a model or where it fails."""
        if (not self.settings.model and self._model is None) or work.facts or not work.pieces:
            return
        ranked = sorted((c for cs in work.judged for c in cs), key=lambda c: (c.grade != "支持", -c.score))
        hits = {h.passage.id: h for c in ranked[: 4 * chat_model.PASSAGES] if (h := book.hit_at(c))}
        kept = 0
        try:
            self._model = self._model or chat_model.LangChainModel(self.settings)
            for sentence in chat_model.drafts(self._model, work.query.text, list(hits.values())):
                if sentence.verdict == "已核实" and not to_the_point(work.focus, sentence.text):
                    work.notes.append(f"大模型写的“{sentence.text[:40]}”没有回答所问，未采用。")
                elif sentence.verdict == "已核实":
                    kept += 1
                    yield book.quoted(sentence.text, sentence.hits, sentence.verdict)
                else:
                    work.withheld.append(sentence.text)
                    work.notes.append(
                        f"大模型写的“{sentence.text[:40]}”没有通过校验（{sentence.verdict}），未采用。"
                    )
        except chat_model.ModelError as error:
            _log.info("chat model failed: %s", error)
            work.notes.append(
                "大模型没有完成回答，已改用原文摘句。" if not kept else "大模型中途停下，只列出已校验的句子。"
            )
        if not kept:
            work.notes.append("以下为原文摘句。")

    def _weigh(self, work: _Work, *, retrieved: bool) -> None:
        if work.facts or work.pieces:
            work.signals = {calibration.LOOKED_UP: 1.0}
        else:
            work.signals = calibration.signals(work.focus, work.judged, work.hits, retrieved=retrieved)

    def _withhold(self, work: _Work) -> None:
        """Where the evidence makes us less sure than the threshold, what was drafted is not said."""
        least = self._sure.threshold if self.settings.threshold is None else self.settings.threshold
        if not (work.facts or work.pieces) or self._sure.confidence(work.signals) >= least:
            return
        self._set_back(work)

    def _set_back(self, work: _Work) -> None:
        """Nothing is said of what was drafted: it stands among the evidence, as what may be meant."""
        work.withheld += [*(f.text for f in work.facts), *(p.text for p in work.pieces)]
        work.facts, work.pieces = [], []
        unsure = "把握不足，不一定是所问的"
        work.judged = [
            [replace(c, grade="部分", reason=unsure) if c.grade == "支持" else c for c in found]
            for found in work.judged
        ]

    def _read_given(self, work: _Work) -> None:
        """Of passages that came with the question what the reader takes from them, see ``reader/``."""
        texts = [h.article.text for h in work.hits]
        found = [given_read.find(part, texts, self.store) for part in work.focus.parts]
        if not given_read.answered(found, texts, drafted=bool(work.pieces or work.facts)):
            self._set_back(work)
            return
        told = [t for one in found for t in one.told if one.answers]
        contrary = any(one.contrary for one in found)
        if contrary or not given_read.keeps(work.focus, work.pieces, told, work.hits):
            read = [
                Piece(context(work.hits[t.passage].article), t.span, contrary=contrary)
                for t in dict.fromkeys(told)
            ]
            work.pieces = list({p.text: p for p in read}.values()) or work.pieces

    def _draft(self, work: _Work) -> None:
        if work.facts or work.pieces:
            return
        if work.basis:
            judged = [c for cs in work.judged for c in cs]
            laws = lookup.law_names(work.query.asked, focus(replace(work.query, text=work.query.asked)))
            work.facts = lookup.bases(judged, self._passages, laws)
            if work.facts:
                return
        for part, candidates in zip(work.focus.parts, work.judged, strict=True):
            if covered(candidates, work.pieces):
                continue
            both = _versions_wanted(work.query.text) == "both"
            pieces = self._by_version(work, part, candidates) if both else []
            pieces = pieces or draft_part(work.focus, part, candidates, self.settings)
            if not pieces and len(work.focus.parts) > 1:
                work.notes.append(f"“{part.text.strip('，,？?。')}”没有找到依据。")
            work.pieces += pieces
        work.pieces = merge(work.pieces)
        work.notes += _places_left_out(work)

    def _look_up(self, work: _Work) -> bool:
        """Answers from a document's own data; False where the question is not of that sort."""
        kinds = {part.kind for part in work.focus.parts}
        if "出处" in kinds:
            near = [h.article for h in work.hits]
            articles = lookup.named_documents(
                self.store, work.query.text, work.focus, near, self._register, work.day
            )
            work.facts = lookup.provenance(work.query.text, articles, self._register, work.day)
        elif re.search(POST_ASKED, work.query.text):
            work.facts = lookup.posts(work.query.text, [h.article for h in work.hits])
        work.laws = lookup.law_names(work.query.text, work.focus) if "条款" in kinds else ()
        by_number = lookup.numbered(self.store, work.query.text) if "条款" in kinds else []
        if by_number:
            work.laws = tuple(a.title for a in by_number)
        if work.laws:
            titled = by_number or lookup.exactly(work.laws, lookup.titled(self.store, work.laws))
            titled = sorted(
                (self._register.dated(a, work.day) for a in titled), key=lambda a: a.status in NOT_HELD
            )
            found = lookup.clauses(work.query.text, titled, self._passages)
            work.pieces = [Piece(at, span) for at, span in found]
        return bool(work.facts or work.pieces)

    def _assemble(self, work: _Work, book: Book, worded: Sequence[Statement]) -> Answer:
        statements = list(worded) or [
            *(book.fact(f) for f in work.facts),
            *(book.statement(p) for p in work.pieces),
        ]
        kept = [s for s in statements if all(c.verdict == "已核实" for c in s.citations)]
        if len(kept) < len(statements):
            work.notes.append(f"有{len(statements) - len(kept)}句没有通过校验，已略去。")
            work.withheld += [s.text for s in statements if s not in kept]
        outcome: Outcome = "已回答" if kept else "依据不足"
        if kept and any(p.contrary for p in work.pieces):
            outcome = "存在冲突"
            given_here = work.hits and work.hits[0].article.id.startswith(GIVEN)
            work.notes.append(
                "所给材料说法不一，两种都列出，请核实。"
                if given_here
                else "现行文件说法不一，两种都列出，请向发文单位核实。"
            )
        if not kept:
            reason = _nearest_reason(work.judged)
            work.notes.append(reason or "库中没有与问题相近的内容。")
            kept = [Statement(text=NOTHING)]
        said = {s.text for s in kept}
        work.notes += [
            note
            for a in book.cited_articles()
            if a.id[:1].isdigit() and (note := self._register.note(a, work.day)) not in ("", *said)
        ]
        work.notes += [note for a in book.cited_articles() if (note := seen_elsewhere(self.store, a))]
        return Answer(
            question=work.query.asked,
            outcome=outcome,
            statements=tuple(kept),
            evidence=with_reprints(self.store, book.evidence(work.judged, self.settings.shown)),
            notes=tuple(dict.fromkeys(work.notes)),
            understood=work.query.text,
            confidence=self._sure.confidence(work.signals),
            signals=work.signals,
            withheld=tuple(work.withheld),
        )

    def examples(self, n: int = 6) -> list[str]:
        """Up to n questions of several kinds that the corpus in use answers, from its own articles.

        A sample from all over the corpus is read, each question is asked before it is
        offered, and no more than ``TRIES`` times n are tried, so that a large corpus costs
        no more than a small one.
        """
        ids = [article_id for article_id, _ in self.store.titles()]
        sample = ids[:: max(1, len(ids) // (SAMPLED * n))]
        read = (self.store.article(i) for i in sorted(sample, key=lambda i: crc32(i.encode())))
        held = [a for a in read if a and self._register.of(a, self._today()).holds]
        found: list[str] = []
        kinds: Counter[str] = Counter()
        used: set[str] = set()
        tries = TRIES * n
        for offer in sorted((o for a in held for o in suggested(a)), key=lambda o: o.rank):
            kind = kind_of(offer.question)
            if len(found) == n or not tries:
                break
            if (
                offer.article.id in used
                or kinds[kind] >= (max(1, n // 3) if offer.rank < LAST else 1)
                or offer.question in found
            ):
                continue
            tries -= 1
            if is_good(offer, self.ask(offer.question)):
                found.append(offer.question)
                kinds[kind] += 1
                used.add(offer.article.id)
        return found


#: Who wrote a document is asked once at most.
LAST = 4
#: Articles read and questions tried for each example.
SAMPLED = 8
TRIES = 5


def _places_left_out(work: _Work) -> list[str]:
    """Of several places in a question, those of which nothing was found."""
    asked = innermost(work.focus)
    good = [c for cs in work.judged for c in cs if c.grade == "支持"]
    if len(asked) < 2 or not good:
        return []
    return [
        f"没有找到{places.trimmed(place)}的依据。"
        for place in asked
        if not any(speaks_of(place, work.focus.spread, c.context, c.segment) for c in good)
    ]


def _as_fact(part: Part) -> Part:
    """A question about a document that its data do not answer, as a question to its text."""
    if part.kind != "出处":
        return part
    if re.search("谁|(?<![工写创操])作者|记者|通讯员", part.text):
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
    title = near.context.article.title
    called = f"的是《{title}》" if title else "的一段没有标题"
    return f"库中最接近{called}，但{near.reason}。"


#: What holds may be this much less near than what does not, and still answers instead of it.
SET_BACK = 0.15
_BOTH = re.compile(
    r"(?:修订|修改|调整|新规)前后|新旧|新老|前后(?:两个|两版|两份)|(?:两个|两份|各)(?:版本|版)"
)
_OLD = re.compile(
    r"(?:修订|修改|调整|废止)(?:以|之)?前(?!后)|[旧老](?:版|的(?:办法|规定|标准)|办法|规定|标准)|原(?:来|先)?的?(?:办法|规定|标准)|以前的(?:办法|规定|标准)"
)
_NEW = re.compile(
    r"(?:修订|修改|调整)(?:以|之)?后|新(?:版|的(?:办法|规定|标准)|办法|规定|标准)|即将(?:施行|实施)|明年"
)


def _versions_wanted(text: str) -> Literal["", "both", "old", "new"]:
    """Which versions of a rule a question is about, where it says so."""
    if _BOTH.search(text):
        return "both"
    return "old" if _OLD.search(text) else "new" if _NEW.search(text) else ""


def _without_versions(text: str) -> str:
    """A question without the words for versions, which no version says of itself."""
    for pattern in (_BOTH, _OLD, _NEW):
        text = pattern.sub("", text)
    return text


def _named(wanted: Focus, article: Article) -> bool:
    """Whether a question means a document by its number, its year or its full title."""
    said = {y for y in (*years(article.title), article.effective_on[:4], article.published_on[:4]) if y}
    return bool(wanted.years & said) or any(fold(t) == fold(article.title) for t in wanted.titles)


def _of_law(candidate: Candidate, laws: Sequence[str], clause: int) -> Candidate:
    """A candidate set back where it speaks of that clause of another law, or of none."""
    at = candidate.context
    if candidate.grade != "支持" or lookup.exactly(laws, [at.article]):
        return candidate
    segment = at.view.segments[candidate.segment]
    if any(
        lookup.cites(at.view.of(s), law, clause)
        for law in laws
        for s in (at.view.sentences[segment.sentence],)
    ):
        return candidate
    return replace(candidate, grade="部分", reason=f"说的不是《{laws[0]}》的这一条", fault="对象不符")


def _past_year(work: _Work) -> str:
    """The one year that a question for a rule names, if it is over or running."""
    found = sorted(work.focus.years - set(re.findall(r"[〔\[（(](\d{4})", work.query.text)))
    return found[0] if len(found) == 1 and found[0] <= work.day[:4] else ""


#: Share of a short question's own words that must stand around what a merged reading found.
TAKEN_UP = 0.6


def _takes_up(work: _Work, terms: dict[str, float]) -> bool:
    """Whether what a merged reading found speaks of the new question's own words, too."""
    best = next((c for cs in work.judged for c in cs if c.grade == "支持"), None)
    if best is None or not terms:
        return False
    at, segment = best.context, best.context.view.segments[best.segment]
    said = f"{at.sentences[segment.sentence]}{at.heads[best.segment]}"
    return sum(w * found_in(fold(t), said) for t, w in terms.items()) >= TAKEN_UP * sum(terms.values())
