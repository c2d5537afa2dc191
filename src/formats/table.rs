//! Rows of cells to a layer: what tables of every format have in common.

use std::sync::Arc;

use geo::Coord;

use crate::formats::budget::Budget;
use crate::formats::layout::{self, Layout, Spatial, half_width, is_blank};
use crate::formats::{
    Cell, Dataset, FileFormat, FormatError, Geometry, Item, Layer, Place, ReadOptions, Skipped, SkippedKind,
    SourceRecord, geojson, wkt,
};
use crate::geom::RawShape;

/// Rows that are looked at to find out how a table is laid out.
const WINDOW: usize = 30;

/// Characters of a left-out row that are remembered.
const TEXT_MAX: usize = 200;

/// What a cell of a totals row says.
const TOTALS: [&str; 6] = ["合计", "总计", "小计", "共计", "总合计", "total"];

/// How a remark under a table begins.
const NOTES: [&str; 9] = ["注:", "注：", "备注", "说明", "填表", "制表", "审核", "填报", "联系人"];

/// A row as a reader found it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// As a spreadsheet counts, from 1.
    pub number: usize,
    /// Line, where the format has lines.
    pub line: Option<u64>,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// Columns whose value belongs to a merged cell that begins further left.
    pub spread: Vec<usize>,
    /// Columns whose value belongs to a merged cell that begins further up.
    pub hung: Vec<usize>,
}

impl Row {
    pub fn text(&self, column: usize) -> Option<&str> {
        match self.cells.get(column) {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub fn is_blank_at(&self, column: usize) -> bool {
        self.cells.get(column).is_none_or(is_blank)
    }

    pub fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !is_blank(cell)).count()
    }

    /// Its texts, for a message.
    fn summary(&self) -> String {
        let mut texts: Vec<&str> = (0..self.cells.len()).filter_map(|at| self.text(at)).map(str::trim).collect();
        texts.retain(|text| !text.is_empty());
        texts.dedup();
        texts.join(" ").chars().take(TEXT_MAX).collect()
    }
}

/// What to do with a value to the right of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// The row is a fault: a separator within a value has shifted the others.
    Fault,
    /// It gets a column of its own.
    Column,
}

/// Takes rows in and makes a layer of them.
pub(crate) struct Table<'a> {
    options: &'a ReadOptions,
    budget: &'a mut Budget,
    beyond: Beyond,
    window: Vec<Row>,
    layout: Option<Layout>,
    heads: Vec<Vec<Cell>>,
    crs: Option<u32>,
    layer: Layer,
    faults: Vec<FormatError>,
    skipped: Vec<Skipped>,
    body_rows: usize,
}

impl<'a> Table<'a> {
    pub fn new(
        (file, name): (Arc<str>, String),
        (format, beyond): (FileFormat, Beyond),
        options: &'a ReadOptions,
        budget: &'a mut Budget,
    ) -> Self {
        let layer = Layer { file, name, format, encoding: None, crs: None, columns: Vec::new(), records: Vec::new() };
        Self {
            options,
            budget,
            beyond,
            window: Vec::new(),
            layout: None,
            heads: Vec::new(),
            crs: None,
            layer,
            faults: Vec::new(),
            skipped: Vec::new(),
            body_rows: 0,
        }
    }

    /// Takes a fault in that its reader found. Errors: a limit is passed.
    pub fn fault(&mut self, fault: FormatError) -> Result<(), FormatError> {
        self.budget.remark(fault.place())?;
        self.faults.push(fault);
        Ok(())
    }

    /// Takes the next row in. Errors: there is no head, or a limit is passed.
    pub fn push(&mut self, row: Row) -> Result<(), FormatError> {
        if row.filled() == 0 {
            return Ok(());
        }
        if self.layout.is_some() {
            return self.body(row);
        }
        self.window.push(row);
        if self.window.len() == WINDOW { self.settle() } else { Ok(()) }
    }

    /// The layer and what was found. Errors: as [`Table::push`].
    pub fn finish(mut self, encoding: Option<&'static str>) -> Result<Dataset, FormatError> {
        if self.layout.is_none() && !self.window.is_empty() {
            self.settle()?;
        }
        self.layer.columns = self.layout.take().map(|layout| layout.names).unwrap_or_default();
        self.layer.encoding = encoding;
        self.layer.crs = self.crs.map(|code| format!("EPSG:{code}"));
        Ok(Dataset { layers: vec![self.layer], faults: self.faults, skipped: self.skipped })
    }

    fn settle(&mut self) -> Result<(), FormatError> {
        let rows = std::mem::take(&mut self.window);
        let Some(layout) = layout::find(&rows, self.beyond) else {
            let place = self.place(&rows[0]);
            return Err(FormatError::Syntax {
                place,
                message: "there is no head row that names the columns".to_owned(),
            });
        };
        let columns = self.budget.limits().columns;
        if layout.names.len() > columns {
            let (place, limit) = (self.place(&rows[layout.titles]), columns as u64);
            return Err(FormatError::Limit { place, what: "the number of columns", limit });
        }
        let (titles, heads) = (layout.titles, layout.heads);
        self.layout = Some(layout);
        for (at, row) in rows.into_iter().enumerate() {
            if at < titles {
                self.skip(&row, SkippedKind::Title);
            } else if at < titles + heads {
                self.heads.push(row.cells);
            } else {
                self.body(row)?;
            }
        }
        Ok(())
    }

    fn place(&self, row: &Row) -> Place {
        Place { file: self.layer.file.clone(), item: Item::Row(row.number), line: row.line, column: None }
    }

    fn skip(&mut self, row: &Row, kind: SkippedKind) {
        self.skipped.push(Skipped { place: self.place(row), kind, text: row.summary() });
    }

    fn body(&mut self, mut row: Row) -> Result<(), FormatError> {
        self.body_rows += 1;
        if let Some(kind) = self.no_record(&row) {
            self.budget.remark(&self.place(&row))?;
            self.skip(&row, kind);
            return Ok(());
        }
        for column in std::mem::take(&mut row.spread) {
            row.cells[column] = Cell::Empty;
        }
        let place = self.place(&row);
        let geometry = self.geometry(&row);
        let (layout, heads) = (self.layout.get_or_insert_default(), &self.heads);
        let mut cells = vec![Cell::Empty; layout.names.len()];
        for (column, cell) in row.cells.into_iter().enumerate() {
            let beyond = column >= layout.columns.len();
            if beyond || (layout.columns[column].is_none() && is_unnamed(layout, column, heads)) {
                if is_blank(&cell) {
                    continue;
                }
                if beyond && self.beyond == Beyond::Fault {
                    let message = format!(
                        "the row has a value in column {}, the head has {} columns",
                        column + 1,
                        layout.columns.len()
                    );
                    return self.fault(FormatError::Syntax { place, message });
                }
                layout.columns.resize((column + 1).max(layout.columns.len()), None);
                layout.columns[column] = Some(layout.names.len());
                layout.add_name("", column);
            }
            if let Some(at) = layout.columns[column] {
                cells.resize(cells.len().max(at + 1), Cell::Empty);
                cells[at] = cell;
            }
        }
        while cells.last() == Some(&Cell::Empty) {
            cells.pop();
        }
        let record = SourceRecord { item: Item::Row(row.number), line: row.line, geometry, cells };
        self.budget.record(|| place.clone(), &record)?;
        self.layer.records.push(record);
        Ok(())
    }

    /// What a row is that is no record.
    fn no_record(&self, row: &Row) -> Option<SkippedKind> {
        if self.heads.contains(&row.cells) || (self.body_rows == 1 && counts_columns(row)) {
            return Some(SkippedKind::Head);
        }
        let first = row.cells.iter().find(|cell| !is_blank(cell))?;
        let Cell::Text(first) = first else { return None };
        let said: String = first.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let said = said.trim_end_matches([':', '：']);
        if TOTALS.contains(&said) || ["合计", "小计", "总计"].iter().any(|total| said.ends_with(total)) {
            return Some(SkippedKind::Total);
        }
        let mut texts: Vec<&Cell> = row.cells.iter().filter(|cell| !is_blank(cell)).collect();
        texts.dedup();
        let lonely = texts.len() <= 2 && self.heads.iter().any(|head| head.len() > 3);
        (lonely && NOTES.iter().any(|note| said.starts_with(note))).then_some(SkippedKind::Note)
    }

    fn geometry(&mut self, row: &Row) -> Geometry {
        let sources = self.options.keep_sources;
        match self.layout.as_ref().map(|layout| layout.spatial) {
            Some(Spatial::Text(column)) => match row.cells.get(column) {
                Some(Cell::Text(text)) if !text.trim().is_empty() => self.text_geometry(text, sources),
                None | Some(Cell::Empty | Cell::Text(_)) => Geometry::None,
                Some(_) => Geometry::Unreadable { why: "the cell of the geometry is no text".to_owned() },
            },
            Some(Spatial::Pair(x, y)) => match (number(row.cells.get(x)), number(row.cells.get(y))) {
                (Ok(Some(x)), Ok(Some(y))) => Geometry::Shape {
                    shape: RawShape::Points(vec![Coord { x, y }]),
                    source: sources.then(|| format!("POINT ({x} {y})").into()),
                },
                (Ok(None), Ok(None)) => Geometry::None,
                (Ok(_), Ok(_)) => Geometry::Unreadable { why: "one of the two coordinates is missing".to_owned() },
                (Err(why), _) | (_, Err(why)) => Geometry::Unreadable { why },
            },
            _ => Geometry::None,
        }
    }

    fn text_geometry(&mut self, text: &str, sources: bool) -> Geometry {
        let source = || sources.then(|| text.into());
        if text.trim_start().starts_with('{') {
            return geojson::raw_geometry(text.trim(), source());
        }
        let (code, body) = wkt::split_srid(text);
        if let Some(code) = code
            && *self.crs.get_or_insert(code) != code
        {
            return Geometry::Unreadable { why: format!("SRID {code} is another one than that of the rows above") };
        }
        match wkt::read(body) {
            Ok(Some(shape)) => Geometry::Shape { shape, source: source() },
            Ok(None) => Geometry::None,
            Err(why) => Geometry::Unreadable { why },
        }
    }
}

/// Whether a column that is not kept is so because nothing names it, and not because it counts rows or is the geometry.
fn is_unnamed(layout: &Layout, column: usize, heads: &[Vec<Cell>]) -> bool {
    layout.spatial != Spatial::Text(column) && heads.iter().all(|head| head.get(column).is_none_or(is_blank))
}

/// Whether a row under the head only numbers the columns: 1, 2, 3.
fn counts_columns(row: &Row) -> bool {
    let numbers = row.cells.iter().filter(|cell| !is_blank(cell)).map(|cell| number(Some(cell)).ok().flatten());
    row.filled() > 2 && numbers.enumerate().all(|(at, number)| number == Some((at + 1) as f64))
}

/// A coordinate: a number or its text, also in full-width digits.
fn number(cell: Option<&Cell>) -> Result<Option<f64>, String> {
    let number = match cell {
        None | Some(Cell::Empty) => return Ok(None),
        Some(Cell::Number(number)) => *number,
        Some(Cell::Integer(number)) => *number as f64,
        Some(Cell::Text(text)) => {
            let plain: String = text.chars().filter_map(half_width).collect();
            match plain.trim().trim_end_matches(['°', '度']) {
                "" => return Ok(None),
                plain => plain.parse::<f64>().map_err(|_| format!("the coordinate {text:?} is not a number"))?,
            }
        }
        Some(_) => return Err("a coordinate is not a number".to_owned()),
    };
    if number.is_finite() { Ok(Some(number)) } else { Err("a coordinate is too large".to_owned()) }
}
