//! The header and the features, one in memory at a time.

use std::sync::Arc;

use flatbuffers::VerifierOptions;
use flatgeobuf::{
    ColumnType, GeometryType, Header, root_as_feature_with_opts, size_prefixed_root_as_feature_with_opts,
    size_prefixed_root_as_header_with_opts,
};

use crate::formats::budget::Budget;
use crate::formats::flatgeobuf::properties::{self, Column};
use crate::formats::flatgeobuf::{MAGIC, MAGIC_BYTES, NODE_BYTES, SOURCE_TYPE, geometry};
use crate::formats::intake::{
    Intake, ShapeFault, check_columns, data_uri, shorten, stem, syntax, too_many_vertices, u32_le, unique_names,
};
use crate::formats::{
    Dataset, FileFormat, FormatError, Geometry, InputFile, Item, Layer, Place, ReadOptions, SourceRecord,
};

/// Largest header in bytes.
const HEADER_BYTES: u64 = 10 << 20;

/// Tables in tables: a feature holds a geometry, that its parts, and those might hold parts again.
const DEPTH: usize = 8;

/// Reads the features in the order of the file, which for indexed files is that of a Hilbert curve.
///
/// The index is passed over. A geometry without positions counts as none.
///
/// Errors: no FlatGeobuf 3, a header that is damaged, or a limit passed. Faults: features that are damaged, a file that
/// breaks off or has another number of features than its header says, columns of bytes, columns of a feature's own.
pub fn read(file: InputFile<'_>, options: &ReadOptions) -> Result<Dataset, FormatError> {
    let place = Place::file(&file.name);
    let mut intake = Intake::open(place.clone(), file.bytes, &options.limits)?;
    let mut buffer = Vec::new();
    let no_format = "this is no FlatGeobuf of version 3";
    intake.take(MAGIC_BYTES, &mut buffer).map_err(|_| syntax(&place, no_format))?;
    if !buffer.starts_with(&MAGIC) {
        return Err(syntax(&place, no_format));
    }
    sized(&mut intake, &mut buffer, HEADER_BYTES)?;
    let header = size_prefixed_root_as_header_with_opts(&verifier(buffer.len()), &buffer)
        .map_err(|_| syntax(&place, "the header is damaged"))?;
    let head = Head::of(&place, &header, options)?;
    intake.skip(head.index_bytes)?;

    let stem = stem(&file.name, &[".fgb"]);
    let name = header.name().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(stem).to_owned();
    let mut dataset = Dataset::default();
    if options.layer.as_ref().is_some_and(|layer| *layer != name) {
        return Ok(dataset);
    }
    for column in head.columns.iter().filter(|column| column.kind == ColumnType::Binary) {
        let message = format!("the column {:?} has bytes, which are not read; they stay empty", column.name);
        dataset.faults.push(syntax(&place, message));
    }
    let mut layer = Layer {
        file: Arc::clone(&place.file),
        name,
        format: FileFormat::FlatGeobuf,
        encoding: None,
        crs: head.crs.clone(),
        columns: unique_names(head.columns.iter().map(|column| column.name.clone()).collect()),
        records: Vec::new(),
    };
    let mut features = Features { intake, buffer, place, head, options, budget: Budget::new(options.limits) };
    features.all(&mut layer, &mut dataset.faults)?;
    dataset.layers.push(layer);
    Ok(dataset)
}

/// What the header says, in our own words.
struct Head {
    geometry_type: GeometryType,
    columns: Vec<Column>,
    crs: Option<String>,
    /// Features, 0 when that is left open.
    count: u64,
    index_bytes: u64,
}

impl Head {
    fn of(place: &Place, header: &Header<'_>, options: &ReadOptions) -> Result<Self, FormatError> {
        let columns = header.columns();
        check_columns(place, columns.as_ref().map_or(0, |columns| columns.len()), &options.limits)?;
        let column = |column: flatgeobuf::Column<'_>| Column { name: column.name().to_owned(), kind: column.type_() };
        let count = header.features_count();
        Ok(Self {
            geometry_type: header.geometry_type(),
            columns: columns.map(|columns| columns.iter().map(column).collect()).unwrap_or_default(),
            crs: header.crs().and_then(crs),
            count,
            index_bytes: index_bytes(count, header.index_node_size())
                .ok_or_else(|| syntax(place, "the header promises more features than a file can hold"))?,
        })
    }
}

fn crs(crs: flatgeobuf::Crs<'_>) -> Option<String> {
    let text = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let organization = text(crs.org()).unwrap_or_else(|| "EPSG".to_owned());
    match (crs.code(), text(crs.code_string())) {
        (code, _) if code > 0 => Some(format!("{organization}:{code}")),
        (_, Some(code)) => Some(format!("{organization}:{code}")),
        _ => text(crs.wkt()),
    }
}

/// Bytes of a packed R-tree over so many features; `None` when the number is beyond any file.
pub(super) fn index_bytes(count: u64, node_size: u16) -> Option<u64> {
    if count == 0 || node_size < 2 {
        return Some(0);
    }
    let (mut level, mut nodes) = (count, count);
    while level > 1 {
        level = level.div_ceil(node_size.into());
        nodes = nodes.checked_add(level)?;
    }
    // A tree of one feature has a root besides its leaf.
    let nodes = if count == 1 { 2 } else { nodes };
    nodes.checked_mul(NODE_BYTES)
}

/// Reads a length and so many bytes after it into the buffer, both.
fn sized(intake: &mut Intake<'_>, buffer: &mut Vec<u8>, limit: u64) -> Result<(), FormatError> {
    let start = intake.at();
    intake.take(4, buffer)?;
    let bytes = u64::from(u32_le(buffer, 0).unwrap_or(0));
    intake.go_to(start)?;
    intake.take(4 + bytes.min(limit), buffer)
}

/// Bounds by the size of a buffer: tables cannot be many more than there is room for, however they refer to each other.
fn verifier(bytes: usize) -> VerifierOptions {
    VerifierOptions {
        max_depth: DEPTH,
        max_tables: bytes / 4 + 16,
        max_apparent_size: bytes.saturating_mul(8) + 1024,
        ignore_missing_null_terminator: true,
    }
}

struct Features<'a> {
    intake: Intake<'a>,
    buffer: Vec<u8>,
    place: Place,
    head: Head,
    options: &'a ReadOptions,
    budget: Budget,
}

impl Features<'_> {
    fn all(&mut self, layer: &mut Layer, faults: &mut Vec<FormatError>) -> Result<(), FormatError> {
        let limits = &self.options.limits;
        // A position with Z and M; values in every column.
        let longest = (limits.vertices as u64)
            .saturating_mul(64)
            .saturating_add((limits.columns as u64).saturating_mul(limits.cell_bytes as u64));
        let mut read: u64 = 0;
        while self.intake.left() > 0 && (self.head.count == 0 || read < self.head.count) {
            let number = usize::try_from(read + 1).unwrap_or(usize::MAX);
            let place = Place { item: Item::Feature(number), ..self.place.clone() };
            if let Err(fault) = sized(&mut self.intake, &mut self.buffer, longest) {
                faults.push(fault);
                break;
            }
            if self.buffer.len() as u64 == 4 + longest {
                return Err(FormatError::Limit { place, what: "the size of a feature", limit: longest });
            }
            read += 1;
            match self.feature(&place)? {
                Ok(record) => {
                    self.budget.record(|| place.clone(), &record)?;
                    layer.records.push(record);
                }
                Err(why) => {
                    self.budget.remark(&place)?;
                    faults.push(syntax(&place, why));
                }
            }
        }
        if self.head.count != 0 && read != self.head.count {
            let message = format!("the header says {} features, there are {read}; deliver it again", self.head.count);
            faults.push(syntax(&self.place, message));
        } else if self.head.count != 0 && self.intake.left() > 0 {
            let message = format!("{} bytes follow after the last feature", self.intake.left());
            faults.push(syntax(&self.place, message));
        }
        Ok(())
    }

    /// The feature in the buffer, or why it is none.
    fn feature(&self, place: &Place) -> Result<Result<SourceRecord, String>, FormatError> {
        // Writers disagree on whether alignment counts from the length or from what comes after it.
        let checks = verifier(self.buffer.len());
        let body = &self.buffer[4..];
        let feature = size_prefixed_root_as_feature_with_opts(&checks, &self.buffer)
            .or_else(|_| root_as_feature_with_opts(&checks, body));
        let Ok(feature) = feature else { return Ok(Err("the feature is damaged".to_owned())) };
        if feature.columns().is_some_and(|columns| !columns.is_empty()) {
            return Ok(Err("the feature has columns of its own, which are not read".to_owned()));
        }
        let values = feature.properties().map(|properties| properties.bytes()).unwrap_or_default();
        let mut cells = match properties::parse(values, &self.head.columns) {
            Ok(cells) => cells,
            Err(why) => return Ok(Err(why)),
        };
        shorten(&mut cells);
        let vertices = self.options.limits.vertices;
        let shape = feature.geometry().map(|shape| geometry::parse(shape, self.head.geometry_type, vertices));
        let geometry = match shape.transpose() {
            Ok(shape) => match shape.flatten() {
                Some(shape) => {
                    let source = self.options.keep_sources.then(|| data_uri(SOURCE_TYPE, body));
                    Geometry::Shape { shape, source }
                }
                None => Geometry::None,
            },
            Err(ShapeFault::Unreadable(why)) => Geometry::Unreadable { why },
            Err(ShapeFault::Vertices) => return Err(too_many_vertices(place, &self.options.limits)),
        };
        Ok(Ok(SourceRecord { item: place.item, line: None, geometry, cells }))
    }
}
