//! Pure geometry. Inputs and outputs are plain `geo` types in degrees, lng lat, unless a name says otherwise.

mod coverage;
mod label;
mod local;
mod measure;
mod noding;
mod raw;
mod validate;

pub use coverage::Coverage;
pub use label::label_point;
pub use local::LocalFrame;
pub use measure::surface_m2;
pub use noding::CellMap;
pub use raw::{RawPolygon, RawRing, RawShape};
pub use validate::{GeomFault, VERTEX_LIMIT, check_boundary};
