//! The cells of one sheet as rows of a table.

use std::collections::BTreeMap;
use std::sync::Arc;

use calamine::{Cell as SheetCell, DataRef, Dimensions, ExcelDateTime};
use jiff::civil::Date;

use crate::formats::table::{Row, Table};
use crate::formats::xlsx::{Workbook, broken};
use crate::formats::{Cell, FormatError, Item, Place};

/// Most columns that are looked at; a value further right is refused.
const COLUMNS_MAX: u32 = 4096;

/// Longest text in bytes that a merged cell gives to the columns on its right: a heading, not a remark.
const SPREAD_BYTES: usize = 256;

/// Whole numbers up to this are exact in a workbook, which has only floating-point ones.
const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;

/// Hands the rows of a sheet to a table.
///
/// Errors: the sheet cannot be read, its rows are not in order, or a limit is passed.
pub(super) fn read(
    workbook: &mut Workbook,
    (file, sheet): (&Arc<str>, &str),
    table: &mut Table<'_>,
) -> Result<(), FormatError> {
    let merges = workbook.merge_cells_by_sheet_name(sheet).map_err(|err| broken(file, &err))?;
    let mut merged = Merged::new(merges);
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(|err| broken(file, &err))?;
    let place = |row: u32| Place { item: Item::Row(row as usize + 1), ..Place::file(file) };
    let mut row: Option<Row> = None;
    while let Some(cell) = reader.next_cell().map_err(|err| broken(file, &err))? {
        let (number, column) = cell.get_position();
        let value = match value(&cell) {
            Ok(Cell::Empty) => continue,
            Ok(value) => value,
            Err(error) => {
                let message = format!("the cell {} has the error {error}", address(number, column));
                table.fault(FormatError::Syntax { place: place(number), message })?;
                continue;
            }
        };
        if column >= COLUMNS_MAX {
            let limit = u64::from(COLUMNS_MAX);
            return Err(FormatError::Limit { place: place(number), what: "the number of columns", limit });
        }
        let last = row.as_ref().map_or(0, |row| row.number);
        if number as usize + 1 != last {
            if number as usize + 1 < last {
                let message = format!("the cell {} stands behind row {last}", address(number, column));
                return Err(FormatError::Syntax { place: place(number), message });
            }
            if let Some(row) = row.take() {
                table.push(merged.fill(row))?;
            }
        }
        let cells = &mut row.get_or_insert_with(|| Row { number: number as usize + 1, ..Row::default() }).cells;
        if cells.len() <= column as usize {
            cells.resize(column as usize + 1, Cell::Empty);
        }
        cells[column as usize] = value;
    }
    row.map_or(Ok(()), |row| table.push(merged.fill(row)))
}

/// Merged areas, walked down with the rows.
struct Merged {
    /// Those that begin further down, by their first row.
    waiting: BTreeMap<u32, Vec<Dimensions>>,
    /// Those that reach the current row, with their value.
    open: Vec<(Dimensions, Cell)>,
}

impl Merged {
    fn new(merges: Vec<Dimensions>) -> Self {
        let mut waiting: BTreeMap<u32, Vec<Dimensions>> = BTreeMap::new();
        for mut area in merges {
            area.end.1 = area.end.1.min(COLUMNS_MAX - 1);
            if area.start.1 <= area.end.1 && area.start.0 <= area.end.0 {
                waiting.entry(area.start.0).or_default().push(area);
            }
        }
        Self { waiting, open: Vec::new() }
    }

    /// Gives the cells that merged areas cover the value of their first one.
    fn fill(&mut self, mut row: Row) -> Row {
        let number = u32::try_from(row.number - 1).unwrap_or(u32::MAX);
        // A value stands in the first row of its area; one whose first row is blank has none.
        self.waiting = self.waiting.split_off(&number);
        self.open.retain(|(area, _)| area.end.0 >= number);
        for area in self.waiting.remove(&number).unwrap_or_default() {
            let value = row.cells.get(area.start.1 as usize).cloned().unwrap_or_default();
            // Areas that overlap are no areas: together they never cover more than a row has.
            let covered: u32 = self.open.iter().map(|(area, _)| width(area)).sum();
            if value != Cell::Empty && covered + width(&area) <= COLUMNS_MAX {
                self.open.push((area, value));
            }
        }
        for (area, value) in &self.open {
            let long = matches!(value, Cell::Text(text) if text.len() > SPREAD_BYTES);
            let last = if long { area.start.1 } else { area.end.1 };
            for column in area.start.1 as usize..=last as usize {
                let anchor = (number, column as u32) == area.start;
                if anchor || row.cells.get(column).is_some_and(|cell| *cell != Cell::Empty) {
                    continue;
                }
                if row.cells.len() <= column {
                    row.cells.resize(column + 1, Cell::Empty);
                }
                row.cells[column] = value.clone();
                if column > area.start.1 as usize {
                    row.spread.push(column);
                }
                if number > area.start.0 {
                    row.hung.push(column);
                }
            }
        }
        row
    }
}

fn width(area: &Dimensions) -> u32 {
    area.end.1 - area.start.1 + 1
}

/// The value of a cell; the error is the spreadsheet's own.
fn value(cell: &SheetCell<DataRef<'_>>) -> Result<Cell, String> {
    let text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) };
    Ok(match cell.get_value() {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Integer(*number),
        DataRef::Float(number) => self::number(*number),
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Bool(yes) => Cell::Bool(*yes),
        DataRef::DateTime(time) => day(time),
        DataRef::DateTimeIso(time) => time.parse::<Date>().map_or_else(|_| text(time), Cell::Date),
        DataRef::DurationIso(time) => text(time),
        DataRef::Error(error) => return Err(error.to_string()),
    })
}

fn number(number: f64) -> Cell {
    if number.fract() == 0.0 && number.abs() <= INTEGER_MAX {
        Cell::Integer(number as i64)
    } else {
        Cell::Number(number)
    }
}

/// A day, or, with a time, its text; a time without a day is text too.
fn day(time: &ExcelDateTime) -> Cell {
    if time.is_duration() || !time.as_f64().is_finite() {
        return number(time.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    if (0.0..1.0).contains(&time.as_f64()) {
        return Cell::Text(clock.into());
    }
    let date = i16::try_from(year).ok().and_then(|year| Date::new(year, month as i8, day as i8).ok());
    match date {
        Some(date) if clock == "00:00:00" => Cell::Date(date),
        Some(date) => Cell::Text(format!("{date}T{clock}").into()),
        // The 29th of February 1900, which never was.
        None => number(time.as_f64()),
    }
}

/// A cell's name as the spreadsheet shows it.
fn address(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect::<String>() + &(u64::from(row) + 1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn days_and_times_are_told_apart() {
        let at = |value| day(&ExcelDateTime::new(value, ExcelDateTimeType::DateTime, false));
        assert_eq!(at(44861.0), Cell::Date(Date::constant(2022, 10, 27)));
        assert_eq!(at(44861.5), Cell::Text("2022-10-27T12:00:00".into()));
        assert_eq!(at(0.25), Cell::Text("06:00:00".into()));
        assert_eq!(at(60.0), Cell::Integer(60));
        assert_eq!(day(&ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false)), Cell::Number(1.5));
    }

    #[test]
    fn cells_are_named_as_the_spreadsheet_does() {
        assert_eq!(address(0, 0), "A1");
        assert_eq!(address(9, 27), "AB10");
        assert_eq!(address(1_048_575, 16_383), "XFD1048576");
    }
}
