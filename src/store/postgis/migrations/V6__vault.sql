-- What is kept beside the register: documents (accounts, sessions, tokens, reports, settings), which change, and the audit
-- log, which does not. The log is a chain: every entry is hashed with the hash of the entry before it, and what the last
-- entry is stands in audit_head.

CREATE TABLE documents (
    kind     text COLLATE "C" NOT NULL CHECK (kind IN ('account', 'session', 'token', 'report', 'setting')),
    name     text COLLATE "C" NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    body     text NOT NULL,
    PRIMARY KEY (kind, name)
);
COMMENT ON TABLE documents IS 'Accounts, sessions, tokens, reports and settings.';
COMMENT ON COLUMN documents.revision IS 'How often it was written.';

CREATE TABLE audit (
    seq           bigint PRIMARY KEY CHECK (seq > 0),
    at            timestamptz NOT NULL,
    who           text NOT NULL,
    role          text NOT NULL,
    action        text NOT NULL,
    object        text,
    before        text,
    after         text,
    record        bigint REFERENCES records,
    address_hash  text,
    previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
    hash          bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX audit_object ON audit (object, seq);
CREATE INDEX audit_who ON audit (who, seq);
CREATE INDEX audit_record ON audit (record) WHERE record IS NOT NULL;
COMMENT ON TABLE audit IS 'Who did what, when; a chain of hashes.';

CREATE TABLE audit_head (
    id   bigint PRIMARY KEY CHECK (id = 1),
    seq  bigint NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32)
);

CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON audit_head EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_but_for_the_next BEFORE UPDATE ON audit_head FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.seq <= OLD.seq)
    EXECUTE FUNCTION refuse_change();
