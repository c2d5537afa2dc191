//! Boundaries: valid, and wound as RFC 7946 has it.

use geo::orient::{Direction, Orient as _};
use rayon::prelude::*;

use crate::formats::{RawRecord, geojson};
use crate::geom::{check_boundary, surface_m2};
use crate::ingest::{Fault, Outline};

/// A boundary that passed, and its size.
#[derive(Debug, Clone, PartialEq)]
pub struct Surveyed {
    /// Degrees, lng lat, exteriors counter-clockwise, holes clockwise.
    pub boundary: Outline,
    /// Square metres, geodesic.
    pub surface_m2: f64,
}

/// Reads and checks the text of one GeoJSON geometry. Errors: what is wrong with it, in one sentence.
pub fn survey_text(text: &str) -> Result<Surveyed, String> {
    let geometry = geojson::read_geometry(text).map_err(|err| {
        let message = err.to_string();
        message.strip_prefix(&format!("{}: ", err.place())).unwrap_or(&message).to_owned()
    })?;
    survey_geometry(&geometry)
}

/// Checks the boundaries of all records at once, on all cores.
///
/// One answer for each record, `None` where a fault was added.
pub(super) fn survey(records: &[RawRecord], code_field: &str, faults: &mut Vec<Fault>) -> Vec<Option<Surveyed>> {
    let answers: Vec<Result<Surveyed, String>> = records.par_iter().map(survey_one).collect();
    records
        .iter()
        .zip(answers)
        .map(|(record, answer)| {
            answer
                .map_err(|message| {
                    let code = record.properties.get(code_field).and_then(|code| code.as_str()).map(str::to_owned);
                    let place = record.place.clone();
                    faults.push(Fault { place, field: Some("geometry".to_owned()), code, message });
                })
                .ok()
        })
        .collect()
}

fn survey_one(record: &RawRecord) -> Result<Surveyed, String> {
    survey_geometry(record.geometry.as_ref().ok_or("there is no geometry")?)
}

fn survey_geometry(geometry: &Outline) -> Result<Surveyed, String> {
    check_boundary(geometry).map_err(|err| err.to_string())?;
    let boundary = geometry.orient(Direction::Default);
    let surface_m2 = surface_m2(&boundary);
    Ok(Surveyed { boundary, surface_m2 })
}
