"""From spans of articles to statements with markers: which passage a quotation stands in, and where."""

import re
from collections.abc import Sequence

from assistant import chat_model, verify
from assistant.drafting.piece import Piece
from assistant.evidence.candidate import Candidate
from assistant.lookup.fact import Fact
from assistant.lookup.passages import Passages
from assistant.types import Citation, Evidence, Statement, Verdict
from corpus.store import Store
from corpus.types import Article, Hit, Passage, Source

#: Ids of passages that came with the question begin so; no source of the store does.
GIVEN = "给定/"


class Book:
    """Gives passages their markers: cited ones first, in the answer's order."""

    def __init__(self, hits: Sequence[Hit], passages: Passages, store: Store) -> None:
        self._hits = {h.passage.id: h for h in hits}
        self._own = {h.article.id: [h.passage] for h in hits if h.article.id.startswith(GIVEN)}
        self._passages = passages
        self._store = store
        self._markers: dict[str, int] = {}

    def _passages_of(self, article: Article) -> list[Passage]:
        if article.id not in self._own:  # read once, so that an answer is of one moment, too
            self._own[article.id] = self._passages(article.id)
        return self._own[article.id]

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

    def statement(self, piece: Piece) -> Statement:
        """A quotation with its citations, one for each passage it touches."""
        text = shown_text(piece.text)
        if piece.under:
            text = f"《{piece.under}》：{text}"
        return Statement(text=text, citations=tuple(self._cite(piece.context.article, *piece.span)))

    def fact(self, fact: Fact) -> Statement:
        """What the catalogue says about a document, with the line that bears it out."""
        span = fact.span or fact.context.view.sentences[0]
        return Statement(text=shown_text(fact.text), citations=tuple(self._cite(fact.context.article, *span)))

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

    def hit_at(self, candidate: Candidate) -> Hit | None:
        """The hit whose passage holds a candidate."""
        passage = self._passage_at(candidate)
        return self._hit(passage, candidate.context.article) if passage else None

    def quoted(self, text: str, hits: Sequence[Hit], verdict: Verdict) -> Statement:
        """A sentence in other words, citing the nearest sentence of each passage it rests on."""
        cited = []
        for hit in hits:
            start, end = chat_model.quote_for(text, hit)
            marker = self._markers.setdefault(hit.passage.id, len(self._markers) + 1)
            quote = hit.passage.text[start:end]
            cited.append(Citation(marker=marker, quote=quote, start=start, end=end, verdict=verdict))
        return Statement(text=text, citations=tuple(cited))

    def _passage_at(self, candidate: Candidate) -> Passage | None:
        start = candidate.span.start
        article = candidate.context.article
        return next((p for p in self._passages_of(article) if p.start <= start < p.end), None)


def given(texts: Sequence[str]) -> list[Hit]:
    """Passages handed in with the question, each an article of its own."""
    hits = []
    for number, text in enumerate(texts, 1):
        source = Source(
            id=f"{GIVEN}{number}", name=f"给定段落{number}", origin="", sha256="", media_type="text/plain",
            bytes=len(text.encode()), received_at="",
        )  # fmt: skip
        article = Article(id=f"{GIVEN}{number}/1", source_id=source.id, ordinal=1, text=text)
        passage = Passage(
            id=f"{article.id}/1", article_id=article.id, ordinal=1, start=0, end=len(text), text=text
        )
        hits.append(Hit(passage=passage, article=article, source=source, score=1 / number))
    return hits


def shown_text(text: str) -> str:
    """A quotation as a sentence: spaces of the layout closed up, one full stop at its end."""
    squeezed = _squeeze(text)
    return squeezed if squeezed[-1:] in "。！？”）)" else squeezed.rstrip("，,；;：:、") + "。"


_CLAUSE_NUMBER = re.compile(r"第[零〇一二三四五六七八九十百千\d]+[编章节条]$")


def _squeeze(text: str) -> str:
    """White space closed up but where it means something: a new line, behind 第X条, among Latin words."""

    def kept(space: re.Match[str]) -> str:
        before, after = text[: space.start()], text[space.end() : space.end() + 1]
        meant = "\n" in space[0] or _CLAUSE_NUMBER.search(before[-9:])
        return " " if meant or (before[-1:].isascii() and after.isascii()) else ""

    text = text.strip()
    return re.sub(r"\s+", kept, text)
