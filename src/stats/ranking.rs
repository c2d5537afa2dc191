//! Streets in the order of a rate.

use std::cmp::Ordering;

use crate::model::{RateId, StreetCode};
use crate::stats::rate::Rate;
use crate::stats::tally::Tallies;

/// A street and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// Place from 1 on, the highest rate first; streets of the same rate share one. `None` where there is nothing to divide by.
    pub rank: Option<usize>,
    /// The street.
    pub street: StreetCode,
    /// Its rate.
    pub rate: Rate,
}

/// Every one of these streets by a rate, the highest first, equal ones by code. Compared are the counts, not the rounded
/// percentages.
pub fn ranking<'a>(tallies: &Tallies, streets: impl IntoIterator<Item = &'a StreetCode>, rate: RateId) -> Vec<Ranked> {
    let none = Rate::new(rate, 0, 0);
    let mut ranked: Vec<Ranked> = streets
        .into_iter()
        .map(|street| {
            let rate = tallies.streets.get(street).map_or(none, |tally| tally.rate(rate));
            Ranked { rank: None, street: street.clone(), rate }
        })
        .collect();
    ranked.sort_by(|a, b| higher_first(&a.rate, &b.rate).then_with(|| a.street.cmp(&b.street)));
    for at in 0..ranked.len() {
        let rank = match at.checked_sub(1).map(|before| &ranked[before]) {
            Some(before) if higher_first(&before.rate, &ranked[at].rate) == Ordering::Equal => before.rank,
            _ => Some(at + 1),
        };
        ranked[at].rank = rank.filter(|_| ranked[at].rate.denominator > 0);
    }
    ranked
}

/// Descending; rates without a denominator last.
fn higher_first(a: &Rate, b: &Rate) -> Ordering {
    let cross = |a: &Rate, b: &Rate| u64::from(a.numerator) * u64::from(b.denominator);
    match (a.denominator, b.denominator) {
        (0, 0) => Ordering::Equal,
        (0, _) => Ordering::Greater,
        (_, 0) => Ordering::Less,
        _ => cross(b, a).cmp(&cross(a, b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Tally;

    #[test]
    fn equal_rates_share_a_place_and_streets_without_areas_have_none() {
        let street = |serial: u32| StreetCode::parse(&format!("{}", 110_105_000 + serial)).unwrap();
        let tally = |contracted, areas| {
            let mut tally = Tally::default();
            (tally.contracted, tally.areas) = (contracted, areas);
            tally
        };
        let streets = [(1, tally(1, 2)), (2, tally(9, 10)), (3, tally(2, 4)), (4, tally(0, 3))];
        let tallies = Tallies {
            streets: streets.into_iter().map(|(serial, tally)| (street(serial), tally)).collect(),
            ..Tallies::default()
        };
        let codes: Vec<StreetCode> = (1..=5).map(street).collect();
        let ranked = ranking(&tallies, &codes, RateId::ContractedShare);
        let told: Vec<(Option<usize>, &str)> = ranked.iter().map(|r| (r.rank, &r.street.as_str()[8..])).collect();
        assert_eq!(told, [(Some(1), "2"), (Some(2), "1"), (Some(2), "3"), (Some(4), "4"), (None, "5")]);
    }
}
