"""The schema of the catalogue, as the steps in which it came to be."""

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
