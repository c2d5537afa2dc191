//! Records out: what every writer takes, and the writer of each format.

use geo::MultiPolygon;

use crate::formats::{
    Cell, FileFormat, FormatError, Place, archive, csv, flatgeobuf, geojson, geopackage, kml, shapefile, xlsx,
};

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
    /// What the file says of itself in one line, where its format has a place for it beside the records: not in tables of
    /// separated values and sequences. Empty for nothing.
    pub about: &'a str,
}

/// Writes a file of that format. A shapefile is a ZIP archive of its parts.
///
/// Errors: [`FormatError::Unsupported`] for what the format cannot hold.
pub fn write(format: FileFormat, export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    match format {
        FileFormat::GeoJson => geojson::write_collection(export),
        FileFormat::GeoJsonSeq => geojson::write_sequence(export),
        FileFormat::Csv => csv::write(export),
        FileFormat::Xlsx => xlsx::write(export),
        FileFormat::Shapefile => shapefile::write(export),
        FileFormat::GeoPackage => geopackage::write(export),
        FileFormat::Kml => kml::write(export),
        FileFormat::Kmz => kmz(export),
        FileFormat::FlatGeobuf => flatgeobuf::write(export),
    }
}

/// KML as the only entry of a ZIP archive (OGC 12-007r2, annex C).
fn kmz(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    let place = Place::file(export.name);
    let kml = kml::write(export)?;
    archive::pack(&place, [("doc.kml".to_owned(), kml)])
}

#[cfg(test)]
mod tests;
