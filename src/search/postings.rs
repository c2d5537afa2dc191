//! Posting lists per pair of neighbouring symbols, and the walk through them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

/// A character, syllable or letter of a text, folded to 16 bits. Folding may unite two characters: a candidate is always
/// checked against its text.
pub(super) type Symbol = u16;

/// The symbol before the first of a text.
pub(super) const START: Symbol = 0;

/// In place of the first of a pair: whatever stands before.
pub(super) const ANY: Symbol = 0xFFFF;

/// Two neighbouring symbols.
pub(super) fn gram(first: Symbol, second: Symbol) -> u32 {
    u32::from(first) << 16 | u32::from(second)
}

/// Symbol of a character.
pub(super) fn fold(c: char) -> Symbol {
    match u32::from(c) & 0xFFFF {
        0 | 0xFFFF => 1,
        low => low as Symbol,
    }
}

/// Sorted row numbers per gram.
#[derive(Debug, Default)]
pub(super) struct Postings {
    grams: Vec<u32>,
    offsets: Vec<u32>,
    rows: Vec<u32>,
}

impl Postings {
    /// Builds the lists from pairs of gram (high half) and row (low half), in any order and with repetitions.
    pub fn build(mut pairs: Vec<u64>) -> Self {
        pairs.par_sort_unstable();
        pairs.dedup();
        let mut postings = Self { rows: Vec::with_capacity(pairs.len()), ..Self::default() };
        for pair in pairs {
            let (gram, row) = ((pair >> 32) as u32, pair as u32);
            if postings.grams.last() != Some(&gram) {
                postings.grams.push(gram);
                postings.offsets.push(postings.end());
            }
            postings.rows.push(row);
        }
        postings.offsets.push(postings.end());
        postings
    }

    fn end(&self) -> u32 {
        u32::try_from(self.rows.len()).expect("one field of a register has fewer than four billion pairs")
    }

    /// The lists of all grams from `first` to `last`.
    pub fn lists(&self, first: u32, last: u32) -> impl Iterator<Item = &[u32]> {
        let from = self.grams.partition_point(|gram| *gram < first);
        self.grams[from..]
            .iter()
            .take_while(move |gram| **gram <= last)
            .zip(self.offsets[from..].windows(2))
            .map(|(_, ends)| &self.rows[ends[0] as usize..ends[1] as usize])
    }
}

/// Rows that are in one of the lists.
#[derive(Debug, Clone, Default)]
pub(super) struct Union<'a> {
    /// Ascending lists.
    pub lists: Vec<&'a [u32]>,
}

impl Union<'_> {
    fn len(&self) -> usize {
        self.lists.iter().map(|list| list.len()).sum()
    }
}

/// Unions with more lists than this are too slow to ask row by row, and the check against the text does their work.
const FILTER_LISTS: usize = 4;

/// A list that is asked for ascending rows.
#[derive(Debug, Clone)]
struct Cursor<'a> {
    rest: &'a [u32],
}

impl Cursor<'_> {
    /// Whether the list has the row; rows must not descend from call to call.
    fn has(&mut self, row: u32) -> bool {
        let mut step = 1;
        while step < self.rest.len() && self.rest[step] < row {
            step *= 2;
        }
        let (from, to) = (step / 2, self.rest.len().min(step + 1));
        let skip = from + self.rest[from..to].partition_point(|other| *other < row);
        self.rest = &self.rest[skip..];
        self.rest.first() == Some(&row)
    }
}

/// One list to walk, and unions that its rows must be in too.
#[derive(Debug)]
struct Stream<'a> {
    rest: &'a [u32],
    filters: Vec<Vec<Cursor<'a>>>,
}

impl Stream<'_> {
    fn next(&mut self) -> Option<u32> {
        while let Some((row, rest)) = self.rest.split_first() {
            self.rest = rest;
            if self.filters.iter_mut().all(|filter| filter.iter_mut().any(|cursor| cursor.has(*row))) {
                return Some(*row);
            }
        }
        None
    }
}

/// Rows that are in every union of one of several alternatives: ascending, each once.
#[derive(Debug, Default)]
pub(super) struct Candidates<'a> {
    streams: Vec<Stream<'a>>,
    next: BinaryHeap<Reverse<(u32, usize)>>,
    size: usize,
}

impl<'a> Candidates<'a> {
    /// Adds an alternative: the rows that are in every union. No union means no row.
    pub fn add(&mut self, mut unions: Vec<Union<'a>>) {
        let Some(shortest) = (0..unions.len()).min_by_key(|at| unions[*at].len()) else { return };
        let driver = unions.swap_remove(shortest);
        self.size += driver.len();
        let filters: Vec<Vec<Cursor<'a>>> = unions
            .into_iter()
            .filter(|union| union.lists.len() <= FILTER_LISTS)
            .map(|union| union.lists.into_iter().map(|rest| Cursor { rest }).collect())
            .collect();
        for rest in driver.lists {
            let mut stream = Stream { rest, filters: filters.clone() };
            if let Some(row) = stream.next() {
                self.next.push(Reverse((row, self.streams.len())));
                self.streams.push(stream);
            }
        }
    }

    /// Adds what another walk has.
    pub fn extend(&mut self, other: Self) {
        self.size += other.size;
        let offset = self.streams.len();
        self.next.extend(other.next.into_iter().map(|Reverse((row, stream))| Reverse((row, stream + offset))));
        self.streams.extend(other.streams);
    }

    /// Upper bound of the number of rows.
    pub fn size(&self) -> usize {
        self.size
    }
}

impl Iterator for Candidates<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let Reverse((row, _)) = *self.next.peek()?;
        while let Some(mut top) = self.next.peek_mut()
            && top.0.0 == row
        {
            let stream = top.0.1;
            match self.streams[stream].next() {
                Some(following) => top.0.0 = following,
                None => {
                    std::collections::binary_heap::PeekMut::pop(top);
                }
            }
        }
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_walk_yields_what_sets_yield(
            alternatives in prop::collection::vec(
                prop::collection::vec(prop::collection::vec(prop::collection::btree_set(0u32..60, 0..40), 0..4), 0..4),
                0..4,
            ),
        ) {
            let lists: Vec<Vec<Vec<Vec<u32>>>> = alternatives
                .iter()
                .map(|a| a.iter().map(|u| u.iter().map(|s| s.iter().copied().collect()).collect()).collect())
                .collect();
            let mut candidates = Candidates::default();
            let mut expected = BTreeSet::new();
            for (sets, lists) in alternatives.iter().zip(&lists) {
                candidates.add(lists.iter().map(|u| Union { lists: u.iter().map(Vec::as_slice).collect() }).collect());
                let in_all = |row: &u32| sets.iter().all(|union| union.iter().any(|set| set.contains(row)));
                expected.extend((0..60u32).filter(|row| !sets.is_empty() && in_all(row)));
            }
            prop_assert_eq!(candidates.collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn a_range_of_grams_has_their_lists(pairs in prop::collection::vec((0u32..20, 0u32..50), 0..200), a in 0u32..20, b in 0u32..20) {
            let (first, last) = (a.min(b), a.max(b));
            let postings = Postings::build(pairs.iter().map(|(g, r)| u64::from(*g) << 32 | u64::from(*r)).collect());
            let found: BTreeSet<u32> = postings.lists(first, last).flatten().copied().collect();
            let expected = pairs.iter().filter(|(g, _)| (first..=last).contains(g)).map(|(_, r)| *r).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
