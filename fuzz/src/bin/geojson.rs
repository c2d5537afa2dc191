//! GeoJSON, as a delivery and as an exchange file.

#![no_main]

use onemap_fuzz::formats::geojson::{self, WhenEmpty};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    onemap_fuzz::read_file("areas.geojson", bytes);
    let _ = geojson::read("areas.geojson", bytes, WhenEmpty::Accept);
});
