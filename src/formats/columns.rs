//! What a column of an export holds, for formats whose columns have a type.

use std::borrow::Cow;

use crate::formats::{Cell, ExportRow};

/// Type of a column: the one that all its cells have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Text,
    Integer,
    Number,
    Bool,
    Date,
}

/// Whole numbers up to this are the same as floating-point numbers.
const EXACT_INTEGER: u64 = 1 << 53;

/// Types of the columns; whole numbers among others are numbers, any other mixture and a column of nothing are texts.
pub(super) fn kinds(columns: usize, rows: &[ExportRow]) -> Vec<ColumnKind> {
    let mut kinds: Vec<Option<ColumnKind>> = vec![None; columns];
    for row in rows {
        for (known, cell) in kinds.iter_mut().zip(&row.cells) {
            if let Some(kind) = kind_of(cell) {
                *known = Some(known.map_or(kind, |known| common(known, kind)));
            }
        }
    }
    for (at, kind) in kinds.iter_mut().enumerate().filter(|(_, kind)| **kind == Some(ColumnKind::Number)) {
        let exact = |row: &ExportRow| match row.cells.get(at) {
            Some(Cell::Integer(whole)) => whole.unsigned_abs() <= EXACT_INTEGER,
            _ => true,
        };
        if !rows.iter().all(exact) {
            *kind = Some(ColumnKind::Text);
        }
    }
    kinds.into_iter().map(|kind| kind.unwrap_or(ColumnKind::Text)).collect()
}

fn kind_of(cell: &Cell) -> Option<ColumnKind> {
    match cell {
        Cell::Empty => None,
        Cell::Number(number) if !number.is_finite() => None,
        Cell::Text(_) => Some(ColumnKind::Text),
        Cell::Number(_) => Some(ColumnKind::Number),
        Cell::Integer(_) => Some(ColumnKind::Integer),
        Cell::Bool(_) => Some(ColumnKind::Bool),
        Cell::Date(_) => Some(ColumnKind::Date),
    }
}

fn common(a: ColumnKind, b: ColumnKind) -> ColumnKind {
    match (a, b) {
        _ if a == b => a,
        (ColumnKind::Integer | ColumnKind::Number, ColumnKind::Integer | ColumnKind::Number) => ColumnKind::Number,
        _ => ColumnKind::Text,
    }
}

/// The cell as a text, `None` for an empty one and for numbers that are none.
pub(super) fn text_of(cell: &Cell) -> Option<Cow<'_, str>> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) => Some(Cow::Borrowed(text)),
        Cell::Number(number) => number.is_finite().then(|| Cow::Owned(number.to_string())),
        Cell::Integer(whole) => Some(Cow::Owned(whole.to_string())),
        Cell::Bool(yes) => Some(Cow::Borrowed(if *yes { "true" } else { "false" })),
        Cell::Date(day) => Some(Cow::Owned(day.to_string())),
    }
}

/// The cell as a floating-point number.
pub(super) fn number_of(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number(number) => number.is_finite().then_some(*number),
        Cell::Integer(whole) => Some(*whole as f64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_the_type_that_all_its_cells_have() {
        let text = || Cell::Text("a".into());
        let row = |cells: Vec<Cell>| ExportRow { cells, boundary: None };
        let rows = [
            row(vec![
                Cell::Integer(1),
                Cell::Integer(1),
                Cell::Bool(true),
                text(),
                Cell::Empty,
                Cell::Integer(i64::MAX),
            ]),
            row(vec![
                Cell::Empty,
                Cell::Number(1.5),
                Cell::Bool(false),
                Cell::Integer(1),
                Cell::Empty,
                Cell::Number(0.5),
            ]),
            row(vec![]),
        ];
        use ColumnKind::{Bool, Integer, Number, Text};
        assert_eq!(kinds(7, &rows), [Integer, Number, Bool, Text, Text, Text, Text]);
    }
}
