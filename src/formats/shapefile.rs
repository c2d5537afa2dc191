//! Shapefile (its reader and writer are not here yet).

use crate::formats::write::Export;
use crate::formats::{Bytes, Dataset, FormatError, Place, ReadOptions};

/// The files that make up one shapefile.
pub struct Parts<'a> {
    /// Name of the .shp, or of the .dbf where there is none.
    pub name: String,
    /// Shapes.
    pub shp: Option<Box<dyn Bytes + 'a>>,
    /// Attributes.
    pub dbf: Option<Box<dyn Bytes + 'a>>,
    /// Reference system.
    pub prj: Option<String>,
    /// Encoding of the attributes.
    pub cpg: Option<String>,
}

/// Reads a shapefile.
///
/// Errors: always, for now.
pub fn read(parts: Parts<'_>, _options: &ReadOptions) -> Result<Dataset, FormatError> {
    Err(FormatError::Unsupported { place: Place::file(&parts.name), message: "Shapefile cannot be read".to_owned() })
}

/// Writes a shapefile as a ZIP archive of its parts.
///
/// Errors: always, for now.
pub fn write(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    Err(FormatError::Unsupported { place: Place::file(export.name), message: "Shapefile cannot be written".to_owned() })
}
