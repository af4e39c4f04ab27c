"""Lock-out: who guesses passwords waits longer and longer, for one account and from one address.

An attempt counts as failed before it is looked at, and is taken back once it was right: so
many at once are no more guesses than one after the other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from corpus.accounts.addresses import network
from corpus.catalogue import Catalogue
from corpus.database import Connection
from corpus.errors import UserError


class Limit(NamedTuple):
    """How many failures are free, the wait after them (doubled each time) and its greatest, and
    after how long without a failure all is forgotten; seconds."""

    free: int
    first_s: float
    longest_s: float
    forgotten_s: float


ACCOUNT = Limit(5, 30, 15 * 60, 12 * 3600)
#: Generous: a whole office may come from one address.
ADDRESS = Limit(30, 60, 15 * 60, 3600)
_LONGEST_S = max(ACCOUNT.longest_s, ADDRESS.longest_s)


@dataclass(slots=True)
class Attempt:
    """One attempt to sign in; whoever looks at it says whether it was right."""

    right: bool = False


class Lockout:
    """The failed attempts of one catalogue."""

    def __init__(self, catalogue: Catalogue, clock: Callable[[], float]) -> None:
        self._catalogue = catalogue
        self._clock = clock

    @contextmanager
    def attempt(self, key: str, address: str, *, known: str = "") -> Iterator[Attempt]:
        """An attempt at the account of ``key``; raises ``UserError`` where it has to wait.

        ``known`` is the account's name for the audit log; empty where there is none, because
        what is typed into the wrong field may be a password.
        """
        account, place = _account(key), _place(address)
        with self._catalogue.transaction() as connection:
            self._forget(connection)
            self._refuse(connection, account, place)
            waits = self._count(connection, account, ACCOUNT), self._count(connection, place, ADDRESS)
        attempt = Attempt()
        yield attempt
        with self._catalogue.transaction() as connection:
            if not attempt.right:
                self._tell(connection, known, address, *waits)
                return
            self.forgive(connection, key)
            # An address is not forgiven for one right guess, only this attempt is.
            connection.execute(
                "UPDATE sign_in_failures SET failures = failures - 1, blocked_until = 0 WHERE subject = ?",
                (place,),
            )

    def _tell(
        self, connection: Connection, known: str, address: str, account_s: float, address_s: float
    ) -> None:
        """A line in the audit log for who has to wait from now on."""
        if known and account_s:
            self._catalogue._log(connection, known, "登录锁定", address, after=_words(account_s).strip())
        if address_s:
            self._catalogue._log(connection, "", "登录锁定", address, after=_words(address_s).strip())

    def forgive(self, connection: Connection, key: str) -> None:
        """Forget the failures of an account."""
        connection.execute("DELETE FROM sign_in_failures WHERE subject = ?", (_account(key),))

    def _refuse(self, connection: Connection, *subjects: str) -> None:
        for subject in subjects:
            row = connection.execute(
                "SELECT blocked_until FROM sign_in_failures WHERE subject = ?", (subject,)
            ).fetchone()
            left = row[0] - self._clock() if row else 0
            if 0 < left <= _LONGEST_S:  # more is left only where the clock was turned back
                wait = _words(left)
                raise UserError(
                    "密码输错的次数太多，暂时不能登录。", f"请在{wait}后再试，或请管理员重设密码。"
                )

    def _count(self, connection: Connection, subject: str, limit: Limit) -> float:
        """Count one more failure; the seconds to wait after it."""
        moment = self._clock()
        row = connection.execute(
            "SELECT failures, last FROM sign_in_failures WHERE subject = ?", (subject,)
        ).fetchone()
        failures = 1 + (row[0] if row and moment - row[1] < limit.forgotten_s else 0)
        over = failures - limit.free
        wait = min(limit.first_s * 2 ** min(over, 30), limit.longest_s) if over >= 0 else 0.0
        connection.execute(
            "INSERT OR REPLACE INTO sign_in_failures VALUES (?, ?, ?, ?)",
            (subject, failures, moment, moment + wait if wait else 0),
        )
        return wait

    def _forget(self, connection: Connection) -> None:
        oldest = self._clock() - max(ACCOUNT.forgotten_s, ADDRESS.forgotten_s)
        connection.execute("DELETE FROM sign_in_failures WHERE last < ?", (oldest,))


def _account(key: str) -> str:
    # Not the name itself: what is typed into the wrong field may be a password.
    return f"account {sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _place(address: str) -> str:
    return f"address {network(address)}"


def _words(seconds: float) -> str:
    return f" {-int(-seconds // 60)} 分钟" if seconds > 60 else f" {max(1, -int(-seconds // 1))} 秒"
