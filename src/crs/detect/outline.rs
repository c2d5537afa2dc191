//! What is compared of an outline: place, area and how it spreads.

use geo::{Coord, LineString, MultiPolygon};

/// Centre, area and second moments of a boundary, in the units of its coordinates.
///
/// Unlike a perimeter these follow any stretching of the axes exactly, so they are taken once from the raw numbers, be
/// they degrees or metres in either order, and compared under every reading of the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outline {
    /// Centre of gravity.
    pub centre: Coord,
    /// Area, never negative, 0 for a point.
    pub area: f64,
    /// Variance along x, covariance, variance along y over the area.
    pub spread: [f64; 3],
}

/// An outline in metres, in numbers that hardly depend on its size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    log_area: f64,
    log_looseness: f64,
    lengthening: [f64; 2],
}

/// How much the logarithm of the area may differ: outlines are redrawn with some metres of noise.
const AREA_TOLERANCE: f64 = 0.2;
const LOOSENESS_TOLERANCE: f64 = 0.15;
const LENGTHENING_TOLERANCE: f64 = 0.2;

impl Outline {
    /// A record that has a place only.
    pub fn point(centre: Coord) -> Self {
        Self { centre, area: 0.0, spread: [0.0; 3] }
    }

    /// Of a boundary, whatever its winding; holes are taken off. `None` when it has no vertices or one is not finite.
    pub fn of(boundary: &MultiPolygon) -> Option<Self> {
        let origin = *boundary.iter().flat_map(|polygon| &polygon.exterior().0).next()?;
        let mut sums = [0.0; 6];
        for polygon in boundary {
            add_ring(&mut sums, polygon.exterior(), origin, 1.0);
            for hole in polygon.interiors() {
                add_ring(&mut sums, hole, origin, -1.0);
            }
        }
        let [area, x, y, xx, xy, yy] = sums;
        if !sums.iter().all(|sum| sum.is_finite()) {
            return None;
        }
        if area <= 0.0 {
            return Some(Self::point(middle(boundary)));
        }
        let mean = Coord { x: x / area, y: y / area };
        let spread = [xx / area - mean.x * mean.x, xy / area - mean.x * mean.y, yy / area - mean.y * mean.y];
        Some(Self { centre: origin + mean, area, spread })
    }

    /// Its shape in metres, when `metres` are the metres (east, north) that a unit of x and a unit of y amount to.
    pub(crate) fn shape(&self, metres: [Coord; 2]) -> Option<Shape> {
        let [a, b] = metres;
        let [xx, xy, yy] = self.spread;
        let area = self.area * (a.x * b.y - a.y * b.x).abs();
        let east = a.x * a.x * xx + 2.0 * a.x * b.x * xy + b.x * b.x * yy;
        let north = a.y * a.y * xx + 2.0 * a.y * b.y * xy + b.y * b.y * yy;
        let both = a.x * a.y * xx + (a.x * b.y + a.y * b.x) * xy + b.x * b.y * yy;
        let total = east + north;
        (area > 0.0 && total > 0.0).then(|| Shape {
            log_area: area.ln(),
            log_looseness: (total / area).ln(),
            lengthening: [(east - north) / total, 2.0 * both / total],
        })
    }
}

impl Shape {
    /// Whether two outlines may be of the same area.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.log_area - other.log_area).abs() < AREA_TOLERANCE
            && (self.log_looseness - other.log_looseness).abs() < LOOSENESS_TOLERANCE
            && self.lengthening.iter().zip(other.lengthening).all(|(a, b)| (a - b).abs() < LENGTHENING_TOLERANCE)
    }
}

/// Adds area, first and second moments of a ring, by the triangles that its sides form with the origin.
fn add_ring(sums: &mut [f64; 6], ring: &LineString, origin: Coord, sign: f64) {
    let mut own = [0.0; 6];
    for side in ring.lines() {
        let (a, b) = (side.start - origin, side.end - origin);
        let cross = a.x * b.y - b.x * a.y;
        own[0] += cross / 2.0;
        own[1] += cross * (a.x + b.x) / 6.0;
        own[2] += cross * (a.y + b.y) / 6.0;
        own[3] += cross * (a.x * a.x + a.x * b.x + b.x * b.x) / 12.0;
        own[4] += cross * (2.0 * a.x * a.y + a.x * b.y + b.x * a.y + 2.0 * b.x * b.y) / 24.0;
        own[5] += cross * (a.y * a.y + a.y * b.y + b.y * b.y) / 12.0;
    }
    let sign = if own[0] < 0.0 { -sign } else { sign };
    for (sum, own) in sums.iter_mut().zip(own) {
        *sum += sign * own;
    }
}

fn middle(boundary: &MultiPolygon) -> Coord {
    let (mut sum, mut count) = (Coord::zero(), 0.0);
    for vertex in boundary.iter().flat_map(|polygon| &polygon.exterior().0) {
        sum = sum + *vertex;
        count += 1.0;
    }
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{MapCoords as _, polygon};

    fn shape() -> MultiPolygon {
        polygon!(
            exterior: [(x: 10.0, y: 0.0), (x: 90.0, y: 5.0), (x: 120.0, y: 60.0), (x: 40.0, y: 80.0), (x: 0.0, y: 30.0)],
            interiors: [[(x: 40.0, y: 30.0), (x: 40.0, y: 50.0), (x: 60.0, y: 50.0), (x: 60.0, y: 30.0)]],
        )
        .into()
    }

    #[test]
    fn a_rectangle_has_the_moments_of_the_textbook() {
        let outline = Outline::of(&geo::Rect::new((10.0, 20.0), (70.0, 40.0)).to_polygon().into()).unwrap();
        assert!((outline.area - 1200.0).abs() < 1e-9);
        assert!((outline.centre.x - 40.0).abs() < 1e-9 && (outline.centre.y - 30.0).abs() < 1e-9);
        let [xx, xy, yy] = outline.spread;
        assert!((xx - 300.0).abs() < 1e-9 && xy.abs() < 1e-9 && (yy - 400.0 / 12.0).abs() < 1e-9);
    }

    #[test]
    fn stretching_the_axes_stretches_the_moments() {
        let plain = Outline::of(&shape()).unwrap().shape([Coord { x: 1.0, y: 0.0 }, Coord { x: 0.0, y: 1.0 }]).unwrap();
        // The same outline in degrees with north first, and turned the other way round.
        let raw = shape().map_coords(|c| Coord { x: 40.0 + c.y / 111_000.0, y: 116.0 + c.x / 85_000.0 });
        let metres = [Coord { x: 0.0, y: 111_000.0 }, Coord { x: 85_000.0, y: 0.0 }];
        let read = Outline::of(&raw).unwrap().shape(metres).unwrap();
        assert!((plain.log_area - read.log_area).abs() < 1e-6);
        assert!((plain.log_looseness - read.log_looseness).abs() < 1e-6);
        assert!(plain.lengthening.iter().zip(read.lengthening).all(|(a, b)| (a - b).abs() < 1e-6));
        assert!(plain.is_like(&read));
    }

    #[test]
    fn what_has_no_area_is_a_point() {
        let line = polygon![(x: 1.0, y: 1.0), (x: 3.0, y: 3.0), (x: 1.0, y: 1.0)];
        let outline = Outline::of(&line.into()).unwrap();
        assert_eq!(outline.area, 0.0);
        assert!(outline.shape([Coord { x: 1.0, y: 0.0 }, Coord { x: 0.0, y: 1.0 }]).is_none());
        assert!(Outline::of(&MultiPolygon::new(vec![])).is_none());
        let nan = polygon![(x: 1.0, y: f64::NAN), (x: 3.0, y: 3.0), (x: 1.0, y: 4.0)];
        assert!(Outline::of(&nan.into()).is_none());
    }
}
