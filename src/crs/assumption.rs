//! What a file is taken to be in: a system and the order of its two columns.

use std::fmt;
use std::str::FromStr;

use geo::Coord;

use crate::crs::error::CrsError;
use crate::crs::reference::Crs;

/// Which coordinate of a file comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Axes {
    /// East or longitude first, as on our side.
    #[default]
    EastNorth,
    /// North or latitude first, as survey sheets have it.
    NorthEast,
}

impl Axes {
    /// From the order of the file to x east, y north, and back.
    pub fn arrange(self, point: Coord) -> Coord {
        match self {
            Self::EastNorth => point,
            Self::NorthEast => Coord { x: point.y, y: point.x },
        }
    }
}

/// How the numbers of a file are to be read.
///
/// Its key is stable: `EPSG:4548`, `EPSG:4548;ne` for northings first, `GCJ-02`, `GCJ-02x2`, `LOCAL:name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Assumption {
    /// The system.
    pub crs: Crs,
    /// The order of the columns.
    pub axes: Axes,
}

const NORTH_EAST: &str = ";ne";

impl Assumption {
    /// The system with x east and y north.
    pub fn new(crs: Crs) -> Self {
        Self { crs, axes: Axes::EastNorth }
    }

    /// The system with north or latitude first.
    pub fn north_first(crs: Crs) -> Self {
        Self { crs, axes: Axes::NorthEast }
    }

    /// Whether both read the same numbers as the same place: EPSG:4509 and EPSG:4548 do.
    pub fn means(&self, other: &Self) -> bool {
        self.axes == other.axes && self.crs.canonical() == other.crs.canonical()
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = if self.axes == Axes::NorthEast { NORTH_EAST } else { "" };
        write!(f, "{}{suffix}", self.crs)
    }
}

impl FromStr for Assumption {
    type Err = CrsError;

    /// Reads a key, or any text that [`Crs::parse`] reads, with `;ne` behind it for north first.
    fn from_str(text: &str) -> Result<Self, CrsError> {
        let text = text.trim();
        let split = text.len().checked_sub(NORTH_EAST.len()).and_then(|at| text.split_at_checked(at));
        match split {
            Some((crs, suffix)) if suffix.eq_ignore_ascii_case(NORTH_EAST) => Ok(Self::north_first(Crs::parse(crs)?)),
            _ => Ok(Self::new(Crs::parse(text)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::reference::Mishap;

    #[test]
    fn every_key_reads_back() {
        for (assumption, key) in [
            (Assumption::new(Crs::Degrees), "EPSG:4490"),
            (Assumption::north_first(Crs::Degrees), "EPSG:4490;ne"),
            (Assumption::new(Crs::Epsg(4548)), "EPSG:4548"),
            (Assumption::north_first(Crs::Epsg(4548)), "EPSG:4548;ne"),
            (Assumption::new(Crs::Gcj02), "GCJ-02"),
            (Assumption::new(Crs::Mishap(Mishap::Gcj02Twice)), "GCJ-02x2"),
            (Assumption::new(Crs::Mishap(Mishap::Gcj02In(4548))), "GCJ-02@EPSG:4548"),
            (Assumption::north_first(Crs::Local("区".to_owned())), "LOCAL:区;ne"),
        ] {
            assert_eq!(assumption.to_string(), key);
            assert_eq!(key.parse::<Assumption>().unwrap(), assumption);
        }
        assert!("".parse::<Assumption>().is_err());
        assert!(";ne".parse::<Assumption>().is_err());
    }

    #[test]
    fn two_codes_of_one_grid_mean_the_same() {
        let of = |key: &str| key.parse::<Assumption>().unwrap();
        assert!(of("EPSG:4509").means(&of("EPSG:4548")));
        assert!(of("EPSG:4326").means(&of("CRS84")));
        assert!(!of("EPSG:4548").means(&of("EPSG:4548;ne")));
        assert!(!of("EPSG:4548").means(&of("EPSG:2436")));
    }
}
