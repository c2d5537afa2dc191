//! Findings: what is wrong with a row, where, and what to do.

use std::collections::BTreeMap;

use geo::{Coord, MultiPolygon};

use crate::formats::Place;
use crate::ingest::delivery::{DeliveredField, Issue, Severity};
use crate::model::{ExceptionId, StreetCode};

/// A value that a sentence is filled with.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    /// A text as it is.
    Text(String),
    /// A number with so many digits after the point.
    Number(f64, u8),
    /// A count.
    Count(u64),
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Param {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

/// The second thing of a finding that concerns two.
#[derive(Debug, Clone, PartialEq)]
pub struct Other {
    /// See [`Finding::subject`].
    pub subject: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Where it stands, when it is in the delivery and not in the register.
    pub place: Option<Place>,
}

/// Whether a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingState {
    /// It does.
    Open,
    /// It is lawful, as this exception says.
    Excepted(ExceptionId),
    /// It was put right without a question; before and after stand in its parameters.
    Repaired,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its type.
    pub issue: &'static Issue,
    /// Whether it counts.
    pub state: FindingState,
    /// File, and feature or row.
    pub place: Place,
    /// What it is about: an area's code where it has one, else `name @ street`, else the place.
    pub subject: String,
    /// Name of the area, where it has one.
    pub name: Option<String>,
    /// Its street, where that is known.
    pub street: Option<StreetCode>,
    /// The field to blame.
    pub field: Option<DeliveredField>,
    /// Name of the column in the file.
    pub column: Option<String>,
    /// The value as the file has it, shortened; never personal data.
    pub value: Option<String>,
    /// What its sentences are filled with, by the names in their braces.
    pub params: BTreeMap<&'static str, Param>,
    /// The place on earth: degrees, lng lat.
    pub at: Option<Coord>,
    /// The piece of ground it is about, such as an overlap: degrees, lng lat.
    pub shape: Option<MultiPolygon>,
    /// The other thing, where it concerns two.
    pub other: Option<Other>,
    /// Fingerprint of the geometry or of both, in hexadecimal; empty where geometry is not to blame.
    pub fingerprint: String,
}

impl Finding {
    /// A finding of a row; what else is known of it is set by whoever finds it.
    pub fn new(issue: &'static Issue, place: Place) -> Self {
        Self {
            issue,
            state: FindingState::Open,
            subject: place.to_string(),
            place,
            name: None,
            street: None,
            field: None,
            column: None,
            value: None,
            params: BTreeMap::new(),
            at: None,
            shape: None,
            other: None,
            fingerprint: String::new(),
        }
    }

    /// Whether it keeps the delivery from being published.
    pub fn blocks(&self) -> bool {
        self.state == FindingState::Open && self.issue.severity == Severity::MustFix
    }

    /// The same with a parameter of its sentences.
    pub fn with(mut self, name: &'static str, value: impl Into<Param>) -> Self {
        self.params.insert(name, value.into());
        self
    }
}
