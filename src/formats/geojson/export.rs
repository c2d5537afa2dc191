//! Records as GeoJSON: a collection, or one feature a line.

use serde_json::{Map, Value};

use crate::formats::geojson::feature::json;
use crate::formats::geojson::geometry_text;
use crate::formats::write::{Export, ExportRow};
use crate::formats::{FormatError, Place};

/// Reference systems whose coordinates are degrees as the standard wants them.
const DEGREES: [u32; 2] = [4326, 4490];

/// Writes a FeatureCollection, one feature a line. A reference system other than degrees is told in the member `crs` of
/// the 2008 edition.
///
/// Errors: a value that JSON cannot hold.
pub fn write_collection(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    let mut members = Map::new();
    if !export.about.is_empty() {
        members.insert("description".to_owned(), export.about.into());
    }
    write_collection_with(export, &members)
}

/// The same with foreign members (RFC 7946, 6.1) before the features. They must have none of the names of a FeatureCollection.
///
/// Errors: a value that JSON cannot hold.
pub fn write_collection_with(export: Export<'_>, members: &Map<String, Value>) -> Result<Vec<u8>, FormatError> {
    let mut out = b"{\"type\":\"FeatureCollection\",".to_vec();
    for (name, value) in members {
        out.extend(format!("{}:{value},", Value::from(name.as_str())).bytes());
    }
    if !DEGREES.contains(&export.crs_epsg) {
        let urn = format!("urn:ogc:def:crs:EPSG::{}", export.crs_epsg);
        out.extend(format!("\"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":\"{urn}\"}}}},").bytes());
    }
    out.extend(b"\"features\":[");
    for (at, row) in export.rows.enumerate() {
        out.extend(if at == 0 { b"\n".as_slice() } else { b",\n" });
        write_feature(&mut out, export.name, export.columns, &row)?;
    }
    out.extend(b"\n]}\n");
    Ok(out)
}

/// Writes one feature a line, without record separators. There is no place for a reference system: degrees are expected.
///
/// Errors: a value that JSON cannot hold.
pub fn write_sequence(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    for row in export.rows {
        write_feature(&mut out, export.name, export.columns, &row)?;
        out.push(b'\n');
    }
    Ok(out)
}

fn write_feature(out: &mut Vec<u8>, name: &str, columns: &[String], row: &ExportRow) -> Result<(), FormatError> {
    let cell = |at: usize| row.cells.get(at).map_or(Value::Null, json);
    let properties: Map<_, _> = columns.iter().enumerate().map(|(at, column)| (column.clone(), cell(at))).collect();
    out.extend(b"{\"type\":\"Feature\",\"properties\":");
    serde_json::to_writer(&mut *out, &properties)
        .map_err(|err| FormatError::Syntax { place: Place::file(name), message: err.to_string() })?;
    out.extend(b",\"geometry\":");
    out.extend(row.boundary.as_ref().map_or_else(|| "null".to_owned(), geometry_text).bytes());
    out.push(b'}');
    Ok(())
}
