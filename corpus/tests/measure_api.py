# ruff: noqa: T201 - a command that prints what it measures
"""Schemathesis over the served interface: requests made up from its description, every check on every reply.

``python -m corpus.tests.measure_api [--examples 200] [--seed 1] [--store 目录]`` serves a store (a small one of
its own unless one is given: files are handed in and runs are started), asks each operation so many times
with valid and as often with invalid data, and prints what the checks found.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from corpus.settings import CorpusSettings
from corpus.testing import make_store, served

RULES = {
    "title": "云河市基层工会换届办法",
    "text": "第一条 云河市总工会规定，基层工会委员会每届任期为五年。\n第二条 换届应当召开会员大会。",
}


def failures(
    address: str, *, examples: int, chance: int = 0, asked: Counter | None = None
) -> dict[str, list[str]]:
    """Operation → what the checks found wrong; ``chance`` seeds what is made up, ``asked`` counts it by status."""
    schema = schemathesis.openapi.from_url(address)
    found: dict[str, list[str]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            problems = _problems(operation, mode, examples, chance, Counter() if asked is None else asked)
            if problems:
                found[f"{operation.label} {mode.value}"] = problems
    return found


def _problems(operation, mode, examples, chance, asked) -> list[str]:
    wrong: list[str] = []

    @seed(chance)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def checked(case) -> None:
        response = case.call()
        asked[f"{operation.label} {response.status_code}"] += 1
        try:
            case.validate_response(response)
        except FailureGroup as group:
            wrong.extend(f"{failure.title}: {failure.message}" for failure in group.exceptions)

    try:
        checked()
    except Unsatisfiable:  # nothing that is sent there could be wrong
        return []
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.store is None:
            make_store(Path(folder), [RULES], encoder=CorpusSettings().encoder).close()
        asked: Counter = Counter()
        with served(options.store or Path(folder) / "store") as (address, _):
            found = failures(
                f"{address}api/v1/openapi.json", examples=options.examples, chance=options.seed, asked=asked
            )
    for label, times in sorted(asked.items()):
        print(f"{label}  ×{times}")
    for label, problems in found.items():
        print(label, *dict.fromkeys(problems), sep="\n    ")
    server_errors = sum(n for label, n in asked.items() if label.split()[-1] >= "500")
    print(
        f"{sum(asked.values())} requests, {server_errors} answered 5xx, {sum(map(len, found.values()))} failed checks"
    )


if __name__ == "__main__":
    main()
