//! Coordinate reference systems. The storage system is EPSG:4490 in degrees, lng lat, which equals WGS 84 within a metre.

mod grid;
pub mod mercator;

pub use grid::{CrsError, GRID_CRS, GRID_EASTING_M, GRID_NORTHING_M, self_test, to_degrees, to_grid};
