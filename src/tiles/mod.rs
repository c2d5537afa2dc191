//! Areas in, vector tile bytes out (MVT 2.1).
//!
//! # How
//!
//! `Pyramid::build` projects every vertex once, turns the rings into a coverage of shared arcs, and prepares the shapes of
//! each zoom up to [`LAST_LEVEL`] on that zoom's grid: simplified, snapped, simple, turned. A tile is then a search, a clip
//! and an encoding. Above that zoom the full boundary is snapped and clipped on demand; few areas are in such a tile.
//!
//! # Invariants
//!
//! - Grid cells are counted from the corner of the world, so a vertex has one place at a zoom, whatever tile shows it,
//!   and neighbours keep the same vertices on a shared border: the arc is simplified once, the cut at a tile's edge is
//!   computed from the side and not from its direction.
//! - No area is dropped: it is drawn, or drawn as a small square where the grid swallows it, or counted in the summary of
//!   its street at zooms below [`Pyramid::areas_from`].
//! - What a tile costs depends on what lies in it, not on the number of areas.

mod brush;
mod clip;
mod coord;
mod delta;
mod encode;
mod grid;
mod labels;
mod level;
mod pyramid;
mod shape;
mod summary;
mod tilejson;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use brush::BUFFER;
pub use coord::{TileCoord, TileError, TileLayer, ZOOM_LIMIT};
pub use delta::{Outline, Part, PyramidChanges};
pub use encode::EXTENT;
pub use labels::{AREA_LABEL_ZOOMS, STREET_LABELS_FROM, label_rank};
pub use level::LAST_LEVEL;
pub use pyramid::{AreaShape, Pyramid, PyramidInput, StreetShape};
pub use summary::MAX_TILE_AREAS;
pub use tilejson::tilejson;
