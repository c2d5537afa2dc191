//! Lists of records by what they share: a sound, a stem, an address, two neighbouring characters.

use rayon::prelude::*;

use crate::reconcile::features::Features;
use crate::reconcile::text::address::Address;

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
        let from = self.0.partition_point(|(k, _)| *k < key);
        let length = self.0[from..].partition_point(|(k, _)| *k == key);
        self.0[from..from + length].iter().map(|(_, record)| *record)
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

/// Records that one question yields at most.
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
        let mut lists: Vec<Vec<u32>> = one
            .names
            .iter()
            .take(one.own_names.max(1))
            .flat_map(|name| grams(name.stem()))
            .filter_map(|gram| {
                let list = self.grams.of(gram);
                (list.len() <= GRAM_LIST_MAX).then(|| list.collect())
            })
            .collect();
        lists.sort_by_key(Vec::len);
        for list in lists {
            if found.len() > 2 * FOUND_MAX {
                break;
            }
            found.extend(list);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn address_key(address: &Address) -> u64 {
    address.road ^ u64::from(address.number).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn grams(text: &str) -> Vec<u64> {
    let pairs = text.chars().zip(text.chars().skip(1));
    pairs.map(|(a, b)| u64::from(u32::from(a)) << 32 | u64::from(u32::from(b))).collect()
}
