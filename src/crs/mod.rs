//! Coordinate reference systems. The storage system is EPSG:4490 in degrees, lng lat, which equals WGS 84 within a metre.

mod assumption;
pub mod bd09;
mod codes;
mod definition;
pub mod detect;
mod engine;
mod error;
pub mod gcj02;
mod grid;
mod helmert;
mod local;
pub mod mercator;
mod names;
mod operator;
mod reference;
#[cfg(test)]
mod tests;
mod transform;
mod wkt;

pub use assumption::{Assumption, Axes};
pub use codes::Datum;
pub use error::CrsError;
pub use grid::{GRID_CRS, GRID_EASTING_M, GRID_NORTHING_M, self_test, to_degrees, to_grid};
pub use helmert::{Helmert, Rotation};
pub use local::LocalSystem;
pub use operator::{Operator, OperatorError};
pub use reference::{Crs, Mishap};
pub use transform::Transformer;
