//! Cells as values: what offices write for a number, a date, yes and no, nothing.

use jiff::civil::{Date, date};

use crate::formats::Cell;

/// 亩 in square metres: 15 of them are a hectare.
const MU_M2: f64 = 10_000.0 / 15.0;

/// Digits that a spreadsheet keeps of a number; a code with more of them has lost the last ones.
const SPREADSHEET_EXACT: f64 = 1e15;

/// Largest whole number that a float holds exactly.
const EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;

/// Texts that mean "nothing is said", in half width and small letters.
const EMPTY: [&str; 14] = ["", "/", "//", "\\", "-", "--", "—", "——", "暂无", "未知", "不详", "n/a", "null", "#n/a"];

/// Why a cell is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueFault {
    /// It is not of the kind that is expected.
    Unreadable,
    /// A spreadsheet made a number of a code and lost its last digits.
    Damaged,
    /// It is a month or a year; the first day of it is taken.
    Imprecise(Date),
}

/// A cell's text: half width, blanks at the ends off, runs of blanks as one. `None` when nothing is said.
pub fn text(cell: &Cell) -> Option<String> {
    let text = match cell {
        Cell::Empty => return None,
        Cell::Text(text) => half_width(text),
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < EXACT_INTEGER => format!("{number:.0}"),
        Cell::Number(number) => number.to_string(),
        Cell::Integer(number) => number.to_string(),
        Cell::Bool(value) => value.to_string(),
        Cell::Date(day) => day.to_string(),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let empty = EMPTY.contains(&text.to_lowercase().as_str());
    (!empty).then_some(text)
}

/// The same, where 无 is "nothing is said" as well. It is not where a column asks whether there is something.
pub fn plain_text(cell: &Cell) -> Option<String> {
    text(cell).filter(|text| text != "无" && text != "没有")
}

/// Full-width letters, digits, brackets and blanks as half-width ones.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            '\u{3000}' | '\u{A0}' => ' ',
            '–' | '﹣' | '−' => '-',
            other => other,
        })
        .collect()
}

/// What a number counts, which decides what its units can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Square metres.
    Surface,
    /// Things.
    Count,
    /// Yuan per square metre and month.
    Fee,
}

/// A number in the unit of the quantity; the unit stands behind it, or in the head of its column. Not negative.
pub fn number(cell: &Cell, head: &str, quantity: Quantity) -> Result<Option<f64>, ValueFault> {
    let (value, unit) = match cell {
        Cell::Number(number) => (*number, String::new()),
        Cell::Integer(number) => (*number as f64, String::new()),
        other => {
            let Some(text) = plain_text(other) else { return Ok(None) };
            let text = text.replace([',', ' '], "").replace('约', "");
            let end = text.find(|c: char| !(c.is_ascii_digit() || ".+-eE".contains(c))).unwrap_or(text.len());
            let value = text[..end].parse::<f64>().map_err(|_| ValueFault::Unreadable)?;
            (value, text[end..].to_owned())
        }
    };
    let head = half_width(head);
    let in_head = head.rsplit_once(['(', '[', '/']).map_or("", |(_, rest)| rest.trim_end_matches([')', ']']));
    let factor = match (factor(&unit, quantity), unit.is_empty()) {
        (Some(factor), false) => factor,
        (None, false) => return Err(ValueFault::Unreadable),
        // A head that names no unit names the usual one.
        (_, true) => factor(in_head, quantity).or_else(|| unit_of(&head, quantity)).unwrap_or(1.0),
    };
    let value = value * factor;
    if value.is_finite() && value >= 0.0 { Ok(Some(value)) } else { Err(ValueFault::Unreadable) }
}

/// What a unit measures in that of the quantity; `None` for one of another quantity.
fn factor(unit: &str, quantity: Quantity) -> Option<f64> {
    let unit = unit.to_lowercase().replace(' ', "");
    match quantity {
        Quantity::Surface => match unit.as_str() {
            "平方米" | "平米" | "m2" | "m²" | "㎡" | "平方" | "平方公尺" => Some(1.0),
            "万平方米" | "万平米" | "万m2" | "万m²" | "万㎡" | "万平方" | "万平" => Some(10_000.0),
            "亩" => Some(MU_M2),
            "公顷" | "ha" => Some(10_000.0),
            "平方公里" | "km2" | "km²" | "平方千米" => Some(1_000_000.0),
            _ => None,
        },
        Quantity::Count => match unit.as_str() {
            "户" | "栋" | "幢" | "座" | "个" | "套" | "人" | "名" | "位" | "年" => Some(1.0),
            "万户" | "万" => Some(10_000.0),
            _ => None,
        },
        Quantity::Fee => {
            let rest = unit.strip_prefix('元')?;
            let usual =
                |part: &str| ["", "平方米", "平米", "建筑平方米", "㎡", "m2", "m²", "月", "每月"].contains(&part);
            rest.split(['/', '·', '.', '*', '每']).all(usual).then_some(1.0)
        }
    }
}

/// The unit that a head ends with, as in 占地面积万平方米.
fn unit_of(head: &str, quantity: Quantity) -> Option<f64> {
    let head = head.trim_end_matches([')', ']', ' ']);
    let starts = head.char_indices().map(|(at, _)| at);
    // The longest ending that is a unit, or 万平方米 would be read as 平方米.
    starts.filter_map(|at| factor(&head[at..], quantity)).next()
}

/// A whole number.
pub fn count(cell: &Cell, head: &str) -> Result<Option<u32>, ValueFault> {
    let Some(value) = number(cell, head, Quantity::Count)? else { return Ok(None) };
    if value.fract().abs() < 1e-9 && value <= f64::from(u32::MAX) {
        Ok(Some(value.round() as u32))
    } else {
        Err(ValueFault::Unreadable)
    }
}

/// A day in any of the forms of offices. Errors: [`ValueFault::Imprecise`] carries the first day of a month
/// or year that was given.
pub fn day(cell: &Cell) -> Result<Option<Date>, ValueFault> {
    if let Cell::Date(day) = cell {
        return Ok(Some(*day));
    }
    if let Cell::Number(serial) = cell
        && let Some(day) = of_serial(*serial)
    {
        return Ok(Some(day));
    }
    // 2022.10 typed into a spreadsheet is the number 2022.1: October and January look the same.
    if let Cell::Number(number) = cell
        && number.fract() != 0.0
    {
        return Err(ValueFault::Unreadable);
    }
    let Some(text) = plain_text(cell) else { return Ok(None) };
    let text = if text.contains('年') { text.replace(' ', "") } else { text };
    let text = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let made_of = text.chars().all(|c| c.is_ascii_digit() || "-/.年月日号".contains(c));
    if !made_of {
        return Err(ValueFault::Unreadable);
    }
    match parts.as_slice() {
        [all] if all.len() == 8 => of_parts(&all[..4], &all[4..6], &all[6..]).map(Some),
        [serial] if serial.len() == 5 => {
            let number = serial.parse::<f64>().map_err(|_| ValueFault::Unreadable)?;
            of_serial(number).map(Some).ok_or(ValueFault::Unreadable)
        }
        [month] if month.len() == 6 => Err(ValueFault::Imprecise(of_parts(&month[..4], &month[4..], "1")?)),
        [year] if year.len() == 4 => Err(ValueFault::Imprecise(of_parts(year, "1", "1")?)),
        [year, month, day] => of_parts(year, month, day).map(Some),
        [year, month] => Err(ValueFault::Imprecise(of_parts(year, month, "1")?)),
        _ => Err(ValueFault::Unreadable),
    }
}

fn of_parts(year: &str, month: &str, day: &str) -> Result<Date, ValueFault> {
    let year = year.parse::<i16>().ok().filter(|year| (1900..=2200).contains(year));
    let (month, day) = (month.parse::<i8>().ok(), day.parse::<i8>().ok());
    let made = year.zip(month).zip(day).and_then(|((year, month), day)| Date::new(year, month, day).ok());
    made.ok_or(ValueFault::Unreadable)
}

/// The day of a spreadsheet's serial number, counted from 1899-12-30.
fn of_serial(serial: f64) -> Option<Date> {
    let days = serial.floor();
    if !(20_000.0..80_000.0).contains(&days) {
        return None;
    }
    date(1899, 12, 30).checked_add(jiff::Span::new().days(days as i64)).ok()
}

/// A year.
pub fn year(cell: &Cell) -> Result<Option<i16>, ValueFault> {
    if let Cell::Date(day) = cell {
        return Ok(Some(day.year()));
    }
    let Some(text) = plain_text(cell) else { return Ok(None) };
    let digits = text.trim_end_matches(['年', '建', '代']);
    if text.contains('代') {
        return Err(ValueFault::Unreadable);
    }
    if let Ok(year) = digits.parse::<i16>() {
        return Ok(Some(year));
    }
    match day(cell) {
        Ok(day) => Ok(day.map(|day| day.year())),
        Err(ValueFault::Imprecise(day)) => Ok(Some(day.year())),
        Err(fault) => Err(fault),
    }
}

/// Yes or no.
pub fn yes_no(cell: &Cell) -> Result<Option<bool>, ValueFault> {
    if let Cell::Bool(value) = cell {
        return Ok(Some(*value));
    }
    let Some(text) = text(cell) else { return Ok(None) };
    match text.to_lowercase().as_str() {
        "是" | "有" | "√" | "✓" | "y" | "yes" | "true" | "t" | "1" | "已" | "已成立" | "已组建" | "已建立" | "正常"
        | "运转正常" | "已覆盖" => Ok(Some(true)),
        "否" | "无" | "没有" | "×" | "✗" | "x" | "n" | "no" | "false" | "f" | "0" | "未" | "未成立" | "未组建"
        | "未建立" | "不正常" | "未正常运转" | "未覆盖" => Ok(Some(false)),
        _ => Err(ValueFault::Unreadable),
    }
}

/// A code as it was written. Errors: a spreadsheet made a number of it and lost digits, as in 9.11E+17.
pub fn code(cell: &Cell) -> Result<Option<String>, ValueFault> {
    match cell {
        Cell::Number(number) if number.abs() >= SPREADSHEET_EXACT => Err(ValueFault::Damaged),
        Cell::Integer(number) if number.unsigned_abs() >= EXACT_INTEGER as u64 => Err(ValueFault::Damaged),
        other => {
            let Some(text) = plain_text(other) else { return Ok(None) };
            let upper = text.to_uppercase();
            // Without a sign it must have a fraction: 12E5 is a code like any other.
            let split =
                upper.split_once("E+").or_else(|| upper.split_once('E').filter(|(number, _)| number.contains('.')));
            let scientific = split
                .is_some_and(|(mantissa, exponent)| mantissa.parse::<f64>().is_ok() && exponent.parse::<u32>().is_ok());
            if scientific { Err(ValueFault::Damaged) } else { Ok(Some(text)) }
        }
    }
}

/// Several texts in one cell, apart by 、 ; | or a line's end. A comma too, but not inside a number.
pub fn texts(cell: &Cell) -> Option<Vec<String>> {
    let Cell::Text(whole) = cell else { return plain_text(cell).map(|text| vec![text]) };
    let parts: Vec<String> = half_width(whole)
        .split(['、', ';', '|', '\n', ',', '，', '；'])
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|part| !EMPTY.contains(&part.to_lowercase().as_str()) && part != "无")
        .collect();
    (!parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn what_offices_write_for_nothing_is_nothing() {
        for nothing in ["", " ", "/", "-", "—", "暂无", "N/A", "　", "－"] {
            assert_eq!(text(&said(nothing)), None, "{nothing:?}");
        }
        assert_eq!(plain_text(&said("无")), None);
        assert_eq!(text(&said("无")).as_deref(), Some("无"), "a column of committees means it");
        assert_eq!(text(&said("Ａ１区（北）")).as_deref(), Some("A1区(北)"));
    }

    #[test]
    fn numbers_carry_their_units_or_take_those_of_the_head() {
        for (cell, head, expected) in [
            ("1,234.5", "建筑面积", 1234.5),
            ("3亩", "占地面积", 2000.0),
            ("1.5万平方米", "占地面积", 15_000.0),
            ("2 公顷", "占地面积", 20_000.0),
            ("1.5", "占地面积（万平方米）", 15_000.0),
            ("1.5", "占地面积万平方米", 15_000.0),
            ("１２０", "占地面积(㎡)", 120.0),
        ] {
            let value = number(&said(cell), head, Quantity::Surface).unwrap().unwrap();
            assert!((value - expected).abs() < 1e-6, "{cell} {head}: {value}");
        }
        for fee in ["2.5元/㎡·月", "2.5元/平方米", "2.5元/月·㎡", "2.5元/月/平方米", "2.5元", "2.5"] {
            assert_eq!(number(&said(fee), "收费", Quantity::Fee), Ok(Some(2.5)), "{fee}");
        }
        assert_eq!(number(&said("2.5元/户"), "收费", Quantity::Fee), Err(ValueFault::Unreadable));
        assert_eq!(count(&said("326户"), "户数"), Ok(Some(326)));
        for bad in ["-3", "很大", "3斤"] {
            assert_eq!(number(&said(bad), "", Quantity::Surface), Err(ValueFault::Unreadable), "{bad}");
        }
        assert_eq!(count(&said("3.5"), ""), Err(ValueFault::Unreadable));
    }

    #[test]
    fn days_are_read_in_every_form_of_the_office() {
        let expected = Ok(Some(date(2022, 10, 27)));
        for form in [
            "2022-10-27",
            "2022/10/27",
            "2022.10.27",
            "2022年10月27日",
            "20221027",
            "44861",
            "2022-10-27 00:00:00",
            "２０２２年１０月２７日",
            "2022年10月 27日",
            "2022 年 10 月 27 日",
        ] {
            assert_eq!(day(&said(form)), expected, "{form}");
        }
        assert_eq!(day(&Cell::Number(44_861.0)), expected);
        assert_eq!(day(&said("2022年10月")), Err(ValueFault::Imprecise(date(2022, 10, 1))));
        assert_eq!(day(&said("2022年")), Err(ValueFault::Imprecise(date(2022, 1, 1))));
        assert_eq!(day(&Cell::Number(2022.1)), Err(ValueFault::Unreadable), "October or January");
        for bad in ["2022-13-01", "去年", "27", "2022-02-30"] {
            assert_eq!(day(&said(bad)), Err(ValueFault::Unreadable), "{bad}");
        }
        assert_eq!(year(&said("1998年")), Ok(Some(1998)));
        assert_eq!(year(&said("90年代")), Err(ValueFault::Unreadable));
    }

    #[test]
    fn codes_that_a_spreadsheet_damaged_are_told() {
        assert_eq!(code(&said("9.11E+17")), Err(ValueFault::Damaged));
        assert_eq!(code(&Cell::Number(9.11e17)), Err(ValueFault::Damaged));
        assert_eq!(code(&said("9.11E17")), Err(ValueFault::Damaged));
        assert_eq!(code(&Cell::Number(1_101_050_010_010_015.0)), Err(ValueFault::Damaged));
        assert_eq!(code(&said("12E5")), Ok(Some("12E5".to_owned())));
        assert_eq!(code(&Cell::Integer(42)), Ok(Some("42".to_owned())));
        assert_eq!(code(&said("110105001")), Ok(Some("110105001".to_owned())));
    }

    #[test]
    fn several_names_in_a_cell_are_told_apart() {
        assert_eq!(texts(&said("北里、南里；老枣营")), Some(vec!["北里".into(), "南里".into(), "老枣营".into()]));
        assert_eq!(texts(&said("无")), None);
    }
}
