//! Records out: what every writer takes, and the writer of each format.

use geo::MultiPolygon;

use crate::formats::{Cell, FileFormat, FormatError};
use crate::formats::{flatgeobuf, geopackage, kml, shapefile};

/// One record to be written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExportRow {
    /// Its values in the order of [`Export::columns`]; those beyond the end are empty.
    pub cells: Vec<Cell>,
    /// Its boundary, x before y in the units of [`Export::crs_epsg`]; rings closed. `None` for a record without a place.
    pub boundary: Option<MultiPolygon>,
}

/// A table to be written.
pub struct Export<'a> {
    /// Name of the layer, without an ending: table, sheet or file stem.
    pub name: &'a str,
    /// Names of the columns, unique, without one for the boundary.
    pub columns: &'a [String],
    /// The records, asked for once and in order.
    pub rows: &'a mut dyn Iterator<Item = ExportRow>,
    /// EPSG code of the boundaries' reference system. Formats whose standard fixes it (GeoJSON, KML) are to be given degrees.
    pub crs_epsg: u32,
}

/// Writes a file of that format. A shapefile is a ZIP archive of its parts.
///
/// Errors: [`FormatError::Unsupported`] for what the format cannot hold.
pub fn write(format: FileFormat, export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    match format {
        FileFormat::Shapefile => shapefile::write(export),
        FileFormat::GeoPackage => geopackage::write(export),
        FileFormat::Kml => kml::write(export),
        FileFormat::FlatGeobuf => flatgeobuf::write(export),
        _ => unsupported(format, &export),
    }
}

fn unsupported(format: FileFormat, export: &Export<'_>) -> Result<Vec<u8>, FormatError> {
    let message = format!("{} cannot be written", format.key());
    Err(FormatError::Unsupported { place: crate::formats::Place::file(export.name), message })
}
