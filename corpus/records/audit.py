# ruff: noqa: S608 - tables and columns are constants of this program; every value is a parameter
"""The audit log in the catalogue: lines are added, chained, and read; never altered."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from corpus.database import Connection, Database, now
from corpus.records.chain import AuditLine, Head, fingerprint


class AuditedDatabase(Database):
    """A database that writes down who changed what, in the transaction of the change."""

    def log(self, who: str, action: str, detail: str, *, before: str = "", after: str = "") -> None:
        """Add a line to the audit log, together with the transaction that is open here, if one is."""
        with self.transaction() as connection:
            self._log(connection, who, action, detail, before=before, after=after)

    def _log(
        self,
        connection: Connection,
        who: str,
        action: str,
        detail: str,
        *,
        before: str = "",
        after: str = "",
    ) -> None:
        """As ``log``, inside the transaction of what is recorded."""
        assert connection.in_transaction
        head = self.audit_head()
        # Whoever adds lines by other means must not keep ours out.
        number = 1 + max(head.lines, self.value("SELECT max(id) FROM audit") or 0)
        fields = (number, now(), who, action, detail, before, after)
        chain = fingerprint(head.chain, *fields)
        connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*fields, chain))
        self.set_setting("audit_count", str(number))
        self.set_setting("audit_head", chain)

    def audit_head(self) -> Head:
        """Where the audit log ended when it was last written to, as kept apart from it."""
        return Head(int(self.setting("audit_count") or 0), self.setting("audit_head") or "")

    def audit(
        self,
        where: str = "1",
        parameters: Sequence[Any] = (),
        order: Literal["ASC", "DESC"] = "ASC",
        limit: int = -1,
        offset: int = 0,
    ) -> Iterator[AuditLine]:
        """The lines of the audit log that a condition of our own is true of, read one at a time."""
        rows = self.connection().execute(
            "SELECT id, at, who, action, detail, before, after, chain"
            f" FROM audit WHERE {where} ORDER BY id {order} LIMIT ? OFFSET ?",
            [*parameters, limit, offset],
        )
        return map(AuditLine._make, rows)

    def audit_count(self, where: str, parameters: Sequence[Any]) -> int:
        """How many lines of the audit log a condition of our own is true of."""
        return int(self.value(f"SELECT count(*) FROM audit WHERE {where}", parameters))

    def audit_values(self, column: Literal["who", "action"]) -> list[str]:
        """Every value of a column of the audit log, in the order of the characters."""
        return [
            r[0] for r in self.select(f"SELECT DISTINCT {column} FROM audit WHERE {column} <> '' ORDER BY 1")
        ]

    def audit_actions(self) -> dict[str, int]:
        """How many lines of the audit log each action has."""
        return dict(self.select("SELECT action, count(*) FROM audit GROUP BY action ORDER BY action"))
