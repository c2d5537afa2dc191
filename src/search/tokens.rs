//! Questions of several words: all must match, each in any field, or be the name of the street.

use std::collections::HashSet;

use crate::search::document::MatchField;
use crate::search::gather::{Gather, Match, literal_tier, speaks, spells};
use crate::search::index::{Merged, RowId, SearchIndex};
use crate::search::matching::Tier;
use crate::search::normalize::{forms, normalize};
use crate::search::part::{Part, StreetNumber};
use crate::search::postings::Candidates;
use crate::search::probe::{self, Place};

/// Words of a question that are looked at; further ones are ignored.
const WORDS: usize = 8;

/// Candidates that are compared with all words; they come in order of importance.
const WORD_SCAN: usize = 8_192;

/// Fields in which a word may match: all but guesses at typing errors.
const FIELDS: [MatchField; 8] = [
    MatchField::Name,
    MatchField::Alias,
    MatchField::Pinyin,
    MatchField::Initials,
    MatchField::Address,
    MatchField::Manager,
    MatchField::Community,
    MatchField::Code,
];

struct Word {
    normal: String,
    forms: Vec<String>,
    /// Streets whose name begins with the word.
    streets: HashSet<StreetNumber>,
}

impl Gather<'_> {
    /// Adds what matches every word of the text, worst word first in rank. A text of one word adds nothing.
    pub fn words(&mut self, text: &str) {
        let words: Vec<Word> = text
            .split_whitespace()
            .map(normalize)
            .filter(|normal| !normal.is_empty())
            .take(WORDS)
            .map(|normal| Word { forms: forms(&normal), streets: streets_named(self.index, &normal), normal })
            .collect();
        if words.len() < 2 || self.remaining() == 0 {
            return;
        }
        let mut found: Vec<(MatchField, Tier, Match)> = Vec::new();
        for row in self.drivers(&words).take(WORD_SCAN) {
            if self.lies_right(row) && !self.has(row) {
                found.extend(self.all_words(row, &words));
            }
        }
        found.sort_by_key(|(field, tier, found)| (*field, *tier, found.row));
        for group in found.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            self.add_equals(group.iter().map(|(_, _, found)| *found).collect());
        }
    }

    /// Rows among which all answers are. A word that names no street must match itself, so the rarest such word will do;
    /// when all name streets, any one of them must match.
    fn drivers(&self, words: &[Word]) -> Merged<'_, Candidates<'_>> {
        let rarest = words
            .iter()
            .filter(|word| word.streets.is_empty())
            .map(|word| self.index.candidates(|part| word_candidates(part, word)))
            .min_by_key(Merged::size);
        rarest.unwrap_or_else(|| {
            self.index.candidates(|part| {
                let mut all = Candidates::default();
                words.iter().for_each(|word| all.extend(word_candidates(part, word)));
                all
            })
        })
    }

    /// Field and tier of the worst word, and the match of the best; `None` when a word does not match.
    fn all_words(&self, row: RowId, words: &[Word]) -> Option<(MatchField, Tier, Match)> {
        let mut best: Option<Match> = None;
        let mut worst = (MatchField::Name, Tier::Exact);
        for word in words {
            match self.word(row, word) {
                Some(found) => {
                    worst = worst.max((found.field, found.tier));
                    if best.is_none_or(|best| (found.field, found.tier) < (best.field, best.tier)) {
                        best = Some(found);
                    }
                }
                None if self.index.row(row).street.is_some_and(|street| word.streets.contains(&street)) => {}
                None => return None,
            }
        }
        best.map(|best| (worst.0, worst.1, best))
    }

    fn word(&self, row: RowId, word: &Word) -> Option<Match> {
        FIELDS.into_iter().find_map(|field| match field {
            MatchField::Pinyin if !speaks(&word.normal) => None,
            MatchField::Pinyin => self.best(row, field, |subject| subject.pinyin(&word.normal)),
            MatchField::Initials if !spells(&word.normal) => None,
            MatchField::Initials => self.best(row, field, |subject| subject.initials(&word.normal)),
            _ => self.best(row, field, |subject| literal_tier(subject, &word.forms)),
        })
    }
}

fn word_candidates<'a>(part: &'a Part, word: &Word) -> Candidates<'a> {
    let mut candidates = Candidates::default();
    for field in FIELDS {
        let lists = part.lists(field);
        match field {
            MatchField::Pinyin if !speaks(&word.normal) => {}
            MatchField::Pinyin => candidates.extend(probe::pinyin(lists, &word.normal, Place::Anywhere)),
            MatchField::Initials if !spells(&word.normal) => {}
            MatchField::Initials => candidates.extend(probe::initials(lists, &word.normal, Place::Anywhere)),
            _ => word.forms.iter().for_each(|form| candidates.extend(probe::literal(lists, form, Place::Anywhere))),
        }
    }
    candidates
}

fn streets_named(index: &SearchIndex, word: &str) -> HashSet<StreetNumber> {
    let begins = |row: RowId| {
        let mut texts = index.texts(row, MatchField::Name).chain(index.texts(row, MatchField::Alias));
        texts.any(|text| {
            let subject = index.subject(row, text);
            let tier = subject.literal(word).or_else(|| speaks(word).then(|| subject.pinyin(word)).flatten());
            tier.is_some_and(|tier| tier <= Tier::Prefix)
        })
    };
    index.street_rows().filter(|row| begins(*row)).filter_map(|row| index.row(row).street).collect()
}
