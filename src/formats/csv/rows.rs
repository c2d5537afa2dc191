//! Bytes to rows of cells (RFC 4180), with bounds on what a row may ask for.

use std::io::{self, BufRead};

/// Bounds of one row.
#[derive(Debug, Clone, Copy)]
pub struct RowLimits {
    /// Cells.
    pub cells: usize,
    /// Bytes of one cell.
    pub cell_bytes: usize,
    /// Bytes of the whole row.
    pub row_bytes: usize,
}

/// Why rows end before the file does.
#[derive(Debug)]
pub enum RowsError {
    /// The bytes cannot be had.
    Io(io::Error),
    /// A bound is passed: what, and the bound.
    Limit(&'static str, usize),
}

/// One row: the bytes of its cells without quotation marks.
#[derive(Debug, Default)]
pub struct RawRow {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// As a spreadsheet counts, from 1; blank lines count.
    pub number: usize,
    /// Line it begins on, from 1.
    pub line: u64,
    /// Whether the file ends within a quoted cell.
    pub open: bool,
}

impl RawRow {
    /// Its cells.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let start = |at: usize| if at == 0 { 0 } else { self.ends[at - 1] };
        (0..self.ends.len()).map(move |at| &self.bytes[start(at)..self.ends[at]])
    }
}

/// Splits bytes into rows. The encoding must be one whose separators and quotation marks are never part of another
/// character, which holds for UTF-8 and GB18030.
///
/// Rows end with LF, CRLF or CR. A quotation mark opens a quoted cell only at its beginning, and what follows a closing one
/// is taken as it is.
pub struct Rows<R> {
    reader: R,
    separator: u8,
    limits: RowLimits,
    number: usize,
    line: u64,
    /// A CR ended the last row: an LF that follows belongs to it.
    after_cr: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    CellStart,
    Bare,
    Quoted,
    /// A quotation mark within a quoted cell: the end of it, or half of a doubled one.
    Quote,
}

impl<R: BufRead> Rows<R> {
    /// Rows of the reader from where it stands.
    pub fn new(reader: R, separator: u8, limits: RowLimits) -> Self {
        Self { reader, separator, limits, number: 0, line: 1, after_cr: false }
    }

    /// Reads the next row, `false` after the last. Blank lines are left out but counted.
    pub fn next_into(&mut self, row: &mut RawRow) -> Result<bool, RowsError> {
        loop {
            row.bytes.clear();
            row.ends.clear();
            row.open = false;
            row.line = self.line;
            row.number = self.number + 1;
            let ended = self.fill(row)?;
            let blank = row.ends.is_empty() || (row.ends.len() == 1 && row.bytes.is_empty() && !row.open);
            if !ended && blank {
                return Ok(false);
            }
            self.number += 1;
            if !blank {
                return Ok(true);
            }
        }
    }

    /// Reads one row; whether a line break ended it.
    fn fill(&mut self, row: &mut RawRow) -> Result<bool, RowsError> {
        let mut state = State::CellStart;
        let mut any = false;
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
                Err(err) => return Err(RowsError::Io(err)),
            };
            if buffer.is_empty() {
                row.open = state == State::Quoted;
                if any {
                    row.ends.push(row.bytes.len());
                }
                return Ok(false);
            }
            let mut used = 0;
            while used < buffer.len() {
                let byte = buffer[used];
                if self.after_cr {
                    self.after_cr = false;
                    if byte == b'\n' {
                        used += 1;
                        continue;
                    }
                }
                used += 1;
                any = true;
                match (state, byte) {
                    (State::Quoted, b'"') => state = State::Quote,
                    (State::Quoted, _) => {
                        self.line += u64::from(byte == b'\n');
                        // All up to the next quotation mark or line break at once.
                        row.bytes.push(byte);
                        let rest = &buffer[used..];
                        let plain = rest.iter().position(|b| matches!(b, b'"' | b'\n')).unwrap_or(rest.len());
                        row.bytes.extend_from_slice(&rest[..plain]);
                        used += plain;
                    }
                    (State::CellStart, b'"') => state = State::Quoted,
                    (State::Quote, b'"') => {
                        row.bytes.push(byte);
                        state = State::Quoted;
                    }
                    (_, b'\n' | b'\r') => {
                        self.line += 1;
                        self.after_cr = byte == b'\r';
                        row.ends.push(row.bytes.len());
                        self.reader.consume(used);
                        return check(row, self.limits).map(|()| true);
                    }
                    (_, byte) if byte == self.separator => {
                        row.ends.push(row.bytes.len());
                        state = State::CellStart;
                        if row.ends.len() >= self.limits.cells {
                            return Err(RowsError::Limit("the number of columns", self.limits.cells));
                        }
                    }
                    (_, byte) => {
                        state = State::Bare;
                        let separator = self.separator;
                        row.bytes.push(byte);
                        let rest = &buffer[used..];
                        let ends = |b: &u8| *b == separator || matches!(b, b'\r' | b'\n');
                        let plain = rest.iter().position(ends).unwrap_or(rest.len());
                        row.bytes.extend_from_slice(&rest[..plain]);
                        used += plain;
                    }
                }
            }
            self.reader.consume(used);
            check(row, self.limits)?;
        }
    }
}

fn check(row: &RawRow, limits: RowLimits) -> Result<(), RowsError> {
    let last = row.bytes.len() - row.ends.last().copied().unwrap_or(0);
    if last > limits.cell_bytes || row.cells().any(|cell| cell.len() > limits.cell_bytes) {
        return Err(RowsError::Limit("the text of a cell", limits.cell_bytes));
    }
    if row.bytes.len() > limits.row_bytes {
        return Err(RowsError::Limit("the text of a row", limits.row_bytes));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    const LIMITS: RowLimits = RowLimits { cells: 8, cell_bytes: 100, row_bytes: 200 };

    fn rows(bytes: &[u8], capacity: usize) -> Vec<(usize, u64, Vec<String>)> {
        let mut rows = Rows::new(BufReader::with_capacity(capacity, bytes), b',', LIMITS);
        let (mut row, mut found) = (RawRow::default(), Vec::new());
        while rows.next_into(&mut row).unwrap() {
            let cells = row.cells().map(|cell| String::from_utf8(cell.to_vec()).unwrap()).collect();
            found.push((row.number, row.line, cells));
        }
        found
    }

    #[test]
    fn rows_and_lines_are_counted_over_blank_lines_and_breaks_within_cells() {
        let text = b"a,b\r\n\r\n\"1\n2\",\"say \"\"x\"\"\"\r\n,\n3";
        for capacity in 1..20 {
            let found = rows(text, capacity);
            assert_eq!(found[0], (1, 1, vec!["a".into(), "b".into()]));
            assert_eq!(found[1], (3, 3, vec!["1\n2".into(), "say \"x\"".into()]));
            assert_eq!(found[2], (4, 5, vec![String::new(), String::new()]));
            assert_eq!(found[3], (5, 6, vec!["3".into()]));
            assert_eq!(found.len(), 4);
        }
    }

    #[test]
    fn a_quotation_mark_within_a_cell_is_a_character() {
        assert_eq!(rows(b"5\" pipe,\"a\"b,\"\"\n", 64)[0].2, ["5\" pipe", "ab", ""]);
        assert_eq!(rows(b"a\rb\r\rc", 64).iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 4]);
        let mut open = Rows::new(&b"\"never closed\n1,2"[..], b',', LIMITS);
        let mut row = RawRow::default();
        assert!(open.next_into(&mut row).unwrap() && row.open);
        assert!(!open.next_into(&mut row).unwrap());
    }

    #[test]
    fn cells_and_columns_are_bounded_while_reading() {
        let refused = |text: Vec<u8>| {
            let mut rows = Rows::new(BufReader::with_capacity(16, &text[..]), b',', LIMITS);
            matches!(rows.next_into(&mut RawRow::default()), Err(RowsError::Limit(..)))
        };
        assert!(refused(vec![b','; 100_000]));
        assert!(refused(vec![b'a'; 100_000]));
        assert!(refused([b"\"".to_vec(), vec![b'\n'; 100_000]].concat()));
        assert!(!refused(vec![b'a'; 100]));
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_csv_crate(text in "[ab,\"\n\r]{0,40}", capacity in 1usize..50) {
            let mut theirs = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> =
                theirs.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            let limits = RowLimits { cells: 100, ..LIMITS };
            let mut rows = Rows::new(BufReader::with_capacity(capacity, text.as_bytes()), b',', limits);
            let (mut row, mut ours) = (RawRow::default(), Vec::new());
            while rows.next_into(&mut row).unwrap() {
                ours.push(row.cells().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect::<Vec<_>>());
            }
            // A line of two quotation marks and nothing else is a blank line here.
            let told = |rows: Vec<Vec<String>>| rows.into_iter().filter(|row| row != &[""]).collect::<Vec<_>>();
            prop_assert_eq!(told(ours), told(theirs));
        }
    }
}
