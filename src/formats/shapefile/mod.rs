//! ESRI Shapefile: shapes (.shp) and the rows of a dBASE table (.dbf) in the same order, read without the index (.shx).
//!
//! Both readers are our own: rings are wanted as the file has them, and what the parts say of each other is compared.

mod dbf;
mod encodings;
mod read;
mod rings;
mod shapes;
mod table;
mod write;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

pub use read::{Parts, read};
pub use write::write;

/// Media type of the data URI of a record's content, which begins with the type of the shape.
const SOURCE_TYPE: &str = "application/x-esri-shape";
