# ruff: noqa: S608 - tables and columns are constants of this program; every value is a parameter
"""What people said of answers: kept, and blanked where it quotes what was deleted for good."""

import json
from collections.abc import Sequence
from typing import Any

from corpus.catalogue import Catalogue
from corpus.database import now
from corpus.rows import number_of, to_json

#: What stands in place of an answer that quoted what was deleted for good.
_FORGOTTEN = "（引用的文件已彻底删除，回答不再保留。）"


class Feedback:
    """What is kept of it in the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def add(self, question: str, answer: str, rating: str, comment: str, evidence: Sequence[str]) -> int:
        """Keep a user's judgement of an answer; its number."""
        cursor = self._catalogue.connection().execute(
            "INSERT INTO feedback (at, question, answer, rating, comment, evidence) VALUES (?, ?, ?, ?, ?, ?)",
            (now(), question, answer, rating, comment, to_json(list(evidence))),
        )
        return int(cursor.lastrowid or 0)

    def all(self) -> list[dict[str, Any]]:
        """All feedback, oldest first."""
        keys = ("id", "at", "question", "answer", "rating", "comment", "evidence")
        rows = self._catalogue.select(f"SELECT {', '.join(keys)} FROM feedback ORDER BY id")
        return [dict(zip(keys, (*r[:-1], json.loads(r[-1])), strict=True)) for r in rows]

    def forget_quotes(self, source_id: str) -> None:
        """Blank the answers that quote a source, in feedback and in the trainers' queue; questions stay."""
        number = number_of(source_id)
        with self._catalogue.transaction() as connection:
            connection.execute(
                "UPDATE feedback SET answer = ? WHERE EXISTS"
                " (SELECT 1 FROM json_each(evidence) WHERE value LIKE ? || '/%')",
                (_FORGOTTEN, number),
            )
            quoting = "id IN (SELECT item FROM review_evidence WHERE source = ?"
            connection.execute(
                f"UPDATE review_items SET answer = ? WHERE {quoting} AND cited)", (_FORGOTTEN, number)
            )
            connection.execute(f"UPDATE review_items SET withheld = '[]' WHERE {quoting})", (number,))
