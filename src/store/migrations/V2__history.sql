-- The register over time.
--
-- What is known is kept in things, versions, boundaries and lineage, each row with the CRC-32 of its contents; nothing
-- in these tables is deleted or changed, but that a version that was contradicted gets its recorded_until, once.
-- areas, streets, district, managers, communities, committees and printed_figures are a projection for other programs:
-- what holds on the latest date of a record. The program takes the register of the first version of the schema over
-- before this script runs, and enters it again after.

DROP TABLE committees;
DROP TABLE area_names;
DROP TABLE areas;
DROP TABLE street_aliases;
DROP TABLE communities;
DROP TABLE streets;
DROP TABLE managers;
DROP TABLE printed_figures;
DROP TABLE district;
DROP TABLE records;
DROP TABLE rtree_areas_geom;
DROP TABLE rtree_streets_geom;
DROP TABLE rtree_district_geom;

CREATE TABLE records (
    id INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    authority TEXT NOT NULL,
    dated DATE NOT NULL,
    author TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    note TEXT NOT NULL,
    request TEXT UNIQUE,
    -- Rows of versions and lineage that were entered under the record; null only while a whole register is taken in.
    versions INTEGER,
    lineage INTEGER,
    crc INTEGER NOT NULL
);

CREATE TABLE things (
    id INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    code TEXT NOT NULL,
    -- The latest record that entered or contradicted a version of it, for an area also of its manager and committees; 0
    -- when no version of it was left.
    changed INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    UNIQUE (kind, code),
    UNIQUE (kind, number)
);

CREATE TABLE boundaries (
    id INTEGER PRIMARY KEY NOT NULL,
    -- SHA-256 of the geometry, the surface and the delivered text.
    digest BLOB NOT NULL UNIQUE,
    surface_m2 DOUBLE,
    crc INTEGER NOT NULL,
    geom BLOB NOT NULL,
    source TEXT
);

CREATE TABLE versions (
    id INTEGER PRIMARY KEY NOT NULL,
    thing INTEGER NOT NULL REFERENCES things (id),
    -- The area that the version tells of: itself, the one that is managed, the one the committee works for.
    area INTEGER REFERENCES things (id),
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id),
    boundary INTEGER REFERENCES boundaries (id),
    crc INTEGER NOT NULL,
    facts TEXT NOT NULL,
    CHECK (valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until),
    CHECK (recorded_until IS NULL OR recorded_from < recorded_until)
);

CREATE TABLE lineage (
    id INTEGER PRIMARY KEY NOT NULL,
    record INTEGER NOT NULL REFERENCES records (id),
    predecessor TEXT NOT NULL,
    successor TEXT NOT NULL,
    valid_from DATE NOT NULL,
    crc INTEGER NOT NULL
);

CREATE INDEX versions_thing ON versions (thing);
CREATE INDEX versions_area ON versions (area) WHERE area IS NOT NULL;
CREATE INDEX versions_recorded_from ON versions (recorded_from);
CREATE INDEX versions_recorded_until ON versions (recorded_until) WHERE recorded_until IS NOT NULL;
CREATE INDEX versions_valid_from ON versions (valid_from) WHERE valid_from IS NOT NULL;
CREATE INDEX versions_valid_until ON versions (valid_until) WHERE valid_until IS NOT NULL;
CREATE INDEX lineage_record ON lineage (record);
CREATE INDEX lineage_predecessor ON lineage (predecessor);

CREATE TRIGGER records_stay BEFORE DELETE ON records
BEGIN
    SELECT RAISE(ABORT, 'records: nothing is ever deleted');
END;
CREATE TRIGGER things_stay BEFORE DELETE ON things
BEGIN
    SELECT RAISE(ABORT, 'things: nothing is ever deleted');
END;
CREATE TRIGGER boundaries_stay BEFORE DELETE ON boundaries
BEGIN
    SELECT RAISE(ABORT, 'boundaries: nothing is ever deleted');
END;
CREATE TRIGGER versions_stay BEFORE DELETE ON versions
BEGIN
    SELECT RAISE(ABORT, 'versions: nothing is ever deleted');
END;
CREATE TRIGGER lineage_stay BEFORE DELETE ON lineage
BEGIN
    SELECT RAISE(ABORT, 'lineage: nothing is ever deleted');
END;
CREATE TRIGGER boundaries_stay_as_they_are BEFORE UPDATE ON boundaries
BEGIN
    SELECT RAISE(ABORT, 'boundaries: nothing is ever changed');
END;
CREATE TRIGGER lineage_stay_as_they_are BEFORE UPDATE ON lineage
BEGIN
    SELECT RAISE(ABORT, 'lineage: nothing is ever changed');
END;
CREATE TRIGGER records_stay_as_they_are BEFORE UPDATE ON records
WHEN NOT (OLD.versions IS NULL AND NEW.versions IS NOT NULL
    AND NEW.id IS OLD.id AND NEW.kind IS OLD.kind AND NEW.document IS OLD.document AND NEW.authority IS OLD.authority
    AND NEW.dated IS OLD.dated AND NEW.author IS OLD.author AND NEW.recorded_at IS OLD.recorded_at AND NEW.note IS OLD.note
    AND NEW.request IS OLD.request)
BEGIN
    SELECT RAISE(ABORT, 'records: nothing is ever changed');
END;
CREATE TRIGGER things_stay_as_they_are BEFORE UPDATE ON things
WHEN NOT (NEW.changed >= OLD.changed
    AND NEW.id IS OLD.id AND NEW.kind IS OLD.kind AND NEW.number IS OLD.number AND NEW.code IS OLD.code)
BEGIN
    SELECT RAISE(ABORT, 'things: nothing is ever changed');
END;
CREATE TRIGGER versions_stay_as_they_are BEFORE UPDATE ON versions
WHEN NOT (OLD.recorded_until IS NULL AND NEW.recorded_until IS NOT NULL
    AND NEW.id IS OLD.id AND NEW.thing IS OLD.thing AND NEW.area IS OLD.area AND NEW.valid_from IS OLD.valid_from
    AND NEW.valid_until IS OLD.valid_until AND NEW.recorded_from IS OLD.recorded_from AND NEW.boundary IS OLD.boundary
    AND NEW.facts IS OLD.facts)
BEGIN
    SELECT RAISE(ABORT, 'versions: nothing is ever changed');
END;
CREATE TRIGGER versions_do_not_overlap BEFORE INSERT ON versions
WHEN NEW.recorded_until IS NULL AND EXISTS (
    SELECT 1 FROM versions AS known
    WHERE known.thing = NEW.thing AND known.recorded_until IS NULL
        AND (known.valid_from IS NULL OR NEW.valid_until IS NULL OR known.valid_from < NEW.valid_until)
        AND (NEW.valid_from IS NULL OR known.valid_until IS NULL OR NEW.valid_from < known.valid_until))
BEGIN
    SELECT RAISE(ABORT, 'versions: two versions of one thing hold on the same day');
END;

-- The projection. The geometries come last: they are long, and reading the columns before them does not touch their pages.

CREATE TABLE district (
    id INTEGER PRIMARY KEY NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    attribution TEXT NOT NULL,
    geom MULTIPOLYGON NOT NULL
);

CREATE TABLE streets (
    id INTEGER PRIMARY KEY NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    stem TEXT NOT NULL,
    kind TEXT NOT NULL,
    initials TEXT NOT NULL,
    aliases TEXT,
    civil_affairs_code TEXT,
    schematic BOOLEAN NOT NULL,
    geom MULTIPOLYGON NOT NULL
);

CREATE TABLE communities (
    id INTEGER PRIMARY KEY NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    stem TEXT NOT NULL,
    street TEXT NOT NULL
);

CREATE TABLE managers (
    id INTEGER PRIMARY KEY NOT NULL,
    uscc TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT,
    party_organisation BOOLEAN,
    demo BOOLEAN NOT NULL
);

CREATE TABLE areas (
    id INTEGER PRIMARY KEY NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    other_names TEXT,
    street TEXT NOT NULL,
    community TEXT,
    management TEXT NOT NULL,
    quasi_kind TEXT,
    manager_id INTEGER,
    manager_name TEXT,
    committee_status TEXT NOT NULL,
    site_area_m2 DOUBLE NOT NULL,
    address TEXT,
    floor_area_m2 DOUBLE,
    households INTEGER,
    building_count INTEGER,
    built_year INTEGER,
    fee_yuan_per_m2_month DOUBLE,
    contract_from DATE,
    contract_until DATE,
    delimitation_document TEXT,
    demo BOOLEAN NOT NULL,
    valid_from DATE,
    valid_until DATE,
    record INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    geom MULTIPOLYGON NOT NULL
);

CREATE TABLE committees (
    id INTEGER PRIMARY KEY NOT NULL,
    area_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    formed_on DATE NOT NULL,
    filed_on DATE,
    filing_number TEXT,
    term_until DATE,
    dissolved_on DATE,
    operating BOOLEAN NOT NULL,
    members INTEGER,
    party_organisation BOOLEAN,
    party_since DATE,
    demo BOOLEAN NOT NULL
);

CREATE TABLE printed_figures (
    id INTEGER PRIMARY KEY NOT NULL,
    rate TEXT NOT NULL,
    percent DOUBLE NOT NULL,
    numerator INTEGER,
    denominator INTEGER,
    source TEXT NOT NULL,
    dated DATE NOT NULL
);

CREATE INDEX areas_code ON areas (code);
CREATE INDEX areas_manager ON areas (manager_id);
CREATE INDEX committees_area ON committees (area_id);
CREATE INDEX committees_formed_on ON committees (formed_on);
CREATE INDEX committees_dissolved_on ON committees (dissolved_on) WHERE dissolved_on IS NOT NULL;

DELETE FROM gpkg_contents WHERE table_name IN ('street_aliases', 'area_names');
UPDATE gpkg_contents SET description = '物业管理区域, as of the latest record' WHERE table_name = 'areas';
UPDATE gpkg_contents SET min_x = NULL, min_y = NULL, max_x = NULL, max_y = NULL;
INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES
    ('things', 'attributes', 'things', 'what the register ever knew, with its number'),
    ('versions', 'attributes', 'versions', 'what was true when, and since and until which record it was held to be'),
    ('boundaries', 'attributes', 'boundaries', 'geometries of versions with the text as delivered'),
    ('lineage', 'attributes', 'lineage', 'which area took the place of which');

-- Spatial indexes with the triggers that annex F.3 of the standard prescribes.

CREATE VIRTUAL TABLE rtree_areas_geom USING rtree (id, minx, maxx, miny, maxy);
CREATE TRIGGER rtree_areas_geom_insert AFTER INSERT ON areas
WHEN (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
    INSERT OR REPLACE INTO rtree_areas_geom VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_areas_geom_update1 AFTER UPDATE OF geom ON areas
WHEN OLD.id = NEW.id AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
    INSERT OR REPLACE INTO rtree_areas_geom VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_areas_geom_update2 AFTER UPDATE OF geom ON areas
WHEN OLD.id = NEW.id AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
    DELETE FROM rtree_areas_geom WHERE id = OLD.id;
END;
CREATE TRIGGER rtree_areas_geom_update3 AFTER UPDATE ON areas
WHEN OLD.id != NEW.id AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
    DELETE FROM rtree_areas_geom WHERE id = OLD.id;
    INSERT OR REPLACE INTO rtree_areas_geom VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_areas_geom_update4 AFTER UPDATE ON areas
WHEN OLD.id != NEW.id AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
    DELETE FROM rtree_areas_geom WHERE id IN (OLD.id, NEW.id);
END;
CREATE TRIGGER rtree_areas_geom_delete AFTER DELETE ON areas
WHEN OLD.geom NOT NULL
BEGIN
    DELETE FROM rtree_areas_geom WHERE id = OLD.id;
END;

CREATE VIRTUAL TABLE rtree_streets_geom USING rtree (id, minx, maxx, miny, maxy);
CREATE TRIGGER rtree_streets_geom_insert AFTER INSERT ON streets
WHEN (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
    INSERT OR REPLACE INTO rtree_streets_geom VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_streets_geom_update1 AFTER UPDATE OF geom ON streets
WHEN OLD.id = NEW.id AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
    INSERT OR REPLACE INTO rtree_streets_geom VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_streets_geom_update2 AFTER UPDATE OF geom ON streets
WHEN OLD.id = NEW.id AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
    DELETE FROM rtree_streets_geom WHERE id = OLD.id;
END;
CREATE TRIGGER rtree_streets_geom_update3 AFTER UPDATE ON streets
WHEN OLD.id != NEW.id AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
    DELETE FROM rtree_streets_geom WHERE id = OLD.id;
    INSERT OR REPLACE INTO rtree_streets_geom VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_streets_geom_update4 AFTER UPDATE ON streets
WHEN OLD.id != NEW.id AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
    DELETE FROM rtree_streets_geom WHERE id IN (OLD.id, NEW.id);
END;
CREATE TRIGGER rtree_streets_geom_delete AFTER DELETE ON streets
WHEN OLD.geom NOT NULL
BEGIN
    DELETE FROM rtree_streets_geom WHERE id = OLD.id;
END;

CREATE VIRTUAL TABLE rtree_district_geom USING rtree (id, minx, maxx, miny, maxy);
CREATE TRIGGER rtree_district_geom_insert AFTER INSERT ON district
WHEN (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
    INSERT OR REPLACE INTO rtree_district_geom VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_district_geom_update1 AFTER UPDATE OF geom ON district
WHEN OLD.id = NEW.id AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
    INSERT OR REPLACE INTO rtree_district_geom VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_district_geom_update2 AFTER UPDATE OF geom ON district
WHEN OLD.id = NEW.id AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
    DELETE FROM rtree_district_geom WHERE id = OLD.id;
END;
CREATE TRIGGER rtree_district_geom_update3 AFTER UPDATE ON district
WHEN OLD.id != NEW.id AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
    DELETE FROM rtree_district_geom WHERE id = OLD.id;
    INSERT OR REPLACE INTO rtree_district_geom VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_district_geom_update4 AFTER UPDATE ON district
WHEN OLD.id != NEW.id AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
    DELETE FROM rtree_district_geom WHERE id IN (OLD.id, NEW.id);
END;
CREATE TRIGGER rtree_district_geom_delete AFTER DELETE ON district
WHEN OLD.geom NOT NULL
BEGIN
    DELETE FROM rtree_district_geom WHERE id = OLD.id;
END;
