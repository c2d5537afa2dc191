//! Texts brought to one form, in which equal things are equal strings.

/// A text in its normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Normal {
    /// Letters and digits only, small, half width, single numerals as digits.
    pub text: String,
    /// Length in bytes without a bracket at the end, as (演示); the whole length when there is none.
    pub core: usize,
}

/// Normal form of a text: half width, small letters, no spaces, punctuation or brackets (their content stays), and the
/// numerals 一 to 九, Ⅰ to Ⅻ and ① to ⑩ as digits, with 十 for ten. Character by character, so that a part of a text has a
/// part of its normal form.
pub fn normalize(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut normal, c);
    }
    normal
}

fn push(normal: &mut String, c: char) {
    let c = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    if c.is_ascii() {
        if c.is_ascii_alphanumeric() {
            normal.push(c.to_ascii_lowercase());
        }
        return;
    }
    match c {
        '〇' | '零' => normal.push('0'),
        '一' => normal.push('1'),
        '二' => normal.push('2'),
        '三' => normal.push('3'),
        '四' => normal.push('4'),
        '五' => normal.push('5'),
        '六' => normal.push('6'),
        '七' => normal.push('7'),
        '八' => normal.push('8'),
        '九' => normal.push('9'),
        'Ⅰ'..='Ⅸ' => push_digit(normal, u32::from(c) - 0x215F),
        'ⅰ'..='ⅸ' => push_digit(normal, u32::from(c) - 0x216F),
        '①'..='⑨' => push_digit(normal, u32::from(c) - 0x245F),
        'Ⅹ' | 'ⅹ' | '⑩' => normal.push('十'),
        'Ⅺ' | 'ⅺ' => normal.push_str("十1"),
        'Ⅻ' | 'ⅻ' => normal.push_str("十2"),
        // Ideographs have no small form.
        '\u{4E00}'..='\u{9FFF}' => normal.push(c),
        _ => normal.extend(c.to_lowercase().filter(|c| c.is_alphanumeric())),
    }
}

fn push_digit(normal: &mut String, digit: u32) {
    normal.extend(char::from_digit(digit, 10));
}

/// Normal form of a text that is searched in.
pub(super) fn normal(text: &str) -> Normal {
    let core = before_last_bracket(text).map_or(0, |before| normalize(before).len());
    let text = normalize(text);
    Normal { core: if core == 0 { text.len() } else { core }, text }
}

/// What stands before the bracket that ends the text.
fn before_last_bracket(text: &str) -> Option<&str> {
    const OPEN: [char; 5] = ['(', '（', '[', '【', '〔'];
    const CLOSE: [char; 5] = [')', '）', ']', '】', '〕'];
    let text = text.trim_end();
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().rev() {
        if CLOSE.contains(&c) {
            depth += 1;
        } else if OPEN.contains(&c) && depth > 0 {
            depth -= 1;
        }
        if depth == 0 {
            return (at + c.len_utf8() < text.len()).then_some(&text[..at]);
        }
    }
    None
}

/// Other ways to write a normal form: 12 for 十2 and the reverse, and without 第 before a number. The form itself is first.
pub(super) fn forms(normal: &str) -> Vec<String> {
    let mut forms = vec![normal.to_owned()];
    for form in [with_arabic_tens(normal), with_chinese_tens(normal)] {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    for at in 0..forms.len() {
        let form = without_ordinal(&forms[at]);
        if !form.is_empty() && !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

fn with_arabic_tens(normal: &str) -> String {
    let chars: Vec<char> = normal.chars().collect();
    let digit_at = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut form = String::with_capacity(normal.len());
    for (at, c) in chars.iter().enumerate() {
        if *c != '十' {
            form.push(*c);
            continue;
        }
        if at == 0 || !digit_at(at - 1) {
            form.push('1');
        }
        if !digit_at(at + 1) {
            form.push('0');
        }
    }
    form
}

fn with_chinese_tens(normal: &str) -> String {
    let chars: Vec<char> = normal.chars().collect();
    let mut form = String::with_capacity(normal.len() + 3);
    let mut at = 0;
    while at < chars.len() {
        let digits = chars[at..].iter().take_while(|c| c.is_ascii_digit()).count();
        if digits == 2 && chars[at] != '0' {
            form.extend((chars[at] != '1').then_some(chars[at]));
            form.push('十');
            form.extend((chars[at + 1] != '0').then_some(chars[at + 1]));
        } else {
            form.extend(&chars[at..at + digits]);
            form.extend(chars.get(at + digits));
            at += 1;
            at += digits;
            continue;
        }
        at += 2;
    }
    form
}

fn without_ordinal(form: &str) -> String {
    let mut chars = form.chars().peekable();
    let mut without = String::with_capacity(form.len());
    while let Some(c) = chars.next() {
        let ordinal = c == '第' && chars.peek().is_some_and(|next| next.is_ascii_digit() || *next == '十');
        without.extend((!ordinal).then_some(c));
    }
    without
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_things_have_equal_forms() {
        for text in ["农光里一区", "农光里1区", "农光里 １区", "农光里Ⅰ区", "农光里①区", "（农光里）一·区"]
        {
            assert_eq!(normalize(text), "农光里1区");
        }
        assert_eq!(normalize("DEMO-JS-0042"), "demojs0042");
        assert_eq!(normalize("ＤＢＣ加州小镇"), "dbc加州小镇");
        assert_eq!(normalize("Ⅻ"), "十2");
        assert_eq!(normalize(" ,，。"), "");
    }

    #[test]
    fn a_bracket_at_the_end_is_outside_the_core() {
        let core = |text: &str| {
            let normal = normal(text);
            normal.text[..normal.core].to_owned()
        };
        assert_eq!(core("农光里(演示)"), "农光里");
        assert_eq!(core("农光里（东（甲））"), "农光里");
        assert_eq!(core("农光里（东）一区"), "农光里东1区");
        assert_eq!(core("(演示)"), "演示");
        assert_eq!(core("农光里)"), "农光里");
    }

    #[test]
    fn tens_are_written_both_ways_and_ordinals_drop() {
        assert!(forms("12区").contains(&"十2区".to_owned()));
        assert!(forms("十2区").contains(&"12区".to_owned()));
        assert!(forms("2十1区").contains(&"21区".to_owned()));
        assert!(forms("20号").contains(&"2十号".to_owned()));
        assert!(forms("第1区").contains(&"1区".to_owned()));
        assert_eq!(forms("115号"), vec!["115号".to_owned()]);
        assert_eq!(forms("甲乙"), vec!["甲乙".to_owned()]);
    }

    proptest! {
        #[test]
        fn the_form_of_a_part_is_a_part_of_the_form(a in ".{0,8}", b in ".{0,8}", c in ".{0,8}") {
            let whole = normalize(&format!("{a}{b}{c}"));
            prop_assert_eq!(&whole, &format!("{}{}{}", normalize(&a), normalize(&b), normalize(&c)));
            prop_assert_eq!(normalize(&whole), whole.clone());
            prop_assert!(!forms(&whole).is_empty());
            let normal = normal(&format!("{a}({b})"));
            prop_assert!(normal.text.is_char_boundary(normal.core));
        }
    }
}
