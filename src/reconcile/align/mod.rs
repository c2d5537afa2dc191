//! The right side brought onto the left side's map: systems, a turn, and shifts that hold for a street or a source.
//!
//! All of this serves the comparison only; no record is changed.

mod batch;
mod odd;
mod similarity;
mod system;
mod vote;

use geo::{BoundingRect as _, Centroid as _, Coord};
use rayon::prelude::*;

use crate::geom::LocalFrame;
use crate::reconcile::features::Features;
use crate::reconcile::ground::{Ground, Spot};
use crate::reconcile::outcome::Alignment;
use crate::reconcile::plane::Flat;
use crate::reconcile::postings::Lists;
use crate::reconcile::record::{Record, Shape};

pub(crate) use similarity::Similarity;
pub(crate) use system::System;
pub(crate) use vote::{length, median};

/// The left side, which stays where it is.
pub(crate) struct Left<'a> {
    pub(crate) records: &'a [&'a Record],
    pub(crate) features: Vec<Features>,
    pub(crate) lists: Lists,
    pub(crate) spots: Vec<Spot>,
    pub(crate) ground: Ground,
    pub(crate) frame: LocalFrame,
}

impl<'a> Left<'a> {
    pub(crate) fn new(records: &'a [&'a Record], others: &[&Record]) -> Self {
        let features: Vec<Features> = records.par_iter().map(|record| Features::of(record)).collect();
        let frame = LocalFrame::new(middle(records).or_else(|| middle(others)).unwrap_or_default());
        let spots: Vec<Spot> =
            records.par_iter().map(|record| spot(&record.shape, |point| frame.to_metres(point))).collect();
        let (lists, ground) = (Lists::new(&features), Ground::new(&spots));
        Self { records, features, lists, spots, ground, frame }
    }
}

/// The middle of a side, degrees.
fn middle(records: &[&Record]) -> Option<Coord> {
    let places: Vec<Coord> = records.iter().filter_map(|record| place(&record.shape)).collect();
    let axis = |pick: fn(&Coord) -> f64| median(places.iter().map(pick).collect());
    (!places.is_empty()).then(|| Coord { x: axis(|place| place.x), y: axis(|place| place.y) })
}

/// The middle of a shape in its own units.
pub(crate) fn place(shape: &Shape) -> Option<Coord> {
    let place = match shape {
        Shape::None => None,
        Shape::Point(point) => Some(*point),
        Shape::Outline(outline) => {
            outline.centroid().map(Coord::from).or_else(|| Some(outline.bounding_rect()?.center()))
        }
    };
    place.filter(|place| place.x.is_finite() && place.y.is_finite())
}

/// Rows in an order in which neighbours on the map follow one another, so that what is looked up for one is at hand for the
/// next; rows without a place come last.
fn map_order(places: &[Option<Coord>]) -> Vec<u32> {
    let (mut min, mut max) = (Coord { x: f64::MAX, y: f64::MAX }, Coord { x: f64::MIN, y: f64::MIN });
    for place in places.iter().flatten() {
        min = Coord { x: min.x.min(place.x), y: min.y.min(place.y) };
        max = Coord { x: max.x.max(place.x), y: max.y.max(place.y) };
    }
    let part = |at: f64, from: f64, to: f64| if to > from { ((at - from) / (to - from) * 65_535.0) as u64 } else { 0 };
    let spread = |part: u64| (0..16).fold(0, |bits, bit| bits | (part >> bit & 1) << (2 * bit));
    let key = |place: &Option<Coord>| {
        place.map_or(u64::MAX, |at| spread(part(at.x, min.x, max.x)) | spread(part(at.y, min.y, max.y)) << 1)
    };
    let mut keyed: Vec<(u64, u32)> = places.par_iter().map(key).zip(0..places.len() as u32).collect();
    keyed.par_sort_unstable();
    keyed.into_iter().map(|(_, row)| row).collect()
}

fn spot(shape: &Shape, to_metres: impl Fn(Coord) -> Coord) -> Spot {
    match shape {
        Shape::None => Spot::None,
        Shape::Point(point) if point.x.is_finite() && point.y.is_finite() => Spot::Point(to_metres(*point)),
        Shape::Point(_) => Spot::None,
        Shape::Outline(outline) => Flat::new(outline, to_metres).map_or(Spot::None, Spot::Flat),
    }
}

/// How one row is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placement {
    pub(crate) system: System,
    pub(crate) map: Similarity,
    /// Carried by this after everything else, metres.
    pub(crate) by: Coord,
    /// What its outline was shrunk by, metres.
    pub(crate) growth: f64,
}

impl Placement {
    pub(crate) fn to_metres(self, frame: &LocalFrame, point: Coord) -> Coord {
        self.map.apply(frame.to_metres(self.system.true_degrees(point))) + self.by
    }

    pub(crate) fn spot(self, frame: &LocalFrame, shape: &Shape) -> Spot {
        spot(shape, |point| self.to_metres(frame, point))
    }
}

/// The right side on the left side's map.
pub(crate) struct Right<'a> {
    pub(crate) records: &'a [&'a Record],
    pub(crate) features: Vec<Features>,
    pub(crate) placements: Vec<Placement>,
    pub(crate) spots: Vec<Spot>,
    /// The rows in an order in which neighbours on the map follow one another.
    pub(crate) map_order: Vec<u32>,
    /// Rows that were read in another system than their batch.
    pub(crate) odd: Vec<bool>,
    pub(crate) alignments: Vec<Alignment>,
    pub(crate) shift_m: (f64, f64),
    pub(crate) turn_deg: f64,
}

impl<'a> Right<'a> {
    pub(crate) fn new(left: &Left<'_>, records: &'a [&'a Record], done: &mut dyn FnMut(&'static str)) -> Self {
        let features: Vec<Features> = records.par_iter().map(|record| Features::of(record)).collect();
        done("right");
        let rows = batch::Rows::new(left, records, &features);
        let base = rows.base();
        done("base");
        let batches = batch::settle(&rows, base);
        done("batches");
        let frame = &left.frame;
        let mut spots: Vec<Spot> = records
            .par_iter()
            .zip(&batches.placements)
            .map(|(record, placement)| placement.spot(frame, &record.shape))
            .collect();
        let mut placements = batches.placements;
        let mut odd = vec![false; records.len()];
        batch::readjust(left, &rows, (&mut spots, &mut placements));
        done("readjust");
        odd::odd_rows(left, &rows, (&mut spots, &mut placements, &mut odd));
        done("odd rows");
        let alignments = batch::report(left, &rows, &placements, &spots);
        done("alignments");
        let map_order = rows.map_order;
        Self {
            records,
            features,
            map_order,
            placements,
            spots,
            odd,
            alignments,
            shift_m: (base.map.by.x, base.map.by.y),
            turn_deg: base.map.turn_deg(),
        }
    }

    /// Where the row would lie in the other systems.
    pub(crate) fn elsewhere(&self, left: &Left<'_>, row: usize) -> Vec<(System, Coord)> {
        let shape = &self.records[row].shape;
        let given = Placement { system: System::Given, map: Similarity::NONE, by: Coord::zero(), growth: 0.0 };
        let given = given.spot(&left.frame, shape);
        let Some(place) = batch::place_of(shape, &given, left) else { return Vec::new() };
        let placement = self.placements[row];
        let others = System::ALL[..3].iter().filter(|system| **system != placement.system);
        others
            .map(|system| (*system, Placement { system: *system, ..placement }.to_metres(&left.frame, place)))
            .collect()
    }
}
