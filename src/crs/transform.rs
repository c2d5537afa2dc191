//! Conversions between a system and degrees.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use geo::Coord;

use crate::crs::assumption::{Assumption, Axes};
use crate::crs::codes::{self, Datum, Plane, TransverseMercator};
use crate::crs::engine::{self, Direction, Engine};
use crate::crs::error::CrsError;
use crate::crs::operator::Operator;
use crate::crs::reference::{Crs, Mishap};
use crate::crs::{bd09, definition, gcj02, wkt};

/// Converts between one system and degrees, lng lat, on CGCS2000. It may be shared between threads.
#[derive(Clone)]
pub struct Transformer {
    key: Arc<str>,
    axes: Axes,
    shift: Shift,
    engine: Engine,
    theirs: Bounds,
    ours: Bounds,
}

/// What was done to true degrees before they were projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shift {
    None,
    Gcj02,
    Gcj02Twice,
    Gcj02Undone,
    Bd09,
    Bd09Undone,
}

/// Where coordinates are accepted.
#[derive(Debug, Clone)]
struct Bounds {
    x: RangeInclusive<f64>,
    y: RangeInclusive<f64>,
}

/// Numbers of definitions that we do not know are accepted up to here.
const FAR: f64 = 1e8;

/// How far from its meridian a transverse Mercator grid is used: far beyond any zone, and PROJ is still exact.
const TM_REACH_DEG: f64 = 15.0;
const TM_REACH_M: f64 = 1_700_000.0;
const TM_NORTH_M: f64 = 9_400_000.0;

/// Half the width of the square of web maps.
const WEB_HALF_M: f64 = 20_037_508.342_789_25;

/// Where a code that is used there is tried out, to see whether PROJ knows a shift.
const PROBE: Coord = Coord { x: 116.4435, y: 39.9215 };

/// Keys in error messages are cut here, for WKT is long.
const KEY_SHOWN: usize = 80;

impl Transformer {
    /// For a system with x east and y north, without an operator's file.
    ///
    /// Errors: as [`Transformer::with`].
    pub fn new(crs: &Crs) -> Result<Self, CrsError> {
        Self::with(&Assumption::new(crs.clone()), &Operator::default())
    }

    /// For a system and an axis order, with the operator's datum shifts and local systems.
    ///
    /// Errors: [`CrsError::NeedsParameters`] when the datum is Beijing 1954, Xian 1980 or another one to which PROJ
    /// would silently apply no shift; [`CrsError::NoSuchLocal`]; [`CrsError::Definition`] when PROJ refuses it.
    pub fn with(assumption: &Assumption, operator: &Operator) -> Result<Self, CrsError> {
        Self::build(assumption, operator, Unshifted::Refuse)
    }

    /// As [`Transformer::with`], but degrees of any datum are taken for ours. For the detection only, which measures how
    /// far that is off.
    pub(crate) fn unshifted(assumption: &Assumption, operator: &Operator) -> Result<Self, CrsError> {
        Self::build(assumption, operator, Unshifted::Allow)
    }

    fn build(assumption: &Assumption, operator: &Operator, unshifted: Unshifted) -> Result<Self, CrsError> {
        let key: String = assumption.to_string().chars().take(KEY_SHOWN).collect();
        let (carrier, shift) = match &assumption.crs {
            Crs::Gcj02 => (Crs::Degrees, Shift::Gcj02),
            Crs::Bd09 => (Crs::Degrees, Shift::Bd09),
            Crs::Mishap(mishap) => match *mishap {
                Mishap::Gcj02Twice => (Crs::Degrees, Shift::Gcj02Twice),
                Mishap::Gcj02Undone => (Crs::Degrees, Shift::Gcj02Undone),
                Mishap::Bd09Undone => (Crs::Degrees, Shift::Bd09Undone),
                Mishap::Gcj02In(code) => (Crs::from_code(code), Shift::Gcj02),
                Mishap::Bd09In(code) => (Crs::from_code(code), Shift::Bd09),
            },
            other => (other.clone(), Shift::None),
        };
        let carrier = Carrier::of(&carrier, &key, operator, unshifted)?;
        let (mut theirs, mut ours) = (carrier.theirs, carrier.ours);
        if shift != Shift::None {
            ours = Bounds { x: gcj02::LNG, y: gcj02::LAT };
            if carrier.engine == Engine::Degrees {
                theirs = ours.clone();
            }
        }
        Ok(Self { key: key.into(), axes: assumption.axes, shift, engine: carrier.engine, theirs, ours })
    }

    /// A point of the system, in the order of the file, to degrees, lng lat. Errors: outside of the system, or PROJ fails.
    pub fn to_degrees(&self, point: Coord) -> Result<Coord, CrsError> {
        self.convert(&[point], Direction::ToDegrees).map(|points| points[0])
    }

    /// Degrees, lng lat, to the system, in the order of the file. Errors: outside of the system, or PROJ fails.
    pub fn from_degrees(&self, point: Coord) -> Result<Coord, CrsError> {
        self.convert(&[point], Direction::FromDegrees).map(|points| points[0])
    }

    /// As [`Transformer::to_degrees`] for all points in place. On an error, which names the first bad one, none is changed.
    pub fn all_to_degrees(&self, points: &mut [Coord]) -> Result<(), CrsError> {
        points.copy_from_slice(&self.convert(points, Direction::ToDegrees)?);
        Ok(())
    }

    /// As [`Transformer::from_degrees`] for all points in place. On an error, which names the first bad one, none is changed.
    pub fn all_from_degrees(&self, points: &mut [Coord]) -> Result<(), CrsError> {
        points.copy_from_slice(&self.convert(points, Direction::FromDegrees)?);
        Ok(())
    }

    /// Each point of a file to degrees, `None` where that is impossible. For looking at readings that may be wrong.
    pub(crate) fn each_to_degrees(&self, points: &[Coord]) -> Vec<Option<Coord>> {
        let Ok(object) = self.engine.object() else { return vec![None; points.len()] };
        let ours = |point: &Coord| {
            let arranged = self.axes.arrange(*point);
            let degrees = self.theirs.contain(arranged).then(|| self.reveal(object.as_deref(), arranged)).flatten()?;
            WORLD.contain(degrees).then_some(degrees)
        };
        points.iter().map(ours).collect()
    }

    /// A point of the system, x east, y north, to degrees.
    fn reveal(&self, object: Option<&proj::Proj>, point: Coord) -> Option<Coord> {
        let degrees = engine::run(object, point, Direction::ToDegrees)?;
        let known = WORLD.contain(degrees) && (self.shift == Shift::None || self.ours.contain(degrees));
        known.then(|| self.shift.take_off(degrees))
    }

    /// Key of the assumption that it was made for, shortened.
    pub fn key(&self) -> &str {
        &self.key
    }

    fn convert(&self, points: &[Coord], direction: Direction) -> Result<Vec<Coord>, CrsError> {
        let accepted = |point: &Coord| match direction {
            Direction::ToDegrees => self.theirs.contain(self.axes.arrange(*point)),
            Direction::FromDegrees => self.ours.contain(*point),
        };
        if let Some(index) = points.iter().position(|point| !accepted(point)) {
            let Coord { x, y } = points[index];
            return Err(CrsError::OutOfBounds { crs: self.key.to_string(), index, x, y });
        }
        let object =
            self.engine.object().map_err(|source| CrsError::Definition { crs: self.key.to_string(), source })?;
        let object = object.as_deref();
        let one = |(index, point): (usize, &Coord)| {
            let converted = match direction {
                Direction::ToDegrees => self.reveal(object, self.axes.arrange(*point)),
                Direction::FromDegrees => {
                    engine::run(object, self.shift.put_on(*point), direction).map(|there| self.axes.arrange(there))
                }
            };
            converted.ok_or_else(|| CrsError::NotConverted { crs: self.key.to_string(), index, x: point.x, y: point.y })
        };
        points.iter().enumerate().map(one).collect()
    }
}

impl fmt::Debug for Transformer {
    /// Shows the key only: steps hold the parameters of local systems.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Transformer").field(&self.key).finish()
    }
}

impl Shift {
    fn put_on(self, point: Coord) -> Coord {
        match self {
            Self::None => point,
            Self::Gcj02 => gcj02::from_degrees(point),
            Self::Gcj02Twice => gcj02::from_degrees(gcj02::from_degrees(point)),
            Self::Gcj02Undone => gcj02::to_degrees(point),
            Self::Bd09 => bd09::from_degrees(point),
            Self::Bd09Undone => bd09::to_degrees(point),
        }
    }

    fn take_off(self, point: Coord) -> Coord {
        match self {
            Self::None => point,
            Self::Gcj02 => gcj02::to_degrees(point),
            Self::Gcj02Twice => gcj02::to_degrees(gcj02::to_degrees(point)),
            Self::Gcj02Undone => gcj02::from_degrees(point),
            Self::Bd09 => bd09::to_degrees(point),
            Self::Bd09Undone => bd09::from_degrees(point),
        }
    }
}

const WORLD: Bounds = Bounds { x: -180.0..=180.0, y: -90.0..=90.0 };

impl Bounds {
    /// NaN and infinities are in no range.
    fn contain(&self, point: Coord) -> bool {
        self.x.contains(&point.x) && self.y.contains(&point.y)
    }

    fn around(centre: Coord, x: f64, y: f64) -> Self {
        Self { x: centre.x - x..=centre.x + x, y: centre.y - y..=centre.y + y }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unshifted {
    Refuse,
    Allow,
}

/// The engine of a system, with the bounds on both sides.
struct Carrier {
    engine: Engine,
    theirs: Bounds,
    ours: Bounds,
}

impl Carrier {
    fn of(crs: &Crs, key: &str, operator: &Operator, unshifted: Unshifted) -> Result<Self, CrsError> {
        let needs = |datum| CrsError::NeedsParameters { crs: key.to_owned(), datum };
        match crs {
            Crs::Epsg(code) => match codes::known(*code) {
                Some((datum, plane)) => {
                    let shift = operator.shift(datum);
                    if !datum.is_ours() && shift.is_none() && unshifted == Unshifted::Refuse {
                        return Err(needs(datum));
                    }
                    let ellipsoid = format!("+ellps={}", datum.ellipsoid());
                    let before = shift.map(|shift| shift.steps_from_ours(&ellipsoid)).unwrap_or_default();
                    Ok(Self::of_plane(plane, &before, &ellipsoid))
                }
                None => Self::of_known(&format!("EPSG:{code}"), key, Datum::Other),
            },
            Crs::Definition(text) if definition::is_proj_string(text) => {
                definition::check(text)?;
                let own = definition::own_shift(text);
                if own.is_none() && definition::datum(text).is_none() {
                    return Self::of_known(&format!("{text} +type=crs"), key, Datum::Other);
                }
                let datum = definition::datum(text).filter(|datum| !datum.is_ours());
                let shift = own.as_ref().or_else(|| datum.and_then(|datum| operator.shift(datum)));
                if let (Some(datum), None, Unshifted::Refuse) = (datum, shift, unshifted) {
                    return Err(needs(datum));
                }
                Self { engine: Engine::steps(&definition::steps(text, shift)), ..Self::far() }.tried(key)
            }
            Crs::Definition(text) => {
                definition::refuse_files(text)?;
                Self::of_known(text, key, wkt::datum(text).unwrap_or(Datum::Other))
            }
            Crs::Local(name) => {
                let local = operator.local(name).ok_or_else(|| CrsError::NoSuchLocal(name.clone()))?;
                Ok(Self { engine: local.engine(), ..Self::far() })
            }
            // The other kinds have been taken apart by the caller.
            Crs::Degrees | Crs::Gcj02 | Crs::Bd09 | Crs::Mishap(_) => {
                Ok(Self { engine: Engine::Degrees, theirs: WORLD, ours: WORLD })
            }
        }
    }

    fn far() -> Self {
        let theirs = Bounds { x: -FAR..=FAR, y: -FAR..=FAR };
        Self { engine: Engine::Degrees, theirs, ours: WORLD }
    }

    fn of_plane(plane: Plane, before: &str, ellipsoid: &str) -> Self {
        match plane {
            Plane::Degrees if before.is_empty() => Self { engine: Engine::Degrees, theirs: WORLD, ours: WORLD },
            Plane::Degrees => {
                let steps = format!("{before}+step +proj=unitconvert +xy_in=rad +xy_out=deg");
                Self { engine: Engine::steps(&steps), theirs: WORLD, ours: WORLD }
            }
            Plane::WebMercator => Self {
                engine: Engine::steps("+step +proj=webmerc +ellps=WGS84"),
                theirs: Bounds::around(Coord::zero(), WEB_HALF_M, WEB_HALF_M),
                ours: Bounds { x: -180.0..=180.0, y: -85.051_128..=85.051_128 },
            },
            Plane::TransverseMercator(grid) => {
                let TransverseMercator { meridian_deg, scale, false_easting_m, false_northing_m } = grid;
                let steps = format!(
                    "{before}+step +proj=tmerc +lat_0=0 +lon_0={meridian_deg} +k={scale} +x_0={false_easting_m} \
                     +y_0={false_northing_m} {ellipsoid}"
                );
                let origin = Coord { x: false_easting_m, y: false_northing_m };
                Self {
                    engine: Engine::steps(&steps),
                    theirs: Bounds::around(origin, TM_REACH_M, TM_NORTH_M),
                    ours: Bounds::around(Coord { x: meridian_deg, y: 0.0 }, TM_REACH_DEG, 84.0),
                }
            }
        }
    }

    /// A system that PROJ looks up. It answers with an unshifted datum without a word, which its description gives away.
    fn of_known(text: &str, key: &str, datum: Datum) -> Result<Self, CrsError> {
        let engine = Engine::Known(text.into());
        let carrier = Self { engine, ..Self::far() }.tried(key)?;
        let object = carrier.engine.object().ok().flatten();
        let description = object.and_then(|object| {
            // Which operation is used is settled by the first point only.
            let _ = engine::run(Some(&object), probe(text), Direction::FromDegrees);
            object.proj_info().description
        });
        let ours = !text.starts_with("EPSG:") && wkt::is_on_our_ellipsoid(text);
        match description {
            // Without a description the axes could not be put in order, and PROJ would hand points back as they came.
            None => Err(CrsError::Unknown(key.to_owned())),
            Some(text) if text.to_ascii_lowercase().contains("ballpark") && !ours => {
                Err(CrsError::NeedsParameters { crs: key.to_owned(), datum })
            }
            Some(_) => Ok(carrier),
        }
    }

    /// Makes PROJ read the definition now, so that a wrong one is found before the first point.
    fn tried(self, key: &str) -> Result<Self, CrsError> {
        match self.engine.object() {
            Ok(_) => Ok(self),
            Err(source) => Err(CrsError::Definition { crs: key.to_owned(), source }),
        }
    }
}

/// A point at which a definition is used: the district, else the middle of the area that the registry names.
fn probe(text: &str) -> Coord {
    let area = proj::Proj::new(text).ok().and_then(|object| object.area_of_use().ok()).and_then(|(area, _)| area);
    match area {
        Some(area) if !Bounds { x: area.west..=area.east, y: area.south..=area.north }.contain(PROBE) => {
            Coord { x: (area.west + area.east) / 2.0, y: (area.south + area.north) / 2.0 }
        }
        _ => PROBE,
    }
}
