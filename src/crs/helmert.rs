//! Datum shifts by three or seven parameters.

use std::fmt;
use std::fmt::Write as _;

/// Which way the angles of a seven-parameter shift turn. Files that do not say are a common cause of wrong maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The position is turned (EPSG method 9606, PROJ's `position_vector`).
    PositionVector,
    /// The frame is turned (EPSG method 9607, PROJ's `coordinate_frame`); common in Chinese survey sheets.
    CoordinateFrame,
}

/// A shift of geocentric coordinates from a datum to CGCS2000.
///
/// The numbers are controlled in China: neither `Debug` nor any error shows them.
#[derive(Clone, PartialEq)]
pub struct Helmert {
    /// Along x, y, z in metres; about x, y, z in arc seconds; scale in parts per million.
    parameters: [f64; 7],
    rotation: Rotation,
}

/// No real shift is longer, metres.
const SHIFT_MAX_M: f64 = 5_000.0;

/// No real angle is larger, arc seconds.
const ANGLE_MAX_S: f64 = 200.0;

/// No real scale differs more, parts per million.
const SCALE_MAX_PPM: f64 = 200.0;

impl Helmert {
    /// From 3 parameters (metres) or 7 (metres, arc seconds, parts per million); `None` when they are another number of
    /// parameters, not finite, or larger than any real shift.
    pub fn new(numbers: &[f64], rotation: Rotation) -> Option<Self> {
        if numbers.len() != 3 && numbers.len() != 7 {
            return None;
        }
        let mut parameters = [0.0; 7];
        parameters[..numbers.len()].copy_from_slice(numbers);
        let limits = [SHIFT_MAX_M, SHIFT_MAX_M, SHIFT_MAX_M, ANGLE_MAX_S, ANGLE_MAX_S, ANGLE_MAX_S, SCALE_MAX_PPM];
        // Written so that NaN fails too.
        let sound = parameters.iter().zip(limits).all(|(parameter, limit)| parameter.abs() <= limit);
        sound.then_some(Self { parameters, rotation })
    }

    /// Pipeline steps from radians on our datum to radians on the other one, whose ellipsoid is `theirs`
    /// (for example `+ellps=krass`). Heights are kept as they are, for the plane knows none.
    pub(crate) fn steps_from_ours(&self, theirs: &str) -> String {
        let [x, y, z, rx, ry, rz, s] = self.parameters;
        let mut steps = String::from("+step +proj=push +v_3 +step +proj=cart +ellps=GRS80 +step +inv +proj=helmert");
        // Writing to a string cannot fail.
        let _ = write!(steps, " +x={x} +y={y} +z={z}");
        if [rx, ry, rz, s] != [0.0; 4] {
            let convention = match self.rotation {
                Rotation::PositionVector => "position_vector",
                Rotation::CoordinateFrame => "coordinate_frame",
            };
            let _ = write!(steps, " +rx={rx} +ry={ry} +rz={rz} +s={s} +convention={convention}");
        }
        let _ = write!(steps, " +step +inv +proj=cart {theirs} +step +proj=pop +v_3 ");
        steps
    }
}

impl fmt::Debug for Helmert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Helmert(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_or_seven_sound_numbers_are_a_shift() {
        let new = |numbers: &[f64]| Helmert::new(numbers, Rotation::PositionVector);
        assert!(new(&[15.8, -154.4, -82.3]).is_some());
        assert!(new(&[1.0, 2.0, 3.0, 0.1, 0.2, 0.3, 4.0]).is_some());
        for wrong in [&[][..], &[1.0, 2.0], &[1.0, 2.0, 3.0, 4.0], &[f64::NAN, 0.0, 0.0], &[9e9, 0.0, 0.0]] {
            assert!(new(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn the_numbers_of_a_shift_are_not_shown() {
        let shift = Helmert::new(&[15.8, -154.4, -82.3], Rotation::CoordinateFrame).unwrap();
        assert!(!format!("{shift:?}").contains("15"));
    }
}
