-- What is kept beside the register: documents (accounts, sessions, tokens, reports, settings), which change, and the audit
-- log, which does not. The log is a chain: every entry is hashed with the hash of the entry before it, so that its hash is
-- its checksum too, and what the last entry is stands in audit_head.

CREATE TABLE documents (
    id INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('account', 'session', 'token', 'report', 'setting')),
    name TEXT NOT NULL,
    -- How often it was written.
    revision INTEGER NOT NULL CHECK (revision > 0),
    body TEXT NOT NULL,
    crc INTEGER NOT NULL,
    UNIQUE (kind, name)
);

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY NOT NULL CHECK (seq > 0),
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT,
    before TEXT,
    after TEXT,
    record INTEGER REFERENCES records (id),
    address_hash TEXT,
    previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
);

CREATE INDEX audit_object ON audit (object, seq);
CREATE INDEX audit_who ON audit (who, seq);
CREATE INDEX audit_record ON audit (record) WHERE record IS NOT NULL;

CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
);

CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit: nothing is ever deleted');
END;
CREATE TRIGGER audit_stays_as_it_is BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit: nothing is ever changed');
END;
CREATE TRIGGER audit_goes_on BEFORE INSERT ON audit
WHEN NEW.seq != coalesce((SELECT max(seq) FROM audit), 0) + 1
BEGIN
    SELECT RAISE(ABORT, 'audit: an entry follows the last one');
END;
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
BEGIN
    SELECT RAISE(ABORT, 'audit_head: it is never deleted');
END;
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
WHEN NOT (NEW.id = OLD.id AND NEW.seq > OLD.seq)
BEGIN
    SELECT RAISE(ABORT, 'audit_head: it only goes on');
END;

INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES
    ('audit', 'attributes', 'audit', 'who did what, when; a chain of hashes');
