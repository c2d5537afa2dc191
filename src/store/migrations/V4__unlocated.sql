-- Rows of deliveries for which there is no area (账有图无). They are in the register from the record that published their
-- delivery up to the one that took it back. Nothing is deleted; what changes is that end, once.
--
-- Before, they stood in the summary of the delivery's last check; the program moves them here.

CREATE TABLE delivery_unlocated (
    id INTEGER PRIMARY KEY NOT NULL,
    delivery INTEGER NOT NULL REFERENCES deliveries (id),
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id),
    file TEXT NOT NULL,
    item TEXT NOT NULL,
    name TEXT NOT NULL,
    street TEXT,
    -- The sender's own.
    code TEXT,
    crc INTEGER NOT NULL,
    CHECK (recorded_until IS NULL OR recorded_until > recorded_from)
);

CREATE INDEX delivery_unlocated_delivery ON delivery_unlocated (delivery);

-- Rows of delivery_unlocated that name it.
ALTER TABLE deliveries ADD COLUMN unlocated INTEGER NOT NULL DEFAULT 0;

DROP TRIGGER deliveries_stay_as_they_are;
CREATE TRIGGER deliveries_stay_as_they_are BEFORE UPDATE ON deliveries
WHEN NOT (NEW.id IS OLD.id AND NEW.digest IS OLD.digest AND NEW.sender IS OLD.sender
    AND NEW.received_at IS OLD.received_at AND NEW.received_by IS OLD.received_by AND NEW.note IS OLD.note
    AND NEW.files IS OLD.files AND NEW.traces >= OLD.traces AND NEW.unlocated >= OLD.unlocated
    AND (NEW.state != 'received' OR OLD.state = 'received'))
BEGIN
    SELECT RAISE(ABORT, 'deliveries: what was received is never changed');
END;
CREATE TRIGGER delivery_unlocated_stay BEFORE DELETE ON delivery_unlocated
BEGIN
    SELECT RAISE(ABORT, 'delivery_unlocated: nothing is ever deleted');
END;
CREATE TRIGGER delivery_unlocated_stay_as_they_are BEFORE UPDATE ON delivery_unlocated
WHEN NOT (OLD.recorded_until IS NULL AND NEW.recorded_until IS NOT NULL
    AND NEW.id IS OLD.id AND NEW.delivery IS OLD.delivery AND NEW.recorded_from IS OLD.recorded_from
    AND NEW.file IS OLD.file AND NEW.item IS OLD.item AND NEW.name IS OLD.name AND NEW.street IS OLD.street
    AND NEW.code IS OLD.code)
BEGIN
    SELECT RAISE(ABORT, 'delivery_unlocated: nothing is ever changed, but that one is taken back');
END;

INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES
    ('delivery_unlocated', 'attributes', 'delivery_unlocated', 'rows of deliveries for which there is no area');
