//! What every reader of a delivered file makes of it: layers of records as the file has them.

use std::io::{Read, Seek};
use std::sync::Arc;

use jiff::civil::Date;

use crate::formats::{FormatError, Item, Place};
use crate::geom::RawShape;

/// Bytes that a reader may walk through more than once.
pub trait Bytes: Read + Seek + Send {}

impl<T: Read + Seek + Send> Bytes for T {}

/// One file as it was handed in.
pub struct InputFile<'a> {
    /// Its name, without folders. Never used as a path.
    pub name: String,
    /// Its bytes, from the first.
    pub bytes: Box<dyn Bytes + 'a>,
}

/// A format that can be read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileFormat {
    /// GeoJSON FeatureCollection (RFC 7946).
    GeoJson,
    /// One GeoJSON feature a line (RFC 8142 without or with record separators).
    GeoJsonSeq,
    /// ESRI Shapefile: .shp, .dbf and what else belongs to it.
    Shapefile,
    /// OGC GeoPackage.
    GeoPackage,
    /// OGC KML 2.2.
    Kml,
    /// KML in a ZIP archive.
    Kmz,
    /// FlatGeobuf 3.
    FlatGeobuf,
    /// Separated values: comma, semicolon or tab.
    Csv,
    /// Office Open XML workbook.
    Xlsx,
}

impl FileFormat {
    /// Every format.
    pub const ALL: [Self; 9] = [
        Self::GeoJson,
        Self::GeoJsonSeq,
        Self::Shapefile,
        Self::GeoPackage,
        Self::Kml,
        Self::Kmz,
        Self::FlatGeobuf,
        Self::Csv,
        Self::Xlsx,
    ];

    /// Name used on the command line and in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::GeoJsonSeq => "geojsonl",
            Self::Shapefile => "shapefile",
            Self::GeoPackage => "geopackage",
            Self::Kml => "kml",
            Self::Kmz => "kmz",
            Self::FlatGeobuf => "flatgeobuf",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Ending of a file's name. A Shapefile is several files and comes in an archive.
    pub fn ending(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::GeoJsonSeq => "geojsonl",
            Self::Shapefile => "zip",
            Self::GeoPackage => "gpkg",
            Self::Kml => "kml",
            Self::Kmz => "kmz",
            Self::FlatGeobuf => "fgb",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Media type as registered with IANA, where it is.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::GeoJson => "application/geo+json",
            Self::GeoJsonSeq => "application/geo+json-seq",
            Self::Shapefile => "application/zip",
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::Kml => "application/vnd.google-earth.kml+xml",
            Self::Kmz => "application/vnd.google-earth.kmz",
            Self::FlatGeobuf => "application/octet-stream",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The format of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }
}

/// Bounds of what a reader takes; a file that passes one is refused with [`FormatError::Limit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file as it is handed in.
    pub packed_bytes: u64,
    /// Bytes of all entries of an archive together, counted while they are unpacked.
    pub unpacked_bytes: u64,
    /// Unpacked bytes of an entry for each packed one; only asked of entries over a mebibyte.
    pub ratio: u64,
    /// Entries of an archive.
    pub entries: usize,
    /// Features or rows of a delivery.
    pub records: usize,
    /// Columns of a layer.
    pub columns: usize,
    /// Bytes of one cell's text.
    pub cell_bytes: usize,
    /// Positions of one geometry.
    pub vertices: usize,
    /// Nesting of elements, objects or groups.
    pub depth: usize,
}

impl Limits {
    /// For files that come over the network.
    pub const UPLOAD: Self = Self {
        packed_bytes: 64 << 20,
        unpacked_bytes: 256 << 20,
        ratio: 200,
        entries: 1000,
        records: 200_000,
        columns: 512,
        cell_bytes: 64 << 10,
        vertices: 100_000,
        depth: 64,
    };

    /// For files that the operator of this machine names.
    pub const LOCAL: Self = Self { packed_bytes: 4 << 30, unpacked_bytes: 4 << 30, records: 2_000_000, ..Self::UPLOAD };
}

/// How a delivery is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Bounds.
    pub limits: Limits,
    /// Whether records carry the source of their geometry, which takes about as much room as the geometry itself.
    pub keep_sources: bool,
    /// Encoding of texts, by its WHATWG label; found out when not told.
    pub encoding: Option<String>,
    /// Only the layer (table, sheet, file) of this name; all when not told.
    pub layer: Option<String>,
    /// Texts that are known to occur, such as the names of streets: an encoding in which more of them are found is right.
    pub known_texts: Vec<String>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { limits: Limits::UPLOAD, keep_sources: true, encoding: None, layer: None, known_texts: Vec::new() }
    }
}

/// A value as the file has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing: null, an empty cell, an empty text.
    #[default]
    Empty,
    /// A text, blanks and all.
    Text(Box<str>),
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Bool(bool),
    /// A day, where the format has such a type.
    Date(Date),
}

/// Where a record's geometry comes from, byte for byte, as one text.
///
/// Text formats give their own text (a GeoJSON geometry, WKT, the KML element). Binary ones give a data URI of the bytes
/// (RFC 2397): `data:application/x-esri-shape;base64,…` (a record's content), `data:application/geopackage-geom;base64,…`,
/// `data:application/flatgeobuf;base64,…` (the feature).
pub type Source = Box<str>;

/// A record's geometry.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Geometry {
    /// There is none: a table row, a null geometry.
    #[default]
    None,
    /// As the file has it, x before y in the file's own units; a third coordinate is only in the source.
    Shape {
        /// The positions.
        shape: RawShape,
        /// Source, when [`ReadOptions::keep_sources`] asks for it.
        source: Option<Source>,
    },
    /// There is one that cannot be read.
    Unreadable {
        /// Why, in one English sentence without a place.
        why: String,
    },
}

/// One feature or row.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRecord {
    /// Which one.
    pub item: Item,
    /// Line counted from 1, where the format has lines.
    pub line: Option<u64>,
    /// Its geometry.
    pub geometry: Geometry,
    /// Its values in the order of [`Layer::columns`]; those beyond the end are empty.
    pub cells: Vec<Cell>,
}

/// A table with or without geometry.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// File it stands in: the member's name for an archive.
    pub file: Arc<str>,
    /// Its own name (table, sheet, folder); the file's without its ending where it has none.
    pub name: String,
    /// Format.
    pub format: FileFormat,
    /// WHATWG name of the encoding its texts were read with, where the format leaves that open.
    pub encoding: Option<&'static str>,
    /// Reference system as the file states it: `EPSG:4548`, a WKT text, an URN, a PROJ string; `None` where it says nothing.
    /// Formats whose standard fixes it (GeoJSON, KML) state `OGC:CRS84`.
    pub crs: Option<String>,
    /// Names of the columns, unique, in file order.
    pub columns: Vec<String>,
    /// The records in file order.
    pub records: Vec<SourceRecord>,
}

impl Layer {
    /// Where one of its records stands.
    pub fn place(&self, record: &SourceRecord) -> Place {
        Place { file: self.file.clone(), item: record.item, line: record.line, column: None }
    }
}

/// Everything that was read of a delivery.
#[derive(Debug, Default)]
pub struct Dataset {
    /// Its layers, in the order of the files.
    pub layers: Vec<Layer>,
    /// Features and rows that could not be read, and what does not fit together (a table with other rows than shapes).
    pub faults: Vec<FormatError>,
    /// What was left out on purpose.
    pub skipped: Vec<Skipped>,
}

impl Dataset {
    /// Adds what was read of another file.
    pub(crate) fn append(&mut self, mut more: Self) {
        self.layers.append(&mut more.layers);
        self.faults.append(&mut more.faults);
        self.skipped.append(&mut more.skipped);
    }
}

/// Something that is no record though it stands where records do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Where.
    pub place: Place,
    /// As what.
    pub kind: SkippedKind,
    /// Its text, the first 200 characters; empty for a file or sheet, whose name is in the place.
    pub text: String,
}

/// What was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkippedKind {
    /// A title above the head of a table.
    Title,
    /// The head of a table once more, or the row of column numbers under it.
    Head,
    /// A row of totals (合计, 小计, 总计).
    Total,
    /// A remark under a table (注, 填表人).
    Note,
    /// A sheet of codes or explanations.
    Sheet,
    /// A file beside the others that holds no records.
    File,
}
