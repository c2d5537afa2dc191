//! Records as a table of separated values that spreadsheet programs open without harm.

use std::borrow::Cow;

use crate::formats::write::Export;
use crate::formats::{Cell, FormatError, Place, wkt};

/// Characters that make a spreadsheet program take a text for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Reference systems whose boundaries need no code before their text.
const DEGREES: [u32; 2] = [4326, 4490];

/// Writes a table: UTF-8 with a byte order mark, commas, CRLF, and the boundary as well-known text in the last column. A
/// reference system other than degrees stands before each text as `SRID=…;`.
///
/// A text that could be taken for a formula gets an apostrophe before it, which the reader takes off again.
///
/// Errors: those of the writer.
pub fn write(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    let failed = |err: csv::Error| FormatError::Syntax { place: Place::file(export.name), message: err.to_string() };
    let geometry = geometry_column(export.columns);
    let mut writer = writer();
    let head = export.columns.iter().map(|column| guarded(column)).chain([Cow::Borrowed(geometry)]);
    writer.write_record(head.map(|name| name.into_owned())).map_err(failed)?;
    let prefix = match export.crs_epsg {
        code if DEGREES.contains(&code) => String::new(),
        code => format!("SRID={code};"),
    };
    for row in export.rows {
        let cells = (0..export.columns.len()).map(|at| row.cells.get(at).map_or(String::new(), text));
        let boundary = row.boundary.as_ref().map_or(String::new(), |boundary| prefix.clone() + &wkt::write(boundary));
        writer.write_record(cells.chain([boundary])).map_err(failed)?;
    }
    writer.into_inner().map_err(|err| FormatError::Syntax { place: Place::file(export.name), message: err.to_string() })
}

/// Writes a table without boundaries, otherwise like [`write()`]. Cells beyond the heads are left out.
///
/// Errors: those of the writer.
pub fn write_table(
    name: &str,
    heads: &[String],
    rows: &mut dyn Iterator<Item = Vec<Cell>>,
) -> Result<Vec<u8>, FormatError> {
    let failed = |err: csv::Error| FormatError::Syntax { place: Place::file(name), message: err.to_string() };
    let mut writer = writer();
    writer.write_record(heads.iter().map(|head| guarded(head).into_owned())).map_err(failed)?;
    for row in rows {
        let cells = (0..heads.len()).map(|at| row.get(at).map_or(String::new(), text));
        writer.write_record(cells).map_err(failed)?;
    }
    writer.into_inner().map_err(|err| FormatError::Syntax { place: Place::file(name), message: err.to_string() })
}

/// UTF-8 with a byte order mark, lines end with CRLF.
fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec())
}

/// A name for the column of the boundary that no other column has.
pub(crate) fn geometry_column(columns: &[String]) -> &'static str {
    let free = |name: &&str| !columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    ["wkt", "geometry", "geom", "the_geom"].into_iter().find(free).unwrap_or("wkt_geom")
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => guarded(text).into_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Integer(number) => number.to_string(),
        Cell::Bool(yes) => yes.to_string(),
        Cell::Date(day) => day.to_string(),
    }
}

/// Whether apostrophes, if any, and then a beginning of a formula stand at the beginning.
fn needs_guard(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// The text, with an apostrophe before it where a spreadsheet program would take it for a formula.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if needs_guard(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text without the apostrophe that guards it.
pub(super) fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|_| needs_guard(text)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_guarded_and_nothing_else() {
        for formula in ["=1+1", "+86", "-1", "@x", "\tx", "\rx", "'=1", "''+"] {
            assert_eq!(guarded(formula), format!("'{formula}"));
        }
        for plain in ["", "甲", "'quoted'", "a=b", " =1"] {
            assert_eq!(guarded(plain), plain);
        }
    }

    proptest! {
        #[test]
        fn the_guard_comes_off_again(text in "['=+@\t\r甲-]{0,6}") {
            let guarded = guarded(&text);
            prop_assert_eq!(unguarded(&guarded), text.as_str());
            prop_assert!(!guarded.starts_with(FORMULA));
        }
    }
}
