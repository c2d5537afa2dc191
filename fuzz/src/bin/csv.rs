//! A table of separated values: in any encoding as a delivery, and as an exchange file.

#![no_main]

use onemap_fuzz::formats::csv;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    onemap_fuzz::read_file("areas.csv", bytes);
    let _ = csv::read("areas.csv", bytes);
});
