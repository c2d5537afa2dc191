//! PROJ strings: what may stand in them, and how they become a pipeline from degrees.

use crate::crs::codes::Datum;
use crate::crs::error::CrsError;
use crate::crs::helmert::{Helmert, Rotation};
use crate::crs::reference;

/// Longer definitions are refused; real ones have some hundred characters.
const LENGTH_MAX: usize = 4_000;

/// What makes PROJ open files, or run steps of somebody else's choosing.
const FORBIDDEN: [&str; 8] =
    ["nadgrids", "geoidgrids", "grids=", "init=", "file=", "parameterfile", "pipeline", "+step"];

/// Refuses texts that name what PROJ must not be told by a file. `nadgrids=@null` asks for nothing and passes.
pub(crate) fn refuse_files(text: &str) -> Result<(), CrsError> {
    let lower = text.to_ascii_lowercase().replace("+nadgrids=@null", "");
    match FORBIDDEN.iter().find(|word| lower.contains(*word)) {
        Some(word) => Err(CrsError::Forbidden(word)),
        None => Ok(()),
    }
}

pub(crate) fn is_proj_string(text: &str) -> bool {
    text.starts_with('+') || text.starts_with("proj=")
}

/// Whether a PROJ string is short, plain and names a projection.
pub(crate) fn check(text: &str) -> Result<(), CrsError> {
    if text.len() > LENGTH_MAX || text.contains('\0') {
        return Err(reference::unknown(text));
    }
    refuse_files(text)?;
    if tokens(text).any(|(key, value)| key == "proj" && !value.is_empty()) {
        Ok(())
    } else {
        Err(reference::unknown(text))
    }
}

/// Keys and values of a PROJ string, without the plus signs.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_whitespace().map(|token| {
        let token = token.trim_start_matches('+');
        token.split_once('=').unwrap_or((token, ""))
    })
}

fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    tokens(text).find(|(other, _)| *other == key).map(|(_, value)| value)
}

/// The datum of a PROJ string that brings no shift with it; `None` for WKT and for one that does.
pub(crate) fn datum(text: &str) -> Option<Datum> {
    if !is_proj_string(text) || value(text, "towgs84").is_some() {
        return None;
    }
    Some(match (value(text, "datum"), value(text, "ellps")) {
        (Some("WGS84"), _) => Datum::Wgs84,
        (Some(_), _) => return None,
        (None, Some("krass")) => Datum::Beijing1954,
        (None, Some("IAU76")) => Datum::Xian1980,
        (None, Some("WGS84")) => Datum::Wgs84,
        (None, Some("GRS80")) => Datum::Cgcs2000,
        (None, Some(_)) => Datum::Other,
        (None, None) => match number(text, "a") {
            None if value(text, "R").is_some() => Datum::Other,
            None => Datum::Cgcs2000,
            Some(6_378_245.0) => Datum::Beijing1954,
            Some(6_378_140.0) => Datum::Xian1980,
            // Web Mercator is written as a sphere of this radius.
            Some(6_378_137.0) => Datum::Wgs84,
            Some(_) => Datum::Other,
        },
    })
}

fn number(text: &str, key: &str) -> Option<f64> {
    value(text, key)?.parse().ok()
}

/// The shift that a PROJ string brings along as `+towgs84`, in PROJ's convention.
pub(crate) fn own_shift(text: &str) -> Option<Helmert> {
    let numbers: Option<Vec<f64>> = value(text, "towgs84")?.split(',').map(|part| part.trim().parse().ok()).collect();
    Helmert::new(&numbers?, Rotation::PositionVector)
}

/// Steps of a pipeline from radians on our datum to the numbers of the system.
pub(crate) fn steps(text: &str, shift: Option<&Helmert>) -> String {
    const NOT_IN_A_STEP: [&str; 6] = ["towgs84", "no_defs", "type", "wktext", "datum", "nadgrids"];
    let mut step = String::from("+step");
    let mut ellipsoid = String::new();
    for (key, value) in tokens(text).filter(|(key, _)| !NOT_IN_A_STEP.contains(key)) {
        let token = if value.is_empty() { format!(" +{key}") } else { format!(" +{key}={value}") };
        if matches!(key, "ellps" | "a" | "b" | "rf" | "f" | "R") {
            ellipsoid.push_str(&token);
        }
        step.push_str(&token);
    }
    if ellipsoid.is_empty() {
        let name = if value(text, "datum") == Some("WGS84") { " +ellps=WGS84" } else { " +ellps=GRS80" };
        ellipsoid.push_str(name);
        step.push_str(name);
    }
    let before = shift.map(|shift| shift.steps_from_ours(ellipsoid.trim())).unwrap_or_default();
    let after = if value(text, "proj").is_some_and(|name| matches!(name, "longlat" | "latlong" | "latlon" | "lonlat")) {
        " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    } else {
        ""
    };
    format!("{before}{step}{after}")
}
