//! Random draws that never change: ChaCha8 words turned into choices by the few lines below, so that a new release of a
//! distribution library cannot move a single vertex.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// What a stream of draws is for. Each street and each purpose has a stream of its own, so that a change in one does not
/// ripple through the others.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Blocks, plots and boundaries of a street.
    Ground,
    /// Communities, names and addresses of a street.
    Names,
    /// Households, years, fees and contracts of a street.
    Facts,
    /// Which areas of a street are quasi-property.
    Management,
    /// Which company manages which area, in the whole district.
    Companies,
    /// Committees of the whole district.
    Committees,
    /// What was before, in the whole district.
    Past,
    /// Kinds and filing of contracts, and applications of committees, in the whole district.
    Filings,
}

/// Streams kept for one street, at least the number of purposes.
const STREAMS_PER_STREET: u64 = 16;

/// A stream of random draws.
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream for a purpose; `street` is the street's number, 0 for the whole district.
    pub fn new(seed: u64, street: u64, purpose: Purpose) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(street * STREAMS_PER_STREET + purpose as u64);
        Self(rng)
    }

    /// A whole number below `n`; 0 for `n` = 0.
    pub fn below(&mut self, n: usize) -> usize {
        let wide = u64::from(self.0.next_u32()) * n as u64;
        usize::try_from(wide >> 32).expect("it is below n")
    }

    /// A whole number from `low` to `high`, both included.
    pub fn whole(&mut self, low: i64, high: i64) -> i64 {
        let span = usize::try_from(high - low + 1).unwrap_or(1);
        low + self.below(span) as i64
    }

    /// A number from 0 up to, not including, 1.
    pub fn share(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// A number between `low` and `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One entry of a list, which must not be empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// Puts a list into random order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_repeatable_and_differ() {
        let words = |street| {
            let mut draw = Draw::new(1, street, Purpose::Ground);
            [draw.below(1000), draw.below(1000), draw.below(1000)]
        };
        assert_eq!(words(1), words(1));
        assert_ne!(words(1), words(2));
    }

    #[test]
    fn draws_keep_to_their_limits() {
        let mut draw = Draw::new(7, 0, Purpose::Facts);
        for _ in 0..1000 {
            assert!(draw.below(3) < 3);
            assert!((2..=4).contains(&draw.whole(2, 4)));
            assert!((0.0..1.0).contains(&draw.share()));
        }
        let mut list: Vec<usize> = (0..50).collect();
        draw.shuffle(&mut list);
        list.sort_unstable();
        assert_eq!(list, (0..50).collect::<Vec<_>>());
    }
}
