# ruff: noqa: S608 - columns are constants of this file; every value is a parameter
"""People: who may sign in, what each may do, and for how long a sign-in lasts.

Of a password only its argon2 hash is kept, of a session only the sha256 of its token: who
reads the file cannot sign in with what it holds. Everything a session may do is looked up
at each request, so what is taken from somebody is gone at once.
"""

import secrets
import time
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from corpus.accounts import passwords
from corpus.accounts.lockout import Lockout
from corpus.catalogue import Catalogue
from corpus.database import Connection, now
from corpus.errors import UserError

Role = Literal["cadre", "trainer", "office", "admin"]
#: Each role and what people call it, in the order in which they are offered.
ROLES: dict[Role, str] = {"cadre": "干部", "trainer": "培训", "office": "办公室", "admin": "管理员"}
#: Seconds without a request after which a session ends, and seconds after which it ends in any case.
IDLE_S = 8 * 3600
LONGEST_S = 7 * 24 * 3600
#: A session's last request is noted no more often than this: a page asks for a hundred files.
NOTED_S = 60
_NAME_LENGTH = 40
#: Stand in the audit log for whoever is not signed in; nobody may be called so.
_TAKEN = frozenset({"网页", "命令行", "系统", "随程序附带"})
#: Goes before the name of an API key wherever it stands for a person.
KEY_PREFIX = "密钥 "


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """人员: an account. ``roles`` holds all that follow from those given: 干部 is everybody, 管理员 is all.

    ``active`` is False for an account that was disabled (停用). Times are ISO 8601 with an
    offset, ``""`` for never.
    """

    name: str
    roles: frozenset[Role] = frozenset({"cadre"})
    active: bool = True
    created_at: str = ""
    signed_in_at: str = ""
    sessions: int = 0

    @property
    def title(self) -> str:
        """The roles in words, without those that follow from others."""
        if "admin" in self.roles:
            return ROLES["admin"]
        return "、".join(word for role, word in ROLES.items() if role in self.roles - {"cadre"}) or "干部"


class Session(NamedTuple):
    """登录: who is signed in, and whether it is time to note that they still are."""

    person: Person
    to_note: bool


class People:
    """The accounts, sessions and failed attempts of one catalogue. ``clock`` gives seconds."""

    def __init__(self, catalogue: Catalogue, clock: Callable[[], float] = time.time) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._lockout = Lockout(catalogue, lambda: self._clock())

    @property
    def realm(self) -> str:
        """Tells the sign-ins of this store from those of another on the same machine."""
        return self._catalogue.store_id[:8]

    # -- accounts -------------------------------------------------------------------------

    def exist(self) -> bool:
        """Whether there is any account; without one, whoever sits at this machine may do everything."""
        return bool(
            self._catalogue.connection().execute("SELECT EXISTS (SELECT 1 FROM people)").fetchone()[0]
        )

    def everyone(self) -> list[Person]:
        """All accounts, the disabled ones last, by name; with how many sessions each has."""
        rows = self._catalogue.connection().execute(
            f"{_PERSON}, (SELECT count(*) FROM sessions s WHERE s.person = p.id AND s.began > ? AND s.seen > ?)"
            " FROM people p ORDER BY active DESC, name",
            self._oldest(),
        )
        return [_person(row) for row in rows.fetchall()]

    def find(self, name: str | None) -> Person | None:
        """The account of that name, or None."""
        row = self._row(name or "")
        return _person(row) if row else None

    def add(self, name: str, roles: Iterable[str], password: str, *, who: str) -> Person:
        """A new account. Raises ``UserError`` where the name or the password will not do."""
        name = good_name(name, "用户名", "例如姓名")
        if name in _TAKEN or name.startswith(KEY_PREFIX.strip()):
            raise UserError(f"“{name}”是程序自己用的名字。", "请换一个用户名。")
        given, kept = stored_roles(roles), self._good(password, name)
        with self._catalogue.transaction() as connection:
            if self._row(name):
                raise UserError(f"已经有叫“{name}”的账号了。", "请换一个用户名，或者启用原来的账号。")
            if "admin" not in given and not self._administrators(connection):
                raise UserError("还没有管理员。", "请先添加一位管理员，再添加其他人员。")
            connection.execute(
                "INSERT INTO people (name, key, roles, password, created_at) VALUES (?, ?, ?, ?, ?)",
                (name, name_key(name), given, kept, now()),
            )
            added = _person(self._known(name))
            self._catalogue._log(connection, who, "添加人员", name, after=added.title)
        return added

    def set_roles(self, name: str, roles: Iterable[str], *, who: str) -> Person:
        """What somebody may do from now on. Raises ``UserError`` where no administrator would be left."""
        given = stored_roles(roles)
        with self._catalogue.transaction() as connection:
            before = self._known(name)
            connection.execute("UPDATE people SET roles = ? WHERE id = ?", (given, before[0]))
            after = _person(self._known(name))
            self._keep_an_administrator(connection)
            self._log(connection, who, "更改角色", before, after.title)
        return after

    def set_active(self, name: str, active: bool, *, who: str) -> None:
        """Disable an account and end its sessions, or enable it again.

        Raises ``UserError`` where no administrator would be left.
        """
        with self._catalogue.transaction() as connection:
            before = self._known(name)
            connection.execute("UPDATE people SET active = ? WHERE id = ?", (int(active), before[0]))
            self._keep_an_administrator(connection)
            self._end(connection, before[0])
            self._lockout.forgive(connection, name_key(name))
            action = "启用账号" if active else "停用账号"
            self._log(
                connection, who, action, before, "启用" if active else "停用", "停用" if active else "启用"
            )

    def set_password(self, name: str, password: str, *, who: str) -> None:
        """Give somebody another password; all their sessions end, and they are locked out no longer."""
        known = self._known(name)
        kept = self._good(password, known[1])
        with self._catalogue.transaction() as connection:
            connection.execute("UPDATE people SET password = ? WHERE id = ?", (kept, known[0]))
            self._end(connection, known[0])
            self._lockout.forgive(connection, name_key(name))
            self._catalogue._log(connection, who, "修改密码" if who == known[1] else "重设密码", known[1])

    def change_password(self, name: str, old: str, new: str, *, address: str) -> None:
        """Somebody's own password; raises ``UserError`` where the old one is wrong or the new one will not do."""
        known = self._known(name)
        with self._lockout.attempt(name_key(name), address) as attempt:
            attempt.right = passwords.matches(self._password(known[0]), old)
        if not attempt.right:
            raise UserError("现在的密码不正确。", "请检查大小写和输入法后再试。")
        self.set_password(name, new, who=known[1])

    def end_sessions(self, name: str, *, who: str) -> int:
        """Sign somebody out everywhere; how many sessions that were."""
        with self._catalogue.transaction() as connection:
            known = self._known(name)
            ended = self._end(connection, known[0])
            self._catalogue._log(connection, who, "结束登录", known[1], after=f"{ended} 处")
        return ended

    # -- signing in ------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, *, address: str, token: str = "") -> str:
        """The token of a new session; the one of ``token``, held before, ends.

        Raises ``UserError`` where name and password do not fit, which takes as long whether
        there is such an account or not, and where there were too many failures.
        """
        row = self._row(name)
        kept = self._password(row[0]) if row else ""
        with self._lockout.attempt(name_key(name), address, known=row[1] if row else "") as attempt:
            attempt.right = passwords.matches(kept, password)
        if row is None or not attempt.right:
            raise UserError("用户名或密码不正确。", "请检查大小写和输入法后再试；忘记了密码，请管理员重设。")
        if not row[3]:
            raise UserError("这个账号已停用。", "请联系管理员。")
        return self._begin(row, kept, password, address=address, replaced=token)

    def session(self, token: str) -> Session | None:
        """Whose session that is; None where it ended, is too old, or the account was disabled."""
        row = (
            self._catalogue.connection()
            .execute(
                f"{_PERSON}, 1, s.seen FROM sessions s JOIN people p ON p.id = s.person"
                " WHERE s.token = ? AND s.began > ? AND s.seen > ? AND s.seen < ? AND p.active",
                # Seen so far ahead only where the clock was turned back: it would last as much longer.
                (digest(token), *self._oldest(), self._clock() + IDLE_S),
            )
            .fetchone()
        )
        return Session(_person(row), self._clock() - row[-1] > NOTED_S) if row else None

    def note(self, token: str) -> None:
        """Note that a session is still in use."""
        self._catalogue.connection().execute(
            "UPDATE sessions SET seen = ? WHERE token = ?", (self._clock(), digest(token))
        )

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._catalogue.connection().execute("DELETE FROM sessions WHERE token = ?", (digest(token),))

    def _begin(self, row: Any, kept: str, password: str, *, address: str, replaced: str) -> str:
        token, moment = secrets.token_urlsafe(32), self._clock()
        better = passwords.hashed(password) if passwords.outdated(kept) else kept
        with self._catalogue.transaction() as connection:
            # The password may have been changed, the account disabled, while it was compared.
            changed = connection.execute(
                "UPDATE people SET signed_in_at = ?, password = ? WHERE id = ? AND password = ? AND active",
                (now(), better, row[0], kept),
            )
            if not changed.rowcount:
                raise UserError("账号刚刚有改动。", "请再登录一次。")
            began, seen = self._oldest()
            connection.execute(
                "DELETE FROM sessions WHERE token = ? OR began <= ? OR seen <= ?",
                (digest(replaced), began, seen),
            )
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?)", (digest(token), row[0], moment, moment)
            )
            self._catalogue._log(connection, row[1], "登录", address)
        return token

    # -- inside ------------------------------------------------------------------------------

    def _oldest(self) -> tuple[float, float]:
        """What a session must have begun after, and been seen after."""
        return self._clock() - LONGEST_S, self._clock() - IDLE_S

    def _row(self, name: str) -> Any:
        return (
            self._catalogue.connection()
            .execute(f"{_PERSON} FROM people p WHERE key = ?", (name_key(name),))
            .fetchone()
        )

    def check(self, name: str) -> None:
        """Raises ``UserError`` where there is no such account."""
        self._known(name)

    def _known(self, name: str) -> Any:
        row = self._row(name)
        if row is None:
            raise UserError(f"没有叫“{name}”的账号。", "请用 python -m corpus people list 查看有哪些账号。")
        return row

    def _password(self, number: int) -> str:
        row = (
            self._catalogue.connection()
            .execute("SELECT password FROM people WHERE id = ?", (number,))
            .fetchone()
        )
        return str(row[0])

    @staticmethod
    def _good(password: str, name: str) -> str:
        wrong = passwords.problem(password, name)
        if wrong:
            raise UserError(wrong, "请换一个密码。")
        return passwords.hashed(password)

    @staticmethod
    def _administrators(connection: Connection) -> int:
        counted = connection.execute("SELECT count(*) FROM people WHERE roles = 'admin' AND active")
        return int(counted.fetchone()[0])

    def _keep_an_administrator(self, connection: Connection) -> None:
        if not self._administrators(connection):
            raise UserError("这是最后一位管理员。", "请先让另一位当管理员，再改动这个账号。")

    @staticmethod
    def _end(connection: Connection, number: int) -> int:
        return int(connection.execute("DELETE FROM sessions WHERE person = ?", (number,)).rowcount)

    def _log(
        self, connection: Connection, who: str, action: str, before: Any, after: str, was: str = ""
    ) -> None:
        self._catalogue._log(
            connection, who, action, before[1], before=was or _person(before).title, after=after
        )


_PERSON = "SELECT p.id, p.name, p.roles, p.active, p.created_at, p.signed_in_at"


def held_roles(stored: str) -> frozenset[Role]:
    """Roles as they are kept, with all that follow from them."""
    given = set(stored.split(","))
    return frozenset(role for role in ROLES if "admin" in given or role in given | {"cadre"})


def _person(row: Any) -> Person:
    return Person(
        name=row[1],
        roles=held_roles(row[2]),
        active=bool(row[3]),
        created_at=row[4],
        signed_in_at=row[5],
        sessions=row[6] if len(row) > 6 else 0,
    )


def good_name(name: str, called: str, like: str) -> str:
    """A name as it is kept. Raises ``UserError`` where it is empty, too long or has what cannot be seen."""
    name = " ".join(unicodedata.normalize("NFKC", name).split())
    if not name or len(name) > _NAME_LENGTH or not name.isprintable():
        raise UserError(
            f"{called}不合适。", f"请用 1 到 {_NAME_LENGTH} 个字，不含换行和看不见的字符，{like}。"
        )
    return name


def roles_called(given: Iterable[str]) -> list[str]:
    """Roles, also where they were given as people call them."""
    called: dict[str, str] = {word: role for role, word in ROLES.items()}
    return [called.get(one, one) for one in given]


def stored_roles(roles: Iterable[str]) -> str:
    """Roles as they are kept: without those that follow from others."""
    given = set(roles)
    if unknown := given - set(ROLES):
        raise UserError(
            f"没有“{'、'.join(sorted(unknown))}”这种角色。",
            f"可以是 {'、'.join(f'{role}（{word}）' for role, word in ROLES.items())}。",
        )
    return "admin" if "admin" in given else ",".join(role for role in ROLES if role in given | {"cadre"})


def name_key(name: str) -> str:
    """What two spellings of one name have in common."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def digest(token: str) -> bytes:
    """What is kept of a token: enough to know it again, and of no use to who reads it."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
