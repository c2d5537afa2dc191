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

/// Halves of a side that run off by more than this are another side, as the tangent.
const ASKEW: f64 = 0.4;

/// A side of an outline in another drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moved {
    /// Metres by which the other drawing has it further out; further in when negative.
    pub(crate) by: f64,
    /// Metres from end to end.
    pub(crate) length: f64,
    /// The direction outwards, of length one.
    pub(crate) outward: Coord,
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
    let step = (1.0 - 2.0 * END) / PLACES as f64 * total;
    let mut offsets: Vec<f64> = Vec::with_capacity(PLACES);
    for place in 0..PLACES {
        let (at, along) = at_share(side, END * total + step * (place as f64 + 0.5))?;
        offsets.extend(offset(at, along, theirs, reach));
    }
    if offsets.len() * 3 < PLACES * 2 || is_askew(&offsets, step) {
        return None;
    }
    offsets.sort_by(f64::total_cmp);
    let chord = side[side.len() - 1] - side[0];
    let outward = Coord { x: chord.y, y: -chord.x } / length(chord).max(1e-9);
    Some(Moved { by: offsets[offsets.len() / 2], length: total, outward })
}

/// Whether one half of the side runs otherwise than the other drawing, as a corner that is cut off in one drawing only does:
/// no side was moved there. By means over several places, for a line drawn with many corners wavers.
fn is_askew(offsets: &[f64], step: f64) -> bool {
    let mean = |places: &[f64]| places.iter().sum::<f64>() / places.len() as f64;
    let part = offsets.len() / 3;
    let (first, last) = (mean(&offsets[..part]), mean(&offsets[offsets.len() - part..]));
    let middle = mean(&offsets[part..offsets.len() - part]);
    let way = step * (offsets.len() - part) as f64 / 2.0;
    (middle - first).abs().max((last - middle).abs()) > ASKEW * way
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

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, MultiPolygon, Polygon};

    fn flat(points: &[(f64, f64)]) -> Flat {
        let ring = LineString::from(points.to_vec());
        Flat::new(&MultiPolygon::from(Polygon::new(ring, vec![])), |point| point).unwrap()
    }

    #[test]
    fn a_side_is_found_further_out() {
        let found = moved(
            &flat(&[(0.0, 0.0), (100.0, 0.0), (100.0, 80.0), (0.0, 80.0)]),
            &flat(&[(0.0, 0.0), (120.0, 0.0), (120.0, 80.0), (0.0, 80.0)]),
        );
        let offsets: Vec<f64> = found.iter().map(|side| side.by.round()).collect();
        assert_eq!(offsets, [0.0, 20.0, 0.0, 0.0]);
        assert!((found[1].outward.x - 1.0).abs() < 1e-9 && found[1].outward.y.abs() < 1e-9);
    }

    #[test]
    fn a_corner_that_is_cut_off_in_one_drawing_is_no_moved_side() {
        let cut = flat(&[(0.0, 0.0), (100.0, 0.0), (100.0, 60.0), (60.0, 100.0), (0.0, 100.0)]);
        let whole = flat(&[(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]);
        assert!(moved(&cut, &whole).iter().all(|side| side.by.abs() < 1e-9));
    }
}
