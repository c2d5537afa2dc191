//! Texts that people write: how long they are, and what must not stand in those that others read.

use crate::app::access::{AccessError, Invalidity};

/// A text without the spaces around it. Errors: it says nothing, is too long, or has control characters other than line
/// breaks.
pub(super) fn text(field: &'static str, text: &str, max: usize) -> Result<String, AccessError> {
    let told = text.trim();
    let refuse = |why| Err(AccessError::invalid(field, why));
    if told.is_empty() {
        return refuse(Invalidity::Empty);
    }
    if told.chars().count() > max {
        return refuse(Invalidity::TooLong { max });
    }
    if told.chars().any(|c| c.is_control() && c != '\n') || told.chars().any(is_direction) {
        return refuse(Invalidity::ControlCharacters);
    }
    Ok(told.to_owned())
}

/// Characters that turn the direction of what follows them, with which a text can look like another one.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// What stands in a text that tells of a person: a telephone number, a number of an identity card, an e-mail address.
///
/// Plain runs of 7, 8, 10, 11 or 12 digits are telephone numbers unless they are a date, longer ones numbers of cards. With
/// separators between the digits only what is built like a mobile number, a number with its area code or an identity card
/// is, so that 12-3-1201 (building, unit, room) may stand in a text.
pub(super) fn personal(text: &str) -> Option<Invalidity> {
    let plain: Vec<char> = text.chars().map(narrow).collect();
    let at_sign = |at: &usize| {
        let beside = |at: Option<usize>| at.and_then(|at| plain.get(at)).is_some_and(|c| !c.is_whitespace());
        plain[*at] == '@' && beside(at.checked_sub(1)) && beside(Some(at + 1))
    };
    if (0..plain.len()).any(|at| at_sign(&at)) {
        return Some(Invalidity::MailAddress);
    }
    runs(&plain).iter().find_map(|run| run.fault())
}

/// Full-width characters as the narrow ones that they stand for.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{3000}' | '\u{a0}' => ' ',
        '〇' | '零' => '0',
        '一' => '1',
        '二' => '2',
        '三' => '3',
        '四' => '4',
        '五' => '5',
        '六' => '6',
        '七' => '7',
        '八' => '8',
        '九' => '9',
        other => other,
    }
}

/// Digits with single separators between them.
struct Run {
    /// The parts between the separators.
    parts: Vec<String>,
    /// Whether it ends in the check character X.
    checked: bool,
    /// Whether a decimal point stands before its first part.
    decimal: bool,
}

fn runs(plain: &[char]) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut at = 0;
    while at < plain.len() {
        if !plain[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let decimal = at > 1 && plain[at - 1] == '.' && plain[at - 2].is_ascii_digit();
        let mut run = Run { parts: vec![String::new()], checked: false, decimal };
        while let Some(c) = plain.get(at) {
            let next_is_digit = plain.get(at + 1).is_some_and(char::is_ascii_digit);
            match c {
                c if c.is_ascii_digit() => run.parts.last_mut().expect("there is one always").push(*c),
                'x' | 'X' => {
                    run.checked = true;
                    at += 1;
                    break;
                }
                ' ' | '-' | '_' | '·' | ')' if next_is_digit => run.parts.push(String::new()),
                _ => break,
            }
            at += 1;
        }
        found.push(run);
    }
    found
}

impl Run {
    fn fault(&self) -> Option<Invalidity> {
        let plain = self.parts.iter().zip(0..).find_map(|(part, at)| {
            if self.decimal && at == 0 {
                return None;
            }
            match part.len() {
                8 if is_date(part) => None,
                7 | 8 | 10..=12 => Some(Invalidity::PhoneNumber),
                13.. => Some(Invalidity::IdNumber),
                _ => None,
            }
        });
        plain.or_else(|| if self.decimal { None } else { self.joined() })
    }

    /// What some of the parts are together.
    fn joined(&self) -> Option<Invalidity> {
        let count = self.parts.len();
        let windows = (0..count).flat_map(|from| (from + 1..=count).map(move |to| (from, to)));
        windows.into_iter().find_map(|(from, to)| {
            let parts = &self.parts[from..to];
            let checked = self.checked && to == count;
            let (first, whole) = (&parts[0], parts.concat());
            let mobile = whole.len() == 11 && whole.starts_with('1') && !whole.starts_with("10") && first.len() >= 3;
            let area_code = (10..=12).contains(&whole.len()) && whole.starts_with('0') && matches!(first.len(), 3 | 4);
            let halves = parts.len() == 2 && parts.iter().all(|part| part.len() == 4 && !is_year(part));
            let card = first.len() == 6 && (whole.len() == 18 || whole.len() == 17 && checked);
            match () {
                () if mobile || area_code || halves => Some(Invalidity::PhoneNumber),
                () if card => Some(Invalidity::IdNumber),
                () => None,
            }
        })
    }
}

/// Whether four digits are a year of this or the last century.
fn is_year(digits: &str) -> bool {
    digits.starts_with("19") || digits.starts_with("20")
}

/// Whether eight digits are a day of this or the last century.
fn is_date(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<i16>().ok());
    let (Some(year), Some(month), Some(day)) = (part(0, 4), part(4, 6), part(6, 8)) else { return false };
    let small = |number: i16| i8::try_from(number).ok();
    (1900..2100).contains(&year)
        && small(month).zip(small(day)).is_some_and(|(month, day)| jiff::civil::Date::new(year, month, day).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_of_a_person_is_found() {
        for (text, why) in [
            ("请联系13800138000", Invalidity::PhoneNumber),
            ("电话 138 0013 8000", Invalidity::PhoneNumber),
            ("１３８００１３８０００", Invalidity::PhoneNumber),
            ("一三八零零一三八零零零", Invalidity::PhoneNumber),
            ("+86 138-0013-8000", Invalidity::PhoneNumber),
            ("010-85612345", Invalidity::PhoneNumber),
            ("(010)85612345", Invalidity::PhoneNumber),
            ("座机8561-2345", Invalidity::PhoneNumber),
            ("85612345", Invalidity::PhoneNumber),
            ("0316 2345678", Invalidity::PhoneNumber),
            ("11010519491231002X", Invalidity::IdNumber),
            ("110105 19491231 002X", Invalidity::IdNumber),
            ("110105194912310021", Invalidity::IdNumber),
            ("110105491231002", Invalidity::IdNumber),
            ("6222021234567890123", Invalidity::IdNumber),
            ("写信给 zhao@example.cn", Invalidity::MailAddress),
            ("zhao＠example．cn", Invalidity::MailAddress),
        ] {
            assert_eq!(personal(text), Some(why), "{text}");
        }
    }

    #[test]
    fn what_is_only_a_number_may_stand_there() {
        for text in [
            "枣营北里 12 号楼 3 单元 1201",
            "12-3-1201 门前的绿地不在界内",
            "2022年10月27日公告",
            "20221027",
            "2022-10-27",
            "街道代码 110105017",
            "编号 CY-JS-0042",
            "位置 116.471234,39.950123",
            "位置 116.47123456, 39.95012345",
            "邮编 100026",
            "建筑面积 45678.5 平方米",
            "联系 @ 物业",
            "2019-2023 年",
        ] {
            assert_eq!(personal(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_is_trimmed_and_measured_in_characters() {
        assert_eq!(text("text", " 两个字 \n", 3).unwrap(), "两个字");
        let why = |told: &str| match text("text", told, 3) {
            Err(AccessError::Invalid { field: "text", why }) => why,
            told => panic!("{told:?}"),
        };
        assert_eq!(why("四个字了"), Invalidity::TooLong { max: 3 });
        assert_eq!(why(" \n"), Invalidity::Empty);
        assert_eq!(why("a\u{7}b"), Invalidity::ControlCharacters);
        assert_eq!(why("a\u{202e}b"), Invalidity::ControlCharacters);
    }
}
