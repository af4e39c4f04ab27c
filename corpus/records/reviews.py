"""The review queue in the catalogue: answers that trainers should look at, and what they say of them."""

import json
from collections.abc import Sequence
from typing import Any

from corpus.catalogue import Catalogue
from corpus.database import BRIEFLY_S, now
from corpus.types import ReviewEvidence, ReviewItem, ReviewLabel, ReviewReason

_ITEM = "id, at, times, reason, question, understood, outcome, answer, withheld, comment, closed, answerable"


class Reviews:
    """The three tables of the queue, over one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def add(
        self,
        reason: ReviewReason,
        question: str,
        understood: str,
        outcome: str,
        answer: str,
        withheld: Sequence[str],
        comment: str,
        evidence: Sequence[ReviewEvidence],
    ) -> int:
        """Put an answer into the queue, or renew the item of the same question; its number."""
        values = (now(), reason, question, understood, outcome, answer, _json(withheld), comment)
        with self._catalogue.transaction(wait_s=BRIEFLY_S) as connection:
            (number,) = connection.execute(
                "INSERT INTO review_items"
                " (at, reason, question, understood, outcome, answer, withheld, comment)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET times = times + 1, at = excluded.at,"
                " outcome = excluded.outcome, answer = excluded.answer, withheld = excluded.withheld,"
                " answerable = '',"
                " comment = CASE excluded.comment WHEN '' THEN comment ELSE excluded.comment END"
                " RETURNING id",
                values,
            ).fetchone()
            connection.execute("DELETE FROM review_evidence WHERE item = ?", (number,))
            connection.executemany(
                "INSERT INTO review_evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_evidence_row(number, place, one) for place, one in enumerate(evidence, 1)],
            )
        return int(number)

    def items(self, where: str = "1", parameters: Sequence[Any] = ()) -> list[ReviewItem]:
        """Items with evidence and labels: most often asked first, then the newest."""
        with self._catalogue.snapshot():
            rows = self._catalogue.connection().execute(
                f"SELECT {_ITEM} FROM review_items WHERE {where}"  # noqa: S608 - constants of our own
                " ORDER BY times DESC, at DESC, id DESC",
                parameters,
            )
            return [self._item(row) for row in rows.fetchall()]

    def item(self, number: int) -> ReviewItem | None:
        """One item, or None."""
        return next(iter(self.items("id = ?", (number,))), None)

    def _item(self, row: Sequence[Any]) -> ReviewItem:
        fields = dict(zip(_ITEM.split(", "), row, strict=True))
        fields["withheld"] = tuple(json.loads(fields["withheld"]))
        return ReviewItem(**fields, evidence=self._evidence(row[0]), labels=self._labels(row[0]))

    def _evidence(self, number: int) -> tuple[ReviewEvidence, ...]:
        rows = self._catalogue.connection().execute(
            "SELECT passage, article, title, label, text, grade, cited"
            " FROM review_evidence WHERE item = ? ORDER BY ordinal",
            (number,),
        )
        return tuple(
            ReviewEvidence(
                passage_id=p,
                article_id=a,
                title=title,
                label=label,
                text=text,
                grade=grade,
                cited=bool(cited),
            )
            for p, a, title, label, text, grade, cited in rows.fetchall()
        )

    def _labels(self, number: int) -> tuple[ReviewLabel, ...]:
        rows = self._catalogue.connection().execute(
            "SELECT trainer, verdict, article, note, at FROM review_labels WHERE item = ? ORDER BY trainer",
            (number,),
        )
        return tuple(
            ReviewLabel(trainer=t, verdict=v, article=a, note=n, at=at) for t, v, a, n, at in rows.fetchall()
        )

    def label(self, number: int, label: ReviewLabel) -> None:
        """Keep a trainer's judgement; a second one by the same trainer takes the place of the first."""
        self._catalogue.connection().execute(
            "INSERT OR REPLACE INTO review_labels VALUES (?, ?, ?, ?, ?, ?)",
            (number, label.trainer, now(), label.verdict, label.article, label.note),
        )

    def close(self, number: int, became: str) -> None:
        """Record what became of an item; ``""`` opens it again."""
        self._catalogue.connection().execute(
            "UPDATE review_items SET closed = ? WHERE id = ?", (became, number)
        )

    def mark_answerable(self, number: int, article_id: str) -> None:
        """Record that the question of an open item is now answered from an article; ``""`` takes it back."""
        self._catalogue.connection().execute(
            "UPDATE review_items SET answerable = ? WHERE id = ? AND closed = ''", (article_id, number)
        )


def _evidence_row(number: int, place: int, one: ReviewEvidence) -> tuple[Any, ...]:
    source = int(one.passage_id.split("/")[0])
    texts = (one.title, one.label, one.text, one.grade)
    return (number, place, source, one.passage_id, one.article_id, *texts, int(one.cited))


def _json(values: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))
