//! What can be wrong with a delivered outline, and where.

use geo::Coord;

/// One flaw of an outline, with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flaw {
    /// What is wrong.
    pub kind: FlawKind,
    /// Polygon of the outline, from 0.
    pub polygon: usize,
    /// Ring of the polygon, from 0; the first one is the exterior.
    pub ring: usize,
    /// Vertex of the ring as delivered, from 0. Of a flaw between two vertices, the first of them.
    pub vertex: usize,
    /// The place, degrees, lng lat; of a crossing, the point where the sides cross.
    pub at: Coord,
    /// How much of it: see [`FlawKind`]. 0 where the kind names no unit.
    pub measure: f64,
}

impl Flaw {
    /// Whether an outline with this flaw is no valid polygon (OGC Simple Features 1.2.1, 6.1.11.1 and 6.1.13.1).
    pub fn is_invalid(&self) -> bool {
        self.kind.is_invalid()
    }
}

/// Kinds of flaws; in brackets what [`Flaw::measure`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FlawKind {
    /// A coordinate is not a number, or infinite (coordinates of the ring).
    NotFinite,
    /// A coordinate is outside -180..180, -90..90 (coordinates of the ring).
    OffEarth,
    /// More vertices than are looked at (vertices).
    TooManyVertices,
    /// Fewer than three distinct vertices in a row, or no ring at all (vertices).
    TooFewVertices,
    /// All vertices lie on one line.
    ZeroSurface,
    /// The last vertex is not the first (metres between them). The ring is read as if it were closed.
    Unclosed,
    /// Vertices at the place of the one before them (such vertices of the ring).
    DuplicateVertices,
    /// The outline runs out and back in a needle thinner than a wall (metres of the shorter side). Valid all the same.
    Spike,
    /// The outline runs out and back on the same line (metres).
    FoldedSpike,
    /// Two sides of a ring cross, or the ring crosses itself in a vertex.
    SelfIntersection,
    /// A ring touches itself in a vertex.
    SelfTouch,
    /// Two sides run along one another (metres).
    CollinearOverlap,
    /// An exterior runs clockwise or a hole counter-clockwise, against RFC 7946, 3.1.6. Valid all the same.
    WrongWinding,
    /// A hole is not inside its exterior.
    HoleOutside,
    /// Two holes of a polygon cross.
    HolesCross,
    /// A hole lies inside another.
    HoleInHole,
    /// Holes touch one another or the exterior so often that they cut the inside in pieces.
    SplitInterior,
    /// Two polygons of the outline cover the same ground.
    PartsOverlap,
    /// A ring is there twice, whatever its first vertex and its direction.
    RepeatedRing,
    /// The sides lie over one another so much that the outline was not looked at to the end.
    Unchecked,
}

impl FlawKind {
    /// Every kind, in the order of the variants.
    pub const ALL: [Self; 20] = [
        Self::NotFinite,
        Self::OffEarth,
        Self::TooManyVertices,
        Self::TooFewVertices,
        Self::ZeroSurface,
        Self::Unclosed,
        Self::DuplicateVertices,
        Self::Spike,
        Self::FoldedSpike,
        Self::SelfIntersection,
        Self::SelfTouch,
        Self::CollinearOverlap,
        Self::WrongWinding,
        Self::HoleOutside,
        Self::HolesCross,
        Self::HoleInHole,
        Self::SplitInterior,
        Self::PartsOverlap,
        Self::RepeatedRing,
        Self::Unchecked,
    ];

    /// Whether an outline with such a flaw is no valid polygon, or not known to be one.
    pub fn is_invalid(self) -> bool {
        !matches!(self, Self::Unclosed | Self::DuplicateVertices | Self::Spike | Self::WrongWinding)
    }

    /// What it is, in a few words to stand in a sentence.
    pub fn describe(self) -> &'static str {
        match self {
            Self::NotFinite => "a coordinate is not a finite number",
            Self::OffEarth => "a coordinate is not a longitude and latitude",
            Self::TooManyVertices => "there are too many vertices",
            Self::TooFewVertices => "a ring has fewer than three distinct vertices",
            Self::ZeroSurface => "a ring has no surface",
            Self::Unclosed => "a ring is not closed",
            Self::DuplicateVertices => "vertices are repeated",
            Self::Spike => "the outline has a spike",
            Self::FoldedSpike => "the outline runs out and back on the same line",
            Self::SelfIntersection => "a ring crosses itself",
            Self::SelfTouch => "a ring touches itself",
            Self::CollinearOverlap => "two sides run along one another",
            Self::WrongWinding => "a ring runs the wrong way round",
            Self::HoleOutside => "a hole is not inside its exterior",
            Self::HolesCross => "two holes cross",
            Self::HoleInHole => "a hole lies inside another",
            Self::SplitInterior => "holes cut the inside in pieces",
            Self::PartsOverlap => "two polygons cover the same ground",
            Self::RepeatedRing => "a ring is there twice",
            Self::Unchecked => "too many sides lie over one another to be checked",
        }
    }
}
