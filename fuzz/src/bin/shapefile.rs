//! The parts of a Shapefile, loose.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| onemap_fuzz::read_files(onemap_fuzz::parts::split(bytes)));
