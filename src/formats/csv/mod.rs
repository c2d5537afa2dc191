//! Tables as comma-separated values (RFC 4180) with one head row, UTF-8.

use std::sync::Arc;

use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use serde_json::{Map, Value};

use crate::formats::{FormatError, Item, Place, RECORD_LIMIT, RawRecord, Reading, check_size};

/// Reads a table. A byte order mark, LF and CRLF are accepted; every row must have as many cells as the head row.
///
/// Errors: no head row, a column without a name or named twice, or a limit passed. A row that cannot be read becomes a
/// fault of the reading, and the others are read all the same.
pub fn read(file: &str, bytes: &[u8]) -> Result<Reading, FormatError> {
    let bytes = check_size(file, bytes)?;
    let name: Arc<str> = Arc::from(file);
    let place = |row: usize, line: Option<u64>| Place { file: name.clone(), item: Item::Row(row), line, column: None };
    let mut reader = ReaderBuilder::new().has_headers(true).flexible(false).from_reader(bytes);

    let head = reader.byte_headers().map_err(|err| syntax(place(1, None), &err))?.clone();
    let columns = texts(&head).map_err(|_| FormatError::NotUtf8 { place: place(1, Some(1)) })?;
    check_head(&columns, place(1, Some(1)))?;

    let mut reading = Reading { columns, ..Reading::default() };
    let mut record = ByteRecord::new();
    let mut lines = Lines { bytes, line: 1, offset: 0 };
    for row in 2.. {
        let read = reader.read_byte_record(&mut record);
        let at = place(row, record.position().map(|position| lines.at(position.byte())));
        match read {
            Ok(false) => break,
            Ok(true) if row > RECORD_LIMIT => {
                let message = format!("the table has more than the {RECORD_LIMIT} rows allowed");
                return Err(FormatError::Syntax { place: at, message });
            }
            Ok(true) => match texts(&record) {
                Ok(cells) => reading.records.push(raw_record(at, &reading.columns, cells)),
                Err(column) => {
                    let place = Place { column: None, ..at };
                    let fault = match reading.columns.get(column) {
                        Some(name) => FormatError::Syntax {
                            place,
                            message: format!("the cell in column {name:?} is not UTF-8; save the file as UTF-8"),
                        },
                        None => FormatError::NotUtf8 { place },
                    };
                    reading.faults.push(fault);
                }
            },
            Err(err) => reading.faults.push(syntax(at, &err)),
        }
    }
    Ok(reading)
}

/// Lines of rising offsets. The reader's own count is one behind in files with CRLF.
struct Lines<'a> {
    bytes: &'a [u8],
    line: u64,
    offset: usize,
}

impl Lines<'_> {
    /// Line, from 1, of the record that begins at the offset or after the line breaks there.
    fn at(&mut self, offset: u64) -> u64 {
        let mut offset = usize::try_from(offset).map_or(self.bytes.len(), |offset| offset.min(self.bytes.len()));
        offset += self.bytes[offset..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        if offset > self.offset {
            self.line += self.bytes[self.offset..offset].iter().filter(|b| **b == b'\n').count() as u64;
            self.offset = offset;
        }
        self.line
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
fn texts(record: &ByteRecord) -> Result<Vec<String>, usize> {
    record.iter().enumerate().map(|(at, cell)| String::from_utf8(cell.to_vec()).map_err(|_| at)).collect()
}

fn raw_record(place: Place, columns: &[String], cells: Vec<String>) -> RawRecord {
    let cell = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
    let properties: Map<String, Value> = columns.iter().cloned().zip(cells.into_iter().map(cell)).collect();
    RawRecord { place, source_geometry: None, geometry: None, properties }
}

fn syntax(place: Place, err: &csv::Error) -> FormatError {
    let message = match err.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} cells, the head row has {expected_len}")
        }
        _ => err.to_string(),
    };
    FormatError::Syntax { place, message }
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
