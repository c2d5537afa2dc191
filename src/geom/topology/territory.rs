//! What of a boundary lies outside the district or the street that it belongs to.

use geo::{MapCoords as _, MultiPolygon, OpType};

use crate::geom::sides::Bounds;
use crate::geom::topology::area::{Area, bounds_of, flat_surface, frame_of, overlay, vertex_count};
use crate::geom::topology::pair::sides_meet;

/// The outline of a district or a street, prepared for many questions.
#[derive(Debug)]
pub struct Territory {
    boundary: MultiPolygon,
    area: Area,
}

impl Territory {
    /// Boundary: degrees, lng lat, valid; concave, of several parts or with holes, of any winding.
    pub fn new(boundary: &MultiPolygon) -> Self {
        Self { boundary: boundary.clone(), area: Area::new(boundary, true) }
    }

    /// Share of a boundary's surface that lies outside, 0..1; 1 where the territory is empty, 0 for a boundary without surface.
    ///
    /// Boundary: degrees, lng lat, valid. Exact to the rounding of an overlay (a micrometre of the border). A boundary that
    /// does not meet the border, as most, is decided without an overlay.
    pub fn share_outside(&self, boundary: &MultiPolygon) -> f64 {
        let bounds = bounds_of(boundary);
        if bounds.min.x > bounds.max.x {
            return 0.0;
        }
        if !bounds.meets(&self.area.bounds) {
            return 1.0;
        }
        let area = Area::new(boundary, vertex_count(boundary) > 48);
        if !sides_meet(&area, &self.area) && !self.has_ring_within(&bounds) {
            return self.share_of_parts_outside(boundary, &bounds);
        }
        let frame = frame_of(&bounds);
        let whole = flat_surface(&boundary.map_coords(|vertex| frame.to_metres(vertex)));
        if whole <= 0.0 {
            return 0.0;
        }
        let outside = flat_surface(&overlay(boundary, &self.boundary, &frame, OpType::Difference));
        (outside / whole).clamp(0.0, 1.0)
    }

    /// How far the boundary's vertices reach outside, in metres; 0 when none is outside, infinite where the territory is empty.
    ///
    /// Boundary: degrees, lng lat. A side may reach a little farther where the territory is concave.
    pub fn distance_outside_m(&self, boundary: &MultiPolygon) -> f64 {
        let bounds = bounds_of(boundary);
        if bounds.min.x > bounds.max.x {
            return 0.0;
        }
        let scale = frame_of(&bounds).metres_per_degree();
        let exteriors = boundary.iter().flat_map(|polygon| &polygon.exterior().0);
        let squared = exteriors
            .filter(|vertex| !self.area.contains(**vertex))
            .map(|vertex| self.area.sides.nearest_squared(*vertex, scale))
            .fold(0.0, f64::max);
        squared.sqrt()
    }

    /// Whether a hole or part of the territory may lie inside what lies in the box.
    fn has_ring_within(&self, bounds: &Bounds) -> bool {
        let sides = &self.area.sides;
        (0..sides.rings()).any(|ring| {
            let first = sides.all()[sides.of_ring(ring)].first();
            first.is_some_and(|side| Bounds { min: side.from, max: side.from }.meets(bounds))
        })
    }

    /// The share, where every part lies inside or outside as a whole.
    fn share_of_parts_outside(&self, boundary: &MultiPolygon, bounds: &Bounds) -> f64 {
        let is_outside =
            |polygon: &geo::Polygon| polygon.exterior().0.first().is_some_and(|vertex| !self.area.contains(*vertex));
        let (outside, inside): (Vec<_>, Vec<_>) = boundary.iter().cloned().partition(is_outside);
        if outside.is_empty() || inside.is_empty() {
            return if outside.is_empty() { 0.0 } else { 1.0 };
        }
        let frame = frame_of(bounds);
        let surface =
            |parts: Vec<_>| flat_surface(&MultiPolygon::new(parts).map_coords(|vertex| frame.to_metres(vertex)));
        let (outside, inside) = (surface(outside), surface(inside));
        outside / (outside + inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{BooleanOps as _, LineString, Polygon};
    use proptest::prelude::*;

    fn ring(points: &[(f64, f64)]) -> LineString {
        points.iter().map(|(x, y)| (116.4 + x * 1e-5, 39.9 + y * 1e-5)).collect()
    }

    fn square(x: f64, y: f64, size: f64) -> MultiPolygon {
        let points = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)];
        MultiPolygon::from(Polygon::new(ring(&points), vec![]))
    }

    /// A U of three limbs 100 wide, with a hole, and an island.
    fn territory() -> MultiPolygon {
        let u = ring(&[
            (0., 0.),
            (300., 0.),
            (300., 300.),
            (200., 300.),
            (200., 100.),
            (100., 100.),
            (100., 300.),
            (0., 300.),
        ]);
        let hole = ring(&[(140., 40.), (140., 60.), (160., 60.), (160., 40.)]);
        let island = Polygon::new(ring(&[(400., 0.), (450., 0.), (450., 50.), (400., 50.)]), vec![]);
        MultiPolygon::new(vec![Polygon::new(u, vec![hole]), island])
    }

    #[test]
    fn the_share_outside_is_told() {
        let territory = Territory::new(&territory());
        for (boundary, expected) in [
            (square(10., 10., 50.), 0.0),
            (square(0., 0., 100.), 0.0),
            (square(120., 150., 50.), 1.0),
            (square(1000., 0., 10.), 1.0),
            (square(50., 200., 100.), 0.5),
            (square(145., 45., 10.), 1.0),
            (square(130., 30., 40.), 0.25),
            (square(410., 10., 20.), 0.0),
            (MultiPolygon::new(vec![]), 0.0),
        ] {
            let share = territory.share_outside(&boundary);
            assert!((share - expected).abs() < 1e-6, "{share} {expected}");
        }
        let parts = MultiPolygon::new([square(10., 10., 20.).0, square(120., 150., 20.).0].concat());
        assert!((territory.share_outside(&parts) - 0.5).abs() < 1e-6);
        assert_eq!(Territory::new(&MultiPolygon::new(vec![])).share_outside(&parts), 1.0);
    }

    #[test]
    fn the_reach_outside_is_told_in_metres() {
        let territory = Territory::new(&territory());
        assert_eq!(territory.distance_outside_m(&square(10., 10., 50.)), 0.0);
        let reach = territory.distance_outside_m(&square(-10., 10., 50.));
        assert!((reach - 8.55).abs() < 0.01, "{reach}");
        let reach = territory.distance_outside_m(&square(120., 150., 50.));
        assert!((reach - 25.6).abs() < 0.1, "{reach}");
    }

    proptest! {
        #[test]
        fn the_share_is_what_an_overlay_says(x in -50_i32..500, y in -50_i32..350, size in 1_i32..200) {
            let boundary = square(f64::from(x), f64::from(y), f64::from(size));
            let frame = frame_of(&bounds_of(&boundary));
            let flat = |boundary: &MultiPolygon| boundary.map_coords(|c| frame.to_metres(c));
            let outside = flat_surface(&flat(&boundary).difference(&flat(&territory())));
            let expected = outside / flat_surface(&flat(&boundary));
            let share = Territory::new(&territory()).share_outside(&boundary);
            prop_assert!((share - expected).abs() < 1e-6, "{share} {expected}");
            prop_assert!((share > 1e-6) || Territory::new(&territory()).distance_outside_m(&boundary) < 1e-3);
        }
    }
}
