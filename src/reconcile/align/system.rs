//! Systems of degrees in which rows of a delivery may be, whatever the file says.

use geo::Coord;

use crate::crs::{bd09, gcj02};

/// How the degrees of a row are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum System {
    /// As they are given.
    Given,
    /// The shift of Chinese web maps is on them.
    Gcj02,
    /// The shift of Baidu's maps is on them.
    Bd09,
    /// The shift of Chinese web maps was taken off though it was not on them.
    Gcj02Undone,
    /// The shift of Baidu's maps was taken off though it was not on them.
    Bd09Undone,
}

impl System {
    pub(crate) const ALL: [Self; 5] = [Self::Given, Self::Gcj02, Self::Bd09, Self::Gcj02Undone, Self::Bd09Undone];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
            Self::Gcj02Undone => "gcj02_undone",
            Self::Bd09Undone => "bd09_undone",
        }
    }

    /// True degrees of a position; positions for which the shift is not defined stay where they are.
    pub(crate) fn true_degrees(self, point: Coord) -> Coord {
        if self == Self::Given || !gcj02::LNG.contains(&point.x) || !gcj02::LAT.contains(&point.y) {
            return point;
        }
        match self {
            Self::Given => point,
            Self::Gcj02 => gcj02::to_degrees(point),
            Self::Bd09 => bd09::to_degrees(point),
            Self::Gcj02Undone => gcj02::from_degrees(point),
            Self::Bd09Undone => bd09::from_degrees(point),
        }
    }
}
