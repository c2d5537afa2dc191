//! Operations: the ways in which people change areas.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::history::{Amendment, AreaFact, Key, Kind};
use crate::model::{AreaCode, Boundary, RecordKind, Validity};

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

impl Drawn {
    /// Gives an area this boundary.
    pub fn draw(&self, area: &mut AreaFact) {
        area.boundary = self.boundary.clone();
        area.source_geometry.clone_from(&self.source);
        area.site_area_m2 = self.surface_m2;
    }
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
    /// What differs from the area it takes the place of; for a merge, from the first one named. Its name and boundary are
    /// those above; its committees are further ones, formed for it.
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
    /// Areas end and others take their place, one or more each, as a delivery draws them: its outlines need not cover the
    /// ground before to the metre.
    Recut {
        /// The areas that end, one or more.
        areas: Vec<AreaCode>,
        /// What takes their place, one or more.
        into: Vec<Successor>,
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
    /// What is said of an area is put right, for all its days unless told otherwise.
    Correct {
        /// The area.
        area: AreaCode,
        /// The right values.
        amendment: Box<Amendment>,
        /// Days for which they are true.
        valid: Validity,
        /// What becomes of its committees, when the boundary is among the values.
        committees: Fates,
    },
    /// What is said of an area changes from a day on.
    Amend {
        /// Why: a survey round, a delimitation or a delivery.
        kind: RecordKind,
        /// The area.
        area: AreaCode,
        /// The new values.
        amendment: Box<Amendment>,
        /// What becomes of its committees, when the boundary is among the values.
        committees: Fates,
    },
}

impl Operation {
    /// Kind of the record under which it is entered.
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Split { .. } => RecordKind::Split,
            Self::Merge { .. } => RecordKind::Merge,
            Self::Recut { .. } | Self::Adjust { .. } => RecordKind::Adjust,
            Self::Rename { .. } => RecordKind::Rename,
            Self::Retire { .. } => RecordKind::Retirement,
            Self::Correct { .. } => RecordKind::Correction,
            Self::Amend { kind, .. } => *kind,
        }
    }

    /// Name of the member of a document that holds it.
    pub fn member(&self) -> &'static str {
        match self {
            Self::Split { .. } => "split",
            Self::Merge { .. } => "merge",
            Self::Recut { .. } => "recut",
            Self::Adjust { .. } => "adjust",
            Self::Rename { .. } => "rename",
            Self::Retire { .. } => "retire",
            Self::Correct { .. } => "correct",
            Self::Amend { .. } => "amend",
        }
    }

    /// The areas that are there already and are changed.
    pub fn touched(&self) -> BTreeSet<AreaCode> {
        match self {
            Self::Split { area, .. }
            | Self::Rename { area, .. }
            | Self::Retire { area, .. }
            | Self::Correct { area, .. }
            | Self::Amend { area, .. } => BTreeSet::from([area.clone()]),
            Self::Merge { areas, .. } | Self::Recut { areas, .. } => areas.iter().cloned().collect(),
            Self::Adjust { boundaries, .. } => boundaries.iter().map(|(area, _)| area.clone()).collect(),
        }
    }

    /// The boundaries in it.
    pub fn drawn(&self) -> Vec<&Drawn> {
        match self {
            Self::Split { into, .. } | Self::Recut { into, .. } => {
                into.iter().map(|successor| &successor.drawn).collect()
            }
            Self::Merge { into, .. } => vec![&into.drawn],
            Self::Adjust { boundaries, .. } => boundaries.iter().map(|(_, drawn)| drawn).collect(),
            Self::Correct { amendment, .. } | Self::Amend { amendment, .. } => amendment.drawn.iter().collect(),
            Self::Rename { .. } | Self::Retire { .. } => Vec::new(),
        }
    }

    /// The days it is about when it takes effect on that day.
    pub fn period(&self, effective: Date) -> Validity {
        match self {
            Self::Correct { valid, .. } => *valid,
            _ => Validity::since(effective),
        }
    }

    /// Everything that it names: what must be looked up before it can be planned. Without repetition, in order.
    pub fn mentions(&self) -> BTreeSet<Key> {
        let area = |code: &AreaCode| Key::new(Kind::Area, code.as_str());
        let mut keys: BTreeSet<Key> = self.touched().iter().map(area).collect();
        let successors: &[Successor] = match self {
            Self::Split { into, .. } | Self::Recut { into, .. } => into,
            Self::Merge { into, .. } => std::slice::from_ref(into),
            _ => &[],
        };
        let amendments = successors.iter().map(|successor| &successor.amendment).chain(match self {
            Self::Correct { amendment, .. } | Self::Amend { amendment, .. } => Some(&**amendment),
            _ => None,
        });
        for amendment in amendments {
            keys.extend(amendment.street.iter().map(|street| Key::new(Kind::Street, street.as_str())));
            keys.extend(amendment.community.iter().flatten().map(|code| Key::new(Kind::Community, code.as_str())));
            keys.extend(amendment.manager.iter().flatten().map(|uscc| Key::new(Kind::Manager, uscc.as_str())));
            keys.extend(amendment.committees.iter().flatten().map(|c| Key::new(Kind::Committee, &*c.code)));
        }
        keys.extend(successors.iter().map(|successor| area(&successor.code)));
        keys.extend(self.fates().into_iter().flat_map(|fates| fates.keys()).map(|c| Key::new(Kind::Committee, &**c)));
        keys
    }

    fn fates(&self) -> Option<&Fates> {
        match self {
            Self::Split { committees, .. }
            | Self::Merge { committees, .. }
            | Self::Recut { committees, .. }
            | Self::Adjust { committees, .. }
            | Self::Retire { committees, .. }
            | Self::Correct { committees, .. }
            | Self::Amend { committees, .. } => Some(committees),
            Self::Rename { .. } => None,
        }
    }
}
