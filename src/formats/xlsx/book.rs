//! Workbooks for people: several sheets, each with a line above its heads.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::formats::xlsx::export::{column_number, sheet_name, write_cell};
use crate::formats::{Cell, FormatError, Item, Place};

/// One sheet of a workbook.
pub struct Sheet<'a> {
    /// Its name.
    pub name: &'a str,
    /// A line above the heads, where there is one.
    pub preface: Option<&'a str>,
    /// Heads and widths, in characters.
    pub columns: &'a [(String, f64)],
    /// Columns at the left that stay in sight.
    pub frozen: usize,
    /// The rows, asked for once and in order; cells beyond the heads are left out.
    pub rows: &'a mut dyn Iterator<Item = Vec<Cell>>,
}

/// Writes a workbook: heads are frozen and have filters, texts are text cells (codes keep their zeros, formulas stay texts),
/// days are days.
///
/// Errors: [`FormatError::Unsupported`] for a longer text, or more rows or columns than a sheet has.
pub fn write_book(sheets: &mut [Sheet<'_>]) -> Result<Vec<u8>, FormatError> {
    let mut workbook = Workbook::new();
    let formats =
        Formats { head: Format::new().set_bold().set_text_wrap(), date: Format::new().set_num_format("yyyy-mm-dd") };
    for sheet in sheets {
        let place = Place::file(sheet.name);
        let worksheet = workbook.add_worksheet();
        write_sheet(worksheet, sheet, &formats).map_err(|(row, err)| failed(&place, row, &err))?;
    }
    workbook.save_to_buffer().map_err(|err| failed(&Place::file("workbook"), 1, &err))
}

struct Formats {
    head: Format,
    date: Format,
}

fn failed(place: &Place, row: usize, err: &XlsxError) -> FormatError {
    FormatError::Unsupported {
        place: Place { item: Item::Row(row), ..place.clone() },
        message: format!("a workbook cannot hold this: {err}"),
    }
}

fn write_sheet(worksheet: &mut Worksheet, sheet: &mut Sheet<'_>, formats: &Formats) -> Result<(), (usize, XlsxError)> {
    let above = u32::from(sheet.preface.is_some());
    let head = |err| (1, err);
    worksheet.set_name(sheet_name(sheet.name)).map_err(head)?;
    if let Some(preface) = sheet.preface {
        worksheet.write_string(0, 0, preface).map_err(head)?;
    }
    for (at, (name, width)) in sheet.columns.iter().enumerate() {
        worksheet.write_string_with_format(above, column_number(at), name, &formats.head).map_err(head)?;
        worksheet.set_column_width(column_number(at), *width).map_err(head)?;
    }
    worksheet.set_freeze_panes(above + 1, column_number(sheet.frozen)).map_err(head)?;
    let mut last = above;
    for cells in &mut sheet.rows {
        last = last.saturating_add(1);
        for (column, cell) in cells.iter().take(sheet.columns.len()).enumerate() {
            let at = (last, column_number(column));
            write_cell(worksheet, at, cell, &formats.date).map_err(|err| (last as usize + 1, err))?;
        }
    }
    if last > above && !sheet.columns.is_empty() {
        let right = column_number(sheet.columns.len() - 1);
        worksheet.autofilter(above, 0, last, right).map_err(head)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx};
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_book_keeps_codes_as_texts_and_its_line_above_the_heads() {
        let columns = [("编码".to_owned(), 14.0), ("户数".to_owned(), 8.0), ("日期".to_owned(), 12.0)];
        let row = vec![Cell::Text("007".into()), Cell::Integer(12), Cell::Date(date(2022, 10, 27))];
        let mut rows = std::iter::once(row.clone()).chain([vec![Cell::Text("=1+1".into())]]);
        let mut none = std::iter::empty();
        let mut sheets = [
            Sheet { name: "台账", preface: Some("共 2 条"), columns: &columns, frozen: 1, rows: &mut rows },
            Sheet { name: "代码表", preface: None, columns: &columns[..1], frozen: 0, rows: &mut none },
        ];
        let bytes = write_book(&mut sheets).unwrap();
        let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["台账", "代码表"]);
        let range = book.worksheet_range("台账").unwrap();
        let text = |row, column| range.get_value((row, column)).cloned();
        assert_eq!(text(0, 0), Some(Data::String("共 2 条".to_owned())));
        assert_eq!(text(1, 1), Some(Data::String("户数".to_owned())));
        assert_eq!(text(2, 0), Some(Data::String("007".to_owned())));
        assert_eq!(text(2, 1), Some(Data::Float(12.0)));
        assert!(matches!(text(2, 2), Some(Data::DateTime(_))));
        assert_eq!(text(3, 0), Some(Data::String("=1+1".to_owned())));
    }
}
