//! Rows that geometry does not settle: tables, points, and areas of the register that are not on the map yet.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::reconcile::align::{Left, Right, System, length};
use crate::reconcile::evidence::{Likeness, Weights};
use crate::reconcile::ground::Spot;
use crate::reconcile::text::name::NameLevel;

/// Points are compared with areas this far away whatever they are called, metres.
const POINT_REACH_M: f64 = 130.0;

/// Outlines are compared with rough points of the register this far away, metres.
const ROUGH_REACH_M: f64 = 60.0;

/// What a partner has to be at least as likely as.
const LIKELY_MIN: f64 = 0.25;

/// From here on a row whose area is taken repeats the row that took it.
const COPY_MIN: f64 = 0.6;

/// Odds that a row has a partner at all, and how many areas compete at least.
const PARTNER: f64 = 0.85;
const COMPETITORS_MIN: f64 = 8.0;

/// How often a row has the name of an area that lies elsewhere, beside the rows that have a partner: at least, and in how many
/// rows this is known to have been seen before.
const NAMESAKE: f64 = 0.018;
const NAMESAKE_COUNT: f64 = 60.0;

/// Rows from which it is learned at most, and in how many rounds.
const NAMESAKE_ROWS: usize = 20_000;
const NAMESAKE_ROUNDS: usize = 12;

/// What it costs a candidate that another record has it already: few rows repeat others, bits.
const TAKEN_PRICE: f64 = 4.5;

/// What it is worth that the area of the row's name has a row of the name of this area, bits.
const SWAPPED_WORTH: f64 = 7.0;

/// What reading a single row in another system than its batch costs, bits.
const ODD_PRICE: f64 = 3.0;

/// A possible partner of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) left: u32,
    pub(crate) likeness: Likeness,
    pub(crate) bits: f64,
    /// Bits by which it is likelier than that the row is of a namesake elsewhere.
    pub(crate) lead: f64,
    /// Metres between the places; `None` when one has none.
    pub(crate) distance: Option<f64>,
    /// The system in which the place agrees, when it is not that of the batch.
    pub(crate) system: Option<System>,
    pub(crate) posterior: f64,
}

/// A row and the area it was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) right: u32,
    pub(crate) candidate: Candidate,
    /// Bits of the next best area.
    pub(crate) runner_up: f64,
    /// Bits of the best other row for the same area.
    pub(crate) rival: f64,
    /// How many areas have this name.
    pub(crate) namesakes: usize,
}

/// What was found for the rows.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) placed: Vec<Placed>,
    /// Rows whose area another row has.
    pub(crate) copies: Vec<Placed>,
    /// Rows on the right for several areas on the left.
    pub(crate) right_ranges: Vec<(u32, Vec<u32>)>,
    /// Rows on the left for several rows on the right.
    pub(crate) left_ranges: Vec<(u32, Vec<u32>)>,
}

/// Which records have no partner yet.
pub(crate) struct Free {
    pub(crate) lefts: Vec<bool>,
    pub(crate) rights: Vec<bool>,
}

/// What the search for places builds on.
pub(crate) struct Settled<'a> {
    pub(crate) weights: &'a Weights,
    /// Pairs that geometry has settled, by left record.
    pub(crate) partner: &'a BTreeMap<u32, u32>,
}

/// Rows whose candidates are held at once.
const ROWS_AT_ONCE: usize = 1 << 14;

/// A candidate that may be given to its row.
struct Likely {
    row: u32,
    candidate: Candidate,
    runner_up: f64,
}

/// What the rows say that an area is a candidate of: the most bits and whose they are, and the most of the others.
#[derive(Clone, Copy)]
struct Rivals {
    row: u32,
    bits: f64,
    others: f64,
}

impl Rivals {
    const NONE: Self = Self { row: 0, bits: f64::NEG_INFINITY, others: f64::NEG_INFINITY };

    fn add(&mut self, row: u32, bits: f64) {
        if bits > self.bits {
            *self = Self { row, bits, others: self.bits };
        } else {
            self.others = self.others.max(bits);
        }
    }

    /// The most bits of another row.
    fn beside(&self, row: u32) -> f64 {
        if self.row == row { self.others } else { self.bits }
    }
}

/// Gives the free rows of the right side to areas of the left side.
pub(crate) fn place(left: &Left<'_>, right: &Right<'_>, (free, settled): (&mut Free, &Settled<'_>)) -> Places {
    let mut places = Places { right_ranges: right_ranges((left, right), free, settled.weights), ..Places::default() };
    places.left_ranges = left_ranges(left, right, free);
    let rows: Vec<u32> = (0..free.rights.len() as u32).filter(|row| free.rights[*row as usize]).collect();
    let namesake = namesakes((left, right), &rows, settled.weights);
    let mut rivals = vec![Rivals::NONE; free.lefts.len()];
    let mut likely: Vec<Likely> = Vec::new();
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let found: Vec<Vec<Candidate>> =
            rows.par_iter().map(|row| candidates((left, right), (*row, namesake), free, settled)).collect();
        for (row, list) in rows.iter().zip(&found) {
            list.iter().for_each(|candidate| rivals[candidate.left as usize].add(*row, candidate.bits));
            for (nth, candidate) in list.iter().enumerate().filter(|(_, one)| one.posterior > LIKELY_MIN) {
                let others = list.iter().enumerate().filter(|(other, _)| *other != nth).map(|(_, other)| other.bits);
                let runner_up = others.fold(f64::NEG_INFINITY, f64::max);
                likely.push(Likely { row: *row, candidate: *candidate, runner_up });
            }
        }
    }
    // Equally likely ones stay in the order of the rows.
    likely.sort_by(|a, b| {
        let (one, other) = (&a.candidate, &b.candidate);
        let worth = |candidate: &Candidate| candidate.posterior.min(0.999_9);
        worth(other).total_cmp(&worth(one)).then(other.bits.total_cmp(&one.bits))
    });
    for Likely { row, candidate, runner_up } in likely {
        if !free.rights[row as usize] {
            continue;
        }
        let taken = !free.lefts[candidate.left as usize];
        if taken && (candidate.posterior < COPY_MIN || candidate.bits < 3.0) {
            continue;
        }
        let name = right.features[row as usize].name();
        let placed = Placed {
            right: row,
            candidate,
            runner_up,
            rival: rivals[candidate.left as usize].beside(row),
            namesakes: name.map_or(0, |name| left.lists.names.of(name.key_hash()).len()),
        };
        free.rights[row as usize] = false;
        if taken {
            places.copies.push(placed);
        } else {
            free.lefts[candidate.left as usize] = false;
            places.placed.push(placed);
        }
    }
    places.placed.sort_by_key(|placed| placed.right);
    places.copies.sort_by_key(|placed| placed.right);
    places
}

/// How often a row of a table has the name of an area that lies elsewhere, beside the rows that have a partner.
///
/// Of the rows that have the name of an area, those that speak against it in everything else tell. What is likeliest is found
/// round by round; it is never taken to be less than is known.
fn namesakes((left, right): (&Left<'_>, &Right<'_>), rows: &[u32], weights: &Weights) -> f64 {
    let told = |row: &u32| {
        let features = &right.features[*row as usize];
        let name = features.name().filter(|_| right.spots[*row as usize].centre().is_none())?;
        let areas = left.lists.names.of(name.key_hash()).take(8);
        let bits = areas.map(|area| Likeness::of(&left.features[area as usize], features).far_bits(weights));
        bits.reduce(f64::max).map(f64::exp2)
    };
    let step = rows.len().div_ceil(NAMESAKE_ROWS).max(1);
    let ratios: Vec<f64> = rows.iter().step_by(step).filter_map(told).collect();
    let known = NAMESAKE / (PARTNER + NAMESAKE);
    let mut share = known;
    for _ in 0..NAMESAKE_ROUNDS {
        let sum: f64 = ratios.iter().map(|ratio| share / (share + (1.0 - share) * ratio)).sum();
        share = (sum + NAMESAKE_COUNT * known) / (ratios.len() as f64 + NAMESAKE_COUNT);
    }
    (PARTNER * share / (1.0 - share)).max(NAMESAKE)
}

/// The areas a row may be, best first.
fn candidates(
    (left, right): (&Left<'_>, &Right<'_>),
    (row, namesake): (u32, f64),
    free: &Free,
    settled: &Settled<'_>,
) -> Vec<Candidate> {
    let (features, spot) = (&right.features[row as usize], &right.spots[row as usize]);
    let mut lefts = left.lists.alike(features);
    if let Spot::Point(point) = spot {
        lefts.extend(left.ground.near(*point, *point, POINT_REACH_M));
    }
    if let Spot::Flat(flat) = spot {
        let rough = left.ground.near(flat.min, flat.max, ROUGH_REACH_M);
        lefts.extend(rough.filter(|other| matches!(left.spots[*other as usize], Spot::Point(_))));
    }
    let swapped = swapped(left, right, row, settled);
    lefts.extend(&swapped);
    lefts.sort_unstable();
    lefts.dedup();
    let elsewhere = if spot.centre().is_some() { right.elsewhere(left, row as usize) } else { Vec::new() };
    let mut found: Vec<Candidate> = lefts
        .into_iter()
        .filter_map(|other| {
            let place = &left.spots[other as usize];
            let taken = !free.lefts[other as usize];
            if taken && matches!((place, spot), (Spot::Flat(_), Spot::Flat(_))) {
                // Outlines that repeat one another were found by geometry.
                return None;
            }
            let likeness = Likeness::of(&left.features[other as usize], features);
            let distance = apart(place, spot);
            let (mut location, mut system) = (location_bits(place, spot, distance), None);
            for (tried, at) in &elsewhere {
                let there = if let Spot::Flat(flat) = spot {
                    let mut moved = flat.clone();
                    moved.carry(*at - flat.centre);
                    Spot::Flat(moved)
                } else {
                    Spot::Point(*at)
                };
                let bits = location_bits(place, &there, apart(place, &there)) - ODD_PRICE;
                if bits > location + 1.0 {
                    (location, system) = (bits, Some(*tried));
                }
            }
            let mut bits = likeness.bits(settled.weights) + location;
            if swapped.contains(&other) {
                bits += SWAPPED_WORTH;
            }
            if features.other_use() != left.features[other as usize].other_use() {
                bits -= 9.0;
            }
            let lead = (PARTNER / namesake).log2() + likeness.far_bits(settled.weights) + location;
            (bits > -6.0).then_some(Candidate { left: other, likeness, bits, lead, distance, system, posterior: 0.0 })
        })
        .collect();
    found.sort_by(|a, b| b.bits.total_cmp(&a.bits).then(a.left.cmp(&b.left)));
    found.truncate(24);
    let each = PARTNER / COMPETITORS_MIN.max(found.len() as f64);
    let price = |candidate: &Candidate| if free.lefts[candidate.left as usize] { 0.0 } else { TAKEN_PRICE };
    let odds: Vec<f64> =
        found.iter().map(|candidate| (candidate.bits - price(candidate)).min(60.0).exp2() * each).collect();
    // A namesake elsewhere has the name as a partner has it: only what else is known tells them apart.
    let named = found.iter().zip(&odds).filter(|(candidate, _)| candidate.likeness.name >= NameLevel::ByAddress);
    let namesake = named.map(|(candidate, odds)| odds * (-candidate.lead).exp2()).fold(0.0, f64::max);
    let first = found.first().filter(|candidate| candidate.likeness.name >= NameLevel::ByAddress);
    let all = left.features.len() as f64 * each / PARTNER;
    let chance = first.map_or(1.0, |candidate| all * (-candidate.likeness.stranger_bits(settled.weights)).exp2());
    let total: f64 = odds.iter().sum::<f64>() + (1.0 - PARTNER) * chance.min(1.0) + namesake;
    for (candidate, odds) in found.iter_mut().zip(odds) {
        candidate.posterior = odds / total;
    }
    found
}

/// Areas whose names stand in the row of the area that the row is called like.
fn swapped(left: &Left<'_>, right: &Right<'_>, row: u32, settled: &Settled<'_>) -> Vec<u32> {
    let Some(name) = right.features[row as usize].name() else { return Vec::new() };
    let namesakes = left.lists.names.of(name.key_hash()).take(4);
    let called = namesakes.filter_map(|area| right.features[*settled.partner.get(&area)? as usize].name());
    let other = called.filter(|other| other.key_hash() != name.key_hash());
    other.flat_map(|other| left.lists.names.of(other.key_hash()).take(4).collect::<Vec<_>>()).collect()
}

/// Metres between two places, 0 when one lies in the other.
fn apart(place: &Spot, spot: &Spot) -> Option<f64> {
    match (place, spot) {
        (Spot::None, _) | (_, Spot::None) => None,
        (Spot::Point(a), Spot::Point(b)) => Some(length(*a - *b)),
        (Spot::Flat(flat), Spot::Point(point)) | (Spot::Point(point), Spot::Flat(flat)) => {
            Some(flat.distance_to(*point))
        }
        (Spot::Flat(a), Spot::Flat(b)) => {
            let gap = |low: f64, high: f64| (low - high).max(0.0);
            let x = gap(a.min.x, b.max.x).max(gap(b.min.x, a.max.x));
            let y = gap(a.min.y, b.max.y).max(gap(b.min.y, a.max.y));
            Some(x.hypot(y))
        }
    }
}

/// What the places say.
fn location_bits(place: &Spot, spot: &Spot, distance: Option<f64>) -> f64 {
    let Some(distance) = distance else { return 0.0 };
    let steps: &[(f64, f64)] = match (place, spot) {
        // A point of the register is rough.
        (Spot::Point(_), Spot::Point(_)) => &[(60.0, 4.0), (150.0, 2.0), (300.0, 0.0), (600.0, -2.0)],
        (Spot::Point(_), _) => &[(0.5, 5.0), (30.0, 4.0), (100.0, 2.0), (200.0, 0.0), (400.0, -2.0)],
        // Both are outlines, and they do not cover each other.
        (_, Spot::Flat(_)) => &[(1.0, -2.0), (60.0, -3.0), (200.0, -5.0)],
        _ => &[(0.5, 5.0), (15.0, 3.5), (40.0, 1.5), (100.0, -2.0)],
    };
    let far = if matches!((place, spot), (Spot::Flat(_), Spot::Flat(_))) { -9.0 } else { -5.0 };
    steps.iter().find(|(reach, _)| distance < *reach).map_or(far, |(_, bits)| *bits)
}

/// Rows without an outline whose names stand for several areas of the other side.
fn right_ranges((left, right): (&Left<'_>, &Right<'_>), free: &mut Free, weights: &Weights) -> Vec<(u32, Vec<u32>)> {
    let mut ranges = Vec::new();
    for row in 0..right.features.len() {
        let features = &right.features[row];
        let Some(name) = features.name().filter(|_| free.rights[row] && features.is_range()) else { continue };
        let covered = |other: &u32| left.features[*other as usize].names.iter().any(|one| name.covers(one));
        // Compounds of one name may stand in several streets: the one that the rest of the row speaks for is meant.
        let mut compounds: BTreeMap<u64, (f64, Vec<u32>)> = BTreeMap::new();
        for other in left.lists.alike(features).into_iter().filter(|other| free.lefts[*other as usize]).filter(covered)
        {
            let theirs = &left.features[other as usize];
            let compound = compounds.entry(theirs.street).or_insert((f64::NEG_INFINITY, Vec::new()));
            compound.0 = compound.0.max(Likeness::of(theirs, features).bits(weights));
            compound.1.push(other);
        }
        let best = compounds.into_values().filter(|(_, members)| members.len() >= 2).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, members)) = best {
            free.rights[row] = false;
            members.iter().for_each(|member| free.lefts[*member as usize] = false);
            ranges.push((row as u32, members));
        }
    }
    ranges
}

/// The same the other way round.
fn left_ranges(left: &Left<'_>, right: &Right<'_>, free: &mut Free) -> Vec<(u32, Vec<u32>)> {
    let mut by_stem: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    if left.features.iter().any(|one| one.is_range()) {
        for (row, features) in right.features.iter().enumerate().filter(|(row, _)| free.rights[*row]) {
            if let Some(name) = features.name() {
                by_stem.entry(name.stem_hash()).or_default().push(row as u32);
            }
        }
    }
    let mut ranges = Vec::new();
    for area in 0..left.features.len() {
        let features = &left.features[area];
        let Some(name) = features.name().filter(|_| free.lefts[area] && features.is_range()) else { continue };
        let members: Vec<u32> = by_stem.get(&name.stem_hash()).map_or_else(Vec::new, |rows| {
            let covered = |row: &u32| right.features[*row as usize].names.iter().any(|one| name.covers(one));
            rows.iter().copied().filter(|row| free.rights[*row as usize] && covered(row)).collect()
        });
        if members.len() >= 2 {
            free.lefts[area] = false;
            members.iter().for_each(|member| free.rights[*member as usize] = false);
            ranges.push((area as u32, members));
        }
    }
    ranges
}
