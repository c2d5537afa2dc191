//! Records as a workbook of one sheet.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::formats::csv::geometry_column;
use crate::formats::write::{Export, ExportRow};
use crate::formats::{Cell, FormatError, Item, Place, wkt};

/// Longest text of a cell in UTF-16 units, as spreadsheet programs count.
const TEXT_MAX: usize = 32_767;

/// Longest name of a sheet.
const NAME_MAX: usize = 31;

/// Largest whole number that a floating-point cell holds exactly; a larger one is written as text.
const INTEGER_MAX: u64 = 1 << 53;

/// Reference systems whose boundaries need no code before their text.
const DEGREES: [u32; 2] = [4326, 4490];

/// Writes a workbook: a frozen head row, texts as text cells (codes keep their zeros, formulas stay texts), days as days.
///
/// Boundaries are a last column of well-known text only when each of them fits into a cell: a table of some of them would
/// look complete.
///
/// Errors: [`FormatError::Unsupported`] for a longer text, or more rows or columns than a sheet has.
pub fn write(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    let Export { name, columns, rows, crs_epsg, about } = export;
    let failed = |row: usize, err: XlsxError| FormatError::Unsupported {
        place: Place { item: Item::Row(row), ..Place::file(name) },
        message: format!("a workbook cannot hold this: {err}"),
    };
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_title(name).set_comment(about));
    let bold = Format::new().set_bold();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet();
    sheet.set_name(sheet_name(name)).map_err(|err| failed(1, err))?;
    if !about.is_empty() {
        // An ampersand begins a code of the footer, two are one. It is on every page that is printed.
        sheet.set_footer(format!("&L{}", about.replace('&', "&&")));
    }
    sheet.set_freeze_panes(1, 0).map_err(|err| failed(1, err))?;
    for (at, column) in columns.iter().enumerate() {
        sheet.write_string_with_format(0, column_number(at), column, &bold).map_err(|err| failed(1, err))?;
    }
    let prefix = if DEGREES.contains(&crs_epsg) { String::new() } else { format!("SRID={crs_epsg};") };
    let mut boundaries: Option<Vec<(u32, String)>> = Some(Vec::new());
    for (at, ExportRow { cells, boundary }) in rows.enumerate() {
        let row = u32::try_from(at + 1).unwrap_or(u32::MAX);
        for (column, cell) in cells.iter().take(columns.len()).enumerate() {
            write_cell(sheet, (row, column_number(column)), cell, &date).map_err(|err| failed(at + 2, err))?;
        }
        let text = boundary.map(|boundary| prefix.clone() + &wkt::write(&boundary));
        match (&mut boundaries, text) {
            (Some(_), Some(text)) if text.len() > TEXT_MAX => boundaries = None,
            (Some(boundaries), Some(text)) => boundaries.push((row, text)),
            _ => {}
        }
    }
    if let Some(boundaries) = boundaries.filter(|boundaries| !boundaries.is_empty()) {
        let column = column_number(columns.len());
        sheet.write_string_with_format(0, column, geometry_column(columns), &bold).map_err(|err| failed(1, err))?;
        for (row, text) in boundaries {
            sheet.write_string(row, column, text).map_err(|err| failed(row as usize + 1, err))?;
        }
    }
    workbook.save_to_buffer().map_err(|err| failed(1, err))
}

/// A number that no sheet has stands for a column too many, so that the writer refuses it.
pub(super) fn column_number(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

pub(super) fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    date: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) if !text.is_empty() => sheet.write_string(row, column, text.as_ref())?,
        Cell::Number(number) if number.is_finite() => sheet.write_number(row, column, *number)?,
        Cell::Integer(number) if number.unsigned_abs() <= INTEGER_MAX => {
            sheet.write_number(row, column, *number as f64)?
        }
        Cell::Integer(number) => sheet.write_string(row, column, number.to_string())?,
        Cell::Bool(yes) => sheet.write_boolean(row, column, *yes)?,
        Cell::Date(day) if (1900..=9999).contains(&day.year()) => {
            let day = ExcelDateTime::from_ymd(day.year().unsigned_abs(), day.month() as u8, day.day() as u8)?;
            sheet.write_datetime_with_format(row, column, day, date)?
        }
        Cell::Date(day) => sheet.write_string(row, column, day.to_string())?,
        Cell::Empty | Cell::Text(_) | Cell::Number(_) => sheet,
    };
    Ok(())
}

/// A name that a sheet may have.
pub(super) fn sheet_name(name: &str) -> String {
    let kept: String = name.chars().filter(|c| !"[]:*?/\\".contains(*c) && !c.is_control()).take(NAME_MAX).collect();
    let kept = kept.trim_matches('\'').trim();
    if kept.is_empty() { "data".to_owned() } else { kept.to_owned() }
}
