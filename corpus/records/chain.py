"""The chain of the audit log: each line's fingerprint covers its own fields and the line before.

A line that was altered does not fit its own fingerprint, one that is missing leaves a gap in the
numbers, and what was cut off at the end is missed by the count and the head that are kept apart.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple


class AuditLine(NamedTuple):
    """One line of the audit log. ``number`` counts from 1 without gaps; ``at`` is ISO 8601.

    ``before`` and ``after`` say in words what was changed; ``chain`` is 64 hex digits.
    """

    number: int
    at: str
    who: str
    action: str
    detail: str
    before: str
    after: str
    chain: str


class Head(NamedTuple):
    """Where a log ends: how many lines it has and the fingerprint of the last; ``(0, "")`` if empty."""

    lines: int
    chain: str


def fingerprint(previous: str, *fields: str | int) -> str:
    """sha256 (hex) over the previous line's fingerprint and the fields of a line, number to after."""
    return sha256(json.dumps([previous, *fields]).encode()).hexdigest()


def breaks(lines: Iterable[AuditLine], head: Head) -> list[str]:
    """Where the chain does not hold, a Chinese sentence each; ``head`` is what was kept apart.

    Lines are read one at a time, ordered by number.
    """
    found: list[str] = []
    last = Head(0, "")
    for line in lines:
        if line.number != last.lines + 1:
            found.append(_missing(last.lines + 1, line.number - 1))
        elif line.chain != fingerprint(last.chain, *line[:-1]):
            found.append(f"审计记录第 {line.number} 条与它的校验码不符：被改动过，或者是后来插入的。")
        last = Head(line.number, line.chain)
    if last.lines < head.lines:
        found.append(_missing(last.lines + 1, head.lines))
    elif last != head:
        found.append("审计记录的末尾与另存的条数和校验码不符：末尾的记录被改动过，或者是后来插入的。")
    return found


def _missing(first: int, last: int) -> str:
    which = f"第 {first} 条" if first >= last else f"第 {first} 条至第 {last} 条"
    return f"审计记录{which}被删去了。"
