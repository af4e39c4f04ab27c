"""Questions that a corpus suggests by itself: asked in its texts, or made from their sentences."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from assistant import places
from assistant.evidence.context import context
from assistant.question.kind import kind_of
from assistant.types import Answer
from assistant.values import UNIT_PATTERN, fold, narrow
from corpus.store import Store
from corpus.types import Article
from corpus.versions.standing import Register

#: Longer answers show the lists that a corpus holds, not what it is good for.
SHOWN_CHARS = 240
#: Questions that a text itself asks are tried up to here.
ASKED_MOST = 4
#: Who wrote a document, the offer of this rank, is asked once at most.
LAST = 4
#: Articles read and questions tried for each example.
SAMPLED = 8
TRIES = 5
_RULES = ("办法", "通知", "法规", "问答")
#: Sentences of an article that are looked through for a number.
SENTENCES = 60
_CHINESE = "零一二三四五六七八九"
_ASKED = re.compile(
    r"^(?:\d+[.、．]|[（(]?[一二三四五六七八九十]+[）)、]|问[:：])?\s*([^，。；]{6,30}[？?])$"
)
_POINTING = re.compile(
    r"^(?:其|该|此|这|那|它|他|她|并|且|而|但|也|还|均|都|则|以及|和|与|同时|本|上述|以上|近|今|目前|到|截至|每|共|全|由|经|对|按|从|在)"
)
#: "参保费用为每人每年80元": whose, a verb that states, and one number.
_STATED = re.compile(
    rf"^([\u4e00-\u9fff“”]{{4,16}}?)(?:为|是|不超过|不低于|不少于|达到?了?|按)[\u4e00-\u9fff]{{0,8}}?(\d[\d,.]*万?)({UNIT_PATTERN})"
)
_COUNTED = re.compile(
    r"(建成|新建|举办|开展|培训|发放|化解|签订|组织)了?([\u4e00-\u9fff“”]{3,12}?)(\d[\d.]*[万余多]*)(家|个|场|份|人次|名|件|起|期)"
)
_NUMBERING = re.compile(
    r"^第[零〇一二三四五六七八九十百\d]+条\s*|^[（(]?[\d一二三四五六七八九十]+[）)、.．]\s*"
)
_SERVICE = re.compile(r"([\u4e00-\u9fff]{4,14}?)(?:实施办法|管理办法|办法|办理指南|指南|实施细则)")


@dataclass(frozen=True, slots=True)
class Offer:
    """例题: a question that an article suggests. ``rank`` counts from 0, the most telling sort first.

    ``must`` is what its answer has to say.
    """

    rank: int
    question: str
    article: Article
    must: str = ""


def suggested(article: Article) -> Iterator[Offer]:
    """The questions that an article's own words suggest; whether they can be answered is to be tried."""
    seen = context(article)
    texts = [seen.view.of(line).strip() for line in seen.view.lines]
    asked = [m[1].replace("?", "？") for m in map(_ASKED.match, texts) if m]
    for question in asked[:ASKED_MOST]:
        yield Offer(0, question, article)
    if (made := _SERVICE.search(article.title)) and "申请" in article.text:
        yield Offer(0, f"{made[1]}怎么申请？", article, "申请")
    place = next(iter(places.listed(f"{article.region}{article.title}{article.text[:60]}")), article.region)
    yield from _numbers(article, place)
    for name in re.findall(r"“([二三四五六七八九][^“”，。]{1,5})”", article.text)[:2]:
        yield Offer(2, f"“{name}”指什么？", article)
    yield from _about_document(article)


def _numbers(article: Article, place: str) -> Iterator[Offer]:
    seen = context(article)
    for sentence in seen.view.sentences[:SENTENCES] if article.kind in _RULES else ():
        said = narrow(_NUMBERING.sub("", seen.view.of(sentence)))
        if (told := _STATED.match(said)) and not _POINTING.match(said):
            subject = told[1] if not place or place in told[1] else f"{place}{told[1]}"
            yield Offer(1, f"{subject}是多少{told[3]}？", article, told[2])
            break
    if place and (count := _COUNTED.search(article.text)):
        yield Offer(1, f"{place}{count[1]}了多少{count[4]}{count[2]}？", article, count[3])


def _about_document(article: Article) -> Iterator[Offer]:
    title = f"《{article.title}》"
    if not article.title or "《" in article.title:
        return
    if article.effective_on:
        yield Offer(3, f"{title}什么时候起施行？", article)
    for listing in context(article).view.lists:
        if listing.style == "小标题" and 2 < len(listing.items) < 10 and article.kind not in _RULES:
            yield Offer(3, f"{title}讲了哪{_CHINESE[len(listing.items)]}个方面？", article)
            break
    if article.authors:
        yield Offer(4, f"{title}的作者是谁？", article)


def is_good(offer: Offer, answer: Answer) -> bool:
    """Whether an answer is one to be shown off: from the article that suggested the question, and to it."""
    if answer.outcome != "已回答" or len(answer.text) > SHOWN_CHARS:
        return False
    cited = {c.marker for s in answer.statements for c in s.citations}
    if not any(e.marker in cited and e.hit.article.id == offer.article.id for e in answer.evidence):
        return False
    said, asked = fold(answer.text), fold(offer.question)
    if fold(offer.must) not in said or any(fold(s.text).endswith(asked) for s in answer.statements):
        return False
    if offer.question[0] != "“":
        return True
    name = fold(offer.question[1 : offer.question.index("”")])
    return len(answer.statements) > 1 or bool(
        re.search(rf"{re.escape(name)}.{{0,3}}(?:即|是指|指的是|就是|包括)", said)
    )


def tried(store: Store, register: Register, day: str, ask: Callable[[str], Answer], n: int) -> list[str]:
    """Up to n questions of several kinds that a store answers, from its own articles.

    A sample from all over the corpus is read, each question is asked before it is
    offered, and no more than ``TRIES`` times n are tried, so that a large corpus costs
    no more than a small one.
    """
    offers = (offer for article in _sample(store, register, day, n) for offer in suggested(article))
    found: list[Offer] = []
    tries = TRIES * n
    for offer in sorted(offers, key=lambda o: o.rank):
        if len(found) == n or not tries:
            break
        if _another(offer, found, n):
            tries -= 1
            if is_good(offer, ask(offer.question)):
                found.append(offer)
    return [offer.question for offer in found]


def _sample(store: Store, register: Register, day: str, n: int) -> list[Article]:
    """Articles from all over a store that hold on a day, in an order that has nothing to do with theirs."""
    ids = [article_id for article_id, _ in store.titles()]
    sample = ids[:: max(1, len(ids) // (SAMPLED * n))]
    read = (store.article(i) for i in sorted(sample, key=lambda i: crc32(i.encode())))
    return [a for a in read if a and register.of(a, day).holds]


def _another(offer: Offer, found: Sequence[Offer], n: int) -> bool:
    """Whether an offer is from another article than those found, and not one more of a kind that has enough."""
    kind = kind_of(offer.question)
    most = max(1, n // 3) if offer.rank < LAST else 1
    return (
        all(offer.article.id != o.article.id and offer.question != o.question for o in found)
        and sum(kind == kind_of(o.question) for o in found) < most
    )
