//! The integer grid of a zoom: 2^z tiles of [`EXTENT`] cells each way, counted from the north-west corner of the world.

use geo::Coord;

use crate::tiles::coord::ZOOM_LIMIT;
use crate::tiles::encode::EXTENT;

/// A grid point: x to the east, y to the south.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cell {
    pub x: i32,
    pub y: i32,
}

/// Widest the grid gets is 2^30, so sums and differences of two places fit an `i32`.
pub(crate) fn cells_across(zoom: u8) -> f64 {
    f64::from(EXTENT) * f64::from(1_u32 << zoom)
}

/// The grid point nearest to a point of the unit square.
pub(crate) fn snap(unit: Coord, across: f64) -> Cell {
    let near = |share: f64| (share * across).round().clamp(0.0, across) as i32;
    Cell { x: near(unit.x), y: near(unit.y) }
}

/// Width of a grid cell of zoom 0 on the ground at the latitude of Beijing, metres.
const CELL_M: f64 = 40_075_017.0 / 4_096.0 * 0.767;

/// The zoom with the coarsest grid on which no vertex is moved farther than the tolerance, in metres; the highest for 0.
pub(crate) fn finest_zoom(tolerance_m: f64) -> u8 {
    let side_m = tolerance_m * std::f64::consts::SQRT_2;
    (0..ZOOM_LIMIT).find(|zoom| CELL_M / f64::from(1_u32 << zoom) <= side_m).unwrap_or(ZOOM_LIMIT)
}

/// The square of the grid that holds a point of the unit square, its west and north edges included.
pub(crate) fn square_of(unit: Coord, across: f64) -> Cell {
    let floor = |share: f64| (share * across).floor().clamp(0.0, across - 1.0) as i32;
    Cell { x: floor(unit.x), y: floor(unit.y) }
}

/// Twice the signed area by the surveyor's formula (MVT 2.1, 4.3.4.4): positive is clockwise as seen, for y runs south.
pub(crate) fn twice_area(ring: &[Cell]) -> i128 {
    let Some(origin) = ring.first() else { return 0 };
    let mut sum = 0_i128;
    let mut before = Cell { x: 0, y: 0 };
    for cell in ring {
        let here = Cell { x: cell.x - origin.x, y: cell.y - origin.y };
        sum += i128::from(i64::from(before.x) * i64::from(here.y) - i64::from(here.x) * i64::from(before.y));
        before = here;
    }
    sum
}

/// Cross product of `b - a` and `c - a`: 0 when the three are on one line.
pub(crate) fn cross(a: Cell, b: Cell, c: Cell) -> i64 {
    i64::from(b.x - a.x) * i64::from(c.y - a.y) - i64::from(b.y - a.y) * i64::from(c.x - a.x)
}

/// Whether going on from `b` to `c` runs straight back towards `a`.
fn turns_back(a: Cell, b: Cell, c: Cell) -> bool {
    let dot = i64::from(b.x - a.x) * i64::from(c.x - b.x) + i64::from(b.y - a.y) * i64::from(c.y - b.y);
    dot < 0 && cross(a, b, c) == 0
}

/// Takes repeated points and spikes out of an open ring, in place. A ring that was nothing else ends with fewer than
/// three points.
pub(crate) fn clean(ring: &mut Vec<Cell>) {
    let mut kept = 0;
    for i in 0..ring.len() {
        let cell = ring[i];
        while kept > 0 && (ring[kept - 1] == cell || (kept > 1 && turns_back(ring[kept - 2], ring[kept - 1], cell))) {
            kept -= 1;
        }
        ring[kept] = cell;
        kept += 1;
    }
    ring.truncate(kept);
    // The same where the end meets the start.
    let mut first = 0;
    while ring.len() - first > 2 {
        let last = ring.len() - 1;
        if ring[last] == ring[first] || turns_back(ring[last - 1], ring[last], ring[first]) {
            ring.pop();
        } else if turns_back(ring[last], ring[first], ring[first + 1]) {
            first += 1;
        } else {
            break;
        }
    }
    ring.drain(..first);
}

/// How sides of rings meet where they should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contact {
    /// They do not.
    None,
    /// They share single points.
    Touch,
    /// They cross or run along each other.
    Cross,
}

/// Reusable list of the sides of a shape, for [`contact`].
#[derive(Debug, Default)]
pub(crate) struct Sides(Vec<Side>);

#[derive(Debug, Clone, Copy)]
struct Side {
    west: Cell,
    east: Cell,
    ring: u32,
    place: u32,
    length: u32,
}

impl Sides {
    /// The worst contact among the sides of rings, other than that of a side with the next one of its ring.
    ///
    /// Rings are open and cleaned. A sweep from west to east: quadratic only when all sides overlap in x.
    pub(crate) fn contact<'a>(&mut self, rings: impl Iterator<Item = &'a [Cell]>) -> Contact {
        self.0.clear();
        for (number, ring) in rings.enumerate() {
            for (place, from) in ring.iter().enumerate() {
                let to = ring[if place + 1 == ring.len() { 0 } else { place + 1 }];
                self.0.push(Side {
                    west: (*from).min(to),
                    east: (*from).max(to),
                    ring: number as u32,
                    place: place as u32,
                    length: ring.len() as u32,
                });
            }
        }
        self.0.sort_unstable_by_key(|side| side.west.x);
        let mut worst = Contact::None;
        for (i, one) in self.0.iter().enumerate() {
            let (north, south) = (one.west.y.min(one.east.y), one.west.y.max(one.east.y));
            for two in self.0[i + 1..].iter().take_while(|two| two.west.x <= one.east.x) {
                if two.west.y.min(two.east.y) > south || two.west.y.max(two.east.y) < north {
                    continue;
                }
                let apart = one.place.abs_diff(two.place);
                if one.ring == two.ring && (apart == 1 || apart == one.length - 1) {
                    continue;
                }
                match meet(one, two) {
                    Contact::Cross => return Contact::Cross,
                    found => worst = worst.max(found),
                }
            }
        }
        worst
    }
}

/// How two sides with overlapping boxes meet.
fn meet(one: &Side, two: &Side) -> Contact {
    let sign = |a, b, c| cross(a, b, c).signum();
    let (a, b) = (sign(one.west, one.east, two.west), sign(one.west, one.east, two.east));
    let (c, d) = (sign(two.west, two.east, one.west), sign(two.west, two.east, one.east));
    if a == 0 && b == 0 {
        // On one line, ordered west to east: overlap is more than a point when the later start is before the earlier end.
        let (start, end) = (one.west.max(two.west), one.east.min(two.east));
        return match start.cmp(&end) {
            std::cmp::Ordering::Less => Contact::Cross,
            std::cmp::Ordering::Equal => Contact::Touch,
            std::cmp::Ordering::Greater => Contact::None,
        };
    }
    if a * b < 0 && c * d < 0 {
        Contact::Cross
    } else if a * b <= 0 && c * d <= 0 {
        Contact::Touch
    } else {
        Contact::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(i32, i32)]) -> Vec<Cell> {
        points.iter().map(|(x, y)| Cell { x: *x, y: *y }).collect()
    }

    fn contact(rings: &[Vec<Cell>]) -> Contact {
        Sides::default().contact(rings.iter().map(Vec::as_slice))
    }

    #[test]
    fn spikes_and_repetitions_vanish_wherever_the_ring_starts() {
        let spiked = ring(&[(0, 0), (4, 0), (4, 0), (9, 0), (4, 0), (4, 4), (2, 4), (2, 8), (2, 4), (0, 4)]);
        for start in 0..spiked.len() {
            let mut turned = spiked.clone();
            turned.rotate_left(start);
            clean(&mut turned);
            assert_eq!(twice_area(&turned), 32);
            assert_eq!(turned.len(), 5, "{turned:?}");
        }
        let mut line = ring(&[(0, 0), (3, 3), (7, 7)]);
        clean(&mut line);
        assert!(line.len() < 3);
    }

    #[test]
    fn contacts_are_told_apart() {
        let square = ring(&[(0, 0), (8, 0), (8, 8), (0, 8)]);
        assert_eq!(contact(std::slice::from_ref(&square)), Contact::None);
        assert_eq!(contact(&[ring(&[(0, 0), (8, 8), (8, 0), (0, 8)])]), Contact::Cross);
        assert_eq!(contact(&[square.clone(), ring(&[(2, 2), (2, 4), (4, 4)])]), Contact::None);
        assert_eq!(contact(&[square.clone(), ring(&[(0, 4), (4, 5), (4, 3)])]), Contact::Touch);
        assert_eq!(contact(&[square.clone(), ring(&[(0, 2), (0, 4), (4, 4)])]), Contact::Cross);
        assert_eq!(contact(&[square, ring(&[(8, 8), (9, 8), (9, 9)])]), Contact::Touch);
        assert_eq!(contact(&[ring(&[(0, 0), (8, 0), (4, 4), (8, 8), (0, 8), (4, 4)])]), Contact::Touch);
    }
}
