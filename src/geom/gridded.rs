//! Boundaries on a grid, for eyes that need no more.

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::geom::LocalFrame;

/// Latitude at which a degree of longitude is measured, so that the same point falls on the same grid point in every ring.
const LATITUDE: f64 = 39.9;

/// A boundary (degrees, lng lat) whose vertices stand on a grid, none of them farther than `tolerance_m` from where it was.
///
/// Vertices that two boundaries share stay shared. A ring that the grid swallows stays as it is. A tolerance of 0 changes
/// nothing.
pub fn gridded(boundary: &MultiPolygon, tolerance_m: f64) -> MultiPolygon {
    if tolerance_m <= 0.0 {
        return boundary.clone();
    }
    let step = step(tolerance_m);
    let ring = |ring: &LineString| on_grid(ring, step);
    boundary
        .iter()
        .map(|polygon| Polygon::new(ring(polygon.exterior()), polygon.interiors().iter().map(ring).collect()))
        .collect()
}

/// A point (degrees, lng lat) on the same grid: who may only ask about its points finds no border more exactly.
pub fn gridded_point(point: Coord, tolerance_m: f64) -> Coord {
    if tolerance_m <= 0.0 {
        return point;
    }
    let step = step(tolerance_m);
    Coord { x: near(point.x, step.x), y: near(point.y, step.y) }
}

/// The sides of a cell in degrees.
fn step(tolerance_m: f64) -> Coord {
    // The farthest point of a square cell from its corners is its middle.
    let side_m = tolerance_m * std::f64::consts::SQRT_2;
    let measure = LocalFrame::new(Coord { x: 116.5, y: LATITUDE }).metres_per_degree();
    // Farther north a degree of longitude is shorter, never longer by more than a tenth of a percent in one district.
    Coord { x: side_m / measure.x * 0.99, y: side_m / measure.y * 0.99 }
}

fn near(value: f64, step: f64) -> f64 {
    round_7((value / step).round() * step)
}

fn on_grid(ring: &LineString, step: Coord) -> LineString {
    let mut coords: Vec<Coord> =
        ring.coords().map(|coord| Coord { x: near(coord.x, step.x), y: near(coord.y, step.y) }).collect();
    coords.dedup();
    // A closed ring of three corners has four vertices.
    let least = if coords.first() == coords.last() { 4 } else { 3 };
    if coords.len() < least { ring.clone() } else { LineString(coords) }
}

/// Seven decimals are a centimetre.
fn round_7(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{MultiPolygon, polygon};

    fn square(west: f64, south: f64, side: f64) -> MultiPolygon {
        let (east, north) = (west + side, south + side);
        polygon![(x: west, y: south), (x: east, y: south), (x: east, y: north), (x: west, y: north)].into()
    }

    #[test]
    fn no_vertex_moves_farther_than_the_tolerance_and_shared_ones_stay_shared() {
        let (one, other) = (square(116.46, 39.92, 0.001_234_5), square(116.461_234_5, 39.92, 0.001_234_5));
        for tolerance_m in [0.5, 1.0, 5.0] {
            let (near, by) = (gridded(&one, tolerance_m), gridded(&other, tolerance_m));
            for (before, after) in one.0[0].exterior().coords().zip(near.0[0].exterior().coords()) {
                let moved = LocalFrame::new(*before).to_metres(*after);
                assert!(moved.x.hypot(moved.y) <= tolerance_m, "{moved:?}");
            }
            let corner = |boundary: &MultiPolygon, at: usize| boundary.0[0].exterior().0[at];
            assert_eq!(corner(&near, 1), corner(&by, 0));
            assert_eq!(corner(&near, 2), corner(&by, 3));
            assert_ne!(near, one);
        }
        assert_eq!(gridded(&one, 0.0), one);
    }

    #[test]
    fn a_ring_that_the_grid_swallows_stays() {
        let tiny = square(116.46, 39.92, 0.000_001);
        assert_eq!(gridded(&tiny, 50.0), tiny);
    }
}
