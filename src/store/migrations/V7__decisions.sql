-- Decisions of reconciliation are documents too.

CREATE TABLE documents_of_all_kinds (
    id INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('account', 'session', 'token', 'report', 'decision', 'setting')),
    name TEXT NOT NULL,
    -- How often it was written.
    revision INTEGER NOT NULL CHECK (revision > 0),
    body TEXT NOT NULL,
    crc INTEGER NOT NULL,
    UNIQUE (kind, name)
);
INSERT INTO documents_of_all_kinds SELECT id, kind, name, revision, body, crc FROM documents;
DROP TABLE documents;
ALTER TABLE documents_of_all_kinds RENAME TO documents;
