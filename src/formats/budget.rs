//! What a delivery may take up while it is read.

use crate::formats::{Cell, FormatError, Geometry, Limits, Place, SourceRecord};

/// Room that a cell takes besides its text.
const CELL_BYTES: u64 = size_of::<Cell>() as u64;

/// Room that a position takes.
const COORD_BYTES: u64 = 16;

/// Counts records and the room they take. A file's own numbers are never believed: what was read is what counts.
///
/// The room is bounded by [`Limits::unpacked_bytes`]: a hundred bytes of separators can ask for a hundred cells, and a
/// workbook may name one long text a million times.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    records: usize,
    bytes: u64,
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Self { limits, records: 0, bytes: 0 }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counts a fault, or something left out, as if it were a record: it takes as much room.
    pub fn remark(&mut self, place: &Place) -> Result<(), FormatError> {
        self.records += 1;
        if self.records > self.limits.records {
            let limit = self.limits.records as u64;
            return Err(FormatError::Limit { place: place.clone(), what: "the number of records and faults", limit });
        }
        Ok(())
    }

    /// Takes a record in. Errors: [`FormatError::Limit`] names the record.
    pub fn record(&mut self, place: impl Fn() -> Place, record: &SourceRecord) -> Result<(), FormatError> {
        let refuse = |what, limit| Err(FormatError::Limit { place: place(), what, limit });
        self.records += 1;
        if self.records > self.limits.records {
            return refuse("the number of records", self.limits.records as u64);
        }
        if record.cells.len() > self.limits.columns {
            return refuse("the number of columns", self.limits.columns as u64);
        }
        let mut bytes = size_of::<SourceRecord>() as u64 + record.cells.len() as u64 * CELL_BYTES;
        for cell in &record.cells {
            if let Cell::Text(text) = cell {
                if text.len() > self.limits.cell_bytes {
                    return refuse("the text of a cell", self.limits.cell_bytes as u64);
                }
                bytes += text.len() as u64;
            }
        }
        if let Geometry::Shape { shape, source } = &record.geometry {
            let vertices = shape.coords().count();
            if vertices > self.limits.vertices {
                return refuse("the number of positions in a geometry", self.limits.vertices as u64);
            }
            bytes += vertices as u64 * COORD_BYTES + source.as_ref().map_or(0, |source| source.len() as u64);
        }
        self.bytes += bytes;
        if self.bytes > self.limits.unpacked_bytes {
            return refuse("the room that all records take", self.limits.unpacked_bytes);
        }
        Ok(())
    }
}

/// Longest text of a geometry in bytes: the longest number is 25 digits, and a position may have three.
pub(crate) fn geometry_text_limit(limits: &Limits) -> usize {
    limits.vertices.saturating_mul(80).max(limits.cell_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Item;

    fn record(cells: Vec<Cell>) -> SourceRecord {
        SourceRecord { item: Item::Row(2), line: None, geometry: Geometry::None, cells }
    }

    #[test]
    fn records_columns_texts_and_room_are_bounded() {
        let limits = Limits { records: 3, columns: 2, cell_bytes: 4, unpacked_bytes: 400, ..Limits::UPLOAD };
        let place = || Place::file("a.csv");
        let mut budget = Budget::new(limits);
        assert!(budget.record(place, &record(vec![Cell::Text("四".into())])).is_ok());
        let long = budget.record(place, &record(vec![Cell::Text("五五".into())])).unwrap_err().to_string();
        assert_eq!(long, "a.csv: the text of a cell exceeds the limit of 4");
        let wide = budget.record(place, &record(vec![Cell::Empty; 3])).unwrap_err().to_string();
        assert_eq!(wide, "a.csv: the number of columns exceeds the limit of 2");
        let many = budget.record(place, &record(Vec::new())).unwrap_err().to_string();
        assert_eq!(many, "a.csv: the number of records exceeds the limit of 3");

        let mut budget = Budget::new(limits);
        let full = (0..3).map(|_| budget.record(place, &record(vec![Cell::Empty; 2]))).find_map(Result::err);
        assert!(full.is_some_and(|err| err.to_string().contains("the room that all records take")));
    }
}
