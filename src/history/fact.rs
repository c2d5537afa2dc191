//! Facts: what can be true of the district, each kind versioned by itself.

use std::fmt;

use crate::ingest::{AreaDraft, ManagerDraft};
use crate::model::{
    AreaCode, Attributes, Boundary, Committee, Community, CommunityCode, District, Management, Name, PrintedFigure,
    Street, StreetCode, Uscc,
};

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The district; its code is the district's.
    District,
    /// A street.
    Street,
    /// A community.
    Community,
    /// A company or owning unit; its code is the credit code.
    Manager,
    /// An area without its manager and committees.
    Area,
    /// Who manages an area; its code is the area's.
    Assignment,
    /// A committee of an area.
    Committee,
    /// A figure as a report printed it; its code is made of rate, date and source.
    Figure,
}

impl Kind {
    /// Every kind; a fact refers to kinds before its own only.
    pub const ALL: [Self; 8] = [
        Self::District,
        Self::Street,
        Self::Community,
        Self::Manager,
        Self::Area,
        Self::Assignment,
        Self::Committee,
        Self::Figure,
    ];

    /// Name used in tables.
    pub fn key(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Street => "street",
            Self::Community => "community",
            Self::Manager => "manager",
            Self::Area => "area",
            Self::Assignment => "assignment",
            Self::Committee => "committee",
            Self::Figure => "figure",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// What a fact is about: its kind and code, never used for anything else again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Kind.
    pub kind: Kind,
    /// Code, unique in its kind.
    pub code: String,
}

impl Key {
    /// The key of that code.
    pub fn new(kind: Kind, code: impl Into<String>) -> Self {
        Self { kind, code: code.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.key(), self.code)
    }
}

/// Something that is true for a while.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// See [`Kind::District`].
    District(District),
    /// See [`Kind::Street`].
    Street(Street),
    /// See [`Kind::Community`].
    Community(Community),
    /// See [`Kind::Manager`].
    Manager(ManagerDraft),
    /// See [`Kind::Area`].
    Area(AreaFact),
    /// See [`Kind::Assignment`].
    Assignment(Assignment),
    /// See [`Kind::Committee`].
    Committee(CommitteeFact),
    /// See [`Kind::Figure`].
    Figure(PrintedFigure),
}

/// An area without its manager and its committees, which are facts of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaFact {
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
    /// Its boundary: degrees (EPSG:4490), lng lat, valid, exteriors counter-clockwise, holes clockwise.
    pub boundary: Boundary,
    /// Text of the boundary as delivered, byte for byte.
    pub source_geometry: String,
    /// Surface inside the boundary in square metres, geodesic.
    pub site_area_m2: f64,
    /// How it is managed.
    pub management: Management,
    /// Whether somebody has said which committees it has; if not, its status is unknown.
    pub committees_known: bool,
    /// Everything else.
    pub attributes: Attributes,
    /// Demonstration data, not real.
    pub demo: bool,
}

impl From<&AreaDraft> for AreaFact {
    fn from(draft: &AreaDraft) -> Self {
        Self {
            code: draft.code.clone(),
            name: draft.name.clone(),
            other_names: draft.other_names.clone(),
            street: draft.street.clone(),
            community: draft.community.clone(),
            boundary: draft.boundary.clone(),
            source_geometry: draft.source_geometry.clone(),
            site_area_m2: draft.site_area_m2,
            management: draft.management,
            committees_known: draft.committees.is_some(),
            attributes: draft.attributes.clone(),
            demo: draft.demo,
        }
    }
}

/// Who manages an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The area.
    pub area: AreaCode,
    /// Its manager.
    pub manager: Uscc,
}

/// A committee and the area it works for.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitteeFact {
    /// The area.
    pub area: AreaCode,
    /// The committee.
    pub committee: Committee,
}

impl Fact {
    /// What it is about.
    pub fn key(&self) -> Key {
        match self {
            Self::District(district) => Key::new(Kind::District, &*district.code),
            Self::Street(street) => Key::new(Kind::Street, street.code.as_str()),
            Self::Community(community) => Key::new(Kind::Community, community.code.as_str()),
            Self::Manager(manager) => Key::new(Kind::Manager, manager.uscc.as_str()),
            Self::Area(area) => Key::new(Kind::Area, area.code.as_str()),
            Self::Assignment(assignment) => Key::new(Kind::Assignment, assignment.area.as_str()),
            Self::Committee(fact) => Key::new(Kind::Committee, &*fact.committee.code),
            Self::Figure(figure) => {
                Key::new(Kind::Figure, format!("{} {} {}", figure.rate.key(), figure.dated, figure.source))
            }
        }
    }

    /// The area it tells of: itself, the one that is managed, the one the committee works for.
    pub fn area(&self) -> Option<&AreaCode> {
        match self {
            Self::Area(area) => Some(&area.code),
            Self::Assignment(assignment) => Some(&assignment.area),
            Self::Committee(fact) => Some(&fact.area),
            Self::District(_) | Self::Street(_) | Self::Community(_) | Self::Manager(_) | Self::Figure(_) => None,
        }
    }

    /// What must be in the register for it to make sense.
    pub fn references(&self) -> Vec<Key> {
        match self {
            Self::District(_) | Self::Street(_) | Self::Manager(_) | Self::Figure(_) => Vec::new(),
            Self::Community(community) => vec![Key::new(Kind::Street, community.street.as_str())],
            Self::Area(area) => {
                let street = Key::new(Kind::Street, area.street.as_str());
                let community = area.community.as_ref().map(|code| Key::new(Kind::Community, code.as_str()));
                std::iter::once(street).chain(community).collect()
            }
            Self::Assignment(assignment) => vec![
                Key::new(Kind::Area, assignment.area.as_str()),
                Key::new(Kind::Manager, assignment.manager.as_str()),
            ],
            Self::Committee(fact) => vec![Key::new(Kind::Area, fact.area.as_str())],
        }
    }
}
