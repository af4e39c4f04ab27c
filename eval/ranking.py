"""Ranking measures, computed by ``ir_measures`` so that they are what the field reports.

Recall@k, MRR@k and Success@k as in Manning et al., Introduction to Information Retrieval,
ch. 8; nDCG@k with linear gains and a log2 discount as in trec_eval (Järvelin & Kekäläinen
2002). Every judged query counts: one that found nothing is 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import ir_measures
import numpy as np
from ir_measures import RR, R, Success, nDCG

from eval.uncertainty import interval

#: A query's documents, best first.
Run = Mapping[str, Sequence[str]]
#: A query's judged documents and their grade, > 0 where relevant.
Judgements = Mapping[str, Mapping[str, int]]

#: What a report calls each measure.
MEASURES = {
    **{f"Recall@{k}": R @ k for k in (1, 5, 10, 20, 50, 100)},
    "MRR@10": RR @ 10,
    "nDCG@10": nDCG @ 10,
    "Success@1": Success @ 1,
    "Success@5": Success @ 5,
    "Success@10": Success @ 10,
}


def per_query(
    run: Run, qrels: Judgements, names: Sequence[str] = tuple(MEASURES)
) -> dict[str, dict[str, float]]:
    """``{measure: {query: value 0–1}}`` for every judged query, in the order of ``qrels``.

    Only the order of a run counts: equal scores of the engine do not change the result.
    """
    wanted = {MEASURES[name]: name for name in names}
    judged = [
        ir_measures.Qrel(query, doc, grade) for query, docs in qrels.items() for doc, grade in docs.items()
    ]
    ranked = [
        ir_measures.ScoredDoc(query, doc, float(len(docs) - rank))
        for query, docs in run.items()
        if query in qrels
        for rank, doc in enumerate(docs)
    ]
    values: dict[str, dict[str, float]] = {name: dict.fromkeys(qrels, 0.0) for name in names}
    for found in ir_measures.iter_calc(list(wanted), judged, ranked) if ranked else ():
        values[wanted[found.measure]][found.query_id] = float(found.value)
    return values


def averages(run: Run, qrels: Judgements) -> dict[str, dict[str, Any]]:
    """``{measure: {mean, low, high}}``; 95 % intervals, queries on the same documents drawn together."""
    about = [tuple(sorted(doc for doc, grade in docs.items() if grade > 0)) for docs in qrels.values()]
    report = {}
    for name, values in per_query(run, qrels).items():
        numbers = list(values.values())
        low, high = interval(numbers, about)
        report[name] = {"mean": float(np.mean(numbers)), "low": low, "high": high}
    return report
