"""The SQLite file under the catalogue: connections, transactions, its schema brought up to date, errors in words."""

import errno
import secrets
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.disk import in_words
from corpus.errors import StoreError, UserError
from corpus.records.chain import fingerprint
from corpus.schema import MIGRATIONS

#: Seconds for which another program's lock is waited for.
BUSY_S = 30.0
#: The same for what is kept beside an answer: who asked must not wait for it, and it may be lost.
BRIEFLY_S = 5.0
#: So long a reader is waited for before the journal is left to whoever writes next.
_CHECKPOINT_S = 3.0
#: Pages of 4 KiB that are copied at a time.
_PAGES = 2048

#: An open connection, as ``Database.transaction`` gives it.
Connection = sqlite3.Connection


def now() -> str:
    """This moment, ISO 8601 with its offset, whole seconds."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")


class Database:
    """The SQLite file. A connection a thread; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open or create it and bring its schema up to date.

        Raises ``UserError`` where the file is no catalogue or a newer program wrote it.
        """
        self._path = path
        self._local = threading.local()
        # A thread's connection goes when the thread goes; only the living are closed.
        self._owning = threading.Lock()
        self._owners: weakref.WeakKeyDictionary[
            sqlite3.Connection, weakref.ReferenceType[threading.Thread]
        ] = weakref.WeakKeyDictionary()
        #: Which file it is (its inode); 0 until it is there.
        self._file = 0
        try:
            self._migrate()
            self.store_id = self.setting("store_id") or ""
            self._file = path.stat().st_ino
        except sqlite3.OperationalError as error:
            self.close()
            raise StoreError(f"打不开资料库：{path}。", "请检查是否有读写权限、磁盘是否已满。") from error
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections of all threads: those in use when their threads let go of them.

        SQLite crashes where a connection is closed under a thread that is at work with it.
        """
        self._local = threading.local()  # what nobody has in hand goes with it
        with self._owning:
            self._close_left(also=threading.current_thread())

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = self._connected()
            with self._owning:
                self._close_left()
                self._owners[found] = weakref.ref(threading.current_thread())
        return found

    def _close_left(self, also: threading.Thread | None = None) -> None:
        """Close the connections of threads that have ended: the collector would come to them much later."""
        for connection, owner in list(self._owners.items()):
            thread = owner()
            if thread is None or thread is also or not thread.is_alive():
                connection.close()
                self._owners.pop(connection, None)

    def _connected(self) -> sqlite3.Connection:
        if self._file:
            self._check_place()  # another file there, or an empty one made in its place, is not the store
        try:
            made = sqlite3.connect(
                self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False, factory=_Connection
            )
            # FULL: an index may be stamped with a revision only if no power cut can undo it.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                made.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as error:
            raise self._refused() or _in_words(error) from error
        except StoreError as error:
            raise self._refused() or error from error
        made.create_function("audit_chain", 8, fingerprint, deterministic=True)
        return made

    def _refused(self) -> StoreError | None:
        """Why the system does not let us open the file, which SQLite does not tell."""
        try:
            self._path.open("rb+").close()
        except OSError as error:
            return in_words(error.errno)
        return None

    def _check_place(self) -> None:
        """Raises ``StoreError`` where the file is not there any more, or is another one."""
        try:
            same = self._path.stat().st_ino == self._file
        except OSError as error:
            raise in_words(error.errno) or error from error
        if not same:
            raise StoreError("资料库的文件被换成了另一份。", "请重新启动程序，新的一份才会用起来。")

    @contextmanager
    def transaction(self, *, wait_s: float | None = None) -> Iterator[sqlite3.Connection]:
        """All of what is done inside, or nothing; inside another one, both end together.

        Another writer is waited for, ``wait_s`` seconds where that is given. Raises ``StoreError``.
        """
        connection = self.connection()
        begin, keep = "BEGIN IMMEDIATE", "COMMIT"
        undo: tuple[str, ...] = ("ROLLBACK",)
        if connection.in_transaction:
            # What is rolled back to stays open, and would be taken for the one around it.
            begin, keep = "SAVEPOINT inner", "RELEASE inner"
            undo = ("ROLLBACK TO inner", "RELEASE inner")
        with self._waiting(connection, wait_s):
            connection.execute(begin)
        try:
            yield connection
            if not connection.in_transaction:
                # SQLite itself undid all of it, at an error that somebody inside caught.
                raise StoreError("没有写进资料库，这一批都没有保存。", "请看前面的提示，处理好之后再试。")
            connection.execute(keep)
        except BaseException:
            if connection.in_transaction:
                for statement in undo:
                    connection.execute(statement)
            raise

    @contextmanager
    def _waiting(self, connection: sqlite3.Connection, seconds: float | None) -> Iterator[None]:
        """Inside, others' locks are waited for so long; None changes nothing."""
        if seconds is None:
            yield
            return
        (before,) = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute(f"PRAGMA busy_timeout={int(1000 * seconds)}")
        try:
            yield
        finally:
            connection.execute(f"PRAGMA busy_timeout={before}")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads inside all see the same revision."""
        connection = self.connection()
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("COMMIT")

    def _migrate(self) -> None:
        if self._version() > len(MIGRATIONS):
            raise UserError("这个资料库是用更新版本的程序建立的。", "请升级本程序后再打开。")
        while (version := self._version()) < len(MIGRATIONS):
            with self.transaction() as connection:
                if self._version() != version:  # another process was faster
                    continue
                for statement in _statements(MIGRATIONS[version]):
                    connection.execute(statement)
                if version == 0:
                    connection.executemany(
                        "INSERT INTO settings VALUES (?, ?)",
                        [("store_id", secrets.token_hex(8)), ("revision", "0")],
                    )
                connection.execute(f"PRAGMA user_version={version + 1}")

    def _version(self) -> int:
        return int(self.value("PRAGMA user_version"))

    def select(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        return self.connection().execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        row = self.connection().execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    # -- settings, revision ---------------------------------------------------------

    @property
    def revision(self) -> int:
        """How often the content has changed since the store was made.

        Everything that is read or written begins with it, so here it shows where the file is gone.
        """
        self._check_place()
        return int(self.value("SELECT value FROM settings WHERE key = 'revision'"))

    def setting(self, key: str) -> str | None:
        """A recorded setting, or None."""
        value: str | None = self.value("SELECT value FROM settings WHERE key = ?", (key,))
        return value

    def set_setting(self, key: str, value: str) -> None:
        """Record a setting."""
        self.connection().execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, value))

    # -- the file ---------------------------------------------------------------------

    def checkpoint(self, *, wait: bool = True) -> bool:
        """Write the journal into the file and empty it; False where somebody still reads what it held."""
        connection = self.connection()
        with self._waiting(connection, _CHECKPOINT_S if wait else 0):
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def copy_to(self, path: Path, progress: Callable[[str, int, int], None] | None = None) -> None:
        """Write a consistent copy of the file: inside ``snapshot``, of that moment. Nobody waits for it.

        Raises ``OSError`` where it cannot be written.
        """

        def tell(_: int, remaining: int, total: int) -> None:
            if progress:
                progress("复制目录", total - remaining, total)

        target = sqlite3.connect(path)
        try:
            self.connection().backup(target, pages=_PAGES, progress=tell)
            target.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            raise OSError(str(error)) from error
        finally:
            target.close()


class _Cursor(sqlite3.Cursor):
    """A cursor that says what is wrong with the file in words."""

    def execute(self, sql: str, parameters: Any = (), /) -> "_Cursor":
        try:
            return super().execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise _in_words(error) from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> "_Cursor":
        try:
            return super().executemany(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise _in_words(error) from error

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as error:
            raise _in_words(error) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.DatabaseError as error:
            raise _in_words(error) from error

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            raise _in_words(error) from error


class _Connection(sqlite3.Connection):
    """A connection that can be referred to weakly, whose cursors are ours."""

    def execute(self, sql: str, parameters: Any = (), /) -> _Cursor:
        return self.cursor(_Cursor).execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> _Cursor:
        return self.cursor(_Cursor).executemany(sql, parameters)


_BUSY = ("资料库正被另一个程序占用。", "请稍后再试；如果一直这样，请关闭打开它的其他程序。")
_DAMAGED = ("资料库的目录文件已损坏。", "请用 python -m corpus restore 从备份恢复。")
_MOVED = ("资料库的文件被移走或换掉了。", "请把它放回原处，再重新启动程序。")
#: What SQLite's codes mean to people, by the code, or by its last byte, which is its kind.
_CODES: dict[int, tuple[str, str] | int] = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_READONLY_DBMOVED: _MOVED,
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_IOERR: errno.EIO,
}


def _in_words(error: sqlite3.DatabaseError) -> Exception:
    """What is wrong with the file, or with the disk; any other error as it is."""
    code = getattr(error, "sqlite_errorcode", 0)
    meant = _CODES.get(code) or _CODES.get(code & 0xFF)
    if meant is None:
        return error
    return (in_words(meant) if isinstance(meant, int) else StoreError(*meant)) or error


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one at a time; a trigger has semicolons inside."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
