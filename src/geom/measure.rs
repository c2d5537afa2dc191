//! Sizes on the ellipsoid.

use geo::{GeodesicArea as _, MultiPolygon};

/// Surface of a boundary in square metres on the WGS 84 ellipsoid.
///
/// Boundary: degrees, lng lat, rings closed, any winding (holes are inside their exterior); 0 for an empty one.
pub fn surface_m2(boundary: &MultiPolygon) -> f64 {
    boundary
        .iter()
        .map(|polygon| {
            let ring =
                |line: &geo::LineString| geo::Polygon::new(line.clone(), Vec::new()).geodesic_area_signed().abs();
            ring(polygon.exterior()) - polygon.interiors().iter().map(ring).sum::<f64>()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Coord, Rect};

    #[test]
    fn a_small_square_is_as_large_as_its_sides_say() {
        // 0.001 degrees at 39.95N: 85.4 m by 111.0 m.
        let square = Rect::new(Coord { x: 116.44, y: 39.95 }, Coord { x: 116.441, y: 39.951 }).to_polygon();
        let surface = surface_m2(&MultiPolygon::from(square));
        assert!((surface - 85.443 * 111.035).abs() < 5.0, "{surface}");
    }

    #[test]
    fn a_hole_is_taken_off_whatever_its_winding() {
        let ring = |r: f64| {
            geo::LineString::from(vec![
                (116.0 - r, 40.0 - r),
                (116.0 + r, 40.0 - r),
                (116.0 + r, 40.0 + r),
                (116.0 - r, 40.0 + r),
                (116.0 - r, 40.0 - r),
            ])
        };
        let full = surface_m2(&MultiPolygon::from(geo::Polygon::new(ring(0.002), vec![])));
        let hole = surface_m2(&MultiPolygon::from(geo::Polygon::new(ring(0.001), vec![])));
        let mut reversed = ring(0.001);
        reversed.0.reverse();
        for inner in [ring(0.001), reversed] {
            let with_hole = surface_m2(&MultiPolygon::from(geo::Polygon::new(ring(0.002), vec![inner])));
            assert!((with_hole - (full - hole)).abs() < 1e-6);
        }
    }
}
