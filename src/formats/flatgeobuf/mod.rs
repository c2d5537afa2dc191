//! FlatGeobuf 3: a header, an index that is passed over, and features one after the other, each with its length.
//!
//! The crate's generated accessors are used on buffers that its verifier has walked through. Its readers and writers are
//! not: they size memory by the file's own numbers and write into temporary files.

mod geometry;
mod properties;
mod read;
mod write;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

pub use read::read;
pub use write::write;

/// Media type of the data URI of a feature, without its length.
const SOURCE_TYPE: &str = "application/flatgeobuf";

/// Signature: version 3, and a patch number that says nothing of the layout.
const MAGIC: [u8; 7] = *b"fgb\x03fgb";
const MAGIC_BYTES: u64 = 8;

/// Bytes of a node of the index: four bounds and an offset.
const NODE_BYTES: u64 = 40;
