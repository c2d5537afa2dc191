//! Where boundaries may lie: nothing lost, nothing gained, nothing twice.

use std::collections::BTreeSet;

use geo::{BooleanOps as _, BoundingRect as _, Intersects as _, unary_union};

use crate::geom::surface_m2;
use crate::history::plan::Plan;
use crate::model::{AreaCode, Boundary, Validity};

/// Two areas may share so many square metres: surveys of a common border never agree to the centimetre.
pub const OVERLAP_LIMIT_M2: f64 = 1.0;

/// What takes the place of areas may differ from their ground by so many square metres.
pub const COVER_TOLERANCE_M2: f64 = 1.0;

/// It may also differ by this share of their surface, whichever is more.
pub const COVER_TOLERANCE_SHARE: f64 = 0.001;

/// A boundary and where the document has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    /// Place below the operation's member.
    pub(super) place: &'a str,
    /// The area that gets it.
    pub(super) code: &'a AreaCode,
    /// The boundary.
    pub(super) boundary: &'a Boundary,
}

impl Plan<'_> {
    /// Successors lie where their predecessors lay, no more and no less.
    pub(super) fn check_cover(&mut self, place: &str, before: &[&Boundary], after: &[Placed<'_>]) {
        let ground = unary_union(before.iter().copied());
        let drawn = unary_union(after.iter().map(|placed| placed.boundary));
        let tolerance = COVER_TOLERANCE_M2.max(surface_m2(&ground) * COVER_TOLERANCE_SHARE);
        let missing = surface_m2(&ground.difference(&drawn));
        let further = surface_m2(&drawn.difference(&ground));
        if missing > tolerance {
            let message = format!(
                "the successors leave out {missing:.1} m2 of the ground before; {tolerance:.1} m2 are tolerated"
            );
            self.fault(place, None, message);
        }
        if further > tolerance {
            let message = format!(
                "the successors take {further:.1} m2 that were not in the ground before; {tolerance:.1} m2 are tolerated"
            );
            self.fault(place, None, message);
        }
    }

    /// New boundaries do not overlap each other.
    pub(super) fn check_apart(&mut self, drawn: &[Placed<'_>]) {
        for (at, one) in drawn.iter().enumerate() {
            for other in &drawn[..at] {
                let overlap = overlap_m2(one.boundary, other.boundary);
                if overlap > OVERLAP_LIMIT_M2 {
                    let message = format!("the boundary overlaps that of {} by {overlap:.1} m2", other.code);
                    self.fault(one.place, Some(one.code.as_str()), message);
                }
            }
        }
    }

    /// New boundaries do not overlap other areas in the period, except where the ground before did so already.
    pub(super) fn check_neighbours(
        &mut self,
        drawn: &[Placed<'_>],
        before: &[(&AreaCode, &Boundary)],
        period: Validity,
    ) {
        let own: BTreeSet<&AreaCode> = before.iter().map(|(code, _)| *code).collect();
        for placed in drawn {
            let mut told = BTreeSet::new();
            for neighbour in self.known.neighbours() {
                if own.contains(&neighbour.code) || neighbour.valid.overlap(&period).is_none() {
                    continue;
                }
                let overlap = overlap_m2(placed.boundary, &neighbour.boundary);
                if overlap <= OVERLAP_LIMIT_M2 || !told.insert(neighbour.code.clone()) {
                    continue;
                }
                let already: f64 = before.iter().map(|(_, boundary)| overlap_m2(boundary, &neighbour.boundary)).sum();
                if overlap > already + OVERLAP_LIMIT_M2 {
                    let message = format!("the boundary overlaps area {} by {overlap:.1} m2", neighbour.code);
                    self.fault(placed.place, Some(placed.code.as_str()), message);
                }
            }
        }
    }
}

/// Square metres that two boundaries have in common.
fn overlap_m2(one: &Boundary, other: &Boundary) -> f64 {
    let apart = one.bounding_rect().zip(other.bounding_rect()).is_none_or(|(a, b)| !a.intersects(&b));
    if apart { 0.0 } else { surface_m2(&one.intersection(other)) }
}
