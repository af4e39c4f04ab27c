# ruff: noqa: S608 - tables and columns are constants of this file; every value is a parameter
"""The catalogue: one SQLite file that is the truth. The indexes are derived from it.

A source is written in one transaction that also bumps ``revision``; whatever is derived
from the catalogue is stamped with the revision it reflects and repairs only the sources
that changed since (``changed_since``). Ids of sources and row numbers of passages are
never reused, so an index entry can be stale but never point at something else.
"""

import errno
import json
import secrets
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from corpus.disk import in_words
from corpus.errors import StoreError, UserError
from corpus.records.chain import AuditLine, Head, fingerprint
from corpus.types import Article, Box, Failure, Filters, Passage, Source
from corpus.versions.changes import changes, told

#: Numbered migrations: the n-th takes a catalogue from version n-1 to n. Append only.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE sources (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        revision INTEGER NOT NULL,
        name TEXT NOT NULL, origin TEXT NOT NULL, sha256 TEXT NOT NULL,
        media_type TEXT NOT NULL, bytes INTEGER NOT NULL,
        received_at TEXT NOT NULL, received_by TEXT NOT NULL,
        pages INTEGER NOT NULL, reader TEXT NOT NULL, warnings TEXT NOT NULL
    );
    CREATE INDEX sources_revision ON sources (revision);
    CREATE INDEX sources_origin ON sources (origin);
    CREATE INDEX sources_sha256 ON sources (sha256);
    CREATE TABLE removed_sources (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL);
    CREATE INDEX removed_sources_revision ON removed_sources (revision);
    CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        kind TEXT NOT NULL, title TEXT NOT NULL, subtitle TEXT NOT NULL, label TEXT NOT NULL,
        authors TEXT NOT NULL, issuer TEXT NOT NULL, number TEXT NOT NULL,
        published_on TEXT NOT NULL, effective_on TEXT NOT NULL, expires_on TEXT NOT NULL,
        region TEXT NOT NULL, status TEXT NOT NULL, supersedes TEXT NOT NULL,
        pages TEXT NOT NULL, quality REAL NOT NULL, text TEXT NOT NULL,
        first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
        UNIQUE (source, ordinal)
    );
    CREATE TABLE passages (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        article TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        label TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        page INTEGER NOT NULL, boxes TEXT NOT NULL, text TEXT NOT NULL,
        embedded BLOB NOT NULL,
        UNIQUE (article, ordinal)
    );
    CREATE INDEX passages_embedded ON passages (embedded);
    CREATE TABLE embeddings (
        encoder TEXT NOT NULL, embedded BLOB NOT NULL, vector BLOB NOT NULL,
        PRIMARY KEY (embedded, encoder)
    ) WITHOUT ROWID;
    CREATE TABLE feedback (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
        question TEXT NOT NULL, answer TEXT NOT NULL, rating TEXT NOT NULL,
        comment TEXT NOT NULL, evidence TEXT NOT NULL
    );
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
        who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL
    );
    """,
    """
    CREATE TABLE failures (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        origin TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sha256 TEXT NOT NULL,
        at TEXT NOT NULL, program TEXT NOT NULL, message TEXT NOT NULL
    );
    CREATE INDEX failures_sha256 ON failures (sha256);
    """,
    """
    CREATE TABLE review_items (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, times INTEGER NOT NULL DEFAULT 1,
        reason TEXT NOT NULL, question TEXT NOT NULL, understood TEXT NOT NULL DEFAULT '',
        outcome TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL,
        withheld TEXT NOT NULL DEFAULT '[]', comment TEXT NOT NULL DEFAULT '',
        closed TEXT NOT NULL DEFAULT '',
        UNIQUE (question, understood, reason)
    );
    CREATE TABLE review_evidence (
        item INTEGER NOT NULL REFERENCES review_items ON DELETE CASCADE,
        ordinal INTEGER NOT NULL, source INTEGER NOT NULL, passage TEXT NOT NULL,
        article TEXT NOT NULL, title TEXT NOT NULL, label TEXT NOT NULL, text TEXT NOT NULL,
        grade TEXT NOT NULL, cited INTEGER NOT NULL,
        PRIMARY KEY (item, ordinal)
    ) WITHOUT ROWID;
    CREATE INDEX review_evidence_source ON review_evidence (source);
    CREATE TABLE review_labels (
        item INTEGER NOT NULL REFERENCES review_items ON DELETE CASCADE,
        trainer TEXT NOT NULL, at TEXT NOT NULL,
        verdict TEXT NOT NULL, article TEXT NOT NULL, note TEXT NOT NULL,
        PRIMARY KEY (item, trainer)
    ) WITHOUT ROWID;
    INSERT INTO review_items (at, reason, question, answer, comment)
        SELECT at, '差评', question, answer, comment FROM feedback WHERE rating = 'down' ORDER BY id
        ON CONFLICT DO UPDATE SET
            times = times + 1, at = excluded.at, answer = excluded.answer, comment = excluded.comment;
    INSERT INTO review_evidence
        SELECT i.id, e.key + 1, a.source, p.id, a.id, a.title, p.label, p.text, '支持', 1
        FROM review_items i
        JOIN feedback f ON f.id = (SELECT max(id) FROM feedback WHERE question = i.question AND rating = 'down')
        JOIN json_each(f.evidence) e JOIN passages p ON p.id = e.value JOIN articles a ON a.id = p.article
    """,
    """
    ALTER TABLE articles ADD COLUMN quality_reason TEXT NOT NULL DEFAULT '';
    CREATE TABLE signatures (
        number INTEGER PRIMARY KEY,
        article TEXT NOT NULL UNIQUE REFERENCES articles ON DELETE CASCADE,
        signature BLOB NOT NULL
    );
    CREATE TABLE signature_bands (
        band INTEGER NOT NULL,
        signature INTEGER NOT NULL REFERENCES signatures ON DELETE CASCADE,
        PRIMARY KEY (band, signature)
    ) WITHOUT ROWID;
    CREATE INDEX signature_bands_signature ON signature_bands (signature);
    CREATE TABLE reprints (
        one TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
        other TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
        PRIMARY KEY (one, other)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE articles ADD COLUMN recipients TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE passages ADD COLUMN path TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE passages ADD COLUMN lead TEXT NOT NULL DEFAULT ''
    """,
    """
    CREATE TABLE audit_chained (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
        who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL,
        before TEXT NOT NULL, after TEXT NOT NULL, chain TEXT NOT NULL
    );
    WITH RECURSIVE
        lines AS MATERIALIZED (SELECT row_number() OVER (ORDER BY id) AS number, * FROM audit),
        chained (number, chain) AS (
            SELECT 0, ''
            UNION ALL
            SELECT l.number, audit_chain(c.chain, l.number, l.at, l.who, l.action, l.detail, '', '')
            FROM chained c JOIN lines l ON l.number = c.number + 1
        )
    INSERT INTO audit_chained
        SELECT l.number, l.at, l.who, l.action, l.detail, '', '', c.chain
        FROM lines l JOIN chained c ON c.number = l.number ORDER BY l.number;
    DROP TABLE audit;
    ALTER TABLE audit_chained RENAME TO audit;
    INSERT INTO settings SELECT 'audit_count', count(*) FROM audit;
    INSERT INTO settings SELECT 'audit_head', ifnull((SELECT chain FROM audit ORDER BY id DESC LIMIT 1), '');
    CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'append only'); END;
    CREATE TRIGGER audit_holds BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'append only'); END;
    """,
    """
    CREATE TABLE asked (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL, who TEXT NOT NULL, question TEXT NOT NULL, bare TEXT NOT NULL,
        outcome TEXT NOT NULL, category TEXT NOT NULL, seconds REAL NOT NULL, sources TEXT NOT NULL
    );
    CREATE INDEX asked_at ON asked (at);
    CREATE INDEX asked_who ON asked (who) WHERE who <> '';
    ALTER TABLE review_items ADD COLUMN answerable TEXT NOT NULL DEFAULT ''
    """,
    """
    CREATE TABLE archive (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        source INTEGER NOT NULL, origin TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
        state TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL,
        document TEXT NOT NULL, content TEXT NOT NULL
    );
    CREATE INDEX archive_source ON archive (source);
    CREATE INDEX archive_sha256 ON archive (sha256);
    CREATE INDEX archive_origin ON archive (origin);
    CREATE UNIQUE INDEX archive_withdrawn ON archive (source) WHERE state = '撤下';
    CREATE TABLE links (
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,
        newer TEXT NOT NULL, older TEXT NOT NULL,
        newer_title TEXT NOT NULL, older_title TEXT NOT NULL,
        who TEXT NOT NULL, at TEXT NOT NULL,
        UNIQUE (newer, older)
    );
    CREATE INDEX links_older ON links (older);
    INSERT INTO settings VALUES ('links', '0');
    """,
    """
    CREATE TABLE people (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, roles TEXT NOT NULL, password TEXT NOT NULL,
        active INTEGER NOT NULL DEFAULT 1, created_at TEXT NOT NULL, signed_in_at TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE sessions (
        token BLOB PRIMARY KEY,
        person INTEGER NOT NULL REFERENCES people ON DELETE CASCADE,
        began REAL NOT NULL, seen REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX sessions_person ON sessions (person);
    CREATE TABLE sign_in_failures (
        subject TEXT PRIMARY KEY,
        failures INTEGER NOT NULL, last REAL NOT NULL, blocked_until REAL NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE keys (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL, key TEXT NOT NULL, roles TEXT NOT NULL,
        digest BLOB NOT NULL UNIQUE, shown TEXT NOT NULL,
        created_at TEXT NOT NULL, created_by TEXT NOT NULL, ends_on TEXT NOT NULL,
        used_at TEXT NOT NULL DEFAULT '', revoked_at TEXT NOT NULL DEFAULT ''
    );
    CREATE UNIQUE INDEX keys_key ON keys (key) WHERE revoked_at = ''
    """,
)

_SOURCE: tuple[str, ...] = (
    "id",
    "name",
    "origin",
    "sha256",
    "media_type",
    "bytes",
    "received_at",
    "received_by",
)
_SOURCE += ("pages", "reader", "warnings")
_ARTICLE: tuple[str, ...] = (
    "id",
    "source",
    "ordinal",
    "kind",
    "title",
    "subtitle",
    "label",
    "authors",
    "issuer",
    "number",
)
_ARTICLE += ("published_on", "effective_on", "expires_on", "region", "status", "supersedes", "recipients")
_ARTICLE += ("pages", "quality", "quality_reason", "text")
_FAILURE = ("id", "origin", "name", "sha256", "at", "program", "message")
_PASSAGE = ("id", "article", "ordinal", "label", "start", '"end"', "page", "boxes", "text", "path", "lead")
#: What is searched of a passage: its text, after the lead-in of the list that it goes on with.
_SEARCHED = "iif(p.lead = '', p.text, p.lead || char(10) || p.text)"
_SOURCE_COLUMNS = ", ".join(f"s.{c}" for c in _SOURCE)
_ARTICLE_COLUMNS = ", ".join(f"a.{c}" for c in _ARTICLE)
_PASSAGE_COLUMNS = ", ".join(f"p.{c}" for c in _PASSAGE)
#: What stands in place of an answer that quoted what was deleted for good.
_FORGOTTEN = "（引用的文件已彻底删除，回答不再保留。）"
_ORPHANED = "NOT EXISTS (SELECT 1 FROM passages p WHERE p.embedded = embeddings.embedded)"
#: Seconds for which another program's lock is waited for.
BUSY_S = 30.0
#: The same for what is kept beside an answer: who asked must not wait for it, and it may be lost.
BRIEFLY_S = 5.0
#: So long a reader is waited for before the journal is left to whoever writes next.
_CHECKPOINT_S = 3.0
#: Pages of 4 KiB that are copied at a time.
_PAGES = 2048
#: SQLite takes 32,766 parameters a statement; far fewer keep the statements small.
_CHUNK = 500


EVERYTHING = Filters()
#: An open connection, as ``Catalogue.transaction`` gives it.
Connection = sqlite3.Connection


class Counts(NamedTuple):
    """How many of each the store holds."""

    sources: int
    articles: int
    passages: int


class IndexRow(NamedTuple):
    """What an index is told of one passage. Days are numbers, 20240501; 0 is no date."""

    row: int
    source: int
    article: str
    kind: str
    issuer: str
    region: str
    status: str
    first_day: int
    last_day: int
    title: str
    label: str
    number: str
    authors: str
    text: str
    embedded: bytes


class Joined(NamedTuple):
    """A passage with the article and the source it stands in."""

    passage: Passage
    article: Article
    source: Source


def now() -> str:
    """This moment, ISO 8601 with its offset, whole seconds."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")


def embedded_text(title: str, label: str, text: str) -> str:
    """The text of a passage as the encoder sees it."""
    return f"{title} {label}\n{text}"


def embedded_key(text: str) -> bytes:
    """The key of a text in the embedding cache, 16 bytes."""
    return sha256(text.encode()).digest()[:16]


def days(date: str) -> tuple[int, int]:
    """The first and last day that an ISO date of any precision may mean, as numbers.

    ``"2024-05"`` is ``(20240501, 20240531)``; what is no date is ``(0, 0)``. The last day
    of a month is always 31: these numbers are only compared.
    """
    parts = date.split("-")
    if not 1 <= len(parts) <= 3 or not all(p.isascii() and p.isdigit() for p in parts):
        return 0, 0
    year, month, day = (*(int(p) for p in parts), 0, 0)[:3]
    first = year * 10000 + (month or 1) * 100 + (day or 1)
    last = year * 10000 + (month or 12) * 100 + (day or 31)
    return first, last


class Catalogue:
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
        return int(self._value("PRAGMA user_version"))

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        return self.connection().execute(sql, parameters).fetchall()

    def _value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        row = self.connection().execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    # -- settings, revision ---------------------------------------------------------

    @property
    def revision(self) -> int:
        """How often the content has changed since the store was made.

        Everything that is read or written begins with it, so here it shows where the file is gone.
        """
        self._check_place()
        return int(self._value("SELECT value FROM settings WHERE key = 'revision'"))

    def setting(self, key: str) -> str | None:
        """A recorded setting, or None."""
        value: str | None = self._value("SELECT value FROM settings WHERE key = ?", (key,))
        return value

    def set_setting(self, key: str, value: str) -> None:
        """Record a setting."""
        self.connection().execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, value))

    def changed_since(self, revision: int) -> list[int]:
        """The numbers of the sources written or removed after that revision."""
        rows = self._rows(
            "SELECT id FROM sources WHERE revision > ? UNION SELECT id FROM removed_sources WHERE revision > ?",
            (revision, revision),
        )
        return [r[0] for r in rows]

    # -- reading ----------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """All sources, oldest first."""
        return [_source(r) for r in self._rows(f"SELECT {_SOURCE_COLUMNS} FROM sources s ORDER BY s.id")]

    def source(self, source_id: str) -> Source | None:
        """One source, or None."""
        rows = self._rows(f"SELECT {_SOURCE_COLUMNS} FROM sources s WHERE s.id = ?", (_number(source_id),))
        return _source(rows[0]) if rows else None

    def articles(self, source_id: str | None = None) -> list[Article]:
        """The articles of one source or of all, ordered by place."""
        where, parameters = ("", ()) if source_id is None else ("WHERE a.source = ?", (_number(source_id),))
        rows = self._rows(
            f"SELECT {_ARTICLE_COLUMNS} FROM articles a {where} ORDER BY a.source, a.ordinal", parameters
        )
        return [_article(r) for r in rows]

    def digest(self) -> str:
        """A fingerprint (16 hex digits) of every article's id and text, read one at a time."""
        found = sha256()
        for row in self.connection().execute("SELECT id, text FROM articles ORDER BY source, ordinal"):
            found.update("\0".join((*row, "")).encode("utf-8", "surrogatepass"))
        return found.hexdigest()[:16]

    def article(self, article_id: str) -> Article | None:
        """One article, or None."""
        rows = self._rows(f"SELECT {_ARTICLE_COLUMNS} FROM articles a WHERE a.id = ?", (article_id,))
        return _article(rows[0]) if rows else None

    def passages(self, article_id: str) -> list[Passage]:
        """The passages of an article, in order."""
        rows = self._rows(
            f"SELECT {_PASSAGE_COLUMNS} FROM passages p WHERE p.article = ? ORDER BY p.ordinal", (article_id,)
        )
        return [_passage(r) for r in rows]

    def passage(self, passage_id: str) -> Passage | None:
        """One passage, or None."""
        rows = self._rows(f"SELECT {_PASSAGE_COLUMNS} FROM passages p WHERE p.id = ?", (passage_id,))
        return _passage(rows[0]) if rows else None

    def counts(self) -> Counts:
        """How many sources, articles and passages there are."""
        tables = ("sources", "articles", "passages")
        return Counts(*(self._value(f"SELECT count(*) FROM {t}") for t in tables))

    def issuers(self) -> list[str]:
        """Every issuer, most frequent first."""
        return self._frequent("issuer")

    def regions(self) -> list[str]:
        """Every region, most frequent first."""
        return self._frequent("region")

    def _frequent(self, column: str) -> list[str]:
        rows = self._rows(
            f"SELECT {column} FROM articles WHERE {column} <> '' GROUP BY 1 ORDER BY count(*) DESC, 1"
        )
        return [r[0] for r in rows]

    def titles(self) -> list[tuple[str, str]]:
        """``(article id, title)`` of every article that has a title, ordered by place."""
        return [
            (r[0], r[1])
            for r in self._rows("SELECT id, title FROM articles WHERE title <> '' ORDER BY source, ordinal")
        ]

    def numbers(self) -> list[tuple[str, str]]:
        """``(article id, 文号)`` of every article that has one, ordered by place."""
        rows = self._rows("SELECT id, number FROM articles WHERE number <> '' ORDER BY source, ordinal")
        return [(r[0], r[1]) for r in rows]

    def replacements(self) -> list[tuple[str, tuple[str, ...]]]:
        """``(article id, titles and numbers it replaces)`` of every article that replaces any."""
        rows = self._rows("SELECT id, supersedes FROM articles WHERE supersedes <> '[]'")
        return [(r[0], tuple(json.loads(r[1]))) for r in rows]

    def joined(self, passage_ids: Iterable[str]) -> dict[str, Joined]:
        """The passages that still exist, each with its article and source."""
        with self.snapshot():
            passages = [_passage(r) for r in self._chosen(_PASSAGE, "passages", "id", passage_ids)]
            # An article is read once, not once for each of its passages.
            rows = self._chosen(_ARTICLE, "articles", "id", (p.article_id for p in passages))
            articles = {r[0]: _article(r) for r in rows}
            rows = self._chosen(_SOURCE, "sources", "id", (a.source_id for a in articles.values()))
            sources = {str(r[0]): _source(r) for r in rows}
        return {
            p.id: Joined(p, articles[p.article_id], sources[articles[p.article_id].source_id])
            for p in passages
        }

    def texts_of(self, passage_ids: Sequence[str]) -> dict[str, tuple[str, str, str]]:
        """Passage id → title of its article, label and text; of those that still exist."""
        found: dict[str, tuple[str, str, str]] = {}
        for at in range(0, len(passage_ids), _CHUNK):
            chunk = passage_ids[at : at + _CHUNK]
            rows = self._rows(
                f"SELECT p.id, a.title, p.label, {_SEARCHED} FROM passages p JOIN articles a ON a.id = p.article"
                f" WHERE p.id IN ({_marks(chunk)})",
                chunk,
            )
            found |= {id_: (title, label, text) for id_, title, label, text in rows}
        return found

    def _chosen(
        self, columns: Sequence[str], table: str, key: str, values: Iterable[str | int]
    ) -> Iterator[Sequence[Any]]:
        """The rows of a table whose key is among the values."""
        wanted = list(dict.fromkeys(values))
        for at in range(0, len(wanted), _CHUNK):
            chunk = wanted[at : at + _CHUNK]
            yield from self._rows(
                f"SELECT {', '.join(columns)} FROM {table} WHERE {key} IN ({_marks(chunk)})", chunk
            )

    def ids_of(self, rows: Sequence[int]) -> dict[int, str]:
        """Row number → passage id, of those that still exist."""
        return {r[0]: r[1] for r in self._chosen(("row", "id"), "passages", "row", rows)}

    def rows_of(self, passage_ids: Sequence[str]) -> dict[int, str]:
        """Row number → passage id, of those that still exist."""
        return {r[0]: r[1] for r in self._chosen(("row", "id"), "passages", "id", passage_ids)}

    def rows(self, filters: Filters = EVERYTHING) -> list[int]:
        """The row numbers of the passages that pass the filters, ascending."""
        if not filters:
            return [r[0] for r in self._rows("SELECT row FROM passages ORDER BY row")]
        where, parameters = _where(filters)
        found = self._rows(
            f"SELECT p.row FROM passages p JOIN articles a ON a.id = p.article WHERE {where} ORDER BY p.row",
            parameters,
        )
        return [r[0] for r in found]

    def rows_and_sources(self, sources: Sequence[int] | None = None) -> list[tuple[int, int]]:
        """Row number and source of the passages of those sources, or of all; ascending by row."""
        select = "SELECT p.row, a.source FROM passages p JOIN articles a ON a.id = p.article"
        if sources is None:
            return self._rows(f"{select} ORDER BY p.row")
        found: list[tuple[int, int]] = []
        for at in range(0, len(sources), _CHUNK):
            chunk = sources[at : at + _CHUNK]
            found += self._rows(f"{select} WHERE a.source IN ({_marks(chunk)})", chunk)
        return sorted(found)

    def index_rows(self, sources: Sequence[int] | None = None) -> Iterator[IndexRow]:
        """What the indexes need of the passages of those sources, or of all."""
        select = (
            "SELECT p.row, a.source, a.id, a.kind, a.issuer, a.region, a.status, a.first_day, a.last_day,"
            f" a.title, p.label, a.number, a.authors, {_SEARCHED}, p.embedded"
            " FROM passages p JOIN articles a ON a.id = p.article"
        )
        if sources is None:
            yield from self._index_rows(f"{select} ORDER BY p.row", ())
            return
        for at in range(0, len(sources), _CHUNK):
            chunk = sources[at : at + _CHUNK]
            yield from self._index_rows(f"{select} WHERE a.source IN ({_marks(chunk)}) ORDER BY p.row", chunk)

    def _index_rows(self, sql: str, parameters: Sequence[Any]) -> Iterator[IndexRow]:
        for r in self.connection().execute(sql, parameters):
            row = IndexRow(*r)
            yield row._replace(authors=" ".join(json.loads(row.authors)))

    # -- writing ----------------------------------------------------------------------

    def next_source(self) -> int:
        """The first source number that was never used."""
        return 1 + int(self._value("SELECT seq FROM sqlite_sequence WHERE name = 'sources'") or 0)

    def known(self, origin: str, name: str, digest: str) -> tuple[str, bool] | None:
        """The source already held for a file, and whether its bytes are the same; or None."""
        held = self._rows("SELECT id, sha256 FROM sources WHERE origin = ? ORDER BY id LIMIT 1", (origin,))
        if held and held[0][1] == digest:
            return str(held[0][0]), True
        moved = self._value(
            "SELECT id FROM sources WHERE name = ? AND sha256 = ? ORDER BY id LIMIT 1", (name, digest)
        )
        if moved is not None and not held:
            return str(moved), True
        return (str(held[0][0]), False) if held else None

    def put(
        self,
        source: Source,
        articles: Sequence[Article],
        passages: Sequence[Passage],
        *,
        who: str,
        action: str = "",
    ) -> int:
        """Replace what the source held, in one transaction; the new revision.

        ``action`` is what the audit log calls it (default: 新增 or 更新). Raises ``ValueError`` where
        ids, ordinals or offsets do not fit together.
        """
        number = _number(source.id)
        if number is None:
            raise ValueError(f"not a source id: {source.id!r}")
        texts = _checked(source, articles, passages)
        with self.transaction() as connection:
            existed = self.source(source.id)
            before = (existed, self.articles(source.id)) if existed else None
            self._delete_content(connection, number)
            revision = self._bump(connection)
            _insert(connection, "sources", [(revision, *_source_row(number, source))], ["revision", *_SOURCE])
            connection.execute("DELETE FROM removed_sources WHERE id = ?", (number,))
            connection.execute("DELETE FROM failures WHERE origin = ?", (source.origin,))
            _insert(
                connection,
                "articles",
                [(*_article_row(number, a), *days(a.published_on)) for a in articles],
                [*_ARTICLE, "first_day", "last_day"],
            )
            _insert(
                connection,
                "passages",
                [(*_passage_row(p), embedded_key(texts[p.id])) for p in passages],
                [*_PASSAGE, "embedded"],
            )
            was, is_now = changes(before, (source, articles)) if before else ("", told(source, articles))
            action = action or ("更新" if before else "新增")
            self._log(connection, who, action, f"{source.id} {source.name}", before=was, after=is_now)
        return revision

    def remove(self, source_id: str, *, who: str, action: str = "删除", after: str = "") -> bool:
        """Take a source and all it holds out of the live tables, in one transaction.

        ``action`` and ``after`` stand in the audit log. False where there is no such source.
        """
        number = _number(source_id)
        with self.transaction() as connection:
            source = self.source(source_id)
            if source is None:
                return False
            was = told(source, self.articles(source_id))
            self._delete_content(connection, number)
            revision = self._bump(connection)
            connection.execute("INSERT OR REPLACE INTO removed_sources VALUES (?, ?)", (number, revision))
            self._log(connection, who, action, f"{source_id} {source.name}", before=was, after=after)
        return True

    def _delete_content(self, connection: sqlite3.Connection, number: int | None) -> None:
        keys = [
            r[0]
            for r in connection.execute(
                "SELECT DISTINCT p.embedded FROM passages p JOIN articles a ON a.id = p.article"
                " WHERE a.source = ?",
                (number,),
            )
        ]
        connection.execute("DELETE FROM sources WHERE id = ?", (number,))
        # What was embedded goes with its last passage: a vector tells much of its text.
        connection.executemany(
            "DELETE FROM embeddings WHERE embedded = ?"
            " AND NOT EXISTS (SELECT 1 FROM passages WHERE passages.embedded = embeddings.embedded)",
            [(k,) for k in keys],
        )

    def _bump(self, connection: sqlite3.Connection) -> int:
        connection.execute("UPDATE settings SET value = value + 1 WHERE key = 'revision'")
        return self.revision

    def checkpoint(self, *, wait: bool = True) -> bool:
        """Write the journal into the file and empty it; False where somebody still reads what it held."""
        connection = self.connection()
        with self._waiting(connection, _CHECKPOINT_S if wait else 0):
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def refers_to(self, digest: str) -> bool:
        """Whether any source has these bytes, or any version in the archive."""
        found = (
            "SELECT 1 FROM sources WHERE sha256 = ? UNION ALL SELECT 1 FROM archive WHERE sha256 = ? LIMIT 1"
        )
        return self._value(found, (digest, digest)) is not None

    def digests(self) -> set[str]:
        """The sha256 of every original in use."""
        return {r[0] for r in self._rows("SELECT sha256 FROM sources UNION SELECT sha256 FROM archive")}

    # -- embeddings ---------------------------------------------------------------------

    def missing_embeddings(self, encoder: str, rows: Sequence[int]) -> list[tuple[bytes, str]]:
        """Key and text of what this encoder has not embedded of these passages, each once."""
        found: dict[bytes, str] = {}
        for at in range(0, len(rows), _CHUNK):
            chunk = rows[at : at + _CHUNK]
            for key, title, label, text in self._rows(
                f"SELECT p.embedded, a.title, p.label, {_SEARCHED}"
                " FROM passages p JOIN articles a ON a.id = p.article"
                f" WHERE p.row IN ({_marks(chunk)}) AND NOT EXISTS"
                " (SELECT 1 FROM embeddings e WHERE e.encoder = ? AND e.embedded = p.embedded)",
                [*chunk, encoder],
            ):
                found.setdefault(key, embedded_text(title, label, text))
        return list(found.items())

    def add_embeddings(self, encoder: str, vectors: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep vectors (float16, little endian) under their keys."""
        with self.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", [(encoder, k, v) for k, v in vectors]
            )

    def embeddings(self, encoder: str, rows: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Row number and vector of those of these passages that are embedded."""
        for at in range(0, len(rows), _CHUNK):
            chunk = rows[at : at + _CHUNK]
            yield from self._rows(
                "SELECT p.row, e.vector FROM passages p JOIN embeddings e"
                f" ON e.encoder = ? AND e.embedded = p.embedded WHERE p.row IN ({_marks(chunk)})",
                [encoder, *chunk],
            )

    def forget_other_encoders(self, encoder: str) -> None:
        """Drop the vectors of every other encoder."""
        self.connection().execute("DELETE FROM embeddings WHERE encoder <> ?", (encoder,))

    # -- feedback, audit ------------------------------------------------------------------

    def add_feedback(
        self, question: str, answer: str, rating: str, comment: str, evidence: Sequence[str]
    ) -> int:
        """Keep a user's judgement of an answer; its number."""
        cursor = self.connection().execute(
            "INSERT INTO feedback (at, question, answer, rating, comment, evidence) VALUES (?, ?, ?, ?, ?, ?)",
            (now(), question, answer, rating, comment, _json(list(evidence))),
        )
        return int(cursor.lastrowid or 0)

    def feedback(self) -> list[dict[str, Any]]:
        """All feedback, oldest first."""
        keys = ("id", "at", "question", "answer", "rating", "comment", "evidence")
        rows = self._rows(f"SELECT {', '.join(keys)} FROM feedback ORDER BY id")
        return [dict(zip(keys, (*r[:-1], json.loads(r[-1])), strict=True)) for r in rows]

    def forget_quotes(self, source_id: str) -> None:
        """Blank the answers that quote a source, in feedback and in the trainers' queue; questions stay."""
        number = _number(source_id)
        with self.transaction() as connection:
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

    # -- files that could not be read ---------------------------------------------------

    def failures(self) -> list[Failure]:
        """All of them, oldest first."""
        rows = self._rows(f"SELECT {', '.join(_FAILURE)} FROM failures ORDER BY id")
        return [Failure(**{**dict(zip(_FAILURE, r, strict=True)), "id": f"f{r[0]}"}) for r in rows]

    def failure(self, digest: str, program: str) -> str:
        """Why these bytes could not be read by that program; ``""`` where it never tried."""
        return (
            self._value(
                "SELECT message FROM failures WHERE sha256 = ? AND program = ? LIMIT 1", (digest, program)
            )
            or ""
        )

    def add_failure(self, origin: str, name: str, digest: str, program: str, message: str) -> None:
        """Keep why a file could not be read, in place of what was kept of it before."""
        self.connection().execute(
            "INSERT OR REPLACE INTO failures (origin, name, sha256, at, program, message)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (origin, name, digest, now(), program, message),
        )

    def remove_failure(self, failure_id: str, *, who: str) -> bool:
        """Forget one. False where there is none."""
        number = _number(failure_id.removeprefix("f"))
        with self.transaction() as connection:
            found = connection.execute(
                "DELETE FROM failures WHERE id = ? RETURNING name", (number,)
            ).fetchall()
            for (name,) in found:
                self._log(connection, who, "移除未能加入的文件", f"{failure_id} {name}")
        return bool(found)

    def log(self, who: str, action: str, detail: str, *, before: str = "", after: str = "") -> None:
        """Add a line to the audit log, together with the transaction that is open here, if one is."""
        with self.transaction() as connection:
            self._log(connection, who, action, detail, before=before, after=after)

    def _log(
        self,
        connection: sqlite3.Connection,
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
        number = 1 + max(head.lines, self._value("SELECT max(id) FROM audit") or 0)
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
        return int(self._value(f"SELECT count(*) FROM audit WHERE {where}", parameters))

    def audit_values(self, column: Literal["who", "action"]) -> list[str]:
        """Every value of a column of the audit log, in the order of the characters."""
        return [
            r[0] for r in self._rows(f"SELECT DISTINCT {column} FROM audit WHERE {column} <> '' ORDER BY 1")
        ]

    def audit_actions(self) -> dict[str, int]:
        """How many lines of the audit log each action has."""
        return dict(self._rows("SELECT action, count(*) FROM audit GROUP BY action ORDER BY action"))

    # -- care -------------------------------------------------------------------------------

    def problems(self) -> list[str]:
        """What is wrong inside the file, a Chinese sentence each."""
        found = [f"目录文件损坏：{r[0]}。" for r in self._rows("PRAGMA integrity_check") if r[0] != "ok"]
        found += [f"表 {r[0]} 的第 {r[1]} 行没有上级。" for r in self._rows("PRAGMA foreign_key_check")]
        for passage, text, start, end, whole, title, label, searched, key in self.connection().execute(
            f'SELECT p.id, p.text, p.start, p."end", a.text, a.title, p.label, {_SEARCHED}, p.embedded'
            " FROM passages p JOIN articles a ON a.id = p.article"
        ):
            if whole[start:end] != text:
                found.append(f"段落 {passage} 与文章原文不符。")
            if embedded_key(embedded_text(title, label, searched)) != key:
                found.append(f"段落 {passage} 的向量键与文字不符。")
        return found

    def orphaned_embeddings(self) -> int:
        """How many vectors are kept of texts that no passage has."""
        return int(self._value(f"SELECT count(*) FROM embeddings WHERE {_ORPHANED}"))

    def forget_orphaned_embeddings(self) -> None:
        """Delete the vectors of texts that no passage has."""
        self.connection().execute(f"DELETE FROM embeddings WHERE {_ORPHANED}")

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


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one at a time; a trigger has semicolons inside."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _number(source_id: str) -> int | None:
    return int(source_id) if source_id.isascii() and source_id.isdigit() and len(source_id) < 19 else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _source(r: Sequence[Any]) -> Source:
    fields = dict(zip(_SOURCE, r, strict=True))
    return Source(**{**fields, "id": str(r[0]), "warnings": tuple(json.loads(fields["warnings"]))})


def _source_row(number: int, s: Source) -> tuple[Any, ...]:
    return number, *(getattr(s, c) for c in _SOURCE[1:-1]), _json(s.warnings)


def _article(r: Sequence[Any]) -> Article:
    fields = dict(zip(_ARTICLE, r, strict=True))
    fields["source_id"] = str(fields.pop("source"))
    for name in ("authors", "supersedes", "recipients", "pages"):
        fields[name] = tuple(json.loads(fields[name]))
    return Article(**fields)


def _article_row(number: int, a: Article) -> list[Any]:
    values = [number if c == "source" else getattr(a, c) for c in _ARTICLE]
    return [_json(v) if isinstance(v, tuple) else v for v in values]


def _passage(r: Sequence[Any]) -> Passage:
    id_, article, ordinal, label, start, end, page, boxes, text, path, lead = r
    return Passage(
        id=id_,
        article_id=article,
        ordinal=ordinal,
        label=label,
        start=start,
        end=end,
        page=page,
        boxes=tuple(Box(*b) for b in json.loads(boxes)),
        text=text,
        path=tuple(json.loads(path)),
        lead=lead,
    )


def _passage_row(p: Passage) -> tuple[Any, ...]:
    places = (p.id, p.article_id, p.ordinal, p.label, p.start, p.end, p.page, _json(p.boxes))
    return (*places, p.text, _json(p.path), p.lead)


def _insert(
    connection: sqlite3.Connection, table: str, rows: Iterable[Sequence[Any]], columns: Sequence[str]
) -> None:
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({_marks(columns)})", rows)


def _checked(source: Source, articles: Sequence[Article], passages: Sequence[Passage]) -> dict[str, str]:
    """Passage id → embedded text; ``ValueError`` where something does not fit."""
    by_id = {a.id: a for a in articles}
    for a in articles:
        if a.source_id != source.id or a.id != f"{source.id}/{a.ordinal}":
            raise ValueError(f"article {a.id!r} does not stand in source {source.id!r}")
    texts: dict[str, str] = {}
    for p in passages:
        article = by_id.get(p.article_id)
        if article is None or p.id != f"{p.article_id}/{p.ordinal}":
            raise ValueError(f"passage {p.id!r} does not stand in article {p.article_id!r}")
        if article.text[p.start : p.end] != p.text:
            raise ValueError(f"passage {p.id!r} is not the article's text at {p.start}:{p.end}")
        texts[p.id] = embedded_text(article.title, p.label, f"{p.lead}\n{p.text}" if p.lead else p.text)
    return texts


def _where(filters: Filters) -> tuple[str, list[Any]]:
    """The filters as SQL over ``articles a`` and its parameters."""
    clauses: list[str] = ["1"]
    parameters: list[Any] = []
    choices: list[tuple[str, Sequence[Any]]] = [
        ("a.kind", filters.kinds),
        ("a.issuer", filters.issuers),
        ("a.region", filters.regions),
        ("a.status", filters.statuses),
        ("a.source", [_number(s) for s in filters.source_ids]),
        ("a.id", filters.article_ids),
    ]
    for column, values in choices:
        if values:
            clauses.append(f"{column} IN ({_marks(values)})")
            parameters += values
    if filters.published_from:
        clauses.append("a.last_day >= ?")
        parameters.append(max(1, days(filters.published_from)[0]))
    if filters.published_to:
        clauses.append("a.first_day <= ? AND a.first_day > 0")
        parameters.append(days(filters.published_to)[1])
    return " AND ".join(clauses), parameters
