-- Rows of deliveries for which there is no area (账有图无). They are in the register from the record that published their
-- delivery up to the one that took it back. Nothing is removed; what changes is that end, once.

CREATE TABLE delivery_unlocated (
    id             bigint PRIMARY KEY,
    delivery       bigint NOT NULL REFERENCES deliveries,
    recorded_from  bigint NOT NULL REFERENCES records,
    recorded_until bigint REFERENCES records,
    file           text NOT NULL,
    item           text NOT NULL,
    name           text NOT NULL,
    street         text,
    -- The sender's own.
    code           text,
    CHECK (recorded_until > recorded_from)
);
CREATE INDEX delivery_unlocated_delivery ON delivery_unlocated (delivery);
COMMENT ON TABLE delivery_unlocated IS 'Rows of deliveries for which there is no area.';

-- Before, they stood in the summary of the delivery's last check, which keeps how many there were.
INSERT INTO delivery_unlocated (id, delivery, recorded_from, recorded_until, file, item, name, street, code)
SELECT row_number() OVER (ORDER BY d.revision, r.place), d.id, d.revision, d.undone_by, r.told ->> 'file',
    r.told ->> 'item', r.told ->> 'name', r.told ->> 'street', r.told ->> 'code'
FROM deliveries d, LATERAL jsonb_array_elements(d.summary::jsonb -> 'unlocated') WITH ORDINALITY AS r (told, place)
WHERE d.revision IS NOT NULL AND jsonb_typeof(d.summary::jsonb -> 'unlocated') = 'array';

UPDATE deliveries
SET summary = jsonb_set(summary::jsonb, '{unlocated}', to_jsonb(jsonb_array_length(summary::jsonb -> 'unlocated')))::text
WHERE jsonb_typeof(summary::jsonb -> 'unlocated') = 'array';

CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON delivery_unlocated EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_but_for_the_end BEFORE UPDATE ON delivery_unlocated FOR EACH ROW
    WHEN (OLD.recorded_until IS NOT NULL OR NEW.recorded_until IS NULL
        OR (OLD.id, OLD.delivery, OLD.recorded_from, OLD.file, OLD.item, OLD.name, OLD.street, OLD.code)
            IS DISTINCT FROM
           (NEW.id, NEW.delivery, NEW.recorded_from, NEW.file, NEW.item, NEW.name, NEW.street, NEW.code))
    EXECUTE FUNCTION refuse_change();
