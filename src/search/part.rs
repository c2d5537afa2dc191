//! Documents that are indexed in one go: rows in order of importance, their texts, and posting lists per field.

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;

use geo::Coord;
use rayon::prelude::*;

use crate::model::StreetCode;
use crate::search::document::{Document, Kind, MatchField};
use crate::search::matching::Subject;
use crate::search::pinyin::{READINGS, UNREADABLE};
use crate::search::postings::{ANY, Postings, START, Symbol, fold, gram};
use crate::search::texts::{TextId, Texts, TextsBuilder};

/// Number of a street within the index.
pub(super) type StreetNumber = u32;

/// A document, its texts replaced by numbers.
#[derive(Debug)]
pub(super) struct Row {
    pub kind: Kind,
    pub key: u32,
    lightness: u32,
    pub name: TextId,
    first_alias: u32,
    alias_count: u32,
    address: Option<TextId>,
    manager: Option<TextId>,
    community: Option<TextId>,
    code: TextId,
    pub street: Option<StreetNumber>,
    pub point: Option<Coord>,
}

/// Documents and their posting lists, built in one go.
///
/// Documents are held in order of weight, then length of the name, then code, so that a walk through a posting list
/// meets the more important ones first.
#[derive(Debug, Default)]
pub(super) struct Part {
    rows: Vec<Row>,
    aliases: Vec<TextId>,
    texts: Texts,
    name: Postings,
    alias: Postings,
    pinyin: Postings,
    initials: Postings,
    address: Postings,
    manager: Postings,
    community: Postings,
    code: Postings,
    street_numbers: HashMap<StreetCode, StreetNumber>,
    street_rows: Vec<u32>,
}

impl Part {
    /// Builds the lists. Streets that are numbered already keep their numbers.
    pub fn build<D: Borrow<Document> + Send + Sync>(
        mut documents: Vec<D>,
        mut street_numbers: HashMap<StreetCode, StreetNumber>,
    ) -> Self {
        documents.par_sort_by_cached_key(|document| Importance::of(document.borrow()));
        let mut texts = TextsBuilder::default();
        let mut aliases = Vec::new();
        let rows: Vec<Row> = documents
            .iter()
            .map(Borrow::borrow)
            .map(|document: &Document| {
                let first_alias = number(aliases.len());
                aliases.extend(document.aliases.iter().map(|alias| texts.own(alias)));
                let street = document.street.as_ref().map(|code| match street_numbers.get(code) {
                    Some(known) => *known,
                    None => {
                        let next = number(street_numbers.len());
                        street_numbers.insert(code.clone(), next);
                        next
                    }
                });
                Row {
                    kind: document.kind,
                    key: document.key,
                    lightness: lightness(document.weight),
                    name: texts.own(&document.name),
                    first_alias,
                    alias_count: number(aliases.len()) - first_alias,
                    address: document.address.as_ref().map(|text| texts.own(text)),
                    manager: document.manager.as_ref().map(|text| texts.shared(text)),
                    community: document.community.as_ref().map(|text| texts.shared(text)),
                    code: texts.own(&document.code),
                    street,
                    point: document.point,
                }
            })
            .collect();
        let street_rows = (0..number(rows.len())).filter(|row| rows[*row as usize].kind == Kind::Street).collect();
        let mut index = Self {
            rows,
            aliases,
            texts: texts.finish(),
            name: Postings::default(),
            alias: Postings::default(),
            pinyin: Postings::default(),
            initials: Postings::default(),
            address: Postings::default(),
            manager: Postings::default(),
            community: Postings::default(),
            code: Postings::default(),
            street_numbers,
            street_rows,
        };
        // Pinyin and initials are one set of lists for names and aliases together.
        index.name = index.postings(MatchField::Name, literal_grams);
        index.alias = index.postings(MatchField::Alias, literal_grams);
        index.pinyin = index.postings(MatchField::Pinyin, pinyin_grams);
        index.initials = index.postings(MatchField::Initials, initial_grams);
        index.address = index.postings(MatchField::Address, literal_grams);
        index.manager = index.postings(MatchField::Manager, literal_grams);
        index.community = index.postings(MatchField::Community, literal_grams);
        index.code = index.postings(MatchField::Code, literal_grams);
        index
    }

    pub fn row(&self, row: u32) -> &Row {
        &self.rows[row as usize]
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn street_rows(&self) -> &[u32] {
        &self.street_rows
    }

    pub fn street_numbers(&self) -> &HashMap<StreetCode, StreetNumber> {
        &self.street_numbers
    }

    pub fn importance(&self, row: u32) -> Importance<'_> {
        let row = self.row(row);
        let (name, code) = (self.original(row.name), self.original(row.code));
        Importance {
            lightness: row.lightness,
            length: name.chars().count(),
            code: Cow::Borrowed(code),
            kind: row.kind,
            key: row.key,
        }
    }

    pub fn original(&self, text: TextId) -> &str {
        self.texts.original(text)
    }

    pub fn subject(&self, text: TextId) -> Subject<'_> {
        Subject { text: self.texts.normal(text), core: self.texts.core(text) }
    }

    /// The texts of a row that a field looks at.
    pub fn texts(&self, row: u32, field: MatchField) -> impl Iterator<Item = TextId> + '_ {
        let row = self.row(row);
        let (single, with_aliases) = match field {
            MatchField::Name => (Some(row.name), false),
            MatchField::Alias => (None, true),
            MatchField::Pinyin | MatchField::Initials | MatchField::Typo => (Some(row.name), true),
            MatchField::Address => (row.address, false),
            MatchField::Manager => (row.manager, false),
            MatchField::Community => (row.community, false),
            MatchField::Code => (Some(row.code), false),
        };
        let first = row.first_alias as usize;
        let count = if with_aliases { row.alias_count as usize } else { 0 };
        single.into_iter().chain(self.aliases[first..first + count].iter().copied())
    }

    /// Posting lists of a field; typing errors are looked for with those of the pinyin.
    pub fn lists(&self, field: MatchField) -> &Postings {
        match field {
            MatchField::Name => &self.name,
            MatchField::Alias => &self.alias,
            MatchField::Pinyin | MatchField::Typo => &self.pinyin,
            MatchField::Initials => &self.initials,
            MatchField::Address => &self.address,
            MatchField::Manager => &self.manager,
            MatchField::Community => &self.community,
            MatchField::Code => &self.code,
        }
    }

    fn postings(&self, field: MatchField, grams: fn(&str, &mut Vec<u32>)) -> Postings {
        let pairs = (0..number(self.rows.len()))
            .into_par_iter()
            .fold(
                || (Vec::new(), Vec::new()),
                |(mut pairs, mut found): (Vec<u64>, Vec<u32>), row| {
                    for text in self.texts(row, field) {
                        grams(self.texts.normal(text), &mut found);
                    }
                    pairs.extend(found.drain(..).map(|gram| u64::from(gram) << 32 | u64::from(row)));
                    (pairs, found)
                },
            )
            .map(|(pairs, _)| pairs)
            .reduce(Vec::new, |mut all, more| {
                if all.is_empty() {
                    return more;
                }
                all.extend(more);
                all
            });
        Postings::build(pairs)
    }
}

/// Sort key: heavy before light, then short before long names, then code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Importance<'a> {
    lightness: u32,
    length: usize,
    code: Cow<'a, str>,
    kind: Kind,
    key: u32,
}

impl Importance<'static> {
    pub fn of(document: &Document) -> Self {
        Self {
            lightness: lightness(document.weight),
            length: document.name.chars().count(),
            code: Cow::Owned(document.code.clone()),
            kind: document.kind,
            key: document.key,
        }
    }
}

/// The lower, the heavier; not a number counts as 0.
fn lightness(weight: f32) -> u32 {
    let weight = if weight.is_nan() { 0.0 } else { weight + 0.0 };
    // The bits of a float, with the sign turned into an offset, are ordered as the floats are.
    let bits = weight.to_bits();
    let ascending = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    !ascending
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("a register has fewer than four billion documents")
}

fn literal_grams(text: &str, grams: &mut Vec<u32>) {
    let mut before = START;
    for symbol in text.chars().map(fold) {
        grams.push(gram(before, symbol));
        grams.push(gram(ANY, symbol));
        before = symbol;
    }
}

fn pinyin_grams(text: &str, grams: &mut Vec<u32>) {
    let mut before: &[Symbol] = &[START];
    for c in text.chars() {
        let here = match READINGS.of(c).syllables.as_slice() {
            [] => &[UNREADABLE],
            syllables => syllables,
        };
        push_pairs(before, here, grams);
        before = here;
    }
}

fn initial_grams(text: &str, grams: &mut Vec<u32>) {
    let mut before = vec![START];
    let mut here = Vec::new();
    for c in text.chars() {
        let bits = READINGS.of(c).initials;
        here.clear();
        here.extend((1..=36).filter(|bit: &Symbol| bits >> bit & 1 == 1));
        push_pairs(&before, &here, grams);
        std::mem::swap(&mut before, &mut here);
    }
}

fn push_pairs(before: &[Symbol], here: &[Symbol], grams: &mut Vec<u32>) {
    for symbol in here {
        grams.push(gram(ANY, *symbol));
        grams.extend(before.iter().map(|first| gram(*first, *symbol)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_documents_come_first_then_short_names_then_codes() {
        let document = |name: &str, code: &str, weight: f32| Document {
            kind: Kind::Area,
            key: 0,
            name: name.to_owned(),
            aliases: Vec::new(),
            address: None,
            manager: None,
            community: None,
            code: code.to_owned(),
            street: None,
            point: None,
            weight,
        };
        let ordered = [
            document("甲乙丙", "3", 2.0),
            document("甲乙", "4", 0.5),
            document("甲乙", "5", 0.5),
            document("甲", "9", f32::NAN),
            document("甲乙", "1", -0.0),
            document("甲", "0", -1.0),
        ];
        assert!(ordered.is_sorted_by_key(Importance::of));
    }
}
