"""What is wrong with a miss, and where on the way from the question to the answer it was lost."""

from collections.abc import Iterator, Sequence
from typing import Any

from assistant.question.understand import understand
from assistant.retrieve import retrieve
from assistant.settings import AssistantSettings
from corpus.store import Store
from corpus.types import Passage
from eval.dataset import REFUSALS, Case
from eval.metrics import CaseResult, scored, squeeze, to_be_answered

#: The stages in their order, with what each means and what to do about it.
STAGES = {
    "不在库中": "库里没有写着答案的段落：请添加文件，或核对题目的出处",
    "未检索到": "库里有，检索没有找到它",
    "判为无关": "找到了，核对依据时判为不能回答",
    "未起草": "判为能回答，但回答里没有用到那句话",
    "被扣下": "起草了，但没有通过校验，或把握低于门槛",
}
#: Passages found by a fact's own words are looked through so far.
_LOOKED_THROUGH = 50
#: Why a passage that supports an answer was not used, as the assistant words it.
_OUTDONE = "有更贴近的依据"


def where_lost(case: Case, answer: dict[str, Any], store: Store) -> str:
    """The stage (a key of STAGES) at which what the case asks for went missing; ``""`` where nothing did.

    ``answer`` is the contract's JSON. A case that has no answer loses none; of several facts
    that are missing the one that came farthest decides. Costs one retrieval at most.
    """
    missing = _missing(case, answer)
    if missing is None:
        return ""
    if _held_back(missing, answer.get("withheld", ())):
        return "被扣下"
    gold = {p.id for p in _gold(case, missing, store)}
    if not gold:
        return "不在库中"
    shown = [e for e in answer.get("evidence", ()) if e["passage_id"] in gold]
    if any(e["cited"] or e["grade"] == "支持" or e.get("reason") == _OUTDONE for e in shown):
        return "未起草"
    if shown or case.passages:
        return "判为无关"
    query = understand(answer.get("understood") or case.question, store, case.as_of)
    hits = retrieve(store, query, AssistantSettings().hits)
    return "判为无关" if gold & {h.passage.id for h in hits} else "未检索到"


def fault_of(result: CaseResult) -> str:
    """What is wrong with a result in a word; ``""`` where it is right."""
    case, answer = result.case, result.answer
    if result.error:
        return "程序出错"
    if scored(result).get("right"):
        return ""
    answered = answer["outcome"] not in REFUSALS
    if answered is not to_be_answered(case):
        return "该拒却答" if answered else "该答却拒"
    if scored(result).get("fact_recall", 1.0) < 1:
        return "事实不全"
    return "答了不该答的" if scored(result).get("clean") == 0 else "结果不符"


def _missing(case: Case, answer: dict[str, Any]) -> list[tuple[str, ...]] | None:
    """The facts that the answer lacks; None where it lacks nothing, ``[]`` where it is refused unasked."""
    if not to_be_answered(case) or not answer:
        return None
    refused = answer["outcome"] in REFUSALS
    said = "" if refused else squeeze("".join(s["text"] for s in answer["statements"]))
    lacking = [group for group in case.must if not _holds(said, [group])]
    return lacking if lacking or refused else None


def _holds(text: str, groups: Sequence[Sequence[str]]) -> bool:
    return any(squeeze(fact) in text for group in groups for fact in group)


def _held_back(missing: Sequence[Sequence[str]], withheld: Sequence[str]) -> bool:
    return bool(withheld) and (not missing or _holds(squeeze("".join(withheld)), missing))


def _gold(case: Case, missing: Sequence[Sequence[str]], store: Store) -> Iterator[Passage]:
    """The passages in which a missing fact stands, of the articles that the case names."""
    for passage in _given(case) if case.passages else _named(case, missing, store):
        if not missing or _holds(squeeze(passage.text), missing):
            yield passage


def _given(case: Case) -> Iterator[Passage]:
    for number, text in enumerate(case.passages, 1):
        place = f"给定/{number}/1"
        yield Passage(id=f"{place}/1", article_id=place, ordinal=1, start=0, end=len(text), text=text)


def _named(case: Case, missing: Sequence[Sequence[str]], store: Store) -> Iterator[Passage]:
    if not (case.source or case.article):
        for fact in {fact for group in missing for fact in group}:
            for passage_id, _ in store.search_lexical(fact, _LOOKED_THROUGH):
                if passage := store.passage(passage_id):
                    yield passage
        return
    for source in store.sources():
        if not case.source or any(piece in source.name for piece in case.source):
            for article in store.articles(source.id):
                if squeeze(case.article) in squeeze(article.title):
                    yield from store.passages(article.id)
