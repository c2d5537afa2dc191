//! From a question to the posting lists that its answers must be in.

use crate::search::pinyin::{READINGS, Syllable, UNREADABLE, initial};
use crate::search::postings::{ANY, Candidates, Postings, START, Symbol, Union, fold, gram};

/// Syllables of a question that are looked up; the check against the text does the rest.
const SYLLABLES: usize = 4;

/// Pairs of a question that are looked up.
const PAIRS: usize = 8;

/// Where in a text the match must begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At its first character.
    Start,
    /// Anywhere.
    Anywhere,
}

/// Rows whose text may hold these characters side by side.
pub(super) fn literal<'a>(postings: &'a Postings, wanted: &str, place: Place) -> Candidates<'a> {
    let symbols: Vec<Symbol> = wanted.chars().take(PAIRS + 1).map(fold).collect();
    of_symbols(postings, &symbols, place)
}

/// Rows whose text may have these initials side by side; none when the text is not all small letters and digits.
pub(super) fn initials<'a>(postings: &'a Postings, wanted: &str, place: Place) -> Candidates<'a> {
    let symbols: Vec<Symbol> = wanted.bytes().take(PAIRS + 1).map(initial).collect();
    if symbols.contains(&0) {
        return Candidates::default();
    }
    of_symbols(postings, &symbols, place)
}

fn of_symbols<'a>(postings: &'a Postings, symbols: &[Symbol], place: Place) -> Candidates<'a> {
    let single = |first, second| Union { lists: postings.lists(gram(first, second), gram(first, second)).collect() };
    let mut unions: Vec<Union<'a>> = symbols.windows(2).map(|pair| single(pair[0], pair[1])).collect();
    match (symbols.first(), place) {
        (Some(first), Place::Start) => unions.push(single(START, *first)),
        (Some(only), Place::Anywhere) if symbols.len() == 1 => unions.push(single(ANY, *only)),
        _ => {}
    }
    let mut candidates = Candidates::default();
    candidates.add(unions);
    candidates
}

/// Rows whose text may be read so; characters that are no letters stand for all their readings.
pub(super) fn pinyin<'a>(postings: &'a Postings, wanted: &str, place: Place) -> Candidates<'a> {
    let first = match place {
        Place::Start => START,
        Place::Anywhere => ANY,
    };
    let mut cutter = Cutter { postings, place, unions: Vec::new(), candidates: Candidates::default() };
    cutter.cut(wanted, &[first]);
    cutter.candidates
}

/// Whether any text may be read so, anywhere.
pub(super) fn pinyin_may_be(postings: &Postings, wanted: &str) -> bool {
    pinyin(postings, wanted, Place::Anywhere).size() > 0
}

/// Rows that hold two of the three or more characters side by side, or all but one apart, so that one may be wrong.
pub(super) fn one_wrong<'a>(postings: &'a Postings, wanted: &[char]) -> Candidates<'a> {
    let symbols: Vec<Symbol> = wanted.iter().copied().take(PAIRS + 1).map(fold).collect();
    let single = |first, second| Union { lists: postings.lists(gram(first, second), gram(first, second)).collect() };
    let mut candidates = Candidates::default();
    for wrong in 0..symbols.len() {
        let mut unions = Vec::new();
        for (at, symbol) in symbols.iter().enumerate().filter(|(at, _)| *at != wrong) {
            match symbols.get(at + 1) {
                Some(following) if at + 1 != wrong => unions.push(single(*symbol, *following)),
                // The pair before has it already.
                _ if at > 0 && at - 1 != wrong => {}
                _ => unions.push(single(ANY, *symbol)),
            }
        }
        candidates.add(unions);
    }
    candidates
}

/// Cuts a text into at most [`SYLLABLES`] syllables in every way of which the index has all pairs; the last syllable may
/// be unfinished.
struct Cutter<'a> {
    postings: &'a Postings,
    place: Place,
    /// Rows per pair of the way so far.
    unions: Vec<Union<'a>>,
    candidates: Candidates<'a>,
}

impl<'a> Cutter<'a> {
    fn cut(&mut self, rest: &str, before: &[Symbol]) {
        let Some(c) = rest.chars().next() else { return self.found() };
        if self.unions.len() == SYLLABLES {
            return self.found();
        }
        if !c.is_ascii() {
            let here = match READINGS.of(c).syllables.as_slice() {
                [] => &[UNREADABLE],
                syllables => syllables,
            };
            let union = self.pairs(before, here.iter().map(|syllable| (*syllable, *syllable)));
            return self.go_on(union, |cutter| cutter.cut(&rest[c.len_utf8()..], here));
        }
        if let Some(range) = READINGS.beginning_with(rest) {
            let union = self.pairs(before, std::iter::once(range));
            self.go_on(union, Self::found);
        }
        for (length, syllable) in READINGS.syllables_of(rest) {
            // A syllable that ends the text is among those that begin so.
            if length < rest.len() {
                let union = self.pairs(before, std::iter::once((syllable, syllable)));
                self.go_on(union, |cutter| cutter.cut(&rest[length..], &[syllable]));
            }
        }
    }

    fn pairs(&self, before: &[Symbol], here: impl Iterator<Item = (Syllable, Syllable)> + Clone) -> Union<'a> {
        let mut union = Union::default();
        for first in before {
            for (from, to) in here.clone() {
                union.lists.extend(self.postings.lists(gram(*first, from), gram(*first, to)));
            }
        }
        union
    }

    fn go_on(&mut self, union: Union<'a>, then: impl FnOnce(&mut Self)) {
        if !union.lists.is_empty() {
            self.unions.push(union);
            then(self);
            self.unions.pop();
        }
    }

    fn found(&mut self) {
        // That the first syllable is somewhere follows from the first pair.
        let implied = usize::from(self.place == Place::Anywhere && self.unions.len() > 1);
        self.candidates.add(self.unions[implied..].to_vec());
    }
}

/// Whether small letters and digits can be cut into syllables and digits, the last of which may be unfinished.
pub(super) fn is_readable(letters: &str) -> bool {
    let mut reachable = vec![false; letters.len() + 1];
    reachable[0] = true;
    for at in 0..letters.len() {
        if !reachable[at] {
            continue;
        }
        let Some(rest) = letters.get(at..) else { continue };
        if READINGS.beginning_with(rest).is_some() {
            return true;
        }
        for (length, _) in READINGS.syllables_of(rest) {
            reachable[at + length] |= length > 1 || !is_consonant(rest.as_bytes()[0]);
        }
    }
    reachable[letters.len()]
}

/// Whether this letter alone is no syllable; it only stands for itself, in names such as DBC.
fn is_consonant(letter: u8) -> bool {
    letter.is_ascii_lowercase() && !b"aeo".contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_cut_in_every_way_that_the_index_has() {
        let number = |text: &str| READINGS.syllables_of(text).last().unwrap().1;
        let pair = |first, second, row: u64| u64::from(gram(first, second)) << 32 | row;
        let (xi, an, xian) = (number("xi"), number("an"), number("xian"));
        let postings = Postings::build(vec![
            pair(START, xi, 0),
            pair(ANY, xi, 0),
            pair(xi, an, 0),
            pair(START, xian, 1),
            pair(ANY, xian, 1),
            pair(ANY, xian, 2),
        ]);
        let rows = |text: &str, place| pinyin(&postings, text, place).collect::<Vec<_>>();
        assert_eq!(rows("xian", Place::Anywhere), vec![0, 1, 2]);
        assert_eq!(rows("xian", Place::Start), vec![0, 1]);
        assert_eq!(rows("先", Place::Anywhere), vec![1, 2]);
        assert!(rows("xianan", Place::Anywhere).is_empty());
        assert!(rows("", Place::Anywhere).is_empty());
    }

    #[test]
    fn a_text_is_readable_when_syllables_fill_it() {
        for text in ["zaoying", "zaoyi", "wangj", "12hao"] {
            assert!(is_readable(text), "{text}");
        }
        assert!(!is_readable("zx"));
        assert!(!is_readable("zaoygin"));
    }
}
