//! Tables as separated values (RFC 4180): strictly, as exchange files are, and as offices deliver them.

mod delivery;
mod export;
pub mod rows;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::formats::csv::rows::{RawRow, RowLimits, Rows, RowsError};
use crate::formats::{FormatError, Item, Place, RECORD_LIMIT, RawRecord, Reading, check_size};

pub(crate) use delivery::read_delivery;
pub(crate) use export::geometry_column;
pub use export::{guarded, write, write_table};

/// Bounds of a row of an exchange file.
const LIMITS: RowLimits = RowLimits { cells: 4096, cell_bytes: 16 << 20, row_bytes: 64 << 20 };

/// Reads an exchange file: UTF-8, commas, one head row. A byte order mark, LF and CRLF are accepted; every row must have as
/// many cells as the head row.
///
/// Errors: no head row, a column without a name or named twice, or a limit passed. A row that cannot be read becomes a
/// fault of the reading, and the others are read all the same.
pub fn read(file: &str, bytes: &[u8]) -> Result<Reading, FormatError> {
    let bytes = check_size(file, bytes)?;
    let name: Arc<str> = Arc::from(file);
    let place =
        |row: &RawRow| Place { file: name.clone(), item: Item::Row(row.number), line: Some(row.line), column: None };
    let mut rows = Rows::new(bytes, b',', LIMITS);
    let mut row = RawRow::default();

    rows.next_into(&mut row).map_err(|err| refused(place(&row), err))?;
    let columns = texts(&row).map_err(|_| FormatError::NotUtf8 { place: place(&row) })?;
    check_head(&columns, place(&row))?;

    let mut reading = Reading { columns, ..Reading::default() };
    while rows.next_into(&mut row).map_err(|err| refused(place(&row), err))? {
        let at = place(&row);
        if reading.records.len() + reading.faults.len() >= RECORD_LIMIT {
            let message = format!("the table has more than the {RECORD_LIMIT} rows allowed");
            return Err(FormatError::Syntax { place: at, message });
        }
        match record(at, &reading.columns, &row) {
            Ok(record) => reading.records.push(record),
            Err(fault) => reading.faults.push(fault),
        }
    }
    Ok(reading)
}

fn record(place: Place, columns: &[String], row: &RawRow) -> Result<RawRecord, FormatError> {
    let (cells, expected) = (row.cells().len(), columns.len());
    if row.open {
        return Err(FormatError::Syntax { place, message: OPEN.to_owned() });
    }
    if cells != expected {
        let message = format!("the row has {cells} cells, the head row has {expected}");
        return Err(FormatError::Syntax { place, message });
    }
    let cells = texts(row).map_err(|column| FormatError::Syntax {
        place: place.clone(),
        message: format!("the cell in column {:?} is not UTF-8; save the file as UTF-8", columns[column]),
    })?;
    let cell = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
    let properties: Map<String, Value> = columns.iter().cloned().zip(cells.into_iter().map(cell)).collect();
    Ok(RawRecord { place, source_geometry: None, geometry: None, properties })
}

/// What is wrong with the last row of a file that ends within a quoted cell.
const OPEN: &str = "a quotation mark is not closed before the file ends";

fn refused(place: Place, err: RowsError) -> FormatError {
    match err {
        RowsError::Io(err) => FormatError::Syntax { place, message: format!("the file cannot be read: {err}") },
        RowsError::Limit(what, limit) => FormatError::Limit { place, what, limit: limit as u64 },
    }
}

fn check_head(columns: &[String], place: Place) -> Result<(), FormatError> {
    let message = if columns.is_empty() || columns.iter().all(String::is_empty) {
        "there is no head row".to_owned()
    } else if let Some(number) = columns.iter().position(String::is_empty) {
        format!("column {} has no name", number + 1)
    } else if let Some((_, twice)) = columns.iter().enumerate().find(|(at, name)| columns[..*at].contains(name)) {
        format!("two columns are named {twice:?}")
    } else {
        return Ok(());
    };
    Err(FormatError::Syntax { place, message })
}

/// The cells as texts; the error is the position of the first that is not UTF-8.
fn texts(row: &RawRow) -> Result<Vec<String>, usize> {
    row.cells().enumerate().map(|(at, cell)| String::from_utf8(cell.to_vec()).map_err(|_| at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_texts_and_empty_cells_are_null() {
        let reading = read("managers.csv", "\u{feff}uscc,name\r\n1,\"甲,乙\"\r\n2,\r\n".as_bytes()).unwrap();
        assert_eq!(reading.columns, ["uscc", "name"]);
        assert_eq!(reading.records[0].properties["name"], "甲,乙");
        assert_eq!(reading.records[1].properties["name"], Value::Null);
        assert_eq!(reading.records[1].place.to_string(), "managers.csv, row 3 (line 3)");
        assert!(reading.faults.is_empty());
    }

    #[test]
    fn bad_rows_are_named_and_do_not_hide_the_others() {
        let mut bytes = b"code,name\n1,a\n2\n3,".to_vec();
        bytes.extend([0xB3, 0xAF, b'\n']);
        bytes.extend(b"4,d\n");
        let reading = read("t.csv", &bytes).unwrap();
        assert_eq!(reading.records.len(), 2);
        let faults: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            [
                "t.csv, row 3 (line 3): the row has 1 cells, the head row has 2",
                "t.csv, row 4 (line 4): the cell in column \"name\" is not UTF-8; save the file as UTF-8",
            ]
        );
    }

    #[test]
    fn a_head_row_with_a_name_twice_or_none_is_refused() {
        assert!(read("t.csv", b"a,a\n1,2\n").unwrap_err().to_string().contains("two columns are named \"a\""));
        assert!(read("t.csv", b"a,\n1,2\n").unwrap_err().to_string().contains("column 2 has no name"));
        assert!(read("t.csv", b"").unwrap_err().to_string().contains("no head row"));
    }
}
