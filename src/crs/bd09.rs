//! BD-09, the degrees of Baidu's maps: GCJ-02 turned and moved once more. Never a storage system.

use std::f64::consts::PI;

use geo::Coord;

use crate::crs::gcj02;

const WAVE: f64 = 3000.0 * PI / 180.0;

/// GCJ-02 degrees, lng lat, to BD-09 degrees.
pub fn from_gcj02(point: Coord) -> Coord {
    let radius = point.x.hypot(point.y) + 2e-5 * (WAVE * point.y).sin();
    let angle = point.y.atan2(point.x) + 3e-6 * (WAVE * point.x).cos();
    Coord { x: radius * angle.cos() + 0.0065, y: radius * angle.sin() + 0.006 }
}

/// True degrees, lng lat, to BD-09 degrees.
pub fn from_degrees(point: Coord) -> Coord {
    from_gcj02(gcj02::from_degrees(point))
}

/// BD-09 degrees, lng lat, to GCJ-02 degrees, by fixed point.
pub fn to_gcj02(point: Coord) -> Coord {
    gcj02::invert(point, from_gcj02)
}

/// BD-09 degrees, lng lat, to true degrees.
pub fn to_degrees(point: Coord) -> Coord {
    gcj02::to_degrees(to_gcj02(point))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::LocalFrame;
    use proptest::prelude::*;

    fn metres_between(a: Coord, b: Coord) -> f64 {
        let m = LocalFrame::new(a).to_metres(b);
        m.x.hypot(m.y)
    }

    #[test]
    fn published_points_come_out_to_a_centimetre() {
        for (lng, lat, x, y) in [
            (116.4435, 39.9215, 116.456_280_5, 39.928_561_7),
            (116.4700, 39.9960, 116.482_725_1, 40.003_085_1),
            (116.5970, 39.9110, 116.609_318_6, 39.917_906_0),
        ] {
            let (truth, shifted) = (Coord { x: lng, y: lat }, Coord { x, y });
            assert!(metres_between(from_degrees(truth), shifted) < 0.01);
            assert!(metres_between(to_degrees(shifted), truth) < 0.01);
        }
    }

    proptest! {
        #[test]
        fn there_and_back_is_less_than_a_micrometre(x in 116.34..116.66, y in 39.80..40.12) {
            let point = Coord { x, y };
            prop_assert!(metres_between(to_degrees(from_degrees(point)), point) < 1e-6);
            prop_assert!(metres_between(from_degrees(to_degrees(point)), point) < 1e-6);
        }
    }
}
