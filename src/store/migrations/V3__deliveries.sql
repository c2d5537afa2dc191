-- Deliveries, exceptions, and what is remembered of senders.
--
-- The received bytes lie in delivery_chunks, at most 1 MiB a row. Every row carries the CRC-32 of its contents, a file the
-- SHA-256 of its bytes. Nothing in these tables is deleted; what changes is what became of a delivery, how it was checked
-- last, how many traces it left, and an exception that is withdrawn, once.

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY NOT NULL,
    -- SHA-256 of the digests of the files: the same files are the same delivery.
    digest BLOB NOT NULL UNIQUE,
    sender TEXT NOT NULL,
    received_at DATETIME NOT NULL,
    received_by TEXT NOT NULL,
    note TEXT NOT NULL,
    -- How many it has.
    files INTEGER NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER UNIQUE REFERENCES records (id),
    undone_by INTEGER UNIQUE REFERENCES records (id),
    -- Both JSON; null before it is checked for the first time.
    settings TEXT,
    summary TEXT,
    -- Rows of delivery_traces that name it.
    traces INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    CHECK (state IN ('received', 'published', 'undone')),
    CHECK ((state = 'received') = (revision IS NULL)),
    CHECK ((state = 'undone') = (undone_by IS NOT NULL)),
    CHECK (undone_by IS NULL OR undone_by > revision)
);

CREATE TABLE delivery_files (
    id INTEGER PRIMARY KEY NOT NULL,
    delivery INTEGER NOT NULL REFERENCES deliveries (id),
    -- Counted from 1, in the order they were handed in.
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    digest BLOB NOT NULL,
    crc INTEGER NOT NULL,
    UNIQUE (delivery, position)
);

CREATE TABLE delivery_chunks (
    id INTEGER PRIMARY KEY NOT NULL,
    file INTEGER NOT NULL REFERENCES delivery_files (id),
    -- Counted from 1.
    position INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (file, position)
);

CREATE TABLE delivery_traces (
    id INTEGER PRIMARY KEY NOT NULL,
    record INTEGER NOT NULL REFERENCES records (id),
    area TEXT NOT NULL,
    delivery INTEGER NOT NULL REFERENCES deliveries (id),
    file TEXT NOT NULL,
    item TEXT NOT NULL,
    crc INTEGER NOT NULL
);

-- The last row of a sender and heads counts.
CREATE TABLE sender_columns (
    id INTEGER PRIMARY KEY NOT NULL,
    sender TEXT NOT NULL,
    heads TEXT NOT NULL,
    columns TEXT NOT NULL,
    remembered_at DATETIME NOT NULL,
    crc INTEGER NOT NULL
);

CREATE TABLE exceptions (
    id INTEGER PRIMARY KEY NOT NULL,
    issue TEXT NOT NULL,
    subject TEXT NOT NULL,
    other TEXT,
    fingerprint TEXT NOT NULL,
    reason TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires_on DATE NOT NULL,
    recorded_at DATETIME NOT NULL,
    recorded_by TEXT NOT NULL,
    withdrawn_at DATETIME,
    crc INTEGER NOT NULL
);

CREATE INDEX delivery_traces_area ON delivery_traces (area);
CREATE INDEX delivery_traces_record ON delivery_traces (record);
CREATE INDEX delivery_traces_delivery ON delivery_traces (delivery);
CREATE INDEX sender_columns_heads ON sender_columns (sender, heads);

CREATE TRIGGER deliveries_stay BEFORE DELETE ON deliveries
BEGIN
    SELECT RAISE(ABORT, 'deliveries: nothing is ever deleted');
END;
CREATE TRIGGER delivery_files_stay BEFORE DELETE ON delivery_files
BEGIN
    SELECT RAISE(ABORT, 'delivery_files: nothing is ever deleted');
END;
CREATE TRIGGER delivery_chunks_stay BEFORE DELETE ON delivery_chunks
BEGIN
    SELECT RAISE(ABORT, 'delivery_chunks: nothing is ever deleted');
END;
CREATE TRIGGER delivery_traces_stay BEFORE DELETE ON delivery_traces
BEGIN
    SELECT RAISE(ABORT, 'delivery_traces: nothing is ever deleted');
END;
CREATE TRIGGER sender_columns_stay BEFORE DELETE ON sender_columns
BEGIN
    SELECT RAISE(ABORT, 'sender_columns: nothing is ever deleted');
END;
CREATE TRIGGER exceptions_stay BEFORE DELETE ON exceptions
BEGIN
    SELECT RAISE(ABORT, 'exceptions: nothing is ever deleted');
END;
CREATE TRIGGER deliveries_stay_as_they_are BEFORE UPDATE ON deliveries
WHEN NOT (NEW.id IS OLD.id AND NEW.digest IS OLD.digest AND NEW.sender IS OLD.sender
    AND NEW.received_at IS OLD.received_at AND NEW.received_by IS OLD.received_by AND NEW.note IS OLD.note
    AND NEW.files IS OLD.files AND NEW.traces >= OLD.traces AND (NEW.state != 'received' OR OLD.state = 'received'))
BEGIN
    SELECT RAISE(ABORT, 'deliveries: what was received is never changed');
END;
CREATE TRIGGER delivery_files_stay_as_they_are BEFORE UPDATE ON delivery_files
BEGIN
    SELECT RAISE(ABORT, 'delivery_files: nothing is ever changed');
END;
CREATE TRIGGER delivery_chunks_stay_as_they_are BEFORE UPDATE ON delivery_chunks
BEGIN
    SELECT RAISE(ABORT, 'delivery_chunks: nothing is ever changed');
END;
CREATE TRIGGER delivery_traces_stay_as_they_are BEFORE UPDATE ON delivery_traces
BEGIN
    SELECT RAISE(ABORT, 'delivery_traces: nothing is ever changed');
END;
CREATE TRIGGER sender_columns_stay_as_they_are BEFORE UPDATE ON sender_columns
BEGIN
    SELECT RAISE(ABORT, 'sender_columns: nothing is ever changed');
END;
CREATE TRIGGER exceptions_stay_as_they_are BEFORE UPDATE ON exceptions
WHEN NOT (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
    AND NEW.id IS OLD.id AND NEW.issue IS OLD.issue AND NEW.subject IS OLD.subject AND NEW.other IS OLD.other
    AND NEW.fingerprint IS OLD.fingerprint AND NEW.reason IS OLD.reason AND NEW.owner IS OLD.owner
    AND NEW.expires_on IS OLD.expires_on AND NEW.recorded_at IS OLD.recorded_at AND NEW.recorded_by IS OLD.recorded_by)
BEGIN
    SELECT RAISE(ABORT, 'exceptions: nothing is ever changed, but that one is withdrawn');
END;

INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES
    ('deliveries', 'attributes', 'deliveries', 'files that were handed in, and what became of them'),
    ('delivery_files', 'attributes', 'delivery_files', 'the files of each delivery'),
    ('delivery_chunks', 'attributes', 'delivery_chunks', 'the received bytes'),
    ('delivery_traces', 'attributes', 'delivery_traces', 'which row of a delivery told of an area under a record'),
    ('sender_columns', 'attributes', 'sender_columns', 'how the columns of each sender are to be read'),
    ('exceptions', 'attributes', 'exceptions', 'findings that are lawful');
