//! GeoJSON, one feature a line.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| onemap_fuzz::read_file("areas.geojsonl", bytes));
