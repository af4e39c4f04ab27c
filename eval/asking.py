"""One question asked and scored, and its result as a line of a file."""

import json
from dataclasses import asdict

from assistant.contract import answer_json
from assistant.pipeline import Assistant
from corpus.errors import UserError
from corpus.store import Store
from eval.dataset import Case, from_row, to_row
from eval.metrics import CaseResult, missed, score
from eval.stages import where_lost


def answered(case: Case, assistant: Assistant, store: Store) -> CaseResult:
    """One scored answer. A crash of the product is a miss to be reported, not the end of the run.

    Raises UserError: the store or the settings are wrong, every question would fail the same way.
    """
    try:
        answer = assistant.ask(
            case.question, history=case.history, as_of=case.as_of, passages=case.passages or None
        )
    except UserError:
        raise
    except Exception as error:
        return crashed(case, f"{type(error).__name__}: {error}")
    row = answer_json(answer)
    scores = score(case, row)
    lost = "" if scores["right"] else where_lost(case, row, store)
    return CaseResult(case=case, answer=row, scores=scores, lost=lost)


def crashed(case: Case, error: str) -> CaseResult:
    """A question that got no answer because of a bug: a miss, with what is known of it."""
    return CaseResult(case=case, scores=missed(case), error=error)


def to_line(result: CaseResult) -> str:
    """A result as a line of JSON."""
    return json.dumps(asdict(result) | {"case": to_row(result.case)}, ensure_ascii=False) + "\n"


def from_line(line: str) -> CaseResult | None:
    """The result of a line; None where the line is torn (its writer was killed)."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    return CaseResult(
        case=from_row(row["case"]),
        answer=row["answer"],
        scores=row["scores"],
        error=row["error"],
        lost=row.get("lost", ""),
    )
