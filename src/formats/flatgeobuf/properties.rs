//! The values of a feature: the number of a column, then a value of its type, and so on.

use flatgeobuf::ColumnType;
use jiff::civil::Date;

use crate::formats::Cell;

/// A column as the header has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: ColumnType,
}

/// The cells in the order of the columns. The error says in words what is wrong.
pub(super) fn parse(mut rest: &[u8], columns: &[Column]) -> Result<Vec<Cell>, String> {
    let mut cells = Vec::new();
    while !rest.is_empty() {
        let number = usize::from(u16::from_le_bytes(take(&mut rest)?));
        let column = columns.get(number).ok_or_else(|| format!("there is no column number {number}"))?;
        let cell = value(column.kind, &mut rest)?;
        if cells.len() <= number {
            cells.resize(number + 1, Cell::Empty);
        }
        cells[number] = cell;
    }
    Ok(cells)
}

fn value(kind: ColumnType, rest: &mut &[u8]) -> Result<Cell, String> {
    Ok(match kind {
        ColumnType::Byte => Cell::Integer(i8::from_le_bytes(take(rest)?).into()),
        ColumnType::UByte => Cell::Integer(u8::from_le_bytes(take(rest)?).into()),
        ColumnType::Bool => Cell::Bool(take::<1>(rest)? != [0]),
        ColumnType::Short => Cell::Integer(i16::from_le_bytes(take(rest)?).into()),
        ColumnType::UShort => Cell::Integer(u16::from_le_bytes(take(rest)?).into()),
        ColumnType::Int => Cell::Integer(i32::from_le_bytes(take(rest)?).into()),
        ColumnType::UInt => Cell::Integer(u32::from_le_bytes(take(rest)?).into()),
        ColumnType::Long => Cell::Integer(i64::from_le_bytes(take(rest)?)),
        ColumnType::ULong => {
            let number = u64::from_le_bytes(take(rest)?);
            i64::try_from(number).map_or_else(|_| Cell::Text(number.to_string().into()), Cell::Integer)
        }
        ColumnType::Float => number(f32::from_le_bytes(take(rest)?).into()),
        ColumnType::Double => number(f64::from_le_bytes(take(rest)?)),
        ColumnType::String | ColumnType::Json => {
            text(bytes(rest)?)?.map_or(Cell::Empty, |text| Cell::Text(text.into()))
        }
        ColumnType::DateTime => match text(bytes(rest)?)? {
            Some(text) => day(text).map_or_else(|| Cell::Text(text.into()), Cell::Date),
            None => Cell::Empty,
        },
        ColumnType::Binary => {
            bytes(rest)?;
            Cell::Empty
        }
        other => return Err(format!("{} is no type of column", other.0)),
    })
}

fn number(number: f64) -> Cell {
    if number.is_finite() { Cell::Number(number) } else { Cell::Empty }
}

/// A day alone. Programs that have no such type write it with a time of zero.
fn day(text: &str) -> Option<Date> {
    let day = text.strip_suffix("T00:00:00").unwrap_or(text);
    if day.len() == "2022-10-27".len() { day.parse().ok() } else { None }
}

fn text(bytes: &[u8]) -> Result<Option<&str>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "a text is not UTF-8".to_owned())?;
    Ok((!text.is_empty()).then_some(text))
}

fn bytes<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let length = u32::from_le_bytes(take(rest)?) as usize;
    let (bytes, after) = rest.split_at_checked(length).ok_or_else(short)?;
    *rest = after;
    Ok(bytes)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    let (bytes, after) = rest.split_first_chunk().ok_or_else(short)?;
    *rest = after;
    Ok(*bytes)
}

fn short() -> String {
    "the values break off".to_owned()
}
