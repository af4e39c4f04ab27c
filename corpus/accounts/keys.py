"""API keys: what programs show instead of signing in. Each has roles of its own, and an end.

Of a key only the sha256 is kept, which suffices because a key is 32 random bytes: nobody can
guess it, and who reads the file cannot use what it holds. It is looked up at each request, so
a key that was revoked is refused at once.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from corpus.accounts.people import (
    KEY_PREFIX,
    NOTED_S,
    Person,
    digest,
    good_name,
    held_roles,
    name_key,
    stored_roles,
)
from corpus.catalogue import Catalogue
from corpus.database import now
from corpus.errors import UserError

#: Every key begins so: it is found by tools that look for secrets in the wrong places.
PREFIX = "uq_"
#: Days that a key is good for unless said otherwise.
USUAL_DAYS = 365
_LONGEST_DAYS = 3650
#: So much of a key is kept, to tell one from another. The 40 characters that follow cannot be guessed.
_SHOWN = len(PREFIX) + 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """密钥: an API key, without its secret. ``person`` is whom requests with it are taken for.

    ``shown`` is its beginning, ``ends_on`` the last day on which it is good (ISO, ``""``: no
    end). Times are ISO 8601 with an offset, ``""`` for never. ``state`` is 有效, 已过期 or 已撤销.
    """

    id: int
    name: str
    shown: str
    person: Person
    created_at: str
    created_by: str
    ends_on: str = ""
    used_at: str = ""
    revoked_at: str = ""
    state: str = "有效"


class Added(NamedTuple):
    """A new key and its secret, which is nowhere else."""

    key: Key
    secret: str


class Keys:
    """The API keys of one catalogue. ``clock`` gives seconds."""

    def __init__(self, catalogue: Catalogue, clock: Callable[[], float] = time.time) -> None:
        self._catalogue = catalogue
        self._clock = clock

    def all(self) -> list[Key]:
        """All keys, also those that are good no longer; the newest first, the revoked last."""
        rows = self._catalogue.connection().execute(f"{_KEY} ORDER BY revoked_at <> '', id DESC").fetchall()
        return [self._read(row) for row in rows]

    def add(self, name: str, roles: Iterable[str], *, days: int = USUAL_DAYS, who: str) -> Added:
        """A new key, good for so many days (0: without an end).

        Raises ``UserError`` where the name will not do or is taken, and where there are no
        accounts: nobody needs a key then.
        """
        name, given = good_name(name, "密钥的名称", "例如使用它的系统"), stored_roles(roles)
        if not 0 <= days <= _LONGEST_DAYS:
            raise UserError("有效天数不合适。", f"请写 1 到 {_LONGEST_DAYS} 之间的整数；0 表示不过期。")
        secret = PREFIX + secrets.token_urlsafe(32)
        ends_on = (self._today() + timedelta(days=days)).isoformat() if days else ""
        with self._catalogue.transaction() as connection:
            if not connection.execute("SELECT EXISTS (SELECT 1 FROM people)").fetchone()[0]:
                raise UserError(
                    "还没有账号：只在本机使用，不需要密钥。",
                    "要让别的电脑使用，请先添加管理员：python -m corpus people add 姓名 --role admin。",
                )
            if self._row(name):
                raise UserError(f"已经有叫“{name}”的密钥了。", "请换一个名称，或先撤销原来的密钥。")
            connection.execute(
                "INSERT INTO keys (name, key, roles, digest, shown, created_at, created_by, ends_on)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (name, name_key(name), given, digest(secret), secret[:_SHOWN], now(), who, ends_on),
            )
            added = self._read(self._row(name))
            told = f"{added.person.title}，{until(added)}"
            self._catalogue._log(connection, who, "添加密钥", f"{name}（{added.shown}…）", after=told)
        return Added(added, secret)

    def revoke(self, name: str, *, who: str) -> Key:
        """A key is good no longer. Raises ``UserError`` where there is none of that name."""
        with self._catalogue.transaction() as connection:
            row = self._row(name)
            if row is None:
                raise UserError(f"没有叫“{name}”的密钥。", "请用 python -m corpus keys list 查看有哪些密钥。")
            connection.execute("UPDATE keys SET revoked_at = ? WHERE id = ?", (now(), row[0]))
            before = self._read(row)
            self._catalogue._log(
                connection, who, "撤销密钥", f"{before.name}（{before.shown}…）", before=before.person.title
            )
        return before

    def find(self, secret: str) -> Key | None:
        """Whose secret that is; None where there is no such key, or it is good no longer."""
        if not secret.startswith(PREFIX):
            return None
        row = self._catalogue.connection().execute(f"{_KEY} WHERE digest = ?", (digest(secret),)).fetchone()
        key = self._read(row) if row else None
        return key if key and key.state == "有效" else None

    def to_note(self, key: Key) -> bool:
        """Whether it is time to note that a key is in use."""
        last = datetime.fromisoformat(key.used_at).timestamp() if key.used_at else 0.0
        return not 0 <= self._clock() - last <= NOTED_S

    def note(self, key: Key) -> None:
        """Note that a key is in use."""
        moment = datetime.fromtimestamp(self._clock()).astimezone().isoformat(timespec="seconds")
        self._catalogue.connection().execute("UPDATE keys SET used_at = ? WHERE id = ?", (moment, key.id))

    # -- inside ------------------------------------------------------------------------------

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock()).date()

    def _row(self, name: str) -> Any:
        rows = self._catalogue.connection().execute(
            f"{_KEY} WHERE key = ? AND revoked_at = ''", (name_key(name),)
        )
        return rows.fetchone()

    def _read(self, row: Any) -> Key:
        ends_on, revoked_at = row[6], row[8]
        over = ends_on and self._today().isoformat() > ends_on
        return Key(
            id=row[0],
            name=row[1],
            person=Person(name=KEY_PREFIX + row[1], roles=held_roles(row[2])),
            shown=row[3],
            created_at=row[4],
            created_by=row[5],
            ends_on=ends_on,
            used_at=row[7],
            revoked_at=revoked_at,
            state="已撤销" if revoked_at else "已过期" if over else "有效",
        )


def until(key: Key) -> str:
    """How long a key is good for, in words."""
    return f"有效期至 {key.ends_on}" if key.ends_on else "不过期"


_KEY = "SELECT id, name, roles, shown, created_at, created_by, ends_on, used_at, revoked_at FROM keys"
