//! Whether and how well one text matches. Candidates from the posting lists are decided here.

use crate::search::pinyin::{READINGS, initial_bit};

/// How a text matches, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// The whole text, or all but a bracket at its end.
    Exact,
    /// Its beginning.
    Prefix,
    /// A part of it.
    Inside,
}

/// A text in its normal form; `core` is its length in bytes without a bracket at the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The normal form.
    pub text: &'a str,
    /// Bytes of it without the bracket.
    pub core: usize,
}

impl Subject<'_> {
    fn tier(&self, start: usize, end: usize) -> Tier {
        match start {
            0 if end == self.core || end == self.text.len() => Tier::Exact,
            0 => Tier::Prefix,
            _ => Tier::Inside,
        }
    }

    /// Matches by characters.
    pub fn literal(&self, wanted: &str) -> Option<Tier> {
        if self.text.starts_with(wanted) {
            return Some(self.tier(0, wanted.len()));
        }
        self.text.contains(wanted).then_some(Tier::Inside)
    }

    /// Matches by any reading of each character, or the character itself; the last reading may be unfinished.
    ///
    /// `wanted` has at most [`PINYIN_BYTES`] bytes; a longer one matches nothing.
    pub fn pinyin(&self, wanted: &str) -> Option<Tier> {
        if wanted.is_empty() || wanted.len() > PINYIN_BYTES {
            return None;
        }
        self.best(|start| self.pinyin_from(start, wanted))
    }

    fn pinyin_from(&self, start: usize, wanted: &str) -> Option<Tier> {
        // Bit n: the first n bytes of what is wanted are consumed. Every way to read the characters so far is followed at once.
        let mut consumed = 1_u128;
        let mut best = None;
        for (at, c) in self.text[start..].char_indices() {
            let mut after = 0_u128;
            while consumed != 0 {
                let done = consumed.trailing_zeros() as usize;
                consumed &= consumed - 1;
                let Some(rest) = wanted.get(done..) else { continue };
                for reading in &READINGS.of(c).texts {
                    if rest.starts_with(reading) {
                        after |= 1 << (done + reading.len());
                    } else if reading.starts_with(rest) {
                        best = better(best, self.tier(start, 0));
                    }
                }
                if !c.is_ascii() && rest.starts_with(c) {
                    after |= 1 << (done + c.len_utf8());
                }
            }
            if after >> wanted.len() & 1 == 1 {
                best = better(best, self.tier(start, start + at + c.len_utf8()));
            }
            consumed = after & !(1 << wanted.len());
            if consumed == 0 {
                break;
            }
        }
        best
    }

    /// Matches by the first letters of any reading of each character.
    pub fn initials(&self, wanted: &str) -> Option<Tier> {
        self.windows(wanted.as_bytes(), 0, |c, byte| READINGS.of(c).initials & initial_bit(*byte) != 0)
    }

    /// Matches when every character is the wanted one or shares a reading with it.
    pub fn homophone(&self, wanted: &[char]) -> Option<Tier> {
        self.windows(wanted, 0, |c, other| c == *other || share_a_reading(c, *other))
    }

    /// Matches when at most one character differs.
    pub fn one_wrong(&self, wanted: &[char]) -> Option<Tier> {
        self.windows(wanted, 1, |c, other| c == *other)
    }

    /// The best place at which as many characters as wanted follow of which at most `wrong` do not fit.
    fn windows<T>(&self, wanted: &[T], wrong: usize, fits: impl Fn(char, &T) -> bool) -> Option<Tier> {
        if wanted.is_empty() {
            return None;
        }
        self.best(|start| {
            let mut wrong = wrong;
            let mut wanted = wanted.iter();
            for (at, c) in self.text[start..].char_indices() {
                let next = wanted.next()?;
                if !fits(c, next) {
                    wrong = wrong.checked_sub(1)?;
                }
                if wanted.len() == 0 {
                    return Some(self.tier(start, start + at + c.len_utf8()));
                }
            }
            None
        })
    }

    fn best(&self, match_from: impl Fn(usize) -> Option<Tier>) -> Option<Tier> {
        self.text.char_indices().find_map(|(start, _)| match_from(start))
    }
}

/// Longest question, in bytes, that is compared with readings.
pub(super) const PINYIN_BYTES: usize = 127;

fn better(best: Option<Tier>, tier: Tier) -> Option<Tier> {
    Some(best.map_or(tier, |best| best.min(tier)))
}

fn share_a_reading(a: char, b: char) -> bool {
    let (a, b) = (READINGS.of(a), READINGS.of(b));
    a.syllables.iter().any(|syllable| b.syllables.contains(syllable))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZAOYING: Subject<'static> = Subject { text: "枣营北里演示", core: 12 };

    #[test]
    fn the_bracket_does_not_hinder_an_exact_match() {
        assert_eq!(ZAOYING.literal("枣营北里"), Some(Tier::Exact));
        assert_eq!(ZAOYING.literal("枣营北里演示"), Some(Tier::Exact));
        assert_eq!(ZAOYING.literal("枣营"), Some(Tier::Prefix));
        assert_eq!(ZAOYING.literal("营北"), Some(Tier::Inside));
        assert_eq!(ZAOYING.literal("营里"), None);
    }

    #[test]
    fn pinyin_matches_from_any_syllable_and_may_end_in_one() {
        assert_eq!(ZAOYING.pinyin("zaoyingbeili"), Some(Tier::Exact));
        assert_eq!(ZAOYING.pinyin("zaoyi"), Some(Tier::Prefix));
        assert_eq!(ZAOYING.pinyin("yingb"), Some(Tier::Inside));
        assert_eq!(ZAOYING.pinyin("枣ying"), Some(Tier::Prefix));
        assert_eq!(ZAOYING.pinyin("aoying"), None);
        assert_eq!(ZAOYING.pinyin("zaoyingx"), None);
        assert_eq!(ZAOYING.pinyin(&"z".repeat(500)), None);
        let xian = Subject { text: "西安鲜", core: 9 };
        assert_eq!(xian.pinyin("xianxian"), Some(Tier::Exact));
        assert_eq!(xian.pinyin("xian"), Some(Tier::Prefix));
    }

    #[test]
    fn every_reading_counts_for_initials() {
        let subject = Subject { text: "朝阳1区", core: 10 };
        assert_eq!(subject.initials("cyyq"), Some(Tier::Exact));
        assert_eq!(subject.initials("zy1q"), Some(Tier::Exact));
        assert_eq!(subject.initials("y1"), Some(Tier::Inside));
        assert_eq!(subject.initials("cq"), None);
    }

    #[test]
    fn homophones_and_one_wrong_character_match() {
        let subject = Subject { text: "潘家园", core: 9 };
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(subject.homophone(&chars("潘家圆")), Some(Tier::Exact));
        assert_eq!(subject.homophone(&chars("潘家里")), None);
        assert_eq!(subject.one_wrong(&chars("潘加园")), Some(Tier::Exact));
        assert_eq!(subject.one_wrong(&chars("番加园")), None);
        assert_eq!(subject.one_wrong(&chars("潘家园里")), None);
    }
}
