//! Typing errors: one letter of the pinyin, one character, or characters that only sound right.

use crate::search::document::MatchField;
use crate::search::gather::Gather;
use crate::search::part::Part;
use crate::search::postings::Candidates;
use crate::search::probe;

/// Lengths of pinyin in which one letter may be wrong: a shorter one would match nearly anything.
const LETTERS: std::ops::RangeInclusive<usize> = 4..=32;

/// Characters from which on one may be wrong.
const CHARACTERS: std::ops::RangeInclusive<usize> = 3..=32;

/// Characters from which on homophones count.
const HOMOPHONES: std::ops::RangeInclusive<usize> = 2..=32;

/// With this many better hits nobody has mistyped.
const GOOD_HITS: usize = 3;

impl Gather<'_> {
    /// Adds texts that differ from what was typed by one error, unless enough match as typed.
    pub fn typing_errors(&mut self, wanted: &str) {
        if self.count() >= GOOD_HITS || self.remaining() == 0 {
            return;
        }
        let index = self.index;
        if wanted.is_ascii() {
            if LETTERS.contains(&wanted.len()) && wanted.bytes().any(|b| b.is_ascii_lowercase()) {
                // Most changed spellings are read by nothing in the register; only those that are get compared.
                let spellings: Vec<String> = one_letter_off(wanted)
                    .into_iter()
                    .filter(|spelling| {
                        let may_be = |part: &Part| probe::pinyin_may_be(part.lists(MatchField::Pinyin), spelling);
                        probe::is_readable(spelling) && index.parts().into_iter().any(may_be)
                    })
                    .collect();
                self.field(
                    MatchField::Typo,
                    |part, place| {
                        let readings = part.lists(MatchField::Pinyin);
                        let mut candidates = Candidates::default();
                        spellings
                            .iter()
                            .for_each(|spelling| candidates.extend(probe::pinyin(readings, spelling, place)));
                        candidates
                    },
                    |subject| spellings.iter().filter_map(|spelling| subject.pinyin(spelling)).min(),
                );
            }
            return;
        }
        let characters: Vec<char> = wanted.chars().collect();
        if HOMOPHONES.contains(&characters.len()) {
            self.field(
                MatchField::Typo,
                |part, place| probe::pinyin(part.lists(MatchField::Pinyin), wanted, place),
                |subject| subject.homophone(&characters),
            );
        }
        if CHARACTERS.contains(&characters.len()) {
            self.field(
                MatchField::Typo,
                |part, _| {
                    let mut candidates = probe::one_wrong(part.lists(MatchField::Name), &characters);
                    candidates.extend(probe::one_wrong(part.lists(MatchField::Alias), &characters));
                    candidates
                },
                |subject| subject.one_wrong(&characters),
            );
        }
    }
}

/// Every spelling with one letter left out, put in, replaced, or exchanged with the next.
fn one_letter_off(wanted: &str) -> Vec<String> {
    let letters = wanted.as_bytes();
    let mut spellings = Vec::with_capacity(letters.len() * 54);
    let mut add = |parts: [&[u8]; 3]| spellings.extend(String::from_utf8(parts.concat()));
    for at in 0..=letters.len() {
        let (before, after) = letters.split_at(at);
        for letter in b'a'..=b'z' {
            add([before, &[letter], after]);
            if let Some((replaced, rest)) = after.split_first()
                && *replaced != letter
            {
                add([before, &[letter], rest]);
            }
        }
        if let Some((_, rest)) = after.split_first() {
            add([before, rest, &[]]);
        }
        if let [first, second, rest @ ..] = after
            && first != second
        {
            add([before, &[*second, *first], rest]);
        }
    }
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_is_wrong_in_four_ways() {
        let spellings = one_letter_off("zoaying");
        for wanted in ["zaoying", "zoayin", "zoayingg", "zoaxing"] {
            assert!(spellings.iter().any(|s| s == wanted), "{wanted}");
        }
        assert!(!spellings.iter().any(|s| s == "zoaying"));
    }
}
