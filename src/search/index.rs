//! The index itself: rows in order of importance, their texts, and one set of posting lists per field.

use std::collections::HashMap;

use geo::Coord;
use rayon::prelude::*;

use crate::model::StreetCode;
use crate::search::document::{Document, Hit, Kind, MatchField, Query};
use crate::search::gather::Gather;
use crate::search::matching::Subject;
use crate::search::normalize::normalize;
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

/// Immutable search index over one snapshot.
///
/// Documents are held in order of weight, then length of the name, then code, so that a walk through a posting list
/// meets the more important ones first.
#[derive(Debug)]
pub struct SearchIndex {
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

impl SearchIndex {
    /// Builds the index. Keys are handed back as they are and need not be unique.
    pub fn build(mut documents: Vec<Document>) -> Self {
        documents.par_sort_by_cached_key(importance);
        let mut texts = TextsBuilder::default();
        let mut aliases = Vec::new();
        let mut street_numbers = HashMap::new();
        let rows: Vec<Row> = documents
            .into_iter()
            .map(|document| {
                let first_alias = number(aliases.len());
                aliases.extend(document.aliases.iter().map(|alias| texts.own(alias)));
                let street = document.street.map(|code| {
                    let next = number(street_numbers.len());
                    *street_numbers.entry(code).or_insert(next)
                });
                Row {
                    kind: document.kind,
                    key: document.key,
                    name: texts.own(&document.name),
                    first_alias,
                    alias_count: number(aliases.len()) - first_alias,
                    address: document.address.map(|text| texts.own(&text)),
                    manager: document.manager.map(|text| texts.shared(&text)),
                    community: document.community.map(|text| texts.shared(&text)),
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

    /// The best documents for a question, best first, at most `limit`, each once.
    ///
    /// Order: streets that are called so; then by field in the order of [`MatchField`], within a field whole text, beginning,
    /// part; then nearness where `near` is given, weight, length of the name, code. Spaces are tried as no spaces first and
    /// then as "and": every word must match some field, or be the name of the street. A question without a letter or
    /// digit finds nothing.
    pub fn search(&self, query: &Query<'_>) -> Vec<Hit> {
        let wanted = normalize(query.text);
        if wanted.is_empty() || query.limit == 0 {
            return Vec::new();
        }
        let street = match query.street {
            None => None,
            Some(code) => match self.street_numbers.get(code) {
                None => return Vec::new(),
                found => found.copied(),
            },
        };
        let mut gather = Gather::new(self, query, street);
        gather.whole(&wanted);
        gather.words(query.text);
        gather.finish()
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no document.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn row(&self, row: u32) -> &Row {
        &self.rows[row as usize]
    }

    pub(super) fn street_rows(&self) -> &[u32] {
        &self.street_rows
    }

    pub(super) fn original(&self, text: TextId) -> &str {
        self.texts.original(text)
    }

    pub(super) fn subject(&self, text: TextId) -> Subject<'_> {
        Subject { text: self.texts.normal(text), core: self.texts.core(text) }
    }

    /// The texts of a row that a field looks at.
    pub(super) fn texts(&self, row: u32, field: MatchField) -> impl Iterator<Item = TextId> + '_ {
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
    pub(super) fn lists(&self, field: MatchField) -> &Postings {
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
fn importance(document: &Document) -> (u32, usize, String, Kind, u32) {
    let weight = if document.weight.is_nan() { 0.0 } else { document.weight + 0.0 };
    // The bits of a float, with the sign turned into an offset, are ordered as the floats are.
    let bits = weight.to_bits();
    let ascending = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    (!ascending, document.name.chars().count(), document.code.clone(), document.kind, document.key)
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
    use crate::search::matching::PINYIN_BYTES;
    use proptest::prelude::*;

    /// Characters of place names, several with more than one reading, and such as other registers may hold.
    const CHARACTERS: [&str; 24] = [
        "朝", "阳", "长", "乐", "枣", "营", "北", "里", "一", "二", "十", "区", "单", "重", "柏", "厦", "绿", "园",
        "A", "7", "（", "）", "α", "𠀀",
    ];

    fn text(length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(&CHARACTERS[..]), length).prop_map(|parts| parts.concat())
    }

    fn documents() -> impl Strategy<Value = Vec<Document>> {
        let document = (
            text(1..8),
            prop::collection::vec(text(1..6), 0..3),
            prop::option::of(text(1..8)),
            prop::option::of(text(1..4)),
            0..4_u32,
            0..3_u8,
            0..3_u8,
        );
        prop::collection::vec(document, 1..16).prop_map(|list| {
            let documents =
                list.into_iter().enumerate().map(|(key, (name, aliases, address, manager, street, kind, weight))| {
                    Document {
                        kind: [Kind::Area, Kind::Street, Kind::Manager][usize::from(kind)],
                        key: u32::try_from(key).unwrap(),
                        name,
                        aliases,
                        address,
                        community: manager.clone(),
                        manager,
                        code: format!("DEMO-AB-{key:04}"),
                        street: StreetCode::parse(&format!("11010500{street}")).ok().filter(|_| street > 0),
                        point: Some(Coord { x: 116.4 + f64::from(street) * 0.01, y: 39.9 }),
                        weight: f32::from(weight),
                    }
                });
            documents.collect()
        })
    }

    fn keys(hits: &[Hit]) -> Vec<u32> {
        let mut keys: Vec<u32> = hits.iter().map(|hit| hit.key).collect();
        keys.sort_unstable();
        keys
    }

    fn ask(index: &SearchIndex, text: &str) -> Vec<Hit> {
        index.search(&Query { text, limit: usize::MAX, near: None, street: None, hidden: &[] })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn a_document_is_found_by_all_that_names_it(list in documents()) {
            let index = SearchIndex::build(list.clone());
            for document in &list {
                let found = |text: &str| normalize(text).is_empty() || keys(&ask(&index, text)).contains(&document.key);
                prop_assert!(found(&document.code));
                for name in std::iter::once(&document.name).chain(&document.aliases) {
                    prop_assert!(found(name), "{name}");
                    let characters: Vec<char> = normalize(name).chars().collect();
                    for pair in characters.windows(2) {
                        prop_assert!(found(&pair.iter().collect::<String>()), "{pair:?} of {name}");
                    }
                    if characters.iter().any(|c| READINGS.of(*c).texts.is_empty()) {
                        continue;
                    }
                    for pick in 0..3 {
                        let reading = |c: &char| {
                            let texts = &READINGS.of(*c).texts;
                            texts[pick % texts.len()]
                        };
                        let full: String = characters.iter().map(reading).collect();
                        let initials: String = characters.iter().map(|c| &reading(c)[..1]).collect();
                        prop_assert!(full.len() > PINYIN_BYTES || found(&full), "{full} of {name}");
                        prop_assert!(found(&initials), "{initials} of {name}");
                    }
                }
            }
        }

        #[test]
        fn literal_answers_equal_those_of_a_scan(list in documents(), wanted in text(1..4)) {
            let wanted = normalize(&wanted);
            prop_assume!(!wanted.is_empty());
            let index = SearchIndex::build(list.clone());
            let forms = crate::search::normalize::forms(&wanted);
            let has = |text: &str| forms.iter().any(|form| normalize(text).contains(form.as_str()));
            let hits = ask(&index, &wanted);
            let literal: Vec<Hit> = hits
                .iter()
                .filter(|hit| !matches!(hit.field, MatchField::Pinyin | MatchField::Initials | MatchField::Typo))
                .cloned()
                .collect();
            let spoken = |document: &Document| hits.iter().any(|hit| {
                hit.key == document.key && matches!(hit.field, MatchField::Pinyin | MatchField::Initials | MatchField::Typo)
            });
            let scanned: Vec<u32> = list
                .iter()
                .filter(|d| {
                    let texts = [&d.name, &d.code].into_iter().chain(&d.aliases).chain(&d.address).chain(&d.manager);
                    texts.into_iter().any(|text| has(text)) && !spoken(d)
                })
                .map(|d| d.key)
                .collect();
            prop_assert_eq!(keys(&literal), scanned);
            for hit in &literal {
                prop_assert!(has(&hit.text));
            }
        }

        #[test]
        fn any_text_and_limit_are_answered_within_the_limit(
            list in documents(),
            wanted in prop_oneof![".{0,40}", text(0..12), "[a-z ]{0,40}", "[a-z枣营 ]{1,12}"],
            limit in 0..12_usize,
        ) {
            let index = SearchIndex::build(list.clone());
            let query = Query { text: &wanted, limit, near: None, street: None, hidden: &[] };
            let hits = index.search(&query);
            prop_assert!(hits.len() <= limit);
            let mut once = keys(&hits);
            once.dedup();
            prop_assert_eq!(once.len(), hits.len());
            prop_assert_eq!(&index.search(&query), &hits);
            let all = ask(&index, &wanted);
            prop_assert!(hits.iter().zip(&all).all(|(a, b)| a.field == b.field), "{:?} {:?}", hits, all);

            let near = Some(Coord { x: 116.42, y: 39.9 });
            let hits = index.search(&Query { near, ..query });
            prop_assert!(hits.len() <= limit && hits.iter().all(|hit| hit.distance_m.is_some()));
            let street = StreetCode::parse("110105001").unwrap();
            let hits = index.search(&Query { street: Some(&street), ..query });
            prop_assert!(hits.iter().all(|hit| list[hit.key as usize].street.as_ref() == Some(&street)));
        }
    }

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
        assert!(ordered.is_sorted_by_key(importance));
    }
}
