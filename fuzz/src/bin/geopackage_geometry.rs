//! A geometry of a GeoPackage: its own head, then well-known binary.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| onemap_fuzz::read_geopackage_geometry(bytes));
