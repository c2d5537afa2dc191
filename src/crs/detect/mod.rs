//! Which system a file is in: what it declares, how large its numbers are, and how far its outlines lie from those held.
//!
//! A guess is never applied here. The answer names what fits and by which figures; somebody confirms it.

mod decide;
mod field;
mod fit;
mod hypotheses;
mod outline;
mod rows;
#[cfg(test)]
mod tests;

use geo::Rect;

use crate::crs::assumption::Assumption;
use crate::crs::operator::Operator;

pub use decide::detect;
pub use outline::Outline;

/// One record of the file, or one area already held. Rows without any place are left out by the caller.
#[derive(Debug, Clone, Copy)]
pub struct Sighting<'a> {
    /// Where it is and what shape it has: numbers of the file as they are, or degrees, lng lat, for an area held.
    pub outline: Outline,
    /// Code, when both sides use the same ones.
    pub code: Option<&'a str>,
    /// Name, normalised alike on both sides.
    pub name: Option<&'a str>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What the file says of itself.
    pub declared: Option<&'a Assumption>,
    /// The records of the file.
    pub seen: &'a [Sighting<'a>],
    /// The areas already held, none when the register is empty.
    pub held: &'a [Sighting<'a>],
    /// Where records can be, degrees, lng lat; without it the box around the areas held.
    pub place: Option<Rect>,
    /// Shifts and local systems of the operator, which are tried too.
    pub operator: &'a Operator,
}

/// How well one reading of the file fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The reading.
    pub assumption: Assumption,
    /// Share of the records that come to lie in the place, 0 to 1.
    pub share_in_box: f64,
    /// Records that find an area held at the same distance and in the same direction as the others do. The figures below
    /// are over these; they are `None` when there are none.
    pub matched: usize,
    /// Share of the records looked at that are matched, 0 to 1.
    pub share_matched: f64,
    /// Median distance to the areas held when the file is read as it says, or as degrees when it says nothing, metres.
    pub median_before_m: Option<f64>,
    /// Median distance to the areas held when the file is read so, metres.
    pub median_after_m: Option<f64>,
    /// The same after the common shift is taken off, metres: the noise.
    pub residual_m: Option<f64>,
    /// The common shift of the file against the areas held when it is read so, metres.
    pub shift_m: Option<f64>,
    /// Where the file lies, seen from the areas held: degrees clockwise from north.
    pub azimuth_deg: Option<f64>,
}

/// What follows from the figures.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The outlines lie where the declared system, or plain degrees when nothing is declared, puts them.
    Confirmed(Assumption),
    /// The numbers are as large as they should be, but too few outlines could be compared.
    Plausible(Assumption),
    /// The file is in another system than it says; to be confirmed. `EPSG:4214` and the grids of Beijing 1954 can be named
    /// here also when nothing can convert them yet.
    Suspect(Assumption),
    /// The file is in the system it says but lies beside the areas held by one shift that no known system explains.
    Shifted(Assumption),
    /// Several systems fit; the best comes first. To be asked.
    Ambiguous(Vec<Assumption>),
    /// No system that we know puts the records into the place.
    Impossible,
}

/// Why a single row is taken for one in another system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// It comes to lie on the area held of the same code or name.
    Key,
    /// It comes to lie on an area held of the same shape, and so do others around it.
    Shape,
    /// As the others are read it lies outside the place, and so only does it not.
    Magnitude,
}

/// A row that fits another system than the rest of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct OddRow {
    /// Position among the records seen.
    pub row: usize,
    /// The system that it fits.
    pub assumption: Assumption,
    /// What speaks for it.
    pub evidence: Evidence,
    /// Distance to the area held when it is read so, metres; `None` for [`Evidence::Magnitude`].
    pub off_m: Option<f64>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// What the file says of itself.
    pub declared: Option<Assumption>,
    /// All readings that put most records into the place, the best first, and the declared one.
    pub candidates: Vec<Candidate>,
    /// What follows.
    pub verdict: Verdict,
    /// Rows that fit another system than the verdict's, in order.
    pub odd_rows: Vec<OddRow>,
}

impl Verdict {
    /// The reading that the verdict speaks of, the best when there are several.
    pub fn assumption(&self) -> Option<&Assumption> {
        match self {
            Self::Confirmed(one) | Self::Plausible(one) | Self::Suspect(one) | Self::Shifted(one) => Some(one),
            Self::Ambiguous(several) => several.first(),
            Self::Impossible => None,
        }
    }

    /// Whether somebody has to confirm it before the file is read so.
    pub fn needs_confirmation(&self) -> bool {
        !matches!(self, Self::Confirmed(_) | Self::Plausible(_))
    }
}
