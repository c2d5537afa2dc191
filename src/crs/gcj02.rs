//! GCJ-02, the shifted degrees that Chinese web maps use (火星坐标). Never a storage system.

use std::f64::consts::PI;

use geo::Coord;

/// Longitudes for which the shift is defined, degrees.
pub const LNG: std::ops::RangeInclusive<f64> = 72.004..=137.8347;

/// Latitudes for which the shift is defined, degrees.
pub const LAT: std::ops::RangeInclusive<f64> = 0.8293..=55.8271;

/// Rounds of the inverse; after five the error is of the order of a nanometre.
pub(crate) const ROUNDS: usize = 5;

const SEMI_MAJOR_M: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;

/// True degrees, lng lat, to GCJ-02 degrees. The formula is defined within [`LNG`] and [`LAT`] only.
pub fn from_degrees(point: Coord) -> Coord {
    let (x, y) = (point.x - 105.0, point.y - 35.0);
    let wave = 20.0 * (6.0 * PI * x).sin() + 20.0 * (2.0 * PI * x).sin();
    let root = x.abs().sqrt();
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + 2.0 / 3.0 * (wave + harmonics(y, [20.0, 40.0, 160.0, 320.0]));
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + 2.0 / 3.0 * (wave + harmonics(x, [20.0, 40.0, 150.0, 300.0]));
    let (sin, cos) = point.y.to_radians().sin_cos();
    let m = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
    let meridian = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / (m * m.sqrt());
    let parallel = SEMI_MAJOR_M / m.sqrt() * cos;
    Coord { x: point.x + (east / parallel).to_degrees(), y: point.y + (north / meridian).to_degrees() }
}

/// The four long waves of the formula, of periods 2, 6, 24 and 60 degrees.
fn harmonics(t: f64, amplitudes: [f64; 4]) -> f64 {
    let angles = [PI * t, PI * t / 3.0, PI * t / 12.0, PI * t / 30.0];
    amplitudes.iter().zip(angles).map(|(amplitude, angle)| amplitude * angle.sin()).sum()
}

/// GCJ-02 degrees, lng lat, to true degrees, by fixed point.
pub fn to_degrees(point: Coord) -> Coord {
    invert(point, from_degrees)
}

/// The point that `forward` moves to `target`, when `forward` moves neighbours nearly alike.
pub(crate) fn invert(target: Coord, forward: impl Fn(Coord) -> Coord) -> Coord {
    let mut guess = target;
    for _ in 0..ROUNDS {
        let moved = forward(guess);
        guess = guess + (target - moved);
    }
    guess
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
            (116.4435, 39.9215, 116.449_695_3, 39.922_867_4),
            (116.4700, 39.9960, 116.476_127_9, 39.997_311_1),
            (116.5970, 39.9110, 116.602_785_6, 39.912_038_8),
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

        #[test]
        fn there_and_back_holds_to_a_centimetre_in_all_of_china(x in 73.6..135.0, y in 18.2..53.5) {
            let point = Coord { x, y };
            prop_assert!(metres_between(to_degrees(from_degrees(point)), point) < 0.01);
        }

        #[test]
        fn the_shift_in_the_district_is_500_to_560_metres(x in 116.34..116.66, y in 39.80..40.12) {
            let point = Coord { x, y };
            prop_assert!((500.0..560.0).contains(&metres_between(point, from_degrees(point))));
        }
    }
}
