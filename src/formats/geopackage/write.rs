//! A GeoPackage 1.3 with one layer.

use geo::{BoundingRect as _, MultiPolygon, Rect};
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::formats::columns::{ColumnKind, kinds, number_of, text_of};
use crate::formats::geopackage::blob;
use crate::formats::geopackage::database::quoted;
use crate::formats::intake::unique_names;
use crate::formats::srs::Srs;
use crate::formats::{Cell, Export, ExportRow, FormatError, Place};

/// The tables that clause 1.1 of the standard requires. The date of the last change is always the same, so that the same
/// data make the same file.
const TABLES: &str = "
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
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
    last_change DATETIME NOT NULL DEFAULT '2000-01-01T00:00:00.000Z',
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
INSERT INTO gpkg_spatial_ref_sys VALUES
    ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system');
";

/// WGS 84, which every GeoPackage must define.
const WGS84: u32 = 4326;

/// Writes a GeoPackage with one feature table of multipolygons, without a spatial index.
///
/// The table has the key `fid` and the geometry `geom`, or other names where columns have these; names that differ in case
/// only are told apart by a number. Columns are typed by what all their cells are. The same data give the same bytes.
///
/// Errors: a reference system whose definition is not known.
pub fn write(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    let place = Place::file(export.name);
    let srs = Srs::of(export.crs_epsg, &place)?;
    let wgs84 = Srs::of(WGS84, &place)?;
    let rows: Vec<ExportRow> = export.rows.collect();
    let sheet = Sheet::new(export.name, export.columns, &rows, srs);
    sheet.database(&[wgs84, srs], &rows, export.about).map_err(|err| FormatError::Unsupported {
        place,
        message: format!("the records cannot be written as a GeoPackage: {err}"),
    })
}

struct Sheet {
    table: String,
    key: String,
    geometry: String,
    columns: Vec<String>,
    kinds: Vec<ColumnKind>,
    srs: Srs,
}

impl Sheet {
    fn new(name: &str, columns: &[String], rows: &[ExportRow], srs: Srs) -> Self {
        let columns = unique_names(columns.iter().map(|column| column.replace('\0', "")).collect());
        let free = |names: [&str; 3]| {
            let taken = |name: &str| columns.iter().any(|column| column.to_lowercase() == name);
            names.into_iter().find(|name| !taken(name)).unwrap_or(names[2]).to_owned()
        };
        let reserved = ["gpkg_", "sqlite_", "rtree_"].iter().any(|prefix| name.to_lowercase().starts_with(prefix));
        let name = name.replace('\0', "");
        Self {
            table: if reserved || name.trim().is_empty() { format!("layer_{name}") } else { name },
            key: free(["fid", "ogc_fid", "onemap_fid"]),
            geometry: free(["geom", "geometry", "onemap_geom"]),
            kinds: kinds(columns.len(), rows),
            columns,
            srs,
        }
    }

    fn database(&self, systems: &[Srs], rows: &[ExportRow], about: &str) -> rusqlite::Result<Vec<u8>> {
        let mut connection = Connection::open_in_memory()?;
        connection.execute_batch(TABLES)?;
        let transaction = connection.transaction()?;
        for srs in systems {
            transaction.execute(
                "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?1, ?2, 'EPSG', ?2, ?3, NULL)",
                params![srs.name, srs.epsg, srs.wkt()],
            )?;
        }
        transaction.execute_batch(&self.create_table())?;
        {
            let places: Vec<String> = (1..=self.columns.len() + 1).map(|at| format!("?{at}")).collect();
            let names = std::iter::once(&self.geometry).chain(&self.columns).map(|name| quoted(name));
            let names: Vec<String> = names.collect();
            let (names, places) = (names.join(", "), places.join(", "));
            let sql = format!("INSERT INTO {} ({names}) VALUES ({places})", quoted(&self.table));
            let mut insert = transaction.prepare(&sql)?;
            for row in rows {
                insert.execute(params_from_iter(self.values(row)))?;
            }
        }
        let extent = extent(rows).map(|extent| [extent.min().x, extent.min().y, extent.max().x, extent.max().y]);
        let bound = |at: usize| extent.map(|extent| extent[at]);
        transaction.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, min_x, min_y, max_x, max_y, srs_id, description)
             VALUES (?1, 'features', ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![self.table, bound(0), bound(1), bound(2), bound(3), self.srs.epsg, about],
        )?;
        transaction.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?1, ?2, 'MULTIPOLYGON', ?3, 0, 0)",
            params![self.table, self.geometry, self.srs.epsg],
        )?;
        transaction.commit()?;
        Ok(connection.serialize("main")?.to_vec())
    }

    fn create_table(&self) -> String {
        let typed = |(name, kind): (&String, &ColumnKind)| {
            let kind = match kind {
                ColumnKind::Text => "TEXT",
                ColumnKind::Integer => "INTEGER",
                ColumnKind::Number => "DOUBLE",
                ColumnKind::Bool => "BOOLEAN",
                ColumnKind::Date => "DATE",
            };
            format!(",\n    {} {kind}", quoted(name))
        };
        let columns: String = self.columns.iter().zip(&self.kinds).map(typed).collect();
        let (table, key, geometry) = (quoted(&self.table), quoted(&self.key), quoted(&self.geometry));
        format!(
            "CREATE TABLE {table} (\n    {key} INTEGER PRIMARY KEY NOT NULL,\n    {geometry} MULTIPOLYGON{columns}\n)"
        )
    }

    fn values(&self, row: &ExportRow) -> Vec<Value> {
        let srs_id = i32::try_from(self.srs.epsg).unwrap_or(0);
        let blob = |boundary: &MultiPolygon| Value::Blob(blob::encode(boundary, srs_id));
        let mut values = vec![row.boundary.as_ref().map_or(Value::Null, blob)];
        for (at, kind) in self.kinds.iter().enumerate() {
            let cell = row.cells.get(at).unwrap_or(&Cell::Empty);
            values.push(match (kind, cell) {
                (ColumnKind::Integer, Cell::Integer(whole)) => Value::Integer(*whole),
                (ColumnKind::Bool, Cell::Bool(yes)) => Value::Integer(i64::from(*yes)),
                (ColumnKind::Number, cell) => number_of(cell).map_or(Value::Null, Value::Real),
                (_, cell) => text_of(cell).map_or(Value::Null, |text| Value::Text(text.into_owned())),
            });
        }
        values
    }
}

fn extent(rows: &[ExportRow]) -> Option<Rect> {
    let envelopes = rows.iter().filter_map(|row| row.boundary.as_ref()?.bounding_rect());
    envelopes.reduce(|a, b| {
        let min = (a.min().x.min(b.min().x), a.min().y.min(b.min().y));
        let max = (a.max().x.max(b.max().x), a.max().y.max(b.max().y));
        Rect::new(min, max)
    })
}
