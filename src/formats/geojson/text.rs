//! JSON text, walked without building a tree: what is a value's extent, and which members has an object.
//!
//! Nothing here recurses, so that brackets nested a hundred thousand deep cost nothing but their bytes.

/// A state of the walk over a value whose text comes in pieces.
#[derive(Debug, Clone, Default)]
pub(super) struct Extent {
    depth: usize,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

/// How far a value reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It ends before this byte of the piece.
    Ends(usize),
    /// It goes on behind the piece.
    GoesOn,
    /// It is nested deeper than allowed.
    TooDeep,
}

impl Extent {
    /// Walks over the next piece of a value that began at the first byte of the first piece, which is no blank.
    ///
    /// Only brackets and strings are looked at; whether the value is JSON is for its parser to say.
    pub fn walk(&mut self, piece: &[u8], depth_max: usize) -> Reach {
        let mut at = 0;
        while at < piece.len() {
            if self.in_string {
                let rest = &piece[at..];
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                match rest.iter().position(|b| matches!(b, b'"' | b'\\')) {
                    None => return Reach::GoesOn,
                    Some(skip) => {
                        at += skip + 1;
                        if rest[skip] == b'\\' {
                            self.escaped = true;
                            continue;
                        }
                        self.in_string = false;
                        if self.depth == 0 {
                            return Reach::Ends(at);
                        }
                    }
                }
                continue;
            }
            match piece[at] {
                b'"' => {
                    // A string begins, or a scalar ends without a separator, which its parser will not like.
                    self.in_string = true;
                    self.begun = true;
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    self.begun = true;
                    if self.depth > depth_max {
                        return Reach::TooDeep;
                    }
                }
                b'}' | b']' => {
                    if self.depth == 0 {
                        return Reach::Ends(at);
                    }
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Reach::Ends(at + 1);
                    }
                }
                b',' | b':' if self.depth == 0 => return Reach::Ends(at),
                b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 && self.begun => return Reach::Ends(at),
                _ => self.begun = true,
            }
            at += 1;
        }
        Reach::GoesOn
    }
}

/// The members of an object: name as it is written, without its quotation marks, and text of the value.
///
/// Ends at the first thing that is out of place; [`Members::is_whole`] tells whether that was the end of the object.
#[derive(Debug)]
pub(super) struct Members<'a> {
    text: &'a str,
    at: usize,
    depth_max: usize,
    whole: bool,
    first: bool,
}

impl<'a> Members<'a> {
    pub fn new(text: &'a str, depth_max: usize) -> Self {
        Self { text, at: 0, depth_max, whole: false, first: true }
    }

    /// Whether the object ended where the text does.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    fn blanks(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n')).unwrap_or(rest.len());
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.blanks();
        (self.text.as_bytes().get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    fn value(&mut self) -> Option<&'a str> {
        self.blanks();
        let rest = &self.text[self.at..];
        let Reach::Ends(length) = Extent::default().walk(rest.as_bytes(), self.depth_max) else { return None };
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.first {
            self.take(b'{')?;
        }
        if self.take(b'}').is_some() {
            self.blanks();
            self.whole = self.at == self.text.len();
            return None;
        }
        if !self.first {
            self.take(b',')?;
        }
        self.first = false;
        let name = self.value()?.strip_prefix('"')?.strip_suffix('"')?;
        self.take(b':')?;
        Some((name, self.value()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members(text: &str) -> (Vec<(&str, &str)>, bool) {
        let mut members = Members::new(text, 8);
        (members.by_ref().collect(), members.is_whole())
    }

    #[test]
    fn members_are_told_apart_without_a_tree() {
        let text = r#" { "a" : [1,{"}":"\"]"}] , "b":-1.5e3,"c":"x\\" ,"d":null} "#;
        let found = vec![("a", r#"[1,{"}":"\"]"}]"#), ("b", "-1.5e3"), ("c", r#""x\\""#), ("d", "null")];
        assert_eq!(members(text), (found, true));
        assert_eq!(members("{}"), (vec![], true));
    }

    #[test]
    fn what_is_out_of_place_ends_the_members() {
        assert_eq!(members(r#"{"a":1 "b":2}"#), (vec![("a", "1")], false));
        assert!(!members(r#"{"a":1"#).1);
        assert!(!members(r#"{"a":1}x"#).1);
        assert!(!members("[1]").1);
        assert!(!members(&"{\"a\":".repeat(100_000)).1);
    }

    proptest! {
        #[test]
        fn a_value_ends_where_it_does_however_it_is_cut(numbers: Vec<i32>, text in "[a\"\\\\{\\[枣]{0,9}", cut in 1usize..9) {
            let value = serde_json::json!({"n": numbers, "t": [text]}).to_string();
            let padded = format!("{value},1");
            let (mut extent, mut walked) = (Extent::default(), 0);
            let mut end = None;
            for piece in padded.as_bytes().chunks(cut) {
                match extent.walk(piece, 9) {
                    Reach::Ends(at) => { end = Some(walked + at); break }
                    Reach::GoesOn => walked += piece.len(),
                    Reach::TooDeep => unreachable!(),
                }
            }
            prop_assert_eq!(end, Some(value.len()));
        }

        #[test]
        fn any_text_is_taken(text in "[{}\\[\\]:,\"\\\\a1 枣]{0,40}") {
            members(&text);
        }
    }
}
