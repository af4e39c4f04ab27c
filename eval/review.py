"""The review queue: trainers judge what the chat answered badly, and make questions of it.

An item comes from a thumbs-down (差评), from sentences that were withheld (扣下) or from a
refusal (拒答). Trainers label items one by one, not seeing each other's labels; where two have
labelled the same items, ``agreement`` says how far they agree beyond chance.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.errors import UserError
from corpus.store import Store
from corpus.types import REVIEW_REASONS, ReviewItem, ReviewLabel
from eval.dataset import Case

Verdict = Literal["right", "wrong", "incomplete", "should_refuse"]
#: What a trainer can say of an answer, and the words for it.
VERDICTS: dict[str, str] = {
    "right": "答对了",
    "wrong": "答错了",
    "incomplete": "不完整",
    "should_refuse": "应当拒答",
}
#: What becomes of an item.
MADE_CASE, DISMISSED = "成题", "不采用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """一致程度: how two trainers labelled the same items.

    ``items`` is how many both labelled, ``observed`` the share (0–1) with the same label,
    ``kappa`` Cohen's κ (None where it is not defined), ``differing`` the items to talk about.
    """

    items: int
    observed: float | None
    kappa: float | None
    differing: tuple[int, ...] = ()


def queue(store: Store, *, trainer: str = "", reason: str = "", closed: bool = False) -> list[ReviewItem]:
    """Open items, the most often asked first; with ``trainer``, those this trainer has not labelled.

    Raises UserError where ``reason`` is none of 差评, 扣下, 拒答.
    """
    if reason and reason not in REVIEW_REASONS:
        raise UserError(f"没有“{reason}”这一类。", f"请用{'、'.join(REVIEW_REASONS)}之一。")
    return [
        item
        for item in store.reviews(closed=closed)
        if reason in ("", item.reason) and not (trainer and _label_of(item, trainer))
    ]


def label(
    store: Store, number: int, *, trainer: str, verdict: str, article: str = "", note: str = ""
) -> None:
    """Keep one trainer's judgement; labelling again replaces it. ``article``: id of the right article.

    Raises UserError for an unknown item, verdict or article, and without a trainer's name.
    """
    if not trainer.strip():
        raise UserError("没有写复核人。", "请先填写姓名或工号，两人的意见才能分开统计。")
    if verdict not in VERDICTS:
        raise UserError(f"没有“{verdict}”这种意见。", f"请从{'、'.join(VERDICTS.values())}中选一个。")
    if article and store.article(article) is None:
        raise UserError(f"资料库里没有编号为 {article} 的文章。", "请重新选择正确的文章。")
    _item(store, number)
    given = ReviewLabel(trainer=trainer.strip(), verdict=verdict, article=article, note=note.strip())
    store.label_review(number, given)


def dismiss(store: Store, number: int) -> None:
    """Take an item out of the queue without making a question of it. Raises UserError for an unknown one."""
    _item(store, number)
    store.close_review(number, DISMISSED)


def made_case(store: Store, number: int) -> None:
    """Take an item out of the queue because its question now stands in a set."""
    _item(store, number)
    store.close_review(number, MADE_CASE)


def to_case(
    store: Store,
    item: ReviewItem,
    *,
    trainer: str = "",
    id: str = "",
    must: Sequence[Sequence[str]] = (),
    clauses: Sequence[str] = (),
) -> Case:
    """The question that an item becomes, by the label of ``trainer`` (default: the last given).

    The question is the one that stands alone. ``must`` are the facts a right answer holds; an
    answerable question needs them, or the right article. Nothing is saved: the caller adds the
    case to a set when a person has accepted it. Raises UserError without a label, and where
    an answerable question has neither facts nor an article.
    """
    given = _label_of(item, trainer) if trainer else max(item.labels, key=lambda one: one.at, default=None)
    if given is None:
        raise UserError("这一条还没有复核意见。", "请先选答对、答错、不完整或应当拒答。")
    case_id = id or f"review-{item.id:04d}"
    question = item.understood or item.question
    note = f"来自复核（{item.reason}，{VERDICTS[given.verdict]}）" + (f"：{given.note}" if given.note else "")
    if given.verdict == "should_refuse":
        return Case(id=case_id, question=question, type="unanswerable", answerable=False, note=note)
    article_id = given.article or (_cited_article(item) if given.verdict == "right" else "")
    article = store.article(article_id) if article_id else None
    if article is None and not must:
        raise UserError("还不知道正确答案在哪里。", "请选定正确的文章，或者填写答案里必须有的事实。")
    source = store.source(article.source_id) if article else None
    return Case(
        id=case_id,
        question=question,
        must=tuple(tuple(group) for group in must),
        source=(source.name,) if source else (),
        article=article.title if article else "",
        clauses=tuple(clauses),
        note=note,
    )


def kappa(a: Sequence[str], b: Sequence[str]) -> float | None:
    """Cohen's κ of two raters' labels of the same items, in the same order.

    κ = (p_o − p_e) / (1 − p_e): p_o the share of equal labels, p_e the share that chance
    would give from each rater's own frequencies (Cohen 1960). None without items, and where
    both gave every item one and the same label (p_e = 1). Raises ValueError on unequal lengths.
    """
    if len(a) != len(b):
        raise ValueError(f"{len(a)} labels against {len(b)}")
    if not a:
        return None
    count = len(a)
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / count
    first, second = Counter(a), Counter(b)
    matched = sum(first[word] * second[word] for word in first)
    if matched == count * count:
        return None
    chance = matched / count**2
    return (observed - chance) / (1 - chance)


def trainers(store: Store) -> list[str]:
    """Everyone who has labelled something, who labelled most first."""
    counted = Counter(given.trainer for item in _all(store) for given in item.labels)
    return [name for name, _ in counted.most_common()]


def agreement(store: Store, first: str, second: str) -> Agreement:
    """How far two trainers agree on the items both have labelled, closed ones included."""
    verdicts: Mapping[int, tuple[str, str]] = {
        item.id: (one.verdict, other.verdict)
        for item in _all(store)
        if (one := _label_of(item, first)) and (other := _label_of(item, second))
    }
    pairs = list(verdicts.values())
    if not pairs:
        return Agreement(items=0, observed=None, kappa=None)
    return Agreement(
        items=len(pairs),
        observed=sum(x == y for x, y in pairs) / len(pairs),
        kappa=kappa([x for x, _ in pairs], [y for _, y in pairs]),
        differing=tuple(sorted(number for number, (x, y) in verdicts.items() if x != y)),
    )


def _all(store: Store) -> list[ReviewItem]:
    return store.reviews() + store.reviews(closed=True)


def _item(store: Store, number: int) -> ReviewItem:
    item = store.review(number)
    if item is None:
        raise UserError(f"复核队列里没有第 {number} 条。", "请刷新队列后再选。")
    return item


def _label_of(item: ReviewItem, trainer: str) -> ReviewLabel | None:
    return next((given for given in item.labels if given.trainer == trainer.strip()), None)


def _cited_article(item: ReviewItem) -> str:
    """The article an answer was taken from: the one with the most cited passages."""
    cited = Counter(one.article_id for one in item.evidence if one.cited)
    return cited.most_common(1)[0][0] if cited else ""
