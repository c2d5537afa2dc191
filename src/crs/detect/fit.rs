//! How well the records fit the areas held under one reading.

use std::collections::HashMap;

use geo::Coord;

use crate::crs::detect::Sighting;
use crate::crs::detect::field::{Field, distance};
use crate::crs::detect::outline::Shape;
use crate::crs::transform::Transformer;

/// The shift that most records agree on has to hold for each of them within this, metres.
const INLIER_M: f64 = 15.0;

/// Side of the cells in which shifts are counted, metres; three by three are looked at together.
const CELL_M: f64 = 6.0;

/// Records paired by code or name are believed within this distance, metres.
const KEY_REACH_M: f64 = 8_000.0;

/// What a metre of common shift counts against a reading, in tenths of the share of records that it explains.
pub(crate) const SHIFT_PRICE: f64 = 0.012;

/// What a far shift counts at most when the densest place is looked for.
const FAR_PRICE_MAX: f64 = 1.5;

/// What a metre of noise counts against a reading.
const NOISE_PRICE: f64 = 0.35;

/// The records of a file under one reading, metres around the place.
pub(crate) struct Reading {
    pub(crate) points: Vec<Option<Coord>>,
    /// Metres that a unit of each raw coordinate amounts to; `None` where the reading is impossible.
    metres: Option<[Coord; 2]>,
}

impl Reading {
    pub(crate) fn new(transformer: &Transformer, field: &Field, seen: &[&Sighting]) -> Self {
        let raw: Vec<Coord> = seen.iter().map(|sighting| sighting.outline.centre).collect();
        let to_metres = |degrees: Option<Coord>| degrees.map(|degrees| field.frame.to_metres(degrees));
        let points: Vec<Option<Coord>> = transformer.each_to_degrees(&raw).into_iter().map(to_metres).collect();
        let inside = points.iter().position(|point| point.is_some_and(|point| field.contains(point)));
        let metres = inside.and_then(|at| {
            let step = if raw[at].x.abs().max(raw[at].y.abs()) < 400.0 { 1e-4 } else { 10.0 };
            let beside = [raw[at], raw[at] + Coord { x: step, y: 0.0 }, raw[at] + Coord { x: 0.0, y: step }];
            let beside: Option<Vec<Coord>> = transformer.each_to_degrees(&beside).into_iter().map(to_metres).collect();
            let beside = beside?;
            Some([(beside[1] - beside[0]) / step, (beside[2] - beside[0]) / step])
        });
        Self { points, metres }
    }

    pub(crate) fn share_in(&self, field: &Field) -> f64 {
        let inside = self.points.iter().flatten().filter(|point| field.contains(**point)).count();
        inside as f64 / self.points.len().max(1) as f64
    }

    pub(crate) fn shape(&self, sighting: &Sighting) -> Option<Shape> {
        sighting.outline.shape(self.metres?)
    }
}

/// A record and the area held that it is compared with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Match {
    /// Position among the records looked at.
    pub(crate) row: usize,
    pub(crate) held: usize,
}

/// What a reading explains.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    pub(crate) matches: Vec<Match>,
    pub(crate) share: f64,
    /// From the areas held to the records, metres east and north.
    pub(crate) shift: Coord,
    pub(crate) residual_m: f64,
    pub(crate) median_m: f64,
}

impl Fit {
    pub(crate) fn shift_m(&self) -> f64 {
        self.shift.x.hypot(self.shift.y)
    }

    pub(crate) fn azimuth_deg(&self) -> f64 {
        self.shift.x.atan2(self.shift.y).to_degrees().rem_euclid(360.0)
    }

    /// Larger is better: explained records, less noise and, when shifts count, less shift.
    pub(crate) fn score(&self, shift_price: f64) -> f64 {
        10.0 * self.share - NOISE_PRICE * self.residual_m - shift_price * self.shift_m()
    }
}

struct Vote {
    row: usize,
    held: usize,
    shift: Coord,
}

/// The common shift of the records and what it explains; `None` when no two agree.
///
/// `pairs` are the areas held of the same key, for each record looked at; the others are compared with all areas of their
/// shape within `reach_m`.
pub(crate) fn fit(
    reading: &Reading,
    field: &Field,
    seen: &[&Sighting],
    pairs: &[Option<usize>],
    reach_m: f64,
) -> Option<Fit> {
    let votes = votes(reading, field, seen, pairs, reach_m);
    let mut shift = densest(&votes, seen.len())?;
    for _ in 0..6 {
        let near = votes.iter().filter(|vote| distance(vote.shift, shift) <= INLIER_M);
        let (sum, count) = near.fold((Coord::zero(), 0.0), |(sum, count), vote| (sum + vote.shift, count + 1.0));
        if count == 0.0 {
            break;
        }
        shift = sum / count;
    }
    let mut best: HashMap<usize, &Vote> = HashMap::new();
    for vote in votes.iter().filter(|vote| distance(vote.shift, shift) <= INLIER_M) {
        let best = best.entry(vote.row).or_insert(vote);
        if distance(vote.shift, shift) < distance(best.shift, shift) {
            *best = vote;
        }
    }
    let mut inliers: Vec<&Vote> = best.into_values().collect();
    inliers.sort_by_key(|vote| vote.row);
    let shift = Coord {
        x: median(inliers.iter().map(|vote| vote.shift.x).collect())?,
        y: median(inliers.iter().map(|vote| vote.shift.y).collect())?,
    };
    Some(Fit {
        share: inliers.len() as f64 / seen.len() as f64,
        shift,
        residual_m: median(inliers.iter().map(|vote| distance(vote.shift, shift)).collect())?,
        median_m: median(inliers.iter().map(|vote| vote.shift.x.hypot(vote.shift.y)).collect())?,
        matches: inliers.iter().map(|vote| Match { row: vote.row, held: vote.held }).collect(),
    })
}

fn votes(reading: &Reading, field: &Field, seen: &[&Sighting], pairs: &[Option<usize>], reach_m: f64) -> Vec<Vote> {
    let mut votes = Vec::new();
    for (row, sighting) in seen.iter().enumerate() {
        let Some(point) = reading.points[row].filter(|point| field.contains(*point)) else { continue };
        let mut vote = |held: usize| votes.push(Vote { row, held, shift: point - field.centres[held] });
        match pairs[row] {
            Some(held) if distance(point, field.centres[held]) < KEY_REACH_M => vote(held),
            Some(_) => {}
            None => field.alike(point, reading.shape(sighting), reach_m).for_each(vote),
        }
    }
    votes
}

/// The shift around which most votes lie, where a far one has to have more of them.
fn densest(votes: &[Vote], rows: usize) -> Option<Coord> {
    let cell = |shift: Coord| ((shift.x / CELL_M).round() as i64, (shift.y / CELL_M).round() as i64);
    let mut counts: HashMap<(i64, i64), u32> = HashMap::new();
    for vote in votes {
        *counts.entry(cell(vote.shift)).or_default() += 1;
    }
    let around = |(x, y): (i64, i64)| -> u32 {
        let beside = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
        beside.filter_map(|cell| counts.get(&cell)).sum()
    };
    let mut best: Option<(f64, (i64, i64))> = None;
    for at in counts.keys() {
        let shift_m = (at.0 as f64).hypot(at.1 as f64) * CELL_M;
        let score = 10.0 * f64::from(around(*at)) / rows as f64 - (SHIFT_PRICE / 4.0 * shift_m).min(FAR_PRICE_MAX);
        // Equal scores are told apart by place, or the answer would follow the order of a hash map.
        if best.is_none_or(|(least, place)| score > least || (score == least && *at < place)) {
            best = Some((score, *at));
        }
    }
    best.map(|(_, (x, y))| Coord { x: x as f64 * CELL_M, y: y as f64 * CELL_M })
}

pub(crate) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    let middle = numbers.len() / 2;
    if numbers.is_empty() {
        return None;
    }
    Some(*numbers.select_nth_unstable_by(middle, f64::total_cmp).1)
}
