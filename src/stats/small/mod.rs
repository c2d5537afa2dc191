//! Small counts: what the public is told of the counts of a district and its streets.
//!
//! A count of 1 to 4 is not told, nor is a share of so few or of all but so few. Whoever subtracts what is told must not find
//! what is not: for everything that is held back there is another register with the same told counts, in which it is
//! another number. Such a register is one *move* away: areas of one street are taken to be of another class, and as many of
//! another street the other way round, so that the streets and the district add up as before. Where no move is left,
//! further counts are held back, the smallest first, until there is one.
//!
//! The class of each single area is public, on the map and in lists; what is held back here are statements on small groups.

mod moves;
mod scope;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::model::{RateId, StreetCode, StyleClass};
use crate::stats::rate::Rate;
use crate::stats::small::moves::{Move, Target, cheapest};
use crate::stats::small::scope::Scope;
use crate::stats::tally::{Tallies, Tally};

/// Counts from 1 up to below this are small.
pub const SMALL_BELOW: u32 = 5;

/// What is told of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The count itself.
    Count(u32),
    /// That it is less than [`SMALL_BELOW`]; it may be 0.
    Below,
    /// Nothing: it would give away a small one, and is no small one itself.
    Withheld,
}

impl Told {
    /// The count, if it is told.
    pub fn count(self) -> Option<u32> {
        match self {
            Self::Count(count) => Some(count),
            Self::Below | Self::Withheld => None,
        }
    }
}

/// What is told of the counts of a street, or of the district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldTally {
    /// All areas.
    pub areas: Told,
    /// Areas per class, in the order of [`StyleClass::ALL`].
    pub classes: [Told; StyleClass::ALL.len()],
    /// How many organisations of which kind there are in all may be told. Of a district only.
    pub breakdown: bool,
    rates: [Told; RateId::ALL.len()],
    denominators: [Told; RateId::ALL.len()],
}

impl ToldTally {
    /// Everything.
    fn whole(tally: &Tally) -> Self {
        Self {
            areas: Told::Count(tally.areas),
            classes: tally.classes.map(Told::Count),
            breakdown: true,
            rates: RateId::ALL.map(|id| Told::Count(tally.rate(id).numerator)),
            denominators: RateId::ALL.map(|id| Told::Count(tally.rate(id).denominator)),
        }
    }

    /// Numerator and denominator of a rate. Rates of party organisations are told to nobody to whom something is held back.
    pub fn rate(&self, id: RateId) -> (Told, Told) {
        let at = RateId::ALL.iter().position(|known| *known == id).expect("every rate is one of them");
        (self.rates[at], self.denominators[at])
    }

    /// The same as a rate, where both are told.
    pub fn whole_rate(&self, id: RateId) -> Option<Rate> {
        let (numerator, denominator) = self.rate(id);
        Some(Rate::new(id, numerator.count()?, denominator.count()?))
    }
}

/// What is told of the counts of a district and of each of its streets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldTallies {
    district: ToldTally,
    streets: BTreeMap<StreetCode, ToldTally>,
}

impl ToldTallies {
    /// What somebody is told who may know all counts.
    pub fn whole(tallies: &Tallies) -> Self {
        let streets = tallies.streets.iter().map(|(code, tally)| (code.clone(), ToldTally::whole(tally)));
        Self { district: ToldTally::whole(&tallies.district), streets: streets.collect() }
    }

    /// What the public is told: no small count, and nothing from which one follows.
    pub fn without_small(tallies: &Tallies) -> Self {
        let mut scopes: Vec<Scope> = tallies.streets.values().map(Scope::of).collect();
        let district = Scope::of(&tallies.district);
        scopes.push(district);
        hold_back(&mut scopes);
        let mut told = scopes.iter().map(Scope::told);
        let streets = tallies.streets.keys().cloned().zip(told.by_ref().take(tallies.streets.len())).collect();
        Self { streets, district: told.next().expect("the district is the last of the scopes") }
    }

    /// Of one street, or of the district; a street without an area has none of anything.
    pub fn scope(&self, street: Option<&StreetCode>) -> ToldTally {
        match street {
            None => self.district.clone(),
            Some(code) => self.streets.get(code).cloned().unwrap_or_else(|| ToldTally::whole(&Tally::default())),
        }
    }
}

/// Holds back what is small and what gives it away. The last scope is the sum of the others.
fn hold_back(scopes: &mut [Scope]) {
    let last = scopes.len() - 1;
    let none_at_all: Vec<bool> = scopes[last].cells.iter().map(|cell| cell.value == 0).collect();
    for (at, scope) in scopes.iter_mut().enumerate() {
        scope.hide_small(at == last, &none_at_all);
    }
    let small = (0..scopes.len()).flat_map(|at| scopes[at].hidden().map(move |item| Target { scope: at, item }));
    // A move that is there once stays: what is held back besides only leaves more room. And it protects all that it changes.
    for target in small.collect::<Vec<_>>() {
        match cheapest(scopes, target) {
            Some((_, found)) => found.hide(scopes),
            None => {
                scopes.iter_mut().for_each(Scope::silence);
                return;
            }
        }
    }
    hide_zeros(scopes);
}

/// Holds back zeros beside small counts, so that fewer than five may be none: else so many small counts as their sum would
/// all be one. Only where a move is there already.
fn hide_zeros(scopes: &mut [Scope]) {
    for at in 0..scopes.len() - 1 {
        if scopes[at].cells.iter().all(|cell| !cell.hidden) {
            continue;
        }
        for item in scopes[at].zeros() {
            let target = Target { scope: at, item };
            let alone = scopes[at].cells[item.at()].cost(1).unwrap_or(u64::MAX);
            if cheapest(scopes, target).is_some_and(|(cost, _)| cost <= alone) {
                scopes[at].cells[item.at()].hidden = true;
            }
        }
    }
}

impl Move {
    fn hide(&self, scopes: &mut [Scope]) {
        for (at, change) in self.parts(scopes.len() - 1) {
            scopes[at].hide(&change);
        }
    }
}
