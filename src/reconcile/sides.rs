//! The sides of an outline, and how far another drawing of it has them further out or in.

use geo::Coord;

use crate::reconcile::align::length;
use crate::reconcile::plane::Flat;

/// Sides that turn by less than this are one, as the cosine.
const STRAIGHT: f64 = 0.966;

/// Places along a side at which the drawings are compared, between its ends.
const PLACES: usize = 9;
const END: f64 = 0.12;

/// Sides that run otherwise are another side, as the cosine.
const ALIKE: f64 = 0.6;

/// A side of an outline in another drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moved {
    /// Metres by which the other drawing has it further out; further in when negative.
    pub(crate) by: f64,
    /// Metres from end to end.
    pub(crate) length: f64,
}

impl Moved {
    /// Share of the surface that it moved over.
    pub(crate) fn share_of(&self, surface: f64) -> f64 {
        self.by.abs() * self.length / surface
    }
}

/// How far each side of `a` lies further out in `b`. Sides that are not found in `b` are left out.
pub(crate) fn moved(a: &Flat, b: &Flat) -> Vec<Moved> {
    let theirs: Vec<(Coord, Coord)> = b.edges().collect();
    // Further away than this a side is another one.
    let reach = a.surface.sqrt();
    sides(a).iter().filter_map(|side| side_moved(side, &theirs, reach)).collect()
}

/// The outer rings' sides, those that go on straight taken together.
fn sides(flat: &Flat) -> Vec<Vec<Coord>> {
    let mut all = Vec::new();
    for ring in flat.rings() {
        let count = ring.len();
        let along = |i: usize| {
            let side = ring[(i + 1) % count] - ring[i % count];
            let length = length(side);
            if length > 0.0 { side / length } else { Coord::zero() }
        };
        let turns = |i: usize| {
            let (before, after) = (along(i + count - 1), along(i));
            before.x * after.x + before.y * after.y < STRAIGHT
        };
        let corners: Vec<usize> = (0..count).filter(|i| turns(*i)).collect();
        for (nth, from) in corners.iter().enumerate() {
            let to = corners.get(nth + 1).copied().unwrap_or(corners[0] + count);
            all.push((*from..=to).map(|i| ring[i % count]).collect());
        }
    }
    all
}

fn side_moved(side: &[Coord], theirs: &[(Coord, Coord)], reach: f64) -> Option<Moved> {
    let total: f64 = side.windows(2).map(|pair| length(pair[1] - pair[0])).sum();
    if total <= 0.0 {
        return None;
    }
    let mut offsets: Vec<f64> = Vec::with_capacity(PLACES);
    for place in 0..PLACES {
        let share = END + (1.0 - 2.0 * END) * (place as f64 + 0.5) / PLACES as f64;
        let (at, along) = at_share(side, share * total)?;
        offsets.extend(offset(at, along, theirs, reach));
    }
    if offsets.len() * 3 < PLACES * 2 {
        return None;
    }
    offsets.sort_by(f64::total_cmp);
    Some(Moved { by: offsets[offsets.len() / 2], length: total })
}

/// The position so far along the side, and its direction there.
fn at_share(side: &[Coord], mut way: f64) -> Option<(Coord, Coord)> {
    for pair in side.windows(2) {
        let long = length(pair[1] - pair[0]);
        if way <= long && long > 0.0 {
            let along = (pair[1] - pair[0]) / long;
            return Some((pair[0] + along * way, along));
        }
        way -= long;
    }
    None
}

/// Metres outwards to the nearest side that runs alike.
fn offset(at: Coord, along: Coord, theirs: &[(Coord, Coord)], reach: f64) -> Option<f64> {
    let outward = Coord { x: along.y, y: -along.x };
    let mut best: Option<f64> = None;
    for (from, to) in theirs {
        let (p, q) = (*from - at, *to - at);
        // In the frame of the side: along it, and outwards.
        let (s, e) = (p.x * along.x + p.y * along.y, q.x * along.x + q.y * along.y);
        if s > 0.0 || e <= 0.0 {
            continue;
        }
        let (u, v) = (p.x * outward.x + p.y * outward.y, q.x * outward.x + q.y * outward.y);
        if (e - s) < ALIKE * (e - s).hypot(v - u) {
            continue;
        }
        let off = u + (v - u) * (-s / (e - s));
        if off.abs() <= reach && best.is_none_or(|least: f64| off.abs() < least.abs()) {
            best = Some(off);
        }
    }
    best
}
