//! How boundaries lie to one another: which cover the same ground, what is thin, what lies outside its territory.
//!
//! Boundaries are valid ([`check_boundary`](crate::geom::check_boundary)), degrees, lng lat, of any winding.

mod area;
mod overlaps;
mod pair;
mod slivers;
mod territory;

pub(crate) use area::{flat_surface, frame_of, ring_surface};
pub use overlaps::{Overlap, OverlapKind, OverlapRules, overlaps};
pub use slivers::{SLIVER_SURFACE_M2, SLIVER_WIDTH_M, Sliver, slivers};
pub use territory::Territory;
