//! A KML document with a placemark for every record.

use std::fmt::Write as _;

use geo::{LineString, MultiPolygon, Polygon};
use quick_xml::escape::escape;

use crate::formats::columns::text_of;
use crate::formats::{Export, ExportRow, FormatError, Place};

/// Reference systems in degrees that the format's own, WGS 84, is equal to within a metre.
const DEGREES: [u32; 2] = [4326, 4490];

/// Columns that are elements of a placemark.
const NAME: &str = "name";
const DESCRIPTION: &str = "description";

/// Writes KML 2.2 with one document. Columns `name` and `description` are the placemark's own, all others `Data` of its
/// `ExtendedData`; empty cells are left out. Numbers are the shortest texts that read back to the same.
///
/// Errors: a reference system that is not in degrees.
pub fn write(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    if !DEGREES.contains(&export.crs_epsg) {
        let message = format!("KML is in degrees, EPSG:{} cannot be written; choose EPSG:4326", export.crs_epsg);
        return Err(FormatError::Unsupported { place: Place::file(export.name), message });
    }
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>\n"
        .to_owned();
    element(&mut text, NAME, export.name);
    if !export.about.is_empty() {
        element(&mut text, DESCRIPTION, export.about);
    }
    for row in export.rows {
        placemark(&mut text, export.columns, &row);
    }
    text.push_str("</Document>\n</kml>\n");
    Ok(text.into_bytes())
}

fn placemark(text: &mut String, columns: &[String], row: &ExportRow) {
    text.push_str("<Placemark>\n");
    let cells = || columns.iter().zip(&row.cells).filter_map(|(column, cell)| Some((column.as_str(), text_of(cell)?)));
    for own in [NAME, DESCRIPTION] {
        if let Some((_, value)) = cells().find(|(column, _)| *column == own) {
            element(text, own, &value);
        }
    }
    let is_data = |column: &str| column != NAME && column != DESCRIPTION;
    if cells().any(|(column, _)| is_data(column)) {
        text.push_str("<ExtendedData>\n");
        for (column, value) in cells().filter(|(column, _)| is_data(column)) {
            let _ = write!(text, "<Data name=\"{}\"><value>", escaped(column));
            let _ = writeln!(text, "{}</value></Data>", escaped(&value));
        }
        text.push_str("</ExtendedData>\n");
    }
    if let Some(boundary) = row.boundary.as_ref().filter(|boundary| !boundary.0.is_empty()) {
        geometry(text, boundary);
    }
    text.push_str("</Placemark>\n");
}

fn geometry(text: &mut String, boundary: &MultiPolygon) {
    let is_multi = boundary.0.len() > 1;
    if is_multi {
        text.push_str("<MultiGeometry>\n");
    }
    boundary.iter().for_each(|part| polygon(text, part));
    if is_multi {
        text.push_str("</MultiGeometry>\n");
    }
}

fn polygon(text: &mut String, polygon: &Polygon) {
    text.push_str("<Polygon>");
    ring(text, "outerBoundaryIs", polygon.exterior());
    polygon.interiors().iter().for_each(|hole| ring(text, "innerBoundaryIs", hole));
    text.push_str("</Polygon>\n");
}

fn ring(text: &mut String, role: &str, ring: &LineString) {
    let _ = write!(text, "<{role}><LinearRing><coordinates>");
    for (at, position) in ring.0.iter().enumerate() {
        let blank = if at == 0 { "" } else { " " };
        let _ = write!(text, "{blank}{},{}", position.x, position.y);
    }
    let _ = write!(text, "</coordinates></LinearRing></{role}>");
}

fn element(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "<{name}>{}</{name}>", escaped(value));
}

/// Escaped, and without the characters that XML 1.0 (2.2) does not allow at all.
fn escaped(text: &str) -> String {
    let is_allowed = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{7f}'..);
    let allowed: String = text.chars().filter(is_allowed).filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    escape(&allowed).into_owned()
}
