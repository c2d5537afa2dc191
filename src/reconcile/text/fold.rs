//! Texts of different hands in one form: width, traditional characters, numerals, brackets that say nothing.

use std::sync::LazyLock;

use crate::search::normalize;

/// Traditional characters, each followed by its simplified one. From OpenCC's `TSCharacters` (Apache-2.0).
const TRADITIONAL: &str = include_str!("traditional.txt");

/// The ideographs of the basic plane, by code point from [`IDEOGRAPHS`] on, each with its simplified one.
static SIMPLE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut simple: Vec<char> = IDEOGRAPHS.collect();
    let mut chars = TRADITIONAL.chars().filter(|c| *c != '\n');
    while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
        if let Some(place) = place(from).and_then(|place| simple.get_mut(place)) {
            *place = to;
        }
    }
    simple
});

const IDEOGRAPHS: std::ops::RangeInclusive<char> = '\u{3400}'..='\u{9FFF}';

fn place(c: char) -> Option<usize> {
    Some(u32::from(c).checked_sub(u32::from(*IDEOGRAPHS.start()))? as usize)
}

fn simple(c: char) -> char {
    place(c).and_then(|place| SIMPLE.get(place)).copied().unwrap_or(c)
}

/// What a bracket may hold without saying anything.
const EMPTY_WORDS: [&str; 6] = ["住宅", "演示", "小区", "居住区", "住宅区", "居民区"];

/// A mark in a folded text for 至, 到, - and ~ between numbers, and one for 、 and its like.
pub(crate) const TO: char = '-';
pub(crate) const AND: char = ',';

/// The text in simplified characters, half width, small letters, numbers as digits, without blanks and punctuation.
pub(crate) fn fold(text: &str) -> String {
    join_tens(&normalize(&simplified(text)))
}

/// As [`fold`], with the marks [`TO`] and [`AND`] where the text counts members.
pub(crate) fn fold_list(text: &str) -> String {
    let simple = without_empty_brackets(&simplified(text));
    let mut folded = String::with_capacity(simple.len());
    for part in simple.split_inclusive(is_separator) {
        let (words, separator) = match part.char_indices().next_back() {
            Some((at, c)) if is_separator(c) => (&part[..at], Some(c)),
            _ => (part, None),
        };
        folded.push_str(&join_tens(&normalize(words)));
        if let Some(c) = separator {
            folded.push(if matches!(c, '、' | '，' | ',' | '/') { AND } else { TO });
        }
    }
    folded
}

fn is_separator(c: char) -> bool {
    matches!(c, '、' | '，' | ',' | '/' | '至' | '到' | '-' | '－' | '~' | '～' | '—' | '–' | '―')
}

fn simplified(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { text.chars().map(simple).collect() }
}

fn without_empty_brackets(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some(open) = rest.find(['(', '（', '[', '【']) {
        let inside_from = open + rest[open..].chars().next().map_or(1, char::len_utf8);
        let Some(length) = rest[inside_from..].find([')', '）', ']', '】']) else { break };
        let inside = rest[inside_from..inside_from + length].trim();
        kept.push_str(&rest[..open]);
        if !EMPTY_WORDS.contains(&inside) {
            kept.push_str(inside);
        }
        let close = inside_from + length;
        rest = &rest[close + rest[close..].chars().next().map_or(1, char::len_utf8)..];
    }
    kept.push_str(rest);
    kept
}

/// 2十2 to 22, 十2 to 12, 2十 to 20; 十 alone is 10.
fn join_tens(text: &str) -> String {
    if !text.contains('十') {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut joined = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        if *c != '十' {
            joined.push(*c);
            continue;
        }
        if at == 0 || !digit(at - 1) {
            joined.push('1');
        }
        if !digit(at + 1) {
            joined.push('0');
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_by_other_hands_is_one_text() {
        for text in ["國風公寓Ｂ區", "国风公寓B区", "国风 公寓（B区）", "国风公寓b区"] {
            assert_eq!(fold_list(text), "国风公寓b区");
        }
        assert_eq!(fold("高家苑街二十二号院"), "高家苑街22号院");
        assert_eq!(fold("十里堡"), "10里堡");
    }

    #[test]
    fn brackets_that_say_nothing_are_left_out_and_lists_keep_their_marks() {
        assert_eq!(fold_list("望湖里34号院1期(住宅)"), "望湖里34号院1期");
        assert_eq!(fold_list("东泽园二至四区"), "东泽园2-4区");
        assert_eq!(fold_list("枫林花园一、二期"), "枫林花园1,2期");
    }
}
