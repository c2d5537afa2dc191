//! Drafts: what the rows of a delivery say of areas, as far as it is usable.

use geo::{Coord, MultiPolygon};

use crate::formats::Place;
use crate::ingest::delivery::{AreaRow, Finding};

/// An outline that was read, placed on earth and found usable.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Degrees (EPSG:4490), lng lat, valid, exteriors counter-clockwise, holes clockwise.
    pub boundary: MultiPolygon,
    /// The geometry as delivered, byte for byte; see [`crate::formats::Source`]. Empty when sources were not kept.
    pub source: String,
    /// Surface in square metres, geodesic.
    pub surface_m2: f64,
    /// See [`crate::geom::fingerprint`], in hexadecimal.
    pub fingerprint: String,
}

/// Which area a draft is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// One that is known: its position in [`crate::ingest::delivery::Known::areas`].
    Existing(usize),
    /// One that is not there yet.
    New,
    /// None: the row cannot be used, and its findings say why.
    Nobody,
}

/// One area as a delivery tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Where it stands: the row with the outline first, then the table row that was joined to it.
    pub places: Vec<Place>,
    /// Its values.
    pub row: AreaRow,
    /// Its outline, where it has a usable one.
    pub outline: Option<Outline>,
    /// Its outline as delivered, degrees, lng lat, where it has one that cannot be used: only to be looked at.
    pub unusable: Option<MultiPolygon>,
    /// Where its file says that it is, degrees, lng lat, when it tells no more than a point.
    pub point: Option<Coord>,
    /// Whether its file has an outline for it, usable or not.
    pub has_geometry: bool,
    /// Which area it is about.
    pub about: About,
}

impl Draft {
    /// Where it stands first.
    pub fn place(&self) -> &Place {
        &self.places[0]
    }
}

/// A delivery after its check.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Delivered {
    /// Its areas, in the order of files and rows.
    pub drafts: Vec<Draft>,
    /// Everything that is wrong, in the order of files and rows.
    pub findings: Vec<Finding>,
}

impl Delivered {
    /// Whether nothing that must be fixed is open.
    pub fn is_publishable(&self) -> bool {
        !self.findings.iter().any(Finding::blocks)
    }
}
