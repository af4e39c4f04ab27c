"""What is measured of one answer, and how results are averaged. Every measure is a word."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from eval import citations
from eval.clauses import cited_share
from eval.dataset import REFUSALS, Case
from eval.uncertainty import interval

#: Longest answer, in characters without markers, that counts as short (for one fact: ONE_FACT).
LONGEST = 400
ONE_FACT = 80
ONE_FACT_TYPES = frozenset({"number", "who", "when"})
#: Percentiles of latency and length that a summary gives.
PERCENTILES = (50, 90, 95, 99)


class Measure(NamedTuple):
    """指标: what people call a measure and what it says; ``lower``: less is better."""

    title: str
    meaning: str
    lower: bool = False


MEASURES = {
    "right": Measure("答对", "事实齐全、没有禁止的内容；库中没有的如实拒答"),
    "refusal": Measure("该答则答", "能答的作答，不能答的拒答"),
    "over_refusal": Measure("误拒率", "能答的题里，没有作答的占多大比例；越低越好", True),
    "over_answer": Measure("误答率", "该拒答的题里，作了答的占多大比例；越低越好", True),
    "fact_recall": Measure("事实齐全度", "应有的事实出现了多大比例"),
    "clean": Measure("没有禁止内容", "回答里没有出现题目写明不应出现的内容"),
    "concise": Measure("简短", f"不超过 {LONGEST} 字；单个数字、人名、日期不超过 {ONE_FACT} 字或只有一句"),
    "citation_recall": Measure(
        "引用查全（ALCE）", "有多大比例的句子，它的全部引用合起来能证实它；由本程序的校验器判断"
    ),
    "citation_precision": Measure(
        "引用查准（ALCE）", "有多大比例的引用不是多余的：单独能证实所在的句子，或去掉它就证实不了"
    ),
    "citation_recall_exact": Measure(
        "引用查全（逐字）", "同“引用查全”，但句子须一字不差地在所引段落里才算证实"
    ),
    "citation_precision_exact": Measure(
        "引用查准（逐字）", "同“引用查准”，但句子须一字不差地在所引段落里才算证实"
    ),
    "verbatim": Measure("引文逐字", "每处引文都能在段落里逐字找到"),
    "cited": Measure("句句有据", "每一句都有核实过的引文"),
    "found": Measure("出处正确", "引用的段落出自应引的文章"),
    "right_clause": Measure("条款正确", "应引的条款有多大比例被引到；引到它的一款一项，或含它的整条，都算"),
    "validity": Measure("引用有效", "所引文件有多大比例在题目所问的日期（没写就是答题当天）有效"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """评分: one scored answer. ``answer`` is the contract's JSON; ``error`` names a crash, which is a miss.

    ``scores`` hold 1.0 or 0.0 (``fact_recall``, ``citation_…``, ``right_clause``,
    ``validity``: a share) for each measure that applies to the case; a measure that does
    not apply is absent, so averages stay honest. ``lost`` says where in the pipeline a miss
    was lost (``eval.stages``).
    """

    case: Case
    answer: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    error: str = ""
    lost: str = ""


def squeeze(text: str) -> str:
    """White space carries no meaning in a Chinese fact: “1 月 17 日” equals “1月17日”."""
    return "".join(text.split())


def to_be_answered(case: Case) -> bool:
    """Whether a right reply to the case is an answer and not a refusal."""
    return case.outcome not in REFUSALS if case.outcome else case.answerable


def score(case: Case, answer: dict[str, Any]) -> dict[str, float]:
    """Every measure of MEASURES that applies to this case.

    Of every case: ``right`` (all facts held, none forbidden, expected outcome; or refused,
    where that is expected), ``refusal`` and, by the side it is on, ``over_refusal`` or
    ``over_answer``. Of cases to be answered: ``fact_recall``, ``found``, ``right_clause``
    where the case names facts, documents, clauses. Of what was answered: ``clean``,
    ``concise`` and what ``eval.citations`` measures.
    """
    refused = answer["outcome"] in REFUSALS
    wanted = to_be_answered(case)
    scores = {"right": float(_right(case, answer)), "refusal": float(refused != wanted)}
    scores["over_refusal" if wanted else "over_answer"] = float(refused == wanted)
    if wanted:
        scores |= _of_the_case(case, answer)
    if not refused:
        scores |= _of_the_answer(case, answer)
    return scores


def missed(case: Case) -> dict[str, float]:
    """The scores of a crash: the worst there is in every measure that applies without an answer."""
    nothing = {"outcome": "", "statements": [], "evidence": []}
    wanted = to_be_answered(case)
    worst = {"right": 0.0, "refusal": 0.0, "over_refusal" if wanted else "over_answer": 1.0}
    return worst | (dict.fromkeys(_of_the_case(case, nothing), 0.0) if wanted else {})


def scored(result: CaseResult) -> dict[str, float]:
    """The scores that count: a crash is a miss, whatever was written down of it."""
    return missed(result.case) if result.error else result.scores


def _right(case: Case, answer: dict[str, Any]) -> bool:
    if case.outcome and answer["outcome"] != case.outcome:
        return False
    if not to_be_answered(case):
        return answer["outcome"] in REFUSALS
    return answer["outcome"] not in REFUSALS and all(_held(case, answer)) and _clean(case, answer)


def _said(answer: dict[str, Any]) -> str:
    return squeeze("".join(s["text"] for s in answer["statements"]))


def _held(case: Case, answer: dict[str, Any]) -> list[bool]:
    """For each fact whether the answer holds it in one of its wordings."""
    text = _said(answer)
    return [any(squeeze(fact) in text for fact in group) for group in case.must]


def _clean(case: Case, answer: dict[str, Any]) -> bool:
    text = _said(answer)
    return not any(squeeze(fact) in text for fact in case.must_not)


def _of_the_case(case: Case, answer: dict[str, Any]) -> dict[str, float]:
    """How far an answer holds what the case names; a refusal holds nothing."""
    scores: dict[str, float] = {}
    if case.must:
        held = _held(case, answer)
        scores["fact_recall"] = sum(held) / len(held)
    if case.source:
        scores["found"] = float(_found(case, answer))
    if case.clauses:
        scores["right_clause"] = cited_share(case.clauses, answer)
    return scores


def _of_the_answer(case: Case, answer: dict[str, Any]) -> dict[str, float]:
    scores = {
        "concise": float(_concise(case, answer)),
        "citation_recall": citations.recall(answer, citations.verified),
        "citation_precision": citations.precision(answer, citations.verified),
        "citation_recall_exact": citations.recall(answer, citations.exactly),
        "citation_precision_exact": citations.precision(answer, citations.exactly),
        "verbatim": float(citations.verbatim(answer)),
        "cited": float(citations.every_statement_cited(answer)),
    }
    if case.must_not:
        scores["clean"] = float(_clean(case, answer))
    in_force = citations.in_force_share(answer, case.as_of, case.source)
    return scores if in_force is None else scores | {"validity": in_force}


def _concise(case: Case, answer: dict[str, Any]) -> bool:
    length = len(_said(answer))
    limit = ONE_FACT if case.type in ONE_FACT_TYPES and len(case.must) <= 1 else LONGEST
    return length <= limit or (len(answer["statements"]) == 1 and length <= LONGEST)


def _found(case: Case, answer: dict[str, Any]) -> bool:
    cited = [e for e in answer["evidence"] if e["cited"]]
    return any(
        any(piece in e["source"] for piece in case.source) and squeeze(case.article) in squeeze(e["title"])
        for e in cited
    )


def document(case: Case) -> Hashable:
    """What a case shares with others when intervals are drawn: the documents it rests on, else itself."""
    return case.source or case.digest


class Tally:
    """Adds results up one at a time: only numbers are kept, so that 20,000 answers need no memory."""

    def __init__(self) -> None:
        self.cases = self.crashed = 0
        self._scores: dict[str, list[float]] = {name: [] for name in MEASURES}
        self._documents: dict[str, list[Hashable]] = {name: [] for name in MEASURES}
        self._sides: dict[bool, list[float]] = {True: [], False: []}
        self._milliseconds: list[float] = []
        self._lengths: list[int] = []

    def add(self, result: CaseResult) -> None:
        self.cases += 1
        self.crashed += bool(result.error)
        scores, about = scored(result), document(result.case)
        for name, value in scores.items():
            self._scores.setdefault(name, []).append(value)
            self._documents.setdefault(name, []).append(about)
        if "refusal" in scores:
            self._sides[to_be_answered(result.case)].append(scores["refusal"])
        if seconds := result.answer.get("seconds"):
            self._milliseconds.append(seconds["total"] * 1000)
        if "concise" in scores:
            self._lengths.append(len(_said(result.answer)))

    def summary(self) -> dict[str, Any]:
        """As ``summary`` gives it."""
        measures = {
            name: self._mean(values, self._documents[name]) for name, values in self._scores.items() if values
        }
        balanced, low, high = self._balanced()
        return {
            "cases": self.cases,
            "crashed": self.crashed,
            "measures": measures,
            "balanced_refusal": balanced,
            "balanced_refusal_interval": [low, high],
            **{f"{_percentile(p)}_ms": _at(self._milliseconds, p) for p in PERCENTILES},
            **{f"{_percentile(p)}_chars": _at(self._lengths, p) for p in PERCENTILES},
        }

    def _mean(self, values: Sequence[float], documents: Sequence[Hashable]) -> dict[str, Any]:
        low, high = interval(values, documents)
        return {
            "mean": float(np.mean(values)),
            "low": low,
            "high": high,
            "n": len(values),
            "not_scored": self.cases - len(values),
        }

    def _balanced(self) -> tuple[float | None, float | None, float | None]:
        """Mean of the two sides' accuracies (Brodersen et al. 2010), its interval from sides drawn apart."""
        sides = list(self._sides.values())
        if not all(sides):
            return None, None, None
        generator = np.random.default_rng(0)
        drawn = [generator.binomial(len(s), np.mean(s), 2000) / len(s) for s in sides]
        low, high = np.percentile(np.mean(drawn, axis=0), [2.5, 97.5])
        return float(np.mean([np.mean(s) for s in sides])), float(low), float(high)


def summary(results: Iterable[CaseResult]) -> dict[str, Any]:
    """Means over the cases each measure applies to, with 95 % intervals by document.

    ``measures``: ``{name: {mean, low, high, n, not_scored}}``; ``cases``, ``crashed``;
    ``balanced_refusal`` with its interval (None without both sides);
    ``median_ms, p90_ms, p95_ms, p99_ms`` and the same of ``…_chars``, the length of answers.
    """
    tally = Tally()
    for result in results:
        tally.add(result)
    return tally.summary()


def _percentile(percent: int) -> str:
    return "median" if percent == 50 else f"p{percent}"


def _at(values: Sequence[float], percent: int) -> float | None:
    return float(np.percentile(values, percent)) if values else None
