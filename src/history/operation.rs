//! Operations: the ways in which people change areas, and the entry that each leads to.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::{
    AreaCode, Attributes, Boundary, Committee, CommunityCode, Management, Name, StreetCode, Uscc, Validity,
};

/// A boundary as it was handed in, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Degrees, lng lat, valid, exteriors counter-clockwise, holes clockwise.
    pub boundary: Boundary,
    /// The text it was read from, byte for byte.
    pub source: String,
    /// Surface in square metres, geodesic.
    pub surface_m2: f64,
}

/// An area that takes the place of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Successor {
    /// Its code, never used before.
    pub code: AreaCode,
    /// Its official name.
    pub name: String,
    /// Its boundary.
    pub drawn: Drawn,
    /// What differs from the area it takes the place of; for a merge, from the first one named.
    pub amendment: Amendment,
}

/// What becomes of a committee when the boundary of its area changes. Beijing property ordinance, art. 29: one boundary,
/// one owners' assembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It works on, for this area.
    Serves(AreaCode),
    /// It is dissolved on this day.
    Dissolved(Date),
}

/// The fate of every committee of the areas whose boundary changes, by the committee's code.
pub type Fates = BTreeMap<String, Fate>;

/// New values of an area; `None` leaves a value as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Amendment {
    /// Official name.
    pub name: Option<String>,
    /// All further names.
    pub other_names: Option<Vec<Name>>,
    /// Street.
    pub street: Option<StreetCode>,
    /// Community; `Some(None)` takes it away.
    pub community: Option<Option<CommunityCode>>,
    /// Management.
    pub management: Option<Management>,
    /// Manager; `Some(None)` takes it away.
    pub manager: Option<Option<Uscc>>,
    /// All descriptive facts.
    pub attributes: Option<Attributes>,
    /// All committees; one that is left out was never there.
    pub committees: Option<Vec<Committee>>,
    /// Boundary; needs the fates of the committees.
    pub drawn: Option<Drawn>,
}

/// A change of areas.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// One area becomes several, and ends.
    Split {
        /// The area that ends.
        area: AreaCode,
        /// What takes its place, two or more.
        into: Vec<Successor>,
        /// What becomes of its committees.
        committees: Fates,
    },
    /// Several areas become one, and end.
    Merge {
        /// The areas that end, two or more.
        areas: Vec<AreaCode>,
        /// What takes their place.
        into: Box<Successor>,
        /// What becomes of their committees.
        committees: Fates,
    },
    /// Areas get other boundaries and keep their codes.
    Adjust {
        /// The new boundaries.
        boundaries: Vec<(AreaCode, Drawn)>,
        /// What becomes of their committees.
        committees: Fates,
    },
    /// An area gets another name; the one before becomes a former name.
    Rename {
        /// The area.
        area: AreaCode,
        /// Its new official name.
        name: String,
    },
    /// An area ends and nothing takes its place.
    Retire {
        /// The area.
        area: AreaCode,
        /// What becomes of its committees.
        committees: Fates,
    },
    /// What is said of an area is put right, or changes from a day on.
    Amend {
        /// The area.
        area: AreaCode,
        /// The new values.
        amendment: Box<Amendment>,
        /// Days for which they are true; for a correction all days of the area unless told otherwise.
        valid: Validity,
        /// What becomes of its committees, when the boundary is among the values.
        committees: Fates,
    },
}
