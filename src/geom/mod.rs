//! Pure geometry. Inputs and outputs are plain `geo` types in degrees, lng lat, unless a name says otherwise.

mod local;
mod measure;
mod validate;

pub use local::LocalFrame;
pub use measure::surface_m2;
pub use validate::{GeomFault, VERTEX_LIMIT, check_boundary};
