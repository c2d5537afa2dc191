//! A delivered table of separated values: encoding and separator found out, titles and totals left out.

use std::io::{BufReader, Read};
use std::sync::Arc;

use encoding_rs::UTF_8;

use crate::formats::budget::{Budget, geometry_text_limit};
use crate::formats::csv::rows::{RawRow, RowLimits, Rows};
use crate::formats::csv::{OPEN, export, refused};
use crate::formats::encoding::{self, Encoding};
use crate::formats::table::{Beyond, Row, Table};
use crate::formats::text::{Transcoder, find_encoding, read_full, unreadable};
use crate::formats::{Cell, Dataset, FileFormat, FormatError, InputFile, Item, Place, ReadOptions};

/// Separators, the most usual first.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Bytes that are looked at to find the separator.
const SNIFF_BYTES: usize = 64 << 10;

/// Rows that are looked at.
const SNIFF_ROWS: usize = 20;

/// Bytes read at a time.
const BUFFER: usize = 64 << 10;

/// Reads a table. Every value is a text as it stands, but the apostrophe that guards formulas is taken off.
///
/// Errors: there is no head row, or a limit is passed. A row with a text that is not valid in the encoding, or with values
/// beyond the head, is a fault.
pub(crate) fn read_delivery(
    mut file: InputFile<'_>,
    options: &ReadOptions,
    budget: &mut Budget,
) -> Result<Dataset, FormatError> {
    let detected = find_encoding(&file.name, &mut *file.bytes, options)?;
    // The bytes of UTF-16 cannot be split; those of all others can, and a bad byte is then known by its row.
    let wide = encoding::is_utf16(detected.encoding);
    let cells = if wide { UTF_8 } else { detected.encoding };
    let source = Transcoder::new(&mut *file.bytes, if wide { detected.encoding } else { UTF_8 });
    let mut reader = BufReader::with_capacity(BUFFER, source);

    let mut start = vec![0; SNIFF_BYTES];
    let length = read_full(&mut reader, &mut start).map_err(|err| unreadable(&file.name, &err))?;
    start.truncate(length);
    let separator = named_separator(&start).unwrap_or_else(|| find_separator(&start));

    let name: Arc<str> = Arc::from(file.name.as_str());
    let stem = name.rsplit_once('.').map_or(name.as_ref(), |(stem, _)| stem).to_owned();
    let limits = *budget.limits();
    let cell_bytes = geometry_text_limit(&limits);
    let row_limits = RowLimits { cells: limits.columns, cell_bytes, row_bytes: cell_bytes.saturating_mul(2) };
    let mut rows = Rows::new(BufReader::with_capacity(BUFFER, start.as_slice().chain(reader)), separator, row_limits);
    let mut table = Table::new((name.clone(), stem), (FileFormat::Csv, Beyond::Fault), options, budget);
    let mut raw = RawRow::default();
    loop {
        let place = |raw: &RawRow| Place {
            file: name.clone(),
            item: Item::Row(raw.number),
            line: Some(raw.line),
            column: None,
        };
        if !rows.next_into(&mut raw).map_err(|err| refused(place(&raw), err))? {
            break;
        }
        if raw.number == 1 && named_separator(&start).is_some() {
            continue;
        }
        match row(&raw, cells, wide) {
            Ok(row) => table.push(row)?,
            Err(message) => table.fault(FormatError::Syntax { place: place(&raw), message })?,
        }
    }
    table.finish(Some(detected.encoding.name()))
}

/// The row's texts; the error says which cell has none.
fn row(raw: &RawRow, encoding: &'static Encoding, transcoded: bool) -> Result<Row, String> {
    if raw.open {
        return Err(OPEN.to_owned());
    }
    let mut cells = Vec::with_capacity(raw.cells().len());
    for (at, bytes) in raw.cells().enumerate() {
        let text = encoding::decode(bytes, encoding).filter(|text| !transcoded || !text.contains('\u{fffd}'));
        let Some(text) = text else {
            return Err(format!(
                "the cell in column {} is not valid {}; save the file as UTF-8",
                at + 1,
                encoding.name()
            ));
        };
        cells.push(if text.is_empty() { Cell::Empty } else { Cell::Text(export::unguarded(&text).into()) });
    }
    Ok(Row { number: raw.number, line: Some(raw.line), cells, ..Row::default() })
}

/// The separator of a first line `sep=;`, which a spreadsheet program writes and obeys.
fn named_separator(start: &[u8]) -> Option<u8> {
    let line = start.split(|b| matches!(b, b'\r' | b'\n')).next()?;
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] => Some(*separator).filter(u8::is_ascii),
        _ => None,
    }
}

/// The separator by which most rows have the same number of cells, and more than one.
fn find_separator(start: &[u8]) -> u8 {
    let score = |separator: u8| {
        let limits = RowLimits { cells: SNIFF_BYTES, cell_bytes: SNIFF_BYTES, row_bytes: SNIFF_BYTES };
        let mut rows = Rows::new(start, separator, limits);
        let (mut raw, mut counts) = (RawRow::default(), Vec::new());
        while counts.len() < SNIFF_ROWS && rows.next_into(&mut raw).unwrap_or(false) {
            counts.push(raw.cells().len());
        }
        let agree = |count: usize| counts.iter().filter(|other| **other == count).count();
        counts.iter().filter(|count| **count > 1).map(|count| (agree(*count), *count)).max()
    };
    let best = SEPARATORS.into_iter().enumerate().max_by_key(|(at, separator)| (score(*separator), usize::MAX - at));
    best.map_or(b',', |(_, separator)| separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_by_which_rows_agree() {
        assert_eq!(find_separator(b"a;b;c\n1,5;2;3\n1,7;2;3\n"), b';');
        assert_eq!(find_separator(b"a\tb\nx, y, z\t2\nq\t1\n"), b'\t');
        assert_eq!(find_separator(b"title\na,b\n\"1;2\",3\n"), b',');
        assert_eq!(find_separator(b"only\none\n"), b',');
        assert_eq!(named_separator(b"sep=;\r\na;b"), Some(b';'));
        assert_eq!(named_separator(b"sep=;;\n"), None);
    }
}
