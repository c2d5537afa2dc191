//! A local system of the operator's file, verified against its own check points.

use std::fmt;

use geo::Coord;
use serde::Deserialize;

use crate::crs::definition;
use crate::crs::engine::{self, Direction, Engine};
use crate::crs::helmert::Helmert;
use crate::crs::operator::OperatorError;
use crate::geom::LocalFrame;

/// Fewer check points prove nothing.
const CHECKS_MIN: usize = 2;

/// A larger tolerance would accept a wrong system.
const TOLERANCE_MAX_M: f64 = 10.0;

/// A local system: metres, x east, y north. Only its name is ever shown.
#[derive(Clone)]
pub struct LocalSystem {
    name: String,
    engine: Engine,
    worst_m: f64,
}

/// A transverse Mercator grid of an operator's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tmerc {
    lat_0: f64,
    lon_0: f64,
    k: f64,
    x_0: f64,
    y_0: f64,
    ellps: Option<String>,
}

/// A point whose coordinates are known in both systems.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    local: [f64; 2],
    degrees: [f64; 2],
}

impl LocalSystem {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The largest distance by which a check point comes out wrong, metres.
    pub fn worst_m(&self) -> f64 {
        self.worst_m
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine.clone()
    }

    pub(crate) fn from_steps(name: &str, engine: Engine) -> Self {
        Self { name: name.to_owned(), engine, worst_m: f64::INFINITY }
    }

    pub(crate) fn from_definition(name: &str, text: &str, shift: Option<&Helmert>) -> Result<Self, OperatorError> {
        let text = text.trim();
        let both = shift.is_some() && definition::own_shift(text).is_some();
        if both || !definition::is_proj_string(text) || definition::check(text).is_err() || !has_sound_values(text) {
            return Err(OperatorError::Definition(name.to_owned()));
        }
        let own = definition::own_shift(text);
        let system = Self::from_steps(name, Engine::steps(&definition::steps(text, shift.or(own.as_ref()))));
        // PROJ's own message would quote the definition.
        system.engine.object().map_err(|_| OperatorError::Definition(name.to_owned()))?;
        Ok(system)
    }

    pub(crate) fn from_tmerc(name: &str, grid: &Tmerc, shift: Option<&Helmert>) -> Result<Self, OperatorError> {
        let Tmerc { lat_0, lon_0, k, x_0, y_0, ellps } = grid;
        let ellps = ellps.as_deref().unwrap_or("GRS80");
        let text = format!("+proj=tmerc +lat_0={lat_0} +lon_0={lon_0} +k={k} +x_0={x_0} +y_0={y_0} +ellps={ellps}");
        Self::from_definition(name, &text, shift)
    }

    /// The system when all check points come out within the tolerance in metres.
    pub(crate) fn verified(mut self, checks: &[Check], tolerance_m: f64) -> Result<Self, OperatorError> {
        if checks.len() < CHECKS_MIN {
            return Err(OperatorError::Checks(self.name));
        }
        self.worst_m = self.checked(checks, tolerance_m)?;
        Ok(self)
    }

    /// The largest distance between a check point and what comes out for it, metres.
    pub(crate) fn checked(&self, checks: &[Check], tolerance_m: f64) -> Result<f64, OperatorError> {
        if !(tolerance_m > 0.0 && tolerance_m <= TOLERANCE_MAX_M) {
            return Err(OperatorError::Checks(self.name.clone()));
        }
        let object = self.engine.object().map_err(|_| OperatorError::Definition(self.name.clone()))?;
        let mut worst_m: f64 = 0.0;
        for (index, check) in checks.iter().enumerate() {
            let truth = Coord::from(check.degrees);
            let sound = check.local.iter().all(|n| n.abs() < 1e8) && truth.x.abs() <= 180.0 && truth.y.abs() < 90.0;
            let found =
                sound.then(|| engine::run(object.as_deref(), Coord::from(check.local), Direction::ToDegrees)).flatten();
            let off_m = found.map_or(f64::INFINITY, |found| {
                let off = LocalFrame::new(truth).to_metres(found);
                off.x.hypot(off.y)
            });
            if off_m.is_nan() || off_m > tolerance_m {
                return Err(OperatorError::CheckFailed { name: self.name.clone(), number: index + 1, off_m });
            }
            worst_m = worst_m.max(off_m);
        }
        Ok(worst_m)
    }
}

/// Whether PROJ will take the definition. It prints what it cannot read, and nothing of this may be printed.
fn has_sound_values(text: &str) -> bool {
    const PROJECTIONS: [&str; 8] = ["tmerc", "etmerc", "utm", "merc", "lcc", "omerc", "sterea", "longlat"];
    const ELLIPSOIDS: [&str; 4] = ["GRS80", "WGS84", "krass", "IAU76"];
    definition::tokens(text).all(|(key, value)| match key {
        "proj" => PROJECTIONS.contains(&value),
        "ellps" => ELLIPSOIDS.contains(&value),
        "datum" => value == "WGS84",
        "units" => value == "m",
        "type" => value == "crs",
        "no_defs" | "wktext" | "south" | "approx" => value.is_empty(),
        "towgs84" => definition::own_shift(text).is_some(),
        "lat_0" | "lat_1" | "lat_2" | "lat_ts" => value.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= 90.0),
        "lon_0" | "lonc" => value.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= 180.0),
        "k" | "k_0" => value.parse::<f64>().is_ok_and(|scale| (0.5..2.0).contains(&scale)),
        "a" | "b" => value.parse::<f64>().is_ok_and(|metres| (6.2e6..6.5e6).contains(&metres)),
        "rf" => value.parse::<f64>().is_ok_and(|flattening| (280.0..320.0).contains(&flattening)),
        "zone" => value.parse::<u32>().is_ok_and(|zone| (1..=60).contains(&zone)),
        "x_0" | "y_0" | "alpha" | "gamma" => value.parse::<f64>().is_ok_and(|number| number.abs() < 1e8),
        _ => false,
    })
}

impl fmt::Debug for LocalSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalSystem").field(&self.name).finish()
    }
}

impl fmt::Display for LocalSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use crate::crs::{Assumption, Crs, Operator, OperatorError, Transformer};
    use geo::Coord;

    /// The test double of a city's system. Its numbers are searched for in all that can be printed.
    const DOUBLE: &str = r#"
        [[local]]
        name = "double"
        definition = "+proj=tmerc +lat_0=40 +lon_0=116.5 +k=1 +x_0=500000 +y_0=300000 +ellps=GRS80 +units=m"
        tolerance_m = 0.01
        check = [
            { local = [495169.727, 291285.369], degrees = [116.4435, 39.9215] },
            { local = [500000.0, 300000.0], degrees = [116.5, 40.0] },
        ]
    "#;

    const SECRETS: [&str; 7] = ["tmerc", "116.5", "300000", "500000", "lat_0", "GRS80", "=40"];

    fn assert_silent(text: &str) {
        for secret in SECRETS {
            assert!(!text.contains(secret), "`{secret}` is shown: {text}");
        }
    }

    #[test]
    fn the_test_double_converts_to_the_millimetre() {
        let operator = Operator::parse(DOUBLE).unwrap();
        assert!(operator.local("double").unwrap().worst_m() < 0.001);
        let assumption: Assumption = "LOCAL:double".parse().unwrap();
        let transformer = Transformer::with(&assumption, &operator).unwrap();
        let there = transformer.from_degrees(Coord { x: 116.4435, y: 39.9215 }).unwrap();
        assert!((there.x - 495_169.727).abs() < 1e-3 && (there.y - 291_285.369).abs() < 1e-3, "{there:?}");
        let back = transformer.to_degrees(there).unwrap();
        assert!((back.x - 116.4435).abs() < 1e-9 && (back.y - 39.9215).abs() < 1e-9);
    }

    #[test]
    fn parameters_and_a_definition_are_the_same_system() {
        let text = DOUBLE.replace(
            "definition = \"+proj=tmerc +lat_0=40 +lon_0=116.5 +k=1 +x_0=500000 +y_0=300000 +ellps=GRS80 +units=m\"",
            "tmerc = { lat_0 = 40.0, lon_0 = 116.5, k = 1.0, x_0 = 500000.0, y_0 = 300000.0 }",
        );
        assert_ne!(text, DOUBLE);
        assert!(Operator::parse(&text).unwrap().local("double").unwrap().worst_m() < 0.001);
    }

    #[test]
    fn nothing_that_can_be_printed_shows_a_parameter() {
        let operator = Operator::parse(DOUBLE).unwrap();
        let local = operator.local("double").unwrap();
        let transformer = Transformer::with(&"LOCAL:double".parse().unwrap(), &operator).unwrap();
        assert_silent(&format!("{operator:?} {local:?} {local} {transformer:?} {}", transformer.key()));
        let outside = transformer.to_degrees(Coord { x: f64::NAN, y: 1.0 }).unwrap_err();
        assert_silent(&format!("{outside} {outside:?}"));
        for wrong in [
            DOUBLE.replace("291285.369", "291286.369"),
            DOUBLE.replace("tolerance_m = 0.01", "tolerance_m = 99.0"),
            DOUBLE.replace("tolerance_m = 0.01", "tolerance = 0.01"),
            DOUBLE.replace("+ellps=GRS80", "+ellps=secret"),
            DOUBLE.replace("+lon_0=116.5", "+lon_0=116.5x"),
            DOUBLE.replace("+units=m", "+nadgrids=secret"),
            DOUBLE.replace("+proj=tmerc", "+proj=pipeline +step +proj=tmerc"),
            DOUBLE.replace("name = \"double\"", "name = \"\""),
            DOUBLE.replace("+units=m\"", "+units=m"),
            DOUBLE.replace("{ local = [500000.0, 300000.0], degrees = [116.5, 40.0] },", ""),
            format!("{DOUBLE}{DOUBLE}"),
            format!("{DOUBLE}[[local]]\nname = 500000"),
        ] {
            let err = Operator::parse(&wrong).expect_err("the file is wrong");
            let source = std::error::Error::source(&err).map(ToString::to_string).unwrap_or_default();
            assert_silent(&format!("{err} {err:?} {source}"));
        }
    }

    #[test]
    fn a_system_that_misses_its_check_points_is_refused() {
        let wrong = DOUBLE.replace("291285.369", "291286.369");
        let Err(OperatorError::CheckFailed { number: 1, off_m, .. }) = Operator::parse(&wrong) else {
            panic!("a metre is more than a centimetre")
        };
        assert!((off_m - 1.0).abs() < 0.01);
    }

    #[test]
    fn an_unknown_local_system_is_named() {
        let err = Transformer::new(&Crs::Local("nowhere".to_owned())).unwrap_err();
        assert!(err.to_string().contains("nowhere"));
    }
}
