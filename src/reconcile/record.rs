//! What is matched: records of two sides, as their offices have them.

use geo::{Coord, MultiPolygon};

/// Where a record lies. Degrees, lng lat, in whichever system its office used.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Shape {
    /// Not on the map.
    #[default]
    None,
    /// A rough place.
    Point(Coord),
    /// Its boundary; need not be valid.
    Outline(MultiPolygon),
}

/// One row of either side. Texts are as written; an empty text means that nothing is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// What the office calls it; unique on its side.
    pub id: String,
    /// Where it lies.
    pub shape: Shape,
    /// Its name.
    pub name: String,
    /// Further names on file.
    pub aliases: Vec<String>,
    /// Its address.
    pub address: String,
    /// The street or township it says it belongs to.
    pub street: String,
    /// How it is managed, in any coding.
    pub management: String,
    /// Which committee it has, in any coding.
    pub committee: String,
    /// Who manages it.
    pub company: String,
    /// How many households it has.
    pub households: String,
    /// Which office the row comes from: rows of one source are taken to be drawn alike.
    pub source: String,
    /// Whether the outline was found invalid and repaired.
    pub repaired: bool,
}
