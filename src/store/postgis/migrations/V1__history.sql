-- Everything is history: rows are added, none is changed but for the end of its recorded clock, none is removed.
-- The search path holds this schema first and those of PostGIS and btree_gist behind it.

CREATE TABLE records (
    id          bigint PRIMARY KEY CHECK (id BETWEEN 1 AND 4294967295),
    kind        text NOT NULL,
    document    text NOT NULL,
    authority   text NOT NULL,
    dated       date NOT NULL,
    author      text NOT NULL,
    recorded_at timestamptz NOT NULL,
    note        text NOT NULL,
    -- The client's own number of its request.
    request     text UNIQUE,
    -- Ours: by it a record is found again whose commit was never answered.
    attempt     text UNIQUE
);
COMMENT ON TABLE records IS 'Who said so, on what paper, when. The number is the revision that the record led to.';

CREATE TABLE things (
    id      bigint PRIMARY KEY,
    kind    text COLLATE "C" NOT NULL CHECK (kind IN
        ('district', 'street', 'community', 'manager', 'area', 'assignment', 'committee', 'figure')),
    number  bigint NOT NULL CHECK (number BETWEEN 1 AND 4294967295),
    code    text COLLATE "C" NOT NULL,
    changed bigint REFERENCES records,
    UNIQUE (kind, code),
    UNIQUE (kind, number)
);
COMMENT ON TABLE things IS 'What the register ever knew of: kind and code, never used for anything else again.';
COMMENT ON COLUMN things.changed IS 'Of an area: the latest record that changed it, who manages it, or one of its committees.';

CREATE TABLE boundaries (
    id         bigint PRIMARY KEY,
    geom       geometry(MultiPolygon, 4490) NOT NULL,
    source     text,
    surface_m2 double precision,
    digest     bytea NOT NULL
);
CREATE INDEX boundaries_geom ON boundaries USING gist (geom);
COMMENT ON COLUMN boundaries.source IS 'The text it was delivered as, byte for byte.';
COMMENT ON COLUMN boundaries.digest IS 'SHA-256 of geometry, surface and text, by which damage is found.';

CREATE TABLE versions (
    id             bigint PRIMARY KEY,
    thing          bigint NOT NULL REFERENCES things,
    area           text COLLATE "C",
    valid_from     date,
    valid_until    date,
    recorded_from  bigint NOT NULL REFERENCES records,
    recorded_until bigint REFERENCES records,
    boundary       bigint REFERENCES boundaries,
    facts          json NOT NULL,
    CHECK (valid_from < valid_until),
    CHECK (recorded_from < recorded_until),
    CONSTRAINT versions_do_not_overlap EXCLUDE USING gist (
        thing WITH =,
        daterange(valid_from, valid_until) WITH &&,
        int8range(recorded_from, recorded_until) WITH &&
    )
);
COMMENT ON COLUMN versions.area IS 'Code of the area that the fact tells of, where it tells of one.';
COMMENT ON CONSTRAINT versions_do_not_overlap ON versions IS 'On one day, under one revision, a thing is so in one way.';
CREATE INDEX versions_thing ON versions (thing);
CREATE INDEX versions_area ON versions (area) WHERE area IS NOT NULL;
CREATE INDEX versions_valid_from ON versions (valid_from) WHERE valid_from IS NOT NULL;
CREATE INDEX versions_valid_until ON versions (valid_until) WHERE valid_until IS NOT NULL;
CREATE INDEX versions_recorded_from ON versions (recorded_from);
CREATE INDEX versions_recorded_until ON versions (recorded_until) WHERE recorded_until IS NOT NULL;

CREATE TABLE lineage (
    id          bigint PRIMARY KEY,
    record      bigint NOT NULL REFERENCES records,
    predecessor text COLLATE "C" NOT NULL,
    successor   text COLLATE "C" NOT NULL,
    begins      date NOT NULL
);
CREATE INDEX lineage_record ON lineage (record);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the register keeps everything: % of % is refused', lower(TG_OP), TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON records EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON things EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_but_for_the_latest_change BEFORE UPDATE ON things FOR EACH ROW
    WHEN (NEW.changed IS NULL OR NEW.changed < OLD.changed
        OR (OLD.id, OLD.kind, OLD.number, OLD.code) IS DISTINCT FROM (NEW.id, NEW.kind, NEW.number, NEW.code))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON boundaries EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON lineage EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON versions EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_but_for_the_end BEFORE UPDATE ON versions FOR EACH ROW
    WHEN (OLD.recorded_until IS NOT NULL OR NEW.recorded_until IS NULL
        OR (OLD.id, OLD.thing, OLD.area, OLD.valid_from, OLD.valid_until, OLD.recorded_from, OLD.boundary, OLD.facts::text)
            IS DISTINCT FROM
           (NEW.id, NEW.thing, NEW.area, NEW.valid_from, NEW.valid_until, NEW.recorded_from, NEW.boundary, NEW.facts::text))
    EXECUTE FUNCTION refuse_change();
