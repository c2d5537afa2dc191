//! Bytes to raw records and back.
//!
//! A reader knows the format and nothing of the register: it yields records with the place each came from, and a list of
//! what could not be read. One bad feature or row does not hide the others.

mod archive;
mod budget;
mod columns;
pub mod csv;
mod dataset;
mod delivery;
pub mod encoding;
pub mod flatgeobuf;
pub mod geojson;
pub mod geopackage;
mod intake;
pub mod kml;
mod layout;
pub mod shapefile;
mod sniffing;
mod srs;
mod table;
#[cfg(test)]
mod testing;
mod text;
mod wkb;
pub mod wkt;
pub mod write;
pub mod xlsx;

use std::fmt;
use std::sync::Arc;

use geo::MultiPolygon;
use serde_json::{Map, Value};

pub use archive::{file_stem, pack};
pub use dataset::{
    Bytes, Cell, Dataset, FileFormat, Geometry, InputFile, Layer, Limits, ReadOptions, Skipped, SkippedKind, Source,
    SourceRecord,
};
pub use delivery::read;
pub use sniffing::{Sniffed, sniff};
pub use write::{Export, ExportRow};

/// Largest file in bytes that a reader takes.
pub const FILE_LIMIT_BYTES: usize = 512 * 1024 * 1024;

/// Most features or rows of one file.
pub const RECORD_LIMIT: usize = 2_000_000;

/// Deepest nesting of JSON, counted within a feature; it is `serde_json`'s own limit, named here for the documents.
pub const JSON_DEPTH_LIMIT: usize = 128;

/// Which part of a file is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// The file as a whole.
    File,
    /// A feature, counted from 1.
    Feature(usize),
    /// A row as a spreadsheet counts them: the head row is 1, the first data row is 2.
    Row(usize),
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Feature(number) => write!(f, "feature {number}"),
            Self::Row(number) => write!(f, "row {number}"),
        }
    }
}

/// Where something stands in a delivered file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Name of the file, without folders.
    pub file: Arc<str>,
    /// Feature or row.
    pub item: Item,
    /// Line counted from 1, where known.
    pub line: Option<u64>,
    /// Column in bytes counted from 1, where known.
    pub column: Option<u64>,
}

impl Place {
    /// The file as a whole.
    pub fn file(name: &str) -> Self {
        Self { file: Arc::from(name), item: Item::File, line: None, column: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.item != Item::File {
            write!(f, ", {}", self.item)?;
        }
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, " (line {line}, column {column})"),
            (Some(line), None) => write!(f, " (line {line})"),
            _ => Ok(()),
        }
    }
}

/// A record as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct RawRecord {
    /// Where it stands.
    pub place: Place,
    /// Text of its geometry, byte for byte as in the file; `None` for a table row or a null geometry.
    pub source_geometry: Option<String>,
    /// The geometry: degrees, lng lat, rings closed, winding as in the file, not checked for validity.
    pub geometry: Option<MultiPolygon>,
    /// Its properties in file order. Cells of a table are texts, empty ones null.
    pub properties: Map<String, Value>,
}

/// What a reader made of a file.
#[derive(Debug, Default)]
pub struct Reading {
    /// Names of the properties or columns, in order of their first appearance.
    pub columns: Vec<String>,
    /// The records that could be read, in file order.
    pub records: Vec<RawRecord>,
    /// Features or rows that could not be read.
    pub faults: Vec<FormatError>,
}

/// Why a file, or a part of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Larger than [`FILE_LIMIT_BYTES`].
    #[error("{place}: the file has {bytes} bytes, more than the {FILE_LIMIT_BYTES} allowed")]
    TooLarge {
        /// The file.
        place: Place,
        /// Its size.
        bytes: usize,
    },
    /// Not UTF-8. Other encodings are not read yet.
    #[error("{place}: the text is not UTF-8; save the file as UTF-8 and deliver it again")]
    NotUtf8 {
        /// Where the first bad byte stands.
        place: Place,
    },
    /// Not what the format's syntax allows.
    #[error("{place}: {message}")]
    Syntax {
        /// Where.
        place: Place,
        /// What is wrong.
        message: String,
    },
    /// A reference system that is not degrees, lng lat.
    #[error("{place}: the member `crs` says {crs}; only CRS84, EPSG:4326 and EPSG:4490 can be read")]
    Crs {
        /// The file.
        place: Place,
        /// What the file says.
        crs: String,
    },
    /// No feature at all, which is more likely a failed export than an empty district.
    #[error("{place}: the collection is empty")]
    Empty {
        /// The file.
        place: Place,
    },
    /// A bound of [`Limits`] is passed.
    #[error("{place}: {what} exceeds the limit of {limit}")]
    Limit {
        /// Where.
        place: Place,
        /// What is too much: `the packed size`, `the unpacked size`, `the number of records`, …
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// Of no format that is known here.
    #[error("{place}: {message}")]
    Unsupported {
        /// The file.
        place: Place,
        /// What it seems to be, and what can be delivered instead.
        message: String,
    },
    /// A geometry that is not a polygon or multipolygon with closed rings.
    #[error("{place}: {message}")]
    Geometry {
        /// Which feature.
        place: Place,
        /// What is wrong.
        message: String,
    },
}

impl FormatError {
    /// Where the fault is.
    pub fn place(&self) -> &Place {
        match self {
            Self::TooLarge { place, .. }
            | Self::NotUtf8 { place }
            | Self::Syntax { place, .. }
            | Self::Crs { place, .. }
            | Self::Empty { place }
            | Self::Limit { place, .. }
            | Self::Unsupported { place, .. }
            | Self::Geometry { place, .. } => place,
        }
    }
}

/// Refuses files over the limit and takes a byte order mark off, which Windows tools write and RFC 8259 forbids.
fn check_size<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a [u8], FormatError> {
    if bytes.len() > FILE_LIMIT_BYTES {
        return Err(FormatError::TooLarge { place: Place::file(file), bytes: bytes.len() });
    }
    Ok(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}
