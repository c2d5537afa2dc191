//! Shapes and rows read side by side.

use std::sync::Arc;

use crate::formats::budget::Budget;
use crate::formats::intake::{Intake, ShapeFault, data_uri, shorten, stem, syntax, too_many_vertices};
use crate::formats::shapefile::dbf::{Row, Table};
use crate::formats::shapefile::encodings::label_of_cpg;
use crate::formats::shapefile::{SOURCE_TYPE, shapes};
use crate::formats::{
    Bytes, Dataset, FileFormat, FormatError, Geometry, Item, Layer, Place, ReadOptions, SourceRecord,
};

const FILE_CODE: [u8; 4] = 9994i32.to_be_bytes();
const HEAD_BYTES: u64 = 100;
const RECORD_HEAD_BYTES: u64 = 8;

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

/// Reads a shapefile, or a table (.dbf) alone.
///
/// Rings stay as they are, also unclosed ones; which of them are holes is told by their turn, and where that makes no sense
/// by what lies in what. A shape without positions counts as none. Rows marked as deleted are left out with their shapes.
/// Empty names and names that occur twice are told apart by a number.
///
/// Errors: no part to read, one that is not of its format, or a limit passed. Faults: another number of shapes than of
/// rows, a missing table, a file cut off (what stands before is read), columns of types that are not read, texts that are
/// not in the encoding.
pub fn read(parts: Parts<'_>, options: &ReadOptions) -> Result<Dataset, FormatError> {
    let name = stem(&parts.name, &[".shp", ".dbf"]).to_owned();
    let mut dataset = Dataset::default();
    if options.layer.as_ref().is_some_and(|layer| *layer != name) {
        return Ok(dataset);
    }
    let file = |ending: &str| {
        if stem(&parts.name, &[ending]) == parts.name { format!("{name}{ending}") } else { parts.name.clone() }
    };
    let cpg = parts.cpg.as_deref().and_then(label_of_cpg);
    let mut table = match parts.dbf {
        Some(bytes) => Some(Table::open(Place::file(&file(".dbf")), bytes, cpg, options)?),
        None => None,
    };
    if let Some(table) = &mut table {
        dataset.faults.append(&mut table.faults);
    }
    let crs = parts.prj.as_deref().map(str::trim).filter(|prj| !prj.is_empty()).map(str::to_owned);
    let mut layer = Layer {
        file: Arc::from(file(if parts.shp.is_some() { ".shp" } else { ".dbf" })),
        name,
        format: FileFormat::Shapefile,
        encoding: table.as_ref().map(|table| table.encoding.name()),
        crs,
        columns: table.as_ref().map(|table| table.columns.clone()).unwrap_or_default(),
        records: Vec::new(),
    };
    let place = Place::file(&layer.file);
    let mut work = Work { budget: Budget::new(options.limits), options, place: place.clone(), faults: Vec::new() };
    match (parts.shp, table) {
        (Some(bytes), table) => {
            let shapes = Shapes::open(place.clone(), bytes, options)?;
            if table.is_none() {
                let message = "the table (.dbf) is missing, so nothing is known of the shapes; deliver all parts";
                work.faults.push(syntax(&place, message));
            }
            work.shapes_and_rows(shapes, table, &mut layer.records)?;
        }
        (None, Some(table)) => work.rows(table, &mut layer.records)?,
        (None, None) => {
            let message = "neither shapes (.shp) nor a table (.dbf) are there; deliver all parts".to_owned();
            return Err(FormatError::Unsupported { place, message });
        }
    }
    dataset.faults.append(&mut work.faults);
    dataset.layers.push(layer);
    Ok(dataset)
}

struct Work<'a> {
    options: &'a ReadOptions,
    place: Place,
    budget: Budget,
    faults: Vec<FormatError>,
}

impl Work<'_> {
    fn shapes_and_rows(
        &mut self,
        mut shapes: Shapes<'_>,
        mut table: Option<Table<'_>>,
        records: &mut Vec<SourceRecord>,
    ) -> Result<(), FormatError> {
        let mut shape_count: u64 = 0;
        for number in 1.. {
            let item = Item::Feature(number);
            let geometry = match shapes.next(item, self.options) {
                Ok(Some(geometry)) => geometry,
                Ok(None) => break,
                Err(limit @ FormatError::Limit { .. }) => return Err(limit),
                // What comes after cannot be found any more.
                Err(fault) => {
                    self.faults.push(fault);
                    break;
                }
            };
            shape_count += 1;
            let row = match &mut table {
                Some(table) => table.next(self.options)?,
                None => None,
            };
            self.record(item, geometry, row, records)?;
        }
        if let Some(table) = &mut table {
            if table.rows() != shape_count {
                let rows = table.rows();
                let message = format!(
                    "there are {shape_count} shapes (.shp) and {rows} rows (.dbf); the parts do not belong together, \
                     deliver them as one program saved them"
                );
                self.faults.push(syntax(&self.place, message));
            }
            let mut number = usize::try_from(shape_count).unwrap_or(usize::MAX);
            while let Some(row) = table.next(self.options)? {
                number += 1;
                self.record(Item::Feature(number), Geometry::None, Some(row), records)?;
            }
        }
        Ok(())
    }

    fn rows(&mut self, mut table: Table<'_>, records: &mut Vec<SourceRecord>) -> Result<(), FormatError> {
        for number in 2.. {
            let Some(row) = table.next(self.options)? else { break };
            self.record(Item::Row(number), Geometry::None, Some(row), records)?;
        }
        Ok(())
    }

    fn record(
        &mut self,
        item: Item,
        geometry: Geometry,
        row: Option<Row>,
        records: &mut Vec<SourceRecord>,
    ) -> Result<(), FormatError> {
        let place = || Place { item, ..self.place.clone() };
        let mut cells = match row {
            Some(Row::Deleted) => return Ok(()),
            Some(Row::Cells(cells, undecoded)) => {
                if let Some(column) = undecoded {
                    let message = format!("the text in column {column:?} is not in the encoding of the others");
                    self.faults.push(syntax(&place(), message));
                }
                cells
            }
            None => Vec::new(),
        };
        shorten(&mut cells);
        let record = SourceRecord { item, line: None, geometry, cells };
        self.budget.record(place, &record)?;
        records.push(record);
        Ok(())
    }
}

/// The records of a .shp, one after the other.
struct Shapes<'a> {
    intake: Intake<'a>,
    place: Place,
    content: Vec<u8>,
    /// Bytes of the longest record that can be within the limit of positions.
    longest: u64,
}

impl<'a> Shapes<'a> {
    fn open(place: Place, bytes: Box<dyn Bytes + 'a>, options: &ReadOptions) -> Result<Self, FormatError> {
        let mut intake = Intake::open(place.clone(), bytes, &options.limits)?;
        let mut head = Vec::new();
        intake.take(HEAD_BYTES, &mut head)?;
        if !head.starts_with(&FILE_CODE) {
            return Err(syntax(&place, "this is no shapefile (.shp): it does not begin with the number 9994"));
        }
        // Position, Z, M and the beginning of a part of one position each; box, ranges and counts.
        let longest = options.limits.vertices as u64 * (16 + 8 + 8 + 4) + 100;
        Ok(Self { intake, place, content: Vec::new(), longest })
    }

    /// The next shape, `None` at the end of the file.
    fn next(&mut self, item: Item, options: &ReadOptions) -> Result<Option<Geometry>, FormatError> {
        if self.intake.left() == 0 {
            return Ok(None);
        }
        let place = Place { item, ..self.place.clone() };
        let cut_off = || syntax(&place, "the file ends in this shape; it was cut off on its way, deliver it again");
        self.intake.take(RECORD_HEAD_BYTES, &mut self.content).map_err(|_| cut_off())?;
        let words: [u8; 4] = *self.content.last_chunk().ok_or_else(cut_off)?;
        let bytes = u64::try_from(i32::from_be_bytes(words))
            .map_err(|_| syntax(&place, "the shape has a negative length"))?
            * 2;
        if bytes > self.intake.left() {
            return Err(cut_off());
        }
        if bytes > self.longest {
            return Err(too_many_vertices(&place, &options.limits));
        }
        self.intake.take(bytes, &mut self.content)?;
        Ok(Some(match shapes::parse(&self.content, options.limits.vertices) {
            Ok(None) => Geometry::None,
            Ok(Some(shape)) => {
                let source = options.keep_sources.then(|| data_uri(SOURCE_TYPE, &self.content));
                Geometry::Shape { shape, source }
            }
            Err(ShapeFault::Unreadable(why)) => Geometry::Unreadable { why },
            Err(ShapeFault::Vertices) => return Err(too_many_vertices(&place, &options.limits)),
        }))
    }
}
