//! OGC GeoPackage 1.3 (OGC 12-128r17): feature and attribute tables of an SQLite database that is kept in memory.

mod blob;
mod database;
mod read;
mod write;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

pub use read::read;
pub use write::write;

/// Media type of the data URI of a geometry blob, header and all.
const SOURCE_TYPE: &str = "application/geopackage-geom";
