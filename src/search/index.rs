//! The index: what was indexed in one go, and the documents that took the place of some of it since.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::StreetCode;
use crate::search::document::{Document, Hit, Kind, MatchField, Query};
use crate::search::gather::Gather;
use crate::search::matching::Subject;
use crate::search::normalize::normalize;
use crate::search::part::{Importance, Part, Row, StreetNumber};
use crate::search::postings::Candidates;
use crate::search::texts::TextId;

/// A row of either part; rows of both parts are ordered by importance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct RowId {
    /// A row of the first part, or the one that a changed row comes before.
    before: u32,
    /// [`FIRST_PART`], or a row of the changed part.
    changed: u32,
}

/// In place of a changed row: it is the row of the first part itself, which comes after all that come before it.
const FIRST_PART: u32 = u32::MAX;

/// What identifies a document.
pub(super) type DocumentKey = (Kind, u32);

/// Immutable search index over one snapshot.
///
/// A changed index shares the lists of the one it was made from, so that a change costs what changed. Its answers are those
/// of an index that is built from all documents.
#[derive(Debug, Clone)]
pub struct SearchIndex {
    first: Arc<Part>,
    /// Documents that are not as in the first part; `None` where there is none any more.
    changes: BTreeMap<DocumentKey, Option<Arc<Document>>>,
    changed: Arc<Part>,
    /// For each changed row the row of the first part that it comes before.
    before: Vec<u32>,
}

impl SearchIndex {
    /// Builds the index. Keys are handed back as they are and need not be unique.
    pub fn build(documents: Vec<Document>) -> Self {
        Self {
            first: Arc::new(Part::build(documents, HashMap::new())),
            changes: BTreeMap::new(),
            changed: Arc::default(),
            before: Vec::new(),
        }
    }

    /// The index with other documents under some keys, `None` for none, beside what was changed before.
    pub fn with_changes(&self, more: impl IntoIterator<Item = ((Kind, u32), Option<Document>)>) -> Self {
        let mut changes = self.changes.clone();
        changes.extend(more.into_iter().map(|(key, document)| (key, document.map(Arc::new))));
        let documents: Vec<Arc<Document>> = changes.values().flatten().map(Arc::clone).collect();
        let changed = Part::build(documents, self.first.street_numbers().clone());
        let rows = 0..u32::try_from(changed.len()).expect("a register has fewer than four billion documents");
        let before = rows.map(|row| first_after(&self.first, &changed.importance(row))).collect();
        Self { first: Arc::clone(&self.first), changes, changed: Arc::new(changed), before }
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
            Some(code) => match self.street_number(code) {
                None => return Vec::new(),
                found => found,
            },
        };
        let mut gather = Gather::new(self, query, street);
        gather.whole(&wanted);
        gather.words(query.text);
        gather.finish()
    }

    /// Number of a street; the changed part knows every street of the first and numbers it alike.
    pub(super) fn street_number(&self, code: &StreetCode) -> Option<StreetNumber> {
        self.last_part().street_numbers().get(code).copied()
    }

    fn last_part(&self) -> &Part {
        if self.changes.is_empty() { &self.first } else { &self.changed }
    }

    pub(super) fn parts(&self) -> [&Part; 2] {
        [&self.first, &self.changed]
    }

    fn part_of(&self, row: RowId) -> (&Part, u32) {
        if row.changed == FIRST_PART { (&self.first, row.before) } else { (&self.changed, row.changed) }
    }

    pub(super) fn row(&self, row: RowId) -> &Row {
        let (part, row) = self.part_of(row);
        part.row(row)
    }

    pub(super) fn original(&self, row: RowId, text: TextId) -> &str {
        self.part_of(row).0.original(text)
    }

    pub(super) fn subject(&self, row: RowId, text: TextId) -> Subject<'_> {
        self.part_of(row).0.subject(text)
    }

    /// The texts of a row that a field looks at.
    pub(super) fn texts(&self, row: RowId, field: MatchField) -> impl Iterator<Item = TextId> + '_ {
        let (part, row) = self.part_of(row);
        part.texts(row, field)
    }

    /// Rows of streets in order of importance.
    pub(super) fn street_rows(&self) -> impl Iterator<Item = RowId> + '_ {
        Merged::new(self, self.parts().map(|part| part.street_rows().iter().copied()))
    }

    /// Rows of both parts that are candidates there, in order of importance.
    pub(super) fn candidates<'a>(&'a self, of: impl Fn(&'a Part) -> Candidates<'a>) -> Merged<'a, Candidates<'a>> {
        Merged::new(self, self.parts().map(of))
    }

    /// Whether the first part's document still stands.
    fn stands(&self, row: u32) -> bool {
        if self.changes.is_empty() {
            return true;
        }
        let row = self.first.row(row);
        !self.changes.contains_key(&(row.kind, row.key))
    }
}

/// The first row of a part that is less important.
fn first_after(part: &Part, importance: &Importance<'_>) -> u32 {
    let (mut from, mut to) = (0, part.len() as u32);
    while from < to {
        let middle = from + (to - from) / 2;
        if part.importance(middle) < *importance {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}

/// Rows of both parts as one ascending walk, without those that were replaced.
pub(super) struct Merged<'a, I> {
    index: &'a SearchIndex,
    first: I,
    changed: I,
    next_first: Option<RowId>,
    next_changed: Option<RowId>,
}

impl<'a, I: Iterator<Item = u32>> Merged<'a, I> {
    fn new(index: &'a SearchIndex, [first, changed]: [I; 2]) -> Self {
        let mut merged = Self { index, first, changed, next_first: None, next_changed: None };
        merged.step_first();
        merged.step_changed();
        merged
    }

    fn step_first(&mut self) {
        let index = self.index;
        let row = self.first.find(|row| index.stands(*row));
        self.next_first = row.map(|row| RowId { before: row, changed: FIRST_PART });
    }

    fn step_changed(&mut self) {
        let row = self.changed.next();
        self.next_changed = row.map(|row| RowId { before: self.index.before[row as usize], changed: row });
    }
}

impl Merged<'_, Candidates<'_>> {
    /// Upper bound of the number of rows.
    pub fn size(&self) -> usize {
        self.first.size() + self.changed.size()
    }
}

impl<I: Iterator<Item = u32>> Iterator for Merged<'_, I> {
    type Item = RowId;

    fn next(&mut self) -> Option<RowId> {
        let changed_is_next = match (self.next_first, self.next_changed) {
            (Some(first), Some(changed)) => changed < first,
            (first, _) => first.is_none(),
        };
        if changed_is_next {
            let row = self.next_changed;
            if row.is_some() {
                self.step_changed();
            }
            row
        } else {
            let row = self.next_first;
            self.step_first();
            row
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::matching::PINYIN_BYTES;
    use crate::search::pinyin::READINGS;
    use geo::Coord;
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
        index.search(&Query { text, limit: usize::MAX, near: None, street: None, hidden: &[], shown: &|_, _| false })
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
            let query = Query { text: &wanted, limit, near: None, street: None, hidden: &[], shown: &|_, _| false };
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

        #[test]
        fn a_changed_index_answers_like_one_built_anew(
            list in documents(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(text(1..6)), 0..3_u8), 0..8),
            wanted in prop_oneof![text(1..4), "[a-z]{1,6}", "[a-z枣营 ]{1,8}", Just("demo".to_owned())],
            limit in 1..12_usize,
        ) {
            let mut list: Vec<Option<Document>> = list.into_iter().map(Some).collect();
            let mut index = SearchIndex::build(list.iter().flatten().cloned().collect());
            for (at, name, weight) in changes {
                let at = at.index(list.len() + 1);
                let key = u32::try_from(at).unwrap();
                let kind = list.get(at).map_or(Kind::Area, |document| document.as_ref().map_or(Kind::Area, |d| d.kind));
                if list.get(at).is_some_and(Option::is_none) {
                    continue;
                }
                let document = name.map(|name| Document {
                    kind,
                    key,
                    name,
                    aliases: Vec::new(),
                    address: None,
                    manager: None,
                    community: None,
                    code: format!("DEMO-AB-{key:04}"),
                    street: StreetCode::parse("110105001").ok(),
                    point: Some(Coord { x: 116.41, y: 39.9 }),
                    weight: f32::from(weight),
                });
                index = index.with_changes([((kind, key), document.clone())]);
                if at == list.len() {
                    list.push(document);
                } else {
                    list[at] = document;
                }
            }
            let anew = SearchIndex::build(list.iter().flatten().cloned().collect());
            let street = StreetCode::parse("110105001").unwrap();
            for street in [None, Some(&street)] {
                for near in [None, Some(Coord { x: 116.42, y: 39.9 })] {
                    let query = Query { text: &wanted, limit, near, street, hidden: &[], shown: &|_, _| false };
                    prop_assert_eq!(index.search(&query), anew.search(&query));
                }
            }
        }
    }
}
