"""An assistant and a store for tests of the window: five invented documents, no index, no model.

``FakeAssistant`` answers by looking for the question's key word in its list, slowly
enough that the stages can be seen.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from typing import ClassVar, NamedTuple

from assistant.answering import Answering
from assistant.panel import Window
from assistant.types import Answer, Citation, Evidence, Statement
from assistant.window.turn import Turn
from corpus.errors import UserError
from corpus.types import Article, Hit, Passage, Source

NASTY = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'

SENTENCES = {
    "1/1/1": "第四条 基层工会开展困难职工慰问，标准为每人每次不超过 1500 元。",
    "1/1/2": "第五条 慰问资金由基层工会经费列支，市总工会按实际支出的百分之三十给予补助。",
    "2/1/1": "云河市职工书屋建设工作由宣传教育部负责，2025 年计划新建 12 家。",
    "3/1/1": f"征文启事：标题可以含有 {NASTY} 这样的符号。",
}
TITLES = {
    "1/1": "云河市困难职工慰问办法（示例）",
    "2/1": "云河市职工书屋建设通知（示例）",
    "3/1": f"征文启事{NASTY}",
}
FILES = {"1": "慰问办法.docx", "2": "书屋通知.pdf", "3": f"征文{NASTY}.html"}


class Stage(NamedTuple):
    name: str
    detail: str


def source(source_id: str) -> Source:
    return Source(
        id=source_id,
        name=FILES[source_id],
        origin=FILES[source_id],
        sha256="0" * 64,
        media_type="text/plain",
        bytes=120,
        received_at="2026-01-05T09:00:00+08:00",
        pages=3,
    )


def article(article_id: str) -> Article:
    sentences = [text for place, text in SENTENCES.items() if place.startswith(f"{article_id}/")]
    filler = [f"第{n}段说明，只是为了让正文长到需要滚动。" * 4 for n in range(1, 25)]
    return Article(
        id=article_id,
        source_id=article_id.split("/")[0],
        ordinal=1,
        kind="办法",
        title=TITLES[article_id],
        label="制度选编",
        authors=("林晓禾",),
        issuer="云河市总工会",
        number="云工发〔2025〕7号",
        published_on="2025-03-12",
        status="现行",
        text="\n".join([*filler, *sentences, *filler]),
    )


def passage(passage_id: str) -> Passage:
    article_id, ordinal = passage_id.rsplit("/", 1)
    text = SENTENCES[passage_id]
    start = article(article_id).text.index(text)
    return Passage(
        id=passage_id,
        article_id=article_id,
        ordinal=int(ordinal),
        label=text.split(" ")[0] if text.startswith("第") else "",
        start=start,
        end=start + len(text),
        page=2,
        text=text,
    )


def evidence(marker: int, passage_id: str) -> Evidence:
    place = passage(passage_id)
    whole = article(place.article_id)
    hit = Hit(passage=place, article=whole, source=source(whole.source_id), score=1.0)
    return Evidence(marker=marker, hit=hit, grade="支持", reason="写明了标准")


class FakeLog:
    """What is kept of questions."""

    def __init__(self) -> None:
        self.kept: list[dict] = []

    def add(self, **line) -> None:
        self.kept.append(line)


class FakeStore:
    """What the window asks of a store; ``removed`` holds ids of sources that are gone."""

    revision = 1

    def __init__(self) -> None:
        self.ratings: list[dict] = []
        self.queued: list[dict] = []
        self.removed: set[str] = set()
        self.asked = FakeLog()

    def counts(self):
        return NamedTuple("Counts", [("sources", int), ("articles", int), ("passages", int)])(3, 3, 4)

    def source(self, source_id: str) -> Source | None:
        return None if source_id in self.removed else source(source_id)

    def article(self, article_id: str) -> Article | None:
        return None if article_id.split("/")[0] in self.removed else article(article_id)

    def passage(self, passage_id: str) -> Passage | None:
        return None if passage_id.split("/")[0] in self.removed else passage(passage_id)

    def original(self, source_id: str) -> bytes:
        return b"original of " + source_id.encode()

    def add_feedback(self, **feedback) -> int:
        self.ratings.append(feedback)
        return len(self.ratings)

    def add_review(self, **item) -> int:
        self.queued.append(item)
        return len(self.queued)


class FakeAssistant:
    """Knows 标准, 书屋 and 征文; 出错 breaks it, 不会 is a user's error; all else is refused."""

    PLACES: ClassVar = {"标准": "1/1/1", "补助": "1/1/2", "书屋": "2/1/1", "征文": "3/1/1"}

    def __init__(self, pause_s: float = 0.0) -> None:
        self.pause_s = pause_s
        #: Where there is one, each stage lasts until something is put into it.
        self.steps: SimpleQueue[None] | None = None
        self.histories: list[Sequence[tuple[str, str]]] = []

    def examples(self, n: int = 6) -> list[str]:
        return ["困难职工慰问的标准是多少？", "职工书屋建设由谁负责？"][:n]

    def stream(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, str]] = (),
        as_of: str = "",
        passages: Sequence[str] | None = None,
    ) -> Iterator[object]:
        self.histories.append(history)
        if "出错" in question:
            raise RuntimeError("/secret/path broke")
        if "不会" in question:
            raise UserError("模型没有回应。", "请检查网络设置。")
        for name, detail in (("检索", "4 段"), ("核对依据", "2 段"), ("起草", ""), ("校验", "")):
            yield Stage(name, detail)
            if self.steps is None:
                time.sleep(self.pause_s)
            else:
                self.steps.get(timeout=60)
        place = next((p for word, p in self.PLACES.items() if word in question), None)
        if place is None:
            yield refusal(question)
            return
        answer = answered(question, place, understood=f"慰问：{question}" if history else "")
        yield from answer.statements
        time.sleep(self.pause_s)
        yield answer


def last_turn(store: "FakeStore", question: str, who: str = "") -> Turn:
    """What the window over the fakes shows at last."""

    async def shown() -> Turn:
        window = Window(Answering(FakeAssistant()), store)
        turns = [turn async for turn in window._turns(question, [], who)]
        return turns[-1]

    return asyncio.run(shown())


def answered(question: str, passage_id: str, *, understood: str = "") -> Answer:
    text = SENTENCES[passage_id]
    citation = Citation(marker=1, quote=text, start=0, end=len(text), verdict="已核实")
    return Answer(
        question=question,
        outcome="已回答",
        statements=(Statement(text=text, citations=(citation,)),),
        evidence=(evidence(1, passage_id), evidence(2, "2/1/1")),
        notes=("一句话没有通过校验，已经略去。",),
        seconds={"retrieve": 0.01, "draft": 0.02, "total": 0.05},
        understood=understood,
    )


def refusal(question: str) -> Answer:
    return Answer(
        question=question,
        outcome="依据不足",
        evidence=(evidence(1, "1/1/2"),),
        notes=("资料中没有提到问题里的事项。",),
        seconds={"total": 0.02},
    )
