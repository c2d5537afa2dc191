//! The square world of EPSG:3857 that tiles are cut from.

use geo::Coord;

/// Northernmost latitude of the square, degrees.
pub const LATITUDE_LIMIT: f64 = 85.051_128_779_806_59;

/// Degrees, lng lat, to the unit square: (0, 0) is the north-west corner, (1, 1) the south-east. Latitude is clamped.
pub fn to_unit(point: Coord) -> Coord {
    let latitude = point.y.clamp(-LATITUDE_LIMIT, LATITUDE_LIMIT).to_radians();
    Coord { x: point.x / 360.0 + 0.5, y: 0.5 - latitude.tan().asinh() / std::f64::consts::TAU }
}

/// The unit square back to degrees, lng lat.
pub fn to_degrees(unit: Coord) -> Coord {
    Coord { x: (unit.x - 0.5) * 360.0, y: ((0.5 - unit.y) * std::f64::consts::TAU).sinh().atan().to_degrees() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_project_as_epsg_3857_does() {
        const HALF_M: f64 = 20_037_508.342_789_244;
        for (lng, lat, x, y) in [
            (116.4435, 39.9215, 12_962_431.13, 4_854_541.42),
            (116.4700, 39.9960, 12_965_381.09, 4_865_361.03),
            (116.5970, 39.9110, 12_979_518.67, 4_853_017.46),
        ] {
            let unit = to_unit(Coord { x: lng, y: lat });
            assert!(((unit.x - 0.5) * 2.0 * HALF_M - x).abs() < 0.01);
            assert!(((0.5 - unit.y) * 2.0 * HALF_M - y).abs() < 0.01);
            let back = to_degrees(unit);
            assert!((back.x - lng).abs() < 1e-9 && (back.y - lat).abs() < 1e-9);
        }
    }
}
