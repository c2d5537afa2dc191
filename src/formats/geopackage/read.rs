//! Layers out of a GeoPackage.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;
use rusqlite::types::ValueRef;

use crate::formats::budget::Budget;
use crate::formats::geopackage::database::{Column, Database, quoted};
use crate::formats::geopackage::{SOURCE_TYPE, blob};
use crate::formats::intake::{
    ShapeFault, check_cell, check_columns, data_uri, shorten, syntax, too_many_vertices, unique_names,
};
use crate::formats::{
    Cell, Dataset, FileFormat, FormatError, Geometry, InputFile, Item, Layer, Place, ReadOptions, SourceRecord,
};

/// Names that programs give the key they add; it is none of the file's own values.
const ADDED_KEYS: [&str; 2] = ["fid", "ogc_fid"];

/// Most layers of a file.
const LAYERS: usize = 1000;

/// Reads the feature and attribute tables that the file lists in `gpkg_contents`, in the order of that list.
///
/// Only tables with rows of their own are read, never views or virtual tables. The key is left out where a program added
/// it (`fid`). A geometry without positions counts as none. Rows come in the order of their keys.
///
/// Errors: no GeoPackage, a damaged database, or a limit passed, that of the steps a table may take included. Faults:
/// listed tables that are not there or not read, columns of bytes, texts that are not UTF-8, and geometries of another
/// reference system than their layer.
pub fn read(file: InputFile<'_>, options: &ReadOptions) -> Result<Dataset, FormatError> {
    let place = Place::file(&file.name);
    let database = Database::open(place.clone(), file.bytes, &options.limits)?;
    let contents = contents(&database, &place)?;
    if contents.is_empty() {
        return Err(FormatError::Empty { place });
    }
    let mut reader = Reader {
        payload_left: database.length,
        database: &database,
        budget: Budget::new(options.limits),
        place,
        options,
        dataset: Dataset::default(),
    };
    for content in &contents {
        if options.layer.as_ref().is_none_or(|layer| layer.eq_ignore_ascii_case(&content.table)) {
            reader.content(content)?;
        }
    }
    Ok(reader.dataset)
}

/// A line of `gpkg_contents`.
struct Content {
    table: String,
    data_type: String,
}

fn contents(database: &Database, place: &Place) -> Result<Vec<Content>, FormatError> {
    let Ok(table) = database.table("gpkg_contents") else {
        let message = "this database has no table gpkg_contents, so it is no GeoPackage; export it as one".to_owned();
        return Err(FormatError::Unsupported { place: place.clone(), message });
    };
    let mut contents: Vec<Content> = Vec::new();
    let mut seen = HashSet::new();
    let sql = format!("SELECT table_name, data_type FROM {} NOT INDEXED", quoted(table));
    database.each(&sql, [], |row| {
        let text = |at| row.get_ref(at).ok().and_then(|value| value.as_str().ok()).unwrap_or_default().to_owned();
        let content = Content { table: text(0), data_type: text(1) };
        if seen.insert(content.table.to_ascii_lowercase()) {
            contents.push(content);
        }
        if contents.len() > LAYERS {
            let (place, limit) = (place.clone(), LAYERS as u64);
            return Err(FormatError::Limit { place, what: "the number of layers", limit });
        }
        Ok(())
    })?;
    Ok(contents)
}

struct Reader<'a> {
    database: &'a Database,
    /// Bytes of texts and geometries that the file can still have: rows that share pages would have more than the file.
    payload_left: u64,
    budget: Budget,
    place: Place,
    options: &'a ReadOptions,
    dataset: Dataset,
}

/// How a column is read.
struct Plan {
    column: Column,
    is_geometry: bool,
}

impl Reader<'_> {
    fn content(&mut self, content: &Content) -> Result<(), FormatError> {
        let has_geometry = match content.data_type.to_ascii_lowercase().as_str() {
            "features" => true,
            "attributes" | "aspatial" => false,
            other => {
                let message = format!("the layer {:?} is of the type {other:?}, which is not read", content.table);
                self.dataset.faults.push(FormatError::Unsupported { place: self.place.clone(), message });
                return Ok(());
            }
        };
        let table = match self.database.table(&content.table) {
            Ok(table) => table.to_owned(),
            Err(fault) => {
                self.dataset.faults.push(fault);
                return Ok(());
            }
        };
        let geometry = if has_geometry { self.geometry_column(&table)? } else { None };
        if has_geometry && geometry.is_none() {
            let message = format!("gpkg_geometry_columns does not name the geometry of the layer {table:?}");
            self.dataset.faults.push(syntax(&self.place, message));
        }
        self.layer(&table, geometry)
    }

    /// The column's name and the number of its reference system.
    fn geometry_column(&self, table: &str) -> Result<Option<(String, i64)>, FormatError> {
        let columns = self.database.table("gpkg_geometry_columns")?;
        let sql = format!(
            "SELECT column_name, srs_id FROM {} NOT INDEXED WHERE table_name = ?1 COLLATE NOCASE",
            quoted(columns)
        );
        let mut found = None;
        self.database.each(&sql, [table], |row| {
            if let (Ok(column), Ok(srs)) = (row.get::<_, String>(0), row.get::<_, i64>(1)) {
                found.get_or_insert((column, srs));
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn crs(&self, srs_id: i64) -> Result<Option<String>, FormatError> {
        let systems = self.database.table("gpkg_spatial_ref_sys")?;
        let sql = format!(
            "SELECT organization, organization_coordsys_id, definition FROM {} NOT INDEXED WHERE srs_id = ?1",
            quoted(systems)
        );
        let mut found = None;
        self.database.each(&sql, [srs_id], |row| {
            let organization: Option<String> = row.get(0).ok();
            let code: Option<i64> = row.get(1).ok();
            let definition: Option<String> = row.get(2).ok();
            let is_epsg = organization.is_some_and(|name| name.eq_ignore_ascii_case("EPSG"));
            let known = |text: &String| !text.trim().is_empty() && !text.eq_ignore_ascii_case("undefined");
            found = match code.filter(|code| is_epsg && *code > 0) {
                Some(code) => Some(format!("EPSG:{code}")),
                None => definition.filter(known),
            };
            Ok(())
        })?;
        Ok(found)
    }

    fn layer(&mut self, table: &str, geometry: Option<(String, i64)>) -> Result<(), FormatError> {
        let mut plans = Vec::new();
        for column in self.database.columns(table)? {
            let is_geometry = geometry.as_ref().is_some_and(|(name, _)| name.eq_ignore_ascii_case(&column.name));
            let is_added = column.is_key && ADDED_KEYS.iter().any(|key| column.name.eq_ignore_ascii_case(key));
            if column.hidden == 2 {
                let message = format!("the column {:?} of {table:?} is computed; it is not read", column.name);
                self.dataset.faults.push(syntax(&self.place, message));
            } else if !is_added && column.hidden != 1 {
                plans.push(Plan { column, is_geometry });
            }
        }
        check_columns(&self.place, plans.len(), &self.options.limits)?;
        if plans.is_empty() {
            self.dataset.faults.push(syntax(&self.place, format!("the table {table:?} has no columns to be read")));
            return Ok(());
        }
        let names = plans.iter().filter(|plan| !plan.is_geometry).map(|plan| plan.column.name.clone()).collect();
        let srs_id = geometry.as_ref().map(|(_, srs_id)| *srs_id);
        let mut layer = Layer {
            file: Arc::clone(&self.place.file),
            name: table.to_owned(),
            format: FileFormat::GeoPackage,
            encoding: None,
            crs: srs_id.map(|srs_id| self.crs(srs_id)).transpose()?.flatten(),
            columns: unique_names(names),
            records: Vec::new(),
        };
        let selected: Vec<String> = plans.iter().map(|plan| quoted(&plan.column.name)).collect();
        let sql = format!("SELECT {} FROM {} NOT INDEXED", selected.join(", "), quoted(table));
        let mut oddities = Oddities::default();
        let database = self.database;
        database.each(&sql, [], |row| {
            let number = layer.records.len() + 1;
            let item = if geometry.is_some() { Item::Feature(number) } else { Item::Row(number + 1) };
            let record = self.record(item, &plans, row, &mut oddities)?;
            layer.records.push(record);
            Ok(())
        })?;
        self.note(table, srs_id, oddities);
        self.dataset.layers.push(layer);
        Ok(())
    }

    fn record(
        &mut self,
        item: Item,
        plans: &[Plan],
        row: &rusqlite::Row<'_>,
        oddities: &mut Oddities,
    ) -> Result<SourceRecord, FormatError> {
        let place = || Place { item, ..self.place.clone() };
        let mut geometry = Geometry::None;
        let mut cells = Vec::with_capacity(plans.len());
        for (at, plan) in plans.iter().enumerate() {
            let value = row.get_ref(at).map_err(|err| syntax(&place(), format!("the row cannot be read: {err}")))?;
            if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = value {
                self.payload_left = self
                    .payload_left
                    .checked_sub(bytes.len() as u64)
                    .ok_or_else(|| syntax(&place(), "the rows hold more than the file has; the database is damaged"))?;
            }
            match (plan.is_geometry, value) {
                (true, value) => geometry = self.geometry(&place(), value, oddities)?,
                (false, ValueRef::Text(bytes)) => {
                    check_cell(&place(), bytes.len(), &self.options.limits)?;
                    cells.push(text(&plan.column, bytes, oddities));
                }
                (false, ValueRef::Blob(_)) => {
                    oddities.bytes.get_or_insert_with(|| plan.column.name.clone());
                    cells.push(Cell::Empty);
                }
                (false, ValueRef::Integer(whole)) => cells.push(match plan.column.kind.as_str() {
                    "BOOLEAN" if whole == 0 || whole == 1 => Cell::Bool(whole == 1),
                    _ => Cell::Integer(whole),
                }),
                (false, ValueRef::Real(number)) => cells.push(Cell::Number(number)),
                (false, ValueRef::Null) => cells.push(Cell::Empty),
            }
        }
        shorten(&mut cells);
        let record = SourceRecord { item, line: None, geometry, cells };
        self.budget.record(|| Place { item, ..self.place.clone() }, &record)?;
        Ok(record)
    }

    fn geometry(&self, place: &Place, value: ValueRef<'_>, oddities: &mut Oddities) -> Result<Geometry, FormatError> {
        let bytes = match value {
            ValueRef::Null => return Ok(Geometry::None),
            ValueRef::Blob(bytes) => bytes,
            _ => return Ok(Geometry::Unreadable { why: "it is a text or a number, not a geometry".to_owned() }),
        };
        match blob::decode(bytes, self.options.limits.vertices) {
            Ok((srs_id, shape)) => {
                oddities.srs_ids.insert(srs_id);
                let source = |_: &_| self.options.keep_sources.then(|| data_uri(SOURCE_TYPE, bytes));
                Ok(shape.map_or(Geometry::None, |shape| Geometry::Shape { source: source(&shape), shape }))
            }
            Err(ShapeFault::Unreadable(why)) => Ok(Geometry::Unreadable { why }),
            Err(ShapeFault::Vertices) => Err(too_many_vertices(place, &self.options.limits)),
        }
    }

    fn note(&mut self, table: &str, srs_id: Option<i64>, oddities: Oddities) {
        let mut fault = |message| self.dataset.faults.push(syntax(&self.place, message));
        if let Some(column) = oddities.bytes {
            fault(format!("the column {column:?} of {table:?} has bytes, which are not read; they stay empty"));
        }
        if let Some(column) = oddities.not_unicode {
            fault(format!("the column {column:?} of {table:?} has texts that are not UTF-8; save it again"));
        }
        let other = oddities.srs_ids.iter().find(|other| srs_id.is_some_and(|srs_id| srs_id != i64::from(**other)));
        if let (Some(other), Some(srs_id)) = (other, srs_id) {
            fault(format!(
                "geometries of {table:?} say that their reference system is number {other}, the layer says {srs_id}"
            ));
        }
    }
}

/// What is said once for a layer, not for every row.
#[derive(Default)]
struct Oddities {
    bytes: Option<String>,
    not_unicode: Option<String>,
    srs_ids: SrsIds,
}

/// The first few numbers of reference systems in the blobs.
#[derive(Default)]
struct SrsIds(Vec<i32>);

impl SrsIds {
    fn insert(&mut self, srs_id: i32) {
        if self.0.len() < 3 && !self.0.contains(&srs_id) {
            self.0.push(srs_id);
        }
    }

    fn iter(&self) -> std::slice::Iter<'_, i32> {
        self.0.iter()
    }
}

fn text(column: &Column, bytes: &[u8], oddities: &mut Oddities) -> Cell {
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        oddities.not_unicode.get_or_insert_with(|| column.name.clone());
    }
    let is_day = column.kind == "DATE" && text.len() == "2022-10-27".len();
    match text.parse::<Date>() {
        _ if text.is_empty() => Cell::Empty,
        Ok(day) if is_day => Cell::Date(day),
        _ => Cell::Text(text.into()),
    }
}
