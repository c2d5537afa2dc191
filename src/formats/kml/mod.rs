//! OGC KML 2.2 (OGC 07-147r2): placemarks with their values, outlines, lines and points. Nothing that a file links to is
//! ever fetched.

mod events;
mod geometry;
mod place;
mod read;
mod write;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

pub use read::read;
pub use write::write;
