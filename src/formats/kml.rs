//! KML (its reader and writer are not here yet).

use crate::formats::write::Export;
use crate::formats::{Dataset, FormatError, InputFile, Place, ReadOptions};

/// Reads a file.
///
/// Errors: always, for now.
pub fn read(file: InputFile<'_>, _options: &ReadOptions) -> Result<Dataset, FormatError> {
    Err(FormatError::Unsupported { place: Place::file(&file.name), message: "KML cannot be read".to_owned() })
}

/// Writes a file.
///
/// Errors: always, for now.
pub fn write(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    Err(FormatError::Unsupported { place: Place::file(export.name), message: "KML cannot be written".to_owned() })
}
