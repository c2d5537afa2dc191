//! Raw records to a checked change set and a list of faults.
//!
//! Every fault of a delivery is found in one go, so that nobody has to deliver five times to hear five complaints. A change
//! set with any fault beside it must not be committed.

mod area;
mod boundary;
pub mod delivery;
mod fields;
mod ledger;
pub mod sides;
mod territory;

pub(crate) use area::BUILT_YEARS;
pub use boundary::{Surveyed, survey_text};

use std::collections::HashMap;
use std::fmt;

use geo::MultiPolygon;

use crate::formats::geojson::WhenEmpty;
use crate::formats::{FormatError, Place, RawRecord, Reading, csv, geojson};
use crate::model::{
    AreaCode, Attributes, Boundary, Committee, Community, CommunityCode, District, Management, ManagerKind, Name,
    PrintedFigure, Street, StreetCode, Uscc, Validity,
};

/// The exchange files of a district, each as its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// `district.geojson`: one feature.
    pub district: &'a [u8],
    /// `streets.geojson`
    pub streets: &'a [u8],
    /// `areas.geojson`
    pub areas: &'a [u8],
    /// `ledger/managers.csv`
    pub managers: &'a [u8],
    /// `ledger/committees.csv`
    pub committees: &'a [u8],
    /// `ledger/communities.csv`
    pub communities: &'a [u8],
    /// `ledger/figures.csv`
    pub figures: &'a [u8],
}

/// What is to be entered into the register, every part sorted by code.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChangeSet {
    /// The district.
    pub district: Option<District>,
    /// Its streets.
    pub streets: Vec<Street>,
    /// Their communities.
    pub communities: Vec<Community>,
    /// Companies and owning units.
    pub managers: Vec<ManagerDraft>,
    /// The areas with their committees.
    pub areas: Vec<AreaDraft>,
    /// Figures as reports printed them, in file order.
    pub figures: Vec<PrintedFigure>,
}

/// A manager that has no number yet.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagerDraft {
    /// Company or owning unit.
    pub kind: ManagerKind,
    /// Registered name.
    pub name: String,
    /// Unified social credit code.
    pub uscc: Uscc,
    /// Service telephone of the body.
    pub phone: Option<String>,
    /// Whether it has a party organisation; internal.
    pub party_organisation: Option<bool>,
    /// Demonstration data, not real.
    pub demo: bool,
}

/// An area that has no number and no record yet.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaDraft {
    /// Code, never reused.
    pub code: AreaCode,
    /// Official name.
    pub name: String,
    /// Further names.
    pub other_names: Vec<Name>,
    /// The street it belongs to.
    pub street: StreetCode,
    /// The community it belongs to, where known.
    pub community: Option<CommunityCode>,
    /// Its boundary: degrees, lng lat, valid, exteriors counter-clockwise, holes clockwise.
    pub boundary: Boundary,
    /// Text of the boundary as delivered, byte for byte.
    pub source_geometry: String,
    /// Surface inside the boundary in square metres, geodesic.
    pub site_area_m2: f64,
    /// How it is managed.
    pub management: Management,
    /// By whom, where known.
    pub manager: Option<Uscc>,
    /// Its committees sorted by code; `None` when nobody has said.
    pub committees: Option<Vec<Committee>>,
    /// Everything else.
    pub attributes: Attributes,
    /// When it is true.
    pub validity: Validity,
    /// Demonstration data, not real.
    pub demo: bool,
}

/// Something in a delivery that keeps it from being entered.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// File, and feature or row.
    pub place: Place,
    /// Property or column, where one is to blame.
    pub field: Option<String>,
    /// Code of the thing the record is about, where it has one.
    pub code: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        if let Some(code) = &self.code {
            write!(f, ", {code}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// A change set and everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checked {
    /// What could be read; complete only when there is no fault.
    pub changes: ChangeSet,
    /// All faults, in order of the files and of the places in them.
    pub faults: Vec<Fault>,
}

/// Reads and checks the exchange files of a district.
///
/// Checked are: the format, the columns, codes and their check characters, enumerations, required fields, dates and their
/// order, numbers, geometry, codes that occur twice, and references between the files.
pub fn check_exchange(sources: &Sources<'_>) -> Checked {
    let mut faults = Vec::new();
    let district = features("district.geojson", sources.district, (&territory::DISTRICT_COLUMNS, &[]), &mut faults);
    let streets = features("streets.geojson", sources.streets, (&territory::STREET_COLUMNS, &[]), &mut faults);
    let areas = features("areas.geojson", sources.areas, (&area::COLUMNS, &area::LATER_COLUMNS), &mut faults);
    let managers = rows("managers.csv", sources.managers, (&ledger::MANAGER_COLUMNS, &[]), &mut faults);
    let committees = rows(
        "committees.csv",
        sources.committees,
        (&ledger::COMMITTEE_COLUMNS, &ledger::LATER_COMMITTEE_COLUMNS),
        &mut faults,
    );
    let communities = rows("communities.csv", sources.communities, (&ledger::COMMUNITY_COLUMNS, &[]), &mut faults);
    let figures = rows("figures.csv", sources.figures, (&ledger::FIGURE_COLUMNS, &[]), &mut faults);

    let district = territory::district(&district, &mut faults);
    let streets = territory::streets(&streets, &mut faults);
    let communities = ledger::communities(&communities, &streets, &mut faults);
    let managers = ledger::managers(&managers, &mut faults);
    let mut committees = ledger::committees(&committees, &mut faults);
    let areas = area::areas(
        &areas,
        &area::Known { streets: &streets, communities: &communities, managers: &managers },
        &mut committees,
        &mut faults,
    );
    let figures = ledger::figures(&figures, &mut faults);

    faults.sort_by_key(|fault| file_rank(&fault.place));
    let changes = ChangeSet {
        district,
        streets: streets.into_sorted(),
        communities: communities.into_sorted(),
        managers: managers.into_sorted(),
        areas: areas.into_sorted(),
        figures,
    };
    Checked { changes, faults }
}

/// Files in the order of [`Sources`]; the sort that uses it is stable, and places within a file follow their number.
fn file_rank(place: &Place) -> (usize, Place) {
    const FILES: [&str; 7] = [
        "district.geojson",
        "streets.geojson",
        "areas.geojson",
        "managers.csv",
        "committees.csv",
        "communities.csv",
        "figures.csv",
    ];
    (FILES.iter().position(|name| *name == &*place.file).unwrap_or(FILES.len()), place.clone())
}

/// Columns that must be there, and further ones that older files do not have.
type Columns<'a> = (&'a [&'a str], &'a [&'a str]);

fn features(file: &str, bytes: &[u8], columns: Columns<'_>, faults: &mut Vec<Fault>) -> Vec<RawRecord> {
    records(file, geojson::read(file, bytes, WhenEmpty::Refuse), columns, faults)
}

fn rows(file: &str, bytes: &[u8], columns: Columns<'_>, faults: &mut Vec<Fault>) -> Vec<RawRecord> {
    records(file, csv::read(file, bytes), columns, faults)
}

/// The records of a reading; its faults, missing columns and unknown columns go to the list.
fn records(
    file: &str,
    reading: Result<Reading, FormatError>,
    (columns, later): Columns<'_>,
    faults: &mut Vec<Fault>,
) -> Vec<RawRecord> {
    let of_format = |err: &FormatError| {
        let message = err.to_string();
        let place = err.place().clone();
        let message = message.strip_prefix(&format!("{place}: ")).unwrap_or(&message).to_owned();
        Fault { place, field: None, code: None, message }
    };
    let reading = match reading {
        Ok(reading) => reading,
        Err(err) => {
            faults.push(of_format(&err));
            return Vec::new();
        }
    };
    faults.extend(reading.faults.iter().map(of_format));
    let of_file = |field: &str, message: &str| Fault {
        place: Place::file(file),
        field: Some(field.to_owned()),
        code: None,
        message: message.to_owned(),
    };
    faults.extend(
        reading
            .columns
            .iter()
            .filter(|name| !columns.contains(&name.as_str()) && !later.contains(&name.as_str()))
            .map(|name| of_file(name, "nothing of that name is known here; is it misspelt?")),
    );
    // A reading without records tells nothing of its features' properties, and their faults are listed already.
    let missing: Vec<_> = columns.iter().filter(|name| !reading.columns.iter().any(|have| have == *name)).collect();
    if missing.is_empty() || (reading.records.is_empty() && reading.columns.is_empty()) {
        return reading.records;
    }
    faults.extend(missing.into_iter().map(|name| of_file(name, "no record has it, but it is required")));
    Vec::new()
}

/// Things by code. The first of a code stays; a further one is a fault that names the place of the first.
#[derive(Debug)]
struct ByCode<T> {
    things: HashMap<String, (T, Place)>,
}

impl<T> ByCode<T> {
    fn new() -> Self {
        Self { things: HashMap::new() }
    }

    fn insert(&mut self, field: &str, code: &str, place: &Place, thing: T, faults: &mut Vec<Fault>) {
        if let Some((_, first)) = self.things.get(code) {
            faults.push(Fault {
                place: place.clone(),
                field: Some(field.to_owned()),
                code: Some(code.to_owned()),
                message: format!("the code is taken already by {first}"),
            });
        } else {
            self.things.insert(code.to_owned(), (thing, place.clone()));
        }
    }

    fn get(&self, code: &str) -> Option<&T> {
        self.things.get(code).map(|(thing, _)| thing)
    }

    fn into_sorted(self) -> Vec<T> {
        let mut things: Vec<_> = self.things.into_iter().collect();
        things.sort_by(|(a, _), (b, _)| a.cmp(b));
        things.into_iter().map(|(_, (thing, _))| thing).collect()
    }
}

/// Outlines that could be read, beside their records.
pub type Outline = MultiPolygon<f64>;

#[cfg(test)]
mod tests;
