-- Deliveries, exceptions, and what is remembered of senders. The received bytes lie in delivery_chunks, at most 1 MiB a
-- row, not compressed again. Nothing is removed; what changes is what became of a delivery, how it was checked last, and
-- an exception that is withdrawn, once.

CREATE TABLE deliveries (
    id          bigint PRIMARY KEY CHECK (id BETWEEN 1 AND 4294967295),
    digest      bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    sender      text NOT NULL,
    received_at timestamptz NOT NULL,
    received_by text NOT NULL,
    note        text NOT NULL,
    files       bigint NOT NULL,
    state       text NOT NULL CHECK (state IN ('received', 'published', 'undone')),
    revision    bigint UNIQUE REFERENCES records,
    undone_by   bigint UNIQUE REFERENCES records,
    settings    text,
    summary     text,
    -- Ours: by it a delivery is found again whose receipt was never answered.
    attempt     text UNIQUE,
    CHECK ((state = 'received') = (revision IS NULL)),
    CHECK ((state = 'undone') = (undone_by IS NOT NULL)),
    CHECK (undone_by > revision)
);
COMMENT ON TABLE deliveries IS 'Files that were handed in, and what became of them.';
COMMENT ON COLUMN deliveries.digest IS 'SHA-256 of the digests of the files: the same files are the same delivery.';

CREATE TABLE delivery_files (
    id       bigint PRIMARY KEY,
    delivery bigint NOT NULL REFERENCES deliveries,
    position bigint NOT NULL CHECK (position > 0),
    name     text NOT NULL,
    size     bigint NOT NULL CHECK (size >= 0),
    digest   bytea NOT NULL CHECK (length(digest) = 32),
    UNIQUE (delivery, position)
);
COMMENT ON COLUMN delivery_files.digest IS 'SHA-256 of the bytes, by which damage is found.';

CREATE TABLE delivery_chunks (
    file     bigint NOT NULL REFERENCES delivery_files,
    position bigint NOT NULL CHECK (position > 0),
    bytes    bytea NOT NULL,
    PRIMARY KEY (file, position)
);
ALTER TABLE delivery_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE delivery_traces (
    id       bigint PRIMARY KEY,
    record   bigint NOT NULL REFERENCES records,
    area     text COLLATE "C" NOT NULL,
    delivery bigint NOT NULL REFERENCES deliveries,
    file     text NOT NULL,
    item     text NOT NULL
);
CREATE INDEX delivery_traces_area ON delivery_traces (area);
CREATE INDEX delivery_traces_record ON delivery_traces (record);
COMMENT ON TABLE delivery_traces IS 'Which row of a delivery told of an area under a record.';

CREATE TABLE sender_columns (
    id            bigint PRIMARY KEY,
    sender        text NOT NULL,
    heads         text NOT NULL,
    columns       text NOT NULL,
    remembered_at timestamptz NOT NULL
);
CREATE INDEX sender_columns_heads ON sender_columns (sender, heads);
COMMENT ON TABLE sender_columns IS 'How columns are to be read; the last row of a sender and heads counts.';

CREATE TABLE exceptions (
    id           bigint PRIMARY KEY CHECK (id BETWEEN 1 AND 4294967295),
    issue        text NOT NULL,
    subject      text NOT NULL,
    other        text,
    fingerprint  text NOT NULL,
    reason       text NOT NULL,
    owner        text NOT NULL,
    expires_on   date NOT NULL,
    recorded_at  timestamptz NOT NULL,
    recorded_by  text NOT NULL,
    withdrawn_at timestamptz,
    attempt      text UNIQUE
);
COMMENT ON TABLE exceptions IS 'Findings that are lawful.';

CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON deliveries EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_but_for_what_became_of_it BEFORE UPDATE ON deliveries FOR EACH ROW
    WHEN ((OLD.id, OLD.digest, OLD.sender, OLD.received_at, OLD.received_by, OLD.note, OLD.files, OLD.attempt)
            IS DISTINCT FROM
          (NEW.id, NEW.digest, NEW.sender, NEW.received_at, NEW.received_by, NEW.note, NEW.files, NEW.attempt)
        OR (NEW.state = 'received' AND OLD.state <> 'received'))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery_files EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery_chunks EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery_traces EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON sender_columns EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON exceptions EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_but_for_the_withdrawal BEFORE UPDATE ON exceptions FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
        OR (OLD.id, OLD.issue, OLD.subject, OLD.other, OLD.fingerprint, OLD.reason, OLD.owner, OLD.expires_on,
            OLD.recorded_at, OLD.recorded_by, OLD.attempt)
            IS DISTINCT FROM
           (NEW.id, NEW.issue, NEW.subject, NEW.other, NEW.fingerprint, NEW.reason, NEW.owner, NEW.expires_on,
            NEW.recorded_at, NEW.recorded_by, NEW.attempt))
    EXECUTE FUNCTION refuse_change();
