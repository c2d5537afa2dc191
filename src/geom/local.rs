//! A flat frame in metres around a point, for distances of up to a few kilometres.

use geo::{Coord, LineString, MultiPolygon};

const SEMI_MAJOR_M: f64 = 6_378_137.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_33;

/// Metres east and north of an origin: the tangent plane scaled by the ellipsoid's two radii of curvature (WGS 84).
///
/// Within 5 km of the origin distances are right to one part in ten thousand, which is a centimetre at 100 m.
#[derive(Debug, Clone, Copy)]
pub struct LocalFrame {
    origin: Coord,
    metres_per_degree: Coord,
}

impl LocalFrame {
    /// The frame around `origin`, degrees, lng lat.
    pub fn new(origin: Coord) -> Self {
        let (sin, cos) = origin.y.to_radians().sin_cos();
        let w = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
        let prime_vertical = SEMI_MAJOR_M / w.sqrt();
        let meridian = prime_vertical * (1.0 - ECCENTRICITY_SQUARED) / w;
        let per_degree = std::f64::consts::PI / 180.0;
        Self { origin, metres_per_degree: Coord { x: prime_vertical * cos * per_degree, y: meridian * per_degree } }
    }

    /// Metres that a degree of longitude (x) and latitude (y) measure here.
    pub fn metres_per_degree(&self) -> Coord {
        self.metres_per_degree
    }

    /// Degrees to metres from the origin.
    pub fn to_metres(&self, point: Coord) -> Coord {
        Coord {
            x: (point.x - self.origin.x) * self.metres_per_degree.x,
            y: (point.y - self.origin.y) * self.metres_per_degree.y,
        }
    }

    /// Metres from the origin to degrees.
    pub fn to_degrees(&self, point: Coord) -> Coord {
        Coord {
            x: self.origin.x + point.x / self.metres_per_degree.x,
            y: self.origin.y + point.y / self.metres_per_degree.y,
        }
    }

    /// Metres from the origin to the nearest point of the boundary's rings, and that point in degrees.
    ///
    /// `None` for a boundary without vertices.
    pub fn nearest_on_rings(&self, boundary: &MultiPolygon) -> Option<(f64, Coord)> {
        let mut best: Option<(f64, Coord)> = None;
        for ring in boundary.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())) {
            if let Some((squared, at)) = self.nearest_on_ring(ring)
                && best.is_none_or(|(least, _)| squared < least)
            {
                best = Some((squared, at));
            }
        }
        best.map(|(squared, at)| (squared.sqrt(), self.to_degrees(at)))
    }

    fn nearest_on_ring(&self, ring: &LineString) -> Option<(f64, Coord)> {
        let mut vertices = ring.0.iter().map(|c| self.to_metres(*c));
        let mut from = vertices.next()?;
        let mut best = (from.x * from.x + from.y * from.y, from);
        for to in vertices {
            let along = Coord { x: to.x - from.x, y: to.y - from.y };
            let length_squared = along.x * along.x + along.y * along.y;
            let share = if length_squared > 0.0 {
                (-(from.x * along.x + from.y * along.y) / length_squared).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let at = Coord { x: from.x + share * along.x, y: from.y + share * along.y };
            let squared = at.x * at.x + at.y * at.y;
            if squared < best.0 {
                best = (squared, at);
            }
            from = to;
        }
        Some(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Distance as _, Geodesic, Point, Rect};

    #[test]
    fn distances_agree_with_the_geodesic() {
        let origin = Coord { x: 116.4712, y: 39.9501 };
        let frame = LocalFrame::new(origin);
        for (dx, dy) in [(0.01, 0.0), (0.0, 0.01), (0.005, -0.007), (-0.02, 0.02)] {
            let point = Coord { x: origin.x + dx, y: origin.y + dy };
            let m = frame.to_metres(point);
            let exact = Geodesic.distance(Point::from(origin), Point::from(point));
            assert!((m.x.hypot(m.y) - exact).abs() < exact * 2e-4, "{dx} {dy}");
            let back = frame.to_degrees(m);
            assert!((back.x - point.x).abs() < 1e-12 && (back.y - point.y).abs() < 1e-12);
        }
    }

    #[test]
    fn the_nearest_point_lies_on_the_nearest_side() {
        let square = Rect::new(Coord { x: 116.4, y: 39.9 }, Coord { x: 116.41, y: 39.91 }).to_polygon();
        let frame = LocalFrame::new(Coord { x: 116.401, y: 39.905 });
        let (metres, at) = frame.nearest_on_rings(&MultiPolygon::from(square)).expect("the square has vertices");
        assert!((metres - 0.001 * frame.metres_per_degree().x).abs() < 1e-6);
        assert!((at.x - 116.4).abs() < 1e-12 && (at.y - 39.905).abs() < 1e-12);
        assert!(frame.nearest_on_rings(&MultiPolygon::new(vec![])).is_none());
    }
}
