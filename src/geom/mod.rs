//! Pure geometry. Inputs and outputs are plain `geo` types in degrees, lng lat, unless a name says otherwise.

mod cleaning;
mod contact;
mod coverage;
mod examine;
mod fingerprint;
mod flaw;
mod gridded;
mod label;
mod local;
mod measure;
mod noding;
mod raw;
mod repair;
mod sides;
mod topology;
mod validate;

pub use coverage::Coverage;
pub use examine::{FLAWS_PER_KIND, examine, examine_boundary};
pub use fingerprint::fingerprint;
pub use flaw::{Flaw, FlawKind};
pub use gridded::{gridded, gridded_point};
pub use label::label_point;
pub use local::LocalFrame;
pub use measure::surface_m2;
pub use noding::CellMap;
pub use raw::{RawPolygon, RawRing, RawShape};
pub use repair::{
    REPAIR_SURFACE_M2, REPAIR_VERTICES, RepairKind, RepairLimits, RepairRefusal, RepairStep, Repaired, repair,
};
pub use topology::{
    Overlap, OverlapKind, OverlapRules, SLIVER_SURFACE_M2, SLIVER_WIDTH_M, Sliver, Territory, overlaps, slivers,
};
pub use validate::{GeomFault, VERTEX_LIMIT, check_boundary};
