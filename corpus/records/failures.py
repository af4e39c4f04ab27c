# ruff: noqa: S608 - tables and columns are constants of this program; every value is a parameter
"""Files that could not be read, and why."""

from corpus.catalogue import Catalogue
from corpus.database import now
from corpus.rows import number_of
from corpus.types import Failure

_FAILURE = ("id", "origin", "name", "sha256", "at", "program", "message")


class Failures:
    """What is kept of them in the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def all(self) -> list[Failure]:
        """All of them, oldest first."""
        rows = self._catalogue.select(f"SELECT {', '.join(_FAILURE)} FROM failures ORDER BY id")
        return [Failure(**{**dict(zip(_FAILURE, r, strict=True)), "id": f"f{r[0]}"}) for r in rows]

    def why(self, digest: str, program: str) -> str:
        """Why these bytes could not be read by that program; ``""`` where it never tried."""
        return (
            self._catalogue.value(
                "SELECT message FROM failures WHERE sha256 = ? AND program = ? LIMIT 1", (digest, program)
            )
            or ""
        )

    def add(self, origin: str, name: str, digest: str, program: str, message: str) -> None:
        """Keep why a file could not be read, in place of what was kept of it before."""
        self._catalogue.connection().execute(
            "INSERT OR REPLACE INTO failures (origin, name, sha256, at, program, message)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (origin, name, digest, now(), program, message),
        )

    def remove(self, failure_id: str, *, who: str) -> bool:
        """Forget one. False where there is none."""
        number = number_of(failure_id.removeprefix("f"))
        with self._catalogue.transaction() as connection:
            found = connection.execute(
                "DELETE FROM failures WHERE id = ? RETURNING name", (number,)
            ).fetchall()
            for (name,) in found:
                self._catalogue._log(connection, who, "移除未能加入的文件", f"{failure_id} {name}")
        return bool(found)
