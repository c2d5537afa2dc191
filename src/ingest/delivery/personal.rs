//! Personal data, which are not taken: mobile numbers and identity numbers.

use crate::formats::{Cell, Layer};
use crate::ingest::delivery::catalogue as issues;
use crate::ingest::delivery::{ColumnMap, DeliveredField, Finding, Param, value};

/// Weights of the identity number's check character (GB 11643-1999).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Check characters by the sum modulo 11.
const CHECKS: &[u8; 11] = b"10X98765432";

/// Words in heads of columns that hold persons.
const PERSONAL_HEADS: [&str; 10] =
    ["身份证", "手机", "联系人电话", "移动电话", "证件号", "idcard", "mobile", "主任电话", "经理电话", "负责人电话"];

/// What personal data a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mobile,
    Identity,
}

/// Whether a cell holds a mobile or identity number, anywhere in its text.
fn kind_of(cell: &Cell) -> Option<Kind> {
    let text = match cell {
        Cell::Text(text) => value::half_width(text),
        Cell::Integer(number) => number.to_string(),
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        _ => return None,
    };
    // Runs of digits, with the separators that people put between them.
    let mut run = String::new();
    let mut found = None;
    for c in text.chars().chain(std::iter::once('\n')) {
        match c {
            '0'..='9' => run.push(c),
            'x' | 'X' if run.len() == 17 => run.push('X'),
            '-' | ' ' if !run.is_empty() => {}
            _ => {
                found = found.or_else(|| of_run(&run));
                run.clear();
            }
        }
    }
    found
}

fn of_run(run: &str) -> Option<Kind> {
    let local = run.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(run);
    if local.len() == 11 && local.starts_with('1') && matches!(local.as_bytes()[1], b'3'..=b'9') {
        return Some(Kind::Mobile);
    }
    let is_identity = match run.len() {
        18 => has_birthday(&run[6..14]) && check_of(&run.as_bytes()[..17]) == Some(run.as_bytes()[17]),
        15 => has_birthday(&format!("19{}", &run[6..12])),
        _ => false,
    };
    is_identity.then_some(Kind::Identity)
}

fn has_birthday(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|text| text.parse::<i16>().ok());
    let day = part(0, 4).zip(part(4, 6)).zip(part(6, 8));
    day.is_some_and(|((year, month), day)| {
        (1900..=2100).contains(&year)
            && i8::try_from(month)
                .ok()
                .zip(i8::try_from(day).ok())
                .is_some_and(|(month, day)| jiff::civil::Date::new(year, month, day).is_ok())
    })
}

fn check_of(seventeen: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (byte, weight) in seventeen.iter().zip(WEIGHTS) {
        sum += u32::from(byte.is_ascii_digit().then(|| byte - b'0')?) * weight;
    }
    CHECKS.get((sum % 11) as usize).copied()
}

/// Columns that hold personal data: one finding each, with the number of such cells and never a value.
///
/// A column whose head names persons is refused as soon as one cell holds a number; others when a cell in fifty does.
pub fn personal_columns(layer: &Layer, map: &ColumnMap) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, column) in layer.columns.iter().enumerate() {
        let (mut mobiles, mut identities, mut filled) = (0_usize, 0_usize, 0_usize);
        // Numbers of areas and coordinates can look like anything.
        if matches!(map.field(column), Some(DeliveredField::Lng | DeliveredField::Lat | DeliveredField::Code)) {
            continue;
        }
        let mut first = None;
        for record in &layer.records {
            let cell = record.cells.get(at).unwrap_or(&Cell::Empty);
            if *cell == Cell::Empty {
                continue;
            }
            filled += 1;
            match kind_of(cell) {
                Some(Kind::Mobile) => mobiles += 1,
                Some(Kind::Identity) => identities += 1,
                None => continue,
            }
            first.get_or_insert(record);
        }
        let count = mobiles + identities;
        let head = column.to_lowercase();
        let named = PERSONAL_HEADS.iter().any(|word| head.contains(word));
        let Some(first) = first.filter(|_| named || count * 50 >= filled) else { continue };
        let (kind, kind_en) = if identities > mobiles {
            ("身份证号", "identity numbers")
        } else {
            ("手机号码", "mobile numbers")
        };
        let mut finding = Finding::new(&issues::PERSONAL_DATA, layer.place(first))
            .with("column", column.clone())
            .with("count", count)
            .with("kind", kind)
            .with("kind_en", kind_en);
        finding.params.insert("count", Param::Count(count as u64));
        finding.column = Some(column.clone());
        findings.push(finding);
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<Kind> {
        kind_of(&Cell::Text(text.into()))
    }

    #[test]
    fn mobile_and_identity_numbers_are_told_from_telephones_and_codes() {
        for mobile in ["13800000000", "138-0000-0000", "+86 138 0000 0000", "张某 13800000000"] {
            assert_eq!(kind(mobile), Some(Kind::Mobile), "{mobile}");
        }
        assert_eq!(kind("11010519491231002X"), Some(Kind::Identity));
        for other in ["010-65000000", "4008000000", "91000000MA00000157", "110105194912310021", "110105001001", "1649"]
        {
            assert_eq!(kind(other), None, "{other}");
        }
    }
}
