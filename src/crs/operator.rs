//! The operator's file: datum shifts and local systems whose parameters may not be published.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use crate::crs::codes::Datum;
use crate::crs::helmert::{Helmert, Rotation};
use crate::crs::local::{Check, LocalSystem, Tmerc};
use crate::crs::{engine, names};

/// What an operator adds to the systems that everybody knows. Nothing of it is shown but names.
#[derive(Clone, Default)]
pub struct Operator {
    locals: Vec<Arc<LocalSystem>>,
    shifts: Vec<(Datum, Helmert)>,
}

/// Why the operator's file was refused. The texts name entries and lines, never parameters.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OperatorError {
    /// Not TOML, a missing or unknown setting, or a value of the wrong kind.
    #[error("line {line} of the operator's file cannot be read: check names and values of its settings")]
    Line {
        /// From 1.
        line: usize,
    },
    /// A name is missing or stands twice.
    #[error("entry {0} of the operator's file needs a name of its own")]
    Name(usize),
    /// No definition, two of them, or one that is refused.
    #[error(
        "`{0}`: give either a definition of projection and ellipsoid or the parameters of a grid, and nothing that names a file"
    )]
    Definition(String),
    /// The parameters of a datum shift are no shift.
    #[error("`{0}`: a shift has 3 parameters, or 7 with the rotation convention position_vector or coordinate_frame")]
    Shift(String),
    /// The datum is none that needs parameters.
    #[error("`{0}` is no datum that needs a shift: name Beijing 1954 or Xian 1980")]
    Datum(String),
    /// Too few check points or no usable tolerance.
    #[error("`{0}`: at least 2 check points and a tolerance between 0 and 10 metres are needed")]
    Checks(String),
    /// The system misses one of its own check points.
    #[error("`{name}`: check point {number} comes out {off_m:.3} m off, more than its tolerance")]
    CheckFailed {
        /// Name of the entry.
        name: String,
        /// Which check point, from 1.
        number: usize,
        /// Distance in metres, infinite when there is no answer.
        off_m: f64,
    },
}

impl Operator {
    /// Reads the file's text and verifies every system against its own check points.
    ///
    /// TOML: `[[local]]` with `name`, `definition` (PROJ string) or `tmerc` (`lat_0 lon_0 k x_0 y_0 ellps`), optional
    /// `helmert`, `tolerance_m` and at least two `check` (`local = [x, y]`, `degrees = [lng, lat]`); `[[datum]]` with
    /// `name`, `helmert` and optional checks, whose `local` are degrees of that datum. `helmert` has `x y z` in metres
    /// and, with `rotation = "position_vector"` or `"coordinate_frame"`, `rx ry rz` in arc seconds and `s` in ppm.
    pub fn parse(text: &str) -> Result<Self, OperatorError> {
        // The reader's own message quotes the line, so only its place is kept.
        let file: FileText = toml::from_str(text).map_err(|err| {
            let at = err.span().map_or(0, |span| span.start.min(text.len()));
            OperatorError::Line { line: text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1 }
        })?;
        let mut operator = Self::default();
        for (index, local) in file.local.into_iter().enumerate() {
            let name = local.name.trim().to_owned();
            if name.is_empty() || operator.local(&name).is_some() {
                return Err(OperatorError::Name(index + 1));
            }
            let shift = local.helmert.map(|helmert| helmert.shift(&name)).transpose()?;
            let system = match (&local.definition, local.tmerc) {
                (Some(definition), None) => LocalSystem::from_definition(&name, definition, shift.as_ref())?,
                (None, Some(tmerc)) => LocalSystem::from_tmerc(&name, &tmerc, shift.as_ref())?,
                _ => return Err(OperatorError::Definition(name)),
            };
            operator.locals.push(Arc::new(system.verified(&local.check, local.tolerance_m)?));
        }
        for entry in file.datum {
            let datum = names::datum_of_name(&entry.name).filter(|datum| !datum.is_ours() && *datum != Datum::Other);
            let datum = datum.ok_or_else(|| OperatorError::Datum(entry.name.clone()))?;
            if operator.shift(datum).is_some() {
                return Err(OperatorError::Name(operator.shifts.len() + 1));
            }
            let shift = entry.helmert.shift(&entry.name)?;
            let ellipsoid = format!("+ellps={}", datum.ellipsoid());
            let steps = shift.steps_from_ours(&ellipsoid) + "+step +proj=unitconvert +xy_in=rad +xy_out=deg";
            let system = LocalSystem::from_steps(&entry.name, engine::Engine::steps(&steps));
            if !entry.check.is_empty() {
                system.checked(&entry.check, entry.tolerance_m.unwrap_or(f64::NAN))?;
            }
            operator.shifts.push((datum, shift));
        }
        Ok(operator)
    }

    /// The local system of this name.
    pub fn local(&self, name: &str) -> Option<&LocalSystem> {
        self.locals.iter().find(|local| local.name() == name).map(AsRef::as_ref)
    }

    /// Names of the local systems, in the order of the file.
    pub fn local_names(&self) -> impl Iterator<Item = &str> {
        self.locals.iter().map(|local| local.name())
    }

    /// The shift from a datum to ours, when the file gives one.
    pub fn shift(&self, datum: Datum) -> Option<&Helmert> {
        self.shifts.iter().find(|(other, _)| *other == datum).map(|(_, shift)| shift)
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let datums: Vec<Datum> = self.shifts.iter().map(|(datum, _)| *datum).collect();
        f.debug_struct("Operator").field("locals", &self.locals).field("shifts", &datums).finish()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    #[serde(default)]
    local: Vec<LocalText>,
    #[serde(default)]
    datum: Vec<DatumText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LocalText {
    name: String,
    definition: Option<String>,
    tmerc: Option<Tmerc>,
    helmert: Option<HelmertText>,
    tolerance_m: f64,
    #[serde(default)]
    check: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatumText {
    name: String,
    helmert: HelmertText,
    tolerance_m: Option<f64>,
    #[serde(default)]
    check: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HelmertText {
    x: f64,
    y: f64,
    z: f64,
    rx: Option<f64>,
    ry: Option<f64>,
    rz: Option<f64>,
    s: Option<f64>,
    rotation: Option<String>,
}

impl HelmertText {
    fn shift(&self, name: &str) -> Result<Helmert, OperatorError> {
        let three = [self.x, self.y, self.z];
        let shift = match (self.rotation.as_deref(), [self.rx, self.ry, self.rz, self.s]) {
            (None, [None, None, None, None]) => Helmert::new(&three, Rotation::PositionVector),
            (Some(convention), [Some(rx), Some(ry), Some(rz), Some(s)]) => {
                let rotation = match convention {
                    "position_vector" => Some(Rotation::PositionVector),
                    "coordinate_frame" => Some(Rotation::CoordinateFrame),
                    _ => None,
                };
                rotation.and_then(|rotation| Helmert::new(&[self.x, self.y, self.z, rx, ry, rz, s], rotation))
            }
            _ => None,
        };
        shift.ok_or_else(|| OperatorError::Shift(name.to_owned()))
    }
}
