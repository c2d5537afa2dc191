//! Streets (街乡), their communities, and the district that holds them.

use geo::MultiPolygon;

use crate::model::{CommunityCode, StreetCode};

/// Kind of street-level unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StreetKind {
    /// 街道
    Subdistrict,
    /// 地区 (乡)
    AreaOffice,
}

impl StreetKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Subdistrict, Self::AreaOffice];

    /// Name used in files, tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Subdistrict => "subdistrict",
            Self::AreaOffice => "area_office",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// One of the district's street-level units.
#[derive(Debug, Clone, PartialEq)]
pub struct Street {
    /// Code in the statistics edition.
    pub code: StreetCode,
    /// Full name, as in 劲松街道.
    pub name: String,
    /// Name without its kind, as in 劲松.
    pub stem: String,
    /// Subdistrict or area office.
    pub kind: StreetKind,
    /// Initials used in area codes, unique in the district.
    pub initials: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Code in the civil-affairs edition; collides with other editions.
    pub civil_affairs_code: Option<String>,
    /// Territory in degrees, lng lat.
    pub boundary: MultiPolygon,
    /// The boundary is a sketch (示意), not official.
    pub schematic: bool,
}

/// Neighbourhood committee's or village's territory, known by name only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Community {
    /// Twelve digits.
    pub code: CommunityCode,
    /// Name without its kind, as in 农光里.
    pub stem: String,
    /// Full name.
    pub name: String,
    /// Its street.
    pub street: StreetCode,
}

/// The district whose register this is.
#[derive(Debug, Clone, PartialEq)]
pub struct District {
    /// Six digits.
    pub code: String,
    /// Name, as in 朝阳区.
    pub name: String,
    /// Outline in degrees, lng lat; generalised, for display and warnings only.
    pub boundary: MultiPolygon,
    /// Attribution that must be shown with the outline.
    pub attribution: String,
}
