-- The register as a GeoPackage (OGC 12-128r17, version 1.3), first version of the schema.
--
-- Every table of the register carries valid_from and valid_until (when a fact is true) and recorded_from and
-- recorded_until (the records under which it became and ceased to be known). The tables hold current versions only;
-- ended versions will move to history tables of a later schema, and nothing is ever deleted.
--
-- Reference system 4490 (CGCS2000): it is the one the boundaries are surveyed and delivered in. Labelled 4326 they would
-- claim another datum. In geometry blobs x is the longitude whatever the order of the axes in the definition.

CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL,
    definition TEXT NOT NULL,
    description TEXT
);

CREATE TABLE gpkg_contents (
    table_name TEXT NOT NULL PRIMARY KEY,
    data_type TEXT NOT NULL,
    identifier TEXT UNIQUE,
    description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    min_x DOUBLE,
    min_y DOUBLE,
    max_x DOUBLE,
    max_y DOUBLE,
    srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);

CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL,
    z TINYINT NOT NULL,
    m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents (table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);

CREATE TABLE gpkg_extensions (
    table_name TEXT,
    column_name TEXT,
    extension_name TEXT NOT NULL,
    definition TEXT NOT NULL,
    scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);

INSERT INTO gpkg_spatial_ref_sys VALUES
    ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
    ('WGS 84 geodetic', 4326, 'EPSG', 4326,
     'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
     'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid'),
    ('China Geodetic Coordinate System 2000', 4490, 'EPSG', 4490,
     'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101,AUTHORITY["EPSG","1024"]],AUTHORITY["EPSG","1043"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4490"]]',
     'longitude/latitude coordinates in decimal degrees on the CGCS2000 spheroid');

CREATE TABLE records (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    authority TEXT NOT NULL,
    dated DATE NOT NULL,
    author TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE district (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    attribution TEXT NOT NULL,
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id),
    geom MULTIPOLYGON NOT NULL
);

CREATE TABLE streets (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    stem TEXT NOT NULL,
    kind TEXT NOT NULL,
    initials TEXT NOT NULL UNIQUE,
    civil_affairs_code TEXT,
    schematic BOOLEAN NOT NULL CHECK (schematic IN (0, 1)),
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id),
    geom MULTIPOLYGON NOT NULL
);

CREATE TABLE street_aliases (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    street TEXT NOT NULL REFERENCES streets (code),
    alias TEXT NOT NULL,
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id)
);

CREATE TABLE communities (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    stem TEXT NOT NULL,
    street TEXT NOT NULL REFERENCES streets (code),
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id)
);

CREATE TABLE managers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    uscc TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT,
    party_organisation BOOLEAN CHECK (party_organisation IN (0, 1)),
    demo BOOLEAN NOT NULL CHECK (demo IN (0, 1)),
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id)
);

-- The geometries come last: they are long, and reading the columns before them does not touch their pages.

CREATE TABLE areas (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    street TEXT NOT NULL REFERENCES streets (code),
    community TEXT REFERENCES communities (code),
    management TEXT NOT NULL,
    quasi_kind TEXT,
    manager_id INTEGER REFERENCES managers (id),
    committees_known BOOLEAN NOT NULL CHECK (committees_known IN (0, 1)),
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
    demo BOOLEAN NOT NULL CHECK (demo IN (0, 1)),
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id),
    geom MULTIPOLYGON NOT NULL,
    source_geometry TEXT NOT NULL,
    CHECK ((management = 'quasi_property') = (quasi_kind IS NOT NULL))
);

CREATE TABLE area_names (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    area_id INTEGER NOT NULL REFERENCES areas (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id)
);

CREATE TABLE committees (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    area_id INTEGER NOT NULL REFERENCES areas (id),
    code TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    formed_on DATE NOT NULL,
    filed_on DATE,
    filing_number TEXT,
    term_until DATE,
    dissolved_on DATE,
    operating BOOLEAN NOT NULL CHECK (operating IN (0, 1)),
    members INTEGER,
    party_organisation BOOLEAN CHECK (party_organisation IN (0, 1)),
    party_since DATE,
    demo BOOLEAN NOT NULL CHECK (demo IN (0, 1)),
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id)
);

CREATE TABLE printed_figures (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    rate TEXT NOT NULL,
    percent DOUBLE NOT NULL,
    numerator INTEGER,
    denominator INTEGER,
    source TEXT NOT NULL,
    dated DATE NOT NULL,
    valid_from DATE,
    valid_until DATE,
    recorded_from INTEGER NOT NULL REFERENCES records (id),
    recorded_until INTEGER REFERENCES records (id),
    UNIQUE (rate, dated, source)
);

-- SQLite looks children up by these when a parent changes.
CREATE INDEX areas_street ON areas (street);
CREATE INDEX areas_community ON areas (community);
CREATE INDEX areas_manager ON areas (manager_id);
CREATE INDEX area_names_area ON area_names (area_id);
CREATE INDEX committees_area ON committees (area_id);
CREATE INDEX communities_street ON communities (street);
CREATE INDEX street_aliases_street ON street_aliases (street);

INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES
    ('areas', 'features', 'areas', '物业管理区域, current versions', 4490),
    ('streets', 'features', 'streets', '街乡', 4490),
    ('district', 'features', 'district', '区界, for display', 4490),
    ('street_aliases', 'attributes', 'street_aliases', 'further names of streets', NULL),
    ('communities', 'attributes', 'communities', '社区与村', NULL),
    ('managers', 'attributes', 'managers', '物业服务企业与产权单位', NULL),
    ('area_names', 'attributes', 'area_names', 'further names of areas', NULL),
    ('committees', 'attributes', 'committees', '业委会与物管会', NULL),
    ('records', 'attributes', 'records', 'records under which the register was changed', NULL),
    ('printed_figures', 'attributes', 'printed_figures', 'figures as reports printed them', NULL);

INSERT INTO gpkg_geometry_columns VALUES
    ('areas', 'geom', 'MULTIPOLYGON', 4490, 0, 0),
    ('streets', 'geom', 'MULTIPOLYGON', 4490, 0, 0),
    ('district', 'geom', 'MULTIPOLYGON', 4490, 0, 0);

INSERT INTO gpkg_extensions VALUES
    ('areas', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only'),
    ('streets', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only'),
    ('district', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');

-- Spatial indexes with the triggers that annex F.3 of the standard prescribes. They call ST_ functions, which every
-- program that writes a GeoPackage must register on its connection.

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
