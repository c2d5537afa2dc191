//! Counts as they are told to somebody.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::auth::Actor;
use crate::stats::{Tallies, Tally, ToldTallies};

/// Days whose counts without the small ones are kept: those of the months that a page asks for, and more.
const KEPT: u64 = 512;

/// What the public is told of counts, by the counts: the same are told in the same way.
pub(super) struct ToldCache(moka::sync::Cache<[u8; 32], Arc<ToldTallies>>);

impl Default for ToldCache {
    fn default() -> Self {
        Self(moka::sync::Cache::new(KEPT))
    }
}

/// Everything that what is told follows from.
fn digest(tallies: &Tallies) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let mut add = |name: &str, tally: &Tally| {
        let rates = tally.rates().map(|rate| rate.numerator);
        let kinds = (tally.owners_committees, tally.property_management_committees);
        hasher.update(format!("{name} {} {:?} {:?} {rates:?} {kinds:?};", tally.areas, tally.classes, tally.statuses));
    };
    add("district", &tallies.district);
    tallies.streets.iter().for_each(|(code, tally)| add(code.as_str(), tally));
    hasher.finalize().into()
}

impl App {
    /// The counts of a day as they are told to somebody: all of them, or without the small ones and what gives them away.
    /// The latter is worked out once for the same counts, in some milliseconds for a district.
    pub fn told(&self, actor: &Actor, tallies: &Tallies) -> Arc<ToldTallies> {
        match actor.sees_small_counts() {
            true => Arc::new(ToldTallies::whole(tallies)),
            false => self.told.0.get_with(digest(tallies), || Arc::new(ToldTallies::without_small(tallies))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_counts_are_told_otherwise() {
        let mut tallies = Tallies::default();
        let before = digest(&tallies);
        tallies.district.owners_committees += 1;
        assert_ne!(digest(&tallies), before);
        tallies.district.owners_committees -= 1;
        assert_eq!(digest(&tallies), before);
    }
}
