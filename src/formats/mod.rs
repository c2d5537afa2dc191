//! Bytes to raw records and back.
