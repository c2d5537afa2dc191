//! From a question to the posting lists that its answers must be in.

use crate::search::pinyin::{READINGS, SYLLABLE_LETTERS, Syllable, UNREADABLE, initial};
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
    let mut candidates = Candidates::default();
    for steps in segmentations(wanted) {
        let mut unions: Vec<Union<'a>> =
            steps.windows(2).map(|pair| pairs(postings, &each(&pair[0]), &pair[1])).collect();
        match place {
            Place::Start => unions.push(pairs(postings, &[START], &steps[0])),
            Place::Anywhere if steps.len() == 1 => unions.push(pairs(postings, &[ANY], &steps[0])),
            Place::Anywhere => {}
        }
        candidates.add(unions);
    }
    candidates
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

/// Alternatives for one character of a text, as ranges of syllables.
type Step = Vec<(Syllable, Syllable)>;

fn each(step: &Step) -> Vec<Symbol> {
    step.iter().flat_map(|(first, last)| *first..=*last).collect()
}

fn pairs<'a>(postings: &'a Postings, firsts: &[Symbol], second: &Step) -> Union<'a> {
    let mut union = Union::default();
    for first in firsts {
        for (from, to) in second {
            union.lists.extend(postings.lists(gram(*first, *from), gram(*first, *to)));
        }
    }
    union
}

/// Every way to cut the beginning of a text into at most [`SYLLABLES`] syllables, the last of which may be unfinished.
fn segmentations(wanted: &str) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    segment(wanted, &mut Vec::new(), &mut found);
    found
}

fn segment(rest: &str, steps: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    let Some(c) = rest.chars().next() else {
        found.extend((!steps.is_empty()).then(|| steps.clone()));
        return;
    };
    if steps.len() == SYLLABLES {
        found.push(steps.clone());
        return;
    }
    if !c.is_ascii() {
        let syllables = &READINGS.of(c).syllables;
        let step = if syllables.is_empty() { vec![(UNREADABLE, UNREADABLE)] } else { pairs_of_equals(syllables) };
        steps.push(step);
        segment(&rest[c.len_utf8()..], steps, found);
        steps.pop();
        return;
    }
    if let Some(range) = READINGS.beginning_with(rest) {
        steps.push(vec![range]);
        found.push(steps.clone());
        steps.pop();
    }
    for length in 1..=SYLLABLE_LETTERS.min(rest.len().saturating_sub(1)) {
        let Some((piece, after)) = rest.split_at_checked(length) else { break };
        if let Some(syllable) = READINGS.syllable(piece) {
            steps.push(vec![(syllable, syllable)]);
            segment(after, steps, found);
            steps.pop();
        }
    }
}

fn pairs_of_equals(syllables: &[Syllable]) -> Step {
    syllables.iter().map(|syllable| (*syllable, *syllable)).collect()
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
        if rest.len() <= SYLLABLE_LETTERS && READINGS.beginning_with(rest).is_some() {
            return true;
        }
        for length in 1..=SYLLABLE_LETTERS.min(rest.len()) {
            if rest.get(..length).is_some_and(is_spoken) {
                reachable[at + length] = true;
            }
        }
    }
    reachable[letters.len()]
}

/// Whether this is a syllable or digit; a lone consonant only stands for itself in names such as DBC.
fn is_spoken(piece: &str) -> bool {
    let consonant = piece.len() == 1 && piece.bytes().all(|b| b.is_ascii_lowercase() && !b"aeo".contains(&b));
    !consonant && READINGS.syllable(piece).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_cut_in_every_way() {
        let cuts = |text: &str| segmentations(text).iter().map(Vec::len).collect::<Vec<_>>();
        assert!(cuts("zaoying").contains(&2));
        assert!(cuts("xian").contains(&1) && cuts("xian").contains(&2));
        assert!(cuts("望jing") == vec![2] || cuts("望jing").contains(&2));
        assert!(cuts("").is_empty());
        assert!(segmentations(&"xian".repeat(20)).iter().all(|steps| steps.len() == SYLLABLES));
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
