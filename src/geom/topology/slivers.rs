//! Parts and holes of a boundary that are too thin and too small to be meant.

use geo::{Coord, LineString, MapCoords as _, MultiPolygon, Polygon};

use crate::geom::topology::area::{bounds_of, flat_surface_of, frame_of, strip_width};

/// A part or hole narrower than this may be a sliver, metres: no strip of land that is managed by itself is as narrow.
pub const SLIVER_WIDTH_M: f64 = 0.5;

/// A part or hole larger than this is no sliver, m2.
pub const SLIVER_SURFACE_M2: f64 = 50.0;

/// A part or hole that is too thin to be meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sliver {
    /// Part of the boundary, from 0.
    pub polygon: usize,
    /// Ring of the part, from 0; 0 is the part itself, others are holes.
    pub ring: usize,
    /// Its first vertex, degrees.
    pub at: Coord,
    /// Its surface.
    pub surface_m2: f64,
    /// Twice its surface over its perimeter.
    pub width_m: f64,
}

/// Parts and holes narrower than [`SLIVER_WIDTH_M`] and smaller than [`SLIVER_SURFACE_M2`], in order.
///
/// Boundary: degrees, lng lat, valid. What is merely small and not thin (a hut of a metre by a metre) is narrow too.
pub fn slivers(boundary: &MultiPolygon) -> Vec<Sliver> {
    let bounds = bounds_of(boundary);
    if bounds.min.x > bounds.max.x {
        return Vec::new();
    }
    let frame = frame_of(&bounds);
    let look = |polygon: usize, ring: usize, shape: &Polygon| {
        let flat = shape.map_coords(|vertex| frame.to_metres(vertex));
        let (surface_m2, width_m) = (flat_surface_of(&flat), strip_width(&flat));
        let at = shape.exterior().0.first().copied()?;
        let thin = width_m < SLIVER_WIDTH_M && surface_m2 < SLIVER_SURFACE_M2;
        thin.then_some(Sliver { polygon, ring, at, surface_m2, width_m })
    };
    let mut found = Vec::new();
    for (number, polygon) in boundary.iter().enumerate() {
        found.extend(look(number, 0, polygon));
        let holes = polygon.interiors().iter().enumerate();
        found.extend(holes.filter_map(|(hole, ring): (usize, &LineString)| {
            look(number, hole + 1, &Polygon::new(ring.clone(), Vec::new()))
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(x: f64, width: f64, height: f64) -> LineString {
        let at = |x: f64, y: f64| (116.4 + x * 1e-5, 39.9 + y * 1e-5);
        LineString::from(vec![
            at(x, 5.0),
            at(x + width, 5.0),
            at(x + width, 5.0 + height),
            at(x, 5.0 + height),
            at(x, 5.0),
        ])
    }

    #[test]
    fn thin_parts_and_holes_are_slivers_and_others_are_not() {
        let with_hole = Polygon::new(strip(0.0, 100.0, 100.0), vec![strip(10.0, 0.2, 30.0), strip(20.0, 10.0, 10.0)]);
        let boundary = MultiPolygon::new(vec![with_hole, Polygon::new(strip(200.0, 0.3, 60.0), vec![])]);
        let found = slivers(&boundary);
        assert_eq!(found.iter().map(|s| (s.polygon, s.ring)).collect::<Vec<_>>(), [(0, 1), (1, 0)]);
        assert!((found[0].width_m - 0.17).abs() < 0.01 && (found[0].surface_m2 - 5.7).abs() < 0.1, "{found:?}");
        assert_eq!(slivers(&MultiPolygon::new(vec![])), []);
    }
}
