//! Lists of records by what they share: a sound, a stem, an address, two neighbouring characters.

use rayon::prelude::*;

use crate::reconcile::features::Features;
use crate::reconcile::text::address::Address;
use crate::reconcile::text::name::bigrams;

/// Keys and the records that have them, sorted.
#[derive(Debug, Default)]
pub(crate) struct Postings(Vec<(u64, u32)>);

impl Postings {
    fn new(mut entries: Vec<(u64, u32)>) -> Self {
        entries.par_sort_unstable();
        entries.dedup();
        Self(entries)
    }

    /// The records that have the key.
    pub(crate) fn of(&self, key: u64) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.entries(key).iter().map(|(_, record)| *record)
    }

    fn entries(&self, key: u64) -> &[(u64, u32)] {
        let from = &self.0[self.0.partition_point(|(k, _)| *k < key)..];
        // Most lists are short: their end is looked for in steps that double.
        let mut reach = 4;
        while from.get(reach).is_some_and(|(k, _)| *k == key) {
            reach *= 2;
        }
        let within = &from[..reach.min(from.len())];
        &within[..within.partition_point(|(k, _)| *k == key)]
    }
}

/// Every list over one side.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// By the sound of the name or an alias.
    pub(crate) names: Postings,
    /// By the sound of the stem.
    pub(crate) stems: Postings,
    /// By road and number.
    pub(crate) addresses: Postings,
    /// By pairs of neighbouring characters of the stem.
    grams: Postings,
}

/// Longer lists of pairs say too little to be looked at.
const GRAM_LIST_MAX: usize = 300;

/// Records that one list yields at most.
const FOUND_MAX: usize = 48;

impl Lists {
    pub(crate) fn new(features: &[Features]) -> Self {
        let gather = |keys: &(dyn Fn(&Features) -> Vec<u64> + Sync)| {
            let entries = features.par_iter().enumerate();
            Postings::new(
                entries.flat_map_iter(|(at, one)| keys(one).into_iter().map(move |key| (key, at as u32))).collect(),
            )
        };
        Self {
            names: gather(&|one| one.names.iter().map(|name| name.key_hash()).collect()),
            stems: gather(&|one| one.names.iter().map(|name| name.stem_hash()).collect()),
            addresses: gather(&|one| one.addresses.iter().filter(|a| a.number > 0).map(address_key).collect()),
            grams: gather(&|one| one.names.iter().flat_map(|name| grams(name.stem())).collect()),
        }
    }

    /// Records that may be meant by the texts, in order of their positions.
    pub(crate) fn alike(&self, one: &Features) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        for name in &one.names {
            found.extend(self.names.of(name.key_hash()).take(FOUND_MAX));
            found.extend(self.stems.of(name.stem_hash()).take(FOUND_MAX));
        }
        for address in one.addresses.iter().filter(|address| address.number > 0) {
            found.extend(self.addresses.of(address_key(address)).take(FOUND_MAX));
        }
        let own = one.names.iter().take(one.own_names.max(1));
        let mut lists: Vec<&[(u64, u32)]> =
            own.flat_map(|name| grams(name.stem())).map(|gram| self.grams.entries(gram)).collect();
        lists.retain(|list| list.len() <= GRAM_LIST_MAX);
        lists.sort_by_key(|list| list.len());
        let mut hits: Vec<u32> = Vec::new();
        for list in lists {
            if found.len() + hits.len() > 2 * FOUND_MAX {
                break;
            }
            hits.extend(list.iter().map(|(_, record)| *record));
        }
        found.extend(most_often(hits));
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The records that occur most often, twice as many as one list yields; the first by position of those that occur equally
/// often.
fn most_often(mut hits: Vec<u32>) -> Vec<u32> {
    if hits.len() > 2 * FOUND_MAX {
        hits.sort_unstable();
        let mut counts: Vec<(usize, u32)> = hits.chunk_by(|a, b| a == b).map(|same| (same.len(), same[0])).collect();
        counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        counts.truncate(2 * FOUND_MAX);
        hits = counts.into_iter().map(|(_, record)| record).collect();
    }
    hits
}

fn address_key(address: &Address) -> u64 {
    address.road ^ u64::from(address.number).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn grams(text: &str) -> impl Iterator<Item = u64> + '_ {
    bigrams(text).map(|(a, b)| u64::from(u32::from(a)) << 32 | u64::from(u32::from(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_most_often_is_kept() {
        let mut hits: Vec<u32> = (0..300).collect();
        hits.extend([299, 150, 299]);
        let kept = most_often(hits);
        assert_eq!((kept.len(), &kept[..4]), (2 * FOUND_MAX, &[299, 150, 0, 1][..]));
        assert_eq!(most_often(vec![7, 7, 3]), [7, 7, 3], "few are kept as they are");
    }
}
